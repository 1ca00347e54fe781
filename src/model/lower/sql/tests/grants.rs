//! Privileges.

use super::{check, lowered};

#[test]
fn all_is_spelled_out_by_kind() {
    check(
        "CREATE TABLE t (a int, b int); CREATE SEQUENCE s; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE e AS ENUM ();
         GRANT ALL ON t TO u; GRANT ALL ON SEQUENCE s TO u; GRANT ALL PRIVILEGES ON FUNCTION f() TO u;
         GRANT SELECT (a), UPDATE (a, b) ON t TO v WITH GRANT OPTION; GRANT USAGE ON TYPE e TO u;
         REVOKE TRUNCATE, REFERENCES, TRIGGER, DELETE ON TABLE t FROM u; REVOKE GRANT OPTION FOR UPDATE (a) ON t FROM v;",
        &[
            "type e enum ",
            "sequence s",
            "table t",
            "  a integer",
            "  b integer",
            "Function f() [] -> integer sql \"SELECT 1\"",
            "Granted { grantable: false } usage on type e to u",
            "Granted { grantable: false } select on sequence s to u",
            "Granted { grantable: false } update on sequence s to u",
            "Granted { grantable: false } usage on sequence s to u",
            "Granted { grantable: false } insert on table t to u",
            "Granted { grantable: false } select on table t to u",
            "Granted { grantable: false } update on table t to u",
            "Granted { grantable: true } select(a) on table t to v",
            "Granted { grantable: false } update(a) on table t to v",
            "Granted { grantable: true } update(b) on table t to v",
            "Granted { grantable: false } execute on function f() to u",
        ],
    );
}

#[test]
fn only_what_everyone_has_can_be_missing() {
    check(
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t ();
         REVOKE ALL ON FUNCTION f() FROM PUBLIC; REVOKE ALL ON t FROM PUBLIC; REVOKE USAGE ON SCHEMA public FROM PUBLIC;
         REVOKE ALL ON SCHEMA public FROM someone; GRANT USAGE ON SCHEMA public TO PUBLIC; GRANT a TO b;",
        &["table t", "Function f() [] -> integer sql \"SELECT 1\"", "Revoked execute on function f() to public"],
    );
}

#[test]
fn all_of_a_schema_is_what_is_there() {
    check(
        "CREATE TABLE a (); CREATE VIEW b AS SELECT 1; CREATE SCHEMA s; CREATE TABLE s.c ();
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO u; CREATE TABLE later (); DROP TABLE s.c;",
        &[
            "schema s",
            "table a",
            "table later",
            "view b: SELECT 1",
            "Granted { grantable: false } select on table a to u",
            "Granted { grantable: false } select on view b to u",
        ],
    );
}

#[test]
fn default_privileges_are_given_to_what_is_made_later() {
    check(
        "CREATE TABLE before (); ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO u;
         ALTER DEFAULT PRIVILEGES FOR ROLE o GRANT ALL ON SEQUENCES TO u;
         ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; CREATE TABLE after ();",
        &[
            "table after",
            "table before",
            "Granted { grantable: false } select on table after to u",
            "Revoked execute on functions to public by [\"-\", \"-\"]",
            "Granted { grantable: false } select on tables to u by [\"-\", \"public\"]",
            "Granted { grantable: false } select on sequences to u by [\"o\", \"-\"]",
            "Granted { grantable: false } update on sequences to u by [\"o\", \"-\"]",
            "Granted { grantable: false } usage on sequences to u by [\"o\", \"-\"]",
        ],
    );
}

#[test]
fn public_is_listed_only_for_a_comment_of_its_own() {
    let model = |sql: &str| lowered(sql).model;
    let said = model("COMMENT ON SCHEMA public IS 'ours'; REVOKE USAGE ON SCHEMA public FROM PUBLIC;");
    assert_eq!(said.schemas["public"].comment.as_deref(), Some("ours"));
    assert_eq!(said.grants.len(), 1);
    let nothing = model(
        "COMMENT ON SCHEMA public IS 'ours'; COMMENT ON SCHEMA public IS NULL; GRANT USAGE ON SCHEMA public TO PUBLIC;",
    );
    assert_eq!(nothing, model(""));
}
