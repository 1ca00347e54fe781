//! The second stage: a module's schema reduced to what makes it work.
//!
//! Tables, columns, types, primary and foreign keys, nothing else. A module's view is partial, so a key may lead
//! out of it: such a column stays, as a plain one, and a note says what it was meant to point to.

pub mod follow;
pub mod hint;
pub mod migration;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey, Key};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Table};
use crate::model::types::{TypeKind, UserType};

/// A module's minimal schema.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prototype {
    /// The schema.
    pub model: Model,
    /// What a reader should know about a column: what it points to beyond this module.
    pub notes: BTreeMap<(Name, Ident), String>,
}

/// Reduces `model` to its prototype.
pub fn minimal(model: &Model) -> Prototype {
    let mut prototype = Prototype::default();
    for (name, table) in model.tables.iter().filter(|(_, table)| table.partition_of.is_none()) {
        let (reduced, notes) = reduce(table, |name| model.tables.get(name));
        prototype.notes.extend(notes.into_iter().map(|(column, note)| ((name.clone(), column), note)));
        prototype.model.tables.insert(name.clone(), reduced);
    }
    let columns = prototype.model.tables.values().flat_map(|table| &table.columns);
    let used = types_in_use(columns.map(|column| &column.ty), model);
    prototype.model.types =
        used.into_iter().filter_map(|name| Some((name.clone(), plain(model.types.get(&name)?)))).collect();
    // An extension may be where a column's type comes from.
    prototype.model.extensions.clone_from(&model.extensions);
    let spaces: BTreeSet<Ident> = names(&prototype.model).filter_map(|name| name.schema.clone()).collect();
    prototype.model.schemas = spaces
        .into_iter()
        .map(|schema| (schema.clone(), model.schemas.get(&schema).cloned().unwrap_or_default()))
        .collect();
    prototype
}

fn names(model: &Model) -> impl Iterator<Item = &Name> {
    model.tables.keys().chain(model.types.keys())
}

/// A table with its plain columns, its key, and the foreign keys that hold among the tables that `find` finds; with a note
/// about each column whose key does not.
pub fn reduce<'t>(table: &Table, find: impl Fn(&Name) -> Option<&'t Table>) -> (Table, BTreeMap<Ident, String>) {
    let mut reduced = Table {
        columns: table.columns.iter().map(|column| reduce_column(column, table)).collect(),
        inherits: table.inherits.clone(),
        doc: table.doc.clone(),
        hints: table.hints.clone(),
        ..Table::default()
    };
    let mut notes = BTreeMap::new();
    for (name, constraint) in &table.constraints {
        match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => {
                let key = Key { columns: key.columns.clone(), ..Key::default() };
                let kind = ConstraintKind::PrimaryKey(key);
                reduced
                    .constraints
                    .insert(name.clone(), Constraint { hints: constraint.hints.clone(), ..Constraint::new(kind) });
            }
            ConstraintKind::ForeignKey(key) => match outside(key, find(&key.table)) {
                Some(note) => notes.extend(key.columns.iter().map(|column| (column.clone(), note.clone()))),
                None => {
                    let kind = ConstraintKind::ForeignKey(key.clone());
                    reduced
                        .constraints
                        .insert(name.clone(), Constraint { hints: constraint.hints.clone(), ..Constraint::new(kind) });
                }
            },
            ConstraintKind::Unique(_) | ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => {}
        }
    }
    (reduced, notes)
}

fn reduce_column(column: &Column, table: &Table) -> Column {
    Column {
        not_null: table.primary_key().contains(&column.name),
        doc: column.doc.clone(),
        hints: column.hints.clone(),
        ..Column::new(column.name.as_str(), column.ty.clone())
    }
}

/// Why a foreign key to `table` cannot hold within the module; `None` when it can.
pub fn outside(key: &ForeignKey, table: Option<&Table>) -> Option<String> {
    // The usual case, without a word.
    if table.is_some_and(|table| table.primary_key() == key.referenced && table.partition_of.is_none()) {
        return None;
    }
    let target = format!(
        "points to {}({})",
        key.table,
        key.referenced.iter().map(Ident::to_string).collect::<Vec<_>>().join(", ")
    );
    let Some(table) = table else {
        return Some(format!("{}, which this module does not declare", target.trim_end_matches("()")));
    };
    if key.referenced.iter().any(|column| table.column(column.as_str()).is_none()) {
        return Some(format!("{target}, which this module's view of {} does not have", key.table));
    }
    Some(format!("{target}, which is not its primary key"))
}

/// The user-defined types that `types` are made of, through domains, composites and arrays.
fn types_in_use<'a>(types: impl Iterator<Item = &'a DataType>, model: &'a Model) -> BTreeSet<Name> {
    let mut used = BTreeSet::new();
    let mut open: Vec<&DataType> = types.collect();
    while let Some(ty) = open.pop() {
        let Some(name) = ty.user_type().filter(|name| model.types.contains_key(name)) else { continue };
        if !used.insert(name.clone()) {
            continue;
        }
        match &model.types[name].kind {
            TypeKind::Domain(domain) => open.push(&domain.base),
            TypeKind::Composite(attributes) => open.extend(attributes.iter().map(|attribute| &attribute.ty)),
            TypeKind::Enum(_) | TypeKind::Range(_) => {}
        }
    }
    used
}

/// The type without its rules: a domain narrows nothing in a prototype.
fn plain(ty: &UserType) -> UserType {
    let mut ty = UserType { comment: None, ..ty.clone() };
    if let TypeKind::Domain(domain) = &mut ty.kind {
        domain.checks.clear();
        domain.default = None;
        domain.not_null = false;
    }
    ty
}

#[cfg(test)]
mod tests {
    use super::minimal;
    use crate::model::lower::Lowered;
    use crate::model::lower::toml::lower;
    use crate::model::name::{Ident, Name};
    use crate::path::RepoPath;
    use crate::syntax::toml::schema_file;

    #[test]
    fn only_keys_and_columns_stay() {
        let text = "[a.fields]\nid = { type = \"uuid\", primary_key = true, default = { sql = \"gen_random_uuid()\" } }\n\
            name = { type = \"text\", required = true, unique = true, values = [\"x\"], index = true }\n\
            self = { references = \"a\" }\nfar = { type = \"uuid\", references = \"b\" }\nodd = { references = \"a.name\" }\n";
        let file = schema_file(&RepoPath::new("a.toml").unwrap(), text.as_bytes());
        let lowered = lower(&[&file], Lowered::default(), None);
        assert_eq!(lowered.diagnostics, []);
        let prototype = minimal(&lowered.model);
        let a = &prototype.model.tables[&Name::local("a")];
        let constraints: Vec<&str> = a.constraints.keys().map(Ident::as_str).collect();
        assert_eq!(constraints, ["a_pkey", "a_self_fkey"]);
        assert!(a.indexes.is_empty() && a.columns.iter().all(|column| column.default.is_none()));
        assert!(!a.column("name").unwrap().not_null);
        let notes: Vec<String> = prototype.notes.values().cloned().collect();
        assert_eq!(
            notes,
            ["points to b, which this module does not declare", "points to a(name), which is not its primary key"]
        );
    }
}
