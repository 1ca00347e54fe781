//! `forge check`: every finding, and whether outputs are up to date; writes nothing.

use crate::build::{Mode, Report};
use crate::cli::args::{Check, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::ui::{BAD, GOOD, Ui, count, paint, tally};
use crate::cli::{bar, json};

use super::{once, project};

/// Runs the command.
pub fn run(global: &Global, options: &Check, ui: &Ui) -> Exit {
    let project = match project(global, ui) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let (report, session) = bar::with(ui, |progress| once(&project, Mode::Check, progress));
    if options.printed.format == Format::Json {
        ui.data(&json::report(&report, &project));
    } else {
        ui.findings(&report, &project);
        out_of_date(&report, ui);
    }
    session.end();
    if report.has_findings() || !report.outcome.is_current() { Exit::Findings } else { Exit::Fine }
}

fn out_of_date(report: &Report, ui: &Ui) {
    let stale = report.outcome.written.iter().chain(&report.outcome.removed);
    for (path, change) in stale.clone() {
        ui.complain(format!("{path}: {}", json::change(*change)));
    }
    match stale.count() {
        0 => ui.say(format!("{} {}", paint(GOOD, "forge"), tally(&report.outcome))),
        number => ui.complain(format!(
            "{} {} out of date; `forge build` makes {} right",
            paint(BAD, "forge"),
            count(number, "output"),
            if number == 1 { "it" } else { "them" }
        )),
    }
}
