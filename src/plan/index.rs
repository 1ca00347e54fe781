//! Indexes of tables and materialized views.

use super::Context;
use super::action::{Draft, Verb};
use super::statement::LockMode;
use super::text::{columns, list, parenthesized};
use crate::diff::Fact;
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, Name};

/// Whether an index must be made anew: only its storage parameters change in place.
pub(super) fn rebuilds(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| !matches!(fact.name.as_ref(), "storage parameters" | "attached to"))
        || facts.iter().any(|fact| fact.name == "attached to" && fact.old.is_some())
}

/// An element of an index, a partition key or an exclusion constraint.
pub(super) fn element(element: &IndexElement) -> String {
    let mut text = match &element.key {
        ElementKey::Column(name) => name.to_string(),
        ElementKey::Expression(sql) => parenthesized(sql),
    };
    if let Some(collation) = &element.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(opclass) = &element.opclass {
        text.push_str(&format!(" {opclass}"));
        if let Some(options) = &element.opclass_options {
            text.push_str(&format!(" ({options})"));
        }
    }
    if element.descending {
        text.push_str(" DESC");
    }
    if element.nulls_first != element.descending {
        text.push_str(if element.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
    }
    text
}

/// CREATE INDEX.
fn create(relation: &Name, name: &Ident, index: &Index, only: bool, concurrently: bool) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let concurrently = if concurrently { "CONCURRENTLY " } else { "" };
    let only = if only { "ONLY " } else { "" };
    let method = if index.method == "btree" { String::new() } else { format!("USING {} ", index.method) };
    let elements: Vec<String> = index.elements.iter().map(element).collect();
    let mut sql =
        format!("CREATE {unique}INDEX {concurrently}{name} ON {only}{relation} {method}({})", elements.join(", "));
    if !index.include.is_empty() {
        sql.push_str(&format!(" INCLUDE {}", columns(&index.include)));
    }
    if index.nulls_not_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    if !index.options.is_empty() {
        sql.push_str(&format!(" WITH ({})", list(&index.options)));
    }
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE {predicate}"));
    }
    sql
}

fn find<'m>(model: &'m Model, relation: &Name, name: &Ident) -> Option<&'m Index> {
    match object::find(model, &ObjectId::Index(relation.clone(), name.clone())) {
        Some(Object::Index(index)) => Some(index),
        _ => None,
    }
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, relation: &Name, name: &Ident, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let qualified = relation.sibling(name.as_str());
    match verb {
        Verb::Create => {
            let Some(index) = find(context.new.model, relation, name) else { return Vec::new() };
            vec![Draft::new(create(relation, name, index, false, false)).lock(relation, LockMode::Share)]
        }
        Verb::Drop => {
            vec![Draft::new(format!("DROP INDEX {qualified}")).lock(relation, LockMode::AccessExclusive)]
        }
        Verb::Alter => {
            let _ = facts;
            Vec::new()
        }
    }
}
