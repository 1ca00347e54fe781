//! How long planning and reading take: `cargo bench --bench plan`.
//!
//! Planning between two states of 1,000 and of 10,000 tables that differ in ten places, and reading their SQL into the
//! model beside what `squawk-syntax` alone takes to parse it. Prints the best of five; asserts nothing.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

use std::fmt::Write;
use std::time::{Duration, Instant};

use forge::model::Model;
use forge::model::lower::sql::lower;
use forge::path::RepoPath;
use forge::plan::{Style, plan};
use forge::syntax::sql::parse;
use squawk_syntax::SourceFile;

fn main() {
    for tables in [1_000, 10_000] {
        let (from, to) = (schema(tables, 0), schema(tables, tables / 10));
        let (old, new) = (read(&from), read(&to));
        let statements = plan(&old, &new, Style::Plain).statements.len();
        println!("{tables} tables, {statements} statements");
        println!("  plan            {:>9.1?}", best(|| drop(plan(&old, &new, Style::Plain))));
        println!("  read            {:>9.1?}", best(|| drop(read(&from))));
        println!("  squawk-syntax   {:>9.1?}", best(|| drop(SourceFile::parse(&from))));
    }
}

/// A schema of so many tables, each with ten columns, a key, an index and a foreign key to the one before; every
/// `step`th of them has one column more.
fn schema(tables: usize, step: usize) -> String {
    let mut out = String::new();
    for table in 0..tables {
        let _ = write!(out, "CREATE TABLE t_{table} (\n    id bigint PRIMARY KEY,\n    parent_id bigint");
        for column in 0..8 {
            let _ = write!(out, ",\n    c_{column} varchar({})", 20 + column);
        }
        if step > 0 && table % step == 0 {
            out.push_str(",\n    added text");
        }
        let _ = writeln!(out, "\n);\nCREATE INDEX i_{table} ON t_{table} (c_1, c_2);");
        if table > 0 {
            let _ = writeln!(out, "ALTER TABLE t_{table} ADD FOREIGN KEY (parent_id) REFERENCES t_{} (id);", table - 1);
        }
    }
    out
}

fn read(text: &str) -> Model {
    lower(&[parse(&RepoPath::root(), text)]).model
}

/// The shortest of five runs.
fn best(work: impl Fn()) -> Duration {
    let once = || {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..5).map(|_| once()).min().unwrap_or_default()
}
