//! DROP of everything, and what goes with it.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::session::Session;
use super::tree::{child, ident, ident_of};
use super::{constraints, expr, indexes, partition_indexes, routines, sequences, triggers};
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index};
use crate::model::name::{Ident, Name, Signature};
use crate::model::routine::{Returns, Routine};
use crate::model::table::Identity;

/// How a DROP is said.
struct How {
    if_exists: bool,
    cascade: bool,
}

fn how(node: &SyntaxNode) -> How {
    How {
        if_exists: child::<ast::IfExists>(node).is_some(),
        cascade: matches!(child::<ast::DropBehavior>(node), Some(ast::DropBehavior::Cascade(_))),
    }
}

/// Runs a DROP statement of something that the model knows from inside, when it is one. A flat list.
pub fn run(session: &mut Session, statement: &ast::Stmt) -> bool {
    use ast::Stmt as S;
    let node = statement.syntax();
    let how = how(node);
    match statement {
        S::DropTable(it) => it.table_name_refs().for_each(|it| table(session, it.syntax(), &how)),
        S::DropView(it) => it.view_refs().for_each(|it| view(session, it.syntax(), &how)),
        S::DropMaterializedView(it) => it.view_refs().for_each(|it| view(session, it.syntax(), &how)),
        S::DropSequence(it) => it.sequence_refs().for_each(|it| sequence(session, it.syntax(), &how)),
        S::DropIndex(it) => it.index_refs().for_each(|it| index(session, it.syntax(), &how)),
        S::DropType(it) => it.type_name_refs().for_each(|it| user_type(session, it.syntax(), &how)),
        S::DropDomain(it) => it.domain_refs().for_each(|it| user_type(session, it.syntax(), &how)),
        S::DropFunction(it) => {
            it.function_sig_list().into_iter().for_each(|list| routines(session, list.syntax(), &how));
        }
        S::DropProcedure(it) => {
            it.procedure_sig_list().into_iter().for_each(|list| routines(session, list.syntax(), &how));
        }
        S::DropRoutine(it) => it.routine_sig_list().into_iter().for_each(|list| routines(session, list.syntax(), &how)),
        S::DropTrigger(it) => {
            let target = it.on_relation().and_then(|it| it.relation_name_ref());
            let (Some(name), Some(target)) = (ident_of(it.trigger_ref()), target) else { return true };
            let target = session.relation_name(target.syntax());
            let removed = triggers::of(session, &target).and_then(|triggers| triggers.remove(&name));
            report(session, removed.is_some(), "trigger", &name, node, &how);
        }
        S::DropPolicy(it) => {
            let target = it.on_table().and_then(|it| it.table_name_ref());
            let (Some(name), Some(target)) = (ident_of(it.policy_ref()), target) else { return true };
            let target = session.relation_name(target.syntax());
            let removed = session.model.tables.get_mut(&target).and_then(|table| table.policies.remove(&name));
            report(session, removed.is_some(), "policy", &name, node, &how);
        }
        S::DropSchema(it) => it.schema_refs().for_each(|it| schema(session, it.syntax(), &how)),
        S::DropExtension(it) => it.extension_refs().for_each(|it| {
            let name = ident(it.syntax());
            let removed = session.model.extensions.remove(&name).is_some() || name.as_str() == "plpgsql";
            report(session, removed, "extension", &name, it.syntax(), &how);
        }),
        _ => return false,
    }
    true
}

fn report(session: &mut Session, found: bool, kind: &str, name: impl std::fmt::Display, node: &SyntaxNode, how: &How) {
    if !found && !how.if_exists {
        session.missing(kind, name, node);
    }
}

fn table(session: &mut Session, node: &SyntaxNode, how: &How) {
    let name = session.relation_name(node);
    let known = session.model.tables.contains_key(&name);
    report(session, known, "table", &name, node, how);
    if known {
        let family = session.catalog.family(&name);
        remove_table(session, &name);
        if how.cascade {
            family.iter().for_each(|name| views_over(session, name));
        }
    }
}

/// Removes a table with its partitions, the sequences that it owns, and foreign keys to it.
fn remove_table(session: &mut Session, name: &Name) {
    for table in session.catalog.family(name).into_iter().rev() {
        let Some(found) = session.model.tables.remove(&table) else { continue };
        for (key, constraint) in &found.constraints {
            session.catalog.remove_constraint(&table, key);
            if constraint.has_index() {
                session.catalog.remove(&table.sibling(key.as_str()));
            }
        }
        found.indexes.keys().for_each(|index| session.catalog.remove(&table.sibling(index.as_str())));
        for column in &found.columns {
            forget_column(session, &table, &column.name);
            if let Some(found) = &column.identity {
                identity(session, &table, &column.name, found);
            }
        }
        for parent in found.inherits.iter().chain(found.partition_of.iter().map(|of| &of.parent)) {
            session.catalog.remove_child(parent, &table);
        }
        session.catalog.remove(&table);
        foreign_keys_to(session, &table, None);
        grants_on(session, &ObjectId::Table(table));
    }
}

/// Removes the foreign keys to `table`: those that rely on `key`, or all.
pub fn foreign_keys_to(session: &mut Session, table: &Name, key: Option<&Constraint>) {
    let columns = match key.map(|key| &key.kind) {
        Some(ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) => Some(key.columns.clone()),
        _ => None,
    };
    let relies = |constraint: &Constraint| {
        constraint.foreign_key().is_some_and(|foreign| {
            foreign.table == *table
                && columns.as_ref().is_none_or(|it| foreign.referenced.is_empty() || *it == foreign.referenced)
        })
    };
    let found: Vec<(Name, Ident)> = session
        .model
        .tables
        .iter()
        .flat_map(|(name, it)| it.constraints.iter().map(move |(key, constraint)| (name, key, constraint)))
        .filter(|(_, _, constraint)| relies(constraint))
        .map(|(name, key, _)| (name.clone(), key.clone()))
        .collect();
    for (table, name) in found {
        constraints::remove(session, &table, &name);
    }
}

/// Removes the privileges on an object that is gone.
pub fn grants_on(session: &mut Session, object: &ObjectId) {
    session.model.grants.retain(|key, _| key.object != *object);
}

/// Removes the name of the sequence behind a column's identity, and the privileges on it.
pub fn identity(session: &mut Session, table: &Name, column: &Ident, identity: &Identity) {
    let sequence = sequences::identity_name(session, table, column, identity);
    session.catalog.remove(&sequence);
    grants_on(session, &ObjectId::Sequence(sequence));
}

/// Removes the sequences that a column owns and the privileges on it.
fn forget_column(session: &mut Session, table: &Name, column: &Ident) {
    let owner = (table.clone(), column.clone());
    let owned = session.model.sequences.iter().filter(|(_, it)| it.owned_by.as_ref() == Some(&owner));
    let owned: Vec<Name> = owned.map(|(name, _)| name.clone()).collect();
    for sequence in owned {
        remove_sequence(session, &sequence);
    }
    let object = ObjectId::Table(table.clone());
    session.model.grants.retain(|key, _| key.object != object || key.column.as_ref() != Some(column));
}

/// Removes a column with all that is about it: keys, checks and indexes that use it.
/// Source: ALTER TABLE, "DROP COLUMN".
pub fn column(session: &mut Session, table: &Name, name: &Ident) {
    let column = session.model.tables.get(table).and_then(|it| it.column(name.as_str()));
    if let Some(found) = column.and_then(|column| column.identity.clone()) {
        identity(session, table, name, &found);
    }
    let Some(found) = session.model.tables.get_mut(table) else { return };
    found.columns.retain(|column| column.name != *name);
    let keys: Vec<Ident> =
        found.constraints.iter().filter(|(_, it)| uses(it, name)).map(|(key, _)| key.clone()).collect();
    let gone: Vec<Ident> =
        found.indexes.iter().filter(|(_, it)| index_uses(it, name)).map(|(index, _)| index.clone()).collect();
    for key in keys {
        if let Some(removed) = constraints::remove(session, table, &key).filter(Constraint::has_index) {
            foreign_keys_to(session, table, Some(&removed));
        }
    }
    for index in gone {
        indexes::remove(session, table, &index);
    }
    forget_column(session, table, name);
}

fn uses(constraint: &Constraint, column: &Ident) -> bool {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            key.columns.contains(column) || key.include.contains(column)
        }
        ConstraintKind::ForeignKey(key) => key.columns.contains(column),
        ConstraintKind::Check(condition) => expr::mentions(condition.as_str(), column),
        ConstraintKind::Exclude(exclude) => {
            exclude.include.contains(column)
                || exclude.elements.iter().any(|(element, _)| key_uses(&element.key, column))
                || exclude.predicate.as_ref().is_some_and(|it| expr::mentions(it.as_str(), column))
        }
    }
}

fn index_uses(index: &Index, column: &Ident) -> bool {
    index.include.contains(column)
        || index.elements.iter().any(|element| key_uses(&element.key, column))
        || index.predicate.as_ref().is_some_and(|it| expr::mentions(it.as_str(), column))
}

fn key_uses(key: &ElementKey, column: &Ident) -> bool {
    match key {
        ElementKey::Column(name) => name == column,
        ElementKey::Expression(sql) => expr::mentions(sql.as_str(), column),
    }
}

fn view(session: &mut Session, node: &SyntaxNode, how: &How) {
    let name = session.relation_name(node);
    let known = session.model.views.contains_key(&name);
    report(session, known, "view", &name, node, how);
    if known {
        remove_view(session, &name);
        if how.cascade {
            views_over(session, &name);
        }
    }
}

/// Removes the views that read `relation`, and those that read them.
fn views_over(session: &mut Session, relation: &Name) {
    let over = session.model.views.iter().filter(|(_, view)| expr::reads(&view.query, relation));
    let over: Vec<Name> = over.map(|(name, _)| name.clone()).collect();
    for name in over {
        remove_view(session, &name);
        views_over(session, &name);
    }
}

fn remove_view(session: &mut Session, name: &Name) {
    let Some(view) = session.model.views.remove(name) else { return };
    view.indexes.keys().for_each(|index| session.catalog.remove(&name.sibling(index.as_str())));
    session.catalog.remove(name);
    grants_on(session, &ObjectId::View(name.clone()));
}

fn sequence(session: &mut Session, node: &SyntaxNode, how: &How) {
    let name = session.relation_name(node);
    let known = session.model.sequences.contains_key(&name);
    report(session, known, "sequence", &name, node, how);
    if !known {
        return;
    }
    remove_sequence(session, &name);
    if how.cascade {
        let spelled = [format!("'{name}'"), format!("'public.{name}'")];
        for column in session.model.tables.values_mut().flat_map(|table| &mut table.columns) {
            let relies = |sql: &crate::model::Sql| spelled.iter().any(|name| sql.as_str().contains(name.as_str()));
            column.default = column.default.take().filter(|default| !relies(default));
        }
    }
}

fn remove_sequence(session: &mut Session, name: &Name) {
    session.model.sequences.remove(name);
    session.catalog.remove(name);
    grants_on(session, &ObjectId::Sequence(name.clone()));
}

fn index(session: &mut Session, node: &SyntaxNode, how: &How) {
    let name = session.relation_name(node);
    let owner = match session.catalog.relation(&name) {
        Some(Relation::Index(table)) => Some(table.clone()),
        _ => None,
    };
    report(session, owner.is_some(), "index", &name, node, how);
    if let Some(table) = owner {
        indexes::remove(session, &table, &name.name);
        partition_indexes::remove_attached(session, &name);
    }
}

fn user_type(session: &mut Session, node: &SyntaxNode, how: &How) {
    let name = session.type_name(node);
    let removed = session.model.types.remove(&name).is_some();
    report(session, removed, "type", &name, node, how);
    if session.catalog.relation(&name) == Some(&Relation::Composite) {
        session.catalog.remove(&name);
    }
    grants_on(session, &ObjectId::Type(name.clone()));
    if removed && how.cascade {
        drop_columns_of_type(session, &name);
    }
}

fn drop_columns_of_type(session: &mut Session, name: &Name) {
    let uses = session.model.tables.iter().flat_map(|(table, it)| it.columns.iter().map(move |column| (table, column)));
    let uses: Vec<(Name, Ident)> = uses
        .filter(|(_, column)| column.ty.user_type() == Some(name))
        .map(|(table, column)| (table.clone(), column.name.clone()))
        .collect();
    for (table, name) in uses {
        column(session, &table, &name);
    }
    let speaks_of_it = |signature: &Signature, routine: &Routine| {
        let returned = match &routine.returns {
            Returns::Type(ty) | Returns::SetOf(ty) => ty.user_type() == Some(name),
            Returns::Table(columns) => columns.iter().any(|(_, ty)| ty.user_type() == Some(name)),
            Returns::None => false,
        };
        returned || signature.args.iter().any(|ty| ty.user_type() == Some(name))
    };
    session.model.routines.retain(|signature, routine| !speaks_of_it(signature, routine));
}

fn routines(session: &mut Session, list: &SyntaxNode, how: &How) {
    for node in list.children() {
        let found = routines::find(session, &node);
        let name = session.text(&node);
        report(session, found.is_some(), "routine", name, &node, how);
        let Some(signature) = found else { continue };
        session.model.routines.remove(&signature);
        if how.cascade && !routines::exists(session, &signature.name) {
            let tables = session.model.tables.values_mut().map(|table| &mut table.triggers);
            let views = session.model.views.values_mut().map(|view| &mut view.triggers);
            tables.chain(views).for_each(|triggers| triggers.retain(|_, it| it.function != signature.name));
        }
        grants_on(session, &ObjectId::Routine(signature));
    }
}

fn schema(session: &mut Session, node: &SyntaxNode, how: &How) {
    let name = ident(node);
    let known = session.model.schemas.remove(&name).is_some() || name.as_str() == super::session::PUBLIC;
    report(session, known, "schema", &name, node, how);
    grants_on(session, &ObjectId::Schema(name.clone()));
    if !how.cascade {
        return;
    }
    let within = Some(name).filter(|it| it.as_str() != super::session::PUBLIC);
    let is_in = |it: &&Name| it.schema == within;
    let tables: Vec<Name> = session.model.tables.keys().filter(is_in).cloned().collect();
    let views: Vec<Name> = session.model.views.keys().filter(is_in).cloned().collect();
    let sequences: Vec<Name> = session.model.sequences.keys().filter(is_in).cloned().collect();
    tables.iter().for_each(|name| remove_table(session, name));
    views.iter().for_each(|name| remove_view(session, name));
    tables.iter().chain(&views).for_each(|name| views_over(session, name));
    sequences.iter().for_each(|name| remove_sequence(session, name));
    session.model.types.retain(|name, _| name.schema != within);
    session.model.routines.retain(|signature, _| signature.name.schema != within);
}
