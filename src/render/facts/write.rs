//! From what was read to a trace.

use std::collections::BTreeMap;

use minijinja::value::Value;

use super::Facts;
use super::recorder::Reads;
use super::scalar::Scalar;
use super::trace::{Asked, Item, Seen, Text, Trace};
use super::tree::{CHILD, FILLED, LENGTH, List, Map, Node, ORDER, name};
use super::whole::{digest_of, marks};

/// Bytes that a trace may take, about; deep containers are put together until it does.
const LIMIT: usize = 256 << 10;
/// Bytes of a digest, and of what stands around a value.
const WHOLE: usize = 18;

impl Facts {
    /// What a render that noted `reads` saw.
    pub fn trace(&self, reads: &Reads) -> Trace {
        self.trace_within(reads, LIMIT)
    }

    /// As [`Facts::trace`], in about `limit` bytes.
    pub(super) fn trace_within(&self, reads: &Reads, limit: usize) -> Trace {
        let depth = if reads.len() * WHOLE < limit { usize::MAX } else { depth(self.root(), reads, limit) };
        let mut writer = Writer { reads, depth, texts: BTreeMap::new() };
        let root = writer.seen(self.root(), 0);
        let mut texts = vec![String::new(); writer.texts.len()];
        for (text, number) in writer.texts {
            text.clone_into(&mut texts[number as usize]);
        }
        Trace { texts, root }
    }
}

struct Writer<'a> {
    reads: &'a Reads,
    /// Containers this deep are put together.
    depth: usize,
    texts: BTreeMap<&'a str, Text>,
}

impl<'a> Writer<'a> {
    fn text(&mut self, text: &'a str) -> Text {
        let next = self.texts.len() as Text;
        *self.texts.entry(text).or_insert(next)
    }

    fn seen(&mut self, value: &'a Value, depth: usize) -> Seen {
        match Node::of(value) {
            Node::Scalar(value) => Seen::Scalar(Scalar::of(value).map(|text| self.text(text))),
            Node::Whole(_) => whole(value),
            Node::Map(_) | Node::List(_) if depth >= self.depth => whole(value),
            Node::Map(map) => self.map(map, depth),
            Node::List(list) => self.list(list, depth),
        }
    }

    fn map(&mut self, map: &'a Map, depth: usize) -> Seen {
        let keys = self.reads.has(map.first + ORDER);
        let keys = keys.then(|| map.keys.iter().map(|key| self.text(key)).collect());
        let mut fetched = Vec::new();
        for ((key, value), fact) in map.keys.iter().zip(&map.values).zip(map.first + CHILD..) {
            if self.reads.has(fact) {
                fetched.push((self.text(key), self.seen(value, depth + 1)));
            }
        }
        let absent = self.reads.absent.range((map.first, String::new())..(map.first + 1, String::new()));
        let absent = absent.map(|(_, key)| self.text(key)).collect();
        Seen::Map { asked: asked(self.reads, map.first, map.values.len()), keys, fetched, absent }
    }

    fn list(&mut self, list: &'a List, depth: usize) -> Seen {
        let mut items = self.reads.has(list.first + ORDER).then(|| Vec::with_capacity(list.items().len()));
        for (item, fact) in list.items().iter().zip(list.first + CHILD..) {
            let Some(items) = &mut items else { break };
            let name = name(item).map(|name| self.text(name));
            let seen = self.reads.has(fact).then(|| self.seen(item, depth + 1));
            items.push(Item { name, seen });
        }
        Seen::List { asked: asked(self.reads, list.first, list.items().len()), items }
    }
}

fn asked(reads: &Reads, first: u32, length: usize) -> Asked {
    Asked {
        length: reads.has(first + LENGTH).then_some(length as u32),
        filled: reads.has(first + FILLED).then_some(length > 0),
    }
}

/// How deep containers can be told apart in about `limit` bytes.
fn depth(root: &Value, reads: &Reads, limit: usize) -> usize {
    let mut sizes = Vec::new();
    weigh(root, reads, 0, &mut sizes);
    let mut total = 0;
    for (depth, size) in sizes.iter().enumerate() {
        total += size;
        if total > limit {
            return depth.max(1);
        }
    }
    usize::MAX
}

/// Adds to `sizes` what each depth below `value` takes when its containers are told apart: the names and scalars in a
/// container count where the container stands.
fn weigh(value: &Value, reads: &Reads, depth: usize, sizes: &mut Vec<usize>) {
    let (first, children, own): (u32, &[Value], usize) = match Node::of(value) {
        Node::Scalar(_) | Node::Whole(_) => return,
        Node::Map(map) => (map.first, &map.values, 0),
        Node::List(list) => {
            let names = if reads.has(list.first + ORDER) {
                list.items().iter().filter_map(name).map(str::len).sum()
            } else {
                0
            };
            (list.first, list.items(), names)
        }
    };
    if sizes.len() <= depth {
        sizes.resize(depth + 1, 0);
    }
    sizes[depth] += own;
    for (child, _) in children.iter().zip(first + CHILD..).filter(|(_, fact)| reads.has(*fact)) {
        sizes[depth] += match Node::of(child) {
            Node::Scalar(value) => value.as_str().map_or(2, |text| text.len().min(WHOLE + 40)),
            Node::Map(_) | Node::List(_) | Node::Whole(_) => WHOLE,
        };
        weigh(child, reads, depth + 1, sizes);
    }
}

/// A container of which everything counts.
fn whole(value: &Value) -> Seen {
    Seen::Whole { digest: digest_of(value), marks: marks(value) }
}
