//! What a statement about a partitioned table, or a parent by INHERITS, does to its children.
//!
//! PostgreSQL carries columns, defaults and checks over to children by itself; a child must then not be told again. Keys
//! and indexes are made on the children first, so that the parent adopts them under the names that the model has.

use super::action::{Item, Part, Verb};
use super::fate::Fate;
use super::inheritance::parents;
use super::{Context, inheritance};
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;

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
        same.then_some(above)
    })
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
            matches!((&below.kind, &above.kind), (ConstraintKind::Check(_), ConstraintKind::Check(_)))
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
            Waits { gone: inheritance::in_the_way(context, &item.id), ..Waits::default() }
        }
        (Verb::Drop, Part::Attach) => Waits { gone: kept(context, &item.id), ..Waits::default() },
        (Verb::Create, Part::Whole) => {
            let mut gone = unlisted(context, &item.id);
            gone.extend(context.new.seconds(&item.id).into_iter().filter(|item| goes(context, item)));
            gone.extend(inheritance::merged(context, &item.id));
            Waits { made: adopted(context, item), gone }
        }
        (Verb::Drop, Part::Whole) => Waits { gone: above(context, item).into_iter().collect(), ..Waits::default() },
        _ => Waits::default(),
    }
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
    let described = || partitions.iter().filter_map(|partition| context.old.model.tables.get(*partition));
    match object::find(context.old.model, id) {
        Some(Object::Constraint(found)) => match found.kind {
            ConstraintKind::ForeignKey(_) => stays.next().is_some(),
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => {
                let own = |table: &Table| table.constraints.values().any(|below| twin(below, found));
                stays.any(|stays| stays) && !described().any(own)
            }
            ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => false,
        },
        Some(Object::Index(_)) => {
            let qualified = table.sibling(name.as_str());
            let own = |table: &Table| table.indexes.values().any(|it| it.attached_to.as_ref() == Some(&qualified));
            stays.any(|stays| stays) && !described().any(own)
        }
        _ => false,
    }
}

fn goes(context: &Context<'_>, item: &Item) -> bool {
    matches!(context.fates.get(item), Some(Fate::Drop | Fate::Rebuild))
}

/// The keys and indexes of children that the parent's new one takes over.
fn adopted(context: &Context<'_>, item: &Item) -> Vec<Item> {
    let (ObjectId::Constraint(table, name) | ObjectId::Index(table, name)) = &item.id else { return Vec::new() };
    let mut found = Vec::new();
    for &child in context.new.partitions(table) {
        if inheritance::lasting(context, child).is_empty() {
            continue;
        }
        let Some(described) = context.new.model.tables.get(child) else { continue };
        match object::find(context.new.model, &item.id) {
            Some(Object::Constraint(constraint)) => {
                let twins = described.constraints.iter().filter(|(_, below)| twin(below, constraint));
                found.extend(twins.map(|(key, _)| ObjectId::Constraint(child.clone(), key.clone())));
            }
            Some(Object::Index(index)) if !index.only => {
                let qualified = table.sibling(name.as_str());
                let attached =
                    described.indexes.iter().filter(|(_, index)| index.attached_to.as_ref() == Some(&qualified));
                found.extend(attached.map(|(key, _)| ObjectId::Index(child.clone(), key.clone())));
            }
            _ => {}
        }
    }
    found.into_iter().map(Item::whole).filter(|item| context.makes(item)).collect()
}

/// Whether a child's key is the one that its parent's key makes of it.
pub(super) fn twin(below: &Constraint, above: &Constraint) -> bool {
    match (&below.kind, &above.kind) {
        (ConstraintKind::PrimaryKey(a), ConstraintKind::PrimaryKey(b)) => a.columns == b.columns,
        (ConstraintKind::Unique(a), ConstraintKind::Unique(b)) => a.columns == b.columns,
        (ConstraintKind::ForeignKey(a), ConstraintKind::ForeignKey(b)) => a.columns == b.columns && a.table == b.table,
        _ => false,
    }
}

/// The parent's key, check or index that takes the child's along when it is dropped.
pub(super) fn above(context: &Context<'_>, item: &Item) -> Option<Item> {
    let found = match &item.id {
        ObjectId::Constraint(table, name) => inheritance::lasting(context, table)
            .into_iter()
            .find_map(|parent| constraint_above(context.old.model, table, name, parent)),
        ObjectId::Index(table, name) => {
            let index = context.old.model.tables.get(table)?.indexes.get(name)?;
            context.old.index(index.attached_to.as_ref()?).cloned()
        }
        _ => None,
    };
    found.map(Item::whole).filter(|item| goes(context, item))
}

fn constraint_above(model: &Model, table: &Name, name: &Ident, parent: &Name) -> Option<ObjectId> {
    let below = model.constraint(table, name)?;
    let above = model.tables.get(parent)?;
    let check = |(key, found): &(&Ident, &Constraint)| {
        *key == name && matches!(found.kind, ConstraintKind::Check(_)) || twin(below, found)
    };
    let (key, _) = above.constraints.iter().find(check)?;
    Some(ObjectId::Constraint(parent.clone(), key.clone()))
}
