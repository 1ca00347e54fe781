//! What a render reads of its view: every view becomes a tree of *facts*, and each read of one is noted.
//!
//! A fact is what a template can learn in one step: a field's value (of a container: its kind), the keys of a map, the
//! order of a list, a length, whether anything is there at all, and that a key is absent. Each has a small number; a
//! render notes the numbers in a set of bits ([`recorder`]). What was noted, with the values, is a [`trace::Trace`]:
//! the part of the view that the render saw. A render is a function of that part and of its templates, so as long as
//! a present view has the same part, rendering again would give the same text.
//!
//! A template meets the tree as minijinja's objects ([`tree`]). What keeps the promise there: enumerators give keys
//! only, so that each value is fetched, and noted, by itself; lengths and truth are answered without enumerating;
//! comparing, printing and serialising go through the same few methods. Knows nothing of caches, and no view's type.

pub mod compare;
pub mod recorder;
pub mod summary;
pub mod trace;

mod scalar;
mod serialize;
mod tree;
mod whole;
mod words;
mod write;

#[cfg(test)]
mod tests;

use minijinja::value::Value;
use serde::Serialize;

/// A view as a tree of facts.
#[derive(Clone, Debug)]
pub struct Facts {
    root: Value,
    count: u32,
}

impl Facts {
    /// The facts of `view`.
    ///
    /// # Panics
    /// When the view's `Serialize` fails or a map in it has a container for a key, which no view of this crate does.
    pub fn of(view: &impl Serialize) -> Facts {
        let (root, count) = serialize::tree(view).expect("a view is made of plain values under names");
        Facts { root, count }
    }

    /// The view as templates get it.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The digest of all under `key`, or of the whole view where it has no such key.
    pub fn part(&self, key: &str) -> [u8; 16] {
        let part = match tree::Node::of(&self.root) {
            tree::Node::Map(map) => map.find(key).map(|(_, value)| value),
            tree::Node::List(_) | tree::Node::Scalar(_) => None,
        };
        whole::digest_of(part.unwrap_or(&self.root))
    }

    /// How many facts there are: every fact's number is below.
    pub fn count(&self) -> u32 {
        self.count
    }
}
