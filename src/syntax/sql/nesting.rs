//! Statements that nest so deeply that reading them could exhaust the stack: the parser, and all that walks its trees,
//! call themselves for each level. They are reported and taken out before anything is parsed.
//!
//! A scan of the text that never counts too little: brackets, CASE and BEGIN, runs of signs and NOT are levels; and
//! between two commas each word may be one more in a tree that leans to the left (`a + b + c`). PostgreSQL has such limits
//! too (`max_stack_depth`).

use std::ops::Range;

use super::scan::{Piece, pieces};
use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;

/// The deepest nesting that is read.
const DEEPEST: usize = 500;

/// The most words and signs between two commas.
const LONGEST: usize = 10_000;

/// What is too deep in `text`: the ranges to take out, and a diagnostic for each.
pub fn too_deep(path: &RepoPath, text: &str) -> Vec<(Range<usize>, Diagnostic)> {
    let mut found = Vec::new();
    let mut statement: Option<usize> = None;
    let mut depth = Depth::default();
    let mut end = |statement: Option<usize>, end: usize, depth: &Depth| {
        let Some(start) = statement.filter(|_| depth.is_too_deep()) else { return };
        let first = start + text[start..end].find(char::is_whitespace).unwrap_or(end - start);
        let message = "the statement nests too deeply to be read";
        let limits = format!("up to {DEEPEST} levels are read, and up to {LONGEST} words between two commas");
        let diagnostic = Diagnostic::error("too-deep", Span::new(path, start..first), message).help(limits);
        found.push((start..end, diagnostic));
    };
    for (piece, range) in pieces(text) {
        match piece {
            Piece::Space | Piece::LineComment | Piece::BlockComment => continue,
            Piece::Semicolon => {
                end(statement.take(), range.end, &depth);
                depth = Depth::default();
                continue;
            }
            Piece::Quoted => {
                depth.operand();
                if range.len() > DEEPEST && statement.is_some_and(|start| is_routine(&text[start..])) {
                    depth.body(&text[range.clone()]);
                }
            }
            Piece::Backslash => depth.operand(),
            Piece::Code => depth.code(&text[range.clone()]),
        }
        statement.get_or_insert(range.start);
    }
    end(statement, text.len(), &depth);
    found
}

/// Whether a statement makes a routine, whose body is SQL that is parsed as well.
fn is_routine(statement: &str) -> bool {
    let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
    let mut words = statement.split_whitespace().take(4);
    words.next().is_some_and(|word| is(word, "create"))
        && words.any(|word| is(word, "function") || is(word, "procedure"))
}

/// How deep a statement is, as far as it was scanned.
#[derive(Debug, Default)]
struct Depth {
    /// How many brackets, CASE and BEGIN are open.
    open: usize,
    /// How many signs and NOT stand in a row.
    run: usize,
    /// The most that both came to.
    deepest: usize,
    /// Words and signs since the last comma or bracket.
    words: usize,
    /// The most of them.
    longest: usize,
}

impl Depth {
    fn is_too_deep(&self) -> bool {
        self.deepest > DEEPEST || self.longest > LONGEST
    }

    /// Takes in a body in quotes: as deep as the deepest of its statements.
    fn body(&mut self, quoted: &str) {
        let inner = quoted.trim_matches(|c: char| c == '\'' || c == '$' || c.is_alphanumeric() || c == '_');
        let mut own = Depth::default();
        for (piece, range) in pieces(inner) {
            match piece {
                Piece::Space | Piece::LineComment | Piece::BlockComment => {}
                Piece::Semicolon => (own.open, own.run, own.words) = (0, 0, 0),
                Piece::Quoted | Piece::Backslash => own.operand(),
                Piece::Code => own.code(&inner[range]),
            }
        }
        self.deepest = self.deepest.max(own.deepest);
        self.longest = self.longest.max(own.longest);
    }

    fn operand(&mut self) {
        self.run = 0;
        self.word();
    }

    fn word(&mut self) {
        self.words += 1;
        self.longest = self.longest.max(self.words);
    }

    fn deeper(&mut self) {
        self.deepest = self.deepest.max(self.open + self.run);
    }

    fn code(&mut self, code: &str) {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let mut rest = code;
        while let Some(first) = rest.chars().next() {
            let length =
                if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
            let (token, after) = rest.split_at(length);
            rest = after;
            match first {
                '(' | '[' | '{' => self.open(),
                ')' | ']' | '}' => self.close(),
                ',' => (self.run, self.words) = (0, 0),
                _ if is_word(first) => self.named(token),
                _ => {
                    self.run += 1;
                    self.deeper();
                    self.word();
                }
            }
        }
    }

    fn open(&mut self) {
        self.open += 1;
        self.deeper();
        self.word();
    }

    fn close(&mut self) {
        self.open = self.open.saturating_sub(1);
        self.operand();
    }

    fn named(&mut self, word: &str) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if is("case") || is("begin") {
            self.open();
        } else if is("end") {
            self.close();
        } else if is("not") {
            self.run += 1;
            self.deeper();
            self.word();
        } else {
            self.operand();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::too_deep;
    use crate::path::RepoPath;

    fn found(text: &str) -> Vec<&str> {
        too_deep(&RepoPath::root(), text).into_iter().map(|(range, _)| &text[range]).collect()
    }

    #[test]
    fn what_nests_too_deeply_is_found_and_nothing_else() {
        let nested =
            |open: &str, close: &str, times: usize| format!("SELECT {}1{};", open.repeat(times), close.repeat(times));
        for (open, close) in
            [("(", ")"), ("[", "]"), ("CASE WHEN x THEN ", " END"), ("NOT ", ""), ("- ", ""), ("f(a, ", ")")]
        {
            let (deep, fine) = (nested(open, close, 501), nested(open, close, 400));
            assert_eq!(found(&format!("{fine} {deep} {fine}")), [deep.as_str()], "{open}");
        }
        let body =
            format!("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $b$ {} $b$;", nested("(", ")", 501));
        assert_eq!(found(&body), [body.as_str()]);
        let long = format!("SELECT 1{};", " + 1".repeat(10_000));
        assert_eq!(found(&long), [long.as_str()]);
        let list = format!("SELECT a IN (1{}); SELECT '{}';", ", - f(1)".repeat(20_000), "(".repeat(20_000));
        assert_eq!(found(&list), [""; 0]);
    }
}
