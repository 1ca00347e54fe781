//! Row level security policies.

use squawk_syntax::ast::{self, AstNode};

use super::session::Session;
use super::tree::{ident_of, roles};
use super::{expr, renames};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::security::Policy;

/// Runs CREATE POLICY.
pub fn create(session: &mut Session, statement: &ast::CreatePolicy) {
    let node = statement.syntax();
    let (Some(name), Some(table)) = (ident_of(statement.policy()), table_of(session, statement.on_table())) else {
        return;
    };
    let policy = Policy {
        permissive: !statement
            .as_policy_type()
            .is_some_and(|it| session.text(it.syntax()).to_lowercase().contains("restrictive")),
        command: statement.policy_command().and_then(|it| it.command()).map_or("all", command).to_owned(),
        roles: to_roles(statement.policy_roles()),
        using: statement.using_expr_clause().and_then(|it| it.expr()).map(|it| expr::bare(session, it)),
        check: statement.with_check_expr_clause().and_then(|it| it.expr()).map(|it| expr::bare(session, it)),
        comment: None,
        hints: session.hints(node),
    };
    let id = ObjectId::Policy(table.clone(), name.clone());
    let Some(found) = session.table(&table, node) else { return };
    if found.policies.contains_key(&name) {
        return session.duplicate(&id, node);
    }
    found.policies.insert(name, policy);
    session.origin(id, node);
}

fn table_of(session: &Session, on: Option<ast::OnTable>) -> Option<Name> {
    on.and_then(|it| it.table_name_ref()).map(|it| session.relation_name(it.syntax()))
}

fn command(kind: ast::PolicyCommandKind) -> &'static str {
    match kind {
        ast::PolicyCommandKind::PolicyCommandAll(_) => "all",
        ast::PolicyCommandKind::PolicyCommandSelect(_) => "select",
        ast::PolicyCommandKind::PolicyCommandInsert(_) => "insert",
        ast::PolicyCommandKind::PolicyCommandUpdate(_) => "update",
        ast::PolicyCommandKind::PolicyCommandDelete(_) => "delete",
    }
}

/// The roles, sorted, each once; `public` when none is named.
fn to_roles(clause: Option<ast::PolicyRoles>) -> Vec<Ident> {
    let mut named = roles(clause.and_then(|it| it.role_ref_list()));
    named.sort();
    named.dedup();
    if named.is_empty() { vec![Ident::new("public")] } else { named }
}

/// Runs ALTER POLICY.
pub fn alter(session: &mut Session, statement: &ast::AlterPolicy) {
    let node = statement.syntax();
    let (Some(name), Some(table)) = (ident_of(statement.policy_ref()), table_of(session, statement.on_table())) else {
        return;
    };
    let Some(found) = session.table(&table, node) else { return };
    let Some(mut policy) = found.policies.remove(&name) else { return session.missing("policy", &name, node) };
    let mut kept = name.clone();
    match statement.action() {
        Some(ast::AlterPolicyAction::PolicyRenameTo(it)) => {
            kept = ident_of(it.policy()).unwrap_or(kept);
            let old = ObjectId::Policy(table.clone(), name);
            renames::move_origin(session, &old, ObjectId::Policy(table.clone(), kept.clone()));
        }
        Some(ast::AlterPolicyAction::AlterPolicyTo(it)) => {
            if it.policy_roles().is_some() {
                policy.roles = to_roles(it.policy_roles());
            }
            let using = it.using_expr_clause().and_then(|it| it.expr()).map(|it| expr::bare(session, it));
            let check = it.with_check_expr_clause().and_then(|it| it.expr()).map(|it| expr::bare(session, it));
            policy.using = using.or(policy.using);
            policy.check = check.or(policy.check);
        }
        None => {}
    }
    if let Some(table) = session.model.tables.get_mut(&table) {
        table.policies.insert(kept, policy);
    }
}
