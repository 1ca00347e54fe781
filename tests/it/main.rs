//! The integration tests: one binary, a file for each topic, and what they share in `support`.

mod postgres;
mod support;
