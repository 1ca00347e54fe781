//! The second stage: a module's schema reduced to what makes it work.
//!
//! Tables, columns, types, primary and foreign keys, nothing else. A module's view is partial, so a key may lead
//! out of it: such a column stays, as a plain one, and a note says what it was meant to point to. What a column's type is made of
//! has to be there: where the module does not declare it, the business-wide model's stands in.

pub mod follow;
pub mod hint;
pub mod migration;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey, Key};
use crate::model::datatype::DataType;
use crate::model::lower::extension_of;
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

/// Whether a module that goes with the tables `old` and one that comes with the tables `new` are probably one.
pub fn looks_renamed<'n>(old: impl Iterator<Item = &'n Name>, new: impl Iterator<Item = &'n Name>) -> bool {
    let (old, new): (BTreeSet<&Name>, BTreeSet<&Name>) = (old.collect(), new.collect());
    old.intersection(&new).count() * 2 > old.len().max(new.len())
}

/// Reduces `model` to its prototype; `common` is what the business-wide model declares beside tables.
pub fn minimal(model: &Model, common: &Model) -> Prototype {
    let mut prototype = Prototype::default();
    for (name, table) in model.tables.iter().filter(|(_, table)| table.partition_of.is_none()) {
        let (reduced, notes) = reduce(table, |name| model.tables.get(name));
        prototype.notes.extend(notes.into_iter().map(|(column, note)| ((name.clone(), column), note)));
        prototype.model.tables.insert(name.clone(), reduced);
    }
    let Model { types, extensions, .. } = ground(prototype.model.tables.values(), model, common);
    (prototype.model.types, prototype.model.extensions) = (types, extensions);
    let schema = |name: &Ident| [model, common].into_iter().find_map(|model| model.schemas.get(name)).cloned();
    let spaces = spaces(&prototype.model).into_iter();
    prototype.model.schemas = spaces.map(|name| (name.clone(), schema(&name).unwrap_or_default())).collect();
    prototype
}

/// What the types of the columns of `tables` are made of: what `model`, the module's own, declares, and of `common` what it lacks.
pub fn ground<'t>(tables: impl Iterator<Item = &'t Table>, model: &Model, common: &Model) -> Model {
    // An extension may be where a column's type comes from.
    let mut found = Model { extensions: model.extensions.clone(), ..Model::default() };
    if model.types.is_empty() && common.types.is_empty() && common.extensions.is_empty() {
        return found;
    }
    let columns: Vec<&DataType> = tables.flat_map(|table| &table.columns).map(|column| &column.ty).collect();
    let own = types_in_use(columns.iter().copied(), model);
    found.types = own.into_iter().filter_map(|name| Some((name.clone(), plain(model.types.get(&name)?)))).collect();
    if common.types.is_empty() && common.extensions.is_empty() {
        return found;
    }
    let inner: Vec<DataType> = found.types.values().flat_map(parts).cloned().collect();
    let is_own = |name: &&Name| model.types.contains_key(*name) || model.tables.contains_key(*name);
    let lacking = columns.into_iter().chain(&inner).filter(|ty| ty.user_type().filter(|name| !is_own(name)).is_some());
    let lacking: Vec<&DataType> = lacking.collect();
    let shared =
        types_in_use(lacking.iter().copied(), common).into_iter().filter(|name| !model.types.contains_key(name));
    let shared: Vec<(Name, UserType)> =
        shared.filter_map(|name| Some((name.clone(), plain(common.types.get(&name)?)))).collect();
    let inner: Vec<DataType> = shared.iter().flat_map(|(_, ty)| parts(ty)).cloned().collect();
    let brought = lacking.into_iter().chain(&inner).filter_map(DataType::user_type);
    let brought: BTreeSet<&Name> = brought.filter(|name| !common.types.contains_key(*name) && !is_own(name)).collect();
    for name in brought {
        let known = extension_of(name.name.as_str());
        let brings = |extension: &Ident| known.is_none_or(|known| extension.as_str() == known);
        let more = common.extensions.iter().filter(|(extension, _)| brings(extension));
        let more: Vec<_> = more.filter(|(extension, _)| !model.extensions.contains_key(*extension)).collect();
        found.extensions.extend(more.into_iter().map(|(extension, it)| (extension.clone(), it.clone())));
    }
    found.types.extend(shared);
    found
}

/// The types that a type is made of.
fn parts(ty: &UserType) -> Vec<&DataType> {
    match &ty.kind {
        TypeKind::Domain(domain) => vec![&domain.base],
        TypeKind::Composite(attributes) => attributes.iter().map(|attribute| &attribute.ty).collect(),
        TypeKind::Enum(_) | TypeKind::Range(_) => Vec::new(),
    }
}

/// The schemas that a model's objects stand in, but for PostgreSQL's own.
pub fn spaces(model: &Model) -> BTreeSet<Ident> {
    let named = model.tables.keys().chain(model.types.keys()).filter_map(|name| name.schema.clone());
    let multiranges = model.types.iter().filter_map(|(name, ty)| ty.multirange(name)?.schema);
    let extended = model.extensions.values().filter_map(|extension| extension.schema.clone());
    named.chain(multiranges).chain(extended.filter(|schema| !schema.as_str().starts_with("pg_"))).collect()
}

/// A table with its plain columns, its key, and the foreign keys that hold among the tables that `find` finds; with a note
/// about each column whose key does not.
pub fn reduce<'t>(table: &Table, find: impl Fn(&Name) -> Option<&'t Table>) -> (Table, BTreeMap<Ident, String>) {
    let mut reduced = Table {
        columns: table.columns.iter().map(|column| reduce_column(column, table, &find)).collect(),
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

fn reduce_column<'t>(column: &Column, table: &Table, find: &impl Fn(&Name) -> Option<&'t Table>) -> Column {
    Column {
        not_null: table.primary_key().contains(&column.name) || is_key_above(&column.name, table, find),
        doc: column.doc.clone(),
        hints: column.hints.clone(),
        inherited: column.inherited,
        ..Column::new(column.name.as_str(), column.ty.clone())
    }
}

/// Whether a column belongs to the primary key of a table that `table` inherits from: then it holds no null here either.
fn is_key_above<'t>(column: &Ident, table: &Table, find: &impl Fn(&Name) -> Option<&'t Table>) -> bool {
    let mut above = table.inherits.iter().filter_map(find);
    above.any(|parent| parent.primary_key().contains(column) || is_key_above(column, parent, find))
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

/// The user-defined types that `types` are made of, through domains, composites, ranges and arrays.
fn types_in_use<'a>(types: impl Iterator<Item = &'a DataType>, model: &'a Model) -> BTreeSet<Name> {
    let multirange = |(name, ty): (&'a Name, &UserType)| Some((ty.multirange(name)?, name));
    let multiranges: BTreeMap<Name, &Name> = model.types.iter().filter_map(multirange).collect();
    let made_with = |name: &Name| {
        let own = model.types.get_key_value(name).map(|(name, _)| name);
        own.or_else(|| multiranges.get(name).copied())
    };
    let mut used = BTreeSet::new();
    let mut open: Vec<&Name> = types.filter_map(DataType::user_type).collect();
    while let Some(name) = open.pop() {
        let Some(name) = made_with(name).filter(|name| used.insert((*name).clone())) else { continue };
        match &model.types[name].kind {
            TypeKind::Domain(domain) => open.extend(domain.base.user_type()),
            TypeKind::Composite(attributes) => {
                open.extend(attributes.iter().filter_map(|attribute| attribute.ty.user_type()));
            }
            TypeKind::Range(parameters) => open.extend(parameters.get("subtype").and_then(|ty| spelled(ty, model))),
            TypeKind::Enum(_) => {}
        }
    }
    used
}

/// The user-defined type that a text names, or that an array which it names is made of.
fn spelled<'a>(text: &str, model: &'a Model) -> Option<&'a Name> {
    let text = text.trim_end_matches("[]");
    model.types.keys().find(|name| DataType::named((*name).clone()).to_string() == text)
}

/// The type without its rules: a domain narrows nothing in a prototype, and nothing is sorted.
fn plain(ty: &UserType) -> UserType {
    let mut ty = UserType { comment: None, ..ty.clone() };
    match &mut ty.kind {
        TypeKind::Domain(domain) => {
            domain.checks.clear();
            domain.default = None;
            domain.not_null = false;
            domain.collation = None;
        }
        TypeKind::Composite(attributes) => attributes.iter_mut().for_each(|attribute| attribute.collation = None),
        TypeKind::Range(parameters) => {
            parameters.retain(|key, _| matches!(key.as_str(), "subtype" | "multirange_type_name"));
        }
        TypeKind::Enum(_) => {}
    }
    ty
}

#[cfg(test)]
mod tests {
    use super::minimal;
    use crate::model::Model;
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
        let prototype = minimal(&lowered.model, &Model::default());
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
