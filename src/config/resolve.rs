//! `[[resolve]]`: how the project settles a conflict between claims. A plain value; nothing here parses.

use serde::Serialize;

use crate::diagnostic::Span;
use crate::model::Sql;
use crate::model::constraint::Action;
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};

/// One `[[resolve]]`: what holds for a field (or an entity), and because of what.
///
/// Each fact that is `Some` settles the conflict about that fact and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolution {
    /// The entity.
    pub entity: Name,
    /// The field; `None` settles a fact of the entity: its primary key.
    pub field: Option<Ident>,
    /// `type`.
    pub ty: Option<DataType>,
    /// `default`, as SQL.
    pub default: Option<Sql>,
    /// `required`.
    pub required: Option<bool>,
    /// `values`: all values that the field may hold.
    pub values: Option<Vec<String>>,
    /// `references`: the entity that the field points to.
    pub references: Option<Name>,
    /// `on_delete`: what happens to a row when the one that it points to is deleted.
    pub on_delete: Option<Action>,
    /// `primary_key`: the entity's key.
    pub primary_key: Option<Vec<Ident>>,
    /// Why this is right; mandatory, and shown in the hardening report.
    pub because: String,
    /// Where it is written, which is no part of what it says.
    #[serde(skip)]
    pub span: Span,
}

impl Resolution {
    /// A resolution that settles nothing yet.
    pub fn new(entity: Name, field: Option<Ident>, because: impl Into<String>, span: Span) -> Resolution {
        Resolution {
            entity,
            field,
            ty: None,
            default: None,
            required: None,
            values: None,
            references: None,
            on_delete: None,
            primary_key: None,
            because: because.into(),
            span,
        }
    }
}
