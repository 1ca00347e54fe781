//! Constraints of tables.

use serde::{Deserialize, Serialize};

use super::index::{Family, Index, IndexElement};
use super::name::{Ident, Name};
use super::{Hints, Sql};

/// A constraint; its name is its key in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// What it demands.
    pub kind: ConstraintKind,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// `NOT VALID`: rows that were there before are not known to satisfy it.
    pub not_valid: bool,
    /// `NO INHERIT`, for a check.
    pub no_inherit: bool,
    /// `COMMENT ON CONSTRAINT`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConstraintKind {
    /// `PRIMARY KEY`.
    PrimaryKey(Key),
    /// `UNIQUE`.
    Unique(Key),
    /// `FOREIGN KEY`.
    ForeignKey(ForeignKey),
    /// `CHECK`.
    Check(Sql),
    /// `EXCLUDE`.
    Exclude(Exclude),
}

/// The columns of a primary key or a unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The key's columns, in order.
    pub columns: Vec<Ident>,
    /// `INCLUDE`, columns that the index carries along.
    pub include: Vec<Ident>,
    /// `NULLS NOT DISTINCT` (PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// Storage parameters of the index behind it, sorted, as written: `fillfactor=70`.
    pub options: Vec<String>,
    /// The place of that index among those of a partitioned table and its partitions.
    pub family: Family,
}

impl Key {
    /// The index behind it.
    pub fn index(&self) -> Index {
        Index {
            unique: true,
            include: self.include.clone(),
            nulls_not_distinct: self.nulls_not_distinct,
            options: self.options.clone(),
            family: self.family.clone(),
            ..Index::on(self.columns.clone())
        }
    }
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The referencing columns.
    pub columns: Vec<Ident>,
    /// The table referred to.
    pub table: Name,
    /// The columns referred to, in the same order; empty when not said and the table's key was not known where it was read.
    pub referenced: Vec<Ident>,
    /// `ON DELETE`.
    pub on_delete: Action,
    /// `ON UPDATE`.
    pub on_update: Action,
    /// The columns that `ON DELETE SET NULL (…)` is limited to (PostgreSQL 15).
    pub set_columns: Vec<Ident>,
    /// `MATCH FULL`.
    pub match_full: bool,
}

/// What a foreign key does to referencing rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// `NO ACTION`, the default.
    #[default]
    NoAction,
    /// `RESTRICT`.
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `SET DEFAULT`.
    SetDefault,
}

/// An exclusion constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclude {
    /// The index method, `btree` when none was named.
    pub method: String,
    /// Each element with the operator that must not hold for two rows.
    pub elements: Vec<(IndexElement, String)>,
    /// `INCLUDE`.
    pub include: Vec<Ident>,
    /// `WHERE`.
    pub predicate: Option<Sql>,
}

/// When a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deferrable {
    /// With each statement.
    #[default]
    No,
    /// With each statement, unless a transaction defers it.
    InitiallyImmediate,
    /// At the transaction's end.
    InitiallyDeferred,
}

impl Constraint {
    /// A constraint that is checked with each statement and holds for all rows.
    pub fn new(kind: ConstraintKind) -> Constraint {
        Constraint {
            kind,
            deferrable: Deferrable::No,
            not_valid: false,
            no_inherit: false,
            comment: None,
            hints: Hints::default(),
        }
    }

    /// A primary key over `columns`.
    pub fn primary(columns: Vec<Ident>) -> Constraint {
        Constraint::new(ConstraintKind::PrimaryKey(Key { columns, ..Key::default() }))
    }

    /// A unique constraint over `columns`.
    pub fn unique(columns: Vec<Ident>) -> Constraint {
        Constraint::new(ConstraintKind::Unique(Key { columns, ..Key::default() }))
    }

    /// Whether an index stands behind it.
    pub fn has_index(&self) -> bool {
        !matches!(self.kind, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_))
    }

    /// The key, when it is a primary key or a unique constraint.
    pub fn key(&self) -> Option<&Key> {
        match &self.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(key),
            _ => None,
        }
    }

    /// The key, to change it.
    pub fn key_mut(&mut self) -> Option<&mut Key> {
        match &mut self.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(key),
            _ => None,
        }
    }

    /// The columns of a primary key; `None` when it is another constraint.
    pub fn primary_key(&self) -> Option<&[Ident]> {
        match &self.kind {
            ConstraintKind::PrimaryKey(key) => Some(&key.columns),
            _ => None,
        }
    }

    /// The foreign key, when it is one.
    pub fn foreign_key(&self) -> Option<&ForeignKey> {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => Some(key),
            _ => None,
        }
    }

    /// The suffix that PostgreSQL gives to the names of such constraints.
    pub fn suffix(&self) -> &'static str {
        match &self.kind {
            ConstraintKind::PrimaryKey(_) => "pkey",
            ConstraintKind::Unique(_) => "key",
            ConstraintKind::ForeignKey(_) => "fkey",
            ConstraintKind::Check(_) => "check",
            ConstraintKind::Exclude(_) => "excl",
        }
    }
}
