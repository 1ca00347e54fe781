//! What a plan is made of: statements as data. Nothing here decides anything.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};

/// How a plan is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// The shortest way, in one transaction where PostgreSQL allows that: for development.
    #[default]
    Plain,
    /// The way that holds locks for the shortest time: for a database in use.
    Online,
}

/// Ordered statements that take one schema to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The statements, in the order in which they run.
    pub statements: Vec<Statement>,
    /// What a person should know about the plan as a whole.
    pub diagnostics: Vec<Diagnostic>,
}

/// One statement of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The statement, without a final semicolon.
    pub sql: String,
    /// The object that it is about.
    pub object: ObjectId,
    /// The change that it is for.
    pub reason: String,
    /// What it may do to live data or traffic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hazards: Vec<Hazard>,
    /// The strongest lock that it takes on a table that was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// Whether it converts the values of the column that it is about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub converts: bool,
    /// Whether it may run inside a transaction.
    pub transactional: bool,
    /// Statements of one group run in one transaction, in groups by number; one that may not run in a transaction is
    /// a group of its own.
    pub group: u32,
    /// For CREATE TABLE: its parts, so that a template can lay them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<TableLayout>,
}

/// A CREATE TABLE statement in parts. `head`, the items each on a line of its own with commas between, and `tail`
/// make the statement's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableLayout {
    /// Everything before the first item: `CREATE TABLE accounts (`.
    pub head: String,
    /// Columns first, then constraints of the table.
    pub items: Vec<LayoutItem>,
    /// Everything after the last item: `)`.
    pub tail: String,
}

/// A column or a constraint inside CREATE TABLE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayoutItem {
    /// Its text, without comma and indentation.
    pub sql: String,
    /// The column that it defines; `None` for a constraint of the table.
    pub column: Option<Ident>,
}

impl TableLayout {
    /// The statement that the parts make.
    pub fn sql(&self) -> String {
        if self.items.is_empty() {
            return format!("{}{}", self.head, self.tail);
        }
        let items: Vec<String> = self.items.iter().map(|item| format!("  {}", item.sql)).collect();
        format!("{}\n{}\n{}", self.head, items.join(",\n"), self.tail)
    }
}

/// What a statement may do to live data or traffic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hazard {
    /// Of which kind it is.
    pub kind: HazardKind,
    /// What happens to which table, in plain words.
    pub message: String,
}

/// The kinds of hazards, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HazardKind {
    /// Data that cannot be brought back is removed.
    DeleteData,
    /// The whole table is written anew, under a lock that blocks reads and writes.
    Rewrite,
    /// Reads and writes of a table wait while existing rows are gone through.
    BlockReads,
    /// Writes to a table wait while existing rows are gone through.
    BlockWrites,
    /// Rows that are there may make the statement fail.
    MayFail,
    /// Code that uses the schema as it was stops working.
    BreakCode,
}

impl HazardKind {
    /// All kinds, worst first.
    pub const ALL: [HazardKind; 6] = [
        HazardKind::DeleteData,
        HazardKind::Rewrite,
        HazardKind::BlockReads,
        HazardKind::BlockWrites,
        HazardKind::MayFail,
        HazardKind::BreakCode,
    ];

    /// Its name in output and on the command line: `delete-data`.
    pub fn name(self) -> &'static str {
        match self {
            HazardKind::DeleteData => "delete-data",
            HazardKind::Rewrite => "rewrite",
            HazardKind::BlockReads => "block-reads",
            HazardKind::BlockWrites => "block-writes",
            HazardKind::MayFail => "may-fail",
            HazardKind::BreakCode => "break-code",
        }
    }
}

impl fmt::Display for HazardKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Hazard {
    /// `delete-data: drops the table accounts with all its rows`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

/// A lock on a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// The table.
    pub table: Name,
    /// How strong it is.
    pub mode: LockMode,
}

/// PostgreSQL's table locks that schema changes take, weakest first.
/// Source: PostgreSQL's documentation, "Explicit Locking".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockMode {
    /// `SHARE UPDATE EXCLUSIVE`: reads and writes go on.
    ShareUpdateExclusive,
    /// `SHARE`: reads go on, writes wait.
    Share,
    /// `SHARE ROW EXCLUSIVE`: reads go on, writes wait.
    ShareRowExclusive,
    /// `ACCESS EXCLUSIVE`: reads and writes wait.
    AccessExclusive,
}

impl LockMode {
    /// The lock's name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            LockMode::Share => "SHARE",
            LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }
}
