//! Outputs that do not lie on the disk, such as those that git is about to commit: held against what is wanted, and never
//! written.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::manifest::{FILE, Manifest};
use super::{Change, Content, Outcome, Wanted, place, report};
use crate::digest::{self, Digest};
use crate::path::RepoPath;

/// Gives what a file holds, if there is one.
pub type Held<'a> = dyn Fn(&RepoPath) -> Option<Arc<[u8]>> + Sync + 'a;

/// The outputs in a folder that is not on the disk.
pub struct Committed<'a> {
    folder: RepoPath,
    held: &'a Held<'a>,
    /// What is forge's there.
    manifest: Manifest,
    /// Whether there is a manifest.
    is_told: bool,
}

/// How an output was found.
enum Found {
    /// As it is wanted; whether the manifest says so.
    Right(bool),
    /// Otherwise.
    Differs(Change),
    /// A file that forge did not write.
    Foreign,
}

impl<'a> Committed<'a> {
    /// The outputs that `held` gives of those in `folder`.
    pub fn of(folder: &RepoPath, held: &'a Held<'a>) -> Committed<'a> {
        let text = folder.join(FILE).ok().and_then(|path| held(&path));
        let is_told = text.is_some();
        let text = text.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        Committed { folder: folder.clone(), held, manifest: Manifest::parse(folder, &text), is_told }
    }

    /// The paths at which forge may have written.
    pub fn listed(&self) -> BTreeSet<RepoPath> {
        let paths = self.manifest.lines().map(|(path, _)| path);
        paths.filter(|path| path.is_below(&self.folder)).cloned().collect()
    }

    /// Says what a build would do to them, had it only what lies there. The manifest counts as an output of its own.
    pub fn check(&self, wanted: &Wanted) -> Outcome {
        let refused = place::refusals(&self.folder, wanted);
        let of = |(path, content): (&'_ RepoPath, &Content)| match content {
            Content::Bytes(wanted) if !refused.contains_key(path) => Some((path.clone(), self.find(path, wanted))),
            _ => None,
        };
        let found: Vec<(RepoPath, Found)> = wanted.par_iter().filter_map(of).collect();
        let (mut outcome, mut is_told) = (Outcome::default(), true);
        for (path, found) in found {
            match found {
                Found::Right(told) => {
                    outcome.unchanged += 1;
                    is_told &= told;
                }
                Found::Differs(change) => drop(outcome.written.insert(path, change)),
                Found::Foreign => {
                    outcome.findings.push(report::in_the_way(&path, report::FOREIGN));
                    is_told &= self.is_told;
                }
            }
        }
        let surplus = self.listed().into_iter().filter(|path| !wanted.contains_key(path));
        outcome.removed = surplus.filter_map(|path| Some((path.clone(), self.surplus(&path)?))).collect();
        outcome.findings.extend(refused.into_values());
        report::add_edited(&mut outcome);
        let mut outcome = outcome.counted(wanted);
        if let Some(manifest) = self.folder.join(FILE).ok().filter(|_| !is_told) {
            outcome.written.insert(manifest, if self.is_told { Change::Outdated } else { Change::Missing });
        }
        outcome
    }

    fn find(&self, path: &RepoPath, wanted: &Digest) -> Found {
        let Some(bytes) = (self.held)(path) else { return Found::Differs(Change::Missing) };
        match digest::bytes(&bytes) {
            held if held == *wanted => Found::Right(self.manifest.made(path, wanted)),
            held if self.manifest.made(path, &held) => Found::Differs(Change::Outdated),
            _ if self.manifest.lists(path) => Found::Differs(Change::of_others(&bytes)),
            _ => Found::Foreign,
        }
    }

    fn surplus(&self, path: &RepoPath) -> Option<Change> {
        let bytes = (self.held)(path)?;
        let is_ours = self.manifest.made(path, &digest::bytes(&bytes));
        Some(if is_ours { Change::Surplus } else { Change::of_others(&bytes) })
    }
}
