//! What was made, for as long as it is of use: a map that forgets what was not asked for in a while.
//!
//! Two generations: what is asked for stays in the young one. When that is full, the old one goes and the young one is
//! the old one from then on.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Values by keys, shared by threads.
pub struct Kept<K, V> {
    generations: Mutex<Generations<K, V>>,
    /// How much a generation may weigh.
    full: usize,
}

struct Generations<K, V> {
    young: BTreeMap<K, (V, usize)>,
    old: BTreeMap<K, (V, usize)>,
    weight: usize,
}

impl<K: Ord, V: Clone> Kept<K, V> {
    /// A map whose generations weigh up to `full`.
    pub fn new(full: usize) -> Kept<K, V> {
        let generations = Generations { young: BTreeMap::new(), old: BTreeMap::new(), weight: 0 };
        Kept { generations: Mutex::new(generations), full }
    }

    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<V> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, (value, weight)) = generations.old.remove_entry(key)?;
        generations.insert(key, value.clone(), weight, self.full);
        Some(value)
    }

    /// Keeps a value that weighs so much.
    pub fn insert(&self, key: K, value: V, weight: usize) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.insert(key, value, weight, self.full);
    }
}

impl<K: Ord, V> Generations<K, V> {
    fn insert(&mut self, key: K, value: V, weight: usize, full: usize) {
        if self.weight > full {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(key, (value, weight));
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn what_is_asked_for_stays() {
        let kept = Kept::new(9);
        for number in 0..100 {
            kept.insert(number, number * 2, 1);
            assert_eq!(kept.get(&0), Some(0));
        }
        assert_eq!(kept.get(&99), Some(198));
        assert_eq!(kept.get(&50), None);
    }
}
