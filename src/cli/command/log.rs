//! `forge log`: the iterations of modules, and the migration of one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};

use crate::build::history::draft::{draft, past};
use crate::build::history::log::{Broken, Commit, Entry};
use crate::build::history::step::Steps;
use crate::build::history::time::{day, full};
use crate::build::history::{self, Past};
use crate::build::project::Project;
use crate::build::{self, ENGINE};
use crate::cli::args::{Format, Global, Log};
use crate::cli::exit::Exit;
use crate::cli::ui::{DIM, Ui, count, paint};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::memo::Memo;
use crate::render::engine::Engine;
use crate::render::iteration::{IterationView, StepView};

/// Runs the command.
pub fn run(global: &Global, options: &Log, ui: &Ui) -> Exit {
    let project = match Project::find_past(&global.project) {
        Ok(project) => project,
        Err(error) => {
            ui.complain(format!("forge: {error}"));
            return Exit::Failed;
        }
    };
    let (config, diagnostics) = build::past_settings(&project);
    ui.diagnostics(&diagnostics, |path| project.text(path));
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Exit::Findings;
    }
    let past = match history::read(&project, &config, &history::tips(&project, &config)) {
        Ok(Some(past)) => past,
        Ok(None) => {
            ui.complain(
                "forge: the project is not in a git repository, so it has no iterations; `git init` makes it one",
            );
            return Exit::Failed;
        }
        Err(error) => {
            ui.diagnostics(&[error.diagnostic()], |_| None);
            return Exit::Failed;
        }
    };
    let shown = Shown { project: &project, config: &config, past: &past, ui };
    let exit = match (&options.module, &options.number) {
        (Some(module), Some(number)) => shown.migration(module, number, options.printed.format),
        (module, _) => shown.list(module.as_deref(), options.printed.format),
    };
    // The process ends here.
    std::mem::forget(past);
    exit
}

/// So many commits that hold a mistake are named where nobody asked for a module.
const FEW: usize = 5;

/// About as many bytes as an iteration takes in a table.
const LINES: usize = 120;

/// What is said about a version that holds a mistake.
fn unread(broken: &Broken) -> Diagnostic {
    let Broken { module, subject, message, .. } = broken;
    let commit = &broken.commit.short()[..8];
    let message = format!("`{module}` of commit {commit} ({subject}) cannot be read: {message}");
    Diagnostic::new(Severity::Note, "broken-commit", message).help("what it changed is a part of the next iteration")
}

/// What is shown from.
struct Shown<'a> {
    project: &'a Project,
    config: &'a Config,
    past: &'a Past,
    ui: &'a Ui,
}

impl Shown<'_> {
    /// The iterations of one module, or of all.
    fn list(&self, module: Option<&str>, format: Format) -> Exit {
        let chains = &self.past.log.chains.by_name;
        let wanted: BTreeMap<u32, &str> = chains
            .iter()
            .filter(|(name, _)| module.is_none_or(|module| module == *name))
            .map(|(name, chain)| (chain.id, name.as_str()))
            .collect();
        if let Some(module) = module.filter(|_| wanted.is_empty()) {
            return self.no_module(module);
        }
        let entries = self.past.log.entries.iter().filter_map(|entry| Some((*wanted.get(&entry.step.chain)?, entry)));
        let mut entries: Vec<(&str, &Entry)> = entries.collect();
        entries.sort_by_key(|(name, entry)| (*name, entry.step.number));
        match format {
            Format::Json => {
                let items: Vec<Value> = entries.iter().map(|(name, entry)| self.json(name, entry)).collect();
                self.ui.data(&format!("{:#}\n", Value::Array(items)));
            }
            Format::Human => self.ui.data(&self.table(&entries)),
        }
        self.findings(&wanted, module.is_some())
    }

    fn commit(&self, entry: &Entry) -> &Commit {
        &self.past.log.commits[entry.commit]
    }

    /// A table for each module: number, edge, commit, date, author, what changes, subject.
    fn table(&self, entries: &[(&str, &Entry)]) -> String {
        let mut text = String::with_capacity(entries.len() * LINES);
        let mut before = None;
        let width = entries.iter().map(|(_, entry)| entry.step.number.to_string().len()).max().unwrap_or(1);
        for (name, entry) in entries {
            if before != Some(*name) {
                let gap = if before.is_some() { "\n" } else { "" };
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{gap}{name}");
                before = Some(*name);
            }
            let commit = self.commit(entry);
            let (edge, id) = (entry.edge.short(), &commit.id.short()[..8]);
            let line = format!("{id}  {}  {}", day(commit.meta.authored), commit.meta.subject);
            let _ = writeln!(text, "  {:>width$}  {}  {line}", entry.step.number, paint(DIM, edge));
            let _ = writeln!(text, "  {:>width$}  {}", "", entry.short);
        }
        text
    }

    fn json(&self, name: &str, entry: &Entry) -> Value {
        let commit = self.commit(entry);
        json!({
            "module": name,
            "number": entry.step.number,
            "edge": entry.edge.to_string(),
            "from": entry.step.from.as_ref().map(|_| entry.step.from_state.to_string()),
            "to": entry.step.to.as_ref().map(|_| entry.step.to_state.to_string()),
            "commit": commit.id.to_string(),
            "date": full(commit.meta.authored),
            "author": { "name": commit.meta.author.name, "email": commit.meta.author.email },
            "subject": commit.meta.subject,
            "was": (entry.step.module != name).then_some(&entry.step.module),
            "changes": entry.short,
        })
    }

    /// What the history has that should be known, of these chains: of a module that was asked for each commit that holds a
    /// mistake, of all together how many there are.
    fn findings(&self, wanted: &BTreeMap<u32, &str>, one: bool) -> Exit {
        let mut found = self.past.findings(self.config);
        let names: BTreeSet<&str> = wanted.values().copied().collect();
        let broken = self.past.log.broken.iter().filter(|broken| names.contains(broken.module.as_str()));
        let broken: Vec<&Broken> = broken.collect();
        if one || broken.len() <= FEW {
            found.extend(broken.into_iter().map(unread));
        } else {
            let modules: BTreeSet<&str> = broken.iter().map(|broken| broken.module.as_str()).collect();
            let message = format!("{} versions of {} cannot be read", broken.len(), count(modules.len(), "module"));
            found
                .push(Diagnostic::new(Severity::Note, "broken-commit", message).help(
                    "what they changed is a part of the next iterations; `forge log MODULE` says which they are",
                ));
        }
        self.ui.diagnostics(&found, |path| self.project.text(path));
        let wrong = |found: &Diagnostic| found.severity != Severity::Note;
        if found.iter().any(wrong) { Exit::Findings } else { Exit::Fine }
    }

    /// The migration of one iteration, or of the draft.
    fn migration(&self, module: &str, number: &str, format: Format) -> Exit {
        let memo = Memo::open(&self.project.cache.shared, ENGINE);
        let read;
        let nothing = BTreeMap::new();
        let (here, step, commit) = if number == "draft" {
            read = build::read(self.project);
            let found = draft(&self.past.log, &read.loaded).steps.into_iter().find(|step| step.module == module);
            (&read.loaded.modules, found, None)
        } else {
            let Some(chain) = self.past.log.chains.by_name.get(module) else { return self.no_module(module) };
            let entry = self.past.log.chain(chain.id).find(|entry| entry.step.number.to_string() == number);
            (&nothing, entry.map(|entry| past(&entry.step)), entry.map(|entry| self.commit(entry)))
        };
        let Some(step) = step else {
            let last = self.past.log.chains.by_name.get(module).map_or(0, |chain| chain.number);
            self.ui.complain(match number {
                "draft" => format!("forge: `{module}` has no draft: the working tree is what the mainline has"),
                _ => format!("forge: `{module}` has the iterations 1 to {last}, and `draft` when something is new"),
            });
            return Exit::Findings;
        };
        let steps = Steps::new(self.past, here, &self.config.hints, &memo);
        let view = match steps.view(&step) {
            Ok((_, view)) => StepView::clone(&view),
            Err(error) => {
                self.ui.diagnostics(&[error.diagnostic()], |_| None);
                return Exit::Failed;
            }
        };
        // What was worked out need not be worked out again.
        let _ = memo.commit();
        let view = IterationView {
            project: self.config.name.clone(),
            module: module.to_owned(),
            number: step.number,
            step: view,
        };
        match format {
            Format::Json => {
                self.ui.data(&format!("{:#}\n", json!({ "number": view.number, "module": module, "step": view.step })));
                Exit::Fine
            }
            Format::Human => self.sql(&view, commit),
        }
    }

    /// The migration as SQL, with its commit, which the file does not tell.
    fn sql(&self, view: &IterationView, commit: Option<&Commit>) -> Exit {
        match Engine::new(BTreeMap::new()).render("prototype/iteration.sql", view) {
            Ok(rendered) => {
                let head = commit.map(|commit| {
                    let author = &commit.meta.author;
                    format!(
                        "-- Commit {}, {}, {} <{}>\n-- {}\n",
                        commit.id,
                        full(commit.meta.authored),
                        author.name,
                        author.email,
                        commit.meta.subject
                    )
                });
                self.ui.data(&(head.unwrap_or_default() + &rendered.text.to_string()));
                Exit::Fine
            }
            Err(error) => {
                self.ui.complain(format!("forge: {error}"));
                Exit::Failed
            }
        }
    }

    fn no_module(&self, module: &str) -> Exit {
        let names = self.past.log.chains.by_name.keys().map(String::as_str);
        let near = nearest(module, names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        self.ui.complain(format!("forge: the mainline has no iteration of a module `{module}`{near}"));
        Exit::Findings
    }
}
