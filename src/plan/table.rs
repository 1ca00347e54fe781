//! Tables: CREATE TABLE with what was folded into it, and what changes about a table as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Draft, Item, Part, Verb};
use super::constraint::Inline;
use super::fate::Fate;
use super::statement::{HazardKind, LayoutItem, LockMode, TableLayout};
use super::{Context, column, constraint, index, inheritance, kinds};
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::{Change, ChangeKind, Fact};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, PartitionOf, ReplicaIdentity, Table};

/// Whether a table must be made anew: its rows are stored in another way.
pub(super) fn rebuilds(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| fact.name == "partition by")
}

/// The tables that stay in name only: PostgreSQL divides no table that is there, and divides none in another way.
pub(super) fn conversions(changes: &[Change]) -> Vec<Diagnostic> {
    let converted = |change: &Change| {
        let (ObjectId::Table(name), ChangeKind::Altered(facts)) = (&change.id, &change.kind) else { return None };
        let fact = facts.iter().find(|fact| fact.name == "partition by")?;
        let how = match (&fact.old, &fact.new) {
            (None, _) => "becomes a partitioned table",
            (_, None) => "is no longer partitioned",
            _ => "is partitioned in another way",
        };
        let message = format!("the table `{name}` {how}, so it is dropped and made again without its rows");
        let help = format!(
            "to keep the rows, rename it first (`renamed_from`), add the new `{name}` beside it, and copy them over"
        );
        Some(Diagnostic::new(Severity::Warning, "table-converted", message).help(help))
    };
    changes.iter().filter_map(converted).collect()
}

/// The statements that carry out `verb`.
pub(super) fn drafts(
    context: &Context<'_>,
    name: &Name,
    part: Part,
    verb: Verb,
    facts: &[Fact],
    parts: &BTreeSet<&Item>,
) -> Vec<Draft> {
    let (old, new) = (context.old.model.tables.get(name), context.new.model.tables.get(name));
    match (part, verb, old, new) {
        (Part::Whole, Verb::Create, _, Some(table)) => {
            let layout = layout(context, name, table, parts);
            let made = Draft { sql: layout.sql(), layout: Some(layout), ..Draft::default() };
            let mut drafts = vec![beside_default(context, made, name, table)];
            drafts.extend(unsure_checks(context, name, table));
            drafts.extend(folded(name, table, parts).flat_map(|made| column::settings(name, None, made)));
            drafts
        }
        (Part::Whole, Verb::Drop, Some(table), _) => vec![drop(name, table)],
        (Part::Whole, Verb::Alter, Some(old), Some(new)) => alter(name, old, new, facts),
        (Part::Attach, Verb::Create, _, Some(table)) if context.is_new(name) && !context.new.attaches(table) => {
            Vec::new()
        }
        (Part::Attach, Verb::Create, _, Some(table)) => attach(context, name, table.partition_of.as_ref()),
        (Part::Attach, Verb::Drop, Some(table), _) => detach(context, name, table.partition_of.as_ref()),
        (Part::Inherit, Verb::Create, ..) => inheritance::join(context, name),
        (Part::Inherit, Verb::Drop, ..) => inheritance::leave(context, name),
        (Part::Security, _, old, new) => security(name, old.filter(|_| verb != Verb::Create), new),
        (Part::Replica, _, _, new) => vec![replica(name, new.and_then(|table| table.replica_identity.as_ref()))],
        _ => Vec::new(),
    }
}

/// DROP TABLE; what a partition holds is gone from its parent too.
fn drop(name: &Name, table: &Table) -> Draft {
    let parent = table.partition_of.as_ref().map(|of| format!(", which are among those of {}", of.parent));
    let message = format!("drops the table {name} with all its rows{}", parent.unwrap_or_default());
    Draft::new(format!("DROP TABLE {name}"))
        .hazard(HazardKind::DeleteData, message)
        .hazard(HazardKind::BreakCode, format!("code that says {name} fails"))
        .lock(name, LockMode::AccessExclusive)
}

/// CREATE TABLE in parts.
fn layout(context: &Context<'_>, name: &Name, table: &Table, parts: &BTreeSet<&Item>) -> TableLayout {
    let unlogged = if table.unlogged { "UNLOGGED " } else { "" };
    let partition = table.partition_of.as_ref().filter(|_| !context.new.attaches(table));
    let own = |constraint: &Ident| parts.contains(&Item::whole(ObjectId::Constraint(name.clone(), constraint.clone())));
    let inline =
        if partition.is_none() { constraint::inline_constraints(&context.new, name, table) } else { BTreeMap::new() };
    let mut items = match partition {
        Some(of) => partition_items(context, table, of),
        None => column_items(name, table, parts, &inline, &own),
    };
    let with_column: BTreeSet<&Ident> = inline.values().flatten().map(|(key, _)| *key).collect();
    let inherited = |constraint: &Ident| {
        let parent = partition.and_then(|of| context.new.model.tables.get(&of.parent));
        parent.and_then(|parent| parent.constraints.get(constraint)).is_some_and(|above| !above.not_valid)
    };
    for (key, found) in &table.constraints {
        if own(key) && !with_column.contains(key) && !inherited(key) {
            items.push(LayoutItem { sql: constraint::table_item(name, key, found), column: None });
        }
    }
    items.extend(checks_of_parent(context, table));
    let open = if items.is_empty() && partition.is_some() { "" } else { " (" };
    let close = if items.is_empty() && partition.is_some() { "" } else { ")" };
    let of = partition.map(|of| format!(" PARTITION OF {}", of.parent)).unwrap_or_default();
    TableLayout {
        head: format!("CREATE {unlogged}TABLE {name}{of}{open}"),
        items,
        tail: format!("{close}{}", tail(table, partition)),
    }
}

/// The columns that come with the table.
fn folded<'t>(name: &Name, table: &'t Table, parts: &BTreeSet<&Item>) -> impl Iterator<Item = &'t Column> {
    let part = |column: &&Column| parts.contains(&Item::whole(ObjectId::Column(name.clone(), column.name.clone())));
    table.columns.iter().filter(part)
}

fn column_items(
    name: &Name,
    table: &Table,
    parts: &BTreeSet<&Item>,
    inline: &Inline<'_>,
    own: &dyn Fn(&Ident) -> bool,
) -> Vec<LayoutItem> {
    // What a parent by INHERITS gives is not said again.
    let columns = folded(name, table, parts).filter(|column| !column.inherited);
    columns
        .map(|column| {
            let id = ObjectId::Column(name.clone(), column.name.clone());
            let default = parts.contains(&Item::part(&id, Part::Default));
            let sql = column::definition(column, default, inline, own);
            LayoutItem { sql, column: Some(column.name.clone()) }
        })
        .collect()
}

/// A table that is to be attached must have its parent's checks by then, under the same names.
fn checks_of_parent(context: &Context<'_>, table: &Table) -> Vec<LayoutItem> {
    let Some(of) = table.partition_of.as_ref().filter(|_| context.new.attaches(table)) else { return Vec::new() };
    let lacking = context.new.checks_above(table).into_iter().filter(|(_, (_, check))| !check.not_valid);
    let item = |(key, (_, check))| LayoutItem { sql: constraint::table_item(&of.parent, key, check), column: None };
    lacking.map(item).collect()
}

/// Those of its parent's checks that are not valid there are not to be here: the new table gets them so.
fn unsure_checks(context: &Context<'_>, name: &Name, table: &Table) -> Vec<Draft> {
    let lacking = context.new.checks_above(table).into_iter().filter(|(_, (_, check))| check.not_valid);
    lacking.map(|(key, (_, check))| constraint::statement(name, key, check, true)).collect()
}

/// Of a partition's columns only those that differ from its parent's are said.
fn partition_items(context: &Context<'_>, table: &Table, of: &PartitionOf) -> Vec<LayoutItem> {
    let parent = context.new.model.tables.get(&of.parent);
    let same = |column: &Column| {
        parent
            .and_then(|parent| parent.column(column.name.as_str()))
            .is_none_or(|above| above.default == column.default && (above.not_null || !column.not_null))
    };
    let differing = table.columns.iter().filter(|column| !same(column));
    differing
        .map(|column| {
            let default = column.default.as_ref().map(|sql| format!(" DEFAULT {sql}")).unwrap_or_default();
            let not_null = if column.not_null { " NOT NULL" } else { "" };
            LayoutItem { sql: format!("{}{default}{not_null}", column.name), column: Some(column.name.clone()) }
        })
        .collect()
}

fn tail(table: &Table, partition: Option<&PartitionOf>) -> String {
    let mut tail = String::new();
    if !table.inherits.is_empty() {
        tail.push_str(&format!(" INHERITS ({})", super::text::list(&table.inherits)));
    }
    if let Some(of) = partition {
        tail.push_str(&format!(" {}", of.bound));
    }
    if let Some(by) = &table.partition_by {
        let elements: Vec<String> = by.elements.iter().map(index::element).collect();
        tail.push_str(&format!(" PARTITION BY {} ({})", by.strategy.to_uppercase(), elements.join(", ")));
    }
    if !table.options.is_empty() {
        let options: Vec<String> = table.options.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        tail.push_str(&format!(" WITH ({})", options.join(", ")));
    }
    tail
}

/// A partition that is made beside the default one fails where that holds rows that would be its own.
fn beside_default(context: &Context<'_>, draft: Draft, name: &Name, table: &Table) -> Draft {
    let Some(of) = table.partition_of.as_ref().filter(|_| !context.new.attaches(table)) else { return draft };
    let is_default = |other: &PartitionOf| other.parent == of.parent && other.bound.as_str() == "DEFAULT";
    let there =
        |(name, other): (&Name, &Table)| other.partition_of.as_ref().is_some_and(is_default).then(|| name.clone());
    match context.old.model.tables.iter().find_map(there) {
        Some(default) => {
            draft.hazard(HazardKind::MayFail, format!("fails if {default} holds a row that belongs into {name}"))
        }
        None => draft,
    }
}

fn attach(context: &Context<'_>, name: &Name, of: Option<&PartitionOf>) -> Vec<Draft> {
    let Some(of) = of else { return Vec::new() };
    let sql = format!("ALTER TABLE {} ATTACH PARTITION {name} {}", of.parent, of.bound);
    let draft = Draft::new(sql).lock(&of.parent, LockMode::ShareUpdateExclusive);
    let outside = format!("fails if a row of {name} is not {}", of.bound);
    let mut drafts = inheritance::lacking(context, name);
    drafts.push(if context.is_new(name) { draft } else { draft.hazard(HazardKind::MayFail, outside) });
    drafts
}

fn detach(context: &Context<'_>, name: &Name, of: Option<&PartitionOf>) -> Vec<Draft> {
    let Some(of) = of else { return Vec::new() };
    let sql = format!("ALTER TABLE {} DETACH PARTITION {name}", of.parent);
    let detach = Draft::new(sql)
        .hazard(HazardKind::BreakCode, format!("the rows of {name} are no longer among those of {}", of.parent))
        .lock(&of.parent, LockMode::AccessExclusive);
    let left = inheritance::left_along(context, name).into_iter().chain(inheritance::left_over(context, name));
    [detach].into_iter().chain(left).collect()
}

fn security(name: &Name, old: Option<&Table>, new: Option<&Table>) -> Vec<Draft> {
    let flags = |table: Option<&Table>| table.map_or((false, false), |t| (t.row_security, t.force_row_security));
    let ((was, was_forced), (is, is_forced)) = (flags(old), flags(new));
    let statement = |words: &str| {
        Draft::new(format!("ALTER TABLE {name} {words} ROW LEVEL SECURITY")).lock(name, LockMode::AccessExclusive)
    };
    let mut drafts = Vec::new();
    if was != is {
        let draft = statement(if is { "ENABLE" } else { "DISABLE" });
        let seen = if is {
            format!("rows of {name} that no policy lets through are hidden from all but its owner")
        } else {
            format!("every row of {name} becomes visible to all who may read the table")
        };
        drafts.push(if old.is_some() { draft.hazard(HazardKind::BreakCode, seen) } else { draft });
    }
    if was_forced != is_forced {
        drafts.push(statement(if is_forced { "FORCE" } else { "NO FORCE" }));
    }
    drafts
}

fn replica(name: &Name, identity: Option<&ReplicaIdentity>) -> Draft {
    let identity = match identity {
        None => "DEFAULT".to_owned(),
        Some(ReplicaIdentity::Full) => "FULL".to_owned(),
        Some(ReplicaIdentity::Nothing) => "NOTHING".to_owned(),
        Some(ReplicaIdentity::Index(index)) => format!("USING INDEX {index}"),
    };
    Draft::new(format!("ALTER TABLE {name} REPLICA IDENTITY {identity}")).lock(name, LockMode::AccessExclusive)
}

/// For a table that becomes unlogged, or is no longer: the tables that have to become so before, and the foreign keys
/// that have to be gone, since no logged table refers to an unlogged one.
pub(super) fn outlasting(context: &Context<'_>, item: &Item) -> (Vec<Item>, Vec<Item>) {
    let ObjectId::Table(name) = &item.id else { return (Vec::new(), Vec::new()) };
    let Some(fact) = kinds::facts(context, item).iter().find(|fact| fact.name == "unlogged") else {
        return (Vec::new(), Vec::new());
    };
    let (mut tables, mut keys) = (Vec::new(), Vec::new());
    for (table, found) in &context.old.model.tables {
        for (key, constraint) in &found.constraints {
            let Some(foreign) = constraint.foreign_key().filter(|foreign| foreign.table != *table) else { continue };
            let other = match fact.new {
                Some(_) if foreign.table == *name => table,
                None if table == name => &foreign.table,
                _ => continue,
            };
            let key = Item::whole(ObjectId::Constraint(table.clone(), key.clone()));
            match context.fates.get(&key) {
                Some(Fate::Drop | Fate::Rebuild) => keys.push(key),
                _ => tables.push(Item::whole(ObjectId::Table(other.clone()))),
            }
        }
    }
    (tables, keys)
}

/// What changes about the table as a whole.
fn alter(name: &Name, old: &Table, new: &Table, facts: &[Fact]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if old.unlogged != new.unlogged {
        let logged = if new.unlogged { "UNLOGGED" } else { "LOGGED" };
        drafts.push(
            Draft::new(format!("ALTER TABLE {name} SET {logged}"))
                .hazard(HazardKind::Rewrite, format!("writes {name} anew; reads and writes of it wait meanwhile"))
                .lock(name, LockMode::AccessExclusive),
        );
    }
    let parameters: Vec<(&str, Option<&String>)> = facts
        .iter()
        .filter_map(|fact| fact.name.strip_prefix("storage parameter "))
        .map(|key| (key, new.options.get(key)))
        .collect();
    let set: Vec<String> =
        parameters.iter().filter_map(|(key, value)| Some(format!("{key} = {}", (*value)?))).collect();
    let reset: Vec<&str> = parameters.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| *key).collect();
    if !set.is_empty() {
        drafts.push(Draft::new(format!("ALTER TABLE {name} SET ({})", set.join(", "))));
    }
    if !reset.is_empty() {
        drafts.push(Draft::new(format!("ALTER TABLE {name} RESET ({})", reset.join(", "))));
    }
    drafts
}
