//! Objects that are carried whole: made by their own text, dropped by kind and name.

use super::Context;
use super::action::{Draft, Item, Part, Verb};
use super::fate::Fate;
use super::statement::HazardKind;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, clip};
use crate::model::other::OtherId;

/// Whether the object can wait under another name until its users have moved over to the new one.
pub(super) fn steps_aside(id: &OtherId) -> bool {
    id.kind == "COLLATION"
}

/// The name, without its schema, under which an object waits.
fn parked(id: &OtherId) -> Ident {
    let local = id.name.rsplit('.').next().unwrap_or(&id.name);
    let name = Ident::of_token(local).unwrap_or_else(|| Ident::new(local));
    Ident::new(clip(name.as_str(), MAX_IDENTIFIER_BYTES - 5).to_owned() + "__old")
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, id: &OtherId, part: Part, verb: Verb) -> Vec<Draft> {
    let swaps = context.fates.get(&Item::whole(ObjectId::Other(id.clone()))) == Some(&Fate::Swap);
    match verb {
        Verb::Create => {
            let found = context.new.model.others.get(id);
            found.map(|other| Draft::new(other.definition.as_str().trim())).into_iter().collect()
        }
        Verb::Drop if part == Part::Parked => {
            let schema = id.name.rsplit_once('.').map(|(schema, _)| format!("{schema}.")).unwrap_or_default();
            vec![Draft::new(format!("DROP {} {schema}{}", id.kind, parked(id)))]
        }
        Verb::Drop if swaps => vec![Draft::new(format!("ALTER {} {} RENAME TO {}", id.kind, id.name, parked(id)))],
        Verb::Drop => {
            vec![Draft::new(format!("DROP {} {}", id.kind, id.name)).hazard(
                HazardKind::BreakCode,
                format!("code that uses the {} {} fails", id.kind.to_lowercase(), id.name),
            )]
        }
        Verb::Alter => Vec::new(),
    }
}
