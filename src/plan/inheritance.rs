//! A table's place under its parents: what INHERIT, ATTACH PARTITION and their reverse demand and leave behind.
//!
//! A child joins when it has its parents' columns and checks, and it leaves before a statement about its parent would
//! still reach it. What it had from a parent is its own from then on: checks that are not meant are dropped. Whether a
//! child would keep a column or a check without its parent is no part of a model: no statement changes that.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::action::{Draft, Item, Part};
use super::catalog::Catalog;
use super::constraint;
use super::fate::Fate;
use super::statement::LockMode;
use super::{Context, column, kinds};
use crate::diff::rename;
use crate::model::Model;
use crate::model::canonical::{Scope, same_expression};
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name, default_name};
use crate::model::table::Table;

/// The parents of a table.
pub(super) fn parents(table: &Table) -> impl Iterator<Item = &Name> {
    table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits)
}

/// Whether the old place of the table, as a partition or an heir, is given up while the table stays.
fn leaves(context: &Context<'_>, table: &Name, part: Part) -> bool {
    let id = ObjectId::Table(table.clone());
    let moves = |item: &Item| matches!(context.fates.get(item), Some(Fate::Drop | Fate::Rebuild));
    moves(&Item::part(&id, part)) && !moves(&Item::whole(id))
}

/// How many parents of its list a table keeps all the time: those that both lists begin with, since their order counts.
fn kept(context: &Context<'_>, name: &Name) -> usize {
    let find = |model: &'_ Model| model.tables.get(name).map(|table| table.inherits.clone()).unwrap_or_default();
    let (old, new) = (find(context.old.model), find(context.new.model));
    let kept = old.iter().zip(&new).take_while(|(a, b)| a == b && !context.is_new(a)).count();
    let retyped = |table: &Name, column: &Ident| {
        let facts = kinds::facts(context, &Item::whole(ObjectId::Column(table.clone(), column.clone())));
        column::disturbs(facts)
    };
    torn(context.old.model, name, &retyped).map_or(kept, |at| kept.min(at))
}

/// How many parents a table keeps while a column changes that it has from several that have it from nobody: PostgreSQL
/// changes no such column while one of its parents has not. Nothing when there is none.
/// Source: `ATPrepAlterColumnType` in `src/backend/commands/tablecmds.c`.
pub(super) fn torn(model: &Model, name: &Name, changes: &dyn Fn(&Name, &Ident) -> bool) -> Option<usize> {
    let table = model.tables.get(name).filter(|table| table.inherits.len() > 1)?;
    let has = |table: &Name, column: &Ident| {
        model.tables.get(table).is_some_and(|table| table.column(column.as_str()).is_some())
    };
    let first = |column: &Ident| {
        let from: Vec<&Name> =
            table.inherits.iter().filter(|parent| has(parent, column) && changes(parent, column)).collect();
        let roots = |parent: &&Name| {
            let above = rename::ancestors(model, parent);
            let known: BTreeSet<Name> = above.into_iter().filter(|above| has(above, column)).collect();
            let own = known.is_empty().then(|| (*parent).clone());
            let top = known.iter().filter(|it| rename::ancestors(model, it).iter().all(|above| !has(above, column)));
            top.cloned().chain(own).collect::<Vec<Name>>()
        };
        let roots: BTreeSet<Name> = from.iter().flat_map(roots).collect();
        let first = table.inherits.iter().position(|parent| Some(&parent) == from.first())?;
        (from.len() > 1 && roots.len() > 1).then_some(first + 1)
    };
    table.columns.iter().filter_map(|column| first(&column.name)).min()
}

/// The parents that a table has before, after and in between.
pub(super) fn lasting<'c>(context: &Context<'c>, name: &Name) -> Vec<&'c Name> {
    let whole = Item::whole(ObjectId::Table(name.clone()));
    if matches!(context.fates.get(&whole), Some(Fate::Create | Fate::Drop | Fate::Rebuild)) {
        return Vec::new();
    }
    let (Some(old), Some(new)) = (context.old.model.tables.get(name), context.new.model.tables.get(name)) else {
        return Vec::new();
    };
    let stays = !leaves(context, name, Part::Attach);
    let above = old.partition_of.iter().zip(&new.partition_of).filter(|_| stays).map(|(_, of)| &of.parent);
    above.chain(new.inherits.iter().take(kept(context, name))).collect()
}

/// The places that have to be given up before the column or check `id` of a table is touched: those of its children
/// that leave, and its own.
pub(super) fn given_up(context: &Context<'_>, id: &ObjectId) -> Vec<Item> {
    let (ObjectId::Column(table, _) | ObjectId::Constraint(table, _)) = id else { return Vec::new() };
    let check = |model: &Model, name| {
        model.constraint(table, name).is_none_or(|found| matches!(found.kind, ConstraintKind::Check(_)))
    };
    if let ObjectId::Constraint(_, name) = id
        && !(check(context.old.model, name) && check(context.new.model, name))
    {
        return Vec::new();
    }
    let place =
        |name: &Name, part| leaves(context, name, part).then(|| Item::part(&ObjectId::Table(name.clone()), part));
    let partitions = context.old.partitions(table).iter().filter_map(|name| place(name, Part::Attach));
    let heirs = context.old.heirs(table).iter().filter_map(|name| place(name, Part::Inherit));
    let own = [Part::Attach, Part::Inherit].into_iter().filter_map(|part| place(table, part));
    partitions.chain(heirs).chain(own).collect()
}

/// The columns and checks of a table that have to be gone before it takes a place.
pub(super) fn in_the_way(context: &Context<'_>, id: &ObjectId) -> Vec<Item> {
    let ObjectId::Table(name) = id else { return Vec::new() };
    let Some(old) = context.old.model.tables.get(name) else { return Vec::new() };
    let columns = old.columns.iter().map(|column| ObjectId::Column(name.clone(), column.name.clone()));
    let checks = old.constraints.keys().map(|key| ObjectId::Constraint(name.clone(), key.clone()));
    let goes = |item: &Item| matches!(context.fates.get(item), Some(Fate::Drop | Fate::Rebuild));
    columns.chain(checks).map(Item::whole).filter(goes).collect()
}

/// The checks of the same name that children have of their own and lose: they go before their parent's comes.
pub(super) fn merged(context: &Context<'_>, id: &ObjectId) -> Vec<Item> {
    let ObjectId::Constraint(table, name) = id else { return Vec::new() };
    let children = context.new.partitions(table).iter().chain(context.new.heirs(table));
    let below = children.map(|child| Item::whole(ObjectId::Constraint((*child).clone(), name.clone())));
    below.filter(|item| context.fates.get(item) == Some(&Fate::Drop)).collect()
}

/// INHERIT for each parent that comes. A new table has its parents from the start.
pub(super) fn join(context: &Context<'_>, name: &Name) -> Vec<Draft> {
    let Some(table) = context.new.model.tables.get(name).filter(|_| !context.is_new(name)) else { return Vec::new() };
    let mut drafts = lacking(context, name);
    let coming = table.inherits.iter().skip(kept(context, name));
    drafts.extend(coming.map(|parent| statement(name, &format!("INHERIT {parent}"))));
    drafts
}

/// NO INHERIT for each parent that goes.
pub(super) fn leave(context: &Context<'_>, name: &Name) -> Vec<Draft> {
    let Some(table) = context.old.model.tables.get(name) else { return Vec::new() };
    let going = table.inherits.iter().skip(kept(context, name));
    let mut drafts: Vec<Draft> = going.map(|parent| statement(name, &format!("NO INHERIT {parent}"))).collect();
    drafts.extend(left_over(context, name));
    drafts
}

/// Adds the checks that a table must have before it joins its parents, and has not.
pub(super) fn lacking(context: &Context<'_>, name: &Name) -> Vec<Draft> {
    let own = |model: &Model, check: &Ident| model.constraint(name, check).is_some();
    let left = implied(context, &context.old, name);
    let wanted = implied(context, &context.new, name);
    let there = |(check, found): &(&Ident, &Constraint)| {
        own(context.new.model, check)
            || left.iter().any(|(known, old)| known == check && same(context, name, old, found))
    };
    let add = |(check, found): (&Ident, &Constraint)| {
        statement(name, &format!("ADD CONSTRAINT {check} {}", constraint::definition(found, found.not_valid)))
    };
    wanted.into_iter().filter(|check| !there(check)).map(add).collect()
}

/// Drops the checks that a table keeps from the parents that it leaves, and is not to have.
pub(super) fn left_over(context: &Context<'_>, name: &Name) -> Vec<Draft> {
    let wanted = implied(context, &context.new, name);
    let meant = |(check, found): &(&Ident, &Constraint)| {
        let own = context.new.model.constraint(name, check);
        let above = wanted.iter().find(|(known, _)| known == check).map(|(_, new)| *new);
        own.or(above).is_some_and(|new| same(context, name, found, new))
    };
    let left = implied(context, &context.old, name).into_iter().filter(|check| !meant(check));
    left.map(|(check, _)| statement(name, &format!("DROP CONSTRAINT {check}"))).collect()
}

/// The indexes and keys that a partition has because its parent has them, under the names that PostgreSQL chose for
/// them, and that it keeps when it is detached.
fn kept_along<'c>(context: &Context<'c>, name: &Name) -> Vec<Along<'c>> {
    let old = &context.old.model.tables;
    let Some(table) = old.get(name).filter(|_| leaves(context, name, Part::Attach)) else { return Vec::new() };
    let Some((parent, above)) = table.partition_of.as_ref().and_then(|of| old.get_key_value(&of.parent)) else {
        return Vec::new();
    };
    let stays = |id: ObjectId| !matches!(context.fates.get(&Item::whole(id)), Some(Fate::Drop | Fate::Rebuild));
    let chosen = |columns: &[Ident], suffix: &str| {
        let columns: Vec<&str> = columns.iter().map(Ident::as_str).collect();
        default_name(name.name.as_str(), &columns.join("_"), suffix)
    };
    let own = |whole: &Name| {
        let own =
            |id: &ObjectId| matches!(id, ObjectId::Index(table, _) | ObjectId::Constraint(table, _) if table == name);
        context.old.attached(whole).iter().any(own)
    };
    let mut found = Vec::new();
    for (index, family) in above.families() {
        let whole = parent.sibling(index.as_str());
        let stays = context.old.index(&whole).is_some_and(|id| stays(id.clone()));
        let (Some(index), key) = (above.index(index), above.constraints.get(index)) else { continue };
        if let Some(columns) = index.columns().filter(|_| stays && !family.only && !own(&whole)) {
            let columns: Vec<Ident> = columns.into_iter().chain(&index.include).cloned().collect();
            let name = match key {
                Some(key) if key.primary_key().is_some() => chosen(&[], key.suffix()),
                Some(key) => chosen(&columns, key.suffix()),
                None => chosen(&columns, "idx"),
            };
            found.push(Along { name, index, key });
        }
    }
    found
}

/// An index that a partition has because its parent has it.
struct Along<'c> {
    /// Its name.
    name: Ident,
    /// The parent's.
    index: Cow<'c, Index>,
    /// The parent's key that it stands behind.
    key: Option<&'c Constraint>,
}

impl Along<'_> {
    /// Whether the table is to have it.
    fn is_meant(&self, new: Option<&Table>) -> bool {
        let Some(new) = new else { return false };
        let alike = || new.index(&self.name).is_some_and(|index| index.is_like(&self.index));
        let kind = |key: Option<&Constraint>| key.map(Constraint::suffix);
        kind(new.constraints.get(&self.name)) == kind(self.key) && alike()
    }
}

/// Drops the indexes and keys that a table keeps when it is detached, and is not to have.
pub(super) fn left_along(context: &Context<'_>, name: &Name) -> Vec<Draft> {
    let new = context.new.model.tables.get(name);
    let drop = |along: Along<'_>| match along.key {
        None => Draft::new(format!("DROP INDEX {}", name.sibling(along.name.as_str()))),
        Some(_) => statement(name, &format!("DROP CONSTRAINT {}", along.name)),
    };
    kept_along(context, name).into_iter().filter(|along| !along.is_meant(new)).map(drop).collect()
}

/// Whether the table has its new index or key already, from the parent that it leaves.
pub(super) fn came_along(context: &Context<'_>, name: &Name, wanted: &Ident) -> bool {
    let new = context.new.model.tables.get(name);
    kept_along(context, name).iter().any(|along| along.name == *wanted && along.is_meant(new))
}

/// Whether the table has its new check already, from a parent that it leaves.
pub(super) fn has_already(context: &Context<'_>, name: &Name, check: &Ident) -> bool {
    let left = implied(context, &context.old, name);
    let found = left.iter().find(|(known, _)| *known == check);
    let new = context.new.model.constraint(name, check);
    found.zip(new).is_some_and(|((_, old), new)| same(context, name, old, new))
}

/// The checks that a table has in `catalog` from parents that it does not keep all the time, and not of its own.
fn implied<'c>(context: &Context<'c>, catalog: &Catalog<'c>, name: &Name) -> Vec<(&'c Ident, &'c Constraint)> {
    let model = catalog.model;
    let Some(table) = model.tables.get(name).filter(|_| !context.is_new(name)) else { return Vec::new() };
    let lasting = lasting(context, name);
    let mut above: Vec<&Name> = parents(table).filter(|parent| !lasting.contains(parent)).collect();
    let mut found = Vec::new();
    while let Some(parent) = above.pop().and_then(|parent| model.tables.get(parent)) {
        above.extend(parents(parent));
        found.extend(parent.constraints.iter().filter(|(key, found)| {
            matches!(found.kind, ConstraintKind::Check(_)) && !found.no_inherit && !table.constraints.contains_key(*key)
        }));
    }
    found
}

fn same(context: &Context<'_>, name: &Name, old: &Constraint, new: &Constraint) -> bool {
    let (ConstraintKind::Check(a), ConstraintKind::Check(b)) = (&old.kind, &new.kind) else { return false };
    let scope = |model| Scope::of_table(model, name);
    same_expression(a, &scope(context.old.model), b, &scope(context.new.model))
}

fn statement(name: &Name, words: &str) -> Draft {
    Draft::new(format!("ALTER TABLE {name} {words}")).lock(name, LockMode::AccessExclusive)
}
