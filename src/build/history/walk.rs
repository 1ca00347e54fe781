//! Continues a log along the commits that it has not seen.
//!
//! A handful of commits at a time: what their modules are is read on all threads, which of them are iterations is
//! decided one commit after the other, and what each iteration does is worked out on all threads again. A module is
//! looked at where its folder changed, and where the business-wide model means something else or lies elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::folder::Schema;
use super::log::{Broken, Commit, Entry, Log};
use super::source::{Busm, Place, Reader, Source, Version};
use crate::config::hint::Hint;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::rename::Rename;
use crate::digest::Digest;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::prototype::follow::{Iteration, Sight};
use crate::prototype::migration::{Edge, End, edge};
use crate::prototype::words::short;
use crate::source::git::{GitError, Id};
use crate::source::history::{Folders, Step};

/// How many commits are looked at together: enough for all threads, few enough to hold what they say in memory.
const TOGETHER: usize = 128;

/// What the commits so far leave behind for the next.
struct Walk<'a> {
    reader: &'a Reader<'a>,
    hints: &'a [Hint],
    log: &'a mut Log,
    /// The modules that there are, by name, with their folders' trees.
    there: BTreeMap<String, Id>,
    folders: Option<Folders>,
    busm: Option<Meaning>,
    /// What the last version of each module asked for, of those that were looked at.
    asked: BTreeMap<String, Arc<Version>>,
    /// The schemas that the chains have reached, and those of the commits at hand.
    models: BTreeMap<Source, Arc<Version>>,
}

/// The tree of the business-wide model, and what it says.
type Meaning = (Option<Id>, Arc<Busm>);

/// What was read of a module; none yet where it depends on an earlier commit whether it has to be.
type Read = Option<Option<Arc<Version>>>;

/// A module to look at in a commit.
struct Job {
    /// The commit's place among those at hand.
    place: usize,
    module: String,
    /// Where its files are; `None` where it is gone.
    source: Option<Source>,
    why: Why,
}

/// Why a module is looked at.
enum Why {
    /// It changed, or may have.
    Touched,
    /// These tables of the business-wide model changed, for which it may have asked.
    Common(Arc<BTreeSet<Name>>),
}

/// A module that was looked at.
struct Seen {
    source: Option<Source>,
    version: Option<Arc<Version>>,
    touched: bool,
}

/// What was seen of the modules in a commit, by their names.
type Sights = BTreeMap<String, Seen>;

/// Takes the steps from the place `from` on into `log`; those before it are in there.
///
/// # Errors
/// When git cannot read an object.
pub fn walk(log: &mut Log, steps: &[Step], from: usize, reader: &Reader<'_>, hints: &[Hint]) -> Result<(), GitError> {
    let mut walk = Walk {
        reader,
        hints,
        log,
        there: BTreeMap::new(),
        folders: None,
        busm: None,
        asked: BTreeMap::new(),
        models: BTreeMap::new(),
    };
    for step in &steps[..from] {
        walk.note_modules(step);
    }
    if let Some(last) = steps[..from].last() {
        walk.folders = Some(last.folders.clone());
        walk.busm = walk.meaning(last)?;
    }
    for together in steps[from..].chunks(TOGETHER) {
        walk.take(together)?;
    }
    walk.log.open.sort();
    Ok(())
}

impl Walk<'_> {
    fn note_modules(&mut self, step: &Step) {
        for (name, tree) in &step.modules {
            match tree {
                Some(tree) => self.there.insert(name.clone(), *tree),
                None => self.there.remove(name),
            };
        }
    }

    /// The business-wide model's tree at a step, and what it means.
    fn meaning(&self, step: &Step) -> Result<Option<Meaning>, GitError> {
        let Some(project) = step.project else { return Ok(None) };
        Ok(Some((step.busm, self.reader.busm(project, &busm_of(step))?)))
    }

    fn take(&mut self, steps: &[Step]) -> Result<(), GitError> {
        let mut jobs: Vec<Job> = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            self.plan(place, step, &mut jobs)?;
        }
        let mut sights = self.look(jobs, steps.len())?;
        let mut found: Vec<(usize, Iteration<Source>)> = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            let iterations = self.see(step, std::mem::take(&mut sights[place]));
            found.extend(iterations.into_iter().map(|iteration| (place, iteration)));
        }
        self.tell(steps, found)?;
        self.log.at = steps.last().map(|step| step.commit).or(self.log.at);
        let reached: BTreeSet<&Source> =
            self.log.chains.by_name.values().filter_map(|chain| chain.at.as_ref()).collect();
        self.models.retain(|source, _| reached.contains(source));
        Ok(())
    }

    /// Lists the modules that a step may have changed.
    fn plan(&mut self, place: usize, step: &Step, jobs: &mut Vec<Job>) -> Result<(), GitError> {
        let before: Vec<String> = self.there.keys().cloned().collect();
        let moved = self.folders.as_ref() != Some(&step.folders);
        let same_tree = !moved && self.busm.as_ref().is_some_and(|(tree, _)| *tree == step.busm);
        let meaning = if same_tree { self.busm.clone() } else { self.meaning(step)? };
        let common = match (&self.busm, &meaning) {
            _ if moved => None,
            (Some((_, old)), Some((_, new))) if Arc::ptr_eq(old, new) => Some(BTreeSet::new()),
            (Some((_, old)), Some((_, new))) => old.changed(new),
            (old, new) => (old.is_none() && new.is_none()).then(BTreeSet::new),
        };
        self.note_modules(step);
        (self.folders, self.busm) = (Some(step.folders.clone()), meaning);
        let mut touched: BTreeSet<&String> = step.modules.iter().map(|(name, _)| name).collect();
        touched.extend(self.log.open.iter());
        if common.is_none() {
            touched.extend(before.iter().chain(self.there.keys()));
        }
        let job = |module: &String, why| Job { place, module: module.clone(), source: self.source(step, module), why };
        jobs.extend(touched.iter().map(|module| job(module, Why::Touched)));
        if let Some(common) = common.filter(|common| !common.is_empty()).map(Arc::new) {
            let others = self.there.keys().filter(|module| !touched.contains(module));
            jobs.extend(others.map(|module| job(module, Why::Common(Arc::clone(&common)))));
        }
        Ok(())
    }

    /// Where a module's files are in a step; `None` where it is gone.
    fn source(&self, step: &Step, module: &str) -> Option<Source> {
        let tree = *self.there.get(module)?;
        let folder = step.folders.modules.join(module).ok()?;
        Some(Source { project: step.project?, busm: busm_of(step), module: Place { folder, tree: Some(tree) } })
    }

    /// Reads what is to be looked at: first, on all threads, what was touched; then, of what follows the business-wide
    /// model, the modules that asked for what changed in it.
    fn look(&mut self, jobs: Vec<Job>, commits: usize) -> Result<Vec<Sights>, GitError> {
        let reader = self.reader;
        let read = |source: &Option<Source>| source.as_ref().map(|source| reader.version(source)).transpose();
        let versions: Vec<Read> = jobs
            .par_iter()
            .map(|job| matches!(job.why, Why::Touched).then(|| read(&job.source)).transpose())
            .collect::<Result<_, GitError>>()?;
        let mut by_module: BTreeMap<String, Vec<(Job, Read)>> = BTreeMap::new();
        for (job, version) in jobs.into_iter().zip(versions) {
            by_module.entry(job.module.clone()).or_default().push((job, version));
        }
        let asked = &self.asked;
        let seen = by_module.into_par_iter().map(|(module, jobs)| {
            let mut last = asked.get(&module).cloned();
            let mut seen = Vec::new();
            for (job, version) in jobs {
                let (version, touched) = match (version, &job.why) {
                    (Some(version), _) => (version, true),
                    (None, Why::Common(names)) if last.as_ref().is_some_and(|last| !last.asks_for(names)) => continue,
                    (None, _) => (read(&job.source)?, false),
                };
                last.clone_from(&version);
                seen.push((job.place, Seen { source: job.source, version, touched }));
            }
            Ok((module, seen, last))
        });
        let mut sights: Vec<Sights> = (0..commits).map(|_| Sights::new()).collect();
        for (module, seen, last) in seen.collect::<Result<Vec<_>, GitError>>()? {
            match last {
                Some(last) => self.asked.insert(module.clone(), last),
                None => self.asked.remove(&module),
            };
            for (place, seen) in seen {
                sights[place].insert(module.clone(), seen);
            }
        }
        Ok(sights)
    }

    /// Lets the chains see a step.
    fn see(&mut self, step: &Step, sights: Sights) -> Vec<Iteration<Source>> {
        let mut seen = BTreeMap::new();
        for (name, sight) in sights {
            let shown = match (sight.source, sight.version) {
                (Some(source), Some(version)) => self.sight(step, &name, source, &version, sight.touched),
                _ => Sight::Absent,
            };
            seen.insert(name, shown);
        }
        self.log.chains.see(&seen)
    }

    fn sight(
        &mut self,
        step: &Step,
        name: &str,
        source: Source,
        version: &Arc<Version>,
        touched: bool,
    ) -> Sight<Source> {
        self.log.open.retain(|open| open != name);
        if version.leads_out {
            self.log.open.push(name.to_owned());
        }
        let renamed_from = version.renamed_from.clone();
        let was_broken = self.log.unread.remove(name);
        if let Some(first) = version.diagnostics.iter().find(|found| found.is_error()) {
            self.log.unread.insert(name.to_owned());
            if touched || !was_broken {
                self.log.broken.push(Broken {
                    commit: step.commit,
                    subject: step.meta.subject.clone(),
                    module: name.to_owned(),
                    message: first.message.clone(),
                });
            }
            return Sight::Broken { renamed_from };
        }
        match version.state.filter(|_| version.there) {
            None => Sight::Absent,
            Some(state) => {
                self.models.insert(source.clone(), Arc::clone(version));
                Sight::Whole { state, source, renamed_from }
            }
        }
    }
    /// Works out what each of the iterations does, and adds them to the log.
    fn tell(&mut self, steps: &[Step], found: Vec<(usize, Iteration<Source>)>) -> Result<(), GitError> {
        let edges: Vec<Edge> =
            found.par_iter().map(|(_, iteration)| self.edge(iteration)).collect::<Result<_, GitError>>()?;
        for ((place, step), edge) in found.into_iter().zip(edges) {
            let commit = &steps[place];
            if self.log.commits.last().is_none_or(|last| last.id != commit.commit) {
                self.log.commits.push(Commit { id: commit.commit, meta: commit.meta.clone() });
            }
            let mut diagnostics = edge.diagnostics;
            diagnostics.extend(edge.likely.iter().filter_map(|rename| likely(&step, edge.id, rename)));
            self.log.taken.extend(&edge.taken);
            self.log.entries.push(Entry {
                commit: self.log.commits.len() - 1,
                step,
                edge: edge.id,
                short: short(&edge.deeds),
                diagnostics,
            });
        }
        Ok(())
    }

    fn edge(&self, iteration: &Iteration<Source>) -> Result<Edge, GitError> {
        let version = |source: &Option<Source>| -> Result<Option<Arc<Version>>, GitError> {
            let Some(source) = source else { return Ok(None) };
            match self.models.get(source) {
                Some(known) => Ok(Some(Arc::clone(known))),
                None => Ok(Some(self.reader.version(source)?)),
            }
        };
        let (from, to) = (version(&iteration.from)?, version(&iteration.to)?);
        let nothing = Schema::default();
        let schemas = [&from, &to].map(|version| version.as_ref().map_or(&nothing, |version| &version.schema));
        let models = if self.hints.is_empty() {
            Schema::apart(schemas[0], schemas[1])
        } else {
            // A hint may speak of anything.
            schemas.map(|schema| schema.prototype().model)
        };
        let from = End { model: &models[0], state: iteration.from_state };
        let to = End { model: &models[1], state: iteration.to_state };
        Ok(edge(from, to, self.hints))
    }
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
