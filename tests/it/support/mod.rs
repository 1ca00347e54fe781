//! What the topics share; nothing here knows a topic.

pub mod dump;
pub mod expected;
pub mod generate;
pub mod git;
pub mod parallel;
#[allow(dead_code, reason = "a part of it is for the benches")]
pub mod past;
pub mod postgres;
pub mod project;
pub mod proof;
pub mod random;
pub mod relations;
pub mod roles;
pub mod watching;
