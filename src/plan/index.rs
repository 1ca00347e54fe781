//! Indexes of tables and materialized views.

use std::collections::BTreeMap;

use super::action::{Draft, Item, Part, Verb};
use super::catalog::Catalog;
use super::fate::Fate;
use super::statement::{HazardKind, LockMode};
use super::text::{columns, list, parenthesized};
use super::{Context, inheritance, partitions};
use crate::diff::Fact;
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, Name, clip};

/// Whether an index must be made anew: only its storage parameters change in place, and not those of a partitioned table.
pub(super) fn rebuilds(relation: &Name, name: &Ident, facts: &[Fact], new: &Catalog<'_>) -> bool {
    let partitioned = new.model.tables.get(relation).is_some_and(|table| table.partition_by.is_some());
    let complete =
        || new.partitions(relation).iter().all(|child| part(new.model, child, &relation.sibling(name.as_str())));
    let in_place = |fact: &Fact| match fact.name.as_ref() {
        "storage parameters" => !partitioned,
        "on its own table only" => fact.new.is_none() && complete(),
        name => name == "attached to",
    };
    !facts.iter().all(in_place) || facts.iter().any(|fact| fact.name == "attached to" && fact.old.is_some())
}

/// Whether the partition says which of its indexes is part of the index `whole`.
fn part(model: &Model, partition: &Name, whole: &Name) -> bool {
    let mut indexes = model.tables.get(partition).into_iter().flat_map(|table| table.indexes.values());
    indexes.any(|index| index.attached_to.as_ref() == Some(whole))
}

/// Makes the relatives of an index anew that PostgreSQL drops along with it, or without which it does not let it go:
/// the parts of an index, and the index of which it is a part.
pub(super) fn families(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) {
    let moves = |fate: Option<&Fate>| matches!(fate, Some(Fate::Drop | Fate::Rebuild));
    let index = |(item, fate): (&Item, &Fate)| {
        let found = matches!(item.id, ObjectId::Index(..)) && item.part == Part::Whole && moves(Some(fate));
        found.then(|| item.id.clone())
    };
    let mut queue: Vec<ObjectId> = fates.iter().filter_map(index).collect();
    if queue.is_empty() {
        return;
    }
    let tables = || old.model.tables.iter();
    let attached = tables().flat_map(|(table, it)| {
        let id = |name: &Ident| ObjectId::Index(table.clone(), name.clone());
        it.indexes.iter().filter_map(move |(name, index)| Some((index.attached_to.clone()?, id(name))))
    });
    let attached: Vec<(Name, ObjectId)> = attached.collect();
    while let Some(id) = queue.pop() {
        let ObjectId::Index(table, name) = &id else { continue };
        let home = ObjectId::Table(table.clone());
        let leaves = [Part::Whole, Part::Attach].iter().any(|part| moves(fates.get(&Item::part(&home, *part))));
        let qualified = table.sibling(name.as_str());
        let above =
            attached.iter().filter(|(_, part)| *part == id && !leaves).filter_map(|(whole, _)| old.index(whole));
        let below = attached.iter().filter(|(whole, _)| *whole == qualified).map(|(_, part)| part);
        let relatives: Vec<ObjectId> = above.chain(below).cloned().collect();
        for relative in relatives {
            let item = Item::whole(relative);
            let stays = matches!(item.id, ObjectId::Index(..)) && !moves(fates.get(&item)) && new.has(&item);
            if stays {
                fates.extend(new.parts(&item.id).into_iter().map(|part| (part, Fate::Rebuild)));
                queue.push(item.id);
            }
        }
    }
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
    let only = if index.only { "ONLY " } else { "" };
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
    item.part == Part::Whole && context.concurrently(relation) && context.old.uses(item).needs.iter().all(still)
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, relation: &Name, name: &Ident, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let qualified = relation.sibling(name.as_str());
    let item = Item::whole(ObjectId::Index(relation.clone(), name.clone()));
    let new = find(context.new.model, relation, name);
    match (verb, new) {
        (Verb::Create, Some(_)) if inheritance::came_along(context, relation, name) => Vec::new(),
        (Verb::Create, Some(index)) => {
            let mut drafts = vec![build(context, relation, name, index)];
            drafts.extend(attach(context, relation, name, index));
            drafts
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

/// A partition's index joins its parent's, when that is there already and does not take it in by itself.
fn attach(context: &Context<'_>, relation: &Name, name: &Ident, index: &Index) -> Option<Draft> {
    let parent = index.attached_to.as_ref()?;
    let above = Item::whole(context.new.index(parent)?.clone());
    let attached_with_table = context.makes(&Item::part(&ObjectId::Table(relation.clone()), Part::Attach));
    let adopts = matches!(object::find(context.new.model, &above.id), Some(Object::Index(index)) if !index.only);
    if adopts && (context.makes(&above) || attached_with_table) {
        return None;
    }
    Some(Draft::new(format!("ALTER INDEX {parent} ATTACH PARTITION {}", relation.sibling(name.as_str()))))
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
    if facts.iter().any(|fact| fact.name == "attached to") {
        drafts.extend(attach(context, relation, name, index));
    }
    drafts
}
