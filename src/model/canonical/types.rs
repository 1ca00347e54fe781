//! Types inside expressions: one spelling for each, and which type PostgreSQL settles on for two.
//!
//! Source: PostgreSQL documentation, chapter 10 "Type Conversion"; `src/backend/parser/parse_coerce.c`.

use crate::model::datatype::{BaseType, DataType, canonical_builtin, is_taken};
use crate::syntax::expr::TypeName;

/// What is known of an expression's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// This one.
    Known(TypeName),
    /// A bare literal: it takes the type that its surroundings ask for.
    Literal,
    /// Not known here.
    Open,
}

impl Type {
    /// The type, when it is known.
    pub fn known(&self) -> Option<&TypeName> {
        match self {
            Type::Known(ty) => Some(ty),
            _ => None,
        }
    }
}

/// The built-in type `name`, in its canonical spelling.
pub fn builtin(name: &str) -> TypeName {
    TypeName { schema: None, name: name.to_owned(), modifiers: None, array: false }
}

/// The array of `ty`.
pub fn array_of(ty: &TypeName) -> TypeName {
    TypeName { array: true, ..ty.clone() }
}

/// What an array of type `ty` holds.
pub fn element_of(ty: &TypeName) -> TypeName {
    TypeName { array: false, ..ty.clone() }
}

/// `ty` without modifiers.
pub fn bare(ty: &TypeName) -> TypeName {
    TypeName { modifiers: None, ..ty.clone() }
}

/// One spelling for a type that an expression names: `int4` is `integer`, `_text` is `text[]`, `char` is `bpchar(1)`.
pub fn normal(ty: &TypeName) -> TypeName {
    let system = ty.schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
    let mut ty = ty.clone();
    if system && let Some(element) = ty.name.strip_prefix('_').filter(|it| canonical_builtin(it).is_some()) {
        ty.name = element.to_owned();
        ty.array = true;
    }
    if system && let Some(found) = character(&ty) {
        return found;
    }
    if system && let Some(name) = canonical_builtin(&ty.name) {
        let name = match (ty.name.as_str(), ty.modifiers.as_deref().and_then(|digits| digits.parse::<u8>().ok())) {
            ("float", Some(digits)) if digits <= 24 => "real",
            _ => name,
        };
        ty.modifiers = ty.modifiers.filter(|_| !matches!(name, "real" | "double precision"));
        return TypeName { schema: None, name: name.to_owned(), ..ty };
    }
    // A type in `public` that is named like one of PostgreSQL's own is found by its schema only.
    ty.schema = ty.schema.filter(|schema| schema != "public" || is_taken(&ty.name));
    ty
}

/// `char(n)` goes by its inner name, since `char` alone has a length of one and `bpchar` alone has none; so do
/// `bit` and `"bit"`.
fn character(ty: &TypeName) -> Option<TypeName> {
    let modifiers = match ty.name.as_str() {
        "bit" => {
            let modifiers = Some(ty.modifiers.clone().unwrap_or("1".to_owned()));
            return Some(TypeName { modifiers, ..ty.clone() });
        }
        "\"bit\"" => return Some(TypeName { name: "bit".to_owned(), ..ty.clone() }),
        "bpchar" => ty.modifiers.clone(),
        "char" | "character" | "nchar" | "national character" => Some(ty.modifiers.clone().unwrap_or("1".to_owned())),
        _ => return None,
    };
    Some(TypeName { schema: None, name: "bpchar".to_owned(), modifiers, array: ty.array })
}

/// The type of a column or an argument, as expressions name it.
pub fn of_data_type(ty: &DataType) -> TypeName {
    let (schema, name) = match &ty.base {
        BaseType::Builtin(name) => (None, name.to_string()),
        BaseType::Named(name) => {
            (Some(name.schema.as_ref().map_or("public", |it| it.as_str()).to_owned()), name.name.as_str().to_owned())
        }
    };
    normal(&TypeName { schema, name, modifiers: ty.modifiers.as_ref().map(ToString::to_string), array: ty.array })
}

/// Whether `ty` is this built-in type and no array.
pub fn is(ty: &TypeName, name: &str) -> bool {
    !ty.array && ty.schema.is_none() && ty.name == name
}

/// Whether `ty` is `text` or `varchar`: one type, but for the length.
pub fn is_text(ty: &TypeName) -> bool {
    is(ty, "text") || is(ty, "varchar")
}

/// How wide a number is: the wider of two is what both become.
fn width(ty: &TypeName) -> Option<u8> {
    const NUMBERS: [&str; 6] = ["smallint", "integer", "bigint", "numeric", "real", "double precision"];
    if ty.array || ty.schema.is_some() {
        return None;
    }
    NUMBERS.iter().position(|name| *name == ty.name).map(|at| at as u8)
}

/// Whether `ty` is a number.
pub fn is_number(ty: &TypeName) -> bool {
    width(ty).is_some()
}

/// Whether `ty` is a whole number.
pub fn is_integer(ty: &TypeName) -> bool {
    width(ty).is_some_and(|width| width <= 2)
}

/// The wider of two numbers.
pub fn wider(a: &TypeName, b: &TypeName) -> Option<TypeName> {
    let (a, b) = (bare(a), bare(b));
    Some(if width(&a)? >= width(&b)? { a } else { b })
}

/// Whether `from` becomes `to` without being asked, which is how overloads are told apart.
pub fn widens(from: &TypeName, to: &TypeName) -> bool {
    if from.array && to.array {
        return widens(&element_of(from), &element_of(to));
    }
    let dates = ["date", "timestamp", "timestamptz"];
    let rank = |ty: &TypeName| dates.iter().position(|name| is(ty, name));
    let numbers = matches!((width(from), width(to)), (Some(from), Some(to)) if from < to);
    let dates = matches!((rank(from), rank(to)), (Some(from), Some(to)) if from < to);
    numbers || dates || (is(from, "bpchar") && is_text(to)) || (is_text(from) && is(to, "bpchar"))
}

/// The type that several expressions share in CASE, COALESCE or ARRAY; `None` when it is not certain.
///
/// Source: "10.5. UNION, CASE, and Related Constructs".
pub fn common<'a>(types: impl Iterator<Item = &'a Type>) -> Option<TypeName> {
    let mut found: Option<TypeName> = None;
    for ty in types {
        let ty = match ty {
            Type::Known(ty) => bare(ty),
            Type::Literal => continue,
            Type::Open => return None,
        };
        found = Some(match found {
            None => ty,
            Some(first) if first == ty => first,
            Some(first) if is_text(&first) && is_text(&ty) => first,
            Some(first) if is_number(&first) && is_number(&ty) => wider(&first, &ty)?,
            Some(first) if widens(&first, &ty) && !is_text(&ty) => ty,
            Some(_) => return None,
        });
    }
    Some(found.unwrap_or_else(|| builtin("text")))
}
