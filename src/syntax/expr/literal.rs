//! Literals, decoded.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::token::{string, tokens};
use super::tree::{Expr, TypeName};

/// A literal: a number, a string in parts, bits, a word that is a value.
pub fn literal(node: &SyntaxNode) -> Option<Expr> {
    let mut text: Option<String> = None;
    for token in tokens(node) {
        match token.kind() {
            SyntaxKind::NULL_KW => return Some(Expr::Null),
            SyntaxKind::TRUE_KW => return Some(Expr::Bool(true)),
            SyntaxKind::FALSE_KW => return Some(Expr::Bool(false)),
            SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => return Some(Expr::Number(number(token.text()))),
            SyntaxKind::BIT_STRING | SyntaxKind::BYTE_STRING => return bits(token.text()),
            _ => text.get_or_insert_default().push_str(&string(&token)?),
        }
    }
    text.map(Expr::String)
}

/// `B'101'` and `X'1F'`: bits of any length, which is what the quoted type name means.
fn bits(text: &str) -> Option<Expr> {
    let hex = text.starts_with(['x', 'X']);
    let digits = text.get(1..)?.strip_prefix('\'')?.strip_suffix('\'')?;
    let bits = match hex {
        true => {
            digits.chars().map(|c| c.to_digit(16).map(|digit| format!("{digit:04b}"))).collect::<Option<String>>()?
        }
        false => digits.to_owned(),
    };
    let ty = TypeName { schema: None, name: "\"bit\"".to_owned(), modifiers: None, array: false };
    Some(Expr::Cast(Box::new(Expr::String(bits)), ty))
}

/// A number as the server prints it, where that is a matter of spelling: `.5` is `0.5`, `1_000` is `1000`.
fn number(text: &str) -> String {
    let text = text.replace('_', "").to_ascii_lowercase();
    let text = if text.starts_with('.') { format!("0{text}") } else { text };
    text.strip_suffix('.').map_or(text.clone(), str::to_owned)
}
