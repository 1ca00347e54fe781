//! Continues a log along the commits that it has not seen.
//!
//! A handful of commits at a time: what their modules are is read on all threads, which of them are iterations is
//! decided one commit after the other, and what each iteration does is worked out on all threads again. A module is
//! looked at where its folder changed, and where the business-wide model means something else or lies elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::log::{Broken, Commit, Entry, Log};
use super::source::{Reader, Source, Version};
use crate::config::hint::Hint;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::rename::Rename;
use crate::digest::Digest;
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::prototype::follow::{Iteration, Sight};
use crate::prototype::migration::{Edge, End, edge};
use crate::prototype::words::short;
use crate::source::git::{GitError, Id};
use crate::source::history::{Folders, Step};

/// How many commits are looked at together: enough for all threads, few enough to hold what they say in memory.
const TOGETHER: usize = 64;

/// What the commits so far leave behind for the next.
struct Walk<'a> {
    reader: &'a Reader<'a>,
    hints: &'a [Hint],
    log: &'a mut Log,
    /// The modules that there are, by name.
    there: BTreeSet<String>,
    folders: Option<Folders>,
    busm: Option<(Option<Id>, Digest)>,
    /// The schemas that the chains have reached, and those of the commits at hand.
    models: BTreeMap<Source, Arc<Version>>,
}

/// A module to look at in a commit, the place of which is given.
type Job = (usize, String, Option<Source>);

/// Takes the steps from the place `from` on into `log`; those before it are in there.
///
/// # Errors
/// When git cannot read an object.
pub fn walk(log: &mut Log, steps: &[Step], from: usize, reader: &Reader<'_>, hints: &[Hint]) -> Result<(), GitError> {
    let mut walk =
        Walk { reader, hints, log, there: BTreeSet::new(), folders: None, busm: None, models: BTreeMap::new() };
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
            if tree.is_some() {
                self.there.insert(name.clone())
            } else {
                self.there.remove(name)
            };
        }
    }

    /// The business-wide model's tree at a step, and what it means.
    fn meaning(&self, step: &Step) -> Result<Option<(Option<Id>, Digest)>, GitError> {
        let Some(project) = step.project else { return Ok(None) };
        Ok(Some((step.busm, self.reader.busm(project, &step.folders.busm)?.digest)))
    }

    fn take(&mut self, steps: &[Step]) -> Result<(), GitError> {
        let mut jobs: Vec<Job> = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            self.plan(place, step, &mut jobs)?;
        }
        let reader = self.reader;
        let versions: Vec<(&Job, Option<Arc<Version>>)> = jobs
            .par_iter()
            .map(|job| Ok((job, job.2.as_ref().map(|source| reader.version(source)).transpose()?)))
            .collect::<Result<_, GitError>>()?;
        let mut found: Vec<(usize, Iteration<Source>)> = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            let own = versions.iter().filter(|(job, _)| job.0 == place);
            let iterations = self.see(step, own);
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
        let before = self.there.clone();
        let moved = self.folders.as_ref() != Some(&step.folders);
        let same_tree = !moved && self.busm.is_some_and(|(tree, _)| tree == step.busm);
        let meaning = if same_tree { self.busm } else { self.meaning(step)? };
        let all = moved || meaning.map(|(_, digest)| digest) != self.busm.map(|(_, digest)| digest);
        self.note_modules(step);
        (self.folders, self.busm) = (Some(step.folders.clone()), meaning);
        let mut names: BTreeSet<&String> = step.modules.iter().map(|(name, _)| name).collect();
        names.extend(self.log.open.iter());
        if all {
            names.extend(before.iter().chain(&self.there));
        }
        for name in names {
            let folder = step.folders.modules.join(name).ok().filter(|_| self.there.contains(name));
            let source = folder.zip(step.project).map(|(folder, project)| Source {
                project,
                busm: step.folders.busm.clone(),
                folder,
            });
            jobs.push((place, name.clone(), source));
        }
        Ok(())
    }

    /// Lets the chains see a step.
    fn see<'v>(
        &mut self,
        step: &Step,
        versions: impl Iterator<Item = &'v (&'v Job, Option<Arc<Version>>)>,
    ) -> Vec<Iteration<Source>> {
        let mut seen = BTreeMap::new();
        for ((_, name, source), version) in versions {
            let sight = match (source, version) {
                (Some(source), Some(version)) => self.sight(step, name, source, version),
                _ => Sight::Absent,
            };
            seen.insert(name.clone(), sight);
        }
        self.log.chains.see(&seen)
    }

    fn sight(&mut self, step: &Step, name: &str, source: &Source, version: &Arc<Version>) -> Sight<Source> {
        self.log.open.retain(|open| open != name);
        if version.leads_out {
            self.log.open.push(name.to_owned());
        }
        let renamed_from = version.renamed_from.clone();
        if let Some(first) = version.diagnostics.iter().find(|found| found.is_error()) {
            self.log.broken.push(Broken {
                commit: step.commit,
                subject: step.meta.subject.clone(),
                module: name.to_owned(),
                message: first.message.clone(),
            });
            return Sight::Broken { renamed_from };
        }
        match version.state.filter(|_| version.there) {
            None => Sight::Absent,
            Some(state) => {
                self.models.insert(source.clone(), Arc::clone(version));
                Sight::Whole { state, source: source.clone(), renamed_from }
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
        let nothing = Model::default();
        let model = |version: &Option<Arc<Version>>| {
            version.clone().map_or_else(|| nothing.clone(), |it| it.prototype.model.clone())
        };
        let (from, to) = (model(&from), model(&to));
        let from = End { model: &from, state: iteration.from_state };
        let to = End { model: &to, state: iteration.to_state };
        Ok(edge(from, to, self.hints))
    }
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
            .help(format!("if so, write into `forge.toml`:\n{lines}")),
    )
}
