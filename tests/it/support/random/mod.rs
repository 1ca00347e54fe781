//! Random pairs of schemas that PostgreSQL accepts by construction, with rows for them.
//!
//! Everything is a function of a *tape* of numbers ([`Choices`]): the same tape gives the same pair, a shorter or
//! smaller one a simpler pair, and so `proptest`, which only has to shrink a vector of numbers, finds small
//! counterexamples. The schemas are written as SQL by [`sql`], which knows nothing of forge: what forge reads, plans
//! and writes is measured against a text that it had no part in.

mod edit;
mod make;
pub mod rows;
pub mod schema;
pub mod sql;
pub mod types;

use schema::Schema;

/// A tape of `length` numbers, made of a seed (by splitmix64).
pub fn tape(seed: u64, length: usize) -> Vec<u32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 32) as u32
    };
    (0..length).map(|_| next()).collect()
}

/// Choices read off a tape. At its end every choice is the first, the simplest one.
pub struct Choices {
    tape: Vec<u32>,
    at: usize,
}

impl Choices {
    /// Choices along `tape`.
    pub fn new(tape: Vec<u32>) -> Choices {
        Choices { tape, at: 0 }
    }

    /// A number below `count`; 0 when `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        let number = self.tape.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        // The high bits, so that halving a number on the tape halves the choice.
        ((u64::from(number) * count as u64) >> 32) as usize
    }

    /// True in about `percent` of a hundred times; false at the tape's end.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    /// One of `items`.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// One of `items`, which are not empty: those that the generator holds as constants.
    pub fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// Two schemas, the second made from the first by edits.
pub struct Pair {
    /// The schema to start from.
    pub from: Schema,
    /// The schema to reach; hints say what was renamed.
    pub to: Schema,
    /// What was edited, in words.
    pub edits: Vec<String>,
}

/// The pair that `tape` describes.
pub fn pair(tape: Vec<u32>) -> Pair {
    let mut choices = Choices::new(tape);
    let from = make::schema(&mut choices);
    let mut to = from.clone();
    let edits = edit::some(&mut to, &mut choices);
    Pair { from, to, edits }
}
