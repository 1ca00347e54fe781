//! Notes what a render reads: facts of its view by their numbers, keys that are absent, templates by name.
//!
//! Kept on a stack for each thread, since a render may start another. What nobody records costs a look at the stack.

use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    static STACK: RefCell<Vec<Reads>> = const { RefCell::new(Vec::new()) };
}

/// What one render read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    facts: Vec<u64>,
    /// The keys that were looked for in vain, each with the first fact of the map that lacks it.
    pub(super) absent: BTreeSet<(u32, String)>,
    /// Every template that was asked for, whether it is there or not.
    pub templates: BTreeSet<String>,
}

impl Reads {
    /// Whether the fact numbered `fact` was read.
    pub fn has(&self, fact: u32) -> bool {
        self.facts.get(fact as usize / 64).is_some_and(|word| word >> (fact % 64) & 1 == 1)
    }

    /// How many facts were read.
    pub fn len(&self) -> usize {
        self.facts.iter().map(|word| word.count_ones() as usize).sum::<usize>() + self.absent.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Runs `render` and returns what it returns, with what was noted meanwhile on this thread; the view has `count` facts.
///
/// When `render` panics its frame stays on the stack, which later frames of the thread do not look at.
pub fn record<T>(count: u32, render: impl FnOnce() -> T) -> (T, Reads) {
    let depth = STACK.with_borrow_mut(|stack| {
        stack.push(Reads { facts: vec![0; (count as usize).div_ceil(64)], ..Reads::default() });
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
        if let Some(word) = stack.last_mut().and_then(|reads| reads.facts.get_mut(fact as usize / 64)) {
            *word |= 1 << (fact % 64);
        }
    });
}

/// Notes that the map whose first fact is `map` was asked for `key`, which it does not have.
pub fn absent(map: u32, key: &str) {
    STACK.with_borrow_mut(|stack| {
        if let Some(reads) = stack.last_mut() {
            reads.absent.insert((map, key.to_owned()));
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
    use super::{fact, record, template};

    #[test]
    fn an_inner_render_is_not_the_outer_one() {
        let (inner, outer) = record(100, || {
            fact(3);
            template("a");
            let ((), inner) = record(10, || {
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
}
