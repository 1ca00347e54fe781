-- A schema as a person writes it; `dumped.sql` is what pg_dump makes of it.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN email AS varchar(255) DEFAULT '' CHECK (value ~ '@' AND length(value) < 200);
CREATE TYPE address AS (street text, number int);
CREATE SEQUENCE ticket_seq START 1 INCREMENT BY 1 MINVALUE 1 NO MAXVALUE CACHE 1;
CREATE SEQUENCE countdown AS int INCREMENT -1 START 100 MAXVALUE 100;

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION has_role(role varchar(20), strict_ boolean DEFAULT false) RETURNS bool
  LANGUAGE sql STABLE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT role <> '' $$;

CREATE TABLE users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email email NOT NULL UNIQUE,
  name varchar(100) NOT NULL,
  role varchar(20) NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
  flag char DEFAULT 'Y'
);

CREATE TABLE accounts (
  id serial PRIMARY KEY,
  number int8 GENERATED ALWAYS AS IDENTITY (START WITH 1 INCREMENT BY 1),
  name character varying(255) NOT NULL CHECK (name <> ''),
  status varchar(50) DEFAULT 'Active' NOT NULL,
  kind mood DEFAULT 'ok',
  balance decimal(10) DEFAULT 0,
  rate numeric(5, 2) DEFAULT 0.00 CHECK (rate BETWEEN 0 AND 100),
  owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  parent_id int REFERENCES accounts (id),
  tags text[] NOT NULL DEFAULT '{}',
  data jsonb DEFAULT '{"a":1}',
  label text GENERATED ALWAYS AS (name || ' ' || status) STORED,
  note text DEFAULT NULL,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp with time zone,
  deleted_at timestamp(3),
  during tstzrange,
  CONSTRAINT dates CHECK (updated_at IS NULL OR updated_at >= created_at),
  CONSTRAINT apart EXCLUDE USING gist (during WITH &&) WHERE (deleted_at IS NULL),
  UNIQUE (owner_id, name)
);
CREATE INDEX accounts_status ON accounts (status text_ops ASC NULLS LAST) WHERE deleted_at IS NULL AND status = 'Active';
CREATE INDEX accounts_lower ON accounts USING BTREE (lower(name), created_at DESC);
CREATE INDEX accounts_data ON accounts USING gin (data jsonb_ops);
CREATE INDEX accounts_paths ON accounts USING gin (data jsonb_path_ops);
CREATE INDEX accounts_pattern ON accounts ((name) varchar_pattern_ops, (data ->> 'a'));
CREATE INDEX accounts_tags ON accounts USING gin (tags array_ops);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner ON accounts USING (owner_id = current_setting('app.user')::uuid);
CREATE POLICY admin ON accounts FOR ALL TO PUBLIC USING (has_role('admin')) WITH CHECK (has_role('admin'));
CREATE POLICY member ON accounts FOR SELECT USING (EXISTS (SELECT 1 FROM users u WHERE u.id = owner_id AND role = 'admin'));
CREATE TRIGGER touch BEFORE UPDATE OF status, name ON accounts FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status AND new.status <> 'Closed') EXECUTE PROCEDURE touch();

CREATE TABLE events (id bigint NOT NULL, at timestamp NOT NULL, body text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE codes (code int, region text) PARTITION BY LIST (region);
CREATE TABLE codes_eu PARTITION OF codes FOR VALUES IN ('de', 'fr');
CREATE TABLE codes_rest PARTITION OF codes DEFAULT;

CREATE VIEW active_accounts (key, title) AS SELECT id, name FROM accounts WHERE deleted_at IS NULL;
CREATE VIEW owners AS SELECT u.id, u.name, count(*) AS n FROM users u JOIN accounts a ON a.owner_id = u.id GROUP BY u.id, u.name ORDER BY n DESC;
CREATE VIEW everything AS SELECT * FROM users WHERE role = 'admin';
CREATE VIEW titles AS SELECT title FROM active_accounts WHERE title LIKE 'A%';
CREATE MATERIALIZED VIEW per_owner AS SELECT owner_id, sum(balance) total FROM accounts GROUP BY 1;
CREATE UNIQUE INDEX per_owner_key ON per_owner (owner_id);
CREATE TABLE noted (id int PRIMARY KEY, note text, at timestamptz, day date, made timestamp);
ALTER TABLE noted ADD CHECK (at > '2000-01-01'), ADD CONSTRAINT noted_check CHECK (day > '2000-01-01' AND made < '2020-01-01 10:00');
CREATE FUNCTION shown(val int) RETURNS text LANGUAGE sql RETURN 'Processed: ' || val::text;
CREATE FUNCTION of_note(note text) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM noted WHERE noted.note = of_note.note; END;
CREATE PROCEDURE put(key int, word text DEFAULT shown(3)) LANGUAGE sql BEGIN ATOMIC
  INSERT INTO noted (id, note) VALUES (key, word);
  UPDATE noted SET note = word WHERE id = key;
  DELETE FROM noted WHERE id > key + 1;
END;

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
CREATE DOMAIN mail AS text CHECK (VALUE <> '');
CREATE FUNCTION mailed(mail) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW mails AS SELECT mailed(note) AS a, mailed('x') AS b, mailed('y'::mail) AS c FROM noted;
