//! The file system's small print, for the layers that keep files of their own: when a file may be believed
//! unchanged, records that survive a kill, locks that are given up rather than waited for, atomic replacement.
//!
//! Knows nothing about projects, outputs or caches. `memo`, `source` and `output` stand on it and not on each other.

pub mod atomic;
pub mod dir;
pub mod frame;
pub mod ledger;
pub mod limit;
pub mod lock;
pub mod place;
pub mod rows;
pub mod stamp;
#[cfg(test)]
pub mod testing;
