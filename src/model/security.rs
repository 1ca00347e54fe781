//! Row level security policies and privileges.

use serde::{Deserialize, Serialize};

use super::id::ObjectId;
use super::name::Ident;
use super::{Hints, Sql};

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
