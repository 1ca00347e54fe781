//! Soft delete: a row is deleted by setting `deleted_at`, and is gone for every application from then on.
//!
//! *Hidden how?* By a restrictive policy, which narrows all others: `deleted_at IS NULL`. No query has to remember a
//! condition, and no view has to stand in front of the table. PostgreSQL checks a policy that hides rows against the *new*
//! row of an UPDATE too, so with that condition alone nobody could delete: the policy therefore also lets through
//! `deleted_at = now()`, which holds for exactly the transaction that deletes, and a trigger makes any
//! `deleted_at` that is newly set be `now()`. Like all policies it does not bind the table's owner, who can look at deleted
//! rows, restore and purge them. Where row level security is otherwise off for the table, a policy that
//! lets every row through is added, so that only deleted ones are hidden.
//!
//! *Unique constraints stay as they are*: a deleted row keeps its account number. The number names that customer in
//! letters, logs and the audit trail; giving it to another one would make these lie and a restore impossible. A partial unique
//! index could be no foreign key's target either.
//!
//! A real DELETE is possible for whoever has the privilege, and leaves the old row in the audit trail.

use super::piece::{Piece, Proposal, joined, policy, row_trigger};
use super::support::Support;
use super::{Rule, Site};
use crate::diagnostic::Severity;
use crate::model::Sql;
use crate::model::datatype::{BaseType, DataType};
use crate::model::name::Name;
use crate::model::relation::{Events, Timing};
use crate::model::singular::singular;
use crate::model::table::Column;

/// The rule.
pub const RULE: Rule = Rule {
    name: "soft_delete",
    title: "Soft delete",
    about: "Setting `deleted_at` deletes a row: a restrictive policy hides it from every role but the table's owner, who \
            can restore it. Unique values stay taken by deleted rows, so that a number never names two things.",
    propose,
    needs: &[Support::StampDeletion],
};

/// The trigger function's name.
pub const FUNCTION: &str = "stamp_deletion";

const FIELD: &str = "deleted_at";

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    let ty = DataType { base: BaseType::Builtin("timestamptz".into()), modifiers: None, array: false };
    match site.table.column(FIELD) {
        Some(there) if there.ty != ty => {
            proposal
                .notes
                .push(format!("`{FIELD}` is declared as `{}`, not `{ty}`; nothing hides deleted rows", there.ty));
            let message = format!("nothing hides deleted rows of `{}`, since its `{FIELD}` is no `{ty}`", site.name);
            let found = site.finding(Severity::Note, "system-field", Some(&there.name), message);
            let help =
                format!("make it `{ty}`, give it another name, or switch the rule off with `soft_delete = false`");
            proposal.diagnostics.push(found.help(help));
            return proposal;
        }
        Some(_) => {}
        None => {
            let mut column = Column::new(FIELD, ty);
            column.doc = Some("When the row was deleted; empty while it is alive.".to_owned());
            proposal.add(Piece::Column(Box::new(column)), "a deleted row can be restored");
        }
    }
    hide(site, &mut proposal);
    proposal
}

fn hide(site: &Site<'_>, proposal: &mut Proposal) {
    let one = singular(site.name.name.as_str());
    if !site.table.row_security {
        proposal.add(Piece::RowSecurity, "deleted rows are hidden by a policy");
    }
    if !site.table.policies.values().any(|policy| policy.permissive) {
        let all = policy(true, "all", Sql::new("true"));
        proposal.add(Piece::Policy(joined("", &one, "all"), all), "nothing else limits which rows are reached");
    }
    let alive = policy(false, "all", Sql::new("deleted_at IS NULL OR deleted_at = now()"));
    proposal.add(Piece::Policy(joined("", &one, "not_deleted"), alive), "a deleted row is hidden");
    let mut trigger = row_trigger(Timing::Before, Events { update: true, ..Events::default() }, Name::local(FUNCTION));
    trigger.when = Some(Sql::new("OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL"));
    let name = joined("soft_delete", site.name.name.as_str(), "");
    proposal.add(Piece::Trigger(name, trigger), "the database says when a row was deleted");
}
