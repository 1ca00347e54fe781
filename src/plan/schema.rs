//! Schemas, the namespaces.

use super::action::{Draft, Verb};
use crate::model::name::Ident;

/// The statements that carry out `verb`.
pub(super) fn drafts(name: &Ident, verb: Verb) -> Vec<Draft> {
    match verb {
        Verb::Create => vec![Draft::new(format!("CREATE SCHEMA {name}"))],
        Verb::Drop => vec![Draft::new(format!("DROP SCHEMA {name}"))],
        Verb::Alter => Vec::new(),
    }
}
