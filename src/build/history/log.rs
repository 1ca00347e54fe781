//! The log: every iteration of every module, as far as the mainline goes, and how it is kept for the next run.
//!
//! Kept by the commit that it reaches and by what else it was made from (forge's version, the hints of `forge.toml`), in
//! a file each, so that a branch with an older base finds its own. With more commits it is continued, not made anew.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::source::Source;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::disk::{atomic, frame};
use crate::prototype::follow::{Chains, Iteration};
use crate::source::git::{Id, Meta};

const MAGIC: &str = "forge log 2\n";
const LAST: &str = "forge log last 1\n";
/// How many logs are kept for one project: for branches that are switched between.
const KEPT: usize = 8;

/// Every iteration of the mainline.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Log {
    /// The last commit that was looked at; none when there is none.
    pub at: Option<Id>,
    /// How far each module has come.
    pub chains: Chains<Source>,
    /// The commits that are iterations, oldest first.
    pub commits: Vec<Commit>,
    /// The iterations, in the order of their commits, then of their modules' names.
    pub entries: Vec<Entry>,
    /// Versions that hold mistakes.
    pub broken: Vec<Broken>,
    /// The hints that were meant for an edge, by their places in `forge.toml`.
    pub taken: Vec<usize>,
    /// Modules in which a link leads out of their folders.
    pub open: Vec<String>,
    /// Modules whose last version holds a mistake.
    pub unread: BTreeSet<String>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id.
    pub id: Id,
    /// Who made it, when, and why.
    pub meta: Meta,
}

/// An iteration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its commit, by its place in the log.
    pub commit: usize,
    /// The step.
    pub step: Iteration<Source>,
    /// The edge's id.
    pub edge: Digest,
    /// What it does, in a line.
    pub short: String,
    /// What is wrong with hints for it, renames that were probably meant.
    pub diagnostics: Vec<Diagnostic>,
}

/// A version that holds a mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broken {
    /// The commit.
    pub commit: Id,
    /// Its subject.
    pub subject: String,
    /// The module.
    pub module: String,
    /// The first mistake.
    pub message: String,
}

impl Log {
    /// The iterations of one chain, oldest first.
    pub fn chain(&self, id: u32) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.step.chain == id)
    }

    /// The log that reaches `at`, as an earlier run left it.
    pub fn load(folder: &Path, made_from: &Digest, at: Id) -> Option<Log> {
        let log: Log = frame::decode(MAGIC, &fs::read(place(folder, made_from, at)).ok()?)?;
        (log.at == Some(at)).then_some(log)
    }

    /// The log that reaches the latest of `commits`, of those that earlier runs left, and how many of them it has seen.
    pub fn latest(
        folder: &Path,
        made_from: &Digest,
        commits: impl DoubleEndedIterator<Item = (usize, Id)>,
    ) -> (usize, Log) {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let names: BTreeSet<OsString> = files.map(|file| file.file_name()).collect();
        let is_there = |id: Id| names.contains(OsStr::new(&name(made_from, id)));
        let mut known = commits.rev().filter(|(_, id)| is_there(*id));
        known.find_map(|(done, id)| Some((done, Log::load(folder, made_from, id)?))).unwrap_or_default()
    }

    /// The log that the last run told, when what branches point to is still `tips`.
    pub fn told(folder: &Path, made_from: &Digest, tips: &Digest) -> Option<Log> {
        let (key, at): (Digest, Id) = frame::decode(LAST, &fs::read(folder.with_extension("last")).ok()?)?;
        (key == *tips).then(|| Log::load(folder, made_from, at))?
    }

    /// Notes that this is the log of `tips`.
    pub fn note(&self, folder: &Path, tips: &Digest) {
        if let Some(at) = self.at {
            let _ = atomic::replace(&folder.with_extension("last"), &frame::encode(LAST, &(*tips, at)));
        }
    }

    /// Keeps the log for later runs. Without it they take longer, and tell the same.
    pub fn save(&self, folder: &Path, made_from: &Digest) {
        let Some(at) = self.at else { return };
        if fs::create_dir_all(folder).is_ok() {
            let _ = atomic::replace(&place(folder, made_from, at), &frame::encode(MAGIC, self));
            prune(folder);
        }
    }
}

fn place(folder: &Path, made_from: &Digest, at: Id) -> PathBuf {
    folder.join(name(made_from, at))
}

fn name(made_from: &Digest, at: Id) -> String {
    format!("{}-{}", made_from.short(), at.short())
}

/// Removes the logs that were written longest ago, but for a few.
fn prune(folder: &Path) {
    let mut logs: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
        .collect();
    logs.sort();
    for (_, path) in logs.iter().rev().skip(KEPT) {
        let _ = fs::remove_file(path);
    }
}
