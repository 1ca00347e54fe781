//! What a user reads about outputs that were refused, failed or were set aside.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::{Change, Outcome};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::disk::limit;
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

/// What a file is that no manifest lists.
pub const FOREIGN: &str = "a file that forge did not write";

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

/// An output that cannot be compared. Where that lies with this process, it is the same finding for all of them.
pub fn unreadable(path: &RepoPath, error: &io::Error) -> Diagnostic {
    if limit::is_reached(error) {
        let message = "outputs cannot be compared: too many files are open";
        return Diagnostic::new(Severity::Error, "output-unreadable", message).help(limit::RAISE);
    }
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
fn edited(path: &RepoPath) -> Diagnostic {
    let message = format!("the output `{path}` holds changes that forge did not make");
    Diagnostic::warning("output-edited", Span::file(path), message)
        .help("change the schema files or the template instead; `forge build` sets the file aside and writes it anew")
}

/// Adds what `check` says of the outputs that would be set aside.
pub fn add_edited(outcome: &mut Outcome) {
    let changes = outcome.written.iter().chain(&outcome.removed);
    let found = changes.filter(|(_, change)| **change == Change::Edited).map(|(path, _)| edited(path));
    outcome.findings.extend(found.collect::<Vec<_>>());
    outcome.findings.sort();
    outcome.findings.dedup();
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

/// Outputs that could not be written or removed: one finding for each cause, as hundreds may share one; and for each folder,
/// where the cause is one of the folder's.
pub fn failures(failed: &BTreeMap<RepoPath, io::Error>) -> Vec<Diagnostic> {
    let mut groups: BTreeMap<(Option<RepoPath>, Cause), Vec<&RepoPath>> = BTreeMap::new();
    for (path, error) in failed {
        let cause = Cause::of(error);
        let folder = (!cause.is_everywhere).then(|| path.parent().unwrap_or_default());
        groups.entry((folder, cause)).or_default().push(path);
    }
    groups.into_iter().map(|((folder, cause), paths)| failure(folder.as_ref(), &cause, &paths)).collect()
}

fn failure(folder: Option<&RepoPath>, cause: &Cause, paths: &[&RepoPath]) -> Diagnostic {
    let [first, more @ ..] = paths else { unreachable!("a group is made of its first path") };
    let others = match more.len() {
        0 => String::new(),
        1 => " and one more".to_owned(),
        count => format!(" and {count} more"),
    };
    let place = folder.map(|folder| format!(" in `{folder}`")).unwrap_or_default();
    let message = format!("`{first}`{others}{place} could not be brought up to date: {}", cause.text);
    Diagnostic::error("output-not-written", Span::file(first), message).help(cause.help)
}

/// Why outputs could not be written.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    text: String,
    /// Whether that is so wherever they lie.
    is_everywhere: bool,
    help: &'static str,
}

impl Cause {
    fn of(error: &io::Error) -> Cause {
        let own = error.to_string();
        let (text, is_everywhere) = match error.kind() {
            _ if limit::is_reached(error) => {
                let text = "too many files are open".to_owned();
                return Cause { text, is_everywhere: true, help: limit::RAISE };
            }
            io::ErrorKind::PermissionDenied => ("permission denied", false),
            io::ErrorKind::StorageFull => ("no space is left on the disk", true),
            io::ErrorKind::ReadOnlyFilesystem => ("the file system is read-only", true),
            io::ErrorKind::QuotaExceeded => ("the disk quota is used up", true),
            _ => (&*own, false),
        };
        let help = "the old content is untouched; remove the cause and run forge again";
        Cause { text: text.to_owned(), is_everywhere, help }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io;

    use super::{failures, unreadable};
    use crate::path::RepoPath;

    #[test]
    fn one_cause_is_said_once() {
        let paths = ["out/a/x.md", "out/a/y.md", "out/b/z.md"].map(|path| RepoPath::new(path).unwrap());
        let said = |errno: rustix::io::Errno| {
            let error = || io::Error::from_raw_os_error(errno.raw_os_error());
            let failed = paths.iter().map(|path| (path.clone(), error())).collect();
            failures(&failed).into_iter().map(|found| found.message).collect::<Vec<_>>()
        };
        let begin = "`out/a/x.md` and 2 more could not be brought up to date: ";
        assert_eq!(said(rustix::io::Errno::MFILE), [format!("{begin}too many files are open")]);
        assert_eq!(said(rustix::io::Errno::NOSPC), [format!("{begin}no space is left on the disk")]);
        let denied = said(rustix::io::Errno::ACCESS);
        assert_eq!(
            denied[0],
            "`out/a/x.md` and one more in `out/a` could not be brought up to date: permission denied"
        );
        assert_eq!(denied.len(), 2);
        let limit = io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error());
        assert_eq!(unreadable(&paths[0], &limit), unreadable(&paths[2], &limit), "whatever it was that was to be read");
    }
}
