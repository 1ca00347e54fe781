//! Constants: one spelling for each value of a type, as the server would print it.
//!
//! A constant is a cast of a string (`'5'::integer`), NULL a cast of NULL; booleans are themselves. A text that is not
//! certainly another spelling of the same value stays as it is.

use super::types::{array_of, bare, builtin, element_of, is, is_number, is_text};
use crate::model::datatype::{BaseType, DataType};
use crate::model::name::Name;
use crate::syntax::expr::{Expr, TypeName};

/// The constant of type `ty` that `text` stands for.
pub fn constant(text: &str, ty: &TypeName) -> Expr {
    if ty.array {
        return elements(text, ty).unwrap_or_else(|| typed(text, ty));
    }
    let spelled = match ty.name.as_str() {
        _ if ty.schema.is_some() => None,
        "boolean" => match truth(text) {
            Some(value) => return Expr::Bool(value),
            None => None,
        },
        "integer" | "bigint" | "smallint" => text.trim().parse::<i64>().ok().map(|value| value.to_string()),
        "numeric" => decimal(text.trim()),
        "real" | "double precision" => double(text.trim()),
        "interval" => super::interval::spell(text, ty.modifiers.as_deref()),
        "timestamptz" => super::instant::zoned(text),
        "timestamp" => super::instant::local(text),
        "date" => super::instant::day(text),
        "time" => super::instant::clock(text),
        "timetz" => super::instant::zoned_clock(text),
        "int4range" | "int8range" => whole_range(text),
        shape @ ("point" | "lseg" | "box" | "path" | "polygon" | "circle" | "line") => {
            super::geometry::spell(text, shape)
        }
        "money" => super::money::spell(text),
        "tsvector" => super::search::vector(text),
        "tsquery" => super::search::query(text),
        "inet" => host(text),
        "macaddr" => hardware(text),
        "uuid" => Some(text.to_ascii_lowercase()),
        "bytea" => bytes(text),
        "jsonb" => Some(json(text)),
        "regclass" => relation(text).map(|name| name.to_string()),
        "regconfig" => Some(configuration(text).to_owned()),
        _ => None,
    };
    // A length that the text does not reach changes nothing.
    let fits =
        is(&bare(ty), "varchar") && ty.modifiers.as_deref().and_then(length).is_some_and(|n| text.chars().count() <= n);
    typed(spelled.as_deref().unwrap_or(text), &if fits { bare(ty) } else { ty.clone() })
}

/// The relation that a text names, as SQL would: folded to small letters unless quoted, `public` or no schema before it.
fn relation(text: &str) -> Option<Name> {
    let (mut parts, mut rest) = (Vec::new(), text.trim());
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.replace("\"\"", "__").find('"')?;
                (quoted[..end].replace("\"\"", "\""), &quoted[end + 1..])
            }
            None => {
                // A number is that of the relation in the catalog.
                let (part, after) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
                part.chars().next().filter(|first| !first.is_ascii_digit())?;
                (part.to_ascii_lowercase(), after)
            }
        };
        parts.push(part);
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None if after.is_empty() => break,
            None => return None,
        }
    }
    match &*parts {
        [name] => Some(Name::local(name)),
        [schema, name] => Some(Name::qualified(schema, name)),
        _ => None,
    }
}

/// The constant that a number without a type is.
pub fn number(text: &str) -> Expr {
    let ty = match text.parse::<i64>() {
        Ok(value) if i32::try_from(value).is_ok() => "integer",
        Ok(_) => "bigint",
        Err(_) => "numeric",
    };
    constant(text, &builtin(ty))
}

/// The value and type of a constant.
pub fn as_constant(expr: &Expr) -> Option<(&str, &TypeName)> {
    match expr {
        Expr::Cast(inner, ty) => match inner.as_ref() {
            Expr::String(text) => Some((text, ty)),
            _ => None,
        },
        _ => None,
    }
}

/// The constant `text` of type `from`, turned into type `to`; `None` when that is not certainly the same value.
pub fn convert(text: &str, from: &TypeName, to: &TypeName) -> Option<Expr> {
    if from.modifiers.is_some() {
        return None;
    }
    let target = bare(to);
    let whole = text.parse::<i64>().ok();
    let keeps = if is_text(from) && is_text(&target) {
        true
    } else if is_number(from) && is_number(&target) {
        match target.name.as_str() {
            "smallint" => whole.is_some_and(|value| i16::try_from(value).is_ok()),
            "integer" => whole.is_some_and(|value| i32::try_from(value).is_ok()),
            "bigint" => whole.is_some(),
            // A binary fraction does not read back as the decimal that it was written as.
            "numeric" => {
                !matches!(from.name.as_str(), "real" | "double precision")
                    || whole.is_some_and(|it| it.unsigned_abs() < 1 << 24)
            }
            _ => text.len() < 16 && from.name != "real",
        }
    } else {
        false
    };
    (keeps && (to.modifiers.is_none() || is(&target, "varchar"))).then(|| constant(text, to))
}

/// The value that a column of type `ty` keeps of the constant `text`: with as many digits, or without the spaces, that
/// its type asks for.
pub fn stored(text: &str, ty: &DataType) -> String {
    let places = ty.modifiers.as_deref().map(|it| it.split_once(',').map_or("0", |(_, scale)| scale));
    let places = || decimal(text).zip(places.and_then(|it| it.parse::<usize>().ok()));
    match &ty.base {
        BaseType::Builtin(name) if name == "numeric" => places().and_then(|(text, places)| padded(&text, places)),
        BaseType::Builtin(name) if name == "char" => Some(text.trim_end_matches(' ').to_owned()),
        _ => None,
    }
    .unwrap_or_else(|| text.to_owned())
}

/// A decimal with so many digits behind the point; `None` when it has more, and would be rounded.
fn padded(decimal: &str, places: usize) -> Option<String> {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let zeros = "0".repeat(places.checked_sub(fraction.len())?);
    Some(if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction}{zeros}") })
}

/// A text search configuration without the schema in which it is found anyway.
fn configuration(text: &str) -> &str {
    let local = text.strip_prefix("public.").filter(|name| !CONFIGURATIONS.contains(name));
    local.or_else(|| text.strip_prefix("pg_catalog.")).unwrap_or(text)
}

/// PostgreSQL's own text search configurations, of all versions. Source: `src/backend/snowball/Makefile`.
const CONFIGURATIONS: [&str; 34] = [
    "arabic",
    "armenian",
    "basque",
    "catalan",
    "danish",
    "dutch",
    "dutch_porter",
    "english",
    "esperanto",
    "estonian",
    "finnish",
    "french",
    "german",
    "greek",
    "hindi",
    "hungarian",
    "indonesian",
    "irish",
    "italian",
    "lithuanian",
    "nepali",
    "norwegian",
    "polish",
    "porter",
    "portuguese",
    "romanian",
    "russian",
    "serbian",
    "simple",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
    "yiddish",
];

fn typed(text: &str, ty: &TypeName) -> Expr {
    Expr::Cast(Box::new(Expr::String(text.to_owned())), ty.clone())
}

fn length(modifiers: &str) -> Option<usize> {
    modifiers.parse().ok()
}

/// Source: `parse_bool_with_len` in `src/backend/utils/adt/bool.c`, whose unique prefixes are left out but `t` and `f`.
fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// A decimal without exponent and superfluous signs and zeros in front; the digits behind the point are kept.
fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|it| it.abs() < 50)?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 || !(whole.to_owned() + fraction).bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = i32::try_from(fraction.len()).ok()? - exponent;
    let mut all = format!("{whole}{fraction}");
    if places < 0 {
        all.push_str(&"0".repeat(places.unsigned_abs() as usize));
    }
    let places = places.max(0) as usize;
    if all.len() <= places {
        all = format!("{}{all}", "0".repeat(places + 1 - all.len()));
    }
    let (whole, fraction) = all.split_at(all.len() - places);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if whole == "0" && fraction.bytes().all(|byte| byte == b'0') { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// A decimal without zeros at its end, for types that do not keep them.
fn shortest(decimal: &str) -> String {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        decimal.to_owned()
    }
}

/// A binary fraction.
pub fn double(text: &str) -> Option<String> {
    decimal(text).map(|text| shortest(&text))
}

/// The address of a host, whose mask goes without saying.
fn host(text: &str) -> Option<String> {
    let address = text.trim().strip_suffix("/32")?;
    address.parse::<std::net::Ipv4Addr>().ok().map(|address| address.to_string())
}

/// The six bytes of a hardware address. Source: `macaddr_in` in `src/backend/utils/adt/mac.c`.
fn hardware(text: &str) -> Option<String> {
    let digits: String = text.trim().chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let plain = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs =
        |digits: &str| -> Vec<String> { digits.as_bytes().chunks(2).map(|it| it.escape_ascii().to_string()).collect() };
    plain.then(|| pairs(&digits.to_ascii_lowercase()).join(":"))
}

/// A range of whole numbers with its lower bound inside and its upper one outside.
/// Source: `int4range_canonical` in `src/backend/utils/adt/rangetypes.c`.
fn whole_range(text: &str) -> Option<String> {
    let text = text.trim();
    let (low, high) = text.get(1..text.len().checked_sub(1)?)?.split_once(',')?;
    let bound = |text: &str, outside: bool| match text.trim() {
        "" => Some((String::new(), false)),
        digits => Some(((digits.parse::<i64>().ok()?.checked_add(i64::from(outside))?).to_string(), true)),
    };
    let (low, below) = bound(low, text.starts_with('('))?;
    let (high, _) = bound(high, text.ends_with(']'))?;
    let known = text.starts_with(['[', '(']) && text.ends_with([']', ')']) && (low.is_empty() || low != high);
    known.then(|| format!("{}{low},{high})", if below { '[' } else { '(' }))
}

fn bytes(text: &str) -> Option<String> {
    match text.strip_prefix("\\x") {
        Some(hex) => Some(format!("\\x{}", hex.to_ascii_lowercase())),
        None if text.contains('\\') => None,
        None => Some(text.bytes().fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))),
    }
}

/// JSON with the spaces and the order of keys that `jsonb` gives it; what is no JSON stays.
fn json(text: &str) -> String {
    super::json::spell(text).unwrap_or_else(|| text.to_owned())
}

/// A one-dimensional array literal as its elements.
fn elements(text: &str, ty: &TypeName) -> Option<Expr> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let element = element_of(ty);
    let items = split(inner)?;
    if items.is_empty() {
        return Some(Expr::Cast(Box::new(Expr::Array(Vec::new())), array_of(&bare(ty))));
    }
    Some(Expr::Array(items.iter().map(|item| constant(item, &element)).collect()))
}

/// The elements between an array literal's braces; `None` when it nests, holds NULL or escapes.
fn split(inner: &str) -> Option<Vec<String>> {
    if inner.trim().is_empty() {
        return Some(Vec::new());
    }
    if inner.contains(['{', '}', '\\']) {
        return None;
    }
    let mut items = Vec::new();
    let mut rest = inner;
    loop {
        rest = rest.trim_start();
        let item;
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            item = quoted[..end].to_owned();
            rest = quoted[end + 1..].trim_start();
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            item = rest[..end].trim_end().to_owned();
            if item.is_empty() || item.contains('"') || item.eq_ignore_ascii_case("null") {
                return None;
            }
            rest = &rest[end..];
        }
        items.push(item);
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None if rest.is_empty() => return Some(items),
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{decimal, hardware, host, relation, split, whole_range};

    #[test]
    fn relations_have_one_spelling() {
        let spelled = |text: &str| relation(text).map(|name| name.to_string());
        for text in ["items", "Items", "public.items", "\"items\"", "\"public\".\"items\""] {
            assert_eq!(spelled(text).as_deref(), Some("items"), "{text}");
        }
        assert_eq!(spelled("App.\"say \"\"hi\"\".x\"").as_deref(), Some("app.\"say \"\"hi\"\".x\""));
        assert_eq!((spelled("16384"), spelled("a.b.c"), spelled("\"a")), (None, None, None));
    }

    #[test]
    fn addresses_have_one_spelling() {
        assert_eq!(host("10.0.0.1/32").as_deref(), Some("10.0.0.1"));
        assert_eq!(host("10.0.0.0/8"), None);
        assert_eq!(hardware("0800.2B01.0203").as_deref(), Some("08:00:2b:01:02:03"));
        assert_eq!(hardware("08-00"), None);
    }

    #[test]
    fn ranges_of_whole_numbers_have_one_spelling() {
        for (text, spelled) in
            [("[1,5]", "[1,6)"), ("(1, 5)", "[2,5)"), ("[,5]", "(,6)"), ("(3,)", "[4,)"), ("[5,5)", ""), ("empty", "")]
        {
            assert_eq!(whole_range(text).unwrap_or_default(), spelled, "{text}");
        }
    }

    #[test]
    fn decimals_have_one_spelling() {
        for (text, spelled) in [
            ("1e3", "1000"),
            ("1.50", "1.50"),
            ("-0", "0"),
            ("15e-1", "1.5"),
            ("007", "7"),
            (".5", "0.5"),
            ("1e-3", "0.001"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(spelled), "{text}");
        }
        assert_eq!(decimal("NaN"), None);
    }

    #[test]
    fn array_literals_are_split_where_that_is_plain() {
        assert_eq!(split("a, \"b c\" ,d").unwrap(), ["a", "b c", "d"]);
        assert_eq!(split("{1},{2}"), None);
        assert_eq!(split("a,NULL"), None);
    }
}
