//! Row level security policies.

use super::Context;
use super::action::{Draft, Verb};
use super::grant::role;
use super::statement::{HazardKind, LockMode};
use super::text::parenthesized;
use crate::diff::Fact;
use crate::model::Model;
use crate::model::name::{Ident, Name};
use crate::model::security::Policy;

/// Whether a policy must be made anew: what it is for cannot change, and an expression cannot be taken away.
pub(super) fn rebuilds(facts: &[Fact], old: &Model, new: &Model, table: &Name, name: &Ident) -> bool {
    let find = |model: &Model| model.tables.get(table).and_then(|table| table.policies.get(name)).cloned();
    let (Some(old), Some(new)) = (find(old), find(new)) else { return true };
    facts.iter().any(|fact| matches!(fact.name.as_ref(), "kind" | "command"))
        || (old.using.is_some() && new.using.is_none())
        || (old.check.is_some() && new.check.is_none())
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, table: &Name, name: &Ident, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let find = |model: &Model| model.tables.get(table).and_then(|table| table.policies.get(name)).cloned();
    let draft = match verb {
        Verb::Create => find(context.new.model).map(|policy| Draft::new(create(table, name, &policy))),
        Verb::Drop => Some(Draft::new(format!("DROP POLICY {name} ON {table}")).hazard(
            HazardKind::BreakCode,
            format!("rows of {table} that only the policy {name} let through, or held back, are seen differently"),
        )),
        Verb::Alter => find(context.new.model).map(|policy| Draft::new(alter(table, name, &policy, facts))),
    };
    draft.map(|draft| draft.lock(table, LockMode::AccessExclusive)).into_iter().collect()
}

fn create(table: &Name, name: &Ident, policy: &Policy) -> String {
    let mut lines = vec![format!("CREATE POLICY {name} ON {table}")];
    if !policy.permissive {
        lines.push("AS RESTRICTIVE".to_owned());
    }
    lines.push(format!("FOR {}", policy.command.to_uppercase()));
    if !is_public(&policy.roles) {
        lines.push(format!("TO {}", roles(&policy.roles)));
    }
    lines.extend(conditions(policy, true, true));
    lines.join("\n  ")
}

fn alter(table: &Name, name: &Ident, policy: &Policy, facts: &[Fact]) -> String {
    let has = |name: &str| facts.iter().any(|fact| fact.name == name);
    let mut lines = vec![format!("ALTER POLICY {name} ON {table}")];
    if has("roles") {
        lines.push(format!("TO {}", roles(&policy.roles)));
    }
    lines.extend(conditions(policy, has("using"), has("check")));
    lines.join("\n  ")
}

fn conditions(policy: &Policy, using: bool, check: bool) -> Vec<String> {
    let using = policy.using.as_ref().filter(|_| using).map(|sql| format!("USING {}", parenthesized(sql)));
    let check = policy.check.as_ref().filter(|_| check).map(|sql| format!("WITH CHECK {}", parenthesized(sql)));
    using.into_iter().chain(check).collect()
}

fn is_public(roles: &[Ident]) -> bool {
    roles.is_empty() || matches!(roles, [only] if only.as_str() == "public")
}

fn roles(names: &[Ident]) -> String {
    if names.is_empty() {
        return "PUBLIC".to_owned();
    }
    names.iter().map(role).collect::<Vec<_>>().join(", ")
}
