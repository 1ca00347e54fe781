//! Data types as a column or an argument has them, in one canonical spelling.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::name::Name;

/// A data type: `varchar(20)`, `numeric(10,2)[]`, `public.mood`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DataType {
    /// Which type.
    pub base: BaseType,
    /// What stands in parentheses, without spaces: `20`, `10,2`; for interval also its fields (`day to second`).
    pub modifiers: Option<SmolStr>,
    /// Whether it is an array; PostgreSQL does not keep the number of dimensions.
    pub array: bool,
}

/// A type without modifiers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BaseType {
    /// One of PostgreSQL's own, by the shortest of its usual names: `varchar`, `integer`, `timestamptz`.
    Builtin(SmolStr),
    /// One that a user or an extension defined.
    Named(Name),
}

impl DataType {
    /// The built-in type that `name` names, whatever its spelling, without modifiers. `None` when there is none.
    pub fn builtin(name: &str) -> Option<DataType> {
        canonical_builtin(name).map(|name| DataType {
            base: BaseType::Builtin(name.into()),
            modifiers: None,
            array: false,
        })
    }

    /// The user-defined type `name`.
    pub fn named(name: Name) -> DataType {
        DataType { base: BaseType::Named(name), modifiers: None, array: false }
    }

    /// The type of a field whose type was reported as wrong: it goes with every other, so that nothing is reported that
    /// only follows from that. PostgreSQL has a pseudo-type of this name, which no column can have.
    pub fn unknown() -> DataType {
        DataType { base: BaseType::Builtin(SmolStr::new_static("unknown")), modifiers: None, array: false }
    }

    /// The same with `modifiers` in parentheses.
    #[must_use]
    pub fn with_modifiers(mut self, modifiers: impl Into<SmolStr>) -> DataType {
        self.modifiers = Some(modifiers.into());
        self
    }

    /// The array of this type.
    #[must_use]
    pub fn into_array(mut self) -> DataType {
        self.array = true;
        self
    }

    /// The built-in type's name when it is one and no array: for rules that are about one type.
    pub fn scalar_builtin(&self) -> Option<&str> {
        match &self.base {
            BaseType::Builtin(name) if !self.array => Some(name),
            _ => None,
        }
    }

    /// The user-defined type that this one is made of, if it is one.
    pub fn user_type(&self) -> Option<&Name> {
        match &self.base {
            BaseType::Named(name) => Some(name),
            BaseType::Builtin(_) => None,
        }
    }

    /// The type as SQL in the house's layout: built-in names in capitals (`VARCHAR(20)`).
    pub fn to_sql(&self) -> String {
        match &self.base {
            BaseType::Builtin(name) if name.starts_with('"') => self.spell(name),
            BaseType::Builtin(name) => self.spell(&name.to_uppercase()),
            BaseType::Named(name) => self.spell(&type_name(name)),
        }
    }

    fn spell(&self, base: &str) -> String {
        let mut text = base.to_owned();
        if let Some(modifiers) = &self.modifiers {
            // `timestamp(3)` keeps its modifier before the zone when spelled in full; the short names avoid that.
            let fields =
                modifiers.starts_with(|c: char| c.is_ascii_alphabetic()) && base.eq_ignore_ascii_case("interval");
            text.push_str(&if fields { format!(" {modifiers}") } else { format!("({modifiers})") });
        }
        if self.array {
            text.push_str("[]");
        }
        text
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match &self.base {
            BaseType::Builtin(name) => self.spell(name),
            BaseType::Named(name) => self.spell(&type_name(name)),
        })
    }
}

impl fmt::Debug for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A user-defined type's name as SQL has to say it: the bare name of a type in `public` may be one of PostgreSQL's own.
pub fn type_name(name: &Name) -> String {
    if name.schema.is_none() && is_taken(name.name.as_str()) { format!("public.{name}") } else { name.to_string() }
}

/// Whether `pg_catalog` has a type of this name, or may have.
pub fn is_taken(name: &str) -> bool {
    let element = name.strip_prefix('_').unwrap_or(name);
    canonical_builtin(element).is_some() || name.starts_with("pg_") || matches!(element, "aclitem" | "gtsvector")
}

/// The one name by which forge knows a built-in type: `character varying` and `varchar` are both `varchar`.
///
/// `name` is lower case, with single spaces, without modifiers. `serial` and its kin are no types but a sequence and a
/// default, and are not known here.
pub fn canonical_builtin(name: &str) -> Option<&'static str> {
    let canonical = match name {
        "character varying" | "char varying" | "national character varying" | "nchar varying" => "varchar",
        "character" | "national character" | "nchar" => "char",
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "decimal" | "dec" => "numeric",
        "bool" => "boolean",
        "float8" | "float" => "double precision",
        "float4" => "real",
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        "bit varying" => "varbit",
        other => return BUILTIN.binary_search(&other).ok().map(|at| BUILTIN[at]),
    };
    Some(canonical)
}

/// All built-in type names that forge knows, in their canonical spelling: for "did you mean".
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().copied()
}

/// Canonical names of the built-in types, sorted. Source: `src/include/catalog/pg_type.dat`.
#[rustfmt::skip]
const BUILTIN: &[&str] = &[
    "\"char\"",
    "any", "anyarray", "anycompatible", "anycompatiblearray", "anycompatiblemultirange", "anycompatiblenonarray",
    "anycompatiblerange", "anyelement", "anyenum", "anymultirange", "anynonarray", "anyrange",
    "bigint", "bit", "boolean", "box", "bpchar", "bytea",
    "char", "cid", "cidr", "circle", "cstring",
    "date", "datemultirange", "daterange", "double precision",
    "event_trigger",
    "inet", "int2vector", "int4multirange", "int4range", "int8multirange", "int8range", "integer", "internal", "interval",
    "json", "jsonb", "jsonpath",
    "language_handler", "line", "lseg",
    "macaddr", "macaddr8", "money",
    "name", "numeric", "nummultirange", "numrange",
    "oid", "oidvector",
    "path", "pg_lsn", "pg_snapshot", "point", "polygon",
    "real", "record", "refcursor", "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper",
    "regoperator", "regproc", "regprocedure", "regrole", "regtype",
    "smallint",
    "text", "tid", "time", "timestamp", "timestamptz", "timetz", "trigger", "tsmultirange", "tsquery", "tsrange",
    "tstzmultirange", "tstzrange", "tsvector", "txid_snapshot",
    "uuid",
    "varbit", "varchar", "void",
    "xid", "xid8", "xml",
];

#[cfg(test)]
mod tests {
    use super::{BUILTIN, DataType};
    use crate::model::name::Name;

    #[test]
    fn a_type_named_like_a_built_in_one_keeps_its_schema() {
        let spelled = |name: Name| DataType::named(name).into_array().to_sql();
        assert_eq!(spelled(Name::local("path")), "public.path[]");
        assert_eq!(spelled(Name::qualified("app", "path")), "app.path[]");
        assert_eq!(spelled(Name::local("mood")), "mood[]");
        assert_eq!(DataType::named(Name::local("int4")).to_string(), "public.int4");
    }

    #[test]
    fn one_spelling_for_each_type() {
        assert!(BUILTIN.is_sorted());
        assert_eq!(DataType::builtin("character varying"), DataType::builtin("varchar"));
        assert_eq!(DataType::builtin("int4").unwrap().into_array().to_string(), "integer[]");
        assert_eq!(DataType::builtin("varchar").unwrap().with_modifiers("20").to_sql(), "VARCHAR(20)");
        assert_eq!(DataType::builtin("serial"), None);
    }
}
