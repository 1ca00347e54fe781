//! Views and materialized views.

use super::Context;
use super::action::{Draft, Verb};
use super::placed;
use super::scan::mentions;
use super::statement::{HazardKind, LockMode};
use super::text::columns;
use crate::diff::Fact;
use crate::model::name::{Ident, Name};
use crate::model::relation::View;
use crate::model::{Model, canonical};

/// Whether a view must be made anew: its query cannot take the place of the old one, or it gets columns that another view
/// takes in by `*`, which PostgreSQL wrote out when that was made.
pub(super) fn rebuilds(name: &Name, facts: &[Fact], old: &Model, new: &Model) -> bool {
    let (Some(before), Some(after)) = (old.views.get(name), new.views.get(name)) else { return true };
    if facts.iter().all(is_apart) {
        return false;
    }
    let materialized = before.materialized || after.materialized;
    let starred = || new.views.values().map(|view| mentions(&view.query)).any(|it| it.star && it.has(&name.name));
    materialized || !canonical::extends((before, old), (after, new)) || starred()
}

/// Whether a fact is no matter of the view's query, and has a statement of its own.
fn is_apart(fact: &Fact) -> bool {
    fact.name.starts_with("option ") || fact.name.starts_with("default of ")
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Name, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    match (verb, context.old.model.views.get(name), context.new.model.views.get(name)) {
        (Verb::Create, _, Some(view)) => {
            let defaults = view.column_defaults.keys().map(|column| default(name, view, column));
            std::iter::once(Draft::new(create(context, name, view, "CREATE"))).chain(defaults).collect()
        }
        (Verb::Drop, Some(view), _) => vec![drop(name, view)],
        (Verb::Alter, _, Some(view)) if facts.iter().all(is_apart) => {
            options(name, view, facts).into_iter().chain(defaults(name, view, facts)).collect()
        }
        (Verb::Alter, _, Some(view)) => {
            let replaced =
                Draft::new(create(context, name, view, "CREATE OR REPLACE")).lock(name, LockMode::AccessExclusive);
            std::iter::once(replaced).chain(defaults(name, view, facts)).collect()
        }
        _ => Vec::new(),
    }
}

fn kind(view: &View) -> &'static str {
    if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}

fn create(context: &Context<'_>, name: &Name, view: &View, verb: &str) -> String {
    let listed = if view.columns.is_empty() { String::new() } else { format!(" {}", columns(&view.columns)) };
    let mut options: Vec<String> = view.options.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    options.sort();
    let options = if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
    let no_data = if view.no_data { "\nWITH NO DATA" } else { "" };
    let query = placed::rewritten(context, view.query.as_str().trim());
    format!("{verb} {} {name}{listed}{options} AS\n{query}{no_data}", kind(view))
}

fn drop(name: &Name, view: &View) -> Draft {
    Draft::new(format!("DROP {} {name}", kind(view)))
        .hazard(HazardKind::BreakCode, format!("queries that read {name} fail until it is made again, if it is"))
        .lock(name, LockMode::AccessExclusive)
}

fn options(name: &Name, view: &View, facts: &[Fact]) -> Vec<Draft> {
    let keys: Vec<&str> = facts.iter().filter_map(|fact| fact.name.strip_prefix("option ")).collect();
    let set: Vec<String> = keys.iter().filter_map(|key| Some(format!("{key} = {}", view.options.get(*key)?))).collect();
    let reset: Vec<&str> = keys.iter().copied().filter(|key| !view.options.contains_key(*key)).collect();
    let statement = |verb: &str, what: String| Draft::new(format!("ALTER {} {name} {verb} ({what})", kind(view)));
    let set = (!set.is_empty()).then(|| statement("SET", set.join(", ")));
    let reset = (!reset.is_empty()).then(|| statement("RESET", reset.join(", ")));
    set.into_iter().chain(reset).collect()
}

/// The statements that change defaults of columns.
fn defaults<'f>(name: &'f Name, view: &'f View, facts: &'f [Fact]) -> impl Iterator<Item = Draft> + 'f {
    let changed = facts.iter().filter_map(|fact| fact.name.strip_prefix("default of "));
    changed.map(|column| default(name, view, &Ident::new(column)))
}

/// Sets the default of a column, or drops it.
fn default(name: &Name, view: &View, column: &Ident) -> Draft {
    let change = match view.column_defaults.get(column) {
        Some(sql) => format!("SET DEFAULT {sql}"),
        None => "DROP DEFAULT".to_owned(),
    };
    Draft::new(format!("ALTER VIEW {name} ALTER COLUMN {column} {change}"))
}
