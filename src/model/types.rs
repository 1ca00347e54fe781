//! Types that a schema defines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::datatype::DataType;
use super::name::{Ident, Name};
use super::{Hints, Sql};

/// A type that the schema defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserType {
    /// What it is.
    pub kind: TypeKind,
    /// `COMMENT ON TYPE` or `ON DOMAIN`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

impl UserType {
    /// The multirange type that comes with the range type `name`.
    pub fn multirange(&self, name: &Name) -> Option<Name> {
        let TypeKind::Range(parameters) = &self.kind else { return None };
        let said = parameters.get("multirange_type_name");
        Some(match said.map(|said| said.rsplit_once('.').map_or((None, said.as_str()), |(s, n)| (Some(s), n))) {
            Some((schema, local)) => {
                let ident = |token: &str| Ident::of_token(token).unwrap_or_else(|| Ident::new(token));
                let home = || name.schema.clone();
                let schema = schema.map(ident).filter(|schema| schema.as_str() != "public");
                Name { schema: schema.or_else(home), name: ident(local) }
            }
            None => name.sibling(multirange_name(name.name.as_str())),
        })
    }
}

/// The name that a range type's multirange has when none is said.
/// Source: `makeMultirangeTypeName` in `src/backend/catalog/pg_type.c`.
pub fn multirange_name(range: &str) -> String {
    match range.find("range") {
        Some(at) => format!("{}multi{}", &range[..at], &range[at..]),
        None => format!("{range}_multirange"),
    }
}

/// The kinds of types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeKind {
    /// `CREATE TYPE … AS ENUM`: its values in order.
    Enum(Vec<EnumValue>),
    /// `CREATE DOMAIN`.
    Domain(Domain),
    /// `CREATE TYPE … AS (…)`.
    Composite(Vec<Attribute>),
    /// `CREATE TYPE … AS RANGE (…)`: parameters by lower case name, as written.
    Range(BTreeMap<String, String>),
}

/// A value of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumValue {
    /// Its label, unquoted.
    pub label: String,
    /// The label that it had before.
    pub renamed_from: Option<String>,
}

/// A domain: a type with rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The type that it narrows.
    pub base: DataType,
    /// `COLLATE`.
    pub collation: Option<Name>,
    /// `DEFAULT`.
    pub default: Option<Sql>,
    /// `NOT NULL`.
    pub not_null: bool,
    /// Its checks by name.
    pub checks: BTreeMap<Ident, DomainCheck>,
}

/// A domain's check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    /// The condition on `VALUE`.
    pub expression: Sql,
    /// `NOT VALID`.
    pub not_valid: bool,
    /// `COMMENT ON CONSTRAINT … ON DOMAIN`.
    pub comment: Option<String>,
}

/// An attribute of a composite type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: DataType,
    /// `COLLATE`.
    pub collation: Option<Name>,
    /// `COMMENT ON COLUMN` of the type.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}
