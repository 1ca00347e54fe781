//! Objects that are carried whole: made by their own text, dropped by kind and name.

use super::Context;
use super::action::{Draft, Verb};
use super::statement::HazardKind;
use crate::model::other::OtherId;

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, id: &OtherId, verb: Verb) -> Vec<Draft> {
    match verb {
        Verb::Create => {
            let found = context.new.model.others.get(id);
            found.map(|other| Draft::new(other.definition.as_str().trim())).into_iter().collect()
        }
        Verb::Drop => {
            vec![Draft::new(format!("DROP {} {}", id.kind, id.name)).hazard(
                HazardKind::BreakCode,
                format!("code that uses the {} {} fails", id.kind.to_lowercase(), id.name),
            )]
        }
        Verb::Alter => Vec::new(),
    }
}
