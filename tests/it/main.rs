//! The integration tests: one binary, a file for each topic, and what they share in `support`.

mod cli;
mod corpora;
mod example;
mod generated;
mod histories;
mod incremental;
mod layers;
mod pairs;
mod postgres;
mod production;
mod readers;
mod support;
mod targets;
