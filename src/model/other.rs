//! Objects that forge carries whole: it keeps, creates, drops and replaces them, and does not look inside.

use serde::{Deserialize, Serialize};

use super::Sql;
use super::name::{Ident, Name};

/// What tells such an object apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OtherId {
    /// The kind as `DROP` spells it: `AGGREGATE`, `COLLATION`, `RULE` …
    pub kind: String,
    /// What follows the kind in `DROP`, canonical: `first(anyelement)`, `r ON accounts`.
    pub name: String,
}

impl OtherId {
    /// The name that it begins with, before arguments or the table that it is on.
    pub fn path(&self) -> Option<Name> {
        let path = self.name.split(unquoted(&['(', ' '])).next()?;
        let parts: Vec<Ident> = path.split(unquoted(&['.'])).map(Ident::of_token).collect::<Option<_>>()?;
        match parts.as_slice() {
            [name] => Some(Name::local(name.as_str())),
            [schema, name] => Some(Name::qualified(schema.as_str(), name.as_str())),
            _ => None,
        }
    }

    /// Whether every database has the object from the start, so that no statement makes it: PostgreSQL's own languages.
    pub fn is_built_in(&self) -> bool {
        self.kind == "LANGUAGE" && matches!(self.name.as_str(), "plpgsql" | "sql" | "c" | "internal")
    }
}

/// Tells the characters `ends` that stand in no double quotes.
fn unquoted(ends: &[char]) -> impl FnMut(char) -> bool + '_ {
    let mut quoted = false;
    move |c| {
        quoted ^= c == '"';
        !quoted && ends.contains(&c)
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
