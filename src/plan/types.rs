//! Types that a schema defines: enums, domains, composite and range types.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::action::{Draft, Item, Part, Verb};
use super::catalog::Catalog;
use super::comment::target;
use super::enums;
use super::fate::Fate;
use super::statement::HazardKind;
use super::text::{literal, parenthesized};
use crate::diff::Fact;
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::datatype::{DataType, type_name};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, Name, clip};
use crate::model::table::Column;
use crate::model::types::{Attribute, Domain, DomainCheck, TypeKind, UserType};

/// Whether a type must be made anew.
pub(super) fn rebuilds(name: &Name, facts: &[Fact], catalog: &Catalog<'_>, new: &Model) -> bool {
    let (Some(old), Some(new)) = (catalog.model.types.get(name), new.types.get(name)) else { return true };
    match (&old.kind, &new.kind) {
        (TypeKind::Enum(old), TypeKind::Enum(new)) => enums::steps(old, new).is_none(),
        (TypeKind::Domain(before), TypeKind::Domain(after)) => {
            let bars_nulls = !before.not_null && after.not_null;
            facts.iter().any(|fact| matches!(fact.name.as_ref(), "base type" | "collation"))
                || bars_nulls && is_stored(name, catalog, false)
        }
        (TypeKind::Composite(before), TypeKind::Composite(after)) => {
            // PostgreSQL changes no attribute's type while a column holds the composite type.
            let retyped = || facts.iter().any(|fact| fact.name.starts_with("attribute ") && retypes(fact));
            composite_steps(before, after).is_none() || (retyped() && is_stored(name, catalog, true))
        }
        _ => true,
    }
}

/// Whether an attribute that stays gets another type.
fn retypes(fact: &Fact) -> bool {
    fact.old.is_some() && fact.new.is_some()
}

/// Lets domains go and come again that get checks which PostgreSQL would have to hold against values inside others: it
/// looks at those in columns, and not into arrays, rows and ranges. Answers whether there are any.
pub(super) fn relate(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) -> bool {
    let stays = |id: &ObjectId| {
        let fate = fates.get(&Item::whole(id.clone()));
        !matches!(fate, Some(Fate::Create | Fate::Drop | Fate::Rebuild | Fate::Swap))
    };
    let checks = fates.iter().filter(|(item, _)| item.part == Part::Checks && stays(&item.id));
    let tightened = checks.filter_map(|(item, fate)| {
        let ObjectId::Type(name) = &item.id else { return None };
        (tightens(old.model.types.get(name)?, new.model.types.get(name)?, fate) && is_stored(name, old, false))
            .then(|| item.id.clone())
    });
    let ids: Vec<ObjectId> = tightened.collect();
    for part in ids.iter().flat_map(|id| new.parts(id)) {
        let fate = if old.has(&part) { Fate::Rebuild } else { Fate::Create };
        fates.insert(part, fate);
    }
    !ids.is_empty()
}

/// Whether a check of the domain has to be held against the values that are there.
fn tightens(old: &UserType, new: &UserType, fate: &Fate) -> bool {
    let (TypeKind::Domain(old), TypeKind::Domain(new)) = (&old.kind, &new.kind) else { return false };
    let remade = |name: &Ident| match fate {
        Fate::Alter(facts) => changed(facts, &format!("check {name}")),
        _ => true,
    };
    let stricter = |(name, check): (&Ident, &DomainCheck)| {
        let before = old.checks.get(name).filter(|_| !remade(name));
        !check.not_valid && before.is_none_or(|before| before.not_valid)
    };
    *fate != Fate::Drop && new.checks.iter().any(stricter)
}

/// Whether a check that is replaced takes a comment with it, which is to be there again.
pub(super) fn loses_comments(id: &ObjectId, facts: &[Fact], new: &Catalog<'_>) -> bool {
    let Some(Object::Type(ty)) = object::find(new.model, id) else { return false };
    checks(Some(ty)).iter().any(|(name, check)| check.comment.is_some() && changed(facts, &format!("check {name}")))
}

/// The checks with which the comments on a domain go, where they come again.
pub(super) fn commented(context: &Context<'_>, item: &Item) -> Option<Item> {
    let rebuilds = |item: &Item| context.fates.get(item) == Some(&Fate::Rebuild);
    let checks = Item::part(&item.id, Part::Checks);
    (item.part == Part::Comment && rebuilds(item) && rebuilds(&checks)).then_some(checks)
}

fn changed(facts: &[Fact], name: &str) -> bool {
    facts.iter().any(|fact| fact.name == name)
}

/// Whether a column of a table holds values of the type inside others (arrays, rows and ranges), or, where these are
/// `counted`, by themselves.
fn is_stored(name: &Name, old: &Catalog<'_>, counted: bool) -> bool {
    let mut around = vec![(name, counted)];
    let mut known = BTreeSet::new();
    while let Some((name, counts)) = around.pop() {
        if !known.insert((name, counts)) {
            continue;
        }
        let is_of =
            |ty: &DataType| ty.user_type().is_some_and(|found| found == name || old.made_with(found) == Some(name));
        let holds = |column: &Column| is_of(&column.ty) && (counts || column.ty.array);
        let tables = &old.model.tables;
        if tables.values().any(|table| table.columns.iter().any(holds)) {
            return true;
        }
        let rows = tables.iter().filter(|(_, table)| table.columns.iter().any(|column| is_of(&column.ty)));
        around.extend(rows.map(|(table, _)| (table, true)));
        around.extend(old.model.types.iter().filter_map(|(other, ty)| match &ty.kind {
            TypeKind::Domain(domain) => is_of(&domain.base).then_some((other, counts || domain.base.array)),
            TypeKind::Composite(list) => list.iter().any(|it| is_of(&it.ty)).then_some((other, true)),
            TypeKind::Range(said) => {
                said.get("subtype").is_some_and(|of| *of == name.to_string()).then_some((other, true))
            }
            TypeKind::Enum(_) => None,
        }));
    }
    false
}

/// What becomes of a user of the type `name` when that is made again: columns move over, all else is made again too.
pub(super) fn follows(name: &Name, user: &Item, old: &Catalog<'_>, new: &Catalog<'_>) -> Option<Fate> {
    let holds = |ty: &DataType| ty.user_type().and_then(|ty| old.made_with(ty)) == Some(name);
    match (object::find(old.model, &user.id)?, object::find(new.model, &user.id)?, user.part) {
        (Object::Column(before), Object::Column(after), Part::Whole) if holds(&before.ty) => {
            let (old, new) = (Some(before.ty.to_string()), Some(after.ty.to_string()));
            Some(Fate::Alter(vec![Fact { name: "type".into(), old, new }]))
        }
        _ => Some(Fate::Rebuild),
    }
}

/// Whether a column of the type `name`, which goes, is to hold the rows of a table or view of that name. Nothing makes
/// them of its values.
pub(super) fn becomes_rows(name: &Name, user: &Item, new: &Catalog<'_>) -> bool {
    let is_row = new.model.tables.contains_key(name) || new.model.views.contains_key(name);
    let column = object::find(new.model, &user.id);
    let holds = |column: &Object<'_>| matches!(column, Object::Column(column) if column.ty.user_type() == Some(name));
    is_row && user.part == Part::Whole && column.is_some_and(|column| holds(&column))
}

/// The name under which a type waits until its users have moved over to the new one.
fn parked(name: &Name) -> Name {
    name.sibling(clip(name.name.as_str(), MAX_IDENTIFIER_BYTES - 5).to_owned() + "__old")
}

/// The arguments of the functions that make values of a range type over `bound`, and of those that make its multirange.
/// They have the types' names, and do not follow them. Source: `makeRangeConstructors` and `makeMultirangeConstructors`
/// in `src/backend/commands/typecmds.c`.
pub(super) fn constructors(bound: &str, range: &Name) -> (Vec<String>, Vec<String>) {
    let one = vec![format!("{bound}, {bound}"), format!("{bound}, {bound}, text")];
    let range = type_name(range);
    let many = vec![String::new(), range.clone(), format!("VARIADIC {range}[]")];
    (one, many)
}

/// The range types over a type: their functions are found by its name, so they step aside before it does.
pub(super) fn ranges_over(id: &ObjectId, old: &Catalog<'_>) -> Vec<Item> {
    let ObjectId::Type(name) = id else { return Vec::new() };
    let is_over = |ty: &UserType| match &ty.kind {
        TypeKind::Range(said) => said.get("subtype").is_some_and(|of| *of == name.to_string()),
        _ => false,
    };
    let ranges = old.model.types.iter().filter(|(_, ty)| is_over(ty));
    ranges.map(|(range, _)| Item::whole(ObjectId::Type(range.clone()))).collect()
}

/// What else steps aside with a range type: its multirange, and the functions that make values of both. They go with it.
fn range_aside(name: &Name, ty: &UserType) -> Option<Vec<String>> {
    let multirange = ty.multirange(name)?;
    let TypeKind::Range(parameters) = &ty.kind else { return None };
    let (bound, old) = (parameters.get("subtype")?, parked(name));
    let (one, many) = (&old.name, &parked(&multirange).name);
    let mut renames = vec![format!("ALTER TYPE {} RENAME TO {many}", type_name(&multirange))];
    let (of_one, of_many) = constructors(bound, &old);
    renames.extend(of_one.iter().map(|arguments| format!("ALTER FUNCTION {name}({arguments}) RENAME TO {one}")));
    renames
        .extend(of_many.iter().map(|arguments| format!("ALTER FUNCTION {multirange}({arguments}) RENAME TO {many}")));
    Some(renames)
}

/// The statements that carry out `verb`.
pub(super) fn drafts(
    context: &Context<'_>,
    name: &Name,
    part: Part,
    verb: Verb,
    facts: &[Fact],
    parts: &BTreeSet<&Item>,
) -> Vec<Draft> {
    let (old, new) = (context.old.model.types.get(name), context.new.model.types.get(name));
    let id = ObjectId::Type(name.clone());
    let swaps = context.fates.get(&Item::whole(id.clone())) == Some(&Fate::Swap);
    let word = |model: &Model| target(model, &id).split(' ').next().unwrap_or("TYPE").to_owned();
    match (part, verb, old, new) {
        (Part::Default | Part::Checks, Verb::Drop, ..) if swaps && !loses(context, &id, part) => Vec::new(),
        (Part::Default, ..) => vec![default(name, new.filter(|_| verb != Verb::Drop))],
        (Part::Checks, ..) => {
            let (old, new) = (old.filter(|_| verb != Verb::Create), new.filter(|_| verb != Verb::Drop));
            alter_checks(name, &checks(old), &checks(new), facts)
        }
        (Part::Whole, Verb::Create, _, Some(ty)) => {
            let own = |part| parts.contains(&Item::part(&id, part));
            create(name, ty, own(Part::Default), own(Part::Checks), inherits_default(ty, context.new.model))
        }
        (Part::Whole, Verb::Drop, ..) if swaps => {
            let rename =
                format!("ALTER {} {} RENAME TO {}", word(context.old.model), type_name(name), parked(name).name);
            [rename]
                .into_iter()
                .chain(old.and_then(|old| range_aside(name, old)).unwrap_or_default())
                .map(Draft::new)
                .collect()
        }
        (Part::Parked, Verb::Drop, ..) => {
            vec![Draft::new(format!("DROP {} {}", word(context.old.model), parked(name)))]
        }
        (Part::Whole, Verb::Drop, ..) => vec![
            Draft::new(format!("DROP {}", target(context.old.model, &id)))
                .hazard(HazardKind::BreakCode, format!("code that uses the type {name} fails")),
        ],
        (Part::Whole, Verb::Alter, Some(old), Some(new)) => alter(name, old, new),
        _ => Vec::new(),
    }
}

/// Whether something goes that the default or the checks of a domain use, which steps aside with them.
fn loses(context: &Context<'_>, id: &ObjectId, part: Part) -> bool {
    let goes = |used: &Item| matches!(context.fates.get(used), Some(Fate::Drop | Fate::Rebuild | Fate::Swap));
    context.old.uses(&Item::part(id, part)).needs.iter().any(|used| used.id != *id && goes(used))
}

fn alter(name: &Name, old: &UserType, new: &UserType) -> Vec<Draft> {
    let name = &type_name(name);
    match (&old.kind, &new.kind) {
        (TypeKind::Enum(old), TypeKind::Enum(new)) => {
            let steps = enums::steps(old, new).unwrap_or_default();
            let draft = |step: &enums::Step| Draft {
                unusable: Some(literal(&step.label)),
                ..Draft::new(format!("ALTER TYPE {name} ADD VALUE {}{}", literal(&step.label), step.place))
            };
            steps.iter().map(draft).collect()
        }
        (TypeKind::Domain(old), TypeKind::Domain(new)) if old.not_null == new.not_null => Vec::new(),
        (TypeKind::Domain(_), TypeKind::Domain(new)) => vec![not_null(name, new.not_null)],
        (TypeKind::Composite(old), TypeKind::Composite(new)) => {
            let steps = composite_steps(old, new).unwrap_or_default();
            steps.into_iter().map(|step| Draft::new(format!("ALTER TYPE {name} {step}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// The steps from one list of attributes to another; `None` when they stand in another order or differ in kind.
fn composite_steps(old: &[Attribute], new: &[Attribute]) -> Option<Vec<String>> {
    let kept: Vec<&Attribute> = old.iter().filter(|a| new.iter().any(|b| b.name == a.name)).collect();
    if kept.iter().zip(new).any(|(a, b)| a.name != b.name) {
        return None;
    }
    let dropped = old.iter().filter(|a| new.iter().all(|b| b.name != a.name));
    let mut steps: Vec<String> = dropped.map(|a| format!("DROP ATTRIBUTE {}", a.name)).collect();
    for (before, after) in kept.iter().zip(new) {
        if before.ty != after.ty || before.collation != after.collation {
            steps.push(format!("ALTER ATTRIBUTE {} TYPE {}", after.name, attribute_type(after)));
        }
    }
    steps.extend(new.iter().skip(kept.len()).map(|added| format!("ADD ATTRIBUTE {}", attribute(added))));
    Some(steps)
}

fn not_null(name: &str, set: bool) -> Draft {
    if !set {
        return Draft::new(format!("ALTER DOMAIN {name} DROP NOT NULL"));
    }
    let message = format!("fails if a column of the domain {name} holds a null");
    Draft::new(format!("ALTER DOMAIN {name} SET NOT NULL")).hazard(HazardKind::MayFail, message)
}

/// Sets the default of the domain, or drops it.
fn default(name: &Name, ty: Option<&UserType>) -> Draft {
    let default = match ty.map(|ty| &ty.kind) {
        Some(TypeKind::Domain(domain)) => domain.default.as_ref(),
        _ => None,
    };
    let change = default.map_or("DROP DEFAULT".to_owned(), |sql| format!("SET DEFAULT {sql}"));
    Draft::new(format!("ALTER DOMAIN {} {change}", type_name(name)))
}

fn checks(ty: Option<&UserType>) -> BTreeMap<&Ident, &DomainCheck> {
    match ty.map(|ty| &ty.kind) {
        Some(TypeKind::Domain(domain)) => domain.checks.iter().collect(),
        _ => BTreeMap::new(),
    }
}

/// The statements that lead from one list of checks to another; `facts` tell those that changed.
fn alter_checks(
    name: &Name,
    old: &BTreeMap<&Ident, &DomainCheck>,
    new: &BTreeMap<&Ident, &DomainCheck>,
    facts: &[Fact],
) -> Vec<Draft> {
    let domain = type_name(name);
    let statement = |words: String| Draft::new(format!("ALTER DOMAIN {domain} {words}"));
    let replaced = |check: &Ident| changed(facts, &format!("check {check}"));
    let mut drafts = Vec::new();
    for (check, before) in old {
        let after = new.get(check);
        if after.is_none() || replaced(check) {
            drafts.push(statement(format!("DROP CONSTRAINT {check}")));
        } else if before.not_valid && after.is_some_and(|after| !after.not_valid) {
            drafts.push(statement(format!("VALIDATE CONSTRAINT {check}")));
        }
    }
    for (check, after) in new {
        if !old.contains_key(check) || replaced(check) {
            let valid = if after.not_valid { " NOT VALID" } else { "" };
            let draft = statement(format!("ADD CONSTRAINT {check} CHECK {}{valid}", parenthesized(&after.expression)));
            let message = format!("fails if a column of the domain {name} holds a value that breaks {check}");
            drafts.push(if after.not_valid { draft } else { draft.hazard(HazardKind::MayFail, message) });
        }
    }
    drafts
}

fn create(name: &Name, ty: &UserType, default: bool, checks: bool, inherits: bool) -> Vec<Draft> {
    match &ty.kind {
        TypeKind::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| literal(&value.label)).collect();
            vec![Draft::new(format!("CREATE TYPE {name} AS ENUM ({})", values.join(", ")))]
        }
        TypeKind::Domain(domain) => domain_statements(name, domain, default, checks, inherits),
        TypeKind::Composite(attributes) => {
            let attributes: Vec<String> = attributes.iter().map(|found| format!("  {}", attribute(found))).collect();
            vec![Draft::new(format!("CREATE TYPE {name} AS (\n{}\n)", attributes.join(",\n")))]
        }
        TypeKind::Range(parameters) => {
            let parameters: Vec<String> =
                parameters.iter().map(|(key, value)| format!("{} = {value}", key.to_uppercase())).collect();
            vec![Draft::new(format!("CREATE TYPE {name} AS RANGE ({})", parameters.join(", ")))]
        }
    }
}

fn attribute(attribute: &Attribute) -> String {
    format!("{} {}", attribute.name, attribute_type(attribute))
}

fn attribute_type(attribute: &Attribute) -> String {
    let collation = attribute.collation.as_ref().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
    format!("{}{collation}", attribute.ty.to_sql())
}

/// Whether the domain would have the default of the domain that it is over unless it said otherwise.
fn inherits_default(ty: &UserType, model: &Model) -> bool {
    let TypeKind::Domain(domain) = &ty.kind else { return false };
    let below = domain.base.user_type().filter(|_| !domain.base.array).and_then(|name| model.types.get(name));
    below.is_some_and(|below| matches!(&below.kind, TypeKind::Domain(below) if below.default.is_some()))
}

/// CREATE DOMAIN, with its default and its checks where they are made together with it.
fn domain_statements(name: &Name, domain: &Domain, default: bool, checks: bool, inherits: bool) -> Vec<Draft> {
    let name = type_name(name);
    let mut sql = format!("CREATE DOMAIN {name} AS {}", domain.base.to_sql());
    if let Some(collation) = &domain.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = domain.default.as_ref().filter(|_| default) {
        sql.push_str(&format!(" DEFAULT {default}"));
    } else if inherits {
        sql.push_str(" DEFAULT NULL");
    }
    if domain.not_null {
        sql.push_str(" NOT NULL");
    }
    let mut later = Vec::new();
    for (check, found) in domain.checks.iter().filter(|_| checks) {
        let text = format!("CONSTRAINT {check} CHECK {}", parenthesized(&found.expression));
        if found.not_valid {
            later.push(Draft::new(format!("ALTER DOMAIN {name} ADD {text} NOT VALID")));
        } else {
            sql.push_str(&format!("\n  {text}"));
        }
    }
    let mut drafts = vec![Draft::new(sql)];
    drafts.extend(later);
    drafts
}
