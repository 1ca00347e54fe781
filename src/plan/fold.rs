//! Takes parts into the statement of their owner: a foreign key into CREATE TABLE, a dropped index into DROP TABLE.
//!
//! A part may be made earlier, with its owner, when all that it requires is there by then; it may be dropped later,
//! with its owner, when nothing that waits for it comes before.

use std::collections::BTreeMap;

use super::action::{Actions, Verb};

/// Which actions are carried out by the statement of another.
#[derive(Debug, Default)]
pub(super) struct Folded {
    owner_of: BTreeMap<usize, usize>,
    parts_of: BTreeMap<usize, Vec<usize>>,
}

impl Folded {
    /// Whether the action has no statement of its own.
    pub fn is_part(&self, at: usize) -> bool {
        self.owner_of.contains_key(&at)
    }

    /// The actions that the action's statement carries out besides its own.
    pub fn parts(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.parts_of.get(&at).into_iter().flatten().copied()
    }

    fn insert(&mut self, part: usize, owner: usize) {
        let owner = self.owner_of.get(&owner).copied().unwrap_or(owner);
        self.owner_of.insert(part, owner);
        self.parts_of.entry(owner).or_default().push(part);
    }
}

/// Decides for `actions`, which run in the order `sequence`.
pub(super) fn fold(actions: &Actions, sequence: &[usize]) -> Folded {
    let mut folded = Folded::default();
    let mut position = vec![0; actions.list.len()];
    for (place, at) in sequence.iter().enumerate() {
        position[*at] = place;
    }
    created(actions, sequence, &position, &mut folded);
    dropped(actions, sequence, &position, &mut folded);
    folded
}

/// Forward: a resource is there at the latest position of its providers, as it stands after folding.
fn created(actions: &Actions, sequence: &[usize], position: &[usize], folded: &mut Folded) {
    let mut there: Vec<Option<usize>> = vec![None; actions.resources()];
    for &at in sequence {
        let action = &actions.list[at];
        let mut place = position[at];
        if action.verb == Verb::Create
            && let Some(owner) = action.owner
        {
            let home = folded.owner_of.get(&owner).map_or(position[owner], |home| position[*home]);
            let in_time = |at: &Option<usize>| at.is_none_or(|at| at <= home);
            if action.requires.iter().all(|resource| in_time(&there[resource.number(actions.slots)])) {
                folded.insert(at, owner);
                place = home;
            }
        }
        for resource in &action.provides {
            let latest = &mut there[resource.number(actions.slots)];
            *latest = Some(latest.map_or(place, |at| at.max(place)));
        }
    }
}

/// Backward: a resource is wanted at the earliest position of those that require it.
fn dropped(actions: &Actions, sequence: &[usize], position: &[usize], folded: &mut Folded) {
    let mut wanted: Vec<Option<usize>> = vec![None; actions.resources()];
    for &at in sequence.iter().rev() {
        let action = &actions.list[at];
        // What is made with its owner wants what it requires by then.
        let mut place = folded.owner_of.get(&at).map_or(position[at], |home| position[*home]);
        if action.verb == Verb::Drop
            && let Some(owner) = action.owner
        {
            let home = folded.owner_of.get(&owner).map_or(position[owner], |home| position[*home]);
            let in_time = |at: &Option<usize>| at.is_none_or(|at| at >= home);
            if action.provides.iter().all(|resource| in_time(&wanted[resource.number(actions.slots)])) {
                folded.insert(at, owner);
                place = home;
            }
        }
        for resource in &action.requires {
            let earliest = &mut wanted[resource.number(actions.slots)];
            *earliest = Some(earliest.map_or(place, |at| at.min(place)));
        }
    }
}
