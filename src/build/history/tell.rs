//! Tells a log what was seen in the commits, one after the other: which of them are iterations.

use std::collections::BTreeMap;

use super::log::{Broken, Commit, Entry, Log};
use super::look::{Look, Seen, Way};
use super::source::Source;
use crate::config::hint::Hint;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::rename::Rename;
use crate::digest::Digest;
use crate::model::id::ObjectId;
use crate::model::name::Ident;
use crate::prototype::follow::{Iteration, Sight};
use crate::prototype::looks_renamed;
use crate::source::git::GitError;
use crate::source::history::Step;

/// A log that is continued.
pub struct Teller<'a> {
    /// Finds the way where nobody walked it.
    pub look: Look<'a>,
    /// The log.
    pub log: &'a mut Log,
}

impl Teller<'_> {
    /// Takes what was `seen` of modules, by their names, in each of the steps.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn tell(&mut self, steps: &[Step], seen: Vec<Vec<Seen>>) -> Result<(), GitError> {
        for (step, seen) in steps.iter().zip(seen) {
            self.tell_step(step, seen)?;
        }
        Ok(())
    }

    fn tell_step(&mut self, step: &Step, seen: Vec<Seen>) -> Result<(), GitError> {
        let (mut sights, mut ways) = (BTreeMap::new(), BTreeMap::new());
        for mut seen in seen {
            self.rename(&mut seen);
            self.note(step, &seen);
            ways.extend(seen.way.map(|way| (seen.module.clone(), way)));
            sights.insert(seen.module, seen.sight);
        }
        let iterations = self.log.chains.see(&sights);
        if !iterations.is_empty() {
            self.log.commits.push(Commit { id: step.commit, meta: step.meta.clone() });
        }
        let moved = self.moved(&iterations)?;
        for iteration in iterations {
            let way = match ways.remove(&iteration.module).filter(|way| way.from == iteration.from) {
                Some(way) => way,
                // After a rename.
                None => self.look.way(iteration.from.as_ref(), iteration.to.as_ref())?,
            };
            let old = moved.get(&iteration.module);
            let (at, hint) = self.of_module(way.edge).unzip();
            let asked = old.filter(|_| hint.is_none_or(|hint| !hint.is_new));
            let asked = asked.map(|old| likely_module(&iteration, way.edge, old));
            // One that was followed led to another edge.
            let unused = hint.filter(|hint| !hint.is_new || old.is_none()).map(|hint| unused(&iteration, hint));
            self.log.taken.extend(at);
            self.add(iteration, way);
            if let Some(entry) = self.log.entries.last_mut() {
                entry.diagnostics.extend(unused.into_iter().chain(asked));
            }
        }
        Ok(())
    }

    /// Says what a module was called before, where `forge.toml` does and the commit does not.
    fn rename(&mut self, seen: &mut Seen) {
        let (Sight::Whole { renamed_from: said @ None, .. }, Some(way)) = (&mut seen.sight, &seen.way) else { return };
        if let Some((at, hint)) = way.from.is_none().then(|| self.of_module(way.edge)).flatten() {
            said.clone_from(&hint.renamed_from.as_ref().map(|old| old.as_str().to_owned()));
            self.log.taken.push(at);
        }
    }

    /// The hint about the module whose first edge this is.
    fn of_module(&self, edge: Digest) -> Option<(usize, &Hint)> {
        let edge = edge.to_string();
        let mut hints = self.look.hints.iter().enumerate();
        hints.find(|(_, hint)| hint.entity.is_none() && edge.starts_with(&hint.edge))
    }

    /// The modules that come in a commit in which another one goes with most of the same tables, each with that one.
    fn moved(&self, iterations: &[Iteration<Source>]) -> Result<BTreeMap<String, String>, GitError> {
        let mut moved = BTreeMap::new();
        let tables =
            |source: &Source| Ok::<_, GitError>(self.look.reader.version(source)?.schema.prototype().model.tables);
        for old in iterations.iter().filter(|step| step.to.is_none()) {
            for new in iterations.iter().filter(|step| step.number == 1) {
                let (Some(from), Some(to)) = (&old.from, &new.to) else { continue };
                if looks_renamed(tables(from)?.keys(), tables(to)?.keys()) {
                    moved.insert(new.module.clone(), old.module.clone());
                }
            }
        }
        Ok(moved)
    }

    /// Notes which modules hold a mistake.
    fn note(&mut self, step: &Step, seen: &Seen) {
        let was_broken = self.log.unread.remove(&seen.module);
        let Some(message) = &seen.mistake else { return };
        self.log.unread.insert(seen.module.clone());
        if seen.touched || !was_broken {
            let (commit, subject, module) = (step.commit, step.meta.subject.clone(), seen.module.clone());
            self.log.broken.push(Broken { commit, subject, module, message: message.clone() });
        }
    }

    /// Adds an iteration of the log's last commit.
    fn add(&mut self, step: Iteration<Source>, way: Way) {
        let mut diagnostics = way.diagnostics;
        diagnostics.extend(way.likely.iter().filter_map(|rename| likely(&step, way.edge, rename)));
        self.log.taken.extend(way.taken);
        let commit = self.log.commits.len() - 1;
        self.log.entries.push(Entry { commit, step, edge: way.edge, short: way.short, diagnostics });
    }
}

/// What is said about a hint for a module that has no other name by it.
fn unused(step: &Iteration<Source>, hint: &Hint) -> Diagnostic {
    let message = format!("the step does not do to the module `{}` what the hint speaks of", step.module);
    Diagnostic::warning("unused-hint", hint.span.clone(), message)
}

/// What is said about a module that was probably renamed, with the hint to paste.
fn likely_module(step: &Iteration<Source>, edge: Digest, old: &str) -> Diagnostic {
    let message = format!(
        "iteration {} of `{}` makes what `{old}` dropped in the same commit with its data: was the module renamed?",
        step.number, step.module
    );
    let lines = format!("[[hint]]\nedge = \"{}\"\nrenamed_from = {old:?}", edge.short());
    Diagnostic::new(Severity::Note, "likely-rename", message)
        .help(format!("if so, write into `forge.toml`; if not, with `renamed_from = false`:\n{lines}"))
}

/// What is said about a rename that was probably meant, with the hint to paste.
fn likely(step: &Iteration<Source>, edge: Digest, rename: &Rename) -> Option<Diagnostic> {
    let (entity, field, old) = match (&rename.to, &rename.from) {
        (ObjectId::Table(name), ObjectId::Table(old)) if old.schema != name.schema => {
            let schema = old.schema.as_ref().map_or("public", Ident::as_str);
            (name, None, format!("{schema}.{}", old.name.as_str()))
        }
        (ObjectId::Table(name), ObjectId::Table(old)) => (name, None, old.name.as_str().to_owned()),
        (ObjectId::Column(table, name), ObjectId::Column(_, old)) => (table, Some(name), old.as_str().to_owned()),
        _ => return None,
    };
    let entity = match &entity.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), entity.name.as_str()),
        None => entity.name.as_str().to_owned(),
    };
    let mut lines = format!("[[hint]]\nedge = \"{}\"\nentity = {entity:?}\n", edge.short());
    lines.extend(field.map(|field| format!("field = {:?}\n", field.as_str())));
    lines.push_str(&format!("renamed_from = {old:?}"));
    let message = format!(
        "iteration {} of `{}` makes {} and drops `{old}` with its data: was it renamed?",
        step.number, step.module, rename.to
    );
    Some(
        Diagnostic::new(Severity::Note, "likely-rename", message)
            .help(format!("if so, write into `forge.toml`; if not, with `renamed_from = false`:\n{lines}")),
    )
}
