//! What becomes of values when a column changes its type: which conversions there are, and what they cost.

use super::scan::mentions;
use crate::model::datatype::DataType;
use crate::model::name::Ident;
use crate::model::{Model, Sql};

/// Groups of types whose values, comparisons and constants fit one another.
const FAMILIES: [&[&str]; 5] = [
    &["smallint", "integer", "bigint", "numeric", "real", "double precision"],
    &["varchar", "text", "char", "name"],
    &["timestamp", "timestamptz", "date"],
    &["time", "timetz"],
    &["inet", "cidr"],
];

/// Whether expressions over a column of the one type fit the other.
pub(super) fn same_family(old: &DataType, new: &DataType) -> bool {
    if old.array != new.array {
        return false;
    }
    old.base == new.base || family(old).is_some() && family(old) == family(new)
}

fn family(ty: &DataType) -> Option<usize> {
    let scalar = DataType { array: false, modifiers: None, ..ty.clone() };
    let name = scalar.scalar_builtin()?.to_owned();
    FAMILIES.iter().position(|family| family.contains(&name.as_str()))
}

/// The expression that converts old values; `None` where PostgreSQL converts by itself. Any type can be written as text
/// and read from it: that is the way where no cast is known. `remade` says that the type only has its old name.
pub(super) fn using(column: &Ident, old: &DataType, new: &DataType, remade: bool) -> Option<String> {
    let ty = new.to_sql();
    if remade {
        let text = if old.array { "text[]" } else { "text" };
        return Some(format!("{column}::{text}::{ty}"));
    }
    if same_family(old, new) || to_text(new) {
        return None;
    }
    let text = if old.array && new.array { "text[]" } else { "text" };
    if direct(old, new) { Some(format!("{column}::{ty}")) } else { Some(format!("{column}::{text}::{ty}")) }
}

fn to_text(ty: &DataType) -> bool {
    matches!(ty.scalar_builtin(), Some("text" | "varchar" | "char"))
}

/// Whether a cast is known, so that no detour over text is needed. Source: `src/include/catalog/pg_cast.dat`.
fn direct(old: &DataType, new: &DataType) -> bool {
    let pair = (old.scalar_builtin(), new.scalar_builtin());
    let known =
        [("json", "jsonb"), ("jsonb", "json"), ("boolean", "integer"), ("integer", "boolean"), ("bit", "integer")];
    let builtin = old.user_type().is_none() && new.user_type().is_none();
    to_text(old)
        || (old.array && new.array && builtin)
        || known.iter().any(|(from, to)| pair == (Some(*from), Some(*to)))
}

/// Whether the change writes the whole table anew. Measured by `pg_relation_filenode`.
pub(super) fn rewrites(old: &DataType, new: &DataType) -> bool {
    if old.array || new.array {
        return old != new;
    }
    let (Some(before), Some(after)) = (old.scalar_builtin(), new.scalar_builtin()) else { return true };
    match (before, after) {
        ("varchar", "text") | ("text", "varchar") if new.modifiers.is_none() => false,
        ("cidr", "inet") => false,
        _ if before != after => true,
        ("varchar" | "varbit", _) => !widens(old, new),
        ("numeric", _) => !widens(old, new),
        ("timestamp" | "timestamptz" | "time" | "timetz", _) => !widens(old, new),
        _ => old.modifiers != new.modifiers,
    }
}

/// Whether every value of the one modifier fits the other as it is.
fn widens(old: &DataType, new: &DataType) -> bool {
    let numbers = |ty: &DataType| -> Option<Vec<u32>> {
        ty.modifiers.as_ref()?.split(',').map(|number| number.trim().parse().ok()).collect()
    };
    match (numbers(old), numbers(new)) {
        (_, None) => new.modifiers.is_none(),
        (None, Some(_)) => false,
        (Some(old), Some(new)) => old[0] <= new[0] && old.get(1).unwrap_or(&0) == new.get(1).unwrap_or(&0),
    }
}

/// Whether a value of the old type may have no counterpart in the new one.
pub(super) fn may_fail(old: &DataType, new: &DataType) -> bool {
    if new.scalar_builtin() == Some("text") || (to_text(new) && new.modifiers.is_none()) {
        return false;
    }
    let size = |ty: &DataType| match ty.scalar_builtin() {
        Some("smallint") => Some(1),
        Some("integer") => Some(2),
        Some("bigint") => Some(3),
        Some("numeric") if ty.modifiers.is_none() => Some(4),
        _ => None,
    };
    match (size(old), size(new)) {
        (Some(old), Some(new)) => old > new,
        _ if old.base == new.base && old.array == new.array => !widens(old, new),
        _ => family(old) != family(new) || family(old) == Some(1) || family(old) == Some(0),
    }
}

/// How values of the type are stored when nothing is said.
pub(super) fn storage(ty: &DataType) -> &'static str {
    const PLAIN: [&str; 14] = [
        "smallint",
        "integer",
        "bigint",
        "boolean",
        "uuid",
        "date",
        "timestamp",
        "timestamptz",
        "time",
        "timetz",
        "real",
        "double precision",
        "interval",
        "oid",
    ];
    match ty.scalar_builtin() {
        Some("numeric" | "inet" | "cidr") => "main",
        Some(name) if PLAIN.contains(&name) => "plain",
        _ => "extended",
    }
}

/// Whether the expression has one value for all rows of a statement, so that PostgreSQL need not visit each row to add a
/// column with it. The model's own functions say whether they are volatile; others that are not known here count as such.
pub(super) fn is_stable(sql: &Sql, model: &Model) -> bool {
    const STABLE: [&str; 38] = [
        "now",
        "current_timestamp",
        "current_date",
        "current_time",
        "localtime",
        "localtimestamp",
        "transaction_timestamp",
        "statement_timestamp",
        "current_user",
        "session_user",
        "coalesce",
        "array",
        "timezone",
        "lower",
        "upper",
        "interval",
        "row",
        "nullif",
        "greatest",
        "least",
        "abs",
        "round",
        "length",
        "left",
        "right",
        "concat",
        "md5",
        "replace",
        "substring",
        "extract",
        "date_part",
        "date_trunc",
        "make_date",
        "make_interval",
        "to_char",
        "to_timestamp",
        "jsonb_build_object",
        "jsonb_build_array",
    ];
    let text = sql.as_str();
    let calls = mentions(sql).chains.into_iter().filter_map(|chain| chain.last().cloned());
    calls.into_iter().all(|name| {
        let called = text.to_lowercase().contains(&format!("{}(", name.as_str()));
        !called
            || STABLE.contains(&name.as_str())
            || DataType::builtin(name.as_str()).is_some()
            || says_stable(model, &name)
    })
}

/// Whether the model has functions of this name, and none of them is volatile.
fn says_stable(model: &Model, name: &Ident) -> bool {
    let mut own = model.routines.iter().filter(|(signature, _)| signature.name.name == *name).peekable();
    own.peek().is_some() && own.all(|(_, routine)| routine.attributes.volatility.is_some())
}

#[cfg(test)]
mod tests {
    use super::{is_stable, may_fail, rewrites, using};
    use crate::model::datatype::DataType;
    use crate::model::name::{Ident, Name};
    use crate::model::{Model, Sql};

    fn ty(name: &str) -> DataType {
        let (base, modifiers) = name.split_once('(').unwrap_or((name, ""));
        let found = DataType::builtin(base).unwrap();
        if modifiers.is_empty() { found } else { found.with_modifiers(modifiers.trim_end_matches(')')) }
    }

    #[test]
    fn what_is_written_anew() {
        let kept = [("varchar(20)", "varchar(30)"), ("varchar(20)", "text"), ("numeric(8,2)", "numeric(10,2)")];
        let written = [
            ("text", "varchar(20)"),
            ("integer", "bigint"),
            ("varchar(30)", "varchar(20)"),
            ("numeric(8,2)", "numeric(10,3)"),
        ];
        assert!(kept.iter().all(|(old, new)| !rewrites(&ty(old), &ty(new))));
        assert!(written.iter().all(|(old, new)| rewrites(&ty(old), &ty(new))));
        assert!(may_fail(&ty("bigint"), &ty("integer")) && !may_fail(&ty("integer"), &ty("bigint")));
    }

    #[test]
    fn how_values_are_converted() {
        let column = Ident::new("c");
        let mood = DataType::named(Name::local("mood"));
        assert_eq!(using(&column, &ty("integer"), &ty("bigint"), false), None);
        assert_eq!(using(&column, &ty("text"), &mood, false).unwrap(), "c::mood");
        assert_eq!(using(&column, &mood, &mood, true).unwrap(), "c::text::mood");
        assert_eq!(using(&column, &ty("bigint"), &ty("uuid"), false).unwrap(), "c::text::UUID");
    }

    #[test]
    fn which_defaults_are_one_value_for_all_rows() {
        let stable = |sql: &Sql| is_stable(sql, &Model::default());
        assert!(stable(&Sql::new("now()")) && stable(&Sql::new("'{}'::jsonb")) && stable(&Sql::new("1")));
        assert!(stable(&Sql::new("ROW(1, NULLIF('x', ''))")));
        assert!(!stable(&Sql::new("gen_random_uuid()")) && !stable(&Sql::new("nextval('s')")));
    }
}
