//! From syntax to model: what schema files say becomes one description, with names resolved and defaults explicit.
//!
//! Each notation has its own folder. Lowering never fails: what a file says and the model cannot hold is a diagnostic.

pub mod sql;

use std::collections::BTreeMap;

use super::{Model, Origins};
use crate::diagnostic::Diagnostic;

/// What files were lowered to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lowered {
    /// The objects that they describe.
    pub model: Model,
    /// Where each was written.
    pub origins: Origins,
    /// What is wrong, and what the model cannot hold.
    pub diagnostics: Vec<Diagnostic>,
    /// What has no meaning for a schema and was passed over, counted by kind (`SET`, `COPY data`).
    pub skipped: BTreeMap<String, u32>,
}
