//! `forge check`: every finding, and whether outputs are up to date; writes nothing.

use crate::build::project::Project;
use crate::build::session::Session;
use crate::build::{Mode, Progress, Report};
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
    let (report, session) = bar::with(ui, |progress| match options.staged {
        true => staged(&project, progress),
        false => once(&project, Mode::Check, progress),
    });
    if options.printed.format == Format::Json {
        ui.data(&json::report(&report, &project));
    } else {
        ui.findings(&report, &project);
        out_of_date(&report, options.staged, ui);
    }
    session.end();
    if report.has_findings() || !report.outcome.is_current() { Exit::Findings } else { Exit::Fine }
}

fn staged(project: &Project, progress: &Progress<'_>) -> (Report, Session) {
    let mut session = Session::new(project.clone());
    (session.check_staged(progress), session)
}

fn out_of_date(report: &Report, is_staged: bool, ui: &Ui) {
    let cure = if is_staged { "`forge build` and `git add` make" } else { "`forge build` makes" };
    let stale = report.outcome.written.iter().chain(&report.outcome.removed);
    for (path, change) in stale.clone() {
        ui.complain(format!("{path}: {}", json::change(*change)));
    }
    match stale.count() {
        0 if is_staged && report.outcome.total() == 0 => {
            if !report.has_findings() {
                ui.say(format!("{} no output is committed", paint(GOOD, "forge")));
            }
        }
        0 => ui.say(format!("{} {}", paint(GOOD, "forge"), tally(&report.outcome))),
        number => ui.complain(format!(
            "{} {} out of date; {cure} {} right",
            paint(BAD, "forge"),
            count(number, "output"),
            if number == 1 { "it" } else { "them" }
        )),
    }
}
