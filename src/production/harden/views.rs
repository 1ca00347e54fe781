//! What is wrong with views. One over a protected table reads with the rights of its owner, whom no policy binds, so whoever
//! may read the view sees every row: that is sometimes meant, and never by accident. One that reads what nobody declares
//! keeps the whole schema from being made: each module may be right by itself, and the table in another that is gone.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, Name};
use crate::model::other::OtherId;
use crate::model::relation::View;
use crate::model::{Model, canonical};
use crate::production::meaning::mentions;
use crate::syntax::expr::{Body, Query, Source, parse_query};

use super::Context;

/// Extensions that bring types and functions, and no relation.
const WITHOUT_RELATIONS: [&str; 21] = [
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dblink",
    "earthdistance",
    "file_fdw",
    "fuzzystrmatch",
    "hstore",
    "intarray",
    "isn",
    "ltree",
    "pg_trgm",
    "pgcrypto",
    "plpgsql",
    "postgres_fdw",
    "seg",
    "tablefunc",
    "unaccent",
    "uuid-ossp",
    "vector",
];

/// Key words that are values, and rows of one where they stand in FROM.
const VALUES: [&str; 10] = [
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
];

/// Reports the views that show rows past row level security, or read what is not there, each by its name.
pub fn check(model: &Model, context: &Context<'_>) -> Vec<(Name, Diagnostic)> {
    let protected: Vec<&Name> =
        model.tables.iter().filter(|(_, table)| table.row_security).map(|(name, _)| name).collect();
    let careless = model.views.iter().filter(|(_, view)| !reads_as_caller(view));
    let past = careless.filter_map(|(name, view)| {
        let table = protected.iter().find(|table| mentions(&view.query, table))?;
        Some((name.clone(), finding(name, view, table, context)))
    });
    let lacks = |(name, view)| {
        lacking(name, view, model, context).into_iter().chain(without_columns(name, view, model, context))
    };
    past.chain(model.views.iter().flat_map(lacks)).collect()
}

/// What a view reads that is not there, as far as that is certain.
fn lacking(name: &Name, view: &View, model: &Model, context: &Context<'_>) -> Vec<(Name, Diagnostic)> {
    let is_plain = |extension: &Ident| WITHOUT_RELATIONS.contains(&extension.as_str());
    if !model.extensions.keys().all(is_plain) {
        return Vec::new();
    }
    let query = parse_query(view.query.as_str());
    let mut read = BTreeSet::new();
    query.iter().for_each(|query| relations(query, &mut Vec::new(), &mut read));
    let is_ours = |name: &Name| match &name.schema {
        Some(schema) => context.claimants.iter().any(|by| by.model.schemas.contains_key(schema)),
        // The system's own are found without their schema.
        None => !name.name.as_str().starts_with("pg_") && !VALUES.contains(&name.name.as_str()),
    };
    // A file may have said in which schema names are looked for.
    let is_called = |read: &Name, other: &Name| other == read || read.schema.is_none() && other.name == read.name;
    let is_there = |read: &Name| {
        let foreign = |id: &OtherId| {
            let is_called = id.name == read.to_string() || id.name.ends_with(&format!(".{read}"));
            id.kind == "FOREIGN TABLE" && is_called
        };
        let mut relations = model.tables.keys().chain(model.views.keys()).chain(model.sequences.keys());
        model.tables.contains_key(read)
            || relations.any(|other| is_called(read, other))
            || model.others.keys().any(foreign)
    };
    let lacks = read.into_iter().filter(|read| is_ours(read) && !is_cut(read.name.as_str()) && !is_there(read));
    lacks.map(|read| (name.clone(), without(name, &read, model, context))).collect()
}

/// What a view reads of tables that are there, and not in them.
fn without_columns(name: &Name, view: &View, model: &Model, context: &Context<'_>) -> Vec<(Name, Diagnostic)> {
    let lacks = canonical::lacking(&view.query, model).into_iter().filter(|(_, column)| !is_cut(column));
    lacks.map(|(table, column)| (name.clone(), without_column(name, (&table, &column), model, context))).collect()
}

/// Whether PostgreSQL knows what is called this by less than that.
fn is_cut(name: &str) -> bool {
    name.len() > MAX_IDENTIFIER_BYTES
}

fn without_column(name: &Name, (table, column): (&Name, &str), model: &Model, context: &Context<'_>) -> Diagnostic {
    let message =
        format!("the view `{name}` reads `{table}.{column}`, which is not in production: the schema does not load");
    let found = finding_at(name, "view-without-column", message, context);
    let columns = model.tables.get(table).into_iter().flat_map(|table| &table.columns);
    found.help(match nearest(column, columns.map(|column| column.name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            format!("declare `{column}` of `{table}` in a module that is in production, or take it out of the view")
        }
    })
}

/// A warning about the view `name`, where it stands.
fn finding_at(name: &Name, code: &'static str, message: String, context: &Context<'_>) -> Diagnostic {
    let found = Diagnostic::new(Severity::Warning, code, message);
    context.place(&ObjectId::View(name.clone())).into_iter().fold(found, |found, span| found.at(span.clone(), ""))
}

fn without(name: &Name, read: &Name, model: &Model, context: &Context<'_>) -> Diagnostic {
    let message = format!("the view `{name}` reads `{read}`, which is not in production: the schema does not load");
    let found = finding_at(name, "view-without-table", message, context);
    let names: Vec<String> = model.tables.keys().chain(model.views.keys()).map(Name::to_string).collect();
    found.help(match nearest(&read.to_string(), names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare `{read}` in a module that is in production, or take the view out"),
    })
}

/// The relations that `query` reads from, but for its own queries of WITH; those of its expressions aside.
fn relations(query: &Query, with: &mut Vec<String>, found: &mut BTreeSet<Name>) {
    let known = with.len();
    with.extend(query.with.iter().map(|common| common.name.clone()));
    query.with.iter().for_each(|common| relations(&common.query, with, found));
    match &query.body {
        Body::Select(select) => select.from.iter().for_each(|source| sources(source, with, found)),
        Body::Set { left, right, .. } => [left, right].into_iter().for_each(|side| relations(side, with, found)),
        Body::Values(_) | Body::Raw(_) => {}
    }
    with.truncate(known);
}

fn sources(source: &Source, with: &mut Vec<String>, found: &mut BTreeSet<Name>) {
    match source {
        Source::Relation { name, .. } => match name.as_slice() {
            [name] if with.contains(name) => {}
            [name] => drop(found.insert(Name::local(name))),
            [schema, name] => drop(found.insert(Name::qualified(schema, name))),
            _ => {}
        },
        Source::Query { query, .. } => relations(query, with, found),
        Source::Join(join) => [&join.left, &join.right].into_iter().for_each(|side| sources(side, with, found)),
        Source::Call { .. } | Source::Rows { .. } => {}
    }
}

fn reads_as_caller(view: &View) -> bool {
    view.options.get("security_invoker").is_some_and(|value| matches!(value.as_str(), "true" | "on" | "1" | "yes"))
}

fn finding(name: &Name, view: &View, table: &Name, context: &Context<'_>) -> Diagnostic {
    let message = format!("the view `{name}` shows rows of `{table}` past row level security");
    let found = finding_at(name, "view-past-policies", message, context);
    if view.materialized {
        found.help("let applications read the table instead: a materialized view knows no policies")
    } else {
        found.help("add `WITH (security_invoker = true)` (PostgreSQL 15), or let no application read the view")
    }
}
