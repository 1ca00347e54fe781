//! The integration tests: one binary, a file for each topic, and what they share in `support`.

#![expect(clippy::disallowed_methods, reason = "tests find the machine's programs, which no output depends on")]
#![expect(clippy::print_stderr, reason = "tests say which seeds they drew and what they skipped")]

mod cli;
mod corpora;
mod example;
mod histories;
mod incremental;
mod layers;
mod pairs;
mod postgres;
mod production;
mod support;
mod targets;
