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
//!
//! A large view need not be made to be read in parts: its lists may be [lazy](fields::Fields::list), and what is
//! rendered by itself and remembered ([`parts`](super::parts)) is a [`tree::Whole`], known by its digest.

pub mod compare;
pub mod fields;
pub mod recorder;
pub mod summary;
pub mod trace;

pub mod scalar;
mod serialize;
pub mod tree;
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
}

impl Facts {
    /// The facts of `view`.
    ///
    /// # Panics
    /// When the view's `Serialize` fails or a map in it has a container for a key, which no view of this crate does.
    pub fn of(view: &impl Serialize) -> Facts {
        Facts::from(view, 0)
    }

    /// The facts of what lies within something that counts as a whole.
    ///
    /// # Panics
    /// As [`Facts::of`].
    pub fn within(view: &impl Serialize) -> Facts {
        Facts::from(view, recorder::WITHIN)
    }

    fn from(view: &impl Serialize, first: u32) -> Facts {
        let root = serialize::tree(view, first).expect("a view is made of plain values under names");
        Facts { root }
    }

    /// The view as templates get it.
    pub fn root(&self) -> &Value {
        &self.root
    }
}
