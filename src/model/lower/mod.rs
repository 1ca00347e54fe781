//! Lowering: from the trees of schema files to a [`Model`].
//!
//! Names are resolved here, and only within what decides a module's state: its own files and the business-wide
//! model (BUSM). What one file gets wrong is a diagnostic; the rest is lowered all the same.

pub mod sql;
pub mod toml;
mod unresolved;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Model, Origins};
use crate::diagnostic::Diagnostic;
pub use unresolved::{extension_of, unknown_types, unresolved};

/// What lowering makes of a set of files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowered {
    /// What the files describe.
    pub model: Model,
    /// Where they describe it.
    pub origins: Origins,
    /// What is wrong with them.
    pub diagnostics: Vec<Diagnostic>,
    /// Statements without meaning for a schema that were skipped, by kind.
    pub skipped: BTreeMap<String, u32>,
}
