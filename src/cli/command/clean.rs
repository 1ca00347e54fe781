//! `forge clean`: remove forge's outputs and its cache, and nothing else.

use crate::build;
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::ui::{GOOD, Ui, count, paint};
use crate::diagnostic::Diagnostic;
use crate::output::Outputs;
use crate::output::clean::clean_cache;

use super::project;

/// Runs the command.
pub fn run(global: &Global, ui: &Ui) -> Exit {
    let project = match project(global, ui) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let (config, diagnostics) = build::settings(&project);
    if diagnostics.iter().any(Diagnostic::is_error) {
        ui.diagnostics(&diagnostics, |path| project.text(path));
        ui.complain("forge: without its settings the project's output folder is not known; nothing was removed");
        return Exit::Findings;
    }
    let outcome = Outputs::open(&project.root, &config.output, &project.cache.local).clean();
    ui.diagnostics(&outcome.findings, |path| project.text(path));
    // The shared cache holds values of every worktree, and whatever they need is computed again.
    let cache = clean_cache(&[&project.cache.local, &project.cache.shared]);
    let removed = count(outcome.removed.len(), "output");
    match cache {
        Ok(kept) => {
            ui.say(format!("{} removed {removed} and the cache", paint(GOOD, "forge")));
            for folder in &kept {
                ui.complain(format!("outputs that were edited by hand stay in {}", folder.display()));
            }
            if outcome.findings.is_empty() { Exit::Fine } else { Exit::Findings }
        }
        Err(error) => {
            ui.complain(format!("forge: removed {removed}, but not the cache: {error}"));
            Exit::Failed
        }
    }
}
