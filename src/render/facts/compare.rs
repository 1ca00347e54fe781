//! Holds a trace against the facts of a present view: whether a render would see the same, and what it would not.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::Value;

use super::Facts;
use super::scalar::{Scalar, Short};
use super::trace::{Asked, Item, Seen, Text, Trace};
use super::tree::{List, Map, Node, Whole, name};
use super::whole::{digest_of, mark};
use super::words::{self, Step};

/// Differences that are told one by one.
const TOLD: usize = 200;

/// One fact that is not what a render saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The fact in words: `` `accounts.phone` type ``.
    pub name: String,
    /// What the render saw.
    pub old: Shown,
    /// What there is now.
    pub new: Shown,
}

/// A value of a fact, as far as it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// There was, or is, nothing.
    Nothing,
    /// There was, or is, something that no line could show.
    Something,
    /// A value, in a line.
    Value(String),
}

impl Trace {
    /// Whether a render that saw this would see the same in `present`.
    pub fn matches(&self, present: &Facts) -> bool {
        let mut walk = Walk { trace: self, path: Vec::new(), found: Vec::new(), limit: 1, within: &|_| None };
        walk.seen(&self.root, present.root());
        walk.found.is_empty()
    }

    /// What a render that saw this would see otherwise in `present`; none when it would see the same. Those that can
    /// be shown come first. `within` knows what was seen within containers that counted as a whole, by their digests.
    pub fn differences(&self, present: &Facts, within: &Within<'_>) -> Vec<Difference> {
        let mut walk = Walk { trace: self, path: Vec::new(), found: Vec::new(), limit: TOLD, within };
        walk.seen(&self.root, present.root());
        walk.found.sort_by_key(|found| found.old == found.new);
        walk.found
    }
}

/// Knows what was seen within a container that counted as a whole and had this digest.
pub type Within<'w> = dyn Fn(&Short) -> Option<Trace> + 'w;

struct Walk<'a> {
    trace: &'a Trace,
    path: Vec<Step<'a>>,
    found: Vec<Difference>,
    limit: usize,
    within: &'a Within<'a>,
}

impl<'a> Walk<'a> {
    fn is_done(&self) -> bool {
        self.found.len() >= self.limit
    }

    fn differs(&mut self, old: Shown, new: Shown) {
        if !self.is_done() {
            self.found.push(Difference { name: words::of(&self.path), old, new });
        }
    }

    /// Goes one step down.
    fn below(&mut self, step: Step<'a>, what: impl FnOnce(&mut Walk<'a>)) {
        if !self.is_done() {
            self.path.push(step);
            what(self);
            self.path.pop();
        }
    }

    fn seen(&mut self, seen: &'a Seen, present: &'a Value) {
        match (seen, Node::of(present)) {
            (Seen::Scalar(old), Node::Scalar(value)) => {
                let (old, new) = (self.trace.scalar(*old), Scalar::of(value));
                if old != new {
                    let (old, new) = self.without_name(scalar(old), scalar(new));
                    self.differs(old, new);
                }
            }
            (Seen::Map { asked, keys, fetched, absent }, Node::Map(map)) => {
                self.asked(*asked, map.values.len());
                self.keys(keys.as_deref(), map);
                self.fetched(fetched, map);
                self.absent(absent, map);
            }
            (Seen::List { asked, items }, Node::List(list)) => match items {
                Some(items) => self.items(items, list),
                None => self.asked(*asked, list.items().len()),
            },
            (Seen::Whole { digest, marks }, Node::Map(_) | Node::List(_) | Node::Whole(_)) => {
                if *digest != digest_of(present) && !self.within(digest, present) {
                    self.whole(marks, present);
                }
            }
            (seen, _) => self.differs(self.shown(seen), shown(present)),
        }
    }

    /// Two values that both begin with the name of what they are about, as a column's definition does, without it.
    fn without_name(&self, old: Shown, new: Shown) -> (Shown, Shown) {
        let name = self.path.iter().rev().find_map(|step| if let Step::Named(name) = step { Some(name) } else { None });
        let rest = |shown: &Shown| match (shown, name) {
            (Shown::Value(text), Some(name)) => text.strip_prefix(*name)?.strip_prefix(' ').map(str::to_owned),
            _ => None,
        };
        match (rest(&old), rest(&new)) {
            (Some(old), Some(new)) => (Shown::Value(old), Shown::Value(new)),
            _ => (old, new),
        }
    }

    fn asked(&mut self, asked: Asked, length: usize) {
        if let Some(old) = asked.length.filter(|old| *old as usize != length) {
            self.below(Step::Key("number"), |walk| {
                walk.differs(Shown::Value(old.to_string()), Shown::Value(length.to_string()));
            });
        } else if asked.filled.is_some_and(|old| old != (length > 0)) {
            let shown = |filled| if filled { Shown::Something } else { Shown::Nothing };
            self.differs(shown(length == 0), shown(length > 0));
        }
    }

    fn keys(&mut self, keys: Option<&'a [Text]>, map: &'a Map) {
        let Some(keys) = keys else { return };
        let old: Vec<&str> = keys.iter().map(|key| self.trace.text(*key)).collect();
        let new: Vec<&str> = map.keys.iter().map(AsRef::as_ref).collect();
        if old == new {
            return;
        }
        let before = self.found.len();
        for key in new.iter().filter(|key| !old.contains(key)) {
            self.below(Step::Key(key), |walk| {
                walk.differs(Shown::Nothing, map.find(key).map_or(Shown::Something, |(_, value)| shown(value)));
            });
        }
        for key in old.iter().filter(|key| !new.contains(key)) {
            self.below(Step::Key(key), |walk| walk.differs(Shown::Something, Shown::Nothing));
        }
        if self.found.len() == before {
            self.order();
        }
    }

    fn order(&mut self) {
        self.below(Step::Key("order"), |walk| walk.differs(Shown::Something, Shown::Something));
    }

    fn fetched(&mut self, fetched: &'a [(Text, Seen)], map: &'a Map) {
        for (key, seen) in fetched {
            let key = self.trace.text(*key);
            match map.find(key) {
                Some((_, value)) => self.below(Step::Key(key), |walk| match name(value) {
                    Some(name) => walk.below(Step::Named(name), |walk| walk.seen(seen, value)),
                    None => walk.seen(seen, value),
                }),
                None => self.below(Step::Key(key), |walk| walk.differs(walk.shown(seen), Shown::Nothing)),
            }
        }
    }

    fn absent(&mut self, absent: &'a [Text], map: &'a Map) {
        for key in absent {
            let key = self.trace.text(*key);
            if let Some((_, value)) = map.find(key) {
                self.below(Step::Key(key), |walk| walk.differs(Shown::Nothing, shown(value)));
            }
        }
    }

    /// Items stand where they stood, or it is told which came and which went.
    fn items(&mut self, items: &'a [Item], list: &'a List) {
        let same = |(old, new): (&Item, &Value)| old.name.map(|name| self.trace.text(name)) == name(new);
        if items.len() == list.items().len() && items.iter().zip(list.items()).all(same) {
            for (place, (item, value)) in items.iter().zip(list.items()).enumerate() {
                let Some(seen) = &item.seen else { continue };
                self.below(step(place, name(value)), |walk| walk.seen(seen, value));
            }
            return;
        }
        if self.limit == 1 {
            return self.order();
        }
        self.moved(items, list);
    }

    fn moved(&mut self, items: &'a [Item], list: &'a List) {
        if let (Some(old), Some(new)) = (self.texts(items), texts(list.items())) {
            return self.differs(Shown::Value(old), Shown::Value(new));
        }
        let before = self.found.len();
        if !self.regrouped(items, list) {
            self.came_and_went(items, list);
        }
        if self.found.len() == before {
            self.order();
        }
    }

    /// Several statements may be about the same: the first of a name stands for the first of that name, and so on.
    fn came_and_went(&mut self, items: &'a [Item], list: &'a List) {
        let old = items.iter().map(|item| item.name.map(|name| self.trace.text(name)));
        let old = numbered(old.zip(items.iter().enumerate()));
        let new = numbered(list.items().iter().map(name).zip(list.items().iter().enumerate()));
        let mut present: Vec<_> = new.iter().collect();
        present.sort_by_key(|(_, (place, _))| *place);
        for (at, (place, value)) in present {
            let name = at.0;
            match old.get(at).filter(|_| name.is_some()) {
                Some((_, Item { seen: Some(seen), .. })) => {
                    self.below(step(*place, name), |walk| walk.seen(seen, value));
                }
                Some(_) => {}
                None if name.is_some() || *place >= items.len() => {
                    self.below(step(*place, name), |walk| walk.differs(Shown::Nothing, Shown::Something));
                }
                None => {}
            }
        }
        for (at, (place, _)) in &old {
            if !new.contains_key(at) {
                self.below(step(*place, at.0), |walk| walk.differs(Shown::Something, Shown::Nothing));
            }
        }
    }

    /// As [`Walk::moved`] of containers that count as a whole, as if the items of their lists were one list: what moved from one
    /// to another neither came nor went. False where not all is known of them.
    fn regrouped(&mut self, items: &'a [Item], list: &'a List) -> bool {
        let old: Option<Vec<&Short>> = items.iter().map(|item| item.seen.as_ref()?.whole()).collect();
        let whole = |value: &'a Value| if let Node::Whole(whole) = Node::of(value) { Some(whole) } else { None };
        let new: Option<Vec<&Whole>> = list.items().iter().map(whole).collect();
        let Some((old, new)) = old.zip(new) else { return false };
        let known: BTreeSet<&Short> = old.iter().copied().collect();
        let present: BTreeSet<&Short> = new.iter().map(|whole| &whole.digest).collect();
        let were: Option<Vec<Trace>> =
            old.into_iter().filter(|digest| !present.contains(digest)).map(|digest| (self.within)(digest)).collect();
        let Some(were) = were else { return false };
        let were = numbered(
            were.iter().flat_map(|trace| trace.items().into_iter().map(move |(at, item)| (at, (item, trace)))),
        );
        let are = new.into_iter().filter(|whole| !known.contains(&whole.digest)).map(|whole| whole.content().root());
        let are = numbered(are.flat_map(listed));
        for (at, value) in &are {
            let (limit, within) = (self.limit.saturating_sub(self.found.len()), self.within);
            let (path, found) = (vec![Step::Key(at.0.0), Step::Named(at.0.1)], Vec::new());
            let seen = were.get(at).map(|(item, trace)| (item.seen.as_ref(), *trace));
            let mut walk = Walk { trace: seen.map_or(self.trace, |(_, trace)| trace), path, found, limit, within };
            match seen {
                Some((Some(seen), _)) => walk.seen(seen, value),
                Some((None, _)) => {}
                None => walk.differs(Shown::Nothing, Shown::Something),
            }
            self.found.extend(walk.found);
        }
        for (key, name) in were.keys().filter(|at| !are.contains_key(*at)).map(|(at, _)| at) {
            let (path, found) = (vec![Step::Key(key), Step::Named(name)], Vec::new());
            let limit = self.limit.saturating_sub(self.found.len());
            let mut walk = Walk { trace: self.trace, path, found, limit, within: self.within };
            walk.differs(Shown::Something, Shown::Nothing);
            self.found.extend(walk.found);
        }
        true
    }

    /// The items of a list of texts, where all were fetched.
    fn texts(&self, items: &[Item]) -> Option<String> {
        let text = |item: &Item| match &item.seen {
            Some(Seen::Scalar(value)) => Some(self.trace.scalar(*value).shown()),
            _ => None,
        };
        Some(items.iter().map(text).collect::<Option<Vec<_>>>()?.join(", "))
    }

    /// Tells what is other within a container that counts as a whole, where that is known.
    fn within(&mut self, digest: &Short, present: &Value) -> bool {
        let Node::Whole(whole) = Node::of(present) else { return false };
        let Some(known) = (self.limit > 1).then(|| (self.within)(digest)).flatten() else { return false };
        let left = self.limit.saturating_sub(self.found.len());
        self.found.extend(known.differences(whole.content(), self.within).into_iter().take(left));
        true
    }

    /// Which items of a list that counts whole are new, as far as their marks tell.
    fn whole(&mut self, marks: &[u32], present: &'a Value) {
        let before = self.found.len();
        if let (Node::List(list), true) = (Node::of(present), self.limit > 1) {
            let known: BTreeSet<u32> = marks.iter().copied().collect();
            for (place, item) in list.items().iter().enumerate().filter(|(_, item)| !known.contains(&mark(item))) {
                self.below(step(place, name(item)), |walk| walk.differs(Shown::Something, Shown::Something));
            }
        }
        if self.found.len() == before {
            self.differs(Shown::Something, Shown::Something);
        }
    }

    fn shown(&self, seen: &Seen) -> Shown {
        match seen {
            Seen::Scalar(value) => scalar(self.trace.scalar(*value)),
            _ => Shown::Something,
        }
    }
}

impl Seen {
    fn whole(&self) -> Option<&Short> {
        if let Seen::Whole { digest, .. } = self { Some(digest) } else { None }
    }
}

/// The key of a list and the name of an item in it.
type At<'n> = (&'n str, &'n str);

impl Trace {
    /// The named items of the lists that a map has.
    fn items(&self) -> Vec<(At<'_>, &Item)> {
        let Seen::Map { fetched, .. } = &self.root else { return Vec::new() };
        let mut all = Vec::new();
        for (key, seen) in fetched {
            let Seen::List { items: Some(items), .. } = seen else { continue };
            let named = items.iter().filter_map(|item| Some(((self.text(*key), self.text(item.name?)), item)));
            all.extend(named);
        }
        all
    }
}

/// As [`Trace::items`], of a view.
fn listed(view: &Value) -> Vec<(At<'_>, &Value)> {
    let Node::Map(map) = Node::of(view) else { return Vec::new() };
    let mut all = Vec::new();
    for (key, value) in map.keys.iter().zip(&map.values) {
        let Node::List(list) = Node::of(value) else { continue };
        all.extend(list.items().iter().filter_map(|item| Some(((key.as_ref(), name(item)?), item))));
    }
    all
}

/// Each name, with how many of the same name there are before it.
fn numbered<N: Copy + Ord, T>(names: impl Iterator<Item = (N, T)>) -> BTreeMap<(N, usize), T> {
    let mut counts: BTreeMap<N, usize> = BTreeMap::new();
    let number = |(name, it)| {
        let next = counts.entry(name).or_default();
        *next += 1;
        ((name, *next - 1), it)
    };
    names.map(number).collect()
}

fn step<'a>(place: usize, name: Option<&'a str>) -> Step<'a> {
    name.map_or(Step::Item(place), Step::Named)
}

fn scalar(value: Scalar<&str>) -> Shown {
    match value {
        Scalar::Null => Shown::Nothing,
        value => Shown::Value(value.shown()),
    }
}

fn shown(value: &Value) -> Shown {
    match Node::of(value) {
        Node::Scalar(value) => scalar(Scalar::of(value)),
        Node::Map(_) | Node::List(_) | Node::Whole(_) => Shown::Something,
    }
}

/// The items of a list of scalars, in a line.
fn texts(items: &[Value]) -> Option<String> {
    let text = |item: &Value| match Node::of(item) {
        Node::Scalar(value) => Some(Scalar::of(value).shown()),
        Node::Map(_) | Node::List(_) | Node::Whole(_) => None,
    };
    Some(items.iter().map(text).collect::<Option<Vec<_>>>()?.join(", "))
}
