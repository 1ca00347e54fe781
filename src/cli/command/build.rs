//! `forge build`: build what changed.

use std::time::Instant;

use crate::build::{Mode, Report};
use crate::cli::args::{Build, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::ui::{BAD, DIM, GOOD, Ui, count, paint, tally};
use crate::cli::{bar, json};

use super::{once, project};

/// Runs the command.
pub fn run(global: &Global, options: &Build, ui: &Ui) -> Exit {
    let project = match project(global, ui) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let start = Instant::now();
    let (report, session) = bar::with(ui, |progress| once(&project, Mode::Write, progress));
    if options.printed.format == Format::Json {
        ui.data(&json::report(&report, &project));
    } else {
        ui.findings(&report, &project);
        if options.explain {
            explain(&report, ui);
        }
        made(&report, ui);
        summary(&report, start, ui);
    }
    session.end();
    if report.has_findings() { Exit::Findings } else { Exit::Fine }
}

/// What there is now, target by target.
fn made(report: &Report, ui: &Ui) {
    for (target, paths) in &report.targets {
        let more = match paths.len() {
            0 => continue,
            1 => String::new(),
            number => format!(" and {} more", number - 1),
        };
        ui.say(format!("  {target:<18}{}{}", paths[0], paint(DIM, more)));
    }
}

fn summary(report: &Report, start: Instant, ui: &Ui) {
    let time = paint(DIM, format!("in {:.0?}", start.elapsed()));
    let did = tally(&report.outcome);
    let said = match report.all_diagnostics().filter(|found| found.is_error()).count() {
        0 => format!("{} {did}", paint(GOOD, "forge")),
        errors if report.outcome.total() == 0 => format!("{} {}", paint(BAD, "forge"), count(errors, "error")),
        errors => format!("{} {}: {did}", paint(BAD, "forge"), count(errors, "error")),
    };
    ui.say(format!("{said} {time}"));
}

/// Why each piece was built.
fn explain(report: &Report, ui: &Ui) {
    for (path, reasons) in report.causes() {
        ui.say(format!("{path}"));
        for reason in reasons {
            ui.say(format!("  {reason}"));
        }
        if reasons.is_empty() {
            ui.say("  its text was no longer in the cache");
        }
    }
    let is_told = |path| report.reasons.contains_key(path) || report.returned.contains_key(path);
    for (path, change) in report.outcome.written.iter().filter(|(path, _)| !is_told(*path)) {
        ui.say(format!("{path}\n  the file was {}", json::change(*change)));
    }
    for (path, change) in &report.outcome.removed {
        ui.say(format!("{path}\n  removed: {}", json::change(*change)));
    }
}
