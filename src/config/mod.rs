//! `forge.toml`: the project's settings as plain values.

pub mod target;
