//! What is known of earlier renders of an output: the traces of the last few, each with the text that came of it.
//!
//! A render need not be repeated when one of them read the same facts and the same templates, so switching to a
//! branch and back renders nothing. The most recent stands first; how many are kept is bounded.

use serde::{Deserialize, Serialize};

use super::pieces::{Piece, Pieces};
use super::roundtrip;
use super::view::View;
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::render::engine::TemplateUse;
use crate::render::facts::Facts;
use crate::render::facts::recorder::Reads;
use crate::render::facts::trace::Trace;

/// The earlier renders of an output.
const KNOWN: Query = Query { name: "known", version: 1 };
/// A trace, by its digest.
const TRACE: Query = Query { name: "trace", version: 1 };
/// Renders that are kept of an output.
const KEPT: usize = 8;

/// A render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The view that it was given.
    view: Digest,
    /// The digest of the statements that its text was held against; none where there is no such check.
    checked: Option<[u8; 16]>,
    /// The templates that it asked for.
    pub templates: Vec<TemplateUse>,
    /// The facts that it read.
    trace: Digest,
    /// The text that it made.
    pub text: Digest,
}

impl Known {
    /// The facts that it read, if they are still in the cache.
    pub fn trace(&self, memo: &Memo) -> Option<Trace> {
        memo.get(memo.key(TRACE, self.trace))
    }
}

/// The earlier renders of one output.
pub struct History {
    key: Key,
    renders: Vec<Known>,
    template: String,
    view: Digest,
    is_checked: bool,
}

impl History {
    /// What is known of `piece`, whose view is `view`.
    pub fn of(piece: &Piece, view: &View, memo: &Memo) -> History {
        let key = memo.key(KNOWN, digest::of("piece", &(&piece.template, &piece.path)));
        let renders = memo.get(key).unwrap_or_default();
        let is_checked = piece.target == roundtrip::TARGET;
        History { key, renders, template: piece.template.clone(), view: view.digest(), is_checked }
    }

    /// A render that read what there is now. One with another view that happens to be the same in all that was read
    /// is remembered for this view too.
    pub fn find(&mut self, pieces: &Pieces, memo: &Memo, facts: impl Fn() -> Facts) -> Option<Known> {
        let current = |known: &&Known| pieces.engine.has_still(&known.templates);
        if let Some(known) = self.renders.iter().filter(current).find(|known| known.view == self.view) {
            return Some(known.clone());
        }
        let made: Vec<&Known> = self.renders.iter().filter(current).collect();
        let facts = (!made.is_empty()).then(facts)?;
        // A text that was right for one schema need not be for another that it does not show.
        let checked = self.checked(&facts);
        let same =
            |known: &&&Known| known.checked == checked && known.trace(memo).is_some_and(|trace| trace.matches(&facts));
        let known = Known { view: self.view, ..(*made.iter().find(same)?).clone() };
        self.keep(known.clone(), memo);
        Some(known)
    }

    /// Remembers a render of the present view, whose facts are `facts`: what it read, and the text that it made.
    pub fn add(
        &mut self,
        facts: &Facts,
        reads: &Reads,
        templates: Vec<TemplateUse>,
        text: Digest,
        memo: &Memo,
    ) -> Known {
        // What a render reads follows from its view and its templates.
        let trace = digest::of("trace", &(&self.template, self.view, &templates));
        memo.put(memo.key(TRACE, trace), &facts.trace(reads));
        let known = Known { view: self.view, checked: self.checked(facts), templates, trace, text };
        self.keep(known.clone(), memo);
        known
    }

    fn checked(&self, facts: &Facts) -> Option<[u8; 16]> {
        self.is_checked.then(|| facts.part("statements"))
    }

    fn keep(&mut self, known: Known, memo: &Memo) {
        self.renders.retain(|other| *other != known);
        self.renders.insert(0, known);
        self.renders.truncate(KEPT);
        memo.put(self.key, &self.renders);
    }
}
