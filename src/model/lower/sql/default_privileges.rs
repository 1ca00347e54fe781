//! ALTER DEFAULT PRIVILEGES.

use squawk_syntax::ast::{self, AstNode};

use super::grants::{Privilege, is_grantable, privileges};
use super::session::Session;
use super::tree::{idents, roles};
use crate::model::id::ObjectId;
use crate::model::name::Ident;
use crate::model::security::{DefaultPrivilege, Grant, all_by_default, automatic};

/// Runs ALTER DEFAULT PRIVILEGES.
pub fn alter(session: &mut Session, statement: &ast::AlterDefaultPrivileges) {
    let owners = some_or_none(roles(statement.for_roles().and_then(|it| it.role_ref_list())));
    let schemas = some_or_none(statement.in_schemas().map(|it| idents(it.schema_refs())).unwrap_or_default());
    let (listed, target, grantees, change) = match statement.action() {
        Some(ast::AlterDefaultPrivilegesAction::GrantDefaultPrivileges(it)) => {
            let grant = Grant::Granted { grantable: is_grantable(it.grant_with_clause()) };
            (it.privileges(), it.privilege_target(), roles(it.role_ref_list()), Change::Give(grant))
        }
        Some(ast::AlterDefaultPrivilegesAction::RevokeDefaultPrivileges(it)) => {
            let change = if it.grant_option_for().is_some() { Change::NoOption } else { Change::Take };
            (it.privileges(), it.privilege_target(), roles(it.role_ref_list()), change)
        }
        None => return,
    };
    let Some(objects) = target.map(|it| objects(&it)) else { return };
    if objects == "large objects" {
        return session.unmodelled("default privileges on large objects", statement.syntax());
    }
    let listed = spelled_out(privileges(listed), objects);
    for role in &owners {
        for schema in &schemas {
            for grantee in &grantees {
                for privilege in &listed {
                    let key = DefaultPrivilege {
                        role: role.clone(),
                        schema: schema.clone(),
                        objects: objects.to_owned(),
                        grantee: grantee.clone(),
                        privilege: privilege.clone(),
                    };
                    apply(session, key, &change);
                }
            }
        }
    }
}

/// Gives the privileges that are the default by now to a new object.
pub fn give_to(session: &mut Session, object: &ObjectId) {
    let given = automatic(&session.model, object);
    session.model.grants.extend(given);
}

enum Change {
    Give(Grant),
    Take,
    NoOption,
}

fn apply(session: &mut Session, key: DefaultPrivilege, change: &Change) {
    let defaults = &mut session.model.default_privileges;
    match change {
        Change::Give(_) if defaults.get(&key) == Some(&Grant::Revoked) => drop(defaults.remove(&key)),
        Change::Give(grant) => drop(defaults.insert(key, *grant)),
        Change::NoOption => {
            defaults.entry(key).and_modify(|grant| *grant = Grant::Granted { grantable: false });
        }
        Change::Take if is_given_to_all(&key) => drop(defaults.insert(key, Grant::Revoked)),
        Change::Take => {
            let of = |privilege: &str| DefaultPrivilege { privilege: privilege.to_owned(), ..key.clone() };
            if all_by_default(&key.objects).iter().all(|privilege| defaults.contains_key(&of(privilege))) {
                defaults.remove(&of("maintain"));
            }
            defaults.remove(&key);
        }
    }
}

/// Whether everyone has the privilege anyway; that can be taken away for all schemas only.
fn is_given_to_all(key: &DefaultPrivilege) -> bool {
    let usual = matches!((key.objects.as_str(), key.privilege.as_str()), ("functions", "execute") | ("types", "usage"));
    usual && key.grantee.as_str() == "public" && key.schema.is_none()
}

fn some_or_none(named: Vec<Ident>) -> Vec<Option<Ident>> {
    if named.is_empty() { vec![None] } else { named.into_iter().map(Some).collect() }
}

fn objects(target: &ast::PrivilegeTarget) -> &'static str {
    match target {
        ast::PrivilegeTarget::PrivilegeTargetFunctions(_) | ast::PrivilegeTarget::PrivilegeTargetRoutines(_) => {
            "functions"
        }
        ast::PrivilegeTarget::PrivilegeTargetLargeObjects(_) => "large objects",
        ast::PrivilegeTarget::PrivilegeTargetSchemas(_) => "schemas",
        ast::PrivilegeTarget::PrivilegeTargetSequences(_) => "sequences",
        ast::PrivilegeTarget::PrivilegeTargetTables(_) => "tables",
        ast::PrivilegeTarget::PrivilegeTargetTypes(_) => "types",
    }
}

fn spelled_out(listed: Vec<Privilege>, objects: &str) -> Vec<String> {
    let spell = |privilege: Privilege| match privilege.name.as_str() {
        "all" => all_by_default(objects).iter().map(|&name| name.to_owned()).collect(),
        _ => vec![privilege.name],
    };
    listed.into_iter().flat_map(spell).collect()
}
