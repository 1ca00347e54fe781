//! What the topics share; nothing here knows a topic.

pub mod dump;
pub mod postgres;
pub mod project;
