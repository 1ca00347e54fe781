//! What is passed over, counted; and files together.

use super::{lowered, messages};
use crate::model::lower::sql::lower;
use crate::path::RepoPath;
use crate::syntax::sql::parse;

#[test]
fn what_has_no_meaning_for_a_schema_is_counted() {
    let found = lowered(
        "\\restrict abc\nSET statement_timeout = 0; BEGIN; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); CREATE ROLE r; COMMIT; LOCK t;
         SELECT pg_catalog.setval('s', 1, true); ANALYZE; CREATE EXTENSION plpgsql; CREATE TABLE t (); ALTER TABLE t OWNER TO o;
         CREATE TEMP TABLE x (a int); ;",
    );
    let left_out: Vec<&str> = found.diagnostics.iter().map(|found| found.message.as_str()).collect();
    let expected = [
        "this `CREATE ROLE` is left out: it is no part of a schema",
        "this `INSERT` is left out, and 1 more here: it is no part of a schema",
        "this `temporary object` is left out: it is no part of a schema",
    ];
    assert_eq!(left_out, expected, "and the rest would leave nothing behind");
    let skipped: Vec<String> = found.skipped.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    assert_eq!(
        skipped,
        [
            "ANALYZE 1",
            "BEGIN 1",
            "COMMIT TRANSACTION 1",
            "CREATE ROLE 1",
            "INSERT 2",
            "LOCK 1",
            "OWNER TO 1",
            "SELECT 1",
            "SET 1",
            "extension plpgsql 1",
            "psql meta-command 1",
            "temporary object 1"
        ]
    );
}

#[test]
fn what_may_have_a_meaning_is_reported() {
    assert_eq!(
        messages(
            "DO $$ BEGIN IF true THEN CREATE ROLE r; END IF; END $$; DO $$ BEGIN CREATE TABLE t (); END $$; SELECT create_hypertable('t', 'at'); CALL p();"
        ),
        [
            "not-modelled: what a `DO` block does is not modelled, so it is left out",
            "not-modelled: what a call of `create_hypertable` changes is not modelled, so it is left out",
            "not-modelled: `CALL` is not modelled, so it is left out",
        ]
    );
}

#[test]
fn files_build_on_one_another_and_a_search_path_ends_with_its_file() {
    let [first, second] = [
        "SET search_path = app; CREATE TABLE a (id int PRIMARY KEY);",
        "ALTER TABLE app.a ADD b int; CREATE TABLE c ();",
    ]
    .map(|text| parse(&RepoPath::new("a.sql").unwrap(), text));
    let found = lower(&[first, second]);
    assert_eq!(found.diagnostics, []);
    let tables: Vec<String> = found.model.tables.keys().map(ToString::to_string).collect();
    assert_eq!(tables, ["c", "app.a"]);
}

#[test]
fn a_broken_statement_makes_what_it_can_and_no_echo() {
    let file = parse(
        &RepoPath::new("a.sql").unwrap(),
        "CREATE TABLE a (x int, y no such type, CHECK (z);\nCREATE TABLE b (x int);",
    );
    let broken = file.diagnostics.clone();
    assert_eq!(broken.len(), 1);
    let found = lower(&[file]);
    assert_eq!(found.diagnostics, broken);
    assert!(found.model.tables.keys().any(|name| name.to_string() == "b"));
}
