//! Optimistic locking: two people edit the same row, and the second one learns of it instead of overwriting the first.
//!
//! A reader keeps the `version` of the row that it read; its UPDATE sets `version` to that number. The trigger refuses the UPDATE
//! when the row has moved on (`serialization_failure`, which drivers know as "read again and retry"), and counts
//! up when it has not. An UPDATE that does not name `version` (a batch job, `ON DELETE SET NULL`) is let through and
//! counted, so that readers notice it; the setting `demand_version` refuses it as well, those of foreign keys aside.
//!
//! The trigger cannot tell a client's own `version + 1` from a newer row's number, so it accepts the number read and no other.

use super::piece::{Piece, Proposal, joined, row_trigger};
use super::support::Support;
use super::{Rule, Site};
use crate::diagnostic::Severity;
use crate::model::Sql;
use crate::model::datatype::{BaseType, DataType};
use crate::model::name::{Ident, Name};
use crate::model::relation::{Events, Timing};
use crate::model::table::Column;

/// The rule.
pub const RULE: Rule = Rule {
    name: "version",
    title: "Optimistic locking",
    about: "An UPDATE carries the `version` that was read. When somebody else changed the row meanwhile it is refused as \
            a serialization failure; otherwise the version counts up.",
    propose,
    needs: &[Support::CheckVersion],
};

/// The name of the function that refuses a stale version.
pub const CHECK: &str = "check_version";

/// The name of the function that marks an UPDATE which names `version`.
pub const CARRY: &str = "carry_version";

const FIELD: &str = "version";

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    match site.table.column(FIELD) {
        None => {
            let mut column = Column::new(FIELD, integer());
            column.default = Some(Sql::new("1"));
            column.not_null = true;
            column.doc = Some("Counts the changes of the row; an update names the version that it read.".to_owned());
            proposal.add(Piece::Column(Box::new(column)), "a change that was made meanwhile is noticed");
        }
        Some(there) if matches!(there.ty.scalar_builtin(), Some("smallint" | "integer" | "bigint")) => {
            if there.default.is_none() && there.identity.is_none() && there.generated.is_none() {
                proposal.add(Piece::Default(there.name.clone(), Sql::new("1")), "counting starts at one");
            }
            if !there.not_null {
                proposal.add(Piece::Required(there.name.clone()), "a version that is empty cannot be compared");
            }
        }
        Some(there) => {
            proposal
                .notes
                .push(format!("`{FIELD}` is declared as `{}`, which does not count; nothing checks it", there.ty));
            let message = format!("nothing checks `{}.{FIELD}`, since it is no integer", site.name);
            let found = site.finding(Severity::Note, "system-field", Some(&there.name), message);
            let help = "make it `integer`, give it another name, or switch the rule off with `version = false`";
            proposal.diagnostics.push(found.help(help));
            return proposal;
        }
    }
    add_triggers(site, &mut proposal);
    proposal
}

fn add_triggers(site: &Site<'_>, proposal: &mut Proposal) {
    let table = site.name.name.as_str();
    let demand = site.context.settings.demand_version;
    let update = Events { update: true, ..Events::default() };
    let mut check = row_trigger(Timing::Before, update, Name::local(CHECK));
    if demand {
        check.args = vec!["demand".to_owned()];
        // `carry_` sorts before `version_`, and triggers of one kind fire in the order of their names.
        let named = Events { update: true, update_of: vec![Ident::new(FIELD)], ..Events::default() };
        let carry = row_trigger(Timing::Before, named, Name::local(CARRY));
        proposal.add(Piece::Trigger(joined("carry_version", table, ""), carry), "an update has to name the version");
    }
    proposal.add(Piece::Trigger(joined("version", table, ""), check), "an update of a stale version is refused");
}

fn integer() -> DataType {
    DataType { base: BaseType::Builtin("integer".into()), modifiers: None, array: false }
}
