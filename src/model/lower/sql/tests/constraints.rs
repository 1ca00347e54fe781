//! Constraints and their names.

use super::check;

#[test]
fn unnamed_constraints_get_the_names_that_postgres_gives() {
    check(
        "CREATE TABLE r (a int, b int, PRIMARY KEY (a, b));
         CREATE TABLE t (a int UNIQUE CHECK (a > 0) CHECK (a < 9), b int CHECK (a > b), c int CHECK (lower('x') = 'x'),
            UNIQUE (a, b) INCLUDE (c), CHECK (t.c > 1), FOREIGN KEY (a, b) REFERENCES r, FOREIGN KEY (a, b) REFERENCES r (a, b)
            ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, EXCLUDE USING gist (c WITH =, b WITH &&),
            CONSTRAINT own UNIQUE NULLS NOT DISTINCT (c), PRIMARY KEY (b));",
        &[
            "table r",
            "  a integer not null",
            "  b integer not null",
            "  r_pkey primary key (a, b)",
            "table t",
            "  a integer",
            "  b integer not null",
            "  c integer",
            "  own unique (c) nulls not distinct",
            "  t_a_b_c_key unique (a, b) include (c)",
            "  t_a_b_fkey foreign key (a, b) to r (a, b)",
            "  t_a_b_fkey1 foreign key (a, b) to r (a, b) on delete Cascade on update SetNull InitiallyDeferred",
            "  t_a_check check a > 0",
            "  t_a_check1 check a < 9",
            "  t_a_key unique (a)",
            "  t_c_b_excl exclude gist (c with =, b with &&)",
            "  t_c_check check t.c > 1",
            "  t_check check a > b",
            "  t_check1 check lower('x') = 'x'",
            "  t_pkey primary key (b)",
        ],
    );
}

#[test]
fn keys_over_the_same_columns_are_one() {
    check(
        "CREATE TABLE t (id int UNIQUE PRIMARY KEY, b int UNIQUE, CONSTRAINT named UNIQUE (b))",
        &["table t", "  id integer not null", "  b integer", "  named unique (b)", "  t_pkey primary key (id)"],
    );
}

#[test]
fn a_chosen_name_avoids_those_of_the_whole_schema() {
    check(
        "CREATE TABLE a (x int, CONSTRAINT b_x_check CHECK (x > 0)); CREATE TABLE b (x int CHECK (x > 0));",
        &["table a", "  x integer", "  b_x_check check x > 0", "table b", "  x integer", "  b_x_check1 check x > 0"],
    );
}

#[test]
fn constraints_are_altered() {
    check(
        "CREATE TABLE t (a int, b int, c int);
         CREATE UNIQUE INDEX i ON t (a) WITH (fillfactor = 50); CREATE UNIQUE INDEX j ON t (b);
         ALTER TABLE t ADD PRIMARY KEY USING INDEX i, ADD CONSTRAINT k UNIQUE USING INDEX j DEFERRABLE,
            ADD CONSTRAINT l CHECK (c > 0) NOT VALID, ADD CONSTRAINT m CHECK (c > 1) NO INHERIT NOT VALID,
            ADD FOREIGN KEY (c) REFERENCES t;
         ALTER TABLE t VALIDATE CONSTRAINT l; ALTER TABLE t ALTER CONSTRAINT t_c_fkey DEFERRABLE INITIALLY DEFERRED;
         ALTER TABLE t DROP CONSTRAINT k; ALTER TABLE t RENAME CONSTRAINT l TO n; COMMENT ON CONSTRAINT n ON t IS 'x';",
        &[
            "table t",
            "  a integer not null",
            "  b integer",
            "  c integer",
            "  i primary key (a)",
            "  m check c > 1 not valid no inherit",
            "  n check c > 0 -- x",
            "  t_c_fkey foreign key (c) to t (a) InitiallyDeferred",
        ],
    );
}
