//! Plans: ordered statements that take one schema to another, each with its hazards, lock and reason.
//!
//! This is the only place that writes SQL. [`diff`](crate::diff) says what differs; `fate` decides what becomes of each
//! item (made, dropped, altered, or dropped and made again because something below it changes); `uses` says what each
//! item depends on; from that `steps` derives edges, `graph` an order and `fold` takes parts into the statement of
//! their owner (a foreign key into CREATE TABLE); a file for each object kind writes the statements. No rule says
//! "tables before views": all order comes from dependencies, and a readable tie-break. A schema from nothing can also be
//! put together from the plans of its parts (`creation`), which are then made once.

mod action;
mod casts;
mod catalog;
mod column;
mod comment;
mod constraint;
pub mod creation;
mod enums;
mod extension;
mod family;
mod fate;
mod fold;
mod grant;
mod graph;
mod index;
mod inheritance;
mod kinds;
mod not_null;
mod other;
mod partitions;
mod placed;
mod policy;
mod rename;
mod routine;
mod rows;
mod scan;
mod schema;
mod sequence;
pub mod statement;
mod steps;
mod table;
mod text;
mod trigger;
mod types;
mod uses;
mod view;

#[cfg(test)]
mod tests;

pub use statement::{Hazard, HazardKind, LayoutItem, Lock, LockMode, Plan, Statement, Style, TableLayout};

use std::collections::BTreeSet;

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::{Change, ChangeKind, Diff, diff};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use action::{Action, Draft, Item, Verb};
use catalog::Catalog;
use fate::{Fate, Fates};

/// What every object kind may look at while it writes its statements.
struct Context<'a> {
    /// The old schema, under the new names.
    old: Catalog<'a>,
    /// The new schema.
    new: Catalog<'a>,
    /// What becomes of each item that is touched.
    fates: Fates,
    /// What differs.
    diff: &'a Diff<'a>,
    /// How the plan is written.
    style: Style,
}

impl<'a> Context<'a> {
    fn new(difference: &'a Diff<'a>, to: &'a Model, style: Style) -> Context<'a> {
        let (old, new) = (Catalog::new(&difference.base), Catalog::new(to));
        let fates = fate::fates(&difference.changes, &old, &new);
        Context { old, new, fates, diff: difference, style }
    }

    /// Whether this plan makes the item, for the first time or again.
    fn makes(&self, item: &Item) -> bool {
        matches!(self.fates.get(item), Some(Fate::Create | Fate::Rebuild | Fate::Swap))
    }

    /// Whether this plan makes the table or view: nobody uses it yet, so nothing about it needs care.
    fn is_new(&self, relation: &Name) -> bool {
        let makes = |id: ObjectId| self.makes(&Item::whole(id));
        makes(ObjectId::Table(relation.clone())) || makes(ObjectId::View(relation.clone()))
    }

    /// Whether the online way is wanted, and there for the relation: what is partitioned knows no CONCURRENTLY.
    fn concurrently(&self, relation: &Name) -> bool {
        let partitioned = |model: &Model| model.tables.get(relation).is_some_and(|table| table.partition_by.is_some());
        self.style == Style::Online
            && !self.is_new(relation)
            && !partitioned(self.new.model)
            && !partitioned(self.old.model)
    }
}

/// The plan that takes a database from one schema to another.
pub fn plan(from: &Model, to: &Model, style: Style) -> Plan {
    let difference = diff(from, to);
    of_diff(&difference, to, style)
}

/// The plan for changes that were already found; `to` is the model that they lead to.
pub fn of_diff(difference: &Diff<'_>, to: &Model, style: Style) -> Plan {
    let context = Context::new(difference, to, style);
    let (statements, cycle) = written(&context);
    let mut plan = Plan { statements: rename::statements(&context), diagnostics: difference.diagnostics.clone() };
    plan.diagnostics.extend(cycle);
    plan.diagnostics.extend(extension::downgrades(&difference.base, to));
    plan.diagnostics.extend(table::conversions(&difference.changes));
    plan.diagnostics.extend(rows::refused(&context));
    plan.statements.extend(statements.into_iter().map(|(_, statement)| statement));
    trust(&context, &mut plan.statements);
    patience(&mut plan.statements, style);
    plan.statements.extend(grant::default_privileges(&context, plan.statements.last().map_or(0, |last| last.group)));
    plan
}

/// The statements for changes without renames, each with the rank of what it is about.
fn ranked(difference: &Diff<'_>, to: &Model, style: Style) -> Vec<(u8, Statement)> {
    written(&Context::new(difference, to, style)).0
}

/// The statements that carry out the fates, in their order, each with the rank of what it is about.
fn written(context: &Context<'_>) -> (Vec<(u8, Statement)>, Option<Diagnostic>) {
    let actions = steps::actions(context);
    let order = graph::order(&actions, steps::rank);
    let folded = fold::fold(&actions, &order.sequence);
    let own: Vec<usize> = order.sequence.into_iter().filter(|at| !folded.is_part(*at)).collect();
    let write = |at: &usize| {
        let parts: BTreeSet<&Item> = folded.parts(*at).map(|part| &actions.list[part].item).collect();
        (&actions.list[*at], kinds::drafts(context, &actions.list[*at], &parts))
    };
    let drafts: Vec<(&Action, Vec<Draft>)> = own.par_iter().with_min_len(steps::TOGETHER).map(write).collect();
    let drafts = drafts.into_iter().flat_map(|(action, drafts)| drafts.into_iter().map(move |draft| (action, draft)));
    let drafts: Vec<(&Action, Draft)> = drafts.collect();
    let ranks: Vec<u8> = drafts.iter().map(|(action, _)| kinds::rank(&action.item)).collect();
    let statements = ranks.into_iter().zip(place(&context.diff.changes, drafts)).collect();
    (statements, cycle(&actions.list, &order.cycle))
}

/// Gives each statement its group.
fn place(changes: &[Change], drafts: Vec<(&Action, Draft)>) -> Vec<Statement> {
    let mut group = 0;
    let mut empty = true;
    let mut unusable: Vec<String> = Vec::new();
    let mut statements = Vec::with_capacity(drafts.len());
    for (action, draft) in drafts {
        let used = unusable.iter().any(|constant| draft.unusable.is_none() && draft.sql.contains(constant));
        if (draft.alone || draft.apart || used) && !empty {
            group += 1;
            unusable.clear();
        }
        unusable.extend(draft.unusable);
        statements.push(Statement {
            sql: draft.sql,
            object: action.item.id.clone(),
            reason: reason(changes, &action.item, action.verb),
            hazards: draft.hazards,
            lock: draft.lock,
            converts: draft.converts,
            transactional: !draft.alone,
            group,
            layout: draft.layout,
        });
        empty = draft.alone || draft.ends;
        if empty {
            group += 1;
            unusable.clear();
        }
    }
    statements
}

/// Online, a statement that cannot have its lock gives up rather than let everybody else wait behind it.
fn patience(statements: &mut Vec<Statement>, style: Style) {
    let Some(first) = statements.iter().find(|statement| statement.lock.is_some()) else { return };
    if style == Style::Plain {
        return;
    }
    let reason = "give up rather than let others wait behind a lock that is not to be had";
    let object = first.object.clone();
    begin(statements, setting("SET lock_timeout = '5s'", object, reason));
}

/// Bodies that name things by a search path, which is that of whoever calls them, are not looked into.
fn trust(context: &Context<'_>, statements: &mut Vec<Statement>) {
    let makes = |statement: &&Statement| {
        matches!(&statement.object, ObjectId::Routine(_)) && statement.sql.starts_with("CREATE ")
    };
    let mut made = statements.iter().filter(makes).map(|statement| &statement.object).peekable();
    if made.peek().is_some()
        && let Some(setting) = trusting(context.new.model, made)
    {
        begin(statements, setting);
    }
}

/// The setting without which one of the routines `made` does not load.
fn trusting<'o>(model: &Model, made: impl Iterator<Item = &'o ObjectId>) -> Option<Statement> {
    let needs_path = uses::needs_path(model);
    let mut made = made.filter(|object| match object {
        ObjectId::Routine(signature) => model.routines.get(signature).is_some_and(&needs_path),
        _ => false,
    });
    let reason = "a body names what is found by the search path of whoever calls it";
    Some(setting("SET check_function_bodies = off", made.next()?.clone(), reason))
}

/// A setting of the session.
fn setting(sql: &str, object: ObjectId, reason: &str) -> Statement {
    Statement {
        sql: sql.to_owned(),
        object,
        reason: reason.to_owned(),
        hazards: Vec::new(),
        lock: None,
        converts: false,
        transactional: false, // it holds for the session
        group: 0,
        layout: None,
    }
}

/// Puts a setting before all statements.
fn begin(statements: &mut Vec<Statement>, setting: Statement) {
    statements.iter_mut().for_each(|statement| statement.group += 1);
    statements.insert(0, setting);
}

/// Says that a rule is wrong, rather than that a plan is fine.
fn cycle(actions: &[Action], at: &[usize]) -> Option<Diagnostic> {
    if at.is_empty() {
        return None;
    }
    let names: Vec<String> = at.iter().map(|at| format!("`{}`", actions[*at].item.id)).collect();
    let message = format!("no order of statements satisfies all dependencies of {}", names.join(", "));
    Some(Diagnostic::new(Severity::Error, "plan-cycle", message).help("split the change into two steps"))
}

/// The change that an item's action is for.
fn reason(changes: &[Change], item: &Item, verb: Verb) -> String {
    let first = changes.partition_point(|change| change.id < item.id);
    let mut own = changes[first..].iter().take_while(|change| change.id == item.id);
    match own.find(|change| !matches!(change.kind, ChangeKind::Renamed { .. })) {
        Some(change) => change.to_string(),
        None if verb == Verb::Alter => format!("{} moves over, since its type is made again", item.id),
        None if verb == Verb::Drop => format!("{} is made again, since something that it depends on changes", item.id),
        None => format!("{} is put back, since something that it depends on changed", item.id),
    }
}
