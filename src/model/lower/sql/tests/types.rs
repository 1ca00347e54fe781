//! Enums, domains, composite and range types.

use super::{check, messages};

#[test]
fn enums_grow_and_are_renamed() {
    check(
        "CREATE TYPE mood AS ENUM ('sad', 'it''s'); ALTER TYPE mood ADD VALUE 'happy';
         ALTER TYPE mood ADD VALUE 'low' BEFORE 'sad'; ALTER TYPE mood ADD VALUE IF NOT EXISTS 'mid' AFTER 'sad';
         ALTER TYPE mood ADD VALUE IF NOT EXISTS 'mid'; ALTER TYPE mood RENAME VALUE 'it''s' TO 'is';
         COMMENT ON TYPE mood IS 'how it feels'; CREATE TABLE t (m mood[]); ALTER TYPE mood RENAME TO feeling;",
        &["type feeling enum low | sad | mid | is | happy -- how it feels", "table t", "  m feeling[]"],
    );
    assert_eq!(
        messages("CREATE TYPE m AS ENUM ('a'); ALTER TYPE m ADD VALUE 'a'; ALTER TYPE m ADD VALUE 'b' AFTER 'c';"),
        ["duplicate-object: the enum `m` has the value `a` already", "missing-object: there is no enum value `c`"]
    );
}

#[test]
fn domains_keep_their_checks_by_name() {
    check(
        "CREATE DOMAIN d AS varchar(9) DEFAULT 'x' NOT NULL CHECK (VALUE <> '') CONSTRAINT own CHECK (length(VALUE) > 1);
         ALTER DOMAIN d ADD CHECK (VALUE > 'a'); ALTER DOMAIN d DROP NOT NULL; ALTER DOMAIN d RENAME CONSTRAINT own TO o;
         COMMENT ON DOMAIN d IS 'short';",
        &[
            "type d domain varchar(9) default 'x' d_check check VALUE <> '' d_check1 check VALUE > 'a' \
             o check length(VALUE) > 1 -- short",
        ],
    );
}

#[test]
fn composite_and_range_types() {
    check(
        "CREATE TYPE c AS (a int, b text COLLATE \"C\"); ALTER TYPE c ADD ATTRIBUTE d date, DROP ATTRIBUTE b;
         ALTER TYPE c RENAME ATTRIBUTE a TO e; ALTER TYPE c ALTER ATTRIBUTE e TYPE bigint; COMMENT ON COLUMN c.e IS 'E';
         CREATE TYPE floatrange AS RANGE (subtype = float8, subtype_diff = float8mi,
            multirange_type_name = public.floatmultirange);",
        &[
            "type c (e bigint -- E, d date)",
            "type floatrange range {\"subtype\": \"double precision\", \"subtype_diff\": \"float8mi\"}",
        ],
    );
}

#[test]
fn a_dropped_type_takes_columns_along_when_asked() {
    check(
        "CREATE TYPE a AS ENUM ('x'); CREATE DOMAIN b int; CREATE TABLE t (a a, n int); DROP TYPE a CASCADE; DROP DOMAIN b;",
        &["table t", "  n integer"],
    );
}
