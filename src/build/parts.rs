//! Remembers the parts of long outputs between builds.

use std::sync::Arc;

use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::render::facts::scalar::{Short, half};
use crate::render::facts::trace::Trace;
use crate::render::parts::{Part, Parts};

/// What was rendered of something that counts as a whole.
pub(super) const PARTS: Query = Query { name: "parts", version: 3 };
/// What the render of such a part saw: asked for only to tell what changed.
const SAW: Query = Query { name: "part saw", version: 1 };

/// The parts that a memo holds.
pub struct Remembered(pub Arc<Memo>);

impl Parts for Remembered {
    fn known(&self, shown: &Short) -> Option<Arc<Vec<Part>>> {
        self.0.held(key(PARTS, shown, &self.0))
    }

    fn keep(&self, shown: &Short, parts: Vec<Part>, saw: &Trace) {
        self.0.hold(key(PARTS, shown, &self.0), Arc::new(parts));
        self.0.put(key(SAW, shown, &self.0), saw);
    }
}

/// Reads what is remembered of what has the digest `shown`: then it is there for the thread that puts the parts together.
pub fn read(shown: &Digest, memo: &Memo) {
    drop(memo.held::<Vec<Part>>(key(PARTS, &half(shown), memo)));
}

fn key(query: Query, shown: &Short, memo: &Memo) -> Key {
    memo.key(query, digest::of("part", shown))
}

/// What the last part saw that showed what has the digest `shown`.
pub fn trace(shown: &Short, memo: &Memo) -> Option<Trace> {
    memo.get(key(SAW, shown, memo))
}
