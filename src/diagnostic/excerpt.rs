//! The part of a text that is drawn: the lines of some spans and no more, so that the thousandth mistake of a large file
//! costs no more than the first.

use std::ops::Range;

use super::Span;

/// The longest line that is given to the drawer whole, in bytes.
const LONG: usize = 4000;

/// What is shown on both sides of a span in a longer one, in bytes.
const AROUND: usize = 120;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Its bytes.
    pub range: Range<usize>,
    /// The number of its first line, from 1.
    pub line: usize,
    /// The column of the first span, from 1, when the excerpt starts within a line.
    pub column: Option<usize>,
}

/// The lines of `text` that `spans` lie in, and those between; of one very long line what is near the first span.
pub fn around(text: &str, spans: &[Range<usize>]) -> Excerpt {
    let first = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let last = spans.iter().map(|span| span.end).max().unwrap_or(first);
    // The end of a file is the end of its last line.
    let before = text[..first].strip_suffix('\n').filter(|_| first == text.len()).map_or(first, str::len);
    let start = text[..before].rfind('\n').map_or(0, |at| at + 1);
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    let line = 1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    if end - start <= LONG || text[start..end].contains('\n') {
        return Excerpt { range: start..end, line, column: None };
    }
    let from = floor(text, first.saturating_sub(AROUND).max(start));
    let to = floor(text, (last + AROUND).min(end)).max(last);
    let column = spans.first().map_or(first, |span| span.start) - start;
    Excerpt { range: from..to, line, column: Some(1 + text[start..start + column].chars().count()) }
}

/// The span cut to the text and to whole characters: sources may have changed since the span was made.
pub fn visible(text: &str, span: &Span) -> Range<usize> {
    let start = floor(text, span.range().start);
    start..floor(text, span.range().end).max(start)
}

/// The last start of a character at `offset` or before.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::around;
    use crate::diagnostic::draw::draw;
    use crate::diagnostic::{Diagnostic, Span};
    use crate::path::RepoPath;

    #[test]
    fn lines_are_taken_whole_and_counted() {
        let text = "one\ntwo\nthree\nfour";
        let found = around(text, &[5..6, 9..10]);
        assert_eq!((&text[found.range], found.line, found.column), ("two\nthree", 2, None));
        let end = around("one\ntwo\n", &[8..8, 8..8]);
        assert_eq!((end.range, end.line), (4..8, 2));
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_drawn_and_its_column_is_told() {
        let text = format!("first\n{}HERE{}", "é".repeat(5000), "x".repeat(5000));
        let at = text.find("HERE").unwrap();
        let path = RepoPath::new("a.sql").unwrap();
        let drawn = draw(&Diagnostic::error("e", Span::new(&path, at..at + 4), "wrong"), false, |_| Some(&text));
        assert!(drawn.contains("a.sql:2:5001"), "{drawn}");
        assert!(drawn.contains("HERE") && drawn.contains("^^^^") && drawn.len() < 1000, "{drawn}");
    }
}
