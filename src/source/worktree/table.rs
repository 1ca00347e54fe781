//! The stat table: what each folder listed and each file held when it had the stamp that it is remembered with.
//!
//! Only what is *settled* ([`Clock`](crate::disk::stamp::Clock)) has a stamp; the rest is looked at again. The
//! table belongs to one working tree, and a lost or damaged one costs reading the files once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::digest::Digest;
use crate::disk::place::make_own;
use crate::disk::rows::{Row, Rows};
use crate::disk::stamp::Stamp;
use crate::disk::{atomic, frame};
use crate::path::{RepoPath, below};

/// Names the format.
const MAGIC: &str = "forge stat table 2\n";
/// The table's name in its folder.
const FILE: &str = "table";

/// What earlier looks learnt. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The folders of the scope and below, by path.
    pub(super) folders: BTreeMap<RepoPath, Arc<Folder>>,
    /// The scope's single files.
    pub(super) files: BTreeMap<RepoPath, Row>,
    /// The files of the project that symbolic links lead to, as the last look found them: each looks at every link.
    #[serde(skip)]
    pub(super) targets: BTreeSet<RepoPath>,
}

/// A folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Folder {
    /// The stamp with which the names below were listed; none when they have to be listed again.
    pub stamp: Option<Stamp>,
    /// The files in it. One without a digest cannot be read, and is no part of the snapshot.
    pub files: Rows,
    /// The folders in it by name.
    pub folders: Vec<SmolStr>,
}

impl Table {
    /// The folders that were listed: the scope's and those below.
    pub fn folders(&self) -> impl Iterator<Item = &RepoPath> {
        self.folders.keys()
    }

    /// The table in `folder`; an empty one when there is none that can be read.
    pub fn load(folder: &Path) -> Table {
        fs::read(folder.join(FILE)).ok().and_then(|bytes| frame::decode(MAGIC, &bytes)).unwrap_or_default()
    }

    /// The files that symbolic links among the others lead to.
    pub fn targets(&self) -> &BTreeSet<RepoPath> {
        &self.targets
    }

    /// The files and folders that are not what they were in `before`, or are in one of both only.
    pub fn differing(&self, before: &Table) -> BTreeSet<RepoPath> {
        let mut found = BTreeSet::new();
        let none = Arc::new(Folder::default());
        let mut compare = |path: &RepoPath, new: Option<&Arc<Folder>>, old: Option<&Arc<Folder>>| {
            if new.is_none() || old.is_none() {
                found.insert(path.clone());
            }
            let (new, old) = (new.unwrap_or(&none), old.unwrap_or(&none));
            if !Arc::ptr_eq(new, old) {
                found.extend(new.files.differing(&old.files).into_iter().filter_map(|name| path.join(name).ok()));
            }
        };
        let mut both = 0;
        for (path, new) in &self.folders {
            let old = before.folders.get(path);
            both += usize::from(old.is_some());
            compare(path, Some(new), old);
        }
        let gone =
            before.folders.iter().filter(|(path, _)| both < before.folders.len() && !self.folders.contains_key(*path));
        gone.for_each(|(path, old)| compare(path, None, Some(old)));
        let digest = |table: &Table, path: &RepoPath| table.files.get(path).map(|row| row.digest);
        let singles = self.files.keys().chain(before.files.keys());
        found.extend(singles.filter(|path| digest(self, path) != digest(before, path)).cloned());
        found
    }

    /// Whether there was a file at `path`.
    pub fn has(&self, path: &RepoPath) -> bool {
        self.file(path).is_some()
    }

    /// Writes the table into `folder`, making it if needed.
    ///
    /// # Errors
    /// When it cannot be written; the next look then reads what this one read.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        make_own(folder)?;
        atomic::sweep(folder);
        atomic::replace(&folder.join(FILE), &frame::encode(MAGIC, self)).map(drop)
    }

    /// What is known of the file at `path`.
    pub(super) fn file(&self, path: &RepoPath) -> Option<Row> {
        let (folder, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        let listed = || self.folders.get(folder)?.files.get(name);
        self.files.get(path).copied().or_else(listed)
    }

    /// Shows each file of the snapshot at or below `folder`, with its digest, in the order of their paths.
    pub(super) fn each(&self, folder: &RepoPath, mut show: impl FnMut(&str, Digest)) {
        // One text for all paths: a build that has nothing to do spends its time here.
        let mut text = String::new();
        let mut files: Vec<(Range<usize>, Digest)> = Vec::new();
        let mut add = |above: &str, name: &str, row: Row| {
            let start = text.len();
            text.extend([above, if above.is_empty() { "" } else { "/" }, name]);
            files.extend(row.digest.map(|digest| (start..text.len(), digest)));
        };
        for (path, listed) in below(&self.folders, folder) {
            listed.files.iter().for_each(|(name, row)| add(path.as_str(), name, row));
        }
        below(&self.files, folder).for_each(|(path, row)| add("", path.as_str(), *row));
        self.file(folder).into_iter().for_each(|row| add("", folder.as_str(), row));
        let path = |range: &Range<usize>| &text[range.clone()];
        files.sort_by(|(a, _), (b, _)| path(a).cmp(path(b)));
        files.dedup_by(|(a, _), (b, _)| path(a) == path(b));
        files.iter().for_each(|(range, digest)| show(path(range), *digest));
    }
}
