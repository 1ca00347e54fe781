//! Views over protected tables: a view reads with the rights of its owner, whom no policy binds, so whoever may read the
//! view sees every row. That is sometimes meant, and never by accident.

use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::relation::View;
use crate::production::meaning::mentions;

use super::Context;

/// Reports the views that show rows past row level security, each by its name.
pub fn check(model: &Model, context: &Context<'_>) -> Vec<(Name, Diagnostic)> {
    let protected: Vec<&Name> =
        model.tables.iter().filter(|(_, table)| table.row_security).map(|(name, _)| name).collect();
    let careless = model.views.iter().filter(|(_, view)| !reads_as_caller(view));
    let found = careless.filter_map(|(name, view)| {
        let table = protected.iter().find(|table| mentions(&view.query, table))?;
        Some((name.clone(), finding(name, view, table, context)))
    });
    found.collect()
}

fn reads_as_caller(view: &View) -> bool {
    view.options.get("security_invoker").is_some_and(|value| matches!(value.as_str(), "true" | "on" | "1" | "yes"))
}

fn finding(name: &Name, view: &View, table: &Name, context: &Context<'_>) -> Diagnostic {
    let message = format!("the view `{name}` shows rows of `{table}` past row level security");
    let found = Diagnostic::new(Severity::Warning, "view-past-policies", message);
    let found =
        context.place(&ObjectId::View(name.clone())).into_iter().fold(found, |found, span| found.at(span.clone(), ""));
    if view.materialized {
        found.help("let applications read the table instead: a materialized view knows no policies")
    } else {
        found.help("add `WITH (security_invoker = true)` (PostgreSQL 15), or let no application read the view")
    }
}
