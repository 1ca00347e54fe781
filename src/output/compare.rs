//! Comparing what is wanted with what is there; changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::OnceLock;

use super::ledger::{self, Ledger, Noted};
use super::manifest::{self, Manifest};
use super::place::Folders;
use super::{Change, Outputs, report};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::disk::stamp::{self, Clock, Stamp};
use crate::path::RepoPath;

/// What is known before the outputs are looked at.
pub struct Known {
    /// What is forge's.
    pub manifest: Manifest,
    /// What was seen last.
    pub ledger: Ledger,
    /// What a run that did not end was about to write.
    pub intended: BTreeMap<RepoPath, Digest>,
    /// Asked before the first file is read.
    clock: OnceLock<Option<Clock>>,
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
    /// It is as wanted.
    Nothing(Found),
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
        let text = fs::read(outputs.own(manifest::FILE)).unwrap_or_default();
        Known {
            manifest: Manifest::parse(&outputs.folder, &String::from_utf8_lossy(&text)),
            ledger: Ledger::load(&outputs.cache),
            intended: ledger::intended(&outputs.cache),
            clock: OnceLock::new(),
        }
    }

    /// All paths at which forge may have written.
    pub fn paths(&self) -> impl Iterator<Item = RepoPath> {
        let noted = self.ledger.files.iter().map(|(path, _)| path);
        self.manifest.0.keys().chain(self.intended.keys()).cloned().chain(noted)
    }

    /// Whether forge wrote these bytes there: the cache's notes count for bytes, and only the manifest for paths,
    /// since another branch may have a file of its own where forge wrote on this one.
    fn made(&self, path: &RepoPath, held: &Digest) -> bool {
        self.manifest.made(path, held)
            || self.ledger.files.get(path).is_some_and(|noted| noted.digest == *held)
            || self.intended.get(path) == Some(held)
    }

    /// What to do so that `path` holds `wanted`. `leaving` are the paths that will be gone by then.
    pub fn want(
        &self,
        outputs: &Outputs,
        folders: &Folders,
        leaving: &BTreeMap<RepoPath, Step>,
        path: &RepoPath,
        wanted: &Digest,
    ) -> Step {
        if let Some((obstacle, what)) = folders.obstacle(path) {
            let goes = matches!(leaving.get(obstacle), Some(Step::Do(..)));
            return if goes { Step::Do(Change::Missing, None) } else { refuse(report::obstacle(obstacle, what)) };
        }
        let (stamp, meta) = match stamp::look(&outputs.place(path)) {
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
        let found = match self.read(outputs, path, stamp) {
            Ok(found) => found,
            Err(error) => return refuse(report::unreadable(path, &error)),
        };
        match found.noted.digest {
            held if held == *wanted => Step::Nothing(found),
            _ if meta.permissions().readonly() && self.manifest.lists(path) => refuse(report::read_only(path)),
            held if self.made(path, &held) => Step::Do(Change::Outdated, Some(found)),
            _ if self.manifest.lists(path) => Step::Do(Change::Edited, Some(found)),
            _ => refuse(report::in_the_way(path, "a file that forge did not write")),
        }
    }

    /// What to do about `path`, which is forge's and no longer wanted.
    pub fn leave(&self, outputs: &Outputs, folders: &Folders, path: &RepoPath) -> Step {
        if folders.obstacle(path).is_some() {
            return Step::Forget;
        }
        let stamp = match stamp::look(&outputs.place(path)) {
            Ok((stamp, meta)) if meta.is_file() => stamp,
            Ok(_) => return Step::Forget,
            Err(error) if error.kind() == ErrorKind::NotFound => return Step::Forget,
            Err(error) => return refuse(report::unreadable(path, &error)),
        };
        match self.read(outputs, path, stamp) {
            Ok(found) if self.made(path, &found.noted.digest) => Step::Do(Change::Surplus, Some(found)),
            Ok(found) if self.manifest.lists(path) => Step::Do(Change::Edited, Some(found)),
            Ok(_) => Step::Forget,
            Err(error) => refuse(report::unreadable(path, &error)),
        }
    }

    /// What the output at `path`, which has this stamp, holds.
    fn read(&self, outputs: &Outputs, path: &RepoPath, stamp: Stamp) -> io::Result<Found> {
        self.read_at(outputs, &outputs.place(path), stamp, self.ledger.files.get(path).as_ref())
    }

    /// What the file at `place` holds, read unless it has the stamp that was noted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn look(&self, outputs: &Outputs, place: &Path, noted: Option<&Noted>) -> io::Result<Found> {
        self.read_at(outputs, place, stamp::look(place)?.0, noted)
    }

    fn read_at(&self, outputs: &Outputs, place: &Path, stamp: Stamp, noted: Option<&Noted>) -> io::Result<Found> {
        if let Some(noted) = noted.filter(|noted| noted.stamp == Some(stamp)) {
            return Ok(Found { stamp, noted: *noted });
        }
        let settled = self.clock(&outputs.cache).is_some_and(|clock| clock.settles(&stamp));
        let digest = digest::bytes(&fs::read(place)?);
        Ok(Found { stamp, noted: Noted { digest, stamp: settled.then_some(stamp) } })
    }

    fn clock(&self, cache: &Path) -> Option<Clock> {
        *self.clock.get_or_init(|| Clock::ask(cache).ok())
    }
}

fn refuse(finding: Diagnostic) -> Step {
    Step::Refuse(Box::new(finding))
}
