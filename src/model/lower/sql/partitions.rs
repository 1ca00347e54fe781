//! Partitions: a partition has its parent's columns, and what its parent's constraints and indexes imply is not listed.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::{Relation, joined};
use super::session::Session;
use super::{constraints, indexes, inheritance};
use crate::model::Sql;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::index::{ElementKey, Index};
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
    link(session, child, parent_name, bound);
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
}

/// Runs DETACH PARTITION: checks of the parent become the table's own.
pub fn detach(session: &mut Session, parent: &Name, node: &ast::DetachPartition) {
    let Some(named) = node.table_name_ref() else { return };
    let child = session.relation_name(named.syntax());
    let checks: Vec<(Ident, Constraint)> = session.model.tables.get(parent).map_or_else(Vec::new, |table| {
        let checks = table.constraints.iter().filter(|(_, it)| is_inherited(it));
        checks.map(|(name, it)| (name.clone(), it.clone())).collect()
    });
    session.catalog.remove_child(parent, &child);
    let Some(table) = session.table(&child, named.syntax()) else { return };
    table.partition_of = None;
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
    let checks: Vec<Ident> =
        parent.constraints.iter().filter(|(_, it)| is_inherited(it)).map(|(name, _)| name.clone()).collect();
    for name in checks {
        let known = session.model.constraint(child, &name);
        if known.is_some_and(|it| matches!(it.kind, ConstraintKind::Check(_))) {
            constraints::remove(session, child, &name);
        }
    }
}

fn is_inherited(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit
}

/// Runs ALTER INDEX … ATTACH PARTITION.
pub fn attach_index(session: &mut Session, parent: &Name, child: &Name, node: &SyntaxNode) {
    match session.catalog.relation(child).cloned() {
        Some(Relation::Index(table)) => {
            if let Some(index) = indexes::get_mut(session, &table, &child.name) {
                index.attached_to = Some(parent.clone());
            }
        }
        Some(Relation::Key(table)) => attach_key(session, &table, &child.name),
        _ => session.missing("index", child, node),
    }
}

/// A partition's key that is attached to its parent's is implied by it, when it has the name that PostgreSQL gives.
fn attach_key(session: &mut Session, table: &Name, name: &Ident) {
    let Some(constraint) = session.model.constraint(table, name) else { return };
    let columns: Vec<String> = match &constraint.kind {
        ConstraintKind::PrimaryKey(_) => Vec::new(),
        ConstraintKind::Unique(key) => {
            key.columns.iter().chain(&key.include).map(|it| it.as_str().to_owned()).collect()
        }
        _ => return,
    };
    let base = crate::model::name::default_name(
        table.name.as_str(),
        &joined(columns.iter().map(String::as_str)),
        constraint.suffix(),
    );
    if is_numbered(name.as_str(), base.as_str())
        && let Some(found) = session.model.tables.get_mut(table)
    {
        found.constraints.remove(name);
    }
}

/// Whether `name` is `base` or `base` with a number.
fn is_numbered(name: &str, base: &str) -> bool {
    name.strip_prefix(base).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Takes off the indexes of partitions that PostgreSQL would make by itself: attached to one of their parent's, and
/// under the name that it would choose. A parent's index that every partition has is not `ON ONLY` any more.
pub fn fold_attached(session: &mut Session) {
    let attached: Vec<(Name, Ident, Name)> = session
        .model
        .tables
        .iter()
        .flat_map(|(table, it)| it.indexes.iter().map(move |(name, index)| (table, name, index)))
        .filter_map(|(table, name, index)| Some((table.clone(), name.clone(), index.attached_to.clone()?)))
        .collect();
    for (_, _, parent) in &attached {
        complete_parent(session, parent, &attached);
    }
    for (table, name, _) in attached {
        let Some(found) = session.model.tables.get_mut(&table) else { continue };
        let implied = found.indexes.get(&name).is_some_and(|index| has_chosen_name(&table, &name, index));
        if implied && found.partition_by.is_none() {
            found.indexes.remove(&name);
        }
    }
}

fn complete_parent(session: &mut Session, parent: &Name, attached: &[(Name, Ident, Name)]) {
    let Some(table) = indexes::owner(session, parent) else { return };
    let complete = session
        .catalog
        .children(&table)
        .all(|child| attached.iter().any(|(owner, _, index)| owner == child && index == parent));
    if complete && let Some(index) = indexes::get_mut(session, &table, &parent.name) {
        index.only = false;
    }
}

/// Whether an index has the name that PostgreSQL would give it; of those on expressions that is not known here.
fn has_chosen_name(table: &Name, name: &Ident, index: &Index) -> bool {
    let columns = index.elements.iter().map(|element| match &element.key {
        ElementKey::Column(name) => name.as_str(),
        ElementKey::Expression(_) => "expr",
    });
    let columns = joined(columns.chain(index.include.iter().map(Ident::as_str)));
    is_numbered(name.as_str(), crate::model::name::default_name(table.name.as_str(), &columns, "idx").as_str())
}
