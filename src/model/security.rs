//! Row level security policies and privileges.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::ObjectId;
use super::name::{Ident, Name};
use super::{Hints, Model, Sql};

/// A row level security policy; its name is its key in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `AS PERMISSIVE`, else restrictive.
    pub permissive: bool,
    /// `FOR`: `all`, `select`, `insert`, `update` or `delete`.
    pub command: String,
    /// `TO`, sorted; `public` when none was named.
    pub roles: Vec<Ident>,
    /// `USING`, without its outer parentheses.
    pub using: Option<Sql>,
    /// `WITH CHECK`, without its outer parentheses.
    pub check: Option<Sql>,
    /// `COMMENT ON POLICY`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// What one grant is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GrantKey {
    /// The object.
    pub object: ObjectId,
    /// The column that it is limited to.
    pub column: Option<Ident>,
    /// The role, or `public`.
    pub grantee: Ident,
    /// The privilege in lower case (`select`); `all` is spelled out privilege by privilege.
    pub privilege: String,
}

/// Whether a privilege is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    /// Granted.
    Granted {
        /// `WITH GRANT OPTION`.
        grantable: bool,
    },
    /// Revoked, where PostgreSQL grants it by default (EXECUTE on functions and USAGE on types, to public).
    Revoked,
}

/// What one entry of `ALTER DEFAULT PRIVILEGES` is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DefaultPrivilege {
    /// `FOR ROLE`: whose objects; `None` is the role that runs the statement.
    pub role: Option<Ident>,
    /// `IN SCHEMA`.
    pub schema: Option<Ident>,
    /// `tables`, `sequences`, `functions`, `types` or `schemas`.
    pub objects: String,
    /// The role, or `public`.
    pub grantee: Ident,
    /// The privilege in lower case.
    pub privilege: String,
}

/// What `ALL` means for a table. PostgreSQL knows `maintain` since version 17: before, all is what else stands here.
const ON_TABLES: [&str; 8] = ["select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain"];

/// What `ALL` means for an object. Source: GRANT, "ACL privilege abbreviations", as of PostgreSQL 17.
pub fn all_privileges(object: &ObjectId) -> &'static [&'static str] {
    match object {
        ObjectId::Sequence(_) => all_by_default("sequences"),
        ObjectId::Routine(_) => all_by_default("functions"),
        ObjectId::Schema(_) => all_by_default("schemas"),
        ObjectId::Other(id) if id.kind == "AGGREGATE" => all_by_default("functions"),
        ObjectId::Other(id) if id.kind == "FOREIGN TABLE" => all_by_default("tables"),
        ObjectId::Type(_) | ObjectId::Other(_) => all_by_default("types"),
        _ => all_by_default("tables"),
    }
}

/// What `ALL` means for `tables`, `sequences` … in ALTER DEFAULT PRIVILEGES.
pub fn all_by_default(objects: &str) -> &'static [&'static str] {
    match objects {
        "tables" => &ON_TABLES,
        "sequences" => &["usage", "select", "update"],
        "functions" => &["execute"],
        "schemas" => &["usage", "create"],
        _ => &["usage"],
    }
}

/// The privileges that the default privileges of `model` give to a new object: those of the role that makes it, since
/// others are not for it.
pub fn automatic(model: &Model, object: &ObjectId) -> BTreeMap<GrantKey, Grant> {
    let (objects, name) = match object {
        _ if model.default_privileges.is_empty() => return BTreeMap::new(),
        ObjectId::Table(name) | ObjectId::View(name) => ("tables", Some(name.clone())),
        ObjectId::Sequence(name) => ("sequences", Some(name.clone())),
        ObjectId::Routine(signature) => ("functions", Some(signature.name.clone())),
        ObjectId::Type(name) => ("types", Some(name.clone())),
        ObjectId::Schema(_) => ("schemas", None),
        ObjectId::Other(id) if id.kind == "AGGREGATE" => ("functions", id.path()),
        ObjectId::Other(id) if id.kind == "FOREIGN TABLE" => ("tables", id.path()),
        _ => return BTreeMap::new(),
    };
    let here = |key: &DefaultPrivilege| {
        key.role.is_none()
            && key.objects == objects
            && key.schema.as_ref().is_none_or(|schema| name.as_ref().is_some_and(|name| is_in(name, schema)))
    };
    let given = model.default_privileges.iter().filter(|(key, _)| here(key));
    let grant = |(key, grant): (&DefaultPrivilege, &Grant)| {
        let (grantee, privilege) = (key.grantee.clone(), key.privilege.clone());
        (GrantKey { object: object.clone(), column: None, grantee, privilege }, *grant)
    };
    given.map(grant).collect()
}

fn is_in(name: &Name, schema: &Ident) -> bool {
    name.schema.as_ref().map_or("public", Ident::as_str) == schema.as_str()
}
