//! The cache's notes about the outputs: their stamps after the last run, and what a run is about to write.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::Outputs;
use crate::digest::{self, Digest};
use crate::disk::rows::{self, Known, Row, Rows};
use crate::disk::stamp::{self, Clock, Stamp};
use crate::disk::{atomic, frame};
use crate::path::{RepoPath, below};

const LEDGER: &str = "ledger";
const LEDGER_MAGIC: &str = "forge ledger 2\n";
const INTENT: &str = "intent";
const INTENT_MAGIC: &str = "forge intent 1\n";

/// What an output held at the last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// The digest of its bytes.
    pub digest: Digest,
    /// The stamp with which it held them; none when it was not settled.
    pub stamp: Option<Stamp>,
}

/// What is remembered of the outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// What was wanted, if the last run could do all of it.
    pub state: Option<Digest>,
    /// The manifest.
    pub manifest: Option<(RepoPath, Noted)>,
    /// The outputs.
    pub files: Files,
}

impl Ledger {
    /// The ledger in `cache`; an empty one when there is none that can be read.
    pub fn load(cache: &Path) -> Ledger {
        fs::read(cache.join(LEDGER)).ok().and_then(|bytes| frame::decode(LEDGER_MAGIC, &bytes)).unwrap_or_default()
    }

    /// Writes the ledger into `cache`.
    ///
    /// # Errors
    /// When it cannot be written; the next run then reads the outputs.
    pub fn save(&self, cache: &Path) -> io::Result<()> {
        atomic::replace(&cache.join(LEDGER), &frame::encode(LEDGER_MAGIC, self)).map(drop)
    }

    /// Whether the outputs are still what is noted here, and if so, whether something was learnt: the stamps of those
    /// that had to be read, by a `clock` that was asked before.
    pub fn confirm(&mut self, outputs: &Outputs, clock: impl FnOnce() -> Option<Clock>) -> Option<bool> {
        let (path, manifest) = self.manifest.as_mut()?;
        let manifest_place = outputs.place(path);
        let unlike = self.files.unlike(outputs, self.state);
        if unlike.is_empty() && manifest.looks_alike(&manifest_place) {
            return Some(false);
        }
        let clock = clock();
        let read = |(path, noted): &(RepoPath, Noted)| Some((path.clone(), noted.read(&outputs.place(path), clock)?));
        let was = std::mem::replace(manifest, manifest.read(&manifest_place, clock)?);
        let learnt = *manifest != was;
        let read: Vec<(RepoPath, Noted)> = unlike.par_iter().map(read).collect::<Option<_>>()?;
        read.iter().for_each(|(path, noted)| self.files.set(path, noted));
        Some(learnt || read != unlike)
    }
}

/// What is remembered of files, by the folders that they lie in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files(BTreeMap<RepoPath, Rows>);

impl Files {
    /// What was noted of the file at `path`.
    pub fn get(&self, path: &RepoPath) -> Option<Noted> {
        let (folder, name) = split(path);
        self.0.get(folder)?.get(name).and_then(Noted::of)
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.0.values().map(Rows::len).sum()
    }

    /// Notes something else of a file that is noted.
    pub fn set(&mut self, path: &RepoPath, noted: &Noted) {
        let (folder, name) = split(path);
        self.0.get_mut(folder).into_iter().for_each(|rows| rows.set(name, &Row::from(noted)));
    }

    /// Shows each file, folder by folder.
    pub fn each(&self, mut show: impl FnMut(&str, Noted)) {
        let mut path = String::new();
        for (folder, rows) in &self.0 {
            for (name, row) in rows.iter() {
                path.clear();
                path.extend([folder.as_str(), if folder.is_root() { "" } else { "/" }, name]);
                Noted::of(row).into_iter().for_each(|noted| show(&path, noted));
            }
        }
    }

    /// The files whose paths are `such`, with what was noted.
    pub fn all(&self, such: impl Fn(&str) -> bool) -> BTreeMap<RepoPath, Noted> {
        let mut all = BTreeMap::new();
        // A damaged ledger does not pass its checksum: the paths are those of files that were written.
        let mut add = |path: &str, noted| all.extend(RepoPath::new(path).map(|path| (path, noted)));
        self.each(|path, noted| {
            if such(path) {
                add(path, noted)
            }
        });
        all
    }

    /// The files that may not hold what was noted: by a look at each, or where somebody knows which were touched since
    /// the outputs were in `state`, without.
    pub fn unlike(&self, outputs: &Outputs, state: Option<Digest>) -> Vec<(RepoPath, Noted)> {
        match &outputs.touched {
            Some(touched) if Some(touched.since) == state => self.unlike_at(&touched.paths),
            _ => self.unlike_by_look(outputs),
        }
    }

    fn unlike_by_look(&self, outputs: &Outputs) -> Vec<(RepoPath, Noted)> {
        let known = |(folder, files)| Known { place: outputs.place(folder), stamp: None, files };
        let folders: Vec<Known<'_>> = self.0.iter().map(known).collect();
        let looks = self.0.iter().zip(rows::differences(&folders));
        looks
            .flat_map(|((folder, rows), found)| found.files.into_iter().filter_map(|at| noted(folder, rows, at)))
            .collect()
    }

    fn unlike_at(&self, touched: &BTreeSet<RepoPath>) -> Vec<(RepoPath, Noted)> {
        let mut unlike: BTreeMap<RepoPath, Noted> = BTreeMap::new();
        for path in touched {
            unlike.extend(self.get(path).map(|noted| (path.clone(), noted)));
            for (folder, rows) in below(&self.0, path) {
                unlike.extend((0..rows.len()).filter_map(|at| noted(folder, rows, at)));
            }
        }
        for (folder, rows) in &self.0 {
            let unsettled = (0..rows.len()).filter(|at| rows.row(*at).stamp.is_none());
            unlike.extend(unsettled.filter_map(|at| noted(folder, rows, at)));
        }
        unlike.into_iter().collect()
    }
}

/// The file at place `at` in a folder.
fn noted(folder: &RepoPath, rows: &Rows, at: usize) -> Option<(RepoPath, Noted)> {
    Some((folder.join(rows.name(at)).ok()?, Noted::of(rows.row(at))?))
}

/// The folder that a path lies in, and its name there.
fn split(path: &RepoPath) -> (&str, &str) {
    path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()))
}

impl FromIterator<(RepoPath, Noted)> for Files {
    /// Takes files in the order of their paths.
    fn from_iter<T: IntoIterator<Item = (RepoPath, Noted)>>(files: T) -> Files {
        let mut folders: BTreeMap<RepoPath, Rows> = BTreeMap::new();
        for (path, noted) in files {
            let rows = folders.entry(path.parent().unwrap_or_default()).or_default();
            rows.push(path.file_name(), &Row::from(&noted));
        }
        Files(folders)
    }
}

impl Noted {
    fn of(row: Row) -> Option<Noted> {
        Some(Noted { digest: row.digest?, stamp: row.stamp })
    }

    /// Whether the file at `place` looks as it did.
    fn looks_alike(&self, place: &Path) -> bool {
        self.stamp.is_some_and(|noted| stamp::look(place).is_ok_and(|(found, _)| found == noted))
    }

    /// The note again, with the stamp that the file at `place` has now; none when it holds something else.
    pub fn read(&self, place: &Path, clock: Option<Clock>) -> Option<Noted> {
        let (stamp, meta) = stamp::look(place).ok()?;
        if self.stamp == Some(stamp) {
            return Some(*self);
        }
        let holds = meta.is_file() && fs::read(place).is_ok_and(|bytes| digest::bytes(&bytes) == self.digest);
        let settled = clock.is_some_and(|clock| clock.settles(&stamp));
        holds.then(|| Noted { digest: self.digest, stamp: settled.then_some(stamp) })
    }
}

impl From<&Noted> for Row {
    fn from(noted: &Noted) -> Row {
        Row { digest: Some(noted.digest), stamp: noted.stamp }
    }
}

/// Notes what is about to be written, so that it is known to be forge's whatever happens to this run.
///
/// # Errors
/// When the note cannot be written.
pub fn intend(cache: &Path, files: &BTreeMap<RepoPath, Digest>) -> io::Result<()> {
    atomic::replace(&cache.join(INTENT), &frame::encode(INTENT_MAGIC, files)).map(drop)
}

/// What a run that did not end was about to write.
pub fn intended(cache: &Path) -> BTreeMap<RepoPath, Digest> {
    fs::read(cache.join(INTENT)).ok().and_then(|bytes| frame::decode(INTENT_MAGIC, &bytes)).unwrap_or_default()
}

/// The run is over: what it meant to write is in the manifest.
pub fn done(cache: &Path) {
    let _ = fs::remove_file(cache.join(INTENT));
}
