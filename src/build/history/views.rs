//! The iterations of all modules as outputs need them: in files, and in a timeline.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::Past;
use super::draft::{Draft, Side, draft};
use super::log::Commit;
use super::step::Steps;
use super::time::{day, stamps};
use crate::build::load::Loaded;
use crate::config::Config;
use crate::config::layout::Layout;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::Loss;
use crate::digest::Digest;
use crate::memo::Memo;
use crate::prototype::follow::Iteration;
use crate::prototype::looks_renamed;
use crate::render::iteration::{CommitView, IterationView, StepView, TimelineItem, TimelineView};
use crate::source::git::GitError;

/// The iterations of all modules.
#[derive(Debug, Default)]
pub struct Iterations {
    /// Each module's, by its name; of modules that are gone, too.
    pub modules: BTreeMap<String, Vec<Item>>,
    /// Whether the history could not be read, so that what is there of migrations has to stay.
    pub unknown: bool,
}

/// An iteration of a module.
#[derive(Debug, Serialize)]
pub struct Item {
    /// Its number.
    pub number: u32,
    /// The digest of what that is made from.
    pub made_from: Digest,
    /// What it does.
    #[serde(skip)]
    pub step: Arc<StepView>,
    /// Its timestamp; none for a draft.
    pub stamp: Option<String>,
    /// What a timeline tells of its commit; none for a draft.
    pub commit: Option<CommitView>,
}

/// Reads the history of the project and works out what each iteration does. Where there is none to be read, a finding
/// says why, and what to do.
pub fn iterations(
    config: &Config,
    past: Result<Option<Past>, GitError>,
    loaded: &Loaded,
    memo: &Memo,
    diagnostics: &mut Vec<Diagnostic>,
) -> Iterations {
    let unknown = Iterations { unknown: true, ..Iterations::default() };
    let past = match past {
        Ok(Some(past)) => past,
        Ok(None) => {
            diagnostics.push(
                Diagnostic::new(
                    Severity::Note,
                    "no-history",
                    "there are no iterations, since the project is not in a git repository",
                )
                .help("`git init` makes it one; each commit that changes a module's schema is an iteration then"),
            );
            return unknown;
        }
        Err(error) => {
            diagnostics.push(unread(&error));
            return unknown;
        }
    };
    diagnostics.extend(past.findings(config));
    let draft = draft(&past.log, loaded);
    let steps = || Steps::new(&past, &loaded.modules, &config.hints, memo);
    match modules(&past, &draft, steps) {
        Ok(modules) => {
            diagnostics.extend(draft.steps.iter().flat_map(|step| losses(step, &modules, loaded)));
            diagnostics.extend(moved(&draft, &steps(), loaded));
            diagnostics.extend(later(config, &draft));
            Iterations { modules, unknown: false }
        }
        Err(error) => {
            diagnostics.push(unread(&error));
            unknown
        }
    }
}

/// Where a draft may lose data for want of a hint: once it is committed, its schema files cannot be mended any more.
fn losses(step: &Iteration<Side>, modules: &BTreeMap<String, Vec<Item>>, loaded: &Loaded) -> Vec<Diagnostic> {
    let item = modules.get(&step.module).and_then(|items| items.iter().find(|item| item.number == step.number));
    let told = |Loss { object, found }: &Loss| {
        let module = loaded.modules.get(&step.module);
        let place = module.and_then(|module| module.view.lowered().origins.get(object).cloned());
        // Nobody has to answer a question before the change is done.
        let severity = if found.code == "likely-rename" { Severity::Note } else { found.severity };
        place.into_iter().fold(Diagnostic { severity, ..found.clone() }, |found, span| found.at(span, ""))
    };
    item.iter().flat_map(|item| &item.step.losses).map(told).collect()
}

/// The modules that a draft makes while another one goes with most of the same tables: a rename that nobody says drops them.
fn moved(draft: &Draft, steps: &Steps<'_>, loaded: &Loaded) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for old in draft.steps.iter().filter(|step| step.to.is_none()) {
        let Ok(before) = steps.prototype(old.from.as_ref()) else { continue };
        for new in draft.steps.iter().filter(|step| step.number == 1) {
            let Some(module) = loaded.modules.get(&new.module) else { continue };
            if !looks_renamed(before.model.tables.keys(), module.view.model().tables.keys()) {
                continue;
            }
            let (old, new) = (&old.module, &new.module);
            let message =
                format!("the module `{old}` goes with its tables, and `{new}` makes them anew: was it renamed?");
            let help =
                format!("if so, write `renamed_from = {old:?}` into the `module.toml` of `{new}` before the commit");
            found.push(Diagnostic::new(Severity::Note, "likely-rename", message).help(help));
        }
    }
    found
}

/// What is said of drafts where files are named by the time of a commit.
fn later(config: &Config, draft: &Draft) -> Option<Diagnostic> {
    let (layout, _) = Layout::ALL.iter().find(|(_, layout)| *layout == config.layout && *layout != Layout::Forge)?;
    let first = draft.steps.first()?;
    let message = format!(
        "what is new in `{}` has no migration yet: `{layout}` names it by the time of its commit",
        first.module
    );
    let help = format!("build again after the commit; until then `forge log {} draft` prints it", first.module);
    Some(Diagnostic::new(Severity::Note, "no-migration-yet", message).help(help))
}

/// What is said of a history that cannot be read: the other stages do not need it.
fn unread(error: &GitError) -> Diagnostic {
    let found = error.diagnostic();
    let message = format!("migrations stay as they are: {}", found.message);
    let severity = if error.hides_history() { Severity::Warning } else { Severity::Note };
    Diagnostic { severity, message, ..found }
}

/// A step with what is known of its commit.
struct Known<'a> {
    module: &'a str,
    step: Iteration<Side>,
    stamp: Option<String>,
    commit: Option<&'a Commit>,
}

fn modules<'a>(
    past: &Past,
    draft: &Draft,
    steps: impl Fn() -> Steps<'a> + Sync + Send,
) -> Result<BTreeMap<String, Vec<Item>>, GitError> {
    let mut known = Vec::new();
    for (name, chain) in &draft.chains.by_name {
        let commits: Vec<&Commit> = past.log.chain(chain.id).map(|entry| &past.log.commits[entry.commit]).collect();
        let stamps = stamps(commits.iter().map(|commit| commit.meta.authored));
        for (place, step) in draft.steps_of(&past.log, chain).into_iter().enumerate() {
            let (stamp, commit) = (stamps.get(place).cloned(), commits.get(place).copied());
            known.push(Known { module: name, step, stamp, commit });
        }
    }
    steps().prepare(known.iter().map(|known| &known.step))?;
    let items: Vec<(String, Item)> = known
        .into_par_iter()
        // Neighbours are read one after the other, each from what it has in common with the one before.
        .map_init(steps, |steps, known| {
            let commit = known.commit.map(|commit| CommitView {
                subject: commit.meta.subject.clone(),
                author: commit.meta.author.name.clone(),
                date: day(commit.meta.authored),
            });
            let (made_from, step) = steps.view(&known.step)?;
            let Known { module, step: Iteration { number, .. }, stamp, .. } = known;
            Ok((module.to_owned(), Item { number, made_from, step, stamp, commit }))
        })
        .collect::<Result<_, GitError>>()?;
    let mut modules: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for (name, item) in items {
        modules.entry(name).or_default().push(item);
    }
    Ok(modules)
}

impl Iterations {
    /// The view of one iteration.
    pub fn iteration(&self, project: &str, module: &str, place: usize) -> Option<IterationView> {
        let item = self.modules.get(module)?.get(place)?;
        let step = StepView::clone(&item.step);
        Some(IterationView { project: project.to_owned(), module: module.to_owned(), number: item.number, step })
    }

    /// The timeline of a module, newest first. The last iteration's commit is left out: its file is a part of it.
    pub fn timeline(&self, project: &str, module: &str, title: Option<&str>) -> Option<TimelineView> {
        let items = self.modules.get(module)?.iter().rev().enumerate();
        let iterations = items.map(|(place, item)| TimelineItem {
            number: item.number,
            step: StepView::clone(&item.step),
            commit: item.commit.clone().filter(|_| place > 0),
        });
        Some(TimelineView {
            project: project.to_owned(),
            module: module.to_owned(),
            title: title.unwrap_or(module).to_owned(),
            iterations: iterations.collect(),
        })
    }
}
