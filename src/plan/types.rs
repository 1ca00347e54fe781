//! Types that a schema defines: enums, domains, composite and range types.

use super::Context;
use super::action::{Draft, Verb};
use super::comment::target;
use super::statement::HazardKind;
use super::text::{literal, parenthesized};
use crate::diff::Fact;
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::types::{Attribute, Domain, TypeKind, UserType};

/// Whether a type must be made anew.
pub(super) fn rebuilds(name: &Name, facts: &[Fact], old: &Model, new: &Model) -> bool {
    let _ = (name, facts, old, new);
    false
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Name, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let _ = facts;
    match (verb, context.new.model.types.get(name)) {
        (Verb::Create, Some(ty)) => create(name, ty),
        (Verb::Drop, _) => vec![
            Draft::new(format!("DROP {}", target(context.old.model, &ObjectId::Type(name.clone()))))
                .hazard(HazardKind::BreakCode, format!("code that uses the type {name} fails")),
        ],
        _ => Vec::new(),
    }
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
    let collation = attribute.collation.as_ref().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
    format!("{} {}{collation}", attribute.name, attribute.ty.to_sql())
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
