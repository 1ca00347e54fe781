//! Actions and their edges, derived from fates and dependencies: the same rules for every object kind.

use std::collections::BTreeMap;

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::action::{Action, Actions, Item, Part, Resource, Slot, Verb};
use super::fate::Fate;
use super::kinds::Taken;
use super::uses::Uses;
use super::{Context, index, kinds, partitions, table, types, uses};
use crate::model::id::ObjectId;

/// The place of an action among those that could go in any order: by verb, then kind, then name.
pub(super) fn rank(action: &Action) -> (Verb, u8, Slot, Part) {
    let kind = match (action.verb, action.item.part) {
        // A partition is detached after its parent's foreign keys are gone: it would keep them.
        (Verb::Drop, Part::Attach) => kinds::rank(&Item::whole(action.item.id.clone())),
        _ => kinds::rank(&action.item),
    };
    // What is dropped goes in the reverse order of what is made.
    let kind = if action.verb == Verb::Drop { u8::MAX - kind } else { kind };
    let verb = if action.verb == Verb::Alter { Verb::Create } else { action.verb };
    (verb, kind, action.slot, action.item.part)
}

/// How many items are worth a turn of a thread.
pub(super) const TOGETHER: usize = 256;

/// The actions that carry out the fates.
pub(super) fn actions(context: &Context<'_>) -> Actions {
    let mut steps = Steps { context, names: BTreeMap::new(), extensions: extensions(context) };
    let mut list = Vec::with_capacity(context.fates.len());
    let mut owners = Vec::with_capacity(context.fates.len());
    let items: Vec<&Item> = context.fates.keys().collect();
    // Texts are gone through for names: most of the work there is.
    let uses: Vec<Uses> = items.par_iter().with_min_len(TOGETHER).map(|item| context.new.uses(item)).collect();
    for (slot, ((item, fate), uses)) in context.fates.iter().zip(uses).enumerate() {
        match fate {
            Fate::Create => list.push(steps.create(slot, item, &uses)),
            Fate::Drop => list.push(steps.drop(slot, item)),
            Fate::Alter(_) => list.push(steps.alter(slot, item, &uses)),
            Fate::Rebuild if index::replaces(context, item) => list.push(steps.alter(slot, item, &uses)),
            Fate::Rebuild => list.extend([steps.drop(slot, item), steps.create(slot, item, &uses)]),
            Fate::Swap => list.extend(steps.swap(slot, item, &uses)),
        }
        let owner = |action: &Action| match (fate, action.verb) {
            (Fate::Swap, Verb::Drop) => None,
            _ => context.fates.get_index_of(&kinds::owner(context, item, action.verb)?),
        };
        owners.extend(list[owners.len()..].iter().map(owner));
    }
    let mut actions = Actions { list, slots: context.fates.len(), names: steps.names.len() };
    let of = ByItem::new(&actions);
    for (action, owner) in actions.list.iter_mut().zip(owners) {
        action.owner = owner.and_then(|slot| of.action(action.verb, slot));
    }
    court(&mut actions, &of);
    actions
}

/// Whether extensions come or go: otherwise nothing need wait for them.
fn extensions(context: &Context<'_>) -> bool {
    context.fates.keys().any(|item| matches!(item.id, ObjectId::Extension(_)) && item.part == Part::Whole)
}

/// Where the action of a verb about an item is found.
struct ByItem([Vec<Option<usize>>; 3]);

impl ByItem {
    fn new(actions: &Actions) -> ByItem {
        let mut of = ByItem([(); 3].map(|()| vec![None; actions.slots]));
        for (at, action) in actions.list.iter().enumerate().filter(|(_, action)| action.item.part != Part::Parked) {
            of.0[action.verb as usize][action.slot] = Some(at);
        }
        of
    }

    fn action(&self, verb: Verb, slot: Slot) -> Option<usize> {
        self.0[verb as usize][slot]
    }
}

/// Makes actions, and numbers the names that they give up or take on the way.
struct Steps<'s, 'c> {
    context: &'s Context<'c>,
    names: BTreeMap<Taken, usize>,
    extensions: bool,
}

impl Steps<'_, '_> {
    fn create(&mut self, slot: Slot, item: &Item, uses: &Uses) -> Action {
        let context = self.context;
        let mut action = blank(slot, item, Verb::Create);
        self.wait(&mut action);
        action.requires.extend(self.touched(&partitions::carrier(context, item, Verb::Create)).map(Resource::Made));
        action.provides.push(Resource::Made(slot));
        action.requires.push(Resource::Gone(slot));
        self.require(&mut action, uses);
        action.prefers.extend(self.touched(&self.passed_over(item, uses)).map(Resource::Gone));
        match &item.id {
            ObjectId::Extension(_) if item.part == Part::Whole => action.provides.push(Resource::Extensions),
            ObjectId::Schema(_) => {}
            _ if self.extensions => action.requires.push(Resource::Extensions),
            _ => {}
        }
        action.requires.extend(kinds::names(context.new.model, item).into_iter().map(|name| self.name(name)));
        action
    }

    fn drop(&mut self, slot: Slot, item: &Item) -> Action {
        let context = self.context;
        let mut action = blank(slot, item, Verb::Drop);
        self.wait(&mut action);
        action.requires.extend(self.touched(&partitions::carrier(context, item, Verb::Drop)).map(Resource::Gone));
        action.provides.push(Resource::Gone(slot));
        action.requires.push(Resource::Free(slot));
        // Sets free what the old state used.
        action.provides.extend(self.touched(&context.old.uses(item).needs).map(Resource::Free));
        match &item.id {
            ObjectId::Extension(_) if item.part == Part::Whole => action.requires.push(Resource::Unextended),
            ObjectId::Schema(_) => {}
            _ if self.extensions => action.provides.push(Resource::Unextended),
            _ => {}
        }
        action.provides.extend(kinds::names(context.old.model, item).into_iter().map(|name| self.name(name)));
        action
    }

    fn alter(&mut self, slot: Slot, item: &Item, new: &Uses) -> Action {
        let context = self.context;
        let mut action = blank(slot, item, Verb::Alter);
        action.requires.extend(self.touched(&partitions::carrier(context, item, Verb::Alter)).map(Resource::Made));
        action.provides.push(Resource::Made(slot));
        if self.extensions && !matches!(item.id, ObjectId::Extension(_)) {
            // Its old state may have used one that goes, its new state one that comes.
            action.provides.push(Resource::Unextended);
            action.requires.push(Resource::Extensions);
        }
        let old = context.old.uses(item);
        self.require(&mut action, new);
        // A type that steps aside has the same name before and after, and is left all the same.
        let left = |used: &&Item| !new.needs.contains(*used) || context.fates.get(*used) == Some(&Fate::Swap);
        action.provides.extend(self.touched(old.needs.iter().filter(left)).map(Resource::Free));
        action.requires.push(Resource::Free(slot));
        let (made, gone) = table::outlasting(context, item);
        action.requires.extend(self.touched(&made).map(Resource::Made));
        action.requires.extend(self.touched(&gone).map(Resource::Gone));
        action.provides.extend(kinds::leaves(context, item).into_iter().map(|name| self.name(name)));
        action.requires.extend(kinds::takes(context, item).into_iter().map(|name| self.name(name)));
        action
    }

    /// The old type steps aside, the new one is made, and the old one goes once nobody uses it.
    fn swap(&mut self, slot: Slot, item: &Item, uses: &Uses) -> [Action; 3] {
        let given_up = |resource: &Resource| matches!(resource, Resource::Name(_)) || *resource == Resource::Gone(slot);
        let mut aside = blank(slot, item, Verb::Drop);
        let mut gone = self.drop(slot, item);
        let own = [Part::Default, Part::Checks].map(|part| Item::part(&item.id, part));
        aside.requires.extend(self.touched(&own).map(Resource::Gone));
        let over = types::ranges_over(&item.id, &self.context.old);
        aside.requires.extend(self.touched(&over).map(Resource::Gone));
        aside.provides.extend(gone.provides.iter().copied().filter(given_up));
        gone.provides.retain(|resource| !given_up(resource));
        gone.requires.push(Resource::Made(slot));
        gone.item.part = Part::Parked;
        [aside, self.create(slot, item, uses), gone]
    }

    /// Waits for what the order of a parent's and its children's statements asks for.
    fn wait(&self, action: &mut Action) {
        let partitions::Waits { made, gone, free } = partitions::waits(self.context, &action.item, action.verb);
        action.requires.extend(self.touched(&made).map(Resource::Made));
        action.requires.extend(self.touched(&gone).map(Resource::Gone));
        action.requires.extend(self.touched(&free).map(Resource::Free));
    }

    /// Waits for all that the new state needs; the owner that may take the item in would wait for it too.
    fn require(&self, action: &mut Action, uses: &Uses) {
        action.requires.extend(self.touched(uses.needs.iter().chain(&uses.reads)).map(Resource::Made));
        action.prefers.extend(self.touched(&uses.likes).map(Resource::Made));
    }

    /// The columns that go, and that a `*` would take in were they still there.
    fn passed_over(&self, item: &Item, uses: &Uses) -> Vec<Item> {
        if item.part != Part::Whole || !uses::is_starred(self.context.new.model, &item.id) {
            return Vec::new();
        }
        let tables = uses.needs.iter().filter_map(|used| match &used.id {
            ObjectId::Table(name) => self.context.old.model.tables.get_key_value(name),
            _ => None,
        });
        let columns = tables.flat_map(|(name, table)| table.columns.iter().map(move |column| (name, &column.name)));
        let items = columns.map(|(table, name)| Item::whole(ObjectId::Column(table.clone(), name.clone())));
        items.filter(|item| self.context.fates.get(item) == Some(&Fate::Drop)).collect()
    }

    /// Those of the items that the plan touches: nobody waits for the others.
    fn touched<'i>(&self, items: impl IntoIterator<Item = &'i Item>) -> impl Iterator<Item = Slot> {
        items.into_iter().filter_map(|item| self.context.fates.get_index_of(item))
    }

    fn name(&mut self, name: Taken) -> Resource {
        let next = self.names.len();
        Resource::Name(*self.names.entry(name).or_insert(next))
    }
}

fn blank(slot: Slot, item: &Item, verb: Verb) -> Action {
    let (provides, requires, prefers, yields) = Default::default();
    Action { item: item.clone(), slot, verb, provides, requires, prefers, yields, owner: None }
}

/// Lets owners wait for what the parts that they may take in wait for, so that they can.
fn court(actions: &mut Actions, of: &ByItem) {
    let root = |mut index: usize| {
        while let Some(next) = actions.list[index].owner {
            index = next;
        }
        index
    };
    let roots: Vec<usize> = (0..actions.list.len()).map(root).collect();
    let mut parts: Vec<usize> = (0..roots.len()).filter(|part| roots[*part] != *part).collect();
    parts.sort_by_key(|part| roots[*part]);
    // The last home that was told of a resource: each is told once.
    let mut told = vec![usize::MAX; actions.resources()];
    for part in parts {
        let home = roots[part];
        let verb = actions.list[part].verb;
        let mut outside = |resources: &[Resource]| -> Vec<Resource> {
            let family = |slot: Slot| of.action(verb, slot).is_some_and(|other| roots[other] == home);
            let mut news =
                |resource: &Resource| std::mem::replace(&mut told[resource.number(actions.slots)], home) != home;
            resources.iter().filter(|it| !it.slot().is_some_and(family) && news(it)).copied().collect()
        };
        match verb {
            Verb::Create => {
                let wanted = outside(&actions.list[part].requires);
                actions.list[home].prefers.extend(wanted);
            }
            Verb::Drop => {
                let offered = outside(&actions.list[part].provides);
                actions.list[home].yields.extend(offered);
            }
            Verb::Alter => {}
        }
    }
}
