//! What a user reads about outputs that were refused, failed or were set aside.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::path::RepoPath;

/// Two outputs that some file systems keep in one file, or one that needs the other to be a folder.
pub fn collision(path: &RepoPath, other: &RepoPath) -> Diagnostic {
    Diagnostic::error(
        "output-collision",
        Span::file(path),
        format!("the outputs `{path}` and `{other}` cannot both be"),
    )
    .help("give one of the two targets another path; upper and lower case count as the same")
}

/// A path that is no place for an output.
pub fn unfit(path: &RepoPath, why: &str) -> Diagnostic {
    Diagnostic::error("output-path", Span::file(path), format!("the output `{path}` is not written: {why}"))
        .help("give the target another path")
}

/// Something that forge did not write stands where an output belongs.
pub fn in_the_way(path: &RepoPath, what: &str) -> Diagnostic {
    Diagnostic::error(
        "output-in-the-way",
        Span::file(path),
        format!("the output `{path}` is not written: {what} is there"),
    )
    .help(format!("move `{path}` away, or give the target another path"))
}

/// A folder on the way to outputs is none; the same finding for each of them.
pub fn obstacle(obstacle: &RepoPath, what: &str) -> Diagnostic {
    let message =
        format!("nothing is written below `{obstacle}`: it is {what}, and forge writes through real folders only");
    Diagnostic::error("output-in-the-way", Span::file(obstacle), message)
        .help(format!("replace `{obstacle}` by a folder, or give the targets another path"))
}

/// An output that somebody made read-only.
pub fn read_only(path: &RepoPath) -> Diagnostic {
    Diagnostic::error(
        "output-read-only",
        Span::file(path),
        format!("the output `{path}` is read-only and keeps its old content"),
    )
    .help(format!("make `{path}` writable, or remove it"))
}

/// An output that cannot be compared.
pub fn unreadable(path: &RepoPath, error: &io::Error) -> Diagnostic {
    Diagnostic::error("output-unreadable", Span::file(path), format!("the output `{path}` cannot be compared: {error}"))
        .help(format!("make `{path}` and its folder readable, or remove it"))
}

/// An output that was written to between comparing and replacing it.
pub fn touched(path: &RepoPath) -> Diagnostic {
    let message = format!("the output `{path}` was written to while forge ran, and is left alone");
    Diagnostic::error("output-changed", Span::file(path), message).help("run forge again")
}

/// An output whose content is gone before it could be written.
pub fn lost(path: &RepoPath) -> Diagnostic {
    let message = format!("the content of the output `{path}` is no longer in the cache");
    Diagnostic::error("output-lost", Span::file(path), message).help("run forge again")
}

/// An output that held something that forge did not make.
pub fn set_aside(path: &RepoPath, aside: &Path) -> Diagnostic {
    let message = format!("the output `{path}` held changes that forge did not make; they are gone from it");
    Diagnostic::warning("output-edited", Span::file(path), message)
        .help(format!("the file as it was is kept as `{}`", aside.display()))
        .help("change the schema files or the template instead")
}

/// What `check` says of an output that holds something that forge did not make.
pub fn edited(path: &RepoPath) -> Diagnostic {
    let message = format!("the output `{path}` holds changes that forge did not make");
    Diagnostic::warning("output-edited", Span::file(path), message)
        .help("change the schema files or the template instead; `forge build` sets the file aside and writes it anew")
}

/// An edited output that cannot be set aside.
pub fn not_set_aside(path: &RepoPath, error: &io::Error) -> Diagnostic {
    let message =
        format!("the output `{path}` holds changes that forge did not make, and they cannot be set aside: {error}");
    Diagnostic::error("output-edited", Span::file(path), message).help(format!("move `{path}` away"))
}

/// Another process is writing.
pub fn busy() -> Diagnostic {
    Diagnostic::new(Severity::Error, "output-busy", "another forge is writing the outputs of this project")
        .help("wait for it to end, and run forge again")
}

/// There is no place for notes; the outputs are right all the same.
pub fn no_notes(error: &io::Error) -> Diagnostic {
    let message = format!("forge cannot keep notes about the outputs: {error}");
    Diagnostic::new(Severity::Note, "cache-not-written", message)
        .help("make the cache folder writable, or go on without: outputs are the same, runs take longer")
}

/// Outputs that could not be written or removed: one finding for each folder and cause, as hundreds may share one.
pub fn failures(failed: &BTreeMap<RepoPath, io::Error>) -> Vec<Diagnostic> {
    let mut groups: BTreeMap<(RepoPath, String), Vec<&RepoPath>> = BTreeMap::new();
    for (path, error) in failed {
        groups.entry((path.parent().unwrap_or_default(), cause(error))).or_default().push(path);
    }
    groups.into_iter().map(|((folder, cause), paths)| failure(&folder, &cause, &paths)).collect()
}

fn failure(folder: &RepoPath, cause: &str, paths: &[&RepoPath]) -> Diagnostic {
    let [first, more @ ..] = paths else { unreachable!("a group is made of its first path") };
    let others = match more.len() {
        0 => String::new(),
        1 => " and one more".to_owned(),
        count => format!(" and {count} more"),
    };
    let message = format!("`{first}`{others} in `{folder}` could not be brought up to date: {cause}");
    Diagnostic::error("output-not-written", Span::file(first), message)
        .help("the old content is untouched; remove the cause and run forge again")
}

fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::StorageFull => "no space is left on the disk".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        _ => error.to_string(),
    }
}
