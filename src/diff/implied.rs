//! Renames of what PostgreSQL made and named by itself, after a table and columns that have other names now.
//!
//! The indexes of partitions keep the names that were chosen for them; a schema that is made anew has others.

use std::collections::{BTreeMap, BTreeSet};

use super::object;
use super::rename::{Rename, rounds};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::lower::sql::implied::{Implied, implied};
use crate::model::name::Name;

/// The renames of implied indexes and keys that follow from `done`, which lead from `from` to `base`.
pub fn renames(from: &Model, base: &Model, to: &Model, done: &[Rename]) -> Vec<Rename> {
    let names = |rename: &Rename| matches!(rename.to, ObjectId::Table(_) | ObjectId::Column(..));
    if !done.iter().any(names) || from.tables.values().all(|table| table.partition_of.is_none()) {
        return Vec::new();
    }
    let renamed: BTreeMap<&ObjectId, &ObjectId> = done.iter().map(|rename| (&rename.from, &rename.to)).collect();
    // A partition that leaves keeps its own, under names that its new name and its columns' would give.
    let parent = |model: &Model, name: &Name| Some(model.tables.get(name)?.partition_of.as_ref()?.parent.clone());
    let leaves = |it: &Implied| {
        let stays = |name: &&Name| to.tables.contains_key(*name) && parent(base, name) != parent(to, name);
        it.id.table().filter(stays).is_some()
    };
    let wanted = implied(base).into_iter().filter(leaves).chain(implied(to));
    let wanted: BTreeMap<(Option<Name>, ObjectId), Implied> =
        wanted.map(|it| ((it.id.table().cloned(), it.whole.clone()), it)).collect();
    let there: Vec<(ObjectId, Implied)> = implied(from).into_iter().map(|it| (follow(&renamed, &it.id), it)).collect();
    let hints = there.iter().filter_map(|(id, old)| {
        let new = wanted.get(&(id.table().cloned(), follow(&renamed, &old.whole)))?;
        (new.usual != old.usual).then(|| (id.clone(), new.id.clone()))
    });
    let names: BTreeSet<&ObjectId> = there.iter().map(|(id, _)| id).collect();
    let pairs = rounds(hints.collect(), |id| names.contains(id) || object::find(base, id).is_some());
    pairs.into_iter().map(|(from, to)| Rename { from, to }).collect()
}

/// The identity of an index or a constraint after the renames of its table and of itself.
fn follow(renamed: &BTreeMap<&ObjectId, &ObjectId>, id: &ObjectId) -> ObjectId {
    let on = |table: &Name| match renamed.get(&ObjectId::Table(table.clone())) {
        Some(ObjectId::Table(new)) => new.clone(),
        _ => table.clone(),
    };
    let moved = match id {
        ObjectId::Index(table, name) => ObjectId::Index(on(table), name.clone()),
        ObjectId::Constraint(table, name) => ObjectId::Constraint(on(table), name.clone()),
        other => other.clone(),
    };
    renamed.get(&moved).map_or(moved, |new| (*new).clone())
}
