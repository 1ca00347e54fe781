//! Renders the pieces that read something that is not what it was, and remembers what each read.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::known::{History, Known};
use super::made::{self, Made};
use super::pieces::{Piece, Pieces};
use super::stages::Stages;
use super::{Progress, roundtrip};
use crate::config::target::Stage;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::memo::trace::{Reason, Traces};
use crate::memo::{Key, Memo, Query};
use crate::output::{Bytes, Content, Outcome, Wanted};
use crate::path::RepoPath;
use crate::render::error::RenderError;
use crate::render::text::Text;

/// The name of the work of rendering a piece.
const RENDER: Query = Query { name: "render", version: 1 };
/// A text, by its digest.
pub(super) const TEXT: Query = Query { name: "text", version: 1 };

/// What the outputs should hold, and how that came about.
pub struct Rendered<'a> {
    /// The outputs.
    pub contents: Wanted,
    /// Why each piece that was rendered was.
    pub reasons: BTreeMap<RepoPath, Vec<Reason>>,
    pieces: &'a Pieces,
    stages: &'a Stages<'a>,
    /// Texts that the memo does not hold.
    fresh: BTreeMap<RepoPath, Text>,
    /// What is known of each piece, in the order of their paths.
    made: Vec<(&'a Piece, Option<Settled>)>,
    /// The errors of templates: the first of the outputs that they keep from being rendered, and how many.
    failed: BTreeMap<Diagnostic, (&'a RepoPath, usize)>,
}

/// What became of one piece.
enum Done {
    /// An earlier render read what there is now.
    Known(Settled),
    /// It was rendered; with its text when the memo does not hold it.
    Fresh { known: Settled, text: Option<Text>, reasons: Vec<Reason> },
    /// It keeps its old bytes.
    Kept(Vec<Diagnostic>),
    /// It keeps them since its template fails.
    Failed(Box<Diagnostic>),
}

/// What is known of one piece before its view is made.
enum Asked {
    /// All.
    Done(Done),
    /// It needs a view.
    Open(History),
}

/// A render that is known: the key under which it is, and the text that it made.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Settled {
    key: Key,
    basis: Digest,
    text: Digest,
}

impl Settled {
    fn of(history: &History, known: &Known) -> Settled {
        Settled { key: history.key, basis: history.basis, text: known.text }
    }

    /// The digest of the text.
    pub fn text(&self) -> Digest {
        self.text
    }
}

/// A piece, and what is known of it by what was left of the last build.
pub struct Asking<'a> {
    /// The piece.
    pub piece: &'a Piece,
    /// The render that the last build left, where an edit does not reach it; of a report, as long as its basis is the same.
    pub settled: Option<Settled>,
}

impl<'a> Asking<'a> {
    /// A piece of which nothing is known before it is asked.
    pub fn anew(piece: &'a Piece) -> Asking<'a> {
        Asking { piece, settled: None }
    }
}

/// What to render, and with what.
pub struct Task<'a> {
    /// The pieces, some or all, in the order of their paths.
    pub list: Vec<Asking<'a>>,
    /// All of them, and what they are rendered with.
    pub pieces: &'a Pieces,
    /// Their views.
    pub stages: &'a Stages<'a>,
    /// What is remembered.
    pub memo: &'a Memo,
    /// What each output was made from.
    pub traces: &'a Traces,
    /// Whether to do it on this thread alone.
    pub alone: bool,
}

/// Renders the pieces of `task`; what is found of those `counted` is not counted again.
pub fn render<'a>(
    task: &Task<'a>,
    counted: &BTreeSet<RepoPath>,
    progress: &Progress<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Rendered<'a> {
    let Task { ref list, pieces, stages, memo, traces, alone } = *task;
    let done = AtomicUsize::new(0);
    let count = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, list.len());
    let ask = |asking| ask(asking, pieces, stages, memo);
    let one = |(Asking { piece, .. }, asked): (&Asking<'a>, Asked)| {
        let result = match asked {
            Asked::Done(done) => done,
            Asked::Open(history) => one(piece, history, pieces, stages, memo, traces),
        };
        count();
        (*piece, result)
    };
    let results: Vec<(&Piece, Done)> = if alone {
        list.iter().map(|asking| one((asking, ask(asking)))).collect()
    } else {
        stages.begin(list.iter().map(|asking| asking.piece));
        let asked: Vec<Asked> = list.par_iter().map(ask).collect();
        let open = list.iter().zip(&asked).filter(|(_, asked)| matches!(asked, Asked::Open(_)));
        stages.prepare(open.map(|(asking, _)| asking.piece));
        list.par_iter().zip(asked).map(one).collect()
    };
    let mut rendered = Rendered {
        contents: Wanted::new(),
        reasons: BTreeMap::new(),
        pieces,
        stages,
        fresh: BTreeMap::new(),
        made: Vec::with_capacity(list.len()),
        failed: BTreeMap::new(),
    };
    for (piece, result) in results {
        if matches!(result, Done::Known(_)) && !counted.contains(&piece.path) {
            memo.hit(RENDER);
        }
        let content = rendered.take(piece, result, diagnostics);
        let content = if pieces.refused { Content::Keep } else { content };
        rendered.contents.insert(piece.path.clone(), content);
    }
    diagnostics.extend(rendered.failures());
    rendered
}

/// Looks whether a piece is known without a view.
fn ask(Asking { piece, settled }: &Asking<'_>, pieces: &Pieces, stages: &Stages<'_>, memo: &Memo) -> Asked {
    // Production follows an edit by itself, and says by the basis whether it has come to an entity.
    if let Some(settled) = settled.filter(|_| piece.target.stage != Stage::Production) {
        return Asked::Done(Done::Known(settled));
    }
    let Some(basis) = stages.basis(piece) else { return Asked::Done(Done::Kept(Vec::new())) };
    if let Some(settled) = settled.filter(|settled| settled.basis == basis) {
        return Asked::Done(Done::Known(settled));
    }
    let history = History::of(piece, basis, memo);
    match history.same(pieces) {
        Some(known) => Asked::Done(Done::Known(Settled::of(&history, &known))),
        None => Asked::Open(history),
    }
}

fn one(
    piece: &Piece,
    mut history: History,
    pieces: &Pieces,
    stages: &Stages<'_>,
    memo: &Memo,
    traces: &Traces,
) -> Done {
    let Some(view) = stages.view(piece) else { return Done::Kept(Vec::new()) };
    if let Some(known) = history.find(&view, pieces, memo) {
        return Done::Known(Settled::of(&history, &known));
    }
    memo.ran(RENDER, piece.path.as_str());
    let facts = view.facts();
    let rendered = match pieces.engine.render_facts(&piece.target.template, &facts) {
        Ok(rendered) => rendered,
        Err(error) => return Done::Failed(Box::new(failed(pieces, &error))),
    };
    let production = pieces.production.as_ref().filter(|_| piece.is_read_back());
    let digest = || rendered.text.digest();
    let (lost, digest) = match production {
        Some(shared) => rayon::join(|| roundtrip::losses(piece, &rendered, &shared.product), digest),
        None => (Vec::new(), digest()),
    };
    if !lost.is_empty() {
        return Done::Kept(lost);
    }
    // A text that is made of parts is put together again when somebody wants it.
    let kept = rendered.reads.parts.is_empty() && memo.put(memo.key(TEXT, digest), &rendered.text.to_string());
    let reasons = made::reasons(piece, pieces, &facts, traces, memo);
    let templates = pieces.engine.uses(&rendered.reads.templates);
    let known = history.add(&view, &facts, &rendered.reads, templates, digest, memo);
    let known = Settled::of(&history, &known);
    Done::Fresh { known, text: (!kept).then_some(rendered.text), reasons }
}

/// Whether `piece` was last made to hold another text here.
fn was_else(piece: &Piece, text: Digest, traces: &Traces) -> bool {
    traces.last::<Made>(piece.path.as_str()).is_some_and(|made| made.known.text != text)
}

/// A template's error, which may be that of many outputs.
fn failed(pieces: &Pieces, error: &RenderError) -> Diagnostic {
    let file = |name: &str| pieces.engine.is_overridden(name).then(|| pieces.templates.join(name).ok()).flatten();
    error.diagnostic(file)
}

impl<'a> Rendered<'a> {
    fn take(&mut self, piece: &'a Piece, done: Done, diagnostics: &mut Vec<Diagnostic>) -> Content {
        let settled = match done {
            Done::Known(known) => known,
            Done::Fresh { known, text, reasons } => {
                self.fresh.extend(text.map(|text| (piece.path.clone(), text)));
                self.reasons.insert(piece.path.clone(), reasons);
                known
            }
            Done::Kept(found) => {
                diagnostics.extend(found);
                self.made.push((piece, None));
                return Content::Keep;
            }
            Done::Failed(found) => {
                self.failed.entry(*found).or_insert((&piece.path, 0)).1 += 1;
                self.made.push((piece, None));
                return Content::Keep;
            }
        };
        let text = settled.text;
        self.made.push((piece, Some(settled)));
        Content::Bytes(text)
    }

    /// The errors of templates, each once.
    fn failures(&mut self) -> impl Iterator<Item = Diagnostic> {
        std::mem::take(&mut self.failed).into_iter().map(|(found, (first, count))| {
            found.help(match count - 1 {
                0 => format!("`{first}` keeps what it holds"),
                more => format!("`{first}` and {more} more outputs keep what they hold"),
            })
        })
    }

    /// The bytes of the output at `path`: rendered just now, remembered, or rendered again.
    pub fn bytes(&self, path: &RepoPath, memo: &Memo) -> Option<Bytes<'_>> {
        let place = self.made.binary_search_by(|(piece, _)| piece.path.cmp(path)).ok()?;
        let (piece, settled) = &self.made[place];
        let wanted = settled.as_ref()?.text;
        if let Some(text) = self.fresh.get(path) {
            return Some(Bytes::of(text.bytes().map(Cow::Borrowed), wanted));
        }
        if let Some(text) = memo.get::<String>(memo.key(TEXT, wanted)) {
            return Some(Bytes::from(text.into_bytes()));
        }
        let facts = self.stages.view(piece)?.facts();
        let text = self.pieces.engine.render_facts(&piece.target.template, &facts).ok()?.text;
        Some(Bytes::of(text.bytes().map(|bytes| Cow::Owned(bytes.to_owned())), text.digest()))
    }

    /// What is known of each piece, for the next build.
    pub fn into_known(self) -> Vec<Option<Settled>> {
        self.made.into_iter().map(|(_, settled)| settled).collect()
    }

    /// Notes what each output that was rendered or written is made from now, and why, for who asks later.
    ///
    /// Gives why those that were not rendered are something else now.
    pub fn note(&self, outcome: &Outcome, traces: &Traces, memo: &Memo) -> BTreeMap<RepoPath, Vec<Reason>> {
        let build = traces.builds() + 1;
        let (mut returned, mut noted) = (BTreeMap::new(), false);
        for (piece, settled) in &self.made {
            let Some(Settled { key, text, .. }) = settled else { continue };
            memo.touch(*key);
            if outcome.failed.contains(&piece.path) {
                continue; // it holds what it was made of before, until it can be written
            }
            let reasons = match self.reasons.get(&piece.path) {
                Some(reasons) => reasons.clone(),
                None if outcome.written.contains_key(&piece.path)
                    || outcome.adopted.contains(&piece.path) && was_else(piece, *text, traces) =>
                {
                    let facts = self.stages.view(piece).map(|view| view.facts());
                    let reasons = facts.map(|facts| made::reasons(piece, self.pieces, &facts, traces, memo));
                    // Somebody removed or edited it, and it is again what it was last made to be.
                    let Some(reasons) = reasons.filter(|reasons| !reasons.is_empty()) else { continue };
                    returned.insert(piece.path.clone(), reasons.clone());
                    reasons
                }
                None => continue,
            };
            let Some(known) = Known::last(*key, *text, memo) else { continue };
            traces.note(piece.path.as_str(), &Made::new(piece, known, reasons, build));
            noted = true;
        }
        if noted {
            traces.count_build(build);
        }
        returned
    }
}
