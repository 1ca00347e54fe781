//! Views, and the triggers that tables and views share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::constraint::Deferrable;
use super::index::Index;
use super::name::{Ident, Name};
use super::{Hints, Sql};

/// A view or a materialized view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The query, without a final semicolon.
    pub query: Sql,
    /// Names for its columns, when they are listed.
    pub columns: Vec<Ident>,
    /// `MATERIALIZED`.
    pub materialized: bool,
    /// `WITH NO DATA`, for a materialized view.
    pub no_data: bool,
    /// Options by lower case name: `security_invoker`, `security_barrier`, `check_option` (`local` or `cascaded`).
    pub options: BTreeMap<String, String>,
    /// Indexes of a materialized view, by name.
    pub indexes: BTreeMap<Ident, Index>,
    /// `INSTEAD OF` and statement triggers, by name.
    pub triggers: BTreeMap<Ident, Trigger>,
    /// `COMMENT ON VIEW`.
    pub comment: Option<String>,
    /// Comments on its columns.
    pub column_comments: BTreeMap<Ident, String>,
    /// Defaults of its columns, for what is inserted through it.
    pub column_defaults: BTreeMap<Ident, Sql>,
    /// The index by which a materialized view's rows are put in order: `CLUSTER ON`.
    pub clustered_on: Option<Ident>,
    /// How past states are carried over.
    pub hints: Hints,
}

impl View {
    /// A view of `query` without anything else.
    pub fn new(query: Sql) -> View {
        View {
            query,
            columns: Vec::new(),
            materialized: false,
            no_data: false,
            options: BTreeMap::new(),
            indexes: BTreeMap::new(),
            triggers: BTreeMap::new(),
            comment: None,
            column_comments: BTreeMap::new(),
            column_defaults: BTreeMap::new(),
            clustered_on: None,
            hints: Hints::default(),
        }
    }
}

/// A trigger; its name is its key in the table or view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// When it fires.
    pub timing: Timing,
    /// On what it fires.
    pub events: Events,
    /// `FOR EACH ROW`, else for each statement.
    pub each_row: bool,
    /// `WHEN`, without its outer parentheses.
    pub when: Option<Sql>,
    /// The function that it calls.
    pub function: Name,
    /// The function's arguments: string literals, unquoted.
    pub args: Vec<String>,
    /// `REFERENCING OLD TABLE AS`.
    pub old_table: Option<Ident>,
    /// `REFERENCING NEW TABLE AS`.
    pub new_table: Option<Ident>,
    /// `CONSTRAINT TRIGGER`, and when that is checked.
    pub constraint: Option<Deferrable>,
    /// `FROM`, the other table of a constraint trigger.
    pub from_table: Option<Name>,
    /// `ENABLE`, `DISABLE`, `ENABLE REPLICA`, `ENABLE ALWAYS`.
    pub enabled: Enabled,
    /// `COMMENT ON TRIGGER`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// When a trigger fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Timing {
    /// `BEFORE`.
    Before,
    /// `AFTER`.
    After,
    /// `INSTEAD OF`.
    InsteadOf,
}

/// On what a trigger fires.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// `INSERT`.
    pub insert: bool,
    /// `UPDATE`.
    pub update: bool,
    /// `UPDATE OF`, the columns that it is limited to.
    pub update_of: Vec<Ident>,
    /// `DELETE`.
    pub delete: bool,
    /// `TRUNCATE`.
    pub truncate: bool,
}

/// Whether a trigger fires, depending on the session's replication role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Enabled {
    /// In ordinary sessions.
    #[default]
    Origin,
    /// Never.
    Disabled,
    /// In replication sessions.
    Replica,
    /// In both.
    Always,
}
