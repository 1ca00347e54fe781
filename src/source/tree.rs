//! A tree of git's as a snapshot: that of a commit, or that of the index.
//!
//! Shows the same files as the working tree would if the tree were checked out ([`listing`]).

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::git::{Id, Repository};
use super::listing::{self, Listing};
use super::{Scope, Snapshot, SourceError};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::path::{RepoPath, below};

/// The files of a tree.
pub struct Tree {
    repository: Arc<dyn Repository>,
    root: Option<Id>,
    files: BTreeMap<RepoPath, Blob>,
    findings: Vec<Diagnostic>,
}

/// A file: its object, and the digest of that once somebody asked.
struct Blob(Id, OnceLock<Digest>);

impl Tree {
    /// The part named by `scope` of the project whose tree is `root`; nothing where there is none.
    ///
    /// # Errors
    /// When git cannot read it.
    pub fn of(repository: Arc<dyn Repository>, root: Option<Id>, scope: &Scope) -> Result<Tree, SourceError> {
        let mut whole = Listing::default();
        if let Some(root) = root {
            let folders = scope.folders.iter().map(|path| listing::folder(repository.as_ref(), root, path));
            let files = scope.files.iter().map(|path| listing::file(repository.as_ref(), root, path));
            for part in folders.chain(files) {
                let part = part?;
                whole.files.extend(part.files);
                whole.findings.extend(part.findings);
            }
        }
        if repository.is_partial() {
            repository.fetch(&whole.files.iter().map(|(_, id)| *id).collect());
        }
        whole.findings.sort();
        whole.findings.dedup();
        let files = whole.files.into_iter().map(|(path, id)| (path, Blob(id, OnceLock::new()))).collect();
        Ok(Tree { repository, root, files, findings: whole.findings })
    }

    /// The tree of the project's folder; `None` where there is no such folder.
    pub fn root(&self) -> Option<Id> {
        self.root
    }

    /// Where it is read from.
    pub fn repository(&self) -> &dyn Repository {
        self.repository.as_ref()
    }

    /// Adds what else could not be taken into the snapshot.
    #[must_use]
    pub fn with_findings(mut self, more: impl Iterator<Item = Diagnostic>) -> Tree {
        self.findings.extend(more);
        self.findings.sort();
        self
    }

    fn blob(&self, path: &RepoPath) -> Result<&Blob, SourceError> {
        self.files.get(path).ok_or_else(|| SourceError::Missing(path.clone()))
    }
}

impl Snapshot for Tree {
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
        below(&self.files, folder).map(|(path, _)| path.clone()).collect()
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
        let Blob(id, _) = self.blob(path)?;
        Ok(self.repository.blob(*id)?.into())
    }

    fn digest(&self, path: &RepoPath) -> Result<Digest, SourceError> {
        let Blob(id, known) = self.blob(path)?;
        match known.get() {
            Some(known) => Ok(*known),
            None => {
                let digest = digest::bytes(&self.repository.blob(*id)?);
                Ok(*known.get_or_init(|| digest))
            }
        }
    }

    fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}
