//! Partitions and inheriting tables: rules look at the parent, and the children follow.
//!
//! PostgreSQL gives a partition its parent's constraints, indexes and row triggers by itself, but not its row level
//! security: whoever may read a partition directly would see every row. So a child of a protected table is protected
//! too, without any policy: rows are reached through the parent. A table that inherits gets no triggers either, and nobody gets
//! those that fire for a statement; what rules let them do happens to the child's rows, too.

use std::collections::BTreeMap;

use super::piece::free_for;
use super::{audit_columns, audit_trail, soft_delete, version};
use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, Name};
use crate::model::relation::Trigger;
use crate::model::table::{Column, Table};

/// The functions that rules' triggers call.
const FUNCTIONS: [&str; 5] =
    [audit_columns::FUNCTION, audit_trail::FUNCTION, soft_delete::FUNCTION, version::CARRY, version::CHECK];

/// Whether the table gets its shape from another one.
pub fn is_child(table: &Table) -> bool {
    table.partition_of.is_some() || !table.inherits.is_empty()
}

/// Gives each child the columns that its parents got, what these must hold, and their protection.
pub fn follow(model: &mut Model) {
    // Grandchildren follow children, so as many rounds as there are generations.
    while follow_once(model) {}
}

fn follow_once(model: &mut Model) -> bool {
    let children: Vec<&Table> = model.tables.values().filter(|table| is_child(table)).collect();
    let shape = |name: &Name| {
        let table = model.tables.get(name)?;
        let is_of_rules = |it: &Trigger| it.function.schema.is_none() && FUNCTIONS.contains(&it.function.name.as_str());
        let triggers = table.triggers.iter().filter(|(_, it)| is_of_rules(it));
        let triggers = triggers.map(|(name, it)| (name.clone(), it.clone())).collect();
        let checks = table.constraints.iter().filter(|(_, it)| matches!(it.kind, ConstraintKind::Check(_)));
        let checks = checks.map(|(name, it)| (name.clone(), it.clone())).collect();
        Some((
            name.clone(),
            Shape { columns: table.columns.clone(), row_security: table.row_security, triggers, checks },
        ))
    };
    let shapes: BTreeMap<Name, Shape> = children.into_iter().flat_map(parents).filter_map(shape).collect();
    let mut changed = false;
    for (name, table) in model.tables.iter_mut().filter(|(_, table)| is_child(table)) {
        let wanted: Vec<(&Name, &Shape)> = parents(table).filter_map(|name| shapes.get_key_value(name)).collect();
        for (parent, Shape { columns, row_security: protected, triggers, checks }) in wanted {
            let is_partition = table.partition_of.is_some();
            // A check that its parent has, and that holds for all rows now, is none of its own.
            table.constraints.retain(|name, own| !(is_partition && checks.get(name) == Some(own)));
            for (trigger, it) in triggers.iter().filter(|(_, it)| !(is_partition && it.each_row)) {
                let does_so = |own: &Trigger| {
                    own.function == it.function && own.events == it.events && own.each_row == it.each_row
                };
                if table.triggers.values().any(does_so) {
                    continue;
                }
                let of_child = free_for(called(trigger, parent, name), it, table);
                changed |= !table.triggers.contains_key(&of_child);
                table.triggers.entry(of_child).or_insert_with(|| it.clone());
            }
            // Source: CREATE TABLE, `INHERITS`: not-null constraints of the parents hold for the columns that they share.
            for column in columns.iter().filter(|column| column.not_null) {
                let own = table.column_mut(column.name.as_str()).filter(|own| !own.not_null);
                changed |= own.map(|own| own.not_null = true).is_some();
            }
            let missing: Vec<Column> =
                columns.iter().filter(|column| table.column(column.name.as_str()).is_none()).cloned().collect();
            changed |= !missing.is_empty() || (*protected && !table.row_security);
            table.columns.extend(missing);
            table.row_security |= protected;
        }
    }
    changed
}

/// What a table gives to its children.
struct Shape {
    columns: Vec<Column>,
    row_security: bool,
    triggers: Vec<(Ident, Trigger)>,
    checks: BTreeMap<Ident, Constraint>,
}

/// What a trigger of `parent` is called where it is one of `child`; a number that told it from another one is dropped.
fn called(trigger: &Ident, parent: &Name, child: &Name) -> Ident {
    let (name, parent) = (trigger.as_str(), parent.name.as_str());
    let ends = |rest: &str| rest.is_empty() || rest == "_truncate";
    let unnumbered = name.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('_');
    let name = unnumbered.filter(|name| name.ends_with(parent) || name.ends_with("_truncate")).unwrap_or(name);
    let mut words = name.match_indices('_').map(|(at, _)| name.split_at(at + 1));
    let parts = words.find_map(|(prefix, rest)| Some((prefix, rest.strip_prefix(parent).filter(|rest| ends(rest))?)));
    let of_child = parts.map(|(prefix, suffix)| format!("{prefix}{}{suffix}", child.name.as_str()));
    of_child.filter(|name| name.len() <= MAX_IDENTIFIER_BYTES).map_or_else(|| trigger.clone(), Ident::new)
}

/// The tables that give `table` its shape.
fn parents(table: &Table) -> impl Iterator<Item = &Name> {
    table.partition_of.iter().map(|partition| &partition.parent).chain(&table.inherits)
}
