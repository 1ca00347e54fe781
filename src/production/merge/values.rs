//! The values that a field allows: each claimant's `CHECK (field IN (…))`, united.
//!
//! A claimant that lists no values says nothing about them, as one that does not require a field does.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::model::values::{allowed_values, values_check};
use crate::production::claim::EntityClaim;
use crate::production::conflict::{Conflict, Fact, Side, toml_list};
use crate::production::settle::Settlements;

/// One claimant's list of the values of one field.
pub struct List<'a> {
    by: EntityClaim<'a>,
    name: &'a Ident,
    constraint: &'a Constraint,
    values: Vec<String>,
}

/// The lists of values by field, in the order in which claimants are heard; of a claimant that has two for one field, the first.
pub fn lists<'a>(claims: &[EntityClaim<'a>]) -> BTreeMap<Ident, Vec<List<'a>>> {
    let mut lists: BTreeMap<Ident, Vec<List<'_>>> = BTreeMap::new();
    for by in claims.iter().copied() {
        for (name, constraint) in &by.table.constraints {
            let ConstraintKind::Check(check) = &constraint.kind else { continue };
            let Some(allowed) = allowed_values(check) else { continue };
            let known = lists.entry(allowed.column).or_default();
            if known.last().is_none_or(|last| last.by.by.name != by.by.name) {
                known.push(List { by, name, constraint, values: allowed.values });
            }
        }
    }
    lists
}

/// The constraints that are `lists`, by claimant and name.
pub fn list_names<'l>(lists: &'l BTreeMap<Ident, Vec<List<'_>>>) -> BTreeSet<(&'l str, &'l Ident)> {
    lists.values().flatten().map(|list| (list.by.by.name.as_str(), list.name)).collect()
}

/// Adds the check of allowed values to each field that has one.
pub fn merge(
    entity: &Name,
    lists: &BTreeMap<Ident, Vec<List<'_>>>,
    table: &mut Table,
    settlements: &mut Settlements<'_>,
) {
    for (field, lists) in lists {
        let values = unite(entity, field, lists, settlements);
        let check = ConstraintKind::Check(values_check(field, &values));
        table.constraints.insert(lists[0].name.clone(), Constraint { kind: check, ..lists[0].constraint.clone() });
    }
}

/// All values, in the order in which they are first listed. The BUSM's list has to hold every other.
fn unite(entity: &Name, field: &Ident, lists: &[List<'_>], settlements: &mut Settlements<'_>) -> Vec<String> {
    let mut united: Vec<String> = Vec::new();
    for value in lists.iter().flat_map(|list| &list.values) {
        if !united.contains(value) {
            united.push(value.clone());
        }
    }
    let busm = lists.iter().find(|list| list.by.by.busm);
    if busm.is_none_or(|busm| united.iter().all(|value| busm.values.contains(value))) {
        return united;
    }
    let conflict = Conflict {
        entity: entity.clone(),
        field: Some(field.clone()),
        fact: Fact::Values,
        message: format!("a module allows values of `{entity}.{field}` that the BUSM does not"),
        sides: lists.iter().filter(|list| !list.by.by.busm).chain(busm).map(List::side).collect(),
        proposal: toml_list(united.iter().map(String::as_str)),
    };
    settlements.settle(conflict).and_then(|resolution| resolution.values.clone()).unwrap_or(united)
}

impl List<'_> {
    fn side(&self) -> Side {
        Side {
            who: self.by.by.name.clone(),
            says: toml_list(self.values.iter().map(String::as_str)),
            span: self.by.constraint_span(self.name, self.constraint).cloned(),
        }
    }
}
