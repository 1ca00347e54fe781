//! The canonical form of every object of a model, tables aside.

use std::collections::BTreeMap;

use super::scope::Scope;
use super::{assigned, expression, words};
use super::{privileges, table};
use crate::model::datatype::{BaseType, DataType};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name, Signature};
use crate::model::relation::View;
use crate::model::routine::{Attributes, Body, Returns, Routine};
use crate::model::security::GrantKey;
use crate::model::sequence::{Sequence, SequenceOptions};
use crate::model::types::{Domain, TypeKind, UserType};
use crate::model::{Hints, Model, Namespace, Sql};
use crate::syntax::expr::parse_query;

/// The canonical form of `part`, which holds some or all objects of `model`, as they are.
pub fn form(part: Model, model: &Model) -> Model {
    Model {
        schemas: schemas(part.schemas),
        extensions: mapped(part.extensions, |it| {
            it.schema = it.schema.take().filter(|schema| schema.as_str() != "public");
            comment(&mut it.comment);
        }),
        types: mapped(part.types, |it| user_type(it, model)),
        sequences: mapped(part.sequences, sequence),
        tables: part.tables.into_iter().map(|(name, it)| (name.clone(), table::table(&name, it, model))).collect(),
        views: part.views.into_iter().map(|(name, it)| (name.clone(), view(&name, it, model))).collect(),
        routines: part.routines.into_iter().map(|(signature, it)| routine(&signature.name, it, model)).collect(),
        grants: privileges::grants(&part.grants),
        default_privileges: privileges::default_privileges(&part.default_privileges),
        others: mapped(part.others, |it| {
            it.definition = Sql(super::definition(&it.definition, model));
            comment(&mut it.comment);
        }),
    }
}

/// The objects `ids` of `model`, which are sorted, with what is said about them: a table or a view whole, also for the
/// sake of what belongs to it.
pub fn pick(model: &Model, ids: &[ObjectId]) -> Model {
    let mut part = Model::default();
    for id in ids {
        match id {
            ObjectId::Schema(name) => copy(&model.schemas, name, &mut part.schemas),
            ObjectId::Extension(name) => copy(&model.extensions, name, &mut part.extensions),
            ObjectId::Type(name) => copy(&model.types, name, &mut part.types),
            ObjectId::Sequence(name) => copy(&model.sequences, name, &mut part.sequences),
            ObjectId::Routine(signature) => copy(&model.routines, signature, &mut part.routines),
            ObjectId::Other(other) => copy(&model.others, other, &mut part.others),
            ObjectId::Table(name)
            | ObjectId::View(name)
            | ObjectId::Column(name, _)
            | ObjectId::Constraint(name, _)
            | ObjectId::Index(name, _)
            | ObjectId::Trigger(name, _)
            | ObjectId::Policy(name, _) => {
                copy(&model.tables, name, &mut part.tables);
                copy(&model.views, name, &mut part.views);
            }
        }
    }
    let about = |key: &GrantKey| ids.binary_search(&key.object).is_ok();
    part.grants = model.grants.iter().filter(|(key, _)| about(key)).map(|(key, it)| (key.clone(), *it)).collect();
    part
}

/// Copies the value of `key` from one map to another, once.
fn copy<K: Clone + Ord, V: Clone>(from: &BTreeMap<K, V>, key: &K, into: &mut BTreeMap<K, V>) {
    if !into.contains_key(key) {
        into.extend(from.get(key).map(|value| (key.clone(), value.clone())));
    }
}

/// The schemas; `public` is there in any case, and is one only when there is a comment on it.
fn schemas(schemas: BTreeMap<Ident, Namespace>) -> BTreeMap<Ident, Namespace> {
    let mut schemas = mapped(schemas, |it| {
        it.hints = Hints::default();
        comment(&mut it.comment);
    });
    schemas.retain(|name, it| name.as_str() != "public" || it.comment.is_some());
    schemas
}

/// The map with each value changed.
fn mapped<K: Ord, V>(mut map: BTreeMap<K, V>, change: impl Fn(&mut V)) -> BTreeMap<K, V> {
    map.values_mut().for_each(change);
    map
}

/// An empty comment is none: that is how SQL removes one.
pub fn comment(comment: &mut Option<String>) {
    *comment = comment.take().filter(|text| !text.is_empty());
}

/// A column's type with the lengths that it has without saying so: `char` is `char(1)`, `numeric(5)` is `numeric(5,0)`.
pub fn data_type(ty: &DataType) -> DataType {
    let BaseType::Builtin(name) = &ty.base else { return ty.clone() };
    let mut ty = ty.clone();
    ty.modifiers = match (name.as_str(), ty.modifiers) {
        ("char" | "bit", None) => Some("1".into()),
        ("numeric", Some(digits)) if !digits.contains(',') => Some(format!("{digits},0").into()),
        (_, modifiers) => modifiers,
    };
    if let (BaseType::Builtin(name), Some(_)) = (&ty.base, &ty.modifiers)
        && name == "bpchar"
    {
        ty.base = BaseType::Builtin("char".into());
    }
    ty
}

fn user_type(ty: &mut UserType, model: &Model) {
    ty.hints = Hints::default();
    comment(&mut ty.comment);
    match &mut ty.kind {
        TypeKind::Enum(values) => values.iter_mut().for_each(|it| it.renamed_from = None),
        TypeKind::Domain(domain) => self::domain(domain, model),
        TypeKind::Composite(attributes) => attributes.iter_mut().for_each(|it| {
            it.ty = data_type(&it.ty);
            it.hints = Hints::default();
            it.collation = collation(it.collation.take());
            comment(&mut it.comment);
        }),
        TypeKind::Range(_) => {}
    }
}

fn domain(domain: &mut Domain, model: &Model) {
    domain.base = data_type(&domain.base);
    domain.collation = collation(domain.collation.take());
    let default = domain.default.take();
    domain.default = default.and_then(|it| assigned(&it, &domain.base, &Scope::of_model(model))).map(Sql);
    let scope = Scope::of_domain(model, &domain.base);
    for check in domain.checks.values_mut() {
        check.expression = Sql(expression(&check.expression, &scope));
    }
}

/// A collation that is more than the default.
pub fn collation(collation: Option<Name>) -> Option<Name> {
    let system = |name: &Name| name.schema.as_ref().is_none_or(|schema| schema.as_str() == "pg_catalog");
    let name = collation?;
    match (system(&name), name.name.as_str()) {
        (true, "default") => None,
        (true, _) => Some(Name::local(name.name.as_str())),
        (false, _) => Some(name),
    }
}

fn sequence(sequence: &mut Sequence) {
    sequence.hints = Hints::default();
    comment(&mut sequence.comment);
    let bigint = DataType::builtin("bigint");
    sequence.options = options(&sequence.options, bigint.as_ref());
}

/// What differs from the defaults of a sequence whose type would be `ty`.
///
/// Source: CREATE SEQUENCE; `init_params` in `src/backend/commands/sequence.c`.
pub fn options(options: &SequenceOptions, ty: Option<&DataType>) -> SequenceOptions {
    let width = options.ty.as_ref().or(ty).and_then(DataType::scalar_builtin).unwrap_or("bigint");
    let (lowest, highest) = match width {
        "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
        "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    let ascending = options.increment.unwrap_or(1) > 0;
    let (min, max) = if ascending { (1, highest) } else { (lowest, -1) };
    let first = if ascending { options.min.unwrap_or(min) } else { options.max.unwrap_or(max) };
    SequenceOptions {
        ty: options.ty.clone().filter(|own| Some(own) != ty),
        increment: options.increment.filter(|it| *it != 1),
        start: options.start.filter(|it| *it != first),
        min: options.min.filter(|it| *it != min),
        max: options.max.filter(|it| *it != max),
        cache: options.cache.filter(|it| *it != 1),
        cycle: options.cycle,
        name: options.name.clone(),
    }
}

fn view(name: &Name, mut view: View, model: &Model) -> View {
    view.hints = Hints::default();
    // Whether it was filled yet is no part of what it is; dumps always create it empty.
    view.no_data = false;
    comment(&mut view.comment);
    view.column_comments.retain(|_, text| !text.is_empty());
    view.column_defaults.values_mut().for_each(|sql| *sql = Sql(super::default_of_view(sql, model)));
    view.options.retain(|option, value| !(option.starts_with("security_") && value == "false"));
    if let Some(parsed) = parse_query(view.query.as_str()) {
        let (mut query, _) = super::query::elaborate(&parsed, &Scope::of_model(model));
        if super::query::rename(&mut query, &view.columns) {
            view.columns.clear();
        }
        view.query = Sql(super::write::query(&query));
    } else {
        view.query = Sql(words(view.query.as_str().trim().trim_end_matches(';')));
    }
    let scope = Scope::of_model(model);
    view.indexes.values_mut().for_each(|it| table::index(it, &scope));
    let rows = Scope::of_trigger(model, name);
    view.triggers.values_mut().for_each(|it| table::trigger(it, &rows));
    view
}

/// A routine under its signature: types of arguments have no lengths.
fn routine(name: &Name, mut routine: Routine, model: &Model) -> (Signature, Routine) {
    routine.hints = Hints::default();
    comment(&mut routine.comment);
    let scope = Scope::of_model(model);
    for arg in &mut routine.args {
        arg.ty = unsized_type(&arg.ty);
        let default = arg.default.take();
        // A default of NULL makes an argument optional, which no default does not.
        arg.default = default.map(|it| Sql(assigned(&it, &arg.ty, &scope).unwrap_or_else(|| "NULL".to_owned())));
    }
    match &mut routine.returns {
        Returns::None => {}
        Returns::Type(ty) | Returns::SetOf(ty) => *ty = unsized_type(ty),
        Returns::Table(columns) => columns.iter_mut().for_each(|(_, ty)| *ty = unsized_type(ty)),
    }
    if let Body::Sql(body) = &routine.body {
        routine.body = Body::Sql(Sql(super::body(body, name, &routine, model)));
    }
    attributes(&mut routine.attributes, routine.language.as_str());
    (routine.signature(name.clone()), routine)
}

/// Source: CREATE FUNCTION, "argtype": lengths are discarded.
fn unsized_type(ty: &DataType) -> DataType {
    let mut ty = DataType { modifiers: None, ..ty.clone() };
    if ty.base == BaseType::Builtin("char".into()) {
        ty.base = BaseType::Builtin("bpchar".into());
    }
    ty
}

fn attributes(attributes: &mut Attributes, language: &str) {
    let cost = if matches!(language, "c" | "internal") { "1" } else { "100" };
    let other = |value: &mut Option<String>, default: &str| *value = value.take().filter(|it| it != default);
    other(&mut attributes.cost, cost);
    other(&mut attributes.rows, "1000");
    other(&mut attributes.volatility, "volatile");
    other(&mut attributes.parallel, "unsafe");
    for value in attributes.settings.values_mut() {
        *value = setting(value);
    }
}

/// A setting's values, each without the quotes that it does not need.
pub fn setting(value: &str) -> String {
    let plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let one = |part: &str| {
        let part = part.trim();
        let quoted = part.len() > 1 && part.starts_with(['\'', '"']) && part.ends_with(['\'', '"']);
        match quoted.then(|| &part[1..part.len() - 1]) {
            Some(inner) if plain(inner) => inner.to_owned(),
            Some("") => "''".to_owned(),
            _ => part.to_owned(),
        }
    };
    value.split(',').map(one).collect::<Vec<_>>().join(", ")
}
