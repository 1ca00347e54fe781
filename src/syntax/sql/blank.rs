//! Takes out of a SQL file what is no SQL: psql's meta-commands, the data of `COPY … FROM stdin`, a byte order mark,
//! conflict markers.
//!
//! Each is overwritten with spaces, so that all offsets stay the file's own.

use std::collections::BTreeMap;
use std::ops::Range;

use super::scan::{Piece, Pieces, pieces};
use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;

/// A text in which only SQL is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The text, as long as it was.
    pub text: String,
    /// What was taken out, by kind.
    pub skipped: BTreeMap<String, u32>,
    /// What was taken out and matters.
    pub diagnostics: Vec<Diagnostic>,
}

/// Overwrites with spaces what is no SQL in `text`.
pub fn clean(path: &RepoPath, text: &str) -> Cleaned {
    let mut cuts = Cuts { path, text, ranges: Vec::new(), skipped: BTreeMap::new(), diagnostics: Vec::new() };
    if text.starts_with('\u{feff}') {
        cuts.ranges.push(0..'\u{feff}'.len_utf8());
    }
    cuts.conflict_markers();
    if text.contains('\\') || text.contains("stdin") || text.contains("STDIN") {
        cuts.psql();
    }
    Cleaned { text: overwritten(text, &cuts.ranges), skipped: cuts.skipped, diagnostics: cuts.diagnostics }
}

struct Cuts<'a> {
    path: &'a RepoPath,
    text: &'a str,
    ranges: Vec<Range<usize>>,
    skipped: BTreeMap<String, u32>,
    diagnostics: Vec<Diagnostic>,
}

impl Cuts<'_> {
    /// Reports the first conflict and takes the markers of all out, so that both sides are read.
    fn conflict_markers(&mut self) {
        if !self.text.contains("<<<<<<< ") {
            return;
        }
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let range = start..start + line.trim_end().len();
            start += line.len();
            if ["<<<<<<< ", "||||||| ", ">>>>>>> "].iter().any(|marker| line.starts_with(marker))
                || line.trim_end() == "======="
            {
                if self.diagnostics.is_empty() {
                    let span = Span::new(self.path, range.clone());
                    let found = Diagnostic::error("conflict-marker", span, "a merge conflict is not resolved");
                    self.diagnostics.push(found.help("keep one side, or both, and remove the marker lines"));
                }
                self.ranges.push(range);
            }
        }
    }

    fn psql(&mut self) {
        let mut pieces = pieces(self.text);
        let mut statement = None;
        while let Some((piece, range)) = pieces.next() {
            match piece {
                Piece::Space | Piece::LineComment | Piece::BlockComment => {}
                Piece::Backslash => self.meta_command(&mut pieces, range.start),
                Piece::Semicolon => {
                    if statement.take().is_some_and(|start| copies_from_stdin(&self.text[start..range.start])) {
                        self.copy_data(&mut pieces, range.end);
                    }
                }
                Piece::Quoted | Piece::Code => statement = statement.or(Some(range.start)),
            }
        }
    }

    /// A meta-command reaches to the end of its line. Those that read another file hide a part of the schema.
    fn meta_command(&mut self, pieces: &mut Pieces<'_>, start: usize) {
        let end = line_end(self.text, start);
        let command = self.text[start..end].trim_end();
        let name = command.split_whitespace().next().unwrap_or(command);
        if matches!(name, "\\i" | "\\ir" | "\\include" | "\\include_relative") {
            let span = Span::new(self.path, start..start + command.len());
            let found = Diagnostic::warning("not-modelled", span, format!("`{name}` is not followed"));
            self.diagnostics.push(found.help("put the other file into the module, where it is read by itself"));
        } else {
            *self.skipped.entry("psql meta-command".to_owned()).or_default() += 1;
        }
        self.cut(pieces, start..end);
    }

    /// The data of a COPY starts on the next line and ends with a line that is `\.`, or with the file.
    fn copy_data(&mut self, pieces: &mut Pieces<'_>, end_of_statement: usize) {
        let start = line_end(self.text, end_of_statement);
        let mut end = start;
        for line in self.text[start..].split_inclusive('\n') {
            end += line.len();
            if line.trim_end() == "\\." {
                break;
            }
        }
        *self.skipped.entry("COPY data".to_owned()).or_default() += 1;
        self.cut(pieces, start..end);
    }

    fn cut(&mut self, pieces: &mut Pieces<'_>, range: Range<usize>) {
        pieces.skip_to(range.end);
        self.ranges.push(range);
    }
}

/// Whether a statement is `COPY … FROM stdin`.
fn copies_from_stdin(statement: &str) -> bool {
    let mut words = statement.split(|c: char| c.is_whitespace() || c == '(' || c == ')');
    if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("copy")) {
        return false;
    }
    words.any(|word| word.eq_ignore_ascii_case("stdin"))
}

/// Where the line ends that `from` lies in, before its line break.
fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |length| from + length)
}

/// `text` with spaces in `ranges`; line breaks stay.
pub fn overwritten(text: &str, ranges: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for range in ranges {
        bytes[range.clone()].iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Cleaned, clean};
    use crate::path::RepoPath;

    fn cleaned(text: &str) -> Cleaned {
        clean(&RepoPath::new("a.sql").unwrap(), text)
    }

    #[test]
    fn a_backslash_in_a_string_is_no_command() {
        let text = "SELECT E'\\'' || '\\d' || $$\\d$$;\n\\d\n";
        assert_eq!(cleaned(text).text, "SELECT E'\\'' || '\\d' || $$\\d$$;\n  \n");
    }

    #[test]
    fn copied_rows_are_no_statements() {
        let text = "COPY t (a, b) FROM stdin WITH (FORMAT csv);\nit's; 1\nDROP\n\\.\nSELECT 1;\n";
        let Cleaned { text: left, skipped, .. } = cleaned(text);
        assert!(!left.contains("DROP") && left.ends_with("SELECT 1;\n"), "{left}");
        assert_eq!(skipped["COPY data"], 1);
    }

    #[test]
    fn an_included_file_is_reported() {
        assert_eq!(cleaned("\\i other.sql\n").diagnostics[0].message, "`\\i` is not followed");
    }

    #[test]
    fn a_conflict_is_reported_once_and_both_sides_are_read() {
        let Cleaned { text, diagnostics, .. } = cleaned("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n");
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(text.split_whitespace().collect::<String>(), "abc");
    }
}
