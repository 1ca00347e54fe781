//! forge: a git-native build system for PostgreSQL schemas.
//!
//! Schema files in, three stages out: concept documentation, prototype migrations, one hardened production
//! schema. `ARCHITECTURE.md` draws the map; the modules below stand in the order of their ranks, and a module
//! imports only from ranks above its own line (`tests/it/layers.rs` reads the imports and fails on a breach).

pub mod digest;
pub mod path;

pub mod diagnostic;
pub mod disk;

pub mod grammar;
pub mod memo;
pub mod output;
pub mod source;

pub mod syntax;

pub mod model;
pub mod watch;

pub mod concept;
pub mod config;
pub mod diff;

pub mod plan;

pub mod production;
pub mod prototype;

pub mod render;

pub mod build;

pub mod cli;
