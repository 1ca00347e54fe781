//! Columns: their definition inside CREATE TABLE, and every way in which one changes.

use std::collections::BTreeSet;

use super::action::{Draft, Item, Part, Verb};
use super::statement::{HazardKind, LockMode};
use super::{Context, constraint, sequence};
use crate::diff::Fact;
use crate::model::constraint::ConstraintKind;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Identity, Table};
use crate::model::{Model, Sql};

/// Whether a column must be made anew: a generated column's expression cannot change, and values cannot be kept when
/// a column becomes generated.
pub(super) fn rebuilds(table: &Name, name: &Ident, facts: &[Fact], old: &Model, new: &Model) -> bool {
    let _ = (table, name, old, new);
    facts.iter().any(|fact| fact.name == "generated" && fact.new.is_some())
}

/// Whether views, policies and triggers over the column have to go while it changes.
pub(super) fn disturbs(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact.name.as_ref(), "type" | "collation"))
}

/// A column as CREATE TABLE and ADD COLUMN define it; `own` says which constraints may be written with it.
pub(super) fn definition(
    name: &Name,
    table: &Table,
    column: &Column,
    default: bool,
    own: &dyn Fn(&Ident) -> bool,
) -> String {
    let mut words = vec![column.name.to_string(), column.ty.to_sql()];
    if let Some(collation) = &column.collation {
        words.push(format!("COLLATE {collation}"));
    }
    words.extend(column.default.as_ref().filter(|_| default).map(|sql| format!("DEFAULT {sql}")));
    words.extend(column.identity.as_ref().map(identity));
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        words.push(format!("GENERATED ALWAYS AS {} {kind}", super::text::parenthesized(&generated.expression)));
    }
    let mut inline: Vec<(u8, String)> = Vec::new();
    let mut key = false;
    for (constraint_name, found) in &table.constraints {
        let mine = constraint::inline_column(name, table, constraint_name) == Some(&column.name);
        if mine && own(constraint_name) {
            key |= matches!(found.kind, ConstraintKind::PrimaryKey(_));
            inline.push((constraint::inline_rank(found), constraint::inline(found)));
        }
    }
    if column.not_null && !key && column.identity.is_none() {
        inline.push((3, "NOT NULL".to_owned()));
    }
    inline.sort();
    words.extend(inline.into_iter().map(|(_, text)| text));
    words.join(" ")
}

fn identity(identity: &Identity) -> String {
    let kind = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut options = sequence::options(&identity.options);
    if let Some(name) = &identity.options.name {
        options.insert(0, format!("SEQUENCE NAME {name}"));
    }
    let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
    format!("GENERATED {kind} AS IDENTITY{options}")
}

/// The statements that carry out `verb`.
pub(super) fn drafts(
    context: &Context<'_>,
    table: &Name,
    name: &Ident,
    part: Part,
    verb: Verb,
    facts: &[Fact],
    parts: &BTreeSet<&Item>,
) -> Vec<Draft> {
    let find = |model: &Model| model.tables.get(table).and_then(|found| found.column(name.as_str())).cloned();
    let (old, new) = (find(context.old.model), find(context.new.model));
    match (part, verb, old, new) {
        (Part::Default, Verb::Drop, ..) => vec![alter_column(table, name, "DROP DEFAULT")],
        (Part::Default, _, _, Some(column)) => column.default.iter().map(|sql| set_default(table, name, sql)).collect(),
        (Part::Whole, Verb::Create, _, Some(column)) => add(context, table, &column, parts),
        (Part::Whole, Verb::Drop, Some(_), _) => vec![
            Draft::new(format!("ALTER TABLE {table} DROP COLUMN {name}"))
                .hazard(HazardKind::DeleteData, format!("drops the column {name} of {table} with its values"))
                .lock(table, LockMode::AccessExclusive),
        ],
        (Part::Whole, Verb::Alter, Some(old), Some(new)) => alter(context, table, &old, &new, facts),
        _ => Vec::new(),
    }
}

fn alter_column(table: &Name, name: &Ident, words: impl std::fmt::Display) -> Draft {
    Draft::new(format!("ALTER TABLE {table} ALTER COLUMN {name} {words}")).lock(table, LockMode::AccessExclusive)
}

fn set_default(table: &Name, name: &Ident, sql: &Sql) -> Draft {
    alter_column(table, name, format!("SET DEFAULT {sql}"))
}

fn add(context: &Context<'_>, table: &Name, column: &Column, parts: &BTreeSet<&Item>) -> Vec<Draft> {
    let Some(found) = context.new.model.tables.get(table) else { return Vec::new() };
    let id = ObjectId::Column(table.clone(), column.name.clone());
    let default = parts.contains(&Item::part(&id, Part::Default));
    let own = |name: &Ident| parts.contains(&Item::whole(ObjectId::Constraint(table.clone(), name.clone())));
    let definition = definition(table, found, column, default, &own);
    let sql = format!("ALTER TABLE {table} ADD COLUMN {definition}");
    vec![Draft::new(sql).lock(table, LockMode::AccessExclusive)]
}

fn alter(context: &Context<'_>, table: &Name, old: &Column, new: &Column, facts: &[Fact]) -> Vec<Draft> {
    let _ = context;
    let name = &new.name;
    let has = |fact: &str| facts.iter().any(|found| found.name == fact);
    let mut drafts = Vec::new();
    if has("type") || has("collation") {
        let collation = new.collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
        let using = new.hints.using.as_ref().map(|sql| format!(" USING {sql}")).unwrap_or_default();
        drafts.push(alter_column(table, name, format!("TYPE {}{collation}{using}", new.ty.to_sql())));
    }
    if old.not_null != new.not_null {
        drafts.push(alter_column(table, name, if new.not_null { "SET NOT NULL" } else { "DROP NOT NULL" }));
    }
    drafts
}
