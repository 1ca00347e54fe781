//! The working tree as a snapshot: taken by one look at each known folder and file, read only where something changed.

mod fresh;
mod scan;
mod sparse;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Scope, Snapshot, SourceError};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::path::RepoPath;
use crate::source;
pub use table::Table;

/// What the working tree held when it was looked at.
pub struct Worktree {
    root: PathBuf,
    table: Table,
    /// The content of files that had to be read anyway, as far as there was room to keep it.
    contents: BTreeMap<RepoPath, Arc<[u8]>>,
    findings: Vec<Diagnostic>,
    looked_closer: bool,
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
        let scan::Scan { table, contents, mut findings, looked_closer } = seen;
        findings.extend(sparse::finding(root, scope, |path| is_there(&table, path)));
        Worktree { root: root.to_owned(), table, contents, findings, looked_closer }
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

/// Whether `table` has a file at `path` that could be read.
fn is_there(table: &Table, path: &RepoPath) -> bool {
    table.file(path).is_some_and(|row| row.digest.is_some())
}

impl Snapshot for Worktree {
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
        let mut files = Vec::new();
        // The paths were checked when they were listed, and a damaged table does not pass its checksum.
        self.table.each(folder, |path, _| files.extend(RepoPath::new(path)));
        files
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
        let digest = self.digest(path)?;
        if let Some(content) = self.contents.get(path) {
            return Ok(Arc::clone(content));
        }
        let content = fs::read(self.root.join(path.as_str())).map_err(|error| SourceError::refused(path, &error))?;
        // Whoever asked for the digest must not get bytes of another one: they would be remembered under it.
        if digest::bytes(&content) != digest {
            return Err(SourceError::Changed(path.clone()));
        }
        Ok(content.into())
    }

    fn digest(&self, path: &RepoPath) -> Result<Digest, SourceError> {
        self.table.file(path).and_then(|row| row.digest).ok_or_else(|| SourceError::Missing(path.clone()))
    }

    fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    fn tree(&self, folder: &RepoPath) -> Result<Digest, SourceError> {
        let mut lines = Vec::new();
        self.table.each(folder, |path, digest| source::add_line(&mut lines, path, &digest));
        Ok(digest::bytes(&lines))
    }
}

#[cfg(test)]
mod tests;
