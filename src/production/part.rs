//! Production of a few entities of a project, whose others stand as they are.
//!
//! What an entity becomes depends on the claims about it, on the keys of the entities that it refers to, and on who
//! signs in; rules look at one table at a time. So a few entities can be made alone, in a project of nothing but them and
//! what they lean on. What concerns the whole (names that must differ, what rules call, findings) is the caller's to
//! compare, and where there is more to it, [`part`] makes nothing: then [`build`](super::build) has to.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{self, Claimant};
use super::settle::Settlements;
use super::story::{self, TableStory};
use super::{Settings, harden, merge};
use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;

/// The tables of some entities, and how each came about.
pub type Part = BTreeMap<Name, (Table, TableStory)>;

/// Makes the entities `wanted`, which lean on those of `around` ([`leans_on`]) and on no others.
///
/// `None` when that cannot be done alone, or when anything is to be said about it.
pub fn part(
    claimants: &[Claimant<'_>],
    settings: &Settings,
    wanted: &BTreeSet<Name>,
    around: &BTreeSet<Name>,
) -> Option<Part> {
    let models: Vec<Model> = claimants.iter().map(|by| restricted(by.model, wanted, around)).collect::<Option<_>>()?;
    let claimants: Vec<Claimant<'_>> =
        claimants.iter().zip(&models).map(|(by, model)| Claimant { model, name: by.name.clone(), ..*by }).collect();
    let claimants = claim::in_order(&claimants);
    let in_use: BTreeSet<Name> = wanted.union(around).cloned().collect();
    let resolutions: Vec<_> =
        settings.resolutions.iter().filter(|resolution| in_use.contains(&resolution.entity)).cloned().collect();
    let mut settlements = Settlements::new(&resolutions);
    let merged = merge::merge(&claimants, &in_use, &mut settlements);
    settlements.report_unneeded(&merged);
    let stories = story::begin(&claimants, &merged, &settlements.notes);
    let mut hardened = harden::harden(merged, stories, &claimants, &settings.harden);
    if !settlements.diagnostics.is_empty() || !hardened.diagnostics.is_empty() {
        return None;
    }
    let taken = |name: &Name| {
        Some((name.clone(), (hardened.model.tables.remove(name)?, hardened.tables.remove(name).unwrap_or_default())))
    };
    wanted.iter().map(taken).collect()
}

/// The entities that a claim about an entity leans on; where the entity is only leant on itself (`wanted` is false), these
/// are few.
pub fn leans_on(table: &Table, wanted: bool) -> impl Iterator<Item = &Name> {
    let keys = table.constraints.values().filter(move |constraint| wanted || is_of_key(table, constraint));
    keys.filter_map(|constraint| Some(&constraint.foreign_key()?.table))
}

/// A claimant's model of nothing but these entities; `None` where tables depend on each other by more than keys, or on what
/// is no table.
fn restricted(model: &Model, wanted: &BTreeSet<Name>, around: &BTreeSet<Name>) -> Option<Model> {
    let rest = model.without_tables();
    let Model { views, sequences, grants, default_privileges, others, .. } = &rest;
    let plain = views.is_empty() && sequences.is_empty() && grants.is_empty();
    if !plain || !default_privileges.is_empty() || !others.is_empty() {
        return None;
    }
    let mut tables = BTreeMap::new();
    for name in wanted.union(around) {
        let Some(table) = model.tables.get(name) else { continue };
        if table.partition_by.is_some() || table.partition_of.is_some() || !table.inherits.is_empty() {
            return None;
        }
        let mut table = table.clone();
        if !wanted.contains(name) {
            let kept: BTreeSet<Ident> = table
                .constraints
                .iter()
                .filter(|(_, constraint)| constraint.foreign_key().is_none() || is_of_key(&table, constraint))
                .map(|(name, _)| name.clone())
                .collect();
            table.constraints.retain(|name, _| kept.contains(name));
        }
        tables.insert(name.clone(), table);
    }
    Some(Model { tables, ..rest })
}

/// Whether a foreign key has a column that others may refer to: that one's type follows what it refers to.
fn is_of_key(table: &Table, constraint: &Constraint) -> bool {
    let Some(foreign) = constraint.foreign_key() else { return false };
    let keys = keys(table);
    foreign.columns.iter().any(|column| keys.iter().any(|key| key.contains(&column)))
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
