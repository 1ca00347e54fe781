//! Lists of parameters: `WITH (fillfactor = 70, toast.autovacuum_enabled = off)`.

use std::collections::BTreeMap;

use squawk_syntax::ast::{self, AstNode};

use super::tree::{ident, string};
use crate::syntax::sql::scan::fold;

/// The parameters of a `WITH` clause, by lower case name.
pub fn map(parameters: Option<ast::WithParams>) -> BTreeMap<String, String> {
    parameters.and_then(|it| it.attribute_list()).map(|list| attributes(&list)).unwrap_or_default()
}

/// The parameters of a `WITH` clause as sorted `name=value`.
pub fn list(parameters: Option<ast::WithParams>) -> Vec<String> {
    spelled(map(parameters))
}

/// Parameters as sorted `name=value`.
pub fn spelled(parameters: BTreeMap<String, String>) -> Vec<String> {
    parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// The parameters of a list, by lower case name; one without a value is `true`.
pub fn attributes(list: &ast::AttributeList) -> BTreeMap<String, String> {
    list.attribute_options().map(|option| (name(&option), value(&option))).collect()
}

/// The names of a list, as `RESET` has it.
pub fn names(list: Option<ast::AttributeList>) -> Vec<String> {
    list.into_iter().flat_map(|list| list.attribute_options()).map(|option| name(&option)).collect()
}

fn name(option: &ast::AttributeOption) -> String {
    let name = option.name().map(|name| ident(name.syntax()).as_str().to_owned()).unwrap_or_default();
    match option.namespace() {
        Some(namespace) => format!("{}.{name}", ident(namespace.syntax()).as_str()),
        None => name,
    }
}

/// The value without quotes: PostgreSQL stores `'70'` and `70` alike.
fn value(option: &ast::AttributeOption) -> String {
    let Some(value) = option.attribute_value() else { return "true".to_owned() };
    match value.literal() {
        Some(literal) => string(&literal).to_lowercase(),
        None => fold(&value.syntax().text().to_string()).to_lowercase(),
    }
}
