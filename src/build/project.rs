//! A project on this machine: its folder, and its cache.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::grammar::with_plain_lines;
use crate::path::RepoPath;
use crate::source::git::Place;
use crate::source::project::{Cache, cache, find};
use crate::source::worktree::{Table, Worktree};
use crate::source::{Scope, Snapshot};

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder that holds `forge.toml`, absolute.
    pub root: PathBuf,
    /// Where its cache lies.
    pub cache: Cache,
}

/// There is no project at or above this folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoProject(PathBuf);

impl fmt::Display for NoProject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no `forge.toml` in {} or any folder above it; `forge init` starts a project, `forge -C FOLDER` names one",
            self.0.display()
        )
    }
}

impl std::error::Error for NoProject {}

impl Project {
    /// The project at or above `start`.
    ///
    /// # Errors
    /// When no folder there holds a `forge.toml`.
    pub fn find(start: &Path) -> Result<Project, NoProject> {
        let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        let root = find(&start).ok_or(NoProject(start))?;
        Ok(Project { cache: cache(&root), root })
    }

    /// The project at or above `start`, or the one that a bare repository there holds, which has a past and nothing to
    /// build.
    ///
    /// # Errors
    /// When there is neither.
    pub fn find_past(start: &Path) -> Result<Project, NoProject> {
        Project::find(start).or_else(|none| {
            let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
            let bare = Place::find(&start).filter(|place| place.tree.is_none()).ok_or(none)?;
            Ok(Project { cache: cache(&bare.own), root: bare.own })
        })
    }

    /// Whether the project is only in a repository, with no files of its own here.
    pub fn is_bare(&self) -> bool {
        Place::find(&self.root).is_some_and(|place| place.tree.is_none())
    }

    /// The text of a file of the project, for showing a diagnostic's lines; `None` when it is no text.
    pub fn text(&self, path: &RepoPath) -> Option<String> {
        let only = Scope { folders: Vec::new(), files: vec![path.clone()] };
        let content = Worktree::look(&self.root, &only, &Table::default(), None).read(path).ok()?;
        shown(&content)
    }
}

/// A file's content, for showing its lines; `None` when it is no text.
pub fn shown(content: &[u8]) -> Option<String> {
    std::str::from_utf8(content).ok().map(|text| with_plain_lines(text).into_owned())
}
