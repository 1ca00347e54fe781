//! Operator classes that an index has without saying so.
//!
//! Source: `src/include/catalog/pg_opclass.dat`, where `opcdefault` is set.

use crate::model::name::Name;
use crate::syntax::expr::TypeName;

/// Whether `class` is what an index of this method takes for a column of type `ty` anyway.
pub fn is_default(class: &Name, method: &str, ty: Option<&TypeName>) -> bool {
    if class.schema.as_ref().is_some_and(|schema| schema.as_str() != "pg_catalog") {
        return false;
    }
    let Some(ty) = ty else { return false };
    let class = class.name.as_str();
    if ty.array {
        return class == "array_ops";
    }
    if ty.schema.is_some() {
        return false;
    }
    match (method, ty.name.as_str()) {
        ("btree" | "hash", "varchar") => matches!(class, "text_ops" | "varchar_ops"),
        ("btree" | "hash", name) => usual(name).is_some_and(|usual| class == usual),
        ("gin", "jsonb") => class == "jsonb_ops",
        ("gin" | "gist", "tsvector") => class == "tsvector_ops",
        ("gist", name) if name.ends_with("range") => class == "range_ops",
        ("brin", name) => usual(name)
            .and_then(|usual| usual.strip_suffix("_ops"))
            .is_some_and(|stem| class.strip_suffix("_minmax_ops") == Some(stem)),
        _ => false,
    }
}

fn usual(name: &str) -> Option<&'static str> {
    Some(match name {
        "text" | "varchar" => "text_ops",
        "bpchar" => "bpchar_ops",
        "integer" => "int4_ops",
        "bigint" => "int8_ops",
        "smallint" => "int2_ops",
        "numeric" => "numeric_ops",
        "real" => "float4_ops",
        "double precision" => "float8_ops",
        "boolean" => "bool_ops",
        "date" => "date_ops",
        "time" => "time_ops",
        "timetz" => "timetz_ops",
        "timestamp" => "timestamp_ops",
        "timestamptz" => "timestamptz_ops",
        "interval" => "interval_ops",
        "uuid" => "uuid_ops",
        "bytea" => "bytea_ops",
        "jsonb" => "jsonb_ops",
        "inet" | "cidr" => "inet_ops",
        "bit" => "bit_ops",
        "varbit" => "varbit_ops",
        "name" => "name_ops",
        "oid" => "oid_ops",
        "tsvector" => "tsvector_ops",
        _ => return None,
    })
}
