//! The working tree as a snapshot: taken by one look at each known folder and file, read only where something changed.

mod scan;
mod sparse;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Scope, Snapshot, SourceError, below};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::path::RepoPath;
pub use table::Table;

/// What the working tree held when it was looked at.
pub struct Worktree {
    root: PathBuf,
    files: BTreeMap<RepoPath, Seen>,
    findings: Vec<Diagnostic>,
    table: Table,
    looked_closer: bool,
}

/// A file of the snapshot.
struct Seen {
    digest: Digest,
    /// Its content, when it had to be read anyway and there was room to keep it.
    content: Option<Arc<[u8]>>,
}

impl Worktree {
    /// Looks at the part of the project in `root` that `scope` names.
    ///
    /// `known` is what an earlier look learnt; `cache` is a folder that can be written, on the same file system as
    /// the project if possible, without which everything is read again the next time.
    pub fn look(root: &Path, scope: &Scope, known: &Table, cache: Option<&Path>) -> Worktree {
        Worktree::taken(root, scope, scan::scan(root, scope, known, cache, None))
    }

    /// As [`Worktree::look`], but looks only at `changed`, what lies below it and the folders that hold it; for the
    /// rest the word of `known` is taken. Whoever asks knows that nothing else was written to since.
    pub fn look_at(
        root: &Path,
        scope: &Scope,
        known: &Table,
        cache: Option<&Path>,
        changed: &BTreeSet<RepoPath>,
    ) -> Worktree {
        Worktree::taken(root, scope, scan::scan(root, scope, known, cache, Some(changed)))
    }

    fn taken(root: &Path, scope: &Scope, seen: scan::Scan) -> Worktree {
        let mut findings = seen.findings;
        findings.extend(sparse::finding(root, scope, &seen.files));
        Worktree {
            root: root.to_owned(),
            files: seen.files,
            findings,
            table: seen.table,
            looked_closer: seen.looked_closer,
        }
    }

    /// What this look learnt, for the next one.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Whether any folder was listed or any file read: whether the table is worth saving.
    pub fn looked_closer(&self) -> bool {
        self.looked_closer
    }
}

impl Snapshot for Worktree {
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
        below(&self.files, folder).map(|(path, _)| path.clone()).collect()
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
        let seen = self.files.get(path).ok_or_else(|| SourceError::Missing(path.clone()))?;
        if let Some(content) = &seen.content {
            return Ok(Arc::clone(content));
        }
        let content = fs::read(self.root.join(path.as_str()))
            .map_err(|error| SourceError::Unreadable(path.clone(), error.to_string()))?;
        // Whoever asked for the digest must not get bytes of another one: they would be remembered under it.
        if digest::bytes(&content) != seen.digest {
            return Err(SourceError::Changed(path.clone()));
        }
        Ok(content.into())
    }

    fn digest(&self, path: &RepoPath) -> Result<Digest, SourceError> {
        self.files.get(path).map(|seen| seen.digest).ok_or_else(|| SourceError::Missing(path.clone()))
    }

    fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}

#[cfg(test)]
mod tests;
