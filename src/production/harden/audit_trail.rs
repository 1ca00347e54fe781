//! Audit trail: every change of every row, with the row before and after, who made it and when.
//!
//! One table for all, written by one trigger function; rows are kept as `jsonb`, so that the trail survives every change of
//! the tables it tells of. It refers to nothing, because it has to outlive what it describes. Applications cannot write
//! it: the function does, with its owner's rights, and only administrators read it. The trigger fires after the change,
//! so it records what was really stored. TRUNCATE passes by row level security and has no rows to record: that it was done is
//! recorded, and the trail itself is emptied by nobody but its owner, whoever was granted ALL on it.

use super::piece::{Piece, Proposal, joined, row_trigger};
use super::support::Support;
use super::{Rule, Site};
use crate::model::name::Name;
use crate::model::relation::{Events, Timing, Trigger};
use crate::model::table::Table;

/// The rule.
pub const RULE: Rule = Rule {
    name: "audit_trail",
    title: "Audit trail",
    about: "A trigger records each change with the old and the new row, who made it and when. Applications cannot write \
            the trail, and only administrators read it.",
    propose,
    needs: &[Support::AuditChanges],
};

/// The trigger function's name.
pub const FUNCTION: &str = "audit_changes";

/// The name of the function that guards the trail.
pub const GUARD: &str = "guard_trail";

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    if *site.name == site.context.settings.audit_table {
        proposal.notes.push("the trail does not record itself".to_owned());
        return proposal;
    }
    let name = joined("audit", site.name.name.as_str(), "");
    proposal.add(Piece::Trigger(name, trigger(site.table)), "every change is recorded with the old and the new row");
    let name = joined("audit", site.name.name.as_str(), "truncate");
    proposal.add(Piece::Trigger(name, emptied()), "that all rows are removed at once is recorded too");
    proposal
}

/// The trigger that records that a table is emptied.
pub fn emptied() -> Trigger {
    let events = Events { truncate: true, ..Events::default() };
    Trigger { each_row: false, ..row_trigger(Timing::After, events, Name::local(FUNCTION)) }
}

/// The trigger that refuses to empty the trail.
pub fn guard() -> Trigger {
    let events = Events { truncate: true, ..Events::default() };
    Trigger { each_row: false, ..row_trigger(Timing::Before, events, Name::local(GUARD)) }
}

/// The trigger that records each changed row of `table`; a key that is not plainly `id` is named to it.
pub fn trigger(table: &Table) -> Trigger {
    let events = Events { insert: true, update: true, delete: true, ..Events::default() };
    let key: Vec<String> = table.primary_key().iter().map(|column| column.as_str().to_owned()).collect();
    let args = if key == ["id"] { Vec::new() } else { key };
    Trigger { args, ..row_trigger(Timing::After, events, Name::local(FUNCTION)) }
}
