//! What can be said only when all statements have run.

use std::collections::BTreeMap;

use super::partition_indexes;
use super::session::Session;
use crate::model::constraint::ConstraintKind;
use crate::model::name::{Ident, Name};

/// Completes the model.
pub fn run(session: &mut Session) {
    complete_foreign_keys(session);
    partition_indexes::fold(session);
}

/// A foreign key without referenced columns is about the referenced table's primary key.
fn complete_foreign_keys(session: &mut Session) {
    let keys: BTreeMap<Name, Vec<Ident>> =
        session.model.tables.iter().map(|(name, table)| (name.clone(), table.primary_key().to_vec())).collect();
    for constraint in session.model.tables.values_mut().flat_map(|table| table.constraints.values_mut()) {
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
            && key.referenced.is_empty()
            && let Some(columns) = keys.get(&key.table)
        {
            key.referenced = columns.clone();
        }
    }
}
