//! The canonical form: what PostgreSQL would store as the same thing is the same value here.
//!
//! [`state`] digests it. Two rules: a spelling never makes a difference, and a difference in meaning is never
//! folded away; where it is not certain that two texts mean the same, they stay two.
//!
//! An expression's form is its *elaboration*: all that the server's analyser adds is written out, with the types of
//! the table's columns, so that `type IN ('a', 'b')` and what `pg_dump` shows of it meet in the middle.

mod body;
mod call;
mod definition;
mod elaborate;
mod function;
mod geometry;
mod instant;
mod interval;
mod json;
mod literal;
mod money;
mod objects;
mod opclass;
mod operator;
mod options;
mod privileges;
mod query;
mod renamed;
mod scope;
mod search;
mod shape;
mod table;
mod types;
mod value;
mod write;
mod write_query;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::datatype::DataType;
use super::id::ObjectId;
use super::name::Name;
use super::relation::View;
use super::table::Table;
use super::{Model, Sql};
use crate::digest::{self, Digest};
use crate::syntax::expr::{Expr, parse, parse_query, words};
pub use body::{asks, body};
pub use definition::definition;
pub use objects::setting;
pub use privileges::default_privileges;
pub use renamed::{Renames, body_after, expression_after, query_after};
pub use scope::Scope;
pub use shape::extends;

/// The digest of the model's canonical form: its *state*.
pub fn state(model: &Model) -> Digest {
    let mut form = canonical(model);
    let tables = std::mem::take(&mut form.tables);
    joined(tables.iter().map(|(name, table)| (name, digest::of("table", table))), &form)
}

/// The state of a model whose tables have these digests, each as [`table_state`] gives it, in the order of their names;
/// `rest` is the canonical form of all else.
pub fn joined<'n>(tables: impl Iterator<Item = (&'n Name, Digest)>, rest: &Model) -> Digest {
    digest::of("state", &(tables.collect::<Vec<_>>(), rest))
}

/// The digest of one table's canonical form; `None` when there is no such table. Of the model it depends on what the
/// table's own expressions and keys name.
pub fn table_state(model: &Model, name: &Name) -> Option<Digest> {
    let table = model.tables.get(name)?.clone();
    Some(digest::of("table", &table::table(name, table, model)))
}

/// The canonical form of `model`: without documentation, hints and intents, columns sorted by name, what equals
/// PostgreSQL's defaults left out, expressions in one spelling.
pub fn canonical(model: &Model) -> Model {
    objects::form(model.clone(), model)
}

/// The canonical form of no more than the objects `ids` of `model`, which are sorted; what belongs to a table or a view
/// stands for it.
pub fn only(model: &Model, ids: &[ObjectId]) -> Model {
    objects::form(objects::pick(model, ids), model)
}

/// The canonical form of an expression; of a text that is no expression, the text's words.
pub fn expression(sql: &Sql, scope: &Scope) -> String {
    match parse(sql.as_str()) {
        Some(expr) => write::expression(&elaborate::elaborate(&expr, scope).expr),
        None => words(sql.as_str()),
    }
}

/// The canonical form of an expression whose value is assigned to a column, an argument or a domain of type `ty`;
/// `None` when it is NULL, which is what nothing said would be too.
pub fn assigned(sql: &Sql, ty: &DataType, scope: &Scope) -> Option<String> {
    let Some(expr) = parse(sql.as_str()) else { return Some(words(sql.as_str())) };
    match elaborate::assigned(&expr, ty, scope) {
        Expr::Null => None,
        Expr::Cast(inner, _) if *inner == Expr::Null => None,
        expr => Some(write::expression(&expr)),
    }
}

/// The canonical form of the default of a view's column, whose type only the server knows: a constant is its text.
pub fn default_of_view(sql: &Sql, model: &Model) -> String {
    let Some(expr) = parse(sql.as_str()) else { return words(sql.as_str()) };
    let expr = elaborate::elaborate(&expr, &Scope::of_model(model)).expr;
    match literal::as_constant(&expr) {
        Some((text, _)) => write::expression(&Expr::String(text.to_owned())),
        None => write::expression(&expr),
    }
}

/// The canonical form of a view's query.
pub fn query(sql: &Sql, model: &Model) -> String {
    match parse_query(sql.as_str()) {
        Some(parsed) => write::query(&query::elaborate(&parsed, &Scope::of_model(model)).0),
        None => words(sql.as_str().trim().trim_end_matches(';')),
    }
}

/// The canonical form of a view's query, with the names that the view gives to its columns.
pub fn view_query(view: &View, model: &Model) -> String {
    let Some(parsed) = parse_query(view.query.as_str()) else { return query(&view.query, model) };
    let (mut parsed, _) = query::elaborate(&parsed, &Scope::of_model(model));
    query::rename(&mut parsed, &view.columns);
    write::query(&parsed)
}

/// The columns that a query reads from tables which do not have them, as far as that is certain, each by the table.
pub fn lacking(sql: &Sql, model: &Model) -> BTreeSet<(Name, String)> {
    let (scope, lacking) = Scope::noting(model);
    parse_query(sql.as_str()).iter().for_each(|parsed| drop(query::elaborate(parsed, &scope)));
    lacking.take()
}

/// What an expression of a table names that is none of the table's columns, as far as that is certain.
pub fn unknown_columns(sql: &Sql, name: &Name, table: &Table) -> BTreeSet<String> {
    let (scope, lacking) = Scope::noting_of(name, table);
    parse(sql.as_str()).iter().for_each(|expr| drop(elaborate::elaborate(expr, &scope)));
    lacking.take().into_iter().map(|(_, column)| column).collect()
}

/// Whether an expression that the server stored while `old` held means the same as its text does in `new`, once the server
/// has read what it stored again: that is how it carries a check or an index over when a column's type changes.
pub fn restores(sql: &Sql, old: &Scope, new: &Scope) -> bool {
    let (stored, fresh) = (expression(sql, old), expression(sql, new));
    // Constants and the elements of an array keep the type that they had.
    let typed = stored.contains("'::") && stored != fresh || stored.contains("ARRAY[");
    parse(sql.as_str()).is_some() && !typed && expression(&Sql(stored), new) == fresh
}

/// Whether two expressions mean the same, each in its scope.
pub fn same_expression(a: &Sql, a_scope: &Scope, b: &Sql, b_scope: &Scope) -> bool {
    a == b || expression(a, a_scope) == expression(b, b_scope)
}
