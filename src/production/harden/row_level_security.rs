//! Row level security: each caller reaches the rows that the entity's access says, and no others.
//!
//! An entity that declares its access gets one policy for all commands: the owner's rows, and every row for an
//! administrator; `read` adds a second policy that lets rows be read. An entity that declares none is closed to everybody but
//! administrators (the setting `without_access` opens it): a table that nobody thought about must not be
//! the one that leaks. The report names each of them. Policies that a schema file wrote itself are left alone.
//!
//! Where the users' own rows say who is an administrator, who may write such a row must not be able to say it: a
//! trigger guards the field `role`.
//!
//! Policies bind every role but the table's owner and those with BYPASSRLS, so migrations and the functions
//! that forge defines run as before; applications connect as another role.

use super::piece::{Piece, Proposal, joined, policy, row_trigger};
use super::support::Support;
use super::{Rule, Site, Users};
use crate::config::harden::WithoutAccess;
use crate::diagnostic::{Severity, nearest};
use crate::model::name::{Ident, Name};
use crate::model::relation::{Events, Timing};
use crate::model::singular::singular;
use crate::model::table::Column;
use crate::model::types::TypeKind;
use crate::model::{Access, Sql};

/// The rule.
pub const RULE: Rule = Rule {
    name: "row_level_security",
    title: "Row level security",
    about: "Each caller reaches the rows that the entity's access declares: those of which its `owner` field names them, \
            all where its `admin` condition holds, and to read those for which `read` does. An entity without declared \
            access is closed to everybody but administrators. The table's owner is not bound, so applications connect \
            as another role.",
    propose,
    needs: &[Support::AuthUid, Support::HasRole, Support::GuardRole],
};

/// The function of the triggers that guard who is an administrator.
pub const GUARD: &str = "guard_role";

/// The field that says what a user may do.
const ROLE: &str = "role";

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    if !site.table.row_security {
        proposal.add(Piece::RowSecurity, "no row is reached unless a policy lets it through");
    }
    match &site.table.intent.access {
        Some(access) => declared(site, access, &mut proposal),
        None if site.table.policies.is_empty() => undeclared(site, &mut proposal),
        None => {
            proposal.notes.push("its own policies are kept; none is added".to_owned());
            guard(site, &mut proposal);
        }
    }
    proposal
}

/// The policies of a declared access.
fn declared(site: &Site<'_>, access: &Access, proposal: &mut Proposal) {
    let owner = access.owner.as_ref().and_then(|owner| owner_condition(site, owner, proposal));
    let conditions: Vec<String> = owner.into_iter().chain(access.admin.as_ref().map(alternative)).collect();
    if !conditions.is_empty() {
        let why = match (&access.owner, &access.admin) {
            (Some(owner), Some(admin)) => format!("whoever `{owner}` names reaches the row; all rows where {admin}"),
            (Some(owner), None) => format!("whoever `{owner}` names reaches the row"),
            _ => format!("all rows are reached where {}", conditions[0]),
        };
        add(site, "access", "all", conditions.join(" OR "), why, proposal);
        let admin = site.context.settings.admin.to_string();
        if conditions.iter().any(|condition| *condition != admin) {
            guard(site, proposal);
        }
    }
    if let Some(read) = &access.read {
        add(site, "read", "select", read.to_string(), format!("rows are read where {read}"), proposal);
    }
}

/// `owner_id = auth.uid()`, when the field is there and can be compared.
fn owner_condition(site: &Site<'_>, owner: &Ident, proposal: &mut Proposal) -> Option<String> {
    let Some(column) = site.table.column(owner.as_str()) else {
        let message = format!("the access of `{}` names the owner field `{owner}`, which it does not have", site.name);
        let finding = site.finding(Severity::Error, "unknown-owner", None, message);
        let near = nearest(owner.as_str(), site.table.columns.iter().map(|column| column.name.as_str()));
        proposal.diagnostics.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("name the field that holds the owner's id"),
        });
        return None;
    };
    let user = site.context.user_type();
    if column.ty != user {
        let message = format!("`{}.{owner}` is `{}`, but a signed-in user's id is `{user}`", site.name, column.ty);
        let finding = site.finding(Severity::Error, "owner-type", Some(owner), message);
        proposal.diagnostics.push(finding.help(format!("let it refer to `{}`", site.context.settings.users)));
        return None;
    }
    Some(format!("{owner} = auth.uid()"))
}

/// A condition as one side of an OR, in parentheses where it is no single call or word.
fn alternative(condition: &Sql) -> String {
    let text = condition.as_str();
    let mut depth = 0_i32;
    let simple = text.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth > 0 || c != ' '
    });
    if simple { text.to_owned() } else { format!("({text})") }
}

/// What an entity without declared access gets.
fn undeclared(site: &Site<'_>, proposal: &mut Proposal) {
    let admin = &site.context.settings.admin;
    let closed = "its schema files declare no access";
    match site.context.settings.without_access {
        WithoutAccess::Admin => {
            add(
                site,
                "access",
                "all",
                admin.to_string(),
                format!("{closed}, so its rows are reached only where {admin}"),
                proposal,
            );
        }
        WithoutAccess::Read => {
            add(
                site,
                "access",
                "all",
                admin.to_string(),
                format!("{closed}, so its rows are written only where {admin}"),
                proposal,
            );
            add(
                site,
                "read",
                "select",
                "true".to_owned(),
                format!("{closed}, and the project lets such rows be read"),
                proposal,
            );
        }
        WithoutAccess::Open => {
            add(
                site,
                "access",
                "all",
                "true".to_owned(),
                format!("{closed}, and the project leaves such entities open"),
                proposal,
            );
            guard(site, proposal);
        }
    }
}

/// Guards the field by which `has_role` tells administrators, where others may write it.
fn guard(site: &Site<'_>, proposal: &mut Proposal) {
    let is_users = |users: &&Users| users.table == *site.name && users.has_role;
    let Some(role) = site.context.users.as_ref().filter(is_users).and_then(|_| site.table.column(ROLE)) else { return };
    let admin = &site.context.settings.admin;
    // Source: CREATE TRIGGER, `condition`: no subquery, and no generated column of the new row.
    let words = admin.as_str().split(|c: char| !c.is_alphanumeric() && c != '_');
    let asks = words.map(str::to_ascii_lowercase).any(|word| word == "select");
    if asks || role.generated.is_some() {
        let why =
            if asks { format!("a trigger cannot ask `{admin}`") } else { format!("`{ROLE}` is made from others") };
        proposal.notes.push(format!("whoever reaches a row may change its `{ROLE}`: {why}, so none guards it"));
        return;
    }
    let table = site.name.name.as_str();
    let mut add = |prefix: &str, events: Events, before: &str, why: &str| {
        let mut trigger = row_trigger(Timing::Before, events, Name::local(GUARD));
        let differs = format!("NEW.{ROLE}::text IS DISTINCT FROM {before}");
        trigger.when = Some(Sql::new(format!("{differs} AND NOT {}", alternative(admin))));
        proposal.add(Piece::Trigger(joined(prefix, table, ""), trigger), why);
    };
    let update = Events { update: true, ..Events::default() };
    let insert = Events { insert: true, ..Events::default() };
    let old = format!("OLD.{ROLE}::text");
    add("guard_role", update, &old, "whoever reaches their own row must not make themselves an administrator");
    let usual = usual(site, role).map_or("NULL".to_owned(), |default| format!("({default})::text"));
    add("guard_new_role", insert, &usual, "a row that they add has the role that everybody begins with");
}

/// What a field holds when nobody says it: its own default, else that of its domain.
fn usual<'a>(site: &Site<'a>, column: &'a Column) -> Option<&'a Sql> {
    let of_domain = || {
        let name = column.ty.user_type().filter(|_| !column.ty.array)?;
        let mut models = site.context.claimants.iter().map(|claimant| claimant.model);
        match &models.find_map(|model| model.types.get(name))?.kind {
            TypeKind::Domain(domain) => domain.default.as_ref(),
            _ => None,
        }
    };
    column.default.as_ref().or_else(of_domain)
}

fn add(site: &Site<'_>, suffix: &str, command: &str, using: String, why: String, proposal: &mut Proposal) {
    let name = joined("", &singular(site.name.name.as_str()), suffix);
    proposal.add(Piece::Policy(name, policy(true, command, Sql::new(using))), why);
}
