//! SQL inside of schema files: each expression is parsed before anything is built from it.

use crate::diagnostic::{Diagnostic, Span};
use crate::grammar::Text;
use crate::model::Sql;
use crate::syntax::expr;

/// The expression `text`; what is no SQL is reported, and left out.
pub fn lower(text: &Text, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Sql> {
    match expr::check(&text.text) {
        Ok(()) => Some(Sql::new(text.text.trim())),
        Err(error) => {
            let found = Diagnostic::error(
                "invalid-sql",
                within(text, error.offset),
                format!("{what} is not an SQL expression: {}", error.message),
            );
            diagnostics.push(if text.text.trim().is_empty() {
                found.help("write the expression, or remove the key")
            } else {
                found
            });
            None
        }
    }
}

/// The place of `offset` in the file: exact where the string holds no escapes, else the whole string.
fn within(text: &Text, offset: usize) -> Span {
    let quoted = text.span.range();
    if quoted.len() == text.text.len() + 2 {
        let at = (quoted.start + 1 + offset).min(quoted.end - 1);
        Span::new(&text.span.path, at..quoted.end - 1)
    } else {
        text.span.clone()
    }
}
