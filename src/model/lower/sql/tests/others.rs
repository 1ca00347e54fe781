//! What is carried whole, extensions and drops.

use super::{check, messages};

#[test]
fn objects_are_carried_whole_under_the_name_that_drop_uses() {
    check(
        "CREATE TABLE t (a int, b int); CREATE AGGREGATE public.first(anyelement) (SFUNC = f,   STYPE = anyelement);
         CREATE COLLATION de (locale = 'de'); CREATE CAST (int4 AS public.x) WITH FUNCTION f(int);
         CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = f);
         CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING; CREATE STATISTICS s ON a, b FROM t;
         CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f(); CREATE PUBLICATION p FOR TABLE t;
         CREATE TEXT SEARCH CONFIGURATION c (PARSER = pg_catalog.default);
         ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word WITH simple; ALTER EVENT TRIGGER e DISABLE;
         COMMENT ON AGGREGATE first(anyelement) IS 'the first'; COMMENT ON RULE r ON t IS 'none';
         DROP COLLATION de; DROP PUBLICATION IF EXISTS q; DROP CAST (integer AS x); DROP OPERATOR ===(integer, text);",
        &[
            "table t",
            "  a integer",
            "  b integer",
            "AGGREGATE first(anyelement): CREATE AGGREGATE public.first(anyelement) (SFUNC = f, STYPE = anyelement) -- the first",
            "EVENT TRIGGER e: CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();",
            "ALTER EVENT TRIGGER e DISABLE",
            "PUBLICATION p: CREATE PUBLICATION p FOR TABLE t",
            "RULE r ON t: CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING -- none",
            "STATISTICS s: CREATE STATISTICS s ON a, b FROM t",
            "TEXT SEARCH CONFIGURATION c: CREATE TEXT SEARCH CONFIGURATION c (PARSER = pg_catalog.default);",
            "ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word WITH simple",
        ],
    );
}

#[test]
fn extensions() {
    check(
        "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public VERSION '1.6'; CREATE EXTENSION hstore SCHEMA ext;
         COMMENT ON EXTENSION hstore IS 'pairs'; CREATE EXTENSION gone; DROP EXTENSION gone;
         COMMENT ON EXTENSION plpgsql IS 'x'; COMMENT ON SCHEMA public IS 'standard public schema';",
        &["extension citext", "extension hstore in ext -- pairs"],
    );
}

#[test]
fn a_drop_takes_along_what_depends() {
    check(
        "CREATE TABLE a (id serial PRIMARY KEY); CREATE TABLE b (a int REFERENCES a, c int); CREATE INDEX i ON b (c);
         GRANT SELECT ON a TO u; DROP INDEX i; DROP TABLE a CASCADE; CREATE TABLE a_id_seq (); DROP SEQUENCE IF EXISTS x;",
        &["table a_id_seq", "table b", "  a integer", "  c integer"],
    );
    check(
        "CREATE SCHEMA s; CREATE TABLE s.t (id serial); CREATE TYPE s.e AS ENUM (); DROP SCHEMA s CASCADE; CREATE TABLE t ();",
        &["table t"],
    );
    assert_eq!(
        messages("DROP SEQUENCE s; DROP COLLATION c;"),
        ["missing-object: there is no sequence `s`", "missing-object: there is no collation `c`"]
    );
}

#[test]
fn what_only_dumps_say_is_kept() {
    check(
        "CREATE TABLE t (a int PRIMARY KEY, b text); CREATE INDEX i ON t (b); ALTER TABLE ONLY t ALTER COLUMN b SET (n_distinct = 5);
         ALTER TABLE t CLUSTER ON i; ALTER INDEX i RENAME TO j; CREATE VIEW v AS SELECT a, b FROM t;
         ALTER TABLE ONLY v ALTER COLUMN b SET DEFAULT 'x'::text; ALTER VIEW v ALTER a SET DEFAULT 1; ALTER VIEW v ALTER a DROP DEFAULT;
         CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE INDEX k ON m (a); CLUSTER m USING k;
         CREATE DOMAIN d AS int CONSTRAINT c CHECK (VALUE > 0); COMMENT ON CONSTRAINT c ON DOMAIN d IS 'why';
         CREATE TABLE u (a int); CREATE INDEX gone ON u (a); ALTER TABLE u CLUSTER ON gone; DROP INDEX gone;",
        &[
            "type d domain integer c check VALUE > 0 -- why",
            "table t clustered on j",
            "  a integer not null",
            "  b text n_distinct=5",
            "  t_pkey primary key (a)",
            "  index j btree (b)",
            "table u",
            "  a integer",
            "materialized view m clustered on k: SELECT a FROM t",
            "  index k btree (a)",
            "view v: SELECT a, b FROM t",
            "  b default 'x'::text",
        ],
    );
}

#[test]
fn languages_are_there_without_being_made() {
    check(
        "GRANT USAGE ON LANGUAGE plpgsql TO u; COMMENT ON LANGUAGE plpgsql IS 'x';",
        &["Granted { grantable: false } usage on language plpgsql to u"],
    );
    assert_eq!(messages("GRANT USAGE ON LANGUAGE plperl TO u;"), ["missing-object: there is no language `plperl`"]);
    assert_eq!(messages("GRANT USAGE ON FOREIGN SERVER s TO u;"), ["missing-object: there is no server `s`"]);
}

#[test]
fn cascade_takes_along_what_reads_a_relation() {
    check(
        "CREATE TYPE e AS ENUM ('x'); CREATE TABLE a (n int); CREATE TABLE b (a int); CREATE VIEW v AS SELECT n FROM a;
         CREATE VIEW w AS SELECT n FROM public.v; CREATE VIEW u AS SELECT a FROM b;
         CREATE FUNCTION f(e) RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP TABLE a CASCADE; DROP TYPE e CASCADE;",
        &["table b", "  a integer", "view u: SELECT a FROM b"],
    );
}

#[test]
fn the_value_of_a_setting_in_the_session_is_not_known() {
    let said = messages("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET work_mem FROM CURRENT AS 'SELECT 1';");
    assert_eq!(
        said,
        ["not-modelled: `FROM CURRENT`, a value that only the server knows, is not modelled, so it is left out"]
    );
}
