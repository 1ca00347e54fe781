//! The tree of a commit as a snapshot.

use std::path::Path;
use std::sync::Arc;

use super::git::{self, Entry, GitError, Id, Mode, Place, Repository};
use super::tree::Tree;
use super::{Scope, Snapshot, SourceError};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::path::RepoPath;

/// The files of a commit.
pub struct Commit {
    id: Id,
    tree: Tree,
}

impl Commit {
    /// The part named by `scope` of the project in `root`, an absolute path in a repository, at `revision`.
    ///
    /// # Errors
    /// When there is no repository or no such revision, or git cannot read it.
    pub fn open(root: &Path, revision: &str, scope: &Scope) -> Result<Commit, SourceError> {
        let place = Place::find(root).ok_or(GitError::NoRepository)?;
        let repository: Arc<dyn Repository> = git::open(&place)?.into();
        let id = repository.resolve(revision)?.ok_or_else(|| SourceError::NoRevision(revision.to_owned()))?;
        Commit::at(&place, repository, id, scope)
    }

    /// The part named by `scope` of the project in `place`, at the commit `id`.
    ///
    /// # Errors
    /// When git cannot read it.
    pub fn at(place: &Place, repository: Arc<dyn Repository>, id: Id, scope: &Scope) -> Result<Commit, SourceError> {
        let tree = repository.commit(id)?.tree;
        let project = project(repository.as_ref(), place, tree)?;
        Ok(Commit { id, tree: Tree::of(repository, project, scope)? })
    }

    /// The tree of the project's folder; `None` where there is no such folder.
    pub fn project(&self) -> Option<Id> {
        self.tree.root()
    }

    /// Where it is read from.
    pub fn repository(&self) -> &dyn Repository {
        self.tree.repository()
    }

    /// The commit's id.
    pub fn id(&self) -> Id {
        self.id
    }
}

impl Snapshot for Commit {
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
        self.tree.files(folder)
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
        self.tree.read(path)
    }

    fn digest(&self, path: &RepoPath) -> Result<Digest, SourceError> {
        self.tree.digest(path)
    }

    fn findings(&self) -> &[Diagnostic] {
        self.tree.findings()
    }
}

/// The tree of the project's folder in the tree of a commit; `None` when the folder is not there.
///
/// # Errors
/// When an object cannot be read.
pub fn project(repository: &dyn Repository, place: &Place, root: Id) -> Result<Option<Id>, GitError> {
    let mut tree = root;
    for name in &place.inside {
        match repository.entry(tree, name.as_encoded_bytes())? {
            Some(Entry { mode: Mode::Folder, id }) => tree = id,
            _ => return Ok(None),
        }
    }
    Ok(Some(tree))
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
