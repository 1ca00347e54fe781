//! Partitions and inheritance.

use super::check;

#[test]
fn a_written_and_a_dumped_partition_are_the_same() {
    let written =
        "CREATE TABLE m (id int, at date NOT NULL CHECK (at > '2000-01-01'), PRIMARY KEY (id, at), UNIQUE (at, id))
            PARTITION BY RANGE (at);
        CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE INDEX ON m (at);";
    let dumped = "CREATE TABLE public.m (id integer NOT NULL, at date NOT NULL,
            CONSTRAINT m_at_check CHECK (at > '2000-01-01')) PARTITION BY RANGE (at);
        CREATE TABLE public.m_1 (id integer NOT NULL, at date NOT NULL,
            CONSTRAINT m_at_check CHECK (at > '2000-01-01'));
        ALTER TABLE ONLY public.m ATTACH PARTITION public.m_1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        ALTER TABLE ONLY public.m ADD CONSTRAINT m_at_id_key UNIQUE (at, id);
        ALTER TABLE ONLY public.m_1 ADD CONSTRAINT m_1_at_id_key UNIQUE (at, id);
        ALTER TABLE ONLY public.m ADD CONSTRAINT m_pkey PRIMARY KEY (id, at);
        ALTER TABLE ONLY public.m_1 ADD CONSTRAINT m_1_pkey PRIMARY KEY (id, at);
        CREATE INDEX m_at_idx ON ONLY public.m USING btree (at);
        CREATE INDEX m_1_at_idx ON public.m_1 USING btree (at);
        ALTER INDEX public.m_at_idx ATTACH PARTITION public.m_1_at_idx;
        ALTER INDEX public.m_at_id_key ATTACH PARTITION public.m_1_at_id_key;
        ALTER INDEX public.m_pkey ATTACH PARTITION public.m_1_pkey;";
    assert_eq!(super::shown(dumped), super::shown(written));
    check(
        written,
        &[
            "table m by range (at)",
            "  id integer not null",
            "  at date not null",
            "  m_at_check check at > '2000-01-01'",
            "  m_at_id_key unique (at, id)",
            "  m_pkey primary key (id, at)",
            "  index m_at_idx btree (at)",
            "table m_1 of m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
            "  id integer not null",
            "  at date not null",
        ],
    );
}

#[test]
fn an_attached_index_with_a_name_of_its_own_stays() {
    check(
        "CREATE TABLE m (a int) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF m DEFAULT;
         CREATE TABLE q PARTITION OF m FOR VALUES IN (1);
         CREATE INDEX i ON ONLY m (a); CREATE INDEX own ON p (a); ALTER INDEX i ATTACH PARTITION own;",
        &[
            "table m by list (a)",
            "  a integer",
            "  index i btree (a) only",
            "table p of m DEFAULT",
            "  a integer",
            "  index own btree (a) attached to i",
            "table q of m FOR VALUES IN (1)",
            "  a integer",
        ],
    );
}

#[test]
fn columns_go_down_to_what_inherits() {
    check(
        "CREATE TABLE a (x int NOT NULL, y int); CREATE TABLE b (z int, y int DEFAULT 1) INHERITS (a);
         ALTER TABLE a ADD w text; ALTER TABLE a ALTER x TYPE bigint; ALTER TABLE a DROP y;
         CREATE TABLE m (k int) PARTITION BY HASH (k);
         CREATE TABLE p PARTITION OF m (k DEFAULT 3) FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         ALTER TABLE m ADD l int; ALTER TABLE m DETACH PARTITION p;",
        &[
            "table a",
            "  x bigint not null",
            "  w text",
            "table b inherits a",
            "  x bigint inherited not null",
            "  z integer",
            "  w text inherited",
            "table m by hash (k)",
            "  k integer",
            "  l integer",
            "table p",
            "  k integer default 3",
            "  l integer",
        ],
    );
}

#[test]
fn statements_refer_to_the_indexes_that_partitions_get() {
    check(
        "CREATE TABLE m (a int, b int) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF m FOR VALUES IN (1);
         CREATE UNIQUE INDEX i ON m (a, b); ALTER TABLE p ADD CONSTRAINT k PRIMARY KEY USING INDEX p_a_b_idx;
         CREATE INDEX j ON m (lower(b::text)); CREATE TABLE q PARTITION OF m DEFAULT; ALTER INDEX q_lower_idx RENAME TO own;
         CREATE INDEX l ON m (b); DROP INDEX l;",
        &[
            "table m by list (a)",
            "  a integer",
            "  b integer",
            "  index i btree (a, b) unique",
            "  index j btree ((lower(b::text)))",
            "table p of m FOR VALUES IN (1)",
            "  a integer not null",
            "  b integer not null",
            "  k primary key (a, b) attached to i",
            "table q of m DEFAULT",
            "  a integer",
            "  b integer",
            "  index own btree ((lower(b::text))) attached to j",
        ],
    );
}

#[test]
fn a_key_of_the_parent_only_says_so_and_so_do_its_parts() {
    let written = "CREATE TABLE m (a int NOT NULL) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF m DEFAULT;
         CREATE TABLE q PARTITION OF m FOR VALUES IN (1); ALTER TABLE ONLY m ADD PRIMARY KEY (a);
         ALTER TABLE p ADD PRIMARY KEY (a); ALTER INDEX m_pkey ATTACH PARTITION p_pkey;";
    let [m, p, q] = ["table m by list (a)", "table p of m DEFAULT", "table q of m FOR VALUES IN (1)"];
    let column = "  a integer not null";
    let (only, part) = ("  m_pkey primary key (a) only", "  p_pkey primary key (a) attached to m_pkey");
    check(written, &[m, column, only, p, column, part, q, column]);
    let whole = format!("{written} ALTER TABLE q ADD PRIMARY KEY (a); ALTER INDEX m_pkey ATTACH PARTITION q_pkey;");
    check(&whole, &[m, column, "  m_pkey primary key (a)", p, column, q, column]);
}

#[test]
fn a_key_goes_with_its_whole_and_stays_with_a_table_that_leaves() {
    let written = "CREATE TABLE m (a int PRIMARY KEY) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF m DEFAULT;";
    let [m, column] = ["table m by list (a)", "  a integer not null"];
    let key = "  m_pkey primary key (a)";
    check(
        &format!("{written} ALTER TABLE m DETACH PARTITION p;"),
        &[m, column, key, "table p", column, "  p_pkey primary key (a)"],
    );
    check(&format!("{written} ALTER TABLE m DROP CONSTRAINT m_pkey;"), &[m, column, "table p of m DEFAULT", column]);
    check(
        &format!(
            "{written} ALTER TABLE m RENAME CONSTRAINT m_pkey TO k; ALTER TABLE p RENAME CONSTRAINT p_pkey TO own;"
        ),
        &[m, column, "  k primary key (a)", "table p of m DEFAULT", column, "  own primary key (a) attached to k"],
    );
}

#[test]
fn no_table_is_above_itself() {
    for text in [
        "CREATE TABLE a (id int) INHERITS (a);",
        "CREATE TABLE a (id int); CREATE TABLE b (id int) INHERITS (a); ALTER TABLE a INHERIT b;",
        "CREATE TABLE a PARTITION OF a DEFAULT;",
        "CREATE TABLE a (id int) PARTITION BY LIST (id); ALTER TABLE a ATTACH PARTITION a DEFAULT;",
    ] {
        let found = super::lowered(text).diagnostics;
        assert!(found.iter().any(|it| it.code == "circular-inheritance"), "{text}: {found:?}");
    }
}
