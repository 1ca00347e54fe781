//! Small pieces of SQL text that several object kinds share.

use crate::model::Sql;
use crate::model::name::Ident;

/// A string constant.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// `a, b, c`.
pub(super) fn list<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// `(a, b)`.
pub(super) fn columns(names: &[Ident]) -> String {
    format!("({})", list(names))
}

/// An expression in parentheses; those that it has already are enough.
pub(super) fn parenthesized(sql: &Sql) -> String {
    let text = sql.as_str().trim();
    if is_enclosed(text) { text.to_owned() } else { format!("({text})") }
}

/// Whether the first parenthesis closes with the last character; strings and comments that hold parentheses say no.
fn is_enclosed(text: &str) -> bool {
    if !text.starts_with('(') || text.contains(['\'', '"', '$']) || text.contains("--") || text.contains("/*") {
        return false;
    }
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1 == text.len();
        }
    }
    false
}

/// A body between dollar quotes whose tag the text does not contain.
pub(super) fn dollar_quoted(text: &str) -> String {
    if !text.contains("$$") && !text.ends_with('$') {
        return format!("$${text}$$");
    }
    let mut tag = "$body".to_owned();
    while text.contains(&tag) {
        tag.push('_');
    }
    format!("{tag}${text}{tag}$")
}

#[cfg(test)]
mod tests {
    use super::{dollar_quoted, literal, parenthesized};
    use crate::model::Sql;

    #[test]
    fn quotes_survive() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\b"), r"E'a\\b'");
        assert_eq!(dollar_quoted("SELECT 1"), "$$SELECT 1$$");
        assert_eq!(dollar_quoted("SELECT $$x$$"), "$body$SELECT $$x$$$body$");
    }

    #[test]
    fn parentheses_are_added_only_where_they_lack() {
        assert_eq!(parenthesized(&Sql::new("a > 1")), "(a > 1)");
        assert_eq!(parenthesized(&Sql::new("(a > 1)")), "(a > 1)");
        assert_eq!(parenthesized(&Sql::new("(a) > (1)")), "((a) > (1))");
        assert_eq!(parenthesized(&Sql::new("(a = ')')")), "((a = ')'))");
    }
}
