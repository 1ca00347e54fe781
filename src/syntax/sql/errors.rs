//! Syntax errors as diagnostics: one a statement, since what follows the first is mostly its echo.

use std::ops::Range;

use squawk_syntax::quote::quote_ident;

use super::statements::{Cut, DEEPEST, LONGEST};
use super::tree::SyntaxError;
use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;

/// The diagnostics for `errors`, which were found in `text`.
pub fn told(path: &RepoPath, text: &str, errors: &[SyntaxError]) -> Vec<Diagnostic> {
    let firsts = errors.iter().enumerate().filter(|(at, error)| {
        let before = at.checked_sub(1).map(|before| errors[before].statement);
        before != Some(error.statement)
    });
    firsts.map(|(_, error)| one(path, text, error)).collect()
}

fn one(path: &RepoPath, text: &str, error: &SyntaxError) -> Diagnostic {
    let Range { start, end } = error.range;
    let span = Span::new(path, visible(text, start, end));
    let found = Diagnostic::error("sql-syntax", span, message(&error.message));
    match help(text, start) {
        Some(help) => found.help(help),
        None => found,
    }
}

/// The diagnostic for a statement that is not parsed because it nests too deeply.
pub fn too_deep(path: &RepoPath, text: &str, cut: &Cut) -> Diagnostic {
    let start = cut.start.unwrap_or(cut.range.start);
    let statement = &text[start..cut.range.end];
    let first = start + statement.find(char::is_whitespace).unwrap_or(statement.len());
    let message = "the statement nests too deeply to be read";
    let limits = format!("up to {DEEPEST} levels are read, and up to {LONGEST} words between two commas");
    Diagnostic::error("too-deep", Span::new(path, start..first), message).help(limits)
}

/// What to write instead, where the mistake is one of another dialect or of a key word.
fn help(text: &str, start: usize) -> Option<String> {
    let rest = text.get(start..)?.trim_start();
    match rest.chars().next()? {
        '`' | '[' => return Some("PostgreSQL quotes names with double quotes: `\"name\"`".to_owned()),
        ':' => return Some("psql's variables are not known here; write the value in their place".to_owned()),
        _ => {}
    }
    let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    if ["auto_increment", "autoincrement", "identity"].iter().any(|it| word.eq_ignore_ascii_case(it)) {
        return Some("in PostgreSQL, write `GENERATED ALWAYS AS IDENTITY`".to_owned());
    }
    let opens = text.get(..start)?.trim_end().ends_with(['(', ',']);
    let folded = word.to_ascii_lowercase();
    let key_word = opens && quote_ident(&folded) != folded && word.starts_with(|c: char| c.is_alphabetic());
    key_word.then(|| format!("`{word}` is read as a key word; as a name, write `\"{word}\"`"))
}

/// An error between two tokens covers the token after it, so that there is something to point at.
fn visible(text: &str, start: usize, end: usize) -> Range<usize> {
    if end > start {
        return start..end;
    }
    let next = start + text[start..].len() - text[start..].trim_start().len();
    let length = text[next..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len() - next);
    let first = text[next..].chars().next().map_or(0, char::len_utf8);
    next..next + length.max(first)
}

/// The parser's words in the house's style: token kinds are what a person types.
fn message(message: &str) -> String {
    let words: Vec<String> = message
        .split(' ')
        .map(|word| {
            let (kind, rest) = word.split_at(word.find([',', ':']).unwrap_or(word.len()));
            let plain = match kind {
                "COMMA" => "`,`",
                "L_PAREN" => "`(`",
                "R_PAREN" => "`)`",
                "SEMICOLON" => "`;`",
                "IDENT" => "a name",
                "STRING" => "a string",
                "EOF" => "the end of the file",
                "SELECT" | "TABLE" | "VALUES" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" => {
                    return format!("`{kind}`{rest}");
                }
                _ => match kind.strip_suffix("_KW") {
                    Some(keyword) => return format!("`{keyword}`{rest}"),
                    None => return word.to_owned(),
                },
            };
            format!("{plain}{rest}")
        })
        .collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{message, visible};

    #[test]
    fn kinds_of_tokens_are_told_as_people_type_them() {
        assert_eq!(message("expected operator, got DESC_KW"), "expected operator, got `DESC`");
        assert_eq!(message("expected R_PAREN"), "expected `)`");
    }

    #[test]
    fn an_error_between_tokens_points_at_the_next() {
        assert_eq!(visible("a  word, b", 1, 1), 3..7);
        assert_eq!(visible("a )", 1, 1), 2..3);
        assert_eq!(visible("a ", 2, 2), 2..2);
    }
}
