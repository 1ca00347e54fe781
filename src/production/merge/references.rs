//! What foreign keys refer to: filled in, followed by type, and checked, once all entities are merged.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Model;
use crate::model::constraint::{ConstraintKind, ForeignKey};
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::lattice;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::production::claim::Claimant;
use crate::production::settle::Settlements;

/// Completes the foreign keys of `merged`: each names the fields that it refers to, and its own are wide enough for
/// them. Those that refer to nothing are taken away; `complete` has reported why.
pub fn complete(merged: &mut Model, claimants: &[&Claimant<'_>], settlements: &mut Settlements<'_>) {
    let keys: BTreeMap<Name, Vec<Ident>> =
        merged.tables.iter().map(|(name, table)| (name.clone(), table.primary_key().to_vec())).collect();
    for table in merged.tables.values_mut() {
        table.constraints.retain(|_, constraint| match &mut constraint.kind {
            ConstraintKind::ForeignKey(key) => match keys.get(&key.table) {
                Some(target) => {
                    if key.referenced.is_empty() {
                        key.referenced.clone_from(target);
                    }
                    true
                }
                None => false,
            },
            _ => true,
        });
    }
    widen(merged, settlements);
    check(merged, claimants, settlements);
}

/// A pair of fields: what refers, and what it refers to.
struct Link {
    table: Name,
    column: Ident,
    target: Name,
    referenced: Ident,
}

fn links(model: &Model) -> Vec<Link> {
    let keys = model.tables.iter().flat_map(|(table, content)| {
        content.constraints.values().filter_map(move |constraint| Some((table, constraint.foreign_key()?)))
    });
    keys.flat_map(|(table, key)| {
        key.columns.iter().zip(&key.referenced).map(move |(column, referenced)| Link {
            table: table.clone(),
            column: column.clone(),
            target: key.table.clone(),
            referenced: referenced.clone(),
        })
    })
    .collect()
}

fn type_of<'m>(model: &'m Model, table: &Name, column: &Ident) -> Option<&'m DataType> {
    Some(&model.tables.get(table)?.column(column.as_str())?.ty)
}

/// Lets each field that refers to another grow to that one's type: its modules wrote it when the key was narrower.
fn widen(model: &mut Model, settlements: &mut Settlements<'_>) {
    let links = links(model);
    // Types only grow, and a chain of references is as long as the number of links at most.
    for _ in 0..=links.len() {
        let mut grown = false;
        for link in &links {
            let Some(wide) = type_of(model, &link.target, &link.referenced).cloned() else { continue };
            let Some(own) = type_of(model, &link.table, &link.column) else { continue };
            if *own == wide || !lattice::fits(own, &wide) {
                continue;
            }
            let note = format!("`{}` became `{wide}`, the type of the key that it refers to", link.column);
            settlements.note(&link.table, note);
            if let Some(column) =
                model.tables.get_mut(&link.table).and_then(|table| table.column_mut(link.column.as_str()))
            {
                column.ty = wide;
                grown = true;
            }
        }
        if !grown {
            return;
        }
    }
}

/// Reports the keys that PostgreSQL would refuse.
fn check(model: &Model, claimants: &[&Claimant<'_>], settlements: &mut Settlements<'_>) {
    for (name, table) in &model.tables {
        for (constraint, declared) in &table.constraints {
            let Some(key) = declared.foreign_key() else { continue };
            if let Some(problem) = problem(model, name, key) {
                let id = key.columns.first().map(|column| ObjectId::Column(name.clone(), column.clone()));
                let id = id.unwrap_or_else(|| ObjectId::Constraint(name.clone(), constraint.clone()));
                let spans = claimants.iter().filter(|by| by.model.constraint(name, constraint).is_some());
                let found = Diagnostic::new(Severity::Error, "bad-reference", problem);
                let found = spans.filter_map(|by| by.span(&id)).fold(found, |found, span| found.at(span.clone(), ""));
                settlements
                    .diagnostics
                    .push(found.help("let it refer to a primary key or a unique field of the same type"));
            }
        }
    }
}

fn problem(model: &Model, name: &Name, key: &ForeignKey) -> Option<String> {
    let target = model.tables.get(&key.table)?;
    if key.columns.len() != key.referenced.len() {
        return Some(format!("a foreign key of `{name}` refers to `{}`, which has no key that fits", key.table));
    }
    // A partition has the keys of what it is a part of.
    let above = |table: &&Table| model.tables.get(&table.partition_of.as_ref()?.parent);
    let mut keys = std::iter::successors(Some(target), above).flat_map(|table| table.constraints.values());
    let unique = keys.any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(unique) | ConstraintKind::Unique(unique) => {
            same_set(&unique.columns, &key.referenced)
        }
        _ => false,
    });
    let unique = unique
        || target.indexes.values().any(|index| {
            let columns: Option<Vec<Ident>> = index.columns().map(|columns| columns.into_iter().cloned().collect());
            index.unique
                && index.predicate.is_none()
                && columns.is_some_and(|columns| same_set(&columns, &key.referenced))
        });
    if !unique {
        let fields: Vec<&str> = key.referenced.iter().map(Ident::as_str).collect();
        return Some(format!("`{name}` refers to `{}.{}`, which is not unique", key.table, fields.join(", ")));
    }
    key.columns.iter().zip(&key.referenced).find_map(|(column, referenced)| {
        let (own, other) = (type_of(model, name, column)?, type_of(model, &key.table, referenced)?);
        lattice::join(own, other).is_none().then(|| {
            format!("`{name}.{column}` is `{own}`, but `{}.{referenced}`, to which it refers, is `{other}`", key.table)
        })
    })
}

fn same_set(a: &[Ident], b: &[Ident]) -> bool {
    a.len() == b.len() && a.iter().all(|column| b.contains(column))
}
