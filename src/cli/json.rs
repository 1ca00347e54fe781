//! What `--format json` prints: one document, its keys part of forge's interface.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::build::Report;
use crate::build::project::Project;
use crate::diagnostic::lines::Lines;
use crate::diagnostic::{Diagnostic, Label};
use crate::memo::trace::Reason;
use crate::output::Change;
use crate::path::RepoPath;

/// The report of a build of `project`.
pub fn report(report: &Report, project: &Project) -> String {
    format!("{:#}\n", document(report, project))
}

/// As [`report`], as a value.
pub fn document(report: &Report, project: &Project) -> Value {
    let mut lines: BTreeMap<&RepoPath, Option<Lines>> = BTreeMap::new();
    for label in report.all_diagnostics().flat_map(|found| &found.labels) {
        let path = &label.span.path;
        lines.entry(path).or_insert_with(|| report.text(path, project).map(Lines::of));
    }
    let diagnostic = |found| diagnostic(found, |path| lines.get(path)?.as_ref());
    let diagnostics: Vec<Value> = report.all_diagnostics().map(diagnostic).collect();
    let changes = |changes: &BTreeMap<RepoPath, Change>| {
        changes.iter().map(|(path, why)| json!({ "path": path, "was": why })).collect::<Vec<_>>()
    };
    let why = |outputs: &BTreeMap<RepoPath, Vec<Reason>>| {
        let why = |reasons: &[Reason]| reasons.iter().map(reason).collect::<Vec<_>>();
        outputs.iter().map(|(path, reasons)| json!({ "path": path, "reasons": why(reasons) })).collect::<Vec<_>>()
    };
    json!({
        "diagnostics": diagnostics,
        "written": changes(&report.outcome.written),
        "removed": changes(&report.outcome.removed),
        "unchanged": report.outcome.unchanged,
        "kept": report.outcome.kept,
        "rendered": why(&report.reasons),
        "returned": why(&report.returned),
        "work": report.work.iter().map(|(query, work)| ((*query).to_owned(), json!(work.ran))).collect::<serde_json::Map<_, _>>(),
        "outputs": report.targets.iter().map(|(target, paths)| json!({ "target": target, "paths": paths })).collect::<Vec<_>>(),
    })
}

/// A finding as a value, its places by the `lines` of the files that can be shown.
pub fn diagnostic<'l>(found: &Diagnostic, lines: impl Fn(&RepoPath) -> Option<&'l Lines>) -> Value {
    let label = |Label { span, text }: &Label| {
        let mut label = json!({ "path": span.path, "start": span.start, "end": span.end, "text": text });
        if let Some(lines) = lines(&span.path) {
            let (start, end) = (lines.place(span.start), lines.place(span.end));
            (label["line"], label["column"]) = (start.line.into(), start.column.into());
            (label["end_line"], label["end_column"]) = (end.line.into(), end.column.into());
        }
        label
    };
    let labels: Vec<Value> = found.labels.iter().map(label).collect();
    json!({
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "labels": labels,
        "help": found.help,
    })
}

/// Why a piece of work was done.
pub fn reason(reason: &Reason) -> Value {
    match reason {
        Reason::FirstBuild => json!({ "reason": "first-build" }),
        Reason::EngineVersion { old, new } => json!({ "reason": "engine-version", "old": old, "new": new }),
        Reason::Changed { name, old, new } => json!({ "reason": "changed", "name": name, "old": old, "new": new }),
        Reason::Appeared { name, new } => json!({ "reason": "appeared", "name": name, "new": new }),
        Reason::Disappeared { name, old } => json!({ "reason": "disappeared", "name": name, "old": old }),
    }
}

/// How an output differed, in words that end "the file was …".
pub fn change(change: Change) -> &'static str {
    match change {
        Change::Missing => "missing",
        Change::Outdated => "out of date",
        Change::Edited => "edited by hand",
        Change::Merged => "in conflict",
        Change::Surplus => "no longer made by anything",
    }
}
