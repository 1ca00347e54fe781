//! Names that a table's parts say and that nothing brings: the function of a trigger, the method and the operator classes
//! of an index. A module may leave it to another one to define a function, so it is asked of all of them together.

use crate::diagnostic::{Diagnostic, nearest};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::table::Table;

use super::Context;
use super::expressions::finding;

/// PostgreSQL's own access methods, each with its operator classes; those of BRIN are told by their ends.
/// Source: `src/include/catalog/pg_opclass.dat`, version 18.
const METHODS: [(&str, &str); 6] = [
    ("btree", SORTED),
    ("hash", SORTED),
    ("gist", "box circle inet multirange point poly range tsquery tsvector"),
    ("gin", "array jsonb jsonb_path tsvector"),
    ("spgist", "box inet kd_point poly quad_point range text"),
    ("brin", ""),
];

/// The operator classes of B-trees and hashes, of which few have but one of them.
const SORTED: &str = "aclitem array bit bool bpchar bpchar_pattern bytea char cid cidr date enum float4 float8 inet int2 \
                      int4 int8 interval jsonb macaddr macaddr8 money multirange name numeric oid oidvector pg_lsn range \
                      record record_image text text_pattern tid time timestamp timestamptz timetz tsquery tsvector uuid \
                      varbit varchar varchar_pattern xid xid8";

/// How the operator classes of BRIN end.
const OF_BRIN: [&str; 4] = ["_minmax_ops", "_minmax_multi_ops", "_bloom_ops", "_inclusion_ops"];

/// PostgreSQL's own trigger functions. Source: "Trigger Functions", "Text Search Features", `pg_proc.dat`.
const OWN: [&str; 4] = [
    "suppress_redundant_updates_trigger",
    "tsvector_update_trigger",
    "tsvector_update_trigger_column",
    "unique_key_recheck",
];

/// Extensions that bring neither trigger functions nor what indexes are made with.
const PLAIN: [&str; 9] = [
    "citext",
    "fuzzystrmatch",
    "pg_stat_statements",
    "pgcrypto",
    "pgstattuple",
    "postgres_fdw",
    "tablefunc",
    "unaccent",
    "uuid-ossp",
];

/// Reports what the parts of a table name in vain, as far as that is certain.
pub fn check(name: &Name, table: &Table, model: &Model, context: &Context<'_>) -> Vec<Diagnostic> {
    if model.extensions.keys().any(|extension| !PLAIN.contains(&extension.as_str())) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (trigger, it) in &table.triggers {
        let known = |function: &Name| model.routines.keys().any(|signature| signature.name == *function);
        if !is_ours(&it.function, model) || OWN.contains(&it.function.name.as_str()) || known(&it.function) {
            continue;
        }
        let id = ObjectId::Trigger(name.clone(), trigger.clone());
        let what = format!("the trigger `{trigger}` of `{name}` calls `{}`, which nothing defines", it.function);
        let names: Vec<String> = model.routines.keys().map(|signature| signature.name.to_string()).collect();
        let near = nearest(&it.function.to_string(), names.iter().map(String::as_str));
        found.push(unknown("unknown-function", &id, name, &what, near, context));
    }
    for (index, it) in &table.indexes {
        let id = ObjectId::Index(name.clone(), index.clone());
        let made = |kind: &str| model.others.keys().any(|other| other.kind.contains(kind));
        let method = it.method.to_ascii_lowercase();
        let Some((_, classes)) = METHODS.iter().find(|(known, _)| *known == method) else {
            if !made("ACCESS METHOD") {
                let what =
                    format!("the index `{index}` of `{name}` is made with `{method}`, which is no access method");
                let near = nearest(&method, METHODS.iter().map(|(known, _)| *known));
                found.push(unknown("unknown-method", &id, name, &what, near, context));
            }
            continue;
        };
        for class in it.elements.iter().filter_map(|element| element.opclass.as_ref()) {
            let stem = class.name.as_str().strip_suffix("_ops");
            let is_known = stem.is_some_and(|stem| classes.split_whitespace().any(|known| known == stem))
                || method == "brin" && OF_BRIN.iter().any(|end| class.name.as_str().ends_with(end));
            if is_known || !is_ours(class, model) || made("OPERATOR CLASS") {
                continue;
            }
            let what =
                format!("the index `{index}` of `{name}` names `{class}`, which is no operator class of {method}");
            let names: Vec<String> = classes.split_whitespace().map(|known| format!("{known}_ops")).collect();
            let near = nearest(class.name.as_str(), names.iter().map(String::as_str));
            found.push(unknown("unknown-operator-class", &id, name, &what, near, context));
        }
    }
    found
}

/// Whether the schema files describe the schema in which `name` would be.
fn is_ours(name: &Name, model: &Model) -> bool {
    name.schema.as_ref().is_none_or(|schema| model.schemas.contains_key(schema))
}

fn unknown(
    code: &'static str,
    id: &ObjectId,
    table: &Name,
    what: &str,
    near: Option<&str>,
    context: &Context<'_>,
) -> Diagnostic {
    let found = finding(code, id, table, format!("{what}: the schema does not load"), context);
    found.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "if an extension brings it, say so with CREATE EXTENSION".to_owned(),
    })
}
