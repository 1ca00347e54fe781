//! Renames that were probably meant and that no hint says. They are told, never carried out.

use std::collections::{BTreeMap, BTreeSet};

use super::rename::Rename;
use super::{Change, ChangeKind};
use crate::model::Model;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Table};

/// Objects that go and others that come, so alike that a rename was probably meant.
pub fn likely(base: &Model, to: &Model, changes: &[Change]) -> Vec<Rename> {
    let mut found = Vec::new();
    let of = |kind: &ChangeKind| -> BTreeSet<&ObjectId> {
        changes.iter().filter(|change| change.kind == *kind).map(|change| &change.id).collect()
    };
    let (removed, added) = (of(&ChangeKind::Removed), of(&ChangeKind::Added));
    let gone = Gone::new(base, &removed);
    let mut called: BTreeMap<&Ident, Vec<&Name>> = BTreeMap::new();
    for id in &removed {
        if let ObjectId::Table(name) = id {
            called.entry(&name.name).or_default().push(name);
        }
    }
    for id in &added {
        match id {
            ObjectId::Table(name) => {
                let table = &to.tables[name];
                let twin = gone.twin(name, table).map(|twin| name.sibling(twin.as_str()));
                let namesakes = called.get(&name.name).map_or(&[][..], Vec::as_slice);
                let twin = twin.or_else(|| elsewhere(base, namesakes, table).cloned());
                found.extend(twin.map(|from| Rename { from: ObjectId::Table(from), to: (*id).clone() }));
            }
            ObjectId::Column(table, name) => {
                let (Some(before), Some(after)) = (base.tables.get(table), to.tables.get(table)) else { continue };
                if let Some(twin) = column_twin(table, before, after, name, &removed) {
                    found.push(Rename { from: ObjectId::Column(table.clone(), twin), to: (*id).clone() });
                }
            }
            _ => {}
        }
    }
    found
}

/// The tables that go, by their columns: so that each that comes is held against few of them.
struct Gone<'a>(BTreeMap<ColumnKey<'a>, Vec<(&'a Ident, &'a Table)>>);

/// A table's schema, and the name and type of one of its columns.
type ColumnKey<'a> = (Option<&'a Ident>, &'a Ident, &'a DataType);

impl<'a> Gone<'a> {
    fn new(base: &'a Model, removed: &BTreeSet<&'a ObjectId>) -> Gone<'a> {
        let mut by_column: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for id in removed {
            let ObjectId::Table(name) = id else { continue };
            let table = &base.tables[name];
            for column in &table.columns {
                let key = (name.schema.as_ref(), &column.name, &column.ty);
                by_column.entry(key).or_default().push((&name.name, table));
            }
        }
        Gone(by_column)
    }

    /// The only table that goes and is like `table`. Of a table's columns at most a fifth may be missing in its twin,
    /// so a fifth and one more hold one that both have; the rarest of them are looked at.
    fn twin<'t>(&'t self, name: &'t Name, table: &'t Table) -> Option<&'t Ident> {
        let with = |column: &'t Column| {
            let tables = self.0.get(&(name.schema.as_ref(), &column.name, &column.ty));
            tables.map_or(&[][..], Vec::as_slice)
        };
        let mut candidates: Vec<&[(&Ident, &Table)]> = table.columns.iter().map(with).collect();
        candidates.sort_by_key(|tables| tables.len());
        let mut twin: Option<&Ident> = None;
        for (old, before) in candidates.iter().take(table.columns.len() / 5 + 1).copied().flatten() {
            match twin {
                Some(known) if known == *old => {}
                _ if !alike(before, table) => {}
                Some(_) => return None,
                None => twin = Some(*old),
            }
        }
        twin
    }
}

/// The only one of the tables that go and have the name in another schema that is alike.
fn elsewhere<'a>(base: &Model, namesakes: &[&'a Name], table: &Table) -> Option<&'a Name> {
    let mut moved = namesakes.iter().filter(|old| alike(&base.tables[**old], table));
    let first = moved.next()?;
    moved.next().is_none().then_some(*first)
}

/// Whether two tables have at least three columns in common and no more than a fifth that are not.
fn alike(old: &Table, new: &Table) -> bool {
    let same =
        new.columns.iter().filter(|column| old.column(column.name.as_str()).is_some_and(|o| o.ty == column.ty)).count();
    let most = old.columns.len().max(new.columns.len());
    same >= 3 && same * 5 >= most * 4
}

/// The only column that goes and has the type of the only column that comes with that type.
fn column_twin(table: &Name, old: &Table, new: &Table, name: &Ident, removed: &BTreeSet<&ObjectId>) -> Option<Ident> {
    let ty = &new.column(name.as_str())?.ty;
    let comes =
        new.columns.iter().filter(|column| column.ty == *ty && old.column(column.name.as_str()).is_none()).count();
    let gone = |column: &&Ident| removed.contains(&ObjectId::Column(table.clone(), (*column).clone()));
    let mut twins = old.columns.iter().filter(|column| column.ty == *ty).map(|column| &column.name).filter(gone);
    match (comes, twins.next(), twins.next()) {
        (1, Some(twin), None) => Some(twin.clone()),
        _ => None,
    }
}
