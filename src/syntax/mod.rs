//! Text to trees: TOML and SQL, with spans, and with nothing known about what the trees mean.

pub mod expr;
