//! Elaboration: every coercion that PostgreSQL's analyser inserts is written out, every shorthand spelled out.
//!
//! The result is another way to say the same expression, near to what the server stores: it is sound by construction,
//! since nothing is taken away but what was said twice. Where a type is not known, nothing is inserted, and two
//! spellings stay two.

use super::call::call;
use super::literal::number;
use super::operator::{binary, compared, item, listed, prefix};
use super::query;
use super::scope::Scope;
use super::types::{Type, array_of, bare, builtin, common, element_of, is, is_text, normal, of_data_type};
use super::value::{Value, cast, coerce};
use crate::model::datatype::DataType;
use crate::syntax::expr::{Arg, Call, Expr, Piece, Query, Subscript, TypeName};

/// `expr`, elaborated, with its type.
pub fn elaborate(expr: &Expr, scope: &Scope) -> Value {
    match expr {
        Expr::Null | Expr::String(_) => Value::new(expr.clone(), Type::Literal),
        Expr::Bool(_) => Value::of(expr.clone(), "boolean"),
        Expr::Number(text) => {
            let constant = number(text);
            let ty = super::literal::as_constant(&constant).map_or(Type::Open, |(_, ty)| Type::Known(ty.clone()));
            Value::new(constant, ty)
        }
        Expr::Keyword(word) => keyword(word),
        Expr::Name(parts) => match scope.resolve(parts) {
            // A whole row says its type, which tells it from a list of columns.
            Some((parts, Type::Known(row))) if parts.last().is_some_and(|it| it == "*") => {
                Value::new(Expr::Cast(Box::new(Expr::Name(parts)), row.clone()), Type::Known(row))
            }
            Some((parts, ty)) => Value::new(Expr::Name(parts), ty),
            None => match scope.computed(parts) {
                Some(call) => elaborate(&call, scope),
                None => {
                    scope.note_lack(parts);
                    Value::open(expr.clone())
                }
            },
        },
        Expr::Call(inner) => call(inner, scope),
        Expr::Cast(inner, ty) => match inner.as_ref() {
            Expr::Array(items) if normal(ty).array && !items.is_empty() => array_as(items, &normal(ty), scope),
            Expr::Row(items) => {
                let row = row_as(items, ty, scope).map_or_else(|| elaborate(inner, scope), Value::open);
                cast(row, ty)
            }
            _ => cast(below(elaborate(inner, scope), ty, scope), ty),
        },
        Expr::And(items) => Value::of(Expr::And(flat(items, scope, true)), "boolean"),
        Expr::Or(items) => Value::of(Expr::Or(flat(items, scope, false)), "boolean"),
        Expr::Not(inner) => Value::of(Expr::Not(Box::new(condition(inner, scope))), "boolean"),
        Expr::Prefix(op, operand) => prefix(scope.operator(op), elaborate(operand, scope), scope),
        Expr::Binary(op, left, right) => operator(op, left, right, scope),
        Expr::Test(value, test) => {
            let value = elaborate(value, scope).expr;
            Value::of(Expr::Test(Box::new(value), test.clone()), "boolean")
        }
        Expr::Between { value, low, high, negated, symmetric } => {
            between([value, low, high], *negated, *symmetric, scope)
        }
        Expr::In { value, list, negated } => membership(value, list, *negated, scope),
        Expr::Any { value, op, all, set } => quantified(value, op, *all, set, scope),
        Expr::Array(items) => array(items, scope),
        Expr::Row(items) => Value::open(Expr::Row(items.iter().flat_map(|it| fields(it, scope)).collect())),
        Expr::Case { operand, branches, otherwise } => case(operand.as_deref(), branches, otherwise.as_deref(), scope),
        Expr::Index(base, subscript) => index(base, subscript, scope),
        Expr::Field(base, field) => {
            let base = elaborate(base, scope);
            let parts = base.ty.known().and_then(|ty| scope.parts(ty));
            let ty = parts.and_then(|parts| parts.into_iter().find(|(name, _)| name == field));
            let ty = ty.map_or(Type::Open, |(_, ty)| ty);
            Value::new(Expr::Field(Box::new(base.expr), field.clone()), ty)
        }
        Expr::Collate(inner, collation) => collate(inner, collation, scope),
        Expr::Subquery(inner) => {
            let (inner, columns) = query::elaborate(inner, scope);
            let ty = columns.list.into_iter().next().map_or(Type::Open, |(_, ty)| ty);
            Value::new(
                Expr::Subquery(Box::new(inner)),
                if ty == Type::Literal { Type::Known(builtin("text")) } else { ty },
            )
        }
        Expr::Exists(inner) => Value::of(Expr::Exists(subquery(inner, scope)), "boolean"),
        Expr::ArrayQuery(inner) => Value::open(Expr::ArrayQuery(subquery(inner, scope))),
        Expr::Raw(pieces) => Value::open(Expr::Raw(self::pieces(pieces, scope))),
    }
}

/// `expr` where a boolean is wanted.
pub fn condition(expr: &Expr, scope: &Scope) -> Expr {
    coerce(elaborate(expr, scope), &builtin("boolean"))
}

/// `value` on its way to `ty`: what becomes a domain's is of the type below it first, where that is one of text or bare.
/// Source: `coerce_type` in `src/backend/parser/parse_coerce.c`.
pub fn below(value: Value, ty: &TypeName, scope: &Scope) -> Value {
    let base = scope.base(ty);
    let goes = match (&value.ty, &value.expr) {
        (Type::Literal, Expr::String(_)) => true,
        (Type::Known(from), _) => is_text(from) && is_text(&base),
        _ => false,
    };
    if goes && base != normal(ty) && base == bare(&base) { cast(value, &base) } else { value }
}

/// The expressions among `pieces`, elaborated.
pub fn pieces(pieces: &[Piece], scope: &Scope) -> Vec<Piece> {
    let scope = &*scope.among_words();
    let piece = |piece: &Piece| match piece {
        Piece::Word(word) => Piece::Word(word.clone()),
        Piece::Expr(expr) => Piece::Expr(elaborate(expr, scope).expr),
        Piece::Query(inner) => Piece::Query(query::elaborate(inner, scope).0),
    };
    pieces.iter().map(piece).collect()
}

fn subquery(inner: &Query, scope: &Scope) -> Box<Query> {
    Box::new(query::elaborate(inner, scope).0)
}

/// Key words that name the same value become one.
fn keyword(word: &str) -> Value {
    match word {
        "current_timestamp" => Value::of(plain("now", Vec::new()), "timestamptz"),
        "user" | "current_role" => keyword("current_user"),
        "current_catalog" => Value::of(plain("current_database", Vec::new()), "name"),
        _ => Value::new(Expr::Keyword(word.to_owned()), Scope::keyword(word)),
    }
}

fn plain(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|value| Arg { name: None, variadic: false, value }).collect();
    Expr::Call(Call { name: vec![name.to_owned()], args, ..Call::default() })
}

/// An item of a row; `source.*` is all the source's columns there.
fn fields(item: &Expr, scope: &Scope) -> Vec<Expr> {
    match item {
        Expr::Name(parts) if parts.last().is_some_and(|it| it == "*") => match scope.fields(parts) {
            Some(columns) => columns.into_iter().map(Expr::Name).collect(),
            None => vec![item.clone()],
        },
        _ => vec![elaborate(item, scope).expr],
    }
}

/// The operands of AND (or OR), with those of the same operator below them.
fn flat(items: &[Expr], scope: &Scope, and: bool) -> Vec<Expr> {
    let mut all = Vec::new();
    for item in items {
        match (condition(item, scope), and) {
            (Expr::And(inner), true) | (Expr::Or(inner), false) => all.extend(inner),
            (other, _) => all.push(other),
        }
    }
    all
}

fn not(value: Value) -> Value {
    Value::of(Expr::Not(Box::new(value.expr)), "boolean")
}

fn operator(op: &str, left: &Expr, right: &Expr, scope: &Scope) -> Value {
    let op = match scope.operator(op) {
        "like" => "~~",
        "not like" => "!~~",
        "ilike" => "~~*",
        "not ilike" => "!~~*",
        other => other,
    };
    match (op, left, right) {
        ("is not distinct from", ..) => not(operator("is distinct from", left, right, scope)),
        ("at time zone", ..) => elaborate(&plain("timezone", vec![right.clone(), left.clone()]), scope),
        ("escape", ..) => elaborate(&plain("like_escape", vec![left.clone(), right.clone()]), scope),
        ("similar to" | "not similar to", ..) => {
            let args = match right {
                Expr::Binary(escape, pattern, sign) if escape == "escape" => vec![*pattern.clone(), *sign.clone()],
                other => vec![other.clone()],
            };
            let op = if op == "similar to" { "~" } else { "!~" };
            operator(op, left, &plain("similar_to_escape", args), scope)
        }
        ("=", Expr::Row(left), Expr::Row(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).map(|(a, b)| operator("=", a, b, scope).expr).collect();
            Value::of(Expr::And(pairs), "boolean")
        }
        ("<", Expr::Row(left), Expr::Row(right)) | (">", Expr::Row(left), Expr::Row(right))
            if left.len() == right.len() =>
        {
            let (left, right) =
                left.iter().zip(right).map(|(a, b)| compared(elaborate(a, scope), elaborate(b, scope), scope)).unzip();
            let rows = (Box::new(Expr::Row(left)), Box::new(Expr::Row(right)));
            Value::of(Expr::Binary(op.to_owned(), rows.0, rows.1), "boolean")
        }
        _ => binary(op, elaborate(left, scope), elaborate(right, scope), scope),
    }
}

/// Source: `transformAExprBetween` in `src/backend/parser/parse_expr.c`.
fn between([value, low, high]: [&Expr; 3], negated: bool, symmetric: bool, scope: &Scope) -> Value {
    let range = |low: &Expr, high: &Expr| {
        let (below, above) = if negated { ("<", ">") } else { (">=", "<=") };
        let parts = vec![operator(below, value, low, scope).expr, operator(above, value, high, scope).expr];
        if negated { Expr::Or(parts) } else { Expr::And(parts) }
    };
    let one = range(low, high);
    let expr = match (symmetric, negated) {
        (false, _) => one,
        (true, false) => Expr::Or(vec![one, range(high, low)]),
        (true, true) => Expr::And(vec![one, range(high, low)]),
    };
    Value::of(expr, "boolean")
}

/// `IN (…)`: an array for the values that are no columns, comparisons for the rest.
///
/// Source: `transformAExprIn` in `src/backend/parser/parse_expr.c`.
fn membership(value: &Expr, list: &[Expr], negated: bool, scope: &Scope) -> Value {
    let op = if negated { "<>" } else { "=" };
    let rows = matches!(value, Expr::Row(_)) || list.iter().any(|it| matches!(it, Expr::Row(_)));
    let (columns, plain): (Vec<&Expr>, Vec<&Expr>) = list.iter().partition(|it| rows || holds_column(it));
    let mut tests = Vec::new();
    let mut singles = list.iter().collect();
    if plain.len() > 1 {
        let left = elaborate(value, scope);
        let items = plain.iter().map(|it| elaborate(it, scope)).collect();
        tests.push(any_of(left, op, negated, items, scope));
        singles = columns;
    }
    tests.extend(singles.iter().map(|it| row_aware(op, value, it, scope)));
    let expr = match (tests.len(), negated) {
        (1, _) => tests.swap_remove(0),
        (_, true) => Expr::And(tests),
        (_, false) => Expr::Or(tests),
    };
    Value::of(expr, "boolean")
}

fn row_aware(op: &str, left: &Expr, right: &Expr, scope: &Scope) -> Expr {
    match (op, left, right) {
        ("<>", Expr::Row(_), Expr::Row(_)) => not(operator("=", left, right, scope)).expr,
        _ => operator(op, left, right, scope).expr,
    }
}

/// Whether a column is spoken of, at a depth that lists reach.
fn holds_column(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) | Expr::Subquery(_) | Expr::Field(..) | Expr::Index(..) => true,
        Expr::Cast(inner, _) | Expr::Prefix(_, inner) | Expr::Not(inner) | Expr::Collate(inner, _) => {
            holds_column(inner)
        }
        Expr::Call(call) => call.args.iter().any(|arg| holds_column(&arg.value)),
        Expr::Binary(_, left, right) => holds_column(left) || holds_column(right),
        _ => false,
    }
}

/// `left op ANY (ARRAY[items])`; with one item the comparison itself.
fn any_of(left: Value, op: &str, all: bool, mut items: Vec<Value>, scope: &Scope) -> Expr {
    if items.len() == 1 {
        return binary(op, left, items.swap_remove(0), scope).expr;
    }
    let (left, items) = match listed(&left, &items, scope) {
        Some((own, ty)) => (coerce(left, &own), items.into_iter().map(|it| item(it, &ty)).collect()),
        None => (left.expr, items.into_iter().map(|it| it.expr).collect()),
    };
    let set = Box::new(Expr::Array(items));
    Expr::Any { value: Box::new(left), op: op.to_owned(), all, set }
}

fn quantified(value: &Expr, op: &str, all: bool, set: &Expr, scope: &Scope) -> Value {
    let op = match scope.operator(op) {
        "like" => "~~",
        "ilike" => "~~*",
        "not like" => "!~~",
        "not ilike" => "!~~*",
        other => other,
    };
    if let (Expr::Subquery(_), "<>", true) = (set, op, all) {
        return not(quantified(value, "=", false, set, scope));
    }
    let left = elaborate(value, scope);
    let set = match set {
        Expr::String(text) => match left.base(scope) {
            Some(ty) => cast(
                Value::new(Expr::String(text.clone()), Type::Literal),
                &array_of(&super::operator::comparable(&ty)),
            ),
            None => elaborate(set, scope),
        },
        _ => elaborate(set, scope),
    };
    let comparison = matches!(op, "=" | "<>" | "<" | ">" | "<=" | ">=");
    let expr = match (&set.expr, &set.ty) {
        (Expr::Array(items), ty) if comparison && !items.iter().any(|it| matches!(it, Expr::Array(_))) => {
            let ty = ty.known().map_or(Type::Open, |ty| Type::Known(element_of(ty)));
            let item = |it: &Expr| Value::new(it.clone(), if *it == Expr::Null { Type::Literal } else { ty.clone() });
            any_of(left, op, all, items.iter().map(item).collect(), scope)
        }
        (_, Type::Known(ty)) if ty.array => {
            let element = element_of(&bare(&scope.base(ty)));
            let member = Value::new(Expr::Null, Type::Known(element));
            let wanted = match binary(op, left.clone(), member, scope).expr {
                Expr::Binary(_, left, right) => Some((*left, cast_target(&right))),
                _ => None,
            };
            match wanted {
                Some((left, target)) => {
                    let set = match target {
                        Some(target) => coerce(set, &array_of(&target)),
                        None => set.expr,
                    };
                    Expr::Any { value: Box::new(left), op: op.to_owned(), all, set: Box::new(set) }
                }
                None => Expr::Any { value: Box::new(left.expr), op: op.to_owned(), all, set: Box::new(set.expr) },
            }
        }
        _ => Expr::Any { value: Box::new(left.expr), op: op.to_owned(), all, set: Box::new(set.expr) },
    };
    Value::of(expr, "boolean")
}

/// The type that NULL was cast to, if it was.
fn cast_target(expr: &Expr) -> Option<TypeName> {
    match expr {
        Expr::Cast(inner, ty) if **inner == Expr::Null => Some(ty.clone()),
        _ => None,
    }
}

fn array(items: &[Expr], scope: &Scope) -> Value {
    let values: Vec<Value> = items.iter().map(|it| elaborate(it, scope)).collect();
    if values.is_empty() {
        return Value::open(Expr::Array(Vec::new()));
    }
    match common(values.iter().map(|it| &it.ty)) {
        Some(ty) if values.iter().all(|it| it.ty == Type::Literal) => {
            // Left bare, so that a cast of the array reaches the elements; on its own it is text.
            let items = values.into_iter().map(|it| coerce(it, &ty)).collect();
            Value::new(Expr::Array(items), Type::Known(array_of(&ty)))
        }
        Some(ty) if ty.array => {
            Value::new(Expr::Array(values.into_iter().map(|it| it.expr).collect()), Type::Known(ty))
        }
        Some(ty) => {
            let items = values.into_iter().map(|it| coerce(it, &ty)).collect();
            Value::new(Expr::Array(items), Type::Known(array_of(&ty)))
        }
        None => Value::open(Expr::Array(values.into_iter().map(|it| it.expr).collect())),
    }
}

/// An array's constructor under a cast: the cast reaches the elements before they are typed.
fn array_as(items: &[Expr], ty: &TypeName, scope: &Scope) -> Value {
    let element = element_of(ty);
    let item = |item: &Expr| match item {
        Expr::Array(inner) if !inner.is_empty() => array_as(inner, ty, scope).expr,
        other => cast(elaborate(other, scope), &element).expr,
    };
    Value::new(Expr::Array(items.iter().map(item).collect()), Type::Known(ty.clone()))
}

/// A row where the composite type `ty` is wanted: each item is assigned to its attribute. Source:
/// `coerce_record_to_complex` in `src/backend/parser/parse_coerce.c`.
fn row_as(items: &[Expr], ty: &TypeName, scope: &Scope) -> Option<Expr> {
    let attributes = scope.attributes(&scope.base(ty)).filter(|found| found.len() == items.len())?;
    let item = |(item, ty): (&Expr, &DataType)| match assigned(item, ty, scope) {
        // The server shows the attribute's own length with a constant.
        Expr::Cast(inner, own) if own == of_data_type(ty) => Expr::Cast(inner, bare(&own)),
        other => other,
    };
    Some(Expr::Row(items.iter().zip(attributes).map(item).collect()))
}

fn case(operand: Option<&Expr>, branches: &[(Expr, Expr)], otherwise: Option<&Expr>, scope: &Scope) -> Value {
    let results: Vec<Value> = branches
        .iter()
        .map(|(_, then)| elaborate(then, scope))
        .chain([elaborate(otherwise.unwrap_or(&Expr::Null), scope)])
        .collect();
    let ty = common(results.iter().map(|it| &it.ty));
    let mut results: Vec<Expr> = results
        .into_iter()
        .map(|it| ty.as_ref().map_or_else(|| it.expr.clone(), |ty| coerce(it.clone(), ty)))
        .collect();
    let otherwise = results.pop().map(Box::new);
    let left = operand.map(|operand| elaborate(operand, scope));
    let when = |when: &Expr| match &left {
        Some(left) => compared(left.clone(), elaborate(when, scope), scope).1,
        None => condition(when, scope),
    };
    let branches = branches.iter().map(|(it, _)| when(it)).zip(results).collect();
    let operand = left.map(|left| Box::new(left.expr));
    Value::new(Expr::Case { operand, branches, otherwise }, ty.map_or(Type::Open, Type::Known))
}

fn index(base: &Expr, subscript: &Subscript, scope: &Scope) -> Value {
    let base = elaborate(base, scope);
    let inner = |it: &Expr| {
        let value = elaborate(it, scope);
        let json = base.base(scope).is_some_and(|ty| is(&ty, "jsonb"));
        Box::new(if json { coerce(value, &builtin("text")) } else { value.expr })
    };
    let (subscript, ty) = match subscript {
        Subscript::At(at) => {
            let ty = base.base(scope).map_or(Type::Open, |ty| Type::Known(if ty.array { element_of(&ty) } else { ty }));
            (Subscript::At(inner(at)), ty)
        }
        Subscript::Slice(low, high) => {
            (Subscript::Slice(low.as_deref().map(inner), high.as_deref().map(inner)), base.ty.clone())
        }
    };
    Value::new(Expr::Index(Box::new(base.expr), subscript), ty)
}

/// A collation makes text of varchar. Source: `transformCollateClause` keeps the type, operators then relabel inside.
fn collate(inner: &Expr, collation: &[String], scope: &Scope) -> Value {
    let mut value = elaborate(inner, scope);
    if value.ty == Type::Literal {
        value = Value::of(coerce(value, &builtin("text")), "text");
    }
    let collation = match collation {
        [schema, name] if schema == "pg_catalog" || schema == "public" => vec![name.clone()],
        other => other.to_vec(),
    };
    let ty = value.base(scope);
    let expr = match &ty {
        Some(ty) if is_text(ty) => coerce(value, &builtin("text")),
        _ => value.expr,
    };
    let ty = ty.map_or(Type::Open, |ty| Type::Known(super::operator::comparable(&ty)));
    Value::new(Expr::Collate(Box::new(expr), collation), ty)
}

/// `expr` as it is assigned to something of type `ty`: with the cast that the assignment is, unless it has that type.
///
/// Only a cast without a length is added, since one with a length cuts where an assignment complains.
pub fn assigned(expr: &Expr, ty: &DataType, scope: &Scope) -> Expr {
    assigned_as(expr, &of_data_type(ty), scope)
}

/// The same where the type is known by its name in expressions.
pub fn assigned_as(expr: &Expr, ty: &TypeName, scope: &Scope) -> Expr {
    let ty = bare(&scope.base(ty));
    if let Expr::Row(items) = expr
        && let Some(row) = row_as(items, &ty, scope)
    {
        return row;
    }
    let value = elaborate(expr, scope);
    let same = value.base(scope).is_some_and(|own| own == ty);
    match &value.expr {
        _ if same => value.expr,
        // A cast with a length was said, and decides the value.
        Expr::Cast(_, own) if own.modifiers.is_some() && bare(own) == ty => value.expr,
        _ => cast(value, &ty).expr,
    }
}
