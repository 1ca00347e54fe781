//! Operators: what their operands become, and what comes out.
//!
//! Source: "10.2. Operators" in PostgreSQL's documentation, `src/include/catalog/pg_operator.dat`. An operator or a
//! pair of types that is not settled here keeps its operands as they are written.

use super::literal::{as_constant, convert};
use super::scope::Scope;
use super::types::{Type, array_of, builtin, element_of, is, is_integer, is_number, is_text, wider};
use super::value::{Value, coerce};
use crate::syntax::expr::{Expr, TypeName};

/// `left op right`, elaborated.
pub fn binary(op: &str, left: Value, right: Value, scope: &Scope) -> Value {
    let (left, right, result) = match op {
        "=" | "<>" | "<" | ">" | "<=" | ">=" | "is distinct from" => {
            let (left, right) = compared(left, right, scope);
            (left, right, known("boolean"))
        }
        "+" | "-" | "*" | "/" | "%" | "^" => arithmetic(op, left, right, scope),
        "||" => concatenated(left, right, scope),
        "~" | "~*" | "!~" | "!~*" | "~~" | "!~~" | "~~*" | "!~~*" => matched(left, right, scope),
        "->" | "->>" | "#>" | "#>>" | "?" | "?|" | "?&" | "@?" | "#-" => json(op, left, right, scope),
        "@>" | "<@" | "&&" | "-|-" => contained(left, right, scope),
        "@@" => searched(left, right, scope),
        "&" | "|" | "#" | "<<" | ">>" => bits(op, left, right, scope),
        _ => own(op, left, right, scope),
    };
    Value::new(Expr::Binary(op.to_owned(), Box::new(left), Box::new(right)), result)
}

/// The operands of an operator that may be the schema's own.
fn own(op: &str, left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    let Some(types) = scope.operands(op) else { return (left.expr, right.expr, Type::Open) };
    let taken = |value: Value, ty: &TypeName| match &value.ty {
        Type::Open => value.expr,
        _ => coerce(value, ty),
    };
    (taken(left, &types.0), taken(right, &types.1), Type::Open)
}

/// An operator before its operand, elaborated.
pub fn prefix(op: &str, operand: Value, scope: &Scope) -> Value {
    let constant = as_constant(&operand.expr).filter(|(_, ty)| is_number(ty));
    if op == "-"
        && let Some((text, ty)) = constant
    {
        let negated = text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned);
        let negated = match ty.name.as_str() {
            "integer" | "bigint" => super::literal::number(&negated),
            _ => super::literal::constant(&negated, ty),
        };
        let ty = as_constant(&negated).map_or(operand.ty.clone(), |(_, ty)| Type::Known(ty.clone()));
        return Value::new(negated, ty);
    }
    if matches!(op, "|/" | "||/") {
        let root = Expr::Prefix(op.to_owned(), Box::new(coerce(operand, &builtin("double precision"))));
        return Value::of(root, "double precision");
    }
    let ty = match operand.base(scope) {
        Some(ty) if matches!(op, "-" | "+" | "~" | "@") => Type::Known(ty),
        _ => Type::Open,
    };
    Value::new(Expr::Prefix(op.to_owned(), Box::new(operand.expr)), ty)
}

fn known(name: &str) -> Type {
    Type::Known(builtin(name))
}

/// The operands of a comparison, in the type that it is made in.
pub fn compared(left: Value, right: Value, scope: &Scope) -> (Expr, Expr) {
    match (left.base(scope), right.base(scope)) {
        (Some(a), Some(b)) => match shared(&a, &b) {
            Some((a, b)) => (small(coerce(left, &a)), small(coerce(right, &b))),
            None => (left.expr, right.expr),
        },
        (Some(ty), None) if right.ty == Type::Literal => {
            let ty = comparable(&ty);
            (small(coerce(left, &ty)), small(coerce(right, &ty)))
        }
        (None, Some(ty)) if left.ty == Type::Literal => {
            let ty = comparable(&ty);
            (small(coerce(left, &ty)), small(coerce(right, &ty)))
        }
        (None, None) if left.ty == Type::Literal && right.ty == Type::Literal => {
            (coerce(left, &builtin("text")), coerce(right, &builtin("text")))
        }
        _ => (left.expr, right.expr),
    }
}

/// The type in which values of `ty` are compared: varchar has no operators of its own.
pub fn comparable(ty: &TypeName) -> TypeName {
    if is(ty, "varchar") { builtin("text") } else { ty.clone() }
}

/// What two types become so that they can be compared, each with each.
fn shared(a: &TypeName, b: &TypeName) -> Option<(TypeName, TypeName)> {
    let both = |ty: TypeName| Some((ty.clone(), ty));
    if a == b {
        return both(comparable(a));
    }
    if is_text(a) && is_text(b) {
        return both(builtin("text"));
    }
    if is_integer(a) && is_integer(b) {
        return Some((a.clone(), b.clone()));
    }
    if is_number(a) && is_number(b) {
        return Some((number_beside(a, b)?, number_beside(b, a)?));
    }
    match (is(a, "bpchar"), is(b, "bpchar")) {
        (true, false) if is(b, "text") => both(builtin("text")),
        (false, true) if is(a, "text") => both(builtin("text")),
        (true, false) if is(b, "varchar") => both(builtin("bpchar")),
        (false, true) if is(a, "varchar") => both(builtin("bpchar")),
        _ if is(a, "name") && is_text(b) => Some((a.clone(), builtin("text"))),
        _ if is(b, "name") && is_text(a) => Some((builtin("text"), b.clone())),
        _ => None,
    }
}

/// What a number becomes beside another: the wider type, but `real` meets everything as `double precision` does.
fn number_beside(a: &TypeName, b: &TypeName) -> Option<TypeName> {
    let floating = |ty: &TypeName| is(ty, "real") || is(ty, "double precision");
    Some(match (floating(a), floating(b)) {
        (true, _) => a.clone(),
        (false, true) => builtin("double precision"),
        (false, false) => wider(a, b)?,
    })
}

/// A whole constant in the smallest of its types: for a comparison its width makes no difference.
fn small(expr: Expr) -> Expr {
    match as_constant(&expr) {
        Some((text, ty)) if is_integer(ty) => super::literal::number(text),
        _ => expr,
    }
}

fn arithmetic(op: &str, left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    match (left.base(scope), right.base(scope)) {
        (Some(a), Some(b)) if is_number(&a) && is_number(&b) => numbers(op, (left, a), (right, b)),
        (Some(a), Some(b)) => {
            let result = moment(op, &a, &b).map_or(Type::Open, known);
            (left.expr, right.expr, result)
        }
        (Some(a), None) if right.ty == Type::Literal => match unsaid(op, &a) {
            Some((ty, result)) => (coerce(left, &a), coerce(right, &ty), Type::Known(result)),
            None => (left.expr, right.expr, Type::Open),
        },
        (None, Some(b)) if left.ty == Type::Literal && is_number(&b) => {
            (coerce(left, &b), coerce(right, &b), Type::Known(b))
        }
        _ => (left.expr, right.expr, Type::Open),
    }
}

fn numbers(op: &str, (left, a): (Value, TypeName), (right, b): (Value, TypeName)) -> (Expr, Expr, Type) {
    let float = builtin("double precision");
    if op == "^" {
        let ty = if is(&a, "numeric") || is(&b, "numeric") { wider(&a, &b) } else { Some(float.clone()) };
        let ty = ty.filter(|ty| !is(ty, "real")).unwrap_or(float);
        return (coerce(left, &ty), coerce(right, &ty), Type::Known(ty));
    }
    let Some(ty) = wider(&a, &b) else { return (left.expr, right.expr, Type::Open) };
    if op == "%" {
        // There is one for each type, and none for two.
        return (coerce(left, &ty), coerce(right, &ty), Type::Known(ty));
    }
    if is_integer(&ty) {
        return (coerce(left, &a), coerce(right, &b), Type::Known(ty));
    }
    match (number_beside(&a, &b), number_beside(&b, &a)) {
        (Some(a), Some(b)) => {
            let result = if a == b { a.clone() } else { float };
            (coerce(left, &a), coerce(right, &b), Type::Known(result))
        }
        _ => (left.expr, right.expr, Type::Open),
    }
}

/// What a bare literal is beside `ty`, and the result.
fn unsaid(op: &str, ty: &TypeName) -> Option<(TypeName, TypeName)> {
    let interval = builtin("interval");
    match (ty.name.as_str(), op) {
        _ if ty.array || ty.schema.is_some() => None,
        _ if is_number(ty) => Some((ty.clone(), ty.clone())),
        ("timestamp" | "timestamptz", "+") => Some((interval, ty.clone())),
        ("timestamp" | "timestamptz", "-") => Some((ty.clone(), interval)),
        ("interval", "+" | "-") => Some((ty.clone(), interval)),
        ("money", "+" | "-") => Some((ty.clone(), ty.clone())),
        ("date", "-") => Some((ty.clone(), builtin("integer"))),
        ("jsonb", "-") => Some((builtin("text"), ty.clone())),
        _ => None,
    }
}

/// The result of arithmetic with dates, times, intervals and amounts, whose operands need no casts.
fn moment(op: &str, a: &TypeName, b: &TypeName) -> Option<&'static str> {
    if a.array || b.array {
        return None;
    }
    Some(match (a.name.as_str(), op, b.name.as_str()) {
        ("date", "+" | "-", "integer") | ("integer", "+", "date") => "date",
        ("date", "-", "date") => "integer",
        ("date", "+" | "-", "interval") | ("interval", "+", "date") | ("date", "+", "time") => "timestamp",
        ("timestamp", "-", "timestamp") | ("timestamptz", "-", "timestamptz") => "interval",
        ("timestamp", "+" | "-", "interval") | ("interval", "+", "timestamp") => "timestamp",
        ("timestamptz", "+" | "-", "interval") | ("interval", "+", "timestamptz") => "timestamptz",
        ("interval", "+" | "-", "interval") => "interval",
        ("time", "+" | "-", "interval") => "time",
        ("time", "-", "time") => "interval",
        ("jsonb", "-", "text" | "integer") => "jsonb",
        ("money", "+" | "-", "money") => "money",
        ("money", "/", "money") => "double precision",
        _ => return None,
    })
}

fn concatenated(left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    let text = builtin("text");
    let (a, b) = (left.base(scope), right.base(scope));
    let textual = |ty: &Option<TypeName>| ty.as_ref().is_some_and(is_text);
    match (&a, &b) {
        (Some(a), Some(b)) if a.array && b.array && a == b => (left.expr, right.expr, Type::Known(a.clone())),
        (Some(a), Some(b)) if a.array && element_of(a) == *b => (left.expr, right.expr, Type::Known(a.clone())),
        (Some(a), Some(b)) if b.array && element_of(b) == *a => (left.expr, right.expr, Type::Known(b.clone())),
        (Some(a), Some(b)) if a == b && !is_text(a) && !a.array => (left.expr, right.expr, Type::Known(a.clone())),
        (Some(ty), None) if right.ty == Type::Literal && !is_text(ty) && sums(ty) => {
            (left.expr.clone(), coerce(right, ty), Type::Known(ty.clone()))
        }
        (None, Some(ty)) if left.ty == Type::Literal && !is_text(ty) && sums(ty) => {
            (coerce(left, ty), right.expr, Type::Known(ty.clone()))
        }
        // A number or an enum beside a bare literal is `anynonarray || text`.
        (Some(ty), None) if right.ty == Type::Literal && (is_number(ty) || scope.is_plain_enum(ty, "||")) => {
            (left.expr, coerce(right, &text), Type::Known(text))
        }
        (None, Some(ty)) if left.ty == Type::Literal && (is_number(ty) || scope.is_plain_enum(ty, "||")) => {
            (coerce(left, &text), right.expr, Type::Known(text))
        }
        // Text beside anything that is no array is text; the other side is turned by the operator itself.
        (Some(other), _) | (_, Some(other)) if (textual(&a) || textual(&b)) && !other.array => {
            let side = |value: Value, ty: &Option<TypeName>| {
                if textual(ty) || value.ty == Type::Literal { coerce(value, &text) } else { value.expr }
            };
            let certain = left.ty != Type::Open && right.ty != Type::Open;
            (side(left, &a), side(right, &b), if certain { Type::Known(text.clone()) } else { Type::Open })
        }
        (None, None) if left.ty == Type::Literal && right.ty == Type::Literal => {
            (coerce(left, &text), coerce(right, &text), Type::Known(text))
        }
        _ => (left.expr, right.expr, Type::Open),
    }
}

/// Whether a bare literal beside `ty` is taken for another of them.
fn sums(ty: &TypeName) -> bool {
    ty.array || is(ty, "jsonb") || is(ty, "tsvector") || is(ty, "bytea") || is(ty, "bit") || is(ty, "varbit")
}

fn matched(left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    let text = builtin("text");
    let left_type = left.base(scope);
    let keeps = |ty: &TypeName| is(ty, "bpchar") || is(ty, "name");
    match left_type {
        Some(ty) if is_text(&ty) => (coerce(left, &text), pattern(right, scope), known("boolean")),
        Some(ty) if keeps(&ty) => (left.expr, pattern(right, scope), known("boolean")),
        None if left.ty == Type::Literal => (coerce(left, &text), pattern(right, scope), known("boolean")),
        _ => (left.expr, right.expr, known("boolean")),
    }
}

fn pattern(value: Value, scope: &Scope) -> Expr {
    match value.base(scope) {
        Some(ty) if !is_text(&ty) => value.expr,
        _ => coerce(value, &builtin("text")),
    }
}

fn json(op: &str, left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    let own = left.base(scope);
    if own.as_ref().is_some_and(|ty| ty.name == "hstore" && !ty.array) && right.ty == Type::Literal {
        // A key is a text, several are an array of texts that says so itself.
        return (left.expr, coerce(right, &builtin("text")), Type::Open);
    }
    let Some(ty) = own.filter(|ty| is(ty, "json") || is(ty, "jsonb")) else {
        return (left.expr, right.expr, Type::Open);
    };
    let wanted = match op {
        "->" | "->>" | "?" => builtin("text"),
        "@?" => builtin("jsonpath"),
        _ => array_of(&builtin("text")),
    };
    let result = match op {
        "->" | "#>" | "#-" => Type::Known(ty),
        "->>" | "#>>" => known("text"),
        _ => known("boolean"),
    };
    let takes = right.ty == Type::Literal || right.base(scope).is_some_and(|ty| is_text(&ty) && !wanted.array);
    (left.expr.clone(), if takes { coerce(right, &wanted) } else { right.expr }, result)
}

fn contained(left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    let result = known("boolean");
    match (left.base(scope), right.base(scope)) {
        (Some(ty), None) if right.ty == Type::Literal => (left.expr, coerce(right, &ty), result),
        (None, Some(ty)) if left.ty == Type::Literal => (coerce(left, &ty), right.expr, result),
        _ => (left.expr, right.expr, result),
    }
}

/// A bare literal beside a vector is a query, and the reverse.
fn searched(left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    let other = |ty: &TypeName| match ty.name.as_str() {
        _ if ty.array || ty.schema.is_some() => None,
        "tsvector" => Some(builtin("tsquery")),
        "tsquery" => Some(builtin("tsvector")),
        _ => None,
    };
    let (a, b) = (left.base(scope).as_ref().and_then(other), right.base(scope).as_ref().and_then(other));
    match (a, b) {
        (Some(ty), None) if right.ty == Type::Literal => (left.expr, coerce(right, &ty), known("boolean")),
        // A literal before a query may be a text too, which comes first.
        (None, Some(ty)) if left.ty == Type::Literal && is(&ty, "tsquery") => {
            (coerce(left, &ty), right.expr, known("boolean"))
        }
        _ => (left.expr, right.expr, known("boolean")),
    }
}

fn bits(op: &str, left: Value, right: Value, scope: &Scope) -> (Expr, Expr, Type) {
    match (left.base(scope), right.base(scope)) {
        (Some(a), Some(b)) if is_integer(&a) && is_integer(&b) && matches!(op, "<<" | ">>") => {
            (left.expr, coerce(right, &builtin("integer")), Type::Known(a))
        }
        (Some(a), Some(b)) if is_integer(&a) && is_integer(&b) => match wider(&a, &b) {
            Some(ty) => (coerce(left, &ty), coerce(right, &ty), Type::Known(ty)),
            None => (left.expr, right.expr, Type::Open),
        },
        (Some(ty), None) if right.ty == Type::Literal && is(&ty, "inet") => {
            (left.expr, coerce(right, &ty), known("boolean"))
        }
        _ => (left.expr, right.expr, Type::Open),
    }
}

/// An array's items or a list's values beside `value`: all in the one type of the comparison.
///
/// `None` when that type is not certain, and everything stays as it is.
pub fn listed(value: &Value, items: &[Value], scope: &Scope) -> Option<(TypeName, TypeName)> {
    let mut ty = value.base(scope);
    for item in items {
        ty = match (ty, item.base(scope)) {
            (_, None) if item.ty == Type::Open => return None,
            (ty, None) => ty,
            (None, found) => found,
            (Some(a), Some(b)) if is_integer(&a) && is_integer(&b) => wider(&a, &b),
            (Some(a), Some(b)) => shared(&a, &b).map(|(_, b)| b),
        };
        ty.as_ref()?;
    }
    let ty = comparable(&ty?);
    let left = match value.base(scope) {
        // An integer column stays as wide as it is.
        Some(own) if is_integer(&own) && is_integer(&ty) => own,
        _ => ty.clone(),
    };
    Some((left, ty))
}

/// A list's item in type `ty`; whole constants in the smallest of their types.
pub fn item(value: Value, ty: &TypeName) -> Expr {
    let expr = coerce(value, ty);
    if is_integer(ty) { convert_small(expr) } else { expr }
}

fn convert_small(expr: Expr) -> Expr {
    match as_constant(&expr).and_then(|(text, from)| convert(text, from, &builtin("bigint"))) {
        Some(constant) => small(constant),
        None => expr,
    }
}
