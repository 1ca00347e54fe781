//! Writing outputs: compare first, write beside and rename, remove what no longer belongs, touch nothing else.
//!
//! **What is forge's.** A file in the output folder belongs to forge when the *manifest* says so: a small text in
//! the folder itself, `.forge-manifest`, with a line of digest and path for each output. It is committed with the
//! outputs, so ownership survives a fresh clone, a deleted cache and a switch of branches. What it means to own:
//!
//! | on disk | listed | what happens |
//! |---|---|---|
//! | the wanted bytes | or not | nothing; the file is forge's from now on |
//! | bytes that the manifest names | yes | replaced, or removed when no longer wanted: forge made them and can again |
//! | other bytes (edited by hand, merged by git, cut by a power failure) | yes | first set aside in the cache, then replaced or removed, with a warning that says where they are |
//! | a conflict that git left | yes | the same without a warning: git keeps both sides, and what somebody wrote between them is set aside |
//! | other bytes | no | refused: forge did not write that file and leaves it alone |
//! | a folder, a symbolic link | or not | refused; forge writes through real folders only |
//!
//! What was set aside takes a bounded room: the oldest goes first.
//!
//! A manifest is a *set* of lines: order, doubled lines and conflict markers in it do no harm, two branches merge
//! by keeping both sides (`.forge-manifest merge=union`, see [`ATTRIBUTES`]), and a line claims only the path and
//! the bytes that it names.
//!
//! **Cheap when nothing changed.** A *ledger* in the cache holds each output's stamp, so that comparing costs one
//! `lstat` a file. It is believed under the same rule as all stamps and decides nothing: without it files are read.
//! That of a complete run says what the manifest says, which is then not parsed; and who hears of every change, as
//! `forge watch` does, says with [`Outputs::touched`] what needs the look.
//!
//! **Safe at any moment.** One process writes at a time. What will be written is noted in the cache first, so that
//! a killed run's files are known to the next one; each file appears whole or not at all; unfinished files lie in
//! `.forge-tmp` and are swept. Nothing is synced to disk, see [`atomic`]. A file that cannot
//! be written keeps its old bytes and its place in the manifest, and the rest is done.
//!
//! Knows nothing about what the outputs are.

mod ahead;
mod apply;
pub mod clean;
pub mod committed;
mod compare;
mod job;
mod ledger;
mod manifest;
mod place;
mod report;
mod run;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::disk::place::make_below;
use crate::disk::stamp::Clock;
use crate::disk::{atomic, lock};
use crate::path::RepoPath;
use ledger::Ledger;

/// The line of a `.gitattributes` in the output folder that makes git merge manifests by keeping both sides' lines.
pub const ATTRIBUTES: &str = ".forge-manifest merge=union";

/// What an output should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Bytes of this digest.
    Bytes(Digest),
    /// Whatever it holds now: the piece that makes it failed.
    Keep,
}

/// All outputs of a build, by path from the project's root.
pub type Wanted = BTreeMap<RepoPath, Content>;

/// Gives the bytes of an output, asked only for those that have to be written.
pub type Fetch<'a> = dyn Fn(&RepoPath) -> Option<Bytes<'a>> + Sync + 'a;

/// The bytes of an output, and their digest.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    chunks: Vec<Cow<'a, [u8]>>,
    digest: Digest,
}

impl<'a> Bytes<'a> {
    /// The bytes that these chunks are together, whose digest is known.
    pub fn of(chunks: impl Iterator<Item = Cow<'a, [u8]>>, digest: Digest) -> Bytes<'a> {
        Bytes { chunks: chunks.collect(), digest }
    }

    /// Their digest.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl From<Vec<u8>> for Bytes<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        let digest = digest::bytes(&bytes);
        Bytes { chunks: vec![Cow::Owned(bytes)], digest }
    }
}

/// How an output differs from what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is not there.
    Missing,
    /// It holds what forge wrote earlier.
    Outdated,
    /// It holds something else.
    Edited,
    /// It holds a conflict that git left.
    Merged,
    /// It is no longer wanted.
    Surplus,
}

impl Change {
    /// What became of a listed output that holds `bytes`, which forge did not make.
    fn of_others(bytes: &[u8]) -> Change {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let mut marks = ["<<<<<<< ", "=======", ">>>>>>> "].iter();
        let is_conflict = marks.all(|mark| lines.any(|line| line.starts_with(mark.as_bytes())));
        if is_conflict { Change::Merged } else { Change::Edited }
    }

    /// Whether the file may hold somebody's work.
    fn is_kept(self) -> bool {
        matches!(self, Change::Edited | Change::Merged)
    }
}

/// What was done, or for [`Outputs::check`] would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The outputs that were written, and why.
    pub written: BTreeMap<RepoPath, Change>,
    /// The outputs that were removed; [`Change::Edited`] and [`Change::Merged`] where the file was set aside first.
    pub removed: BTreeMap<RepoPath, Change>,
    /// How many outputs were right already.
    pub unchanged: usize,
    /// Those that were to be written, and could not be.
    pub failed: BTreeSet<RepoPath>,
    /// How many are left as they are, there or not, since what makes them failed or they could not be written.
    pub kept: usize,
    /// Those among them that somebody else made right: a checkout brings outputs along that are committed.
    pub adopted: BTreeSet<RepoPath>,
    /// What was refused or failed, and what was set aside.
    pub findings: Vec<Diagnostic>,
}

impl Outcome {
    /// Whether every output is what it should be and nothing had to be done for it.
    pub fn is_current(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty() && self.findings.is_empty()
    }

    /// Whether anything was written or removed.
    pub fn has_done(&self) -> bool {
        !self.written.is_empty() || !self.removed.is_empty()
    }

    /// How many outputs there are.
    pub fn total(&self) -> usize {
        self.written.len() + self.unchanged + self.kept
    }

    /// The same, with a count of those `wanted` of which nothing is said.
    fn counted(self, wanted: &Wanted) -> Outcome {
        let kept = wanted.len().saturating_sub(self.written.len() + self.unchanged);
        Outcome { kept, ..self }
    }
}

/// The outputs of a project.
#[derive(Clone, Debug)]
pub struct Outputs {
    root: PathBuf,
    folder: RepoPath,
    cache: PathBuf,
    touched: Option<Touched>,
}

/// Paths that may have been written to since the outputs were in a state, as somebody says who would know of others.
#[derive(Clone, Debug)]
struct Touched {
    since: Digest,
    paths: BTreeSet<RepoPath>,
}

impl Outputs {
    /// The outputs of the project in `root`, all of them below its `folder`, with notes about them in `cache`.
    ///
    /// The cache is of one working tree; it need not exist and may be lost at any time.
    pub fn open(root: &Path, folder: &RepoPath, cache: &Path) -> Outputs {
        Outputs { root: root.to_owned(), folder: folder.clone(), cache: cache.join("outputs"), touched: None }
    }

    /// The same outputs, of which the caller knows that a complete [`Outputs::apply`] left them in the state `since`, and
    /// that nothing was written to since then but `paths` and what lies below them: the rest is not looked at.
    #[must_use]
    pub fn touched(mut self, since: Digest, paths: BTreeSet<RepoPath>) -> Outputs {
        self.touched = Some(Touched { since, paths });
        self
    }

    /// The same outputs, looked at now, while there is time: an [`Outputs::apply`] that follows need not look at all of them
    /// again. What somebody does to one of them in between, the next look sees.
    #[must_use]
    pub fn looked_at(self) -> Outputs {
        let ledger = Ledger::load(&self.cache);
        match ledger.state {
            Some(state) => {
                let unlike = ledger.files.unlike(&self, ledger.state);
                self.touched(state, unlike.into_iter().map(|(path, _)| path).collect())
            }
            None => self,
        }
    }

    /// Whether the outputs are exactly those of an earlier complete [`Outputs::apply`] whose wanted outputs had this
    /// [`state`], by one look at each and without the manifest.
    pub fn are_at(&self, state: Digest) -> bool {
        let mut ledger = Ledger::load(&self.cache);
        if ledger.state != Some(state) {
            return false;
        }
        let confirmed = ledger.confirm(self, || Clock::ask(&self.cache).ok());
        if confirmed == Some(true)
            && let Ok(Some(_lock)) = lock::take(&self.cache.join("lock"), Duration::ZERO)
        {
            atomic::sweep(&self.cache);
            let _ = ledger.save(&self.cache); // the next look reads what this one read
        }
        confirmed.is_some()
    }

    /// Whether the project's folder is still there: nothing may be written into one that somebody removes.
    pub fn has_a_place(&self) -> bool {
        self.root.is_dir()
    }

    /// What each output held when the last run was over, as far as it is noted.
    pub fn left(&self) -> BTreeMap<RepoPath, Digest> {
        let Ledger { manifest, files, .. } = Ledger::load(&self.cache);
        manifest.into_iter().chain(files.all(|_| true)).map(|(path, noted)| (path, noted.digest)).collect()
    }

    /// The paths at which forge may have written.
    pub fn listed(&self) -> BTreeSet<RepoPath> {
        let mut listed = BTreeSet::new();
        compare::Known::gather(self).each_path(|path| listed.extend(RepoPath::new(path)));
        listed.retain(|path| path.is_below(&self.folder));
        listed
    }

    /// The outputs in the folder that was the output folder until now, when the setting has changed.
    pub fn former(&self) -> Option<Outputs> {
        apply::former(self, &compare::Known::gather(self))
    }

    /// The output folder.
    pub fn folder(&self) -> &RepoPath {
        &self.folder
    }

    /// What stands at `path`, if that is a file that can be read.
    pub fn held(&self, path: &RepoPath) -> Option<Bytes<'static>> {
        std::fs::read(self.place(path)).ok().map(Bytes::from)
    }

    /// Says what [`Outputs::apply`] would do, without doing it.
    pub fn check(&self, wanted: &Wanted) -> Outcome {
        apply::check(self, wanted).counted(wanted)
    }

    /// Makes the outputs what is wanted, as far as that is allowed and possible.
    pub fn apply(&self, wanted: &Wanted, fetch: &Fetch<'_>) -> Outcome {
        apply::apply(self, wanted, fetch).counted(wanted)
    }

    /// Replaces those outputs that hold the first of their two digests by what has the second, ahead of an
    /// [`Outputs::apply`] that will want the same; gives those that were. That run has to look at them, too.
    pub fn replace(&mut self, digests: &BTreeMap<RepoPath, (Digest, Digest)>, fetch: &Fetch<'_>) -> BTreeSet<RepoPath> {
        let replaced = ahead::replace(self, digests, fetch);
        self.touched.iter_mut().for_each(|touched| touched.paths.extend(replaced.iter().cloned()));
        replaced
    }

    /// Makes a folder of outputs, in a project that is there.
    fn make(&self, folder: &Path) -> io::Result<()> {
        make_below(&self.root, folder)
    }

    fn place(&self, path: &RepoPath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// A file of forge's own in the output folder.
    fn own(&self, name: &str) -> PathBuf {
        self.place(&self.folder).join(name)
    }
}

/// One digest of what is wanted.
pub fn state(wanted: &Wanted) -> Digest {
    digest::of("outputs", wanted)
}

#[cfg(test)]
mod tests;
