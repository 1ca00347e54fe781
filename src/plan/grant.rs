//! Privileges, and default privileges.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::action::{Draft, Item, Verb};
use super::comment::target;
use super::fate::Fate;
use super::statement::{HazardKind, Statement};
use crate::diff::object;
use crate::diff::object::unequal;
use crate::diff::privileges::{bearer, default_privilege_id, grants_of};
use crate::model::id::ObjectId;
use crate::model::name::Ident;
use crate::model::security::{DefaultPrivilege, Grant, GrantKey, all_by_default, all_privileges, automatic};
use crate::model::{Model, canonical};

/// The privileges that one role has on one thing: limited to a column or not, and which.
type Privileges = BTreeMap<(Option<Ident>, String), Grant>;

/// What is done to privileges, in the order in which it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Take,
    TakeOption,
    Give,
    GiveWithOption,
}

impl Change {
    fn verb(self) -> &'static str {
        match self {
            Change::Take => "REVOKE",
            Change::TakeOption => "REVOKE GRANT OPTION FOR",
            Change::Give | Change::GiveWithOption => "GRANT",
        }
    }

    /// What follows the privileges and what they are on.
    fn end(self, grantee: &Ident) -> String {
        match self {
            Change::Take | Change::TakeOption => format!("FROM {}", role(grantee)),
            Change::Give => format!("TO {}", role(grantee)),
            Change::GiveWithOption => format!("TO {} WITH GRANT OPTION", role(grantee)),
        }
    }
}

/// The statements that carry out `verb` on the privileges of `id`.
pub(super) fn drafts(context: &Context<'_>, id: &ObjectId, verb: Verb) -> Vec<Draft> {
    let find = |model: &Model, id: &ObjectId| bearer(model, id).filter(|_| object::find(model, id).is_some());
    let (was, is) = (find(context.old.model, id), find(context.new.model, id));
    // With an identity its sequence goes, and what stands on it.
    let Some(id) = is.as_ref().or(was.as_ref().filter(|_| !matches!(id, ObjectId::Column(..)))) else {
        return Vec::new();
    };
    let old = match verb {
        Verb::Create => by_grantee(automatic(context.old.model, id).iter()),
        _ => by_grantee(was.iter().flat_map(|was| grants_of(context.old.model, was))),
    };
    let new = if verb == Verb::Drop { BTreeMap::new() } else { by_grantee(grants_of(context.new.model, id)) };
    let on = grant_target(context, id);
    let mut all = Vec::new();
    for grantee in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let none = Privileges::new();
        let (before, after) = (old.get(grantee).unwrap_or(&none), new.get(grantee).unwrap_or(&none));
        let found = changes(before, after, all_privileges(id));
        all.extend(found.into_iter().map(|(change, privileges)| (change, grantee, privileges.join(", "))));
    }
    all.sort_by_key(|(change, ..)| *change);
    let draft = |(change, grantee, privileges): (Change, &Ident, String)| {
        let draft = Draft::new(format!("{} {privileges} ON {on} {}", change.verb(), change.end(grantee)));
        let lost = format!("{grantee} loses {privileges} on {on}");
        let takes = matches!(change, Change::Take | Change::TakeOption);
        if takes { draft.hazard(HazardKind::BreakCode, lost) } else { draft }
    };
    all.into_iter().map(draft).collect()
}

fn by_grantee<'a>(grants: impl Iterator<Item = (&'a GrantKey, &'a Grant)>) -> BTreeMap<Ident, Privileges> {
    let mut all: BTreeMap<Ident, Privileges> = BTreeMap::new();
    for (key, grant) in grants {
        all.entry(key.grantee.clone()).or_default().insert((key.column.clone(), key.privilege.clone()), *grant);
    }
    all
}

/// What leads from one role's privileges to others. Who has `all` of them has it under that name, which means more
/// in newer versions of PostgreSQL; so all are taken from it before it gets what is left.
fn changes(old: &Privileges, new: &Privileges, all: &[&str]) -> BTreeMap<Change, Vec<String>> {
    let mut found: BTreeMap<Change, Vec<String>> = BTreeMap::new();
    let whole = complete(new, all);
    let less = |key: &(Option<Ident>, String)| match (old.get(key), new.get(key)) {
        (Some(Grant::Granted { grantable }), Some(Grant::Granted { grantable: left })) => {
            grantable > left && whole.is_none()
        }
        (Some(Grant::Granted { .. }), _) => true,
        _ => false,
    };
    let nothing = Privileges::new();
    let starts_over = complete(old, all).is_some() && old.keys().any(less);
    if starts_over {
        found.insert(Change::Take, vec!["ALL".to_owned()]);
    }
    let old = if starts_over { &nothing } else { old };
    for key in unequal(old, new) {
        let change = match (old.get(key), new.get(key)) {
            (_, Some(Grant::Revoked)) | (Some(Grant::Granted { .. }), None) => Change::Take,
            (Some(Grant::Granted { grantable: true }), Some(Grant::Granted { grantable: false })) => Change::TakeOption,
            (_, Some(Grant::Granted { grantable: true })) => Change::GiveWithOption,
            (_, Some(Grant::Granted { grantable: false })) | (Some(Grant::Revoked), None) => Change::Give,
            (None, None) => continue,
        };
        let all = change != Change::Take && whole.is_some() && key.0.is_none();
        let spelled = if all { "ALL".to_owned() } else { spell(key) };
        let list = found.entry(change).or_default();
        if list.last() != Some(&spelled) {
            list.push(spelled);
        }
    }
    found
}

/// Whether these are all privileges that there are, given on the same terms; with the grant option or without.
fn complete(privileges: &Privileges, all: &[&str]) -> Option<bool> {
    let of = |privilege: &&str| match privileges.get(&(None, (*privilege).to_owned())) {
        Some(Grant::Granted { grantable }) => Some(*grantable),
        _ => None,
    };
    let first = all.first().filter(|_| all.len() > 1).and_then(of)?;
    all.iter().all(|privilege| of(privilege) == Some(first)).then_some(first)
}

fn spell((column, privilege): &(Option<Ident>, String)) -> String {
    let name = privilege.to_uppercase();
    column.as_ref().map(|column| format!("{name} ({column})")).unwrap_or(name)
}

/// A role's name; `public` is all roles.
pub(super) fn role(name: &Ident) -> String {
    match name.as_str() {
        "public" => "PUBLIC".to_owned(),
        "current_user" | "session_user" | "current_role" => name.as_str().to_uppercase(),
        _ => name.to_string(),
    }
}

/// GRANT knows views and foreign tables as tables, and aggregates as functions.
fn grant_target(context: &Context<'_>, id: &ObjectId) -> String {
    let model =
        if crate::diff::object::find(context.new.model, id).is_some() { context.new.model } else { context.old.model };
    match id {
        ObjectId::View(name) | ObjectId::Table(name) => format!("TABLE {name}"),
        ObjectId::Column(table, _) => format!("TABLE {table}"),
        ObjectId::Other(other) => {
            let kind = match other.kind.as_str() {
                "AGGREGATE" => "FUNCTION",
                "FOREIGN TABLE" => "TABLE",
                "SERVER" => "FOREIGN SERVER",
                kind => kind.trim_start_matches("PROCEDURAL "),
            };
            format!("{kind} {}", other.name)
        }
        other => target(model, other),
    }
}

/// Whose default privileges on what, and for whom.
type Defaults = (Option<Ident>, Option<Ident>, String, Ident);

/// The statements that change default privileges; they touch no object that is there.
pub(super) fn default_privileges(context: &Context<'_>, group: u32) -> Vec<Statement> {
    let [old, new] = [context.old.model, context.new.model].map(|model| &model.default_privileges);
    if old == new {
        return Vec::new();
    }
    let [meant_before, meant] = [old, new].map(canonical::default_privileges);
    // Those of a schema go with it.
    let gone = |schema: &Ident| context.fates.get(&Item::whole(ObjectId::Schema(schema.clone()))) == Some(&Fate::Drop);
    let left = unequal(&meant_before, &meant).filter(|key| !key.schema.as_ref().is_some_and(gone));
    let touched: BTreeMap<Defaults, &DefaultPrivilege> = left.map(|key| (defaults(key), key)).collect();
    let (old, new) = (by_defaults(old), by_defaults(new));
    let mut statements = Vec::new();
    for (of, key) in touched {
        let none = Privileges::new();
        let (before, after) = (old.get(&of).unwrap_or(&none), new.get(&of).unwrap_or(&none));
        for (change, privileges) in changes(before, after, all_by_default(&of.2)) {
            statements.push(Statement {
                sql: default_privilege(&of, change, &privileges.join(", ")),
                object: default_privilege_id(key),
                reason: format!("alter {}", default_privilege_id(key)),
                hazards: Vec::new(),
                lock: None,
                converts: false,
                transactional: true,
                group,
                layout: None,
            });
        }
    }
    statements
}

fn defaults(key: &DefaultPrivilege) -> Defaults {
    (key.role.clone(), key.schema.clone(), key.objects.clone(), key.grantee.clone())
}

fn by_defaults(all: &BTreeMap<DefaultPrivilege, Grant>) -> BTreeMap<Defaults, Privileges> {
    let mut found: BTreeMap<Defaults, Privileges> = BTreeMap::new();
    for (key, grant) in all {
        found.entry(defaults(key)).or_default().insert((None, key.privilege.clone()), *grant);
    }
    found
}

fn default_privilege((owner, schema, objects, grantee): &Defaults, change: Change, privileges: &str) -> String {
    let owner = owner.as_ref().map(|role| format!(" FOR ROLE {role}")).unwrap_or_default();
    let schema = schema.as_ref().map(|schema| format!(" IN SCHEMA {schema}")).unwrap_or_default();
    let (verb, objects, end) = (change.verb(), objects.to_uppercase(), change.end(grantee));
    format!("ALTER DEFAULT PRIVILEGES{owner}{schema} {verb} {privileges} ON {objects} {end}")
}
