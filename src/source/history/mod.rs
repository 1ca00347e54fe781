//! The history of a project's schema files: which commits of the mainline touched them, and what they left.
//!
//! The rule is that of `git log --first-parent -- <paths>`: a commit counts when what it holds at the paths differs
//! from what its *first* parent holds there, or for a root commit, when it holds anything there. Under
//! `--first-parent`, git's simplification compares a merge with its first parent alone (`git-log`, "History
//! Simplification"; `try_to_simplify_commit` in `revision.c`), so that a merge that brought changes counts as one step, one
//! that kept everything of the mainline counts as none, and no side branch is ever followed. What differs is a
//! file's content, kind or permission to run; folders that hold no file are nothing ([`view`]).
//!
//! The paths are `forge.toml`, the folder of the business-wide model and that of the modules; where the folders
//! lie is what the `forge.toml` *of that commit* says.
//!
//! What was walked is kept ([`index`]), so that the next run costs only the commits that are new; after a rewrite of
//! history, those behind the point where the old and the new part. Who knows where the last run stood, and that the
//! mainline has just gone on from there, needs no index for what follows ([`since`]).

mod index;
mod line;
mod view;
mod walk;

use std::ops::ControlFlow;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::git::{GitError, Id, Meta, Place, Point, Repository, Tips};
use crate::path::RepoPath;
use index::Index;

/// Where the schema files lie, below the project's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folders {
    /// The folder of the business-wide model.
    pub busm: RepoPath,
    /// The folder whose folders are the modules.
    pub modules: RepoPath,
    /// The first mistake in what says so: the folders may lie elsewhere.
    pub mistake: Option<String>,
}

impl Folders {
    /// These folders, without a doubt.
    pub fn new(busm: RepoPath, modules: RepoPath) -> Folders {
        Folders { busm, modules, mistake: None }
    }

    /// Whether both lie at the same places.
    pub fn lie_as(&self, other: &Folders) -> bool {
        self.busm == other.busm && self.modules == other.modules
    }
}

/// What has to be known to read a history.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The repository.
    pub repository: &'a dyn Repository,
    /// Where it and the project lie.
    pub place: &'a Place,
    /// The shared folder of the project's cache.
    pub cache: &'a Path,
    /// What reads `forge.toml`, in which version: what another one read is not taken from the cache.
    pub engine: &'a str,
    /// What the content of `forge.toml` says about folders; `None` where there is no such file.
    pub folders: &'a (dyn Fn(Option<&[u8]>) -> Folders + Sync),
}

/// The commits of the mainline that touched the schema files, up to where the working tree's `HEAD` left it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The newest commit of the mainline that `HEAD` contains; `None` when the two have nothing in common.
    pub base: Option<Mark>,
    /// Oldest first.
    pub steps: Vec<Step>,
    /// How many commits this run had to look at.
    pub looked_at: usize,
}

/// A commit of the mainline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The commit.
    pub commit: Id,
    /// How many commits stand before it.
    pub place: usize,
}

impl Step {
    /// Why nobody knows where the schema files lie, where they seem to lie elsewhere than they did.
    pub fn doubt(&self, before: &Folders) -> Option<String> {
        if self.folders.lie_as(before) {
            return None;
        }
        let missing = || format!("there is no folder `{}`", self.folders.modules);
        self.folders.mistake.clone().or_else(|| (!self.has_modules).then(missing))
    }
}

/// A commit that touched the schema files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its place on the mainline: how many commits stand before it.
    pub at: u32,
    /// The commit.
    pub commit: Id,
    /// Who made it, when, and why.
    pub meta: Meta,
    /// The tree of the project's folder; `None` where there is no such folder.
    pub project: Option<Id>,
    /// The content of `forge.toml`.
    pub settings: Option<Id>,
    /// Where the schema files lie.
    pub folders: Folders,
    /// The tree of the business-wide model's folder.
    pub busm: Option<Id>,
    /// Whether the folder of the modules is there.
    pub has_modules: bool,
    /// The modules whose folders changed since the step before, by name, each with its tree; `None` where it is gone.
    pub modules: Vec<(String, Option<Id>)>,
}

/// What a walk found, to be kept for the next run.
#[derive(Default)]
pub struct New(Option<Index>);

impl New {
    /// Keeps it; `steps` are those of the history that it came with.
    pub fn keep(&self, steps: &[Step]) {
        self.0.iter().for_each(|index| index.save(steps));
    }
}

/// Reads the history that `tips` are about, and keeps what is new.
///
/// # Errors
/// When a shallow clone hides a part of it, or an object cannot be read.
pub fn read(ask: &Ask<'_>, tips: &Tips) -> Result<History, GitError> {
    let (history, new) = walked(ask, tips)?;
    new.keep(&history.steps);
    Ok(history)
}

/// As [`read`], with what is new, which is left to the caller to be kept.
///
/// # Errors
/// As [`read`].
pub fn walked(ask: &Ask<'_>, tips: &Tips) -> Result<(History, New), GitError> {
    let (Some(mainline), Some(head)) = (&tips.mainline, tips.head.commit()) else { return Ok(Default::default()) };
    let mut index = Index::load(ask, &tips.replaced);
    let known = std::mem::take(&mut index.commits);
    let tips_of_mainline = [mainline.local, mainline.remote];
    let Some(line) = line::choose(ask.repository, &known, &tips_of_mainline, head, &tips.ends)? else {
        return Ok(Default::default());
    };
    let (kept, new, base) = (line.kept, line.new, line.base);
    index.commits = known;
    let looked_at = new.len();
    if looked_at > 0 {
        extend(ask, &mut index, kept, &new)?;
    }
    let mut steps = std::mem::take(&mut index.steps);
    let mark = base.map(|place| Mark { commit: index.commits[place], place });
    let new = New((looked_at > 0).then_some(index));
    let length = mark.map_or(0, |mark| steps.partition_point(|step| step.at as usize <= mark.place));
    if length == steps.len() {
        return Ok((History { base: mark, steps, looked_at }, new));
    }
    // More is known than the history holds.
    new.keep(&steps);
    steps.truncate(length);
    Ok((History { base: mark, steps, looked_at }, New::default()))
}

/// So many commits are looked at without the index.
const FEW: usize = 64;

/// What follows `mark`, when the mainline has just gone on from there by a few commits and `HEAD` is its tip; `None` when it
/// takes the index to know, which is not even read here and stays as it is.
///
/// # Errors
/// When an object cannot be read.
pub fn since(ask: &Ask<'_>, tips: &Tips, mark: Mark) -> Result<Option<History>, GitError> {
    let tip = tips.mainline.as_ref().and_then(|mainline| mainline.local.or(mainline.remote));
    let Some(tip) = tip.filter(|tip| tips.head.commit() == Some(*tip)) else { return Ok(None) };
    if !tips.ends.is_empty() || ask.repository.is_partial() {
        return Ok(None);
    }
    let (mut new, mut before) = (Vec::new(), None);
    ask.repository.first_parents(tip, &mut |point| {
        before = (point.commit == mark.commit).then_some(point.tree);
        if before.is_some() || new.len() == FEW {
            return ControlFlow::Break(());
        }
        new.push(point);
        ControlFlow::Continue(())
    })?;
    let Some(before) = before else { return Ok(None) };
    new.reverse();
    let steps = walk::walk(ask, Some(before), mark.place + 1, &new)?;
    let base = Mark { commit: tip, place: mark.place + new.len() };
    Ok(Some(History { base: Some(base), steps, looked_at: new.len() }))
}

/// Makes the index one of another line.
fn extend(ask: &Ask<'_>, index: &mut Index, kept: usize, new: &[Point]) -> Result<(), GitError> {
    index.cut(kept);
    if ask.repository.is_partial() {
        ask.repository.fetch(&new.iter().map(|point| point.tree).collect());
    }
    let before = index.commits.last().map(|last| ask.repository.commit(*last)).transpose()?;
    let steps = walk::walk(ask, before.map(|header| header.tree), kept, new)?;
    index.commits.extend(new.iter().map(|point| point.commit));
    index.steps.extend(steps);
    Ok(())
}
