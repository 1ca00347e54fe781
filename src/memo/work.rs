//! The list of work done: which queries ran, for which pieces, and which were answered from memory.
//!
//! What the tests of the incremental build assert, and what `forge build` counts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How often a query was answered, and what it ran for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Answers that an earlier run, or an earlier question of this one, had left.
    pub hits: usize,
    /// The pieces that it ran for, sorted.
    pub ran: Vec<String>,
}

/// Collects work from all threads.
#[derive(Default)]
pub struct WorkLog(Mutex<BTreeMap<&'static str, Work>>);

impl WorkLog {
    /// Counts one answer from memory.
    pub fn hit(&self, query: &'static str) {
        self.with(query, |work| work.hits += 1);
    }

    /// Notes one run, for `piece`.
    pub fn ran(&self, query: &'static str, piece: &str) {
        self.with(query, |work| work.ran.push(piece.to_owned()));
    }

    /// What was done so far, by query; the threads' order does not show.
    pub fn list(&self) -> BTreeMap<&'static str, Work> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        list.values_mut().for_each(|work| work.ran.sort());
        list
    }

    /// Forgets all: the next build of a watch begins.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn with(&self, query: &'static str, note: impl FnOnce(&mut Work)) {
        note(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(query).or_default());
    }
}
