//! The files of a folder in a commit, as the working tree would show them if the commit were checked out.
//!
//! The same names ([`names`]), symbolic links to files within the project followed, everything else refused.

use crate::diagnostic::Diagnostic;
use crate::path::RepoPath;

use super::git::{Entry, GitError, Id, Kind, Mode, Repository, parse};
use super::names;

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its files by their paths in the project, each with its blob.
    pub files: Vec<(RepoPath, Id)>,
    /// What is there and cannot be read, and why.
    pub findings: Vec<Diagnostic>,
    /// Whether a symbolic link leads out of the folder, so that the folder's tree alone does not decide its files.
    pub leads_out: bool,
}

/// Lists everything below `folder` of the project whose tree is `project`.
///
/// # Errors
/// When an object cannot be read.
pub fn folder(repository: &dyn Repository, project: Id, folder: &RepoPath) -> Result<Listing, GitError> {
    let found = if folder.is_root() {
        Some(Entry { mode: Mode::Folder, id: project })
    } else {
        entry(repository, project, folder)?
    };
    list(repository, project, folder, found)
}

/// As [`folder`], of a folder whose tree may be known.
///
/// # Errors
/// When an object cannot be read.
pub fn at(repository: &dyn Repository, project: Id, folder: &RepoPath, tree: Option<Id>) -> Result<Listing, GitError> {
    match tree {
        Some(id) => list(repository, project, folder, Some(Entry { mode: Mode::Folder, id })),
        None => self::folder(repository, project, folder),
    }
}

fn list(
    repository: &dyn Repository,
    project: Id,
    folder: &RepoPath,
    found: Option<Entry>,
) -> Result<Listing, GitError> {
    let mut listing = Listing::default();
    match found.map(|found| (found.mode, found.id)) {
        None => {}
        Some((Mode::Folder, id)) => listing.add_tree(repository, project, folder, id)?,
        Some((Mode::Link, _)) => listing.refuse(folder, "a symbolic link to somewhere else"),
        Some((Mode::Submodule, _)) => listing.refuse(folder, "a git submodule"),
        Some((Mode::File | Mode::Executable, _)) => listing.refuse(folder, "not a folder"),
    }
    Ok(listing)
}

/// Lists one file of the project, if it is there.
///
/// # Errors
/// When an object cannot be read.
pub fn file(repository: &dyn Repository, project: Id, path: &RepoPath) -> Result<Listing, GitError> {
    let mut listing = Listing::default();
    if let Some(entry) = entry(repository, project, path)? {
        let folder = path.parent().unwrap_or_default();
        listing.add_entry(repository, project, &folder, path.clone(), entry)?;
    }
    Ok(listing)
}

impl Listing {
    fn add_tree(
        &mut self,
        repository: &dyn Repository,
        project: Id,
        folder: &RepoPath,
        tree: Id,
    ) -> Result<(), GitError> {
        let mut open = vec![(folder.clone(), tree)];
        while let Some((below, tree)) = open.pop() {
            let content = repository.of_kind(tree, Kind::Tree)?;
            for (name, entry) in parse::tree(&content, tree.as_bytes().len()) {
                match names::place(&below, &file_name(name)) {
                    None => {}
                    Some(Err(finding)) => self.findings.push(finding),
                    Some(Ok(path)) if entry.mode == Mode::Folder => open.push((path, entry.id)),
                    Some(Ok(path)) => self.add_entry(repository, project, folder, path, entry)?,
                }
            }
        }
        self.files.sort();
        Ok(())
    }

    fn add_entry(
        &mut self,
        repository: &dyn Repository,
        project: Id,
        folder: &RepoPath,
        path: RepoPath,
        entry: Entry,
    ) -> Result<(), GitError> {
        match entry.mode {
            Mode::File | Mode::Executable => self.files.push((path, entry.id)),
            Mode::Link => {
                let target = target(repository, project, &path, entry)?;
                self.leads_out |= !target.place.is_some_and(|place| place.is_below(folder));
                match target.file {
                    Ok(id) => self.files.push((path, id)),
                    Err(what) => self.refuse(&path, what),
                }
            }
            Mode::Submodule => self.refuse(&path, "a git submodule"),
            Mode::Folder => self.refuse(&path, "a folder"),
        }
        Ok(())
    }

    fn refuse(&mut self, path: &RepoPath, what: &str) {
        self.findings.push(names::not_a_file(path, what));
    }
}

/// How many links may lead to one another before they count as a circle.
const LINKS: usize = 40;

/// Where a symbolic link leads.
struct Target {
    /// The last place on the way that lies in the project.
    place: Option<RepoPath>,
    /// The blob, or what is wrong with the link.
    file: Result<Id, &'static str>,
}

/// Follows a symbolic link within the project.
fn target(repository: &dyn Repository, project: Id, link: &RepoPath, found: Entry) -> Result<Target, GitError> {
    let (mut place, mut id) = (link.clone(), found.id);
    for _ in 0..LINKS {
        let content = repository.blob(id)?;
        let folder = place.parent().unwrap_or_default();
        let text = std::str::from_utf8(&content).ok().filter(|text| !text.starts_with('/'));
        let Some(next) = text.and_then(|text| RepoPath::new(&format!("{folder}/{text}")).ok()) else {
            return Ok(Target { place: None, file: Err("a symbolic link that leaves the project") });
        };
        let file = match entry(repository, project, &next)?.map(|entry| (entry.mode, entry.id)) {
            None => Err("a symbolic link to nothing"),
            Some((Mode::Link, link)) => {
                (place, id) = (next, link);
                continue;
            }
            Some((Mode::File | Mode::Executable, id)) => Ok(id),
            Some((Mode::Folder, _)) => Err("a symbolic link to a folder"),
            Some((Mode::Submodule, _)) => Err("a symbolic link to a git submodule"),
        };
        return Ok(Target { place: Some(next), file });
    }
    Ok(Target { place: Some(place), file: Err("a symbolic link in a circle") })
}

/// What lies at `path` below a tree.
fn entry(repository: &dyn Repository, tree: Id, path: &RepoPath) -> Result<Option<Entry>, GitError> {
    let mut found = Entry { mode: Mode::Folder, id: tree };
    for name in path.components() {
        if found.mode != Mode::Folder {
            return Ok(None);
        }
        match repository.entry(found.id, name.as_bytes())? {
            Some(entry) => found = entry,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

#[cfg(unix)]
fn file_name(bytes: &[u8]) -> std::borrow::Cow<'_, std::ffi::OsStr> {
    std::borrow::Cow::Borrowed(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

#[cfg(not(unix))]
fn file_name(bytes: &[u8]) -> std::borrow::Cow<'_, std::ffi::OsStr> {
    std::borrow::Cow::Owned(String::from_utf8_lossy(bytes).into_owned().into())
}
