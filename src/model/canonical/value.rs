//! An elaborated expression with its type, and the coercions that PostgreSQL inserts.

use super::literal::{as_constant, constant, convert};
use super::scope::Scope;
use super::types::{Type, bare, builtin, element_of, normal};
use crate::syntax::expr::{Expr, TypeName};

/// An expression, elaborated, with what is known of its type.
#[derive(Clone, Debug)]
pub struct Value {
    /// The expression.
    pub expr: Expr,
    /// Its type.
    pub ty: Type,
}

impl Value {
    /// `expr` of type `ty`.
    pub fn new(expr: Expr, ty: Type) -> Value {
        Value { expr, ty }
    }

    /// `expr` of the built-in type `name`.
    pub fn of(expr: Expr, name: &str) -> Value {
        Value { expr, ty: Type::Known(builtin(name)) }
    }

    /// `expr`, of whose type nothing is known.
    pub fn open(expr: Expr) -> Value {
        Value { expr, ty: Type::Open }
    }

    /// The type below any domain and without modifiers, when it is known.
    pub fn base(&self, scope: &Scope) -> Option<TypeName> {
        self.ty.known().map(|ty| bare(&scope.base(ty)))
    }
}

/// `value` where PostgreSQL wants `ty`: literals take the type, other types are cast, what is not known stays.
pub fn coerce(value: Value, ty: &TypeName) -> Expr {
    match &value.ty {
        Type::Open => value.expr,
        Type::Known(from) if bare(from) == bare(ty) => value.expr,
        _ => cast(value, ty).expr,
    }
}

/// `value::ty`, as far as it can be carried out here.
pub fn cast(value: Value, ty: &TypeName) -> Value {
    let ty = normal(ty);
    let expr = match (&value.ty, &value.expr) {
        (Type::Literal, Expr::String(text)) => constant(text, &ty),
        (Type::Known(from), _) if bare(from) == ty => value.expr,
        // A length that the value has already is not applied again. Source: `coerce_type_typmod` in `parse_coerce.c`.
        (Type::Known(from), Expr::Name(_) | Expr::Cast(..)) if *from == ty => value.expr,
        (_, Expr::Null) => Expr::Cast(Box::new(Expr::Null), ty.clone()),
        (_, Expr::Cast(inner, _)) if **inner == Expr::Null => Expr::Cast(inner.clone(), ty.clone()),
        (_, Expr::Cast(inner, _)) if ty.array && **inner == Expr::Array(Vec::new()) => {
            Expr::Cast(inner.clone(), bare(&ty))
        }
        (_, Expr::Array(items)) if ty.array => array(items, &value.ty, &ty),
        _ => relabel(value.expr, &ty),
    };
    Value::new(expr, Type::Known(ty))
}

/// The cast of an array's constructor is a cast of each element. Source: `transformArrayExpr` in `parse_expr.c`.
fn array(items: &[Expr], from: &Type, ty: &TypeName) -> Expr {
    if items.is_empty() {
        return Expr::Cast(Box::new(Expr::Array(Vec::new())), bare(ty));
    }
    let element = element_of(ty);
    let item_type = match from {
        Type::Known(from) => Type::Known(element_of(from)),
        other => other.clone(),
    };
    let item = |item: &Expr| {
        let nested = matches!(item, Expr::Array(_));
        cast(Value::new(item.clone(), item_type.clone()), if nested { ty } else { &element }).expr
    };
    Expr::Array(items.iter().map(item).collect())
}

/// A cast that stays one, unless it is of a constant whose value is certain.
fn relabel(expr: Expr, to: &TypeName) -> Expr {
    match as_constant(&expr).and_then(|(text, from)| convert(text, from, to)) {
        Some(converted) => converted,
        None => Expr::Cast(Box::new(expr), to.clone()),
    }
}
