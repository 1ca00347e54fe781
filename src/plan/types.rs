//! Types that a schema defines: enums, domains, composite and range types.

use std::collections::BTreeSet;

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
use crate::model::datatype::DataType;
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
            // PostgreSQL looks at the values in columns, and not into arrays, rows and ranges.
            facts.iter().any(|fact| matches!(fact.name.as_ref(), "base type" | "collation"))
                || tightens(before, after, facts) && is_stored(name, catalog, false)
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

/// Whether values that were of the domain may be none after these changes.
fn tightens(old: &Domain, new: &Domain, facts: &[Fact]) -> bool {
    let stricter = |(name, check): (&Ident, &DomainCheck)| {
        let before = old.checks.get(name).filter(|_| !changed(facts, &format!("check {name}")));
        !check.not_valid && before.is_none_or(|before| before.not_valid)
    };
    !old.not_null && new.not_null || new.checks.iter().any(stricter)
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

/// The name under which a type waits until its users have moved over to the new one.
fn parked(name: &Name) -> Name {
    name.sibling(clip(name.name.as_str(), MAX_IDENTIFIER_BYTES - 5).to_owned() + "__old")
}

/// The arguments of the functions that make values of a range type over `bound`, and of those that make its multirange.
/// They have the types' names, and do not follow them. Source: `makeRangeConstructors` and `makeMultirangeConstructors`
/// in `src/backend/commands/typecmds.c`.
pub(super) fn constructors(bound: &str, range: &Name) -> (Vec<String>, Vec<String>) {
    let one = vec![format!("{bound}, {bound}"), format!("{bound}, {bound}, text")];
    let many = vec![String::new(), range.to_string(), format!("VARIADIC {range}[]")];
    (one, many)
}

/// What else steps aside with a range type: its multirange, and the functions that make values of both. They go with it.
fn range_aside(name: &Name, ty: &UserType) -> Option<Vec<String>> {
    let multirange = ty.multirange(name)?;
    let TypeKind::Range(parameters) = &ty.kind else { return None };
    let (bound, old) = (parameters.get("subtype")?, parked(name));
    let (one, many) = (&old.name, &parked(&multirange).name);
    let mut renames = vec![format!("ALTER TYPE {multirange} RENAME TO {many}")];
    let (of_one, of_many) = constructors(bound, &old);
    renames.extend(of_one.iter().map(|arguments| format!("ALTER FUNCTION {name}({arguments}) RENAME TO {one}")));
    renames
        .extend(of_many.iter().map(|arguments| format!("ALTER FUNCTION {multirange}({arguments}) RENAME TO {many}")));
    Some(renames)
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Name, part: Part, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let (old, new) = (context.old.model.types.get(name), context.new.model.types.get(name));
    let id = ObjectId::Type(name.clone());
    let swaps = context.fates.get(&Item::whole(id.clone())) == Some(&Fate::Swap);
    let word = |model: &Model| target(model, &id).split(' ').next().unwrap_or("TYPE").to_owned();
    match (part, verb, old, new) {
        (Part::Whole, Verb::Create, _, Some(ty)) => create(name, ty),
        (Part::Whole, Verb::Drop, ..) if swaps => {
            let rename = format!("ALTER {} {name} RENAME TO {}", word(context.old.model), parked(name).name);
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
        (Part::Whole, Verb::Alter, Some(old), Some(new)) => alter(name, old, new, facts),
        _ => Vec::new(),
    }
}

fn alter(name: &Name, old: &UserType, new: &UserType, facts: &[Fact]) -> Vec<Draft> {
    match (&old.kind, &new.kind) {
        (TypeKind::Enum(old), TypeKind::Enum(new)) => {
            let steps = enums::steps(old, new).unwrap_or_default();
            let draft = |step: &enums::Step| Draft {
                unusable: Some(literal(&step.label)),
                ..Draft::new(format!("ALTER TYPE {name} ADD VALUE {}{}", literal(&step.label), step.place))
            };
            steps.iter().map(draft).collect()
        }
        (TypeKind::Domain(old), TypeKind::Domain(new)) => alter_domain(name, old, new, facts),
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

fn alter_domain(name: &Name, old: &Domain, new: &Domain, facts: &[Fact]) -> Vec<Draft> {
    let statement = |words: String| Draft::new(format!("ALTER DOMAIN {name} {words}"));
    let changed = |name: &str| changed(facts, name);
    let mut drafts = Vec::new();
    if changed("default") {
        let default = new.default.as_ref().map_or("DROP DEFAULT".to_owned(), |sql| format!("SET DEFAULT {sql}"));
        drafts.push(statement(default));
    }
    if old.not_null != new.not_null {
        let draft = statement(if new.not_null { "SET NOT NULL" } else { "DROP NOT NULL" }.to_owned());
        let message = format!("fails if a column of the domain {name} holds a null");
        drafts.push(if new.not_null { draft.hazard(HazardKind::MayFail, message) } else { draft });
    }
    for (check, before) in &old.checks {
        let after = new.checks.get(check);
        let replaced = changed(&format!("check {check}"));
        if after.is_none() || replaced {
            drafts.push(statement(format!("DROP CONSTRAINT {check}")));
        } else if before.not_valid && after.is_some_and(|after| !after.not_valid) {
            drafts.push(statement(format!("VALIDATE CONSTRAINT {check}")));
        }
    }
    for (check, after) in &new.checks {
        if !old.checks.contains_key(check) || changed(&format!("check {check}")) {
            let valid = if after.not_valid { " NOT VALID" } else { "" };
            let draft = statement(format!("ADD CONSTRAINT {check} CHECK {}{valid}", parenthesized(&after.expression)));
            let message = format!("fails if a column of the domain {name} holds a value that breaks {check}");
            drafts.push(if after.not_valid { draft } else { draft.hazard(HazardKind::MayFail, message) });
        }
    }
    drafts
}

fn create(name: &Name, ty: &UserType) -> Vec<Draft> {
    match &ty.kind {
        TypeKind::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| literal(&value.label)).collect();
            vec![Draft::new(format!("CREATE TYPE {name} AS ENUM ({})", values.join(", ")))]
        }
        TypeKind::Domain(domain) => domain_statements(name, domain),
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

fn domain_statements(name: &Name, domain: &Domain) -> Vec<Draft> {
    let mut sql = format!("CREATE DOMAIN {name} AS {}", domain.base.to_sql());
    if let Some(collation) = &domain.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = &domain.default {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if domain.not_null {
        sql.push_str(" NOT NULL");
    }
    let mut later = Vec::new();
    for (check, found) in &domain.checks {
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
