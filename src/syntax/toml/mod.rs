//! Schema files in TOML: entities with their fields, as a tree with spans.
//!
//! Reading never fails: what a file's author wrote wrong is a diagnostic, and what stands beside it is still read.
//! What names refer to is not known here; `model::lower` knows.

pub mod grammar;
mod read;
mod tree;

pub use read::{default_node, module_file, schema_file};
pub use tree::{
    AccessNode, DefaultNode, EntityFile, EntityNode, FieldNode, IndexNode, Literal, LiteralKind, ModuleFile, Stage,
};
