//! The incremental engine: remembers the values of queries by the digests of what went into them.
//!
//! A query is a pure function with a name and a version. Its key is the digest of both, of the engine that asks
//! (two versions of forge share a cache and never each other's values) and of the inputs' *values*: an input that
//! changes without changing meaning stops there, and going back to an earlier state finds everything again.
//!
//! Knows no domain type, and is not known by the domain: `build` wraps pure functions in queries. A cache that is
//! missing, damaged, foreign or read-only makes a build slower and nothing else.

mod held;
mod index;
mod log;
pub mod store;
pub mod stored;
pub mod trace;
pub mod work;

use std::any::Any;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Severity};
use crate::digest::{self, Digest};
use crate::disk::frame;
use held::Held;
use store::{Kept, Store};
use work::{Work, WorkLog};

/// A pure function by name; raise the version whenever what it returns for the same inputs changes in value or shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Its name in the list of work.
    pub name: &'static str,
    /// The version of what it does.
    pub version: u32,
}

/// The identity of one value of one query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key(Digest);

/// The values of queries, of this run and of earlier ones.
pub struct Memo {
    store: Store,
    held: Held,
    engine: String,
    work: WorkLog,
    /// Whether this build asked for something stored that is not there any more.
    lost: AtomicBool,
    /// Whether it made more than follows from what was left.
    began_anew: AtomicBool,
}

impl Memo {
    /// The memo in `folder`, for the version of forge named `engine`. Reads nothing yet and never fails.
    pub fn open(folder: impl Into<PathBuf>, engine: &str) -> Memo {
        let (held, work, lost, began_anew) = Default::default();
        Memo { store: Store::open(folder), held, engine: engine.to_owned(), work, lost, began_anew }
    }

    /// The key of what `query` gives for `inputs`.
    pub fn key(&self, query: Query, inputs: Digest) -> Key {
        Key(digest::of("memo", &(&self.engine, query.name, query.version, inputs.as_bytes())))
    }

    /// The value of `key`; one that does not decode as `T` is none.
    pub fn get<T: DeserializeOwned>(&self, key: Key) -> Option<T> {
        self.store.read(&key.0, frame::exact)?
    }

    /// Remembers `value`; says whether it could be, which only a value of many megabytes cannot.
    ///
    /// # Panics
    /// When the value's `Serialize` fails, which the derived implementations of this crate never do.
    pub fn put<T: Serialize>(&self, key: Key, value: &T) -> bool {
        let bytes = postcard::to_stdvec(value).expect("derived serialisation into memory cannot fail");
        self.store.put(key.0, bytes)
    }

    /// The value of `query` for `inputs`: remembered, or else made by `run`, for the piece of work named `piece`.
    pub fn query<T: Serialize + DeserializeOwned>(
        &self,
        query: Query,
        piece: &str,
        inputs: Digest,
        run: impl FnOnce() -> T,
    ) -> T {
        let key = self.key(query, inputs);
        if let Some(value) = self.get(key) {
            self.work.hit(query.name);
            return value;
        }
        self.work.ran(query.name, piece);
        let value = run();
        self.put(key, &value);
        value
    }

    /// As [`Memo::get`], decoded once in this process.
    pub fn held<T: DeserializeOwned + Any + Send + Sync>(&self, key: Key) -> Option<Arc<T>> {
        if let Some(value) = self.held.get(&key.0) {
            self.store.touch(&key.0);
            return Some(value);
        }
        let value = Arc::new(self.get(key)?);
        self.held.put(key.0, Arc::clone(&value));
        Some(value)
    }

    /// Notes that this build uses the value of `key`, without a look at it.
    pub fn touch(&self, key: Key) {
        self.store.touch(&key.0);
    }

    /// As [`Memo::put`], for [`Memo::held`].
    pub fn hold<T: Serialize + Any + Send + Sync>(&self, key: Key, value: Arc<T>) {
        self.put(key, &*value);
        self.held.put(key.0, value);
    }

    /// As [`Memo::hold`], for this process alone.
    pub fn hold_here<T: Any + Send + Sync>(&self, key: Key, value: Arc<T>) {
        self.held.put(key.0, value);
    }

    /// The value of `key`, decoded or else made once in this process.
    pub fn share<T: Serialize + DeserializeOwned + Any + Send + Sync>(
        &self,
        key: Key,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        self.held(key).unwrap_or_else(|| {
            let value = Arc::new(make());
            self.hold(key, Arc::clone(&value));
            value
        })
    }

    /// Leaves `value` for a later build: the memo does not write it, and whoever takes it may change it.
    pub fn leave<T: Any + Send + Sync>(&self, name: &str, value: Arc<T>) {
        self.held.leave(name, value);
    }

    /// What was left under `name`.
    pub fn left<T: Any + Send + Sync>(&self, name: &str) -> Option<Arc<T>> {
        self.held.left(name)
    }

    /// Takes what was left under `name`.
    pub fn take_left<T: Any + Send + Sync>(&self, name: &str) -> Option<Arc<T>> {
        self.held.take_left(name)
    }

    /// Drops what was left, but under names that `stay`.
    pub fn retain_left(&self, stay: impl Fn(&str) -> bool) {
        self.held.retain_left(stay);
    }

    /// Notes that `query` was found by way of [`Memo::get`].
    pub fn hit(&self, query: Query) {
        self.work.hit(query.name);
    }

    /// Notes that `query` had to run for the piece of work named `piece`, and went by way of [`Memo::put`].
    pub fn ran(&self, query: Query, piece: &str) {
        self.work.ran(query.name, piece);
    }

    /// What was asked of this memo since it was opened or [`Memo::begin`] was called.
    pub fn work(&self) -> BTreeMap<&'static str, Work> {
        self.work.list()
    }

    /// The next build begins, with a new list of work.
    pub fn begin(&self) {
        self.work.clear();
        self.held.age();
        self.lost.store(false, Ordering::Relaxed);
        self.began_anew.store(false, Ordering::Relaxed);
    }

    /// Whether this build asked for a [`Stored`](stored::Stored) value that is not there any more: what follows from values
    /// that were handed on is then worth nothing.
    pub fn has_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Notes that this build makes something from the beginning that could have followed from what was left.
    pub fn begin_anew(&self) {
        self.began_anew.store(true, Ordering::Relaxed);
    }

    /// Whether this build made something from the beginning: then it leaves more than it was left.
    pub fn has_begun_anew(&self) -> bool {
        self.began_anew.load(Ordering::Relaxed)
    }

    fn note_lost(&self) {
        self.lost.store(true, Ordering::Relaxed);
        self.begin_anew();
    }

    /// Keeps what was learnt for later runs; a note says when that was not possible.
    pub fn commit(&self) -> Option<Diagnostic> {
        not_kept(self.store.commit(), "what was computed")
    }
}

/// The note about a commit that did not work out.
fn not_kept(kept: Kept, what: &str) -> Option<Diagnostic> {
    match kept {
        Kept::Nothing | Kept::Written => None,
        Kept::Busy => {
            let message = format!("{what} is not kept for the next run, since another forge is writing the cache");
            Some(Diagnostic::new(Severity::Note, "cache-busy", message))
        }
        Kept::Failed(error) => {
            let message = format!("{what} is not kept for the next run: {error}");
            let help = "make the cache folder writable, or go on without: outputs are the same, runs take longer";
            Some(Diagnostic::new(Severity::Note, "cache-not-written", message).help(help))
        }
    }
}

#[cfg(test)]
mod tests;
