//! Replacing a few outputs ahead of the run that will want the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use super::compare::Found;
use super::job::Job;
use super::ledger::{self, Noted};
use super::place::{Folders, UNFINISHED};
use super::{Change, Fetch, Outputs};
use crate::digest::{self, Digest};
use crate::disk::{lock, stamp};
use crate::path::RepoPath;

/// Replaces each output that holds the first of its two digests by one that holds the second; all others wait for the run
/// that is to follow, and so do these where anything is in the way. Gives those that were replaced.
pub fn replace(
    outputs: &Outputs,
    digests: &BTreeMap<RepoPath, (Digest, Digest)>,
    fetch: &Fetch<'_>,
) -> BTreeSet<RepoPath> {
    let nothing = BTreeSet::new();
    let Ok(Some(_lock)) = lock::take(&outputs.cache.join("lock"), Duration::ZERO) else { return nothing };
    let jobs = jobs(outputs, digests);
    let intended = jobs.iter().map(|job| (job.path.clone(), job.digest)).collect();
    let unfinished = outputs.own(UNFINISHED);
    // What a killed run has noted must not be lost; nor must what is written here without a note be taken for foreign.
    let is_noted = !jobs.is_empty()
        && ledger::intended(&outputs.cache).is_empty()
        && outputs.make(&unfinished).is_ok()
        && ledger::intend(&outputs.cache, &intended).is_ok();
    if !is_noted {
        return nothing;
    }
    let done = |job: &Job| matches!(job.run(outputs, &unfinished, fetch).result, Ok(Ok(_)));
    let replaced = jobs.into_iter().filter(done).map(|job| job.path).collect();
    let _ = fs::remove_dir(&unfinished);
    replaced
}

/// The outputs that hold what they are said to.
fn jobs(outputs: &Outputs, digests: &BTreeMap<RepoPath, (Digest, Digest)>) -> Vec<Job> {
    let folders = Folders::survey(outputs, digests.keys());
    let job = |(path, (old, new)): (&RepoPath, &(Digest, Digest))| {
        let place = outputs.place(path);
        let (stamp, meta) = stamp::look(&place).ok().filter(|_| folders.obstacle(path).is_none())?;
        let is_free = meta.is_file() && !meta.permissions().readonly();
        let holds = is_free && fs::read(&place).is_ok_and(|bytes| digest::bytes(&bytes) == *old);
        let found = Found { stamp, noted: Noted { digest: *old, stamp: None } };
        holds.then(|| Job { path: path.clone(), change: Change::Outdated, found: Some(found), digest: *new })
    };
    digests.iter().filter_map(job).collect()
}
