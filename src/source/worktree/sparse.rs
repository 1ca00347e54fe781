//! A sparse checkout: files that git has and the working tree leaves out. They are not gone, and must not look so.

use std::collections::BTreeSet;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Severity};
use crate::path::RepoPath;
use crate::source::Scope;
use crate::source::git::{Place, program};

/// Says when files of `scope` are left out of the working tree in `root`, and so are not among those that were seen.
pub fn finding(root: &Path, scope: &Scope, is_seen: impl Fn(&RepoPath) -> bool) -> Option<Diagnostic> {
    let place = Place::find(root)?;
    // git writes this file before it leaves anything out: gitformat-index, "skip-worktree", git-sparse-checkout.
    if !place.own.join("info/sparse-checkout").exists() {
        return None;
    }
    let paths: Vec<&RepoPath> = scope.folders.iter().chain(&scope.files).collect();
    let inside = |path: &RepoPath| match place.inside.join(path.as_str()).to_str() {
        Some("") | None => ".".to_owned(),
        Some(path) => path.to_owned(),
    };
    let mut args = vec!["ls-files".to_owned(), "-t".to_owned(), "-z".to_owned(), "--".to_owned()];
    args.extend(paths.iter().map(|path| inside(path)));
    let listed = match program::output(&place, &args.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(listed) => listed,
        Err(error) => return Some(error.diagnostic()),
    };
    let listed = String::from_utf8_lossy(&listed);
    // `S` is for what has the skip-worktree bit; a file may be there all the same.
    let left_out = listed.split('\0').filter_map(|line| line.strip_prefix("S "));
    let below = left_out.filter_map(|path| Path::new(path).strip_prefix(&place.inside).ok()?.to_str());
    let hidden: BTreeSet<RepoPath> =
        below.filter_map(|path| RepoPath::new(path).ok()).filter(|path| !is_seen(path)).collect();
    let first = hidden.first()?;
    let holds = |folder: &&RepoPath| hidden.iter().any(|path| path.is_below(folder));
    let folders: Vec<String> = scope.folders.iter().filter(holds).map(inside).collect();
    let more = match hidden.len() {
        1 => String::new(),
        number => format!(" and {} more files", number - 1),
    };
    let message = format!("a sparse checkout leaves out `{first}`{more}, which git has");
    Some(
        Diagnostic::new(Severity::Error, "sparse-checkout", message)
            .help(format!("run `git sparse-checkout add {}`: forge needs all schema files", folders.join(" "))),
    )
}
