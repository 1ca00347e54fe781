//! Texts that stay and mean another function: one of the same name has come that fits better. PostgreSQL chose when it
//! read them, and goes on to call what it chose.

use std::collections::BTreeSet;

use super::property::{Property, Value, meaning};
use super::{Change, ChangeKind, Fact, facts, object};
use crate::model::Model;

/// Adds to `changes` what a function that comes gives another meaning.
pub fn add(changes: &mut Vec<Change>, base: &Model, to: &Model) {
    let names = overloaded(base, to);
    if names.is_empty() {
        return;
    }
    for id in object::all(to) {
        let (old, new) = (facts::of(base, &id), facts::of(to, &id));
        let found = old.iter().filter_map(|before| {
            let after = new.iter().find(|after| after.name == before.name)?;
            rebound(before, after, &names, base, to)
        });
        let found: Vec<Fact> = found.collect();
        if found.is_empty() {
            continue;
        }
        match changes.iter_mut().find(|change| change.id == id).map(|change| &mut change.kind) {
            None => changes.push(Change { id, kind: ChangeKind::Altered(found) }),
            Some(ChangeKind::Altered(facts)) => facts.extend(found),
            Some(ChangeKind::Added | ChangeKind::Removed | ChangeKind::Renamed { .. }) => {}
        }
    }
    changes.sort_by(|a, b| a.id.cmp(&b.id));
}

/// The names, in lower case, by which there was a function before, and now are more.
fn overloaded(base: &Model, to: &Model) -> BTreeSet<String> {
    let known: BTreeSet<&str> = base.routines.keys().map(|signature| signature.name.name.as_str()).collect();
    let new = to.routines.keys().filter(|signature| !base.routines.contains_key(*signature));
    let names = new.map(|signature| signature.name.name.as_str()).filter(|name| known.contains(name));
    names.map(str::to_lowercase).collect()
}

/// The fact that a text which has not changed means something else.
fn rebound(
    before: &Property<'_>,
    after: &Property<'_>,
    names: &BTreeSet<String>,
    base: &Model,
    to: &Model,
) -> Option<Fact> {
    let (Value::Sql(old, place), Value::Sql(new, new_place)) = (&before.value, &after.value) else { return None };
    let text = new.as_str().to_lowercase();
    if old != new || !names.iter().any(|name| text.contains(name)) {
        return None;
    }
    let (old, new) = (meaning(old, *place, base), meaning(new, *new_place, to));
    (old != new).then(|| Fact { name: after.name.clone(), old, new })
}
