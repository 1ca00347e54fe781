//! Objects that forge carries whole: it keeps, creates, drops and replaces them, and does not look inside.

use serde::{Deserialize, Serialize};

use super::Sql;

/// What tells such an object apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OtherId {
    /// The kind as `DROP` spells it: `AGGREGATE`, `COLLATION`, `RULE` …
    pub kind: String,
    /// What follows the kind in `DROP`, canonical: `first(anyelement)`, `r ON accounts`.
    pub name: String,
}

impl OtherId {
    /// Whether every database has the object from the start, so that no statement makes it: PostgreSQL's own languages.
    pub fn is_built_in(&self) -> bool {
        self.kind == "LANGUAGE" && matches!(self.name.as_str(), "plpgsql" | "sql" | "c" | "internal")
    }
}

/// An object carried whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// The statement that creates it, without a final semicolon. Statements that complete it (`ALTER TEXT SEARCH
    /// CONFIGURATION … ADD MAPPING`) follow, each after `;` and a line break.
    pub definition: Sql,
    /// `COMMENT ON`.
    pub comment: Option<String>,
}
