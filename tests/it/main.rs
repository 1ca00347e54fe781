//! The integration tests: one binary, a file for each topic, and what they share in `support`.

#![allow(clippy::disallowed_methods, reason = "tests find the machine's programs, which no output depends on")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say which seeds they drew and what they skipped")]

mod chains;
mod changes;
mod cli;
mod corpora;
mod damage;
mod diff;
mod example;
mod generated;
mod git;
mod grammar;
mod histories;
mod history;
mod incremental;
mod iterations;
mod layers;
mod online;
mod pairs;
mod postgres;
mod precise;
mod production;
mod readers;
mod readme;
mod safety;
mod sequences;
mod staged;
mod support;
mod targets;
mod terminal;
mod verdicts;
mod watch;
mod why;
