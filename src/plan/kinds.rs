//! The registry of object kinds: who writes the statements for which item.

use std::collections::BTreeSet;

use super::action::{Action, Draft, Item, Part, Verb};
use super::catalog::Catalog;
use super::fate::Fate;
use super::{
    Context, column, comment, constraint, extension, family, grant, index, other, partitions, policy, routine, schema,
    sequence, table, trigger, types, view,
};
use crate::diff::Fact;
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::types::TypeKind;

/// The place of tables.
pub(super) const TABLES: u8 = 6;
/// The place of constraints that are made by themselves: behind all that a table is made together with.
pub(super) const CONSTRAINTS: u8 = 9;

/// The place of an item's kind in a plan where dependencies leave a choice.
pub(super) fn rank(item: &Item) -> u8 {
    match item.part {
        Part::Privileges => return 16,
        Part::Comment => return 15,
        Part::Owner => return 8,
        Part::Attach | Part::Inherit | Part::Cluster | Part::Replica => return 11,
        Part::Security => return 13,
        Part::Whole | Part::Default | Part::Checks | Part::Parked => {}
    }
    match &item.id {
        ObjectId::Schema(_) => 0,
        ObjectId::Extension(_) => 1,
        ObjectId::Type(_) => 2,
        ObjectId::Sequence(_) => 3,
        ObjectId::Routine(_) => 4,
        ObjectId::Other(_) => 5,
        ObjectId::Table(_) => TABLES,
        ObjectId::Column(..) => 7,
        ObjectId::Constraint(..) => CONSTRAINTS,
        ObjectId::Index(..) => 10,
        ObjectId::View(_) => 11,
        ObjectId::Trigger(..) => 12,
        ObjectId::Policy(..) => 14,
    }
}

/// The statements of an action; `parts` are the items that its statement takes in.
pub(super) fn drafts(context: &Context<'_>, action: &Action, parts: &BTreeSet<&Item>) -> Vec<Draft> {
    let item = &action.item;
    let verb = action.verb;
    if let Some(above) = partitions::carrier(context, item, verb) {
        return column::rest(context, &above, item, verb, parts);
    }
    match item.part {
        Part::Comment => return comment::drafts(context, &item.id, verb),
        Part::Privileges => return grant::drafts(context, &item.id, verb),
        Part::Cluster => return index::cluster(context, &item.id, verb),
        Part::Attach if family::is_index(&item.id) => return family::attach(context, &item.id, verb),
        _ => {}
    }
    match &item.id {
        ObjectId::Schema(name) => schema::drafts(context, name, verb),
        ObjectId::Extension(name) => extension::drafts(context, name, verb),
        ObjectId::Type(name) => types::drafts(context, name, item.part, verb, facts(context, item), parts),
        ObjectId::Sequence(name) => sequence::drafts(context, name, item.part, verb, facts(context, item)),
        ObjectId::Table(name) => table::drafts(context, name, item.part, verb, facts(context, item), parts),
        ObjectId::Column(table, name) => {
            column::drafts(context, table, name, item.part, verb, facts(context, item), parts)
        }
        ObjectId::Constraint(table, name) => constraint::drafts(context, table, name, verb, facts(context, item)),
        ObjectId::Index(relation, name) => index::drafts(context, relation, name, verb, facts(context, item)),
        ObjectId::Trigger(relation, name) => trigger::drafts(context, relation, name, verb, facts(context, item)),
        ObjectId::Policy(table, name) => policy::drafts(context, table, name, verb, facts(context, item)),
        ObjectId::View(name) => view::drafts(context, name, verb, facts(context, item)),
        ObjectId::Routine(signature) => routine::drafts(context, signature, verb),
        ObjectId::Other(id) => other::drafts(context, id, item.part, verb),
    }
}

/// The facts in which an item that stays is altered.
pub(super) fn facts<'c>(context: &'c Context<'_>, item: &Item) -> &'c [Fact] {
    match context.fates.get(item) {
        Some(Fate::Alter(facts)) => facts,
        _ => &[],
    }
}

/// Whether an object that differs in `facts` cannot change in place.
pub(super) fn rebuilds(id: &ObjectId, facts: &[Fact], old: &Catalog<'_>, new: &Catalog<'_>) -> bool {
    match id {
        ObjectId::Schema(_) | ObjectId::Sequence(_) | ObjectId::Extension(_) => false,
        ObjectId::Type(name) => types::rebuilds(name, facts, old, new.model),
        ObjectId::Table(_) => table::rebuilds(facts),
        ObjectId::Column(..) => column::rebuilds(facts),
        ObjectId::Constraint(..) => constraint::rebuilds(id, facts, old, new),
        ObjectId::Index(relation, _) => index::rebuilds(relation, id, facts, old, new),
        ObjectId::Trigger(..) => trigger::rebuilds(facts),
        ObjectId::Policy(table, name) => policy::rebuilds(facts, old.model, new.model, table, name),
        ObjectId::View(name) => view::rebuilds(name, facts, old.model, new.model),
        ObjectId::Routine(signature) => routine::rebuilds(signature, facts, old.model, new.model),
        ObjectId::Other(id) => other::rebuilds(id, old.model, new.model),
    }
}

/// Whether altering the item in these facts is refused while old users of it stand.
pub(super) fn disturbs(item: &Item, facts: &[Fact]) -> bool {
    matches!(item.id, ObjectId::Column(..)) && item.part == Part::Whole && column::disturbs(facts)
}

/// What becomes of `user`, which has not changed itself, when `item`, which it needs, has this fate.
pub(super) fn follows(
    item: &Item,
    fate: Option<&Fate>,
    user: &Item,
    old: &Catalog<'_>,
    new: &Catalog<'_>,
) -> Option<Fate> {
    let table = |item: &Item| matches!((&item.id, item.part), (ObjectId::Table(_), Part::Whole));
    if matches!(user.part, Part::Attach | Part::Inherit) && !table(item)
        || table(user) && partitions::is_child(&user.id, &item.id, old.model)
    {
        // A partition outlives its parent: it is detached before, and attached after.
        return None;
    }
    if !may_be_made_again(item, user, old) {
        return match (&item.id, fate?) {
            (ObjectId::Type(name), Fate::Rebuild | Fate::Swap) => types::follows(name, user, old, new),
            (ObjectId::Type(name), Fate::Drop) => types::becomes_rows(name, user, new).then_some(Fate::Rebuild),
            (ObjectId::Other(id), Fate::Rebuild | Fate::Swap) if other::steps_aside(id) => {
                column::sorts_anew(user, old.model, new.model)
            }
            _ => None,
        };
    }
    match (&item.id, fate?) {
        (ObjectId::Type(name), Fate::Rebuild | Fate::Swap) => types::follows(name, user, old, new),
        (_, Fate::Drop | Fate::Rebuild | Fate::Swap) => Some(Fate::Rebuild),
        (ObjectId::Column(table, name), Fate::Alter(_)) => column::follows(table, name, user, old.model, new.model),
        _ => None,
    }
}

/// Whether an object of this kind can wait under another name until its users have moved over to the new one.
pub(super) fn steps_aside(id: &ObjectId) -> bool {
    match id {
        ObjectId::Type(_) => true,
        ObjectId::Other(id) => other::steps_aside(id),
        _ => false,
    }
}

/// Whether the user may be dropped and made again because of the item. What holds rows goes with its table only, a
/// generated column also with what it is computed from.
fn may_be_made_again(item: &Item, user: &Item, old: &Catalog<'_>) -> bool {
    match (object::find(old.model, &user.id), user.part) {
        (Some(Object::Table(_)), Part::Whole) => false,
        (Some(Object::Column(column)), Part::Whole) => {
            column.generated.is_some() || matches!(item.id, ObjectId::Table(_))
        }
        _ => true,
    }
}

/// The item whose statement may carry out this one as well.
pub(super) fn owner(context: &Context<'_>, item: &Item, verb: Verb) -> Option<Item> {
    match verb {
        Verb::Create => home_of_new(context, item),
        Verb::Drop => home_of_old(context, item),
        Verb::Alter => None,
    }
}

fn home_of_new(context: &Context<'_>, item: &Item) -> Option<Item> {
    let whole = |id: ObjectId| Some(Item::whole(id)).filter(|item| context.makes(item));
    match (&item.id, item.part) {
        (ObjectId::Type(_), Part::Default | Part::Checks) => whole(item.id.clone()),
        (ObjectId::Column(table, _), Part::Whole) => whole(ObjectId::Table(table.clone())),
        (ObjectId::Column(table, name), Part::Default) => {
            let column = context.new.model.tables.get(table)?.column(name.as_str())?;
            if column.inherited {
                return None;
            }
            whole(ObjectId::Table(table.clone())).or_else(|| whole(ObjectId::Column(table.clone(), name.clone())))
        }
        (ObjectId::Constraint(table, name), Part::Whole) => {
            let found = context.new.model.constraint(table, name)?;
            let family = found.key().map(|key| &key.family);
            if found.not_valid
                || constraint::is_second(context.new.model.tables.get(table)?, name, found)
                || family.is_some_and(|family| family.only)
                || family::second(&context.new, &item.id).is_some()
            {
                return None;
            }
            whole(ObjectId::Table(table.clone())).or_else(|| {
                let column =
                    constraint::inline_column(&context.new, table, context.new.model.tables.get(table)?, name)?;
                whole(ObjectId::Column(table.clone(), column.clone()))
            })
        }
        _ => None,
    }
}

/// What goes with its owner, as `DROP TABLE` takes along everything that belongs to the table.
fn home_of_old(context: &Context<'_>, item: &Item) -> Option<Item> {
    let goes = |id: ObjectId| {
        let whole = Item::whole(id);
        matches!(context.fates.get(&whole), Some(Fate::Drop | Fate::Rebuild)).then_some(whole)
    };
    let relation = |name: &Name| goes(ObjectId::Table(name.clone())).or_else(|| goes(ObjectId::View(name.clone())));
    if item.part != Part::Whole && item.part != Part::Owner {
        if let Some(home) = goes(item.id.clone()).or_else(|| types::commented(context, item)) {
            return Some(home);
        }
    } else if item.part == Part::Owner {
        // A sequence that stays must be set free before the table goes that owns it.
        goes(item.id.clone())?;
    }
    match &item.id {
        ObjectId::Column(table, _) if item.part == Part::Whole => goes(ObjectId::Table(table.clone())),
        id if partitions::goes_first(context, id) => None,
        ObjectId::Constraint(table, name) => relation(table).or_else(|| {
            let column = constraint::inline_column(&context.old, table, context.old.model.tables.get(table)?, name)?;
            goes(ObjectId::Column(table.clone(), column.clone()))
        }),
        ObjectId::Index(table, _) | ObjectId::Trigger(table, _) | ObjectId::Policy(table, _) => relation(table),
        ObjectId::Sequence(name) => {
            let (table, column) = context.old.model.sequences.get(name)?.owned_by.clone()?;
            goes(ObjectId::Table(table.clone())).or_else(|| goes(ObjectId::Column(table, column)))
        }
        _ => None,
    }
}

/// A name in one of the sets in which each name is there once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taken {
    /// Among relations: tables, views, sequences, indexes and composite types.
    Relation(Name),
    /// Among types, of which every table and view has one for its rows.
    Type(Name),
}

/// The names that an item takes; an identity column has a sequence, and a range type a multirange type.
pub(super) fn names(model: &Model, item: &Item) -> Vec<Taken> {
    if item.part != Part::Whole {
        return Vec::new();
    }
    match &item.id {
        ObjectId::Table(name) | ObjectId::View(name) => vec![Taken::Relation(name.clone()), Taken::Type(name.clone())],
        ObjectId::Sequence(name) => vec![Taken::Relation(name.clone())],
        ObjectId::Index(table, name) | ObjectId::Constraint(table, name) => {
            vec![Taken::Relation(table.sibling(name.as_str()))]
        }
        ObjectId::Column(table, name) => {
            let column = model.tables.get(table).and_then(|it| it.column(name.as_str()));
            let identity = column.and_then(|column| column.identity.as_ref());
            identity.map(|it| Taken::Relation(it.sequence(table, name))).into_iter().collect()
        }
        ObjectId::Type(name) => {
            let ty = model.types.get(name);
            let composite = ty.is_some_and(|ty| matches!(ty.kind, TypeKind::Composite(_)));
            let multirange = ty.and_then(|ty| ty.multirange(name)).map(Taken::Type);
            let relation = composite.then(|| Taken::Relation(name.clone()));
            [Taken::Type(name.clone())].into_iter().chain(relation).chain(multirange).collect()
        }
        _ => Vec::new(),
    }
}

/// The names that an altered item gives up.
pub(super) fn leaves(context: &Context<'_>, item: &Item) -> Vec<Taken> {
    let new = names(context.new.model, item);
    names(context.old.model, item).into_iter().filter(|_| new.is_empty()).collect()
}

/// The names that an altered item takes.
pub(super) fn takes(context: &Context<'_>, item: &Item) -> Vec<Taken> {
    let old = names(context.old.model, item);
    names(context.new.model, item).into_iter().filter(|_| old.is_empty()).collect()
}
