//! Reads the production schema back after rendering: a template may lay it out as it likes, and may lose nothing.

use super::pieces::Piece;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::diff;
use crate::model::Model;
use crate::model::lower;
use crate::syntax::sql;

/// The built-in target whose output has to say what the model says.
pub const TARGET: &str = "production";

/// How many differences are named one by one.
const SHOWN: usize = 10;

/// What `text` does not say as `model` does; nothing when it says the same.
pub fn losses(piece: &Piece, text: &str, model: &Model) -> Vec<Diagnostic> {
    let read = lower::sql::lower(&[sql::parse(&piece.path, text)]);
    let mut found: Vec<Diagnostic> = read
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .map(|found| about(piece, format!("`{}` would not be the production schema: {}", piece.path, found.message)))
        .collect();
    let changes = diff(model, &read.model).changes;
    for change in changes.iter().take(SHOWN) {
        found.push(about(piece, format!("`{}` would not be the production schema: {change}", piece.path)));
    }
    if changes.len() > SHOWN {
        found.push(about(piece, format!("… and {} more differences", changes.len() - SHOWN)));
    }
    found
}

fn about(piece: &Piece, message: String) -> Diagnostic {
    Diagnostic::new(Severity::Error, "schema-differs", message)
        .help(format!("let the template `{}` print every statement whole", piece.template))
}
