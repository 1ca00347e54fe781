//! Text to trees: what the schema files say, with byte spans, before anyone asks what it means.
//!
//! Parsing never fails: it returns what it could read, and diagnostics. Knows nothing about the model or about git.

pub mod sql;
