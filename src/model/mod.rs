//! The model: one description of a PostgreSQL schema, whatever it came from.
//!
//! A [`Model`] is a plain value of ordered maps, keyed by what PostgreSQL knows an object by. It speaks of tables
//! and columns, never of files: where an object was written is kept beside it, in [`Origins`]. Names are resolved
//! and defaults are explicit (every constraint has its name), expressions are text as written; two models that
//! PostgreSQL would store alike have the same [`canonical`] form, whose digest is the schema's *state*.
//!
//! Some of a schema file's meaning is no part of any catalog: what a field is *for*, how a row is reached, how old
//! rows get a value. It travels beside the objects as `doc`, [`Intent`] and [`Hints`], outside the state.

pub mod canonical;
pub mod constraint;
pub mod datatype;
pub mod hints;
pub mod id;
pub mod index;
pub mod lattice;
pub mod lower;
pub mod name;
pub mod other;
pub mod relation;
pub mod routine;
pub mod security;
pub mod sequence;
pub mod singular;
pub mod table;
pub mod types;
pub mod values;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Span;
use constraint::Constraint;
pub use hints::Hints;
use id::ObjectId;
use name::{Ident, Name, Signature};
use other::{Other, OtherId};
use relation::View;
use routine::Routine;
use security::{DefaultPrivilege, Grant, GrantKey};
use sequence::Sequence;
use table::Table;
use types::UserType;

/// A description of a whole PostgreSQL schema: every object by its identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// `CREATE SCHEMA`; `public`, where unqualified names live, is listed only for the sake of its comment.
    pub schemas: BTreeMap<Ident, Namespace>,
    /// `CREATE EXTENSION`.
    pub extensions: BTreeMap<Ident, Extension>,
    /// Enums, domains, composite and range types.
    pub types: BTreeMap<Name, UserType>,
    /// Sequences, those behind `serial` included, those behind identity columns not.
    pub sequences: BTreeMap<Name, Sequence>,
    /// Tables, partitioned ones and partitions included.
    pub tables: BTreeMap<Name, Table>,
    /// Views and materialized views.
    pub views: BTreeMap<Name, View>,
    /// Functions and procedures.
    pub routines: BTreeMap<Signature, Routine>,
    /// Privileges granted or revoked, one entry for each object, column, grantee and privilege.
    pub grants: BTreeMap<GrantKey, Grant>,
    /// `ALTER DEFAULT PRIVILEGES`, one entry a privilege.
    pub default_privileges: BTreeMap<DefaultPrivilege, Grant>,
    /// Objects that forge carries whole, without looking inside (aggregates, collations, casts …).
    pub others: BTreeMap<OtherId, Other>,
}

/// A PostgreSQL schema, the namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// `COMMENT ON SCHEMA`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// An extension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The schema that its objects are put into, when one was named.
    pub schema: Option<Ident>,
    /// The version asked for, when one was named.
    pub version: Option<String>,
    /// `COMMENT ON EXTENSION`.
    pub comment: Option<String>,
}

/// A piece of SQL text, as its author wrote it: an expression, a query, a function's body.
///
/// Equality is of the text; [`canonical`] knows when two texts mean the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sql(pub String);

impl Sql {
    /// The text `sql`.
    pub fn new(sql: impl Into<String>) -> Sql {
        Sql(sql.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Sql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a schema file says about an entity beyond what PostgreSQL stores: the input of hardening. No part of the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Who reaches which rows, when it is declared.
    pub access: Option<Access>,
    /// Hardening rules switched on or off for this entity, by the rule's name.
    pub harden: BTreeMap<String, bool>,
}

/// Row level security as a schema file declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The column that holds the owner's id: a row is reached by the user whom it names.
    pub owner: Option<Ident>,
    /// A condition under which every row is reached.
    pub admin: Option<Sql>,
    /// A condition under which rows may be read, whoever owns them.
    pub read: Option<Sql>,
}

/// Where each object of a model was written. Kept apart, so that no path or offset enters a digest of meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins(IndexMap<ObjectId, Span>);

impl Origins {
    /// Remembers that `id` was written at `span`; the first place wins.
    pub fn insert(&mut self, id: ObjectId, span: Span) {
        self.0.entry(id).or_insert(span);
    }

    /// Where `id` was written, if a file wrote it.
    pub fn get(&self, id: &ObjectId) -> Option<&Span> {
        self.0.get(id)
    }

    /// All places, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectId, &Span)> {
        self.0.iter()
    }

    /// Adds the places of `other`; those that are known already stay.
    pub fn extend(&mut self, other: Origins) {
        for (id, span) in other.0 {
            self.insert(id, span);
        }
    }
}

impl Model {
    /// All but its tables.
    #[must_use]
    pub fn without_tables(&self) -> Model {
        Model {
            schemas: self.schemas.clone(),
            extensions: self.extensions.clone(),
            types: self.types.clone(),
            sequences: self.sequences.clone(),
            tables: BTreeMap::new(),
            views: self.views.clone(),
            routines: self.routines.clone(),
            grants: self.grants.clone(),
            default_privileges: self.default_privileges.clone(),
            others: self.others.clone(),
        }
    }

    /// The constraint `name` of `table`, if both exist.
    pub fn constraint(&self, table: &Name, name: &Ident) -> Option<&Constraint> {
        self.tables.get(table)?.constraints.get(name)
    }

    /// Whether nothing at all is described.
    pub fn is_empty(&self) -> bool {
        *self == Model::default()
    }
}
