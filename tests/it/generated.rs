//! A generated project of some size builds without a finding, and its production schema loads.

use std::fs;
use std::process::Command;

use crate::support::generate::{self, Size};
use crate::support::postgres::Database;

#[test]
fn a_generated_project_builds_and_its_production_schema_loads() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    generate::write(folder.path(), Size { entities: 60, modules: 6 }).expect("the project can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_forge")).arg("build").current_dir(folder.path()).output();
    let output = output.expect("forge runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let schema = fs::read_to_string(folder.path().join("generated/production/schema.sql")).expect("it was written");
    Database::new().psql(&schema).expect("PostgreSQL takes it");
}
