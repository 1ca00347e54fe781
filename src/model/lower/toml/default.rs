//! Defaults: a typed literal, or an expression.

use super::expression;
use crate::diagnostic::Diagnostic;
use crate::model::Sql;
use crate::model::datatype::DataType;
use crate::syntax::expr;
use crate::syntax::toml::{DefaultNode, FieldNode, Literal, LiteralKind};

/// The default of `field` as SQL; what cannot be a default of its type is reported.
pub fn lower(field: &FieldNode, ty: &DataType, diagnostics: &mut Vec<Diagnostic>) -> Option<Sql> {
    match field.default.as_ref()? {
        DefaultNode::Sql(text) => expression::lower(text, "the default", diagnostics),
        DefaultNode::Literal(literal) => {
            question(field, literal, ty, diagnostics);
            Some(literal_sql(literal))
        }
    }
}

/// A default as SQL, unquestioned.
pub fn sql_of(default: &DefaultNode) -> Sql {
    match default {
        DefaultNode::Sql(text) => Sql::new(text.text.trim()),
        DefaultNode::Literal(literal) => literal_sql(literal),
    }
}

/// A literal as SQL spells it.
fn literal_sql(literal: &Literal) -> Sql {
    match literal.kind {
        LiteralKind::Text => Sql::new(format!("'{}'", literal.text.replace('\'', "''"))),
        LiteralKind::Integer | LiteralKind::Float | LiteralKind::Flag => Sql::new(literal.text.clone()),
    }
}

/// Reports a literal that the type cannot hold, that is none of the allowed values, or that looks like a call.
fn question(field: &FieldNode, literal: &Literal, ty: &DataType, diagnostics: &mut Vec<Diagnostic>) {
    let text = &literal.text;
    if literal.kind == LiteralKind::Text && expr::looks_like_call(text) {
        diagnostics.push(
            Diagnostic::warning(
                "default-looks-like-call",
                literal.span.clone(),
                format!("the default `{text}` is written as a literal: each row would hold this text"),
            )
            .help(format!("to call it, write `default = {{ sql = \"{}\" }}`", text.replace('"', "\\\"")))
            .help(format!("to keep the text, write `default = {{ sql = \"'{}'\" }}`", text.replace('\'', "''"))),
        );
    } else if let Some(expected) = misfit(literal, ty) {
        diagnostics.push(
            Diagnostic::error(
                "default-type",
                literal.span.clone(),
                format!("a field of type `{ty}` cannot have the default `{text}`"),
            )
            .help(format!("write {expected}")),
        );
    } else if !field.values.is_empty() && field.values.iter().all(|value| value.text != *text) {
        let values: Vec<String> = field.values.iter().map(|value| format!("`{}`", value.text)).collect();
        diagnostics.push(
            Diagnostic::error(
                "default-not-allowed",
                literal.span.clone(),
                format!("the default `{text}` is none of the field's values"),
            )
            .help(format!("write one of {}, or add `{text}` to `values`", values.join(", "))),
        );
    }
}

/// What a default of `ty` looks like, when `literal` cannot be one.
fn misfit(literal: &Literal, ty: &DataType) -> Option<&'static str> {
    let whole = || literal.text.trim().parse::<i128>().is_ok();
    let number = || literal.text.trim().parse::<f64>().is_ok();
    match (ty.scalar_builtin()?, literal.kind) {
        ("boolean", LiteralKind::Flag) => None,
        ("boolean", _) => Some("`true` or `false`, without quotes"),
        ("smallint" | "integer" | "bigint", _) if !whole() => Some("a whole number"),
        ("numeric" | "real" | "double precision", _) if !number() => Some("a number"),
        (
            "uuid" | "json" | "jsonb" | "date" | "timestamp" | "timestamptz",
            LiteralKind::Integer | LiteralKind::Float | LiteralKind::Flag,
        ) => Some("a string, or `{ sql = \"…\" }` for an expression"),
        ("text" | "varchar" | "char", LiteralKind::Flag) => Some("a string"),
        _ => None,
    }
}
