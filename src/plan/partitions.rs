//! What a statement about a partitioned table, or a parent by INHERITS, does to its children.
//!
//! PostgreSQL carries columns, defaults and checks over to children by itself; a child must then not be told again. Keys
//! and indexes are made on the children first, so that the parent adopts them under the names that the model has.

use std::collections::BTreeMap;

use super::action::{Item, Part, Verb};
use super::catalog::Catalog;
use super::fate::Fate;
use super::inheritance::parents;
use super::{Context, family, inheritance};
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};

/// Whether the table `user` is a child of the table that `item` is, or is a part of.
pub(super) fn is_child(user: &ObjectId, item: &ObjectId, model: &Model) -> bool {
    let (ObjectId::Table(child), ObjectId::Table(parent) | ObjectId::Column(parent, _)) = (user, item) else {
        return false;
    };
    model.tables.get(child).is_some_and(|table| parents(table).any(|name| name == parent))
}

/// The parent's item whose statement carries out this action too.
pub(super) fn carrier(context: &Context<'_>, item: &Item, verb: Verb) -> Option<Item> {
    let model = if verb == Verb::Drop { context.old.model } else { context.new.model };
    let table = match (&item.id, item.part) {
        (ObjectId::Column(table, _), Part::Whole | Part::Default) | (ObjectId::Constraint(table, _), Part::Whole) => {
            table
        }
        _ => return None,
    };
    inheritance::lasting(context, table).into_iter().find_map(|parent| {
        let id = match &item.id {
            ObjectId::Column(_, name) => ObjectId::Column(parent.clone(), name.clone()),
            ObjectId::Constraint(_, name) if verb == Verb::Create => ObjectId::Constraint(parent.clone(), name.clone()),
            _ => return None,
        };
        let above = Item { id, part: item.part };
        let same = same_fate(context.fates.get(&above)?, context.fates.get(item)?) && same_object(model, item, &above);
        let alone = || match &above.id {
            ObjectId::Column(table, name) => above.part == Part::Default && !shares_default(context, table, name),
            _ => false,
        };
        (same && !alone()).then_some(above)
    })
}

/// The tables that have their columns from this one in the end, and theirs.
pub(super) fn below<'c>(context: &'c Context<'_>, table: &Name) -> Vec<&'c Name> {
    let mut found: Vec<&Name> = Vec::new();
    let mut open = vec![table];
    while let Some(parent) = open.pop() {
        let children = context.new.partitions(parent).iter().chain(context.new.heirs(parent)).copied();
        let children: Vec<&Name> = children.filter(|child| !found.contains(child)).collect();
        open.extend(&children);
        found.extend(children);
    }
    found
}

/// Whether all tables below this one are to have its default for the column, so that one statement is enough.
pub(super) fn shares_default(context: &Context<'_>, table: &Name, name: &Ident) -> bool {
    let column = |table: &Name| context.new.model.tables.get(table)?.column(name.as_str());
    let own = column(table).and_then(|column| column.default.as_ref());
    below(context, table).into_iter().filter_map(column).all(|column| column.default.as_ref() == own)
}

fn same_fate(above: &Fate, below: &Fate) -> bool {
    std::mem::discriminant(above) == std::mem::discriminant(below)
}

/// Whether what the parent gets is what the child is to have.
fn same_object(model: &Model, item: &Item, above: &Item) -> bool {
    match (object::find(model, &item.id), object::find(model, &above.id), item.part) {
        (Some(Object::Column(below)), Some(Object::Column(above)), Part::Default) => below.default == above.default,
        (Some(Object::Column(below)), Some(Object::Column(above)), _) => below.ty == above.ty,
        (Some(Object::Constraint(below)), Some(Object::Constraint(above)), _) => {
            let checks = matches!((&below.kind, &above.kind), (ConstraintKind::Check(_), ConstraintKind::Check(_)));
            checks && below.not_valid == above.not_valid
        }
        _ => false,
    }
}

/// What an action waits for besides what its item needs.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// Items that have to be in their new state.
    pub made: Vec<Item>,
    /// Items whose old state has to be gone.
    pub gone: Vec<Item>,
    /// Items whose old state nothing may use any more: it goes along.
    pub free: Vec<Item>,
}

/// What the order of a parent's and its children's statements asks of an action.
pub(super) fn waits(context: &Context<'_>, item: &Item, verb: Verb) -> Waits {
    let mut waits = around(context, item, verb);
    waits.gone.extend(inheritance::given_up(context, &item.id));
    waits
}

fn around(context: &Context<'_>, item: &Item, verb: Verb) -> Waits {
    match (verb, item.part) {
        (Verb::Create, Part::Attach | Part::Inherit) => {
            let mut gone = inheritance::in_the_way(context, &item.id);
            gone.extend(taking(context, item));
            Waits { gone, ..Waits::default() }
        }
        (Verb::Drop, Part::Attach) => Waits { gone: kept(context, &item.id), ..Waits::default() },
        (Verb::Create, Part::Whole) => {
            let mut gone = unlisted(context, &item.id);
            gone.extend(taking(context, item));
            gone.extend(family::seconds(&context.new, &item.id).into_iter().filter(|item| goes(context, item)));
            gone.extend(inheritance::merged(context, &item.id));
            let mut made = adopted(context, item);
            if let ObjectId::Constraint(table, name) = &item.id {
                made.extend(validates(context, table, name).map(Item::whole));
            }
            Waits { made, gone, ..Waits::default() }
        }
        (Verb::Drop, Part::Whole) => Waits {
            gone: above(context, item).or_else(|| family::set_free(context, &item.id)).into_iter().collect(),
            free: family::taken_along(context, &item.id),
            ..Waits::default()
        },
        _ => Waits::default(),
    }
}

/// The indexes that would give a part to a partition that joins, or would be one, and are not to.
fn taking(context: &Context<'_>, item: &Item) -> Vec<Item> {
    let ObjectId::Table(name) = &item.id else { return Vec::new() };
    let found = [family::apart(&context.new, name), family::seconds_in(&context.new, name)].concat();
    found.into_iter().map(Item::whole).filter(|item| goes(context, item)).collect()
}

/// The check of a table above the partition that is to hold for the partition's rows, and not for all: it is validated
/// once it is there.
pub(super) fn validates(context: &Context<'_>, table: &Name, name: &Ident) -> Option<ObjectId> {
    context.new.unsure(table, name).filter(|_| !inheritance::lasting(context, table).is_empty())
}

/// Whether the partition stops to say a check that it has from its parent and keeps: the parent's holds for all rows now.
pub(super) fn keeps_check(context: &Context<'_>, table: &Name, name: &Ident) -> bool {
    let above = context.old.unsure(table, name).filter(|_| !inheritance::lasting(context, table).is_empty());
    above.map(Item::whole).is_some_and(|above| !goes(context, &above))
}

/// Lets checks go and come again that a partition is not known to satisfy any more, with those that partitions say of
/// them. Answers whether there are any.
pub(super) fn relate(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) -> bool {
    let mut wanted: Vec<ObjectId> = Vec::new();
    for (item, fate) in fates.iter().filter(|(item, _)| item.part == Part::Whole) {
        let ObjectId::Constraint(table, name) = &item.id else { continue };
        let stays = new.model.tables.get(table).is_some_and(|it| new.checks_above(it).contains_key(name));
        match fate {
            Fate::Drop if stays => wanted.extend(old.unsure(table, name).filter(|id| is_unsure(new, id))),
            Fate::Drop | Fate::Rebuild => wanted.extend(said_below(old, table, name)),
            _ => {}
        }
    }
    let mut news = false;
    for id in wanted {
        let item = Item::whole(id);
        if new.has(&item) && !matches!(fates.get(&item), Some(Fate::Create | Fate::Drop | Fate::Rebuild)) {
            fates.extend(new.parts(&item.id).into_iter().map(|part| (part, Fate::Rebuild)));
            news = true;
        }
    }
    news
}

fn is_unsure(catalog: &Catalog<'_>, id: &ObjectId) -> bool {
    matches!(object::find(catalog.model, id), Some(Object::Constraint(check)) if check.not_valid)
}

/// The partitions' checks that say of the check `name` of a table that it holds for their rows.
fn said_below(old: &Catalog<'_>, table: &Name, name: &Ident) -> Vec<ObjectId> {
    let mut below = old.partitions(table).to_vec();
    let mut found = Vec::new();
    while let Some(child) = below.pop() {
        below.extend(old.partitions(child));
        let said = old.unsure(child, name).is_some();
        found.extend(said.then(|| ObjectId::Constraint(child.clone(), name.clone())));
    }
    found
}

/// The partitions, and their places, that have to go before a foreign key to their parent is made: it would hold them.
fn unlisted(context: &Context<'_>, id: &ObjectId) -> Vec<Item> {
    let Some(Object::Constraint(found)) = object::find(context.new.model, id) else { return Vec::new() };
    let ConstraintKind::ForeignKey(key) = &found.kind else { return Vec::new() };
    let partitions = context.old.partitions(&key.table).iter().map(|name| ObjectId::Table((*name).clone()));
    let items = partitions.flat_map(|id| [Item::part(&id, Part::Attach), Item::whole(id)]);
    items.filter(|item| goes(context, item)).collect()
}

/// The keys and indexes of its parent that a partition would keep for itself if it were detached before they are gone.
fn kept(context: &Context<'_>, partition: &ObjectId) -> Vec<Item> {
    let ObjectId::Table(name) = partition else { return Vec::new() };
    let tables = &context.old.model.tables;
    let Some(of) = tables.get(name).and_then(|table| table.partition_of.as_ref()) else { return Vec::new() };
    let Some(parent) = tables.get(&of.parent) else { return Vec::new() };
    let constraints = parent.constraints.keys().map(|key| ObjectId::Constraint(of.parent.clone(), key.clone()));
    let indexes = parent.indexes.keys().map(|key| ObjectId::Index(of.parent.clone(), key.clone()));
    let first = constraints.chain(indexes).filter(|id| goes_first(context, id));
    first.map(Item::whole).filter(|item| goes(context, item)).collect()
}

/// Whether the key or index has to go with a statement of its own, before its table: partitions that are detached would
/// keep it. Those that have one of their own, which it took over, do keep that.
pub(super) fn goes_first(context: &Context<'_>, id: &ObjectId) -> bool {
    let (ObjectId::Constraint(table, name) | ObjectId::Index(table, name)) = id else { return false };
    let partitions = context.old.partitions(table);
    let detached = |partition: &&Name| {
        let id = ObjectId::Table((*partition).clone());
        goes(context, &Item::part(&id, Part::Attach)).then(|| !goes(context, &Item::whole(id)))
    };
    let mut stays = partitions.iter().filter_map(detached);
    match object::find(context.old.model, id) {
        Some(Object::Constraint(found)) if found.foreign_key().is_some() => stays.next().is_some(),
        Some(_) if context.old.family(id).is_some() => {
            stays.any(|stays| stays) && context.old.attached(&table.sibling(name.as_str())).is_empty()
        }
        _ => false,
    }
}

fn goes(context: &Context<'_>, item: &Item) -> bool {
    matches!(context.fates.get(item), Some(Fate::Drop | Fate::Rebuild))
}

/// The keys and indexes of children that the parent's new one takes over.
fn adopted(context: &Context<'_>, item: &Item) -> Vec<Item> {
    let found = match object::find(context.new.model, &item.id) {
        Some(Object::Constraint(constraint)) if constraint.foreign_key().is_some() => {
            keys_below(context, item, constraint)
        }
        _ => family::adopted(context, &item.id),
    };
    found.into_iter().map(Item::whole).filter(|item| context.makes(item)).collect()
}

/// The foreign keys of partitions that are their parent's too.
fn keys_below(context: &Context<'_>, item: &Item, constraint: &Constraint) -> Vec<ObjectId> {
    let ObjectId::Constraint(table, _) = &item.id else { return Vec::new() };
    let children = context.new.partitions(table).iter();
    let lasting = children.filter(|child| !inheritance::lasting(context, child).is_empty());
    let described = lasting.filter_map(|child| Some((*child, context.new.model.tables.get(*child)?)));
    let keys = described.flat_map(|(child, it)| it.constraints.iter().map(move |(key, below)| (child, key, below)));
    let twins = keys.filter(|(.., below)| same_foreign_key(below, constraint));
    twins.map(|(child, key, _)| ObjectId::Constraint(child.clone(), key.clone())).collect()
}

/// Whether a child's foreign key is the one that its parent's makes of it.
pub(super) fn same_foreign_key(below: &Constraint, above: &Constraint) -> bool {
    let (Some(below), Some(above)) = (below.foreign_key(), above.foreign_key()) else { return false };
    below.columns == above.columns && below.table == above.table
}

/// The parent's key, check or index that takes the child's along when it is dropped.
pub(super) fn above(context: &Context<'_>, item: &Item) -> Option<Item> {
    let found = match &item.id {
        id if context.old.family(id).is_some() => family::dropped_with(context, id),
        ObjectId::Constraint(table, name) => inheritance::lasting(context, table)
            .into_iter()
            .find_map(|parent| constraint_above(context.old.model, table, name, parent))
            .or_else(|| context.old.unsure(table, name)),
        _ => None,
    };
    found.map(Item::whole).filter(|item| goes(context, item))
}

fn constraint_above(model: &Model, table: &Name, name: &Ident, parent: &Name) -> Option<ObjectId> {
    let below = model.constraint(table, name)?;
    let above = model.tables.get(parent)?;
    let check = |(key, found): &(&Ident, &Constraint)| {
        *key == name && matches!(found.kind, ConstraintKind::Check(_)) || same_foreign_key(below, found)
    };
    let (key, _) = above.constraints.iter().find(check)?;
    Some(ObjectId::Constraint(parent.clone(), key.clone()))
}
