//! Making the outputs what is wanted: what leaves goes first, then what is wanted is written, then both are noted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;

use super::compare::{Found, Known, Step};
use super::ledger::{self, Ledger, Noted};
use super::manifest::{self, Manifest, Mark};
use super::place::{self, Folders, UNFINISHED};
use super::{Change, Content, Fetch, Outcome, Outputs, Wanted, report, state};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::disk::stamp::{self, Clock, Stamp};
use crate::disk::{atomic, lock};
use crate::path::RepoPath;

/// How long to try for the lock under which outputs are written.
const PATIENCE: Duration = Duration::from_secs(2);

type Steps = BTreeMap<RepoPath, Step>;

/// Says what would be done.
pub fn check(outputs: &Outputs, wanted: &Wanted) -> Outcome {
    if let Some(finding) = place::no_output_folder(outputs) {
        return Outcome { findings: vec![finding], ..Outcome::default() };
    }
    let known = Known::gather(outputs);
    let refused = place::refusals(&outputs.folder, wanted);
    let leaving = leaving(outputs, &known, wanted);
    let steps = wants(outputs, &known, wanted, &refused, &leaving);
    let mut outcome = Outcome { findings: refused.into_values().collect(), ..Outcome::default() };
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
    let changes = outcome.written.iter().chain(&outcome.removed);
    let edited = changes.filter(|(_, change)| **change == Change::Edited).map(|(path, _)| report::edited(path));
    outcome.findings.extend(edited.collect::<Vec<_>>());
    outcome.findings.sort();
    outcome.findings.dedup();
    outcome
}

/// Makes the outputs what is wanted.
pub fn apply(outputs: &Outputs, wanted: &Wanted, fetch: &Fetch<'_>) -> Outcome {
    if let Some(finding) = place::no_output_folder(outputs) {
        return Outcome { findings: vec![finding], ..Outcome::default() };
    }
    let notes = fs::create_dir_all(&outputs.cache).and_then(|()| lock::take(&outputs.cache.join("lock"), PATIENCE));
    let (_lock, unnoted) = match notes {
        Ok(Some(lock)) => (Some(lock), None),
        Ok(None) => return Outcome { findings: vec![report::busy()], ..Outcome::default() },
        Err(error) => (None, Some(report::no_notes(&error))),
    };
    let mut run = Run { outputs, known: Known::gather(outputs), outcome: Outcome::default(), failed: BTreeMap::new() };
    run.outcome.findings.extend(unnoted);
    run.sweep();
    run.all(wanted, fetch);
    run.outcome.findings.extend(report::failures(&run.failed));
    run.outcome.findings.sort();
    run.outcome.findings.dedup();
    run.outcome
}

/// What to do about the paths that are forge's and no longer wanted.
fn leaving(outputs: &Outputs, known: &Known, wanted: &Wanted) -> Steps {
    let paths: BTreeSet<&RepoPath> =
        known.paths().filter(|path| !wanted.contains_key(*path) && path.is_below(&outputs.folder)).collect();
    let folders = Folders::survey(outputs, paths.iter().copied());
    paths.into_iter().map(|path| (path.clone(), known.leave(outputs, &folders, path))).collect()
}

/// What to do about the paths that are wanted, in parallel, since most of it is waiting for the file system.
fn wants(
    outputs: &Outputs,
    known: &Known,
    wanted: &Wanted,
    refused: &BTreeMap<RepoPath, Diagnostic>,
    leaving: &Steps,
) -> Steps {
    let folders = Folders::survey(outputs, wanted.keys());
    let step = |(path, content): (&RepoPath, &Content)| match content {
        Content::Bytes(digest) if !refused.contains_key(path) => {
            Some((path.clone(), known.want(outputs, &folders, leaving, path, digest)))
        }
        _ => None,
    };
    wanted.par_iter().filter_map(step).collect()
}

/// One run that writes.
struct Run<'a> {
    outputs: &'a Outputs,
    known: Known,
    outcome: Outcome,
    failed: BTreeMap<RepoPath, io::Error>,
}

impl Run<'_> {
    fn all(&mut self, wanted: &Wanted, fetch: &Fetch<'_>) {
        let refused = place::refusals(&self.outputs.folder, wanted);
        self.outcome.findings.extend(refused.values().cloned());
        let leaving = leaving(self.outputs, &self.known, wanted);
        let gone = self.remove(leaving);
        self.tidy(&gone);
        let steps = wants(self.outputs, &self.known, wanted, &refused, &Steps::new());
        let files = self.write(wanted, steps, fetch);
        self.note(wanted, files, &gone);
    }

    /// Clears away what a killed run left unfinished.
    fn sweep(&self) {
        let unfinished = self.outputs.own(UNFINISHED);
        if stamp::look(&unfinished).is_ok_and(|(_, meta)| meta.is_dir()) {
            atomic::sweep(&unfinished);
            let _ = fs::remove_dir(&unfinished);
        }
    }

    /// Removes what leaves; gives the paths at which nothing of forge's is left.
    fn remove(&mut self, leaving: Steps) -> BTreeSet<RepoPath> {
        let mut gone = BTreeSet::new();
        for (path, step) in leaving {
            match step {
                Step::Do(change, Some(found)) => match self.remove_one(&path, change, &found) {
                    Ok(Ok(())) => {
                        self.outcome.removed.insert(path.clone(), change);
                        gone.insert(path);
                    }
                    Ok(Err(finding)) => self.outcome.findings.push(*finding),
                    Err(error) => drop(self.failed.insert(path, error)),
                },
                Step::Refuse(finding) => self.outcome.findings.push(*finding),
                Step::Do(_, None) | Step::Nothing(_) | Step::Forget => drop(gone.insert(path)),
            }
        }
        gone
    }

    fn remove_one(
        &mut self,
        path: &RepoPath,
        change: Change,
        found: &Found,
    ) -> io::Result<Result<(), Box<Diagnostic>>> {
        if change == Change::Edited {
            match set_aside(self.outputs, path) {
                Ok(warning) => self.outcome.findings.push(warning),
                Err(finding) => return Ok(Err(finding)),
            }
        }
        let place = self.outputs.place(path);
        if is_touched(&place, Some(found)) {
            return Ok(Err(Box::new(report::touched(path))));
        }
        fs::remove_file(place).map(Ok)
    }

    /// Writes what differs; gives what each right output holds.
    fn write(&mut self, wanted: &Wanted, steps: Steps, fetch: &Fetch<'_>) -> BTreeMap<RepoPath, Noted> {
        let mut files = BTreeMap::new();
        let mut jobs = Vec::new();
        for (path, step) in steps {
            match (step, wanted.get(&path)) {
                (Step::Nothing(found), _) => {
                    self.outcome.unchanged += 1;
                    files.insert(path, found.noted);
                }
                (Step::Do(change, found), Some(Content::Bytes(digest))) => {
                    jobs.push(Job { path, change, found, digest: *digest });
                }
                (Step::Refuse(finding), _) => self.outcome.findings.push(*finding),
                _ => {}
            }
        }
        if jobs.is_empty() {
            return files;
        }
        let intended = jobs.iter().map(|job| (job.path.clone(), job.digest)).collect();
        // Without the note a killed run's new files would be refused as foreign if the schema changed meanwhile;
        // where it cannot be made, that risk was reported with the lock.
        let _ = ledger::intend(&self.outputs.cache, &intended);
        files.extend(self.run(&jobs, fetch));
        files
    }

    /// Does the jobs in parallel.
    fn run(&mut self, jobs: &[Job], fetch: &Fetch<'_>) -> BTreeMap<RepoPath, Noted> {
        let unfinished = self.outputs.own(UNFINISHED);
        if let Err(error) = fs::create_dir_all(&unfinished) {
            let again = || io::Error::new(error.kind(), error.to_string());
            self.failed.extend(jobs.iter().map(|job| (job.path.clone(), again())));
            return BTreeMap::new();
        }
        let done: Vec<Done> = jobs.par_iter().map(|job| job.run(self.outputs, &unfinished, fetch)).collect();
        let _ = fs::remove_dir(&unfinished);
        let clock = Clock::ask(&self.outputs.cache).ok();
        let mut files = BTreeMap::new();
        for (job, done) in jobs.iter().zip(done) {
            self.outcome.findings.extend(done.aside);
            match done.result {
                Ok(Ok(stamp)) => {
                    let stamp = stamp.filter(|stamp| clock.is_some_and(|clock| clock.settles(stamp)));
                    files.insert(job.path.clone(), Noted { digest: job.digest, stamp });
                    self.outcome.written.insert(job.path.clone(), job.change);
                }
                Ok(Err(finding)) => self.outcome.findings.push(*finding),
                Err(error) => drop(self.failed.insert(job.path.clone(), error)),
            }
        }
        files
    }

    /// Removes the folders that became empty.
    fn tidy(&self, gone: &BTreeSet<RepoPath>) {
        let parents = |path: &RepoPath| std::iter::successors(path.parent(), RepoPath::parent);
        let folders: BTreeSet<RepoPath> = gone.iter().flat_map(parents).collect();
        let inside = |folder: &&RepoPath| folder.is_below(&self.outputs.folder) && **folder != self.outputs.folder;
        for folder in folders.iter().rev().filter(inside) {
            let _ = fs::remove_dir(self.outputs.place(folder)); // one that is not empty stays
        }
    }

    /// Notes what is forge's now: in the manifest for everybody, in the ledger for the next run.
    ///
    /// What was neither brought up to date nor removed (it failed, or keeps its bytes) stays as it was noted.
    fn note(&mut self, wanted: &Wanted, mut files: BTreeMap<RepoPath, Noted>, gone: &BTreeSet<RepoPath>) {
        let mut owned = Manifest::default();
        for (path, noted) in &files {
            owned.add(path.clone(), Mark::from(&noted.digest));
        }
        let stays = |path: &RepoPath| !gone.contains(path) && !files.contains_key(path);
        let listed = self.known.manifest.0.iter().filter(|(path, _)| stays(path));
        owned.0.extend(listed.map(|(path, marks)| (path.clone(), marks.clone())));
        let complete = files.len() == wanted.len() && owned.0.len() == wanted.len();
        let noted = self.known.ledger.files.iter().filter(|(path, _)| stays(path));
        let noted: Vec<_> = noted.map(|(path, noted)| (path.clone(), *noted)).collect();
        files.extend(noted);
        let manifest = self.note_manifest(&owned);
        let path = self.outputs.folder.join(manifest::FILE).ok();
        let ledger = Ledger { state: complete.then(|| state(wanted)), manifest: path.zip(manifest), files };
        if ledger != self.known.ledger {
            let _ = ledger.save(&self.outputs.cache); // the next run reads the outputs instead
        }
        ledger::done(&self.outputs.cache);
    }

    /// Writes the manifest if it differs; an empty one is removed, with the folder if that is empty too.
    fn note_manifest(&mut self, owned: &Manifest) -> Option<Noted> {
        let place = self.outputs.own(manifest::FILE);
        if owned.0.is_empty() {
            let _ = fs::remove_file(&place);
            let _ = fs::remove_dir(self.outputs.place(&self.outputs.folder));
            return None;
        }
        let text = owned.print(&self.outputs.folder);
        let digest = digest::bytes(text.as_bytes());
        let is_same = fs::read(&place).is_ok_and(|bytes| bytes == text.as_bytes());
        if !is_same && let Err(error) = atomic::replace(&place, text.as_bytes()) {
            let path = self.outputs.folder.join(manifest::FILE).unwrap_or_default();
            self.failed.insert(path, error);
            return None;
        }
        let clock = Clock::ask(&self.outputs.cache).ok();
        let stamp = stamp::look(&place).ok().map(|(stamp, _)| stamp);
        Some(Noted { digest, stamp: stamp.filter(|stamp| clock.is_some_and(|clock| clock.settles(stamp))) })
    }
}

/// One output to write.
struct Job {
    path: RepoPath,
    change: Change,
    found: Option<Found>,
    digest: Digest,
}

/// What became of a job: the stamp of the new file, a finding, or the operating system's refusal.
struct Done {
    aside: Option<Diagnostic>,
    result: io::Result<Result<Option<Stamp>, Box<Diagnostic>>>,
}

impl Job {
    fn run(&self, outputs: &Outputs, unfinished: &Path, fetch: &Fetch<'_>) -> Done {
        let mut aside = None;
        let result = self.replace(outputs, unfinished, fetch, &mut aside);
        Done { aside, result }
    }

    fn replace(
        &self,
        outputs: &Outputs,
        unfinished: &Path,
        fetch: &Fetch<'_>,
        aside: &mut Option<Diagnostic>,
    ) -> io::Result<Result<Option<Stamp>, Box<Diagnostic>>> {
        let Some(bytes) = fetch(&self.path).filter(|bytes| digest::bytes(bytes) == self.digest) else {
            return Ok(Err(Box::new(report::lost(&self.path))));
        };
        let place = outputs.place(&self.path);
        if self.change == Change::Edited {
            match set_aside(outputs, &self.path) {
                Ok(warning) => *aside = Some(warning),
                Err(finding) => return Ok(Err(finding)),
            }
        }
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        if is_touched(&place, self.found.as_ref()) {
            return Ok(Err(Box::new(report::touched(&self.path))));
        }
        let file = atomic::replace_by_way_of(unfinished, &place, &bytes)?;
        Ok(Ok(stamp_of(&file)))
    }
}

fn stamp_of(file: &File) -> Option<Stamp> {
    file.metadata().ok().map(|meta| Stamp::from(&meta))
}

/// Whether what stands at `place` is no longer what was found there.
fn is_touched(place: &Path, found: Option<&Found>) -> bool {
    stamp::look(place).ok().map(|(stamp, _)| stamp) != found.map(|found| found.stamp)
}

/// Copies an output that forge did not make into the cache, under its content's digest; says where.
fn set_aside(outputs: &Outputs, path: &RepoPath) -> Result<Diagnostic, Box<Diagnostic>> {
    let keep = || -> io::Result<PathBuf> {
        let bytes = fs::read(outputs.place(path))?;
        let folder = outputs.cache.join(super::clean::ASIDE);
        fs::create_dir_all(&folder)?;
        let place = folder.join(format!("{}-{}", digest::bytes(&bytes).short(), path.file_name()));
        if !place.exists() {
            atomic::replace(&place, &bytes)?;
        }
        Ok(place)
    };
    keep().map(|place| report::set_aside(path, &place)).map_err(|error| Box::new(report::not_set_aside(path, &error)))
}
