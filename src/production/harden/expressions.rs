//! Expressions that name a field which their table does not have: a check, an index, a policy, a default. Each module may
//! be right for all that it knows, and the schema does not load; so it is asked once every rule has added its fields.

use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::model::constraint::ConstraintKind;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, IndexElement};
use crate::model::name::Name;
use crate::model::table::Table;
use crate::model::{Sql, canonical};

use super::Context;

/// Reports what the expressions of a table name in vain, as far as that is certain.
pub fn check(name: &Name, table: &Table, context: &Context<'_>) -> Vec<Diagnostic> {
    if table.columns.is_empty() {
        return Vec::new(); // nothing is known of it
    }
    let doubtful = expressions(name, table).into_iter().filter(|(.., sql)| may_name_others(sql, table));
    let told = doubtful.flat_map(|(id, what, sql)| {
        let unknown = canonical::unknown_columns(sql, name, table).into_iter();
        unknown.map(move |column| unknown_field(name, table, (&id, &what), &column, context))
    });
    let none = Table::default();
    let defaults = table.columns.iter().filter_map(|column| Some((column, column.default.as_ref()?)));
    let misread = defaults.filter(|(_, default)| may_name_others(default, &none)).flat_map(|(column, default)| {
        let id = ObjectId::Column(name.clone(), column.name.clone());
        let unknown = canonical::unknown_columns(default, name, &none).into_iter();
        unknown.map(move |word| default_names(name, (&id, column.name.as_str()), &word, context))
    });
    told.chain(misread).collect()
}

/// Words of expressions that name nothing.
const WORDS: [&str; 10] = ["and", "or", "not", "is", "null", "in", "true", "false", "any", "array"];

/// Whether an expression may name something else than columns of `table`, functions and types: told from its words, since
/// most expressions are plain, and there are many.
fn may_name_others(sql: &Sql, table: &Table) -> bool {
    let text = sql.as_str();
    if text.contains(['"', '$', '\\']) || text.contains("--") || text.contains("/*") {
        return true;
    }
    text.split('\'').step_by(2).any(|code| {
        let is_in_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut rest = code;
        while let Some(start) = rest.find(is_in_word) {
            let (before, word) = rest.split_at(start);
            let end = word.find(|c| !is_in_word(c)).unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            rest = after;
            let folded = word.to_ascii_lowercase();
            let is_plain = word.starts_with(|c: char| c.is_ascii_digit())
                || before.ends_with("::")
                || after.starts_with(['(', '.']) && !before.ends_with('.')
                || before.ends_with('.') && after.starts_with('(')
                || WORDS.contains(&folded.as_str())
                || !before.ends_with('.') && table.column(&folded).is_some();
            if !is_plain {
                return true;
            }
        }
        false
    })
}

/// The expressions that speak of a row, each with the object that it is a part of, and that in words.
fn expressions<'t>(name: &Name, table: &'t Table) -> Vec<(ObjectId, String, &'t Sql)> {
    let mut found = Vec::new();
    for (constraint, it) in &table.constraints {
        let id = || ObjectId::Constraint(name.clone(), constraint.clone());
        let mut add = |sql| found.push((id(), format!("the constraint `{constraint}`"), sql));
        match &it.kind {
            ConstraintKind::Check(sql) => add(sql),
            ConstraintKind::Exclude(exclude) => {
                exclude.elements.iter().filter_map(|(element, _)| expression(element)).for_each(&mut add);
                exclude.predicate.iter().for_each(add);
            }
            _ => {}
        }
    }
    for (index, it) in &table.indexes {
        let all = it.elements.iter().filter_map(expression).chain(&it.predicate);
        let id = || ObjectId::Index(name.clone(), index.clone());
        found.extend(all.map(|sql| (id(), format!("the index `{index}`"), sql)));
    }
    for (policy, it) in &table.policies {
        let id = || ObjectId::Policy(name.clone(), policy.clone());
        let all = it.using.iter().chain(&it.check);
        found.extend(all.map(|sql| (id(), format!("the policy `{policy}`"), sql)));
    }
    for column in &table.columns {
        let id = || ObjectId::Column(name.clone(), column.name.clone());
        let generated = column.generated.iter().map(|generated| &generated.expression);
        found.extend(generated.map(|sql| (id(), format!("the generated field `{}`", column.name), sql)));
    }
    found
}

fn expression(element: &IndexElement) -> Option<&Sql> {
    match &element.key {
        ElementKey::Expression(sql) => Some(sql),
        ElementKey::Column(_) => None,
    }
}

fn unknown_field(
    name: &Name,
    table: &Table,
    (id, what): (&ObjectId, &str),
    column: &str,
    context: &Context<'_>,
) -> Diagnostic {
    let message = format!("{what} of `{name}` names `{column}`, which is no field of it: the schema does not load");
    let found = finding("unknown-field", id, name, message, context);
    match nearest(column, table.columns.iter().map(|column| column.name.as_str())) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("a text stands in quotes: `'{column}'`")),
    }
}

/// Source: CREATE TABLE, `DEFAULT default_expr`: it names no other column.
fn default_names(name: &Name, (id, field): (&ObjectId, &str), word: &str, context: &Context<'_>) -> Diagnostic {
    let message = format!("the default of `{name}.{field}` names `{word}`, but a default can name no field");
    let found = finding("default-names-field", id, name, message, context);
    found.help(format!("a text stands in quotes: `'{word}'`; a value made from other fields is a generated field"))
}

/// A warning at the object's place, else at the table's.
pub fn finding(code: &'static str, id: &ObjectId, table: &Name, message: String, context: &Context<'_>) -> Diagnostic {
    let place = context.place(id).or_else(|| context.place(&ObjectId::Table(table.clone())));
    let found = Diagnostic::new(Severity::Warning, code, message);
    place.into_iter().fold(found, |found, span| found.at(span.clone(), ""))
}
