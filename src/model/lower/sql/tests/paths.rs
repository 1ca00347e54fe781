//! Names under another search path than the usual.

use super::check;

#[test]
fn names_that_only_the_search_path_explains_get_their_schema() {
    check(
        "CREATE SCHEMA app; CREATE TABLE other (n int); SET search_path = app, public; CREATE SEQUENCE s;
         CREATE TYPE e AS ENUM ('x'); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TABLE t (id int DEFAULT nextval('s'), b int DEFAULT f(1), CHECK (f(id) > 0));
         CREATE VIEW v AS WITH w AS (SELECT 1 AS t) SELECT t.id, 'x'::e AS x, lower('s') AS s FROM t, w, other;
         SET search_path = public; CREATE VIEW u AS SELECT * FROM app.t, other;",
        &[
            "schema app",
            "type app.e enum x",
            "sequence app.s",
            "table other",
            "  n integer",
            "table app.t",
            "  id integer default nextval('app.s')",
            "  b integer default app.f(1)",
            "  t_id_check check app.f(id) > 0",
            "view u: SELECT * FROM app.t, other",
            "view app.v: WITH w AS (SELECT 1 AS t) SELECT t.id, 'x'::app.e AS x, lower('s') AS s FROM app.t, w, other",
            "Function app.f(integer) [integer] -> integer sql \"SELECT 1\"",
        ],
    );
}
