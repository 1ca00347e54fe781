//! Renames that hints decide, carried out on the old model.
//!
//! What PostgreSQL renames along (expressions, foreign keys, owners of sequences) is renamed along here; what it keeps as
//! text (the bodies of functions) is not. Constraints and indexes that are the same but for their name are renamed
//! too: nothing is guessed there, since making them anew would end in the same schema.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::privileges;
use super::rewrite::{Replace, rewrite};
use super::{along, readers};
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::datatype::{BaseType, DataType};
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, Name, default_name};
use crate::model::routine::{Body, Returns};
use crate::model::security::GrantKey;
use crate::model::table::{Column, Table};
use crate::model::types::TypeKind;
use crate::model::{Hints, Model, Sql};

/// One rename: the object's identity in the old model and in the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// What it was.
    pub from: ObjectId,
    /// What it is to be.
    pub to: ObjectId,
}

/// Carries out on `base` all renames of types, relations, columns and sequences that lead to `to`, in the order in which
/// they can run.
pub fn of_objects(base: &mut Cow<'_, Model>, to: &Model) -> Vec<Rename> {
    let mut done = Vec::new();
    types(base, to, &mut done);
    relations(base, to, &mut done);
    columns(base, to, &mut done);
    sequences(base, to, &mut done);
    done
}

/// Carries out on `base` the renames of what belongs to tables; only `tables` differ.
pub fn of_members(base: &mut Cow<'_, Model>, to: &Model, tables: &[Name]) -> Vec<Rename> {
    let mut done = Vec::new();
    for name in parents_first(tables, to) {
        let (Some(old), Some(new)) = (base.tables.get(name), to.tables.get(name)) else { continue };
        let pairs = Members::of(old, new);
        if pairs.is_empty() {
            continue;
        }
        let base = base.to_mut();
        base.tables.get_mut(name).into_iter().for_each(|old| pairs.carry_out(old));
        pairs.follow(name, base);
        done.extend(pairs.renames(name));
    }
    done
}

/// The tables, partitions behind their parents: an index is a part of the same one when that has its new name.
fn parents_first<'t>(tables: &'t [Name], to: &Model) -> Vec<&'t Name> {
    let above = |name: &Name| Some(&to.tables.get(name)?.partition_of.as_ref()?.parent);
    let depth = |name: &&Name| std::iter::successors(above(name), |name| above(name)).take(to.tables.len()).count();
    let mut sorted: Vec<&Name> = tables.iter().collect();
    sorted.sort_by_cached_key(depth);
    sorted
}

/// Of the pairs of names (old, new) those whose hint can be followed, in order: the old name is there, the new one is
/// free. Chains (`b` to `c`, then `a` to `b`) resolve in as many rounds; two names that change places do not.
pub fn rounds<K: Ord + Clone>(hints: Vec<(K, K)>, has: impl Fn(&K) -> bool) -> Vec<(K, K)> {
    let mut there: BTreeMap<K, bool> = BTreeMap::new();
    for (old, new) in &hints {
        there.insert(old.clone(), has(old));
        there.insert(new.clone(), has(new));
    }
    let mut left = hints;
    let mut done = Vec::new();
    loop {
        let before = left.len();
        left.retain(|(old, new)| {
            let ready = there[old] && !there[new];
            if ready {
                there.insert(old.clone(), false);
                there.insert(new.clone(), true);
                done.push((old.clone(), new.clone()));
            }
            !ready
        });
        if left.len() == before {
            return done;
        }
    }
}

fn types(base: &mut Cow<'_, Model>, to: &Model, done: &mut Vec<Rename>) {
    let hints = to.types.iter().filter_map(|(name, ty)| Some((ty.hints.former(name)?, name.clone())));
    let pairs = rounds(hints.collect(), |name| base.types.contains_key(name));
    for (old, new) in pairs {
        let base = base.to_mut();
        let Some(ty) = base.types.remove(&old) else { continue };
        let multiranges = ty.multirange(&old).zip(ty.multirange(&new)).filter(|(was, is)| was != is);
        base.types.insert(new.clone(), ty);
        for (old, new) in [(old, new)].into_iter().chain(multiranges) {
            global(base, &old, &new);
            regrant(base, &ObjectId::Type(old.clone()), &ObjectId::Type(new.clone()));
            done.push(Rename { from: ObjectId::Type(old), to: ObjectId::Type(new) });
        }
    }
    for (name, ty) in &to.types {
        let TypeKind::Enum(values) = &ty.kind else { continue };
        for value in values {
            let Some(from) = &value.renamed_from else { continue };
            let Some(TypeKind::Enum(old)) = base.to_mut().types.get_mut(name).map(|ty| &mut ty.kind) else { continue };
            let free = old.iter().all(|known| known.label != value.label);
            if let Some(found) = old.iter_mut().find(|known| known.label == *from).filter(|_| free) {
                found.label.clone_from(&value.label);
                done.push(Rename { from: label_id(name, from), to: label_id(name, &value.label) });
            }
        }
    }
}

/// An enum's value, named like a column of its type.
fn label_id(ty: &Name, label: &str) -> ObjectId {
    ObjectId::Column(ty.clone(), Ident::new(label))
}

fn relations(base: &mut Cow<'_, Model>, to: &Model, done: &mut Vec<Rename>) {
    let from = |name: &Name, hints: &Hints| Some((hints.former(name)?, name.clone()));
    let tables = to.tables.iter().filter_map(|(name, table)| from(name, &table.hints));
    let views = to.views.iter().filter_map(|(name, view)| from(name, &view.hints));
    let hints: Vec<(Name, Name)> = tables.chain(views).collect();
    let pairs = rounds(hints, |name| base.tables.contains_key(name) || base.views.contains_key(name));
    let moves = pairs.iter().any(|(old, new)| old.schema != new.schema);
    let mut taken = if moves { along::names(base) } else { BTreeSet::new() };
    for (old, new) in pairs {
        let base = base.to_mut();
        if old.schema != new.schema {
            along::make_way(base, to, &old, &new, &mut taken, done);
        }
        let (from, into) = if let Some(mut table) = base.tables.remove(&old) {
            table.columns.iter_mut().for_each(|column| keep_sequence(&old, column));
            let identities = table.columns.iter_mut().filter_map(|column| column.identity.as_mut());
            let sequences = identities.filter_map(|identity| identity.options.name.as_mut());
            sequences.for_each(|name| name.schema.clone_from(&new.schema));
            base.tables.insert(new.clone(), table);
            (ObjectId::Table(old.clone()), ObjectId::Table(new.clone()))
        } else {
            let view = base.views.remove(&old);
            base.views.extend(view.map(|view| (new.clone(), view)));
            (ObjectId::View(old.clone()), ObjectId::View(new.clone()))
        };
        refer(base, &old, &new);
        global(base, &old, &new);
        regrant(base, &from, &into);
        taken_along(base, &old, &new);
        done.push(Rename { from, to: into });
    }
}

/// What goes into another schema with its table: the sequences that its columns own, and its indexes.
fn taken_along(base: &mut Model, old: &Name, new: &Name) {
    if old.schema == new.schema {
        return;
    }
    let moved = |name: &Name| Name { schema: new.schema.clone(), name: name.name.clone() };
    let owned = base.sequences.iter().filter(|(_, it)| it.owned_by.as_ref().is_some_and(|(table, _)| table == new));
    for from in owned.map(|(name, _)| name.clone()).collect::<Vec<Name>>() {
        let into = moved(&from);
        let sequence = base.sequences.remove(&from);
        base.sequences.extend(sequence.map(|sequence| (into.clone(), sequence)));
        global(base, &from, &into);
        regrant(base, &ObjectId::Sequence(from), &ObjectId::Sequence(into));
    }
    let indexes = base.tables.get(new).map(|table| table.families().map(|(name, _)| old.sibling(name.as_str())));
    let indexes: BTreeSet<Name> = indexes.into_iter().flatten().collect();
    for child in
        base.tables.values_mut().filter(|child| child.partition_of.as_ref().is_some_and(|of| of.parent == *new))
    {
        let parts = child.families().filter(|(_, it)| it.attached_to.as_ref().is_some_and(|it| indexes.contains(it)));
        for name in parts.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            let whole = child.family_mut(&name).and_then(|it| it.attached_to.as_mut());
            whole.into_iter().for_each(|whole| *whole = moved(whole));
        }
    }
}

/// PostgreSQL leaves the sequence of an identity its name when the table or the column gets another.
fn keep_sequence(table: &Name, column: &mut Column) {
    if let Some(identity) = &mut column.identity {
        identity.options.name = Some(identity.sequence(table, &column.name));
    }
}

/// What refers to a relation by name rather than in a text.
fn refer(base: &mut Model, old: &Name, new: &Name) {
    let swap = |name: &mut Name| {
        if name == old {
            name.clone_from(new);
        }
    };
    for table in base.tables.values_mut() {
        table.inherits.iter_mut().for_each(swap);
        table.partition_of.iter_mut().for_each(|of| swap(&mut of.parent));
        for constraint in table.constraints.values_mut() {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                swap(&mut key.table);
            }
        }
        table.triggers.values_mut().filter_map(|trigger| trigger.from_table.as_mut()).for_each(swap);
    }
    for sequence in base.sequences.values_mut() {
        sequence.owned_by.iter_mut().for_each(|(table, _)| swap(table));
    }
}

fn columns(base: &mut Cow<'_, Model>, to: &Model, done: &mut Vec<Rename>) {
    let mut pairs: Vec<readers::Pair> = Vec::new();
    for (name, table) in &to.tables {
        let Some(old) = base.tables.get(name) else { continue };
        let hints =
            table.columns.iter().filter_map(|column| Some((column.hints.renamed_from.clone()?, column.name.clone())));
        let has = |column: &Ident| old.column(column.as_str()).is_some();
        pairs.extend(rounds(hints.collect(), has).into_iter().map(|(from, into)| (name.clone(), from, into)));
    }
    // A child's column is called what its parent's is.
    let told: BTreeSet<readers::Pair> = pairs.iter().cloned().collect();
    pairs.retain(|(table, old, new)| {
        let has = |parent: &Name| told.contains(&(parent.clone(), old.clone(), new.clone()));
        !ancestors(base, table).iter().any(has)
    });
    if !pairs.is_empty() {
        readers::keep_up(base.to_mut(), &pairs);
    }
    for (table, old, new) in pairs {
        rename_column(base.to_mut(), &table, &old, &new);
        let before = done.iter().find(|rename| rename.to == ObjectId::Table(table.clone()));
        let was = before.map_or(ObjectId::Table(table.clone()), |rename| rename.from.clone());
        let ObjectId::Table(was) = was else { continue };
        done.push(Rename { from: ObjectId::Column(was, old), to: ObjectId::Column(table, new) });
    }
}

fn rename_column(base: &mut Model, table: &Name, old: &Ident, new: &Ident) {
    let swap = |name: &mut Ident| {
        if name == old {
            name.clone_from(new);
        }
    };
    let family = family(base, table);
    for (name, other) in &mut base.tables {
        for constraint in other.constraints.values_mut() {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && family.contains(&key.table)
            {
                key.referenced.iter_mut().for_each(swap);
            }
        }
        if family.contains(name) {
            for column in other.columns.iter_mut().filter(|column| column.name == *old) {
                keep_sequence(name, column);
                column.name.clone_from(new);
            }
            table_columns(other, &swap);
            table_texts(other, &mut |sql| rewrite(sql, &Replace::Column(old, new)));
        }
    }
    for sequence in base.sequences.values_mut() {
        sequence.owned_by.iter_mut().filter(|(owner, _)| owner == table).for_each(|(_, column)| swap(column));
    }
    let granted = |key: &GrantKey| key.object == ObjectId::Table(table.clone()) && key.column.as_ref() == Some(old);
    for key in base.grants.keys().filter(|key| granted(key)).cloned().collect::<Vec<_>>() {
        let grant = base.grants.remove(&key);
        base.grants.extend(grant.map(|grant| (GrantKey { column: Some(new.clone()), ..key }, grant)));
    }
}

/// The tables that a table has columns from, and theirs.
pub fn ancestors(base: &Model, table: &Name) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut open = vec![table];
    while let Some(child) = open.pop().and_then(|name| base.tables.get(name)) {
        let parents = child.partition_of.iter().map(|of| &of.parent).chain(&child.inherits);
        open.extend(parents.filter(|parent| found.insert((*parent).clone())));
    }
    found
}

/// The table, and all that have their columns from it.
pub fn family(base: &Model, table: &Name) -> BTreeSet<Name> {
    let mut family = BTreeSet::from([table.clone()]);
    loop {
        let below = |table: &Table| {
            let parents = table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits);
            parents.into_iter().any(|parent| family.contains(parent))
        };
        let known = |name: &Name| family.contains(name);
        let more: Vec<Name> =
            base.tables.iter().filter(|(name, it)| !known(name) && below(it)).map(|(name, _)| name.clone()).collect();
        if more.is_empty() {
            return family;
        }
        family.extend(more);
    }
}

/// Every place of a table that names its columns outside of a text.
fn table_columns(table: &mut Table, swap: &dyn Fn(&mut Ident)) {
    let element = |element: &mut IndexElement| {
        if let ElementKey::Column(name) = &mut element.key {
            swap(name);
        }
    };
    for constraint in table.constraints.values_mut() {
        match &mut constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                key.columns.iter_mut().chain(&mut key.include).for_each(swap);
            }
            ConstraintKind::ForeignKey(key) => key.columns.iter_mut().chain(&mut key.set_columns).for_each(swap),
            ConstraintKind::Check(_) => {}
            ConstraintKind::Exclude(exclude) => {
                exclude.elements.iter_mut().for_each(|(found, _)| element(found));
                exclude.include.iter_mut().for_each(swap);
            }
        }
    }
    for index in table.indexes.values_mut() {
        index.elements.iter_mut().for_each(element);
        index.include.iter_mut().for_each(swap);
    }
    table.triggers.values_mut().flat_map(|trigger| &mut trigger.events.update_of).for_each(swap);
    table.partition_by.iter_mut().flat_map(|by| &mut by.elements).for_each(element);
}

/// Every text that belongs to a table.
fn table_texts(table: &mut Table, edit: &mut dyn FnMut(&mut Sql)) {
    fn element(element: &mut IndexElement, edit: &mut dyn FnMut(&mut Sql)) {
        if let ElementKey::Expression(sql) = &mut element.key {
            edit(sql);
        }
    }
    for column in &mut table.columns {
        column.default.iter_mut().for_each(&mut *edit);
        column.generated.iter_mut().for_each(|generated| edit(&mut generated.expression));
    }
    for constraint in table.constraints.values_mut() {
        match &mut constraint.kind {
            ConstraintKind::Check(sql) => edit(sql),
            ConstraintKind::Exclude(exclude) => {
                exclude.elements.iter_mut().for_each(|(found, _)| element(found, edit));
                exclude.predicate.iter_mut().for_each(&mut *edit);
            }
            _ => {}
        }
    }
    for index in table.indexes.values_mut() {
        index.elements.iter_mut().for_each(|found| element(found, edit));
        index.predicate.iter_mut().for_each(&mut *edit);
    }
    table.triggers.values_mut().filter_map(|trigger| trigger.when.as_mut()).for_each(&mut *edit);
    for policy in table.policies.values_mut() {
        policy.using.iter_mut().chain(&mut policy.check).for_each(&mut *edit);
    }
    table.partition_by.iter_mut().flat_map(|by| &mut by.elements).for_each(|found| element(found, edit));
}

/// Replaces the name of a relation or a type wherever PostgreSQL keeps a reference and not a text.
pub(super) fn global(base: &mut Model, old: &Name, new: &Name) {
    let edit = |sql: &mut Sql| rewrite(sql, &Replace::Global(old, new));
    let retype = |ty: &mut DataType| {
        if ty.base == BaseType::Named(old.clone()) {
            ty.base = BaseType::Named(new.clone());
        }
    };
    for table in base.tables.values_mut() {
        table_texts(table, &mut { edit });
        table.columns.iter_mut().for_each(|column| retype(&mut column.ty));
    }
    base.views.values_mut().for_each(|view| edit(&mut view.query));
    for ty in base.types.values_mut() {
        match &mut ty.kind {
            TypeKind::Domain(domain) => {
                retype(&mut domain.base);
                domain.checks.values_mut().for_each(|check| edit(&mut check.expression));
                domain.default.iter_mut().for_each(edit);
            }
            TypeKind::Composite(attributes) => attributes.iter_mut().for_each(|attribute| retype(&mut attribute.ty)),
            TypeKind::Enum(_) | TypeKind::Range(_) => {}
        }
    }
    for (before, mut routine) in std::mem::take(&mut base.routines) {
        let mut signature = before.clone();
        signature.args.iter_mut().for_each(retype);
        for argument in &mut routine.args {
            retype(&mut argument.ty);
            argument.default.iter_mut().for_each(edit);
        }
        match &mut routine.returns {
            Returns::None => {}
            Returns::Type(ty) | Returns::SetOf(ty) => retype(ty),
            Returns::Table(columns) => columns.iter_mut().for_each(|(_, ty)| retype(ty)),
        }
        if let Body::Sql(sql) = &mut routine.body {
            edit(sql);
        }
        if signature != before {
            regrant(base, &ObjectId::Routine(before), &ObjectId::Routine(signature.clone()));
        }
        base.routines.insert(signature, routine);
    }
    others(base, old, new);
}

/// Replaces the name of a relation or a type in what is carried whole, and where such an object is named by it.
fn others(base: &mut Model, old: &Name, new: &Name) {
    for (before, mut other) in std::mem::take(&mut base.others) {
        let mut id = before.clone();
        if id.path().as_ref() != Some(old) {
            rewrite(&mut other.definition, &Replace::Global(old, new));
        }
        // A rule is named with its table behind it, other objects with types in parentheses.
        if let Some(at) = id.name.find(if id.kind == "RULE" { " ON " } else { "(" }) {
            let mut rest = Sql::new(id.name.split_off(at));
            rewrite(&mut rest, &Replace::Global(old, new));
            id.name.push_str(rest.as_str());
        }
        if id != before {
            regrant(base, &ObjectId::Other(before), &ObjectId::Other(id.clone()));
        }
        base.others.insert(id, other);
    }
}

/// Moves the privileges of an object to its new name.
pub(super) fn regrant(base: &mut Model, old: &ObjectId, new: &ObjectId) {
    let keys: Vec<GrantKey> = privileges::grants_of(base, old).map(|(key, _)| key.clone()).collect();
    for key in keys {
        let grant = base.grants.remove(&key);
        base.grants.extend(grant.map(|grant| (GrantKey { object: new.clone(), ..key }, grant)));
    }
}

/// Sequences by hint, and those of `serial` columns whose default name follows the column's.
fn sequences(base: &mut Cow<'_, Model>, to: &Model, done: &mut Vec<Rename>) {
    let mut hints: Vec<(Name, Name)> = Vec::new();
    let gone = base.sequences.iter().filter(|(name, _)| !to.sequences.contains_key(*name));
    let gone: BTreeMap<&(Name, Ident), &Name> =
        gone.rev().filter_map(|(name, found)| Some((found.owned_by.as_ref()?, name))).collect();
    for (name, sequence) in &to.sequences {
        if let Some(old) = sequence.hints.former(name) {
            hints.push((old, name.clone()));
        } else if let Some((table, column)) = &sequence.owned_by
            && let Some(old) = gone.get(&(table.clone(), column.clone()))
            && *name == table.sibling(default_name(table.name.as_str(), column.as_str(), "seq").as_str())
        {
            hints.push(((*old).clone(), name.clone()));
        }
    }
    let pairs = rounds(hints, |name| base.sequences.contains_key(name));
    for (old, new) in pairs {
        let base = base.to_mut();
        let sequence = base.sequences.remove(&old);
        base.sequences.extend(sequence.map(|sequence| (new.clone(), sequence)));
        global(base, &old, &new);
        let (from, into) = (ObjectId::Sequence(old), ObjectId::Sequence(new));
        regrant(base, &from, &into);
        done.push(Rename { from, to: into });
    }
}

/// What belongs to a table and gets another name: old names and new ones.
#[derive(Default)]
pub(super) struct Members {
    pub constraints: Vec<(Ident, Ident)>,
    pub indexes: Vec<(Ident, Ident)>,
    pub triggers: Vec<(Ident, Ident)>,
    pub policies: Vec<(Ident, Ident)>,
}

impl Members {
    pub fn of(old: &Table, new: &Table) -> Members {
        let constraint = |a: &Constraint, b: &Constraint| {
            let bare = |found: &Constraint| Constraint { comment: None, hints: Hints::default(), ..found.clone() };
            bare(a) == bare(b)
        };
        let index = |a: &Index, b: &Index| {
            let bare = |found: &Index| Index { comment: None, hints: Hints::default(), ..found.clone() };
            bare(a) == bare(b)
        };
        Members {
            constraints: pairs(&old.constraints, &new.constraints, |it| &it.hints, constraint),
            indexes: pairs(&old.indexes, &new.indexes, |it| &it.hints, index),
            triggers: pairs(&old.triggers, &new.triggers, |it| &it.hints, |_, _| false),
            policies: pairs(&old.policies, &new.policies, |it| &it.hints, |_, _| false),
        }
    }

    fn is_empty(&self) -> bool {
        [&self.constraints, &self.indexes, &self.triggers, &self.policies].iter().all(|pairs| pairs.is_empty())
    }

    pub fn carry_out(&self, table: &mut Table) {
        rename_keys(&mut table.constraints, &self.constraints);
        rename_keys(&mut table.indexes, &self.indexes);
        rename_keys(&mut table.triggers, &self.triggers);
        rename_keys(&mut table.policies, &self.policies);
    }

    /// What is attached to an index stays attached to it.
    pub fn follow(&self, table: &Name, base: &mut Model) {
        let below = |other: &&mut Table| other.partition_of.as_ref().is_some_and(|of| of.parent == *table);
        if base.tables.get(table).is_none_or(|table| table.partition_by.is_none()) {
            return;
        }
        for (old, new) in self.indexes.iter().chain(&self.constraints) {
            let (old, new) = (table.sibling(old.as_str()), table.sibling(new.as_str()));
            for child in base.tables.values_mut().filter(below) {
                let parts = child.families().filter(|(_, family)| family.is_part_of(&old));
                for name in parts.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
                    child.family_mut(&name).into_iter().for_each(|it| it.attached_to = Some(new.clone()));
                }
            }
        }
    }

    pub fn renames(self, table: &Name) -> Vec<Rename> {
        let rename = |make: fn(Name, Ident) -> ObjectId, pairs: Vec<(Ident, Ident)>| {
            let both = |(old, new)| Rename { from: make(table.clone(), old), to: make(table.clone(), new) };
            pairs.into_iter().map(both).collect::<Vec<Rename>>()
        };
        let mut renames = rename(ObjectId::Constraint, self.constraints);
        renames.extend(rename(ObjectId::Index, self.indexes));
        renames.extend(rename(ObjectId::Trigger, self.triggers));
        renames.extend(rename(ObjectId::Policy, self.policies));
        renames
    }
}

/// Names of `old` and what they are called in `new`: by hint, or because a value is the same but for its name.
fn pairs<V>(
    old: &BTreeMap<Ident, V>,
    new: &BTreeMap<Ident, V>,
    hints: impl Fn(&V) -> &Hints,
    same: impl Fn(&V, &V) -> bool,
) -> Vec<(Ident, Ident)> {
    let mut found: Vec<(Ident, Ident)> = Vec::new();
    for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let free = |key: &Ident| old.contains_key(key) && found.iter().all(|(taken, _)| taken != key);
        let twin = || {
            let mut gone = old.iter().filter(|(key, _)| !new.contains_key(*key) && free(key));
            gone.find(|(_, before)| same(before, value)).map(|(key, _)| key.clone())
        };
        let hinted = hints(value).renamed_from.clone().filter(|from| free(from));
        if let Some(from) = hinted.or_else(twin) {
            found.push((from, name.clone()));
        }
    }
    found
}

fn rename_keys<V>(map: &mut BTreeMap<Ident, V>, pairs: &[(Ident, Ident)]) {
    for (from, into) in pairs {
        let found = map.remove(from);
        map.extend(found.map(|found| (into.clone(), found)));
    }
}
