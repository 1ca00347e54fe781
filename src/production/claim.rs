//! Claims: what each module, and the BUSM, says about an entity, and where it says so.

use std::collections::BTreeMap;

use crate::diagnostic::Span;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Table};
use crate::model::values::allowed_values;
use crate::model::{Model, Origins};

/// A module or the BUSM, with its partial view of the data model.
#[derive(Clone, Debug)]
pub struct Claimant<'a> {
    /// The module's name, as people know it.
    pub name: String,
    /// Whether it is the business-wide universal schema model.
    pub busm: bool,
    /// What it declares.
    pub model: &'a Model,
    /// Where it declares it.
    pub origins: &'a Origins,
}

impl Claimant<'_> {
    /// Where it declares `id`, or what `id` is a part of.
    pub fn span(&self, id: &ObjectId) -> Option<&Span> {
        let whole = || self.origins.get(&ObjectId::Table(id.table()?.clone()));
        self.origins.get(id).or_else(whole)
    }
}

/// The claimants in the order in which they are heard: the BUSM, then the modules by name.
pub fn in_order<'c, 'a>(claimants: &'c [Claimant<'a>]) -> Vec<&'c Claimant<'a>> {
    let mut order: Vec<&Claimant<'_>> = claimants.iter().collect();
    order.sort_by(|a, b| (!a.busm, &a.name).cmp(&(!b.busm, &b.name)));
    order
}

/// One claimant's statement about an entity.
#[derive(Clone, Copy, Debug)]
pub struct EntityClaim<'a> {
    /// Who says it.
    pub by: &'a Claimant<'a>,
    /// The entity's name.
    pub name: &'a Name,
    /// What is said.
    pub table: &'a Table,
}

/// One claimant's statement about a field.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The entity that the field is said to be in.
    pub entity: EntityClaim<'a>,
    /// What is said.
    pub column: &'a Column,
}

impl<'a> EntityClaim<'a> {
    /// Where the entity is declared.
    pub fn span(&self) -> Option<&'a Span> {
        self.by.span(&ObjectId::Table(self.name.clone()))
    }

    /// Where the constraint `name` is declared; that of a single field, where that field is.
    pub fn constraint_span(&self, name: &Ident, constraint: &Constraint) -> Option<&'a Span> {
        let own = self.by.origins.get(&ObjectId::Constraint(self.name.clone(), name.clone()));
        own.or_else(|| match single_column(constraint) {
            Some(column) => self.by.span(&ObjectId::Column(self.name.clone(), column)),
            None => self.span(),
        })
    }
}

impl<'a> Claim<'a> {
    /// Where the field is declared.
    pub fn span(&self) -> Option<&'a Span> {
        self.entity.by.span(&ObjectId::Column(self.entity.name.clone(), self.column.name.clone()))
    }
}

/// The claims about every entity, in the order in which claimants are heard.
pub fn by_entity<'a>(claimants: &[&'a Claimant<'a>]) -> BTreeMap<&'a Name, Vec<EntityClaim<'a>>> {
    let mut entities: BTreeMap<&Name, Vec<EntityClaim<'_>>> = BTreeMap::new();
    for by in claimants {
        for (name, table) in &by.model.tables {
            entities.entry(name).or_default().push(EntityClaim { by, name, table });
        }
    }
    entities
}

/// The column that a constraint is about, when it is about one.
pub fn single_column(constraint: &Constraint) -> Option<Ident> {
    let columns = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => &key.columns,
        ConstraintKind::ForeignKey(key) => &key.columns,
        ConstraintKind::Check(check) => return allowed_values(check).map(|allowed| allowed.column),
        ConstraintKind::Exclude(_) => return None,
    };
    match columns.as_slice() {
        [column] => Some(column.clone()),
        _ => None,
    }
}
