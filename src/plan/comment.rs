//! Comments, on whatever they are.

use super::Context;
use super::action::{Draft, Verb};
use super::text::literal;
use crate::diff::object::{self, Object};
use crate::model::Model;
use crate::model::datatype::type_name;
use crate::model::id::ObjectId;
use crate::model::routine::RoutineKind;
use crate::model::types::TypeKind;

/// The statements that carry out `verb` on the comments of `id`.
pub(super) fn drafts(context: &Context<'_>, id: &ObjectId, verb: Verb) -> Vec<Draft> {
    let old = if verb == Verb::Create { Vec::new() } else { comments(context.old.model, id) };
    let new = if verb == Verb::Drop { Vec::new() } else { comments(context.new.model, id) };
    let gone = old.iter().filter(|(on, _)| new.iter().all(|(other, _)| other != on)).map(|(on, _)| (on, none(id)));
    let set = new.iter().filter(|pair| !old.contains(pair)).map(|(on, text)| (on, literal(text)));
    gone.chain(set).map(|(on, text)| Draft::new(format!("COMMENT ON {on} IS {text}"))).collect()
}

/// What is said where nothing is to be said; the schema `public` has a comment that every database begins with.
fn none(id: &ObjectId) -> String {
    let public = matches!(id, ObjectId::Schema(name) if name.as_str() == "public");
    if public { literal("standard public schema") } else { "NULL".to_owned() }
}

/// The comments of an object, and on what they stand.
fn comments(model: &Model, id: &ObjectId) -> Vec<(String, String)> {
    let Some(object) = object::find(model, id) else { return Vec::new() };
    let mut found = Vec::new();
    let own = match object {
        Object::Schema(schema) => &schema.comment,
        Object::Extension(extension) => &extension.comment,
        Object::Type(ty) => &ty.comment,
        Object::Sequence(sequence) => &sequence.comment,
        Object::Table(table) => &table.comment,
        Object::Column(column) => &column.comment,
        Object::Constraint(constraint) => &constraint.comment,
        Object::Index(index) => &index.comment,
        Object::Trigger(trigger) => &trigger.comment,
        Object::Policy(policy) => &policy.comment,
        Object::View(view) => &view.comment,
        Object::Routine(routine) => &routine.comment,
        Object::Other(other) => &other.comment,
    };
    if let Some(text) = own {
        found.push((target(model, id), text.clone()));
    }
    match (id, object) {
        (ObjectId::View(name), Object::View(view)) => {
            let columns = view.column_comments.iter();
            found.extend(columns.map(|(column, text)| (format!("COLUMN {name}.{column}"), text.clone())));
        }
        (ObjectId::Type(name), Object::Type(ty)) => {
            if let TypeKind::Composite(attributes) = &ty.kind {
                let commented = attributes.iter().filter_map(|a| Some((&a.name, a.comment.as_ref()?)));
                found.extend(commented.map(|(column, text)| (format!("COLUMN {name}.{column}"), text.clone())));
            }
            if let TypeKind::Domain(domain) = &ty.kind {
                let commented =
                    domain.checks.iter().filter_map(|(check, found)| Some((check, found.comment.as_ref()?)));
                let on = |check| format!("CONSTRAINT {check} ON DOMAIN {}", type_name(name));
                found.extend(commented.map(|(check, text)| (on(check), text.clone())));
            }
        }
        _ => {}
    }
    found
}

/// How COMMENT, GRANT's kin and DROP name the object.
pub(super) fn target(model: &Model, id: &ObjectId) -> String {
    match id {
        ObjectId::Schema(name) => format!("SCHEMA {name}"),
        ObjectId::Extension(name) => format!("EXTENSION {name}"),
        ObjectId::Type(name) => {
            let domain = model.types.get(name).is_some_and(|ty| matches!(ty.kind, TypeKind::Domain(_)));
            format!("{} {}", if domain { "DOMAIN" } else { "TYPE" }, type_name(name))
        }
        ObjectId::Sequence(name) => format!("SEQUENCE {name}"),
        ObjectId::Table(name) => format!("TABLE {name}"),
        ObjectId::Column(table, name) => format!("COLUMN {table}.{name}"),
        ObjectId::Constraint(table, name) => format!("CONSTRAINT {name} ON {table}"),
        ObjectId::Index(table, name) => format!("INDEX {}", table.sibling(name.as_str())),
        ObjectId::Trigger(table, name) => format!("TRIGGER {name} ON {table}"),
        ObjectId::Policy(table, name) => format!("POLICY {name} ON {table}"),
        ObjectId::View(name) => {
            let materialized = model.views.get(name).is_some_and(|view| view.materialized);
            format!("{} {name}", if materialized { "MATERIALIZED VIEW" } else { "VIEW" })
        }
        ObjectId::Routine(signature) => {
            let procedure = model.routines.get(signature).is_some_and(|routine| routine.kind == RoutineKind::Procedure);
            format!("{} {signature}", if procedure { "PROCEDURE" } else { "FUNCTION" })
        }
        ObjectId::Other(other) => format!("{} {}", other.kind, other.name),
    }
}
