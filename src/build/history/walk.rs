//! Continues a log along the commits that it has not seen.
//!
//! Some hundred commits at a time. What their modules are, and what leads from each version to the next, is worked out
//! on all threads, a module on one ([`look`]); meanwhile the log is told of the commits before ([`tell`]), and what
//! the business-wide model means in those that follow is read. A module is looked at where its folder changed, and where
//! the business-wide model means something else or lies elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::log::Log;
use super::look::{Followed, Job, Last, Look, Seen, Why};
use super::source::{Busm, Place, Reader};
use super::tell::Teller;
use crate::config::hint::Hint;
use crate::model::name::Name;
use crate::source::git::{GitError, Id};
use crate::source::history::{Folders, Step};

/// How many commits are looked at together: enough for all threads, few enough to hold what they say in memory.
const TOGETHER: usize = 512;

/// What the business-wide model means in a step; nothing where there is no project.
pub type Meaning = Option<Arc<Busm>>;

/// What the commits so far leave behind for the next.
#[derive(Default)]
struct Walk {
    /// The modules that there are, by name, with their folders' trees.
    there: BTreeMap<String, Id>,
    folders: Option<Folders>,
    busm: Option<Meaning>,
    /// What was read of each module last.
    last: BTreeMap<String, Last>,
}

/// Looks at modules, by their names, in the order of the commits.
type Jobs = BTreeMap<String, Vec<Job>>;

/// Takes the steps from the place `from` on into `log`; those before it are in there.
///
/// # Errors
/// When git cannot read an object.
pub fn walk(log: &mut Log, steps: &[Step], from: usize, reader: &Reader<'_>, hints: &[Hint]) -> Result<(), GitError> {
    let look = Look { reader, hints };
    let mut walk = Walk::after(&steps[..from], &log.open, reader)?;
    let mut teller = Teller { look, log };
    let mut together = steps[from..].chunks(TOGETHER);
    let mut now = together.next().unwrap_or_default();
    let mut meanings = meanings(reader, now)?;
    let (mut before, mut seen) = (now, Vec::new());
    while !now.is_empty() {
        let coming = together.next().unwrap_or_default();
        let jobs = walk.plan(now, &meanings);
        let (found, (next, told)) = rayon::join(
            || walk.look(look, now, &meanings, jobs),
            || rayon::join(|| self::meanings(reader, coming), || teller.tell(before, std::mem::take(&mut seen))),
        );
        told?;
        seen = walk.keep(now, found?);
        meanings = next?;
        (before, now) = (now, coming);
    }
    teller.tell(before, seen)?;
    log.open = walk.last.into_iter().filter(|(_, last)| last.leads_out).map(|(name, _)| name).collect();
    Ok(())
}

/// What the business-wide model means in each of the steps.
fn meanings(reader: &Reader<'_>, steps: &[Step]) -> Result<Vec<Meaning>, GitError> {
    steps.iter().map(|step| meaning(reader, step)).collect()
}

fn meaning(reader: &Reader<'_>, step: &Step) -> Result<Meaning, GitError> {
    step.project.map(|project| reader.busm(project, &Place::of_busm(step))).transpose()
}

impl Walk {
    /// What `steps` leave behind, and the modules in which a link leads out of their folders.
    fn after(steps: &[Step], open: &[String], reader: &Reader<'_>) -> Result<Walk, GitError> {
        let last = open.iter().map(|name| (name.clone(), Last::open())).collect();
        let mut walk = Walk { last, ..Walk::default() };
        steps.iter().for_each(|step| walk.note_modules(step));
        if let Some(last) = steps.last() {
            walk.folders = Some(last.folders.clone());
            walk.busm = Some(meaning(reader, last)?);
        }
        Ok(walk)
    }

    fn note_modules(&mut self, step: &Step) {
        for (name, tree) in &step.modules {
            match (tree, self.there.get_mut(name)) {
                (Some(tree), Some(own)) => *own = *tree,
                (Some(tree), None) => drop(self.there.insert(name.clone(), *tree)),
                (None, _) => drop(self.there.remove(name)),
            }
        }
    }

    /// Lists the looks at modules that the steps ask for.
    fn plan(&mut self, steps: &[Step], meanings: &[Meaning]) -> Jobs {
        let mut jobs = Jobs::new();
        for (module, _) in self.last.iter().filter(|(_, last)| last.leads_out) {
            let tree = self.there.get(module).copied();
            jobs.insert(module.clone(), vec![Job { place: 0, tree, why: Why::Open }]);
        }
        for (place, (step, meaning)) in steps.iter().zip(meanings).enumerate() {
            self.plan_step(place, step, meaning, &mut jobs);
        }
        jobs
    }

    fn plan_step(&mut self, place: usize, step: &Step, meaning: &Meaning, jobs: &mut Jobs) {
        let common = self.common(step, meaning);
        let mut touched: BTreeSet<String> = step.modules.iter().map(|(name, _)| name.clone()).collect();
        if common.is_none() {
            touched.extend(self.there.keys().cloned());
        }
        self.note_modules(step);
        if common.is_none() {
            touched.extend(self.there.keys().cloned());
        }
        for module in &touched {
            push(jobs, module, Job { place, tree: self.there.get(module).copied(), why: Why::Touched });
        }
        if let Some(common) = common.filter(|common| !common.is_empty()).map(Arc::new) {
            for (module, tree) in self.there.iter().filter(|(module, _)| !touched.contains(*module)) {
                push(jobs, module, Job { place, tree: Some(*tree), why: Why::Common(Arc::clone(&common)) });
            }
        }
        (self.folders, self.busm) = (Some(step.folders.clone()), Some(meaning.clone()));
    }

    /// The tables of the business-wide model that changed; `None` where anything may be another.
    fn common(&self, step: &Step, meaning: &Meaning) -> Option<BTreeSet<Name>> {
        if self.folders.as_ref() != Some(&step.folders) {
            return None;
        }
        match (self.busm.as_ref()?, meaning) {
            (None, None) => Some(BTreeSet::new()),
            (Some(old), Some(new)) if Arc::ptr_eq(old, new) => Some(BTreeSet::new()),
            (Some(old), Some(new)) => old.changed(new),
            _ => None,
        }
    }

    /// Looks at modules on all threads.
    fn look(
        &self,
        look: Look<'_>,
        steps: &[Step],
        meanings: &[Meaning],
        jobs: Jobs,
    ) -> Result<Vec<Followed>, GitError> {
        let jobs: Vec<(String, Vec<Job>)> = jobs.into_iter().collect();
        let follow = |(module, jobs): (String, Vec<Job>)| {
            let last = self.last.get(&module).cloned().unwrap_or_default();
            look.follow(steps, meanings, module, last, jobs)
        };
        jobs.into_par_iter().with_max_len(1).map(follow).collect()
    }

    /// Keeps the last versions; what was seen, by commits.
    fn keep(&mut self, steps: &[Step], followed: Vec<Followed>) -> Vec<Vec<Seen>> {
        let mut sights: Vec<Vec<Seen>> = steps.iter().map(|_| Vec::new()).collect();
        for Followed { module, seen, last } in followed {
            seen.into_iter().for_each(|(place, seen)| sights[place].push(seen));
            self.last.insert(module, last);
        }
        sights
    }
}

fn push(jobs: &mut Jobs, module: &str, job: Job) {
    match jobs.get_mut(module) {
        Some(own) => own.push(job),
        None => drop(jobs.insert(module.to_owned(), vec![job])),
    }
}
