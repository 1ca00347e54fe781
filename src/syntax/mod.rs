//! Text to trees: schema files in TOML and in SQL, and single expressions. Reading never fails; spans live here.

pub mod expr;
pub mod sql;
pub mod toml;
