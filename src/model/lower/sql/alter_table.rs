//! ALTER TABLE, but for what changes a single column.

use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::constraints::{self, Pending};
use super::session::Session;
use super::tables::is_only;
use super::tree::{ident_of, written};
use super::{
    alter_column, columns, drops, indexes, inheritance, options, partition_indexes, partitions, renames, tables,
    triggers, views,
};
use crate::model::Hints;
use crate::model::constraint::{Constraint, ConstraintKind, Key};
use crate::model::id::ObjectId;
use crate::model::index::ElementKey;
use crate::model::name::{Ident, Name};
use crate::model::relation::Enabled;
use crate::model::table::{Column, ReplicaIdentity};

/// The table that an action is about.
pub struct Target {
    /// Its name.
    pub name: Name,
    /// `ONLY`: what inherits from it stays as it is.
    pub only: bool,
    /// Hints above the statement, when it has one action.
    pub hints: Hints,
}

/// Runs ALTER TABLE.
pub fn run(session: &mut Session, statement: &ast::AlterTable) {
    let Some(named) = statement.table_relation_name() else { return session.skip("TABLESPACE") };
    let Some(reference) = named.table_name_ref() else { return };
    let name = session.relation_name(reference.syntax());
    if !session.model.tables.contains_key(&name) {
        return other_relation(session, &name, statement);
    }
    let single = statement.actions().count() == 1;
    let hints = if single { session.hints(statement.syntax()) } else { Hints::default() };
    let mut target = Target { name, only: is_only(&named), hints };
    for action in statement.actions() {
        self::action(session, &mut target, action);
    }
}

/// ALTER TABLE works for whatever is like a table.
fn other_relation(session: &mut Session, name: &Name, statement: &ast::AlterTable) {
    let relation = session.catalog.relation(name).cloned();
    for action in statement.actions() {
        match (&relation, &action) {
            (None, _) if statement.if_exists().is_some() => return,
            (None, _) => return session.missing("table", name, statement.syntax()),
            (_, ast::AlterTableAction::OwnerTo(owner)) => session.owned(owner.syntax()),
            (Some(Relation::View), ast::AlterTableAction::RenameColumn(it)) => renames::view_column(session, name, it),
            (Some(Relation::View), ast::AlterTableAction::SetOptions(it)) => {
                let set = it.attribute_list().map(|list| options::attributes(&list)).unwrap_or_default();
                if let Some(view) = session.model.views.get_mut(name) {
                    view.options.extend(set);
                }
            }
            (Some(Relation::View), ast::AlterTableAction::ClusterOn(it)) => {
                indexes::cluster_on(session, name, it.index_ref());
            }
            (Some(Relation::View), ast::AlterTableAction::AlterColumn(it)) => {
                view_column(session, name, it);
            }
            (_, other) => session.unmodelled("this change of what is no table", other.syntax()),
        }
    }
}

/// Dumps set the defaults of a view's columns as those of a table.
fn view_column(session: &mut Session, name: &Name, node: &ast::AlterColumn) {
    let Some(column) = ident_of(node.column_name_ref()) else { return };
    match node.option() {
        Some(ast::AlterColumnOption::SetDefault(it)) => views::set_default(session, name, column, it.expr()),
        Some(ast::AlterColumnOption::DropDefault(_)) => views::set_default(session, name, column, None),
        _ => session.unmodelled("this change of a view's column", node.syntax()),
    }
}

/// Runs one action. A flat list: each arm is one form of the statement.
fn action(session: &mut Session, target: &mut Target, action: ast::AlterTableAction) {
    use ast::AlterTableAction as Action;
    match action {
        Action::AddColumn(it) => add_column(session, target, &it),
        Action::DropColumn(it) => drop_column(session, target, &it),
        Action::AlterColumn(it) => alter_column::run(session, target, &it),
        Action::AddConstraint(it) => add_constraint(session, target, &it),
        Action::DropConstraint(it) => drop_constraint(session, target, &it),
        Action::AlterConstraint(it) => alter_constraint(session, target, &it),
        Action::ValidateConstraint(it) => {
            if let Some(named) = it.constraint_name_ref() {
                partitions::say(session, &target.name, &written(named.syntax()).name);
            }
            if let Some(constraint) = constraint(session, target, it.constraint_name_ref()) {
                constraint.not_valid = false;
            }
        }
        Action::RenameColumn(it) => renames::column_of_table(session, target, &it),
        Action::RenameConstraint(it) => renames::constraint_of_table(session, &target.name, &it),
        Action::TableRenameTo(it) => {
            let Some(new) = it.table_name() else { return };
            rename(session, target, target.name.sibling(written(new.syntax()).name.as_str()));
        }
        Action::SetSchema(it) => {
            let Some(schema) = ident_of(it.schema_ref()) else { return };
            rename(session, target, Name::qualified(schema.as_str(), target.name.name.as_str()));
        }
        Action::AttachPartition(it) => partitions::attach(session, &target.name, &it),
        Action::DetachPartition(it) => partitions::detach(session, &target.name, &it),
        Action::InheritTable(it) => {
            if let Some(parent) = it.table_name_ref() {
                inheritance::attach(session, &target.name, &parent);
            }
        }
        Action::NoInheritTable(it) => {
            let Some(parent) = it.table_name_ref() else { return };
            let parent = session.relation_name(parent.syntax());
            inheritance::detach(session, &target.name, &parent);
        }
        Action::EnableRls(_) => row_security(session, target, |table| &mut table.row_security, true),
        Action::DisableRls(_) => row_security(session, target, |table| &mut table.row_security, false),
        Action::ForceRls(_) => row_security(session, target, |table| &mut table.force_row_security, true),
        Action::NoForceRls(_) => row_security(session, target, |table| &mut table.force_row_security, false),
        Action::EnableTrigger(it) => triggers::enable(session, &target.name, it.trigger_target(), Enabled::Origin),
        Action::DisableTrigger(it) => triggers::enable(session, &target.name, it.trigger_target(), Enabled::Disabled),
        Action::EnableReplicaTrigger(it) => {
            triggers::enable_one(session, &target.name, it.trigger_ref(), Enabled::Replica)
        }
        Action::EnableAlwaysTrigger(it) => {
            triggers::enable_one(session, &target.name, it.trigger_ref(), Enabled::Always)
        }
        Action::ReplicaIdentity(it) => replica_identity(session, target, it.replica_identity_option()),
        Action::SetLogged(_) => row_security(session, target, |table| &mut table.unlogged, false),
        Action::SetUnlogged(_) => row_security(session, target, |table| &mut table.unlogged, true),
        Action::SetOptions(it) => {
            let set = it.attribute_list().map(|list| options::attributes(&list)).unwrap_or_default();
            if let Some(table) = session.model.tables.get_mut(&target.name) {
                table.options.extend(set);
            }
        }
        Action::ResetOptions(it) => {
            let reset = options::names(it.attribute_list());
            if let Some(table) = session.model.tables.get_mut(&target.name) {
                table.options.retain(|name, _| !reset.contains(name));
            }
        }
        Action::OwnerTo(owner) => session.owned(owner.syntax()),
        Action::ClusterOn(it) => indexes::cluster_on(session, &target.name, it.index_ref()),
        Action::SetWithoutCluster(_) => indexes::cluster_on(session, &target.name, None),
        Action::SetTablespace(_) => session.skip("TABLESPACE"),
        Action::SetWithoutOids(_) => session.skip("WITHOUT OIDS"),
        other => {
            let what = format!("`{}`", session.text(other.syntax()));
            session.unmodelled(what, other.syntax());
        }
    }
}

fn rename(session: &mut Session, target: &mut Target, new: Name) {
    renames::table(session, &target.name, &new);
    target.name = new;
}

/// Sets one of a table's switches.
fn row_security(
    session: &mut Session,
    target: &Target,
    switch: impl Fn(&mut crate::model::table::Table) -> &mut bool,
    on: bool,
) {
    if let Some(table) = session.model.tables.get_mut(&target.name) {
        *switch(table) = on;
    }
}

fn family(session: &Session, target: &Target) -> Vec<Name> {
    if target.only { vec![target.name.clone()] } else { session.catalog.family(&target.name) }
}

fn add_column(session: &mut Session, target: &mut Target, node: &ast::AddColumn) {
    let Some(name) = ident_of(node.column_name()) else { return };
    let table = target.name.clone();
    if session.model.tables.get(&table).is_some_and(|table| table.column(name.as_str()).is_some()) {
        if node.if_not_exists().is_none() {
            session.duplicate(&ObjectId::Column(table, name), node.syntax());
        }
        return;
    }
    let Some(mut defined) = columns::added(session, &table, node) else { return };
    take_hints(&mut defined.column.hints, &mut target.hints);
    let given = inheritance::inherited(&defined.column);
    let pending = tables::put(session, &table, defined);
    constraints::add_all(session, &table, pending);
    for child in family(session, target).into_iter().skip(1) {
        let inherited = session.model.tables.get(&child).is_some_and(|table| table.partition_of.is_none());
        inheritance::give(session, &child, Column { inherited, ..given.clone() });
    }
}

/// Hints may stand above the statement as well as above its action.
fn take_hints(hints: &mut Hints, above_statement: &mut Hints) {
    let outer = std::mem::take(above_statement);
    if outer == Hints::default() {
        return;
    }
    let outer = outer.said();
    hints.renamed_from = hints.renamed_from.take().or(outer.renamed_from);
    hints.backfill = hints.backfill.take().or(outer.backfill);
    hints.using = hints.using.take().or(outer.using);
}

fn drop_column(session: &mut Session, target: &Target, node: &ast::DropColumn) {
    let Some(name) = ident_of(node.column_name_ref()) else { return };
    let known = session.model.tables.get(&target.name).is_some_and(|table| table.column(name.as_str()).is_some());
    if !known {
        if node.if_exists().is_none() {
            session.missing("column", format!("{}.{name}", target.name), node.syntax());
        }
        return;
    }
    for table in family(session, target) {
        drops::column(session, &table, &name);
    }
}

fn add_constraint(session: &mut Session, target: &mut Target, node: &ast::AddConstraint) {
    let Some(constraint) = node.constraint() else { return };
    if let ast::Constraint::NotNullConstraint(it) = &constraint {
        let Some(column) = ident_of(it.column_name_ref()) else { return };
        return alter_column::change(session, target, &column, it.syntax(), |column| column.not_null = true);
    }
    let Some(mut pending) = constraints::read(session, None, &constraint) else { return };
    let mut above_action = session.hints(node.syntax());
    take_hints(&mut pending.constraint.hints, &mut above_action);
    take_hints(&mut pending.constraint.hints, &mut target.hints);
    if let Some(key) = pending.constraint.key_mut() {
        key.family = partition_indexes::family(session, &target.name, target.only);
    }
    match constraints::using_index(constraint.syntax()) {
        Some(index) => add_using_index(session, target, pending, &index),
        None => constraints::add(session, &target.name, pending),
    }
}

/// Makes a key of an index that is there: the index gets the constraint's name, or gives it.
fn add_using_index(session: &mut Session, target: &Target, mut pending: Pending, node: &ast::UsingIndexName) {
    let Some(reference) = node.index_ref() else { return };
    let index_name = target.name.sibling(written(reference.syntax()).name.as_str());
    let Some(index) = indexes::remove(session, &target.name, &index_name.name) else {
        return session.missing("index", &index_name, node.syntax());
    };
    let columns = index.elements.iter().filter_map(|element| match &element.key {
        ElementKey::Column(name) => Some(name.clone()),
        ElementKey::Expression(_) => None,
    });
    let key = Key {
        columns: columns.collect(),
        include: index.include,
        nulls_not_distinct: index.nulls_not_distinct,
        options: index.options,
        family: index.family,
    };
    pending.name = pending.name.or(Some(index_name.name));
    pending.constraint.kind = match pending.constraint.kind {
        ConstraintKind::PrimaryKey(_) => ConstraintKind::PrimaryKey(key),
        _ => ConstraintKind::Unique(key),
    };
    constraints::add(session, &target.name, pending);
}

fn drop_constraint(session: &mut Session, target: &Target, node: &ast::DropConstraint) {
    let Some(reference) = node.constraint_name_ref() else { return };
    let name = written(reference.syntax()).name;
    let removed = constraints::remove(session, &target.name, &name);
    match &removed {
        Some(it) if it.has_index() => {
            partition_indexes::remove_attached(session, &target.name.sibling(name.as_str()));
        }
        Some(it) if inheritance::is_inherited(it) => {
            for child in partitions::that_say(session, &target.name, &name) {
                constraints::remove(session, &child, &name);
            }
        }
        _ => {}
    }
    match removed {
        Some(key) if node.drop_behavior().is_some() => drops::foreign_keys_to(session, &target.name, Some(&key)),
        None if node.if_exists().is_none() => session.missing("constraint", &name, node.syntax()),
        _ => {}
    }
}

fn alter_constraint(session: &mut Session, target: &Target, node: &ast::AlterConstraint) {
    let Some(found) = constraint(session, target, node.constraint_name_ref()) else { return };
    let mut changed = found.clone();
    constraints::set_options(session, &mut changed, constraints::options_of(node.syntax()));
    if let Some(found) = constraint(session, target, node.constraint_name_ref()) {
        *found = changed;
    }
}

/// The constraint that an action names, or a diagnostic.
fn constraint<'s>(
    session: &'s mut Session,
    target: &Target,
    named: Option<ast::ConstraintNameRef>,
) -> Option<&'s mut Constraint> {
    let named = named?;
    let name = written(named.syntax()).name;
    if session.model.constraint(&target.name, &name).is_none() {
        session.missing("constraint", &name, named.syntax());
    }
    session.model.tables.get_mut(&target.name)?.constraints.get_mut(&name)
}

fn replica_identity(session: &mut Session, target: &Target, option: Option<ast::ReplicaIdentityOption>) {
    let identity = match option {
        Some(ast::ReplicaIdentityOption::ReplicaIdentityFull(_)) => Some(ReplicaIdentity::Full),
        Some(ast::ReplicaIdentityOption::ReplicaIdentityNothing(_)) => Some(ReplicaIdentity::Nothing),
        Some(ast::ReplicaIdentityOption::UsingIndexName(it)) => {
            let name: Option<Ident> = it.index_ref().map(|index| written(index.syntax()).name);
            name.map(ReplicaIdentity::Index)
        }
        Some(ast::ReplicaIdentityOption::ReplicaIdentityDefault(_)) | None => None,
    };
    if let Some(table) = session.model.tables.get_mut(&target.name) {
        table.replica_identity = identity;
    }
}
