//! `forge show`: an entity in the terminal.

use crate::build;
use crate::cli::args::{Global, Show};
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;
use crate::concept::show::{Unknown, show};
use crate::concept::{Concept, Paths};

use super::project;

/// Runs the command.
pub fn run(global: &Global, options: &Show, ui: &Ui) -> Exit {
    let project = match project(global, ui) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let read = build::read(&project);
    let paths = Paths::default();
    read.loaded.lower_all();
    let sources = build::pieces::sources(&read.loaded);
    let concept = Concept::new(&read.config.name, None, &sources, &paths);
    let shown = show(&concept, &options.entity, options.module.as_deref(), ui.colors_data());
    // What is wrong elsewhere is no answer to the question; what is wrong at all may be why there is none.
    let wrong = read.diagnostics.iter().filter(|found| found.is_error()).count();
    match shown {
        Ok(text) => {
            ui.data(&text);
            if wrong > 0 {
                ui.say(format!("forge check has {wrong} errors to tell; what is shown may not be whole"));
            }
            Exit::Fine
        }
        Err(unknown) => {
            ui.diagnostics(&read.diagnostics, |path| project.text(path));
            ui.complain(format!("forge: {}", explain(&unknown, options)));
            Exit::Findings
        }
    }
}

fn explain(unknown: &Unknown, options: &Show) -> String {
    let (what, near) = match unknown {
        Unknown::Module(near) => (format!("there is no module `{}`", options.module.as_deref().unwrap_or("")), near),
        Unknown::Entity(near) => {
            let place = options.module.as_ref().map(|module| format!(" in module `{module}`")).unwrap_or_default();
            (format!("there is no entity `{}`{place}", options.entity), near)
        }
    };
    match near {
        Some(near) => format!("{what}; did you mean `{near}`?"),
        None => what,
    }
}
