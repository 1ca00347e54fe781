//! Where files come from: read-only snapshots of a project, and all that has to know git.
//!
//! A [`Snapshot`] is the only way in; nothing above reads files. There are four: the working tree ([`worktree`]), the tree
//! of a commit ([`commit`]), what is staged for the next one ([`index`]), and text in memory ([`memory`], for tests). All list
//! the same files for the same project: those below the folders of a [`Scope`], as [`names`] says, whatever `.gitignore` says: a
//! file that lies in a module's folder is part of the module, for forge as for whoever looks into the folder.
//!
//! Knows nothing about what is in the files.

pub mod commit;
pub mod git;
pub mod history;
pub mod index;
pub mod listing;
pub mod memory;
mod names;
pub mod project;
pub mod rest;
pub mod story;
pub mod tree;
pub mod worktree;

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::digest::{self, Digest};
use crate::disk::limit;
use crate::path::RepoPath;
use git::GitError;

/// The part of a project that a snapshot shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Folders, shown with everything below them; they need not exist.
    pub folders: Vec<RepoPath>,
    /// Single files, such as `forge.toml`; they need not exist, and may have any name.
    pub files: Vec<RepoPath>,
}

/// A read-only set of files.
pub trait Snapshot: Send + Sync {
    /// The files at or below `folder`, sorted; none when there is no such folder.
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath>;

    /// The content of a file.
    ///
    /// # Errors
    /// When there is no such file, it cannot be read, or it is no longer what the snapshot saw.
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError>;

    /// The digest of a file's content, of which the working tree's snapshot has most without reading.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    fn digest(&self, path: &RepoPath) -> Result<Digest, SourceError> {
        self.read(path).map(|content| digest::bytes(&content))
    }

    /// What could not be taken into the snapshot, and why.
    fn findings(&self) -> &[Diagnostic];

    /// One digest of the names and contents of all files at or below `folder`.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    fn tree(&self, folder: &RepoPath) -> Result<Digest, SourceError> {
        let mut lines = Vec::new();
        for path in self.files(folder) {
            add_line(&mut lines, path.as_str(), &self.digest(&path)?);
        }
        Ok(digest::bytes(&lines))
    }
}

/// Adds a file to what the digest of a tree is made from.
fn add_line(lines: &mut Vec<u8>, path: &str, digest: &Digest) {
    lines.extend_from_slice(path.as_bytes());
    lines.push(0);
    lines.extend_from_slice(digest.as_bytes());
}

/// Why a snapshot, or a file of it, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// There is no such file in the snapshot.
    Missing(RepoPath),
    /// The file was written to since the snapshot was taken; a new one sees it.
    Changed(RepoPath),
    /// The operating system refuses to read the file.
    Unreadable(RepoPath, String),
    /// It refuses to open any more files.
    Exhausted,
    /// git has no such revision.
    NoRevision(String),
    /// The repository cannot be read.
    Git(GitError),
}

impl SourceError {
    /// The system's refusal to read the file at `path`.
    pub fn refused(path: &RepoPath, error: &io::Error) -> SourceError {
        match limit::is_reached(error) {
            true => SourceError::Exhausted,
            false => SourceError::Unreadable(path.clone(), error.to_string()),
        }
    }

    /// What a user reads about it.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            SourceError::Missing(path) => Diagnostic::error("missing-file", Span::file(path), self.to_string()),
            SourceError::Changed(path) => Diagnostic::error("file-changed", Span::file(path), self.to_string())
                .help("run forge again once the file is at rest"),
            SourceError::Unreadable(path, _) => {
                Diagnostic::error("unreadable-file", Span::file(path), self.to_string())
                    .help("make the file readable, or move it out of the schema folders")
            }
            SourceError::Exhausted => {
                Diagnostic::new(Severity::Error, "unreadable-file", self.to_string()).help(limit::RAISE)
            }
            SourceError::NoRevision(_) => Diagnostic::new(Severity::Error, "no-revision", self.to_string())
                .help("`git log` and `git branch` list what there is"),
            SourceError::Git(error) => error.diagnostic(),
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::Missing(path) => write!(f, "there is no file `{path}`"),
            SourceError::Changed(path) => write!(f, "`{path}` was written to while forge was reading"),
            SourceError::Unreadable(path, why) => write!(f, "`{path}` cannot be read: {why}"),
            SourceError::Exhausted => f.write_str("files cannot be read: too many are open"),
            SourceError::NoRevision(name) => write!(f, "there is no revision `{name}`"),
            SourceError::Git(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for SourceError {}

impl From<GitError> for SourceError {
    fn from(error: GitError) -> SourceError {
        SourceError::Git(error)
    }
}
