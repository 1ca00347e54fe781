//! The shape of a view's rows, as far as it is certain here: whether a new query may take the place of an old one.

use super::query;
use super::scope::Scope;
use super::types::{Type, is_text};
use super::write;
use crate::model::Model;
use crate::model::relation::View;
use crate::syntax::expr::{Body, Expr, Query, TypeName, parse_query};

/// One column of a view.
struct Output {
    name: Option<String>,
    ty: Option<TypeName>,
    value: Expr,
}

/// Whether CREATE OR REPLACE VIEW takes the new query for the old one: all columns stay, in their order and under their
/// names, of the same types, lengths and collations; others come after them. Where that is not certain, it does not.
///
/// Source: `checkViewColumns` in `src/backend/commands/view.c`.
pub fn extends(old: (&View, &Model), new: (&View, &Model)) -> bool {
    let (Some((before, old_query)), Some((after, new_query))) = (outputs(old), outputs(new)) else { return false };
    let sources = sources(&old_query) == sources(&new_query);
    before.len() <= after.len() && before.iter().zip(&after).all(|(a, b)| a.name == b.name && same_type(a, b, sources))
}

/// Whether two outputs certainly have one type. What is the same expression over the same sources has; two of the same
/// type that has neither length nor collation have; and two columns that say the same.
fn same_type(a: &Output, b: &Output, sources: bool) -> bool {
    let fixed = |ty: &TypeName| ty.modifiers.is_none() && !has_modifiers(ty);
    let columns = matches!((&a.value, &b.value), (Expr::Name(_), Expr::Name(_)));
    match (&a.ty, &b.ty) {
        (Some(old), Some(new)) if old != new => false,
        (Some(ty), Some(_)) => fixed(ty) || a.value == b.value || (columns && !is_text(ty)),
        _ => sources && a.value == b.value,
    }
}

/// Whether values of the type may have a length, a scale or a collation that an expression's type does not tell.
fn has_modifiers(ty: &TypeName) -> bool {
    const LENGTHS: [&str; 11] = [
        "text",
        "varchar",
        "bpchar",
        "name",
        "numeric",
        "bit",
        "varbit",
        "timestamp",
        "timestamptz",
        "time",
        "interval",
    ];
    ty.schema.is_none() && (LENGTHS.contains(&ty.name.as_str()) || ty.name == "timetz")
}

fn outputs((view, model): (&View, &Model)) -> Option<(Vec<Output>, Query)> {
    let (mut query, columns) = query::elaborate(&parse_query(view.query.as_str())?, &Scope::of_model(model));
    if !query::rename(&mut query, &view.columns) {
        return None;
    }
    let Body::Select(select) = &query.body else { return None };
    if columns.list.len() != select.targets.len() {
        return None;
    }
    let output = |(target, (_, ty)): (&crate::syntax::expr::Target, &(String, Type))| {
        let whole_row = matches!(&target.value, Expr::Name(parts) if parts.last().is_some_and(|it| it == "*"));
        (!whole_row).then(|| Output { name: target.name.clone(), ty: ty.known().cloned(), value: target.value.clone() })
    };
    let outputs = select.targets.iter().zip(&columns.list).map(output).collect::<Option<Vec<_>>>()?;
    Some((outputs, query))
}

/// What a query reads from, as text.
fn sources(query: &Query) -> String {
    let mut only = query.clone();
    only.order.clear();
    if let Body::Select(select) = &mut only.body {
        select.targets.clear();
        (select.filter, select.having) = (None, None);
    }
    write::query(&only)
}

#[cfg(test)]
mod tests {
    use super::extends;
    use crate::model::Model;
    use crate::model::lower::sql::lower;
    use crate::model::name::Name;
    use crate::path::RepoPath;
    use crate::syntax::sql::parse;

    fn model(query: &str) -> Model {
        let table = "CREATE TABLE t (id integer, n bigint, name text, code varchar(20), price numeric(10,2));";
        lower(&[parse(&RepoPath::root(), &format!("{table} CREATE VIEW v AS {query};"))]).model
    }

    fn replaces(old: &str, new: &str) -> bool {
        let (old, new) = (model(old), model(new));
        let name = Name::local("v");
        extends((&old.views[&name], &old), (&new.views[&name], &new))
    }

    #[test]
    fn what_keeps_its_columns_is_replaced() {
        assert!(replaces("SELECT id, name FROM t", "SELECT id, name FROM t WHERE n > 1"));
        assert!(replaces("SELECT id FROM t", "SELECT id, name, code FROM t"));
        assert!(replaces("SELECT count(*) AS n FROM t", "SELECT sum(id) AS n FROM t"));
        assert!(replaces("SELECT upper(name) AS n FROM t", "SELECT upper(name) AS n FROM t ORDER BY id"));
    }

    #[test]
    fn what_loses_or_changes_one_is_not() {
        assert!(!replaces("SELECT id, name FROM t", "SELECT id FROM t"));
        assert!(!replaces("SELECT id, name FROM t", "SELECT name, id FROM t"));
        assert!(!replaces("SELECT id AS a FROM t", "SELECT n AS a FROM t"));
        assert!(!replaces("SELECT id AS a FROM t", "SELECT id AS b FROM t"));
        assert!(!replaces("SELECT code AS a FROM t", "SELECT upper(code) AS a FROM t"));
        assert!(!replaces("SELECT price AS a FROM t", "SELECT price * 2 AS a FROM t"));
        assert!(!replaces("SELECT unknown(id) AS a FROM t", "SELECT other(id) AS a FROM t"));
    }
}
