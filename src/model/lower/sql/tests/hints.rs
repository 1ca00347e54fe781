//! Hints in comments.

use super::{check, messages};

#[test]
fn hints_find_what_they_stand_above() {
    check(
        "-- forge:renamed_from old_accounts
CREATE TABLE accounts (
    -- The number.
    -- forge:renamed_from \"Phone\"
    -- forge:backfill coalesce(a,   'x')
    phone text NOT NULL, -- trailing
    n int,
    -- forge:renamed_from old_check
    CONSTRAINT c CHECK (n > 0)
);
-- forge:renamed_from old_idx
CREATE INDEX i ON accounts (n);
CREATE TYPE mood AS ENUM (
    'a',
    -- forge:renamed_from 'b b'
    'c'
);
-- forge:renamed_from old_key
ALTER TABLE ONLY accounts
    ADD CONSTRAINT k UNIQUE (n);
ALTER TABLE accounts
    -- forge:using n::text
    ADD COLUMN m text,
    -- forge:renamed_from q
    ADD CONSTRAINT p CHECK (true);
",
        &[
            "type mood enum a | c was b b",
            "table accounts was old_accounts",
            "  phone text not null was \"Phone\" backfill coalesce(a, 'x')",
            "  n integer",
            "  m text using n::text",
            "  c check n > 0 was old_check",
            "  k unique (n) was old_key",
            "  p check true was q",
            "  index i btree (n) was old_idx",
        ],
    );
}

#[test]
fn a_hint_above_nothing_is_reported() {
    let found = messages("-- forge:renamed_from a\nSET x = 1;\nCREATE TABLE t ();\n-- forge:using b\n");
    assert_eq!(
        found,
        [
            "unused-hint: the hint `renamed_from` stands above nothing that it could be about",
            "unused-hint: the hint `using` stands above nothing that it could be about"
        ]
    );
}
