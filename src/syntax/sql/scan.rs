//! The pieces of SQL text that matter without a grammar: what is quoted, what is a comment, what is space.
//!
//! A scanner for the few questions that are asked of text before or beside parsing: is this backslash psql's, is
//! this comment a hint, which spaces may be folded. One pass, no allocation.

use std::ops::Range;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// White space.
    Space,
    /// A `--` comment, without its line end.
    LineComment,
    /// A `/* */` comment.
    BlockComment,
    /// A quoted string or identifier, of any kind.
    Quoted,
    /// A semicolon outside of all quotes.
    Semicolon,
    /// A backslash outside of all quotes.
    Backslash,
    /// Anything else.
    Code,
}

/// The pieces of a text, in order, without gaps.
pub struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Cuts `text` into pieces.
pub fn pieces(text: &str) -> Pieces<'_> {
    Pieces { bytes: text.as_bytes(), at: 0 }
}

impl Pieces<'_> {
    /// Goes on at `offset`, past what is no SQL.
    pub fn skip_to(&mut self, offset: usize) {
        self.at = offset;
    }

    fn end_of_piece(&self) -> (Piece, usize) {
        let (bytes, at) = (self.bytes, self.at);
        match bytes[at] {
            byte if byte.is_ascii_whitespace() => (Piece::Space, run(bytes, at, |byte| byte.is_ascii_whitespace())),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                (Piece::LineComment, run(bytes, at, |byte| byte != b'\n' && byte != b'\r'))
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => (Piece::BlockComment, block_comment(bytes, at)),
            b'\'' => (Piece::Quoted, quoted(bytes, at, escapes(bytes, at))),
            b'"' => (Piece::Quoted, quoted(bytes, at, false)),
            b'$' => match dollar_tag(bytes, at) {
                Some(tag) => (Piece::Quoted, dollar_quoted(bytes, at, tag)),
                None => (Piece::Code, at + 1),
            },
            b';' => (Piece::Semicolon, at + 1),
            b'\\' => (Piece::Backslash, at + 1),
            _ => (Piece::Code, code(bytes, at)),
        }
    }
}

impl Iterator for Pieces<'_> {
    type Item = (Piece, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let (piece, end) = self.end_of_piece();
        let range = self.at..end;
        self.at = end;
        Some((piece, range))
    }
}

/// The end of the code that starts at `at`: a dollar within a word is a part of it.
fn code(bytes: &[u8], at: usize) -> usize {
    let mut end = (at + 1).max(run(bytes, at, is_plain));
    while bytes.get(end) == Some(&b'$') && is_word(bytes[end - 1]) {
        end = run(bytes, end + 1, is_plain);
    }
    end
}

/// Whether `byte` can start no other piece than code.
fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let special = b" \t\n\x0C\r-/'\"$;\\";
    let mut at = 0;
    while at < special.len() {
        plain[special[at] as usize] = false;
        at += 1;
    }
    plain
};

/// The end of the run of bytes from `at` that satisfy `of`.
fn run(bytes: &[u8], at: usize, of: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|byte| !of(*byte)).map_or(bytes.len(), |length| at + length)
}

/// The end of the block comment that starts at `at`; they nest.
fn block_comment(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut at) = (1, at + 2);
    while depth > 0 && at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

/// The end of the quoted text that starts at `at`. A doubled quote starts the next piece, which is as good.
fn quoted(bytes: &[u8], at: usize, escapes: bool) -> usize {
    let quote = bytes[at];
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            byte if byte != quote => at += 1,
            _ if escapes && bytes.get(at + 1) == Some(&quote) => at += 2,
            _ => return at + 1,
        }
    }
    bytes.len()
}

/// Whether the quote at `at` opens an `E'…'` string, in which a backslash escapes.
fn escapes(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'e' | b'E') && (at < 2 || !is_word(bytes[at - 2]))
}

/// The tag of the dollar quote that starts at `at`, if one does: `$$`, `$body$`.
fn dollar_tag(bytes: &[u8], at: usize) -> Option<&[u8]> {
    if at > 0 && is_word(bytes[at - 1]) {
        return None;
    }
    let end = run(bytes, at + 1, is_word);
    let starts_well = bytes.get(at + 1).is_some_and(|first| !first.is_ascii_digit());
    (bytes.get(end) == Some(&b'$') && starts_well).then(|| &bytes[at..=end])
}

fn dollar_quoted(bytes: &[u8], at: usize, tag: &[u8]) -> usize {
    let mut from = at + tag.len();
    while from < bytes.len() {
        from = run(bytes, from, |byte| byte != b'$');
        if bytes[from..].starts_with(tag) {
            return from + tag.len();
        }
        from += 1;
    }
    bytes.len()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// `sql` in one line: comments dropped, white space outside of quotes one space, none at the ends.
pub fn fold(sql: &str) -> String {
    let mut folded = String::with_capacity(sql.len());
    let mut gap = false;
    for (piece, range) in pieces(sql) {
        match piece {
            Piece::Space | Piece::LineComment | Piece::BlockComment => gap = true,
            _ => {
                if gap && !folded.is_empty() {
                    folded.push(' ');
                }
                gap = false;
                folded.push_str(&sql[range]);
            }
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::{Piece, fold, pieces};

    #[test]
    fn folds_space_and_comments_outside_of_quotes_only() {
        let sql = " a  -- why\n + 'x  y''  -- z' /* a /* b */ c */ || \"C  d\"\t||E'\\'  ' || $t$  $$  $t$ || 1 ";
        assert_eq!(fold(sql), "a + 'x  y''  -- z' || \"C  d\" ||E'\\'  ' || $t$  $$  $t$ || 1");
    }

    #[test]
    fn a_dollar_in_a_name_or_a_parameter_opens_no_quote() {
        assert_eq!(fold("a$b$  c $1  $2"), "a$b$ c $1 $2");
    }

    #[test]
    fn pieces_leave_no_gap() {
        let text = "a-b/c 'open é -- ; \\";
        let mut end = 0;
        for (_, range) in pieces(text) {
            assert_eq!(range.start, end);
            end = range.end;
        }
        assert_eq!(end, text.len());
        assert!(pieces("a;\\").any(|(piece, _)| piece == Piece::Backslash));
    }
}
