//! The one place that prints.

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use super::args::{Global, When};
use crate::build::Report;
use crate::build::project::Project;
use crate::diagnostic::{Diagnostic, Severity, draw};
use crate::output::Outcome;
use crate::path::RepoPath;

/// How a run talks to its caller.
pub struct Ui {
    color: bool,
    quiet: bool,
}

/// A word that stands out.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// A word that warns.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// A word in the background.
pub const DIM: Style = Style::new().dimmed();

impl Ui {
    /// As the arguments and the environment want it.
    pub fn new(global: &Global) -> Ui {
        match global.color {
            When::Auto => {}
            When::Always => anstream::ColorChoice::Always.write_global(),
            When::Never => anstream::ColorChoice::Never.write_global(),
        }
        let color = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        Ui { color, quiet: global.quiet }
    }

    /// Whether somebody is looking, so that progress may be drawn.
    pub fn is_watched(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Prints data: on standard output, whole, or not at all when nobody reads it any more.
    pub fn data(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        let written = if out.current_choice() == anstream::ColorChoice::Never {
            // At once: the stream would write each stretch between two colours by itself.
            let mut out = out.into_inner();
            out.write_all(anstream::adapter::strip_str(text).to_string().as_bytes()).and_then(|()| out.flush())
        } else {
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        };
        // A closed pipe is the reader's wish; there is nobody left to tell.
        let _ = written;
    }

    /// Says how things go, unless nobody wants to know.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.line(text.as_ref());
        }
    }

    /// As [`Ui::say`]; gives whether anybody still reads.
    pub fn tell(&self, text: impl AsRef<str>) -> bool {
        self.quiet || self.line(text.as_ref())
    }

    /// Says what must be heard.
    pub fn complain(&self, text: impl AsRef<str>) {
        self.line(text.as_ref());
    }

    /// Prints an event as a line of data; gives whether anybody still reads.
    pub fn event(&self, event: &serde_json::Value) -> bool {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{event}").and_then(|()| out.flush()).is_ok()
    }

    /// Draws on the terminal: `controls` as they are, then `text`, in colours where they are wanted.
    pub fn draw(&self, controls: &str, text: &str) {
        let text = if self.color { text.into() } else { anstream::adapter::strip_str(text).to_string() };
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(format!("{controls}{text}").as_bytes()).and_then(|()| err.flush());
    }

    /// Shows diagnostics, worst first, with their lines from `source`; notes only when not quiet.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic], source: impl Fn(&RepoPath) -> Option<String>) {
        let mut err = anstream::stderr().lock();
        let _ = err.write_all(self.drawn(diagnostics, source).as_bytes());
    }

    /// The text of [`Ui::diagnostics`].
    pub fn drawn(&self, diagnostics: &[Diagnostic], source: impl Fn(&RepoPath) -> Option<String>) -> String {
        let mut text = String::new();
        let mut shown: Vec<&Diagnostic> = diagnostics.iter().collect();
        shown.sort_by_key(|found| (found.severity, found.labels.first().map(|label| label.span.clone())));
        let mut texts: std::collections::BTreeMap<RepoPath, Option<String>> = std::collections::BTreeMap::new();
        for found in shown.into_iter().filter(|found| !self.quiet || found.severity != Severity::Note) {
            for label in &found.labels {
                texts.entry(label.span.path.clone()).or_insert_with(|| source(&label.span.path));
            }
            text.push_str(&draw::draw(found, self.color, |path| texts.get(path)?.as_deref()));
            text.push_str("\n\n");
        }
        text
    }

    /// Shows what a build found.
    pub fn findings(&self, report: &Report, project: &Project) {
        let found: Vec<Diagnostic> = report.all_diagnostics().cloned().collect();
        self.diagnostics(&found, |path| report.text(path, project));
    }

    /// Whether data is printed in colour.
    pub fn colors_data(&self) -> bool {
        anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
    }

    /// Prints a line; gives whether that was possible.
    fn line(&self, text: &str) -> bool {
        let mut err = anstream::stderr().lock();
        writeln!(err, "{text}").is_ok()
    }
}

/// `text` in `style`; standard streams strip it again where colours are not wanted.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `1 error`, `2 errors`.
pub fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// What a build did with its outputs: `wrote 5 of 32 outputs, left 15 as they are`.
pub fn tally(outcome: &Outcome) -> String {
    let total = count(outcome.total(), "output");
    let [written, removed, kept] = [outcome.written.len(), outcome.removed.len(), outcome.kept];
    let did = [("wrote", written), ("removed", removed), ("left", kept)];
    let mut did: Vec<String> =
        did.iter().filter(|(_, number)| *number > 0).map(|(verb, number)| format!("{verb} {number}")).collect();
    match did.first_mut() {
        None => return format!("{total} up to date"),
        Some(first) if written > 0 || removed == 0 => first.push_str(&format!(" of {total}")),
        Some(_) => {}
    }
    did.join(", ") + if kept > 0 { " as they are" } else { "" }
}
