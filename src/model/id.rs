//! Identities: what an object is known by, across files, states and statements.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::{Ident, Name, Signature};
use super::other::OtherId;

/// The identity of any object that a [`Model`](super::Model) can hold, down to columns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ObjectId {
    /// A schema, the namespace.
    Schema(Ident),
    /// An extension.
    Extension(Ident),
    /// A user-defined type.
    Type(Name),
    /// A sequence.
    Sequence(Name),
    /// A table.
    Table(Name),
    /// A column of a table or a view.
    Column(Name, Ident),
    /// A constraint of a table.
    Constraint(Name, Ident),
    /// An index of a table or a materialized view, named first.
    Index(Name, Ident),
    /// A trigger of a table or a view.
    Trigger(Name, Ident),
    /// A policy of a table.
    Policy(Name, Ident),
    /// A view or a materialized view.
    View(Name),
    /// A function or a procedure.
    Routine(Signature),
    /// An object carried whole.
    Other(OtherId),
}

impl ObjectId {
    /// The table that it is, or is a part of; of a view's part the view.
    pub fn table(&self) -> Option<&Name> {
        match self {
            ObjectId::Table(table)
            | ObjectId::Column(table, _)
            | ObjectId::Constraint(table, _)
            | ObjectId::Index(table, _)
            | ObjectId::Trigger(table, _)
            | ObjectId::Policy(table, _) => Some(table),
            _ => None,
        }
    }
}

impl fmt::Display for ObjectId {
    /// As a person names it: `table accounts`, `column accounts.phone`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectId::Schema(name) => write!(f, "schema {name}"),
            ObjectId::Extension(name) => write!(f, "extension {name}"),
            ObjectId::Type(name) => write!(f, "type {name}"),
            ObjectId::Sequence(name) => write!(f, "sequence {name}"),
            ObjectId::Table(name) => write!(f, "table {name}"),
            ObjectId::Column(table, name) => write!(f, "column {table}.{name}"),
            ObjectId::Constraint(table, name) => write!(f, "constraint {name} of {table}"),
            ObjectId::Index(table, name) => write!(f, "index {name} of {table}"),
            ObjectId::Trigger(table, name) => write!(f, "trigger {name} of {table}"),
            ObjectId::Policy(table, name) => write!(f, "policy {name} of {table}"),
            ObjectId::View(name) => write!(f, "view {name}"),
            ObjectId::Routine(signature) => write!(f, "function {signature}"),
            ObjectId::Other(other) => write!(f, "{} {}", other.kind.to_lowercase(), other.name),
        }
    }
}
