//! The integration tests: one binary, a file for each topic, and what they share in `support`.

mod corpora;
mod histories;
mod layers;
mod pairs;
mod postgres;
mod production;
mod support;
