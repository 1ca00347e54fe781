//! The canonical form: what PostgreSQL would store as the same thing is the same value here.
//!
//! [`state`] digests it. Two rules: a spelling never makes a difference, and a difference in meaning is never
//! folded away; where it is not certain that two texts mean the same, they stay two.

use super::{Hints, Intent, Model};
use crate::digest::{self, Digest};

/// The digest of the model's canonical form: its *state*.
pub fn state(model: &Model) -> Digest {
    digest::of("state", &canonical(model))
}

/// The canonical form of `model`: without documentation, hints and intents, columns sorted by name, expressions in
/// one spelling.
pub fn canonical(model: &Model) -> Model {
    let mut model = model.clone();
    for table in model.tables.values_mut() {
        table.doc = None;
        table.hints = Hints::default();
        table.intent = Intent::default();
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        for column in &mut table.columns {
            column.doc = None;
            column.hints = Hints::default();
        }
    }
    model
}
