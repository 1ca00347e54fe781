# Pairs of schemas: a name, a schema, `=>`, the schema that it becomes. All of them are to be right.

## a collation comes before the column that is sorted by it
CREATE TABLE t (id int, name text);
=>
CREATE COLLATION german (provider = icu, locale = 'de-DE');
CREATE TABLE t (id int, name text COLLATE german);
CREATE INDEX t_name ON t (name);

## a collation that is made anew takes its columns along
CREATE COLLATION c1 (provider = icu, locale = 'de-DE');
CREATE TABLE t (id int, name text COLLATE c1);
CREATE INDEX t_name ON t (name);
=>
CREATE COLLATION c1 (provider = icu, locale = 'fr-FR');
CREATE TABLE t (id int, name text COLLATE c1);
CREATE INDEX t_name ON t (name);

## a collation goes after the column that was sorted by it
CREATE SCHEMA app;
CREATE COLLATION app.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE app.t (id int, name text COLLATE app.ci UNIQUE);
=>
CREATE SCHEMA app;
CREATE TABLE app.t (id int, name text UNIQUE);

## a domain over a collation that is made anew
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN ci_text AS text COLLATE ci;
CREATE TABLE t (id int, name ci_text);
=>
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
CREATE DOMAIN ci_text AS text COLLATE ci;
CREATE TABLE t (id int, name ci_text);

## a collation that only an index and a view name
CREATE TABLE t (id int, name text);
=>
CREATE COLLATION c1 (provider = icu, locale = 'de-DE');
CREATE TABLE t (id int, name text);
CREATE INDEX t_n ON t (name COLLATE c1);
CREATE VIEW v AS SELECT * FROM t ORDER BY name COLLATE c1;

## a table gets a parent whose columns it lacks
CREATE TABLE p (id int, name text);
CREATE TABLE c (id int, extra int);
=>
CREATE TABLE p (id int, name text);
CREATE TABLE c (id int, extra int) INHERITS (p);

## a table gets a parent once its columns have the types
CREATE TABLE p (id int, name varchar(20));
CREATE TABLE c (id int, name varchar(10));
=>
CREATE TABLE p (id bigint, name text NOT NULL);
CREATE TABLE c () INHERITS (p);

## a table leaves its parent and keeps its columns and its check
CREATE TABLE p (id int, name text, CHECK (id > 0));
CREATE TABLE c (extra int) INHERITS (p);
=>
CREATE TABLE p (id int, name text, CHECK (id > 0));
CREATE TABLE c (id int, name text, extra int, CONSTRAINT p_id_check CHECK (id > 0));

## a table gets a parent whose check it lacks
CREATE TABLE p (id int, name text);
CREATE TABLE c (id int, name text);
=>
CREATE TABLE p (id int, name text, CONSTRAINT pos CHECK (id > 0));
CREATE TABLE c (id int, name text, CONSTRAINT pos CHECK (id > 0)) INHERITS (p);

## a parent goes and its child stays
CREATE TABLE p (id int, name text);
CREATE TABLE c (extra int) INHERITS (p);
=>
CREATE TABLE c (id int, name text, extra int);

## a table changes its parent
CREATE TABLE p1 (id int, a text);
CREATE TABLE p2 (id int, b text);
CREATE TABLE c (extra int) INHERITS (p1);
=>
CREATE TABLE p1 (id int, a text);
CREATE TABLE p2 (id int, b text);
CREATE TABLE c (extra int) INHERITS (p2);

## an index of the partitioned table only
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
=>
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_k ON ONLY t (k);

## an index gets its parts one by one
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_k ON ONLY t (k);
=>
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_k ON ONLY t (k);
CREATE INDEX t1_k ON t1 (k);
ALTER INDEX t_k ATTACH PARTITION t1_k;

## an enum below domains over domains is reordered
CREATE TYPE mood AS ENUM ('a', 'b', 'c');
CREATE DOMAIN d1 AS mood;
CREATE DOMAIN d2 AS d1;
CREATE TABLE t (id int, m d2, n d1, o mood);
=>
CREATE TYPE mood AS ENUM ('c', 'a', 'b');
CREATE DOMAIN d1 AS mood;
CREATE DOMAIN d2 AS d1;
CREATE TABLE t (id int, m d2, n d1, o mood);

## an enum in arrays, domains and composite types loses a value
CREATE TYPE mood AS ENUM ('a', 'b', 'c');
CREATE DOMAIN d1 AS mood CHECK (VALUE <> 'c');
CREATE TYPE pair AS (x mood, y int);
CREATE TABLE t (id int, ms mood[], p pair, d d1 DEFAULT 'a');
=>
CREATE TYPE mood AS ENUM ('b', 'a');
CREATE DOMAIN d1 AS mood CHECK (VALUE <> 'b');
CREATE TYPE pair AS (x mood, y int);
CREATE TABLE t (id int, ms mood[], p pair, d d1 DEFAULT 'a');

## an enum by which a table is partitioned loses a value
CREATE TYPE st AS ENUM ('a','b','c');
CREATE TABLE t (id int, s st NOT NULL DEFAULT 'a', ss st[] DEFAULT '{a}', CHECK (s <> 'c'));
CREATE INDEX ti ON t (s) WHERE s = 'a';
CREATE FUNCTION f(st) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW v AS SELECT s, f(s) AS x FROM t WHERE s = 'a';
CREATE TABLE p (s st) PARTITION BY LIST (s);
CREATE TABLE pa PARTITION OF p FOR VALUES IN ('a');
=>
CREATE TYPE st AS ENUM ('b','a');
CREATE TABLE t (id int, s st NOT NULL DEFAULT 'a', ss st[] DEFAULT '{a}', CHECK (s <> 'b'));
CREATE INDEX ti ON t (s) WHERE s = 'a';
CREATE FUNCTION f(st) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW v AS SELECT s, f(s) AS x FROM t WHERE s = 'a';
CREATE TABLE p (s st) PARTITION BY LIST (s);
CREATE TABLE pa PARTITION OF p FOR VALUES IN ('a');

## a new value of an enum is a default at once
CREATE TYPE st AS ENUM ('a','b');
CREATE TABLE t (id int, s st DEFAULT 'a');
=>
CREATE TYPE st AS ENUM ('x', 'a','b', 'c');
CREATE TABLE t (id int, s st DEFAULT 'c');
CREATE VIEW v AS SELECT id FROM t WHERE s = 'x';

## an enum becomes a text
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (id int, m mood DEFAULT 'a' NOT NULL);
CREATE INDEX tm ON t (m) WHERE m = 'a';
=>
CREATE TABLE t (id int, m text DEFAULT 'a' NOT NULL CHECK (m IN ('a', 'b')));
CREATE INDEX tm ON t (m) WHERE m = 'a';

## a text becomes an enum
CREATE TABLE t (id int, m text DEFAULT 'a' NOT NULL CHECK (m IN ('a', 'b')));
CREATE VIEW v AS SELECT m FROM t;
=>
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (id int, m mood DEFAULT 'a' NOT NULL);
CREATE VIEW v AS SELECT m FROM t;

## a range type is made anew below its columns
CREATE TYPE fr AS RANGE (subtype = float8);
CREATE TABLE t (id int, r fr, m fr[]);
=>
CREATE TYPE fr AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE t (id int, r fr, m fr[]);

## a range type whose multirange has a name of its own
CREATE TYPE fr AS RANGE (subtype = float8, multirange_type_name = mfr);
CREATE TABLE t (id int, r fr, m mfr);
=>
CREATE TYPE fr AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = mfr);
CREATE TABLE t (id int, r fr, m mfr);

## a sequence takes the name of an identity that goes
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME ids), x int);
=>
CREATE SEQUENCE ids;
CREATE TABLE b (id int DEFAULT nextval('ids'));

## an identity takes the name of another table's
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY, x int);
=>
CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME a_id_seq), x int);

## an identity takes the name of a serial's sequence
CREATE TABLE a (id serial, x int);
=>
CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME a_id_seq), x int);

## a serial becomes an identity
CREATE TABLE t (id serial PRIMARY KEY, n text);
CREATE TABLE u (id bigserial PRIMARY KEY);
=>
CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n text);
CREATE TABLE u (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 5) PRIMARY KEY);

## an identity becomes a serial
CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n text);
=>
CREATE TABLE t (id serial PRIMARY KEY, n text);

## a key and what refers to it become wider
CREATE TABLE t (id serial PRIMARY KEY, n text);
CREATE TABLE u (t_id int REFERENCES t);
=>
CREATE TABLE t (id bigserial PRIMARY KEY, n text);
CREATE TABLE u (t_id bigint REFERENCES t);

## checks and indexes below columns that become wider
CREATE TABLE t (a smallint CHECK (a > 0), b varchar(20) CHECK (b <> ''), c int CHECK (c IN (1,2)));
CREATE INDEX ti ON t (a) WHERE a > 5;
=>
CREATE TABLE t (a integer CHECK (a > 0), b varchar(50) CHECK (b <> ''), c bigint CHECK (c IN (1,2)));
CREATE INDEX ti ON t (a) WHERE a > 5;

## a table is no longer partitioned
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
=>
CREATE TABLE t (id int, k int);

## partitions of partitions, their keys and their indexes
CREATE TABLE ev (id bigint NOT NULL, at timestamptz NOT NULL, kind text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE ev_2020 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE ev_def PARTITION OF ev DEFAULT;
=>
CREATE TABLE ev (id bigint NOT NULL, at timestamptz NOT NULL, kind text NOT NULL, extra jsonb DEFAULT '{}', PRIMARY KEY (id, at, kind), CHECK (kind <> '')) PARTITION BY RANGE (at);
CREATE TABLE ev_2020 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE ev_2021 PARTITION OF ev FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (kind);
CREATE TABLE ev_2021_a PARTITION OF ev_2021 FOR VALUES IN ('a', 'b');
CREATE TABLE ev_2021_d PARTITION OF ev_2021 DEFAULT;
CREATE INDEX ev_kind ON ev (kind, at DESC);
CREATE TABLE ref (ev_id bigint, ev_at timestamptz, ev_kind text, FOREIGN KEY (ev_id, ev_at, ev_kind) REFERENCES ev);

## partitions are detached, attached and divided anew
CREATE TABLE ev (id int NOT NULL, CHECK (id >= 0)) PARTITION BY RANGE (id);
CREATE TABLE e1 PARTITION OF ev FOR VALUES FROM (0) TO (10);
CREATE TABLE e2 PARTITION OF ev FOR VALUES FROM (10) TO (20);
CREATE TABLE e3 (id int NOT NULL, old text);
CREATE INDEX ev_i ON ev (id);
=>
CREATE TABLE ev (id int NOT NULL, n text, CHECK (id >= 0)) PARTITION BY RANGE (id);
CREATE TABLE e1 PARTITION OF ev FOR VALUES FROM (0) TO (15);
CREATE TABLE e2 (id int NOT NULL);
CREATE TABLE e3 PARTITION OF ev FOR VALUES FROM (15) TO (30);
CREATE INDEX ev_i ON ev (id);

## the column by which a table is partitioned changes its type
CREATE TABLE h (id int, v text) PARTITION BY HASH (id);
CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
=>
CREATE TABLE h (id bigint, v varchar(20) DEFAULT 'x') PARTITION BY HASH (id);
CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE UNIQUE INDEX hu ON h (id);

## views over materialized views over a column that changes
CREATE TABLE t (id int PRIMARY KEY, amount numeric(10,2), at timestamptz);
CREATE VIEW v1 AS SELECT id, amount FROM t WHERE amount > 0;
CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n, sum(amount) AS total FROM v1;
CREATE UNIQUE INDEX mv_n ON mv (n);
CREATE VIEW v2 AS SELECT n FROM mv;
COMMENT ON VIEW v2 IS 'two';
GRANT SELECT ON v2 TO PUBLIC;
=>
CREATE TABLE t (id int PRIMARY KEY, amount numeric(12,4), at timestamptz);
CREATE VIEW v1 AS SELECT id, amount FROM t WHERE amount > 0;
CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n, sum(amount) AS total FROM v1;
CREATE UNIQUE INDEX mv_n ON mv (n);
CREATE VIEW v2 AS SELECT n FROM mv;
COMMENT ON VIEW v2 IS 'two';
GRANT SELECT ON v2 TO PUBLIC;

## a view's column is called otherwise
CREATE TABLE t (id int, a int);
CREATE VIEW v AS SELECT id, a AS x FROM t;
CREATE VIEW w AS SELECT x FROM v;
=>
CREATE TABLE t (id int, a int);
CREATE VIEW v AS SELECT id, a AS y FROM t;
CREATE VIEW w AS SELECT y FROM v;

## views in the wrong order of their names
CREATE TABLE t (a int, b int, c int);
CREATE VIEW z AS SELECT a, b FROM t;
CREATE VIEW y AS SELECT a FROM z;
CREATE VIEW x AS SELECT y.a, z.b FROM y, z;
=>
CREATE TABLE t (a int, c bigint);
CREATE VIEW z AS SELECT a, c FROM t;
CREATE VIEW y AS SELECT a, c FROM z;
CREATE VIEW x AS SELECT y.a, z.c FROM y, z;

## a view becomes a materialized one
CREATE TABLE u (id int);
CREATE VIEW t AS SELECT id FROM u;
CREATE VIEW w AS SELECT id FROM t;
=>
CREATE TABLE u (id int);
CREATE MATERIALIZED VIEW t AS SELECT id FROM u;
CREATE INDEX t_id ON t (id);
CREATE VIEW w AS SELECT id FROM t;

## a view becomes a table
CREATE VIEW t AS SELECT 1 AS id;
CREATE VIEW w AS SELECT id FROM t;
=>
CREATE TABLE t (id int);
CREATE VIEW w AS SELECT id FROM t;

## a function returns more columns
CREATE TABLE t (id int, a int);
CREATE FUNCTION f() RETURNS TABLE (id int) LANGUAGE sql AS 'SELECT id FROM t';
CREATE VIEW v AS SELECT * FROM f();
=>
CREATE TABLE t (id int, a int);
CREATE FUNCTION f() RETURNS TABLE (id int, a int) LANGUAGE sql AS 'SELECT id, a FROM t';
CREATE VIEW v AS SELECT * FROM f();

## a function's arguments are called otherwise below an index and a check
CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE TABLE t (x int, y int GENERATED ALWAYS AS (f(x, 1)) STORED, CHECK (f(x, 2) > 0));
CREATE INDEX ti ON t (f(x, 3));
=>
CREATE FUNCTION f(c int, d int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE TABLE t (x int, y int GENERATED ALWAYS AS (f(x, 1)) STORED, CHECK (f(x, 2) > 0));
CREATE INDEX ti ON t (f(x, 3));

## a function that is used everywhere returns another type
CREATE FUNCTION norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE TABLE t (n text DEFAULT norm('A'), CHECK (norm(n) <> ''), g text GENERATED ALWAYS AS (norm(n)) STORED);
CREATE INDEX ti ON t (norm(n));
CREATE VIEW v AS SELECT norm(n) AS x FROM t;
=>
CREATE FUNCTION norm(text) RETURNS varchar LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE TABLE t (n text DEFAULT norm('A'), CHECK (norm(n) <> ''), g text GENERATED ALWAYS AS (norm(n)) STORED);
CREATE INDEX ti ON t (norm(n));
CREATE VIEW v AS SELECT norm(n) AS x FROM t;

## functions of one name
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE VIEW v AS SELECT f(1) AS a, f('x'::text) AS b;
=>
CREATE FUNCTION f(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE FUNCTION f(text) RETURNS text LANGUAGE sql AS 'SELECT ''2''';
CREATE VIEW v AS SELECT f(1) AS a, f('x'::text) AS b;

## a function of statements over a column that changes
CREATE TABLE t (id int, a int);
CREATE FUNCTION g() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE a > 1; END;
CREATE VIEW v AS SELECT g() AS n;
=>
CREATE TABLE t (id int, a bigint);
CREATE FUNCTION g() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE a > 1; END;
CREATE VIEW v AS SELECT g() AS n;

## functions of all kinds
CREATE TYPE st AS ENUM ('a','b');
CREATE TABLE t (id int, s st);
=>
CREATE TYPE st AS ENUM ('a','b');
CREATE TABLE t (id int, s st);
CREATE FUNCTION f1(a int, b int DEFAULT 5, VARIADIC c text[] DEFAULT '{}') RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 50 AS $$ SELECT a + b $$;
CREATE FUNCTION f2(IN a int, OUT x int, OUT y text) LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN x := a; y := 'z'; END $$;
CREATE FUNCTION f3(s st DEFAULT 'a'::st) RETURNS SETOF t LANGUAGE sql ROWS 50 AS $$ SELECT * FROM t WHERE t.s = f3.s $$;
CREATE FUNCTION f4(p date DEFAULT CURRENT_DATE, q timestamptz DEFAULT now(), r text DEFAULT NULL, n numeric DEFAULT 1.5, b bool DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE PROCEDURE p1(INOUT a int, b text DEFAULT 'x') LANGUAGE plpgsql AS $$ BEGIN a := 1; END $$;
CREATE FUNCTION f5(a anyelement, b anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT a';
CREATE FUNCTION f6(x int) RETURNS TABLE (id int, n text) LANGUAGE sql BEGIN ATOMIC SELECT t.id, t.s::text FROM t WHERE t.id = x; END;
CREATE FUNCTION f7(x int) RETURNS int LANGUAGE sql RETURN x + 1;

## triggers of all kinds
CREATE TABLE t (id int, a int, u timestamptz);
CREATE TABLE log (at timestamptz, what text, old jsonb, new jsonb);
=>
CREATE TABLE t (id int, a int, u timestamptz);
CREATE TABLE log (at timestamptz, what text, old jsonb, new jsonb);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (now(), TG_OP, to_jsonb(OLD), to_jsonb(NEW)); RETURN NULL; END $$;
CREATE TRIGGER a AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER b BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM NEW.a) EXECUTE FUNCTION f();
CREATE TRIGGER c AFTER TRUNCATE ON t FOR EACH STATEMENT EXECUTE FUNCTION f();
CREATE CONSTRAINT TRIGGER d AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER e AFTER UPDATE ON t REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION f('x', 'y');
CREATE VIEW v AS SELECT id FROM t;
CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t ENABLE ALWAYS TRIGGER a;

## a trigger calls another function
CREATE TABLE t (id int, u timestamptz);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.u := now(); RETURN NEW; END $$;
CREATE TRIGGER tt BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
=>
CREATE TABLE t (id int, u timestamptz);
CREATE FUNCTION touch2() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.u := now(); RETURN NEW; END $$;
CREATE TRIGGER tt BEFORE INSERT OR UPDATE OF id ON t FOR EACH ROW WHEN (NEW.id > 3) EXECUTE FUNCTION touch2();
ALTER TABLE t DISABLE TRIGGER tt;

## a policy calls a new function
CREATE TABLE t (id int, owner text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (owner = current_user);
=>
CREATE TABLE t (id int, owner text);
CREATE TABLE members (name text, team text);
CREATE FUNCTION mine(o text) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT EXISTS (SELECT 1 FROM members WHERE name = o) $$;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (mine(owner)) WITH CHECK (owner IN (SELECT name FROM members));

## policies of all kinds
CREATE TABLE t (id int, owner text, org int);
CREATE TABLE m (org int, usr text);
=>
CREATE TABLE t (id int, owner text, org int);
CREATE TABLE m (org int, usr text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY a ON t FOR SELECT TO PUBLIC USING (owner = current_user OR org IN (SELECT m.org FROM m WHERE m.usr = current_user));
CREATE POLICY b ON t AS RESTRICTIVE FOR INSERT WITH CHECK (owner = current_setting('app.user', true));
CREATE POLICY c ON t FOR UPDATE USING (EXISTS (SELECT 1 FROM m WHERE m.org = t.org)) WITH CHECK (true);
CREATE POLICY d ON t FOR DELETE USING ((SELECT count(*) FROM m) > 0);

## the key that a foreign key refers to is no longer the primary one
CREATE TABLE a (id int PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);
=>
CREATE TABLE a (id int NOT NULL UNIQUE, code text PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a (id));

## a chain of foreign keys becomes wider
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a ON DELETE CASCADE);
CREATE TABLE c (b_id int REFERENCES b, a_id int REFERENCES a);
=>
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a ON DELETE SET NULL);
CREATE TABLE c (b_id bigint REFERENCES b, a_id bigint REFERENCES a);

## a text key becomes a uuid
CREATE TABLE a (id text PRIMARY KEY DEFAULT md5(random()::text));
CREATE TABLE b (a_id text REFERENCES a);
=>
CREATE TABLE a (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE b (a_id uuid REFERENCES a);

## what a generated column is computed from becomes wider
CREATE TABLE t (a int, b int, c int GENERATED ALWAYS AS (a + b) STORED);
CREATE INDEX tc ON t (c);
=>
CREATE TABLE t (a bigint, b int, c bigint GENERATED ALWAYS AS (a + b) STORED);
CREATE INDEX tc ON t (c);

## two indexes swap their names
CREATE TABLE t (a int, b int);
CREATE INDEX i1 ON t (a);
CREATE INDEX i2 ON t (b);
=>
CREATE TABLE t (a int, b int);
CREATE INDEX i1 ON t (b);
CREATE INDEX i2 ON t (a);

## a constraint's name goes to another table
CREATE TABLE t (a int, CONSTRAINT uq UNIQUE (a));
CREATE TABLE u (a int);
=>
CREATE TABLE t (a int);
CREATE TABLE u (a int, CONSTRAINT uq UNIQUE (a));

## indexes of all kinds
CREATE TABLE t (a int, b text, c jsonb, d tsvector, e int4range, f text[], g timestamptz, p point);
CREATE INDEX i1 ON t (a);
CREATE INDEX i2 ON t (b);
=>
CREATE TABLE t (a int, b text, c jsonb, d tsvector, e int4range, f text[], g timestamptz, p point);
CREATE INDEX i1 ON t USING hash (a);
CREATE INDEX i2 ON t (b DESC NULLS LAST, a ASC NULLS FIRST) INCLUDE (g) WITH (fillfactor = 80);
CREATE INDEX i3 ON t USING gin (c jsonb_path_ops);
CREATE INDEX i4 ON t USING gist (e);
CREATE INDEX i5 ON t USING brin (g) WITH (pages_per_range = 32);
CREATE INDEX i6 ON t USING gin (f);
CREATE INDEX i7 ON t ((c->>'k'));
CREATE INDEX i8 ON t ((c->'x'->>'y'), b COLLATE "C");
CREATE INDEX i9 ON t (date_trunc('day', g AT TIME ZONE 'UTC'));
CREATE INDEX i10 ON t USING spgist (p);
CREATE UNIQUE INDEX i11 ON t (a) WHERE b IS NOT NULL AND a > 5;
CREATE INDEX i12 ON t USING gist (p, e);
CREATE INDEX i13 ON t ((a + 1), (a * 2));
CREATE INDEX ON t (lower(b), upper(b));
CREATE INDEX i15 ON t (b varchar_pattern_ops);

## an aggregate starts elsewhere
CREATE FUNCTION add(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE mysum(int) (SFUNC = add, STYPE = int, INITCOND = '0');
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT mysum(a) FROM t;
=>
CREATE FUNCTION add(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE mysum(int) (SFUNC = add, STYPE = int, INITCOND = '1');
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT mysum(a) FROM t;

## views of all kinds
CREATE TABLE t (id int PRIMARY KEY, n text NOT NULL, a int[], j jsonb, d date, ts timestamptz, amt numeric(10,2), f boolean, s smallint, v varchar(20));
CREATE TABLE u (id int PRIMARY KEY, t_id int REFERENCES t, k text);
=>
CREATE TABLE t (id int PRIMARY KEY, n text NOT NULL, a int[], j jsonb, d date, ts timestamptz, amt numeric(10,2), f boolean, s smallint, v varchar(20));
CREATE TABLE u (id int PRIMARY KEY, t_id int REFERENCES t, k text);
CREATE VIEW v1 AS SELECT t.id, t.n, count(u.*) AS c, coalesce(sum(t.amt), 0) AS total, max(ts) - min(ts) AS span FROM t LEFT JOIN u ON u.t_id = t.id GROUP BY t.id, t.n HAVING count(*) > 1 ORDER BY 3 DESC LIMIT 10 OFFSET 5;
CREATE VIEW v2 AS SELECT DISTINCT ON (t.n) t.*, u.k FROM t JOIN u ON t.id = u.t_id WHERE t.n LIKE 'a%' AND t.v ILIKE '%b' AND t.n NOT LIKE 'x' AND t.n SIMILAR TO 'a|b' ORDER BY t.n, u.k DESC;
CREATE VIEW v3 AS SELECT CASE WHEN f THEN 'yes' ELSE 'no' END AS yn, CASE s WHEN 1 THEN 'one' WHEN 2 THEN 'two' END AS w, j->>'a' AS ja, j->'b'->0 AS jb, j #>> '{a,b}' AS jc, (j->>'n')::int AS jn, a[1] AS a1, a[1:2] AS a12, array_length(a, 1) AS l, 5 = ANY (a) AS has FROM t;
CREATE VIEW v4 AS SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id) AND id NOT IN (SELECT t_id FROM u WHERE k IS NULL) AND (n, s) = ('a', 1) AND id BETWEEN 1 AND 10;
CREATE VIEW v5 AS SELECT id, n FROM t UNION ALL SELECT id, k FROM u UNION SELECT 0, 'z' ORDER BY 1;
CREATE VIEW v6 AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT n FROM r;
CREATE VIEW v7 AS SELECT date_trunc('month', ts) AS m, extract(year FROM d) AS y, ts AT TIME ZONE 'UTC' AS utc, now() - interval '1 day' AS y1, d + 1 AS next, age(ts) AS ag, to_char(ts, 'YYYY-MM') AS ym, ts::date AS dd, current_date AS cd FROM t;
CREATE VIEW v8 AS SELECT x.id, y.k FROM (SELECT id FROM t WHERE f) x CROSS JOIN LATERAL (SELECT k FROM u WHERE u.t_id = x.id LIMIT 1) y;
CREATE VIEW v9 AS SELECT n || ' ' || v AS nv, upper(v) AS uv, length(v) AS lv, trim(n) AS tn, substring(n FROM 1 FOR 3) AS sn, position('a' IN n) AS pn, replace(v, 'a', 'b') AS rv, concat(n, v) AS cnv, md5(v) AS mv, n::varchar(5) AS nv5, left(v, 2) AS lv2, overlay(n placing 'x' from 1 for 1) AS ov FROM t;
CREATE VIEW v10 AS SELECT row_number() OVER (PARTITION BY n ORDER BY ts DESC) AS rn, sum(amt) FILTER (WHERE f) AS fs, array_agg(id ORDER BY id) AS ids, json_agg(t) AS js, jsonb_build_object('id', id, 'n', n) AS jo, bool_and(f) OVER () AS ba, ntile(4) OVER w AS q FROM t GROUP BY t.id WINDOW w AS (ORDER BY id);

## views as reports have them
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL, status text NOT NULL DEFAULT 'new', total numeric NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), meta jsonb DEFAULT '{}'::jsonb, tags text[] DEFAULT '{}');
CREATE TABLE customers (id bigserial PRIMARY KEY, email varchar(255) UNIQUE NOT NULL, name varchar(100), deleted_at timestamptz);
=>
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL, status text NOT NULL DEFAULT 'new', total numeric NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), meta jsonb DEFAULT '{}'::jsonb, tags text[] DEFAULT '{}');
CREATE TABLE customers (id bigserial PRIMARY KEY, email varchar(255) UNIQUE NOT NULL, name varchar(100), deleted_at timestamptz);
CREATE VIEW active AS SELECT c.* FROM customers c WHERE c.deleted_at IS NULL;
CREATE VIEW summary AS SELECT c.id, c.email, c.name, count(o.id) AS orders, COALESCE(SUM(o.total), 0::numeric) AS spent, MAX(o.created_at) AS last_order FROM active c LEFT JOIN orders o ON o.customer_id = c.id AND o.status <> 'cancelled' GROUP BY c.id, c.email, c.name;
CREATE VIEW tagged AS SELECT o.id, t.tag FROM orders o, unnest(o.tags) AS t(tag) WHERE o.status IN ('new', 'paid') AND o.meta ? 'x' AND o.meta @> '{"a": 1}';
CREATE VIEW tagged2 AS SELECT o.id, tag, ord FROM orders o CROSS JOIN LATERAL unnest(o.tags) WITH ORDINALITY AS u(tag, ord);
CREATE VIEW ranked AS SELECT * FROM (SELECT o.*, rank() OVER (PARTITION BY customer_id ORDER BY total DESC) AS r FROM orders o) x WHERE r <= 3;
CREATE VIEW monthly AS SELECT date_trunc('month', created_at)::date AS month, status, count(*)::int AS n FROM orders GROUP BY 1, 2;
CREATE VIEW kv AS SELECT o.id, e.key, e.value FROM orders o, jsonb_each_text(o.meta) e;
CREATE VIEW kv2 AS SELECT o.id, key, value FROM orders o, jsonb_each(o.meta);
CREATE VIEW gs AS SELECT d::date AS day, count(o.id) FROM generate_series('2020-01-01'::date, '2020-12-31'::date, interval '1 day') d LEFT JOIN orders o ON o.created_at::date = d GROUP BY d;
CREATE VIEW cubes AS SELECT status, customer_id, sum(total) FROM orders GROUP BY GROUPING SETS ((status), (customer_id), ());
CREATE VIEW rolled AS SELECT status, customer_id, sum(total), grouping(status) AS g FROM orders GROUP BY ROLLUP (status, customer_id);
CREATE VIEW scal AS SELECT id, (SELECT max(total) FROM orders o2 WHERE o2.customer_id = o.customer_id) AS mx, ARRAY(SELECT tag FROM unnest(o.tags) tag ORDER BY tag) AS st FROM orders o;
CREATE VIEW full_j AS SELECT id, o.total FROM orders o FULL JOIN customers c USING (id);
CREATE VIEW three AS SELECT a.id, b.email FROM orders a JOIN customers b ON a.customer_id = b.id LEFT JOIN orders c ON c.id = a.id + 1 WHERE (a.total > 5 OR b.name IS NOT NULL) AND NOT (a.status = 'x');
CREATE VIEW vals AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, n);
CREATE VIEW named (x, y) AS SELECT id, status FROM orders;
CREATE VIEW chk AS SELECT id, status FROM orders WHERE status = 'new' WITH LOCAL CHECK OPTION;
CREATE VIEW sec WITH (security_barrier = true) AS SELECT id FROM orders;
CREATE VIEW cte2 AS WITH a AS (SELECT customer_id, sum(total) AS s FROM orders GROUP BY customer_id), b AS (SELECT * FROM a WHERE s > 100) SELECT c.email, b.s FROM b JOIN customers c ON c.id = b.customer_id;
CREATE VIEW neg AS SELECT -total AS m, - 1 AS one, +total AS p, total % 2 AS md, total ^ 2 AS sq, |/ 4 AS r, @ -5 AS ab, 7 / 2 AS i, 7 / 2.0 AS f, 1e3 AS e FROM orders;
CREATE VIEW bools AS SELECT total > 1 AND status = 'a' OR NOT status = 'b' AS b, status IS DISTINCT FROM 'c' AS d, (total > 1) IS TRUE AS t, (total IS NULL) = false AS nn FROM orders;

## windows with a name
CREATE TABLE a (id int, g int, n numeric);
=>
CREATE TABLE a (id int, g int, n numeric);
CREATE VIEW v1 AS SELECT id, sum(n) OVER w AS s, rank() OVER (w ROWS UNBOUNDED PRECEDING) FROM a WINDOW w AS (PARTITION BY g ORDER BY id);
CREATE VIEW v2 AS SELECT id, row_number() OVER () AS rn, lag(n, 1, 0) OVER (ORDER BY id DESC NULLS LAST) FROM a;

## natural joins
CREATE TABLE a (id int, n text);
CREATE TABLE b (id int, m text);
=>
CREATE TABLE a (id int, n text);
CREATE TABLE b (id int, m text);
CREATE VIEW v1 AS SELECT * FROM a NATURAL JOIN b;
CREATE VIEW v2 AS SELECT id, n FROM a NATURAL LEFT JOIN b WHERE m IS NOT NULL;

## ordered sets
CREATE TABLE a (id int, g int, n float8);
=>
CREATE TABLE a (id int, g int, n float8);
CREATE VIEW v1 AS SELECT g, percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS med, mode() WITHIN GROUP (ORDER BY g DESC) FROM a GROUP BY g;
CREATE VIEW v2 AS SELECT g, string_agg(id::text, ',' ORDER BY id) FILTER (WHERE n > 1) FROM a GROUP BY g;

## common queries that are materialized
CREATE TABLE t (id int, n text);
=>
CREATE TABLE t (id int, n text);
CREATE VIEW v1 AS WITH x AS MATERIALIZED (SELECT id FROM t), y AS NOT MATERIALIZED (SELECT n FROM t) SELECT x.id, y.n FROM x, y;

## columns that an alias gives their types
CREATE TABLE a (id int, d jsonb);
=>
CREATE TABLE a (id int, d jsonb);
CREATE VIEW v1 AS SELECT a.id, r.x, r.y FROM a, jsonb_to_record(a.d) AS r(x int, y varchar(10));
CREATE VIEW v2 AS SELECT r.* FROM jsonb_to_recordset('[]') AS r(x int4, y timestamp with time zone);

## checks of all kinds
CREATE TABLE t (id int, a int, b int, n varchar(50), e text, d1 date, d2 date, s text, j jsonb, p numeric(5,2), tags text[]);
=>
CREATE TABLE t (id int, a int CHECK (a > 0 AND a < 100), b int CHECK (b IN (1,2,3)), n varchar(50) CHECK (length(n) > 3), e text CHECK (e ~* '^[a-z]+@[a-z]+$'), d1 date, d2 date, s text CHECK (s IN ('a','b') OR s IS NULL), j jsonb CHECK (jsonb_typeof(j) = 'object'), p numeric(5,2) CHECK (p >= 0 AND p <= 100.0), tags text[] CHECK (cardinality(tags) <= 5),
 CHECK (d1 <= d2), CONSTRAINT one_of CHECK (num_nonnulls(a, b) = 1), CONSTRAINT x CHECK (a + b > 0 OR a IS NULL), CONSTRAINT y CHECK (n <> '' AND trim(both from n) = n), CONSTRAINT z CHECK (s = ANY (ARRAY['a','b','c'])), CONSTRAINT w CHECK (NOT (a = 1 AND b = 2)), CONSTRAINT v CHECK (CASE WHEN a > 1 THEN b > 1 ELSE true END), CONSTRAINT up CHECK (upper(s) = s), CONSTRAINT dd CHECK (d2 - d1 < 30), CONSTRAINT dt CHECK (d1 > '2020-01-01'), CONSTRAINT jj CHECK ((j->>'x')::int > 1 AND j ? 'y'), CONSTRAINT tt CHECK (tags <@ ARRAY['x','y']::text[]), CONSTRAINT bt CHECK (a BETWEEN 1 AND 5), CONSTRAINT co CHECK (coalesce(n, e) IS NOT NULL));

## defaults of all kinds
CREATE TABLE t (id int);
=>
CREATE FUNCTION gen() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
CREATE TABLE t (id int, a timestamp DEFAULT (now() AT TIME ZONE 'utc'), b text DEFAULT ('a' || 'b'), c int DEFAULT (1 + 2), d text DEFAULT gen(), e text DEFAULT lower('ABC'), f date DEFAULT (now() + interval '1 month'), g text DEFAULT NULL, h int DEFAULT -1, i numeric DEFAULT -1.5, j bool DEFAULT 't', k text DEFAULT current_user, l text[] DEFAULT ARRAY[]::text[], m jsonb DEFAULT jsonb_build_object('a', 1), n timestamptz DEFAULT CURRENT_TIMESTAMP(3), o bigint DEFAULT (extract(epoch from now()) * 1000)::bigint, p varchar(20) DEFAULT 'x'::varchar, q smallint DEFAULT 1, r real DEFAULT 1.5, s double precision DEFAULT 1, u text DEFAULT ''::text, v int[] DEFAULT '{1,2}', w text DEFAULT 'it''s', x text DEFAULT E'a\nb', y uuid DEFAULT '00000000-0000-0000-0000-000000000000', z char(2) DEFAULT 'ab', aa timestamp DEFAULT LOCALTIMESTAMP, ab text DEFAULT concat('a', 1), ac text DEFAULT substr(md5(random()::text), 1, 8), ad int DEFAULT floor(random() * 10)::int, ae interval DEFAULT make_interval(days => 3));

## constants of all types
CREATE TABLE t (id int);
=>
CREATE TABLE t (id int, p point DEFAULT point(0,0), q point DEFAULT '(0,0)', d date DEFAULT date '2020-1-1', e timestamp DEFAULT 'epoch', e2 timestamptz DEFAULT 'epoch', d2 date DEFAULT 'epoch', inf date DEFAULT 'infinity', i interval DEFAULT '1 day', iv interval DEFAULT interval '90 minutes', b bytea DEFAULT '\x00', j jsonb DEFAULT '{"b":1,"a":2}', t time DEFAULT '1:00', tz timetz DEFAULT '01:00+0', n numeric(10,2) DEFAULT 1, f real DEFAULT .5, arr int[] DEFAULT '{}', arr2 text[] DEFAULT ARRAY['a','b'], bits bit(3) DEFAULT B'101', vb bit varying(5) DEFAULT '10', m money DEFAULT 1.5, ip inet DEFAULT '10.0.0.1', mac macaddr DEFAULT '08:00:2b:01:02:03', r int4range DEFAULT '[1,5]', u uuid DEFAULT '00000000-0000-0000-0000-00000000000A', c "char" DEFAULT 'x', x xml DEFAULT '<a/>', l line DEFAULT '{1,2,3}');

## every column changes
CREATE TABLE t (a int, b text, c text NOT NULL, d int DEFAULT 1, e varchar(10), f timestamp, g json, h int, i text[]);
=>
CREATE TABLE t (a bigint NOT NULL DEFAULT 0, b varchar(10) NOT NULL DEFAULT '', c text, d int, e text COLLATE "C", f timestamptz, g jsonb, h numeric(10,2) DEFAULT 1.50, i int[], k uuid DEFAULT gen_random_uuid(), l date NOT NULL DEFAULT CURRENT_DATE, m inet, n interval DEFAULT '1 day', o char(3) DEFAULT 'abc', p bytea DEFAULT '\xdeadbeef', q time DEFAULT '10:00', r bit(3) DEFAULT B'101', s money, u xml, w int GENERATED ALWAYS AS (d * 2) STORED);

## a domain changes what it is over
CREATE DOMAIN email AS varchar(100) CHECK (VALUE LIKE '%@%');
CREATE TABLE t (e email, es email[]);
CREATE FUNCTION f(email) RETURNS text LANGUAGE sql AS 'SELECT $1::text';
=>
CREATE DOMAIN email AS text DEFAULT 'a@b' NOT NULL CHECK (VALUE ~ '@') CONSTRAINT len CHECK (char_length(VALUE) < 50);
CREATE TABLE t (e email, es email[]);
CREATE FUNCTION f(email) RETURNS text LANGUAGE sql AS 'SELECT $1::text';

## a composite type changes below a column
CREATE TYPE addr AS (street text, zip int);
CREATE TABLE t (id int, a addr);
CREATE FUNCTION f(addr) RETURNS text LANGUAGE sql AS 'SELECT ($1).street';
CREATE VIEW v AS SELECT (a).zip FROM t;
=>
CREATE TYPE addr AS (street varchar(50), zip text, city text);
CREATE TABLE t (id int, a addr);
CREATE FUNCTION f(addr) RETURNS text LANGUAGE sql AS 'SELECT ($1).street';
CREATE VIEW v AS SELECT (a).zip FROM t;

## sequences change hands
CREATE SEQUENCE a START 10;
CREATE SEQUENCE b AS int MAXVALUE 100 CYCLE;
CREATE TABLE t (x int DEFAULT nextval('a'), y int DEFAULT nextval('b'));
ALTER SEQUENCE a OWNED BY t.x;
=>
CREATE SEQUENCE a START 20 INCREMENT 5 CACHE 10;
CREATE SEQUENCE c AS bigint MINVALUE -5;
CREATE TABLE t (x int DEFAULT nextval('a'::regclass), y int DEFAULT nextval('public.c'));
ALTER SEQUENCE c OWNED BY t.y;

## privileges come and go
CREATE TABLE t (id int, a int);
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ON t TO PUBLIC;
GRANT ALL ON t TO app_user;
GRANT UPDATE (a) ON t TO app_user2;
=>
CREATE TABLE t (id int, a int);
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE q;
CREATE TYPE ty AS ENUM ('a');
GRANT SELECT, INSERT ON t TO app_user WITH GRANT OPTION;
GRANT SELECT (id), UPDATE (id, a) ON t TO app_user2;
GRANT USAGE ON SCHEMA s TO app_user;
GRANT CREATE ON SCHEMA s TO app_user2;
REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION f() TO app_user;
GRANT USAGE, SELECT ON SEQUENCE q TO app_user;
GRANT USAGE ON TYPE ty TO app_user;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO app_user;

## publications
CREATE TABLE t (id int PRIMARY KEY);
=>
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE u (id int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE t, u WITH (publish = 'insert, update');
CREATE PUBLICATION q FOR ALL TABLES;

## text search
CREATE TABLE t (a text);
=>
CREATE TABLE t (a text);
CREATE TEXT SEARCH CONFIGURATION simple_conf (COPY = simple);
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, stopwords = english);

## extended statistics
CREATE TABLE t (a int, b int, c text);
=>
CREATE TABLE t (a int, b int, c text);
CREATE STATISTICS s1 (ndistinct, dependencies) ON b, a FROM t;
CREATE STATISTICS s2 ON a, b FROM t;
CREATE STATISTICS s3 ON lower(c), a FROM t;

## names that need quotes
CREATE TABLE "Order" ("Id" int PRIMARY KEY, "user" text, "a b" int);
=>
CREATE SCHEMA "My Schema";
CREATE TYPE "My Schema"."E" AS ENUM ('A b', 'it''s');
CREATE TABLE "Order" ("Id" bigint PRIMARY KEY, "user" varchar(10) DEFAULT 'x"y', "a b" int CHECK ("a b" > 0), "select" text);
CREATE INDEX "Idx" ON "Order" ("user", lower("select"));
CREATE TABLE "My Schema"."T" ("x" bigint REFERENCES "Order" ("Id"), "Y" "My Schema"."E" DEFAULT 'A b');
CREATE VIEW "My Schema"."V" AS SELECT o."Id" AS "ID", o."a b", t."Y" FROM "Order" o JOIN "My Schema"."T" t ON t."x" = o."Id" WHERE t."Y" = 'A b';
CREATE FUNCTION "My Schema"."F"("A" int) RETURNS int LANGUAGE sql AS $$ SELECT "A" $$;

## a schema on the search path
CREATE SCHEMA app;
SET search_path = app, public;
CREATE TABLE t (id int PRIMARY KEY);
CREATE VIEW v AS SELECT * FROM t;
=>
CREATE SCHEMA app;
SET search_path = app, public;
CREATE TYPE e AS ENUM ('a');
CREATE TABLE t (id int PRIMARY KEY, e e DEFAULT 'a');
CREATE TABLE public.u (t_id int REFERENCES t);
CREATE FUNCTION f() RETURNS e LANGUAGE sql AS $$ SELECT 'a'::app.e $$;
CREATE VIEW v AS SELECT *, f() AS f FROM t;
CREATE INDEX i ON t (e);

## storage parameters in another order
CREATE TABLE t (a int, b text) WITH (fillfactor=70, autovacuum_enabled=false);
CREATE INDEX ti ON t (a) WITH (fillfactor = 90, deduplicate_items = off);
=>
CREATE TABLE t (a int, b text) WITH (autovacuum_enabled = off, fillfactor = 70);
CREATE INDEX ti ON t (a) WITH (deduplicate_items = false, fillfactor = 90);

## a parent loses a column that one of its children keeps
CREATE TABLE base (id int, at timestamp, more int);
CREATE TABLE one (a int) INHERITS (base);
CREATE TABLE two (b int) INHERITS (base);
=>
CREATE TABLE base (id int, at timestamp);
CREATE TABLE one (a int, more int) INHERITS (base);
CREATE TABLE two (b int) INHERITS (base);

## a table and a column with an identity get other names
CREATE TABLE orders (id bigint GENERATED BY DEFAULT AS IDENTITY, "no" int GENERATED ALWAYS AS IDENTITY (START WITH 7));
=>
-- forge:renamed_from orders
CREATE TABLE jobs (
    id bigint GENERATED BY DEFAULT AS IDENTITY,
    -- forge:renamed_from no
    number int GENERATED ALWAYS AS IDENTITY (START WITH 7)
);

## sequences turn round
CREATE SEQUENCE down INCREMENT BY -1;
CREATE SEQUENCE between INCREMENT BY -2 MINVALUE 1 MAXVALUE 9;
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (INCREMENT BY -1));
=>
CREATE SEQUENCE down;
CREATE SEQUENCE between MINVALUE 1 MAXVALUE 9;
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);

## a unique column whose rows would all have the same
CREATE TABLE t (id int PRIMARY KEY);
=>
CREATE TABLE t (id int PRIMARY KEY, code int DEFAULT 1 UNIQUE, name text DEFAULT gen_random_uuid() UNIQUE);

## a column's collation behind its default
CREATE TABLE t (id int, a varchar(9) COLLATE "C" DEFAULT '', b text);
=>
CREATE TABLE t (id int, a varchar(9) DEFAULT ''::character varying COLLATE pg_catalog."C", b text DEFAULT 'x' COLLATE "POSIX");

## a key of the partitioned table only
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE ONLY t ADD PRIMARY KEY (id, k);

## a key gets its parts one by one
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id, k);
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id, k);
ALTER TABLE t1 ADD CONSTRAINT own UNIQUE (id, k);
ALTER INDEX t_key ATTACH PARTITION own;

## a key gets its last part
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id, k);
ALTER TABLE t1 ADD CONSTRAINT own UNIQUE (id, k);
ALTER INDEX t_key ATTACH PARTITION own;
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id, k);
ALTER TABLE t1 ADD CONSTRAINT own UNIQUE (id, k);
ALTER INDEX t_key ATTACH PARTITION own;
ALTER TABLE t2 ADD CONSTRAINT t2_id_k_key UNIQUE (id, k);
ALTER INDEX t_key ATTACH PARTITION t2_id_k_key;

## a partition's key gets a name of its own while others refer to the whole
CREATE TABLE t (id int PRIMARY KEY, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE r (t_id int REFERENCES t, t1_id int REFERENCES t1);
=>
CREATE TABLE t (id int PRIMARY KEY, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE r (t_id int REFERENCES t, t1_id int REFERENCES t1);
ALTER TABLE t1 RENAME CONSTRAINT t1_pkey TO own;

## a partition's key is part of its parent's index
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE UNIQUE INDEX t_unique ON t (id, k);
CREATE TABLE r (a int, b int, FOREIGN KEY (a, b) REFERENCES t (id, k));
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 ADD CONSTRAINT own PRIMARY KEY (id, k);
CREATE UNIQUE INDEX t_unique ON t (id, k);
CREATE TABLE r (a int, b int, FOREIGN KEY (a, b) REFERENCES t (id, k));

## an index with a key among its parts goes while another key is said by it
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 ADD CONSTRAINT own PRIMARY KEY (id, k);
CREATE UNIQUE INDEX t_unique ON t (id, k);
CREATE TABLE r (a int, b int, FOREIGN KEY (a, b) REFERENCES t1 (id, k));
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 ADD CONSTRAINT own PRIMARY KEY (id, k);
CREATE TABLE r (a int, b int, FOREIGN KEY (a, b) REFERENCES t1 (id, k));

## a partition joins beside an index and a key that have no part in it
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_k ON ONLY t (k);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id, k);
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX t_k ON ONLY t (k);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id, k);

## a table joins with an index and a key that are no parts of its parent's
CREATE TABLE t (id int NOT NULL, k int NOT NULL, UNIQUE (id, k)) PARTITION BY RANGE (id);
CREATE INDEX t_k ON t (k);
CREATE TABLE t1 (id int NOT NULL, k int NOT NULL, CONSTRAINT own UNIQUE (id, k));
CREATE INDEX own_k ON t1 (k);
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL, UNIQUE (id, k)) PARTITION BY RANGE (id);
CREATE INDEX t_k ON t (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 ADD CONSTRAINT own UNIQUE (id, k);
CREATE INDEX own_k ON t1 (k);

## a key with a name of its own leaves with its partition
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 ADD CONSTRAINT own PRIMARY KEY (id);
CREATE INDEX own_k ON t1 (k);
ALTER TABLE t ADD PRIMARY KEY (id);
CREATE INDEX t_k ON t (k);
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE t1 (id int NOT NULL, k int NOT NULL, CONSTRAINT own PRIMARY KEY (id));
CREATE INDEX own_k ON t1 (k);
CREATE INDEX t_k ON t (k);

## the column of a key with named parts changes its type
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 ADD CONSTRAINT own UNIQUE (id, k);
ALTER TABLE t ADD CONSTRAINT t_key UNIQUE (id, k);
=>
CREATE TABLE t (id int NOT NULL, k bigint NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 ADD CONSTRAINT own UNIQUE (id, k);
ALTER TABLE t ADD CONSTRAINT t_key UNIQUE (id, k);

## a part of a partition that is divided again
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (k);
CREATE TABLE t11 PARTITION OF t1 FOR VALUES FROM (0) TO (10);
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (k);
CREATE TABLE t11 PARTITION OF t1 FOR VALUES FROM (0) TO (10);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id, k);
ALTER TABLE ONLY t1 ADD CONSTRAINT t1_own UNIQUE (id, k);
ALTER TABLE t11 ADD CONSTRAINT t11_own UNIQUE (id, k);
ALTER INDEX t1_own ATTACH PARTITION t11_own;
ALTER INDEX t_key ATTACH PARTITION t1_own;

## the index that a partition is clustered by, under the name that it gets by itself
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_k ON t (k);
=>
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_k ON t (k);
ALTER TABLE t1 CLUSTER ON t1_k_idx;

## a partition's index on a call that is a key word
CREATE TABLE t (id int NOT NULL, k text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
=>
CREATE TABLE t (id int NOT NULL, k text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX a ON t (COALESCE(k, ''));
CREATE INDEX b ON t (left(k, 3), id);

## partitions' indexes whose names are cut and numbered
CREATE TABLE t (id int NOT NULL, a_column_with_quite_a_long_name int) PARTITION BY RANGE (id);
CREATE TABLE a_partition_whose_name_takes_almost_all_there_is_of_a_name PARTITION OF t DEFAULT;
=>
CREATE TABLE t (id int NOT NULL, a_column_with_quite_a_long_name int) PARTITION BY RANGE (id);
CREATE TABLE a_partition_whose_name_takes_almost_all_there_is_of_a_name PARTITION OF t DEFAULT;
CREATE INDEX a ON t (a_column_with_quite_a_long_name);
CREATE INDEX b ON t (a_column_with_quite_a_long_name);
CREATE INDEX c ON t (a_column_with_quite_a_long_name);

## a sequence that may count no lower any more
CREATE SEQUENCE s;
CREATE SEQUENCE d INCREMENT BY -1;
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, k int);
=>
CREATE SEQUENCE s MINVALUE 10 START WITH 20;
CREATE SEQUENCE d INCREMENT BY -1 MAXVALUE -5;
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (MINVALUE 10), k int);

## a small sequence turns
CREATE SEQUENCE s INCREMENT BY -1;
CREATE SEQUENCE u;
=>
CREATE SEQUENCE s AS smallint;
CREATE SEQUENCE u AS smallint INCREMENT BY -1;

## a column comes with a row as its default
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int);
=>
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int, p pair DEFAULT ROW(1, 'x'));

## a key's name moves to a new table while a function still holds the old one
CREATE TABLE a (id int, CONSTRAINT k UNIQUE (id));
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM a; END;
=>
CREATE TABLE b (id int, CONSTRAINT k UNIQUE (id));
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM b; END;

## an index whose constants were of the column's old type
CREATE TABLE t (id int, name text);
CREATE INDEX t_name ON t ((COALESCE(name, '')));
CREATE INDEX t_lower ON t (lower(name));
=>
CREATE TABLE t (id int, name varchar(20));
CREATE INDEX t_name ON t ((COALESCE(name, '')));
CREATE INDEX t_lower ON t (lower(name));

## a partition joins below a check that is not valid
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
=>
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;

## a partition has a check for all its rows that its parent has not
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
=>
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
ALTER TABLE t1 VALIDATE CONSTRAINT pos;

## a check that new partitions have for all their rows
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
=>
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE t3 PARTITION OF t FOR VALUES FROM (20) TO (30) PARTITION BY RANGE (k);
CREATE TABLE t31 PARTITION OF t3 FOR VALUES FROM (0) TO (10);

## a check comes to hold for all rows
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
=>
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);

## a partition leaves with a check that holds for all its rows
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
=>
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
CREATE TABLE t2 (id int, k int);

## an operator class with its family, written by hand
CREATE TABLE t (a int);
=>
CREATE TABLE t (a int);
CREATE FUNCTION abs_cmp(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT abs($1) - abs($2)';
CREATE OPERATOR CLASS abs_ops FOR TYPE int USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 abs_cmp(int, int);
CREATE INDEX i ON t (a abs_ops);

## constants of geometric and text search types
CREATE TABLE t ();
=>
CREATE TABLE t (
    b box DEFAULT '(1,2),(3,4)',
    p point DEFAULT '( 1, 2 )',
    l lseg DEFAULT '[(1,2),(3,4)]',
    c circle DEFAULT '<(1,2),3>',
    y polygon DEFAULT '((1,2),(3,4),(5,6))',
    h path DEFAULT '[(1,2),(3,4)]',
    n line DEFAULT '{1,2,3}',
    v tsvector DEFAULT 'b a:1 a:2',
    q tsquery DEFAULT 'a & b|c',
    i inet DEFAULT '10.0.0.1/32',
    d cidr DEFAULT '10.0.0.0/8',
    m macaddr DEFAULT '08-00-2B-01-02-03',
    s bit(3) DEFAULT B'101',
    CHECK (v @@ 'a & b'::tsquery), CHECK (b && '(2,2),(0,0)'::box)
);

## rows from several functions
CREATE TABLE t ();
=>
CREATE TABLE t ();
CREATE VIEW v AS SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(1, 2)) AS r (a, b);
CREATE VIEW w AS SELECT r.a, r.ordinality FROM ROWS FROM (generate_series(1, 3)) WITH ORDINALITY AS r (a);
CREATE VIEW x AS SELECT a FROM ROWS FROM (json_to_recordset('[]') AS (a int, b text)) AS r (a, b);
CREATE VIEW y AS SELECT * FROM ROWS FROM (generate_series(1, 3), json_to_recordset('[]') AS (a int, b text)) WITH ORDINALITY;

## a function that has the name by which a domain's check calls what it checks
CREATE TABLE t ();
=>
CREATE TABLE t ();
CREATE DOMAIN d AS int CHECK (VALUE > 0);
CREATE FUNCTION value(d, int) RETURNS int LANGUAGE sql AS 'SELECT 1';

## a column is renamed whose partitions' indexes and keys are named after it
CREATE TABLE t (id int NOT NULL, k int NOT NULL, PRIMARY KEY (id), UNIQUE (k, id)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
CREATE TABLE t2a PARTITION OF t2 FOR VALUES FROM (10) TO (15);
CREATE INDEX a ON t (k);
CREATE INDEX b ON t (k) WITH (fillfactor = 80);
CREATE INDEX c ON t (abs(k), k);
CREATE INDEX d ON t2 (k DESC);
=>
CREATE TABLE t (id int NOT NULL,
  -- forge:renamed_from k
  code int NOT NULL, PRIMARY KEY (id), UNIQUE (code, id)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
CREATE TABLE t2a PARTITION OF t2 FOR VALUES FROM (10) TO (15);
CREATE INDEX a ON t (code);
CREATE INDEX b ON t (code) WITH (fillfactor = 80);
CREATE INDEX c ON t (abs(code), code);
CREATE INDEX d ON t2 (code DESC);

## tables are renamed whose indexes and keys are named after them
CREATE TABLE t (id int NOT NULL, k int NOT NULL, PRIMARY KEY (id), UNIQUE (k, id)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
CREATE TABLE t2a PARTITION OF t2 FOR VALUES FROM (10) TO (15);
CREATE INDEX ON t (k);
CREATE INDEX d ON t2 (k DESC);
=>
-- forge:renamed_from t
CREATE TABLE u (id int NOT NULL, k int NOT NULL, PRIMARY KEY (id), UNIQUE (k, id)) PARTITION BY RANGE (id);
-- forge:renamed_from t1
CREATE TABLE u1 PARTITION OF u FOR VALUES FROM (0) TO (10);
-- forge:renamed_from t2
CREATE TABLE u2 PARTITION OF u FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
-- forge:renamed_from t2a
CREATE TABLE u2a PARTITION OF u2 FOR VALUES FROM (10) TO (15);
CREATE INDEX ON u (k);
CREATE INDEX d ON u2 (k DESC);

## names move from column to column, and the chosen ones with them
CREATE TABLE t (id int NOT NULL, a int, b int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX x ON t (a);
CREATE INDEX y ON t (b);
=>
CREATE TABLE t (id int NOT NULL,
  -- forge:renamed_from a
  b int,
  -- forge:renamed_from b
  c int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX x ON t (b);
CREATE INDEX y ON t (c);

## an index changes its name while its column and its partition do
CREATE TABLE t (id int NOT NULL, a int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX x ON t (a);
=>
CREATE TABLE t (id int NOT NULL,
  -- forge:renamed_from a
  b int) PARTITION BY RANGE (id);
-- forge:renamed_from t1
CREATE TABLE part PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX y ON t (b);

## a partitions' index that had a name of its own, and is named like its column by now
CREATE TABLE t (id int NOT NULL, a int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t1_b_idx ON t1 (a);
CREATE INDEX x ON t (a);
=>
CREATE TABLE t (id int NOT NULL,
  -- forge:renamed_from a
  b int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX x ON t (b);

## a partition's index keeps the name that it got from a column before
CREATE TABLE t (id int NOT NULL, a int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX x ON t (a);
=>
CREATE TABLE t (id int NOT NULL,
  -- forge:renamed_from a
  b int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t1_a_idx ON t1 (b);
CREATE INDEX x ON t (b);

## what is named after a table and its columns, and is not partitioned
CREATE TABLE t (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, a int UNIQUE CHECK (a > 0), b int REFERENCES t);
CREATE INDEX ON t (a, b);
CREATE STATISTICS t_a_b_stat ON a, b FROM t;
CREATE DOMAIN d AS int CHECK (VALUE > 0);
CREATE TYPE r AS RANGE (subtype = int4);
CREATE TABLE v (d d, r r, m r_multirange);
=>
-- forge:renamed_from t
CREATE TABLE u (
  -- forge:renamed_from id
  key serial PRIMARY KEY,
  -- forge:renamed_from n
  number int GENERATED ALWAYS AS IDENTITY,
  -- forge:renamed_from a
  c int UNIQUE CHECK (c > 0), b int REFERENCES u);
CREATE INDEX ON u (c, b);
CREATE STATISTICS u_c_b_stat ON c, b FROM u;
-- forge:renamed_from d
CREATE DOMAIN e AS int CHECK (VALUE > 0);
-- forge:renamed_from r
CREATE TYPE s AS RANGE (subtype = int4);
CREATE TABLE v (d e, r s, m s_multirange);

## an index with a comment whose column changes its type
CREATE TABLE t (id int NOT NULL, k varchar(10)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX a ON t (k);
COMMENT ON INDEX a IS 'looked up by';
=>
CREATE TABLE t (id int NOT NULL, k text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX a ON t (k);
COMMENT ON INDEX a IS 'looked up by';

## a named part of an index whose column changes its type
CREATE TABLE t (id int NOT NULL, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX own ON t1 (k);
CREATE INDEX a ON t (k);
COMMENT ON INDEX own IS 'its own';
=>
CREATE TABLE t (id int NOT NULL, k bigint) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX own ON t1 (k);
CREATE INDEX a ON t (k);
COMMENT ON INDEX own IS 'its own';

## the partition without a part leaves an index of its parent only
CREATE TABLE t (id int NOT NULL, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX t_k ON ONLY t (k);
CREATE INDEX t1_k ON t1 (k);
ALTER INDEX t_k ATTACH PARTITION t1_k;
=>
CREATE TABLE t (id int NOT NULL, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t1_k ON t1 (k);
CREATE INDEX t_k ON t (k);

## the partition without a part goes, and the index stays as it is
CREATE TABLE t (id int NOT NULL, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX t_k ON ONLY t (k);
CREATE INDEX t1_k ON t1 (k);
ALTER INDEX t_k ATTACH PARTITION t1_k;
=>
CREATE TABLE t (id int NOT NULL, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 (id int NOT NULL, k int);
CREATE INDEX t_k ON ONLY t (k);
CREATE INDEX t1_k ON t1 (k);
ALTER INDEX t_k ATTACH PARTITION t1_k;

## the only partition leaves a key of its parent only
CREATE TABLE t (id int NOT NULL, k int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (id);
CREATE INDEX t_k ON ONLY t (k);
=>
CREATE TABLE t (id int NOT NULL, k int) PARTITION BY RANGE (id);
ALTER TABLE t ADD CONSTRAINT t_key UNIQUE (id);
CREATE INDEX t_k ON t (k);

## a cast that lies between two others
CREATE TABLE t (a text, b text);
=>
CREATE TABLE t (a text, b text,
  c int GENERATED ALWAYS AS (CASE WHEN a::int BETWEEN 1 AND 2 THEN 1 ELSE 0 END) STORED,
  f boolean DEFAULT ('1'::int BETWEEN 1 AND 2),
  CHECK (a::int BETWEEN 1 AND 2), CHECK (b = '1' AND a::int NOT BETWEEN 1 AND 2 AND a <> ''),
  CHECK (length(a) + a::int BETWEEN 1 AND b::int OR b::int::text BETWEEN SYMMETRIC 'x' AND a::text));
CREATE INDEX i ON t (a) WHERE a::int BETWEEN 1 AND 2;
CREATE INDEX ON t ((a::int BETWEEN 1 AND 2));
CREATE POLICY p ON t USING (a::int BETWEEN 1 AND 2);
CREATE VIEW v AS SELECT a, b::int BETWEEN 1 AND 2 AS c, (b::date) d FROM t WHERE a::int BETWEEN 1 AND 2 AND b::date BETWEEN '2020-1-1' AND '2021-1-1';
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a::int BETWEEN 1 AND 2) EXECUTE FUNCTION f();

## a unique constraint over the columns of another key
CREATE TABLE t (id int PRIMARY KEY, x text);
ALTER TABLE t ADD CONSTRAINT t_also UNIQUE (id);
=>
CREATE TABLE t (id int PRIMARY KEY, x text);
ALTER TABLE t ADD CONSTRAINT t_again UNIQUE (id);
CREATE TABLE u (id int PRIMARY KEY, x text, CONSTRAINT u_x UNIQUE (x));
ALTER TABLE u ADD CONSTRAINT u_also UNIQUE (id);
ALTER TABLE u ADD CONSTRAINT u_y UNIQUE (x);
ALTER TABLE u ADD CONSTRAINT u_z UNIQUE (x) DEFERRABLE;

## a key that includes a column
CREATE TABLE u (id int PRIMARY KEY);
=>
CREATE TABLE t (id int, n int, PRIMARY KEY (id) INCLUDE (n));
CREATE TABLE u (id int PRIMARY KEY, n int, m int, CONSTRAINT u_n_key UNIQUE (n) INCLUDE (m));
CREATE TABLE w (n int, id int, CONSTRAINT w_pkey PRIMARY KEY (id) INCLUDE (n) DEFERRABLE);

## a schema goes with its default privileges
CREATE SCHEMA lib;
ALTER DEFAULT PRIVILEGES IN SCHEMA lib GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
=>
CREATE TABLE t (id int);

## a column that changes its type keeps how it is stored
CREATE TABLE t (id int PRIMARY KEY, a varchar(20), b text, c text, j json);
ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE MAIN, ALTER a SET STATISTICS 500, ALTER c SET COMPRESSION pglz;
ALTER TABLE t ALTER j SET STORAGE MAIN, ALTER j SET COMPRESSION pglz, ALTER c SET (n_distinct = 5);
CREATE TABLE p (id int, a varchar(20), b text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
ALTER TABLE p1 ALTER a SET STORAGE EXTERNAL, ALTER a SET COMPRESSION pglz, ALTER b SET STORAGE MAIN;
ALTER TABLE p2 ALTER a SET STATISTICS 100;
=>
CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(10), c text COLLATE "C", j jsonb);
ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER a SET STATISTICS 500, ALTER c SET COMPRESSION pglz;
ALTER TABLE t ALTER j SET STORAGE EXTERNAL, ALTER j SET COMPRESSION pglz, ALTER c SET (n_distinct = 5);
CREATE TABLE p (id int, a text, b text, d text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
ALTER TABLE p1 ALTER a SET STORAGE EXTERNAL, ALTER a SET COMPRESSION pglz, ALTER b SET STORAGE MAIN;
ALTER TABLE p2 ALTER a SET STATISTICS 100, ALTER a SET STORAGE MAIN, ALTER d SET STORAGE MAIN, ALTER d SET COMPRESSION pglz;

## how a parent stores a column does not reach a child that says it otherwise
CREATE TABLE p (id int, a varchar(20), b text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
ALTER TABLE ONLY p ALTER a SET STORAGE MAIN;
ALTER TABLE p1 ALTER a SET STORAGE EXTERNAL;
CREATE TABLE h (id int, a varchar(20));
CREATE TABLE h1 () INHERITS (h);
ALTER TABLE h1 ALTER a SET STORAGE EXTERNAL, ALTER a SET COMPRESSION pglz;
=>
CREATE TABLE p (id int, a text, b text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
ALTER TABLE ONLY p ALTER a SET STORAGE MAIN;
ALTER TABLE p1 ALTER a SET STORAGE EXTERNAL;
CREATE TABLE h (id int, a text);
CREATE TABLE h1 () INHERITS (h);
ALTER TABLE h1 ALTER a SET STORAGE EXTERNAL, ALTER a SET COMPRESSION pglz;

## a domain that is held inside other types is made stricter
CREATE DOMAIN zip AS text CHECK (VALUE ~ '^\d+$');
CREATE DOMAIN num AS int;
CREATE DOMAIN plain AS int;
CREATE DOMAIN zips AS zip[];
CREATE TYPE pair AS (a num, b int);
CREATE TABLE t (id int PRIMARY KEY, zs zip[], p pair, q zips, r plain);
CREATE DOMAIN late AS int CHECK (VALUE > 0);
CREATE TABLE u (l late[]);
=>
CREATE DOMAIN zip AS text CHECK (VALUE ~ '^\d{5}$');
CREATE DOMAIN num AS int NOT NULL;
CREATE DOMAIN plain AS int NOT NULL;
CREATE DOMAIN zips AS zip[];
CREATE TYPE pair AS (a num, b int);
CREATE TABLE t (id int PRIMARY KEY, zs zip[], p pair, q zips, r plain);
CREATE DOMAIN late AS int;
CREATE TABLE u (l late[]);

## a type becomes a table of the same name
CREATE TYPE status AS ENUM ('x', 'y');
CREATE DOMAIN zip AS text CHECK (VALUE <> '');
CREATE TYPE pair AS (a int, b int);
CREATE TYPE span AS RANGE (subtype = int);
CREATE TABLE b (id int, s status DEFAULT 'x', z zip, p pair);
CREATE FUNCTION f(s status) RETURNS zip LANGUAGE sql AS 'SELECT NULL';
=>
CREATE TABLE status (name text PRIMARY KEY);
CREATE VIEW zip AS SELECT name FROM status;
CREATE SEQUENCE pair;
CREATE TABLE span_multirange (name text PRIMARY KEY);
CREATE MATERIALIZED VIEW span AS SELECT name FROM status;
CREATE TABLE b (id int, s text REFERENCES status, z text, p int DEFAULT nextval('pair'));
CREATE FUNCTION f(s text) RETURNS text LANGUAGE sql AS 'SELECT NULL';

## a table becomes a type of the same name
CREATE TABLE status (name text PRIMARY KEY);
CREATE VIEW zip AS SELECT name FROM status;
CREATE TABLE b (id int, s text REFERENCES status);
CREATE INDEX pair ON b (s);
=>
CREATE TYPE status AS ENUM ('x', 'y');
CREATE TYPE pair AS (a int, b int);
CREATE DOMAIN zip AS text;
CREATE TABLE b (id int, s status, p pair, z zip);

## a renamed column under a star
CREATE TABLE t (id int, a int);
CREATE TABLE u (id int, a int, n text);
CREATE VIEW v AS SELECT * FROM t;
CREATE VIEW w AS SELECT x.* FROM t AS x WHERE a > 0;
CREATE VIEW k AS SELECT * FROM t NATURAL JOIN u;
CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
CREATE INDEX m_a ON m (a);
CREATE VIEW z AS SELECT a FROM v;
CREATE VIEW y AS SELECT t.id, (SELECT count(*) FROM u) AS n FROM t;
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(a) FROM v; END;
GRANT SELECT ON v TO reader;
COMMENT ON COLUMN v.id IS 'it';
=>
CREATE TABLE t (id int,
  -- forge:renamed_from a
  b int);
CREATE TABLE u (id int, a int, n text);
CREATE VIEW v AS SELECT * FROM t;
CREATE VIEW w AS SELECT x.* FROM t AS x WHERE b > 0;
CREATE VIEW k AS SELECT * FROM t NATURAL JOIN u;
CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
CREATE INDEX m_a ON m (b);
CREATE VIEW z AS SELECT b FROM v;
CREATE VIEW y AS SELECT t.id, (SELECT count(*) FROM u) AS n FROM t;
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(b) FROM v; END;
GRANT SELECT ON v TO reader;
COMMENT ON COLUMN v.id IS 'it';

## a new column takes the name that another had
CREATE TABLE t (id int PRIMARY KEY, name text);
CREATE TABLE o (id int PRIMARY KEY);
CREATE VIEW v AS SELECT name FROM t;
CREATE VIEW v2 AS SELECT name AS x FROM v;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t WHERE t.name <> '';
CREATE FUNCTION f() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC SELECT name FROM t; END;
CREATE FUNCTION g(n text) RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE t SET name = n WHERE t.name <> n; INSERT INTO t (id, name) VALUES (1, n); END;
CREATE FUNCTION h() RETURNS text LANGUAGE sql RETURN (SELECT max(name) FROM t);
CREATE POLICY p ON o USING (EXISTS (SELECT FROM t WHERE name = current_user AND t.id = o.id));
=>
CREATE TABLE t (id int PRIMARY KEY,
  -- forge:renamed_from name
  full_name text, name text);
CREATE TABLE o (id int PRIMARY KEY);
CREATE VIEW v AS SELECT name FROM t;
CREATE VIEW v2 AS SELECT name AS x FROM v;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t WHERE t.name <> '';
CREATE FUNCTION f() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC SELECT name FROM t; END;
CREATE FUNCTION g(n text) RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE t SET name = n WHERE t.name <> n; INSERT INTO t (id, name) VALUES (1, n); END;
CREATE FUNCTION h() RETURNS text LANGUAGE sql RETURN (SELECT max(name) FROM t);
CREATE POLICY p ON o USING (EXISTS (SELECT FROM t WHERE name = current_user AND t.id = o.id));

## a renamed column changes its type below what reads it
CREATE TABLE t (id int, amt int);
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(amt) FROM t; END;
CREATE FUNCTION g(n int) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, amt) VALUES (1, n); END;
CREATE FUNCTION h(n int) RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE t SET amt = n; END;
CREATE VIEW v AS SELECT sum(amt) AS n FROM t;
CREATE VIEW w AS SELECT id FROM t WHERE amt > 1;
=>
CREATE TABLE t (id int,
  -- forge:renamed_from amt
  amount bigint);
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(amount)::bigint FROM t; END;
CREATE FUNCTION g(n int) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, amount) VALUES (1, n); END;
CREATE FUNCTION h(n int) RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE t SET amount = n; END;
CREATE VIEW v AS SELECT sum(amount) AS n FROM t;
CREATE VIEW w AS SELECT id FROM t WHERE amount > 1;

## a star takes in the columns that are there in the end
CREATE TABLE t (id int, b int);
CREATE TABLE u (id int, c int);
CREATE VIEW v AS SELECT * FROM t;
CREATE VIEW n AS SELECT count(*) AS n, sum(id * 2) AS s FROM t;
CREATE POLICY q ON u USING (id IN (SELECT b FROM t));
CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql BEGIN ATOMIC SELECT * FROM t; END;
CREATE FUNCTION g() RETURNS SETOF u LANGUAGE sql BEGIN ATOMIC SELECT * FROM u; END;
=>
CREATE TABLE t (id int, a int);
CREATE TABLE u (id int, c int, d int);
CREATE VIEW v AS SELECT * FROM t;
CREATE VIEW n AS SELECT count(*) AS n, sum(id * 2) AS s FROM t;
CREATE POLICY q ON u USING (id IN (SELECT a FROM t));
CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql BEGIN ATOMIC SELECT * FROM t; END;
CREATE FUNCTION g() RETURNS SETOF u LANGUAGE sql BEGIN ATOMIC SELECT * FROM u; END;

## a view that groups by a key which is made anew
CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, name text NOT NULL);
CREATE VIEW v AS SELECT id, name, count(*) AS n FROM t GROUP BY id;
CREATE VIEW w AS SELECT n FROM v;
=>
CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, k int NOT NULL, name text NOT NULL);
CREATE VIEW v AS SELECT id, name, count(*) AS n FROM t GROUP BY id, name;
CREATE VIEW w AS SELECT n FROM v;

## a view that groups by a key which gets another column
CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, name text NOT NULL);
CREATE VIEW v AS SELECT id, name, count(*) AS n FROM t GROUP BY id;
CREATE FUNCTION f() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC SELECT name FROM t GROUP BY id; END;
=>
CREATE TABLE t (id int, k int PRIMARY KEY, name text NOT NULL);
CREATE VIEW v AS SELECT id, name, count(*) AS n FROM t GROUP BY id, k;
CREATE FUNCTION f() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC SELECT name FROM t GROUP BY k; END;

## a function that names a constraint which is made anew
CREATE TABLE t (id int, n int, CONSTRAINT u UNIQUE (id));
CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, n) VALUES (1, 2) ON CONFLICT ON CONSTRAINT u DO NOTHING; END;
=>
CREATE TABLE t (id int, n int, CONSTRAINT u UNIQUE (id, n));
CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, n) VALUES (1, 2) ON CONFLICT ON CONSTRAINT u DO NOTHING; END;

## a function that finds a conflict by the columns of a key which is made anew
CREATE TABLE t (id int, n int, CONSTRAINT u UNIQUE (id));
CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, n) VALUES (1, 2) ON CONFLICT (id) DO NOTHING; END;
=>
CREATE TABLE t (id int, n int, CONSTRAINT w PRIMARY KEY (id));
CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, n) VALUES (1, 2) ON CONFLICT (id) DO NOTHING; END;

## the sequence of an identity has what is given by default until it is taken
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO reader;
CREATE TABLE a (id int);
=>
CREATE TABLE a (id int);
CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY, s serial);
CREATE TABLE c (id int);

## the sequence of an identity is given to somebody
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO reader;
CREATE TABLE a (id int, n int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE d (id int GENERATED ALWAYS AS IDENTITY);
GRANT SELECT ON SEQUENCE d_id_seq TO writer;
=>
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO reader;
CREATE TABLE a (id int GENERATED BY DEFAULT AS IDENTITY, n int GENERATED ALWAYS AS IDENTITY);
GRANT USAGE ON SEQUENCE a_n_seq TO reader;
GRANT ALL ON SEQUENCE a_id_seq TO writer;
CREATE TABLE d (id int GENERATED ALWAYS AS IDENTITY);
GRANT SELECT ON SEQUENCE d_id_seq TO reader;

## a domain calls a function that is made anew
CREATE FUNCTION ok(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x ~ '@' $$;
CREATE FUNCTION other(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x <> '' $$;
CREATE FUNCTION first() RETURNS varchar LANGUAGE sql IMMUTABLE AS $$ SELECT 'a@b'::varchar $$;
CREATE DOMAIN email AS text DEFAULT first() CHECK (ok(VALUE)) CONSTRAINT also CHECK (other(VALUE));
CREATE TABLE t (id int PRIMARY KEY, e email);
=>
CREATE FUNCTION ok(addr text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT addr ~ '@' $$;
CREATE FUNCTION other(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x <> '' $$;
CREATE FUNCTION first() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a@b'::text $$;
CREATE DOMAIN email AS text DEFAULT first() CHECK (ok(VALUE)) CONSTRAINT also CHECK (other(VALUE));
CREATE TABLE t (id int PRIMARY KEY, e email);

## a domain that is held inside an array calls a function that is made anew
CREATE FUNCTION ok(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x ~ '@' $$;
CREATE DOMAIN email AS text CHECK (ok(VALUE));
CREATE TABLE t (id int PRIMARY KEY, e email[]);
=>
CREATE FUNCTION ok(addr text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT addr ~ '@' $$;
CREATE DOMAIN email AS text CHECK (ok(VALUE));
CREATE TABLE t (id int PRIMARY KEY, e email[]);

## checks of domains come and go
CREATE FUNCTION ok(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x ~ '@' $$;
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE DOMAIN d1 AS text CHECK (ok(VALUE));
CREATE DOMAIN d2 AS text DEFAULT 'x' NOT NULL;
CREATE DOMAIN d3 AS mood DEFAULT 'a' CHECK (VALUE <> 'b'::mood);
CREATE DOMAIN d4 AS text CONSTRAINT c1 CHECK (VALUE <> '') CONSTRAINT c2 CHECK (ok(VALUE));
CREATE DOMAIN d5 AS d4 CHECK (length(VALUE) > 1);
COMMENT ON CONSTRAINT c2 ON DOMAIN d4 IS 'has an at';
COMMENT ON DOMAIN d4 IS 'four';
CREATE TABLE t (id int PRIMARY KEY, a d1, b d2, c d3, d d4, e d5, f d4[]);
CREATE DOMAIN gone AS text CHECK (ok(VALUE));
CREATE DOMAIN base AS varchar(10) DEFAULT 'a' CHECK (VALUE <> '');
CREATE TABLE u (b base);
=>
CREATE FUNCTION ok(y text, z text DEFAULT '') RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT y ~ '@' $$;
CREATE TYPE mood AS ENUM ('b', 'a');
CREATE DOMAIN d1 AS text DEFAULT 'a@b';
CREATE DOMAIN d2 AS text CHECK (ok(VALUE));
CREATE DOMAIN d3 AS mood DEFAULT 'b' CHECK (VALUE <> 'a'::mood);
CREATE DOMAIN d4 AS text CONSTRAINT c1 CHECK (VALUE <> '') CONSTRAINT c2 CHECK (ok(VALUE));
CREATE DOMAIN d5 AS d4 CHECK (length(VALUE) > 2) CHECK (ok(VALUE, ''));
COMMENT ON CONSTRAINT c2 ON DOMAIN d4 IS 'has an at';
COMMENT ON CONSTRAINT c1 ON DOMAIN d4 IS 'has something';
COMMENT ON DOMAIN d4 IS 'four';
CREATE TABLE t (id int PRIMARY KEY, a d1, b d2, c d3, d d4, e d5, f d4[]);
CREATE DOMAIN new AS text DEFAULT ok('') CHECK (ok(VALUE) OR VALUE <> '') CONSTRAINT nv CHECK (VALUE <> '');
CREATE DOMAIN base AS varchar(20) DEFAULT 'a' CHECK (VALUE <> '');
CREATE TABLE u (b base, n new);

## a comment on a check that is changed stays
CREATE DOMAIN d AS text CONSTRAINT c CHECK (VALUE <> '');
CREATE TABLE t (a d);
COMMENT ON CONSTRAINT c ON DOMAIN d IS 'some';
=>
CREATE DOMAIN d AS text CONSTRAINT c CHECK (VALUE <> 'x');
CREATE TABLE t (a d);
COMMENT ON CONSTRAINT c ON DOMAIN d IS 'some';

## a domain calls a function that reads a table with the domain
CREATE TABLE z (id int);
=>
CREATE DOMAIN d AS text;
CREATE TABLE t (a d);
CREATE FUNCTION has(x text) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM t WHERE a = x)';
ALTER DOMAIN d ADD CONSTRAINT c CHECK (has(VALUE) OR VALUE <> '');

## an enum becomes a table whose rows are spoken of
CREATE TYPE status AS ENUM ('x', 'y');
CREATE FUNCTION f(s status) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW w AS SELECT 'x'::status AS s;
=>
CREATE TABLE status (name text PRIMARY KEY);
CREATE FUNCTION f(s status) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW w AS SELECT NULL::status AS s;
## types that are named like built-in ones
CREATE TYPE path AS ENUM ('a', 'b');
CREATE TYPE line AS ENUM ('a', 'b');
CREATE DOMAIN text AS pg_catalog.text CHECK (VALUE <> '');
CREATE TYPE point AS (a int, b int);
CREATE TYPE box AS RANGE (subtype = int);
CREATE TABLE t (a text, d public.text, p public.point, b public.box, m box_multirange);
CREATE FUNCTION f(public.point, point) RETURNS public.point LANGUAGE sql AS 'SELECT $1';
=>
CREATE TYPE path AS ENUM ('b', 'x', 'a');
CREATE DOMAIN text AS pg_catalog.text CHECK (VALUE <> 'b') DEFAULT 'q';
COMMENT ON DOMAIN public.text IS 'text';
CREATE TYPE point AS (a int, b int, c text);
CREATE TYPE box AS RANGE (subtype = bigint);
CREATE TABLE t (a text, d public.text, p public.point, b public.box, m box_multirange,
  e public.path DEFAULT 'a', g path, h public.path[] DEFAULT '{a}', CHECK (e <> 'b'));
CREATE FUNCTION f(public.point, x point) RETURNS SETOF public.point LANGUAGE sql AS 'SELECT $1';
COMMENT ON FUNCTION f(public.point, point) IS 'f';

## a type that is named like a built-in one gets another name
CREATE TYPE path AS ENUM ('a', 'b');
CREATE TABLE t (p public.path);
=>
-- forge:renamed_from path
CREATE TYPE line AS ENUM (
'a',
-- forge:renamed_from b
'c');
CREATE TABLE t (p public.line);

## what the server prints in its own words is what was said
CREATE TABLE noted (id int PRIMARY KEY, x text);
CREATE PUBLICATION outward FOR TABLE noted (x, id) WHERE (id > -4);
=>
CREATE SCHEMA ext;
CREATE EXTENSION pgcrypto SCHEMA ext;
CREATE TABLE noted (id int PRIMARY KEY, x text DEFAULT ext.gen_salt('bf'));
CREATE TABLE salted (y bytea DEFAULT ext.digest('x', 'sha1'));
CREATE TEXT SEARCH CONFIGURATION plain (PARSER = "default");
CREATE TYPE cplx AS (re float8, im float8);
CREATE TYPE grade AS ENUM ('a', 'b');
CREATE FUNCTION to_cplx(float8) RETURNS cplx LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, 0.0)::cplx';
CREATE CAST (float8 AS cplx) WITH FUNCTION to_cplx(float8) AS IMPLICIT;
CREATE FUNCTION picked(at int, VARIADIC words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT words[at]';
CREATE FUNCTION joined(VARIADIC anyarray) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
CREATE FUNCTION several(int) RETURNS SETOF int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION named(int, OUT one grade) RETURNS SETOF grade LANGUAGE sql AS $$SELECT 'a'::grade$$;
CREATE TABLE posts (id int PRIMARY KEY, parent int, body varchar, grade grade, first text DEFAULT picked(1, 'Q', 'R'),
  search tsvector GENERATED ALWAYS AS (to_tsvector('plain', body)) STORED, CHECK (picked(2, body, 'x') <> 'z'));
CREATE FUNCTION weight(posts) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW threads AS WITH RECURSIVE r(id, parent) AS (SELECT id, parent FROM posts UNION ALL SELECT p.id, p.parent FROM posts p JOIN r ON p.parent = r.id)
  SEARCH DEPTH FIRST BY id SET place CYCLE id SET again TO 'y' DEFAULT 'n' USING path SELECT id, again FROM r ORDER BY place;
CREATE VIEW sampled AS SELECT id FROM posts q TABLESAMPLE BERNOULLI(10) REPEATABLE (3);
CREATE VIEW best AS SELECT id FROM posts ORDER BY id OFFSET 1 ROW FETCH FIRST 3 ROWS WITH TIES;
CREATE VIEW newest AS SELECT id FROM posts ORDER BY id DESC FETCH NEXT ROW ONLY;
CREATE VIEW escaped (one, two) AS SELECT E'a\'b\n', U&'\0041\+000042' FROM posts FOR UPDATE;
CREATE VIEW locked AS SELECT q.id FROM posts JOIN posts q ON true, (SELECT 1 AS one) w, several(2) FOR SHARE OF q NOWAIT;
CREATE VIEW whole AS SELECT q, q IS NULL AS gone, weight(q), to_jsonb(q.*) AS j, ROW(q.*)::text AS r FROM posts q;
CREATE VIEW graded AS SELECT grade || 'x' AS a, 'y' || grade AS b, joined(1, id) AS c FROM posts;
CREATE VIEW called AS SELECT * FROM several(3), several(4) AS other, named(5) n WHERE n.one = 'a';
CREATE PUBLICATION outward FOR TABLE posts (parent, id) WHERE (body = 'x' AND id IN (1, 2)), noted;

## what an operator is estimated by changes in place
CREATE FUNCTION eq2(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = eq2);
CREATE TABLE t (a int, b int, CHECK (a === b));
=>
CREATE FUNCTION eq2(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = eq2, RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE TABLE t (a int, b int, CHECK (a === b));

## an operator is made again under all that is written with its sign
CREATE SCHEMA app;
CREATE FUNCTION eq2(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE OPERATOR app.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = eq2, RESTRICT = eqsel);
CREATE TABLE t (a int, b int, g bool GENERATED ALWAYS AS (a OPERATOR(app.===) b) STORED, d bool DEFAULT (1 OPERATOR(app.===) 2), CONSTRAINT k CHECK (a OPERATOR(app.===) b));
CREATE INDEX ON t (a) WHERE a OPERATOR(app.===) 3;
CREATE VIEW v AS SELECT a FROM t WHERE a OPERATOR(app.===) b;
CREATE POLICY p ON t USING (a OPERATOR(app.===) -1);
CREATE FUNCTION f(int) RETURNS bool LANGUAGE sql BEGIN ATOMIC SELECT $1 OPERATOR(app.===) 3; END;
CREATE DOMAIN d AS int CHECK (VALUE OPERATOR(app.===) 3);
=>
CREATE SCHEMA app;
CREATE FUNCTION eq2(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE OPERATOR app.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = eq2, HASHES);
CREATE TABLE t (a int, b int, g bool GENERATED ALWAYS AS (a OPERATOR(app.===) b) STORED, d bool DEFAULT (1 OPERATOR(app.===) 2), CONSTRAINT k CHECK (a OPERATOR(app.===) b));
CREATE INDEX ON t (a) WHERE a OPERATOR(app.===) 3;
CREATE VIEW v AS SELECT a FROM t WHERE a OPERATOR(app.===) b;
CREATE POLICY p ON t USING (a OPERATOR(app.===) -1);
CREATE FUNCTION f(int) RETURNS bool LANGUAGE sql BEGIN ATOMIC SELECT $1 OPERATOR(app.===) 3; END;
CREATE DOMAIN d AS int CHECK (VALUE OPERATOR(app.===) 3);

## an operator whose sign PostgreSQL has too
CREATE TYPE cplx AS (r int, i int);
CREATE FUNCTION ceq(cplx, cplx) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT ($1).r = ($2).r';
CREATE OPERATOR = (LEFTARG = cplx, RIGHTARG = cplx, FUNCTION = ceq, COMMUTATOR = =);
CREATE TABLE t (a int, b int, c cplx, CONSTRAINT one CHECK (a = b), CHECK (c OPERATOR(public.=) ROW(1,2)::cplx));
CREATE TABLE u (a int CHECK (a = 3));
=>
CREATE TYPE cplx AS (r int, i int);
CREATE FUNCTION ceq(cplx, cplx) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT ($1).r = ($2).r';
CREATE OPERATOR = (LEFTARG = cplx, RIGHTARG = cplx, FUNCTION = ceq, COMMUTATOR = =, HASHES);
CREATE TABLE t (a int, b int, c cplx, CONSTRAINT one CHECK (a = b), CHECK (c OPERATOR(public.=) ROW(1,2)::cplx));
CREATE TABLE u (a int CHECK (a = 3));

## an operator that an operator class is made of
CREATE FUNCTION lt3(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2';
CREATE OPERATOR <<< (LEFTARG = int, RIGHTARG = int, FUNCTION = lt3);
CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 1 <<<, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
CREATE TABLE t (a int, b int);
CREATE INDEX ON t (a oc);
=>
CREATE FUNCTION lt3(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2';
CREATE OPERATOR <<< (LEFTARG = int, RIGHTARG = int, FUNCTION = lt3, HASHES, NEGATOR = >>>);
CREATE FUNCTION gt3(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 > $2';
CREATE OPERATOR >>> (LEFTARG = int, RIGHTARG = int, FUNCTION = gt3, NEGATOR = <<<);
CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 1 <<<, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
CREATE TABLE t (a int, b int);
CREATE INDEX ON t (a oc);

## a column with a default in a table whose rows are values elsewhere
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE TYPE pair AS (x t);
CREATE DOMAIN rows AS t[];
CREATE TABLE log (id int PRIMARY KEY, old t, olds t[], p pair, r rows);
=>
CREATE TABLE t (id int PRIMARY KEY, a int, b text NOT NULL DEFAULT 'x', c int DEFAULT 3, d timestamptz DEFAULT now());
CREATE TYPE pair AS (x t);
CREATE DOMAIN rows AS t[];
CREATE TABLE log (id int PRIMARY KEY, old t, olds t[], p pair, r rows);

## what a function takes as a domain comes through the type below it
CREATE TABLE noted (note text);
=>
CREATE DOMAIN mail AS text CHECK (VALUE <> '');
CREATE DOMAIN positive AS int;
CREATE FUNCTION mailed(mail) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION counted(positive) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TABLE noted (note text, m mail DEFAULT 'a'::mail, v varchar(9), n int CHECK (counted(n) > 0), CHECK (counted(5::positive) > counted('6')));
CREATE VIEW mails AS SELECT mailed(note) AS a, mailed('x') AS b, mailed('y'::mail) AS c, mailed(m) AS d, v::mail AS e, 'q'::mail AS f FROM noted;

## privileges on aggregates, foreign tables and servers
CREATE FUNCTION plus(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$;
CREATE AGGREGATE total (numeric) (SFUNC = plus, STYPE = numeric, INITCOND = '0');
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (id int) SERVER s;
GRANT EXECUTE ON FUNCTION total(numeric) TO app;
GRANT SELECT ON f TO app;
=>
CREATE FUNCTION plus(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO reader;
CREATE AGGREGATE total (numeric) (SFUNC = plus, STYPE = numeric, INITCOND = '1');
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (id int, name text) SERVER s;
GRANT EXECUTE ON FUNCTION total(numeric) TO app, writer;
REVOKE ALL ON FUNCTION total(numeric) FROM PUBLIC;
GRANT SELECT, INSERT ON f TO app;
GRANT USAGE ON FOREIGN SERVER s TO app;

## privileges on all functions of a schema are none on its procedures
CREATE SCHEMA api;
CREATE FUNCTION api.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE PROCEDURE api.p() LANGUAGE sql AS $$ SELECT 1 $$;
CREATE AGGREGATE api.total (int) (SFUNC = int4pl, STYPE = int);
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api TO app;
=>
CREATE SCHEMA api;
CREATE FUNCTION api.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE PROCEDURE api.p() LANGUAGE sql AS $$ SELECT 1 $$;
CREATE AGGREGATE api.total (int) (SFUNC = int4pl, STYPE = int);
GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA api TO app;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA api TO reader;

## the case of a setting's name
CREATE FUNCTION f() RETURNS int LANGUAGE sql SET DateStyle TO 'ISO' SET TimeZone = 'UTC' AS $$ SELECT 1 $$;
=>
CREATE FUNCTION f() RETURNS int LANGUAGE sql SET datestyle TO 'ISO, DMY' SET timezone TO 'UTC' AS $$ SELECT 1 $$;

## a new value of an enum is spoken of by a domain that comes before it
CREATE TYPE mood AS ENUM ('sad');
CREATE DOMAIN a_mood AS mood DEFAULT 'sad' CHECK (VALUE = 'sad');
CREATE DOMAIN b_mood AS a_mood;
CREATE TABLE t (id int PRIMARY KEY, m mood, d b_mood);
=>
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN a_mood AS mood DEFAULT 'glad' CHECK (VALUE IN ('sad', 'glad'));
CREATE DOMAIN b_mood AS a_mood DEFAULT 'glad';
CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'glad', d b_mood DEFAULT 'glad', CHECK (m <> 'glad'));

## a range over an enum is made again together with it
CREATE TYPE level AS ENUM ('low', 'mid', 'high');
CREATE TYPE levels AS RANGE (subtype = level);
CREATE TABLE t (id int PRIMARY KEY, r levels DEFAULT levels('low', 'mid'), m levels_multirange, l level);
CREATE INDEX i ON t USING gist (r);
CREATE FUNCTION width(r levels) RETURNS boolean LANGUAGE sql AS $$ SELECT isempty(r) $$;
CREATE VIEW v AS SELECT lower(r) AS low FROM t WHERE r && levels('low', 'low', '[]');
=>
CREATE TYPE level AS ENUM ('low', 'high');
CREATE TYPE levels AS RANGE (subtype = level);
CREATE TABLE t (id int PRIMARY KEY, r levels DEFAULT levels('low', 'high'), m levels_multirange, l level);
CREATE INDEX i ON t USING gist (r);
CREATE FUNCTION width(r levels) RETURNS boolean LANGUAGE sql AS $$ SELECT isempty(r) $$;
CREATE VIEW v AS SELECT lower(r) AS low FROM t WHERE r && levels('low', 'low', '[]');

## a range over a domain that is made again together with it
CREATE SCHEMA s;
CREATE DOMAIN s.cents AS int;
CREATE TYPE s.prices AS RANGE (subtype = s.cents);
CREATE TABLE t (id int PRIMARY KEY, p s.cents, r s.prices);
=>
CREATE SCHEMA s;
CREATE DOMAIN s.cents AS bigint;
CREATE TYPE s.prices AS RANGE (subtype = s.cents);
CREATE TABLE t (id int PRIMARY KEY, p s.cents, r s.prices);

## a function of a row is called like a column
CREATE TABLE person (id int PRIMARY KEY, first text, last text);
CREATE FUNCTION full_name(p person) RETURNS text LANGUAGE sql STABLE AS $$ SELECT p.first || ' ' || p.last $$;
CREATE VIEW names AS SELECT p.id, p.full_name FROM person p;
CREATE VIEW others AS SELECT full_name(person) AS n, full_name(person.*) AS m FROM person;
=>
CREATE TABLE person (id int PRIMARY KEY, first varchar(50), last text, middle text);
CREATE FUNCTION full_name(p person) RETURNS text LANGUAGE sql STABLE AS $$ SELECT p.first || p.middle || p.last $$;
CREATE VIEW names AS SELECT p.id, p.full_name FROM person p;
CREATE VIEW others AS SELECT full_name(person) AS n, full_name(person.*) AS m FROM person;

## a star over the rows of a view from a function
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE VIEW v AS SELECT id, a FROM t;
CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql STABLE AS $$ SELECT * FROM v $$;
CREATE MATERIALIZED VIEW m AS SELECT * FROM f();
=>
CREATE TABLE t (id int PRIMARY KEY, a bigint, b text);
CREATE VIEW v AS SELECT id, a, b FROM t;
CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql STABLE AS $$ SELECT * FROM v $$;
CREATE MATERIALIZED VIEW m AS SELECT * FROM f();

## a function that fits better takes over what is written with its name
CREATE FUNCTION norm(x bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE FUNCTION norm(x text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 3 $$;
CREATE DOMAIN d AS int CHECK (norm(VALUE) < 10);
CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT norm(4), b bigint, c text, x d, g int GENERATED ALWAYS AS (norm(id)) STORED, CHECK (norm(a) > 0), CONSTRAINT same CHECK (norm(b) + norm(c) + norm('x') > 0));
CREATE INDEX i ON t (norm(a));
CREATE INDEX same_i ON t (norm(b), norm(c));
CREATE VIEW v AS SELECT norm(a) AS n, norm(b) AS m FROM t;
CREATE VIEW same_v AS SELECT norm(b) AS n, norm('a') AS m FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT norm(a) AS n FROM t;
CREATE INDEX mv_n ON mv (n);
CREATE POLICY p ON t USING (norm(a) > 1);
CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN norm(1);
CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (norm(NEW.a) > 1) EXECUTE FUNCTION tg();
=>
CREATE FUNCTION norm(x bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE FUNCTION norm(x text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 3 $$;
CREATE FUNCTION norm(x int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 2 $$;
CREATE DOMAIN d AS int CHECK (norm(VALUE) < 10);
CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT norm(4), b bigint, c text, x d, g int GENERATED ALWAYS AS (norm(id)) STORED, CHECK (norm(a) > 0), CONSTRAINT same CHECK (norm(b) + norm(c) + norm('x') > 0));
CREATE INDEX i ON t (norm(a));
CREATE INDEX same_i ON t (norm(b), norm(c));
CREATE VIEW v AS SELECT norm(a) AS n, norm(b) AS m FROM t;
CREATE VIEW same_v AS SELECT norm(b) AS n, norm('a') AS m FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT norm(a) AS n FROM t;
CREATE INDEX mv_n ON mv (n);
CREATE POLICY p ON t USING (norm(a) > 1);
CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN norm(1);
CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (norm(NEW.a) > 1) EXECUTE FUNCTION tg();

## a function that fits better returns another type
CREATE FUNCTION norm(x bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE VIEW v AS SELECT norm(a) AS n FROM t;
CREATE VIEW w AS SELECT n FROM v;
=>
CREATE FUNCTION norm(x bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE FUNCTION norm(x int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a' $$;
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE VIEW v AS SELECT norm(a) AS n FROM t;
CREATE VIEW w AS SELECT n FROM v;

## an alias names the columns of a table by their places
CREATE TABLE t (id int PRIMARY KEY, n int, old text);
CREATE VIEW v AS SELECT x.a, x.c FROM t AS x (a, b, c);
CREATE VIEW w AS SELECT * FROM t y (a, b);
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(x.b) FROM t AS x (a, b); END;
CREATE VIEW u AS SELECT a, z.m FROM t x (a) JOIN (SELECT n AS m FROM t) z (m) ON z.m = x.a;
=>
CREATE TABLE t (id int PRIMARY KEY, n bigint, note text);
CREATE VIEW v AS SELECT x.a, x.c FROM t AS x (a, b, c);
CREATE VIEW w AS SELECT * FROM t y (a, b);
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(x.b)::bigint FROM t AS x (a, b); END;
CREATE VIEW u AS SELECT a, z.m FROM t x (a) JOIN (SELECT n AS m FROM t) z (m) ON z.m = x.a;

## a column of an enum becomes one of the rows of a table of its name
CREATE TYPE status AS ENUM ('open', 'done');
CREATE TABLE t (id int PRIMARY KEY, s status, all_s status[] DEFAULT '{open}');
CREATE INDEX i ON t (s);
CREATE VIEW v AS SELECT s FROM t;
=>
CREATE TABLE status (code text PRIMARY KEY, label text);
CREATE TABLE t (id int PRIMARY KEY, s status, all_s status[] DEFAULT '{}');
CREATE INDEX i ON t (s);
CREATE VIEW v AS SELECT s FROM t;

## what is carried whole keeps to a relation and a type that get other names
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE person (id int PRIMARY KEY, m mood, name varchar(20));
CREATE VIEW people AS SELECT id, m FROM person;
CREATE FUNCTION worse(a mood, b mood) RETURNS mood LANGUAGE sql IMMUTABLE AS $$ SELECT least(a, b) $$;
CREATE FUNCTION told(m mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'x' $$;
CREATE AGGREGATE worst (mood) (SFUNC = worse, STYPE = mood);
CREATE OPERATOR <<< (LEFTARG = mood, RIGHTARG = mood, FUNCTION = worse);
CREATE CAST (mood AS text) WITH FUNCTION told(mood);
CREATE RULE gone AS ON DELETE TO people DO INSTEAD DELETE FROM person WHERE id = OLD.id;
CREATE RULE person AS ON UPDATE TO person DO ALSO NOTHING;
CREATE STATISTICS st ON m, name, lower(name) FROM person;
CREATE PUBLICATION p FOR TABLE person (id, m) WHERE (id > 1);
COMMENT ON RULE gone ON people IS 'no more';
COMMENT ON AGGREGATE worst(mood) IS 'the worst';
REVOKE EXECUTE ON FUNCTION worse(mood, mood) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION worse(mood, mood), worst(mood) TO app;
=>
-- forge:renamed_from mood
CREATE TYPE temper AS ENUM ('sad', 'glad');
-- forge:renamed_from person
CREATE TABLE member (id int PRIMARY KEY, m temper, name varchar(20));
-- forge:renamed_from people
CREATE VIEW members AS SELECT id, m FROM member;
CREATE FUNCTION worse(a temper, b temper) RETURNS temper LANGUAGE sql IMMUTABLE AS $$ SELECT least(a, b) $$;
CREATE FUNCTION told(m temper) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'y' $$;
CREATE AGGREGATE worst (temper) (SFUNC = worse, STYPE = temper, INITCOND = 'sad');
CREATE OPERATOR <<< (LEFTARG = temper, RIGHTARG = temper, FUNCTION = worse);
CREATE CAST (temper AS text) WITH FUNCTION told(temper) AS ASSIGNMENT;
CREATE RULE gone AS ON DELETE TO members DO INSTEAD DELETE FROM member WHERE id = OLD.id AND id > 1;
CREATE RULE person AS ON UPDATE TO member DO ALSO NOTHING;
CREATE STATISTICS st ON m, name, lower(name) FROM member;
CREATE PUBLICATION p FOR TABLE member (id, m) WHERE (id > 1);
COMMENT ON RULE gone ON members IS 'no more';
COMMENT ON AGGREGATE worst(temper) IS 'the worst';
REVOKE EXECUTE ON FUNCTION worse(temper, temper) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION worse(temper, temper), worst(temper) TO app;

## bodies that name things by a search path
CREATE SCHEMA api;
SET search_path = api, public;
CREATE TABLE t (id int PRIMARY KEY, n text);
CREATE FUNCTION f(i int) RETURNS SETOF t LANGUAGE sql AS $$ SELECT * FROM t WHERE id = i $$;
CREATE VIEW v AS SELECT * FROM f(1);
=>
CREATE SCHEMA api;
SET search_path = api, public;
CREATE TABLE t (id bigint PRIMARY KEY, n text, m int);
CREATE TABLE u (id int PRIMARY KEY);
CREATE FUNCTION f(i bigint) RETURNS SETOF t LANGUAGE sql AS $$ SELECT * FROM t WHERE id = i $$;
CREATE FUNCTION g() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM u $$;
CREATE VIEW v AS SELECT * FROM f(1);

## bodies that name things by the search path of their function
CREATE SCHEMA zoo;
CREATE TABLE zoo.t (id int PRIMARY KEY, n text);
CREATE FUNCTION f(i int) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = zoo, pg_temp AS $$ SELECT n FROM t WHERE id = i $$;
=>
CREATE SCHEMA zoo;
CREATE TABLE zoo.t (id int PRIMARY KEY, n text, more int);
CREATE TABLE zoo.u (id int PRIMARY KEY);
CREATE FUNCTION f(i int) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = zoo, pg_temp AS $$ SELECT n FROM t WHERE id = i AND more > 1 $$;
CREATE FUNCTION a() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = 'zoo' AS $$ SELECT count(*) FROM u $$;

## constants beside operators, aggregates and collations of the schema's own
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE FUNCTION ci_eq(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT lower(a) = lower(b) $$;
CREATE FUNCTION plus(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$;
CREATE OPERATOR ==* (LEFTARG = text, RIGHTARG = text, FUNCTION = ci_eq, COMMUTATOR = ==*);
CREATE AGGREGATE total (numeric) (SFUNC = plus, STYPE = numeric, SORTOP = >);
CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(10), CHECK (a ==* 'x' OR b ==* 'y' OR a = 'z' COLLATE ci));
CREATE INDEX i ON t (id) WHERE a ==* 'z';
CREATE VIEW v AS SELECT total(id) AS n, total(2) AS m FROM t WHERE b ==* 'y';
=>
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE FUNCTION ci_eq(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT upper(a) = upper(b) $$;
CREATE FUNCTION plus(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT b + a $$;
CREATE OPERATOR ==* (LEFTARG = text, RIGHTARG = text, FUNCTION = ci_eq, COMMUTATOR = ==*);
CREATE AGGREGATE total (numeric) (SFUNC = plus, STYPE = numeric, SORTOP = >);
CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(10), c int, CHECK (a ==* 'x' OR b ==* 'y' OR a = 'z' COLLATE ci));
CREATE INDEX i ON t (id) WHERE a ==* 'z';
CREATE VIEW v AS SELECT total(id) AS n, total(2) AS m FROM t WHERE b ==* 'y';

## a star over the attributes of a composite type
CREATE TYPE addr AS (street text, zip varchar(5), note text);
CREATE TABLE c (id int PRIMARY KEY, home addr);
CREATE VIEW v AS SELECT id, (home).* FROM c;
CREATE VIEW w AS SELECT street FROM v WHERE zip = '1';
CREATE FUNCTION f(a addr) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT x.zip FROM (SELECT (a).*) x; END;
=>
CREATE TYPE addr AS (street text, zip varchar(5), country text);
CREATE TABLE c (id int PRIMARY KEY, home addr);
CREATE VIEW v AS SELECT id, (home).* FROM c;
CREATE VIEW w AS SELECT street FROM v WHERE zip = '1';
CREATE FUNCTION f(a addr) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT x.zip FROM (SELECT (a).*) x; END;

## an attribute of a composite type beside a constant
CREATE TYPE addr AS (street text, zip int);
CREATE TABLE c (id int PRIMARY KEY, home addr, CHECK ((home).zip > 0));
CREATE INDEX i ON c (id) WHERE (home).street = 'x';
CREATE POLICY p ON c USING ((home).zip = 1);
=>
CREATE TYPE addr AS (street text, zip text);
CREATE TABLE c (id int PRIMARY KEY, home addr, CHECK ((home).zip > '0'));
CREATE INDEX i ON c (id) WHERE (home).street = 'x';
CREATE POLICY p ON c USING ((home).zip = '1');

## arguments that are named
CREATE FUNCTION mk(a int, b int DEFAULT 1, c text DEFAULT 'x') RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT c || a || b $$;
CREATE TABLE t (id int PRIMARY KEY, k text DEFAULT mk(1, c => 'q'), CHECK (mk(id, c => k) <> ''));
CREATE VIEW v AS SELECT mk(a => id, c => 'z') AS m, mk(id, b := 3) AS n FROM t;
=>
CREATE FUNCTION mk(a int, bb int DEFAULT 1, c text DEFAULT 'y') RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT c || a || bb $$;
CREATE TABLE t (id int PRIMARY KEY, k text DEFAULT mk(1, c => 'q'), CHECK (mk(id, c => k) <> ''));
CREATE VIEW v AS SELECT mk(a => id, c => 'z') AS m, mk(id, bb := 3) AS n FROM t;

## a column and a function of the row have one name
CREATE TABLE t (id int PRIMARY KEY, total int, g int GENERATED ALWAYS AS (t.total * 2) STORED, CHECK (t.total > 0));
CREATE FUNCTION total(x t) RETURNS int LANGUAGE sql STABLE AS $$ SELECT 1 $$;
CREATE VIEW v AS SELECT t.total, total(t) AS tt FROM t;
=>
CREATE TABLE t (id int PRIMARY KEY, total bigint, g bigint GENERATED ALWAYS AS (t.total * 2) STORED, CHECK (t.total > 0));
CREATE FUNCTION total(x t) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 1::bigint $$;
CREATE VIEW v AS SELECT t.total, total(t) AS tt FROM t;

## functions that take an enum and a number come beside one that takes a text
CREATE TYPE e AS ENUM ('a');
CREATE DOMAIN d AS text;
CREATE FUNCTION lbl(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT x $$;
CREATE TABLE t (id int PRIMARY KEY, e e, d d, v varchar(5));
CREATE VIEW v AS SELECT lbl(d) AS a, lbl(v) AS b, lbl(e::text) AS c, lbl('x') AS z FROM t;
=>
CREATE TYPE e AS ENUM ('a');
CREATE DOMAIN d AS text;
CREATE FUNCTION lbl(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT x $$;
CREATE FUNCTION lbl(x e) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'e' $$;
CREATE FUNCTION lbl(x int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'i' $$;
CREATE TABLE t (id int PRIMARY KEY, e e, d d, v varchar(5));
CREATE VIEW v AS SELECT lbl(d) AS a, lbl(v) AS b, lbl(e::text) AS c, lbl('x') AS z FROM t;
## a child keeps the default that it says itself
CREATE TABLE p (id serial PRIMARY KEY, a text DEFAULT 'x', b int);
CREATE TABLE c (b int DEFAULT 7) INHERITS (p);
CREATE TABLE d () INHERITS (c);
=>
CREATE TABLE p (id serial PRIMARY KEY, a text DEFAULT 'y', b int DEFAULT 9);
CREATE TABLE c (b int DEFAULT 7) INHERITS (p);
CREATE TABLE d () INHERITS (c);

## a partition keeps what it says itself of a column
CREATE TABLE p (id int, k int NOT NULL DEFAULT 1, b bigint NOT NULL DEFAULT 2) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p (k DEFAULT 5) FOR VALUES IN (1) PARTITION BY LIST (k);
CREATE TABLE p11 PARTITION OF p1 (b DEFAULT 8) FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
=>
CREATE TABLE p (id int, k int DEFAULT 3, b bigint DEFAULT 7) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p (k DEFAULT 5) FOR VALUES IN (1) PARTITION BY LIST (k);
CREATE TABLE p11 PARTITION OF p1 (b DEFAULT 8 NOT NULL, k DEFAULT 3) FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p (k NOT NULL) FOR VALUES IN (2);

## one of two parents no longer demands a value
CREATE TABLE p1 (id int NOT NULL, x int NOT NULL);
CREATE TABLE p2 (id int NOT NULL, y int);
CREATE TABLE c (PRIMARY KEY (x)) INHERITS (p1, p2);
CREATE TABLE d () INHERITS (p1);
=>
CREATE TABLE p1 (id int, x int);
CREATE TABLE p2 (id int NOT NULL, y int);
CREATE TABLE c (PRIMARY KEY (x)) INHERITS (p1, p2);
CREATE TABLE d () INHERITS (p1);

## a generated column becomes a plain one while what it was computed from becomes wider
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED, c text);
CREATE INDEX t_b ON t (b);
=>
CREATE TABLE t (a bigint, b bigint, c text);
CREATE INDEX t_b ON t (b);

## a parent by inheritance becomes a partitioned table
CREATE TABLE m (id int, at date, CHECK (id > 0));
CREATE TABLE m1 (CHECK (at >= '2024-01-01' AND at < '2024-02-01')) INHERITS (m);
CREATE TABLE m2 (CHECK (at >= '2024-02-01' AND at < '2024-03-01')) INHERITS (m);
CREATE INDEX m1_at ON m1 (at);
=>
CREATE TABLE m (id int, at date, CHECK (id > 0)) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE INDEX m_at ON m (at);

## bounds of partitions are values of the key's type
CREATE TYPE kind AS ENUM ('x', 'y');
CREATE TABLE n (n numeric(6,2), k kind, c char(4), i int) PARTITION BY RANGE (n);
=>
CREATE TYPE kind AS ENUM ('x', 'y');
CREATE TABLE n (n numeric(6,2), k kind, c char(4), i int) PARTITION BY RANGE (n);
CREATE TABLE n1 PARTITION OF n FOR VALUES FROM (1) TO (10.5) PARTITION BY LIST (k);
CREATE TABLE n1x PARTITION OF n1 FOR VALUES IN ('x'::kind) PARTITION BY LIST (c);
CREATE TABLE n1xa PARTITION OF n1x FOR VALUES IN ('ab', NULL) PARTITION BY LIST (i);
CREATE TABLE n1xa1 PARTITION OF n1xa FOR VALUES IN (1::int, '2'::int);

## a literal chooses the overload that takes a text
CREATE TABLE t (id int);
=>
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';
CREATE FUNCTION f(text, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 3';
CREATE TABLE t (id int, a int DEFAULT f(1), b int DEFAULT f('x'), c int DEFAULT f('x', 2), CHECK (f('y') > 0));

## percentiles of numbers
CREATE TABLE t (a int, n numeric, i interval);
=>
CREATE TABLE t (a int, n numeric, i interval);
CREATE VIEW v AS SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a DESC) AS a, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY n) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY i) AS i FROM t;

## functions of statements that change rows
CREATE TABLE t (a int PRIMARY KEY, b numeric UNIQUE, c text, d varchar(10));
=>
CREATE TABLE t (a int PRIMARY KEY, b numeric UNIQUE, c text, d varchar(10));
CREATE UNIQUE INDEX t_c ON t (lower(c)) WHERE b > 0;
CREATE FUNCTION f1(x int) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (a, b) VALUES (x, 1) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b, c = t.c || 'x', d = 'y' WHERE t.b > 3; END;
CREATE FUNCTION f2(x int) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (x, x, 'q', 'r') ON CONFLICT DO NOTHING; END;
CREATE FUNCTION f3(x int) RETURNS SETOF t LANGUAGE sql BEGIN ATOMIC INSERT INTO t AS tt (a, c) VALUES (x, 'q') ON CONFLICT (lower(c)) WHERE b > 0 DO UPDATE SET c = DEFAULT RETURNING *; END;
CREATE FUNCTION f4(x int) RETURNS numeric LANGUAGE sql BEGIN ATOMIC INSERT INTO t SELECT x, 1 ON CONFLICT ON CONSTRAINT t_pkey DO UPDATE SET b = t.b + EXCLUDED.b RETURNING t.b; END;
CREATE FUNCTION f5(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC UPDATE t AS u SET b = x, c = 'y' WHERE u.a = x; DELETE FROM t WHERE a = x RETURNING a; END;

## a domain that is held inside ranges and rows of them is made stricter
CREATE DOMAIN d AS int CHECK (VALUE > 0);
CREATE TYPE r AS RANGE (subtype = d);
CREATE TYPE c AS (x d, y r);
CREATE TABLE t (a d, b d[], cc c, ca c[], rr r, m r_multirange);
=>
CREATE DOMAIN d AS int CHECK (VALUE > 10) NOT NULL;
CREATE TYPE r AS RANGE (subtype = d);
CREATE TYPE c AS (x d, y r);
CREATE TABLE t (a d, b d[], cc c, ca c[], rr r, m r_multirange);

## tables become unlogged behind those that refer to them, and logged before them
CREATE TABLE a (id int PRIMARY KEY, z int);
CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);
CREATE TABLE c (id int PRIMARY KEY, b_id int REFERENCES b, a_id int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (z) REFERENCES c;
=>
CREATE UNLOGGED TABLE a (id int PRIMARY KEY, z int);
CREATE UNLOGGED TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);
CREATE UNLOGGED TABLE c (id int PRIMARY KEY, b_id int REFERENCES b, a_id int REFERENCES a);

## everything moves into a new schema and gets other names
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE DOMAIN pos AS int CHECK (VALUE > 0);
CREATE SEQUENCE nr;
CREATE TABLE t (id serial PRIMARY KEY, k kind DEFAULT 'a', p pos, n int GENERATED ALWAYS AS IDENTITY, nr int DEFAULT nextval('nr'), CONSTRAINT ck CHECK (k <> 'b'));
CREATE INDEX t_k ON t (k) WHERE k = 'a';
CREATE TABLE u (t_id int REFERENCES t, CHECK (t_id > 0));
CREATE VIEW v AS SELECT t.id, t.k, u.t_id FROM t JOIN u ON u.t_id = t.id;
CREATE MATERIALIZED VIEW mv AS SELECT k, count(*) AS n FROM t GROUP BY k;
CREATE INDEX mv_k ON mv (k);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER tr BEFORE UPDATE OF k ON t FOR EACH ROW EXECUTE FUNCTION f();
GRANT SELECT ON t, v TO reader; GRANT USAGE ON SEQUENCE t_id_seq TO reader;
COMMENT ON TABLE t IS 'tt'; COMMENT ON COLUMN t.k IS 'kk';
ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY pp ON t USING (id IN (SELECT t_id FROM u));
=>
CREATE SCHEMA app;
-- forge:renamed_from public.kind
CREATE TYPE app.sort AS ENUM ('a', 'b');
-- forge:renamed_from public.pos
CREATE DOMAIN app.pos AS int CHECK (VALUE > 0);
-- forge:renamed_from public.nr
CREATE SEQUENCE app.nr;
-- forge:renamed_from public.t
CREATE TABLE app.tt (id serial PRIMARY KEY, k app.sort DEFAULT 'a', p app.pos, n int GENERATED ALWAYS AS IDENTITY, nr int DEFAULT nextval('app.nr'), CONSTRAINT ck CHECK (k <> 'b'));
CREATE INDEX t_k ON app.tt (k) WHERE k = 'a';
CREATE TABLE u (t_id int REFERENCES app.tt, CHECK (t_id > 0));
-- forge:renamed_from public.v
CREATE VIEW app.w AS SELECT tt.id, tt.k, u.t_id FROM app.tt JOIN u ON u.t_id = tt.id;
-- forge:renamed_from public.mv
CREATE MATERIALIZED VIEW app.mv AS SELECT k, count(*) AS n FROM app.tt GROUP BY k;
CREATE INDEX mv_k ON app.mv (k);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER tr BEFORE UPDATE OF k ON app.tt FOR EACH ROW EXECUTE FUNCTION f();
GRANT SELECT ON app.tt, app.w TO reader; GRANT USAGE ON SEQUENCE app.tt_id_seq TO reader;
COMMENT ON TABLE app.tt IS 'tt'; COMMENT ON COLUMN app.tt.k IS 'kk';
ALTER TABLE app.tt ENABLE ROW LEVEL SECURITY; CREATE POLICY pp ON app.tt USING (id IN (SELECT t_id FROM u));

## partitions move out of a schema that goes
CREATE SCHEMA a;
CREATE TABLE a.p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE a.p1 PARTITION OF a.p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE a.p2 (id int NOT NULL, at date NOT NULL, CONSTRAINT own PRIMARY KEY (id, at));
ALTER TABLE a.p ATTACH PARTITION a.p2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON a.p (at);
CREATE TABLE a.r (x int, y date, FOREIGN KEY (x, y) REFERENCES a.p);
=>
-- forge:renamed_from a.p
CREATE TABLE p (id int, 
 -- forge:renamed_from at
 day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
-- forge:renamed_from a.p1
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- forge:renamed_from a.p2
CREATE TABLE q2 (id int NOT NULL, day date NOT NULL, CONSTRAINT own PRIMARY KEY (id, day));
ALTER TABLE p ATTACH PARTITION q2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON p (day);
-- forge:renamed_from a.r
CREATE TABLE r (x bigint, y date, FOREIGN KEY (x, y) REFERENCES p);

## a parent moves without its children, and a child without its parent
CREATE SCHEMA a;
CREATE TABLE p (id int, n text) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE INDEX p_n ON p (n);
CREATE TABLE h (id int);
CREATE TABLE hh (x int) INHERITS (h);
=>
CREATE SCHEMA a;
-- forge:renamed_from public.p
CREATE TABLE a.p (id int, n text) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF a.p FOR VALUES IN (1);
CREATE INDEX p_n ON a.p (n);
CREATE TABLE h (id int);
-- forge:renamed_from public.hh
CREATE TABLE a.hh (x int) INHERITS (h);

## types move to another schema
CREATE SCHEMA a;
CREATE TYPE r AS RANGE (subtype = int);
CREATE TYPE c AS (x int);
CREATE TABLE t (r r, m r_multirange, c c, cs c[]);
CREATE FUNCTION f(c) RETURNS int LANGUAGE sql AS 'SELECT $1.x';
=>
CREATE SCHEMA a;
-- forge:renamed_from public.r
CREATE TYPE a.r AS RANGE (subtype = int);
-- forge:renamed_from public.c
CREATE TYPE a.c AS (x int);
CREATE TABLE t (r a.r, m a.r_multirange, c a.c, cs a.c[]);
CREATE FUNCTION f(a.c) RETURNS int LANGUAGE sql AS 'SELECT $1.x';

## a column that a table has from two parents becomes wider
CREATE TABLE p1 (id int DEFAULT 1, x int);
CREATE TABLE p2 (id int DEFAULT 1, y int, CHECK (y > 0));
CREATE TABLE c (id int DEFAULT 3) INHERITS (p1, p2);
CREATE TABLE d (z int) INHERITS (c);
=>
CREATE TABLE p1 (id bigint DEFAULT 2, x int);
CREATE TABLE p2 (id bigint DEFAULT 1, y bigint, CHECK (y > 0), w int);
CREATE TABLE c (id bigint DEFAULT 3) INHERITS (p1, p2);
CREATE TABLE d (z int) INHERITS (c);

## a column that a table has from two parents gets another name
CREATE TABLE p1 (id int, x int);
CREATE TABLE p2 (id int, y int, CHECK (id > y));
CREATE TABLE c (z int) INHERITS (p1, p2);
=>
CREATE TABLE p1 (
  -- forge:renamed_from id
  nr int,
  x int);
CREATE TABLE p2 (
  -- forge:renamed_from id
  nr int,
  y int, CHECK (nr > y));
CREATE TABLE c (z int) INHERITS (p1, p2);

## a partition leaves with the new names of its parent's columns
CREATE TABLE ev (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE ev_24 PARTITION OF ev FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE ev_25 PARTITION OF ev FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON ev (at);
=>
-- forge:renamed_from ev
CREATE TABLE events (
  id int NOT NULL,
  -- forge:renamed_from at
  day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
-- forge:renamed_from ev_24
CREATE TABLE ev_old (
  id int NOT NULL,
  -- forge:renamed_from at
  day date NOT NULL, PRIMARY KEY (id, day));
CREATE TABLE ev_25 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON events (day);

## a new partition has a default of its own beside one that changes
CREATE TABLE t (id bigint DEFAULT 1, k int NOT NULL DEFAULT 2) PARTITION BY LIST (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
=>
CREATE FUNCTION next_id() RETURNS bigint LANGUAGE sql AS 'SELECT 7';
CREATE TABLE t (id bigint DEFAULT next_id() NOT NULL, k int NOT NULL DEFAULT 3) PARTITION BY LIST (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
CREATE TABLE t2 PARTITION OF t (id DEFAULT 5, CONSTRAINT t2_id CHECK (id > 4)) DEFAULT;

## a table that is made has no constraint that is not valid
CREATE TABLE p (id int PRIMARY KEY);
=>
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0) NOT VALID, CONSTRAINT f FOREIGN KEY (a) REFERENCES p NOT VALID);

## a default calls the function that takes another type by now
CREATE FUNCTION norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE TABLE t (n text DEFAULT norm('X'), CHECK (norm(n) <> ''));
=>
CREATE FUNCTION norm(varchar) RETURNS varchar LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE TABLE t (n varchar DEFAULT norm('X'), CHECK (norm(n) <> ''));

## the name of a sequence in a literal is quoted without need
CREATE SEQUENCE items;
CREATE TABLE t (id bigint DEFAULT nextval('items'));
=>
CREATE SEQUENCE items;
CREATE SEQUENCE "Odd";
CREATE TABLE t (id bigint DEFAULT nextval('"items"'), other bigint DEFAULT nextval('public."Odd"'));

## a column of a domain that takes no null comes to a table with rows
CREATE DOMAIN kept AS text NOT NULL;
CREATE DOMAIN filled AS text DEFAULT 'x' NOT NULL;
CREATE TABLE t (id int);
=>
CREATE DOMAIN kept AS text NOT NULL;
CREATE DOMAIN filled AS text DEFAULT 'x' NOT NULL;
CREATE TABLE t (id int, a kept, b kept DEFAULT 'y', c filled);
## a table moves to where one of its old name stays
CREATE SCHEMA app;
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text);
CREATE INDEX a_n_idx ON a (n);
CREATE TABLE app.a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text);
CREATE INDEX a_n_idx ON app.a (n);
CREATE TABLE u (a_id int REFERENCES a);
=>
CREATE SCHEMA app;
CREATE TABLE app.a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text);
CREATE INDEX a_n_idx ON app.a (n);
-- forge:renamed_from public.a
CREATE TABLE app.b (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text);
CREATE INDEX b_n_idx ON app.b (n);
CREATE TABLE u (a_id int REFERENCES app.b);

## a table moves to where one of its name gets another
CREATE SCHEMA app;
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text UNIQUE);
CREATE TABLE app.a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text UNIQUE);
CREATE VIEW v AS SELECT a.id, b.n FROM a JOIN app.a AS b ON a.id = b.id;
=>
CREATE SCHEMA app;
-- forge:renamed_from app.a
CREATE TABLE app.b (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text UNIQUE);
-- forge:renamed_from public.a
CREATE TABLE app.a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, n text UNIQUE);
CREATE VIEW v AS SELECT a.id, b.n FROM app.a JOIN app.b ON a.id = b.id;

## types, views and sequences move to where others of their names stay
CREATE SCHEMA app;
CREATE TYPE r AS RANGE (subtype = int);
CREATE TYPE app.r AS RANGE (subtype = int);
CREATE TYPE k AS ENUM ('a');
CREATE TYPE app.k AS ENUM ('b');
CREATE SEQUENCE nr;
CREATE SEQUENCE app.nr;
CREATE TABLE t (id int DEFAULT nextval('nr'), k k, r r, o app.k, q app.r);
CREATE VIEW v AS SELECT id, k FROM t;
CREATE VIEW app.v AS SELECT id, o FROM t;
=>
CREATE SCHEMA app;
-- forge:renamed_from public.r
CREATE TYPE app.r2 AS RANGE (subtype = int);
CREATE TYPE app.r AS RANGE (subtype = int);
-- forge:renamed_from public.k
CREATE TYPE app.k2 AS ENUM ('a');
CREATE TYPE app.k AS ENUM ('b');
-- forge:renamed_from public.nr
CREATE SEQUENCE app.nr2;
CREATE SEQUENCE app.nr;
CREATE TABLE t (id int DEFAULT nextval('app.nr2'), k app.k2, r app.r2, o app.k, q app.r);
-- forge:renamed_from public.v
CREATE VIEW app.v2 AS SELECT id, k FROM t;
CREATE VIEW app.v AS SELECT id, o FROM t;

## a function comes that fits better in all that calls it, and a column for it
CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TABLE t (id int, a varchar(5) DEFAULT f('x'), e text GENERATED ALWAYS AS (f(a)) STORED, CHECK (f('y') <> f(a)));
CREATE INDEX i ON t (f(a));
CREATE VIEW v AS SELECT f('q') AS q, f(a) AS a FROM t;
CREATE POLICY p ON t USING (f(a) = 'x');
CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (f(NEW.a) <> 'z') EXECUTE FUNCTION tr();
CREATE FUNCTION g(a varchar) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT f(a); END;
CREATE DOMAIN d AS varchar CHECK (f(VALUE) <> '');
=>
CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION f(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION f(int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
CREATE TABLE t (id int, b text DEFAULT f(1), a varchar(5) DEFAULT f('x'), e text GENERATED ALWAYS AS (f(a)) STORED, CHECK (f('y') <> f(a)));
CREATE INDEX i ON t (f(a));
CREATE VIEW v AS SELECT f('q') AS q, f(a) AS a FROM t;
CREATE POLICY p ON t USING (f(a) = 'x');
CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (f(NEW.a) <> 'z') EXECUTE FUNCTION tr();
CREATE FUNCTION g(a varchar) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT f(a); END;
CREATE DOMAIN d AS varchar CHECK (f(VALUE) <> '');

## heirs with defaults of their own get columns in another order
CREATE TABLE p (id int DEFAULT 1, a text DEFAULT 'x');
CREATE TABLE c (a text DEFAULT 'y', z int) INHERITS (p);
CREATE TABLE q (k int, a text) PARTITION BY LIST (k);
CREATE TABLE q1 PARTITION OF q (a DEFAULT 'o') FOR VALUES IN (1);
=>
CREATE TABLE p (id int DEFAULT 1, m int NOT NULL DEFAULT 5, l int DEFAULT 6, a text DEFAULT 'x2');
CREATE TABLE c (a text DEFAULT 'y', z int) INHERITS (p);
ALTER TABLE ONLY c ALTER COLUMN m SET DEFAULT 7;
CREATE TABLE q (k int, n int DEFAULT 3, a text) PARTITION BY LIST (k);
CREATE TABLE q1 PARTITION OF q (a DEFAULT 'o', n DEFAULT 4) FOR VALUES IN (1);
