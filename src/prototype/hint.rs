//! Hints of `forge.toml` put into a schema, and the hints that an edge followed.
//!
//! A hint shapes the way, not the goal: it is no part of a state, but it is part of the edge's id, as far as it was
//! followed. One that was left standing in a file says nothing about later edges and changes no id of theirs.

use crate::config::hint::Hint;
use crate::diff::{Change, ChangeKind, Diff};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::types::{EnumValue, TypeKind, UserType};
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
        let Some(hints) = hints(to, &rename.to) else { continue };
        if let Some(old) = hints.renamed_from.as_ref().filter(|old| own_name(&rename.from) == Some(old)) {
            let schema = hints.moved_from.as_ref().map(|schema| format!("{}.", schema.as_str())).unwrap_or_default();
            found.push((rename.to.to_string(), "renamed_from", schema + old.as_str()));
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
    let from = diff.renames.iter().find(|rename| rename.to == *column).map(|rename| &rename.from);
    Some(ObjectId::Column(table_before(diff, table).clone(), from.and_then(own_name).unwrap_or(name).clone()))
}

/// The schema before a step, said so that the way back to it takes every rename back: with no other hint, since what
/// its own files say is about the step before.
pub fn backwards(from: &Model, diff: &Diff<'_>) -> Model {
    let mut back = from.clone();
    for table in back.tables.values_mut() {
        table.hints = Hints::default();
        table.columns.iter_mut().for_each(|column| column.hints = Hints::default());
        table.constraints.values_mut().for_each(|constraint| constraint.hints = Hints::default());
        table.indexes.values_mut().for_each(|index| index.hints = Hints::default());
    }
    for ty in back.types.values_mut() {
        ty.hints = Hints::default();
        labels(ty).for_each(|value| value.renamed_from = None);
    }
    back.views.values_mut().for_each(|view| view.hints = Hints::default());
    back.sequences.values_mut().for_each(|sequence| sequence.hints = Hints::default());
    for rename in &diff.renames {
        if let (ObjectId::Column(ty, old), ObjectId::Column(_, new)) = (&rename.from, &rename.to)
            && let Some(ty) = back.types.get_mut(&type_before(diff, ty))
        {
            let value = labels(ty).find(|value| value.label == old.as_str());
            value.into_iter().for_each(|value| value.renamed_from = Some(new.as_str().to_owned()));
        } else if let Some(hints) = hints_mut(&mut back, &held_before(diff, &rename.from)) {
            hints.renamed_from = own_name(&rename.to).cloned();
            hints.moved_from = moved(&rename.to, &rename.from);
        }
    }
    back
}

/// The values of an enum; of another type none.
fn labels(ty: &mut UserType) -> impl Iterator<Item = &mut EnumValue> {
    let values = match &mut ty.kind {
        TypeKind::Enum(values) => values.as_mut_slice(),
        TypeKind::Domain(_) | TypeKind::Composite(_) | TypeKind::Range(_) => &mut [],
    };
    values.iter_mut()
}

/// What a type was called before the renames of `diff`.
fn type_before(diff: &Diff<'_>, name: &Name) -> Name {
    let new = ObjectId::Type(name.clone());
    let was = diff.renames.iter().find(|rename| rename.to == new).map(|rename| &rename.from);
    if let Some(ObjectId::Type(old)) = was { old.clone() } else { name.clone() }
}

/// A constraint or an index, which a rename says to be of a table under that one's new name, under the one before.
fn held_before(diff: &Diff<'_>, id: &ObjectId) -> ObjectId {
    match id {
        ObjectId::Constraint(table, name) => ObjectId::Constraint(table_before(diff, table).clone(), name.clone()),
        ObjectId::Index(table, name) => ObjectId::Index(table_before(diff, table).clone(), name.clone()),
        other => other.clone(),
    }
}

/// What a table was called before the renames of `diff`.
fn table_before<'d>(diff: &'d Diff<'_>, name: &'d Name) -> &'d Name {
    let new = ObjectId::Table(name.clone());
    match diff.renames.iter().find(|rename| rename.to == new).map(|rename| &rename.from) {
        Some(ObjectId::Table(old)) => old,
        _ => name,
    }
}

/// The schema of `from` where `to` is in another.
fn moved(from: &ObjectId, to: &ObjectId) -> Option<Ident> {
    let (from, to) = (place(from)?, place(to)?);
    (from.schema != to.schema).then(|| from.schema.clone().unwrap_or_else(|| Ident::new("public")))
}

/// The name of what is in a schema by itself and can be moved.
fn place(id: &ObjectId) -> Option<&Name> {
    match id {
        ObjectId::Table(name) | ObjectId::Type(name) | ObjectId::View(name) | ObjectId::Sequence(name) => Some(name),
        _ => None,
    }
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
        ObjectId::Index(table, name) => {
            model.tables.get_mut(table)?.indexes.get_mut(name).map(|index| &mut index.hints)
        }
        ObjectId::Type(name) => model.types.get_mut(name).map(|ty| &mut ty.hints),
        ObjectId::View(name) => model.views.get_mut(name).map(|view| &mut view.hints),
        ObjectId::Sequence(name) => model.sequences.get_mut(name).map(|sequence| &mut sequence.hints),
        _ => None,
    }
}
