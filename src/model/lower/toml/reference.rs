//! References: what a field points to, and the type that it gets from there.

use super::{Scope, entity_name, types};
use crate::diagnostic::{Diagnostic, nearest};
use crate::grammar::Text;
use crate::model::constraint::{Action, ForeignKey};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};
use crate::syntax::toml::{EntityNode, FieldNode};

/// The key that a field points to.
pub struct Target {
    /// The entity.
    pub table: Name,
    /// The field of it; `None` when the entity is declared in another module only.
    pub column: Option<Ident>,
    /// That field's type, when it is known here.
    pub ty: Option<DataType>,
}

/// Finds what `field` refers to; `None`, with a diagnostic, when that is nothing.
pub fn resolve(
    field: &FieldNode,
    reference: &Text,
    scope: &Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Target> {
    let (table, column) = split(&reference.text, scope);
    let Some(key) = key_of(&table, scope) else {
        if field.ty.is_some() || !scope.whole {
            // Another module may declare it: that is seen when all modules are merged.
            return Some(Target { table, column: None, ty: None });
        }
        diagnostics.push(nothing(reference, &table, scope));
        return None;
    };
    let column = match (column, key.as_slice()) {
        (Some(column), _) => column,
        (None, [column]) => column.clone(),
        (None, []) if !scope.whole => return None,
        (None, columns) => {
            diagnostics.push(no_single_key(reference, &table, columns.len()));
            return None;
        }
    };
    let ty = type_of(&table, &column, scope, &mut Vec::new());
    if ty.is_none() && scope.whole && !has_column(&table, &column, scope) {
        diagnostics.push(
            Diagnostic::error(
                "unknown-reference",
                reference.span.clone(),
                format!("`{table}` has no field `{column}`"),
            )
            .help(format!("write `references = \"{table}\"` to point to its primary key")),
        );
        return None;
    }
    Some(Target { table, column: Some(column), ty })
}

/// The foreign key from `column` to `target`.
pub fn foreign_key(field: &FieldNode, column: Ident, target: &Target) -> ForeignKey {
    ForeignKey {
        columns: vec![column],
        table: target.table.clone(),
        referenced: target.column.iter().cloned().collect(),
        on_delete: field.on_delete.as_ref().map(|text| action(&text.text)).unwrap_or_default(),
        on_update: field.on_update.as_ref().map(|text| action(&text.text)).unwrap_or_default(),
        set_columns: Vec::new(),
        match_full: false,
    }
}

/// The action that schema files call `word`.
pub fn action(word: &str) -> Action {
    match word {
        "restrict" => Action::Restrict,
        "cascade" => Action::Cascade,
        "set null" => Action::SetNull,
        "set default" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

/// `accounts` or `accounts.id`; a name with a dot may also be a table in a schema.
fn split(text: &str, scope: &Scope<'_>) -> (Name, Option<Ident>) {
    match text.rsplit_once('.') {
        Some((table, column)) if !is_known(&entity_name(text), scope) => (entity_name(table), Some(Ident::new(column))),
        _ => (entity_name(text), None),
    }
}

fn is_known(name: &Name, scope: &Scope<'_>) -> bool {
    scope.entity(name).is_some() || scope.tables(name).next().is_some()
}

/// The primary key of `table`; `None` when nobody here declares the table.
fn key_of(table: &Name, scope: &Scope<'_>) -> Option<Vec<Ident>> {
    let elsewhere = || scope.tables(table).next().map(|table| table.primary_key().to_vec());
    match scope.entity(table) {
        Some(entity) => match own_key(entity) {
            // A partial view may leave the key to the BUSM.
            key if key.is_empty() => elsewhere().or(Some(key)),
            key => Some(key),
        },
        None => elsewhere(),
    }
}

fn own_key(entity: &EntityNode) -> Vec<Ident> {
    if !entity.primary_key.is_empty() {
        return entity.primary_key.iter().map(|name| Ident::new(&name.text)).collect();
    }
    entity.fields.iter().filter(|field| field.primary_key).map(|field| Ident::new(&field.name.text)).collect()
}

fn has_column(table: &Name, column: &Ident, scope: &Scope<'_>) -> bool {
    let own =
        scope.entity(table).is_some_and(|entity| entity.fields.iter().any(|field| field.name.text == column.as_str()));
    own || scope.tables(table).any(|table| table.column(column.as_str()).is_some())
}

/// The type of `table.column`, followed through references; `None` when it is not known here or runs in a circle.
pub fn type_of(table: &Name, column: &Ident, scope: &Scope<'_>, seen: &mut Vec<(Name, Ident)>) -> Option<DataType> {
    let here = (table.clone(), column.clone());
    if seen.contains(&here) {
        return None;
    }
    seen.push(here);
    let own =
        scope.entity(table).and_then(|entity| entity.fields.iter().find(|field| field.name.text == column.as_str()));
    if let Some(field) = own {
        return match (&field.ty, &field.references) {
            (Some(ty), _) => Some(types::lower(ty, scope).unwrap_or_else(|_| DataType::unknown())),
            (None, Some(reference)) => {
                let (table, column) = split(&reference.text, scope);
                let column = column.or_else(|| key_of(&table, scope)?.into_iter().next())?;
                type_of(&table, &column, scope, seen)
            }
            (None, None) => Some(DataType::unknown()),
        };
    }
    scope.tables(table).find_map(|table| table.column(column.as_str())).map(|column| column.ty.clone())
}

fn nothing(reference: &Text, table: &Name, scope: &Scope<'_>) -> Diagnostic {
    let found = Diagnostic::error(
        "unknown-reference",
        reference.span.clone(),
        format!("`{table}` is no entity of this module or the BUSM"),
    );
    let names: Vec<String> = scope.names().map(Name::to_string).collect();
    match nearest(&table.to_string(), names.iter().map(String::as_str)) {
        Some(name) => found.help(format!("did you mean `{name}`?")),
        None => found.help("declare it in the BUSM; or, when another module declares it, give this field a `type`"),
    }
}

fn no_single_key(reference: &Text, table: &Name, columns: usize) -> Diagnostic {
    let found = if columns == 0 {
        format!("`{table}` has no primary key to point to")
    } else {
        format!("`{table}` has a primary key of {columns} fields, and one field cannot point to it")
    };
    Diagnostic::error("reference-key", reference.span.clone(), found)
        .help(format!("name a unique field of it, such as `references = \"{table}.code\"`"))
}
