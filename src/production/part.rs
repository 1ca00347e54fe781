//! Production of a few entities of a project, whose others stand as they are.
//!
//! What an entity becomes depends on the claims about it, on the keys of the entities that it refers to, and on who
//! signs in; rules look at one table at a time. So a few entities can be made alone, in a project of nothing but them and
//! what they lean on. What concerns the whole (names that must differ, what rules call, findings) is the caller's to
//! compare, and where there is more to it, [`part`] makes nothing: then [`build`](super::build) has to.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::claim::{self, Claimant};
use super::settle::Settlements;
use super::story::{self, TableStory};
use super::{Settings, harden, merge};
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;

/// The tables of some entities, and how each came about.
pub type Part = BTreeMap<Name, (Table, TableStory)>;

/// Makes the entities `wanted`, which lean on those of `around` ([`leans_on`]) and on no others.
///
/// `None` when that cannot be done alone, or when more is to be said about it than that something is worth mending in one of
/// these tables: the stories tell that.
pub fn part(
    claimants: &[Claimant<'_>],
    settings: &Settings,
    wanted: &BTreeSet<Name>,
    around: &BTreeSet<Name>,
) -> Option<Part> {
    let keys = |name| {
        let claims: Vec<&Table> = claimants.iter().filter_map(|by| by.model.tables.get(name)).collect();
        (name, key_columns(&claims))
    };
    let keys: BTreeMap<&Name, BTreeSet<&Ident>> = around.iter().map(keys).collect();
    let models: Vec<Model> = claimants.iter().map(|by| restricted(by.model, wanted, &keys)).collect::<Option<_>>()?;
    let claimants: Vec<Claimant<'_>> =
        claimants.iter().zip(&models).map(|(by, model)| Claimant { model, name: by.name.clone(), ..*by }).collect();
    let claimants = claim::in_order(&claimants);
    let in_use: BTreeSet<Name> = wanted.union(around).cloned().collect();
    let resolutions: Vec<_> =
        settings.resolutions.iter().filter(|resolution| in_use.contains(&resolution.entity)).cloned().collect();
    let mut settlements = Settlements::new(&resolutions);
    let merged = merge::merge(&claimants, &in_use, &mut settlements);
    settlements.report_unneeded(&merged.model);
    let stories = story::begin(&claimants, &merged.model, &settlements.notes);
    let mut hardened = harden::harden(merged.model, stories, &claimants, &settings.harden);
    if !settlements.diagnostics.is_empty() || !hardened.diagnostics.is_empty() {
        return None;
    }
    let taken = |name: &Name| {
        let story = hardened.tables.remove(name).unwrap_or_default();
        let is_fine = !story.findings.iter().any(Diagnostic::is_error);
        Some((name.clone(), (hardened.model.tables.remove(name)?, is_fine.then_some(story)?)))
    };
    wanted.iter().map(taken).collect()
}

/// The entities that an entity leans on, by all `claims` about it; where it is only leant on itself (`wanted` is false),
/// these are few.
pub fn leans_on<'t>(claims: &[&'t Table], wanted: bool) -> BTreeSet<&'t Name> {
    let keys = key_columns(claims);
    let leans = |constraint: &&Constraint| wanted || is_of_key(constraint, &keys);
    let constraints = claims.iter().flat_map(|table| table.constraints.values()).filter(leans);
    constraints.filter_map(|constraint| Some(&constraint.foreign_key()?.table)).collect()
}

/// A claimant's model of nothing but these entities, those `around` with the key columns that each has by all who claim it;
/// `None` where tables depend on each other by more than keys. What is no table stays: of that, tables depend on types and
/// routines, and share the space of names with views and sequences.
fn restricted(model: &Model, wanted: &BTreeSet<Name>, around: &BTreeMap<&Name, BTreeSet<&Ident>>) -> Option<Model> {
    let mut tables = BTreeMap::new();
    for name in wanted.iter().chain(around.keys().copied()) {
        let Some(table) = model.tables.get(name) else { continue };
        if table.partition_by.is_some() || table.partition_of.is_some() || !table.inherits.is_empty() {
            return None;
        }
        let mut table = table.clone();
        if let Some(keys) = around.get(name) {
            table.constraints.retain(|_, it| it.foreign_key().is_none() || is_of_key(it, keys));
        }
        tables.insert(name.clone(), table);
    }
    Some(Model { tables, ..model.without_tables() })
}

/// Whether a foreign key has a column that others may refer to: that one's type follows what it refers to.
fn is_of_key(constraint: &Constraint, keys: &BTreeSet<&Ident>) -> bool {
    constraint.foreign_key().is_some_and(|foreign| foreign.columns.iter().any(|column| keys.contains(column)))
}

/// The columns that others may refer to, by all claims about an entity: one may declare what another makes a key.
fn key_columns<'t>(claims: &[&'t Table]) -> BTreeSet<&'t Ident> {
    claims.iter().flat_map(|table| keys(table)).flatten().collect()
}

/// The columns of each key and of each unique index.
fn keys(table: &Table) -> Vec<Vec<&Ident>> {
    let constraints = table.constraints.values().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(key.columns.iter().collect()),
        _ => None,
    });
    let indexes = table.indexes.values().filter(|index| index.unique && index.predicate.is_none());
    constraints.chain(indexes.filter_map(|index| index.columns())).collect()
}

/// What others can refer to in a table: while that is the same, they are the same.
pub fn interface(table: &Table) -> Interface<'_> {
    let keys = keys(table);
    let types = table.columns.iter().filter(|column| keys.iter().any(|key| key.contains(&&column.name)));
    Interface { primary: table.primary_key(), types: types.map(|it| (&it.name, &it.ty)).collect(), keys }
}

/// What others can refer to in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface<'t> {
    primary: &'t [Ident],
    keys: Vec<Vec<&'t Ident>>,
    types: Vec<(&'t Ident, &'t DataType)>,
}

/// The names that a table takes from the space that tables, views, sequences and indexes share.
pub fn relations(name: &Name, table: &Table) -> BTreeSet<Name> {
    let parts = table.constraints.keys().chain(table.indexes.keys());
    parts.map(|part| name.sibling(part.as_str())).chain([name.clone()]).collect()
}
