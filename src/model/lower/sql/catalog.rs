//! Which names are taken, as PostgreSQL's catalog would know it, and the names that it would choose.
//!
//! Tables, views, sequences, indexes and composite types share one name space in each schema (`pg_class`). Names of
//! constraints are unique in a table only, but a *chosen* one avoids those of the whole schema.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::model::Model;
use crate::model::name::{Ident, Name, clip, default_name};
use crate::model::table::Table;
use crate::model::types::TypeKind;

/// What a name in `pg_class` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A table.
    Table,
    /// A view or a materialized view.
    View,
    /// A sequence.
    Sequence,
    /// The sequence behind the identity column of a table.
    Identity(Name, Ident),
    /// An index of a table or a materialized view.
    Index(Name),
    /// The index behind a constraint of a table, which has the constraint's name.
    Key(Name),
    /// A composite type.
    Composite,
    /// A foreign table, which the model carries whole.
    Foreign,
}

/// The names that are taken.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    relations: IndexMap<Name, Relation>,
    constraints: IndexMap<Name, u32>,
    /// For names that were chosen before, the first number that may be free; numbers below are taken.
    numbers: RefCell<IndexMap<Name, usize>>,
    children: BTreeMap<Name, BTreeSet<Name>>,
}

impl Catalog {
    /// The names that the objects of a model take, but for those that it carries whole.
    pub fn of(model: &Model) -> Catalog {
        let mut catalog = Catalog::default();
        for (name, table) in &model.tables {
            catalog.add(name.clone(), Relation::Table);
            catalog.add_parts(name, table);
        }
        for (name, view) in &model.views {
            catalog.add(name.clone(), Relation::View);
            let indexes = view.indexes.keys().map(|index| name.sibling(index.as_str()));
            indexes.for_each(|index| catalog.add(index, Relation::Index(name.clone())));
        }
        model.sequences.keys().for_each(|name| catalog.add(name.clone(), Relation::Sequence));
        let composites = model.types.iter().filter(|(_, ty)| matches!(ty.kind, TypeKind::Composite(_)));
        composites.for_each(|(name, _)| catalog.add(name.clone(), Relation::Composite));
        catalog
    }

    /// The names that what belongs to a table takes.
    fn add_parts(&mut self, name: &Name, table: &Table) {
        for index in table.indexes.keys() {
            self.add(name.sibling(index.as_str()), Relation::Index(name.clone()));
        }
        for (key, constraint) in &table.constraints {
            self.add_constraint(name, key);
            if constraint.has_index() {
                self.add(name.sibling(key.as_str()), Relation::Key(name.clone()));
            }
        }
        for column in &table.columns {
            if let Some(identity) = &column.identity {
                let relation = Relation::Identity(name.clone(), column.name.clone());
                self.add(identity.sequence(name, &column.name), relation);
            }
        }
        let parents = table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits);
        parents.for_each(|parent| self.add_child(parent, name));
    }

    /// What `name` stands for.
    pub fn relation(&self, name: &Name) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// All relations of a schema, in order of their names.
    pub fn in_schema(&self, schema: &Option<Ident>) -> impl Iterator<Item = (&Name, &Relation)> {
        let all = self.relations.iter().filter(|(name, _)| name.schema == *schema);
        all.collect::<BTreeMap<_, _>>().into_iter()
    }

    /// Takes `name` for `relation`.
    pub fn add(&mut self, name: Name, relation: Relation) {
        self.relations.insert(name, relation);
    }

    /// Gives `name` free.
    pub fn remove(&mut self, name: &Name) {
        self.relations.swap_remove(name);
        self.numbers.get_mut().clear();
    }

    /// Remembers a constraint of `table`.
    pub fn add_constraint(&mut self, table: &Name, name: &Ident) {
        *self.constraints.entry(table.sibling(name.as_str())).or_default() += 1;
    }

    /// Forgets a constraint of `table`.
    pub fn remove_constraint(&mut self, table: &Name, name: &Ident) {
        let name = table.sibling(name.as_str());
        if let Some(count) = self.constraints.get_mut(&name) {
            *count -= 1;
            if *count == 0 {
                self.constraints.swap_remove(&name);
                self.numbers.get_mut().clear();
            }
        }
    }

    /// Remembers that `child` inherits from `parent` or is a partition of it.
    pub fn add_child(&mut self, parent: &Name, child: &Name) {
        self.children.entry(parent.clone()).or_default().insert(child.clone());
    }

    /// Forgets that `child` has to do with `parent`.
    pub fn remove_child(&mut self, parent: &Name, child: &Name) {
        if let Some(children) = self.children.get_mut(parent) {
            children.remove(child);
        }
    }

    /// `table` and all that inherit from it, parents first.
    pub fn family(&self, table: &Name) -> Vec<Name> {
        let mut family = vec![table.clone()];
        let mut next = 0;
        while let Some(parent) = family.get(next) {
            let children: Vec<Name> = self.children.get(parent).into_iter().flatten().cloned().collect();
            family.extend(children.into_iter().filter(|child| child != table));
            next += 1;
        }
        family
    }

    /// The direct children of `table`.
    pub fn children(&self, table: &Name) -> impl Iterator<Item = &Name> {
        self.children.get(table).into_iter().flatten()
    }

    /// The name that PostgreSQL gives to a relation of `table` that has none: `table_columns_suffix`, with the first
    /// number that is free. Source: `ChooseRelationName` in `src/backend/commands/indexcmds.c`.
    pub fn choose_relation(&self, table: &Name, columns: &str, suffix: &str, constraint: bool) -> Ident {
        numbered(table, columns, suffix, 0, |name| {
            self.relations.contains_key(name) || (constraint && self.constraints.contains_key(name))
        })
        .0
    }

    /// The name that PostgreSQL gives to a constraint of `table` without an index.
    /// Source: `ChooseConstraintName` in `src/backend/catalog/pg_constraint.c`.
    pub fn choose_constraint(&self, table: &Name, columns: &str, suffix: &str) -> Ident {
        let base = table.sibling(default_name(table.name.as_str(), columns, suffix).as_str());
        let mut numbers = self.numbers.borrow_mut();
        let first = numbers.entry(base).or_default();
        let (name, number) = numbered(table, columns, suffix, *first, |name| self.constraints.contains_key(name));
        *first = number;
        name
    }
}

/// The first of `table_columns_suffix`, `table_columns_suffix1` … that is not `taken` in the table's schema, and its
/// number; those below `number` are known to be taken.
fn numbered(
    table: &Name,
    columns: &str,
    suffix: &str,
    mut number: usize,
    taken: impl Fn(&Name) -> bool,
) -> (Ident, usize) {
    let spelled = |number: usize| match number {
        0 => default_name(table.name.as_str(), columns, suffix),
        _ => default_name(table.name.as_str(), columns, &format!("{suffix}{number}")),
    };
    loop {
        let name = spelled(number);
        if !taken(&table.sibling(name.as_str())) {
            return (name, number);
        }
        number += 1;
    }
}

/// The columns' part of a chosen name: their names joined by `_`, no further than a name can reach.
/// Source: `ChooseIndexNameAddition` in `src/backend/commands/indexcmds.c`.
pub fn joined<'a>(columns: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for column in columns {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(clip(column, 63));
        if joined.len() >= 64 {
            break;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{Catalog, Relation, joined};
    use crate::model::name::{Ident, Name};

    #[test]
    fn chosen_names_avoid_what_is_taken_in_the_schema() {
        let mut catalog = Catalog::default();
        let table = Name::local("t");
        assert_eq!(catalog.choose_relation(&table, "a", "key", true).as_str(), "t_a_key");
        catalog.add_constraint(&Name::local("other"), &Ident::new("t_a_key"));
        assert_eq!(catalog.choose_relation(&table, "a", "key", true).as_str(), "t_a_key1");
        assert_eq!(catalog.choose_relation(&table, "a", "key", false).as_str(), "t_a_key");
        catalog.add(Name::local("t_a_key1"), Relation::Table);
        assert_eq!(catalog.choose_relation(&table, "a", "key", true).as_str(), "t_a_key2");
        catalog.remove_constraint(&Name::local("other"), &Ident::new("t_a_key"));
        assert_eq!(catalog.choose_relation(&table, "a", "key", true).as_str(), "t_a_key");
    }

    #[test]
    fn a_family_is_all_that_inherits() {
        let mut catalog = Catalog::default();
        let [a, b, c] = ["a", "b", "c"].map(Name::local);
        catalog.add_child(&a, &b);
        catalog.add_child(&b, &c);
        assert_eq!(catalog.family(&a), [a, b, c]);
        assert_eq!(joined(["a", "b"].into_iter()), "a_b");
    }
}
