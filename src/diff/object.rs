//! One object of a model, whatever its kind: how diff and plan look things up by identity.
//!
//! It borrows from the model and knows nothing of changes.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::model::constraint::Constraint;
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name};
use crate::model::other::{Other, OtherId};
use crate::model::relation::{Trigger, View};
use crate::model::routine::Routine;
use crate::model::security::Policy;
use crate::model::sequence::Sequence;
use crate::model::table::{Column, Table};
use crate::model::types::UserType;
use crate::model::{Extension, Model, Namespace, Sql};

/// An object of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is the kind that it names")]
pub enum Object<'a> {
    Schema(&'a Namespace),
    Extension(&'a Extension),
    Type(&'a UserType),
    Sequence(&'a Sequence),
    Table(&'a Table),
    Column(&'a Column),
    Constraint(&'a Constraint),
    Index(&'a Index),
    Trigger(&'a Trigger),
    Policy(&'a Policy),
    View(&'a View),
    Routine(&'a Routine),
    Other(&'a Other),
}

/// The object `id` of `model`, if it is there.
pub fn find<'a>(model: &'a Model, id: &ObjectId) -> Option<Object<'a>> {
    Some(match id {
        ObjectId::Schema(name) => Object::Schema(schema(model, name)?),
        ObjectId::Extension(name) => Object::Extension(model.extensions.get(name)?),
        ObjectId::Type(name) => Object::Type(model.types.get(name)?),
        ObjectId::Sequence(name) => Object::Sequence(model.sequences.get(name)?),
        ObjectId::Table(name) => Object::Table(model.tables.get(name)?),
        ObjectId::Column(table, name) => Object::Column(model.tables.get(table)?.column(name.as_str())?),
        ObjectId::Constraint(table, name) => Object::Constraint(model.tables.get(table)?.constraints.get(name)?),
        ObjectId::Index(table, name) => Object::Index(index(model, table, name)?),
        ObjectId::Trigger(table, name) => Object::Trigger(trigger(model, table, name)?),
        ObjectId::Policy(table, name) => Object::Policy(model.tables.get(table)?.policies.get(name)?),
        ObjectId::View(name) => Object::View(model.views.get(name)?),
        ObjectId::Routine(signature) => Object::Routine(model.routines.get(signature)?),
        ObjectId::Other(id) => Object::Other(other(model, id)?),
    })
}

/// The index by which the rows of a table or materialized view are put in order.
pub fn clustered_on(object: Object<'_>) -> Option<&Ident> {
    match object {
        Object::Table(table) => table.clustered_on.as_ref(),
        Object::View(view) => view.clustered_on.as_ref(),
        _ => None,
    }
}

/// The schema `public`, which every database has from the start, whether a model says something about it or not.
static PUBLIC: LazyLock<Namespace> = LazyLock::new(Namespace::default);

fn schema<'a>(model: &'a Model, name: &Ident) -> Option<&'a Namespace> {
    let listed = model.schemas.get(name);
    if name.as_str() == "public" { Some(listed.unwrap_or(&PUBLIC)) } else { listed }
}

/// What every database has from the start, as far as a model can say something about it.
static BUILT_IN: LazyLock<Other> = LazyLock::new(|| Other { definition: Sql::new(""), comment: None });

fn other<'a>(model: &'a Model, id: &OtherId) -> Option<&'a Other> {
    model.others.get(id).or_else(|| id.is_built_in().then(|| &*BUILT_IN))
}

fn index<'a>(model: &'a Model, relation: &Name, name: &Ident) -> Option<&'a Index> {
    match model.tables.get(relation) {
        Some(table) => table.indexes.get(name),
        None => model.views.get(relation)?.indexes.get(name),
    }
}

fn trigger<'a>(model: &'a Model, relation: &Name, name: &Ident) -> Option<&'a Trigger> {
    match model.tables.get(relation) {
        Some(table) => table.triggers.get(name),
        None => model.views.get(relation)?.triggers.get(name),
    }
}

/// All objects of `model`, in no order that means anything.
pub fn all(model: &Model) -> Vec<ObjectId> {
    let (mut ids, nothing) = (Vec::new(), Table::default());
    ids.extend(model.schemas.keys().cloned().map(ObjectId::Schema));
    ids.extend(model.extensions.keys().cloned().map(ObjectId::Extension));
    ids.extend(model.types.keys().cloned().map(ObjectId::Type));
    ids.extend(model.sequences.keys().cloned().map(ObjectId::Sequence));
    ids.extend(model.routines.keys().cloned().map(ObjectId::Routine));
    ids.extend(model.others.keys().cloned().map(ObjectId::Other));
    for (name, table) in &model.tables {
        push_table(&mut ids, name, &nothing, table);
    }
    for (name, view) in &model.views {
        push_view(&mut ids, name, view);
    }
    ids
}

/// The objects that only one of the two models has, or that both have with different values; `tables` names the tables
/// that may be among them. What is equal as a whole is not looked into.
pub fn differing(from: &Model, to: &Model, tables: &[Name]) -> Vec<ObjectId> {
    let (mut ids, nothing) = (Vec::new(), Table::default());
    ids.extend(unequal(&from.schemas, &to.schemas).cloned().map(ObjectId::Schema));
    ids.extend(unequal(&from.extensions, &to.extensions).cloned().map(ObjectId::Extension));
    ids.extend(unequal(&from.types, &to.types).cloned().map(ObjectId::Type));
    ids.extend(unequal(&from.sequences, &to.sequences).cloned().map(ObjectId::Sequence));
    ids.extend(unequal(&from.routines, &to.routines).cloned().map(ObjectId::Routine));
    ids.extend(unequal(&from.others, &to.others).cloned().map(ObjectId::Other));
    for name in tables {
        let [old, new] = [from, to].map(|model| model.tables.get(name).unwrap_or(&nothing));
        push_table(&mut ids, name, old, new);
    }
    for name in unequal(&from.views, &to.views) {
        for view in [from.views.get(name), to.views.get(name)].into_iter().flatten() {
            push_view(&mut ids, name, view);
        }
    }
    let granted: BTreeSet<&ObjectId> = unequal(&from.grants, &to.grants).map(|key| &key.object).collect();
    let behind = |id: &&ObjectId| match id {
        ObjectId::Sequence(name) if ![from, to].iter().any(|model| model.sequences.contains_key(name)) => {
            Some(name.clone())
        }
        _ => None,
    };
    let sequences: BTreeSet<Name> = granted.iter().filter_map(behind).collect();
    if !sequences.is_empty() {
        ids.extend([from, to].into_iter().flat_map(|model| identities(model, &sequences)));
    }
    ids.extend(granted.into_iter().cloned());
    ids.sort();
    ids.dedup();
    ids
}

/// The columns behind whose identities one of these sequences stands.
fn identities(model: &Model, sequences: &BTreeSet<Name>) -> Vec<ObjectId> {
    let columns = model.tables.iter().flat_map(|(table, it)| it.columns.iter().map(move |column| (table, column)));
    let behind = columns.filter(|(table, column)| {
        column.identity.as_ref().is_some_and(|it| sequences.contains(&it.sequence(table, &column.name)))
    });
    behind.map(|(table, column)| ObjectId::Column(table.clone(), column.name.clone())).collect()
}

/// The keys under which two maps do not hold the same, in order.
pub fn unequal<'a, K: Ord, V: PartialEq>(
    from: &'a BTreeMap<K, V>,
    to: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = &'a K> {
    let (mut from, mut to) = (from.iter().peekable(), to.iter().peekable());
    std::iter::from_fn(move || {
        loop {
            let order = match (from.peek(), to.peek()) {
                (Some((old, _)), Some((new, _))) => old.cmp(new),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return None,
            };
            match order {
                Ordering::Less => return from.next().map(|(key, _)| key),
                Ordering::Greater => return to.next().map(|(key, _)| key),
                Ordering::Equal => {
                    let (key, old) = from.next()?;
                    let (_, new) = to.next()?;
                    if old != new {
                        return Some(key);
                    }
                }
            }
        }
    })
}

/// Adds a table, and what belongs to it and is not the same in both.
fn push_table(ids: &mut Vec<ObjectId>, name: &Name, old: &Table, new: &Table) {
    ids.push(ObjectId::Table(name.clone()));
    for (own, other) in [(old, new), (new, old)] {
        let columns = own.columns.iter().filter(|column| other.column(column.name.as_str()) != Some(*column));
        ids.extend(columns.map(|column| ObjectId::Column(name.clone(), column.name.clone())));
    }
    let below = |of: fn(Name, Ident) -> ObjectId| move |key: &Ident| of(name.clone(), key.clone());
    ids.extend(unequal(&old.constraints, &new.constraints).map(below(ObjectId::Constraint)));
    ids.extend(unequal(&old.indexes, &new.indexes).map(below(ObjectId::Index)));
    ids.extend(unequal(&old.triggers, &new.triggers).map(below(ObjectId::Trigger)));
    ids.extend(unequal(&old.policies, &new.policies).map(below(ObjectId::Policy)));
}

fn push_view(ids: &mut Vec<ObjectId>, name: &Name, view: &View) {
    ids.push(ObjectId::View(name.clone()));
    ids.extend(view.indexes.keys().map(|key| ObjectId::Index(name.clone(), key.clone())));
    ids.extend(view.triggers.keys().map(|key| ObjectId::Trigger(name.clone(), key.clone())));
}
