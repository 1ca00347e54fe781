//! `forge.toml`: the project's settings as plain values.

pub mod harden;
pub mod resolve;
