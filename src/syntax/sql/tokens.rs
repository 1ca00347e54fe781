//! Whether a text says certain statements, told by its tokens: what stands between those is layout.

use squawk_lexer::{TokenKind, tokenize};

/// Whether `text` is just these statements in this order, each with a semicolon behind it; `BEGIN;` and `COMMIT;` may
/// stand around them. Comments and white space do not count, letter case does.
pub fn says<'s>(text: &str, statements: impl IntoIterator<Item = &'s str>) -> bool {
    let mut tokens = Tokens { rest: text };
    let told = statements.into_iter().all(|statement| tokens.pass(statement));
    while tokens.pass_frame() {}
    told && tokens.next().is_none()
}

/// The tokens of a text that mean something.
#[derive(Clone, Copy)]
struct Tokens<'t> {
    rest: &'t str,
}

impl Tokens<'_> {
    /// Goes past `statement`, where it comes next or behind what frames it.
    fn pass(&mut self, statement: &str) -> bool {
        loop {
            let passed = self.advance(|text| text.verbatim(statement) && text.semicolon())
                || self.advance(|text| text.tokens(statement) && text.semicolon());
            if passed || !self.pass_frame() {
                return passed;
            }
        }
    }

    fn pass_frame(&mut self) -> bool {
        let frames = |word: &str| word.eq_ignore_ascii_case("begin") || word.eq_ignore_ascii_case("commit");
        self.advance(|text| text.next().is_some_and(frames) && text.semicolon())
    }

    /// Goes as far as `step` does when it finds what it looks for, and else nowhere.
    fn advance(&mut self, step: impl FnOnce(&mut Self) -> bool) -> bool {
        let mut ahead = *self;
        let found = step(&mut ahead);
        if found {
            *self = ahead;
        }
        found
    }

    /// As a rule a statement is laid out just as it was written.
    fn verbatim(&mut self, statement: &str) -> bool {
        self.skip_blank();
        let behind = self.rest.strip_prefix(statement);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    fn tokens(&mut self, statement: &str) -> bool {
        let mut wanted = Tokens { rest: statement };
        std::iter::from_fn(|| wanted.next()).all(|token| self.next() == Some(token))
    }

    fn semicolon(&mut self) -> bool {
        self.next() == Some(";")
    }

    fn skip_blank(&mut self) {
        while let Some(token) = tokenize(self.rest).next().filter(|token| is_blank(token.kind)) {
            self.rest = &self.rest[token.len as usize..];
        }
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        self.skip_blank();
        let (token, rest) = self.rest.split_at(tokenize(self.rest).next()?.len as usize);
        self.rest = rest;
        Some(token)
    }
}

fn is_blank(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. })
}

#[cfg(test)]
mod tests {
    use super::says;

    const STATEMENTS: [&str; 2] = ["CREATE TABLE a (id int, b text)", "COMMENT ON TABLE a IS 'x  -- y'"];

    #[test]
    fn layout_does_not_count() {
        let text = "-- head\nBEGIN;\nCREATE TABLE a (\n  id int, -- the key\n  b text\n) ;\n\n\
                    COMMENT ON TABLE a IS 'x  -- y';\nCOMMIT;\n-- end";
        assert!(says(text, STATEMENTS));
    }

    #[test]
    fn anything_else_does() {
        let whole = "CREATE TABLE a (id int, b text); COMMENT ON TABLE a IS 'x  -- y';";
        assert!(says(whole, STATEMENTS));
        for (from, to) in [
            (", b text", ""),
            ("b text", "b text NOT NULL"),
            ("b text", "btext"),
            ("'x  -- y'", "'x -- y'"),
            ("; COMMENT", " COMMENT"),
            ("'x  -- y';", "'x  -- y'; DROP TABLE a;"),
            ("CREATE TABLE a", "SET x = 1; CREATE TABLE a"),
            ("b text); ", "b text) -- );\n"),
        ] {
            assert!(whole.contains(from));
            assert!(!says(&whole.replace(from, to), STATEMENTS), "{to}");
        }
        assert!(!says(whole, STATEMENTS.into_iter().rev()));
        assert!(!says(whole, STATEMENTS.into_iter().chain(["SELECT 1"])));
    }

    #[test]
    fn a_statement_that_only_begins_alike_is_another() {
        assert!(!says("DROP TABLE ab;", ["DROP TABLE a"]));
        assert!(says("DROP TABLE /* the old one */ ab;", ["DROP TABLE ab"]));
    }
}
