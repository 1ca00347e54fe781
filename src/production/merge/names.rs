//! Names that PostgreSQL keeps apart across tables: tables, views, sequences and indexes share one space in each schema.
//! Two modules that know nothing of each other may have given the same name to an index each.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::production::claim::Claimant;

/// Reports each name that two objects of `merged` have.
pub fn check(merged: &Model, claimants: &[&Claimant<'_>]) -> Vec<Diagnostic> {
    let mut owners: BTreeMap<Name, Vec<ObjectId>> = BTreeMap::new();
    for (name, object) in relations(merged) {
        owners.entry(name).or_default().push(object);
    }
    owners.retain(|_, objects| objects.len() > 1);
    owners.iter().map(|(name, objects)| clash(name, objects, claimants)).collect()
}

/// Every relation with its name.
fn relations(merged: &Model) -> impl Iterator<Item = (Name, ObjectId)> {
    let tables = merged.tables.keys().map(|name| (name.clone(), ObjectId::Table(name.clone())));
    let views = merged.views.keys().map(|name| (name.clone(), ObjectId::View(name.clone())));
    let sequences = merged.sequences.keys().map(|name| (name.clone(), ObjectId::Sequence(name.clone())));
    let indexes = merged.tables.iter().flat_map(|(table, content)| indexes(table, content));
    let materialized = merged.views.iter().flat_map(|(view, content)| {
        content.indexes.keys().map(|index| (view.sibling(index.as_str()), ObjectId::Index(view.clone(), index.clone())))
    });
    tables.chain(views).chain(sequences).chain(indexes).chain(materialized)
}

/// A table's indexes, those behind its constraints included.
fn indexes(table: &Name, content: &Table) -> impl Iterator<Item = (Name, ObjectId)> {
    let named = |name: &Ident| table.sibling(name.as_str());
    let own = content.indexes.keys().map(move |index| (named(index), ObjectId::Index(table.clone(), index.clone())));
    let behind = content.constraints.iter().filter(|(_, constraint)| constraint.has_index());
    own.chain(behind.map(move |(name, _)| (named(name), ObjectId::Constraint(table.clone(), name.clone()))))
}

fn clash(name: &Name, objects: &[ObjectId], claimants: &[&Claimant<'_>]) -> Diagnostic {
    let list: Vec<String> = objects.iter().map(ObjectId::to_string).collect();
    let message = format!("the name `{name}` is given twice: {}", list.join(", "));
    let found = Diagnostic::new(Severity::Error, "name-clash", message);
    let places = objects.iter().filter_map(|object| {
        let span = claimants.iter().find_map(|claimant| claimant.span(object))?;
        Some((object, span))
    });
    places
        .fold(found, |found, (object, span)| found.at(span.clone(), format!("the {object}")))
        .help("give one of them another name: within a schema PostgreSQL keeps these names apart for all tables")
}
