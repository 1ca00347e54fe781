//! A value by what it says: its digest stands for it until somebody asks for more.
//!
//! What a build knows of thousands of things, it needs of a few. So it hands on the digests of all, and the store has
//! what they stand for: two builds share what did not change between them, and neither reads what it does not need.

use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::store::Store;
use super::{Key, Memo, Query};
use crate::digest::{self, Digest};

/// A value that a memo has.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    key: Key,
    value: OnceLock<Arc<T>>,
}

impl<T: DeserializeOwned> Stored<T> {
    /// Leaves `value`, which reads back as a `T`, with the memo, as what `query` makes.
    ///
    /// # Panics
    /// When the value's `Serialize` fails, which the derived implementations of this crate never do.
    pub fn new(query: Query, value: &impl Serialize, memo: &Memo) -> Stored<T> {
        let bytes = postcard::to_stdvec(value).expect("derived serialisation into memory cannot fail");
        let key = memo.key(query, digest::bytes(&bytes));
        // A value that could not be read may lie there damaged.
        let put = if memo.has_lost() { Store::put } else { Store::put_new };
        put(&memo.store, key.0, bytes);
        Stored { key, value: OnceLock::new() }
    }

    /// The value; nothing when the memo has lost it, and then it says so ([`Memo::has_lost`]).
    pub fn get(&self, memo: &Memo) -> Option<&Arc<T>> {
        if self.value.get().is_none() {
            match memo.get(self.key) {
                Some(value) => drop(self.value.set(Arc::new(value))), // unless another thread was faster
                None => memo.note_lost(),
            }
        }
        self.value.get()
    }

    /// Notes that this build relies on the value, without a look at it.
    pub fn touch(&self, memo: &Memo) {
        memo.touch(self.key);
    }
}

impl<T> PartialEq for Stored<T> {
    fn eq(&self, other: &Stored<T>) -> bool {
        self.key == other.key
    }
}

impl<T> Eq for Stored<T> {}

impl<T> Serialize for Stored<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.key.0.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Stored<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Stored<T>, D::Error> {
        Ok(Stored { key: Key(Digest::deserialize(deserializer)?), value: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::Stored;
    use crate::memo::{Memo, Query};

    const QUERY: Query = Query { name: "stored", version: 1 };

    #[test]
    fn a_value_is_read_where_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let memo = Memo::open(folder.path(), "1");
        let stored: Stored<String> = Stored::new(QUERY, &"a text", &memo);
        assert_eq!(stored, Stored::new(QUERY, &"a text", &memo));
        assert_ne!(stored, Stored::new(QUERY, &"another", &memo));
        assert!(memo.commit().is_none());
        let bytes = postcard::to_stdvec(&stored).unwrap();
        assert_eq!(bytes.len(), 32, "a digest");
        let memo = Memo::open(folder.path(), "1");
        let read: Stored<String> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read.get(&memo).map(|text| text.as_str()), Some("a text"));
        assert!(!memo.has_lost());
        let memo = Memo::open(folder.path().join("other"), "1");
        let read: Stored<String> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read.get(&memo), None);
        assert!(memo.has_lost());
        memo.begin();
        assert!(!memo.has_lost(), "the next build begins anew");
    }

    #[test]
    fn what_the_log_has_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let length = || std::fs::metadata(folder.path().join("log")).unwrap().len();
        let keep = |text: &str| {
            let memo = Memo::open(folder.path(), "1");
            let _: Stored<String> = Stored::new(QUERY, &text, &memo);
            assert!(memo.commit().is_none());
            length()
        };
        let first = keep("a text");
        assert_eq!(keep("a text"), first);
        assert!(keep("another") > first);
    }
}
