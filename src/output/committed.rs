//! Outputs that do not lie on the disk, such as those that git is about to commit: held against what is wanted, and never
//! written.

use std::collections::BTreeSet;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::manifest::{FILE, Manifest};
use super::{Change, Content, Outcome, Wanted, place, report};
use crate::digest::{self, Digest};
use crate::path::RepoPath;

/// Gives what a file holds, if there is one.
pub type Held<'a> = dyn Fn(&RepoPath) -> Option<Vec<u8>> + Sync + 'a;

/// The outputs in a folder that is not on the disk.
pub struct Committed<'a> {
    folder: RepoPath,
    held: &'a Held<'a>,
    /// What the manifest there says; none where there is no manifest.
    manifest: Option<Manifest>,
}

impl<'a> Committed<'a> {
    /// The outputs that `held` gives of those in `folder`.
    pub fn of(folder: &RepoPath, held: &'a Held<'a>) -> Committed<'a> {
        let text = folder.join(FILE).ok().and_then(|path| held(&path));
        let manifest = text.map(|text| Manifest::parse(folder, &String::from_utf8_lossy(&text)));
        Committed { folder: folder.clone(), held, manifest }
    }

    /// The paths at which forge may have written.
    pub fn listed(&self) -> BTreeSet<RepoPath> {
        let lines = self.manifest.iter().flat_map(Manifest::lines);
        lines.map(|(path, _)| path).filter(|path| path.is_below(&self.folder)).cloned().collect()
    }

    /// Says what a build would do to them. The manifest counts as an output of its own.
    pub fn check(&self, wanted: &Wanted) -> Outcome {
        let refused = place::refusals(&self.folder, wanted);
        let found: Vec<(&RepoPath, Option<Change>, bool)> = wanted
            .par_iter()
            .filter_map(|(path, content)| match content {
                Content::Bytes(wanted) if !refused.contains_key(path) => Some((path, wanted)),
                _ => None,
            })
            .map(|(path, wanted)| {
                let held = self.digest(path);
                (path, self.change(path, held, wanted), held == Some(*wanted) && !self.made(path, wanted))
            })
            .collect();
        let mut outcome = Outcome::default();
        let is_untold = found.iter().any(|(.., is_untold)| *is_untold);
        for (path, change, _) in found {
            match change {
                None => outcome.unchanged += 1,
                Some(change) => drop(outcome.written.insert(path.clone(), change)),
            }
        }
        let surplus = self.listed().into_iter().filter(|path| !wanted.contains_key(path));
        outcome.removed = surplus.filter_map(|path| Some((path.clone(), self.surplus(&path)?))).collect();
        if let Some(manifest) = self.folder.join(FILE).ok().filter(|_| is_untold) {
            let change = if self.manifest.is_some() { Change::Outdated } else { Change::Missing };
            outcome.written.insert(manifest, change);
        }
        outcome.findings.extend(refused.into_values());
        report::add_edited(&mut outcome);
        outcome
    }

    /// What is wrong with the output at `path`.
    fn change(&self, path: &RepoPath, held: Option<Digest>, wanted: &Digest) -> Option<Change> {
        match held {
            None => Some(Change::Missing),
            Some(held) if held == *wanted => None,
            Some(held) if self.made(path, &held) => Some(Change::Outdated),
            Some(_) => Some(Change::Edited),
        }
    }

    fn surplus(&self, path: &RepoPath) -> Option<Change> {
        let held = self.digest(path)?;
        Some(if self.made(path, &held) { Change::Surplus } else { Change::Edited })
    }

    fn digest(&self, path: &RepoPath) -> Option<Digest> {
        (self.held)(path).map(|held| digest::bytes(&held))
    }

    fn made(&self, path: &RepoPath, held: &Digest) -> bool {
        self.manifest.as_ref().is_some_and(|manifest| manifest.made(path, held))
    }
}
