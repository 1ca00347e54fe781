//! What holds the indexes of a partitioned table and its partitions together, those behind keys included.
//!
//! An index of the parent that is made takes in the indexes of partitions that are like it, and makes those that are
//! missing; one that is made for its parent `ONLY` gets its parts one by one. A part does not go without its whole, and
//! goes with it. A model says what is attached to what, where PostgreSQL would not do just that by itself.

use std::collections::BTreeMap;

use super::Context;
use super::action::{Draft, Item, Part, Verb};
use super::catalog::Catalog;
use super::fate::Fate;
use super::inheritance;
use crate::diff::Fact;
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};

/// Whether the object is an index, or a constraint, which may have one.
pub(super) fn is_index(id: &ObjectId) -> bool {
    place(id).is_some()
}

/// The table and the name of an index or a constraint.
fn place(id: &ObjectId) -> Option<(&Name, &Ident)> {
    match id {
        ObjectId::Index(table, name) | ObjectId::Constraint(table, name) => Some((table, name)),
        _ => None,
    }
}

/// The index's name among all relations.
fn qualified(id: &ObjectId) -> Option<Name> {
    place(id).map(|(table, name)| table.sibling(name.as_str()))
}

/// The indexes and keys that are attached to others, by the name of the one that they are part of.
pub(super) fn attached(model: &Model) -> BTreeMap<&Name, Vec<ObjectId>> {
    let mut attached: BTreeMap<&Name, Vec<ObjectId>> = BTreeMap::new();
    for (table, it) in &model.tables {
        let make = |name: &Ident| match it.indexes.contains_key(name) {
            true => ObjectId::Index(table.clone(), name.clone()),
            false => ObjectId::Constraint(table.clone(), name.clone()),
        };
        for (name, family) in it.families() {
            if let Some(whole) = &family.attached_to {
                attached.entry(whole).or_default().push(make(name));
            }
        }
    }
    attached
}

/// For an index or key of a partition that its parent's would take in, were there not another one like it that is
/// meant: that one, and the parent's. It comes after both.
pub(super) fn second<'c>(catalog: &'c Catalog<'_>, id: &ObjectId) -> Option<(ObjectId, &'c ObjectId)> {
    let (table, name) = place(id)?;
    let described = catalog.model.tables.get(table).filter(|table| table.partition_of.is_some())?;
    let index = described.index(name).filter(|index| index.family.attached_to.is_none())?;
    described.families().find_map(|(first, family)| {
        let whole = catalog.index(family.attached_to.as_ref()?)?;
        let taken = !matches!(whole, ObjectId::Constraint(..)) || matches!(id, ObjectId::Constraint(..));
        let alike = taken && described.index(first)?.is_like(&index);
        alike.then(|| Some((catalog.index(&table.sibling(first.as_str()))?.clone(), whole)))?
    })
}

/// Whether no index of a parent has to do with the index or key.
pub(super) fn is_alone(catalog: &Catalog<'_>, id: &ObjectId) -> bool {
    catalog.whole(id).is_none() && second(catalog, id).is_none()
}

/// The indexes and keys of partitions that the index `id` of their parent would take in while it is made, were they there.
pub(super) fn seconds(catalog: &Catalog<'_>, id: &ObjectId) -> Vec<Item> {
    let Some((relation, _)) = place(id) else { return Vec::new() };
    let below = catalog.partitions(relation).iter().flat_map(|child| seconds_in(catalog, child));
    below.filter(|below| second(catalog, below).is_some_and(|(_, whole)| whole == id)).map(Item::whole).collect()
}

/// The indexes and keys that a partition would give to its parent's when it joins, were they there.
pub(super) fn seconds_in(catalog: &Catalog<'_>, partition: &Name) -> Vec<ObjectId> {
    let Some(table) = catalog.model.tables.get(partition) else { return Vec::new() };
    let ids = table.families().filter_map(|(name, _)| catalog.index(&partition.sibling(name.as_str())));
    ids.filter(|id| second(catalog, id).is_some()).cloned().collect()
}

/// Whether the fact says that an index of the parent only gets its last parts, each of which is named. When a partition
/// without a part leaves instead, PostgreSQL does not see that none is lacking any more: the index stays invalid.
pub(super) fn completes(id: &ObjectId, fact: &Fact, old: &Catalog<'_>, new: &Catalog<'_>) -> bool {
    let Some((table, _)) = place(id).filter(|_| fact.name == "on its own table only" && fact.new.is_none()) else {
        return false;
    };
    let stays = |child: &Name| new.partitions(table).contains(&child);
    new.partitions(table).iter().all(|child| part_in(new, id, child).is_some())
        && old.partitions(table).iter().all(|child| stays(child) || part_in(old, id, child).is_some())
}

/// The part of an index or key that the partition names.
fn part_in<'c>(catalog: &'c Catalog<'_>, whole: &ObjectId, partition: &Name) -> Option<&'c ObjectId> {
    let attached = catalog.attached(&qualified(whole)?);
    attached.iter().find(|part| place(part).is_some_and(|(table, _)| table == partition))
}

/// The named parts that the new index or key `id` takes in by itself: partitions that stay what they are have them before.
pub(super) fn adopted(context: &Context<'_>, id: &ObjectId) -> Vec<ObjectId> {
    let Some(whole) = qualified(id).filter(|_| context.new.family(id).is_some_and(|family| !family.only)) else {
        return Vec::new();
    };
    let lasting =
        |part: &&ObjectId| place(part).is_some_and(|(table, _)| !inheritance::lasting(context, table).is_empty());
    context.new.attached(&whole).iter().filter(lasting).cloned().collect()
}

/// A partition's index joins its parent's, unless PostgreSQL takes it in by itself.
pub(super) fn attach(context: &Context<'_>, id: &ObjectId, verb: Verb) -> Vec<Draft> {
    let (Some((table, _)), Some(whole)) = (place(id), context.new.whole(id).filter(|_| verb != Verb::Drop)) else {
        return Vec::new();
    };
    let joins = context.makes(&Item::part(&ObjectId::Table(table.clone()), Part::Attach));
    let only = context.new.family(whole).is_some_and(|family| family.only);
    let taken = if context.makes(&Item::whole(whole.clone())) { !only } else { joins };
    let names = qualified(whole).zip(qualified(id)).filter(|_| !taken);
    names.map(|(whole, part)| Draft::new(format!("ALTER INDEX {whole} ATTACH PARTITION {part}"))).into_iter().collect()
}

/// What the index or key is part of, which takes it along when it is dropped; its own table would too.
pub(super) fn dropped_with(context: &Context<'_>, id: &ObjectId) -> Option<ObjectId> {
    let (table, _) = place(id)?;
    let table = Item::whole(ObjectId::Table(table.clone()));
    let stays = !matches!(context.fates.get(&table), Some(Fate::Drop | Fate::Rebuild));
    context.old.whole(id).filter(|_| stays).cloned()
}

/// The place that a table gives up, when the index or key is part of one that stays: only then may it go.
pub(super) fn set_free(context: &Context<'_>, id: &ObjectId) -> Option<Item> {
    let (table, _) = place(id)?;
    context.old.whole(id)?;
    let place = Item::part(&ObjectId::Table(table.clone()), Part::Attach);
    matches!(context.fates.get(&place), Some(Fate::Drop | Fate::Rebuild)).then_some(place)
}

/// The named parts of an index or key, and theirs.
pub(super) fn taken_along(context: &Context<'_>, id: &ObjectId) -> Vec<Item> {
    let mut found = Vec::new();
    let mut wholes: Vec<ObjectId> = vec![id.clone()];
    while let Some(whole) = wholes.pop().and_then(|id| qualified(&id)) {
        let parts = context.old.attached(&whole);
        found.extend(parts.iter().cloned().map(Item::whole));
        wholes.extend(parts.iter().cloned());
    }
    found
}

/// Whether an index has a key among its parts, which PostgreSQL drops along only when it is told so.
pub(super) fn has_keys(context: &Context<'_>, id: &ObjectId) -> bool {
    taken_along(context, id).iter().any(|part| matches!(part.id, ObjectId::Constraint(..)))
}

/// The indexes of a partition's new parent that are to have no part in it, and are made anew once it has joined.
pub(super) fn apart(new: &Catalog<'_>, partition: &Name) -> Vec<ObjectId> {
    let tables = &new.model.tables;
    let above = tables.get(partition).and_then(|table| tables.get_key_value(&table.partition_of.as_ref()?.parent));
    let Some((parent, above)) = above else { return Vec::new() };
    let only = above.families().filter(|(_, family)| family.only);
    let ids = only.filter_map(|(name, _)| new.index(&parent.sibling(name.as_str())));
    ids.filter(|id| part_in(new, id, partition).is_none()).cloned().collect()
}

/// Lets those indexes and keys go and come again that PostgreSQL does not let change in place: what is part of one that
/// goes, what has a part that goes, and what would have a part that is not meant. Answers whether there are any.
pub(super) fn relate(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) -> bool {
    let mut wanted: Vec<ObjectId> = fates.keys().flat_map(|item| unsettled(fates, item, old, new)).collect();
    let indexes = fates.keys().filter(|item| item.part == Part::Whole && is_index(&item.id));
    let going = indexes.filter(|item| goes(fates, item));
    wanted.extend(going.flat_map(|item| relatives(fates, old, &item.id)));
    let mut news = false;
    while let Some(id) = wanted.pop() {
        if rebuild(fates, new, &id) {
            wanted.extend(relatives(fates, old, &id));
            news = true;
        }
    }
    news
}

fn goes(fates: &BTreeMap<Item, Fate>, item: &Item) -> bool {
    matches!(fates.get(item), Some(Fate::Drop | Fate::Rebuild))
}

/// Whether the table gives up its place under its parent, or goes itself.
fn leaves(fates: &BTreeMap<Item, Fate>, table: &Name) -> bool {
    let id = ObjectId::Table(table.clone());
    [Part::Whole, Part::Attach].into_iter().any(|part| goes(fates, &Item::part(&id, part)))
}

/// Lets an index or key that was to stay go and come again. Answers whether it was.
fn rebuild(fates: &mut BTreeMap<Item, Fate>, new: &Catalog<'_>, id: &ObjectId) -> bool {
    let item = Item::whole(id.clone());
    let stays = is_index(id) && new.has(&item) && !matches!(fates.get(&item), Some(Fate::Create | Fate::Rebuild));
    if stays {
        fates.extend(new.parts(id).into_iter().map(|part| (part, Fate::Rebuild)));
    }
    stays
}

/// What an index or key is part of, unless its table leaves, and its parts.
fn relatives(fates: &BTreeMap<Item, Fate>, old: &Catalog<'_>, id: &ObjectId) -> Vec<ObjectId> {
    let Some((table, name)) = place(id) else { return Vec::new() };
    let above = old.whole(id).filter(|_| !leaves(fates, table));
    above.into_iter().chain(old.attached(&table.sibling(name.as_str()))).cloned().collect()
}

/// The indexes and keys that cannot stay because of what becomes of a place.
fn unsettled(fates: &BTreeMap<Item, Fate>, item: &Item, old: &Catalog<'_>, new: &Catalog<'_>) -> Vec<ObjectId> {
    let comes = matches!(fates.get(item), Some(Fate::Create | Fate::Rebuild));
    match (&item.id, item.part) {
        (ObjectId::Table(name), Part::Attach) if comes => apart(new, name),
        (ObjectId::Index(table, _) | ObjectId::Constraint(table, _), Part::Attach) if !leaves(fates, table) => {
            let let_go = goes(fates, item).then(|| item.id.clone());
            let crowded = new.whole(&item.id).filter(|whole| comes && has_part_in(old, whole, table));
            let_go.into_iter().chain(crowded.cloned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the index or key has a part in the table, named or not.
fn has_part_in(old: &Catalog<'_>, whole: &ObjectId, table: &Name) -> bool {
    let parent = old.model.tables.get(table).and_then(|table| table.partition_of.as_ref()).map(|of| &of.parent);
    let complete = || old.family(whole).is_some_and(|family| !family.only);
    place(whole).is_some_and(|(above, _)| parent == Some(above)) && complete()
}
