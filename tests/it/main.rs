//! The integration tests: one binary, a file for each topic, and what they share in `support`.

mod cli;
mod example;
mod incremental;
mod layers;
mod postgres;
mod production;
mod support;
mod targets;
