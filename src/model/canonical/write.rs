//! Writes an expression or a query in one layout, every operator with its parentheses.

use super::literal::as_constant;
use super::write_query::write_query;
use crate::model::name::Ident;
use crate::syntax::expr::{Arg, Call, Expr, Piece, Query, Subscript, TypeName};

/// `expr` as SQL.
pub fn expression(expr: &Expr) -> String {
    let mut out = String::new();
    write(expr, &mut out);
    out
}

/// `query` as SQL.
pub fn query(query: &Query) -> String {
    let mut out = String::new();
    write_query(query, &mut out);
    out
}

/// The words, expressions and queries of a statement as SQL.
pub fn pieces(pieces: &[Piece]) -> String {
    let mut out = String::new();
    write_pieces(pieces, &mut out);
    out
}

/// Writes `items` with `between` between them.
pub fn list<T>(items: &[T], between: &str, out: &mut String, mut each: impl FnMut(&T, &mut String)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(between);
        }
        each(item, out);
    }
}

/// A name in an expression, with quotes where it needs them.
pub fn ident(name: &str) -> String {
    if name == "*" { name.to_owned() } else { Ident::new(name).to_string() }
}

/// Names with dots between them.
pub fn path(parts: &[String]) -> String {
    parts.iter().map(|it| ident(it)).collect::<Vec<_>>().join(".")
}

fn string(text: &str, out: &mut String) {
    out.push('\'');
    out.push_str(&text.replace('\'', "''"));
    out.push('\'');
}

/// Writes a type.
pub fn type_name(ty: &TypeName, out: &mut String) {
    if let Some(schema) = &ty.schema {
        out.push_str(&ident(schema));
        out.push('.');
    }
    let builtin = ty.name.starts_with('"') || crate::model::datatype::canonical_builtin(&ty.name).is_some();
    out.push_str(&match ty.name.as_str() {
        // Without quotes it would have a length of one.
        "bit" if ty.modifiers.is_none() => "\"bit\"".to_owned(),
        name if builtin && ty.schema.is_none() => name.to_owned(),
        name => ident(name),
    });
    match &ty.modifiers {
        Some(fields) if ty.name == "interval" && fields.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            out.push(' ');
            out.push_str(fields);
        }
        Some(modifiers) => {
            out.push('(');
            out.push_str(modifiers);
            out.push(')');
        }
        None => {}
    }
    if ty.array {
        out.push_str("[]");
    }
}

/// Writes `expr` behind `out`.
pub fn write(expr: &Expr, out: &mut String) {
    match expr {
        Expr::Null => out.push_str("NULL"),
        Expr::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Expr::Number(text) => out.push_str(text),
        Expr::String(text) => string(text, out),
        Expr::Keyword(word) => out.push_str(word),
        Expr::Name(parts) => out.push_str(&path(parts)),
        Expr::Call(call) => write_call(call, out),
        Expr::Cast(inner, ty) => cast(expr, inner, ty, out),
        Expr::And(items) => nested(items, " AND ", out),
        Expr::Or(items) => nested(items, " OR ", out),
        Expr::Not(inner) => {
            out.push_str("(NOT ");
            write(inner, out);
            out.push(')');
        }
        Expr::Prefix(op, operand) => {
            out.push('(');
            out.push_str(op);
            out.push(' ');
            write(operand, out);
            out.push(')');
        }
        Expr::Binary(op, left, right) => {
            out.push('(');
            write(left, out);
            operator(op, out);
            write(right, out);
            out.push(')');
        }
        Expr::Test(value, test) => {
            out.push('(');
            write(value, out);
            out.push(' ');
            out.push_str(&test.to_uppercase());
            out.push(')');
        }
        Expr::Between { value, low, high, negated, symmetric } => {
            out.push('(');
            write(value, out);
            out.push_str(if *negated { " NOT BETWEEN " } else { " BETWEEN " });
            out.push_str(if *symmetric { "SYMMETRIC " } else { "" });
            write(low, out);
            out.push_str(" AND ");
            write(high, out);
            out.push(')');
        }
        Expr::In { value, list: items, negated } => {
            out.push('(');
            write(value, out);
            out.push_str(if *negated { " NOT IN (" } else { " IN (" });
            list(items, ", ", out, write);
            out.push_str("))");
        }
        Expr::Any { value, op, all, set } => {
            out.push('(');
            write(value, out);
            operator(op, out);
            out.push_str(if *all { "ALL (" } else { "ANY (" });
            match set.as_ref() {
                Expr::Subquery(inner) => write_query(inner, out),
                other => write(other, out),
            }
            out.push_str("))");
        }
        Expr::Array(items) => {
            out.push_str("ARRAY[");
            list(items, ", ", out, write);
            out.push(']');
        }
        Expr::Row(items) => {
            out.push_str("ROW(");
            list(items, ", ", out, write);
            out.push(')');
        }
        Expr::Case { operand, branches, otherwise } => case(operand.as_deref(), branches, otherwise.as_deref(), out),
        Expr::Index(base, subscript) => index(base, subscript, out),
        Expr::Field(base, field) => {
            parenthesised(base, out);
            out.push('.');
            out.push_str(&ident(field));
        }
        Expr::Collate(inner, collation) => {
            out.push('(');
            write(inner, out);
            out.push_str(" COLLATE ");
            out.push_str(&path(collation));
            out.push(')');
        }
        Expr::Subquery(inner) => bracketed("(", inner, out),
        Expr::Exists(inner) => bracketed("EXISTS (", inner, out),
        Expr::ArrayQuery(inner) => bracketed("ARRAY(", inner, out),
        Expr::Raw(pieces) => write_pieces(pieces, out),
    }
}

/// Writes a query in brackets, behind `before`.
pub fn bracketed(before: &str, inner: &Query, out: &mut String) {
    out.push_str(before);
    write_query(inner, out);
    out.push(')');
}

fn parenthesised(expr: &Expr, out: &mut String) {
    out.push('(');
    write(expr, out);
    out.push(')');
}

fn nested(items: &[Expr], between: &str, out: &mut String) {
    out.push('(');
    list(items, between, out, write);
    out.push(')');
}

fn operator(op: &str, out: &mut String) {
    out.push(' ');
    out.push_str(&op.to_uppercase());
    out.push(' ');
}

/// Constants that say their type themselves go without a cast, as the server prints them.
fn cast(whole: &Expr, inner: &Expr, ty: &TypeName, out: &mut String) {
    if let Some((text, ty)) = as_constant(whole)
        && !ty.array
        && !text.starts_with('-')
        && ((ty.name == "integer" && text.parse::<i32>().is_ok())
            || (ty.name == "numeric" && ty.modifiers.is_none() && text.contains('.') && text.parse::<f64>().is_ok()))
    {
        return out.push_str(text);
    }
    match inner {
        Expr::String(text) => string(text, out),
        Expr::Null | Expr::Array(_) => write(inner, out),
        other => parenthesised(other, out),
    }
    out.push_str("::");
    type_name(ty, out);
}

fn case(operand: Option<&Expr>, branches: &[(Expr, Expr)], otherwise: Option<&Expr>, out: &mut String) {
    out.push_str("CASE");
    if let Some(operand) = operand {
        out.push(' ');
        write(operand, out);
    }
    for (when, then) in branches {
        out.push_str(" WHEN ");
        write(when, out);
        out.push_str(" THEN ");
        write(then, out);
    }
    if let Some(otherwise) = otherwise {
        out.push_str(" ELSE ");
        write(otherwise, out);
    }
    out.push_str(" END");
}

fn index(base: &Expr, subscript: &Subscript, out: &mut String) {
    match base {
        Expr::Name(_) | Expr::Index(..) => write(base, out),
        other => parenthesised(other, out),
    }
    out.push('[');
    match subscript {
        Subscript::At(at) => write(at, out),
        Subscript::Slice(low, high) => {
            if let Some(low) = low {
                write(low, out);
            }
            out.push(':');
            if let Some(high) = high {
                write(high, out);
            }
        }
    }
    out.push(']');
}

fn write_call(call: &Call, out: &mut String) {
    if let ([name], [field, value]) = (call.name.as_slice(), call.args.as_slice())
        && name == "extract"
        && let Some((text, _)) = as_constant(&field.value)
    {
        out.push_str("extract(");
        out.push_str(text);
        out.push_str(" FROM ");
        write(&value.value, out);
        return out.push(')');
    }
    match call.name.as_slice() {
        // These are syntax, not functions: with quotes they would be looked up.
        [name]
            if matches!(name.as_str(), "coalesce" | "greatest" | "least" | "nullif" | "grouping")
                || name.starts_with("current_")
                || name.starts_with("local") =>
        {
            out.push_str(name);
        }
        name => out.push_str(&path(name)),
    }
    out.push('(');
    out.push_str(if call.distinct { "DISTINCT " } else { "" });
    out.push_str(if call.star { "*" } else { "" });
    list(&call.args, ", ", out, |arg: &Arg, out| {
        if let Some(name) = &arg.name {
            out.push_str(&ident(name));
            out.push_str(" => ");
        }
        out.push_str(if arg.variadic { "VARIADIC " } else { "" });
        write(&arg.value, out);
    });
    let inside = call.tail.first() == Some(&Piece::Word("order".to_owned()));
    if inside {
        out.push(' ');
        let end = inner_end(&call.tail);
        write_pieces(&call.tail[..end], out);
        out.push(')');
        if end < call.tail.len() {
            out.push(' ');
            write_pieces(&call.tail[end..], out);
        }
        return;
    }
    out.push(')');
    if !call.tail.is_empty() {
        out.push(' ');
        write_pieces(&call.tail, out);
    }
}

/// Where the ORDER BY among a call's arguments ends and FILTER or OVER begins.
fn inner_end(tail: &[Piece]) -> usize {
    let clause =
        |piece: &Piece| matches!(piece, Piece::Word(word) if matches!(word.as_str(), "filter" | "over" | "within"));
    tail.iter().position(clause).unwrap_or(tail.len())
}

/// Writes the words, expressions and queries of a statement.
pub fn write_pieces(pieces: &[Piece], out: &mut String) {
    list(pieces, " ", out, |piece, out| match piece {
        Piece::Word(word) => out.push_str(word),
        Piece::Expr(expr) => write(expr, out),
        Piece::Query(inner) => write_query(inner, out),
    });
}
