//! Renders the pieces whose view or templates changed, and remembers what each was made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::pieces::{Piece, Pieces};
use super::{ENGINE, Progress, roundtrip};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::memo::trace::{Reason, Trace, Traces, explain};
use crate::memo::{Memo, Query};
use crate::output::{Content, Wanted};
use crate::path::RepoPath;

/// Which templates a piece loaded the last time that it was rendered from this view.
const TEMPLATES: Query = Query { name: "templates", version: 1 };
/// The digest of a piece's text.
const RENDER: Query = Query { name: "render", version: 1 };
/// A text, by its digest.
const TEXT: Query = Query { name: "text", version: 1 };

/// What the outputs should hold, and how that came about.
pub struct Rendered<'a> {
    /// The outputs.
    pub contents: Wanted,
    /// Why each piece that was rendered was.
    pub reasons: BTreeMap<RepoPath, Vec<Reason>>,
    pieces: &'a Pieces,
    fresh: BTreeMap<RepoPath, String>,
    traces: BTreeMap<RepoPath, Trace>,
}

/// What became of one piece.
enum Done {
    /// It is as it was for this view before.
    Known(Digest),
    /// It was rendered.
    Fresh { digest: Digest, text: String, trace: Trace, reasons: Vec<Reason> },
    /// It keeps its old bytes.
    Kept(Vec<Diagnostic>),
}

/// Renders `pieces`.
pub fn render<'a>(
    pieces: &'a Pieces,
    memo: &Memo,
    traces: &Traces,
    progress: &Progress<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Rendered<'a> {
    let done = AtomicUsize::new(0);
    let results: Vec<(&Piece, Done)> = pieces
        .list
        .par_iter()
        .map(|piece| {
            let result = one(piece, pieces, memo, traces);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, pieces.list.len());
            (piece, result)
        })
        .collect();
    let mut rendered = Rendered {
        contents: Wanted::new(),
        reasons: BTreeMap::new(),
        pieces,
        fresh: BTreeMap::new(),
        traces: BTreeMap::new(),
    };
    for (piece, result) in results {
        let content = match result {
            Done::Known(digest) => Content::Bytes(digest),
            Done::Fresh { digest, text, trace, reasons } => {
                rendered.fresh.insert(piece.path.clone(), text);
                rendered.traces.insert(piece.path.clone(), trace);
                rendered.reasons.insert(piece.path.clone(), reasons);
                Content::Bytes(digest)
            }
            Done::Kept(found) => {
                diagnostics.extend(found);
                Content::Keep
            }
        };
        let content = if pieces.refused { Content::Keep } else { content };
        rendered.contents.insert(piece.path.clone(), content);
    }
    rendered
}

fn one(piece: &Piece, pieces: &Pieces, memo: &Memo, traces: &Traces) -> Done {
    let Some(view) = &piece.view else { return Done::Kept(Vec::new()) };
    let view_digest = digest::of("view", view);
    let asked = memo.key(TEMPLATES, digest::of("piece", &(&piece.template, view_digest)));
    let made_of = |templates: &BTreeSet<String>| {
        memo.key(RENDER, digest::of("piece", &(&piece.template, view_digest, pieces.engine.digest(templates))))
    };
    let known = memo.get::<BTreeSet<String>>(asked).and_then(|templates| memo.get::<Digest>(made_of(&templates)));
    if let Some(digest) = known {
        memo.hit(RENDER);
        return Done::Known(digest);
    }
    memo.ran(RENDER, piece.path.as_str());
    let rendered = match pieces.engine.render(&piece.template, view) {
        Ok(rendered) => rendered,
        Err(error) => return Done::Kept(vec![failed(piece, pieces, &error)]),
    };
    if let Some(model) = pieces.production.as_ref().filter(|_| piece.target == roundtrip::TARGET) {
        let lost = roundtrip::losses(piece, &rendered.text, model);
        if !lost.is_empty() {
            return Done::Kept(lost);
        }
    }
    let digest = digest::bytes(rendered.text.as_bytes());
    memo.put(asked, &rendered.templates);
    memo.put(made_of(&rendered.templates), &digest);
    memo.put(memo.key(TEXT, digest), &rendered.text);
    let trace = trace(piece, &rendered.templates, pieces);
    let reasons = explain(traces.last(piece.path.as_str()).as_ref(), &trace);
    Done::Fresh { digest, text: rendered.text, trace, reasons }
}

/// A template's error, for the output that it was for.
fn failed(piece: &Piece, pieces: &Pieces, error: &crate::render::error::RenderError) -> Diagnostic {
    let file = |name: &str| pieces.engine.is_overridden(name).then(|| pieces.templates.join(name).ok()).flatten();
    error.diagnostic(file).help(format!("`{}` keeps what it holds", piece.path))
}

/// What `piece` was made from: each value of its view, and each template.
fn trace(piece: &Piece, templates: &BTreeSet<String>, pieces: &Pieces) -> Trace {
    let mut facts = Vec::new();
    if let Ok(view) = serde_json::to_value(&piece.view) {
        flatten("", &view, &mut facts);
    }
    for name in templates {
        let digest = pieces.engine.text(name).map(|text| digest::bytes(text.as_bytes()));
        facts.push((format!("template {name}"), digest.unwrap_or_else(|| digest::bytes(b"")), String::new()));
    }
    Trace::new(ENGINE, facts)
}

/// The leaves of a view by their paths. An item of a list goes by its name, so that one that is added moves no other; of a
/// statement its text counts, or that of its columns.
fn flatten(path: &str, value: &serde_json::Value, facts: &mut Vec<(String, Digest, String)>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        serde_json::Value::Object(fields) if fields.contains_key("sql") => statement(path, value, facts),
        serde_json::Value::Object(fields) => fields.iter().for_each(|(key, value)| flatten(&below(key), value, facts)),
        serde_json::Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                flatten(&below(&item_name(place, item)), item, facts);
            }
        }
        leaf => {
            let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
            facts.push((path.to_owned(), digest::bytes(text.as_bytes()), shortened(&text)));
        }
    }
}

/// A statement: its columns one by one when it makes a table, else its text.
fn statement(path: &str, statement: &serde_json::Value, facts: &mut Vec<(String, Digest, String)>) {
    let text = |value: &serde_json::Value| value["sql"].as_str().unwrap_or("").to_owned();
    let groups = statement["table"]["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
    let items: Vec<&serde_json::Value> =
        groups.iter().filter_map(|group| group["items"].as_array()).flatten().collect();
    for item in &items {
        let sql = text(item);
        let (name, rest) = sql.split_once(' ').unwrap_or((&sql, ""));
        let path = format!("{}.{name}", path.trim_end_matches(" ("));
        facts.push((path, digest::bytes(sql.as_bytes()), shortened(rest)));
    }
    if items.is_empty() {
        facts.push((path.to_owned(), digest::bytes(text(statement).as_bytes()), String::new()));
    }
}

fn item_name(place: usize, item: &serde_json::Value) -> String {
    let text = ["name", "sql", "sentence"].iter().find_map(|key| item.get(key)?.as_str());
    text.map_or_else(|| place.to_string(), |text| shortened(text.lines().next().unwrap_or("")))
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

impl Rendered<'_> {
    /// The bytes of the output at `path`: rendered just now, remembered, or rendered again.
    pub fn bytes(&self, path: &RepoPath, memo: &Memo) -> Option<Vec<u8>> {
        if let Some(text) = self.fresh.get(path) {
            return Some(text.clone().into_bytes());
        }
        let Some(Content::Bytes(digest)) = self.contents.get(path) else { return None };
        if let Some(text) = memo.get::<String>(memo.key(TEXT, *digest)) {
            return Some(text.into_bytes());
        }
        let piece = self.pieces.list.iter().find(|piece| piece.path == *path)?;
        Some(self.pieces.engine.render(&piece.template, piece.view.as_ref()?).ok()?.text.into_bytes())
    }

    /// Notes what each rendered piece was made from, for the next time that somebody asks why.
    pub fn note(&self, traces: &Traces) {
        for (path, trace) in &self.traces {
            traces.note(path.as_str(), trace);
        }
    }
}
