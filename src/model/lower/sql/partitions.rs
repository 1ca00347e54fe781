//! Partitions: a partition has its parent's columns, and its parent's checks without listing them.

use squawk_syntax::ast::{self, AstNode};

use super::session::Session;
use super::{constraints, inheritance, partition_indexes};
use crate::model::Sql;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, PartitionOf};

/// Makes the new table `child` a partition of `parent`.
pub fn create(session: &mut Session, child: &Name, parent: &ast::TableNameRef, bound: Option<ast::PartitionType>) {
    let parent_name = session.relation_name(parent.syntax());
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

/// Runs ATTACH PARTITION.
pub fn attach(session: &mut Session, parent: &Name, node: &ast::AttachPartition) {
    let Some(named) = node.table_name_ref() else { return };
    let child = session.relation_name(named.syntax());
    if session.table(&child, named.syntax()).is_none() {
        return;
    }
    link(session, &child, parent.clone(), node.partition_type());
    drop_implied_checks(session, &child, parent);
    partition_indexes::spread_all(session, parent, &child);
}

/// Runs DETACH PARTITION: checks of the parent become the table's own.
pub fn detach(session: &mut Session, parent: &Name, node: &ast::DetachPartition) {
    let Some(named) = node.table_name_ref() else { return };
    let child = session.relation_name(named.syntax());
    let checks: Vec<(Ident, Constraint)> = session.model.tables.get(parent).map_or_else(Vec::new, |table| {
        let checks = table.constraints.iter().filter(|(_, it)| inheritance::is_inherited(it));
        checks.map(|(name, it)| (name.clone(), it.clone())).collect()
    });
    session.catalog.remove_child(parent, &child);
    let Some(table) = session.table(&child, named.syntax()) else { return };
    table.partition_of = None;
    let indexes: Vec<Ident> = table.families().map(|(name, _)| name.clone()).collect();
    for name in indexes {
        table.family_mut(&name).into_iter().for_each(|family| family.attached_to = None);
    }
    for (name, check) in checks {
        table.constraints.insert(name, check);
    }
}

fn link(session: &mut Session, child: &Name, parent: Name, bound: Option<ast::PartitionType>) {
    let bound = bound.map_or_else(|| Sql::new("DEFAULT"), |bound| session.sql(bound.syntax()));
    session.catalog.add_child(&parent, child);
    if let Some(table) = session.model.tables.get_mut(child) {
        table.partition_of = Some(PartitionOf { parent, bound });
    }
}

/// Takes off the checks that `child` has from its parent: attaching demanded that it has them.
fn drop_implied_checks(session: &mut Session, child: &Name, parent: &Name) {
    let Some(parent) = session.model.tables.get(parent) else { return };
    let checks: Vec<Ident> = parent
        .constraints
        .iter()
        .filter(|(_, it)| inheritance::is_inherited(it))
        .map(|(name, _)| name.clone())
        .collect();
    for name in checks {
        let known = session.model.constraint(child, &name);
        if known.is_some_and(|it| matches!(it.kind, ConstraintKind::Check(_))) {
            constraints::remove(session, child, &name);
        }
    }
}

/// Takes the check `name`, which `parent` gets, off its partitions that have it already.
pub fn imply_check(session: &mut Session, parent: &Name, name: &Ident) {
    for child in session.catalog.family(parent).into_iter().skip(1) {
        let is_partition = session.model.tables.get(&child).is_some_and(|table| table.partition_of.is_some());
        let known = session.model.constraint(&child, name);
        if is_partition && known.is_some_and(|it| matches!(it.kind, ConstraintKind::Check(_))) {
            constraints::remove(session, &child, name);
        }
    }
}
