//! `[[hint]]`: what a past commit lacked to be carried over as it was meant. A plain value; nothing here parses.

use crate::diagnostic::Span;
use crate::model::Sql;
use crate::model::name::{Ident, Name};

/// What holds for one object on one edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The edge's id as `forge log` shows it, or its first digits.
    pub edge: String,
    /// The entity that it is about, by its name after the edge; none for the module itself, whose first edge it is.
    pub entity: Option<Name>,
    /// The field that it is about, by its name after the edge; none for the entity itself.
    pub field: Option<Ident>,
    /// The name that it had before.
    pub renamed_from: Option<Ident>,
    /// The schema that the entity was in before, when `renamed_from` says one.
    pub moved_from: Option<Ident>,
    /// Whether it had no other name: what looks like a rename is none.
    pub is_new: bool,
    /// The expression that converts old values.
    pub using: Option<Sql>,
    /// The expression that fills rows without a value.
    pub backfill: Option<Sql>,
    /// Where it stands.
    pub span: Span,
}

/// How many digits of an edge's id a hint needs at least: as many as `forge log` shows.
pub const DIGITS: usize = 12;
