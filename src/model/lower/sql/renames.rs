//! Renaming: what refers to an object by name follows it.
//!
//! PostgreSQL refers by number, so everything follows there. Here names in expressions of the table itself follow too; a
//! view or a routine that still says the old name is reported.

use squawk_syntax::ast::{self, AstNode};

use super::alter_table::Target;
use super::catalog::Relation;
use super::session::Session;
use super::tree::{ident_of, written};
use super::{constraints, expr, indexes, inheritance, partition_indexes, partitions, sequences};
use crate::model::Sql;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, Name, default_name};
use crate::model::security::GrantKey;
use crate::model::table::{Column, ReplicaIdentity, Table};

/// Renames a table, or moves it to another schema with its indexes and the sequences that it owns.
pub fn table(session: &mut Session, old: &Name, new: &Name) {
    let Some(mut found) = session.model.tables.remove(old) else { return };
    for column in &mut found.columns {
        keep_sequence(session, (old, &column.name.clone()), (new, &column.name.clone()), column);
    }
    for (name, constraint) in &found.constraints {
        session.catalog.remove_constraint(old, name);
        session.catalog.add_constraint(new, name);
        if constraint.has_index() {
            session.catalog.remove(&old.sibling(name.as_str()));
            session.catalog.add(new.sibling(name.as_str()), Relation::Key(new.clone()));
        }
    }
    for name in found.indexes.keys() {
        session.catalog.remove(&old.sibling(name.as_str()));
        session.catalog.add(new.sibling(name.as_str()), Relation::Index(new.clone()));
    }
    for child in session.catalog.family(old).into_iter().skip(1) {
        session.catalog.remove_child(old, &child);
        session.catalog.add_child(new, &child);
    }
    for parent in found.inherits.iter().chain(found.partition_of.iter().map(|of| &of.parent)) {
        session.catalog.remove_child(parent, old);
        session.catalog.add_child(parent, new);
    }
    session.catalog.remove(old);
    session.catalog.add(new.clone(), Relation::Table);
    let columns: Vec<Ident> = found.columns.iter().map(|column| column.name.clone()).collect();
    let indexes: Vec<Ident> = found.families().map(|(name, _)| name.clone()).collect();
    session.model.tables.insert(new.clone(), found);
    for name in indexes {
        partition_indexes::follow(session, &old.sibling(name.as_str()), &new.sibling(name.as_str()));
    }
    follow_table(session, old, new);
    follow_in_views(session, old, new);
    move_grants(session, &ObjectId::Table(old.clone()), &ObjectId::Table(new.clone()));
    move_origin(session, &ObjectId::Table(old.clone()), ObjectId::Table(new.clone()));
    for column in columns {
        move_origin(session, &ObjectId::Column(old.clone(), column.clone()), ObjectId::Column(new.clone(), column));
    }
}

/// The sequence behind an identity column keeps its name, in the schema of the table.
fn keep_sequence(
    session: &mut Session,
    (old_table, old): (&Name, &Ident),
    (new_table, new): (&Name, &Ident),
    column: &mut Column,
) {
    let Some(identity) = &mut column.identity else { return };
    let name = sequences::identity_name(session, old_table, old, identity);
    session.catalog.remove(&name);
    let old = ObjectId::Sequence(name.clone());
    let name = new_table.sibling(name.name.as_str());
    move_grants(session, &old, &ObjectId::Sequence(name.clone()));
    let derived = default_name(new_table.name.as_str(), new.as_str(), "seq");
    identity.options.name = (name.name.as_str() != derived.as_str()).then(|| name.clone());
    session.catalog.add(name, Relation::Identity(new_table.clone(), new.clone()));
}

/// Views read what they read, whatever it is called.
fn follow_in_views(session: &mut Session, old: &Name, new: &Name) {
    for view in session.model.views.values_mut().filter(|view| expr::reads(&view.query, old)) {
        view.query = expr::moved(&view.query, old, new);
    }
}

fn follow_table(session: &mut Session, old: &Name, new: &Name) {
    let follow = |name: &mut Name| {
        if name == old {
            *name = new.clone();
        }
    };
    for table in session.model.tables.values_mut() {
        table.inherits.iter_mut().for_each(follow);
        table.partition_of.iter_mut().for_each(|of| follow(&mut of.parent));
        table.triggers.values_mut().filter_map(|trigger| trigger.from_table.as_mut()).for_each(follow);
        for constraint in table.constraints.values_mut() {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                follow(&mut key.table);
            }
        }
    }
    let mut moved = Vec::new();
    for (name, sequence) in &mut session.model.sequences {
        if let Some((table, _)) = sequence.owned_by.as_mut().filter(|(table, _)| table == old) {
            *table = new.clone();
            moved.push(name.clone());
        }
    }
    for name in moved.into_iter().filter(|name| name.schema != new.schema) {
        self::sequence(session, &name, &new.sibling(name.name.as_str()));
    }
}

/// Renames a sequence or moves it; defaults that name it follow.
pub fn sequence(session: &mut Session, old: &Name, new: &Name) {
    let Some(found) = session.model.sequences.remove(old) else { return };
    session.model.sequences.insert(new.clone(), found);
    session.catalog.remove(old);
    session.catalog.add(new.clone(), Relation::Sequence);
    move_grants(session, &ObjectId::Sequence(old.clone()), &ObjectId::Sequence(new.clone()));
    move_origin(session, &ObjectId::Sequence(old.clone()), ObjectId::Sequence(new.clone()));
    let spelled = [format!("'{old}'"), format!("'public.{old}'")];
    for column in session.model.tables.values_mut().flat_map(|table| &mut table.columns) {
        if let Some(default) = column.default.as_mut().filter(|default| default.as_str().contains("nextval(")) {
            for old in &spelled {
                *default = Sql::new(default.as_str().replace(old.as_str(), &format!("'{new}'")));
            }
        }
    }
}

/// Renames a view or moves it.
pub fn view(session: &mut Session, old: &Name, new: &Name) {
    let Some(found) = session.model.views.remove(old) else { return };
    for name in found.indexes.keys() {
        session.catalog.remove(&old.sibling(name.as_str()));
        session.catalog.add(new.sibling(name.as_str()), Relation::Index(new.clone()));
    }
    session.model.views.insert(new.clone(), found);
    session.catalog.remove(old);
    session.catalog.add(new.clone(), Relation::View);
    follow_in_views(session, old, new);
    move_grants(session, &ObjectId::View(old.clone()), &ObjectId::View(new.clone()));
    move_origin(session, &ObjectId::View(old.clone()), ObjectId::View(new.clone()));
}

/// Renames a column of a view.
pub fn view_column(session: &mut Session, name: &Name, node: &ast::RenameColumn) {
    let (Some(old), Some(new)) = (ident_of(node.column_name_ref()), ident_of(node.column_name())) else { return };
    let Some(view) = session.model.views.get_mut(name) else { return };
    match view.columns.iter_mut().find(|column| **column == old) {
        Some(column) => *column = new,
        None => session.unmodelled("a new name for a column that the view's query names", node.syntax()),
    }
}

/// Renames an index, or the constraint that it stands behind.
pub fn index(session: &mut Session, table: &Name, old: &Ident, new: Ident) {
    if session.model.constraint(table, old).is_some() {
        return constraint(session, table, old, new);
    }
    let Some(index) = indexes::remove(session, table, old) else { return };
    session.catalog.add(table.sibling(new.as_str()), Relation::Index(table.clone()));
    follow_index(session, table, old, &new);
    move_origin(session, &ObjectId::Index(table.clone(), old.clone()), ObjectId::Index(table.clone(), new.clone()));
    indexes::insert(session, table, new, index);
}

fn follow_index(session: &mut Session, table: &Name, old: &Ident, new: &Ident) {
    partition_indexes::follow(session, &table.sibling(old.as_str()), &table.sibling(new.as_str()));
    if let Some(view) = session.model.views.get_mut(table)
        && view.clustered_on.as_ref() == Some(old)
    {
        view.clustered_on = Some(new.clone());
    }
    let Some(table) = session.model.tables.get_mut(table) else { return };
    if table.replica_identity == Some(ReplicaIdentity::Index(old.clone())) {
        table.replica_identity = Some(ReplicaIdentity::Index(new.clone()));
    }
    if table.clustered_on.as_ref() == Some(old) {
        table.clustered_on = Some(new.clone());
    }
}

/// Runs RENAME CONSTRAINT.
pub fn constraint_of_table(session: &mut Session, table: &Name, node: &ast::RenameConstraint) {
    let (Some(old), Some(new)) = (node.constraint_name_ref(), ident_of(node.constraint_name())) else { return };
    let old = written(old.syntax()).name;
    match session.model.constraint(table, &old) {
        Some(_) => constraint(session, table, &old, new),
        None => session.missing("constraint", &old, node.syntax()),
    }
}

fn constraint(session: &mut Session, table: &Name, old: &Ident, new: Ident) {
    let Some(found) = constraints::remove(session, table, old) else { return };
    if inheritance::is_inherited(&found) {
        for child in partitions::that_say(session, table, old) {
            constraint(session, &child, old, new.clone());
        }
    }
    session.catalog.add_constraint(table, &new);
    if found.has_index() {
        session.catalog.add(table.sibling(new.as_str()), Relation::Key(table.clone()));
        follow_index(session, table, old, &new);
    }
    move_origin(
        session,
        &ObjectId::Constraint(table.clone(), old.clone()),
        ObjectId::Constraint(table.clone(), new.clone()),
    );
    if let Some(table) = session.model.tables.get_mut(table) {
        table.constraints.insert(new, found);
    }
}

/// Runs RENAME COLUMN of a table.
pub fn column_of_table(session: &mut Session, target: &Target, node: &ast::RenameColumn) {
    let (Some(old), Some(new)) = (ident_of(node.column_name_ref()), ident_of(node.column_name())) else { return };
    let known = session.model.tables.get(&target.name).is_some_and(|table| table.column(old.as_str()).is_some());
    if !known {
        return session.missing("column", format!("{}.{old}", target.name), node.syntax());
    }
    for table in session.catalog.family(&target.name) {
        column(session, &table, &old, &new);
    }
    let user = session.model.views.iter().find(|(_, view)| {
        expr::mentions(view.query.as_str(), &old) && expr::mentions(view.query.as_str(), &target.name.name)
    });
    if let Some((view, _)) = user {
        let what = format!("the new name of a column inside the view `{view}`");
        session.unmodelled(what, node.syntax());
    }
}

fn column(session: &mut Session, table: &Name, old: &Ident, new: &Ident) {
    if let Some(mut found) = session.model.tables.remove(table) {
        if let Some(column) = found.column_mut(old.as_str()) {
            keep_sequence(session, (table, old), (table, new), column);
        }
        in_table(&mut found, old, new);
        session.model.tables.insert(table.clone(), found);
    }
    for constraint in session.model.tables.values_mut().flat_map(|table| table.constraints.values_mut()) {
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
            && key.table == *table
        {
            swap(&mut key.referenced, old, new);
        }
    }
    for sequence in session.model.sequences.values_mut() {
        if let Some((owner, column)) = &mut sequence.owned_by
            && owner == table
            && column == old
        {
            *column = new.clone();
        }
    }
    let grants: Vec<GrantKey> = session.model.grants.keys().filter(|key| is_about(key, table, old)).cloned().collect();
    for key in grants {
        if let Some(grant) = session.model.grants.remove(&key) {
            session.model.grants.insert(GrantKey { column: Some(new.clone()), ..key }, grant);
        }
    }
    move_origin(session, &ObjectId::Column(table.clone(), old.clone()), ObjectId::Column(table.clone(), new.clone()));
}

fn is_about(key: &GrantKey, table: &Name, column: &Ident) -> bool {
    key.column.as_ref() == Some(column) && key.object == ObjectId::Table(table.clone())
}

/// Renames a column in all that its own table says about it.
fn in_table(table: &mut Table, old: &Ident, new: &Ident) {
    if let Some(column) = table.column_mut(old.as_str()) {
        column.name = new.clone();
    }
    for column in table.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
        in_sql(&mut column.expression, old, new);
    }
    table.constraints.values_mut().for_each(|constraint| in_constraint(constraint, old, new));
    table.indexes.values_mut().for_each(|index| in_index(index, old, new));
    for policy in table.policies.values_mut() {
        policy.using.iter_mut().chain(&mut policy.check).for_each(|sql| in_sql(sql, old, new));
    }
    for trigger in table.triggers.values_mut() {
        swap(&mut trigger.events.update_of, old, new);
        trigger.when.iter_mut().for_each(|sql| in_sql(sql, old, new));
    }
    table.partition_by.iter_mut().flat_map(|by| &mut by.elements).for_each(|element| in_element(element, old, new));
}

fn in_constraint(constraint: &mut Constraint, old: &Ident, new: &Ident) {
    match &mut constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            swap(&mut key.columns, old, new);
            swap(&mut key.include, old, new);
        }
        ConstraintKind::ForeignKey(key) => {
            swap(&mut key.columns, old, new);
            swap(&mut key.set_columns, old, new);
        }
        ConstraintKind::Check(condition) => in_sql(condition, old, new),
        ConstraintKind::Exclude(exclude) => {
            exclude.elements.iter_mut().for_each(|(element, _)| in_element(element, old, new));
            exclude.predicate.iter_mut().for_each(|sql| in_sql(sql, old, new));
        }
    }
}

fn in_index(index: &mut Index, old: &Ident, new: &Ident) {
    index.elements.iter_mut().for_each(|element| in_element(element, old, new));
    index.predicate.iter_mut().for_each(|sql| in_sql(sql, old, new));
    swap(&mut index.include, old, new);
}

fn in_element(element: &mut IndexElement, old: &Ident, new: &Ident) {
    match &mut element.key {
        ElementKey::Column(name) if name == old => *name = new.clone(),
        ElementKey::Column(_) => {}
        ElementKey::Expression(sql) => in_sql(sql, old, new),
    }
}

fn in_sql(sql: &mut Sql, old: &Ident, new: &Ident) {
    *sql = Sql::new(expr::renamed(sql.as_str(), old, new));
}

fn swap(names: &mut [Ident], old: &Ident, new: &Ident) {
    names.iter_mut().filter(|name| *name == old).for_each(|name| *name = new.clone());
}

/// Hands the privileges on an object over to its new identity.
pub fn move_grants(session: &mut Session, old: &ObjectId, new: &ObjectId) {
    let keys: Vec<GrantKey> = session.model.grants.keys().filter(|key| key.object == *old).cloned().collect();
    for key in keys {
        if let Some(grant) = session.model.grants.remove(&key) {
            session.model.grants.insert(GrantKey { object: new.clone(), ..key }, grant);
        }
    }
}

/// Hands the place of an object over to its new identity.
pub fn move_origin(session: &mut Session, old: &ObjectId, new: ObjectId) {
    if let Some(span) = session.origins.get(old).cloned() {
        session.origins.insert(new, span);
    }
}
