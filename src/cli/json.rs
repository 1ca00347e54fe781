//! What `--format json` prints: one document, its keys part of forge's interface.

use serde_json::{Value, json};

use crate::build::Report;
use crate::diagnostic::Diagnostic;
use crate::memo::trace::Reason;
use crate::output::Change;

/// A build's report.
pub fn report(report: &Report) -> String {
    format!("{:#}\n", document(report))
}

/// A build's report as a value.
pub fn document(report: &Report) -> Value {
    let diagnostics: Vec<Value> = report.all_diagnostics().map(diagnostic).collect();
    let changes = |changes: &std::collections::BTreeMap<crate::path::RepoPath, Change>| {
        changes.iter().map(|(path, why)| json!({ "path": path, "was": why })).collect::<Vec<_>>()
    };
    let rendered = report
        .reasons
        .iter()
        .map(|(path, reasons)| json!({ "path": path, "reasons": reasons.iter().map(reason).collect::<Vec<_>>() }));
    json!({
        "diagnostics": diagnostics,
        "written": changes(&report.outcome.written),
        "removed": changes(&report.outcome.removed),
        "unchanged": report.outcome.unchanged,
        "rendered": rendered.collect::<Vec<_>>(),
        "work": report.work.iter().map(|(query, work)| ((*query).to_owned(), json!(work.ran))).collect::<serde_json::Map<_, _>>(),
        "outputs": report.targets.iter().map(|(target, paths)| json!({ "target": target, "paths": paths })).collect::<Vec<_>>(),
    })
}

/// A finding as a value.
pub fn diagnostic(found: &Diagnostic) -> Value {
    let labels: Vec<Value> = found
        .labels
        .iter()
        .map(|label| json!({ "path": label.span.path, "start": label.span.start, "end": label.span.end, "text": label.text }))
        .collect();
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
        Change::Surplus => "no longer made by anything",
    }
}
