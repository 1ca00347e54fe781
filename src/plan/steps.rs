//! Actions and their edges, derived from fates and dependencies: the same rules for every object kind.

use std::collections::BTreeMap;

use super::action::{Action, Item, Part, Resource, Verb};
use super::fate::Fate;
use super::uses::Uses;
use super::{Context, index, kinds, partitions, reason};
use crate::model::id::ObjectId;

/// The place of an action among those that could go in any order: by verb, then kind, then name.
pub(super) fn rank(action: &Action) -> (Verb, u8, Item) {
    let kind = match (action.verb, action.item.part) {
        // A partition is detached after its parent's foreign keys are gone: it would keep them.
        (Verb::Drop, Part::Attach) => kinds::rank(&Item::whole(action.item.id.clone())),
        _ => kinds::rank(&action.item),
    };
    // What is dropped goes in the reverse order of what is made.
    let kind = if action.verb == Verb::Drop { u8::MAX - kind } else { kind };
    let verb = if action.verb == Verb::Alter { Verb::Create } else { action.verb };
    (verb, kind, action.item.clone())
}

/// The actions that carry out the fates.
pub(super) fn actions(context: &Context<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    for (item, fate) in &context.fates {
        match fate {
            Fate::Create => actions.push(create(context, item)),
            Fate::Drop => actions.push(drop(context, item)),
            Fate::Alter(_) => actions.push(alter(context, item)),
            Fate::Rebuild if index::replaces(context, item) => actions.push(alter(context, item)),
            Fate::Rebuild => actions.extend([drop(context, item), create(context, item)]),
            Fate::Swap => actions.extend(swap(context, item)),
        }
    }
    court(&mut actions);
    actions
}

fn blank(context: &Context<'_>, item: &Item, verb: Verb) -> Action {
    Action {
        item: item.clone(),
        verb,
        reason: reason(&context.diff.changes, item, verb),
        provides: Vec::new(),
        requires: Vec::new(),
        prefers: Vec::new(),
        yields: Vec::new(),
        owner: kinds::owner(context, item, verb),
    }
}

fn create(context: &Context<'_>, item: &Item) -> Action {
    let mut action = blank(context, item, Verb::Create);
    action.requires.extend(partitions::requires(context, item, Verb::Create));
    action.requires.extend(partitions::carrier(context, item, Verb::Create).map(Resource::Made));
    action.provides.push(Resource::Made(item.clone()));
    action.requires.push(Resource::Gone(item.clone()));
    let uses = context.new.uses(item);
    require(context, &mut action, &uses);
    match &item.id {
        ObjectId::Extension(_) if item.part == Part::Whole => action.provides.push(Resource::Extensions),
        ObjectId::Schema(_) => {}
        _ => action.requires.push(Resource::Extensions),
    }
    action.requires.extend(kinds::relation(context.new.model, item).map(Resource::Relation));
    action
}

fn drop(context: &Context<'_>, item: &Item) -> Action {
    let mut action = blank(context, item, Verb::Drop);
    action.requires.extend(partitions::requires(context, item, Verb::Drop));
    action.requires.extend(partitions::carrier(context, item, Verb::Drop).map(Resource::Gone));
    action.provides.push(Resource::Gone(item.clone()));
    action.requires.push(Resource::Free(item.clone()));
    release(&mut action, &context.old.uses(item));
    match &item.id {
        ObjectId::Extension(_) if item.part == Part::Whole => action.requires.push(Resource::Unextended),
        ObjectId::Schema(_) => {}
        _ => action.provides.push(Resource::Unextended),
    }
    action.provides.extend(kinds::relation(context.old.model, item).map(Resource::Relation));
    action
}

fn alter(context: &Context<'_>, item: &Item) -> Action {
    let mut action = blank(context, item, Verb::Alter);
    action.requires.extend(partitions::carrier(context, item, Verb::Alter).map(Resource::Made));
    action.provides.push(Resource::Made(item.clone()));
    require(context, &mut action, &context.new.uses(item));
    let (old, new) = (context.old.uses(item), context.new.uses(item));
    // A type that steps aside has the same name before and after, and is left all the same.
    let left = |used: &&Item| !new.needs.contains(*used) || context.fates.get(*used) == Some(&Fate::Swap);
    action.provides.extend(old.needs.iter().filter(left).cloned().map(Resource::Free));
    action.requires.push(Resource::Free(item.clone()));
    action.provides.extend(kinds::leaves(context, item).map(Resource::Relation));
    action.requires.extend(kinds::takes(context, item).map(Resource::Relation));
    action
}

/// The old type steps aside, the new one is made, and the old one goes once nobody uses it.
fn swap(context: &Context<'_>, item: &Item) -> [Action; 3] {
    let mut aside = blank(context, item, Verb::Drop);
    aside.owner = None;
    aside.provides.push(Resource::Gone(item.clone()));
    let parked = Item { part: Part::Parked, ..item.clone() };
    let mut gone = drop(context, item);
    gone.reason.clone_from(&aside.reason);
    gone.provides.retain(|resource| *resource != Resource::Gone(item.clone()));
    gone.requires.push(Resource::Made(item.clone()));
    gone.item = parked;
    gone.owner = None;
    [aside, create(context, item), gone]
}

/// Waits for all that the new state needs; the owner that may take the item in would wait for it too.
fn require(context: &Context<'_>, action: &mut Action, uses: &Uses) {
    let touched = |item: &&Item| context.fates.contains_key(*item);
    let made = |item: &Item| Resource::Made(item.clone());
    action.requires.extend(uses.needs.iter().chain(&uses.reads).filter(touched).map(made));
    action.prefers.extend(uses.likes.iter().filter(touched).map(made));
}

/// Sets free what the old state used.
fn release(action: &mut Action, uses: &Uses) {
    action.provides.extend(uses.needs.iter().map(|item| Resource::Free(item.clone())));
}

/// Lets owners wait for what the parts that they may take in wait for, so that they can.
fn court(actions: &mut [Action]) {
    let at: BTreeMap<(Verb, Item), usize> =
        actions.iter().enumerate().map(|(at, action)| ((action.verb, action.item.clone()), at)).collect();
    let owner = |action: &Action| at.get(&(action.verb, action.owner.clone()?)).copied();
    let root = |mut index: usize| {
        while let Some(next) = owner(&actions[index]) {
            index = next;
        }
        index
    };
    let roots: Vec<usize> = (0..actions.len()).map(root).collect();
    for part in 0..actions.len() {
        let home = roots[part];
        if home == part {
            continue;
        }
        let verb = actions[part].verb;
        let family = |resource: &Resource| {
            let item = resource.item().cloned();
            item.and_then(|item| at.get(&(verb, item))).is_some_and(|other| roots[*other] == home)
        };
        let outside = |resources: &[Resource]| -> Vec<Resource> {
            resources.iter().filter(|resource| !family(resource)).cloned().collect()
        };
        match verb {
            Verb::Create => {
                let wanted = outside(&actions[part].requires);
                actions[home].prefers.extend(wanted);
            }
            Verb::Drop => {
                let offered = outside(&actions[part].provides);
                actions[home].yields.extend(offered);
            }
            Verb::Alter => {}
        }
    }
}
