//! What a rule may add to a table, with its reason.

use crate::diagnostic::Diagnostic;
use crate::model::Sql;
use crate::model::constraint::Constraint;
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name};
use crate::model::relation::{Enabled, Events, Timing, Trigger};
use crate::model::security::Policy;
use crate::model::table::{Column, Table};
use crate::model::{Hints, name};
use crate::production::story::Added;

/// What a rule makes of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// What it adds.
    pub additions: Vec<Addition>,
    /// What it leaves alone, and why.
    pub notes: Vec<String>,
    /// What it found wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// One piece, and why it is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// What is added.
    pub piece: Piece,
    /// Why.
    pub why: String,
}

/// A piece of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A field.
    Column(Box<Column>),
    /// A field that is there already must hold a value.
    Required(Ident),
    /// A field that is there already gets a default.
    Default(Ident, Sql),
    /// A constraint, or a stricter one in place of that of the same name.
    Constraint(Ident, Constraint),
    /// An index.
    Index(Ident, Index),
    /// A trigger.
    Trigger(Ident, Trigger),
    /// A policy.
    Policy(Ident, Policy),
    /// Row level security as such.
    RowSecurity,
    /// A comment on the table.
    TableComment(String),
    /// A comment on a field.
    ColumnComment(Ident, String),
    /// Something that the table has already, which its prototype lacks: named for the report only.
    Kept(ObjectId, &'static str),
}

impl Proposal {
    /// The names of the indexes that it adds.
    pub fn indexes(&self) -> impl Iterator<Item = &Ident> {
        self.additions.iter().filter_map(|addition| match &addition.piece {
            Piece::Index(name, _) => Some(name),
            _ => None,
        })
    }

    /// Adds `piece` because of `why`.
    pub fn add(&mut self, piece: Piece, why: impl Into<String>) {
        self.additions.push(Addition { piece, why: why.into() });
    }
}

impl Addition {
    /// What the report says of it, and the piece.
    pub fn into_story(self, table: &Name) -> (Added, Piece) {
        let (object, what) = self.piece.describe(table);
        (Added { object, what: what.to_owned(), why: self.why }, self.piece)
    }
}

impl Piece {
    /// Whether it changes the table.
    pub fn is_new(&self) -> bool {
        !matches!(self, Piece::Kept(..))
    }

    /// The same piece under a free name, where a schema file has given its own to a trigger that does something else.
    pub fn beside(self, table: &Table) -> Piece {
        match self {
            Piece::Trigger(name, trigger) => Piece::Trigger(free_for(name, &trigger, table), trigger),
            piece => piece,
        }
    }

    /// What the table has already under the name that the piece would get, in words: a schema file's own comes first.
    pub fn taken(&self, table: &Table) -> Option<String> {
        match self {
            Piece::Trigger(name, _) if table.triggers.contains_key(name) => Some(format!("trigger `{name}`")),
            Piece::Policy(name, _) if table.policies.contains_key(name) => Some(format!("policy `{name}`")),
            _ => None,
        }
    }

    fn describe(&self, table: &Name) -> (ObjectId, &'static str) {
        let column = |name: &Ident| ObjectId::Column(table.clone(), name.clone());
        match self {
            Piece::Column(new) => (column(&new.name), "field"),
            Piece::Required(name) => (column(name), "required"),
            Piece::Default(name, _) => (column(name), "default"),
            Piece::Constraint(name, _) => (ObjectId::Constraint(table.clone(), name.clone()), "constraint"),
            Piece::Index(name, _) => (ObjectId::Index(table.clone(), name.clone()), "index"),
            Piece::Trigger(name, _) => (ObjectId::Trigger(table.clone(), name.clone()), "trigger"),
            Piece::Policy(name, _) => (ObjectId::Policy(table.clone(), name.clone()), "policy"),
            Piece::RowSecurity => (ObjectId::Table(table.clone()), "row level security"),
            Piece::TableComment(_) => (ObjectId::Table(table.clone()), "comment"),
            Piece::ColumnComment(name, _) => (column(name), "comment"),
            Piece::Kept(object, what) => (object.clone(), what),
        }
    }

    /// Puts the piece into `table`.
    pub fn put(self, table: &mut Table) {
        let mut column = |name: &Ident, change: &mut dyn FnMut(&mut Column)| {
            table.columns.iter_mut().filter(|column| column.name == *name).for_each(change);
        };
        match self {
            Piece::Column(new) => table.columns.push(*new),
            Piece::Required(name) => column(&name, &mut |column| column.not_null = true),
            Piece::Default(name, default) => column(&name, &mut |column| column.default = Some(default.clone())),
            Piece::ColumnComment(name, text) => column(&name, &mut |column| column.comment = Some(text.clone())),
            Piece::Constraint(name, constraint) => drop(table.constraints.insert(name, constraint)),
            Piece::Index(name, index) => drop(table.indexes.insert(name, index)),
            Piece::Trigger(name, trigger) => drop(table.triggers.insert(name, trigger)),
            Piece::Policy(name, policy) => drop(table.policies.insert(name, policy)),
            Piece::RowSecurity => table.row_security = true,
            Piece::TableComment(text) => table.comment = Some(text),
            Piece::Kept(..) => {}
        }
    }
}

/// A trigger for each row that calls `function`.
pub fn row_trigger(timing: Timing, events: Events, function: Name) -> Trigger {
    Trigger {
        timing,
        events,
        each_row: true,
        when: None,
        function,
        args: Vec::new(),
        old_table: None,
        new_table: None,
        constraint: None,
        from_table: None,
        enabled: Enabled::Origin,
        comment: None,
        hints: Hints::default(),
    }
}

/// `name`, or one like it where a trigger of `table` that does something else than `trigger` has that.
pub fn free_for(name: Ident, trigger: &Trigger, table: &Table) -> Ident {
    let is_other = |name: &Ident| table.triggers.get(name).is_some_and(|it| it.function != trigger.function);
    let names = (2..).map(|number: u32| joined("", name.as_str(), &number.to_string()));
    let free = std::iter::once(name.clone()).chain(names).find(|name| !is_other(name));
    free.unwrap_or(name)
}

/// A policy for all roles.
pub fn policy(permissive: bool, command: &str, using: Sql) -> Policy {
    Policy {
        permissive,
        command: command.to_owned(),
        roles: vec![Ident::new("public")],
        using: Some(using),
        check: None,
        comment: None,
        hints: Hints::default(),
    }
}

/// A name of up to three words, cut so that PostgreSQL keeps it: `idx_account_owner`.
pub fn joined(prefix: &str, middle: &str, suffix: &str) -> Ident {
    let room = name::MAX_IDENTIFIER_BYTES - prefix.len() - usize::from(!prefix.is_empty());
    let rest = if suffix.is_empty() { name::clip(middle, room).to_owned() } else { cut(middle, suffix, room) };
    if prefix.is_empty() { Ident::new(rest) } else { Ident::new(format!("{prefix}_{rest}")) }
}

/// `middle_suffix` in at most `room` bytes, the suffix whole where possible.
fn cut(middle: &str, suffix: &str, room: usize) -> String {
    let suffix = name::clip(suffix, room.saturating_sub(2));
    format!("{}_{suffix}", name::clip(middle, room - suffix.len() - 1))
}
