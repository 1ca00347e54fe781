//! Continues a log along the commits that it has not seen.
//!
//! Some hundred commits at a time: what their modules are, and what leads from each version to the next, is worked out
//! on all threads, a module on one; which of the commits are iterations is decided one after the other. A module is
//! looked at where its folder changed, and where the business-wide model means something else or lies elsewhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::folder::Schema;
use super::log::{Broken, Commit, Entry, Log};
use super::source::{Busm, Place, Reader, Source, Version};
use crate::config::hint::Hint;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::rename::Rename;
use crate::digest::Digest;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::prototype::follow::{Iteration, Sight, nothing};
use crate::prototype::migration::{Edge, End, edge};
use crate::prototype::words::short;
use crate::source::git::{GitError, Id};
use crate::source::history::{Folders, Step};

/// How many commits are looked at together: enough for all threads, few enough to hold what they say in memory.
const TOGETHER: usize = 512;

/// What the commits so far leave behind for the next.
struct Walk<'a> {
    reader: &'a Reader<'a>,
    hints: &'a [Hint],
    log: &'a mut Log,
    /// The modules that there are, by name, with their folders' trees.
    there: BTreeMap<String, Id>,
    folders: Option<Folders>,
    busm: Option<Meaning>,
    /// What was read of each module last.
    last: BTreeMap<String, Last>,
}

/// The tree of the business-wide model, and what it says; none where there is no project.
type Meaning = Option<(Option<Id>, Arc<Busm>)>;

/// The last versions of a module.
#[derive(Clone, Default)]
struct Last {
    /// That which was looked at last.
    looked: Option<Arc<Version>>,
    /// The last one without a mistake; none where the module is not there.
    whole: Option<(Source, Arc<Version>)>,
}

/// A look at a module in a commit.
struct Job {
    /// The commit's place among those at hand.
    place: usize,
    /// The module's folder, and the business-wide model; `None` where it is gone.
    there: Option<(Id, Arc<Busm>)>,
    why: Why,
}

/// Why a module is looked at.
enum Why {
    /// It changed, or may have.
    Touched,
    /// These tables of the business-wide model changed, for which it may have asked.
    Common(Arc<BTreeSet<Name>>),
}

/// Looks at modules, by their names.
type Jobs = BTreeMap<String, Vec<Job>>;

/// A module that was looked at.
struct Seen {
    sight: Sight<Source>,
    /// The first mistake.
    mistake: Option<String>,
    touched: bool,
    leads_out: bool,
    /// From which version an edge leads here, and the edge; none where the state is the same.
    way: Option<(Option<Source>, Edge)>,
}

/// What was seen of the modules in a commit, by their names.
type Sights = BTreeMap<String, Seen>;

/// Takes the steps from the place `from` on into `log`; those before it are in there.
///
/// # Errors
/// When git cannot read an object.
pub fn walk(log: &mut Log, steps: &[Step], from: usize, reader: &Reader<'_>, hints: &[Hint]) -> Result<(), GitError> {
    let (there, last) = (BTreeMap::new(), BTreeMap::new());
    let mut walk = Walk { reader, hints, log, there, folders: None, busm: None, last };
    for step in &steps[..from] {
        walk.note_modules(step);
    }
    if let Some(last) = steps[..from].last() {
        walk.folders = Some(last.folders.clone());
        walk.busm = Some(meaning(reader, last)?);
    }
    let mut together = steps[from..].chunks(TOGETHER);
    let mut coming = together.next().unwrap_or_default();
    let mut meanings = meanings(reader, coming)?;
    while !coming.is_empty() {
        let now = std::mem::replace(&mut coming, together.next().unwrap_or_default());
        let jobs = walk.plan(now, meanings);
        // What the business-wide model means next is read at the same time: a chain of its own, too.
        let (seen, next) = rayon::join(|| walk.look(now, jobs), || self::meanings(reader, coming));
        meanings = next?;
        for (step, sights) in now.iter().zip(walk.keep(now, seen?)) {
            walk.see(step, sights)?;
        }
        walk.log.at = now.last().map(|step| step.commit);
    }
    walk.log.open.sort();
    Ok(())
}

/// What the business-wide model means in each of the steps.
fn meanings(reader: &Reader<'_>, steps: &[Step]) -> Result<Vec<Meaning>, GitError> {
    steps.iter().map(|step| meaning(reader, step)).collect()
}

/// The business-wide model's tree at a step, and what it means.
fn meaning(reader: &Reader<'_>, step: &Step) -> Result<Meaning, GitError> {
    let Some(project) = step.project else { return Ok(None) };
    Ok(Some((step.busm, reader.busm(project, &busm_of(step))?)))
}

impl Walk<'_> {
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
    fn plan(&mut self, steps: &[Step], meanings: Vec<Meaning>) -> Jobs {
        let mut jobs = Jobs::new();
        for (place, (step, meaning)) in steps.iter().zip(meanings).enumerate() {
            self.plan_step(place, step, meaning, &mut jobs);
        }
        jobs
    }

    fn plan_step(&mut self, place: usize, step: &Step, meaning: Meaning, jobs: &mut Jobs) {
        let common = self.common(step, &meaning);
        let mut touched: BTreeSet<String> = step.modules.iter().map(|(name, _)| name.clone()).collect();
        touched.extend(self.log.open.iter().cloned());
        if common.is_none() {
            touched.extend(self.there.keys().cloned());
        }
        self.note_modules(step);
        if common.is_none() {
            touched.extend(self.there.keys().cloned());
        }
        let there = |tree: &Id| Some((*tree, Arc::clone(&meaning.as_ref()?.1)));
        for module in &touched {
            push(jobs, module, Job { place, there: self.there.get(module).and_then(there), why: Why::Touched });
        }
        if let Some(common) = common.filter(|common| !common.is_empty()).map(Arc::new) {
            for (module, tree) in self.there.iter().filter(|(module, _)| !touched.contains(*module)) {
                push(jobs, module, Job { place, there: there(tree), why: Why::Common(Arc::clone(&common)) });
            }
        }
        (self.folders, self.busm) = (Some(step.folders.clone()), Some(meaning));
    }

    /// The tables of the business-wide model that changed; `None` where anything may be another.
    fn common(&self, step: &Step, meaning: &Meaning) -> Option<BTreeSet<Name>> {
        if self.folders.as_ref() != Some(&step.folders) {
            return None;
        }
        match (self.busm.as_ref()?, meaning) {
            (None, None) => Some(BTreeSet::new()),
            (Some((_, old)), Some((_, new))) if Arc::ptr_eq(old, new) => Some(BTreeSet::new()),
            (Some((_, old)), Some((_, new))) => old.changed(new),
            _ => None,
        }
    }

    /// Looks at modules on all threads, at each of them in the order of the commits.
    fn look(&self, steps: &[Step], jobs: Jobs) -> Result<Vec<Followed>, GitError> {
        jobs.into_par_iter().map(|(module, jobs)| self.follow(steps, module, jobs)).collect()
    }

    fn follow(&self, steps: &[Step], module: String, jobs: Vec<Job>) -> Result<Followed, GitError> {
        let mut last = self.last.get(&module).cloned().unwrap_or_default();
        let mut seen = Vec::new();
        for Job { place, there, why } in jobs {
            if let (Why::Common(names), Some(looked)) = (&why, &last.looked)
                && !looked.asks_for(names)
            {
                continue;
            }
            let found = there.and_then(|(tree, busm)| Some((source(&steps[place], &module, tree)?, busm)));
            let read = |(source, busm): (Source, Arc<Busm>)| -> Result<_, GitError> {
                let version = Arc::new(self.reader.read_over(&source, &busm)?);
                Ok((source, version))
            };
            let found = found.map(read).transpose()?;
            seen.push((place, self.seen(&mut last, found, matches!(why, Why::Touched))));
        }
        Ok(Followed { module, seen, last })
    }

    /// What a version shows, and the way to it from the last one.
    fn seen(&self, last: &mut Last, found: Option<(Source, Arc<Version>)>, touched: bool) -> Seen {
        last.looked = found.as_ref().map(|(_, version)| Arc::clone(version));
        let leads_out = last.looked.as_ref().is_some_and(|version| version.leads_out);
        let seen = Seen { sight: Sight::Absent, mistake: None, touched, leads_out, way: None };
        let Some((source, version)) = found else {
            return Seen { way: self.way(last.whole.take(), None), ..seen };
        };
        let renamed_from = version.renamed_from.clone();
        if let Some(first) = version.diagnostics.iter().find(|found| found.is_error()) {
            return Seen { sight: Sight::Broken { renamed_from }, mistake: Some(first.message.clone()), ..seen };
        }
        let Some(state) = version.state.filter(|_| version.there) else {
            return Seen { way: self.way(last.whole.take(), None), ..seen };
        };
        let before = last.whole.replace((source.clone(), Arc::clone(&version)));
        let way = self.way(before, Some(&version));
        Seen { sight: Sight::Whole { state, source, renamed_from }, way, ..seen }
    }

    /// The edge from the version before, with where that is found; none between versions of the same state.
    fn way(&self, before: Option<(Source, Arc<Version>)>, after: Option<&Version>) -> Option<(Option<Source>, Edge)> {
        let (source, before) = before.map_or((None, None), |(source, before)| (Some(source), Some(before)));
        let [from, to] = [before.as_deref(), after].map(|version| version.and_then(|version| version.state));
        (from != to).then(|| (source, self.edge(before.as_deref(), after)))
    }

    fn edge(&self, from: Option<&Version>, to: Option<&Version>) -> Edge {
        let nothing_there = Schema::default();
        let schemas = [from, to].map(|version| version.map_or(&nothing_there, |version| &version.schema));
        let models = if self.hints.is_empty() {
            [schemas[0].beside(schemas[1]), schemas[1].beside(schemas[0])]
        } else {
            // A hint may speak of anything.
            schemas.map(|schema| Cow::Owned(schema.prototype().model))
        };
        let state = |version: Option<&Version>| version.and_then(|version| version.state).unwrap_or_else(nothing);
        let from = End { model: &models[0], state: state(from) };
        let to = End { model: &models[1], state: state(to) };
        edge(from, to, self.hints)
    }

    /// Keeps the last versions; what was seen, by commits.
    fn keep(&mut self, steps: &[Step], followed: Vec<Followed>) -> Vec<Sights> {
        let mut sights: Vec<Sights> = steps.iter().map(|_| Sights::new()).collect();
        for Followed { module, seen, last } in followed {
            for (place, seen) in seen {
                sights[place].insert(module.clone(), seen);
            }
            self.last.insert(module, last);
        }
        sights
    }

    /// Lets the chains see a step, and adds the iterations that it is to the log.
    fn see(&mut self, step: &Step, sights: Sights) -> Result<(), GitError> {
        let (mut seen, mut ways) = (BTreeMap::new(), BTreeMap::new());
        for (name, sight) in sights {
            self.note(step, &name, &sight);
            ways.extend(sight.way.map(|way| (name.clone(), way)));
            seen.insert(name, sight.sight);
        }
        let iterations = self.log.chains.see(&seen);
        if !iterations.is_empty() {
            self.log.commits.push(Commit { id: step.commit, meta: step.meta.clone() });
        }
        for iteration in iterations {
            let way = ways.remove(&iteration.module).filter(|(from, _)| *from == iteration.from);
            let edge = match way {
                Some((_, edge)) => edge,
                // After a rename, and where an earlier run saw the version before.
                None => self.edge(self.version(&iteration.from)?.as_deref(), self.version(&iteration.to)?.as_deref()),
            };
            self.add(iteration, edge);
        }
        Ok(())
    }

    fn version(&self, source: &Option<Source>) -> Result<Option<Arc<Version>>, GitError> {
        source.as_ref().map(|source| self.reader.version(source)).transpose()
    }

    /// Notes which modules have to be looked at again, and which hold a mistake.
    fn note(&mut self, step: &Step, name: &str, seen: &Seen) {
        self.log.open.retain(|open| open != name);
        if seen.leads_out {
            self.log.open.push(name.to_owned());
        }
        let was_broken = self.log.unread.remove(name);
        let Some(message) = &seen.mistake else { return };
        self.log.unread.insert(name.to_owned());
        if seen.touched || !was_broken {
            let (commit, subject) = (step.commit, step.meta.subject.clone());
            self.log.broken.push(Broken { commit, subject, module: name.to_owned(), message: message.clone() });
        }
    }

    /// Adds an iteration of the log's last commit.
    fn add(&mut self, step: Iteration<Source>, edge: Edge) {
        let mut diagnostics = edge.diagnostics;
        diagnostics.extend(edge.likely.iter().filter_map(|rename| likely(&step, edge.id, rename)));
        self.log.taken.extend(&edge.taken);
        let (commit, short) = (self.log.commits.len() - 1, short(&edge.deeds));
        self.log.entries.push(Entry { commit, step, edge: edge.id, short, diagnostics });
    }
}

/// What was seen of a module in the commits at hand, by their places.
struct Followed {
    module: String,
    seen: Vec<(usize, Seen)>,
    last: Last,
}

fn push(jobs: &mut Jobs, module: &str, job: Job) {
    match jobs.get_mut(module) {
        Some(own) => own.push(job),
        None => drop(jobs.insert(module.to_owned(), vec![job])),
    }
}

/// Where a module's files are in a step.
fn source(step: &Step, module: &str, tree: Id) -> Option<Source> {
    let folder = step.folders.modules.join(module).ok()?;
    Some(Source { project: step.project?, busm: busm_of(step), module: Place { folder, tree: Some(tree) } })
}

/// Where the business-wide model lies in a step.
fn busm_of(step: &Step) -> Place {
    Place { folder: step.folders.busm.clone(), tree: step.busm }
}

/// What is said about a rename that was probably meant, with the hint to paste.
fn likely(step: &Iteration<Source>, edge: Digest, rename: &Rename) -> Option<Diagnostic> {
    let (entity, field, old) = match (&rename.to, &rename.from) {
        (ObjectId::Table(name), ObjectId::Table(old)) => (name, None, &old.name),
        (ObjectId::Column(table, name), ObjectId::Column(_, old)) => (table, Some(name), old),
        _ => return None,
    };
    let entity = match &entity.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), entity.name.as_str()),
        None => entity.name.as_str().to_owned(),
    };
    let mut lines = format!("[[hint]]\nedge = \"{}\"\nentity = {entity:?}\n", edge.short());
    lines.extend(field.map(|field| format!("field = {:?}\n", field.as_str())));
    lines.push_str(&format!("renamed_from = {:?}", old.as_str()));
    let message = format!(
        "iteration {} of `{}` makes {} and drops `{old}` with its data: was it renamed?",
        step.number, step.module, rename.to
    );
    Some(
        Diagnostic::new(Severity::Note, "likely-rename", message)
            .help(format!("if so, write into `forge.toml`; if not, with `renamed_from = false`:\n{lines}")),
    )
}
