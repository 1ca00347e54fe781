//! What goes into another schema with its table, indexes and sequences, where that schema has others of their names.
//!
//! One of the two gets the name that it is to have in the end before the table moves.

use std::collections::BTreeSet;

use super::rename::{Members, Rename, global, regrant};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name, default_name};
use crate::model::table::Column;

/// The names of all indexes and sequences.
pub fn names(base: &Model) -> BTreeSet<Name> {
    let mut names: BTreeSet<Name> = base.sequences.keys().cloned().collect();
    for table in base.tables.keys() {
        names.extend(indexes(base, table));
        names.extend(identities(base, table).map(|(_, name)| name));
    }
    names
}

/// Gives what is in the way of the table `old`, which becomes `new`, or what goes with it, the name that it is to have.
pub fn make_way(
    base: &mut Model,
    to: &Model,
    old: &Name,
    new: &Name,
    taken: &mut BTreeSet<Name>,
    done: &mut Vec<Rename>,
) {
    rename(base, to, (old, new), done, &|name| taken.contains(&new.sibling(name.as_str())));
    let own = || indexes(base, old).into_iter().chain(sequences(base, old).into_iter().map(|(_, name)| name));
    let along: BTreeSet<Ident> = own().map(|name| name.name).collect();
    let mut blocked = along.iter().map(|name| new.sibling(name.as_str())).filter(|name| taken.contains(name));
    if blocked.next().is_some() {
        let beside = |name: &&Name| name.schema == new.schema;
        for table in base.tables.keys().filter(beside).cloned().collect::<Vec<Name>>() {
            rename(base, to, (&table, &table), done, &|name| along.contains(name));
        }
    }
    taken.extend(along.iter().map(|name| new.sibling(name.as_str())));
}

/// Gives the indexes and sequences of a table, whose names are `old` now and `new` in the end, their names in the end,
/// those whose names are `blocked` and are not to stay.
fn rename(
    base: &mut Model,
    to: &Model,
    (old, new): (&Name, &Name),
    done: &mut Vec<Rename>,
    blocked: &dyn Fn(&Ident) -> bool,
) {
    let (Some(table), Some(goal)) = (base.tables.get(old), to.tables.get(new)) else { return };
    let is_blocked = |name: &Ident| blocked(name);
    if !indexes(base, old)
        .iter()
        .chain(sequences(base, old).iter().map(|(_, name)| name))
        .any(|it| is_blocked(&it.name))
    {
        return;
    }
    let Members { constraints, indexes, .. } = Members::of(table, goal);
    let some = |pairs: Vec<(Ident, Ident)>| {
        let wanted = |(from, into): &(Ident, Ident)| is_blocked(from) && !is_blocked(into);
        pairs.into_iter().filter(wanted).collect::<Vec<_>>()
    };
    let members = Members { constraints: some(constraints), indexes: some(indexes), ..Members::default() };
    base.tables.get_mut(old).into_iter().for_each(|table| members.carry_out(table));
    members.follow(old, base);
    done.extend(members.renames(old));
    for (column, name) in sequences(base, old).into_iter().filter(|(_, name)| is_blocked(&name.name)) {
        let into = name.sibling(default_name(new.name.as_str(), column.as_str(), "seq").as_str());
        if into == name || is_blocked(&into.name) {
            continue;
        }
        let identity = base.tables.get_mut(old).and_then(|table| identity_mut(&mut table.columns, &column));
        if let Some(sequence) = base.sequences.remove(&name) {
            base.sequences.insert(into.clone(), sequence);
            global(base, &name, &into);
            regrant(base, &ObjectId::Sequence(name.clone()), &ObjectId::Sequence(into.clone()));
        } else if let Some(own) = identity {
            *own = Some(into.clone());
        }
        done.push(Rename { from: ObjectId::Sequence(name), to: ObjectId::Sequence(into) });
    }
}

fn identity_mut<'c>(columns: &'c mut [Column], name: &Ident) -> Option<&'c mut Option<Name>> {
    let column = columns.iter_mut().find(|column| column.name == *name)?;
    column.identity.as_mut().map(|identity| &mut identity.options.name)
}

/// The indexes of a table, those behind keys included.
fn indexes(base: &Model, table: &Name) -> Vec<Name> {
    let found = base.tables.get(table).into_iter().flat_map(|found| found.families());
    found.map(|(name, _)| table.sibling(name.as_str())).collect()
}

/// The columns of a table that have sequences, with these.
fn sequences(base: &Model, table: &Name) -> Vec<(Ident, Name)> {
    let owned = base.sequences.iter().filter_map(|(name, sequence)| match &sequence.owned_by {
        Some((owner, column)) if owner == table => Some((column.clone(), name.clone())),
        _ => None,
    });
    identities(base, table).chain(owned).collect()
}

/// The columns of a table that are identities, with the sequences behind them.
fn identities<'m>(base: &'m Model, table: &'m Name) -> impl Iterator<Item = (Ident, Name)> + 'm {
    let columns = base.tables.get(table).into_iter().flat_map(|found| &found.columns);
    columns.filter_map(|column| {
        let usual = || table.sibling(default_name(table.name.as_str(), column.name.as_str(), "seq").as_str());
        let name = column.identity.as_ref()?.options.name.clone();
        Some((column.name.clone(), name.unwrap_or_else(usual)))
    })
}
