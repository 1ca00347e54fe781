//! What PostgreSQL would make of a name.

use crate::diagnostic::Diagnostic;
use crate::grammar::Text;
use crate::model::name::{MAX_IDENTIFIER_BYTES, clip};

/// Reports a name that PostgreSQL would cut or cannot hold. Reserved words are fine: forge quotes them.
pub fn check(name: &Text, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    if (1..=MAX_IDENTIFIER_BYTES).contains(&name.text.len()) && !name.text.contains('.') {
        return;
    }
    let longest = name.text.split('.').max_by_key(|part| part.len()).unwrap_or("");
    if longest.len() > MAX_IDENTIFIER_BYTES {
        let message =
            format!("the name of this {what} has {} bytes; PostgreSQL keeps {MAX_IDENTIFIER_BYTES}", longest.len());
        diagnostics.push(
            Diagnostic::error("identifier-too-long", name.span.clone(), message)
                .help(format!("it would be cut to `{}`; choose a shorter name", clip(longest, MAX_IDENTIFIER_BYTES))),
        );
    }
    if name.text.split('.').any(str::is_empty) {
        diagnostics.push(Diagnostic::error("empty-name", name.span.clone(), format!("this {what} has no name")));
    }
}
