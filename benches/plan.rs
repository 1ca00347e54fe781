//! How long reading, planning and `forge diff` take: `cargo bench --bench plan`.
//!
//! Two states that differ in ten places, from 1,000 to 10,000 tables in a chain of foreign keys: planning between them,
//! making all of one, and reading their SQL into the model beside what `squawk-syntax` alone takes to parse it, with and without
//! its errors. Then the whole process on two files, and on the same tables split over many. Prints the best of five; asserts nothing.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it runs the program")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use forge::model::Model;
use forge::model::lower::sql::lower;
use forge::path::RepoPath;
use forge::plan::{Style, plan};
use forge::syntax::sql::parse;
use squawk_syntax::SourceFile;

fn main() {
    for tables in [1_000, 5_000, 10_000] {
        library(tables);
    }
    for tables in [500, 5_000] {
        process(tables);
    }
}

/// The stages, as the library runs them.
fn library(tables: usize) {
    let (from, to) = (schema(tables, 0).concat(), schema(tables, tables / 10).concat());
    let (old, new, nothing) = (read(&from), read(&to), Model::default());
    let statements = plan(&old, &new, Style::Plain).statements.len();
    println!("{tables} tables, {statements} statements");
    show("plan", || drop(plan(&old, &new, Style::Plain)));
    show("plan, equal states", || drop(plan(&old, &old, Style::Plain)));
    show("plan from nothing", || drop(plan(&nothing, &new, Style::Plain)));
    show("read", || drop(read(&from)));
    show("squawk-syntax", || drop(SourceFile::parse(&from)));
    show("squawk-syntax, errors", || drop(SourceFile::parse(&from).errors()));
}

/// `forge diff` as a whole process: two files, equal files, and folders of a file for each table.
fn process(tables: usize) {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let root = folder.path();
    for (name, step) in [("from", 0), ("to", tables)] {
        let parts = schema(tables, step);
        fs::write(root.join(format!("{name}.sql")), parts.concat()).expect("a file can be written");
        fs::create_dir(root.join(name)).expect("a folder can be made");
        for (at, part) in parts.iter().enumerate() {
            fs::write(root.join(format!("{name}/{at:05}.sql")), part).expect("a file can be written");
        }
    }
    println!("forge diff, {tables} tables");
    show("one column", || diff(root, "from.sql", "to.sql"));
    show("equal", || diff(root, "from.sql", "from.sql"));
    show("a file for each table", || diff(root, "from", "to"));
}

/// A schema of so many tables, each with ten columns, a key, an index and a foreign key to the one before; every
/// `step`th of them has one column more. A part for each table.
fn schema(tables: usize, step: usize) -> Vec<String> {
    let table = |table: usize| {
        let mut out = format!("CREATE TABLE t_{table} (\n    id bigint PRIMARY KEY,\n    parent_id bigint");
        for column in 0..8 {
            let _ = write!(out, ",\n    c_{column} varchar({})", 20 + column);
        }
        if step > 0 && table.is_multiple_of(step) {
            out.push_str(",\n    added text");
        }
        let _ = writeln!(out, "\n);\nCREATE INDEX i_{table} ON t_{table} (c_1, c_2);");
        if table > 0 {
            let _ = writeln!(out, "ALTER TABLE t_{table} ADD FOREIGN KEY (parent_id) REFERENCES t_{} (id);", table - 1);
        }
        out
    };
    (0..tables).map(table).collect()
}

fn read(text: &str) -> Model {
    lower(&[parse(&RepoPath::root(), text)]).model
}

fn diff(root: &Path, from: &str, to: &str) {
    let run = Command::new(env!("CARGO_BIN_EXE_forge")).args(["diff", from, to]).current_dir(root).output();
    assert!(run.expect("the program runs").status.success());
}

/// Prints the shortest of five runs.
fn show(what: &str, work: impl Fn()) {
    let once = || {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    let best = (0..5).map(|_| once()).min().unwrap_or(Duration::ZERO);
    println!("  {what:<22} {best:>9.1?}");
}
