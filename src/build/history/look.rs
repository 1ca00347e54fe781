//! Looks at a module in one commit after the other: what it is there, and what leads to it from the version before.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::folder::Schema;
use super::source::{Busm, Place, Reader, Source, Version};
use super::walk::Meaning;
use crate::config::FILE_NAME as SETTINGS;
use crate::config::hint::Hint;
use crate::diagnostic::Diagnostic;
use crate::diff::rename::Rename;
use crate::digest::Digest;
use crate::model::name::Name;
use crate::prototype::follow::{Sight, nothing};
use crate::prototype::migration::{End, edge};
use crate::prototype::words::short;
use crate::source::git::{GitError, Id};
use crate::source::history::Step;

/// What is needed for a look.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Reads versions.
    pub reader: &'a Reader<'a>,
    /// What `forge.toml` says about past edges.
    pub hints: &'a [Hint],
}

/// A module to be followed.
pub struct Task {
    /// Its name.
    pub module: String,
    /// What it was before.
    pub last: Last,
    /// The looks at it, in the order of the commits.
    pub jobs: Vec<Job>,
}

/// A look at a module in a commit.
pub struct Job {
    /// The commit's place among those at hand.
    pub place: usize,
    /// The tree of the module's folder; none where it is gone.
    pub tree: Option<Id>,
    /// Why it is looked at.
    pub why: Why,
}

/// Why a module is looked at.
pub enum Why {
    /// It changed, or may have.
    Touched,
    /// These tables of the business-wide model changed, for which it may have asked.
    Common(Arc<BTreeSet<Name>>),
    /// A link leads out of its folder, so that any commit may show other files.
    Open,
}

/// The last versions of a module.
#[derive(Default)]
pub struct Last {
    /// That which was looked at last.
    looked: Option<Arc<Version>>,
    /// The last one without a mistake; none where the module is not there.
    whole: Option<(Source, Arc<Version>)>,
    /// Whether a link leads out of its folder.
    pub leads_out: bool,
    /// Where the last version without a mistake is found, as long as it was not read; and whether it was looked at last.
    reached: Option<(Source, bool)>,
}

impl Last {
    /// Of a module that an earlier run has followed up to this version, which it `looked` at last or found a mistake after.
    pub fn reached(source: Source, looked: bool) -> Last {
        Last { reached: Some((source, looked)), ..Last::default() }
    }

    /// Reads the version that an earlier run reached.
    fn recall(&mut self, reader: &Reader<'_>) -> Result<(), GitError> {
        let Some((source, looked)) = self.reached.take() else { return Ok(()) };
        let version = reader.version(&source)?;
        self.looked = looked.then(|| Arc::clone(&version));
        self.whole = Some((source, version));
        Ok(())
    }
}

/// A module that was looked at.
pub struct Seen {
    /// Its name.
    pub module: String,
    /// What the commit shows.
    pub sight: Sight<Source>,
    /// The first mistake.
    pub mistake: Option<String>,
    /// Whether the commit may have changed the module's own files.
    pub touched: bool,
    /// The way here; none where the state is the same.
    pub way: Option<Way>,
}

/// What was seen of a module in the commits at hand, by their places.
pub struct Followed {
    /// Its name.
    pub module: String,
    /// What was seen, in the order of the commits.
    pub seen: Vec<(usize, Seen)>,
    /// What it leaves behind.
    pub last: Last,
}

/// An edge, as far as a log tells it.
pub struct Way {
    /// The version that it begins from.
    pub from: Option<Source>,
    /// The edge's id.
    pub edge: Digest,
    /// What it does, in a line.
    pub short: String,
    /// The hints that were meant for it.
    pub taken: Vec<usize>,
    /// Renames that were probably meant.
    pub likely: Vec<Rename>,
    /// What is wrong with the hints.
    pub diagnostics: Vec<Diagnostic>,
}

impl Look<'_> {
    /// Follows a module through `steps`, in which the business-wide model has these `meanings`; what is in doubt shows nothing.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn follow(
        &self,
        steps: &[Step],
        meanings: &[Meaning],
        doubts: &[Option<String>],
        task: Task,
    ) -> Result<Followed, GitError> {
        let Task { module, mut last, jobs } = task;
        last.recall(self.reader)?;
        let mut seen = Vec::new();
        let ends: Vec<usize> = jobs.iter().skip(1).map(|job| job.place).chain([steps.len()]).collect();
        for (job, end) in jobs.into_iter().zip(ends) {
            for place in job.place..end {
                let is_first = place == job.place;
                if let Some(doubt) = &doubts[place] {
                    seen.extend(is_first.then(|| (place, doubtful(&module, doubt))));
                    continue;
                }
                let is_due = last.leads_out || is_first && job.why.concerns(&last);
                if !is_due {
                    break;
                }
                let touched = is_first && matches!(job.why, Why::Touched);
                let there = job.tree.zip(meanings[place].as_ref());
                let found = there.and_then(|(tree, busm)| Some((source(&steps[place], &module, tree)?, busm)));
                seen.push((place, self.look(&module, &mut last, found, touched)?));
            }
        }
        Ok(Followed { module, seen, last })
    }

    fn look(
        &self,
        module: &str,
        last: &mut Last,
        found: Option<(Source, &Arc<Busm>)>,
        touched: bool,
    ) -> Result<Seen, GitError> {
        let read = |(source, busm): (Source, &Arc<Busm>)| -> Result<_, GitError> {
            let version = Arc::new(self.reader.read_over(&source, busm)?);
            Ok((source, version))
        };
        let found = found.map(read).transpose()?;
        last.looked = found.as_ref().map(|(_, version)| Arc::clone(version));
        last.leads_out = last.looked.as_ref().is_some_and(|version| version.leads_out);
        Ok(Seen { module: module.to_owned(), touched, ..self.seen(last, found) })
    }

    /// What a version shows, and the way to it from the last one.
    fn seen(&self, last: &mut Last, found: Option<(Source, Arc<Version>)>) -> Seen {
        let seen = Seen { module: String::new(), sight: Sight::Absent, mistake: None, touched: false, way: None };
        let Some((source, version)) = found else {
            return Seen { way: self.way_from(last.whole.take(), None), ..seen };
        };
        let renamed_from = version.renamed_from.clone();
        if let Some(first) = version.diagnostics.iter().find(|found| found.is_error()) {
            return Seen { sight: Sight::Broken { renamed_from }, mistake: Some(first.message.clone()), ..seen };
        }
        let Some(state) = version.state.filter(|_| version.there) else {
            return Seen { way: self.way_from(last.whole.take(), None), ..seen };
        };
        let before = last.whole.replace((source.clone(), Arc::clone(&version)));
        let way = self.way_from(before, Some(&version));
        Seen { sight: Sight::Whole { state, source, renamed_from }, way, ..seen }
    }

    /// The way from the version before; none between versions of the same state.
    fn way_from(&self, before: Option<(Source, Arc<Version>)>, after: Option<&Version>) -> Option<Way> {
        let (source, before) = before.map_or((None, None), |(source, before)| (Some(source), Some(before)));
        let [from, to] = [before.as_deref(), after].map(|version| version.and_then(|version| version.state));
        (from != to).then(|| Way { from: source, ..self.edge(before.as_deref(), after) })
    }

    /// The way from one version to another, wherever they lie.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn way(&self, from: Option<&Source>, to: Option<&Source>) -> Result<Way, GitError> {
        let version = |source: Option<&Source>| source.map(|source| self.reader.version(source)).transpose();
        Ok(Way { from: from.cloned(), ..self.edge(version(from)?.as_deref(), version(to)?.as_deref()) })
    }

    fn edge(&self, from: Option<&Version>, to: Option<&Version>) -> Way {
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
        let made = edge(from, to, self.hints);
        Way {
            from: None,
            edge: made.id,
            short: short(&made.deeds),
            taken: made.taken,
            likely: made.likely,
            diagnostics: made.diagnostics,
        }
    }
}

impl Why {
    /// Whether this is a reason to look at a module again.
    fn concerns(&self, last: &Last) -> bool {
        match (self, &last.looked) {
            (Why::Common(names), Some(looked)) => looked.asks_for(names),
            _ => true,
        }
    }
}

/// What a step shows of a module when nobody knows where its folder lies.
fn doubtful(module: &str, doubt: &str) -> Seen {
    let (sight, mistake) = (Sight::Broken { renamed_from: None }, Some(format!("`{SETTINGS}`: {doubt}")));
    Seen { module: module.to_owned(), sight, mistake, touched: true, way: None }
}

/// Where a module's files are in a step.
fn source(step: &Step, module: &str, tree: Id) -> Option<Source> {
    let folder = step.folders.modules.join(module).ok()?;
    Some(Source { project: step.project?, busm: Place::of_busm(step), module: Place { folder, tree: Some(tree) } })
}
