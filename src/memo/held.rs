//! Values as this process holds them, so that a watch decodes nothing twice.
//!
//! A value stays as long as each build asks for it: one that a whole build did not ask for is dropped, and can still be
//! read from the store.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::digest::Digest;

/// A value of any type.
type Value = Arc<dyn Any + Send + Sync>;

/// The values that this process holds.
#[derive(Default)]
pub struct Held(Mutex<Builds>);

#[derive(Default)]
struct Builds {
    /// What this build asked for.
    present: BTreeMap<Digest, Value>,
    /// What only the last one did.
    past: BTreeMap<Digest, Value>,
    /// What a build left for the next one.
    left: BTreeMap<String, Value>,
}

impl Held {
    /// The value of `key`, if it is held and of this type.
    pub fn get<T: Any + Send + Sync>(&self, key: &Digest) -> Option<Arc<T>> {
        let mut builds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = builds.past.remove(key) {
            builds.present.insert(*key, value);
        }
        builds.present.get(key).cloned()?.downcast().ok()
    }

    /// Holds `value`.
    pub fn put<T: Any + Send + Sync>(&self, key: Digest, value: Arc<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).present.insert(key, value);
    }

    /// Leaves `value` for a later build.
    pub fn leave(&self, name: &str, value: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).left.insert(name.to_owned(), value);
    }

    /// What an earlier build left.
    pub fn left<T: Any + Send + Sync>(&self, name: &str) -> Option<Arc<T>> {
        let builds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        builds.left.get(name).cloned()?.downcast().ok()
    }

    /// Takes what an earlier build left.
    pub fn take_left<T: Any + Send + Sync>(&self, name: &str) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).left.remove(name)?.downcast().ok()
    }

    /// Drops what builds have left, but under names that `stay`.
    pub fn retain_left(&self, stay: impl Fn(&str) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).left.retain(|name, _| stay(name));
    }

    /// The next build begins.
    pub fn age(&self) {
        let mut builds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        builds.past = std::mem::take(&mut builds.present);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Held;
    use crate::digest;

    #[test]
    fn a_value_stays_as_long_as_each_build_asks_for_it() {
        let (held, key) = (Held::default(), digest::of("key", &1));
        held.put(key, Arc::new("a value".to_owned()));
        for _ in 0..3 {
            held.age();
            assert_eq!(held.get::<String>(&key).as_deref(), Some(&"a value".to_owned()));
            assert_eq!(held.get::<u8>(&key), None, "of another type");
        }
        held.age();
        held.age();
        assert_eq!(held.get::<String>(&key), None);
    }

    #[test]
    fn what_is_left_stays_until_it_is_taken() {
        let held = Held::default();
        held.leave("it", Arc::new(1_u8));
        (0..3).for_each(|_| held.age());
        assert_eq!(held.left::<u8>("it").as_deref(), Some(&1));
        assert_eq!(held.take_left::<u8>("it").and_then(Arc::into_inner), Some(1), "nobody else has it");
        assert_eq!(held.left::<u8>("it"), None);
    }
}
