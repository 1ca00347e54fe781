//! git's commit-graph: trees and parents of commits in one sorted file, where git has written one.
//!
//! The format is that of git's `gitformat-commit-graph`: one file, or a chain of layers, of which each counts commits on
//! from those below. What is damaged, cut or of a version that nobody knows is no graph; whoever asks then reads the
//! commits themselves. Replaced objects, grafts and shallow clones make it wrong, as git says too, and that is
//! for the caller to know.

use std::fs;
use std::path::Path;

use super::{Id, Point};

const MAGIC: &[u8] = b"CGPH\x01\x01";
/// The bytes of the ids of the only hash that is read here, SHA-1.
const WIDTH: usize = 20;
/// The bytes of what is known of one commit: its tree, two parents, its generation and time.
const ROW: usize = WIDTH + 16;
/// The number that stands for no parent.
const NONE: usize = 0x7000_0000;

/// What a repository's commit-graph knows.
pub struct Graph {
    /// The lowest first.
    layers: Vec<Layer>,
}

/// One file.
struct Layer {
    bytes: Vec<u8>,
    /// How many commits stand in the layers below.
    below: usize,
    commits: usize,
    fanout: usize,
    ids: usize,
    rows: usize,
}

impl Graph {
    /// Reads the graph of the repository whose objects lie in `objects`, if there is one.
    pub fn read(objects: &Path) -> Option<Graph> {
        let info = objects.join("info");
        if let Ok(bytes) = fs::read(info.join("commit-graph")) {
            return Some(Graph { layers: vec![Layer::new(bytes, 0)?] });
        }
        let folder = info.join("commit-graphs");
        let chain = fs::read_to_string(folder.join("commit-graph-chain")).ok()?;
        let mut graph = Graph { layers: Vec::new() };
        for hash in chain.lines() {
            let below = graph.layers.last().map_or(0, |last| last.below + last.commits);
            let bytes = fs::read(folder.join(format!("graph-{hash}.graph"))).ok()?;
            graph.layers.push(Layer::new(bytes, below)?);
        }
        Some(graph)
    }

    /// A commit and its first parents, as far as the graph knows them.
    pub fn line(&self, commit: Id) -> Line<'_> {
        let find = |layer: &Layer| Some(layer.below + layer.find(commit.as_bytes())?);
        Line { graph: self, next: self.layers.iter().rev().find_map(find).map(|at| (at, commit)) }
    }

    /// The commit of this number.
    fn id(&self, at: usize) -> Option<Id> {
        let layer = self.layer(at)?;
        Id::new(layer.id(at - layer.below)?)
    }

    /// What is known of the commit of this number.
    fn row(&self, at: usize) -> Option<&[u8]> {
        let layer = self.layer(at)?;
        layer.row(at - layer.below)
    }

    fn layer(&self, at: usize) -> Option<&Layer> {
        self.layers.iter().rev().find(|layer| layer.below <= at)
    }
}

/// A line of first parents, newest first, each with the parent that follows.
pub struct Line<'g> {
    graph: &'g Graph,
    /// The next commit, and its number.
    next: Option<(usize, Id)>,
}

impl Iterator for Line<'_> {
    type Item = (Point, Option<Id>);

    fn next(&mut self) -> Option<(Point, Option<Id>)> {
        let (at, commit) = self.next.take()?;
        let row = self.graph.row(at)?;
        let tree = Id::new(row.get(..WIDTH)?)?;
        self.next = match number(row, WIDTH)? {
            NONE => None,
            parent => Some((parent, self.graph.id(parent)?)),
        };
        Some((Point { commit, tree }, self.next.map(|(_, parent)| parent)))
    }
}

impl Layer {
    fn new(bytes: Vec<u8>, below: usize) -> Option<Layer> {
        let chunks = usize::from(*bytes.strip_prefix(MAGIC)?.first()?);
        let chunk = |name: &[u8]| {
            let table = (0..chunks).map(|at| MAGIC.len() + 2 + at * 12);
            let found = table.into_iter().find(|at| bytes.get(*at..at + 4) == Some(name))?;
            let offset = bytes.get(found + 4..found + 12)?;
            usize::try_from(u64::from_be_bytes(offset.try_into().ok()?)).ok()
        };
        let (fanout, ids, rows) = (chunk(b"OIDF")?, chunk(b"OIDL")?, chunk(b"CDAT")?);
        let commits = number(&bytes, fanout.checked_add(255 * 4)?)?;
        Some(Layer { bytes, below, commits, fanout, ids, rows })
    }

    fn id(&self, at: usize) -> Option<&[u8]> {
        let start = self.ids + at * WIDTH;
        self.bytes.get(start..start + WIDTH).filter(|_| at < self.commits)
    }

    fn row(&self, at: usize) -> Option<&[u8]> {
        let start = self.rows + at * ROW;
        self.bytes.get(start..start + ROW)
    }

    /// The number of a commit among those of this layer.
    fn find(&self, commit: &[u8]) -> Option<usize> {
        let first = usize::from(*commit.first()?);
        let upto = |byte: usize| number(&self.bytes, self.fanout + byte * 4);
        let (mut low, mut high) = (first.checked_sub(1).map_or(Some(0), upto)?, upto(first)?);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle)?.cmp(commit) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

/// The number of four bytes that stands at a place.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?) as usize)
}
