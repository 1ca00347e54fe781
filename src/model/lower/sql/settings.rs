//! `SET search_path` and `set_config('search_path', …)`, which decide what unqualified names mean. Other settings are
//! passed over, and so are queries that only have an effect on data.

use squawk_syntax::ast::{self, AstNode};

use super::session::{PUBLIC, Session};
use super::tree::{child, ident, parts, string};
use crate::model::name::Ident;
use crate::syntax::sql::scan::fold;

/// Runs SET.
pub fn set(session: &mut Session, statement: &ast::Set) {
    match statement.set_target() {
        Some(ast::SetTarget::SetConfig(it)) if is_search_path(&it) => match it.config_assignment() {
            Some(ast::ConfigAssignment::ToConfigValue(values)) => {
                let schemas: Vec<Ident> = values.config_values().map(|value| schema(&value)).collect();
                set_path(session, schemas);
            }
            _ => session.unmodelled("`SET search_path FROM CURRENT`", it.syntax()),
        },
        Some(ast::SetTarget::SetSchemaValue(it)) => {
            let schema = child::<ast::Literal>(it.syntax()).map(|it| Ident::new(string(&it)));
            set_path(session, schema.into_iter().collect());
        }
        _ => session.skip("SET"),
    }
}

fn is_search_path(node: &ast::SetConfig) -> bool {
    let name = node.config_parameter_ref().map(|it| parts(it.syntax()));
    name.is_some_and(|name| matches!(name.as_slice(), [only] if only.as_str() == "search_path"))
}

fn schema(value: &ast::ConfigValue) -> Ident {
    match value {
        ast::ConfigValue::Literal(it) => Ident::new(string(it)),
        other => ident(other.syntax()),
    }
}

/// Takes a new search path: `DEFAULT` is an empty list, an empty name is none.
fn set_path(session: &mut Session, schemas: Vec<Ident>) {
    let is_default = schemas.is_empty();
    session.search_path = schemas
        .into_iter()
        .filter(|schema| !matches!(schema.as_str(), "" | "$user" | "pg_catalog" | "pg_temp"))
        .collect();
    if is_default {
        session.search_path = vec![Ident::new(PUBLIC)];
    }
    session.skip("SET");
}

/// Runs RESET: of the search path, or of all settings.
pub fn reset(session: &mut Session, statement: &ast::Reset) {
    let text = session.text(statement.syntax()).to_lowercase();
    if text.contains("search_path") || text.trim_end_matches(';').trim_end().ends_with("all") {
        session.search_path = vec![Ident::new(PUBLIC)];
    }
    session.skip("RESET");
}

/// Runs a SELECT: a call may change anything, but for the ones that dumps are full of.
pub fn select(session: &mut Session, statement: &ast::Select) {
    let targets = statement.select_clause().and_then(|it| it.target_list());
    let calls: Vec<ast::CallExpr> = targets
        .into_iter()
        .flat_map(|list| list.targets())
        .filter_map(|target| match target.expr()? {
            ast::Expr::CallExpr(call) => Some(call),
            _ => None,
        })
        .collect();
    for call in &calls {
        let name = call.expr().and_then(|it| it.syntax().descendants().filter_map(ast::NameRef::cast).last());
        let name = name.map(|it| ident(it.syntax()));
        match name.as_ref().map(Ident::as_str) {
            Some("set_config") => set_config(session, call),
            Some("setval" | "nextval" | "currval") | None => {}
            Some(name) => {
                let what = format!("what a call of `{name}` changes");
                session.unmodelled(what, statement.syntax());
            }
        }
    }
    session.skip("SELECT");
}

/// Runs DO: a block may do anything, but for the ones that only make roles.
pub fn run_block(session: &mut Session, statement: &ast::Do) {
    let body = child::<ast::Literal>(statement.syntax()).map(|it| string(&it)).unwrap_or_default();
    match makes_roles_only(&body) {
        true => session.skip("DO for roles"),
        false => session.unmodelled("what a `DO` block does", statement.syntax()),
    }
}

/// Whether all statements of a block that could change a schema are about roles.
fn makes_roles_only(body: &str) -> bool {
    let body = fold(body).to_lowercase();
    let words: Vec<&str> =
        body.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let mut roles = 0;
    for (at, word) in words.iter().enumerate() {
        match *word {
            "create" | "alter" | "drop"
                if words.get(at + 1).is_some_and(|it| matches!(*it, "role" | "user" | "group")) =>
            {
                roles += 1;
            }
            "create" | "alter" | "drop" | "execute" | "grant" | "revoke" | "comment" | "perform" | "call" => {
                return false;
            }
            _ => {}
        }
    }
    roles > 0
}

fn set_config(session: &mut Session, call: &ast::CallExpr) {
    let arguments = call.arg_list().into_iter().flat_map(|list| list.args());
    let strings: Vec<String> =
        arguments.filter_map(|arg| child::<ast::Literal>(arg.syntax())).map(|it| string(&it)).collect();
    if let [name, value, ..] = strings.as_slice()
        && name.eq_ignore_ascii_case("search_path")
    {
        let schemas = value.split(',').map(|schema| Ident::new(schema.trim().trim_matches('"')));
        set_path(session, schemas.collect());
    }
}
