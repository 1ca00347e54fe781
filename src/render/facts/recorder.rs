//! Notes what a render reads: facts of its view by their numbers, keys that are absent, templates by name.
//!
//! Kept on a stack for each thread, since a render may start another. What nobody records costs a look at the stack.
//!
//! Numbers lie in *regions*, so that a part of a view can be numbered when it is first looked at: the bits grow with
//! what is noted. A render notes the facts of its own view's regions only.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::value::Value;

use super::scalar::Short;
use crate::digest::Digest;

thread_local! {
    static STACK: RefCell<Vec<Reads>> = const { RefCell::new(Vec::new()) };
}

/// The numbers of a region.
pub const REGION: u32 = 1 << 28;
/// The first number of what is read within a container that counts as a whole: its own render notes it, no other.
pub const WITHIN: u32 = 1 << 31;

/// A part that was rendered by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The digest of what it shows.
    pub shown: Short,
    /// Its text.
    pub text: Arc<str>,
    /// The digest of that.
    pub digest: Digest,
}

/// What one render read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The first number of its view.
    base: u32,
    /// The bits of each region.
    facts: Vec<Vec<u64>>,
    /// The keys that were looked for in vain, each with the first fact of the map that lacks it.
    pub(super) absent: BTreeSet<(u32, String)>,
    /// Every template that was asked for, whether it is there or not.
    pub templates: BTreeSet<String>,
    /// The parts that were rendered by themselves, in their order.
    pub parts: Vec<Shown>,
    /// What the part was given that could not be rendered.
    pub failed: Option<Value>,
}

impl Reads {
    /// Whether the fact numbered `fact` was read.
    pub fn has(&self, fact: u32) -> bool {
        let bits = self.place(fact).and_then(|(region, place)| self.facts.get(region)?.get(place));
        bits.is_some_and(|word| word >> (fact % 64) & 1 == 1)
    }

    /// How many facts were read.
    pub fn len(&self) -> usize {
        self.facts.iter().flatten().map(|word| word.count_ones() as usize).sum::<usize>() + self.absent.len()
    }

    /// The region of a fact and its word in there; none of what another render notes.
    fn place(&self, fact: u32) -> Option<(usize, usize)> {
        let fact = fact.checked_sub(self.base).filter(|fact| *fact < WITHIN)?;
        Some(((fact / REGION) as usize, (fact % REGION) as usize / 64))
    }

    fn note(&mut self, fact: u32) {
        let Some((region, place)) = self.place(fact) else { return };
        if self.facts.len() <= region {
            self.facts.resize_with(region + 1, Vec::new);
        }
        let words = &mut self.facts[region];
        if words.len() <= place {
            words.resize((place + 1).max(words.len() * 2), 0);
        }
        words[place] |= 1 << (fact % 64);
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Runs `render` and returns what it returns, with what was noted meanwhile on this thread; the numbers of its view
/// begin at `base`.
///
/// When `render` panics its frame stays on the stack, which later frames of the thread do not look at.
pub fn record<T>(base: u32, render: impl FnOnce() -> T) -> (T, Reads) {
    let depth = STACK.with_borrow_mut(|stack| {
        stack.push(Reads { base, ..Reads::default() });
        stack.len()
    });
    let result = render();
    let reads = STACK.with_borrow_mut(|stack| {
        stack.truncate(depth);
        stack.pop().unwrap_or_default()
    });
    (result, reads)
}

/// Notes that the fact numbered `fact` was read.
pub fn fact(fact: u32) {
    STACK.with_borrow_mut(|stack| {
        if let Some(reads) = stack.last_mut() {
            reads.note(fact);
        }
    });
}

/// Notes that the map whose first fact is `map` was asked for `key`, which it does not have.
pub fn absent(map: u32, key: &str) {
    STACK.with_borrow_mut(|stack| {
        if let Some(reads) = stack.last_mut().filter(|reads| reads.place(map).is_some()) {
            reads.absent.insert((map, key.to_owned()));
        }
    });
}

/// Notes that a part was rendered by itself.
pub fn part(part: Shown) {
    STACK.with_borrow_mut(|stack| {
        if let Some(reads) = stack.last_mut() {
            reads.parts.push(part);
        }
    });
}

/// The text of the part that was noted last.
pub fn last_part() -> Option<Arc<str>> {
    STACK.with_borrow(|stack| Some(Arc::clone(&stack.last()?.parts.last()?.text)))
}

/// Notes that a part could not be rendered, which was given `view`; the innermost of several is noted first, and stays.
pub fn failed(view: Value) {
    STACK.with_borrow_mut(|stack| {
        if let Some(reads) = stack.last_mut() {
            reads.failed.get_or_insert(view);
        }
    });
}

/// Notes that the template `name` was asked for, whether it is there or not.
pub fn template(name: &str) {
    STACK.with_borrow_mut(|stack| {
        if let Some(reads) = stack.last_mut().filter(|reads| !reads.templates.contains(name)) {
            reads.templates.insert(name.to_owned());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{REGION, WITHIN, fact, record, template};

    #[test]
    fn an_inner_render_is_not_the_outer_one() {
        let (inner, outer) = record(0, || {
            fact(3);
            template("a");
            let ((), inner) = record(0, || {
                fact(4);
                template("b");
            });
            fact(99);
            template("c");
            inner
        });
        assert_eq!(inner.templates.into_iter().collect::<Vec<_>>(), ["b"]);
        assert_eq!(outer.templates.iter().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!((0..100).filter(|fact| outer.has(*fact)).collect::<Vec<_>>(), [3, 99]);
    }

    #[test]
    fn facts_of_another_view_are_not_noted() {
        let (inner, outer) = record(0, || {
            fact(REGION + 70);
            fact(WITHIN + 1);
            record(WITHIN, || {
                fact(2);
                fact(WITHIN + 3);
            })
        });
        assert!(outer.has(REGION + 70) && outer.len() == 1);
        assert!(inner.1.has(WITHIN + 3) && inner.1.len() == 1);
    }
}
