//! Allowed values: the checks that say "one of these", recognised in every spelling, and written in one.

use super::Sql;
use super::name::{Ident, is_reserved};
use crate::syntax::expr::{Expr, parse};

/// What a check allows in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedValues {
    /// The column.
    pub column: Ident,
    /// Its values, in the order in which they are written.
    pub values: Vec<String>,
}

/// The values that `check` limits one column to, if that is all it does.
///
/// Knows `IN (…)`, `= ANY (ARRAY[…])` with the casts that PostgreSQL adds, `=` with one value, and `OR` over these.
pub fn allowed_values(check: &Sql) -> Option<AllowedValues> {
    written(check.as_str()).or_else(|| allowed(&parse(check.as_str())?))
}

/// Reads what [`values_check`] writes, without a parser: merging asks this of every check of every module.
fn written(check: &str) -> Option<AllowedValues> {
    let (column, list) = check.split_once(" IN (")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !column.starts_with(|c: char| c.is_ascii_lowercase()) || !column.chars().all(plain) || is_reserved(column) {
        return None;
    }
    let mut rest = list.strip_suffix(')')?;
    let mut values = Vec::new();
    loop {
        let (value, after) = literal(rest)?;
        values.push(value);
        rest = match after.strip_prefix(", ") {
            Some(next) => next,
            None if after.is_empty() => return Some(AllowedValues { column: Ident::new(column), values }),
            None => return None,
        };
    }
}

/// The string literal at the start of `text`, unquoted, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(next) => {
                value.push('\'');
                rest = next;
            }
            None => return Some((value, after)),
        }
    }
}

/// The check that allows `values` in `column`: `type IN ('Residential', 'Commercial')`.
pub fn values_check(column: &Ident, values: &[String]) -> Sql {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    Sql(format!("{column} IN ({})", quoted.join(", ")))
}

fn allowed(check: &Expr) -> Option<AllowedValues> {
    match check {
        Expr::In { value, list, negated: false } => {
            Some(AllowedValues { column: column(value)?, values: list.iter().map(text).collect::<Option<_>>()? })
        }
        Expr::Any { value, op, all: false, set } if op == "=" => match uncast(set) {
            Expr::Array(items) => {
                Some(AllowedValues { column: column(value)?, values: items.iter().map(text).collect::<Option<_>>()? })
            }
            _ => None,
        },
        Expr::Binary(op, value, literal) if op == "=" => {
            Some(AllowedValues { column: column(value)?, values: vec![text(literal)?] })
        }
        Expr::Or(branches) => {
            let mut all = branches.iter().map(allowed);
            let first = all.next()??;
            all.try_fold(first, |mut sum, next| {
                let next = next.filter(|next| next.column == sum.column)?;
                sum.values.extend(next.values);
                Some(sum)
            })
        }
        _ => None,
    }
}

/// What stands below casts to texts and user-defined types, which change no text.
fn uncast(expr: &Expr) -> &Expr {
    const CHANGING: [&str; 12] = [
        "integer",
        "int",
        "int4",
        "bigint",
        "int8",
        "smallint",
        "int2",
        "numeric",
        "boolean",
        "bool",
        "date",
        "timestamptz",
    ];
    match expr {
        Expr::Cast(inner, ty) if ty.modifiers.is_none() && !CHANGING.contains(&ty.name.as_str()) => uncast(inner),
        other => other,
    }
}

fn column(expr: &Expr) -> Option<Ident> {
    match uncast(expr) {
        Expr::Name(parts) if parts.len() <= 2 => parts.last().map(Ident::new),
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<String> {
    match uncast(expr) {
        Expr::String(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{allowed_values, values_check};
    use crate::model::Sql;
    use crate::model::name::Ident;

    #[test]
    fn one_meaning_in_many_spellings() {
        for check in [
            "type IN ('a', 'it''s')",
            "(accounts.type) IN ('a'::varchar, 'it''s')",
            "\"type\" = ANY (ARRAY['a'::text, 'it''s'::text])",
            "(type)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])",
            "type = 'a' OR type = 'it''s'",
            "(((type)::text = 'a'::text) OR ((type)::text = 'it''s'::text))",
        ] {
            let allowed = allowed_values(&Sql::new(check)).expect(check);
            assert_eq!((allowed.column.as_str(), allowed.values), ("type", vec!["a".to_owned(), "it's".to_owned()]));
        }
    }

    #[test]
    fn what_says_more_is_not_a_list_of_values() {
        for check in [
            "type NOT IN ('a')",
            "type IN ('a') AND b",
            "type = 'a' OR kind = 'b'",
            "lower(type) IN ('a')",
            "type = ALL (ARRAY['a'])",
            "type <> 'a'",
            "type IN (1, 2)",
            "type::integer = 'a'",
            "type IN (SELECT 'a')",
        ] {
            assert_eq!(allowed_values(&Sql::new(check)), None, "{check}");
        }
    }

    #[test]
    fn written_values_are_read_back() {
        let values = ["Residential".to_owned(), "it's".to_owned()];
        let check = values_check(&Ident::new("Type"), &values);
        assert_eq!(check.as_str(), "\"Type\" IN ('Residential', 'it''s')");
        assert_eq!(allowed_values(&check).unwrap().values, values);
    }
}
