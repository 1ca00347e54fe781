//! Renames: the statements that run before all others.

use super::Context;
use super::statement::{HazardKind, LockMode, Statement};
use super::text::literal;
use crate::diff::rename::Rename;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::types::TypeKind;

/// The statements, in the order in which diff found that they can run.
pub(super) fn statements(context: &Context<'_>) -> Vec<Statement> {
    context.diff.renames.iter().filter_map(|rename| statement(context, rename)).collect()
}

fn statement(context: &Context<'_>, Rename { from, to }: &Rename) -> Option<Statement> {
    let table = |name: &Name| Some(super::Lock { table: name.clone(), mode: LockMode::AccessExclusive });
    let (sql, lock) = match (from, to) {
        (ObjectId::Type(old), ObjectId::Type(new)) => {
            let domain = matches!(context.new.model.types.get(new)?.kind, TypeKind::Domain(_));
            let kind = if domain { "DOMAIN" } else { "TYPE" };
            (format!("ALTER {kind} {old} RENAME TO {}", new.name), None)
        }
        (ObjectId::Column(_, old), ObjectId::Column(ty, new)) if context.new.model.types.contains_key(ty) => {
            (format!("ALTER TYPE {ty} RENAME VALUE {} TO {}", literal(old.as_str()), literal(new.as_str())), None)
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
    Some(Statement {
        sql,
        object: to.clone(),
        reason: format!("rename {from} to {to}"),
        hazards,
        lock,
        transactional: true,
        group: 0,
        layout: None,
    })
}
