//! The indexes and keys of partitions that no model says: PostgreSQL makes them for those of the table above, and chooses
//! their names.
//!
//! A name is chosen once, from the names of the table and its columns, and stays when those get others. Where several
//! indexes of a partition would be called the same, a number keeps them apart; the numbers here are those of a database
//! whose indexes were made in the order of their names.

use std::collections::VecDeque;

use super::catalog::{Catalog, Relation};
use super::partition_indexes::{columns, key_columns};
use crate::model::Model;
use crate::model::constraint::Constraint;
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name, default_name};

/// An index or key of a partition that is there because the table above has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implied {
    /// Its identity, under the name that PostgreSQL chooses.
    pub id: ObjectId,
    /// The nearest index or key above that the model says.
    pub whole: ObjectId,
    /// What it would be called were that name free: without a number.
    pub usual: Ident,
}

/// Every implied index and key of the model, those of a table before those of its partitions.
pub fn implied(model: &Model) -> Vec<Implied> {
    let mut catalog = Catalog::of(model);
    let mut waiting: VecDeque<Above> = said(model).collect();
    let mut found = Vec::new();
    while let Some(above) = waiting.pop_front() {
        for child in catalog.children(&above.table).cloned().collect::<Vec<Name>>() {
            if model.tables.get(&child).is_none_or(|it| it.families().any(|(_, family)| family.is_part_of(&above.name)))
            {
                continue;
            }
            let (name, part) = above.part_in(&child, &mut catalog);
            waiting.push_back(Above { table: child, name, ..above.clone() });
            found.push(part);
        }
    }
    found
}

/// The indexes and keys that partitions have parts of, as the model says them.
fn said(model: &Model) -> impl Iterator<Item = Above<'_>> {
    let divided = model.tables.iter().filter(|(_, table)| table.partition_by.is_some());
    divided.flat_map(|(table, it)| {
        let spread = it.families().filter(|(_, family)| !family.only);
        spread.map(move |(name, _)| {
            let kind = match it.indexes.get(name) {
                Some(index) => Kind::Index(index),
                None => Kind::Key(&it.constraints[name]),
            };
            Above { table: table.clone(), name: table.sibling(name.as_str()), whole: kind.id(table, name), kind }
        })
    })
}

/// What the parts are made after.
#[derive(Clone, Copy)]
enum Kind<'m> {
    Index(&'m Index),
    Key(&'m Constraint),
}

impl Kind<'_> {
    fn id(self, table: &Name, name: &Ident) -> ObjectId {
        match self {
            Kind::Index(_) => ObjectId::Index(table.clone(), name.clone()),
            Kind::Key(_) => ObjectId::Constraint(table.clone(), name.clone()),
        }
    }

    /// What chosen names are made of beside the table's: that of the columns, and the suffix.
    fn named_after(self) -> (String, &'static str) {
        match self {
            Kind::Index(index) => (columns(index), "idx"),
            Kind::Key(key) => (key_columns(key), key.suffix()),
        }
    }
}

/// An index or key of a partitioned table, said or implied.
#[derive(Clone)]
struct Above<'m> {
    table: Name,
    name: Name,
    whole: ObjectId,
    kind: Kind<'m>,
}

impl Above<'_> {
    /// The part that the partition `child` has, and its name among all relations, which is taken from then on.
    fn part_in(&self, child: &Name, catalog: &mut Catalog) -> (Name, Implied) {
        let (columns, suffix) = self.kind.named_after();
        let chosen = catalog.choose_relation(child, &columns, suffix, matches!(self.kind, Kind::Key(_)));
        let name = child.sibling(chosen.as_str());
        catalog.add(name.clone(), Relation::Index(child.clone()));
        let usual = default_name(child.name.as_str(), &columns, suffix);
        (name, Implied { id: self.kind.id(child, &chosen), whole: self.whole.clone(), usual })
    }
}
