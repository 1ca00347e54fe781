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
