//! From statements to one tree, with the parser of `squawk-syntax`.
//!
//! Its trees come without its second look at what was parsed, which costs more than the parsing: a statement is looked
//! at again only where that could find something ([`doubt`]). Statements are parsed some at a time, those of a large text
//! by several threads, and one by one where an error lies among them, so that it stays in its statement; what is refused
//! is tried in another spelling ([`respell`]). The tree of a text without errors is the one that parsing it as a whole
//! gives.

use std::cell::Cell;
use std::ops::Range;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use rowan::{GreenNode, GreenNodeData, NodeCache, NodeOrToken};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{AstNode, SourceFile};

use super::statements::Cut;
use super::{doubt, green, respell};

/// About so much text is parsed at a time: enough that starting to parse is no cost, and little enough to stay in a
/// processor's cache.
const SHARE: usize = 1 << 15;

/// A parsed text.
#[derive(Clone, Debug)]
pub struct Tree {
    root: GreenNode,
    /// Its syntax errors, in order.
    pub errors: Vec<SyntaxError>,
}

/// What is wrong with the syntax of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Which statement, counted from the first.
    pub statement: usize,
    /// Where.
    pub range: Range<usize>,
    /// What, in the parser's words.
    pub message: String,
}

impl Tree {
    /// The tree as the parser's own.
    pub fn file(&self) -> SourceFile {
        SourceFile::cast(SyntaxNode::new_root(self.root.clone())).expect("a tree's root is made as a file")
    }
}

/// Parses `text`, which consists of the statements `cuts`.
pub fn parse(text: &str, cuts: &[Cut]) -> Tree {
    parse_by(SHARE, text, cuts)
}

/// Parses about `size` bytes at a time.
fn parse_by(size: usize, text: &str, cuts: &[Cut]) -> Tree {
    let shares = shares(size, cuts);
    let mut trees: Vec<Tree> = match shares.as_slice() {
        [share] => vec![parse_share(text, cuts, share)],
        shares => shares.par_iter().map(|share| parse_share(text, cuts, share)).collect(),
    };
    if trees.len() == 1 {
        return trees.remove(0);
    }
    let root = green::file(trees.iter().map(|tree| &*tree.root));
    Tree { root, errors: trees.into_iter().flat_map(|tree| tree.errors).collect() }
}

/// Cuts the statements into rows of about `size` bytes.
fn shares(size: usize, cuts: &[Cut]) -> Vec<Range<usize>> {
    let mut shares = Vec::new();
    let mut from = 0;
    for (at, cut) in cuts.iter().enumerate() {
        if cut.range.end - cuts[from].range.start >= size {
            shares.push(from..at + 1);
            from = at + 1;
        }
    }
    if from < cuts.len() || shares.is_empty() {
        shares.push(from..cuts.len());
    }
    shares
}

thread_local! {
    static SEEN: Cell<Seen> = Cell::default();
}

/// Words and small nodes of the texts that a thread parsed last: those of a small file are mostly there already. They are
/// forgotten before they are many.
#[derive(Default)]
struct Seen {
    nodes: NodeCache,
    /// Of how much text they are.
    bytes: usize,
}

fn parse_share(text: &str, cuts: &[Cut], share: &Range<usize>) -> Tree {
    let mut seen = SEEN.take();
    let tree = parse_with(&mut seen.nodes, text, cuts, share);
    seen.bytes += usize::from(tree.root.text_len());
    if seen.bytes < SHARE {
        SEEN.set(seen);
    }
    tree
}

fn parse_with(cache: &mut NodeCache, text: &str, cuts: &[Cut], share: &Range<usize>) -> Tree {
    let own = &cuts[share.clone()];
    let (start, end) = (own.first().map_or(0, |cut| cut.range.start), own.last().map_or(0, |cut| cut.range.end));
    let (root, broken) = green::parse(&text[start..end], cache);
    if broken {
        return one_by_one(text, share.clone().zip(own), cache);
    }
    let refused = |at: usize| verdict(text, share.start + at, &own[at]).next().is_some();
    if doubtful(&root, start, own).into_iter().any(refused) {
        return one_by_one(text, share.clone().zip(own), cache);
    }
    Tree { root, errors: Vec::new() }
}

/// Parses each statement by itself.
fn one_by_one<'c>(text: &str, cuts: impl Iterator<Item = (usize, &'c Cut)>, cache: &mut NodeCache) -> Tree {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for (statement, cut) in cuts {
        let source = &text[cut.range.clone()];
        let (mut file, broken) = green::parse(source, cache);
        if broken || !doubtful(&file, cut.range.start, std::slice::from_ref(cut)).is_empty() {
            let found: Vec<SyntaxError> = verdict(text, statement, cut).collect();
            match found.first().and_then(|_| respell::respelled(source)) {
                Some(spelled) => file = green::parse_as(source, &spelled, cache).0,
                None => errors.extend(found),
            }
        }
        files.push(file);
    }
    Tree { root: green::file(files.iter().map(|file| &**file)), errors }
}

/// Which of the statements `cuts`, whose tree is `file`, could be refused at a second look.
fn doubtful(file: &GreenNodeData, start: usize, cuts: &[Cut]) -> Vec<usize> {
    let mut found = Vec::new();
    let (mut offset, mut cut, mut seen) = (start, 0, None);
    for child in file.children() {
        if let NodeOrToken::Node(node) = child {
            cut += cuts[cut..].iter().take_while(|cut| cut.range.end <= offset).count();
            // A second statement before the semicolon.
            let doubtful = seen.replace(cut) == Some(cut) || doubt::may_be_refused(node);
            if doubtful && found.last() != Some(&cut) {
                found.push(cut);
            }
        }
        offset += usize::from(child.text_len());
    }
    found
}

/// All that the parser has to say against a statement.
fn verdict(text: &str, statement: usize, cut: &Cut) -> impl Iterator<Item = SyntaxError> {
    let (offset, source) = (cut.range.start, &text[cut.range.clone()]);
    let end = cut.range.end;
    SourceFile::parse(source).errors().into_iter().map(move |error| {
        let at = |place: usize| (offset + place).min(end);
        let range = at(error.range().start().into())..at(error.range().end().into());
        SyntaxError { statement, range, message: error.message().to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
    use proptest::test_runner::RngSeed;

    use super::parse_by;
    use crate::syntax::sql::statements::cut;

    /// Statements as people write them, between lines that are none.
    const WRITTEN: &str = concat!(
        include_str!("../../../tests/it/changes.sql"),
        include_str!("../../../tests/it/grammar.sql"),
        "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b);\n",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 2 END; END;\n",
        "SELECT a IN b; SELECT 1 SELECT 2; CREATE TABLE t (a); SELECT any (SELECT 1);\n",
    );

    /// The part of [`WRITTEN`] from one fraction of it on, at most this long.
    fn piece((from, length): (u16, u16)) -> &'static str {
        let place = |at: usize| (0..=at.min(WRITTEN.len())).rev().find(|at| WRITTEN.is_char_boundary(*at)).unwrap_or(0);
        let from = usize::from(from) * WRITTEN.len() / 65536;
        &WRITTEN[place(from)..place(from + usize::from(length) / 32)]
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 64,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn a_text_is_the_same_however_much_of_it_is_parsed_at_a_time(
            pieces in proptest::collection::vec(any::<(u16, u16)>(), 1..6),
            size in 1usize..3_000,
        ) {
            let text: String = pieces.into_iter().map(piece).collect();
            let cuts = cut(&text);
            let one_by_one = parse_by(1, &text, &cuts);
            for size in [size, text.len() + 1] {
                let other = parse_by(size, &text, &cuts);
                prop_assert_eq!(&other.errors, &one_by_one.errors, "{}", &text);
                prop_assert_eq!(&other.root, &one_by_one.root, "{}", &text);
            }
        }
    }
}
