//! The tree of a commit as a snapshot, read through git2.
//!
//! Shows the same files as the working tree would if the commit were checked out: the same names, symbolic links
//! within the project followed, others refused.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use git2::{ErrorCode, Oid, Repository, Tree, TreeEntry};

use super::{Scope, Snapshot, SourceError, below, names};
use crate::diagnostic::Diagnostic;
use crate::path::RepoPath;

/// The files of a commit.
pub struct Commit {
    repository: Mutex<Repository>,
    id: String,
    blobs: BTreeMap<RepoPath, Oid>,
    findings: Vec<Diagnostic>,
}

impl Commit {
    /// The part named by `scope` of the project in `root`, an absolute path in a working tree, at `revision`.
    ///
    /// # Errors
    /// When there is no repository or no such revision, or git cannot read it.
    pub fn open(root: &Path, revision: &str, scope: &Scope) -> Result<Commit, SourceError> {
        let repository = Repository::discover(root).map_err(refused)?;
        let mut listing = Listing::default();
        let commit = repository
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map_err(|_| SourceError::NoRevision(revision.to_owned()))?;
        let id = commit.id().to_string();
        if let Some(project) = project_tree(&repository, root, &commit.tree().map_err(refused)?)? {
            for folder in &scope.folders {
                listing.add_folder(&repository, &project, folder)?;
            }
            for file in &scope.files {
                listing.add_file(&repository, &project, file)?;
            }
        }
        drop(commit);
        listing.findings.sort();
        Ok(Commit { repository: Mutex::new(repository), id, blobs: listing.blobs, findings: listing.findings })
    }

    /// The commit's id in hexadecimal.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Snapshot for Commit {
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
        below(&self.blobs, folder).map(|(path, _)| path.clone()).collect()
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
        let id = self.blobs.get(path).ok_or_else(|| SourceError::Missing(path.clone()))?;
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let blob = repository.find_blob(*id).map_err(refused)?;
        Ok(blob.content().into())
    }

    fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}

fn refused(error: git2::Error) -> SourceError {
    SourceError::Git(error.message().to_owned())
}

/// The tree of the project's folder in the tree of the repository.
fn project_tree<'r>(repository: &'r Repository, root: &Path, tree: &Tree<'r>) -> Result<Option<Tree<'r>>, SourceError> {
    let outside = || SourceError::Git(format!("`{}` is not in a working tree", root.display()));
    let workdir = repository.workdir().ok_or_else(outside)?;
    let canonical = |path: &Path| path.canonicalize().map_err(|error| SourceError::Git(error.to_string()));
    let (workdir, root) = (canonical(workdir)?, canonical(root)?);
    let inside = root.strip_prefix(&workdir).map_err(|_| outside())?;
    if inside.as_os_str().is_empty() {
        return Ok(Some(tree.clone()));
    }
    let Some(entry) = entry_at(tree, inside)? else { return Ok(None) };
    Ok(entry.to_object(repository).map_err(refused)?.into_tree().ok())
}

fn entry_at(tree: &Tree<'_>, path: &Path) -> Result<Option<TreeEntry<'static>>, SourceError> {
    match tree.get_path(path) {
        Ok(entry) => Ok(Some(entry)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

/// What a tree entry is.
enum Kind {
    Folder,
    File,
    Link,
    Submodule,
}

fn kind(entry: &TreeEntry<'_>) -> Kind {
    match entry.filemode() {
        0o040_000 => Kind::Folder,
        0o120_000 => Kind::Link,
        0o160_000 => Kind::Submodule,
        _ => Kind::File,
    }
}

/// What was listed so far.
#[derive(Default)]
struct Listing {
    blobs: BTreeMap<RepoPath, Oid>,
    findings: Vec<Diagnostic>,
}

impl Listing {
    /// Everything below `folder` of the project.
    fn add_folder(
        &mut self,
        repository: &Repository,
        project: &Tree<'_>,
        folder: &RepoPath,
    ) -> Result<(), SourceError> {
        let mut open = Vec::new();
        if folder.is_root() {
            open.push((folder.clone(), project.clone()));
        } else if let Some(entry) = entry_at(project, Path::new(folder.as_str()))? {
            match kind(&entry) {
                Kind::Folder => open.push((folder.clone(), repository.find_tree(entry.id()).map_err(refused)?)),
                Kind::Link => self.findings.push(names::not_a_file(folder, "a symbolic link to somewhere else")),
                Kind::Submodule => self.findings.push(names::not_a_file(folder, "a git submodule")),
                Kind::File => self.findings.push(names::not_a_file(folder, "not a folder")),
            }
        }
        while let Some((folder, tree)) = open.pop() {
            for entry in &tree {
                let path = match names::place(&folder, &file_name(entry.name_bytes())) {
                    None => continue,
                    Some(Err(finding)) => {
                        self.findings.push(finding);
                        continue;
                    }
                    Some(Ok(path)) => path,
                };
                match kind(&entry) {
                    Kind::Folder => open.push((path, repository.find_tree(entry.id()).map_err(refused)?)),
                    _ => self.add_entry(repository, project, path, &entry)?,
                }
            }
        }
        Ok(())
    }

    /// One file of the project, if it is there.
    fn add_file(&mut self, repository: &Repository, project: &Tree<'_>, path: &RepoPath) -> Result<(), SourceError> {
        match entry_at(project, Path::new(path.as_str()))? {
            Some(entry) => self.add_entry(repository, project, path.clone(), &entry),
            None => Ok(()),
        }
    }

    fn add_entry(
        &mut self,
        repository: &Repository,
        project: &Tree<'_>,
        path: RepoPath,
        entry: &TreeEntry<'_>,
    ) -> Result<(), SourceError> {
        match kind(entry) {
            Kind::File => drop(self.blobs.insert(path, entry.id())),
            Kind::Link => match target(repository, project, &path, entry)? {
                Ok(id) => drop(self.blobs.insert(path, id)),
                Err(what) => self.findings.push(names::not_a_file(&path, what)),
            },
            Kind::Submodule => self.findings.push(names::not_a_file(&path, "a git submodule")),
            Kind::Folder => self.findings.push(names::not_a_file(&path, "a folder")),
        }
        Ok(())
    }
}

/// How many links may lead to one another before they count as a circle.
const LINKS: usize = 40;

/// The blob that a symbolic link leads to, or what is wrong with the link.
fn target(
    repository: &Repository,
    project: &Tree<'_>,
    link: &RepoPath,
    entry: &TreeEntry<'_>,
) -> Result<Result<Oid, &'static str>, SourceError> {
    let mut place = link.clone();
    let mut id = entry.id();
    for _ in 0..LINKS {
        let blob = repository.find_blob(id).map_err(refused)?;
        let folder = place.parent().unwrap_or_default();
        let inside = |text: &&str| !text.starts_with('/');
        let text = std::str::from_utf8(blob.content()).ok().filter(inside);
        let Some(next) = text.and_then(|text| RepoPath::new(&format!("{folder}/{text}")).ok()) else {
            return Ok(Err("a symbolic link that leaves the project"));
        };
        let Some(found) = entry_at(project, Path::new(next.as_str()))? else {
            return Ok(Err("a symbolic link to nothing"));
        };
        match kind(&found) {
            Kind::File => return Ok(Ok(found.id())),
            Kind::Link => (place, id) = (next, found.id()),
            Kind::Folder => return Ok(Err("a symbolic link to a folder")),
            Kind::Submodule => return Ok(Err("a symbolic link to a git submodule")),
        }
    }
    Ok(Err("a symbolic link in a circle"))
}

#[cfg(unix)]
fn file_name(bytes: &[u8]) -> Cow<'_, OsStr> {
    Cow::Borrowed(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

#[cfg(not(unix))]
fn file_name(bytes: &[u8]) -> Cow<'_, OsStr> {
    Cow::Owned(String::from_utf8_lossy(bytes).into_owned().into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use git2::{Repository, Signature, Time};

    use super::Commit;
    use crate::path::RepoPath;
    use crate::source::worktree::Worktree;
    use crate::source::worktree::table::Table;
    use crate::source::{Scope, Snapshot, SourceError};

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    fn scope() -> Scope {
        Scope { folders: vec![path("busm"), path("modules")], files: vec![path("forge.toml")] }
    }

    /// Commits everything in the working tree, by a fixed author at a fixed time.
    fn commit(repository: &Repository) {
        let mut index = repository.index().unwrap();
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let who = Signature::new("a", "a@example.org", &Time::new(0, 0)).unwrap();
        let parent = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        repository.commit(Some("HEAD"), &who, &who, "step", &tree, &parents).unwrap();
    }

    fn write(root: &Path, name: &str, content: &str) {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), content).unwrap();
    }

    #[test]
    fn shows_the_tree_of_any_revision() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init(folder.path()).unwrap();
        write(folder.path(), "busm/a.toml", "1");
        commit(&repository);
        write(folder.path(), "busm/a.toml", "2");
        write(folder.path(), "modules/m/b.toml", "b");
        commit(&repository);
        let (old, new) =
            (Commit::open(folder.path(), "HEAD~1", &scope()), Commit::open(folder.path(), "HEAD", &scope()));
        let (old, new) = (old.unwrap(), new.unwrap());
        assert_eq!(&*old.read(&path("busm/a.toml")).unwrap(), b"1");
        assert_eq!(old.files(&RepoPath::root()), [path("busm/a.toml")]);
        assert_eq!(&*new.read(&path("busm/a.toml")).unwrap(), b"2");
        assert_eq!(new.files(&path("modules")), [path("modules/m/b.toml")]);
        let missing = Commit::open(folder.path(), "nowhere", &scope()).err();
        assert_eq!(missing, Some(SourceError::NoRevision("nowhere".to_owned())));
    }

    #[test]
    fn a_repository_without_commits_and_a_folder_without_a_repository_are_said() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Commit::open(folder.path(), "HEAD", &scope()), Err(SourceError::Git(_))));
        Repository::init(folder.path()).unwrap();
        assert!(matches!(Commit::open(folder.path(), "HEAD", &scope()), Err(SourceError::NoRevision(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_commit_shows_what_its_checkout_shows() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init(folder.path()).unwrap();
        let root = folder.path().join("sub/project");
        for name in ["forge.toml", "README.md", "busm/a.toml", "busm/.hidden", "modules/m/deep/ü b.toml", "other.toml"]
        {
            write(&root, name, name);
        }
        symlink("../other.toml", root.join("busm/in.toml")).unwrap();
        symlink("in.toml", root.join("busm/twice.toml")).unwrap();
        symlink("../../../README.md", root.join("busm/out.toml")).unwrap();
        symlink("/etc/passwd", root.join("busm/absolute.toml")).unwrap();
        symlink("nowhere", root.join("busm/dangling.toml")).unwrap();
        symlink("../modules", root.join("busm/folder")).unwrap();
        symlink("circle.toml", root.join("busm/circle.toml")).unwrap();
        write(folder.path(), "README.md", "outside the project");
        commit(&repository);
        let commit = Commit::open(&root, "HEAD", &scope()).unwrap();
        let tree = Worktree::look(&root, &scope(), &Table::default(), None);
        assert_eq!(commit.files(&RepoPath::root()), tree.files(&RepoPath::root()));
        assert_eq!(commit.tree(&RepoPath::root()).unwrap(), tree.tree(&RepoPath::root()).unwrap());
        assert_eq!(commit.findings(), tree.findings());
        assert_eq!(commit.findings().len(), 5);
    }
}
