//! The integration tests: one binary, a file for each topic, and what they share in `support`.

mod layers;
mod postgres;
mod production;
mod support;
