//! Merge: the partial views of all modules, and the BUSM's full one, as one model.
//!
//! Entities are united field by field, fact by fact; where claims disagree, a conflict goes to
//! [`Settlements`], and the first claim stands in so that the rest can be merged and checked. Knows nothing of hardening.

mod entity;
mod field;
mod keys;
mod names;
mod objects;
mod parts;
mod references;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{ParallelIterator, ParallelSlice};

use super::claim::{Claimant, EntityClaim, by_entity};
use super::settle::Settlements;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::name::Name;
use crate::model::table::Table;

/// What is claimed, united.
pub struct Merged {
    /// The model.
    pub model: Model,
    /// Why views are left out of it, by the view.
    pub left_out: Vec<(Name, Diagnostic)>,
    /// Whether two claims about something that is no table were held against each other as PostgreSQL would store them: that
    /// looks at the tables.
    pub is_compared: bool,
}

/// Entities that one thread unites in one go.
const CHUNK: usize = 64;

/// Unites what `claimants`, in the order in which they are heard, say about the entities `in_use` and all other objects.
pub fn merge<'a>(claimants: &[&'a Claimant<'a>], in_use: &BTreeSet<Name>, settlements: &mut Settlements<'_>) -> Merged {
    let tables = entities(claimants, in_use, settlements);
    let mut model = Model { tables, ..Model::default() };
    let is_compared = objects::merge(claimants, in_use, &mut model, &mut settlements.diagnostics);
    let left_out = objects::leave_out_unused_views(claimants, in_use, &mut model);
    references::complete(&mut model, claimants, settlements);
    settlements.diagnostics.extend(names::check(&model, claimants));
    Merged { model, left_out, is_compared }
}

/// What is contradictory in what `claimants` say about all that is no table.
pub fn objects(claimants: &[&Claimant<'_>], found: &mut Vec<Diagnostic>) {
    objects::merge(claimants, &BTreeSet::new(), &mut Model::default(), found);
}

/// Unites what is said about the entities `in_use`, each for itself.
pub fn entities<'a>(
    claimants: &[&'a Claimant<'a>],
    in_use: &BTreeSet<Name>,
    settlements: &mut Settlements<'_>,
) -> BTreeMap<Name, Table> {
    let entities = by_entity(claimants).into_iter().filter(|(name, _)| in_use.contains(*name));
    let entities: Vec<(&Name, Vec<EntityClaim<'_>>)> = entities.collect();
    let each = |some: &[(&Name, Vec<EntityClaim<'_>>)]| {
        let mut settled = settlements.apart();
        let one = |(name, claims): &(&Name, Vec<_>)| ((*name).clone(), entity::merge(name, claims, &mut settled));
        (some.iter().map(one).collect::<Vec<_>>(), settled)
    };
    let parts: Vec<_> = entities.par_chunks(CHUNK).map(each).collect();
    let mut tables = BTreeMap::new();
    for (some, settled) in parts {
        tables.extend(some);
        settlements.join(settled);
    }
    tables
}

/// The claimants' names in a sentence: `` `a` and `b` ``.
fn sentence<'a>(claims: impl IntoIterator<Item = EntityClaim<'a>>) -> String {
    let names: Vec<String> = claims.into_iter().map(|claim| format!("`{}`", claim.by.name)).collect();
    names.join(" and ")
}
