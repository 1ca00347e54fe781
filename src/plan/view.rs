//! Views and materialized views.

use super::Context;
use super::action::{Draft, Verb};
use super::statement::{HazardKind, LockMode};
use super::text::columns;
use crate::diff::Fact;
use crate::model::name::Name;
use crate::model::relation::View;

/// Whether a view must be made anew: its query or columns change. (CREATE OR REPLACE could keep it only where columns
/// are added at the end, and their types are not known here.)
pub(super) fn rebuilds(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| !fact.name.starts_with("option "))
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Name, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    match (verb, context.old.model.views.get(name), context.new.model.views.get(name)) {
        (Verb::Create, _, Some(view)) => vec![Draft::new(create(name, view))],
        (Verb::Drop, Some(view), _) => vec![drop(name, view)],
        (Verb::Alter, _, Some(view)) => alter(name, view, facts),
        _ => Vec::new(),
    }
}

fn kind(view: &View) -> &'static str {
    if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}

fn create(name: &Name, view: &View) -> String {
    let listed = if view.columns.is_empty() { String::new() } else { format!(" {}", columns(&view.columns)) };
    let mut options: Vec<String> = view.options.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    options.sort();
    let options = if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
    let no_data = if view.no_data { "\nWITH NO DATA" } else { "" };
    format!("CREATE {} {name}{listed}{options} AS\n{}{no_data}", kind(view), view.query.as_str().trim())
}

fn drop(name: &Name, view: &View) -> Draft {
    Draft::new(format!("DROP {} {name}", kind(view)))
        .hazard(HazardKind::BreakCode, format!("queries that read {name} fail until it is made again, if it is"))
        .lock(name, LockMode::AccessExclusive)
}

fn alter(name: &Name, view: &View, facts: &[Fact]) -> Vec<Draft> {
    let keys: Vec<&str> = facts.iter().filter_map(|fact| fact.name.strip_prefix("option ")).collect();
    let set: Vec<String> = keys.iter().filter_map(|key| Some(format!("{key} = {}", view.options.get(*key)?))).collect();
    let reset: Vec<&str> = keys.iter().copied().filter(|key| !view.options.contains_key(*key)).collect();
    let statement = |verb: &str, what: String| Draft::new(format!("ALTER {} {name} {verb} ({what})", kind(view)));
    let set = (!set.is_empty()).then(|| statement("SET", set.join(", ")));
    let reset = (!reset.is_empty()).then(|| statement("RESET", reset.join(", ")));
    set.into_iter().chain(reset).collect()
}
