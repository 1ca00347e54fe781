//! Objects that are carried whole: made by their own text, dropped by kind and name.

use std::collections::BTreeMap;

use super::Context;
use super::action::{Draft, Item, Part, Verb};
use super::fate::Fate;
use super::statement::HazardKind;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, clip};
use crate::model::other::OtherId;
use crate::model::{Model, canonical};

/// Whether the object can wait under another name until its users have moved over to the new one.
pub(super) fn steps_aside(id: &OtherId) -> bool {
    id.kind == "COLLATION"
}

/// Whether the object, whose definitions differ, must be made anew: what an operator's selectivity is estimated by changes
/// in place.
pub(super) fn rebuilds(id: &OtherId, old: &Model, new: &Model) -> bool {
    let rest = |model: &Model| {
        let mut found = attributes(id, model)?;
        ESTIMATORS.iter().for_each(|name| drop(found.remove(*name)));
        Some(found)
    };
    id.kind != "OPERATOR" || rest(old).is_none() || rest(old) != rest(new)
}

const ESTIMATORS: [&str; 2] = ["restrict", "join"];

/// The attributes of an operator.
fn attributes(id: &OtherId, model: &Model) -> Option<BTreeMap<String, String>> {
    let definition = canonical::definition(&model.others.get(id)?.definition, model);
    let (_, list) = definition.strip_suffix(" )")?.split_once(" ( ")?;
    let attribute = |pair: &str| match pair.split_once(" = ") {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (pair.to_owned(), String::new()),
    };
    Some(list.split(" , ").map(attribute).collect())
}

/// Sets those estimators of an operator that differ.
fn alter(context: &Context<'_>, id: &OtherId) -> Option<Draft> {
    let (old, new) = (attributes(id, context.old.model)?, attributes(id, context.new.model)?);
    let changed = ESTIMATORS.iter().filter(|name| old.get(**name) != new.get(**name));
    let set = |name: &&str| {
        let value = new.get(*name).map_or("NONE", String::as_str).replace(" . ", ".");
        format!("{} = {value}", name.to_uppercase())
    };
    let list: Vec<String> = changed.map(set).collect();
    (!list.is_empty()).then(|| Draft::new(format!("ALTER OPERATOR {} SET ({})", id.name, list.join(", "))))
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
        Verb::Alter => alter(context, id).into_iter().collect(),
    }
}
