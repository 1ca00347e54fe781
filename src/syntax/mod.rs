//! Text to trees: schema files in TOML, and expressions of SQL. Reading never fails; spans live here.

pub mod toml;
