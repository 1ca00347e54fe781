//! What becomes of each item: made, dropped, altered in place, or dropped and made again.
//!
//! Changes say it for the objects that differ. An item whose dependency goes away or changes underneath it in a way
//! that PostgreSQL refuses while it stands (a view over a column whose type changes) is dropped before and made again
//! after, and so is what depends on that in turn.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use indexmap::IndexMap;

use super::action::{Item, Part};
use super::catalog::Catalog;
use super::scan::mentions;
use super::{family, inheritance, kinds, partitions, types, uses};
use crate::diff::object;
use crate::diff::privileges::bearer;
use crate::diff::{Change, ChangeKind, Fact};
use crate::model::id::ObjectId;
use crate::model::index::ElementKey;
use crate::model::name::{Ident, Name};
use crate::model::security::automatic;

/// What becomes of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is made.
    Create,
    /// It goes.
    Drop,
    /// It changes in place, in these facts.
    Alter(Vec<Fact>),
    /// It goes and is made again.
    Rebuild,
    /// It steps aside under another name, is made again, and goes once its users have moved over.
    Swap,
}

/// How a fact's name tells the part of the object that it is about.
fn part_of(fact: &Fact) -> Part {
    match fact.name.as_ref() {
        "comment" => Part::Comment,
        name if name.starts_with("comment on ") => Part::Comment,
        name if name.starts_with("privilege ") => Part::Privileges,
        "owned by" => Part::Owner,
        "partition of" | "attached to" => Part::Attach,
        "inherits" => Part::Inherit,
        "row level security" | "forced row level security" => Part::Security,
        "replica identity" => Part::Replica,
        "clustered on" => Part::Cluster,
        _ => Part::Whole,
    }
}

/// The fates of all items that are touched, in the items' order.
pub(super) type Fates = IndexMap<Item, Fate>;

/// The fate of every item that is touched.
pub(super) fn fates(changes: &[Change], old: &Catalog<'_>, new: &Catalog<'_>) -> Fates {
    let whole = |change: &Change| match &change.kind {
        ChangeKind::Added => with(Fate::Create, new.parts(&change.id)),
        ChangeKind::Removed => with(Fate::Drop, old.parts(&change.id)),
        ChangeKind::Altered(_) | ChangeKind::Renamed { .. } => Vec::new(),
    };
    let mut fates: BTreeMap<Item, Fate> = changes.iter().flat_map(whole).collect();
    for change in changes {
        if let ChangeKind::Altered(facts) = &change.kind {
            alter(&mut fates, &change.id, facts, old, new);
        }
    }
    demanded(&mut fates, old, new);
    key_columns(&mut fates, old, new);
    family::relate(&mut fates, old, new);
    spread(&mut fates, old, new);
    while family::relate(&mut fates, old, new)
        | partitions::relate(&mut fates, old, new)
        | types::relate(&mut fates, old, new)
    {
        spread(&mut fates, old, new);
    }
    tear(&mut fates, old, new);
    park(&mut fates, old);
    step_aside(&mut fates, old, new);
    given(&mut fates, old, new);
    listed(fates, new)
}

/// The fates in the items' order, but columns that come to a table in the order in which the schema lists them: a `*`
/// takes them in as they stand in the database.
fn listed(fates: BTreeMap<Item, Fate>, new: &Catalog<'_>) -> Fates {
    let mut list: Vec<(Item, Fate)> = fates.into_iter().collect();
    let mut coming: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
    for (at, (item, fate)) in list.iter().enumerate() {
        if let (ObjectId::Column(table, _), Part::Whole, Fate::Create) = (&item.id, item.part, fate) {
            coming.entry(table.clone()).or_default().push(at);
        }
    }
    for (table, places) in coming.iter().filter(|(_, places)| places.len() > 1) {
        let Some(table) = new.model.tables.get(table) else { continue };
        let order: BTreeMap<&Ident, usize> = table.columns.iter().map(|it| &it.name).zip(0..).collect();
        let position = |(item, _): &(Item, Fate)| match &item.id {
            ObjectId::Column(_, name) => order.get(name).copied(),
            _ => None,
        };
        let mut columns: Vec<(Item, Fate)> = places.iter().map(|at| list[*at].clone()).collect();
        columns.sort_by_key(position);
        places.iter().zip(columns).for_each(|(at, column)| list[*at] = column);
    }
    list.into_iter().collect()
}

/// An index of a partition that its parent's would take in when one of the two comes, where another is meant, goes and
/// comes again.
fn step_aside(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) {
    let made = |(item, fate): (&Item, &Fate)| {
        let made = matches!(fate, Fate::Create | Fate::Rebuild);
        match (&item.id, item.part) {
            (ObjectId::Table(name), Part::Attach) if made => {
                family::seconds_in(new, name).into_iter().map(Item::whole).collect()
            }
            (id, Part::Whole) if made => family::seconds(new, id),
            _ => Vec::new(),
        }
    };
    let seconds: Vec<Item> = fates.iter().flat_map(made).filter(|item| old.has(item)).collect();
    for item in seconds {
        for part in new.parts(&item.id) {
            fates.entry(part).or_insert(Fate::Rebuild);
        }
    }
}

fn with(fate: Fate, items: Vec<Item>) -> Vec<(Item, Fate)> {
    items.into_iter().map(|item| (item, fate.clone())).collect()
}

/// What is made gets privileges by itself, from the default privileges that stand by then: those are settled with it.
fn given(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) {
    if old.model.default_privileges.is_empty() {
        return;
    }
    let made = |(item, fate): (&Item, &Fate)| {
        let on = bearer(new.model, &item.id).filter(|_| item.part == Part::Whole)?;
        // A column may get its identity later on.
        let made = matches!(fate, Fate::Create | Fate::Rebuild | Fate::Swap) || bearer(old.model, &item.id).is_none();
        (made && !automatic(old.model, &on).is_empty()).then(|| Item::part(&item.id, Part::Privileges))
    };
    let items: Vec<Item> = fates.iter().filter_map(made).collect();
    for item in items {
        fates.entry(item).or_insert(Fate::Create);
    }
}

/// Splits the facts of one object by the part that they are about.
fn alter(fates: &mut BTreeMap<Item, Fate>, id: &ObjectId, facts: &[Fact], old: &Catalog<'_>, new: &Catalog<'_>) {
    let mut parts: BTreeMap<Part, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        let part = match (id, fact.name.as_ref()) {
            (ObjectId::Column(..) | ObjectId::Type(_), "default") => Part::Default,
            (ObjectId::Type(_), name) if name.starts_with("check ") => Part::Checks,
            _ => part_of(fact),
        };
        parts.entry(part).or_default().push(fact.clone());
    }
    let (before, after) = (old.parts(id), new.parts(id));
    for (part, facts) in parts {
        let item = Item::part(id, part);
        let fate = match (before.contains(&item), after.contains(&item)) {
            (false, true) => Fate::Create,
            (true, false) => Fate::Drop,
            _ if part == Part::Whole
                && object::find(new.model, id).is_some()
                && kinds::rebuilds(id, &facts, old, new) =>
            {
                Fate::Rebuild
            }
            _ if matches!(part, Part::Attach | Part::Inherit) => Fate::Rebuild,
            _ if part == Part::Checks && types::loses_comments(id, &facts, new) => Fate::Rebuild,
            _ => Fate::Alter(facts),
        };
        fates.insert(item, fate);
    }
}

/// A table leaves some of its parents while a column changes its type that it has from several, and joins them again.
fn tear(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) {
    let retyped = |table: &Name, column: &Ident| {
        let item = Item::whole(ObjectId::Column(table.clone(), column.clone()));
        matches!(fates.get(&item), Some(Fate::Alter(facts)) if kinds::disturbs(&item, facts))
    };
    let places = old.model.tables.keys().filter(|name| inheritance::torn(old.model, name, &retyped).is_some());
    let places = places.map(|name| Item::part(&ObjectId::Table(name.clone()), Part::Inherit));
    let places: Vec<Item> = places.filter(|place| new.has(place)).collect();
    for place in places {
        fates.entry(place).or_insert(Fate::Rebuild);
    }
}

/// A partition's column loses its NOT NULL with the parent's: where it keeps it, it gets it again.
fn demanded(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) {
    let frees = |facts: &[Fact]| facts.iter().any(|fact| fact.name == "not null" && fact.new.is_none());
    let freed = fates.iter().filter_map(|(item, fate)| match (&item.id, fate) {
        (ObjectId::Column(table, name), Fate::Alter(facts)) if frees(facts) => Some((table.clone(), name.clone())),
        _ => None,
    });
    let mut open: Vec<(Name, Ident)> = freed.collect();
    while let Some((table, name)) = open.pop() {
        for child in old.partitions(&table) {
            let column = new.model.tables.get(*child).and_then(|child| child.column(name.as_str()));
            let item = Item::whole(ObjectId::Column((*child).clone(), name.clone()));
            if column.is_some_and(|column| column.not_null) && old.has(&item) {
                fates.entry(item).or_insert_with(|| Fate::Alter(Vec::new()));
                open.push(((*child).clone(), name.clone()));
            }
        }
    }
}

/// Carries rebuilding over to what depends on what is rebuilt, and so on.
fn spread(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) {
    let moves = |fates: &BTreeMap<Item, Fate>, item: &Item| match fates.get(item) {
        Some(Fate::Drop | Fate::Rebuild | Fate::Swap) => true,
        Some(Fate::Alter(facts)) => kinds::disturbs(item, facts),
        Some(Fate::Create) | None => false,
    };
    let mut queue: VecDeque<Item> = fates.keys().filter(|item| moves(fates, item)).cloned().collect();
    queue.extend(starred(fates, old, new));
    if queue.is_empty() {
        return;
    }
    let users = users(old);
    while let Some(item) = queue.pop_front() {
        for user in users.get(&item).into_iter().flatten() {
            let stays = !matches!(fates.get(user), Some(Fate::Drop | Fate::Create | Fate::Rebuild | Fate::Swap));
            if !stays || !new.has(user) {
                continue;
            }
            // What changes in place, and needs the item no more, lets it go by that.
            let leaves = matches!(fates.get(user), Some(Fate::Alter(_)));
            if leaves && !needs_name(&new.uses(user).needs, &item) {
                continue;
            }
            let Some(fate) = kinds::follows(&item, fates.get(&item), user, old, new) else { continue };
            if let (Fate::Alter(moved), Some(Fate::Alter(facts))) = (&fate, fates.get_mut(user)) {
                let more: Vec<Fact> =
                    moved.iter().filter(|fact| facts.iter().all(|known| known.name != fact.name)).cloned().collect();
                if more.is_empty() {
                    continue;
                }
                facts.extend(more);
            } else {
                fates.insert(user.clone(), fate);
            }
            queue.push_back(user.clone());
            queue.extend(key_columns(fates, old, new));
        }
    }
}

/// Whether the item is needed, or what has its name after it: an enum may become a table, and a function one of other
/// arguments, which a call would not find while the old one is there.
fn needs_name(needs: &BTreeSet<Item>, item: &Item) -> bool {
    if let ObjectId::Routine(old) = &item.id {
        return needs.iter().any(|need| matches!(&need.id, ObjectId::Routine(new) if new.name == old.name));
    }
    let (ObjectId::Type(name) | ObjectId::Table(name) | ObjectId::View(name)) = &item.id else {
        return needs.contains(item);
    };
    let named = [ObjectId::Type, ObjectId::Table, ObjectId::View].map(|of| Item::whole(of(name.clone())));
    named.iter().chain([item]).any(|item| needs.contains(item))
}

/// A column by which a table is partitioned cannot change its type, so the table is made again; its partitions, which
/// hold the rows, are detached before and attached after. Answers the tables for which this is news.
fn key_columns(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) -> Vec<Item> {
    let moved = |(item, fate): (&Item, &Fate)| {
        let (ObjectId::Column(table, name), Fate::Alter(facts)) = (&item.id, fate) else { return None };
        let by = old.model.tables.get(table)?.partition_by.as_ref()?;
        let key = by.elements.iter().any(|element| match &element.key {
            ElementKey::Column(column) => column == name,
            ElementKey::Expression(sql) => mentions(sql).has(name),
        });
        (item.part == Part::Whole && key && kinds::disturbs(item, facts)).then(|| ObjectId::Table(table.clone()))
    };
    let tables: Vec<ObjectId> = fates.iter().filter_map(moved).collect();
    let mut news = Vec::new();
    for id in tables.iter().filter(|id| new.has(&Item::whole((*id).clone()))) {
        let whole = Item::whole(id.clone());
        if !matches!(fates.get(&whole), Some(Fate::Drop | Fate::Rebuild)) {
            fates.extend(with(Fate::Rebuild, new.parts(id)));
            news.push(whole);
        }
    }
    news
}

/// A type whose columns stay is not dropped before it is made again: it steps aside under another name until they have
/// moved over; and so does what such a type is made of.
fn park(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>) {
    let may = |(item, fate): &(&Item, &Fate)| **fate == Fate::Rebuild && kinds::steps_aside(&item.id);
    if !fates.iter().any(|(item, fate)| may(&(item, fate))) {
        return;
    }
    let users = users(old);
    let moves = |fates: &BTreeMap<Item, Fate>, item: &Item| {
        let moved = |user: &Item| matches!(fates.get(user), Some(Fate::Alter(_) | Fate::Swap));
        users.get(item).into_iter().flatten().any(moved)
    };
    loop {
        let waiting = fates.iter().filter(may).map(|(item, _)| item);
        let found: Vec<Item> = waiting.filter(|item| moves(fates, item)).cloned().collect();
        if found.is_empty() {
            break;
        }
        fates.extend(with(Fate::Swap, found));
    }
}

/// Who needs what, turned around.
fn users(catalog: &Catalog<'_>) -> BTreeMap<Item, Vec<Item>> {
    let mut users: BTreeMap<Item, Vec<Item>> = BTreeMap::new();
    for id in object::all(catalog.model) {
        for user in catalog.parts(&id) {
            for item in catalog.uses(&user).needs {
                users.entry(item).or_default().push(user.clone());
            }
        }
    }
    users
}

/// Views and functions that select `*` from a table whose columns come or go: PostgreSQL wrote the columns out when they
/// were made.
fn starred(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) -> Vec<Item> {
    let columns = |(item, fate): (&Item, &Fate)| {
        matches!(item.id, ObjectId::Column(..)) && item.part == Part::Whole && matches!(fate, Fate::Create | Fate::Drop)
    };
    let attributes = |(item, fate): (&Item, &Fate)| {
        let changed = matches!(fate, Fate::Alter(facts) if facts.iter().any(|fact| fact.name == "attributes"));
        (changed && matches!(item.id, ObjectId::Type(_))).then(|| item.clone())
    };
    let types: Vec<Item> = fates.iter().filter_map(attributes).collect();
    if types.is_empty() && !fates.iter().any(columns) {
        return Vec::new();
    }
    let views = new.model.views.keys().cloned().map(ObjectId::View);
    let routines = new.model.routines.keys().cloned().map(ObjectId::Routine);
    let mut found = Vec::new();
    for item in views.chain(routines).filter(|id| uses::is_starred(new.model, id)).map(Item::whole) {
        if fates.contains_key(&item) || !old.has(&item) {
            continue;
        }
        let uses = new.uses(&item);
        if old.uses(&item) != uses || types.iter().any(|ty| uses.needs.contains(ty)) {
            fates.insert(item.clone(), Fate::Rebuild);
            found.push(item);
        }
    }
    found
}
