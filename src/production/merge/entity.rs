//! One entity: its fields, its parts, and what is said about the table as a whole.

use std::collections::BTreeMap;

use super::{field, keys, parts, sentence, values};
use crate::model::hints::Said;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::model::{Access, Hints, Intent};
use crate::production::claim::{Claim, EntityClaim};
use crate::production::conflict::{Side, disagreement};
use crate::production::settle::Settlements;

/// The entity `name` as all `claims` about it make it.
pub fn merge(name: &Name, claims: &[EntityClaim<'_>], settlements: &mut Settlements<'_>) -> Table {
    let fields = fields(claims);
    let columns = fields.iter().map(|field| field::merge(name, field, settlements)).collect();
    let mut table = Table { columns, ..properties(name, claims, settlements) };
    keys::merge_primary(name, claims, &mut table, settlements);
    keys::merge_foreign(name, claims, &mut table, settlements);
    let lists = values::lists(claims);
    values::merge(name, &lists, &mut table, settlements);
    parts::merge(name, claims, &lists, &mut table, settlements);
    keys::settle_required(name, &fields, &mut table, settlements);
    table
}

/// The claims by field, in the BUSM's order for the fields that it knows, then in that of the modules.
fn fields<'a>(claims: &[EntityClaim<'a>]) -> Vec<Vec<Claim<'a>>> {
    let mut fields: Vec<Vec<Claim<'_>>> = Vec::new();
    let mut place: BTreeMap<&Ident, usize> = BTreeMap::new();
    for entity in claims {
        for column in &entity.table.columns {
            let at = *place.entry(&column.name).or_insert_with(|| {
                fields.push(Vec::new());
                fields.len() - 1
            });
            fields[at].push(Claim { entity: *entity, column });
        }
    }
    fields
}

/// What is said about the table itself.
fn properties(name: &Name, claims: &[EntityClaim<'_>], settlements: &mut Settlements<'_>) -> Table {
    let mut agree = Agreement { name, claims, settlements };
    let mut table = Table {
        partition_by: agree.on("how it is partitioned", |table| table.partition_by.clone()),
        partition_of: agree.on("which partition it is", |table| table.partition_of.clone()),
        inherits: agree
            .on("what it inherits", |table| (!table.inherits.is_empty()).then(|| table.inherits.clone()))
            .unwrap_or_default(),
        options: agree
            .on("its storage parameters", |table| (!table.options.is_empty()).then(|| table.options.clone()))
            .unwrap_or_default(),
        clustered_on: agree.on("how its rows are ordered", |table| table.clustered_on.clone()),
        replica_identity: agree.on("its replica identity", |table| table.replica_identity.clone()),
        intent: agree.intent(),
        ..Table::default()
    };
    table.row_security = claims.iter().any(|claim| claim.table.row_security);
    table.force_row_security = claims.iter().any(|claim| claim.table.force_row_security);
    table.unlogged = claims.iter().all(|claim| claim.table.unlogged);
    table.comment = claims.iter().find_map(|claim| claim.table.comment.clone());
    table.doc = claims.iter().find_map(|claim| claim.table.doc.clone());
    table.hints = Hints::from(Said {
        renamed_from: claims.iter().find_map(|claim| claim.table.hints.renamed_from.clone()),
        moved_from: claims.iter().find_map(|claim| claim.table.hints.moved_from.clone()),
        ..Said::default()
    });
    table
}

/// Facts of a table on which those who speak of them have to agree.
struct Agreement<'c, 'a, 's, 'r> {
    name: &'c Name,
    claims: &'c [EntityClaim<'a>],
    settlements: &'s mut Settlements<'r>,
}

impl Agreement<'_, '_, '_, '_> {
    /// The first answer; another one is reported.
    fn on<T: PartialEq>(&mut self, what: &str, answer: impl Fn(&Table) -> Option<T>) -> Option<T> {
        let mut answers = self.claims.iter().filter_map(|claim| answer(claim.table).map(|answer| (*claim, answer)));
        let (first, agreed) = answers.next()?;
        let others: Vec<EntityClaim<'_>> =
            answers.filter(|(_, answer)| *answer != agreed).map(|(claim, _)| claim).collect();
        if !others.is_empty() {
            let message = format!(
                "{} and {} disagree about `{}`: {what}",
                sentence([first]),
                sentence(others.clone()),
                self.name
            );
            let sides = std::iter::once(first).chain(others).map(|claim| Side {
                who: claim.by.name.clone(),
                says: format!("{what} here"),
                span: claim.span().cloned(),
            });
            let finding = disagreement("entity-conflict", message, sides.collect());
            self.settlements.diagnostics.push(finding.help("say the same in all of them, or in the BUSM only"));
        }
        Some(agreed)
    }

    fn intent(&mut self) -> Intent {
        let owner = self.on("who owns a row", |table| table.intent.access.as_ref()?.owner.clone());
        let admin = self.on("who administers its rows", |table| table.intent.access.as_ref()?.admin.clone());
        let read = self.on("who reads its rows", |table| table.intent.access.as_ref()?.read.clone());
        let access = (owner.is_some() || admin.is_some() || read.is_some()).then_some(Access { owner, admin, read });
        let rules: Vec<String> =
            self.claims.iter().flat_map(|claim| claim.table.intent.harden.keys().cloned()).collect();
        let mut harden = BTreeMap::new();
        for rule in rules {
            if !harden.contains_key(&rule) {
                let what = format!("the hardening rule `{rule}`");
                let on = self.on(&what, |table| table.intent.harden.get(&rule).copied());
                harden.extend(on.map(|on| (rule, on)));
            }
        }
        Intent { access, harden }
    }
}
