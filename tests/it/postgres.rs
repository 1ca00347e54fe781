//! The throw-away PostgreSQL itself.

use crate::support::postgres::Database;

#[test]
fn databases_are_apart_and_dump_alike() {
    let one = Database::with("CREATE TABLE t (a int, b text DEFAULT ';' CHECK (b <> ',')); CREATE INDEX i ON t (a);");
    let two = Database::with("CREATE TABLE t (b text DEFAULT ';' CHECK (b <> ','), a int); CREATE INDEX i ON t (a);");
    assert_ne!(one.dump(), two.dump());
    assert_eq!(one.dump().without_column_order(), two.dump().without_column_order());

    two.run("ALTER TABLE t ALTER a SET NOT NULL").unwrap();
    let difference = one.dump().without_column_order().difference(&two.dump().without_column_order());
    assert!(difference.contains("+     a integer NOT NULL"), "{difference}");
    assert!(!difference.contains("CREATE INDEX"), "{difference}");
}

#[test]
fn a_failure_names_the_line() {
    let database = Database::new();
    let error = database.run("SELECT 1;\nCREATE TABLE t (a no_such_type);").unwrap_err();
    assert!(error.contains("line 2: CREATE TABLE"), "{error}");
    let error = database.psql("CREATE TABLE t (a int);\nSELECT nothing;\n").unwrap_err();
    assert!(error.contains("column \"nothing\" does not exist"), "{error}");
    assert_eq!(database.texts("SELECT relname::text FROM pg_class WHERE relname = 't'"), ["t"]);
}
