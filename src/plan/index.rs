//! Indexes of tables and materialized views.

use super::action::{Draft, Item, Part, Verb};
use super::catalog::Catalog;
use super::statement::{HazardKind, LockMode};
use super::text::{columns, list, parenthesized};
use super::{Context, family, inheritance, partitions};
use crate::diff::Fact;
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, Name, clip};

/// Whether an index must be made anew: only its storage parameters change in place, and not those of a partitioned table.
pub(super) fn rebuilds(relation: &Name, id: &ObjectId, facts: &[Fact], old: &Catalog<'_>, new: &Catalog<'_>) -> bool {
    let partitioned = new.model.tables.get(relation).is_some_and(|table| table.partition_by.is_some());
    let in_place = |fact: &Fact| match fact.name.as_ref() {
        "storage parameters" => !partitioned,
        _ => family::completes(id, fact, old, new),
    };
    !facts.iter().all(in_place)
}

/// Marks the index by which the rows of a relation are put in order, or none. Dropping that index takes the mark along.
pub(super) fn cluster(context: &Context<'_>, relation: &ObjectId, verb: Verb) -> Vec<Draft> {
    let (ObjectId::Table(name) | ObjectId::View(name)) = relation else { return Vec::new() };
    let chosen = object::find(context.new.model, relation).and_then(object::clustered_on);
    let kind = if matches!(relation, ObjectId::View(_)) { "MATERIALIZED VIEW" } else { "TABLE" };
    let change = match (chosen, verb) {
        (Some(_), Verb::Drop) => return Vec::new(),
        (Some(index), _) => format!("CLUSTER ON {index}"),
        (None, _) => "SET WITHOUT CLUSTER".to_owned(),
    };
    vec![Draft::new(format!("ALTER {kind} {name} {change}")).lock(name, LockMode::ShareUpdateExclusive)]
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
fn create(relation: &Name, name: &Ident, index: &Index, concurrently: bool) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let concurrently = if concurrently { "CONCURRENTLY " } else { "" };
    let method = if index.method == "btree" { String::new() } else { format!("USING {} ", index.method) };
    let elements: Vec<String> = index.elements.iter().map(element).collect();
    let only = if index.family.only { "ONLY " } else { "" };
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

/// Whether an index that must be made anew can be built beside the old one, so that there is none of its queries without
/// an index: online, when nothing below it changes.
pub(super) fn replaces(context: &Context<'_>, item: &Item) -> bool {
    let ObjectId::Index(relation, _) = &item.id else { return false };
    let still = |item: &Item| !context.fates.contains_key(item);
    let alone = [&context.old, &context.new].iter().all(|catalog| family::is_alone(catalog, &item.id));
    item.part == Part::Whole
        && alone
        && context.concurrently(relation)
        && context.old.uses(item).needs.iter().all(still)
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, relation: &Name, name: &Ident, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let qualified = relation.sibling(name.as_str());
    let item = Item::whole(ObjectId::Index(relation.clone(), name.clone()));
    let new = find(context.new.model, relation, name);
    match (verb, new) {
        (Verb::Create, Some(_)) if inheritance::came_along(context, relation, name) => Vec::new(),
        (Verb::Create, Some(index)) => vec![build(context, relation, name, index)],
        (Verb::Drop, _) if family::has_keys(context, &item.id) => {
            let sql = format!("DROP INDEX {qualified} CASCADE");
            vec![Draft::new(sql).lock(relation, LockMode::AccessExclusive)]
        }
        (Verb::Drop, _) => vec![drop(context, relation, &qualified, partitions::above(context, &item).is_some())],
        (Verb::Alter, Some(index)) if replaces(context, &item) && context.makes(&item) => {
            let aside = Ident::new(clip(name.as_str(), MAX_IDENTIFIER_BYTES - 5).to_owned() + "__new");
            let rename = format!("ALTER INDEX {} RENAME TO {name}", relation.sibling(aside.as_str()));
            vec![
                build(context, relation, &aside, index),
                drop(context, relation, &qualified, false),
                Draft::new(rename).lock(relation, LockMode::ShareUpdateExclusive),
            ]
        }
        (Verb::Alter, Some(index)) => alter(context, relation, name, index, facts),
        _ => Vec::new(),
    }
}

fn build(context: &Context<'_>, relation: &Name, name: &Ident, index: &Index) -> Draft {
    let concurrently = context.concurrently(relation);
    let draft = Draft::new(create(relation, name, index, concurrently));
    let mut draft = match concurrently {
        true => draft.lock(relation, LockMode::ShareUpdateExclusive).alone(),
        false => draft.lock(relation, LockMode::Share),
    };
    if context.is_new(relation) {
        return draft;
    }
    if !concurrently {
        draft =
            draft.hazard(HazardKind::BlockWrites, format!("writes to {relation} wait while the index {name} is built"));
    }
    if index.unique {
        draft = draft.hazard(HazardKind::MayFail, format!("fails if two rows of {relation} have the same key"));
    }
    draft
}

fn drop(context: &Context<'_>, relation: &Name, qualified: &Name, taken_along: bool) -> Draft {
    let exists = if taken_along { "IF EXISTS " } else { "" };
    if context.concurrently(relation) && !taken_along {
        let sql = format!("DROP INDEX CONCURRENTLY {qualified}");
        return Draft::new(sql).lock(relation, LockMode::ShareUpdateExclusive).alone();
    }
    Draft::new(format!("DROP INDEX {exists}{qualified}")).lock(relation, LockMode::AccessExclusive)
}

fn alter(context: &Context<'_>, relation: &Name, name: &Ident, index: &Index, facts: &[Fact]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if facts.iter().any(|fact| fact.name == "storage parameters") {
        let old = find(context.old.model, relation, name).map(|index| index.options.clone()).unwrap_or_default();
        let key = |option: &String| option.split('=').next().unwrap_or_default().trim().to_owned();
        let keys: Vec<String> = index.options.iter().map(key).collect();
        let reset: Vec<String> = old.iter().map(key).filter(|key| !keys.contains(key)).collect();
        let qualified = relation.sibling(name.as_str());
        if !index.options.is_empty() {
            drafts.push(Draft::new(format!("ALTER INDEX {qualified} SET ({})", list(&index.options))));
        }
        if !reset.is_empty() {
            drafts.push(Draft::new(format!("ALTER INDEX {qualified} RESET ({})", list(&reset))));
        }
    }
    drafts
}
