//! What hardening rules call: functions, and the tables that these read and write.
//!
//! Each is defined only when a rule needs it, and never in place of one that a schema file defines. All functions name what they
//! use with its schema and pin `search_path`, so that no caller can slip another table or operator under them; those that
//! must reach past row level security are SECURITY DEFINER, and no more than those.

mod access;
mod rows;
mod trail;

use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Hardened, Rule};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Hints;
use crate::model::datatype::{BaseType, DataType};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::routine::{Argument, Attributes, Body, Mode, Returns, Routine, RoutineKind};
use crate::model::table::Table;
use crate::production::story::{self, Added, FieldSource, FieldStory, TableStory};

/// Something that rules need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// `auth.uid()`: who is signed in.
    AuthUid,
    /// `has_role(text)`: what the one who is signed in may do.
    HasRole,
    /// `guard_role()`: refuses a change of roles, where a trigger calls it.
    GuardRole,
    /// `touch_row()`: keeps the audit columns.
    TouchRow,
    /// `stamp_deletion()`: says when a row was deleted.
    StampDeletion,
    /// `check_version()`: refuses a stale version.
    CheckVersion,
    /// `audit_changes()` and the table that it writes.
    AuditChanges,
}

impl Support {
    /// What it is built on itself.
    fn needs(self) -> &'static [Support] {
        match self {
            Support::HasRole | Support::TouchRow => &[Support::AuthUid],
            Support::AuditChanges => &[Support::AuthUid, Support::HasRole],
            Support::AuthUid | Support::GuardRole | Support::StampDeletion | Support::CheckVersion => &[],
        }
    }
}

/// Defines what is `needed`, and what that needs.
pub fn define(needed: &BTreeSet<Support>, context: &Context<'_>, hardened: &mut Hardened) {
    let mut all: BTreeSet<Support> = BTreeSet::new();
    let mut open: Vec<Support> = needed.iter().copied().collect();
    while let Some(support) = open.pop() {
        if all.insert(support) {
            open.extend(support.needs());
        }
    }
    for support in all {
        match support {
            Support::AuthUid => access::auth_uid(context, hardened),
            Support::HasRole => access::has_role(context, hardened),
            Support::GuardRole => access::guard_role(hardened),
            Support::TouchRow => rows::touch_row(context, hardened),
            Support::StampDeletion => rows::stamp_deletion(hardened),
            Support::CheckVersion => rows::check_version(context, hardened),
            Support::AuditChanges => trail::audit_changes(context, hardened),
        }
    }
}

/// Adds a function, unless a schema file defines it.
fn add_routine(name: Name, routine: Routine, why: &str, hardened: &mut Hardened) {
    let signature = routine.signature(name);
    if hardened.model.routines.contains_key(&signature) {
        let message = format!("the function `{signature}` that a schema file defines is used as it is");
        hardened.notes.push(Diagnostic::new(Severity::Note, "own-function", message));
        return;
    }
    let object = ObjectId::Routine(signature.clone());
    hardened.support.push(Added { object, what: "function".to_owned(), why: why.to_owned() });
    hardened.model.routines.insert(signature, routine);
}

/// Adds a table of the rules' own; a table of that name that a schema file declares is an error, since it is another one.
fn add_table(name: &Name, table: Table, rule: &Rule, setting: &str, why: &str, hardened: &mut Hardened) {
    if hardened.model.tables.contains_key(name) {
        let message = format!("hardening makes a table `{name}`, but an entity of that name is declared");
        let finding = Diagnostic::new(Severity::Error, "name-taken", message);
        hardened.diagnostics.push(finding.help(format!("give it another name with `{setting}` in `forge.toml`")));
        return;
    }
    let field = |column: &crate::model::table::Column| {
        let source = FieldSource::Rule(rule.name.to_owned());
        (column.name.clone(), FieldStory { group: story::group(&table, &column.name), modules: Vec::new(), source })
    };
    let fields: BTreeMap<Ident, FieldStory> = table.columns.iter().map(field).collect();
    hardened.tables.insert(name.clone(), TableStory { fields, notes: vec![why.to_owned()], ..TableStory::default() });
    let object = ObjectId::Table(name.clone());
    hardened.support.push(Added { object, what: "table".to_owned(), why: why.to_owned() });
    hardened.model.tables.insert(name.clone(), table);
}

/// A function in `language` with a pinned search path.
fn function(language: &str, returns: DataType, body: String, comment: &str) -> Routine {
    let settings = BTreeMap::from([("search_path".to_owned(), "pg_catalog, pg_temp".to_owned())]);
    Routine {
        kind: RoutineKind::Function,
        args: Vec::new(),
        returns: Returns::Type(returns),
        language: Ident::new(language),
        body: Body::Text(body),
        attributes: Attributes { settings, ..Attributes::default() },
        comment: Some(comment.to_owned()),
        hints: Hints::default(),
    }
}

/// An argument without default.
fn argument(name: &str, ty: DataType) -> Argument {
    Argument { name: Some(Ident::new(name)), mode: Mode::In, ty, default: None }
}

/// A built-in type by its canonical name.
fn builtin(name: &str) -> DataType {
    DataType { base: BaseType::Builtin(name.into()), modifiers: None, array: false }
}

/// A name with its schema, for use where no search path holds.
fn qualified(name: &Name) -> String {
    match &name.schema {
        Some(_) => name.to_string(),
        None => format!("public.{name}"),
    }
}
