//! Built-in functions: which overload a call means, and so which types its arguments and its result have.
//!
//! The lists beside this file hold what schemas use; a function that is not in them keeps its arguments as written.
//! Source: `src/include/catalog/pg_proc.dat`; "10.3. Functions" in PostgreSQL's documentation.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::types::{Type, array_of, bare, builtin, element_of, is_text, normal, widens};
use crate::syntax::expr::TypeName;

/// One overload: `name type type -> type`.
#[derive(Debug)]
struct Overload {
    args: Vec<Param>,
    /// Whether the last parameter repeats.
    variadic: bool,
    result: &'static str,
}

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// This type.
    Type(TypeName),
    /// Whatever stands there.
    Any,
    /// An array of anything.
    Array,
    /// A range of anything.
    Range,
    /// What the first argument, an array, holds.
    Member,
}

/// Functions that come with extensions which schemas use.
const EXTENDED: &str = include_str!("extended.txt");

static OVERLOADS: LazyLock<BTreeMap<&'static str, Vec<Overload>>> = LazyLock::new(|| {
    let mut all: BTreeMap<&'static str, Vec<Overload>> = BTreeMap::new();
    for line in include_str!("functions.txt").lines().chain(EXTENDED.lines()) {
        if let Some((head, result)) = line.split_once("->") {
            let (name, args) = head.trim().split_once(' ').unwrap_or((head.trim(), ""));
            all.entry(name).or_default().push(overload(args, result.trim()));
        }
    }
    all
});

fn overload(args: &'static str, result: &'static str) -> Overload {
    let args = args.replace("double precision", "float8");
    let variadic = args.ends_with('*');
    let param = |word: &str| match word.trim_end_matches('*') {
        "any" | "anyelement" => Param::Any,
        "anyarray" => Param::Array,
        "anyrange" => Param::Range,
        "member" => Param::Member,
        word => Param::Type(type_of(word)),
    };
    Overload { args: args.split_whitespace().map(param).collect(), variadic, result }
}

fn type_of(word: &str) -> TypeName {
    match word.strip_suffix("[]") {
        Some(element) => array_of(&normal(&builtin(element))),
        None => normal(&builtin(word)),
    }
}

/// What a call settles on: the parameters, one for each argument, and the result's type.
pub struct Resolved {
    /// What each argument becomes.
    pub params: Vec<Param>,
    /// What comes out.
    pub result: Type,
}

/// Whether there is a built-in function of this name in the list.
pub fn is_known(name: &str) -> bool {
    OVERLOADS.contains_key(name)
}

/// Whether a function of this name in the list comes with an extension, so from its schema.
pub fn is_of_extension(name: &str) -> bool {
    EXTENDED.lines().any(|line| line.split_whitespace().next() == Some(name))
}

/// The overload of `name` that arguments of these types call; `None` when that is not certain.
pub fn resolve(name: &str, args: &[Type]) -> Option<Resolved> {
    let mut best: Option<(u32, &Overload)> = None;
    let mut tied = false;
    for overload in OVERLOADS.get(name)? {
        let Some(score) = score(overload, args) else { continue };
        match best {
            Some((top, _)) if score < top => {}
            Some((top, _)) if score == top => tied = true,
            _ => {
                best = Some((score, overload));
                tied = false;
            }
        }
    }
    let (_, overload) = best.filter(|_| !tied)?;
    let params: Vec<Param> = (0..args.len()).map(|at| param(overload, at).clone()).collect();
    Some(Resolved { params, result: result(overload.result, args) })
}

fn param(overload: &Overload, at: usize) -> &Param {
    &overload.args[at.min(overload.args.len() - 1)]
}

/// How well the arguments fit; `None` when they do not.
fn score(overload: &Overload, args: &[Type]) -> Option<u32> {
    let fixed = overload.args.len() - usize::from(overload.variadic);
    if args.len() < fixed || (args.len() > fixed && !overload.variadic) {
        return None;
    }
    args.iter().enumerate().map(|(at, arg)| fit(param(overload, at), arg)).sum()
}

fn fit(param: &Param, arg: &Type) -> Option<u32> {
    let arg = match arg {
        Type::Known(arg) => bare(arg),
        Type::Literal => return Some(if matches!(param, Param::Type(ty) if is_text(ty)) { 6 } else { 5 }),
        Type::Open => return Some(5),
    };
    match param {
        Param::Type(ty) if *ty == arg => Some(10),
        Param::Type(ty) if is_text(ty) && is_text(&arg) => Some(9),
        // Among several ways to widen, the preferred type of the category wins.
        Param::Type(ty) if widens(&arg, ty) => {
            Some(if matches!(ty.name.as_str(), "double precision" | "timestamptz" | "text") { 7 } else { 6 })
        }
        Param::Type(ty) if is_text(ty) && arg.name == "name" => Some(6),
        Param::Any | Param::Member => Some(1),
        Param::Array if arg.array => Some(8),
        Param::Range if arg.name.ends_with("range") && !arg.array => Some(8),
        _ => None,
    }
}

fn result(word: &str, args: &[Type]) -> Type {
    let first = args.first().and_then(Type::known);
    let of_first = |make: fn(&TypeName) -> Option<TypeName>| first.and_then(make).map_or(Type::Open, Type::Known);
    match word {
        "same" => of_first(|ty| Some(bare(ty))),
        "array" => of_first(|ty| (!ty.array).then(|| array_of(&bare(ty)))),
        "element" => of_first(|ty| if ty.array { Some(element_of(&bare(ty))) } else { bound(&ty.name).map(builtin) }),
        "record" => Type::Open,
        word => Type::Known(type_of(word)),
    }
}

/// What a range's bounds are.
pub fn bound(range: &str) -> Option<&'static str> {
    Some(match range {
        "int4range" => "integer",
        "int8range" => "bigint",
        "numrange" => "numeric",
        "daterange" => "date",
        "tsrange" => "timestamp",
        "tstzrange" => "timestamptz",
        _ => return None,
    })
}
