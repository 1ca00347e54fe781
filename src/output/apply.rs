//! Making the outputs what is wanted, or saying what that would take: the order of things, under the lock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::compare::{Known, Step};
use super::place::{self, Folders};
use super::run::Run;
use super::{Content, Fetch, Outcome, Outputs, Wanted, report};
use crate::diagnostic::Diagnostic;
use crate::disk::lock;
use crate::disk::place::make_own;
use crate::path::RepoPath;

/// How long to try for the lock under which outputs are written.
const PATIENCE: Duration = Duration::from_secs(2);

/// What to do, by path.
pub(super) type Steps = BTreeMap<RepoPath, Step>;

/// Says what would be done.
pub fn check(outputs: &Outputs, wanted: &Wanted) -> Outcome {
    if let Some(finding) = place::no_output_folder(outputs) {
        return Outcome { findings: vec![finding], ..Outcome::default() };
    }
    let known = Known::gather(outputs);
    let refused = place::refusals(&outputs.folder, wanted);
    let leaving = leaving(outputs, &known, wanted);
    let steps = wants(&known, wanted, &refused, &leaving);
    let mut outcome = former(outputs, &known).map(|former| check(&former, &Wanted::new())).unwrap_or_default();
    outcome.findings.extend(refused.into_values());
    for (path, step) in leaving {
        match step {
            Step::Do(change, _) => drop(outcome.removed.insert(path, change)),
            Step::Refuse(finding) => outcome.findings.push(*finding),
            Step::Nothing(_) | Step::Forget => {}
        }
    }
    for (path, step) in steps {
        match step {
            Step::Do(change, _) => drop(outcome.written.insert(path, change)),
            Step::Refuse(finding) => outcome.findings.push(*finding),
            Step::Nothing(_) | Step::Forget => outcome.unchanged += 1,
        }
    }
    report::add_edited(&mut outcome);
    outcome
}

/// Makes the outputs what is wanted.
pub fn apply(outputs: &Outputs, wanted: &Wanted, fetch: &Fetch<'_>) -> Outcome {
    let none =
        |finding| Outcome { findings: vec![finding], failed: wanted.keys().cloned().collect(), ..Outcome::default() };
    if let Some(finding) = place::no_output_folder(outputs) {
        return none(finding);
    }
    let notes = make_own(&outputs.cache).and_then(|()| lock::take(&outputs.cache.join("lock"), PATIENCE));
    let (_lock, unnoted) = match notes {
        Ok(Some(lock)) => (Some(lock), None),
        Ok(None) => return none(report::busy()),
        Err(error) => (None, Some(report::no_notes(&error))),
    };
    let mut known = Known::gather(outputs);
    let mut outcome = Outcome::default();
    if let Some(former) = former(outputs, &known) {
        outcome = Run::on(&former, Known::gather(&former), outcome).done(&Wanted::new(), fetch);
        known = Known::gather(outputs);
    }
    outcome.findings.extend(unnoted);
    Run::on(outputs, known, outcome).done(wanted, fetch)
}

/// The outputs in the folder that was the output folder until now, when the setting has changed.
pub(super) fn former(outputs: &Outputs, known: &Known) -> Option<Outputs> {
    let (manifest, _) = known.ledger.manifest.as_ref()?;
    let folder = manifest.parent().filter(|folder| *folder != outputs.folder)?;
    let former = Outputs { folder, ..outputs.clone() };
    place::no_output_folder(&former).is_none().then_some(former)
}

/// What to do about the paths that are forge's and no longer wanted.
pub(super) fn leaving(outputs: &Outputs, known: &Known, wanted: &Wanted) -> Steps {
    let mut paths: BTreeSet<RepoPath> = BTreeSet::new();
    known.each_path(|path| {
        if !wanted.contains_key(path) {
            paths.extend(RepoPath::new(path));
        }
    });
    paths.retain(|path| path.is_below(&outputs.folder));
    let folders = Folders::survey(outputs, paths.iter());
    let leave = |path: RepoPath| (path.clone(), known.leave(&folders, &path));
    paths.into_iter().map(leave).collect()
}

/// What to do about the paths that are wanted, in parallel, since most of it is waiting for the file system.
pub(super) fn wants(
    known: &Known,
    wanted: &Wanted,
    refused: &BTreeMap<RepoPath, Diagnostic>,
    leaving: &Steps,
) -> Steps {
    let seen = known.see(wanted.keys());
    let step = |(path, content): (&RepoPath, &Content)| match content {
        Content::Bytes(digest) if !refused.contains_key(path) => {
            Some((path.clone(), known.want(&seen, leaving, path, digest)))
        }
        _ => None,
    };
    wanted.par_iter().filter_map(step).collect()
}
