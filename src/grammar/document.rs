//! A TOML text as an owned tree with spans, and what is wrong with it as TOML.
//!
//! Reading never fails: what the parser could recover is returned beside the diagnostics. Before TOML is even tried,
//! the text is looked at for what no parser can explain: conflict markers, bytes that are no UTF-8, a binary.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;

/// A string with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The string, unquoted.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// A TOML value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// An integer, in decimal.
    Integer(String),
    /// A float, as written.
    Float(String),
    /// A boolean.
    Flag(bool),
    /// A date, a time or both, as written.
    Datetime(String),
    /// An array.
    List(Vec<Node>),
    /// A table: keys in the order in which they are written.
    Table(Vec<(Text, Node)>),
}

/// What [`read`] could make of a text.
#[derive(Debug)]
pub struct Document {
    /// The keys of the document.
    pub root: Vec<(Text, Node)>,
    /// Whether the text was read whole; else parts of it are missing from `root`.
    pub whole: bool,
}

/// Reads TOML.
pub fn read(path: &RepoPath, content: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Document {
    let found = diagnostics.len();
    let text = match text_of(path, content) {
        Ok(text) => text,
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            return Document { root: Vec::new(), whole: false };
        }
    };
    let text = text.as_ref();
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut last_line = usize::MAX;
    let end = meant(text, &errors);
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        if range.start > end {
            continue;
        }
        let line = text[..floor(text, range.start)].matches('\n').count();
        // One slip makes the parser stumble several times; the first stumble on a line is the one to show.
        if line != last_line {
            diagnostics.push(explain(path, text, error.message(), range));
        }
        last_line = line;
    }
    let root = entries(path, table.into_inner(), end);
    Document { root, whole: diagnostics.len() == found }
}

/// Up to where the text was read as it was meant: a table or an array that is not closed on its line, or a string within one,
/// takes in all that follows, and nothing that the parser finds there was meant so.
fn meant(text: &str, errors: &[toml::de::Error]) -> usize {
    let is_end = |(message, at): &(&str, usize)| {
        let line = text[..*at].rfind('\n').map_or(0, |end| end + 1);
        let before = &text[line..*at];
        // A brace begins no value: an array before it was meant to end there.
        is_unclosed(message) && before.contains(['{', '['])
            || message.contains("missing comma") && (before.trim().is_empty() || text[*at..].starts_with('}'))
    };
    let errors = errors.iter().filter_map(|error| Some((error.message(), floor(text, error.span()?.start))));
    errors.filter(is_end).map(|(_, at)| at).min().unwrap_or(text.len())
}

fn is_unclosed(message: &str) -> bool {
    message.starts_with("invalid basic string") || message.starts_with("invalid literal string")
}

/// The bytes as text, with line ends as git stores them.
///
/// A file is the same schema file whether git checked it out with `\r\n` (`core.autocrlf`, the attribute `eol`) or not: a
/// text in it, such as a function's body, must not differ from one working tree to the next, and there is a commit to
/// compare it with. So this is done here, to every file from everywhere, and nobody has to know git's settings.
///
/// # Errors
/// When no parser could explain what is wrong: a binary, bytes that are no UTF-8, an unresolved conflict, a file that
/// git keeps elsewhere.
pub fn text_of<'a>(path: &RepoPath, content: &'a [u8]) -> Result<Cow<'a, str>, Diagnostic> {
    if content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") {
        return Err(Diagnostic::error(
            "invalid-utf8",
            Span::file(path),
            format!("`{path}` is not valid UTF-8 but UTF-16"),
        )
        .help("save the file as UTF-8, and remove a `working-tree-encoding` from `.gitattributes`"));
    }
    if content.starts_with(LFS) {
        let message = format!("`{path}` is in Git LFS: a commit has no more of it than a pointer");
        return Err(Diagnostic::error("lfs-pointer", Span::file(path), message)
            .help(format!("take schema files out of LFS: `git lfs migrate export --include={path}`")));
    }
    if content.contains(&0) {
        return Err(Diagnostic::error("binary-file", Span::file(path), format!("`{path}` is a binary file"))
            .help("move it out of the folders that hold schema files"));
    }
    let text = std::str::from_utf8(content).map_err(|error| {
        let line = content[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Diagnostic::error(
            "invalid-utf8",
            Span::file(path),
            format!("`{path}` is not valid UTF-8: line {line} holds a byte that no character starts with"),
        )
        .help("save the file as UTF-8")
    })?;
    let text = with_plain_lines(text);
    conflict_markers(path, &text).map_or(Ok(text), Err)
}

/// How a pointer of Git LFS begins.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// A text with line ends as git stores them.
pub fn with_plain_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// The conflict that git left in the text, if it left one.
fn conflict_markers(path: &RepoPath, text: &str) -> Option<Diagnostic> {
    let mut at = 0;
    let mut open = None;
    for line in text.split_inclusive('\n') {
        let marker = line.trim_end();
        if marker.starts_with("<<<<<<< ") {
            open = Some(at..at + marker.len());
        } else if marker.starts_with(">>>>>>> ")
            && let Some(start) = open
        {
            let end = Span::new(path, at..at + marker.len());
            return Some(
                Diagnostic::error(
                    "conflict-marker",
                    Span::new(path, start),
                    "the file holds an unresolved merge conflict",
                )
                .labelled("it begins here")
                .at(end, "and ends here")
                .help("keep the lines that are right, delete the marker lines, then `git add` the file"),
            );
        }
        at += line.len();
    }
    None
}

/// Puts one of the parser's messages into the house's words.
fn explain(path: &RepoPath, text: &str, message: &str, range: Range<usize>) -> Diagnostic {
    let span = Span::new(path, range.clone());
    if message == "duplicate key" {
        let key = &text[range.clone()];
        let diagnostic =
            Diagnostic::error("duplicate-key", span, format!("`{key}` is written twice")).labelled("again here");
        let diagnostic = match first_definition(text, key, range.start) {
            Some(first) => diagnostic.at(Span::new(path, first), "first here"),
            None => diagnostic,
        };
        return diagnostic.help("keep one of the two, or give one another name");
    }
    if is_unclosed(message) && text[floor(text, range.start)..].starts_with('\n') {
        let quote = if message.starts_with("invalid literal") { '\'' } else { '"' };
        return Diagnostic::error("invalid-toml", span, "a string is not closed on its line")
            .help(format!("put a `{quote}` at its end"));
    }
    let quote = if message.contains("literal") { "'''" } else { "\"\"\"" };
    if message.starts_with("invalid multi-line")
        && range.start == text.len()
        && let Some(start) = text.rfind(quote)
    {
        let span = Span::new(path, start..start + quote.len());
        return Diagnostic::error("invalid-toml", span, format!("a `{quote}` string is not closed"))
            .help(format!("put a `{quote}` at its end"));
    }
    let diagnostic = Diagnostic::error("invalid-toml", span, message.to_owned());
    match message {
        _ if message.starts_with("string values must be quoted") => {
            diagnostic.help("put the value between double quotes")
        }
        _ if message.contains("missing comma between array") => {
            diagnostic.help("a `[ … ]` array needs commas between its items and its closing bracket")
        }
        _ if message.contains("missing comma") || message.starts_with("unclosed inline table") => {
            diagnostic.help("a `{ … }` table needs commas between its keys and its closing brace")
        }
        _ => diagnostic,
    }
}

/// Where the key at `second` was written before: in the same table for a plain key, as the same header for a header.
fn first_definition(text: &str, key: &str, second: usize) -> Option<Range<usize>> {
    let line_start = text[..second].rfind('\n').map_or(0, |at| at + 1);
    let header = text[line_start..].starts_with('[').then(|| text[line_start..].lines().next().unwrap_or("").trim());
    let mut at = 0;
    let mut found = None;
    for line in text[..line_start].split_inclusive('\n') {
        match header {
            Some(header) if line.trim() == header => return Some(at..at + header.len()),
            Some(_) => {}
            None if line.starts_with('[') => found = None,
            None if line.split('=').next().is_some_and(|left| left.trim() == key) => found = Some(at..at + key.len()),
            None => {}
        }
        at += line.len();
    }
    found
}

/// The keys of a table that stand before `end`.
fn entries(path: &RepoPath, table: DeTable<'_>, end: usize) -> Vec<(Text, Node)> {
    table
        .into_iter()
        .filter(|(key, _)| key.span().start <= end)
        .map(|(key, value)| {
            let span = Span::new(path, key.span());
            (Text { text: key.into_inner().into_owned(), span }, node(path, value, end))
        })
        .collect()
}

fn node(path: &RepoPath, value: Spanned<DeValue<'_>>, end: usize) -> Node {
    let span = Span::new(path, value.span());
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => Value::Integer(decimal(number.as_str(), number.radix())),
        DeValue::Float(number) => Value::Float(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(datetime) => Value::Datetime(datetime.to_string()),
        DeValue::Array(items) => {
            let items = items.into_iter().filter(|item| item.span().start < end);
            Value::List(items.map(|item| node(path, item, end)).collect())
        }
        DeValue::Table(table) => Value::Table(entries(path, table, end)),
    };
    Node { value, span }
}

/// TOML writes integers in four radices; SQL in one.
fn decimal(digits: &str, radix: u32) -> String {
    i128::from_str_radix(digits, radix).map_or_else(|_| digits.to_owned(), |number| number.to_string())
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl Value {
    /// What the value is, in words.
    pub fn in_words(&self) -> &'static str {
        match self {
            Value::Text(_) => "a string",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Flag(_) => "a boolean",
            Value::Datetime(_) => "a date or time",
            Value::List(_) => "an array",
            Value::Table(_) => "a table",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::path::RepoPath;

    fn codes(content: &[u8]) -> Vec<String> {
        let mut diagnostics = Vec::new();
        read(&RepoPath::new("a.toml").unwrap(), content, &mut diagnostics);
        diagnostics.iter().map(|found| format!("{}@{:?}", found.code, found.labels[0].span.range())).collect()
    }

    #[test]
    fn a_string_that_is_not_closed_is_one_mistake() {
        let said = |text: &str| {
            let mut diagnostics = Vec::new();
            let document = read(&RepoPath::new("a.toml").unwrap(), text.as_bytes(), &mut diagnostics);
            let said = diagnostics.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; ");
            (said, document.root.iter().map(|(key, _)| key.text.clone()).collect::<Vec<_>>().join(" "))
        };
        let unclosed = "a string is not closed on its line".to_owned();
        assert_eq!(said("a = { b = \"c, d = 1 }\ne = \"f\"\n[g]\nh = 1\n"), (unclosed.clone(), "a".to_owned()));
        assert_eq!(said("a = [\"b\", \"c]\nd = 'e'\n[[f]]\n"), (unclosed.clone(), "a".to_owned()));
        let comma = "missing comma between key-value pairs, expected `,`".to_owned();
        assert_eq!(said("a = { b = 1\nc = 2\n[d]\ne = 1\n"), (comma, "a".to_owned()));
        let long = |quote: &str| (format!("a `{quote}` string is not closed"), "a b".to_owned());
        assert_eq!(said("a = 1\nb = \"\"\"\nc\n[d]\n"), long("\"\"\""));
        assert_eq!(said("a = 1\nb = '''\nc\n[d]\n"), long("'''"));
        let items = "missing comma between array elements, expected `,`".to_owned();
        assert_eq!(said("a = { b = [1, 2 }\nc = 2\n[d]\ne = 1\n"), (items.clone(), "a".to_owned()));
        assert_eq!(said("a = [1, 2\n[d]\ne = 1\n"), (items, "a".to_owned()));
        assert_eq!(said("a = \"b\nc = 1\n"), (unclosed.clone(), "a c".to_owned()));
        assert_eq!(said("a = 'b\nc = 1\n"), (unclosed, "a c".to_owned()));
    }

    #[test]
    fn line_ends_are_those_that_git_stores() {
        let value = |content: &[u8]| format!("{:?}", read(&RepoPath::new("a.toml").unwrap(), content, &mut Vec::new()));
        let plain = "# a\nx = \"\"\"\none\ntwo\"\"\"\n";
        assert_eq!(value(plain.replace('\n', "\r\n").as_bytes()), value(plain.as_bytes()));
    }

    #[test]
    fn what_is_no_toml_is_explained() {
        assert_eq!(codes(b"[a]\nx = 1\n"), [""; 0]);
        assert_eq!(codes(b"\xff\xfe"), ["invalid-utf8@0..0"]);
        assert_eq!(codes(b"a\0b"), ["binary-file@0..0"]);
        assert_eq!(codes(b"version https://git-lfs.github.com/spec/v1\noid"), ["lfs-pointer@0..0"]);
        assert_eq!(codes(b"<<<<<<< HEAD\n[a]\n=======\n>>>>>>> b\n"), ["conflict-marker@0..12"]);
        assert_eq!(codes(b"[a]\nx = 1\nx = 2\n"), ["duplicate-key@10..11"]);
        assert_eq!(codes(b"[a]\nx = yes\n[b]\ny = 1\n"), ["invalid-toml@8..11"]);
    }
}
