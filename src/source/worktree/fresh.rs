//! What has to be looked at anew, since it is not what is known of it, or may not be.

use std::collections::BTreeSet;
use std::path::Path;

use super::table::Table;
use crate::disk::rows::{self, Known};
use crate::disk::stamp::{self, Stamp};
use crate::path::RepoPath;

/// Paths to look at anew; of all others that are known, what is known holds.
#[derive(Default)]
pub struct Fresh {
    /// Paths at and below which everything is.
    whole: BTreeSet<RepoPath>,
    /// Paths that are, each with the folders that it lies in.
    ways: BTreeSet<RepoPath>,
}

impl Fresh {
    /// All that does not look as it is known, found by a look at each folder and file.
    pub fn found(root: &Path, known: &Table) -> Fresh {
        let place = |path: &RepoPath| root.join(path.as_str());
        let folders: Vec<Known<'_>> = known
            .folders
            .iter()
            .map(|(path, folder)| Known { place: place(path), stamp: folder.stamp, files: &folder.files })
            .collect();
        let mut fresh = Fresh::default();
        fresh.add_unlisted(known);
        for ((path, folder), difference) in known.folders.iter().zip(rows::differences(&folders)) {
            if difference.folder {
                fresh.add(path.clone());
            }
            for at in difference.files {
                fresh.add_in(path, folder.files.name(at));
            }
        }
        for (path, row) in &known.files {
            let is_as_it_was = |stamp: Stamp| stamp::look(&place(path)).is_ok_and(|(found, _)| found == stamp);
            if !row.stamp.is_some_and(is_as_it_was) {
                fresh.add(path.clone());
            }
        }
        fresh
    }

    /// What is `changed` and what lies below it, as somebody says who would know of anything else; and what was not
    /// settled when it was looked at last.
    pub fn told(changed: &BTreeSet<RepoPath>, known: &Table) -> Fresh {
        let mut fresh = Fresh { whole: changed.clone(), ..Fresh::default() };
        changed.iter().for_each(|path| fresh.add(path.clone()));
        fresh.add_unlisted(known);
        for (path, folder) in &known.folders {
            if folder.stamp.is_none() {
                fresh.add(path.clone());
            }
            for (name, _) in folder.files.iter().filter(|(_, row)| row.stamp.is_none()) {
                fresh.add_in(path, name);
            }
        }
        let unsettled = known.files.iter().filter(|(_, row)| row.stamp.is_none());
        unsettled.for_each(|(path, _)| fresh.add(path.clone()));
        fresh
    }

    /// Whether `path`, a file or a folder's own list, has to be looked at, or something below it.
    pub fn leads_to(&self, path: &str) -> bool {
        self.ways.contains(path)
    }

    /// Whether everything below `path` has to be looked at.
    pub fn covers(&self, path: &RepoPath) -> bool {
        self.whole.iter().any(|whole| path.is_below(whole))
    }

    /// Adds the folders that are known by name and could not be listed.
    fn add_unlisted(&mut self, known: &Table) {
        for (path, folder) in &known.folders {
            for below in folder.folders.iter().filter_map(|name| path.join(name).ok()) {
                if !known.folders.contains_key(&below) {
                    self.add(below);
                }
            }
        }
    }

    fn add(&mut self, path: RepoPath) {
        let mut way = Some(path);
        // Where a way has been gone before, so has the rest of it.
        while let Some(path) = way.take_if(|path| !self.ways.contains(path)) {
            way = path.parent();
            self.ways.insert(path);
        }
    }

    fn add_in(&mut self, folder: &RepoPath, name: &str) {
        // Names were checked when they were listed, and a damaged table does not pass its checksum.
        if let Ok(path) = folder.join(name) {
            self.add(path);
        }
    }
}
