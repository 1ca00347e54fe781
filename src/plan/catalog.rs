//! A model with the look-ups that dependencies need: what it holds by other names, and the parts that objects consist of.
//!
//! It looks things up and knows no dependency: those are `uses`'s.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Item, Part};
use super::family;
use crate::diff::object::{self, Object};
use crate::diff::privileges::grants_with;
use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::index::Family;
use crate::model::name::{Ident, Name, Signature};
use crate::model::other::OtherId;
use crate::model::table::Table;
use crate::model::types::{TypeKind, UserType};

/// A model with the look-ups that dependencies need.
pub(super) struct Catalog<'a> {
    pub model: &'a Model,
    pub routines: BTreeMap<&'a Name, Vec<&'a Signature>>,
    /// The functions of one row, which may be called like a column of it.
    pub computed: BTreeMap<&'a Ident, Vec<&'a Signature>>,
    pub others: BTreeMap<String, Vec<&'a OtherId>>,
    /// The operators by their signs.
    pub operators: BTreeMap<&'a str, Vec<&'a OtherId>>,
    indexes: BTreeMap<Name, ObjectId>,
    attached: BTreeMap<&'a Name, Vec<ObjectId>>,
    partitions: BTreeMap<&'a Name, Vec<&'a Name>>,
    heirs: BTreeMap<&'a Name, Vec<&'a Name>>,
    multiranges: BTreeMap<Name, &'a Name>,
    crowded: BTreeSet<(Option<&'a Ident>, &'a Ident)>,
}

impl<'a> Catalog<'a> {
    pub fn new(model: &'a Model) -> Catalog<'a> {
        let mut routines: BTreeMap<&Name, Vec<&Signature>> = BTreeMap::new();
        for signature in model.routines.keys() {
            routines.entry(&signature.name).or_default().push(signature);
        }
        let mut computed: BTreeMap<&Ident, Vec<&Signature>> = BTreeMap::new();
        let is_row = |name: &Name| model.tables.contains_key(name) || model.views.contains_key(name);
        let of_row = |signature: &&Signature| match signature.args.as_slice() {
            [row] => row.user_type().is_some_and(|name| !row.array && is_row(name)),
            _ => false,
        };
        for signature in model.routines.keys().filter(of_row) {
            computed.entry(&signature.name.name).or_default().push(signature);
        }
        let mut others: BTreeMap<String, Vec<&OtherId>> = BTreeMap::new();
        for id in model.others.keys() {
            let end = id.name.find(['(', ' ']).unwrap_or(id.name.len());
            others.entry(id.name[..end].trim_start_matches("public.").to_owned()).or_default().push(id);
        }
        let mut operators: BTreeMap<&str, Vec<&OtherId>> = BTreeMap::new();
        for id in model.others.keys().filter(|id| id.kind == "OPERATOR") {
            let named = id.name.split('(').next().unwrap_or_default();
            operators.entry(named.rsplit('.').next().unwrap_or_default()).or_default().push(id);
        }
        let mut indexes = BTreeMap::new();
        for (name, table) in &model.tables {
            for index in table.indexes.keys() {
                indexes.insert(name.sibling(index.as_str()), ObjectId::Index(name.clone(), index.clone()));
            }
            for constraint in table.constraints.keys() {
                let id = ObjectId::Constraint(name.clone(), constraint.clone());
                indexes.entry(name.sibling(constraint.as_str())).or_insert(id);
            }
        }
        let mut partitions: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
        let mut heirs: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
        for (name, table) in &model.tables {
            if let Some(of) = &table.partition_of {
                partitions.entry(&of.parent).or_default().push(name);
            }
            for parent in &table.inherits {
                heirs.entry(parent).or_default().push(name);
            }
        }
        let mut crowded = BTreeSet::new();
        let mut names = BTreeSet::new();
        for (table, found) in &model.tables {
            let name = |constraint: &'a Ident| (table.schema.as_ref(), constraint);
            crowded.extend(found.constraints.keys().map(name).filter(|name| !names.insert(*name)));
        }
        let multirange = |(name, ty): (&'a Name, &UserType)| Some((ty.multirange(name)?, name));
        let multiranges = model.types.iter().filter_map(multirange).collect();
        let attached = family::attached(model);
        Catalog {
            model,
            routines,
            computed,
            others,
            operators,
            indexes,
            attached,
            partitions,
            heirs,
            multiranges,
            crowded,
        }
    }

    /// The user-defined type by which the type `name` is made: itself, or the range type of a multirange.
    pub fn made_with(&self, name: &Name) -> Option<&'a Name> {
        let own = self.model.types.get_key_value(name).map(|(name, _)| name);
        own.or_else(|| self.multiranges.get(name).copied())
    }

    /// The partitions of a table.
    pub fn partitions(&self, name: &Name) -> &[&'a Name] {
        self.partitions.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether tables of one schema have constraints of this name.
    pub fn is_crowded(&self, table: &Name, constraint: &Ident) -> bool {
        self.crowded.contains(&(table.schema.as_ref(), constraint))
    }

    /// The tables that inherit from a table.
    pub fn heirs(&self, name: &Name) -> &[&'a Name] {
        self.heirs.get(name).map_or(&[], Vec::as_slice)
    }

    /// The index, or the constraint with an index, that is called `name`.
    pub fn index(&self, name: &Name) -> Option<&ObjectId> {
        self.indexes.get(name)
    }

    /// The indexes and keys that are attached to the index `whole`.
    pub fn attached(&self, whole: &Name) -> &[ObjectId] {
        self.attached.get(whole).map_or(&[], Vec::as_slice)
    }

    /// The index or key that the index or key `id` is attached to.
    pub fn whole(&self, id: &ObjectId) -> Option<&ObjectId> {
        self.index(self.family(id)?.attached_to.as_ref()?)
    }

    /// The place of the index or key `id` among those of a partitioned table and its partitions.
    pub fn family(&self, id: &ObjectId) -> Option<&'a Family> {
        match object::find(self.model, id)? {
            Object::Index(index) => Some(&index.family),
            Object::Constraint(constraint) => Some(&constraint.key()?.family),
            _ => None,
        }
    }

    /// Whether the item is there.
    pub fn has(&self, item: &Item) -> bool {
        self.parts(&item.id).contains(item)
    }

    /// The parts that the object `id` consists of in this model.
    pub fn parts(&self, id: &ObjectId) -> Vec<Item> {
        let Some(object) = object::find(self.model, id) else { return Vec::new() };
        let mut parts = vec![Part::Whole];
        match object {
            Object::Column(column) if column.default.is_some() => parts.push(Part::Default),
            Object::Type(UserType { kind: TypeKind::Domain(domain), .. }) => {
                parts.extend(domain.default.is_some().then_some(Part::Default));
                parts.extend((!domain.checks.is_empty()).then_some(Part::Checks));
            }
            Object::Sequence(sequence) if sequence.owned_by.is_some() => parts.push(Part::Owner),
            Object::Table(table) => {
                parts.extend(table.partition_of.is_some().then_some(Part::Attach));
                parts.extend((!table.inherits.is_empty()).then_some(Part::Inherit));
                parts.extend((table.row_security || table.force_row_security).then_some(Part::Security));
                parts.extend(table.replica_identity.is_some().then_some(Part::Replica));
                parts.extend(table.clustered_on.is_some().then_some(Part::Cluster));
            }
            Object::Index(_) | Object::Constraint(_) => {
                let attached = self.family(id).is_some_and(|family| family.attached_to.is_some());
                parts.extend(attached.then_some(Part::Attach));
            }
            Object::View(view) => parts.extend(view.clustered_on.is_some().then_some(Part::Cluster)),
            _ => {}
        }
        parts.extend(has_comment(object).then_some(Part::Comment));
        parts.extend((!grants_with(self.model, id).is_empty()).then_some(Part::Privileges));
        parts.into_iter().map(|part| Item::part(id, part)).collect()
    }

    /// Whether a partition is made as a table of its own and attached: when it brings keys or indexes that PostgreSQL
    /// would otherwise make under names of its own choice, or is to have a check that it would find valid.
    pub fn attaches(&self, table: &Table) -> bool {
        let check = |constraint: &Constraint| matches!(constraint.kind, ConstraintKind::Check(_));
        let plain = || table.indexes.is_empty() && table.constraints.values().all(check);
        let unsure = || self.checks_above(table).values().any(|(_, check)| check.not_valid);
        table.partition_of.is_some() && (!plain() || unsure())
    }

    /// The checks that a partition has from the tables above it and does not say itself, each with the nearest table
    /// that says it.
    pub fn checks_above(&self, table: &Table) -> BTreeMap<&'a Ident, (&'a Name, &'a Constraint)> {
        let mut found = BTreeMap::new();
        let parent = |table: &Table| self.model.tables.get_key_value(&table.partition_of.as_ref()?.parent);
        let mut above = parent(table);
        while let Some((name, it)) = above {
            let checks = it.constraints.iter().filter(|(_, check)| is_inherited(check));
            for (key, check) in checks.filter(|(key, _)| !table.constraints.contains_key(*key)) {
                found.entry(key).or_insert((name, check));
            }
            above = parent(it);
        }
        found
    }

    /// The nearest table above a partition that says the check `name` of it too, unless it is known there to hold.
    pub fn unsure(&self, table: &Name, name: &Ident) -> Option<ObjectId> {
        let own = self.model.tables.get(table)?;
        is_inherited(own.constraints.get(name)?).then_some(())?;
        let bare = Table { partition_of: own.partition_of.clone(), ..Table::default() };
        let (above, _) = *self.checks_above(&bare).get(name).filter(|(_, check)| check.not_valid)?;
        Some(ObjectId::Constraint(above.clone(), name.clone()))
    }
}

/// Whether partitions have the constraint too.
fn is_inherited(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit
}

fn has_comment(object: Object<'_>) -> bool {
    match object {
        Object::Schema(schema) => schema.comment.is_some(),
        Object::Extension(extension) => extension.comment.is_some(),
        Object::Type(UserType { comment, kind: TypeKind::Composite(attributes), .. }) => {
            comment.is_some() || attributes.iter().any(|attribute| attribute.comment.is_some())
        }
        Object::Type(UserType { comment, kind: TypeKind::Domain(domain), .. }) => {
            comment.is_some() || domain.checks.values().any(|check| check.comment.is_some())
        }
        Object::Type(ty) => ty.comment.is_some(),
        Object::Sequence(sequence) => sequence.comment.is_some(),
        Object::Table(table) => table.comment.is_some(),
        Object::Column(column) => column.comment.is_some(),
        Object::Constraint(constraint) => constraint.comment.is_some(),
        Object::Index(index) => index.comment.is_some(),
        Object::Trigger(trigger) => trigger.comment.is_some(),
        Object::Policy(policy) => policy.comment.is_some(),
        Object::View(view) => view.comment.is_some() || !view.column_comments.is_empty(),
        Object::Routine(routine) => routine.comment.is_some(),
        Object::Other(other) => other.comment.is_some(),
    }
}
