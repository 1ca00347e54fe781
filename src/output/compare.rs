//! Comparing what is wanted with what is there; changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::OnceLock;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::ledger::{self, Ledger, Noted};
use super::manifest::{self, Manifest, Mark};
use super::place::Folders;
use super::{Change, Outputs, Wanted, report};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::disk::stamp::{self, Clock, Stamp};
use crate::path::RepoPath;

/// What is known before the outputs are looked at.
pub struct Known {
    outputs: Outputs,
    /// What was seen last.
    pub ledger: Ledger,
    /// What a run that did not end was about to write.
    pub intended: BTreeMap<RepoPath, Digest>,
    /// Whether the ledger tells all that the manifest would: it is that of a complete run, whose manifest is there still.
    is_whole: bool,
    manifest: OnceLock<Manifest>,
    /// Asked before the first file is read.
    clock: OnceLock<Option<Clock>>,
}

/// What one look at all outputs tells.
pub struct Seen {
    folders: Folders,
    /// The paths in the ledger at which something else may stand.
    unlike: BTreeSet<RepoPath>,
}

/// A file as it was found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Its stamp, looked at before it was read.
    pub stamp: Stamp,
    /// What it holds.
    pub noted: Noted,
}

/// What has to be done about a path.
#[derive(Debug)]
pub enum Step {
    /// It is as wanted, and noted so.
    Nothing(Noted),
    /// It has to be written or removed; what stands there now.
    Do(Change, Option<Found>),
    /// Nothing is there and nothing is wanted.
    Forget,
    /// It must not be touched.
    Refuse(Box<Diagnostic>),
}

impl Known {
    /// Gathers what is known of the outputs.
    pub fn gather(outputs: &Outputs) -> Known {
        let ledger = Ledger::load(&outputs.cache);
        let intended = ledger::intended(&outputs.cache);
        let place = outputs.own(manifest::FILE);
        let is_left =
            |(path, noted): &(RepoPath, Noted)| outputs.place(path) == place && noted.read(&place, None).is_some();
        let is_noted = intended.keys().all(|path| ledger.files.get(path).is_some());
        let is_whole = ledger.state.is_some() && is_noted && ledger.manifest.as_ref().is_some_and(is_left);
        Known {
            outputs: outputs.clone(),
            ledger,
            intended,
            is_whole,
            manifest: OnceLock::new(),
            clock: OnceLock::new(),
        }
    }

    /// What is forge's.
    pub fn manifest(&self) -> &Manifest {
        let read = || {
            let text = fs::read(self.outputs.own(manifest::FILE)).unwrap_or_default();
            Manifest::parse(&self.outputs.folder, &String::from_utf8_lossy(&text))
        };
        self.manifest.get_or_init(read)
    }

    /// The manifest as it stands, where somebody else left it and it tells all that `owned` does.
    pub fn told(&self, owned: &Manifest) -> Option<Noted> {
        let place = self.outputs.own(manifest::FILE);
        let text = if self.is_whole { None } else { fs::read_to_string(&place).ok() };
        text.filter(|text| owned.is_told_by(&self.outputs.folder, text))?;
        self.look(&place, None).ok().map(|found| found.noted)
    }

    /// What is noted of each of the outputs `wanted`, where these are just those of the last run.
    pub fn familiar(&self, wanted: &Wanted) -> Option<Vec<Noted>> {
        let is_settled = self.is_whole && self.ledger.files.len() == wanted.len();
        let noted = || wanted.par_iter().map(|(path, _)| self.ledger.files.get(path)).collect();
        is_settled.then(noted)?
    }

    /// Shows each path at which forge may have written; some more than once.
    pub fn each_path(&self, mut show: impl FnMut(&str)) {
        self.ledger.files.each(|path, _| show(path));
        if !self.is_whole {
            self.intended.keys().for_each(|path| show(path.as_str()));
            self.manifest().lines().for_each(|(path, _)| show(path.as_str()));
        }
    }

    /// What the manifest says of the paths that are `such`.
    pub fn listed(&self, such: impl Fn(&str) -> bool) -> Vec<(RepoPath, Mark)> {
        if self.is_whole {
            let noted = self.ledger.files.all(such).into_iter();
            return noted.map(|(path, noted)| (path, Mark::from(&noted.digest))).collect();
        }
        self.manifest().lines().filter(|(path, _)| such(path.as_str())).cloned().collect()
    }

    /// Whether the manifest says that forge wrote a file there.
    pub fn lists(&self, path: &RepoPath) -> bool {
        if self.is_whole { self.ledger.files.get(path).is_some() } else { self.manifest().lists(path) }
    }

    /// Whether forge wrote these bytes there: the cache's notes count for bytes, and only the manifest for paths,
    /// since another branch may have a file of its own where forge wrote on this one.
    fn made(&self, path: &RepoPath, held: &Digest) -> bool {
        self.ledger.files.get(path).is_some_and(|noted| noted.digest == *held)
            || self.intended.get(path) == Some(held)
            || (!self.is_whole && self.manifest().made(path, held))
    }

    /// Looks at all outputs that are noted, and at the folders on the way to `paths`.
    pub fn see<'a>(&self, paths: impl Iterator<Item = &'a RepoPath>) -> Seen {
        let unlike = self.ledger.files.unlike(&self.outputs, self.ledger.state).into_iter().map(|(path, _)| path);
        let folders = Folders::survey(&self.outputs, paths);
        // What another run was about to write may be there since.
        Seen { folders, unlike: unlike.chain(self.intended.keys().cloned()).collect() }
    }

    /// Whether `path`, one of `seen`, of which this is noted, holds `wanted`.
    pub fn is_right(&self, seen: &Seen, path: &RepoPath, noted: &Noted, wanted: &Digest) -> bool {
        noted.digest == *wanted && !seen.unlike.contains(path) && seen.folders.obstacle(path).is_none()
    }

    /// What to do so that `path`, one of `seen`, holds `wanted`. `leaving` are the paths that will be gone by then.
    pub fn want(&self, seen: &Seen, leaving: &BTreeMap<RepoPath, Step>, path: &RepoPath, wanted: &Digest) -> Step {
        if let Some((obstacle, what)) = seen.folders.obstacle(path) {
            let goes = matches!(leaving.get(obstacle), Some(Step::Do(..)));
            return if goes { Step::Do(Change::Missing, None) } else { refuse(report::obstacle(obstacle, what)) };
        }
        let noted = self.ledger.files.get(path).filter(|noted| noted.digest == *wanted);
        if let Some(noted) = noted.filter(|_| !seen.unlike.contains(path)) {
            return Step::Nothing(noted);
        }
        let (stamp, meta) = match stamp::look(&self.outputs.place(path)) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Step::Do(Change::Missing, None),
            Err(error) => return refuse(report::unreadable(path, &error)),
        };
        if meta.is_dir() && leaving.keys().any(|gone| gone.is_below(path)) {
            return Step::Do(Change::Missing, None);
        }
        if !meta.is_file() {
            return refuse(report::in_the_way(path, if meta.is_dir() { "a folder" } else { "no file" }));
        }
        let found = match self.read(path, stamp) {
            Ok(found) => found,
            Err(error) => return refuse(report::unreadable(path, &error)),
        };
        match found.noted.digest {
            held if held == *wanted => Step::Nothing(found.noted),
            _ if meta.permissions().readonly() && self.lists(path) => refuse(report::read_only(path)),
            held if self.made(path, &held) => Step::Do(Change::Outdated, Some(found)),
            _ if self.lists(path) => Step::Do(self.others(path), Some(found)),
            _ => refuse(report::in_the_way(path, report::FOREIGN)),
        }
    }

    /// What to do about `path`, which is forge's and no longer wanted.
    pub fn leave(&self, folders: &Folders, path: &RepoPath) -> Step {
        if folders.obstacle(path).is_some() {
            return Step::Forget;
        }
        let stamp = match stamp::look(&self.outputs.place(path)) {
            Ok((stamp, meta)) if meta.is_file() => stamp,
            Ok(_) => return Step::Forget,
            Err(error) if error.kind() == ErrorKind::NotFound => return Step::Forget,
            Err(error) => return refuse(report::unreadable(path, &error)),
        };
        match self.read(path, stamp) {
            Ok(found) if self.made(path, &found.noted.digest) => Step::Do(Change::Surplus, Some(found)),
            Ok(found) if self.lists(path) => Step::Do(self.others(path), Some(found)),
            Ok(_) => Step::Forget,
            Err(error) => refuse(report::unreadable(path, &error)),
        }
    }

    /// What the output at `path`, which has this stamp, holds.
    fn read(&self, path: &RepoPath, stamp: Stamp) -> io::Result<Found> {
        self.read_at(&self.outputs.place(path), stamp, self.ledger.files.get(path).as_ref())
    }

    /// What the file at `place` holds, read unless it has the stamp that was noted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn look(&self, place: &Path, noted: Option<&Noted>) -> io::Result<Found> {
        self.read_at(place, stamp::look(place)?.0, noted)
    }

    /// What became of an output that holds what forge did not make.
    fn others(&self, path: &RepoPath) -> Change {
        Change::of_others(&fs::read(self.outputs.place(path)).unwrap_or_default())
    }

    fn read_at(&self, place: &Path, stamp: Stamp, noted: Option<&Noted>) -> io::Result<Found> {
        if let Some(noted) = noted.filter(|noted| noted.stamp == Some(stamp)) {
            return Ok(Found { stamp, noted: *noted });
        }
        let settled = self.clock().is_some_and(|clock| clock.settles(&stamp));
        let digest = digest::bytes(&fs::read(place)?);
        Ok(Found { stamp, noted: Noted { digest, stamp: settled.then_some(stamp) } })
    }

    fn clock(&self) -> Option<Clock> {
        *self.clock.get_or_init(|| Clock::ask(&self.outputs.cache).ok())
    }
}

fn refuse(finding: Diagnostic) -> Step {
    Step::Refuse(Box::new(finding))
}
