//! The audit trail: the table, and the function that writes it.

use super::{Hardened, add_routine, add_table, builtin, function, qualified};
use crate::model::Sql;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name, default_name};
use crate::model::sequence::SequenceOptions;
use crate::model::singular::singular;
use crate::model::table::{Column, Identity, Table};
use crate::model::values::values_check;
use crate::production::harden::piece::{joined, policy};
use crate::production::harden::{Context, audit_trail};

/// `audit_changes()` and the table that it writes.
pub fn audit_changes(context: &Context<'_>, hardened: &mut Hardened) {
    let name = &context.settings.audit_table;
    add_table(name, audit_table(context), &audit_trail::RULE, "audit_table", "the audit trail is kept here", hardened);
    let table = qualified(name);
    let body = format!(
        "\nDECLARE\n  \
         old_row jsonb := CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN to_jsonb(OLD) END;\n  \
         new_row jsonb := CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN to_jsonb(NEW) END;\n  \
         -- The key's fields are the trigger's arguments, where it is not plainly `id`.\n  \
         key text := coalesce(new_row, old_row) ->> 'id';\n\
         BEGIN\n  \
         IF TG_NARGS > 0 THEN\n    \
         key := (SELECT string_agg(coalesce(new_row, old_row) ->> field, ',' ORDER BY place)\n      \
         FROM unnest(TG_ARGV) WITH ORDINALITY AS keys (field, place));\n  \
         END IF;\n  \
         INSERT INTO {table} (table_schema, table_name, row_id, action, old_row, new_row, changed_by)\n  \
         VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME, key, TG_OP, old_row, new_row, auth.uid());\n  \
         RETURN NULL;\nEND;\n"
    );
    let comment =
        "Records a change with the old and the new row; with its owner's rights, since nobody else writes the trail.";
    let mut routine = function("plpgsql", builtin("trigger"), body, comment);
    routine.attributes.security_definer = true;
    watch_roles(context, hardened);
    guard_trail(hardened);
    add_routine(Name::local(audit_trail::FUNCTION), routine, "its triggers record every change", hardened);
}

/// `guard_trail()`. Like a policy, it does not bind the owner, who can archive the trail.
fn guard_trail(hardened: &mut Hardened) {
    let body = "\nBEGIN\n  \
         IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN\n    \
         RAISE EXCEPTION 'the audit trail % is emptied by its owner only', TG_TABLE_NAME\n      \
         USING ERRCODE = 'insufficient_privilege';\n  \
         END IF;\n  RETURN NULL;\nEND;\n";
    let routine = function("plpgsql", builtin("trigger"), body.to_owned(), "Refuses to empty the audit trail.");
    add_routine(Name::local(audit_trail::GUARD), routine, "its trigger keeps the trail", hardened);
}

/// Who gets which role belongs into the trail as well. The table of roles, if there is one, was made after the rules ran.
fn watch_roles(context: &Context<'_>, hardened: &mut Hardened) {
    let name = &context.settings.roles_table;
    let made = hardened.support.iter().any(|added| added.object == ObjectId::Table(name.clone()));
    if let Some(table) = hardened.model.tables.get_mut(name).filter(|_| made) {
        table.triggers.insert(joined("audit", name.name.as_str(), ""), audit_trail::trigger(table));
        table.triggers.insert(joined("audit", name.name.as_str(), "truncate"), audit_trail::emptied());
    }
}

fn audit_table(context: &Context<'_>) -> Table {
    let name = context.settings.audit_table.name.as_str();
    let mut id = column("id", builtin("bigint"), true, "Counts the changes.");
    id.identity = Some(Box::new(Identity { always: true, options: SequenceOptions::default() }));
    let mut at = column("changed_at", builtin("timestamptz"), true, "When.");
    at.default = Some(Sql::new("now()"));
    let columns = vec![
        id,
        column("table_schema", builtin("text"), true, "The schema of the changed table."),
        column("table_name", builtin("text"), true, "The changed table."),
        column("row_id", builtin("text"), false, "The row's key; of several fields with commas between them."),
        column("action", builtin("text"), true, "What was done."),
        column("old_row", builtin("jsonb"), false, "The row before; empty for an INSERT."),
        column("new_row", builtin("jsonb"), false, "The row after; empty for a DELETE."),
        column("changed_by", context.user_type(), false, "Who was signed in; empty when nobody was."),
        at,
    ];
    let mut table = Table { columns, row_security: true, ..Table::default() };
    table.comment = Some("The audit trail: every change of every audited row.".to_owned());
    table.constraints.insert(default_name(name, "", "pkey"), Constraint::primary(vec![Ident::new("id")]));
    let actions = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"].map(str::to_owned);
    let check = ConstraintKind::Check(values_check(&Ident::new("action"), &actions));
    table.constraints.insert(default_name(name, "action", "check"), Constraint::new(check));
    let by_row = Index::on(vec![Ident::new("table_name"), Ident::new("row_id")]);
    let one = singular(name);
    table.indexes.insert(joined("idx", &one, "row"), by_row);
    table.triggers.insert(joined("guard", name, ""), audit_trail::guard());
    table.policies.insert(joined("", &one, "read"), policy(true, "select", context.settings.admin.clone()));
    table
}

fn column(name: &str, ty: DataType, not_null: bool, comment: &str) -> Column {
    Column { not_null, comment: Some(comment.to_owned()), ..Column::new(name, ty) }
}
