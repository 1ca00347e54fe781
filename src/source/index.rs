//! git's index: what the next commit will hold.
//!
//! The git program lists it, whatever its form (split, sparse, of any version), and takes no lock for that. Its folders become
//! trees in memory beside the repository's objects, so that a snapshot of it is that of a tree like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::git::program::{self, Staged};
use super::git::{self, GitError, Id, Kind, Object, Place, Point, Repository};
use super::tree::Tree;
use super::{Scope, Snapshot, SourceError};
use crate::diagnostic::{Diagnostic, Span};
use crate::digest;
use crate::path::{RepoPath, below};

/// The index of a working tree, as it was when it was read.
pub struct Index {
    place: Place,
    repository: Arc<Beside>,
    root: Id,
    /// What it holds, by path in the project.
    files: BTreeMap<RepoPath, Id>,
    /// The files about which a merge left a conflict.
    unmerged: BTreeSet<RepoPath>,
}

impl Index {
    /// Reads the index of the working tree that holds the project in `root`, an absolute path; within a hook that is the one
    /// that git is about to commit.
    ///
    /// # Errors
    /// When there is no repository, or the git program cannot read it.
    pub fn open(root: &Path) -> Result<Index, SourceError> {
        let place = Place::find(root).ok_or(GitError::NoRepository)?;
        let inner: Arc<dyn Repository> = git::open(&place)?.into();
        let staged = program::staged(&place)?;
        let path = |name: &[u8]| RepoPath::new(std::str::from_utf8(name).ok()?).ok();
        let (merged, unmerged): (Vec<&Staged>, Vec<&Staged>) = staged.iter().partition(|it| it.stage == 0);
        let files = merged.iter().filter_map(|it| Some((path(&it.path)?, it.id))).collect();
        let unmerged = unmerged.iter().filter_map(|it| path(&it.path)).collect();
        let mut repository = Beside { inner, trees: BTreeMap::new() };
        let names: Vec<(&[u8], &Staged)> = merged.into_iter().map(|it| (&*it.path, it)).collect();
        let root = repository.add(&names);
        Ok(Index { place, repository: Arc::new(repository), root, files, unmerged })
    }

    /// The part of it that `scope` names.
    ///
    /// # Errors
    /// When git cannot read it.
    pub fn snapshot(&self, scope: &Scope) -> Result<Tree, SourceError> {
        let repository: Arc<dyn Repository> = Arc::<Beside>::clone(&self.repository);
        let tree = Tree::of(repository, Some(self.root), scope)?;
        let is_shown =
            |path: &&RepoPath| scope.files.contains(path) || scope.folders.iter().any(|folder| path.is_below(folder));
        Ok(tree.with_findings(self.unmerged.iter().filter(is_shown).map(unmerged)))
    }

    /// Whether there is a file at `path`.
    pub fn holds(&self, path: &RepoPath) -> bool {
        self.files.contains_key(path)
    }

    /// Those among `paths` that git is told to ignore.
    ///
    /// # Errors
    /// When the git program cannot be run.
    pub fn ignored(&self, paths: &BTreeSet<RepoPath>) -> Result<BTreeSet<RepoPath>, SourceError> {
        if paths.is_empty() { Ok(BTreeSet::new()) } else { Ok(program::ignored(&self.place, paths)?) }
    }
}

/// All of it, whatever the files' names.
impl Snapshot for Index {
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
        below(&self.files, folder).map(|(path, _)| path.clone()).collect()
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
        let id = self.files.get(path).ok_or_else(|| SourceError::Missing(path.clone()))?;
        Ok(self.repository.blob(*id)?.into())
    }

    fn findings(&self) -> &[Diagnostic] {
        &[]
    }
}

fn unmerged(path: &RepoPath) -> Diagnostic {
    Diagnostic::error("unmerged-file", Span::file(path), format!("`{path}` is left unmerged in git's index"))
        .help(format!("resolve the conflict, and `git add {path}`"))
}

/// A repository, and trees that are not in it.
struct Beside {
    inner: Arc<dyn Repository>,
    trees: BTreeMap<Id, Vec<u8>>,
}

impl Beside {
    /// Adds the tree of these entries, named from its folder on and sorted as the index is.
    fn add(&mut self, entries: &[(&[u8], &Staged)]) -> Id {
        let (mut content, mut rest) = (Vec::new(), entries);
        let mut width = entries.first().map_or(20, |(_, entry)| entry.id.as_bytes().len());
        while let Some((name, entry)) = rest.first() {
            let slash = name.iter().position(|byte| *byte == b'/');
            let (mode, name, id, taken) = match slash {
                None => (&*entry.mode, *name, entry.id, 1),
                Some(end) => {
                    let folder = &name[..=end];
                    let taken = rest.iter().take_while(|(name, _)| name.starts_with(folder)).count();
                    let below: Vec<(&[u8], &Staged)> =
                        rest[..taken].iter().map(|(name, entry)| (&name[folder.len()..], *entry)).collect();
                    ("40000", &name[..end], self.add(&below), taken)
                }
            };
            width = id.as_bytes().len();
            content.extend_from_slice(mode.as_bytes());
            content.push(b' ');
            content.extend_from_slice(name);
            content.push(0);
            content.extend_from_slice(id.as_bytes());
            rest = &rest[taken..];
        }
        // A name that nobody sees: any that is told by the content will do.
        let id = Id::new(&digest::bytes(&content).as_bytes()[..width]).expect("a digest is as long as any id");
        self.trees.insert(id, content);
        id
    }
}

impl Repository for Beside {
    fn resolve(&self, revision: &str) -> Result<Option<Id>, GitError> {
        self.inner.resolve(revision)
    }

    fn object(&self, id: Id) -> Result<Object, GitError> {
        match self.trees.get(&id) {
            Some(content) => Ok(Object { kind: Kind::Tree, content: content.clone() }),
            None => self.inner.object(id),
        }
    }

    fn first_parents(&self, tip: Id, visit: &mut dyn FnMut(Point) -> ControlFlow<()>) -> Result<(), GitError> {
        self.inner.first_parents(tip, visit)
    }

    fn is_partial(&self) -> bool {
        self.inner.is_partial()
    }

    fn fetch(&self, ids: &BTreeSet<Id>) {
        self.inner.fetch(ids);
    }
}
