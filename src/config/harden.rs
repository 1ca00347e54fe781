//! `[harden]`: which hardening rules run, and the names and conditions that they use. A plain value; nothing here parses.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagnostic::Span;
use crate::model::Sql;
use crate::model::name::Name;

/// What the project says about hardening. The defaults are those that `forge.toml` documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Harden {
    /// Where the schema is going to live.
    pub platform: Platform,
    /// Rules switched on or off for the whole project, by name; an entity's own word comes first.
    pub rules: BTreeMap<String, bool>,
    /// The entity whose rows are the people that sign in.
    pub users: Name,
    /// The condition under which a caller is an administrator.
    pub admin: Sql,
    /// Who reaches the rows of an entity that declares no access.
    pub without_access: WithoutAccess,
    /// Whether an UPDATE that does not set `version` is refused too.
    pub demand_version: bool,
    /// The table that the audit trail is written to.
    pub audit_table: Name,
    /// The table that `has_role` reads when the users have no `role` field.
    pub roles_table: Name,
    /// The session setting from which `auth.uid()` reads who is signed in; not used on Supabase.
    pub user_setting: String,
    /// Where in `forge.toml` the names stand that only the schema can tell wrong: by the key, a rule by its own name.
    #[serde(skip)]
    pub places: BTreeMap<String, Span>,
}

/// Where the schema is going to live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Platform {
    /// A PostgreSQL server as it comes: forge brings `auth.uid()` along.
    #[default]
    Postgres,
    /// Supabase, which has `auth.uid()`.
    Supabase,
}

/// Who reaches the rows of an entity that declares no access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum WithoutAccess {
    /// Administrators only: an entity that nobody thought about is closed, not open.
    #[default]
    Admin,
    /// Everybody may read, administrators may write.
    Read,
    /// Everybody who has the privilege: as without row level security.
    Open,
}

impl Default for Harden {
    fn default() -> Harden {
        Harden {
            platform: Platform::default(),
            rules: BTreeMap::new(),
            users: Name::local("users"),
            admin: Sql::new("has_role('admin')"),
            without_access: WithoutAccess::default(),
            demand_version: false,
            audit_table: Name::local("audit_log"),
            roles_table: Name::local("user_roles"),
            user_setting: "app.user_id".to_owned(),
            places: BTreeMap::new(),
        }
    }
}
