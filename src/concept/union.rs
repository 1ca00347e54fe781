//! What all modules and the BUSM say about each entity, side by side.
//!
//! The documentation makes this union for itself, since it is shown even where claims conflict and production cannot
//! be built. Nothing is resolved here: where claims differ, each of them is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::Source;
use super::relation::{self, Relation};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Table};
use crate::model::{Model, lattice};

/// One source's statement about an entity.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// The place of the source among all sources; the BUSM, where there is one, is the first.
    pub source: usize,
    /// Whether the source is the BUSM.
    pub busm: bool,
    /// The source's model, for the types that the table uses.
    pub model: &'a Model,
    /// The statement.
    pub table: &'a Table,
}

/// An entity as a set of claims.
#[derive(Clone)]
pub struct Entity<'a> {
    /// Its name.
    pub name: &'a Name,
    /// Who says what about it: the BUSM first, then modules in their order.
    pub claims: Vec<Claim<'a>>,
    relations: OnceLock<Vec<Relation>>,
}

/// Entities by name.
pub type Entities<'a> = BTreeMap<&'a Name, Entity<'a>>;

/// The union of the entities of `sources`.
pub fn union<'a>(sources: impl IntoIterator<Item = (usize, &'a Source<'a>)>) -> Entities<'a> {
    let mut entities = Entities::new();
    for (index, source) in sources {
        let model = source.model();
        for (name, table) in &model.tables {
            let entity = entities.entry(name).or_insert_with(|| Entity::new(name));
            entity.claims.push(Claim { source: index, busm: source.busm, model, table });
        }
    }
    entities
}

impl<'a> Entity<'a> {
    fn new(name: &'a Name) -> Entity<'a> {
        Entity { name, claims: Vec::new(), relations: OnceLock::new() }
    }

    /// The relations that it holds, in the order of its fields.
    pub fn relations(&self) -> &[Relation] {
        self.relations.get_or_init(|| relation::of_entity(self))
    }

    /// What it refers to, as any claim says.
    pub fn parents(&self) -> impl Iterator<Item = &'a Name> {
        self.claims.iter().flat_map(|claim| parents(claim.table))
    }

    /// The names of the entity's fields: in the order of the first claim, then what later claims add in theirs.
    pub fn field_names(&self) -> Vec<&'a Ident> {
        let mut seen = BTreeSet::new();
        self.claims
            .iter()
            .flat_map(|claim| claim.table.columns.iter().map(|column| &column.name))
            .filter(|name| seen.insert(*name))
            .collect()
    }

    /// The claims about the field `name`.
    pub fn field_claims(&self, name: &Ident) -> Vec<(Claim<'a>, &'a Column)> {
        self.claims.iter().filter_map(|claim| Some((*claim, claim.table.column(name.as_str())?))).collect()
    }

    /// The type of the field `name`: the BUSM's, else the one that holds all claims, else the first claim's.
    pub fn field_type(&self, name: &Ident) -> Option<DataType> {
        let claims = self.field_claims(name);
        let (first, column) = claims.first()?;
        let joined = || lattice::join_all(claims.iter().map(|(_, column)| &column.ty));
        let joined = if first.busm { None } else { joined() };
        Some(joined.unwrap_or_else(|| column.ty.clone()))
    }

    /// The modules that claim the entity.
    pub fn modules(&self) -> Vec<usize> {
        self.claims.iter().filter(|claim| !claim.busm).map(|claim| claim.source).collect()
    }

    /// What the entity is for, in the words of the first claim that says so.
    pub fn doc(&self) -> Option<&'a str> {
        self.claims.iter().find_map(|claim| claim.table.doc.as_deref().or(claim.table.comment.as_deref()))
    }
}

/// What a table refers to.
pub fn parents(table: &Table) -> impl Iterator<Item = &Name> {
    table.constraints.values().filter_map(|constraint| Some(&constraint.foreign_key()?.table))
}

/// Whether `columns` hold at most one row for each value: a key lies within them.
pub fn is_unique(table: &Table, columns: &[Ident]) -> bool {
    use crate::model::constraint::ConstraintKind::{PrimaryKey, Unique};
    let within = |key: &[Ident]| !key.is_empty() && key.iter().all(|column| columns.contains(column));
    table.constraints.values().any(|constraint| match &constraint.kind {
        PrimaryKey(key) | Unique(key) => within(&key.columns),
        _ => false,
    }) || table.indexes.values().filter(|index| index.unique && index.predicate.is_none()).any(|index| {
        index.columns().is_some_and(|key| !key.is_empty() && key.iter().all(|column| columns.contains(column)))
    })
}
