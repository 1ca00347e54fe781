//! One run that writes: what leaves goes first, then what is wanted is written, then both are noted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::apply::{Steps, leaving, wants};
use super::compare::{Found, Known, Step};
use super::job::{self, Job};
use super::ledger::{self, Files, Ledger, Noted};
use super::manifest::{self, Manifest, Mark};
use super::place::{self, UNFINISHED};
use super::{Change, Content, Fetch, Outcome, Outputs, Wanted, report, state};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::disk::atomic;
use crate::disk::stamp::{self, Clock};
use crate::path::RepoPath;

/// One run that writes.
pub struct Run<'a> {
    outputs: &'a Outputs,
    known: Known,
    outcome: Outcome,
    failed: BTreeMap<RepoPath, io::Error>,
    /// Where outputs were set aside.
    aside: BTreeSet<PathBuf>,
}

impl<'a> Run<'a> {
    /// A run on `outputs`, of which this is known, that adds to what `outcome` has.
    pub fn on(outputs: &'a Outputs, known: Known, outcome: Outcome) -> Run<'a> {
        Run { outputs, known, outcome, failed: BTreeMap::new(), aside: BTreeSet::new() }
    }

    /// Does the run, and says what came of it.
    pub fn done(mut self, wanted: &Wanted, fetch: &Fetch<'_>) -> Outcome {
        self.sweep();
        self.all(wanted, fetch);
        if !self.aside.is_empty() {
            job::thin_out(self.outputs, &self.aside);
        }
        self.outcome.findings.extend(report::failures(&self.failed));
        self.outcome.findings.sort();
        self.outcome.findings.dedup();
        self.outcome
    }

    fn all(&mut self, wanted: &Wanted, fetch: &Fetch<'_>) {
        if let Some(noted) = self.known.familiar(wanted) {
            return self.again(wanted, &noted, fetch);
        }
        let refused = place::refusals(&self.outputs.folder, wanted);
        self.outcome.findings.extend(refused.values().cloned());
        self.outcome.failed.extend(refused.keys().cloned());
        let leaving = leaving(self.outputs, &self.known, wanted);
        let gone = self.remove(leaving);
        self.tidy(&gone);
        let steps = wants(&self.known, wanted, &refused, &Steps::new());
        let files = self.write(wanted, steps, fetch);
        self.note(wanted, files, &gone);
    }

    /// As [`Run::all`], where the outputs are those of the last run, of which this is noted, and most are as they should be.
    fn again(&mut self, wanted: &Wanted, noted: &[Noted], fetch: &Fetch<'_>) {
        let seen = self.known.see(wanted.keys());
        let step = |((path, content), noted): ((&RepoPath, &Content), &Noted)| match content {
            Content::Bytes(digest) if !self.known.is_right(&seen, path, noted, digest) => {
                Some((path.clone(), self.known.want(&seen, &Steps::new(), path, digest)))
            }
            _ => None,
        };
        let steps: Steps = wanted.par_iter().collect::<Vec<_>>().into_par_iter().zip(noted).filter_map(step).collect();
        let kept = wanted.values().filter(|content| **content == Content::Keep).count();
        let unchanged = wanted.len() - steps.len() - kept;
        self.outcome.unchanged += unchanged;
        let mut files = self.write(wanted, steps, fetch);
        let is_complete = unchanged + files.len() == wanted.len();
        let left = self.left_by_intent(|path| !files.contains_key(path));
        files.extend(left);
        let is_as_noted = |(path, now): (&RepoPath, &Noted)| {
            self.known.ledger.files.get(path).is_some_and(|noted| noted.digest == now.digest)
        };
        let manifest = if files.iter().all(is_as_noted) {
            self.known.ledger.manifest.as_ref().map(|(_, noted)| *noted) // it tells all, whoever left it
        } else {
            let mark = |(path, noted): (_, &Noted)| (path, Mark::from(&files.get(path).unwrap_or(noted).digest));
            let text = manifest::print(&self.outputs.folder, wanted.keys().zip(noted).map(mark));
            self.note_manifest(&text)
        };
        let mut all = self.known.ledger.files.clone();
        files.iter().for_each(|(path, noted)| all.set(path, noted));
        self.note_ledger(is_complete.then(|| state(wanted)), manifest, all);
    }

    /// Clears away what a killed run left unfinished.
    fn sweep(&self) {
        atomic::sweep(&self.outputs.cache);
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
        if change.is_kept() {
            match job::set_aside(self.outputs, path, change) {
                Ok(aside) => self.take(aside),
                Err(finding) => return Ok(Err(finding)),
            }
        }
        let place = self.outputs.place(path);
        if job::is_touched(&place, Some(found)) {
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
                (Step::Nothing(noted), _) => {
                    self.outcome.unchanged += 1;
                    if self.known.ledger.files.get(&path).is_none_or(|before| before.digest != noted.digest) {
                        self.outcome.adopted.insert(path.clone());
                    }
                    files.insert(path, noted);
                }
                (Step::Do(change, found), Some(Content::Bytes(digest))) => {
                    jobs.push(Job { path, change, found, digest: *digest });
                }
                (Step::Refuse(finding), _) => {
                    self.outcome.findings.push(*finding);
                    self.outcome.failed.insert(path);
                }
                _ => {}
            }
        }
        if jobs.is_empty() {
            return files;
        }
        let mut intended = self.known.intended.clone();
        intended.extend(jobs.iter().map(|job| (job.path.clone(), job.digest)));
        // Without the note a killed run's new files would be refused as foreign if the schema changed meanwhile;
        // where it cannot be made, that risk was reported with the lock.
        let _ = ledger::intend(&self.outputs.cache, &intended);
        files.extend(self.run(&jobs, fetch));
        let failed = jobs.into_iter().map(|job| job.path).filter(|path| !files.contains_key(path));
        self.outcome.failed.extend(failed);
        files
    }

    /// Does the jobs in parallel.
    fn run(&mut self, jobs: &[Job], fetch: &Fetch<'_>) -> BTreeMap<RepoPath, Noted> {
        let unfinished = self.outputs.own(UNFINISHED);
        if let Err(error) = self.outputs.make(&unfinished) {
            let again = || io::Error::new(error.kind(), error.to_string());
            self.failed.extend(jobs.iter().map(|job| (job.path.clone(), again())));
            return BTreeMap::new();
        }
        let done: Vec<job::Done> = jobs.par_iter().map(|job| job.run(self.outputs, &unfinished, fetch)).collect();
        let _ = fs::remove_dir(&unfinished);
        let clock = Clock::ask(&self.outputs.cache).ok();
        let mut files = BTreeMap::new();
        for (job, done) in jobs.iter().zip(done) {
            done.aside.into_iter().for_each(|aside| self.take(aside));
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

    /// Takes the word of an output that was set aside.
    fn take(&mut self, job::Aside { warning, place }: job::Aside) {
        self.outcome.findings.extend(warning);
        self.aside.insert(place);
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
    /// What was neither brought up to date nor removed (it failed, or keeps its bytes) stays as it was noted, unless it
    /// holds what a run that did not end has put there.
    fn note(&mut self, wanted: &Wanted, mut files: BTreeMap<RepoPath, Noted>, gone: &BTreeSet<RepoPath>) {
        let right = files.len();
        let stays =
            |path: &RepoPath| path.is_below(&self.outputs.folder) && !gone.contains(path) && !files.contains_key(path);
        let left = self.left_by_intent(stays);
        files.extend(left);
        let stays = |path: &str| !gone.contains(path) && !files.contains_key(path);
        let written = files.iter().map(|(path, noted)| (path.clone(), Mark::from(&noted.digest)));
        let owned: Manifest = written.chain(self.known.listed(stays)).collect();
        let complete = right == wanted.len() && owned.len() == wanted.len();
        let stay = self.known.ledger.files.all(stays);
        files.extend(stay);
        let manifest = match owned.len() {
            0 => self.no_manifest(),
            _ => self.known.told(&owned).or_else(|| self.note_manifest(&owned.print(&self.outputs.folder))),
        };
        self.note_ledger(complete.then(|| state(wanted)), manifest, files.into_iter().collect());
    }

    fn note_ledger(&self, state: Option<Digest>, manifest: Option<Noted>, files: Files) {
        let path = self.outputs.folder.join(manifest::FILE).ok();
        let ledger = Ledger { state, manifest: path.zip(manifest), files };
        if ledger != self.known.ledger {
            let _ = ledger.save(&self.outputs.cache); // the next run reads the outputs instead
        }
        ledger::done(&self.outputs.cache);
    }

    /// What a run that did not end was about to write at the paths that stay as they are, where it may have done so.
    fn left_by_intent(&self, stays: impl Fn(&RepoPath) -> bool) -> Vec<(RepoPath, Noted)> {
        let intended = self.known.intended.iter().filter(|(path, digest)| stays(path) && self.may_hold(path, digest));
        intended.map(|(path, digest)| (path.clone(), Noted { digest: *digest, stamp: None })).collect()
    }

    /// Whether the file at `path` holds these bytes; where nobody can say, whether it is known by no other.
    fn may_hold(&self, path: &RepoPath, digest: &Digest) -> bool {
        let place = self.outputs.place(path);
        match stamp::look(&place) {
            Ok((_, meta)) if meta.is_file() => match fs::read(place) {
                Ok(bytes) => digest::bytes(&bytes) == *digest,
                Err(_) => !self.known.lists(path),
            },
            Ok(_) => false,
            Err(error) => error.kind() != io::ErrorKind::NotFound && !self.known.lists(path),
        }
    }

    /// Removes the manifest, with the folder if that is empty too.
    fn no_manifest(&self) -> Option<Noted> {
        let _ = fs::remove_file(self.outputs.own(manifest::FILE));
        let _ = fs::remove_dir(self.outputs.place(&self.outputs.folder));
        None
    }

    /// Writes the manifest if it differs.
    fn note_manifest(&mut self, text: &str) -> Option<Noted> {
        let place = self.outputs.own(manifest::FILE);
        let digest = digest::bytes(text.as_bytes());
        let found = self.known.look(&place, self.known.ledger.manifest.as_ref().map(|(_, noted)| noted));
        if let Some(noted) = found.ok().map(|found| found.noted).filter(|noted| noted.digest == digest) {
            return Some(noted);
        }
        let unfinished = self.outputs.own(UNFINISHED);
        let written = self
            .outputs
            .make(&unfinished)
            .and_then(|()| atomic::replace_by_way_of(&unfinished, &place, [text.as_bytes()].into_iter()));
        let _ = fs::remove_dir(&unfinished);
        match written {
            Ok(_) => Some(Noted { digest, stamp: None }),
            Err(error) => {
                let path = self.outputs.folder.join(manifest::FILE).unwrap_or_default();
                self.failed.insert(path, error);
                None
            }
        }
    }
}
