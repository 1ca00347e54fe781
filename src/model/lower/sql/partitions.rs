//! Partitions: a partition has its parent's columns, and its parent's checks without listing them.

use std::collections::BTreeMap;

use squawk_syntax::ast::{self, AstNode};

use super::session::Session;
use super::{inheritance, partition_indexes};
use crate::model::constraint::Constraint;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, PartitionOf};
use crate::model::{Hints, Sql};

/// Makes the new table `child` a partition of `parent`.
pub fn create(session: &mut Session, child: &Name, parent: &ast::TableNameRef, bound: Option<ast::PartitionType>) {
    let parent_name = session.relation_name(parent.syntax());
    if inheritance::is_circular(session, child, &parent_name, parent.syntax()) {
        return;
    }
    let columns = match session.table(&parent_name, parent.syntax()) {
        Some(table) => table.columns.clone(),
        None => Vec::new(),
    };
    for column in columns {
        inheritance::give(session, child, Column { inherited: false, ..inheritance::inherited(&column) });
    }
    link(session, child, parent_name.clone(), bound);
    partition_indexes::spread_all(session, &parent_name, child);
}

/// Lets the new partition `child`, which has no rows, say the checks of its parent that are not valid there: here they
/// are.
pub fn validate(session: &mut Session, child: &Name) {
    for (name, check) in implied_checks(session, child) {
        if check.not_valid {
            say_check(session, child, name, Constraint { not_valid: false, ..check });
        }
    }
}

/// Lets a partition say the check `name`, when it has it from its parent, so that it can change.
pub fn say(session: &mut Session, child: &Name, name: &Ident) {
    if let Some(check) = implied_checks(session, child).remove(name) {
        say_check(session, child, name.clone(), check);
    }
}

/// The checks that a partition has from its parent, and does not say itself.
fn implied_checks(session: &Session, child: &Name) -> BTreeMap<Ident, Constraint> {
    let table = session.model.tables.get(child);
    let Some((table, of)) = table.and_then(|table| Some((table, table.partition_of.as_ref()?))) else {
        return BTreeMap::new();
    };
    let mut checks = inheritance::nearest_checks(session, &of.parent);
    checks.retain(|name, _| !table.constraints.contains_key(name));
    checks
}

fn say_check(session: &mut Session, child: &Name, name: Ident, check: Constraint) {
    session.catalog.add_constraint(child, &name);
    if let Some(table) = session.model.tables.get_mut(child) {
        table.constraints.insert(name, Constraint { comment: None, hints: Hints::default(), ..check });
    }
}

/// The partitions of a table that say its check `name`, which is never their own.
pub fn that_say(session: &Session, parent: &Name, name: &Ident) -> Vec<Name> {
    let says = |child: &Name| {
        let table = session.model.tables.get(child).filter(|table| table.partition_of.is_some());
        table.and_then(|table| table.constraints.get(name)).is_some_and(inheritance::is_inherited)
    };
    session.catalog.family(parent).into_iter().skip(1).filter(says).collect()
}

/// Runs ATTACH PARTITION.
pub fn attach(session: &mut Session, parent: &Name, node: &ast::AttachPartition) {
    let Some(named) = node.table_name_ref() else { return };
    let child = session.relation_name(named.syntax());
    let known = session.table(&child, named.syntax()).is_some();
    if !known || inheritance::is_circular(session, &child, parent, named.syntax()) {
        return;
    }
    link(session, &child, parent.clone(), node.partition_type());
    partition_indexes::spread_all(session, parent, &child);
}

/// Runs DETACH PARTITION: checks of the parent become the table's own.
pub fn detach(session: &mut Session, parent: &Name, node: &ast::DetachPartition) {
    let Some(named) = node.table_name_ref() else { return };
    let child = session.relation_name(named.syntax());
    let checks = inheritance::nearest_checks(session, parent);
    session.catalog.remove_child(parent, &child);
    let Some(table) = session.table(&child, named.syntax()) else { return };
    table.partition_of = None;
    let indexes: Vec<Ident> = table.families().map(|(name, _)| name.clone()).collect();
    for name in indexes {
        table.family_mut(&name).into_iter().for_each(|family| family.attached_to = None);
    }
    for (name, check) in checks {
        table.constraints.entry(name).or_insert(check);
    }
}

fn link(session: &mut Session, child: &Name, parent: Name, bound: Option<ast::PartitionType>) {
    let bound = bound.map_or_else(|| Sql::new("DEFAULT"), |bound| session.sql(bound.syntax()));
    session.catalog.add_child(&parent, child);
    if let Some(table) = session.model.tables.get_mut(child) {
        table.partition_of = Some(PartitionOf { parent, bound });
    }
}
