//! What can be said only when all statements have run.

use std::collections::BTreeMap;

use super::session::{PUBLIC, Session};
use super::{inheritance, partition_indexes};
use crate::model::constraint::ConstraintKind;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::security::DefaultPrivilege;

/// Completes the model.
pub fn run(session: &mut Session) {
    complete_foreign_keys(session);
    own(session);
    inheritance::fold(session);
    partition_indexes::fold(session);
    forget_dropped_order(session);
}

/// An index that is gone orders no rows.
fn forget_dropped_order(session: &mut Session) {
    for table in session.model.tables.values_mut() {
        let (indexes, constraints) = (&table.indexes, &table.constraints);
        table.clustered_on.take_if(|name| !indexes.contains_key(name) && !constraints.contains_key(name));
    }
    for view in session.model.views.values_mut() {
        let indexes = &view.indexes;
        view.clustered_on.take_if(|name| !indexes.contains_key(name));
    }
}

/// The role that owns all is the one whose files these are: it has every privilege anyway, and default privileges that
/// are said to be for it are those of whoever makes the objects. `pg_dump` writes both out.
fn own(session: &mut Session) {
    let mut owners = session.owners.iter().filter(|role| role.as_str() != "pg_database_owner");
    let (Some(owner), None) = (owners.next(), owners.next()) else { return };
    let public = ObjectId::Schema(Ident::new(PUBLIC));
    // The schema `public` is the database's own.
    session.model.grants.retain(|key, _| key.grantee != *owner || key.object == public);
    let defaults = std::mem::take(&mut session.model.default_privileges);
    let own = |key: DefaultPrivilege| match key.role {
        Some(role) if role == *owner => DefaultPrivilege { role: None, ..key },
        _ => key,
    };
    session.model.default_privileges = defaults.into_iter().map(|(key, grant)| (own(key), grant)).collect();
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
