//! From plans and stories to the views that templates lay out.

use std::sync::Arc;

use serde::Serialize;

use super::hardened::Detail;
use crate::concept::page::Reference;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::plan::TableLayout;
use crate::plan::creation::{self, Making};
use crate::production::Production;
use crate::production::story::{RuleStory, TableStory};
use crate::prototype::Prototype;
use crate::render::view::{
    AddedView, CountView, Group, ItemView, RuleView, SqlView, StatementView, TableReport, TableView,
};

/// All prototypes of a project.
#[derive(Debug, Serialize)]
pub struct PrototypesView {
    /// The project's name.
    pub project: String,
    /// The modules that have one.
    pub modules: Vec<SqlView>,
}

/// Statements of production that stand together.
#[derive(Debug, Serialize)]
pub struct RunView {
    /// The statements.
    pub statements: Vec<StatementView>,
}

/// Where the reports of the entities are.
#[derive(Debug, Serialize)]
pub struct ReportedView {
    /// The entities.
    pub entities: Vec<Reference>,
}

/// The view of a module's prototype.
pub fn prototype(project: &str, module: &str, prototype: &Prototype) -> SqlView {
    let statements = creation::whole(&prototype.model)
        .iter()
        .map(|statement| {
            let note = |table: &Name, column: &Ident| prototype.notes.get(&(table.clone(), column.clone())).cloned();
            view(statement, |_, _| Group::Core, note)
        })
        .collect();
    SqlView { project: project.to_owned(), module: Some(module.to_owned()), statements }
}

/// The statements of production, its fields laid out as `detail` says of each table.
pub fn statements(statements: &[Arc<Making>], detail: impl Fn(&Name) -> Option<Arc<Detail>>) -> Vec<StatementView> {
    let one = |statement: &Arc<Making>| {
        let shown = statement.object.table().filter(|_| statement.layout.is_some()).and_then(&detail);
        let group = |_: &Name, column: &Ident| {
            shown.as_ref().and_then(|shown| shown.groups.get(column)).copied().unwrap_or(Group::Core)
        };
        view(statement, group, |_, _| None)
    };
    statements.iter().map(one).collect()
}

fn view(
    statement: &Making,
    group: impl Fn(&Name, &Ident) -> Group,
    note: impl Fn(&Name, &Ident) -> Option<String>,
) -> StatementView {
    let table = match (&statement.object, &statement.layout) {
        (ObjectId::Table(name), Some(layout)) => Some(table_view(name, layout, group, note)),
        _ => None,
    };
    StatementView { name: about(&statement.object), sql: statement.sql.clone(), comment: None, table }
}

/// What a statement is about, as facts about it are named.
pub fn about(object: &ObjectId) -> String {
    match object {
        ObjectId::Table(name) => name.to_string(),
        ObjectId::Column(table, column) => format!("{table}.{column}"),
        other => other.to_string(),
    }
}

fn table_view(
    table: &Name,
    layout: &TableLayout,
    group: impl Fn(&Name, &Ident) -> Group,
    note: impl Fn(&Name, &Ident) -> Option<String>,
) -> TableView {
    let items = layout
        .items
        .iter()
        .map(|item| match &item.column {
            Some(column) => {
                (group(table, column), ItemView::new(column.as_str(), item.sql.clone(), note(table, column)))
            }
            None => (Group::Constraint, ItemView::new(constraint(&item.sql), item.sql.clone(), None)),
        })
        .collect();
    TableView::new(layout.head.clone(), items, layout.tail.clone())
}

/// The name of the constraint that `sql` declares; its text where it has none.
fn constraint(sql: &str) -> String {
    let named = sql.strip_prefix("CONSTRAINT ").and_then(|rest| rest.split(' ').next());
    named.unwrap_or(sql).to_owned()
}

/// The rules that were applied to `production`, in their order.
pub fn rules(production: &Production) -> Vec<RuleView> {
    let rules = production.report.rules.iter().filter(|rule| rule.on);
    rules.map(|rule| RuleView { name: rule.name.clone(), doc: rule.about.clone() }).collect()
}

/// What the report says about a table.
pub fn table_report(name: &Name, story: &TableStory, table: Option<&Table>) -> TableReport {
    let off = table.into_iter().flat_map(|table| &table.intent.harden).filter(|(_, on)| !**on);
    let (before, after) = (story.before, story.after);
    let count = |what: &str, before, after| CountView { what: what.to_owned(), before, after };
    TableReport {
        name: name.to_string(),
        counts: vec![
            count("fields", before.fields, after.fields),
            count("required fields", before.required, after.required),
            count("constraints", before.constraints, after.constraints),
            count("indexes", before.indexes, after.indexes),
            count("policies", before.policies, after.policies),
            count("triggers", before.triggers, after.triggers),
        ],
        added: story.rules.iter().flat_map(added).collect(),
        skipped: off.map(|(rule, _)| rule.clone()).collect(),
    }
}

/// What a rule added, under each of its reasons.
fn added(rule: &RuleStory) -> Vec<AddedView> {
    let mut views: Vec<AddedView> = Vec::new();
    for added in &rule.added {
        let what = format!("{} {}", added.what, subject(&added.object));
        match views.iter_mut().find(|view| view.why == added.why) {
            Some(view) => view.what.push(what),
            None => views.push(AddedView { rule: rule.rule.clone(), why: added.why.clone(), what: vec![what] }),
        }
    }
    views
}

/// An object's own name, without the table that the report's heading names already.
fn subject(object: &ObjectId) -> String {
    match object {
        ObjectId::Column(_, name)
        | ObjectId::Constraint(_, name)
        | ObjectId::Index(_, name)
        | ObjectId::Trigger(_, name)
        | ObjectId::Policy(_, name) => name.to_string(),
        other => other.to_string(),
    }
}
