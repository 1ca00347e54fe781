//! A column becomes NOT NULL.

use super::action::Draft;
use super::statement::{HazardKind, LockMode, Style};
use crate::model::name::{Ident, Name, default_name};

/// The statements. Online, a check is validated first, while reads and writes go on: SET NOT NULL sees it and does not
/// go through the rows again. Source: ALTER TABLE, "SET NOT NULL".
pub(super) fn set(style: Style, table: &Name, column: &Ident) -> Vec<Draft> {
    let fails = format!("fails if a row of {table} has no {column}; a `backfill` says what such rows get");
    let set = Draft::new(format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"))
        .lock(table, LockMode::AccessExclusive);
    if style == Style::Plain {
        let blocks = format!("reads and writes of {table} wait while all rows are gone through");
        return vec![set.hazard(HazardKind::BlockReads, blocks).hazard(HazardKind::MayFail, fails)];
    }
    let check = default_name(table.name.as_str(), column.as_str(), "not_null");
    let statement = |words: String| Draft::new(format!("ALTER TABLE {table} {words}"));
    vec![
        statement(format!("ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"))
            .lock(table, LockMode::AccessExclusive),
        statement(format!("VALIDATE CONSTRAINT {check}"))
            .lock(table, LockMode::ShareUpdateExclusive)
            .hazard(HazardKind::MayFail, fails)
            .apart(),
        set.apart(),
        statement(format!("DROP CONSTRAINT {check}")).lock(table, LockMode::AccessExclusive),
    ]
}
