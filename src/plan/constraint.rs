//! Constraints: written with their column, as an item of CREATE TABLE, or added to a table that is there.

use std::collections::BTreeMap;

use super::action::{Draft, Item, Verb};
use super::catalog::Catalog;
use super::index::element;
use super::scan::mentions;
use super::statement::{Hazard, HazardKind, LockMode};
use super::text::{columns, list, parenthesized};
use super::{Context, family, inheritance, partitions};
use crate::diff::Fact;
use crate::diff::facts::spell_action;
use crate::model::Sql;
use crate::model::constraint::{Action, Constraint, ConstraintKind, Deferrable, ForeignKey, Key};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, Name, default_name};
use crate::model::table::{Column, Table};

/// Whether a constraint must be made anew: it is validated in place, and a key gets the parts that it lacks.
pub(super) fn rebuilds(id: &ObjectId, facts: &[Fact], old: &Catalog<'_>, new: &Catalog<'_>) -> bool {
    !facts.iter().all(|fact| is_validation(fact) || family::completes(id, fact, old, new))
}

fn is_validation(fact: &Fact) -> bool {
    fact.name == "not valid" && fact.new.is_none()
}

/// The column that the constraint is written with, when PostgreSQL would then give it the name that it has.
pub(super) fn inline_column<'t>(
    catalog: &Catalog<'_>,
    name: &Name,
    table: &'t Table,
    constraint_name: &Ident,
) -> Option<&'t Ident> {
    let constraint = table.constraints.get(constraint_name)?;
    if catalog.is_crowded(name, constraint_name) {
        // PostgreSQL chooses no name that a constraint of another table has.
        return None;
    }
    let is_passed_on = match &constraint.kind {
        ConstraintKind::PrimaryKey(_) => false,
        ConstraintKind::Check(_) => table.partition_by.is_some() || !catalog.heirs(name).is_empty(),
        _ => table.partition_by.is_some(),
    };
    if is_passed_on {
        // Its children's constraints have the same names, and what they have PostgreSQL would not choose again.
        return None;
    }
    let column = match &constraint.kind {
        // A column's own key cannot include others.
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) if !key.include.is_empty() => return None,
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => sole(&key.columns)?,
        ConstraintKind::ForeignKey(key) => sole(&key.columns)?,
        ConstraintKind::Check(sql) => checked_column(name, table, constraint_name, sql)?,
        ConstraintKind::Exclude(_) => return None,
    };
    if table.column(column.as_str()).is_none_or(|column| column.inherited) {
        return None;
    }
    let part = if matches!(constraint.kind, ConstraintKind::PrimaryKey(_)) { "" } else { column.as_str() };
    let expected = default_name(name.name.as_str(), part, constraint.suffix());
    (!constraint.not_valid && *constraint_name == expected).then_some(column)
}

/// The constraints of a table that are written with a column, by that column.
pub(super) fn inline_constraints<'t>(catalog: &Catalog<'_>, name: &Name, table: &'t Table) -> Inline<'t> {
    let mut inline: Inline = BTreeMap::new();
    for (key, found) in &table.constraints {
        if let Some(column) = inline_column(catalog, name, table, key) {
            inline.entry(column).or_default().push((key, found));
        }
    }
    inline
}

/// Constraints that are written with a column, by that column.
pub(super) type Inline<'t> = BTreeMap<&'t Ident, Vec<(&'t Ident, &'t Constraint)>>;

/// The only column that a check mentions; PostgreSQL names a check after it. The text is looked into only where the
/// name fits a column.
fn checked_column<'t>(name: &Name, table: &'t Table, constraint: &Ident, sql: &Sql) -> Option<&'t Ident> {
    let fits = |column: &&Column| *constraint == default_name(name.name.as_str(), column.name.as_str(), "check");
    let column = if constraint.as_str().len() < MAX_IDENTIFIER_BYTES - 8 {
        // The name was not cut (a cut may fall short by some bytes), so it holds the column's as it is.
        let rest = constraint.as_str().strip_prefix(name.name.as_str())?.strip_prefix('_')?;
        table.column(rest.strip_suffix("_check")?).filter(fits)?
    } else {
        table.columns.iter().find(fits)?
    };
    let found = mentions(sql);
    let alone = table.columns.iter().all(|other| found.has(&other.name) == (other.name == column.name));
    alone.then_some(&column.name)
}

fn sole(columns: &[Ident]) -> Option<&Ident> {
    match columns {
        [column] => Some(column),
        _ => None,
    }
}

/// The place of a constraint among those written with a column; NOT NULL has 3.
pub(super) fn inline_rank(constraint: &Constraint) -> u8 {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(_) => 0,
        ConstraintKind::Unique(_) => 1,
        ConstraintKind::ForeignKey(_) => 2,
        ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => 4,
    }
}

/// The constraint as it is written with its column.
pub(super) fn inline(constraint: &Constraint) -> String {
    let text = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => format!("PRIMARY KEY{}", key_tail(key)),
        ConstraintKind::Unique(key) => format!("UNIQUE{}{}", nulls(key), key_tail(key)),
        ConstraintKind::ForeignKey(key) => references(key),
        ConstraintKind::Check(sql) => format!("CHECK {}", parenthesized(sql)),
        ConstraintKind::Exclude(_) => String::new(),
    };
    format!("{text}{}", attributes(constraint, false))
}

/// The constraint as an item of CREATE TABLE.
pub(super) fn table_item(table: &Name, name: &Ident, constraint: &Constraint) -> String {
    let default_key = matches!(constraint.kind, ConstraintKind::PrimaryKey(_))
        && *name == default_name(table.name.as_str(), "", "pkey");
    if default_key {
        definition(constraint, false)
    } else {
        format!("CONSTRAINT {name} {}", definition(constraint, false))
    }
}

/// Whether PostgreSQL would take this one for another key of its table, and make only that, if both stood in one CREATE TABLE.
/// Source: `transformIndexConstraints` in its `parse_utilcmd.c`.
pub(super) fn is_second(table: &Table, name: &Ident, constraint: &Constraint) -> bool {
    let ConstraintKind::Unique(own) = &constraint.kind else { return false };
    let is_same = |other: &Key| {
        (&own.columns, &own.include, own.nulls_not_distinct)
            == (&other.columns, &other.include, other.nulls_not_distinct)
    };
    table.constraints.iter().any(|(other_name, other)| match &other.kind {
        ConstraintKind::PrimaryKey(key) => is_same(key) && other.deferrable == constraint.deferrable,
        ConstraintKind::Unique(key) => other_name < name && is_same(key) && other.deferrable == constraint.deferrable,
        _ => false,
    })
}

/// The constraint without its name.
pub(super) fn definition(constraint: &Constraint, not_valid: bool) -> String {
    let text = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => format!("PRIMARY KEY {}{}", columns(&key.columns), key_tail(key)),
        ConstraintKind::Unique(key) => format!("UNIQUE{} {}{}", nulls(key), columns(&key.columns), key_tail(key)),
        ConstraintKind::ForeignKey(key) => format!("FOREIGN KEY {} {}", columns(&key.columns), references(key)),
        ConstraintKind::Check(sql) => format!("CHECK {}", parenthesized(sql)),
        ConstraintKind::Exclude(exclude) => {
            let elements: Vec<String> = exclude
                .elements
                .iter()
                .map(|(found, operator)| format!("{} WITH {operator}", element(found)))
                .collect();
            let include = if exclude.include.is_empty() {
                String::new()
            } else {
                format!(" INCLUDE {}", columns(&exclude.include))
            };
            let predicate =
                exclude.predicate.as_ref().map(|sql| format!(" WHERE {}", parenthesized(sql))).unwrap_or_default();
            format!("EXCLUDE USING {} ({}){include}{predicate}", exclude.method, elements.join(", "))
        }
    };
    format!("{text}{}", attributes(constraint, not_valid))
}

fn nulls(key: &Key) -> &'static str {
    if key.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" }
}

fn key_tail(key: &Key) -> String {
    let include = if key.include.is_empty() { String::new() } else { format!(" INCLUDE {}", columns(&key.include)) };
    let options = if key.options.is_empty() { String::new() } else { format!(" WITH ({})", list(&key.options)) };
    format!("{include}{options}")
}

fn references(key: &ForeignKey) -> String {
    let mut text = format!("REFERENCES {}", key.table);
    if !key.referenced.is_empty() {
        text.push_str(&columns(&key.referenced));
    }
    if key.match_full {
        text.push_str(" MATCH FULL");
    }
    if key.on_update != Action::NoAction {
        text.push_str(&format!(" ON UPDATE {}", spell_action(key.on_update)));
    }
    if key.on_delete != Action::NoAction {
        text.push_str(&format!(" ON DELETE {}", spell_action(key.on_delete)));
        if !key.set_columns.is_empty() {
            text.push_str(&format!(" {}", columns(&key.set_columns)));
        }
    }
    text
}

fn attributes(constraint: &Constraint, not_valid: bool) -> String {
    let mut text = String::new();
    if constraint.no_inherit {
        text.push_str(" NO INHERIT");
    }
    match constraint.deferrable {
        Deferrable::No => {}
        Deferrable::InitiallyImmediate => text.push_str(" DEFERRABLE"),
        Deferrable::InitiallyDeferred => text.push_str(" DEFERRABLE INITIALLY DEFERRED"),
    }
    if not_valid {
        text.push_str(" NOT VALID");
    }
    text
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, table: &Name, name: &Ident, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    match verb {
        Verb::Create if partitions::validates(context, table, name).is_some() => vec![validate(table, name)],
        Verb::Drop if partitions::keeps_check(context, table, name) => Vec::new(),
        Verb::Create => {
            let found = context.new.model.constraint(table, name);
            let there =
                || inheritance::has_already(context, table, name) || inheritance::came_along(context, table, name);
            let found = found.filter(|_| !there());
            found.map(|constraint| add(context, table, name, constraint)).unwrap_or_default()
        }
        Verb::Alter if facts.iter().any(is_validation) => vec![validate(table, name)],
        Verb::Alter => Vec::new(),
        Verb::Drop => {
            let item = Item::whole(ObjectId::Constraint(table.clone(), name.clone()));
            // The statement about the parent may have taken it along.
            let exists = if partitions::above(context, &item).is_some() { "IF EXISTS " } else { "" };
            let sql = format!("ALTER TABLE {table} DROP CONSTRAINT {exists}{name}");
            vec![Draft::new(sql).lock(table, LockMode::AccessExclusive)]
        }
    }
}

fn add(context: &Context<'_>, table: &Name, name: &Ident, constraint: &Constraint) -> Vec<Draft> {
    let concurrently = context.concurrently(table) && !constraint.not_valid;
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) if concurrently => {
            through_index(table, name, constraint, key)
        }
        ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_) if concurrently => {
            vec![statement(table, name, constraint, true), validate(table, name).apart()]
        }
        _ => {
            let mut draft = statement(table, name, constraint, constraint.not_valid);
            if !context.is_new(table) && !constraint.not_valid {
                draft.hazards = hazards(context, table, name, constraint);
            }
            vec![draft]
        }
    }
}

pub(super) fn statement(table: &Name, name: &Ident, constraint: &Constraint, not_valid: bool) -> Draft {
    let mode = match constraint.kind {
        ConstraintKind::ForeignKey(_) => LockMode::ShareRowExclusive,
        _ => LockMode::AccessExclusive,
    };
    let only = if constraint.key().is_some_and(|key| key.family.only) { "ONLY " } else { "" };
    let sql = format!("ALTER TABLE {only}{table} ADD CONSTRAINT {name} {}", definition(constraint, not_valid));
    Draft::new(sql).lock(table, mode)
}

/// A key whose index is built while reads and writes go on.
fn through_index(table: &Name, name: &Ident, constraint: &Constraint, key: &Key) -> Vec<Draft> {
    let kind = if matches!(constraint.kind, ConstraintKind::PrimaryKey(_)) { "PRIMARY KEY" } else { "UNIQUE" };
    let include = if key.include.is_empty() { String::new() } else { format!(" INCLUDE {}", columns(&key.include)) };
    let options = if key.options.is_empty() { String::new() } else { format!(" WITH ({})", list(&key.options)) };
    let build = format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {}{include}{}{options}",
        columns(&key.columns),
        nulls(key),
    );
    let adopt =
        format!("ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name}{}", attributes(constraint, false));
    vec![
        Draft::new(build)
            .hazard(HazardKind::MayFail, format!("fails if two rows of {table} have the same {}", list(&key.columns)))
            .lock(table, LockMode::ShareUpdateExclusive)
            .alone(),
        Draft::new(adopt).lock(table, LockMode::AccessExclusive),
    ]
}

fn hazards(context: &Context<'_>, table: &Name, name: &Ident, constraint: &Constraint) -> Vec<Hazard> {
    let fails = format!("fails if a row of {table} breaks the constraint {name}");
    let mut found = Vec::new();
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => {
            let both = if context.is_new(&key.table) || key.table == *table {
                String::new()
            } else {
                format!(" and {}", key.table)
            };
            let message = format!("writes to {table}{both} wait while all rows of {table} are checked");
            found.push(Hazard { kind: HazardKind::BlockWrites, message });
        }
        ConstraintKind::Check(_) => {
            let message = format!("reads and writes of {table} wait while all its rows are checked");
            found.push(Hazard { kind: HazardKind::BlockReads, message });
        }
        ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => {
            let message = format!("reads and writes of {table} wait while the index of {name} is built");
            found.push(Hazard { kind: HazardKind::BlockReads, message });
        }
    }
    found.push(Hazard { kind: HazardKind::MayFail, message: fails });
    found
}

fn validate(table: &Name, name: &Ident) -> Draft {
    Draft::new(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"))
        .hazard(HazardKind::MayFail, format!("fails if a row of {table} breaks the constraint {name}"))
        .lock(table, LockMode::ShareUpdateExclusive)
}
