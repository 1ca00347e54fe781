//! Privileges, and default privileges.

use std::collections::BTreeMap;

use super::Context;
use super::action::{Draft, Verb};
use super::comment::target;
use super::statement::{HazardKind, Statement};
use crate::diff::facts::{default_privilege_id, grants_of};
use crate::diff::object::unequal;
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Ident;
use crate::model::security::{DefaultPrivilege, Grant, GrantKey};

/// The statements that carry out `verb` on the privileges of `id`.
pub(super) fn drafts(context: &Context<'_>, id: &ObjectId, verb: Verb) -> Vec<Draft> {
    let all = |model: &Model| -> BTreeMap<GrantKey, Grant> {
        grants_of(model, id).map(|(key, grant)| (key.clone(), *grant)).collect()
    };
    let old = if verb == Verb::Create { BTreeMap::new() } else { all(context.old.model) };
    let new = if verb == Verb::Drop { BTreeMap::new() } else { all(context.new.model) };
    let mut takes: BTreeMap<(Ident, bool), Vec<String>> = BTreeMap::new();
    let mut gives: BTreeMap<(Ident, bool), Vec<String>> = BTreeMap::new();
    for key in unequal(&old, &new) {
        match (old.get(key), new.get(key)) {
            (_, Some(Grant::Revoked)) | (Some(Grant::Granted { .. }), None) => {
                takes.entry((key.grantee.clone(), false)).or_default().push(privilege(key));
            }
            (Some(Grant::Granted { grantable: true }), Some(Grant::Granted { grantable: false })) => {
                takes.entry((key.grantee.clone(), true)).or_default().push(privilege(key));
            }
            (_, Some(Grant::Granted { grantable })) => {
                gives.entry((key.grantee.clone(), *grantable)).or_default().push(privilege(key));
            }
            (Some(Grant::Revoked), None) => {
                gives.entry((key.grantee.clone(), false)).or_default().push(privilege(key));
            }
            (None, None) => {}
        }
    }
    let on = grant_target(context, id);
    let takes = takes.into_iter().map(|((grantee, option), privileges)| {
        let option = if option { "GRANT OPTION FOR " } else { "" };
        let sql = format!("REVOKE {option}{} ON {on} FROM {}", privileges.join(", "), role(&grantee));
        Draft::new(sql).hazard(HazardKind::BreakCode, format!("{grantee} loses {} on {on}", privileges.join(", ")))
    });
    let gives = gives.into_iter().map(|((grantee, grantable), privileges)| {
        let option = if grantable { " WITH GRANT OPTION" } else { "" };
        Draft::new(format!("GRANT {} ON {on} TO {}{option}", privileges.join(", "), role(&grantee)))
    });
    takes.chain(gives).collect()
}

fn privilege(key: &GrantKey) -> String {
    let name = key.privilege.to_uppercase();
    key.column.as_ref().map(|column| format!("{name} ({column})")).unwrap_or(name)
}

/// A role's name; `public` is all roles.
pub(super) fn role(name: &Ident) -> String {
    match name.as_str() {
        "public" => "PUBLIC".to_owned(),
        "current_user" | "session_user" | "current_role" => name.as_str().to_uppercase(),
        _ => name.to_string(),
    }
}

/// GRANT knows views as tables.
fn grant_target(context: &Context<'_>, id: &ObjectId) -> String {
    let model =
        if crate::diff::object::find(context.new.model, id).is_some() { context.new.model } else { context.old.model };
    match id {
        ObjectId::View(name) | ObjectId::Table(name) => format!("TABLE {name}"),
        ObjectId::Column(table, _) => format!("TABLE {table}"),
        ObjectId::Other(other) => format!("{} {}", other.kind.trim_start_matches("PROCEDURAL "), other.name),
        other => target(model, other),
    }
}

/// The statements that change default privileges; they touch no object that is there.
pub(super) fn default_privileges(context: &Context<'_>, group: u32) -> Vec<Statement> {
    let (old, new) = (&context.old.model.default_privileges, &context.new.model.default_privileges);
    let statement = |key: &DefaultPrivilege| Statement {
        sql: default_privilege(key, old.get(key), new.get(key)),
        object: default_privilege_id(key),
        reason: format!("alter {}", default_privilege_id(key)),
        hazards: Vec::new(),
        lock: None,
        transactional: true,
        group,
        layout: None,
    };
    unequal(old, new).map(statement).collect()
}

fn default_privilege(key: &DefaultPrivilege, old: Option<&Grant>, new: Option<&Grant>) -> String {
    let owner = key.role.as_ref().map(|role| format!(" FOR ROLE {role}")).unwrap_or_default();
    let schema = key.schema.as_ref().map(|schema| format!(" IN SCHEMA {schema}")).unwrap_or_default();
    let (privilege, objects, grantee) = (key.privilege.to_uppercase(), key.objects.to_uppercase(), role(&key.grantee));
    let change = match (old, new) {
        (_, Some(Grant::Granted { grantable: true })) => {
            format!("GRANT {privilege} ON {objects} TO {grantee} WITH GRANT OPTION")
        }
        (Some(Grant::Granted { grantable: true }), Some(Grant::Granted { grantable: false })) => {
            format!("REVOKE GRANT OPTION FOR {privilege} ON {objects} FROM {grantee}")
        }
        (_, Some(Grant::Granted { grantable: false })) | (Some(Grant::Revoked), None) => {
            format!("GRANT {privilege} ON {objects} TO {grantee}")
        }
        (_, Some(Grant::Revoked) | None) => format!("REVOKE {privilege} ON {objects} FROM {grantee}"),
    };
    format!("ALTER DEFAULT PRIVILEGES{owner}{schema} {change}")
}
