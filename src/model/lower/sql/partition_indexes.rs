//! Indexes of partitions: an index of a partitioned table is one of each partition too.
//!
//! While statements run, the partitions' indexes are there under the names that PostgreSQL chooses, so that statements
//! can refer to them. At the end those that PostgreSQL would make by itself are taken off again: they are implied.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxNode;

use super::catalog::{Relation, joined};
use super::indexes;
use super::session::Session;
use crate::model::Hints;
use crate::model::constraint::ConstraintKind;
use crate::model::index::Index;
use crate::model::name::{Ident, Name, default_name};

/// Gives all indexes of `parent` to its partition `child`.
pub fn spread_all(session: &mut Session, parent: &Name, child: &Name) {
    let Some(table) = session.model.tables.get(parent) else { return };
    let names: Vec<Ident> = table.indexes.keys().cloned().collect();
    for name in names {
        spread_to(session, parent, &name, child);
    }
}

/// Gives the index `name` of `parent` to all of its partitions, and to theirs.
pub fn spread(session: &mut Session, parent: &Name, name: &Ident) {
    let children: Vec<Name> = session.catalog.children(parent).cloned().collect();
    for child in children {
        spread_to(session, parent, name, &child);
    }
}

/// Attaches an index of `child` that is like its parent's `name`, or makes one. Source: `DefineIndex`, partitions.
fn spread_to(session: &mut Session, parent: &Name, name: &Ident, child: &Name) {
    let Some(index) = session.model.tables.get(parent).and_then(|table| table.indexes.get(name)).cloned() else {
        return;
    };
    let Some(table) = session.model.tables.get_mut(child) else { return };
    let parent_index = parent.sibling(name.as_str());
    let own = table.indexes.iter_mut().find(|(_, own)| own.attached_to.is_none() && own.is_like(&index));
    if let Some((_, own)) = own {
        own.attached_to = Some(parent_index);
        return;
    }
    let chosen = session.catalog.choose_relation(child, &columns(&index), "idx", false);
    let copy = Index { attached_to: Some(parent_index), only: false, comment: None, hints: Hints::default(), ..index };
    session.catalog.add(child.sibling(chosen.as_str()), Relation::Index(child.clone()));
    indexes::insert(session, child, chosen.clone(), copy);
    spread(session, child, &chosen);
}

/// The columns' part of the name that PostgreSQL chooses for an index like this one.
fn columns(index: &Index) -> String {
    let names = indexes::names_of(index);
    joined(names.iter().map(String::as_str))
}

/// Removes the indexes of partitions that are attached to `parent`, which is dropped.
pub fn remove_attached(session: &mut Session, parent: &Name) {
    let attached: Vec<(Name, Ident)> = session
        .model
        .tables
        .iter()
        .flat_map(|(table, it)| it.indexes.iter().map(move |(name, index)| (table, name, index)))
        .filter(|(_, _, index)| index.attached_to.as_ref() == Some(parent))
        .map(|(table, name, _)| (table.clone(), name.clone()))
        .collect();
    for (table, name) in attached {
        indexes::remove(session, &table, &name);
        remove_attached(session, &table.sibling(name.as_str()));
    }
}

/// Runs ALTER INDEX … ATTACH PARTITION.
pub fn attach(session: &mut Session, parent: &Name, child: &Name, node: &SyntaxNode) {
    match session.catalog.relation(child).cloned() {
        Some(Relation::Index(table)) => {
            if let Some(index) = indexes::get_mut(session, &table, &child.name) {
                index.attached_to = Some(parent.clone());
            }
        }
        Some(Relation::Key(table)) if matches!(session.catalog.relation(parent), Some(Relation::Key(_))) => {
            attach_key(session, &table, &child.name);
        }
        // An index of the parent takes a partition's own key in without a word.
        Some(Relation::Key(_)) => {}
        _ => session.missing("index", child, node),
    }
}

/// A partition's key that is attached to its parent's is implied by it, when it has the name that PostgreSQL gives.
fn attach_key(session: &mut Session, table: &Name, name: &Ident) {
    let Some(constraint) = session.model.constraint(table, name) else { return };
    let columns: Vec<&str> = match &constraint.kind {
        ConstraintKind::PrimaryKey(_) => Vec::new(),
        ConstraintKind::Unique(key) => key.columns.iter().chain(&key.include).map(Ident::as_str).collect(),
        _ => return,
    };
    let usual = default_name(table.name.as_str(), &joined(columns.into_iter()), constraint.suffix());
    if is_numbered(name, &usual)
        && let Some(found) = session.model.tables.get_mut(table)
    {
        found.constraints.remove(name);
    }
}

/// Whether `name` is `usual`, or `usual` with a number.
fn is_numbered(name: &Ident, usual: &Ident) -> bool {
    let number = name.as_str().strip_prefix(usual.as_str());
    number.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// An index that is attached to another one.
struct Attached {
    table: Name,
    name: Ident,
    parent: Name,
    implied: bool,
}

/// Takes off the indexes that PostgreSQL would make by itself: attached to their parent's, and under the name that it
/// would choose. A parent's index that every partition has is not `ON ONLY` any more.
pub fn fold(session: &mut Session) {
    let mut attached = all_attached(session);
    complete_parents(session, &attached);
    // The parts of an index that has not all of them are attached one by one, whatever they are called.
    for it in &mut attached {
        let whole = indexes::owner(session, &it.parent);
        it.implied &= !whole
            .is_some_and(|table| indexes::get_mut(session, &table, &it.parent.name).is_some_and(|index| index.only));
    }
    let stays: BTreeSet<Name> = attached.iter().filter(|it| !it.implied).map(|it| it.parent.clone()).collect();
    for it in attached.iter().filter(|it| it.implied && !stays.contains(&it.table.sibling(it.name.as_str()))) {
        if let Some(table) = session.model.tables.get_mut(&it.table) {
            table.indexes.remove(&it.name);
        }
    }
}

fn all_attached(session: &Session) -> Vec<Attached> {
    let mut attached = Vec::new();
    for (table, it) in &session.model.tables {
        for (name, index) in &it.indexes {
            let Some(parent) = index.attached_to.clone() else { continue };
            let usual = default_name(table.name.as_str(), &columns(index), "idx");
            // Where there is another one like it, PostgreSQL would take that one in.
            let alone = !it.indexes.values().any(|other| other.attached_to.is_none() && other.is_like(index));
            let implied = is_numbered(name, &usual) && index.comment.is_none() && alone;
            attached.push(Attached { table: table.clone(), name: name.clone(), parent, implied });
        }
    }
    attached
}

/// Whether the partition has a key over the columns of the index, which is then its part of it.
fn has_key_like(session: &Session, partition: &Name, index: &Index) -> bool {
    let Some(columns) = index.columns().filter(|_| index.unique) else { return false };
    let mut constraints = session.model.tables.get(partition).into_iter().flat_map(|table| table.constraints.values());
    constraints.any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns.iter().eq(columns.iter().copied()),
        _ => false,
    })
}

fn complete_parents(session: &mut Session, attached: &[Attached]) {
    let have: BTreeSet<(&Name, &Name)> = attached.iter().map(|it| (&it.parent, &it.table)).collect();
    let only = session.model.tables.iter().flat_map(|(table, it)| {
        it.indexes.iter().filter(|(_, index)| index.only).map(|(name, _)| (table.clone(), name.clone()))
    });
    let only: Vec<(Name, Ident)> = only.collect();
    for (table, name) in only {
        let parent = table.sibling(name.as_str());
        let index = session.model.tables.get(&table).and_then(|table| table.indexes.get(&name));
        let complete = session.catalog.children(&table).all(|child| {
            have.contains(&(&parent, child)) || index.is_some_and(|index| has_key_like(session, child, index))
        });
        if complete && let Some(index) = indexes::get_mut(session, &table, &name) {
            index.only = false;
        }
    }
}
