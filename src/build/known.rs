//! What is known of earlier renders of an output: the traces of the last few, each with the text that came of it.
//!
//! A render need not be repeated when one of them read the same facts and the same templates, so switching to a
//! branch and back renders nothing. The most recent stands first; how many are kept is bounded.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pieces::{Piece, Pieces};
use super::view::View;
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::render::facts::Facts;
use crate::render::facts::recorder::Reads;
use crate::render::facts::trace::Trace;
use crate::render::texts::TemplateUse;

/// The earlier renders of an output.
pub(super) const KNOWN: Query = Query { name: "known", version: 4 };
/// A trace, by its digest.
pub(super) const TRACE: Query = Query { name: "trace", version: 1 };
/// Renders that are kept of an output.
const KEPT: usize = 8;

/// A render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The digest of what its view was made from.
    basis: Digest,
    /// The view that it was given.
    view: Digest,
    /// The digest of the statements that its text was held against; none where there is no such check.
    checked: Option<Digest>,
    /// The templates that it asked for.
    pub templates: Vec<TemplateUse>,
    /// The facts that it read.
    trace: Digest,
    /// The text that it made.
    pub text: Digest,
}

impl Known {
    /// The last render known under `key` that made the text with this digest.
    pub fn last(key: Key, text: Digest, memo: &Memo) -> Option<Known> {
        let renders = memo.held::<Vec<Known>>(key)?;
        renders.iter().find(|known| known.text == text).cloned()
    }

    /// The facts that it read, if they are still in the cache.
    pub fn trace(&self, memo: &Memo) -> Option<Trace> {
        memo.get(memo.key(TRACE, self.trace))
    }
}

/// The earlier renders of one output.
pub struct History {
    /// Under which it is remembered.
    pub key: Key,
    renders: Arc<Vec<Known>>,
    template: String,
    /// The digest of what its view is made from.
    pub basis: Digest,
    is_checked: bool,
}

impl History {
    /// What is known of `piece`, whose view is made from what has the digest `basis`.
    pub fn of(piece: &Piece, basis: Digest, memo: &Memo) -> History {
        let key = memo
            .key(KNOWN, digest::of("piece", &(&piece.target.name, &piece.target.template, piece.subject.to_string())));
        let renders = memo.held(key).unwrap_or_default();
        let is_checked = piece.is_read_back();
        History { key, renders, template: piece.target.template.clone(), basis, is_checked }
    }

    /// A render that was made from the same: it needs no view.
    pub fn same(&self, pieces: &Pieces) -> Option<Known> {
        self.current(pieces).find(|known| known.basis == self.basis).cloned()
    }

    /// The renders whose templates are what they were.
    fn current(&self, pieces: &Pieces) -> impl Iterator<Item = &Known> {
        self.renders.iter().filter(|known| pieces.engine.has_still(&known.templates))
    }

    /// A render that read what there is in `view`. One with another view that happens to be the same in all that was
    /// read is remembered for this view too.
    pub fn find(&mut self, view: &View, pieces: &Pieces, memo: &Memo) -> Option<Known> {
        let digest = view.digest();
        let same = self.current(pieces).find(|known| known.view == digest);
        let known = same.or_else(|| {
            let mut made = self.current(pieces).peekable();
            made.peek()?;
            let facts = view.facts();
            // A text that was right for one schema need not be for another that it does not show.
            let checked = self.checked(view);
            made.find(|known| known.checked == checked && known.trace(memo).is_some_and(|trace| trace.matches(&facts)))
        });
        let known = Known { basis: self.basis, view: digest, ..known?.clone() };
        self.keep(known.clone(), memo);
        Some(known)
    }

    /// Remembers a render of `view`, whose facts are `facts`: what it read, and the text that it made.
    pub fn add(
        &mut self,
        view: &View,
        facts: &Facts,
        reads: &Reads,
        templates: Vec<TemplateUse>,
        text: Digest,
        memo: &Memo,
    ) -> Known {
        let (of, view) = (view, view.digest());
        // What a render reads follows from its view and its templates.
        let trace = digest::of("trace", &(&self.template, view, &templates));
        memo.put(memo.key(TRACE, trace), &facts.trace(reads));
        let known = Known { basis: self.basis, view, checked: self.checked(of), templates, trace, text };
        self.keep(known.clone(), memo);
        known
    }

    fn checked(&self, view: &View) -> Option<Digest> {
        self.is_checked.then(|| view.said()).flatten()
    }

    fn keep(&mut self, known: Known, memo: &Memo) {
        let others =
            self.renders.iter().filter(|other| (other.basis, &other.templates) != (known.basis, &known.templates));
        let renders: Vec<Known> = std::iter::once(&known).chain(others).take(KEPT).cloned().collect();
        self.renders = Arc::new(renders);
        memo.hold(self.key, Arc::clone(&self.renders));
    }
}
