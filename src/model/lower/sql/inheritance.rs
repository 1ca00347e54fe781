//! INHERITS: a child has its parents' columns, marked as inherited, and their checks without listing them.

use std::collections::BTreeMap;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::session::Session;
use crate::diagnostic::Diagnostic;
use crate::model::Hints;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Table};

/// Makes `child` inherit from `parent`, whose columns it gets.
pub fn inherit(session: &mut Session, child: &Name, parent: &ast::TableNameRef) {
    let parent_name = session.relation_name(parent.syntax());
    if is_circular(session, child, &parent_name, parent.syntax()) {
        return;
    }
    let columns = match session.table(&parent_name, parent.syntax()) {
        Some(table) => table.columns.clone(),
        None => Vec::new(),
    };
    for column in columns {
        give(session, child, inherited(&column));
    }
    link(session, child, parent_name);
}

/// Makes a child of `parent` of a table that has its columns already.
pub fn attach(session: &mut Session, child: &Name, parent: &ast::TableNameRef) {
    let parent_name = session.relation_name(parent.syntax());
    let known = session.table(&parent_name, parent.syntax()).is_some();
    if known && !is_circular(session, child, &parent_name, parent.syntax()) {
        link(session, child, parent_name);
    }
}

/// Whether the table cannot have `parent` above it, since it stands above that itself, which is reported.
pub fn is_circular(session: &mut Session, child: &Name, parent: &Name, node: &SyntaxNode) -> bool {
    let circular = session.catalog.family(child).contains(parent);
    if circular {
        let message = format!("the table `{child}` cannot have `{parent}` above it: it is itself above that");
        session.diagnostics.push(Diagnostic::error("circular-inheritance", session.span(node), message));
    }
    circular
}

fn link(session: &mut Session, child: &Name, parent: Name) {
    session.catalog.add_child(&parent, child);
    if let Some(table) = session.model.tables.get_mut(child) {
        table.inherits.push(parent);
    }
}

/// Ends that `child` inherits from `parent`: its columns and checks are its own from now on.
pub fn detach(session: &mut Session, child: &Name, parent: &Name) {
    session.catalog.remove_child(parent, child);
    let checks = checks_of(session, parent);
    if let Some(table) = session.model.tables.get_mut(child) {
        for (name, check) in checks {
            table.constraints.entry(name).or_insert(check);
        }
        table.inherits.retain(|name| name != parent);
        if table.inherits.is_empty() {
            table.columns.iter_mut().for_each(|column| column.inherited = false);
        }
    }
}

/// Takes the checks off children and partitions that they have from their parents, however often they say them. A
/// partition whose rows all satisfy a check that is not known to hold for its parent's keeps saying so.
pub fn fold(session: &mut Session) {
    let mut implied: Vec<(Name, Ident)> = Vec::new();
    for (child, table) in &session.model.tables {
        let above = parents(table).into_iter().flat_map(|parent| nearest_checks(session, parent));
        let more =
            |check: &Constraint, own: &Constraint| table.partition_of.is_some() && check.not_valid && !own.not_valid;
        let same = above.filter(|(name, check)| {
            table.constraints.get(name).is_some_and(|own| is_inherited(own) && !more(check, own))
        });
        implied.extend(same.map(|(name, _)| (child.clone(), name)));
    }
    for (child, name) in implied {
        session.model.tables.get_mut(&child).and_then(|table| table.constraints.remove(&name));
    }
}

fn parents(table: &Table) -> Vec<&Name> {
    table.inherits.iter().chain(table.partition_of.iter().map(|of| &of.parent)).collect()
}

/// The checks that children of `parent` have from it, and it from its own parents.
fn checks_of(session: &Session, parent: &Name) -> Vec<(Ident, Constraint)> {
    let mut found: Vec<(Ident, Constraint)> = Vec::new();
    let mut above = vec![parent];
    while let Some(table) = above.pop().and_then(|name| session.model.tables.get(name)) {
        above.extend(parents(table));
        let checks = table.constraints.iter().filter(|(_, it)| is_inherited(it));
        found.extend(checks.map(|(name, check)| (name.clone(), check.clone())));
    }
    found
}

/// The checks that children of `parent` have from it, by name, each as the nearest table says it.
pub fn nearest_checks(session: &Session, parent: &Name) -> BTreeMap<Ident, Constraint> {
    let mut nearest = BTreeMap::new();
    for (name, check) in checks_of(session, parent) {
        nearest.entry(name).or_insert(check);
    }
    nearest
}

/// Whether children have the constraint too.
pub fn is_inherited(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit
}

/// A parent's column as a child gets it: identities, comments and hints stay with the parent.
pub fn inherited(column: &Column) -> Column {
    Column {
        inherited: true,
        identity: None,
        comment: None,
        doc: None,
        statistics: None,
        hints: Hints::default(),
        ..column.clone()
    }
}

/// Gives a column to `child`; one that it has from another parent stays.
pub fn give(session: &mut Session, child: &Name, column: Column) {
    let origin = session.origins.get(&ObjectId::Table(child.clone())).cloned();
    let Some(table) = session.model.tables.get_mut(child) else { return };
    if let Some(known) = table.column_mut(column.name.as_str()) {
        known.not_null |= column.not_null;
        return;
    }
    if let Some(origin) = origin {
        session.origins.insert(ObjectId::Column(child.clone(), column.name.clone()), origin);
    }
    table.columns.push(column);
}
