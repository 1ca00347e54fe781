//! Statements that PostgreSQL takes and the parser refuses: words that are names there and key words here, and the few
//! constructs that it does not know.
//!
//! The parser is given such a statement in another spelling of the same length: a word that may be a name as one that
//! can be nothing else, what it does not know as spaces. The tree keeps the file's own words, so that nobody else knows
//! of it, and what was left out lies between its nodes for whoever reads the construct. Only what was refused is tried,
//! one word at a time, and a spelling counts when nothing is left to refuse.

use std::ops::Range;

use squawk_syntax::SourceFile;

/// The most words of a statement that are spelled anew.
const MOST: usize = 16;

/// The longest statement for which it is tried: each try parses it again.
const LONGEST: usize = 1 << 16;

/// Names that the parser takes for key words, and the word that has to follow where it is a name only before that.
/// All but a few are key words of later versions; found by trying every key word in every place.
#[rustfmt::skip]
const NAMES: &[(&str, Option<&str>)] = &[
    ("cube", None), ("exclude", None), ("json", None), ("json_array", None), ("json_arrayagg", None),
    ("json_exists", None), ("json_object", None), ("json_objectagg", None), ("json_query", None),
    ("json_scalar", None), ("json_serialize", None), ("json_table", None), ("json_value", None),
    ("merge_action", None), ("rollup", None), ("system_user", None),
    ("delete", Some("as")), ("insert", Some("as")), ("merge", Some("as")), ("recursive", Some("as")),
    ("update", Some("as")), ("values", Some("as")),
    ("time", Some("with")), ("timestamp", Some("with")),
];

/// Where the parser stops, and why.
struct Refusal {
    at: usize,
    message: String,
}

/// `source`, a statement that the parser refuses, in a spelling that it takes, if there is one.
pub fn respelled(source: &str) -> Option<String> {
    if source.len() > LONGEST {
        return None;
    }
    let mut spelled = source.to_owned();
    let mut refusal = refusal(source)?;
    for _ in 0..MOST {
        let tried = edits(&spelled, &refusal).into_iter().map(|(range, name)| replaced(&spelled, range, name));
        let tried = tried.map(|text| (self::refusal(&text), text));
        let mut better = tried.filter(|(next, _)| next.as_ref().is_none_or(|next| next.at > refusal.at));
        match better.next()? {
            (None, text) => return Some(text),
            (Some(next), text) => (refusal, spelled) = (next, text),
        }
    }
    None
}

fn refusal(source: &str) -> Option<Refusal> {
    let errors = SourceFile::parse(source).errors();
    errors.first().map(|error| Refusal { at: error.range().start().into(), message: error.message().to_owned() })
}

/// What could be spelled anew, and whether as a name; else it is left out.
fn edits(source: &str, refusal: &Refusal) -> Vec<(Range<usize>, bool)> {
    let mut edits = Vec::new();
    if let Some(procedural) = word_starting(source, "procedural") {
        edits.push((procedural, false));
    }
    if refusal.message == "expected WITH_KW" {
        edits.extend(element_options(source, refusal.at).map(|range| (range, false)));
    }
    let before = word_before(source, refusal.at);
    let second = before.as_ref().and_then(|word| word_before(source, word.start));
    let names = [before, second, word_after(source, refusal.at)];
    edits.extend(names.into_iter().flatten().filter(|word| may_be_name(source, word)).map(|word| (word, true)));
    edits
}

/// `PROCEDURAL` says nothing in `CREATE TRUSTED PROCEDURAL LANGUAGE`: the word, where a statement starts with it.
fn word_starting(source: &str, wanted: &str) -> Option<Range<usize>> {
    let mut from = 0;
    for _ in 0..5 {
        let word = word_after(source, from)?;
        if source[word.clone()].eq_ignore_ascii_case(wanted) {
            return Some(word);
        }
        from = word.end;
    }
    None
}

/// What stands between an element of an exclusion constraint and its `WITH`: an operator class, an order.
fn element_options(source: &str, at: usize) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    let mut from = at;
    while let Some(next) = source[from..].chars().next() {
        match next {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' | ';' if depth == 0 => return None,
            _ if is_word(next) => {
                let word = word_after(source, from)?;
                if depth == 0 && source[word.clone()].eq_ignore_ascii_case("with") {
                    return Some(at..word.start);
                }
                from = word.end;
                continue;
            }
            _ => {}
        }
        from += next.len_utf8();
    }
    None
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The word at `at`, or after the space there.
fn word_after(source: &str, at: usize) -> Option<Range<usize>> {
    let rest = source.get(at..)?;
    let start = at + rest.len() - rest.trim_start().len();
    let length = source[start..].find(|c| !is_word(c)).unwrap_or(source.len() - start);
    (length > 0).then_some(start..start + length)
}

/// The word that ends at `at`, or before the space there.
fn word_before(source: &str, at: usize) -> Option<Range<usize>> {
    let before = source.get(..at)?.trim_end();
    let start = before.char_indices().rev().take_while(|(_, c)| is_word(*c)).last().map(|(start, _)| start)?;
    Some(start..before.len())
}

/// Whether the word `range` is one that the parser takes for a key word and PostgreSQL for a name.
fn may_be_name(source: &str, range: &Range<usize>) -> bool {
    let word = &source[range.clone()];
    let Some((_, next)) = NAMES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)) else { return false };
    let following = word_after(source, range.end).map(|range| &source[range]);
    next.is_none_or(|next| following.is_some_and(|word| word.eq_ignore_ascii_case(next)))
}

/// `source` with a name that is no key word in `range`, or with spaces.
fn replaced(source: &str, range: Range<usize>, name: bool) -> String {
    let mut text = source.to_owned();
    let spelled = if name {
        // No key word starts with an underscore.
        format!("_{}", &source[range.start + 1..range.end])
    } else {
        source[range.clone()].chars().flat_map(|c| std::iter::repeat_n(' ', c.len_utf8())).collect()
    };
    text.replace_range(range, &spelled);
    text
}
