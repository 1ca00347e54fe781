//! Whether two claims mean the same: compared in the form in which PostgreSQL would store them, comments aside.
//!
//! Most claims are picked from the BUSM and alike to the letter, so the letters are compared first. What is kept is
//! what was written.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::claim::EntityClaim;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name};
use crate::model::relation::Trigger;
use crate::model::security::Policy;
use crate::model::table::{Column, Table};
use crate::model::{Hints, Model, Sql, canonical};

/// A part of a table that claims are compared by.
pub trait Part: Clone + PartialEq {
    /// The part without comment and hints.
    #[must_use]
    fn bare(&self) -> Self;

    /// Whether the two could mean the same; cheap, and `false` only where they cannot.
    fn alike(&self, other: &Self) -> bool;

    /// Gives the part to `table`.
    fn put(self, name: Ident, table: &mut Table);
}

impl Part for Constraint {
    fn bare(&self) -> Constraint {
        Constraint { comment: None, hints: Hints::default(), ..self.clone() }
    }

    fn alike(&self, other: &Constraint) -> bool {
        match (&self.kind, &other.kind) {
            (ConstraintKind::Check(_), ConstraintKind::Check(_)) => true,
            (ConstraintKind::Exclude(one), ConstraintKind::Exclude(other)) => {
                one.elements.len() == other.elements.len()
            }
            (one, other) => one == other,
        }
    }

    fn put(self, name: Ident, table: &mut Table) {
        table.constraints.insert(name, self);
    }
}

impl Part for Index {
    fn bare(&self) -> Index {
        Index { comment: None, hints: Hints::default(), ..self.clone() }
    }

    fn alike(&self, other: &Index) -> bool {
        let columns = |index: &Index| index.columns().map(|columns| columns.into_iter().cloned().collect::<Vec<_>>());
        self.elements.len() == other.elements.len() && columns(self) == columns(other)
    }

    fn put(self, name: Ident, table: &mut Table) {
        table.indexes.insert(name, self);
    }
}

impl Part for Trigger {
    fn bare(&self) -> Trigger {
        Trigger { comment: None, hints: Hints::default(), ..self.clone() }
    }

    fn alike(&self, other: &Trigger) -> bool {
        self.timing == other.timing && self.function.name == other.function.name
    }

    fn put(self, name: Ident, table: &mut Table) {
        table.triggers.insert(name, self);
    }
}

impl Part for Policy {
    fn bare(&self) -> Policy {
        Policy { comment: None, hints: Hints::default(), ..self.clone() }
    }

    fn alike(&self, other: &Policy) -> bool {
        self.command == other.command && self.permissive == other.permissive
    }

    fn put(self, name: Ident, table: &mut Table) {
        table.policies.insert(name, self);
    }
}

/// The entity as it is merged so far: where the names in its parts are looked up.
pub struct Frame<'a> {
    entity: &'a Name,
    claims: &'a [EntityClaim<'a>],
    columns: &'a [Column],
    model: OnceCell<Model>,
}

impl<'a> Frame<'a> {
    /// The frame of `entity`, whose `columns` are merged from `claims`.
    pub fn new(entity: &'a Name, claims: &'a [EntityClaim<'a>], columns: &'a [Column]) -> Frame<'a> {
        Frame { entity, claims, columns, model: OnceCell::new() }
    }

    /// Whether two parts of the entity mean the same.
    pub fn same<P: Part>(&self, one: &P, other: &P) -> bool {
        one == other || (one.alike(other) && self.form(one) == self.form(other))
    }

    /// The canonical form of the entity with nothing but `part`.
    fn form<P: Part>(&self, part: &P) -> Option<Table> {
        let mut model = self.model.get_or_init(|| self.model()).clone();
        let table = model.tables.entry(self.entity.clone()).or_default();
        part.bare().put(Ident::new("part"), table);
        canonical::only(&model, &[ObjectId::Table(self.entity.clone())]).tables.remove(self.entity)
    }

    /// The entity's columns, and the types and functions that anybody who claims it knows.
    fn model(&self) -> Model {
        let mut model = Model::default();
        for claim in self.claims.iter().rev() {
            let known = claim.by.model;
            model.types.extend(known.types.iter().map(|(name, ty)| (name.clone(), ty.clone())));
            model.routines.extend(known.routines.iter().map(|(name, routine)| (name.clone(), routine.clone())));
        }
        let table = Table { columns: self.columns.to_vec(), ..Table::default() };
        model.tables = BTreeMap::from([(self.entity.clone(), table)]);
        model
    }
}

/// Whether two expressions that are assigned to a field of type `ty` mean the same, each in its model.
pub fn same_value(one: (&Sql, &Model), other: (&Sql, &Model), ty: &DataType) -> bool {
    let form = |(sql, model): (&Sql, &Model)| canonical::assigned(sql, ty, &canonical::Scope::of_model(model));
    one.0 == other.0 || form(one) == form(other)
}

/// Whether two expressions over the fields of `entity` mean the same, each in its model.
pub fn same_expression(one: (&Sql, &Model), other: (&Sql, &Model), entity: &Name) -> bool {
    let scope = |model| canonical::Scope::of_table(model, entity);
    canonical::same_expression(one.0, &scope(one.1), other.0, &scope(other.1))
}

/// Whether the words of the table's name stand in the text, in whatever case: it may be about the table then.
pub fn mentions(sql: &Sql, table: &Name) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric() && c != '_';
    let stands = |part: &str| sql.as_str().split(is_sign).any(|word| word.eq_ignore_ascii_case(part));
    table.name.as_str().split(is_sign).filter(|part| !part.is_empty()).all(stands)
}
