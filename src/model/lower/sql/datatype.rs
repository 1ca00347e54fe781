//! Data types as they are written to data types as PostgreSQL stores them.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::session::Session;
use super::tree::{Written, child, contains, parts};
use crate::model::datatype::{BaseType, DataType};
use crate::model::name::Name;
use crate::syntax::sql::scan::fold;

/// The type that `ty` spells, with the modifiers that PostgreSQL adds where none are written.
pub fn read(session: &Session, ty: &ast::Type) -> DataType {
    let text = session.file.source(ty.syntax());
    if let Some(known) = session.builtin_types.borrow().get(text) {
        return known.clone();
    }
    let read = spelled(session, ty);
    if matches!(read.base, BaseType::Builtin(_)) {
        session.builtin_types.borrow_mut().insert(text, read.clone());
    }
    read
}

fn spelled(session: &Session, ty: &ast::Type) -> DataType {
    let node = ty.syntax();
    match ty {
        ast::Type::ArrayType(array) => match array.ty() {
            Some(element) => read(session, &element).into_array(),
            None => builtin("text").into_array(),
        },
        ast::Type::VarcharType(_) => with_arguments(session, builtin("varchar"), node, None),
        ast::Type::CharacterType(_) => with_arguments(session, builtin("char"), node, Some("1")),
        ast::Type::BitType(_) => with_arguments(session, builtin("bit"), node, Some("1")),
        ast::Type::BitVaryingType(_) => with_arguments(session, builtin("varbit"), node, None),
        ast::Type::DoubleType(_) => builtin("double precision"),
        ast::Type::TimeType(_) => with_precision(session, zoned(node, "time", "timetz"), node),
        ast::Type::TimestampType(_) => with_precision(session, zoned(node, "timestamp", "timestamptz"), node),
        ast::Type::IntervalType(interval) => match interval.interval_qualifier() {
            Some(fields) => builtin("interval").with_modifiers(session.text(fields.syntax()).to_lowercase()),
            None => with_precision(session, builtin("interval"), node),
        },
        ast::Type::PathType(_) => named(session, node),
    }
}

/// The type below `node`, if there is one.
pub fn of(session: &Session, node: Option<ast::Type>) -> DataType {
    node.map_or_else(|| builtin("text"), |ty| read(session, &ty))
}

/// The type of an argument or a result: PostgreSQL keeps no modifiers there. `column%TYPE` is the column's type now.
pub fn of_argument(session: &mut Session, ty: &ast::FuncType) -> DataType {
    let found = match ty {
        ast::FuncType::Type(ty) => read(session, ty),
        ast::FuncType::PercentType(percent) => of_column(session, percent),
    };
    DataType { modifiers: None, ..found }
}

/// Whether `SETOF` stands before a type.
pub fn is_set(node: &SyntaxNode) -> bool {
    contains(node, SyntaxKind::SETOF_KW)
}

/// The integer type behind `serial` and its kin. Source: `transformColumnDefinition` in `parse_utilcmd.c`.
pub fn serial(ty: &ast::Type) -> Option<&'static str> {
    let ast::Type::PathType(path) = ty else { return None };
    if !contains(path.syntax(), SyntaxKind::IDENT) {
        return None;
    }
    match parts(path.syntax()).as_slice() {
        [name] => match name.as_str() {
            "serial" | "serial4" => Some("integer"),
            "bigserial" | "serial8" => Some("bigint"),
            "smallserial" | "serial2" => Some("smallint"),
            _ => None,
        },
        _ => None,
    }
}

/// The built-in type `name`, one of those that this file names.
pub fn builtin(name: &str) -> DataType {
    DataType::builtin(name).unwrap_or_else(|| DataType::named(Name::local(name)))
}

fn of_column(session: &mut Session, percent: &ast::PercentType) -> DataType {
    let mut path = parts(percent.syntax());
    let column = path.pop();
    let table = path.pop().map(|name| Written { schema: path.pop(), name });
    let found = table.zip(column).and_then(|(table, column)| {
        let table = session.find(&table, |name| session.model.tables.contains_key(name));
        Some(session.model.tables.get(&table)?.column(column.as_str())?.ty.clone())
    });
    found.unwrap_or_else(|| {
        let written = session.text(percent.syntax());
        session.missing("column", written.trim_end_matches("%TYPE").trim_end_matches("%type"), percent.syntax());
        builtin("text")
    })
}

fn named(session: &Session, node: &SyntaxNode) -> DataType {
    let path = parts(node);
    let (schema, name) = match path.as_slice() {
        [.., schema, name] => (Some(schema.clone()), name.clone()),
        [name] => (None, name.clone()),
        [] => return builtin("text"),
    };
    let in_catalog = schema.as_ref().is_none_or(|schema| schema.as_str() == "pg_catalog");
    match built_in(name.as_str()).filter(|_| in_catalog) {
        Some(ty) if name.as_str() == "float" => float(session, ty, node),
        Some(ty) => with_arguments(session, ty, node, None),
        None => with_arguments(session, DataType::named(session.find_type(&Written { schema, name })), node, None),
    }
}

/// The built-in type `name`, whose array is `_name`. A *quoted* `char` reaches here, which is another type than `char`.
fn built_in(name: &str) -> Option<DataType> {
    match name.strip_prefix('_') {
        Some(element) => DataType::builtin(element).map(DataType::into_array),
        None if name == "char" => DataType::builtin("\"char\""),
        None => DataType::builtin(name),
    }
}

/// `float(n)` is `real` up to 24 bits of precision.
fn float(session: &Session, ty: DataType, node: &SyntaxNode) -> DataType {
    match arguments(session, node).and_then(|bits| bits.parse::<u32>().ok()) {
        Some(bits) if bits <= 24 => builtin("real"),
        _ => ty,
    }
}

fn with_arguments(session: &Session, ty: DataType, node: &SyntaxNode, default: Option<&str>) -> DataType {
    match arguments(session, node).or_else(|| default.map(str::to_owned)) {
        Some(precision) if ty.base == BaseType::Builtin("numeric".into()) && !precision.contains(',') => {
            ty.with_modifiers(format!("{precision},0"))
        }
        Some(modifiers) => ty.with_modifiers(modifiers),
        None => ty,
    }
}

fn arguments(session: &Session, node: &SyntaxNode) -> Option<String> {
    let list = child::<ast::ArgList>(node)?;
    let arguments: Vec<String> = list.args().map(|arg| fold(session.file.source(arg.syntax()))).collect();
    Some(arguments.join(","))
}

fn with_precision(session: &Session, ty: DataType, node: &SyntaxNode) -> DataType {
    match child::<ast::Literal>(node) {
        Some(precision) => ty.with_modifiers(session.text(precision.syntax())),
        None => ty,
    }
}

fn zoned(node: &SyntaxNode, without: &str, with: &str) -> DataType {
    builtin(if child::<ast::WithTimezone>(node).is_some() { with } else { without })
}
