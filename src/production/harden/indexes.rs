//! Indexes: those that are declared, and one behind every foreign key.
//!
//! PostgreSQL indexes the key that a foreign key refers to, not the fields that refer. Without an index there, deleting or
//! renumbering one parent reads the whole child table, and so does every "all orders of this account". A foreign key is
//! served by any index, a unique or primary key's included, that starts with its fields in any order and covers all rows.
//!
//! The name is `idx_account_owner` for `accounts.owner_id`: the singular and the field without `_id`; where that is taken, the
//! whole field; then numbers.

use std::collections::BTreeSet;

use super::piece::{Piece, Proposal, joined};
use super::{Rule, Site};
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name};
use crate::model::singular::singular;
use crate::model::table::Table;

/// The rule.
pub const RULE: Rule = Rule {
    name: "indexes",
    title: "Indexes",
    about: "Production keeps every declared index and adds one behind each foreign key that none serves: without it, \
            deleting a parent or listing its children reads the whole table.",
    propose,
    needs: &[],
};

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    for name in site.table.indexes.keys() {
        proposal
            .add(Piece::Kept(ObjectId::Index(site.name.clone(), name.clone()), "index"), "declared in a schema file");
    }
    let mut served: Vec<Vec<Ident>> = served(site.table);
    let mut taken: BTreeSet<Ident> = BTreeSet::new();
    // In the order of the fields, so that numbered names do not depend on those of constraints.
    for column in &site.table.columns {
        for key in site.table.constraints.values().filter_map(Constraint::foreign_key) {
            if key.columns.first() != Some(&column.name) || served.iter().any(|index| serves(index, &key.columns)) {
                continue;
            }
            let name = name(site, &key.columns, &taken);
            served.push(key.columns.clone());
            taken.insert(name.clone());
            let why = format!("serves the foreign key to `{}`", key.table);
            proposal.add(Piece::Index(name, Index::on(key.columns.clone())), why);
        }
    }
    proposal
}

/// The leading plain columns of every index that covers all rows, those behind constraints included.
fn served(table: &Table) -> Vec<Vec<Ident>> {
    let keys = table.constraints.values().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(key.columns.clone()),
        _ => None,
    });
    let whole = table.indexes.values().filter(|index| index.predicate.is_none() && index.method == "btree");
    let indexes = whole.filter_map(|index| Some(index.columns()?.into_iter().cloned().collect()));
    keys.chain(indexes).collect()
}

fn serves(index: &[Ident], columns: &[Ident]) -> bool {
    index.get(..columns.len()).is_some_and(|start| columns.iter().all(|column| start.contains(column)))
}

fn name(site: &Site<'_>, columns: &[Ident], taken: &BTreeSet<Ident>) -> Ident {
    let one = singular(site.name.name.as_str());
    let whole = columns.iter().map(Ident::as_str).collect::<Vec<_>>().join("_");
    let short = columns.iter().map(|column| trimmed(column.as_str())).collect::<Vec<_>>().join("_");
    let free = |name: &Ident| {
        !taken.contains(name)
            && !site.relations.contains(&Name { schema: site.name.schema.clone(), name: name.clone() })
    };
    let numbered = (2_u64..).map(|number| joined("idx", &one, &format!("{whole}_{number}")));
    let mut candidates = [joined("idx", &one, &short), joined("idx", &one, &whole)].into_iter().chain(numbered);
    candidates.find(free).unwrap_or_else(|| joined("idx", &one, &whole))
}

/// The field's name without its `_id`.
fn trimmed(column: &str) -> &str {
    column.strip_suffix("_id").filter(|rest| !rest.is_empty()).unwrap_or(column)
}
