//! Syntax errors as diagnostics: one a statement, since what follows the first is mostly its echo.

use squawk_syntax::quote::quote_ident;
use squawk_syntax::{Parse, SourceFile};

use super::scan::{Piece, pieces};
use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;

/// The syntax errors of a file.
pub struct Errors {
    /// One for each broken statement.
    pub diagnostics: Vec<Diagnostic>,
    /// The offsets of all, in order.
    pub offsets: Vec<usize>,
}

/// Reads the errors of `parsed`, which was parsed from `text`.
pub fn read(path: &RepoPath, text: &str, parsed: &Parse<SourceFile>) -> Errors {
    let mut errors = Errors { diagnostics: Vec::new(), offsets: Vec::new() };
    let found = parsed.errors();
    if found.is_empty() {
        return errors;
    }
    let semicolons: Vec<usize> =
        pieces(text).filter(|(piece, _)| *piece == Piece::Semicolon).map(|(_, range)| range.start).collect();
    let mut told = None;
    for error in found {
        let start = usize::from(error.range().start()).min(text.len());
        let end = usize::from(error.range().end()).clamp(start, text.len());
        errors.offsets.push(start);
        let statement = semicolons.partition_point(|semicolon| *semicolon < start);
        if told != Some(statement) {
            told = Some(statement);
            let span = Span::new(path, visible(text, start, end));
            let found = Diagnostic::error("sql-syntax", span, message(error.message()));
            errors.diagnostics.push(match help(text, start) {
                Some(help) => found.help(help),
                None => found,
            });
        }
    }
    errors
}

/// What to write instead, where the mistake is one of another dialect or of a key word.
fn help(text: &str, start: usize) -> Option<String> {
    let rest = text.get(start..)?.trim_start();
    let as_name = |word: &str| format!("`{word}` is read as a key word; as a name, write `\"{word}\"`");
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
    if opens && quote_ident(&folded) != folded && word.starts_with(|c: char| c.is_alphabetic()) {
        return Some(as_name(word));
    }
    key_word_before(text, start).map(as_name)
}

/// The word before `start`, when it is a name for PostgreSQL and a type's key word for the parser.
fn key_word_before(text: &str, start: usize) -> Option<&str> {
    let word = text.get(..start)?.trim_end().rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    word.eq_ignore_ascii_case("json").then_some(word)
}

/// An error between two tokens covers the token after it, so that there is something to point at.
fn visible(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
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
