//! The other parts of a table (checks, unique and exclusion constraints, indexes, triggers, policies): united by what
//! they mean. The same meaning under two names is kept once; the same name with two meanings is reported.

use std::collections::BTreeMap;

use super::values::{self, List};
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::production::claim::EntityClaim;
use crate::production::conflict::{Side, disagreement};
use crate::production::meaning::{Frame, Part};
use crate::production::settle::Settlements;

/// Adds the parts of all `claims` that no other file of this folder unites.
pub fn merge(
    entity: &Name,
    claims: &[EntityClaim<'_>],
    lists: &BTreeMap<Ident, Vec<List<'_>>>,
    table: &mut Table,
    settlements: &mut Settlements<'_>,
) {
    let lists = values::list_names(lists);
    let columns = table.columns.clone();
    let mut union = Union { entity, claims, frame: Frame::new(entity, claims, &columns), settlements };
    let own = |claim: EntityClaim<'_>, name: &Ident, constraint: &Constraint| match constraint.kind {
        ConstraintKind::PrimaryKey(_) | ConstraintKind::ForeignKey(_) => false,
        ConstraintKind::Check(_) => !lists.contains(&(claim.by.name.as_str(), name)),
        ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => true,
    };
    let rest = union.of(&table.constraints, "constraint", |table| &table.constraints, ObjectId::Constraint, own);
    table.constraints.extend(rest);
    let none = BTreeMap::new();
    table.indexes = union.of(&none, "index", |table| &table.indexes, ObjectId::Index, |_, _, _| true);
    let none = BTreeMap::new();
    table.triggers = union.of(&none, "trigger", |table| &table.triggers, ObjectId::Trigger, |_, _, _| true);
    let none = BTreeMap::new();
    table.policies = union.of(&none, "policy", |table| &table.policies, ObjectId::Policy, |_, _, _| true);
}

struct Union<'c, 'a, 's, 'r> {
    entity: &'c Name,
    claims: &'c [EntityClaim<'a>],
    frame: Frame<'c>,
    settlements: &'s mut Settlements<'r>,
}

impl<'a> Union<'_, 'a, '_, '_> {
    /// The parts of one kind that are `wanted`, beside those that are `taken` already.
    fn of<T: Part + 'a>(
        &mut self,
        taken: &BTreeMap<Ident, T>,
        kind: &str,
        parts: impl Fn(&'a Table) -> &'a BTreeMap<Ident, T>,
        id: impl Fn(Name, Ident) -> ObjectId,
        wanted: impl Fn(EntityClaim<'_>, &Ident, &T) -> bool,
    ) -> BTreeMap<Ident, T> {
        let mut union: BTreeMap<Ident, (T, EntityClaim<'a>)> = BTreeMap::new();
        for claim in self.claims {
            for (name, part) in parts(claim.table).iter().filter(|(name, part)| wanted(*claim, name, part)) {
                if union.get(name).is_some_and(|(known, _)| known == part)
                    || union.values().any(|(known, _)| self.frame.same(known, part))
                {
                    continue;
                }
                let known = union.get(name).map(|(_, by)| *by);
                if known.is_some() || taken.contains_key(name) {
                    let sides = known.iter().chain([claim]).map(|by| Side {
                        who: by.by.name.clone(),
                        says: format!("what {kind} `{name}` is"),
                        span: by.by.span(&id(self.entity.clone(), name.clone())).cloned(),
                    });
                    let message = format!("the {kind} `{name}` of `{}` is defined in two ways", self.entity);
                    let finding = disagreement("name-conflict", message, sides.collect());
                    self.settlements
                        .diagnostics
                        .push(finding.help("give one of them another name, or let them say the same"));
                    continue;
                }
                union.insert(name.clone(), (part.clone(), *claim));
            }
        }
        union.into_iter().map(|(name, (part, _))| (name, part)).collect()
    }
}
