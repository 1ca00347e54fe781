//! What an item depends on in the model that it stands in.
//!
//! Names in expressions, queries and bodies are found by their tokens and looked up in the model. It knows what an
//! object *needs*; what follows from that for the order of statements is decided elsewhere.

use std::collections::BTreeSet;

use super::action::{Item, Part};
use super::catalog::Catalog;
use super::family;
use super::partitions::same_foreign_key;
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
use crate::model::types::{Domain, TypeKind, UserType};
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

impl Catalog<'_> {
    /// What `item` depends on; nothing when the model lacks it.
    pub fn uses(&self, item: &Item) -> Uses {
        let mut found = Finder { catalog: self, uses: Uses::default(), operators: BTreeSet::new() };
        found.item(item);
        let operators = std::mem::take(&mut found.operators);
        let mut uses = found.uses;
        let made_of_it = |id: &OtherId| self.rests_on(id, &item.id);
        let operators = operators.into_iter().filter(|id| !made_of_it(id));
        uses.needs.extend(operators.map(|id| Item::whole(ObjectId::Other(id.clone()))));
        for set in [&mut uses.needs, &mut uses.reads, &mut uses.likes] {
            set.remove(item);
        }
        uses
    }
}

/// Whether PostgreSQL wrote columns out for a `*`, or for their places, when it made the view or function.
pub(super) fn is_starred(model: &Model, id: &ObjectId) -> bool {
    let found = match object::find(model, id) {
        Some(Object::View(view)) => mentions(&view.query),
        Some(Object::Routine(Routine { body: Body::Sql(sql), .. })) => mentions(sql),
        _ => return false,
    };
    let mut placed = found.placed.iter().flat_map(|chain| readings(chain));
    found.star || placed.any(|name| model.tables.contains_key(&name))
}

impl Catalog<'_> {
    /// Whether an operator is made of the object, so that this cannot be told to use it by its sign alone.
    fn rests_on(&self, operator: &OtherId, object: &ObjectId) -> bool {
        let mut open = vec![Item::whole(ObjectId::Other(operator.clone()))];
        let mut seen: BTreeSet<Item> = open.iter().cloned().collect();
        while let Some(item) = open.pop() {
            if item.id == *object {
                return true;
            }
            let mut found = Finder { catalog: self, uses: Uses::default(), operators: BTreeSet::new() };
            found.item(&item);
            let Uses { needs, reads, .. } = found.uses;
            open.extend(needs.into_iter().chain(reads).filter(|item| seen.insert(item.clone())));
        }
        false
    }
}

/// Collects what one item uses.
struct Finder<'c, 'a> {
    catalog: &'c Catalog<'a>,
    uses: Uses,
    /// Operators that its expressions may use.
    operators: BTreeSet<&'c OtherId>,
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
                self.values_of(&column.ty);
            }
            (Part::Default, _, Object::Type(UserType { kind: TypeKind::Domain(domain), .. })) => {
                self.expressions(domain.default.as_ref(), None);
                self.values_of(&domain.base);
            }
            (Part::Checks, _, Object::Type(UserType { kind: TypeKind::Domain(domain), .. })) => {
                self.checks(domain);
                self.values_of(&domain.base);
            }
            // The comments on checks go with them.
            (Part::Comment, ObjectId::Type(_), _) => {
                let checks = Item::part(&item.id, Part::Checks);
                self.uses.needs.extend(Some(checks).filter(|checks| self.catalog.has(checks)));
            }
            (Part::Owner, _, Object::Sequence(sequence)) => {
                if let Some((table, column)) = &sequence.owned_by {
                    self.need(ObjectId::Column(table.clone(), column.clone()));
                }
            }
            (Part::Attach, ObjectId::Table(name), Object::Table(table)) => self.attach(name, table),
            (Part::Attach, ObjectId::Index(table, _) | ObjectId::Constraint(table, _), _) => {
                self.uses.needs.extend(self.catalog.whole(&item.id).cloned().map(Item::whole));
                self.uses.reads.insert(Item::part(&ObjectId::Table(table.clone()), Part::Attach));
            }
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
            // It is copied to the partitions' indexes when PostgreSQL makes the index again for a column's new type.
            (Part::Comment, ObjectId::Index(table, _), Object::Index(index)) if self.is_partitioned(table) => {
                self.index(table, index);
            }
            (Part::Privileges, id, _) => {
                let columns: Vec<Ident> =
                    crate::diff::privileges::grants_of(model, id).filter_map(|(key, _)| key.column.clone()).collect();
                if let ObjectId::Table(table) = id {
                    columns.into_iter().for_each(|column| self.need(ObjectId::Column(table.clone(), column)));
                }
            }
            _ => {}
        }
    }

    fn is_partitioned(&self, table: &Name) -> bool {
        self.catalog.model.tables.get(table).is_some_and(|table| table.partition_by.is_some())
    }

    fn whole(&mut self, id: &ObjectId, object: Object<'_>) {
        match (id, object) {
            (ObjectId::Schema(_), _) => {}
            (ObjectId::Extension(_), Object::Extension(extension)) => self.schema(extension.schema.as_ref()),
            (ObjectId::Type(name), Object::Type(ty)) => self.user_type(name, ty),
            (ObjectId::Sequence(name), _) => self.schema(name.schema.as_ref()),
            (ObjectId::Table(name), Object::Table(table)) => self.table(name, table),
            (ObjectId::Column(table, _), Object::Column(column)) => self.column(table, column),
            (ObjectId::Constraint(table, _), Object::Constraint(constraint)) => {
                self.constraint(table, constraint);
                self.place(id);
            }
            (ObjectId::Index(relation, _), Object::Index(index)) => {
                self.index(relation, index);
                self.place(id);
            }
            (ObjectId::Trigger(relation, _), Object::Trigger(trigger)) => self.trigger(relation, trigger),
            (ObjectId::Policy(table, _), Object::Policy(policy)) => self.policy(table, policy),
            (ObjectId::View(name), Object::View(view)) => self.view(name, view),
            (ObjectId::Routine(signature), Object::Routine(routine)) => self.routine(signature, routine),
            // It has the name of a class that is in it.
            (ObjectId::Other(id), _) if id.kind == "OPERATOR FAMILY" => {}
            (ObjectId::Other(id), Object::Other(other)) => {
                let mut found = mentions(&other.definition);
                // Operators are named as what they are to each other before they are there.
                found.operators.retain(|_| id.kind != "OPERATOR");
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
            let id = ObjectId::Type(name.clone());
            self.uses.likes.extend([Part::Default, Part::Checks].map(|part| Item::part(&id, part)));
            self.need(id);
        } else if model.tables.contains_key(name) || model.views.contains_key(name) {
            self.relation(name);
            self.all_columns(name);
        }
    }

    /// A constant is one of the type of what it is for or compared with, which may get more values; and the attributes
    /// of a composite type are read by name.
    fn values_of(&mut self, ty: &DataType) {
        let mut open = Some(ty);
        while let Some((name, ty)) = open.and_then(|ty| self.catalog.model.types.get_key_value(ty.user_type()?)) {
            let item = Item::whole(ObjectId::Type(name.clone()));
            match &ty.kind {
                TypeKind::Composite(_) => self.uses.needs.insert(item),
                _ => self.uses.reads.insert(item),
            };
            open = match &ty.kind {
                TypeKind::Domain(domain) => Some(&domain.base),
                _ => None,
            };
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

    fn checks(&mut self, domain: &Domain) {
        let checks = domain.checks.values().map(|check| &check.expression);
        self.expressions(checks.clone(), None);
        if !checks.clone().any(calls_value) {
            let value = Name::local("value");
            let is_value = |item: &Item| matches!(&item.id, ObjectId::Routine(it) if it.name == value);
            self.uses.needs.retain(|item| !is_value(item));
        }
    }

    fn user_type(&mut self, name: &Name, ty: &UserType) {
        self.schema(name.schema.as_ref());
        match &ty.kind {
            TypeKind::Enum(_) => {}
            TypeKind::Domain(domain) => {
                self.data_type(&domain.base);
                self.collation(domain.collation.as_ref());
            }
            TypeKind::Composite(attributes) => {
                for attribute in attributes {
                    self.data_type(&attribute.ty);
                    self.collation(attribute.collation.as_ref());
                }
            }
            TypeKind::Range(parameters) => {
                self.schema(ty.multirange(name).and_then(|multirange| multirange.schema).as_ref());
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
            self.defaults_of(parent);
        }
        if let Some(of) = &table.partition_of
            && !self.catalog.attaches(table)
        {
            self.need(ObjectId::Table(of.parent.clone()));
            self.all_columns(&of.parent);
            self.defaults_of(&of.parent);
        }
        if let Some(by) = &table.partition_by {
            self.expressions(by.elements.iter().filter_map(expression), None);
        }
    }

    /// A child that is made has its parent's defaults as they are then.
    fn defaults_of(&mut self, parent: &Name) {
        let Some(table) = self.catalog.model.tables.get(parent) else { return };
        let with_default = table.columns.iter().filter(|column| column.default.is_some());
        let ids = with_default.map(|column| ObjectId::Column(parent.clone(), column.name.clone()));
        self.uses.reads.extend(ids.map(|id| Item::part(&id, Part::Default)));
    }

    /// Keys, checks and indexes have to be there on both sides when a partition is attached; afterwards they come and go.
    fn attach(&mut self, name: &Name, table: &Table) {
        let Some(of) = &table.partition_of else { return };
        let above = self.catalog.model.tables.get(&of.parent);
        // A foreign key of the partition's own may refer to what comes by attaching.
        let own = |constraint: &Constraint| {
            matches!(constraint.kind, ConstraintKind::ForeignKey(_))
                && above.is_some_and(|above| !above.constraints.values().any(|it| same_foreign_key(constraint, it)))
        };
        let joins = |id: &ObjectId, relation: &Name| {
            let only = relation != name && self.catalog.family(id).is_some_and(|family| family.only);
            !only && family::second(self.catalog, id).is_none()
        };
        for relation in [name, &of.parent] {
            let Some(table) = self.catalog.model.tables.get(relation) else { continue };
            let columns = table.columns.iter().map(|column| ObjectId::Column(relation.clone(), column.name.clone()));
            let constraints = table.constraints.iter().filter(|(_, found)| relation != name || !own(found));
            let constraints = constraints.map(|(key, _)| ObjectId::Constraint(relation.clone(), key.clone()));
            let indexes = table.indexes.keys().map(|key| ObjectId::Index(relation.clone(), key.clone()));
            let below = constraints.chain(indexes).filter(|id| joins(id, relation));
            let items: Vec<Item> = columns.chain(below).map(Item::whole).collect();
            self.uses.reads.extend(items);
            self.need(ObjectId::Table(relation.clone()));
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
    }

    /// What the place of an index or key among those of its relatives asks for.
    fn place(&mut self, id: &ObjectId) {
        let (ObjectId::Index(relation, _) | ObjectId::Constraint(relation, _)) = id else { return };
        if let Some((first, whole)) = family::second(self.catalog, id) {
            let place = Item::part(&ObjectId::Table(relation.clone()), Part::Attach);
            self.uses.reads.extend([Item::whole(first), Item::whole(whole.clone()), place]);
        }
        if self.catalog.family(id).is_some_and(|family| family.only) {
            // A partition that joined later would get a part of it.
            let partitions = self.catalog.partitions(relation).iter().map(|name| ObjectId::Table((*name).clone()));
            self.uses.reads.extend(partitions.flat_map(|id| [Item::part(&id, Part::Attach), Item::whole(id)]));
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
                self.mentioned(&along(&mentions_in(text), routine), None, true, |uses| &mut uses.reads);
            }
            Body::Text(text) => {
                self.mentioned(&along(&mentions_in(text), routine), None, true, |uses| &mut uses.likes);
            }
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
                let others = self.catalog.others.get(&name.to_string()).into_iter().flatten();
                let searches = others.filter(|id| id.kind.starts_with("TEXT SEARCH "));
                ids.extend(searches.map(|id| ObjectId::Other((*id).clone())));
            }
        }
        self.signs(found, table);
        tables.extend(table);
        // A column of that name comes first.
        let is_column = |name: &Ident| {
            let has = |table: &Name| model.tables.get(table).is_some_and(|it| it.column(name.as_str()).is_some());
            tables.iter().any(|table| has(table))
        };
        for last in found.chains.iter().filter_map(|chain| chain.get(1..)?.last()) {
            let computed = self.catalog.computed.get(last).into_iter().flatten();
            let computed = computed.filter(|_| !is_column(last));
            ids.extend(computed.map(|signature| ObjectId::Routine((*signature).clone())));
        }
        let words: BTreeSet<&Ident> = found.chains.iter().flatten().collect();
        for name in tables {
            let Some(described) = model.tables.get(name) else { continue };
            if relations {
                ids.extend(keys(described, found, &words).map(|key| ObjectId::Constraint(name.clone(), key.clone())));
            }
            let placed = || found.placed.iter().any(|chain| readings(chain).any(|placed| placed == *name));
            let all = relations && (found.star || placed());
            let columns = described.columns.iter().filter(|column| all || words.contains(&column.name));
            columns.clone().for_each(|column| self.values_of(&column.ty));
            ids.extend(columns.map(|column| ObjectId::Column(name.clone(), column.name.clone())));
        }
        into(&mut self.uses).extend(ids.into_iter().map(Item::whole));
    }
}

/// What a body mentions, with the names that it finds on the search path that the routine sets.
fn along(found: &Mentions, routine: &Routine) -> Mentions {
    let path = routine.attributes.settings.get("search_path").map_or("", String::as_str);
    let schemas = path.split(',').filter_map(|schema| Ident::of_token(schema.trim().trim_matches('\'')));
    let mut all = found.clone();
    for schema in schemas.filter(|schema| schema.as_str() != "pg_catalog") {
        let inside = |chain: &Vec<Ident>| [std::slice::from_ref(&schema), chain].concat();
        all.chains.extend(found.chains.iter().map(inside));
        all.quoted.extend(found.quoted.iter().map(inside));
    }
    all
}

/// Whether the body of a function in SQL names what it can only find on a search path that is none of its own: PostgreSQL
/// would look for it when it makes the function.
pub(super) fn needs_path(model: &Model) -> impl Fn(&Routine) -> bool {
    let names = || model.tables.keys().chain(model.views.keys()).chain(model.routines.keys().map(|it| &it.name));
    let local: BTreeSet<&Ident> = names().filter(|name| name.schema.is_none()).map(|name| &name.name).collect();
    let elsewhere = names().filter(|name| name.schema.is_some() && !local.contains(&name.name));
    let elsewhere: BTreeSet<&Ident> = elsewhere.map(|name| &name.name).collect();
    move |routine| {
        let Body::Text(text) = &routine.body else { return false };
        let sets_path = routine.attributes.settings.contains_key("search_path");
        if elsewhere.is_empty() || sets_path || routine.language.as_str() != "sql" {
            return false;
        }
        let chains = mentions_in(text).chains;
        let whole: BTreeSet<Name> = chains.iter().flat_map(|chain| readings(chain)).collect();
        let tables: Vec<(&Name, &Table)> = whole.iter().filter_map(|name| model.tables.get_key_value(name)).collect();
        // It may also be what is named with its schema beside, a column of that, or an argument.
        let is_other = |name: &Ident| {
            whole.iter().any(|it| it.schema.is_some() && it.name == *name && names_relation(model, it))
                || tables.iter().any(|(_, table)| table.column(name.as_str()).is_some())
                || routine.args.iter().any(|arg| arg.name.as_ref() == Some(name))
        };
        chains.iter().filter_map(|chain| chain.first()).any(|name| elsewhere.contains(name) && !is_other(name))
    }
}

fn names_relation(model: &Model, name: &Name) -> bool {
    model.tables.contains_key(name) || model.views.contains_key(name)
}

/// The keys of a table that a query may depend on: by the primary key in GROUP BY other columns need not be named there,
/// and ON CONFLICT may name one.
fn keys<'t>(table: &'t Table, found: &Mentions, words: &BTreeSet<&Ident>) -> impl Iterator<Item = &'t Ident> {
    let says = |word: &str| found.has(&Ident::new(word));
    let (groups, conflicts) = (says("group"), says("conflict"));
    table.constraints.iter().filter_map(move |(name, constraint)| {
        let grouped = match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => groups && key.columns.iter().all(|column| words.contains(column)),
            _ => false,
        };
        (grouped || conflicts && words.contains(name)).then_some(name)
    })
}

impl<'c> Finder<'c, '_> {
    /// Notes the operators that expressions over `table` may use. A sign that PostgreSQL has too is the model's own
    /// only where a type of its operands is in reach.
    fn signs(&mut self, found: &Mentions, table: Option<&Name>) {
        for sign in &found.operators {
            let own = self.catalog.operators.get(sign.as_str()).into_iter().flatten();
            let meant = |id: &OtherId| match id.name.split_once('(') {
                Some((_, operands)) if BUILT_IN.contains(&sign.as_str()) => {
                    let operands = operands.trim_end_matches(')');
                    operands.split(", ").any(|operand| self.reaches(operand, found, table))
                }
                _ => true,
            };
            let ids: Vec<&'c OtherId> = own.copied().filter(|id| meant(id)).collect();
            self.operators.extend(ids);
        }
    }

    /// Whether an expression over `table` may hold a value of the user-defined type that is spelled so.
    fn reaches(&self, operand: &str, found: &Mentions, table: Option<&Name>) -> bool {
        let model = self.catalog.model;
        let is = |ty: &DataType| {
            ty.user_type()
                .is_some_and(|name| DataType::named(name.clone()).to_string() == operand.trim_end_matches("[]"))
        };
        let described = table
            .into_iter()
            .chain(found.chains.iter().flat_map(|chain| readings(chain)).collect::<Vec<_>>().iter())
            .filter_map(|name| model.tables.get(name))
            .flat_map(|table| &table.columns)
            .any(|column| is(&column.ty));
        let local = operand.trim_end_matches("[]").rsplit('.').next().and_then(Ident::of_token);
        described || local.is_some_and(|name| found.has(&name))
    }
}

/// The signs of PostgreSQL's own operators that schemas define for types of their own too.
const BUILT_IN: [&str; 22] = [
    "=", "<>", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "^", "||", "&&", "@>", "<@", "~", "!~", "@@", "->",
    "->>",
];

/// Whether a check may call a function named `value`: `VALUE` alone is what the domain's check is about.
fn calls_value(check: &Sql) -> bool {
    let text: String = check.as_str().split_whitespace().collect();
    text.to_ascii_lowercase().contains("value(")
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
