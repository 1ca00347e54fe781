//! Texts as the server keeps them when columns that they read get other names.
//!
//! It knows columns by number, so a query goes on to read the same ones, and its outputs keep their names: of
//! `SELECT a FROM t` it makes `SELECT b AS a FROM t` when `t.a` becomes `t.b`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::elaborate;
use super::scope::Scope;
use super::{body, query, write};
use crate::model::name::Name;
use crate::model::routine::Routine;
use crate::model::{Model, Sql};
use crate::syntax::expr::{parse, parse_body, parse_query};

/// The new names of columns by their old ones, by table.
pub type Renames = BTreeMap<Name, BTreeMap<String, String>>;

/// A view's query after the renames; `None` where they do not concern it.
pub fn query_after(sql: &Sql, model: &Model, renames: &Rc<Renames>) -> Option<Sql> {
    let parsed = parse_query(sql.as_str())?;
    differing(Scope::of_model(model), renames, |scope| write::query(&query::elaborate(&parsed, scope).0))
}

/// The body of the routine `name` after the renames; `None` where they do not concern it.
pub fn body_after(sql: &Sql, name: &Name, routine: &Routine, model: &Model, renames: &Rc<Renames>) -> Option<Sql> {
    let parsed = parse_body(sql.as_str())?;
    differing(Scope::of_routine(model, name, routine), renames, |scope| body::spelled(&parsed, scope))
}

/// An expression of a table whose own columns keep their names after the renames; `None` where they do not concern it.
pub fn expression_after(sql: &Sql, scope: Scope<'_>, renames: &Rc<Renames>) -> Option<Sql> {
    let parsed = parse(sql.as_str())?;
    differing(scope, renames, |scope| write::expression(&elaborate::elaborate(&parsed, scope).expr))
}

fn differing(scope: Scope<'_>, renames: &Rc<Renames>, spell: impl Fn(&Scope<'_>) -> String) -> Option<Sql> {
    let after = spell(&scope.renaming(renames));
    (after != spell(&scope)).then_some(Sql(after))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{Renames, query_after};
    use crate::model::Sql;
    use crate::model::lower::sql::lower;
    use crate::model::name::Name;
    use crate::path::RepoPath;
    use crate::syntax::sql::parse;

    fn after(query: &str) -> Option<String> {
        let text = "CREATE TABLE t (id int, a int); CREATE TABLE u (id int, a int);";
        let model = lower(&[parse(&RepoPath::root(), text)]).model;
        let renames = [("a".to_owned(), "b".to_owned())].into();
        let renames = Rc::new(Renames::from([(Name::local("t"), renames)]));
        query_after(&Sql::new(query), &model, &renames).map(|sql| sql.0)
    }

    #[test]
    fn a_query_goes_on_to_read_the_same_columns() {
        assert_eq!(after("SELECT a FROM t").unwrap(), after("SELECT t.a FROM t").unwrap());
        assert!(after("SELECT * FROM t").unwrap().contains("t.b AS a"));
        assert!(after("SELECT u.a FROM u WHERE id IN (SELECT a FROM t)").unwrap().contains("t.b"));
        assert!(after("SELECT id FROM t JOIN u USING (id, a)").unwrap().contains("\"b = a\""));
        assert_eq!(after("SELECT a FROM u"), None);
        assert_eq!(after("SELECT t.id, u.a FROM t, u"), None);
        assert_eq!(after("SELECT x.a FROM t AS x (id, a)").unwrap(), "SELECT x.b AS a FROM t AS x");
    }
}
