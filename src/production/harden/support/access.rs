//! Who is signed in, and which roles they have.
//!
//! On Supabase `auth.uid()` is there. On a plain server forge defines it: the application says who is signed in, with
//! `SET LOCAL app.user_id = '…'` at the start of each transaction, and whoever can say that can be anybody, so only the
//! application's server may hold a connection.
//!
//! A role is a fact of the database and no claim of the session: `has_role` reads `users.role` where the users have
//! such a field, else the table `user_roles`, which forge adds.

use super::{Hardened, add_routine, add_table, argument, builtin, function, qualified};
use crate::config::harden::Platform;
use crate::model::Sql;
use crate::model::constraint::{Action, Constraint, ConstraintKind, ForeignKey};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name, Signature, default_name};
use crate::model::security::{Grant, GrantKey};
use crate::model::singular::singular;
use crate::model::table::{Column, Table};
use crate::production::harden::piece::{joined, policy};
use crate::production::harden::{Context, Users, row_level_security};
use crate::production::story::Added;

/// `auth.uid()`, with its schema.
pub fn auth_uid(context: &Context<'_>, hardened: &mut Hardened) {
    if context.settings.platform == Platform::Supabase {
        return;
    }
    let ty = context.user_type();
    let setting = context.settings.user_setting.replace('\'', "''");
    let body = format!("SELECT nullif(pg_catalog.current_setting('{setting}', true), '')::{ty}");
    let comment = format!("Who is signed in: what the application set as {}.", context.settings.user_setting);
    let mut routine = function("sql", ty, body, &comment);
    routine.attributes.volatility = Some("stable".to_owned());
    // No settings: a function that has some is never inlined, and this one is called for each row of each query.
    routine.attributes.settings.clear();
    hardened.model.schemas.entry(Ident::new("auth")).or_default();
    let usage = GrantKey {
        object: ObjectId::Schema(Ident::new("auth")),
        column: None,
        grantee: Ident::new("public"),
        privilege: "usage".to_owned(),
    };
    hardened.model.grants.entry(usage).or_insert(Grant::Granted { grantable: false });
    let schema = ObjectId::Schema(Ident::new("auth"));
    hardened.support.push(Added {
        object: schema,
        what: "schema".to_owned(),
        why: "`auth.uid()` lives there, as on Supabase".to_owned(),
    });
    add_routine(Name::qualified("auth", "uid"), routine, "policies ask who is signed in", hardened);
}

/// `has_role(text)`, with the table that it reads if there is none.
pub fn has_role(context: &Context<'_>, hardened: &mut Hardened) {
    let name = Name::local("has_role");
    let signature = Signature { name: name.clone(), args: vec![builtin("text")] };
    let own = hardened.model.routines.contains_key(&signature);
    let question = match &context.users {
        Some(users) if users.has_role => role_of_user(users, hardened),
        _ => {
            if !own {
                let table = &context.settings.roles_table;
                add_table(
                    table,
                    roles_table(context),
                    &row_level_security::RULE,
                    "roles_table",
                    "`has_role` reads who has which role",
                    hardened,
                );
            }
            role_in_table(context)
        }
    };
    let body = format!("\nBEGIN\n  RETURN EXISTS (\n    {question}\n  );\nEND;\n");
    let comment = "Whether the one who is signed in has the role; past row level security, so that policies can ask.";
    let mut routine = function("plpgsql", builtin("boolean"), body, comment);
    routine.args.push(argument("wanted", builtin("text")));
    routine.attributes.volatility = Some("stable".to_owned());
    routine.attributes.security_definer = true;
    add_routine(name, routine, "policies ask whether an administrator is signed in", hardened);
}

/// `guard_role()`, if a trigger calls it: whom policies do not bind may say who is an administrator, and the trigger asks
/// before it calls whether an administrator is signed in.
pub fn guard_role(hardened: &mut Hardened) {
    let name = Name::local(row_level_security::GUARD);
    let mut triggers = hardened.model.tables.values().flat_map(|table| table.triggers.values());
    if !triggers.any(|trigger| trigger.function == name) {
        return;
    }
    let body = "\nBEGIN\n  IF row_security_active(TG_RELID) THEN\n    \
         RAISE insufficient_privilege USING\n      \
         MESSAGE = format('only an administrator may say which role a row of %I has', TG_TABLE_NAME);\n  \
         END IF;\n  RETURN NEW;\nEND;\n";
    let comment = "Refuses a change of the role by anybody whom policies bind; its triggers let administrators pass.";
    let routine = function("plpgsql", builtin("trigger"), body.to_owned(), comment);
    add_routine(name, routine, "its triggers keep users from making themselves administrators", hardened);
}

/// The role is a field of the users; a deleted user has none.
fn role_of_user(users: &Users, hardened: &Hardened) -> String {
    let deletable = hardened.model.tables.get(&users.table).is_some_and(|table| table.column("deleted_at").is_some());
    let alive = if deletable { " AND u.deleted_at IS NULL" } else { "" };
    let table = qualified(&users.table);
    format!("SELECT FROM {table} AS u WHERE u.{} = auth.uid() AND u.role::text = wanted{alive}", users.key)
}

fn role_in_table(context: &Context<'_>) -> String {
    let table = qualified(&context.settings.roles_table);
    format!("SELECT FROM {table} AS r WHERE r.user_id = auth.uid() AND r.role = wanted")
}

/// The table of roles: a user may see their own, and administrators change them.
fn roles_table(context: &Context<'_>) -> Table {
    let name = &context.settings.roles_table;
    let mut user = Column::new("user_id", context.user_type());
    let mut role = Column::new("role", builtin("text"));
    (user.not_null, role.not_null) = (true, true);
    (user.comment, role.comment) = (Some("Who has the role.".to_owned()), Some("The role, such as admin.".to_owned()));
    let mut table = Table { columns: vec![user, role], row_security: true, ..Table::default() };
    table.comment = Some("Which users have which roles.".to_owned());
    let local = name.name.as_str();
    let key = Constraint::primary(vec![Ident::new("user_id"), Ident::new("role")]);
    table.constraints.insert(default_name(local, "", "pkey"), key);
    if let Some(users) = &context.users {
        let key = ForeignKey {
            columns: vec![Ident::new("user_id")],
            table: users.table.clone(),
            referenced: vec![users.key.clone()],
            on_delete: Action::Cascade,
            on_update: Action::NoAction,
            set_columns: Vec::new(),
            match_full: false,
        };
        let key = Constraint::new(ConstraintKind::ForeignKey(key));
        table.constraints.insert(default_name(local, "user_id", "fkey"), key);
    }
    let one = singular(local);
    let access = policy(true, "all", context.settings.admin.clone());
    let own = policy(true, "select", Sql::new("user_id = auth.uid()"));
    table.policies.insert(joined("", &one, "access"), access);
    table.policies.insert(joined("", &one, "read"), own);
    table
}
