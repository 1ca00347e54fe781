//! Sequences.

use serde::{Deserialize, Serialize};

use super::Hints;
use super::datatype::DataType;
use super::name::{Ident, Name};

/// A sequence with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// How it counts.
    pub options: SequenceOptions,
    /// `OWNED BY`: dropped with this table's column.
    pub owned_by: Option<(Name, Ident)>,
    /// `UNLOGGED` (PostgreSQL 15).
    pub unlogged: bool,
    /// `COMMENT ON SEQUENCE`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// How a sequence counts; what is `None` or false is PostgreSQL's default for its type and direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceOptions {
    /// `AS`, when it is not `bigint` (for an identity: not the column's type).
    pub ty: Option<DataType>,
    /// `INCREMENT BY`, when not 1.
    pub increment: Option<i64>,
    /// `START WITH`, when not the first value.
    pub start: Option<i64>,
    /// `MINVALUE`, when not the type's.
    pub min: Option<i64>,
    /// `MAXVALUE`, when not the type's.
    pub max: Option<i64>,
    /// `CACHE`, when not 1.
    pub cache: Option<i64>,
    /// `CYCLE`.
    pub cycle: bool,
    /// `SEQUENCE NAME`, for an identity whose sequence does not have the default name.
    pub name: Option<Name>,
}

impl Sequence {
    /// A sequence with PostgreSQL's defaults.
    pub fn new() -> Sequence {
        Sequence {
            options: SequenceOptions::default(),
            owned_by: None,
            unlogged: false,
            comment: None,
            hints: Hints::default(),
        }
    }
}

impl Default for Sequence {
    fn default() -> Sequence {
        Sequence::new()
    }
}
