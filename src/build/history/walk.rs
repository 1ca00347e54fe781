//! Continues a log along the commits that it has not seen.
//!
//! A thousand commits at a time. What their modules are, and what leads from each version to the next, is worked out
//! on all threads, a module on one ([`Look`]); meanwhile the log is told of the commits before ([`Teller`]), and those
//! that follow are planned, with what the business-wide model means in them. A module is looked at where its folder changed, and where
//! the business-wide model means something else or lies elsewhere. A commit of which nobody knows where the folders lie shows
//! nothing ([`Step::doubt`]): what it changed is seen in the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::log::Log;
use super::look::{Followed, Job, Last, Look, Seen, Task, Why};
use super::source::{Busm, Place, Reader, Source};
use super::tell::Teller;
use crate::config::hint::Hint;
use crate::model::name::Name;
use crate::prototype::follow::Chain;
use crate::source::git::{GitError, Id};
use crate::source::history::{Folders, Step};

/// How many commits are looked at together: enough for all threads, few enough to hold what they say in memory.
const TOGETHER: usize = 1024;

/// What the business-wide model means in a step; nothing where there is no project.
pub type Meaning = Option<Arc<Busm>>;

/// Plans the looks at modules, from one commit to the next.
#[derive(Default)]
struct Plan {
    /// The modules that there are, by name, with their folders' trees.
    there: BTreeMap<String, Id>,
    /// Where the folders were last, without a doubt.
    last: Option<Known>,
    busm: Option<Meaning>,
    /// The modules that there were then, where the steps since are in doubt.
    before: Option<BTreeMap<String, Id>>,
}

/// Where the folders lie in a step.
struct Known {
    project: Option<Id>,
    folders: Folders,
    busm: Option<Id>,
}

/// What is planned for some commits.
struct Planned {
    /// The modules that there are before them.
    there: BTreeMap<String, Id>,
    /// What the business-wide model means in each of them.
    meanings: Vec<Meaning>,
    /// Why nothing can be said of it, for each of them that is in doubt.
    doubts: Vec<Option<String>>,
    jobs: Jobs,
}

/// What was read of each module last.
type Lasts = BTreeMap<String, Last>;

/// Looks at modules, by their names, in the order of the commits.
type Jobs = BTreeMap<String, Vec<Job>>;

/// Takes the steps that follow its last one into `log`.
///
/// # Errors
/// When git cannot read an object.
pub fn walk(log: &mut Log, steps: &[Step], reader: &Reader<'_>, hints: &[Hint]) -> Result<(), GitError> {
    let look = Look { reader, hints };
    let (mut last, mut plan) = (lasts(log), Plan::after(log, reader)?);
    let mut teller = Teller { look, log };
    let mut together = steps.chunks(TOGETHER);
    let mut now = together.next().unwrap_or_default();
    let mut planned = plan.next(reader, now)?;
    let (mut before, mut seen) = (now, Vec::new());
    while !now.is_empty() {
        let coming = together.next().unwrap_or_default();
        let tasks = planned.tasks(&mut last);
        let (found, (next, told)) = rayon::join(
            || follow(look, now, &planned, tasks),
            || rayon::join(|| plan.next(reader, coming), || teller.tell(before, std::mem::take(&mut seen))),
        );
        told?;
        seen = keep(&mut last, now, found?);
        planned = next?;
        (before, now) = (now, coming);
    }
    teller.tell(before, seen)?;
    log.open = last.iter().filter(|(_, last)| last.leads_out).map(|(name, _)| name.clone()).collect();
    log.last = steps.last().map(|step| plan.leave(step));
    // Nobody waits for it to be freed.
    rayon::spawn(move || drop(last));
    Ok(())
}

/// The versions that an earlier run reached.
fn lasts(log: &Log) -> Lasts {
    let begun = |(name, chain): (&String, &Chain<Source>)| {
        let looked = !log.unread.contains(name);
        Some((name.clone(), Last::reached(chain.at.clone()?, looked)))
    };
    let mut lasts: Lasts = log.chains.by_name.iter().filter_map(begun).collect();
    log.open.iter().for_each(|name| lasts.entry(name.clone()).or_default().leads_out = true);
    lasts
}

/// Follows modules on all threads.
fn follow(look: Look<'_>, steps: &[Step], planned: &Planned, tasks: Vec<Task>) -> Result<Vec<Followed>, GitError> {
    let Planned { meanings, doubts, .. } = planned;
    tasks.into_par_iter().with_max_len(1).map(|task| look.follow(steps, meanings, doubts, task)).collect()
}

/// Keeps the last versions; what was seen, by commits.
fn keep(lasts: &mut Lasts, steps: &[Step], followed: Vec<Followed>) -> Vec<Vec<Seen>> {
    let mut sights: Vec<Vec<Seen>> = steps.iter().map(|_| Vec::new()).collect();
    for Followed { module, seen, last } in followed {
        seen.into_iter().for_each(|(place, seen)| sights[place].push(seen));
        lasts.insert(module, last);
    }
    sights
}

/// What the business-wide model means in a step.
fn meaning(reader: &Reader<'_>, step: &Step) -> Result<Meaning, GitError> {
    step.project.map(|project| reader.busm(project, &Place::of_busm(step))).transpose()
}

impl Planned {
    /// What is to be done for each module; hands out what was read of it last.
    fn tasks(&mut self, lasts: &mut Lasts) -> Vec<Task> {
        let mut jobs = std::mem::take(&mut self.jobs);
        for (module, _) in lasts.iter().filter(|(_, last)| last.leads_out) {
            let open = Job { place: 0, tree: self.there.get(module).copied(), why: Why::Open };
            jobs.entry(module.clone()).or_default().insert(0, open);
        }
        let task = |(module, jobs)| Task { last: lasts.remove(&module).unwrap_or_default(), module, jobs };
        jobs.into_iter().map(task).collect()
    }
}

impl Plan {
    /// Goes on behind the commits in `log`.
    fn after(log: &Log, reader: &Reader<'_>) -> Result<Plan, GitError> {
        let mut plan = Plan::default();
        if let Some(step) = &log.last {
            plan.note_modules(step);
            plan.last = Some(Known::of(step));
            plan.busm = Some(meaning(reader, step)?);
        }
        Ok(plan)
    }

    /// The last step, with all modules that there are, and with the folders where they were last without a doubt.
    fn leave(self, step: &Step) -> Step {
        let modules = self.there.into_iter().map(|(name, tree)| (name, Some(tree))).collect();
        let Known { project, folders, busm } = self.last.unwrap_or_else(|| Known::of(step));
        Step { modules, project, folders, busm, ..step.clone() }
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

    /// Plans for the steps that follow.
    fn next(&mut self, reader: &Reader<'_>, steps: &[Step]) -> Result<Planned, GitError> {
        let (there, mut jobs) = (self.there.clone(), Jobs::new());
        let meanings = steps.iter().map(|step| meaning(reader, step)).collect::<Result<Vec<_>, _>>()?;
        let mut doubts = Vec::new();
        for (place, (step, meaning)) in steps.iter().zip(&meanings).enumerate() {
            let doubt = self.last.as_ref().and_then(|last| step.doubt(&last.folders));
            match doubt {
                Some(_) => self.pass_over(place, step, &mut jobs),
                None => self.plan_step(place, step, meaning, &mut jobs),
            }
            doubts.push(doubt);
        }
        Ok(Planned { there, meanings, doubts, jobs })
    }

    /// Passes over a step that is in doubt.
    fn pass_over(&mut self, place: usize, step: &Step, jobs: &mut Jobs) {
        for (module, tree) in self.before.get_or_insert_with(|| self.there.clone()) {
            push(jobs, module, Job { place, tree: Some(*tree), why: Why::Touched });
        }
        self.note_modules(step);
    }

    fn plan_step(&mut self, place: usize, step: &Step, meaning: &Meaning, jobs: &mut Jobs) {
        let common = self.common(step, meaning);
        let mut touched: BTreeSet<String> = step.modules.iter().map(|(name, _)| name.clone()).collect();
        if common.is_none() {
            touched.extend(self.there.keys().cloned());
        }
        touched.extend(self.before.take().into_iter().flat_map(BTreeMap::into_keys));
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
        (self.last, self.busm) = (Some(Known::of(step)), Some(meaning.clone()));
    }

    /// The tables of the business-wide model that changed; `None` where anything may be another.
    fn common(&self, step: &Step, meaning: &Meaning) -> Option<BTreeSet<Name>> {
        if !self.last.as_ref().is_some_and(|last| last.folders.lie_as(&step.folders)) {
            return None;
        }
        match (self.busm.as_ref()?, meaning) {
            (None, None) => Some(BTreeSet::new()),
            (Some(old), Some(new)) if Arc::ptr_eq(old, new) => Some(BTreeSet::new()),
            (Some(old), Some(new)) => old.changed(new),
            _ => None,
        }
    }
}

impl Known {
    fn of(step: &Step) -> Known {
        Known { project: step.project, folders: step.folders.clone(), busm: step.busm }
    }
}

fn push(jobs: &mut Jobs, module: &str, job: Job) {
    match jobs.get_mut(module) {
        Some(own) => own.push(job),
        None => drop(jobs.insert(module.to_owned(), vec![job])),
    }
}
