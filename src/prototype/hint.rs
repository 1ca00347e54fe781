//! Hints of `forge.toml` put into a schema, and the hints that an edge followed.
//!
//! A hint shapes the way, not the goal: it is no part of a state, but it is part of the edge's id, as far as it was
//! followed. One that was left standing in a file says nothing about later edges and changes no id of theirs.

use crate::config::hint::Hint;
use crate::diff::{Change, ChangeKind, Diff};
use crate::model::id::ObjectId;
use crate::model::name::Ident;
use crate::model::{Hints, Model, Sql};

/// Writes `hint` into the schema that the edge leads to; `false` when that does not have the object.
pub fn put(model: &mut Model, hint: &Hint) -> bool {
    let Some(found) = object(hint).and_then(|id| hints_mut(model, &id)) else { return false };
    if hint.renamed_from.is_some() {
        found.renamed_from.clone_from(&hint.renamed_from);
        found.moved_from.clone_from(&hint.moved_from);
    }
    if hint.using.is_some() {
        found.using.clone_from(&hint.using);
    }
    if hint.backfill.is_some() {
        found.backfill.clone_from(&hint.backfill);
    }
    true
}

/// The object that a hint is about; none where that is the module.
pub fn object(hint: &Hint) -> Option<ObjectId> {
    let entity = hint.entity.clone()?;
    Some(match &hint.field {
        Some(field) => ObjectId::Column(entity, field.clone()),
        None => ObjectId::Table(entity),
    })
}

/// A hint that an edge followed: the object, what was said about it, and the value.
pub type Followed = (String, &'static str, String);

/// The hints of `to` that shaped the way of `diff`, in order.
pub fn followed(diff: &Diff<'_>, to: &Model) -> Vec<Followed> {
    let mut found = Vec::new();
    for rename in &diff.renames {
        let said = hints(to, &rename.to).and_then(|hints| hints.renamed_from.as_ref());
        if let Some(old) = said.filter(|old| own_name(&rename.from) == Some(old)) {
            found.push((rename.to.to_string(), "renamed_from", old.as_str().to_owned()));
        }
    }
    found.extend(converted(diff, to).map(|(id, using)| (id.to_string(), "using", using.to_string())));
    for Change { id, kind } in &diff.changes {
        let Some(hints) = hints(to, id) else { continue };
        let filled = matches!(kind, ChangeKind::Added | ChangeKind::Altered(_));
        if let Some(backfill) = hints.backfill.as_ref().filter(|_| filled) {
            found.push((id.to_string(), "backfill", backfill.to_string()));
        }
    }
    found.sort();
    found
}

/// The columns of `to` that get another type on the way of `diff`, with the expression that converts them.
pub fn converted<'a>(diff: &'a Diff<'_>, to: &'a Model) -> impl Iterator<Item = (ObjectId, &'a Sql)> {
    diff.changes.iter().filter_map(|Change { id, kind }| {
        let retyped = matches!(kind, ChangeKind::Altered(facts) if facts.iter().any(|fact| fact.name == "type"));
        let using = hints(to, id)?.using.as_ref().filter(|_| retyped)?;
        Some((id.clone(), using))
    })
}

/// What the column was before the renames of `diff`, its own and its table's; `None` for what is no column.
pub fn before(diff: &Diff<'_>, column: &ObjectId) -> Option<ObjectId> {
    let ObjectId::Column(table, name) = column else { return None };
    let from = |id: &ObjectId| diff.renames.iter().find(|rename| rename.to == *id).map(|rename| &rename.from);
    let table = match from(&ObjectId::Table(table.clone())) {
        Some(ObjectId::Table(old)) => old,
        _ => table,
    };
    Some(ObjectId::Column(table.clone(), from(column).and_then(own_name).unwrap_or(name).clone()))
}

/// The schema before a step, said so that the way back to it takes every rename back: with no other hint, since what
/// its own files say is about the step before.
pub fn backwards(from: &Model, diff: &Diff<'_>) -> Model {
    let mut back = from.clone();
    for table in back.tables.values_mut() {
        table.hints = Hints::default();
        table.columns.iter_mut().for_each(|column| column.hints = Hints::default());
        table.constraints.values_mut().for_each(|constraint| constraint.hints = Hints::default());
    }
    back.types.values_mut().for_each(|ty| ty.hints = Hints::default());
    for rename in &diff.renames {
        if let Some(hints) = hints_mut(&mut back, &rename.from) {
            hints.renamed_from = own_name(&rename.to).cloned();
        }
    }
    back
}

/// What an object is called within what holds it; none for what has no plain name.
pub fn own_name(id: &ObjectId) -> Option<&Ident> {
    Some(match id {
        ObjectId::Schema(name)
        | ObjectId::Extension(name)
        | ObjectId::Column(_, name)
        | ObjectId::Constraint(_, name)
        | ObjectId::Index(_, name)
        | ObjectId::Trigger(_, name)
        | ObjectId::Policy(_, name) => name,
        ObjectId::Type(name) | ObjectId::Sequence(name) | ObjectId::Table(name) | ObjectId::View(name) => &name.name,
        ObjectId::Routine(signature) => &signature.name.name,
        ObjectId::Other(_) => return None,
    })
}

fn hints<'a>(model: &'a Model, id: &ObjectId) -> Option<&'a Hints> {
    match id {
        ObjectId::Table(name) => model.tables.get(name).map(|table| &table.hints),
        ObjectId::Column(table, name) => model.tables.get(table)?.column(name.as_str()).map(|column| &column.hints),
        ObjectId::Constraint(table, name) => model.constraint(table, name).map(|constraint| &constraint.hints),
        ObjectId::Type(name) => model.types.get(name).map(|ty| &ty.hints),
        _ => None,
    }
}

fn hints_mut<'a>(model: &'a mut Model, id: &ObjectId) -> Option<&'a mut Hints> {
    match id {
        ObjectId::Table(name) => model.tables.get_mut(name).map(|table| &mut table.hints),
        ObjectId::Column(table, name) => {
            let columns = &mut model.tables.get_mut(table)?.columns;
            columns.iter_mut().find(|column| column.name == *name).map(|column| &mut column.hints)
        }
        ObjectId::Constraint(table, name) => {
            model.tables.get_mut(table)?.constraints.get_mut(name).map(|constraint| &mut constraint.hints)
        }
        ObjectId::Type(name) => model.types.get_mut(name).map(|ty| &mut ty.hints),
        _ => None,
    }
}
