//! SQL in, a short rendering of the model out: one file a family of statements.

mod constraints;
mod grants;
mod hints;
mod noise;
mod others;
mod partitions;
mod paths;
mod renames;
mod render;
mod routines;
mod tables;
mod types;

use super::lower;
use crate::diagnostic::Diagnostic;
use crate::model::lower::Lowered;
use crate::path::RepoPath;
use crate::syntax::sql::parse;

/// Lowers one file.
fn lowered(sql: &str) -> Lowered {
    let file = parse(&RepoPath::new("schema.sql").unwrap(), sql);
    assert_eq!(file.diagnostics, [], "{sql}");
    lower(&[file])
}

/// What `sql` describes, which has to be all that it says.
fn shown(sql: &str) -> String {
    let lowered = lowered(sql);
    assert_eq!(lowered.diagnostics, [], "{sql}");
    render::model(&lowered.model)
}

/// Asserts what `sql` describes, line by line.
fn check(sql: &str, expected: &[&str]) {
    let shown = shown(sql);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines, expected, "{sql}");
}

/// The messages about `sql`.
fn messages(sql: &str) -> Vec<String> {
    lowered(sql).diagnostics.into_iter().map(|it: Diagnostic| format!("{}: {}", it.code, it.message)).collect()
}
