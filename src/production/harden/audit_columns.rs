//! Audit columns: who made each row and when, and who changed it last.
//!
//! `created_at` and `created_by` are required; `updated_at` and `updated_by` stay empty until the first UPDATE. A trigger
//! keeps them, so that no program has to remember: on INSERT the author is whoever is signed in (the statement's own
//! value counts only when nobody is, as in an import), and on UPDATE the two `created_` fields cannot be changed. A
//! row of the users' own table that nobody signed in makes (the first user, a sign-up) is its own author. A row that the
//! first user refers to (their tenant) comes before anybody who could be its author, so there `created_by` may be empty.
//!
//! Fields that a module declares stay as they are declared; what they lack is added. Where one has another type, the
//! trigger is left out and the report says so.

use super::piece::{Piece, Proposal, joined, row_trigger};
use super::support::Support;
use super::{Rule, Site};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Sql;
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name, default_name};
use crate::model::relation::{Events, Timing};
use crate::model::table::Column;

/// The rule.
pub const RULE: Rule = Rule {
    name: "audit_columns",
    title: "Audit columns",
    about: "Every row says who made it and when, and who changed it last. A trigger keeps the four fields: the author \
            is whoever is signed in, and cannot be changed afterwards.",
    propose,
    needs: &[Support::TouchRow],
};

/// The trigger function's name.
pub const FUNCTION: &str = "touch_row";

/// What one of the fields has to be.
struct Field {
    name: &'static str,
    person: bool,
    required: bool,
    default: Option<&'static str>,
    doc: &'static str,
}

const FIELDS: [Field; 4] = [
    Field { name: "created_at", person: false, required: true, default: Some("now()"), doc: "When the row was made." },
    Field { name: "created_by", person: true, required: true, default: None, doc: "Who made the row." },
    Field { name: "updated_at", person: false, required: false, default: None, doc: "When the row was last changed." },
    Field { name: "updated_by", person: true, required: false, default: None, doc: "Who changed the row last." },
];

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    let ty = |field: &Field| if field.person { site.context.user_type() } else { timestamptz() };
    let is_unfit = |field: &&Field| site.table.column(field.name).is_some_and(|there| there.ty != ty(field));
    let unfit: Vec<&Field> = FIELDS.iter().filter(is_unfit).collect();
    let is_kept = unfit.is_empty();
    let has_author = !site.context.before_users.contains(site.name);
    let is_demanded = site.table.column("created_by").is_some_and(|there| there.not_null);
    if let Some(users) = site.context.users.as_ref().filter(|_| !has_author && !is_demanded) {
        let note = format!(
            "`created_by` may be empty, since the first of `{}` refers to a row that is there before",
            users.table
        );
        proposal.notes.push(note);
    }
    for field in &FIELDS {
        match site.table.column(field.name) {
            None => proposal.add(
                Piece::Column(Box::new(field.column(ty(field), is_kept && (has_author || !field.person)))),
                field.why(),
            ),
            Some(there) if there.ty == ty(field) => strengthen(field, there, has_author, &mut proposal),
            Some(there) => {
                let left =
                    format!("`{}` is declared as `{}`, not `{}`, and left as it is", field.name, there.ty, ty(field));
                proposal.notes.push(left);
                continue;
            }
        }
        if field.person {
            refer_to_users(site, field.name, &mut proposal);
        }
    }
    match unfit.first() {
        None => add_trigger(site, &mut proposal),
        Some(field) => {
            proposal
                .notes
                .push("no trigger keeps the audit fields, since not all have the types that it needs".to_owned());
            proposal.diagnostics.push(unkept(site, field.name, &ty(field)));
        }
    }
    proposal
}

/// What a field of another type keeps from working.
fn unkept(site: &Site<'_>, field: &'static str, ty: &DataType) -> Diagnostic {
    let message = format!("nothing keeps the audit fields of `{}`, since its `{field}` is no `{ty}`", site.name);
    let found = site.finding(Severity::Note, "system-field", Some(&Ident::new(field)), message);
    found.help(format!("make it `{ty}`, give it another name, or switch the rule off with `audit_columns = false`"))
}

impl Field {
    /// The field as the rule adds it; without the trigger every INSERT would have to say who made the row.
    fn column(&self, ty: DataType, is_kept: bool) -> Column {
        let mut column = Column::new(self.name, ty);
        column.not_null = self.required && (is_kept || self.default.is_some());
        column.default = self.default.map(Sql::new);
        column.doc = Some(self.doc.to_owned());
        column
    }

    fn why(&self) -> &'static str {
        if self.required {
            "every row says who made it and when"
        } else {
            "every row says who changed it last and when"
        }
    }
}

/// Adds what a declared field lacks.
fn strengthen(field: &Field, there: &Column, has_author: bool, proposal: &mut Proposal) {
    if field.required && !there.not_null && (has_author || !field.person) {
        proposal.add(Piece::Required(there.name.clone()), field.why());
    }
    if let Some(default) = field.default.filter(|_| there.default.is_none()) {
        proposal.add(Piece::Default(there.name.clone(), Sql::new(default)), "the database knows when");
    }
}

/// The foreign key to the users, unless the field has one already.
fn refer_to_users(site: &Site<'_>, field: &str, proposal: &mut Proposal) {
    let columns = vec![Ident::new(field)];
    let refers = site.table.constraints.values().filter_map(Constraint::foreign_key).any(|key| key.columns == columns);
    if refers {
        return;
    }
    let Some(users) = &site.context.users else {
        let missing = &site.context.settings.users;
        proposal.notes.push(format!(
            "`{field}` refers to nothing, because no entity `{missing}` with a single key field is in use"
        ));
        return;
    };
    let key = ForeignKey {
        columns,
        table: users.table.clone(),
        referenced: vec![users.key.clone()],
        on_delete: Default::default(),
        on_update: Default::default(),
        set_columns: Vec::new(),
        match_full: false,
    };
    let name = default_name(site.name.name.as_str(), field, "fkey");
    let why = format!("the author is one of `{}`", users.table);
    proposal.add(Piece::Constraint(name, Constraint::new(ConstraintKind::ForeignKey(key))), why);
}

fn add_trigger(site: &Site<'_>, proposal: &mut Proposal) {
    let events = Events { insert: true, update: true, ..Events::default() };
    let mut trigger = row_trigger(Timing::Before, events, Name::local(FUNCTION));
    if site.context.users.as_ref().is_some_and(|users| users.table == *site.name) {
        trigger.args = vec!["self".to_owned()];
    }
    let name = joined("touch", site.name.name.as_str(), "");
    proposal.add(Piece::Trigger(name, trigger), "the database keeps the audit fields, so no program can forget to");
}

fn timestamptz() -> DataType {
    DataType { base: crate::model::datatype::BaseType::Builtin("timestamptz".into()), modifiers: None, array: false }
}
