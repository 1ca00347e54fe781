//! Indexes of partitions: an index of a partitioned table, or the one behind its key, is one of each partition too.
//!
//! While statements run, the partitions' indexes and keys are there under the names that PostgreSQL chooses, so that
//! statements can refer to them. At the end those that PostgreSQL would make by itself are taken off again: they are
//! implied.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxNode;

use super::catalog::{Relation, joined};
use super::session::Session;
use super::{constraints, indexes};
use crate::model::Hints;
use crate::model::constraint::{Constraint, ConstraintKind, Deferrable};
use crate::model::index::{Family, Index};
use crate::model::name::{Ident, Name, default_name};
use crate::model::table::{ReplicaIdentity, Table};

/// The place of a new index of `table`: `ONLY` says something where there are partitions.
pub fn family(session: &Session, table: &Name, only: bool) -> Family {
    let only = only && is_partitioned(session, table) && session.catalog.children(table).next().is_some();
    Family { only, attached_to: None }
}

fn is_partitioned(session: &Session, name: &Name) -> bool {
    session.model.tables.get(name).is_some_and(|table| table.partition_by.is_some())
}

/// Gives all indexes of `parent` to its partition `child`.
pub fn spread_all(session: &mut Session, parent: &Name, child: &Name) {
    let Some(table) = session.model.tables.get(parent) else { return };
    let names: Vec<Ident> = table.families().map(|(name, _)| name.clone()).collect();
    for name in names {
        spread_to(session, parent, &name, child);
    }
}

/// Gives the index `name` of `parent` to all of its partitions, and to theirs.
pub fn spread(session: &mut Session, parent: &Name, name: &Ident) {
    if !is_partitioned(session, parent) {
        return;
    }
    let children: Vec<Name> = session.catalog.children(parent).cloned().collect();
    for child in children {
        spread_to(session, parent, name, &child);
    }
}

/// Attaches an index of `child` that is like its parent's `name`, or makes one. Source: `DefineIndex`, partitions.
fn spread_to(session: &mut Session, parent: &Name, name: &Ident, child: &Name) {
    let Some(above) = session.model.tables.get(parent) else { return };
    let Some(index) = above.index(name).map(|index| index.into_owned()) else { return };
    let key = above.constraints.get(name).cloned();
    let whole = parent.sibling(name.as_str());
    let Some(table) = session.model.tables.get_mut(child) else { return };
    let own = table.fitting(&index, key.is_some()).next().cloned();
    if let Some(family) = own.and_then(|own| table.family_mut(&own)) {
        family.attached_to = Some(whole);
        return;
    }
    let family = Family { only: false, attached_to: Some(whole) };
    let chosen = match key {
        Some(key) => copy_key(session, child, key, family),
        None => copy_index(session, child, index, family),
    };
    spread(session, child, &chosen);
}

fn copy_index(session: &mut Session, table: &Name, index: Index, family: Family) -> Ident {
    let chosen = session.catalog.choose_relation(table, &columns(&index), "idx", false);
    session.catalog.add(table.sibling(chosen.as_str()), Relation::Index(table.clone()));
    let copy = Index { family, comment: None, hints: Hints::default(), ..index };
    indexes::insert(session, table, chosen.clone(), copy);
    chosen
}

fn copy_key(session: &mut Session, table: &Name, mut key: Constraint, family: Family) -> Ident {
    let chosen = session.catalog.choose_relation(table, &key_columns(&key), key.suffix(), true);
    session.catalog.add(table.sibling(chosen.as_str()), Relation::Key(table.clone()));
    session.catalog.add_constraint(table, &chosen);
    key.key_mut().into_iter().for_each(|key| key.family = family.clone());
    let copy = Constraint { comment: None, hints: Hints::default(), ..key };
    if let Some(table) = session.model.tables.get_mut(table) {
        table.constraints.insert(chosen.clone(), copy);
    }
    chosen
}

/// The columns' part of the name that PostgreSQL chooses for an index like this one.
pub fn columns(index: &Index) -> String {
    let names = indexes::names_of(index);
    joined(names.iter().map(String::as_str))
}

/// The columns' part of the name that PostgreSQL chooses for a key like this one.
pub fn key_columns(constraint: &Constraint) -> String {
    match &constraint.kind {
        ConstraintKind::Unique(key) => joined(key.columns.iter().chain(&key.include).map(Ident::as_str)),
        _ => String::new(),
    }
}

/// Removes the indexes and keys of partitions that are attached to `parent`, which is dropped.
pub fn remove_attached(session: &mut Session, parent: &Name) {
    for (table, name) in parts(session, parent) {
        if constraints::remove(session, &table, &name).is_none() {
            indexes::remove(session, &table, &name);
        }
        remove_attached(session, &table.sibling(name.as_str()));
    }
}

/// The indexes that are attached to `whole`, by table and name.
fn parts(session: &Session, whole: &Name) -> Vec<(Name, Ident)> {
    let parts = families(session).filter(|(.., family)| family.is_part_of(whole));
    parts.map(|(table, name, _)| (table.clone(), name.clone())).collect()
}

/// The places of all indexes of tables, by table and name.
fn families<'s>(session: &'s Session) -> impl Iterator<Item = (&'s Name, &'s Ident, &'s Family)> {
    let all = session.model.tables.iter();
    all.flat_map(|(table, it)| it.families().map(move |(name, family)| (table, name, family)))
}

/// The parts of the index `old` follow it to its new name.
pub fn follow(session: &mut Session, old: &Name, new: &Name) {
    if old == new {
        return;
    }
    for (table, name) in parts(session, old) {
        let table = session.model.tables.get_mut(&table);
        if let Some(family) = table.and_then(|table| table.family_mut(&name)) {
            family.attached_to = Some(new.clone());
        }
    }
}

/// Runs ALTER INDEX … ATTACH PARTITION.
pub fn attach(session: &mut Session, parent: &Name, child: &Name, node: &SyntaxNode) {
    let table = indexes::owner(session, child).and_then(|table| session.model.tables.get_mut(&table));
    match table.and_then(|table| table.family_mut(&child.name)) {
        Some(family) => family.attached_to = Some(parent.clone()),
        None => session.missing("index", child, node),
    }
}

/// Whether PostgreSQL may choose `name` for a relation of the table: with a number, what stands before it may be cut.
fn is_chosen(name: &Ident, table: &Name, columns: &str, suffix: &str) -> bool {
    let number = &name.as_str()[name.as_str().trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    *name == default_name(table.name.as_str(), columns, &format!("{suffix}{number}"))
}

/// An index that is attached to another one.
struct Attached {
    table: Name,
    name: Ident,
    parent: Name,
    implied: bool,
}

/// Takes off the indexes and keys that PostgreSQL would make by itself: attached to their parent's, and under the name
/// that it would choose. A parent's index that every partition has is not `ON ONLY` any more.
pub fn fold(session: &mut Session) {
    complete_parents(session);
    let attached = all_attached(session);
    let stays: BTreeSet<Name> = attached.iter().filter(|it| !it.implied).map(|it| it.parent.clone()).collect();
    for it in attached.iter().filter(|it| it.implied && !stays.contains(&it.table.sibling(it.name.as_str()))) {
        if let Some(table) = session.model.tables.get_mut(&it.table) {
            table.indexes.remove(&it.name);
            table.constraints.remove(&it.name);
        }
    }
}

fn all_attached(session: &Session) -> Vec<Attached> {
    let attached = families(session).filter_map(|(table, name, family)| {
        let parent = family.attached_to.clone()?;
        let implied = is_implied(session, table, name, &parent).unwrap_or(false);
        Some(Attached { table: table.clone(), name: name.clone(), parent, implied })
    });
    attached.collect()
}

/// Whether PostgreSQL would make the index `name` of `table` just so as its part of the index `parent`.
fn is_implied(session: &Session, table: &Name, name: &Ident, parent: &Name) -> Option<bool> {
    let it = session.model.tables.get(table)?;
    let above = session.model.tables.get(&indexes::owner(session, parent)?)?;
    let (whole, part) = (above.index(&parent.name)?, it.index(name)?);
    let (of_key, key) = (above.constraints.get(&parent.name), it.constraints.get(name));
    let usual = match key {
        Some(key) => is_chosen(name, table, &key_columns(key), key.suffix()),
        None => is_chosen(name, table, &columns(&part), "idx"),
    };
    let kind = |key: &Constraint| -> (&'static str, Deferrable) { (key.suffix(), key.deferrable) };
    let bare = part.comment.is_none() && key.is_none_or(|key| key.comment.is_none());
    // Where there is another one like it, PostgreSQL would take that one in.
    let alone = it.fitting(&whole, of_key.is_some()).next().is_none();
    let same = whole.options == part.options && of_key.map(kind) == key.map(kind);
    // The parts of an index that has not all of them are attached one by one, whatever they are called.
    Some(usual && bare && alone && same && !whole.family.only && !is_referred_to(it, name))
}

/// Whether the table refers to the index by its name.
fn is_referred_to(table: &Table, index: &Ident) -> bool {
    let identity = matches!(&table.replica_identity, Some(ReplicaIdentity::Index(name)) if name == index);
    identity || table.clustered_on.as_ref() == Some(index)
}

fn complete_parents(session: &mut Session) {
    let have: BTreeSet<(&Name, &Name)> =
        families(session).filter_map(|(table, _, family)| Some((family.attached_to.as_ref()?, table))).collect();
    let complete = |table: &Name, name: &Ident| {
        let whole = table.sibling(name.as_str());
        session.catalog.children(table).all(|child| have.contains(&(&whole, child)))
    };
    let only = families(session).filter(|(table, name, family)| family.only && complete(table, name));
    let only: Vec<(Name, Ident)> = only.map(|(table, name, _)| (table.clone(), name.clone())).collect();
    for (table, name) in only {
        let table = session.model.tables.get_mut(&table);
        table.and_then(|table| table.family_mut(&name)).into_iter().for_each(|family| family.only = false);
    }
}
