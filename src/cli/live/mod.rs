//! How `forge watch` shows what it does: on a terminal ([`screen`]), as appended lines, or as JSON events.

mod line;
mod screen;
pub mod terminal;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::args::Format;
use super::json as documents;
use super::ui::{DIM, GOOD, Ui, count, paint};
use crate::build::Report;
use crate::build::project::Project;
use crate::diagnostic::Diagnostic;
use crate::output::Outcome;
pub use line::causes;
use screen::Screen;

/// One build that is shown.
pub struct Built {
    /// What it did, and what came of it.
    pub report: Report,
    /// How long it took.
    pub took: Duration,
    /// The files in which something had changed.
    pub files: Vec<String>,
}

/// Where builds are shown.
pub struct Live<'a> {
    ui: &'a Ui,
    project: Project,
    kind: Kind,
    /// The diagnostics that stand there.
    shown: BTreeSet<Diagnostic>,
}

enum Kind {
    Screen(Screen),
    Lines,
    Json,
}

/// What of the surroundings is worth knowing.
pub struct Around {
    /// How many folders are watched.
    pub folders: usize,
    /// Why forge looks from time to time, if it does.
    pub polling: Option<Diagnostic>,
}

impl<'a> Live<'a> {
    /// The place that the arguments ask for, as far as there is one.
    pub fn start(ui: &'a Ui, project: &Project, format: Format, clear: bool) -> Live<'a> {
        let kind = match format {
            Format::Json => Kind::Json,
            Format::Human if ui.is_watched() => Kind::Screen(Screen::new(clear)),
            Format::Human => Kind::Lines,
        };
        Live { ui, project: project.clone(), kind, shown: BTreeSet::new() }
    }

    /// Whether keys are read.
    pub fn takes_keys(&self) -> bool {
        matches!(self.kind, Kind::Screen(_))
    }

    /// Whether a build has anything to show: work that was done, or diagnostics that were not there before or are gone; or that
    /// it `is_anew`, made from something else: who saves a file sees that it was looked at.
    pub fn is_news(&self, report: &Report, is_anew: bool) -> bool {
        is_anew || report.outcome.has_done() || found(report) != self.shown
    }

    /// Draws what stands again, where the terminal has another size or was `given_back`.
    pub fn renew(&mut self, given_back: bool) {
        if let Kind::Screen(screen) = &mut self.kind {
            screen.renew(self.ui, given_back);
        }
    }

    /// Says something beside the builds.
    pub fn say(&mut self, line: String) {
        self.lines(&[line]);
    }

    /// The errors of a build that do not stand there yet.
    pub fn has_new_errors(&self, report: &Report) -> bool {
        report.all_diagnostics().any(|found| found.is_error() && !self.shown.contains(found))
    }

    /// Says that the watch is on; gives whether anybody still reads.
    pub fn watching(&mut self, around: &Around) -> bool {
        match &mut self.kind {
            Kind::Json => {
                let polling = around.polling.as_ref().map(|found| documents::diagnostic(found, |_| None));
                return self.ui.event(&json!({ "event": "watching", "folders": around.folders, "polling": polling }));
            }
            Kind::Lines => {
                self.ui.diagnostics(around.polling.as_slice(), |_| None);
                self.ui.say(paint(DIM, format!("watching {}; Ctrl-C ends it", self.project.root.display())));
            }
            Kind::Screen(screen) => {
                screen.set_notes(self.ui.drawn(around.polling.as_slice(), |_| None));
                screen.draw(self.ui);
            }
        }
        true
    }

    /// Shows a build; gives whether anybody still reads.
    pub fn built(&mut self, built: &Built) -> bool {
        let before = std::mem::replace(&mut self.shown, found(&built.report));
        let line = line::of(built);
        match &mut self.kind {
            Kind::Json => return self.ui.event(&event("built", built, &self.project)),
            Kind::Lines => {
                if self.shown != before {
                    self.ui.findings(&built.report, &self.project);
                }
                return self.ui.tell(line);
            }
            Kind::Screen(screen) => {
                let found: Vec<Diagnostic> = self.shown.iter().cloned().collect();
                screen.set_findings(self.ui.drawn(&found, |path| built.report.text(path, &self.project)));
                screen.append(self.ui, &line);
            }
        }
        true
    }

    /// Shows how a build from scratch compares with what is there.
    pub fn compared(&mut self, outputs: &Outcome, took: Duration) {
        let changes = outputs.written.iter().chain(&outputs.removed);
        let mut lines: Vec<String> =
            changes.map(|(path, change)| format!("  {path}: {}", documents::change(*change))).collect();
        let mut verdict = if lines.is_empty() {
            format!("from scratch: {}, the same bytes", count(outputs.unchanged, "output"))
        } else {
            format!("from scratch: {} of {} differ", lines.len(), count(lines.len() + outputs.unchanged, "output"))
        };
        if outputs.kept > 0 {
            verdict.push_str(&format!("; {} are left out", outputs.kept));
        }
        lines.insert(0, line::timed(&verdict, took));
        self.lines(&lines);
    }

    /// Shows why the last build that changed any output did.
    pub fn why(&mut self, report: &Report) {
        let mut lines: Vec<String> = Vec::new();
        for (path, reasons) in report.causes() {
            lines.push(paint(GOOD, path));
            lines.extend(reasons.iter().map(|reason| format!("  {reason}")));
        }
        if lines.is_empty() {
            lines.push("nothing has changed since the watch began".to_owned());
        }
        self.lines(&lines);
    }

    /// Leaves the screen as it should stay.
    pub fn end(&mut self) {
        if let Kind::Screen(screen) = &mut self.kind {
            screen.end(self.ui);
        }
    }

    fn lines(&mut self, lines: &[String]) {
        match &mut self.kind {
            Kind::Screen(screen) => screen.append(self.ui, &lines.join("\n")),
            Kind::Lines | Kind::Json => lines.iter().for_each(|line| self.ui.say(line)),
        }
    }
}

fn found(report: &Report) -> BTreeSet<Diagnostic> {
    report.all_diagnostics().cloned().collect()
}

/// A build of `project` as an event: its report, with the time and the cause.
fn event(name: &str, built: &Built, project: &Project) -> Value {
    let mut event = documents::document(&built.report, project);
    event["event"] = json!(name);
    event["time"] = json!(super::clock::time_of_day());
    event["milliseconds"] = json!((built.took.as_secs_f64() * 10_000.0).round() / 10.0);
    event["causes"] = json!(causes(built));
    event
}
