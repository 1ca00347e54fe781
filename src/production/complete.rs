//! Complete: which entities production consists of. Every field of the BUSM comes with its entity, so completing is
//! deciding which entities are in use.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claimant, single_column};
use super::claim::{EntityClaim, by_entity};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::model::constraint::{Constraint, ForeignKey};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};

/// The entities that any module declares, and those of the BUSM that they refer to, directly or through others.
///
/// A foreign key to an entity that nobody declares is reported.
pub fn in_use(claimants: &[&Claimant<'_>]) -> (BTreeSet<Name>, Vec<Diagnostic>) {
    let entities = by_entity(claimants);
    let modules = claimants.iter().filter(|claimant| !claimant.busm);
    let declared = modules.flat_map(|module| module.model.tables.keys());
    let used: BTreeSet<Name> =
        reached(declared, |name| Some(entities.get(name)?.iter().flat_map(leans_on))).into_iter().cloned().collect();
    let dangling = used.iter().flat_map(|name| dangling(&entities, name)).collect();
    (used, dangling)
}

/// The entities that are reached from `first`, each that exists leading to those that `leans_on` says; `None` is one that
/// does not exist.
pub fn reached<'n, I: Iterator<Item = &'n Name>>(
    first: impl Iterator<Item = &'n Name>,
    leans_on: impl Fn(&Name) -> Option<I>,
) -> BTreeSet<&'n Name> {
    let (mut open, mut reached): (Vec<&Name>, _) = (first.collect(), BTreeSet::new());
    while let Some(name) = open.pop() {
        if reached.contains(name) {
            continue;
        }
        if let Some(others) = leans_on(name) {
            reached.insert(name);
            open.extend(others);
        }
    }
    reached
}

/// What an entity gets fields from, and refers to, by this claim.
fn leans_on<'a>(claim: &EntityClaim<'a>) -> impl Iterator<Item = &'a Name> {
    claim.table.gets_from().chain(foreign_keys(claim).map(|(.., key)| &key.table))
}

fn foreign_keys<'a>(claim: &EntityClaim<'a>) -> impl Iterator<Item = (&'a Ident, &'a Constraint, &'a ForeignKey)> {
    claim.table.constraints.iter().filter_map(|(name, constraint)| Some((name, constraint, constraint.foreign_key()?)))
}

/// The foreign keys of an entity that refer to nothing, one finding for each target.
fn dangling(entities: &BTreeMap<&Name, Vec<EntityClaim<'_>>>, name: &Name) -> Vec<Diagnostic> {
    let mut found: BTreeMap<&Name, Diagnostic> = BTreeMap::new();
    for claim in entities.get(name).into_iter().flatten() {
        for (constraint, declared, key) in foreign_keys(claim).filter(|(.., key)| !entities.contains_key(&key.table)) {
            let place = match single_column(declared) {
                Some(column) => ObjectId::Column(name.clone(), column),
                None => ObjectId::Constraint(name.clone(), constraint.clone()),
            };
            let finding = found.remove(&key.table).unwrap_or_else(|| unknown_target(entities, name, &key.table));
            let label = format!("`{}` refers to it here", claim.by.name);
            let finding = match claim.by.span(&place) {
                Some(span) => finding.at(span.clone(), label),
                None => finding.help(label),
            };
            found.insert(&key.table, finding);
        }
    }
    found.into_values().collect()
}

fn unknown_target(entities: &BTreeMap<&Name, Vec<EntityClaim<'_>>>, name: &Name, target: &Name) -> Diagnostic {
    let message = format!("`{name}` refers to `{target}`, which neither a module nor the BUSM declares");
    let finding = Diagnostic::new(Severity::Error, "dangling-reference", message);
    match nearest(target.name.as_str(), entities.keys().map(|name| name.name.as_str())) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(format!("declare `{target}` in a module or in the BUSM")),
    }
}
