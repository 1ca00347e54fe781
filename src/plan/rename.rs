//! Renames: the statements that run before all others.

use super::Context;
use super::statement::{HazardKind, LockMode, Statement};
use super::text::literal;
use super::types;
use crate::diff::object;
use crate::diff::rename::Rename;
use crate::model::datatype::type_name;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::types::TypeKind;

/// The statements, in the order in which diff found that they can run.
pub(super) fn statements(context: &Context<'_>) -> Vec<Statement> {
    let each = |rename| statement(context, rename).into_iter().chain(constructors(context, rename));
    context.diff.renames.iter().flat_map(each).collect()
}

/// The functions that make values of a range type or of its multirange get its new name too.
fn constructors(context: &Context<'_>, Rename { from, to }: &Rename) -> Vec<Statement> {
    let (ObjectId::Type(old), ObjectId::Type(new)) = (from, to) else { return Vec::new() };
    let Some(range) = context.new.made_with(new) else { return Vec::new() };
    let TypeKind::Range(parameters) = &context.new.model.types[range].kind else { return Vec::new() };
    let (of_one, of_many) = types::constructors(parameters.get("subtype").map_or("", String::as_str), range);
    let rename = |arguments| format!("ALTER FUNCTION {old}({arguments}) RENAME TO {}", new.name);
    let arguments = if range == new { of_one } else { of_many };
    arguments.into_iter().map(|arguments| plain(rename(arguments), from, to)).collect()
}

/// A statement that waits for no lock of a table and breaks nothing that its type does not.
fn plain(sql: String, from: &ObjectId, to: &ObjectId) -> Statement {
    Statement {
        sql,
        object: to.clone(),
        reason: format!("rename {from} to {to}"),
        hazards: Vec::new(),
        lock: None,
        converts: false,
        transactional: true,
        group: 0,
        layout: None,
    }
}

fn statement(context: &Context<'_>, Rename { from, to }: &Rename) -> Option<Statement> {
    let table = |name: &Name| Some(super::Lock { table: name.clone(), mode: LockMode::AccessExclusive });
    let (sql, lock) = match (from, to) {
        (ObjectId::Index(_, old), ObjectId::Index(name, new))
        | (ObjectId::Constraint(_, old), ObjectId::Constraint(name, new))
            if object::find(context.new.model, to).is_none() =>
        {
            // PostgreSQL gave it its name, and may have chosen a number that no model tells.
            (format!("ALTER INDEX IF EXISTS {} RENAME TO {new}", name.sibling(old.as_str())), None)
        }
        (ObjectId::Type(old), ObjectId::Type(new)) => {
            let ty = context.new.model.types.get(new);
            let domain = ty.is_some_and(|ty| matches!(ty.kind, TypeKind::Domain(_)));
            let kind = if domain { "DOMAIN" } else { "TYPE" };
            (format!("ALTER {kind} {} RENAME TO {}", type_name(old), new.name), None)
        }
        (ObjectId::Column(_, old), ObjectId::Column(ty, new)) if context.new.model.types.contains_key(ty) => {
            let (ty, old, new) = (type_name(ty), literal(old.as_str()), literal(new.as_str()));
            (format!("ALTER TYPE {ty} RENAME VALUE {old} TO {new}"), None)
        }
        (ObjectId::Table(old), ObjectId::Table(new)) => {
            (format!("ALTER TABLE {old} RENAME TO {}", new.name), table(new))
        }
        (ObjectId::View(old), ObjectId::View(new)) => {
            let materialized = context.new.model.views.get(new)?.materialized;
            let kind = if materialized { "MATERIALIZED VIEW" } else { "VIEW" };
            (format!("ALTER {kind} {old} RENAME TO {}", new.name), None)
        }
        (ObjectId::Column(_, old), ObjectId::Column(name, new)) => {
            (format!("ALTER TABLE {name} RENAME COLUMN {old} TO {new}"), table(name))
        }
        (ObjectId::Sequence(old), ObjectId::Sequence(new)) => {
            (format!("ALTER SEQUENCE {old} RENAME TO {}", new.name), None)
        }
        (ObjectId::Constraint(_, old), ObjectId::Constraint(name, new)) => {
            (format!("ALTER TABLE {name} RENAME CONSTRAINT {old} TO {new}"), table(name))
        }
        (ObjectId::Index(_, old), ObjectId::Index(name, new)) => {
            (format!("ALTER INDEX {} RENAME TO {new}", name.sibling(old.as_str())), None)
        }
        (ObjectId::Trigger(_, old), ObjectId::Trigger(name, new)) => {
            (format!("ALTER TRIGGER {old} ON {name} RENAME TO {new}"), table(name))
        }
        (ObjectId::Policy(_, old), ObjectId::Policy(name, new)) => {
            (format!("ALTER POLICY {old} ON {name} RENAME TO {new}"), table(name))
        }
        _ => return None,
    };
    let used = matches!(to, ObjectId::Table(_) | ObjectId::View(_) | ObjectId::Column(..) | ObjectId::Type(_));
    let message = format!("code that says {from} fails; it is called {to} from now on");
    let hazards = used.then_some(super::Hazard { kind: HazardKind::BreakCode, message }).into_iter().collect();
    Some(Statement { hazards, lock, ..plain(sql, from, to) })
}
