//! Production.
pub mod lattice;
