//! Schemas, the namespaces.

use super::action::{Draft, Verb};
use super::{Context, rename};
use crate::model::name::Ident;

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Ident, verb: Verb) -> Vec<Draft> {
    match verb {
        // It was there for what moves into it.
        Verb::Create if rename::schemas(context).contains(name) => Vec::new(),
        Verb::Create => vec![Draft::new(format!("CREATE SCHEMA {name}"))],
        Verb::Drop => vec![Draft::new(format!("DROP SCHEMA {name}"))],
        Verb::Alter => Vec::new(),
    }
}
