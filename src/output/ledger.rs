//! The cache's notes about the outputs: their stamps after the last run, and what a run is about to write.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use crate::digest::{self, Digest};
use crate::disk::rows::{self, Known, Row, Rows};
use crate::disk::stamp::{self, Stamp};
use crate::disk::{atomic, frame};
use crate::path::RepoPath;

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

/// What is remembered of files, by the folders that they lie in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files(BTreeMap<RepoPath, Rows>);

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

    /// Whether the outputs of the project in `root` are still those of a run that wanted `state`.
    pub fn is_at(&self, state: Digest, root: &Path) -> bool {
        let manifest = self.manifest.as_ref().is_some_and(|(path, noted)| noted.holds(&root.join(path.as_str())));
        self.state == Some(state) && manifest && self.files.hold(root)
    }
}

impl Files {
    /// What was noted of the file at `path`.
    pub fn get(&self, path: &RepoPath) -> Option<Noted> {
        let (folder, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        self.0.get(folder)?.get(name).and_then(Noted::of)
    }

    /// All files, folder by folder.
    pub fn iter(&self) -> impl Iterator<Item = (RepoPath, Noted)> {
        self.0.iter().flat_map(|(folder, rows)| {
            // A damaged ledger does not pass its checksum: the names are those of files that were written.
            rows.iter().filter_map(|(name, row)| Some((folder.join(name).ok()?, Noted::of(row)?)))
        })
    }

    /// Whether all files of the project in `root` hold what was noted, by a look at each, and reading those that do not
    /// look as they did.
    fn hold(&self, root: &Path) -> bool {
        let place = |folder: &RepoPath| root.join(folder.as_str());
        let folders: Vec<Known<'_>> =
            self.0.iter().map(|(folder, files)| Known { place: place(folder), stamp: None, files }).collect();
        folders.iter().zip(rows::differences(&folders)).all(|(folder, difference)| {
            difference.files.par_iter().all(|at| {
                let noted = Noted::of(folder.files.row(*at));
                noted.is_some_and(|noted| noted.holds(&folder.place.join(folder.files.name(*at))))
            })
        })
    }
}

impl FromIterator<(RepoPath, Noted)> for Files {
    /// Takes files in the order of their paths.
    fn from_iter<T: IntoIterator<Item = (RepoPath, Noted)>>(files: T) -> Files {
        let mut folders: BTreeMap<RepoPath, Rows> = BTreeMap::new();
        for (path, noted) in files {
            let row = Row { digest: Some(noted.digest), stamp: noted.stamp };
            folders.entry(path.parent().unwrap_or_default()).or_default().push(path.file_name(), &row);
        }
        Files(folders)
    }
}

impl Noted {
    fn of(row: Row) -> Option<Noted> {
        Some(Noted { digest: row.digest?, stamp: row.stamp })
    }

    /// Whether the file at `place` still holds what was noted.
    fn holds(&self, place: &Path) -> bool {
        let Ok((stamp, meta)) = stamp::look(place) else { return false };
        if self.stamp == Some(stamp) {
            return true;
        }
        meta.is_file() && fs::read(place).is_ok_and(|bytes| digest::bytes(&bytes) == self.digest)
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
