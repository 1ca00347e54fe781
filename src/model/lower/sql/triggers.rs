//! Triggers of tables and views.

use std::collections::BTreeMap;

use squawk_syntax::ast::{self, AstNode};

use super::session::Session;
use super::tree::{Written, child, ident, ident_of, idents, string};
use super::{expr, routines};
use crate::model::Sql;
use crate::model::constraint::{Constraint, ConstraintKind, Deferrable};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::relation::{Enabled, Events, Timing, Trigger};
use crate::model::table::Table;
use squawk_syntax::SyntaxKind;

/// Runs CREATE TRIGGER.
pub fn create(session: &mut Session, statement: &ast::CreateTrigger) {
    let node = statement.syntax();
    let (Some(name), Some(target)) = (ident_of(statement.trigger()), relation(session, statement.on_relation())) else {
        return;
    };
    let id = ObjectId::Trigger(target.clone(), name.clone());
    let trigger = read(session, statement);
    let Some(triggers) = of(session, &target) else { return session.missing("table", &target, node) };
    if triggers.contains_key(&name) && statement.or_replace().is_none() {
        return session.duplicate(&id, node);
    }
    triggers.insert(name, trigger);
    session.origin(id, node);
}

fn read(session: &mut Session, statement: &ast::CreateTrigger) -> Trigger {
    let call = statement.call_expr();
    let (mut old_table, mut new_table) = (None, None);
    for table in statement.referencing().into_iter().flat_map(|it| it.referencing_tables()) {
        match table {
            ast::ReferencingTable::OldTable(it) => old_table = ident_of(it.transition_relation_name()),
            ast::ReferencingTable::NewTable(it) => new_table = ident_of(it.transition_relation_name()),
        }
    }
    Trigger {
        timing: match statement.timing() {
            Some(ast::Timing::TimingAfter(_)) => Timing::After,
            Some(ast::Timing::TimingInsteadOf(_)) => Timing::InsteadOf,
            Some(ast::Timing::TimingBefore(_)) | None => Timing::Before,
        },
        events: events(statement.trigger_event_list()),
        each_row: matches!(statement.trigger_level(), Some(ast::TriggerLevel::ForEachRow(_))),
        when: statement.when_condition().and_then(|it| it.expr()).map(|it| expr::bare(session, it)),
        function: call.as_ref().and_then(|it| it.expr()).map_or_else(|| Name::local(""), |it| function(session, &it)),
        args: call.and_then(|it| it.arg_list()).map(|list| arguments(session, &list)).unwrap_or_default(),
        old_table,
        new_table,
        constraint: super::tree::has(statement.syntax(), SyntaxKind::CONSTRAINT_KW)
            .then(|| deferrable(session, statement)),
        from_table: statement
            .from_table()
            .and_then(|it| it.table_name_ref())
            .map(|it| session.relation_name(it.syntax())),
        enabled: Enabled::Origin,
        comment: None,
        hints: session.hints(statement.syntax()),
    }
}

fn events(list: Option<ast::TriggerEventList>) -> Events {
    let mut events = Events::default();
    for event in list.into_iter().flat_map(|list| list.trigger_events()) {
        match event {
            ast::TriggerEvent::TriggerEventInsert(_) => events.insert = true,
            ast::TriggerEvent::TriggerEventDelete(_) => events.delete = true,
            ast::TriggerEvent::TriggerEventTruncate(_) => events.truncate = true,
            ast::TriggerEvent::TriggerEventUpdate(it) => {
                events.update = true;
                events.update_of = idents(it.column_name_refs());
            }
        }
    }
    events
}

/// The name of the function that a call is of.
pub fn function(session: &Session, callee: &ast::Expr) -> Name {
    let mut path = idents(callee.syntax().descendants().filter_map(ast::NameRef::cast));
    let name = path.pop().unwrap_or_else(|| ident(callee.syntax()));
    let schema = path.pop().filter(|schema| schema.as_str() != "pg_catalog");
    session.find(&Written { schema, name }, |name| routines::exists(session, name))
}

/// Arguments are strings, whatever they look like.
fn arguments(session: &Session, list: &ast::ArgList) -> Vec<String> {
    let argument = |arg: ast::Arg| match (child::<ast::Literal>(arg.syntax()), child::<ast::NameRef>(arg.syntax())) {
        (Some(literal), _) => string(&literal),
        (None, Some(name)) => ident(name.syntax()).as_str().to_owned(),
        (None, None) => session.text(arg.syntax()).to_lowercase(),
    };
    list.args().map(argument).collect()
}

fn deferrable(session: &mut Session, statement: &ast::CreateTrigger) -> Deferrable {
    let mut options = Constraint::new(ConstraintKind::Check(Sql::new("")));
    super::constraints::set_options(session, &mut options, statement.constraint_options());
    options.deferrable
}

fn relation(session: &Session, on: Option<ast::OnRelation>) -> Option<Name> {
    on.and_then(|it| it.relation_name_ref()).map(|it| session.relation_name(it.syntax()))
}

/// The triggers of the table or view `target`.
pub fn of<'s>(session: &'s mut Session, target: &Name) -> Option<&'s mut BTreeMap<Ident, Trigger>> {
    match session.model.tables.get_mut(target) {
        Some(table) => Some(&mut table.triggers),
        None => session.model.views.get_mut(target).map(|view| &mut view.triggers),
    }
}

/// Runs ALTER TRIGGER.
pub fn alter(session: &mut Session, statement: &ast::AlterTrigger) {
    let (Some(name), Some(target)) = (ident_of(statement.trigger_ref()), relation(session, statement.on_relation()))
    else {
        return;
    };
    match statement.action() {
        Some(ast::AlterTriggerAction::TriggerRenameTo(it)) => {
            let Some(new) = ident_of(it.trigger()) else { return };
            match of(session, &target).and_then(|triggers| triggers.remove(&name)) {
                Some(trigger) => {
                    of(session, &target).and_then(|triggers| triggers.insert(new.clone(), trigger));
                    let old = ObjectId::Trigger(target.clone(), name);
                    super::renames::move_origin(session, &old, ObjectId::Trigger(target, new));
                }
                None => session.missing("trigger", &name, statement.syntax()),
            }
        }
        Some(other) => session.unmodelled("`DEPENDS ON EXTENSION`", other.syntax()),
        None => {}
    }
}

/// Runs ENABLE or DISABLE TRIGGER of a table.
pub fn enable(session: &mut Session, table: &Name, target: Option<ast::TriggerTarget>, enabled: Enabled) {
    match target {
        Some(ast::TriggerTarget::TriggerRef(it)) => enable_one(session, table, Some(it), enabled),
        target => {
            of(session, table).into_iter().flatten().for_each(|(_, trigger)| trigger.enabled = enabled);
            let differs = clones(session, table).any(|(_, trigger)| trigger.enabled != enabled);
            if let Some(target) = target.filter(|_| differs) {
                session.unmodelled(SWITCHED, target.syntax());
            }
        }
    }
}

/// Sets when one trigger of a table fires.
pub fn enable_one(session: &mut Session, table: &Name, named: Option<ast::TriggerRef>, enabled: Enabled) {
    let Some(named) = named else { return };
    let name = ident(named.syntax());
    if let Some(trigger) = of(session, table).and_then(|triggers| triggers.get_mut(&name)) {
        trigger.enabled = enabled;
        return;
    }
    let above = clones(session, table).find(|(clone, _)| **clone == name).map(|(_, trigger)| trigger.enabled);
    match above {
        Some(above) if above == enabled => {}
        Some(_) => session.unmodelled(SWITCHED, named.syntax()),
        None => session.missing("trigger", &name, named.syntax()),
    }
}

const SWITCHED: &str = "when a trigger of a partitioned table fires in one partition";

/// The triggers that a partition has because a table above it has them.
pub fn clones<'s>(session: &'s Session, table: &Name) -> impl Iterator<Item = (&'s Ident, &'s Trigger)> {
    let tables = &session.model.tables;
    let parent = |table: &Table| tables.get(&table.partition_of.as_ref()?.parent);
    let above = std::iter::successors(tables.get(table).and_then(parent), move |table| parent(table));
    above.flat_map(|table| &table.triggers).filter(|(_, trigger)| trigger.each_row)
}
