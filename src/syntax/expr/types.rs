//! Casts, and the types that they name.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::read::expression;
use super::token::{ident, tokens};
use super::tree::{Expr, TypeName};

/// `CAST(x AS t)`, `x::t`, `t 'x'`.
pub fn cast(node: &SyntaxNode) -> Option<Expr> {
    if node.first_token().is_some_and(|token| token.text().eq_ignore_ascii_case("treat")) {
        return None;
    }
    let mut types = node.children().filter(|it| is_type(it.kind()));
    let mut ty = type_name(&types.next()?);
    let value = node.children().find(|it| !is_type(it.kind()) && it.kind() != SyntaxKind::COLON_COLON)?;
    if let Some(qualifier) = node.children().find(|it| is_interval_fields(it.kind())) {
        let fields: Vec<String> = tokens(&qualifier).map(|token| token.text().to_ascii_lowercase()).collect();
        ty.modifiers = Some(fields.join(" "));
    }
    Some(Expr::Cast(Box::new(expression(&value)), ty))
}

/// Whether a node of this kind names a type.
pub fn is_type(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::ARRAY_TYPE
            | K::PATH_TYPE
            | K::VARCHAR_TYPE
            | K::CHARACTER_TYPE
            | K::BIT_TYPE
            | K::BIT_VARYING_TYPE
            | K::DOUBLE_TYPE
            | K::TIME_TYPE
            | K::TIMESTAMP_TYPE
            | K::INTERVAL_TYPE
    )
}

fn is_interval_fields(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::INTERVAL_YEAR
            | K::INTERVAL_MONTH
            | K::INTERVAL_DAY
            | K::INTERVAL_HOUR
            | K::INTERVAL_MINUTE
            | K::INTERVAL_SECOND
    )
}

/// The type that `node` names.
pub fn type_name(node: &SyntaxNode) -> TypeName {
    let mut ty = TypeName { schema: None, name: String::new(), modifiers: None, array: false };
    let (mut depth, mut modifiers) = (0, String::new());
    for token in tokens(node) {
        match token.kind() {
            SyntaxKind::L_BRACK | SyntaxKind::ARRAY_KW => ty.array = true,
            SyntaxKind::R_BRACK => {}
            SyntaxKind::L_PAREN => depth += 1,
            SyntaxKind::R_PAREN => depth -= 1,
            _ if depth > 0 => modifiers.push_str(token.text()),
            SyntaxKind::DOT => ty.schema = Some(std::mem::take(&mut ty.name)),
            SyntaxKind::INT_NUMBER if ty.array => {}
            _ => {
                let word = if matches!(token.text(), "\"char\"" | "\"bit\"") {
                    token.text().to_owned()
                } else {
                    ident(token.text())
                };
                ty.name.push_str(if ty.name.is_empty() { "" } else { " " });
                ty.name.push_str(&word);
            }
        }
    }
    ty.modifiers = (!modifiers.is_empty()).then_some(modifiers);
    if let Some(fields) = ty.name.strip_prefix("interval ") {
        ty.modifiers = Some(match &ty.modifiers {
            Some(precision) => format!("{fields}({precision})"),
            None => fields.to_owned(),
        });
        ty.name = "interval".to_owned();
    }
    ty
}
