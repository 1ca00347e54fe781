//! What an item depends on in the model that it stands in.
//!
//! Names in expressions, queries and bodies are found by their tokens and looked up in the model. It knows what an
//! object *needs*; what follows from that for the order of statements is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Item, Part};
use super::partitions::twin;
use super::scan::{Mentions, mentions, mentions_in};
use crate::diff::object::{self, Object};
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey};
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, Name, Signature};
use crate::model::other::OtherId;
use crate::model::relation::{Trigger, View};
use crate::model::routine::{Body, Returns, Routine};
use crate::model::security::Policy;
use crate::model::table::{Column, ReplicaIdentity, Table};
use crate::model::types::{TypeKind, UserType};
use crate::model::{Model, Sql};

/// What one item depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// What PostgreSQL keeps track of: it has to be there before, and cannot go while the item is there.
    pub needs: BTreeSet<Item>,
    /// What has to be there when the item is made, and is not tracked afterwards: the body of a function in SQL.
    pub reads: BTreeSet<Item>,
    /// What would better be there: the body of a function in another language.
    pub likes: BTreeSet<Item>,
}

/// A model with the look-ups that dependencies need.
pub(super) struct Catalog<'a> {
    pub model: &'a Model,
    routines: BTreeMap<&'a Name, Vec<&'a Signature>>,
    others: BTreeMap<String, Vec<&'a OtherId>>,
    indexes: BTreeMap<Name, ObjectId>,
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
        let mut others: BTreeMap<String, Vec<&OtherId>> = BTreeMap::new();
        for id in model.others.keys() {
            let end = id.name.find(['(', ' ']).unwrap_or(id.name.len());
            others.entry(id.name[..end].trim_start_matches("public.").to_owned()).or_default().push(id);
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
        Catalog { model, routines, others, indexes, partitions, heirs, multiranges, crowded }
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

    /// Whether the item is there.
    pub fn has(&self, item: &Item) -> bool {
        self.parts(&item.id).contains(item)
    }

    /// What `item` depends on; nothing when the model lacks it.
    pub fn uses(&self, item: &Item) -> Uses {
        let mut found = Finder { catalog: self, uses: Uses::default() };
        found.item(item);
        let mut uses = found.uses;
        for set in [&mut uses.needs, &mut uses.reads, &mut uses.likes] {
            set.remove(item);
        }
        uses
    }

    /// The parts that the object `id` consists of in this model.
    pub fn parts(&self, id: &ObjectId) -> Vec<Item> {
        let Some(object) = object::find(self.model, id) else { return Vec::new() };
        let mut parts = vec![Part::Whole];
        match object {
            Object::Column(column) if column.default.is_some() => parts.push(Part::Default),
            Object::Sequence(sequence) if sequence.owned_by.is_some() => parts.push(Part::Owner),
            Object::Table(table) => {
                parts.extend(table.partition_of.is_some().then_some(Part::Attach));
                parts.extend((!table.inherits.is_empty()).then_some(Part::Inherit));
                parts.extend((table.row_security || table.force_row_security).then_some(Part::Security));
                parts.extend(table.replica_identity.is_some().then_some(Part::Replica));
                parts.extend(table.clustered_on.is_some().then_some(Part::Cluster));
            }
            Object::View(view) => parts.extend(view.clustered_on.is_some().then_some(Part::Cluster)),
            _ => {}
        }
        parts.extend(has_comment(object).then_some(Part::Comment));
        parts.extend(crate::diff::facts::grants_of(self.model, id).next().map(|_| Part::Privileges));
        parts.into_iter().map(|part| Item::part(id, part)).collect()
    }

    /// The indexes of partitions that the index `id` of their parent would take in while it is made, were they there.
    pub fn seconds(&self, id: &ObjectId) -> Vec<Item> {
        let ObjectId::Index(relation, name) = id else { return Vec::new() };
        let parent = relation.sibling(name.as_str());
        let mut found = Vec::new();
        for child in self.partitions(relation) {
            let Some(table) = self.model.tables.get(*child) else { continue };
            let seconds = table.indexes.iter().filter(|(_, it)| second(table, it).is_some_and(|it| *it.1 == parent));
            found.extend(seconds.map(|(key, _)| Item::whole(ObjectId::Index((*child).clone(), key.clone()))));
        }
        found
    }

    /// Whether a partition is made as a table of its own and attached: when it brings keys or indexes that PostgreSQL
    /// would otherwise make under names of its own choice.
    pub fn attaches(&self, table: &Table) -> bool {
        let check = |constraint: &Constraint| matches!(constraint.kind, ConstraintKind::Check(_));
        table.partition_of.is_some() && !(table.indexes.is_empty() && table.constraints.values().all(check))
    }
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

/// Collects what one item uses.
struct Finder<'c, 'a> {
    catalog: &'c Catalog<'a>,
    uses: Uses,
}

impl Finder<'_, '_> {
    fn item(&mut self, item: &Item) {
        let model = self.catalog.model;
        let Some(object) = object::find(model, &item.id) else { return };
        if item.part != Part::Whole {
            self.need(item.id.clone());
        }
        match (item.part, &item.id, object) {
            (Part::Whole, id, object) => self.whole(id, object),
            (Part::Default, ObjectId::Column(..), Object::Column(column)) => {
                self.expressions(column.default.as_ref(), None);
            }
            (Part::Owner, _, Object::Sequence(sequence)) => {
                if let Some((table, column)) = &sequence.owned_by {
                    self.need(ObjectId::Column(table.clone(), column.clone()));
                }
            }
            (Part::Attach, ObjectId::Table(name), Object::Table(table)) => self.attach(name, table),
            (Part::Inherit, ObjectId::Table(name), Object::Table(table)) => self.inherit(name, table),
            (Part::Cluster, ObjectId::Table(name) | ObjectId::View(name), object) => {
                if let Some(index) = object::clustered_on(object) {
                    self.index_named(&name.sibling(index.as_str()));
                }
            }
            (Part::Replica, ObjectId::Table(name), Object::Table(table)) => {
                if let Some(ReplicaIdentity::Index(index)) = &table.replica_identity {
                    self.index_named(&name.sibling(index.as_str()));
                }
            }
            (Part::Privileges, id, _) => {
                let columns: Vec<Ident> =
                    crate::diff::facts::grants_of(model, id).filter_map(|(key, _)| key.column.clone()).collect();
                if let ObjectId::Table(table) = id {
                    columns.into_iter().for_each(|column| self.need(ObjectId::Column(table.clone(), column)));
                }
            }
            _ => {}
        }
    }

    fn whole(&mut self, id: &ObjectId, object: Object<'_>) {
        match (id, object) {
            (ObjectId::Schema(_), _) => {}
            (ObjectId::Extension(_), Object::Extension(extension)) => self.schema(extension.schema.as_ref()),
            (ObjectId::Type(name), Object::Type(ty)) => self.user_type(name, ty),
            (ObjectId::Sequence(name), _) => self.schema(name.schema.as_ref()),
            (ObjectId::Table(name), Object::Table(table)) => self.table(name, table),
            (ObjectId::Column(table, _), Object::Column(column)) => self.column(table, column),
            (ObjectId::Constraint(table, _), Object::Constraint(constraint)) => self.constraint(table, constraint),
            (ObjectId::Index(relation, _), Object::Index(index)) => self.index(relation, index),
            (ObjectId::Trigger(relation, _), Object::Trigger(trigger)) => self.trigger(relation, trigger),
            (ObjectId::Policy(table, _), Object::Policy(policy)) => self.policy(table, policy),
            (ObjectId::View(name), Object::View(view)) => self.view(name, view),
            (ObjectId::Routine(signature), Object::Routine(routine)) => self.routine(signature, routine),
            (ObjectId::Other(_), Object::Other(other)) => {
                let found = mentions(&other.definition);
                self.mentioned(&found, None, true, |uses| &mut uses.needs);
            }
            _ => {}
        }
    }

    fn need(&mut self, id: ObjectId) {
        self.uses.needs.insert(Item::whole(id));
    }

    fn schema(&mut self, schema: Option<&Ident>) {
        if let Some(schema) = schema {
            self.need(ObjectId::Schema(schema.clone()));
        }
    }

    fn relation(&mut self, name: &Name) {
        let view = self.catalog.model.views.contains_key(name);
        self.need(if view { ObjectId::View(name.clone()) } else { ObjectId::Table(name.clone()) });
    }

    fn columns(&mut self, table: &Name, columns: &[Ident]) {
        if self.catalog.model.tables.contains_key(table) {
            columns.iter().for_each(|column| self.need(ObjectId::Column(table.clone(), column.clone())));
        }
    }

    fn all_columns(&mut self, table: &Name) {
        if let Some(found) = self.catalog.model.tables.get(table) {
            let names: Vec<Ident> = found.columns.iter().map(|column| column.name.clone()).collect();
            self.columns(table, &names);
        }
    }

    fn data_type(&mut self, ty: &DataType) {
        let Some(name) = ty.user_type() else { return };
        let model = self.catalog.model;
        if let Some(name) = self.catalog.made_with(name) {
            self.need(ObjectId::Type(name.clone()));
        } else if model.tables.contains_key(name) || model.views.contains_key(name) {
            self.relation(name);
            self.all_columns(name);
        }
    }

    fn collation(&mut self, collation: Option<&Name>) {
        if let Some(name) = collation {
            self.other(&name.to_string());
        }
    }

    fn other(&mut self, name: &str) {
        for id in self.catalog.others.get(name).into_iter().flatten() {
            self.uses.needs.insert(Item::whole(ObjectId::Other((*id).clone())));
        }
    }

    fn user_type(&mut self, name: &Name, ty: &UserType) {
        self.schema(name.schema.as_ref());
        match &ty.kind {
            TypeKind::Enum(_) => {}
            TypeKind::Domain(domain) => {
                self.data_type(&domain.base);
                self.collation(domain.collation.as_ref());
                let checks = domain.checks.values().map(|check| &check.expression);
                self.expressions(checks.chain(&domain.default), None);
            }
            TypeKind::Composite(attributes) => {
                for attribute in attributes {
                    self.data_type(&attribute.ty);
                    self.collation(attribute.collation.as_ref());
                }
            }
            TypeKind::Range(parameters) => {
                for value in parameters.values() {
                    self.mentioned(&mentions_in(value), None, false, |uses| &mut uses.needs);
                }
            }
        }
    }

    fn table(&mut self, name: &Name, table: &Table) {
        self.schema(name.schema.as_ref());
        for parent in &table.inherits {
            self.need(ObjectId::Table(parent.clone()));
            self.all_columns(parent);
        }
        if let Some(of) = &table.partition_of
            && !self.catalog.attaches(table)
        {
            self.need(ObjectId::Table(of.parent.clone()));
            self.all_columns(&of.parent);
        }
        if let Some(by) = &table.partition_by {
            self.expressions(by.elements.iter().filter_map(expression), None);
        }
    }

    /// Keys, checks and indexes have to be there on both sides when a partition is attached; afterwards they come and go.
    fn attach(&mut self, name: &Name, table: &Table) {
        let Some(of) = &table.partition_of else { return };
        let above = self.catalog.model.tables.get(&of.parent);
        // A foreign key of the partition's own may refer to what comes by attaching.
        let own = |constraint: &Constraint| {
            matches!(constraint.kind, ConstraintKind::ForeignKey(_))
                && above.is_some_and(|above| !above.constraints.values().any(|found| twin(constraint, found)))
        };
        for relation in [name, &of.parent] {
            let Some(table) = self.catalog.model.tables.get(relation) else { continue };
            self.need(ObjectId::Table(relation.clone()));
            let columns = table.columns.iter().map(|column| ObjectId::Column(relation.clone(), column.name.clone()));
            let constraints = table.constraints.iter().filter(|(_, found)| relation != name || !own(found));
            let constraints = constraints.map(|(key, _)| ObjectId::Constraint(relation.clone(), key.clone()));
            let indexes = table.indexes.iter().filter(|(_, index)| !index.only && second(table, index).is_none());
            let indexes = indexes.map(|(key, _)| ObjectId::Index(relation.clone(), key.clone()));
            self.uses.reads.extend(columns.chain(constraints).chain(indexes).map(Item::whole));
        }
    }

    /// A child has its parents' columns and checks before it joins them.
    fn inherit(&mut self, name: &Name, table: &Table) {
        table.inherits.iter().for_each(|parent| self.need(ObjectId::Table(parent.clone())));
        for relation in table.inherits.iter().chain([name]) {
            let Some(table) = self.catalog.model.tables.get(relation) else { continue };
            let columns = table.columns.iter().map(|column| ObjectId::Column(relation.clone(), column.name.clone()));
            let checks = table.constraints.iter().filter(|(_, found)| matches!(found.kind, ConstraintKind::Check(_)));
            let checks = checks.map(|(key, _)| ObjectId::Constraint(relation.clone(), key.clone()));
            self.uses.reads.extend(columns.chain(checks).map(Item::whole));
        }
    }

    fn column(&mut self, table: &Name, column: &Column) {
        self.need(ObjectId::Table(table.clone()));
        self.data_type(&column.ty);
        self.collation(column.collation.as_ref());
        self.expressions(column.generated.as_ref().map(|generated| &generated.expression), Some(table));
    }

    fn constraint(&mut self, table: &Name, constraint: &Constraint) {
        self.need(ObjectId::Table(table.clone()));
        match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                self.columns(table, &key.columns);
                self.columns(table, &key.include);
            }
            ConstraintKind::ForeignKey(key) => self.foreign_key(table, key),
            ConstraintKind::Check(expression) => self.expressions(Some(expression), Some(table)),
            ConstraintKind::Exclude(exclude) => {
                for (element, operator) in &exclude.elements {
                    self.element(table, element);
                    self.other(operator);
                }
                self.columns(table, &exclude.include);
                self.expressions(exclude.predicate.as_ref(), Some(table));
            }
        }
    }

    fn foreign_key(&mut self, table: &Name, key: &ForeignKey) {
        self.columns(table, &key.columns);
        self.need(ObjectId::Table(key.table.clone()));
        self.columns(&key.table, &key.referenced);
        // A key to a partitioned table depends on each of its partitions.
        let mut partitions = self.catalog.partitions(&key.table).to_vec();
        while let Some(partition) = partitions.pop() {
            self.need(ObjectId::Table(partition.clone()));
            partitions.extend(self.catalog.partitions(partition));
        }
        self.key_of(&key.table, &key.referenced.iter().collect());
    }

    /// The key that a foreign key to the columns of the table refers to; a partition may have it from its parent, once
    /// it is attached.
    fn key_of(&mut self, table: &Name, wanted: &BTreeSet<&Ident>) {
        let Some(referenced) = self.catalog.model.tables.get(table) else { return };
        let mut found = false;
        for (name, constraint) in &referenced.constraints {
            let fits = match &constraint.kind {
                ConstraintKind::PrimaryKey(key) => {
                    wanted.is_empty() || key.columns.iter().collect::<BTreeSet<_>>() == *wanted
                }
                ConstraintKind::Unique(key) => key.columns.iter().collect::<BTreeSet<_>>() == *wanted,
                _ => false,
            };
            if fits {
                found = true;
                self.need(ObjectId::Constraint(table.clone(), name.clone()));
            }
        }
        for (name, index) in referenced.indexes.iter().filter(|(_, index)| index.unique) {
            let columns: Option<BTreeSet<&Ident>> = index.columns().map(|columns| columns.into_iter().collect());
            if columns.is_some_and(|columns| columns == *wanted) {
                found = true;
                self.need(ObjectId::Index(table.clone(), name.clone()));
            }
        }
        if let Some(of) = referenced.partition_of.as_ref().filter(|_| !found) {
            self.uses.needs.insert(Item::part(&ObjectId::Table(table.clone()), Part::Attach));
            self.key_of(&of.parent, wanted);
        }
    }

    fn index_named(&mut self, name: &Name) {
        if let Some(id) = self.catalog.index(name) {
            self.uses.needs.insert(Item::whole(id.clone()));
        }
    }

    fn index(&mut self, relation: &Name, index: &Index) {
        self.relation(relation);
        index.elements.iter().for_each(|element| self.element(relation, element));
        self.columns(relation, &index.include);
        self.expressions(index.predicate.as_ref(), Some(relation));
        let Some(table) = self.catalog.model.tables.get(relation) else { return };
        if let Some((key, parent)) = second(table, index) {
            let first = ObjectId::Index(relation.clone(), key.clone());
            let place = Item::part(&ObjectId::Table(relation.clone()), Part::Attach);
            self.uses.reads.extend([Item::whole(first), place]);
            self.uses.reads.extend(self.catalog.index(parent).cloned().map(Item::whole));
        }
        if index.only {
            // A partition that joined later would get a part of it.
            let partitions = self.catalog.partitions(relation).iter().map(|name| ObjectId::Table((*name).clone()));
            self.uses.reads.extend(partitions.flat_map(|id| [Item::part(&id, Part::Attach), Item::whole(id)]));
        }
        // An index that is made for its own table only gets its parts one by one.
        let above = index.attached_to.as_ref().and_then(|parent| self.catalog.index(parent));
        if let Some(id) = above
            && matches!(object::find(self.catalog.model, id), Some(Object::Index(above)) if above.only)
        {
            self.uses.reads.insert(Item::whole(id.clone()));
        }
    }

    fn element(&mut self, relation: &Name, element: &IndexElement) {
        match &element.key {
            ElementKey::Column(column) => self.columns(relation, std::slice::from_ref(column)),
            ElementKey::Expression(sql) => self.expressions(Some(sql), Some(relation)),
        }
        self.collation(element.collation.as_ref());
        if let Some(opclass) = &element.opclass {
            self.other(&opclass.to_string());
        }
    }

    fn trigger(&mut self, relation: &Name, trigger: &Trigger) {
        self.relation(relation);
        self.columns(relation, &trigger.events.update_of);
        self.expressions(trigger.when.as_ref(), Some(relation));
        let signature = Signature { name: trigger.function.clone(), args: Vec::new() };
        self.need(ObjectId::Routine(signature));
        if let Some(other) = &trigger.from_table {
            self.need(ObjectId::Table(other.clone()));
        }
    }

    fn policy(&mut self, table: &Name, policy: &Policy) {
        self.need(ObjectId::Table(table.clone()));
        for sql in policy.using.iter().chain(&policy.check) {
            self.mentioned(&mentions(sql), Some(table), true, |uses| &mut uses.needs);
        }
    }

    fn view(&mut self, name: &Name, view: &View) {
        self.schema(name.schema.as_ref());
        self.mentioned(&mentions(&view.query), None, true, |uses| &mut uses.needs);
        self.expressions(view.column_defaults.values(), None);
        self.uses.needs.remove(&Item::whole(ObjectId::View(name.clone())));
    }

    fn routine(&mut self, signature: &Signature, routine: &Routine) {
        self.schema(signature.name.schema.as_ref());
        for argument in &routine.args {
            self.data_type(&argument.ty);
        }
        self.expressions(routine.args.iter().filter_map(|argument| argument.default.as_ref()), None);
        match &routine.returns {
            Returns::None => {}
            Returns::Type(ty) | Returns::SetOf(ty) => self.data_type(ty),
            Returns::Table(columns) => columns.iter().for_each(|(_, ty)| self.data_type(ty)),
        }
        match &routine.body {
            Body::Sql(sql) => self.mentioned(&mentions(sql), None, true, |uses| &mut uses.needs),
            Body::Text(text) if routine.language.as_str() == "sql" => {
                self.mentioned(&mentions_in(text), None, true, |uses| &mut uses.reads);
            }
            Body::Text(text) => self.mentioned(&mentions_in(text), None, true, |uses| &mut uses.likes),
            Body::Library(..) => {}
        }
    }

    fn expressions<'s>(&mut self, sql: impl IntoIterator<Item = &'s Sql>, table: Option<&Name>) {
        for sql in sql {
            self.mentioned(&mentions(sql), table, false, |uses| &mut uses.needs);
        }
    }

    /// Looks up every name of `found`. Columns are those of `table`, and where the text is a query (`relations`) those of the tables
    /// that it mentions.
    fn mentioned(
        &mut self,
        found: &Mentions,
        table: Option<&Name>,
        relations: bool,
        into: impl Fn(&mut Uses) -> &mut BTreeSet<Item>,
    ) {
        let mut tables: BTreeSet<&Name> = BTreeSet::new();
        let model = self.catalog.model;
        let mut ids: Vec<ObjectId> = Vec::new();
        for chain in &found.chains {
            for name in readings(chain) {
                ids.extend(
                    self.catalog.routines.get(&name).into_iter().flatten().map(|s| ObjectId::Routine((*s).clone())),
                );
                ids.extend(model.types.contains_key(&name).then(|| ObjectId::Type(name.clone())));
                let others = self.catalog.others.get(&name.to_string()).into_iter().flatten();
                ids.extend(others.map(|id| ObjectId::Other((*id).clone())));
                if relations {
                    ids.extend(model.sequences.contains_key(&name).then(|| ObjectId::Sequence(name.clone())));
                    ids.extend(model.views.contains_key(&name).then(|| ObjectId::View(name.clone())));
                    if let Some((key, _)) = model.tables.get_key_value(&name) {
                        tables.insert(key);
                        ids.push(ObjectId::Table(name.clone()));
                    }
                }
            }
        }
        for chain in &found.quoted {
            for name in readings(chain) {
                ids.extend(model.sequences.contains_key(&name).then(|| ObjectId::Sequence(name.clone())));
            }
        }
        tables.extend(table);
        let words: BTreeSet<&Ident> = found.chains.iter().flatten().collect();
        for name in tables {
            let Some(described) = model.tables.get(name) else { continue };
            let all = found.star && relations;
            let columns = described.columns.iter().filter(|column| all || words.contains(&column.name));
            ids.extend(columns.map(|column| ObjectId::Column(name.clone(), column.name.clone())));
        }
        into(&mut self.uses).extend(ids.into_iter().map(Item::whole));
    }
}

/// For an index that its parent's would take in, were there not another one like it that is meant: that one, and the
/// parent's. It comes after both.
fn second<'t>(table: &'t Table, index: &Index) -> Option<(&'t Ident, &'t Name)> {
    if index.attached_to.is_some() || table.partition_of.is_none() {
        return None;
    }
    table
        .indexes
        .iter()
        .find_map(|(key, other)| Some((key, other.attached_to.as_ref().filter(|_| other.is_like(index))?)))
}

pub(super) fn expression(element: &IndexElement) -> Option<&Sql> {
    match &element.key {
        ElementKey::Expression(sql) => Some(sql),
        ElementKey::Column(_) => None,
    }
}

/// The names that the start of a chain may be: `a.b.c` is `a`, or `b` in the schema `a`.
fn readings(chain: &[Ident]) -> impl Iterator<Item = Name> + '_ {
    let local = chain.first().map(|name| Name::local(name.as_str()));
    let qualified = match chain {
        [schema, name, ..] => Some(Name::qualified(schema.as_str(), name.as_str())),
        _ => None,
    };
    local.into_iter().chain(qualified)
}
