//! Renames: the statements that run before all others.

use std::collections::BTreeSet;

use super::Context;
use super::statement::{HazardKind, LockMode, Statement};
use super::text::literal;
use super::{inheritance, types};
use crate::diff::object;
use crate::diff::rename::Rename;
use crate::model::datatype::type_name;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::types::TypeKind;

/// The statements, in the order in which diff found that they can run.
pub(super) fn statements(context: &Context<'_>) -> Vec<Statement> {
    let each = |rename| moved(context, rename).into_iter().chain(constructors(context, rename));
    let schemas = schemas(context).into_iter().map(|schema| {
        let id = ObjectId::Schema(schema.clone());
        Statement { reason: format!("add {id}"), ..plain(format!("CREATE SCHEMA {schema}"), &id, &id) }
    });
    let is_column = |rename: &Rename| matches!(rename.to, ObjectId::Column(..));
    let columns = context.diff.renames.iter().position(is_column).unwrap_or(0);
    let (before, from) = context.diff.renames.split_at(columns);
    let after = from.iter().take_while(|rename| is_column(rename)).count();
    let (leave, join) = torn(context);
    let named = before.iter().flat_map(each).chain(leave).chain(from[..after].iter().flat_map(each)).chain(join);
    schemas.chain(named).chain(from[after..].iter().flat_map(each)).collect()
}

/// A column that a table has from several parents gets no other name while one of them has it under the old one.
fn torn(context: &Context<'_>) -> (Vec<Statement>, Vec<Statement>) {
    let named: BTreeSet<&ObjectId> = context.diff.renames.iter().map(|rename| &rename.to).collect();
    if !named.iter().any(|id| matches!(id, ObjectId::Column(..))) {
        return (Vec::new(), Vec::new());
    }
    let is_named = |table: &Name, column: &Ident| named.contains(&ObjectId::Column(table.clone(), column.clone()));
    let (mut leave, mut join) = (Vec::new(), Vec::new());
    for (name, table) in &context.old.model.tables {
        let Some(kept) = inheritance::torn(context.old.model, name, &is_named) else { continue };
        let id = ObjectId::Table(name.clone());
        let place = |words: &str, parent: &Name| Statement {
            reason: format!("rename what {id} has from several parents"),
            lock: Some(super::Lock { table: name.clone(), mode: LockMode::AccessExclusive }),
            ..plain(format!("ALTER TABLE {name} {words} {parent}"), &id, &id)
        };
        leave.extend(table.inherits[kept..].iter().map(|parent| place("NO INHERIT", parent)));
        join.extend(table.inherits[kept..].iter().map(|parent| place("INHERIT", parent)));
    }
    (leave, join)
}

/// The new schemas into which something moves.
pub(super) fn schemas<'c>(context: &'c Context<'_>) -> BTreeSet<&'c Ident> {
    let into = context.diff.renames.iter().filter_map(|rename| {
        let (old, new) = places(rename)?;
        new.schema.as_ref().filter(|schema| old.schema.as_ref() != Some(*schema))
    });
    into.filter(|schema| !context.old.model.schemas.contains_key(*schema)).collect()
}

/// The names of what is in a schema by itself.
fn places(Rename { from, to }: &Rename) -> Option<(&Name, &Name)> {
    match (from, to) {
        (ObjectId::Table(old), ObjectId::Table(new))
        | (ObjectId::View(old), ObjectId::View(new))
        | (ObjectId::Sequence(old), ObjectId::Sequence(new))
        | (ObjectId::Type(old), ObjectId::Type(new)) => Some((old, new)),
        _ => None,
    }
}

/// The statement of a rename, behind that which moves the object into its new schema.
fn moved(context: &Context<'_>, rename: &Rename) -> Vec<Statement> {
    let Some((old, new)) = places(rename).filter(|(old, new)| old.schema != new.schema) else {
        return statement(context, rename).into_iter().collect();
    };
    let beside = Name { schema: new.schema.clone(), name: old.name.clone() };
    let with = |from: &ObjectId, name: &Name| match from {
        ObjectId::View(_) => ObjectId::View(name.clone()),
        ObjectId::Sequence(_) => ObjectId::Sequence(name.clone()),
        ObjectId::Type(_) => ObjectId::Type(name.clone()),
        _ => ObjectId::Table(name.clone()),
    };
    // It gets its name first where the other one is taken.
    let is_taken = is_taken(context, &beside, new);
    let between = if is_taken { Name { schema: old.schema.clone(), name: new.name.clone() } } else { beside };
    let step = |from: &Name| statement(context, &Rename { from: with(&rename.from, from), to: rename.to.clone() });
    // The same statement as for a rename, up to what it does.
    let move_from = |from: &Name| {
        let mut moves = step(from)?;
        let end = moves.sql.rfind(" RENAME TO ").unwrap_or(moves.sql.len());
        moves.sql = format!("{} SET SCHEMA {}", &moves.sql[..end], schema_of(new));
        Some(moves)
    };
    let steps = match is_taken {
        true => [step(old), move_from(&between)],
        false => [move_from(old), (between != *new).then(|| step(&between)).flatten()],
    };
    steps.into_iter().flatten().collect()
}

/// Whether the schema has, or had, something else called `beside`, which is what an object that becomes `new` would be called
/// if it moved before it gets its new name.
fn is_taken(context: &Context<'_>, beside: &Name, new: &Name) -> bool {
    let model = context.old.model;
    let was = |rename: &Rename| places(rename).is_some_and(|(old, _)| old == beside);
    beside != new
        && (model.tables.contains_key(beside)
            || model.views.contains_key(beside)
            || model.sequences.contains_key(beside)
            || context.old.made_with(beside).is_some()
            || context.diff.renames.iter().any(was))
}

/// The functions that make values of a range type or of its multirange get its new name too.
fn constructors(context: &Context<'_>, Rename { from, to }: &Rename) -> Vec<Statement> {
    let (ObjectId::Type(old), ObjectId::Type(new)) = (from, to) else { return Vec::new() };
    let Some(range) = context.new.made_with(new) else { return Vec::new() };
    let TypeKind::Range(parameters) = &context.new.model.types[range].kind else { return Vec::new() };
    let (of_one, of_many) = types::constructors(parameters.get("subtype").map_or("", String::as_str), range);
    let beside = Name { schema: new.schema.clone(), name: old.name.clone() };
    let arguments = if range == new { of_one } else { of_many };
    let is_taken = is_taken(context, &beside, new);
    let between = if is_taken { Name { schema: old.schema.clone(), name: new.name.clone() } } else { beside };
    let statements = arguments.into_iter().flat_map(|arguments| {
        let moves = |from: &Name| format!("ALTER FUNCTION {from}({arguments}) SET SCHEMA {}", schema_of(new));
        let named = |from: &Name| format!("ALTER FUNCTION {from}({arguments}) RENAME TO {}", new.name);
        match (old.schema != new.schema, old.name != new.name) {
            (true, true) if is_taken => vec![named(old), moves(&between)],
            (true, true) => vec![moves(old), named(&between)],
            (true, false) => vec![moves(old)],
            (false, _) => vec![named(old)],
        }
    });
    statements.map(|sql| plain(sql, from, to)).collect()
}

/// The schema that a name is in, as SQL.
fn schema_of(name: &Name) -> String {
    name.schema.as_ref().map_or_else(|| "public".to_owned(), Ident::to_string)
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
