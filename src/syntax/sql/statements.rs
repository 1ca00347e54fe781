//! Where the statements of a text end, and which of them nest so deeply that reading them could exhaust the stack: the
//! parser, and all that walks its trees, call themselves for each level. Found by a scan, before anything is parsed.
//!
//! A semicolon ends a statement but for two places, both from PostgreSQL's grammar: the actions of a rule in their
//! parentheses, and `BEGIN ATOMIC … END`. So a mistake in one statement is no other's.
//!
//! The depth is never counted too little: brackets, CASE and BEGIN, runs of signs and NOT are levels; and between two
//! commas each word may be one more in a tree that leans to the left (`a + b + c`). PostgreSQL has such limits too
//! (`max_stack_depth`).

use std::ops::Range;

use super::scan::{Piece, pieces};

/// The deepest nesting that is read.
pub const DEEPEST: usize = 500;

/// The most words and signs between two commas.
pub const LONGEST: usize = 10_000;

/// A statement, or what is left behind the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Its bytes, with the trivia before it and its semicolon; where one ends, the next begins.
    pub range: Range<usize>,
    /// Where its first token starts, if it has one.
    pub start: Option<usize>,
    /// Whether it nests too deeply to be parsed.
    pub too_deep: bool,
}

/// Cuts `text` into statements, without gaps.
pub fn cut(text: &str) -> Vec<Cut> {
    let mut cuts = Vec::with_capacity(text.len() / 200);
    let mut from = 0;
    let mut start: Option<usize> = None;
    let mut depth = Depth::default();
    for (piece, range) in pieces(text) {
        match piece {
            Piece::Space | Piece::LineComment | Piece::BlockComment => continue,
            Piece::Semicolon => {
                let first = *start.get_or_insert(range.start);
                if depth.atomic.is_some() || (depth.brackets > 0 && makes(&text[first..], &["rule"])) {
                    depth.next();
                    continue;
                }
                cuts.push(Cut { range: from..range.end, start, too_deep: depth.is_too_deep() });
                (from, start, depth) = (range.end, None, Depth::default());
                continue;
            }
            Piece::Quoted => {
                depth.operand();
                let routines = ["function", "procedure"];
                if range.len() > DEEPEST && start.is_some_and(|start| makes(&text[start..], &routines)) {
                    depth.body(&text[range.clone()]);
                }
            }
            Piece::Backslash => depth.operand(),
            Piece::Code => depth.code(&text[range.clone()]),
        }
        start.get_or_insert(range.start);
    }
    if from < text.len() {
        cuts.push(Cut { range: from..text.len(), start, too_deep: depth.is_too_deep() });
    }
    cuts
}

/// Whether a statement makes an object of one of these `kinds`: `CREATE [OR REPLACE] kind`.
fn makes(statement: &str, kinds: &[&str]) -> bool {
    let code = pieces(statement).filter(|(piece, _)| *piece == Piece::Code).map(|(_, range)| &statement[range]);
    let mut words = code.take(4);
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("create"))
        && words.any(|word| kinds.iter().any(|kind| word.eq_ignore_ascii_case(kind)))
}

/// How deep a statement is, as far as it was scanned.
#[derive(Debug, Default)]
struct Depth {
    /// How many brackets are open.
    brackets: usize,
    /// How many CASE and BEGIN are open.
    blocks: usize,
    /// How many signs and NOT stand in a row.
    run: usize,
    /// The most that both came to.
    deepest: usize,
    /// Words and signs since the last comma or bracket.
    words: usize,
    /// The most of them.
    longest: usize,
    /// Whether the word before was BEGIN.
    begins: bool,
    /// Within BEGIN ATOMIC: how many blocks were open before it.
    atomic: Option<usize>,
}

impl Depth {
    fn is_too_deep(&self) -> bool {
        self.deepest > DEEPEST || self.longest > LONGEST
    }

    /// Goes on with the next statement within the same one.
    fn next(&mut self) {
        (self.run, self.words) = (0, 0);
    }

    /// Takes in a body in quotes: as deep as the deepest of its statements.
    fn body(&mut self, quoted: &str) {
        let inner = quoted.trim_matches(|c: char| c == '\'' || c == '$' || c.is_alphanumeric() || c == '_');
        let mut own = Depth::default();
        for (piece, range) in pieces(inner) {
            match piece {
                Piece::Space | Piece::LineComment | Piece::BlockComment => {}
                Piece::Semicolon => (own.brackets, own.blocks, own.run, own.words) = (0, 0, 0, 0),
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

    fn code(&mut self, code: &str) {
        let bytes = code.as_bytes();
        let mut at = 0;
        while let Some(first) = bytes.get(at) {
            let start = at;
            at += 1;
            match first {
                b'(' | b'[' | b'{' => {
                    self.brackets += 1;
                    self.opened();
                }
                b')' | b']' | b'}' => {
                    self.brackets = self.brackets.saturating_sub(1);
                    self.operand();
                }
                b',' => (self.run, self.words) = (0, 0),
                byte if is_word(*byte) => {
                    at += bytes[at..].iter().take_while(|byte| is_word(**byte)).count();
                    self.named(&bytes[start..at]);
                }
                _ => {
                    self.run += 1;
                    self.opened();
                }
            }
        }
    }

    /// Counts a word that opens a level.
    fn opened(&mut self) {
        self.deepest = self.deepest.max(self.brackets + self.blocks + self.run);
        self.word();
    }

    fn named(&mut self, word: &[u8]) {
        let begins = std::mem::take(&mut self.begins);
        let is = |other: &str| word.eq_ignore_ascii_case(other.as_bytes());
        match word.len() {
            3 if is("end") => {
                self.blocks = self.blocks.saturating_sub(1);
                self.atomic = self.atomic.filter(|before| self.blocks > *before);
                self.operand();
            }
            3 if is("not") => {
                self.run += 1;
                self.opened();
            }
            4 if is("case") => {
                self.blocks += 1;
                self.opened();
            }
            5 if is("begin") => {
                self.blocks += 1;
                self.begins = true;
                self.opened();
            }
            6 if begins && is("atomic") => {
                self.atomic = self.atomic.or(Some(self.blocks - 1));
                self.operand();
            }
            _ => self.operand(),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::cut;

    fn found(text: &str) -> Vec<&str> {
        let deep = cut(text).into_iter().filter(|cut| cut.too_deep);
        deep.map(|cut| &text[cut.start.unwrap_or(0)..cut.range.end]).collect()
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

    #[test]
    fn a_semicolon_ends_a_statement_outside_of_rules_and_atomic_bodies_only() {
        let statements = [
            "CREATE /* or */ OR REPLACE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM (b););",
            "\n-- it's; one\nSELECT ';', \";\", $$;$$, E'\\';';",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN (2) END; SELECT 3; END;",
            ";",
            " SELECT (1;",
            "BEGIN;",
            " SELECT atomic;",
            " END;",
            " -- nothing",
        ];
        let text = statements.concat();
        let found: Vec<&str> = cut(&text).into_iter().map(|cut| &text[cut.range]).collect();
        assert_eq!(found, statements);
        assert_eq!(cut(" -- x")[0].start, None);
    }
}
