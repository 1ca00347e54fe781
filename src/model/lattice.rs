//! The lattice of data types: the narrowest type that holds every value of two others, where there is one.
//!
//! A join never loses a value or its meaning. `varchar(50)` and `varchar(255)` join, and so do `integer` and `bigint`;
//! `date` and `timestamptz`, `json` and `jsonb`, or exact and floating numbers do not, since one would have to be
//! read as the other. [`join`] is commutative, associative and idempotent, so the order of claims decides nothing.

use smol_str::{SmolStr, format_smolstr};

use crate::model::datatype::{BaseType, DataType};

/// The narrowest type that holds every value of `a` and of `b`; `None` when no type does.
pub fn join(a: &DataType, b: &DataType) -> Option<DataType> {
    if a == b {
        return Some(a.clone());
    }
    if a.array != b.array {
        return None;
    }
    let element = Family::of(a)?.join(Family::of(b)?)?.into_type();
    Some(if a.array { element.into_array() } else { element })
}

/// The narrowest type that holds every value of all of `types`; `None` when no type does, or there are none.
pub fn join_all<'a>(types: impl IntoIterator<Item = &'a DataType>) -> Option<DataType> {
    let mut types = types.into_iter();
    let first = types.next()?.clone();
    types.try_fold(first, |joined, ty| join(&joined, ty))
}

/// Whether every value of `narrow` is one of `wide` too.
pub fn fits(narrow: &DataType, wide: &DataType) -> bool {
    narrow == wide || join(narrow, wide).is_some_and(|both| Family::of(&both) == Family::of(wide))
}

/// The families in which types have joins; each value is one type, arrays aside.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Family {
    /// `char(n)`, `varchar(n)`, `text`: by kind and by length.
    Text(Width, Length),
    /// `bit(n)`, `varbit(n)`.
    Bits(Width, Length),
    /// `smallint`, `integer`, `bigint`, by their digits.
    Integer(Whole),
    /// `numeric(p, s)`.
    Numeric(Digits),
    /// `real`, and with `true` `double precision`.
    Float(bool),
    /// A type with a number of fractional digits: `timestamptz(3)`; without one it keeps six.
    Fraction(SmolStr, Option<u32>),
    /// `interval`, which fields and fractions narrow; `None` is all of it.
    Interval(Option<SmolStr>),
}

/// Kinds of strings, from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Fixed,
    Varying,
    Unlimited,
}

/// The longest length; the last is none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Length {
    Of(u32),
    Any,
}

/// Kinds of integers, from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whole {
    Small,
    Plain,
    Big,
}

/// Digits before and after the point that a `numeric` holds. Either may be negative (PostgreSQL 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digits {
    Limited { whole: i64, scale: i64 },
    Any,
}

/// The largest precision of a `numeric` with one. Source: PostgreSQL documentation, "Arbitrary Precision Numbers".
const MAX_PRECISION: i64 = 1000;

impl Family {
    /// The family of a type's elements; `None` for a type that joins with itself alone.
    fn of(ty: &DataType) -> Option<Family> {
        let BaseType::Builtin(name) = &ty.base else { return None };
        let modifiers = ty.modifiers.as_deref();
        let family = match name.as_str() {
            "text" => Family::Text(Width::Unlimited, Length::Any),
            "varchar" => Family::Text(Width::Varying, varying(modifiers)?),
            "char" => Family::Text(Width::Fixed, fixed(modifiers)?),
            "varbit" => Family::Bits(Width::Varying, varying(modifiers)?),
            "bit" => Family::Bits(Width::Fixed, fixed(modifiers)?),
            "smallint" => Family::Integer(Whole::Small),
            "integer" => Family::Integer(Whole::Plain),
            "bigint" => Family::Integer(Whole::Big),
            "numeric" => Family::Numeric(Digits::read(modifiers)?),
            "real" => Family::Float(false),
            "double precision" => Family::Float(true),
            "timestamp" | "timestamptz" | "time" | "timetz" => Family::Fraction(name.clone(), fraction(modifiers)?),
            "interval" => Family::Interval(ty.modifiers.clone()),
            _ => return None,
        };
        Some(family)
    }

    fn join(self, other: Family) -> Option<Family> {
        Some(match (self, other) {
            (Family::Text(kind, length), Family::Text(kind2, length2)) => {
                Family::Text(kind.max(kind2), length.max(length2))
            }
            (Family::Bits(kind, length), Family::Bits(kind2, length2)) => {
                // Fixed strings of two lengths have no fixed type in common: bits are never padded.
                let kind = if length == length2 { kind.max(kind2) } else { Width::Varying };
                Family::Bits(kind, length.max(length2))
            }
            (Family::Integer(a), Family::Integer(b)) => Family::Integer(a.max(b)),
            (Family::Integer(a), Family::Numeric(b)) | (Family::Numeric(b), Family::Integer(a)) => {
                Family::Numeric(a.digits().join(b))
            }
            (Family::Numeric(a), Family::Numeric(b)) => Family::Numeric(a.join(b)),
            (Family::Float(a), Family::Float(b)) => Family::Float(a || b),
            (Family::Fraction(name, a), Family::Fraction(name2, b)) if name == name2 => {
                Family::Fraction(name, a.zip(b).map(|(a, b)| a.max(b)))
            }
            (Family::Interval(a), Family::Interval(b)) => Family::Interval(if a == b { a } else { None }),
            _ => return None,
        })
    }

    fn into_type(self) -> DataType {
        match self {
            Family::Text(Width::Unlimited, _) => plain("text"),
            Family::Text(Width::Varying, length) => sized("varchar", length),
            Family::Text(Width::Fixed, length) => sized("char", length),
            Family::Bits(Width::Fixed, length) => sized("bit", length),
            Family::Bits(_, length) => sized("varbit", length),
            Family::Integer(Whole::Small) => plain("smallint"),
            Family::Integer(Whole::Plain) => plain("integer"),
            Family::Integer(Whole::Big) => plain("bigint"),
            Family::Numeric(Digits::Any) => plain("numeric"),
            Family::Numeric(Digits::Limited { whole, scale }) => {
                plain("numeric").with_modifiers(format_smolstr!("{},{scale}", whole + scale))
            }
            Family::Float(false) => plain("real"),
            Family::Float(true) => plain("double precision"),
            Family::Fraction(name, None) => plain(&name),
            Family::Fraction(name, Some(digits)) => plain(&name).with_modifiers(format_smolstr!("{digits}")),
            Family::Interval(None) => plain("interval"),
            Family::Interval(Some(modifiers)) => plain("interval").with_modifiers(modifiers),
        }
    }
}

impl Whole {
    /// The digits that its largest value has.
    fn digits(self) -> Digits {
        let whole = match self {
            Whole::Small => 5,
            Whole::Plain => 10,
            Whole::Big => 19,
        };
        Digits::Limited { whole, scale: 0 }
    }
}

impl Digits {
    fn read(modifiers: Option<&str>) -> Option<Digits> {
        let Some(modifiers) = modifiers else { return Some(Digits::Any) };
        let (precision, scale) = modifiers.split_once(',').unwrap_or((modifiers, "0"));
        let (precision, scale): (i64, i64) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
        Some(Digits::Limited { whole: precision - scale, scale })
    }

    fn join(self, other: Digits) -> Digits {
        match (self, other) {
            (Digits::Limited { whole, scale }, Digits::Limited { whole: whole2, scale: scale2 }) => {
                let (whole, scale) = (whole.max(whole2), scale.max(scale2));
                if whole + scale > MAX_PRECISION { Digits::Any } else { Digits::Limited { whole, scale } }
            }
            _ => Digits::Any,
        }
    }
}

/// The length of a varying string; without one it has no end.
fn varying(modifiers: Option<&str>) -> Option<Length> {
    modifiers.map_or(Some(Length::Any), |length| length.trim().parse().ok().map(Length::Of))
}

/// The length of a fixed string; without one it is a single character.
fn fixed(modifiers: Option<&str>) -> Option<Length> {
    varying(Some(modifiers.unwrap_or("1")))
}

/// The fractional digits of a time; `Some(None)` when it has all that there are.
fn fraction(modifiers: Option<&str>) -> Option<Option<u32>> {
    modifiers.map_or(Some(None), |digits| digits.trim().parse().ok().map(Some))
}

fn plain(name: &str) -> DataType {
    DataType { base: BaseType::Builtin(name.into()), modifiers: None, array: false }
}

fn sized(name: &str, length: Length) -> DataType {
    match length {
        Length::Any => plain(name),
        Length::Of(length) => plain(name).with_modifiers(format_smolstr!("{length}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, prop, prop_assert_eq, prop_oneof, proptest};

    use super::{DataType, fits, join};
    use crate::model::name::Name;

    /// Reads `varchar(20)[]`, `numeric(10,2)`, `mood` (a name that is no built-in type).
    fn ty(text: &str) -> DataType {
        let (text, array) = text.strip_suffix("[]").map_or((text, false), |text| (text, true));
        let (name, modifiers) =
            text.split_once('(').map_or((text, None), |(name, rest)| (name, rest.strip_suffix(')')));
        let mut ty = DataType::builtin(name).unwrap_or_else(|| DataType::named(Name::local(name)));
        ty.modifiers = modifiers.map(Into::into);
        if array { ty.into_array() } else { ty }
    }

    #[test]
    fn joins_hold_both_and_nothing_is_reinterpreted() {
        #[rustfmt::skip]
        let table = [
            ("varchar(50)", "varchar(255)", "varchar(255)"),
            ("varchar(50)", "varchar", "varchar"),
            ("varchar(50)", "text", "text"),
            ("varchar", "text", "text"),
            ("char(2)", "char(3)", "char(3)"),
            ("char", "char(1)", "char(1)"),
            ("char(2)", "varchar(1)", "varchar(2)"),
            ("char(2)", "text", "text"),
            ("bit(3)", "bit(4)", "varbit(4)"),
            ("smallint", "integer", "integer"),
            ("integer", "bigint", "bigint"),
            ("integer", "numeric", "numeric"),
            ("integer", "numeric(10,2)", "numeric(12,2)"),
            ("bigint", "numeric(3)", "numeric(19,0)"),
            ("numeric(10,2)", "numeric(8,4)", "numeric(12,4)"),
            ("numeric(5)", "numeric(5,0)", "numeric(5,0)"),
            ("numeric(600,0)", "numeric(600,500)", "numeric"),
            ("real", "double precision", "double precision"),
            ("timestamptz(3)", "timestamptz", "timestamptz"),
            ("time(0)", "time(3)", "time(3)"),
            ("interval(3)", "interval", "interval"),
            ("varchar(5)[]", "text[]", "text[]"),
            ("mood", "mood", "mood"),
            ("uuid", "integer", ""),
            ("uuid", "text", ""),
            ("date", "timestamp", ""),
            ("timestamp", "timestamptz", ""),
            ("json", "jsonb", ""),
            ("integer", "real", ""),
            ("numeric", "double precision", ""),
            ("text", "text[]", ""),
            ("mood", "text", ""),
            ("mood", "colour", ""),
        ];
        for (a, b, expected) in table {
            let expected = (!expected.is_empty()).then(|| ty(expected));
            assert_eq!(join(&ty(a), &ty(b)), expected, "{a} with {b}");
            assert_eq!(join(&ty(b), &ty(a)), expected, "{b} with {a}");
        }
    }

    #[test]
    fn fitting_is_being_absorbed() {
        assert!(fits(&ty("varchar(20)"), &ty("varchar(50)")));
        assert!(!fits(&ty("varchar(50)"), &ty("varchar(20)")));
        assert!(fits(&ty("integer"), &ty("numeric(10)")));
        assert!(!fits(&ty("integer"), &ty("numeric(9)")));
        assert!(fits(&ty("numeric(5)"), &ty("numeric(5,0)")));
        assert!(fits(&ty("numeric(5,0)"), &ty("numeric(5)")));
        assert!(!fits(&ty("uuid"), &ty("text")));
    }

    fn any_type() -> impl Strategy<Value = DataType> {
        let names = prop::sample::select(vec![
            "text",
            "varchar",
            "char",
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "real",
            "double precision",
            "date",
            "timestamp",
            "timestamptz",
            "json",
            "jsonb",
            "uuid",
            "mood",
            "interval",
            "bit",
            "varbit",
            "time",
        ]);
        let sized = (prop::sample::select(vec!["varchar", "char", "bit", "varbit", "timestamptz", "time"]), 1..7u32)
            .prop_map(|(name, length)| format!("{name}({length})"));
        let numeric = (1..=1000i64, -3..600i64).prop_map(|(precision, scale)| format!("numeric({precision},{scale})"));
        (prop_oneof![names.prop_map(str::to_owned), sized, numeric], prop::bool::weighted(0.2))
            .prop_map(|(name, array)| ty(&if array { format!("{name}[]") } else { name }))
    }

    fn join_all(a: Option<DataType>, b: Option<DataType>) -> Option<DataType> {
        join(&a?, &b?)
    }

    proptest! {
        #[test]
        fn idempotent(a in any_type()) {
            prop_assert_eq!(join(&a, &a), Some(a));
        }

        #[test]
        fn commutative(a in any_type(), b in any_type()) {
            prop_assert_eq!(join(&a, &b), join(&b, &a));
        }

        #[test]
        fn associative(a in any_type(), b in any_type(), c in any_type()) {
            let left = join_all(join(&a, &b), Some(c.clone()));
            let right = join_all(Some(a), join(&b, &c));
            prop_assert_eq!(left, right);
        }

        #[test]
        fn an_upper_bound(a in any_type(), b in any_type()) {
            if let Some(both) = join(&a, &b) {
                assert!(fits(&a, &both) && fits(&b, &both), "{a} and {b} in {both}");
            }
        }
    }
}
