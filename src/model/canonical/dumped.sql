-- What pg_dump (PostgreSQL 15) makes of `written.sql`, without its settings.

CREATE TYPE public.address AS (
	street text,
	number integer
);

CREATE DOMAIN public.email AS character varying(255) DEFAULT ''::character varying
	CONSTRAINT email_check CHECK ((((VALUE)::text ~ '@'::text) AND (length((VALUE)::text) < 200)));

CREATE TYPE public.mood AS ENUM (
    'sad',
    'ok',
    'happy'
);

CREATE FUNCTION public.has_role(role character varying, strict_ boolean DEFAULT false) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$ SELECT role <> '' $$;

CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

CREATE TABLE public.accounts (
    id integer NOT NULL,
    number bigint NOT NULL,
    name character varying(255) NOT NULL,
    status character varying(50) DEFAULT 'Active'::character varying NOT NULL,
    kind public.mood DEFAULT 'ok'::public.mood,
    balance numeric(10,0) DEFAULT 0,
    rate numeric(5,2) DEFAULT 0.00,
    owner_id uuid NOT NULL,
    parent_id integer,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    data jsonb DEFAULT '{"a": 1}'::jsonb,
    label text GENERATED ALWAYS AS ((((name)::text || ' '::text) || (status)::text)) STORED,
    note text,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone,
    deleted_at timestamp(3) without time zone,
    during tstzrange,
    CONSTRAINT accounts_name_check CHECK (((name)::text <> ''::text)),
    CONSTRAINT accounts_rate_check CHECK (((rate >= (0)::numeric) AND (rate <= (100)::numeric))),
    CONSTRAINT dates CHECK (((updated_at IS NULL) OR (updated_at >= created_at)))
);

CREATE SEQUENCE public.accounts_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.accounts_id_seq OWNED BY public.accounts.id;

ALTER TABLE public.accounts ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.active_accounts AS
 SELECT accounts.id AS key,
    accounts.name AS title
   FROM public.accounts
  WHERE (accounts.deleted_at IS NULL);

CREATE TABLE public.codes (
    code integer,
    region text
)
PARTITION BY LIST (region);

CREATE TABLE public.codes_eu (
    code integer,
    region text
);

CREATE TABLE public.codes_rest (
    code integer,
    region text
);

CREATE SEQUENCE public.countdown
    AS integer
    START WITH 100
    INCREMENT BY -1
    NO MINVALUE
    MAXVALUE 100
    CACHE 1;

CREATE TABLE public.events (
    id bigint NOT NULL,
    at timestamp without time zone NOT NULL,
    body text
)
PARTITION BY RANGE (at);

CREATE TABLE public.events_2024 (
    id bigint NOT NULL,
    at timestamp without time zone NOT NULL,
    body text
);

CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email public.email NOT NULL,
    name character varying(100) NOT NULL,
    role character varying(20) DEFAULT 'user'::character varying NOT NULL,
    flag character(1) DEFAULT 'Y'::bpchar,
    CONSTRAINT users_role_check CHECK (((role)::text = ANY ((ARRAY['user'::character varying, 'admin'::character varying])::text[])))
);

CREATE VIEW public.everything AS
 SELECT users.id,
    users.email,
    users.name,
    users.role,
    users.flag
   FROM public.users
  WHERE ((users.role)::text = 'admin'::text);

CREATE VIEW public.owners AS
 SELECT u.id,
    u.name,
    count(*) AS n
   FROM (public.users u
     JOIN public.accounts a ON ((a.owner_id = u.id)))
  GROUP BY u.id, u.name
  ORDER BY (count(*)) DESC;

CREATE MATERIALIZED VIEW public.per_owner AS
 SELECT accounts.owner_id,
    sum(accounts.balance) AS total
   FROM public.accounts
  GROUP BY accounts.owner_id
  WITH NO DATA;

CREATE SEQUENCE public.ticket_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE VIEW public.titles AS
 SELECT active_accounts.title
   FROM public.active_accounts
  WHERE ((active_accounts.title)::text ~~ 'A%'::text);

ALTER TABLE ONLY public.codes ATTACH PARTITION public.codes_eu FOR VALUES IN ('de', 'fr');

ALTER TABLE ONLY public.codes ATTACH PARTITION public.codes_rest DEFAULT;

ALTER TABLE ONLY public.events ATTACH PARTITION public.events_2024 FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2025-01-01 00:00:00');

ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.accounts_id_seq'::regclass);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_owner_id_name_key UNIQUE (owner_id, name);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&) WHERE ((deleted_at IS NULL));

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id, at);

ALTER TABLE ONLY public.events_2024
    ADD CONSTRAINT events_2024_pkey PRIMARY KEY (id, at);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX accounts_data ON public.accounts USING gin (data);

CREATE INDEX accounts_lower ON public.accounts USING btree (lower((name)::text), created_at DESC);

CREATE INDEX accounts_paths ON public.accounts USING gin (data jsonb_path_ops);

CREATE INDEX accounts_pattern ON public.accounts USING btree (name varchar_pattern_ops, ((data ->> 'a'::text)));

CREATE INDEX accounts_status ON public.accounts USING btree (status) WHERE ((deleted_at IS NULL) AND ((status)::text = 'Active'::text));

CREATE INDEX accounts_tags ON public.accounts USING gin (tags);

CREATE UNIQUE INDEX per_owner_key ON public.per_owner USING btree (owner_id);

ALTER INDEX public.events_pkey ATTACH PARTITION public.events_2024_pkey;

CREATE TRIGGER touch BEFORE UPDATE OF status, name ON public.accounts FOR EACH ROW WHEN ((((old.status)::text IS DISTINCT FROM (new.status)::text) AND ((new.status)::text <> 'Closed'::text))) EXECUTE FUNCTION public.touch();

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.accounts(id);

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

CREATE POLICY admin ON public.accounts USING (public.has_role('admin'::character varying)) WITH CHECK (public.has_role('admin'::character varying));

CREATE POLICY member ON public.accounts FOR SELECT USING ((EXISTS ( SELECT 1
   FROM public.users u
  WHERE ((u.id = accounts.owner_id) AND ((u.role)::text = 'admin'::text)))));

CREATE POLICY owner ON public.accounts USING ((owner_id = (current_setting('app.user'::text))::uuid));

CREATE TABLE public.noted (
    id integer NOT NULL,
    note text,
    at timestamp with time zone,
    day date,
    made timestamp without time zone,
    CONSTRAINT noted_at_check CHECK ((at > '2000-01-01 00:00:00+00'::timestamp with time zone)),
    CONSTRAINT noted_check CHECK (((day > '2000-01-01'::date) AND (made < '2020-01-01 10:00:00'::timestamp without time zone)))
);
ALTER TABLE ONLY public.noted ADD CONSTRAINT noted_pkey PRIMARY KEY (id);
CREATE FUNCTION public.shown(val integer) RETURNS text
    LANGUAGE sql
    RETURN ('Processed: '::text || (val)::text);
CREATE FUNCTION public.of_note(note text) RETURNS bigint
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT count(*) AS count
    FROM public.noted
   WHERE (noted.note = of_note.note);
END;
CREATE PROCEDURE public.put(IN key integer, IN word text DEFAULT public.shown(3))
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO public.noted (id, note)
   VALUES (put.key, put.word);
 UPDATE public.noted SET note = put.word
   WHERE (noted.id = put.key);
 DELETE FROM public.noted
   WHERE (noted.id > (put.key + 1));
END;

CREATE TYPE public.cplx AS (
	re double precision,
	im double precision
);
CREATE TYPE public.grade AS ENUM (
    'a',
    'b'
);
CREATE FUNCTION public.to_cplx(double precision) RETURNS public.cplx
    LANGUAGE sql IMMUTABLE
    AS $_$SELECT ROW($1, 0.0)::cplx$_$;
CREATE CAST (double precision AS public.cplx) WITH FUNCTION public.to_cplx(double precision) AS IMPLICIT;
CREATE FUNCTION public.joined(VARIADIC anyarray) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$SELECT $1::text$_$;
CREATE FUNCTION public.named(integer, OUT one public.grade) RETURNS SETOF public.grade
    LANGUAGE sql
    AS $$SELECT 'a'::grade$$;
CREATE FUNCTION public.picked(at integer, VARIADIC words text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$SELECT words[at]$$;
CREATE FUNCTION public.several(integer) RETURNS SETOF integer
    LANGUAGE sql
    AS $_$SELECT $1$_$;
CREATE TEXT SEARCH CONFIGURATION public.plain (
    PARSER = pg_catalog."default" );
CREATE TABLE public.posts (
    id integer NOT NULL,
    parent integer,
    body character varying,
    grade public.grade,
    first text DEFAULT public.picked(1, VARIADIC ARRAY['Q'::text, 'R'::text]),
    search tsvector GENERATED ALWAYS AS (to_tsvector('public.plain'::regconfig, (body)::text)) STORED,
    CONSTRAINT posts_body_check CHECK ((public.picked(2, VARIADIC ARRAY[(body)::text, 'x'::text]) <> 'z'::text))
);
CREATE FUNCTION public.weight(public.posts) RETURNS integer
    LANGUAGE sql
    AS $$SELECT 1$$;
CREATE VIEW public.best AS
 SELECT posts.id
   FROM public.posts
  ORDER BY posts.id
 OFFSET 1
 FETCH FIRST (3) ROWS WITH TIES;
CREATE VIEW public.called AS
 SELECT several.several,
    other.other,
    n.one
   FROM public.several(3) several(several),
    public.several(4) other(other),
    public.named(5) n(one)
  WHERE (n.one = 'a'::public.grade);
CREATE VIEW public.escaped AS
 SELECT 'a''b
'::text AS one,
    'AB'::text AS two
   FROM public.posts
 FOR UPDATE OF posts;
CREATE VIEW public.graded AS
 SELECT (posts.grade || 'x'::text) AS a,
    ('y'::text || posts.grade) AS b,
    public.joined(VARIADIC ARRAY[1, posts.id]) AS c
   FROM public.posts;
CREATE VIEW public.locked AS
 SELECT q.id
   FROM (public.posts
     JOIN public.posts q ON (true)),
    ( SELECT 1 AS one) w,
    public.several(2) several(several)
 FOR SHARE OF q NOWAIT;
CREATE VIEW public.newest AS
 SELECT posts.id
   FROM public.posts
  ORDER BY posts.id DESC
 LIMIT 1;
CREATE VIEW public.sampled AS
 SELECT q.id
   FROM public.posts q TABLESAMPLE bernoulli (10) REPEATABLE (3);
CREATE VIEW public.threads AS
 WITH RECURSIVE r(id, parent) AS (
         SELECT posts.id,
            posts.parent
           FROM public.posts
        UNION ALL
         SELECT p.id,
            p.parent
           FROM (public.posts p
             JOIN r r_1 ON ((p.parent = r_1.id)))
        ) SEARCH DEPTH FIRST BY id SET place CYCLE id SET again TO 'y'::text DEFAULT 'n'::text USING path
 SELECT r.id,
    r.again
   FROM r
  ORDER BY r.place;
CREATE VIEW public.whole AS
 SELECT q.*::public.posts AS q,
    (q.* IS NULL) AS gone,
    public.weight(q.*) AS weight,
    to_jsonb(q.*) AS j,
    (ROW(q.id, q.parent, q.body, q.grade, q.first, q.search))::text AS r
   FROM public.posts q;
ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);
CREATE PUBLICATION outward WITH (publish = 'insert, update, delete, truncate');
ALTER PUBLICATION outward ADD TABLE ONLY public.noted;
ALTER PUBLICATION outward ADD TABLE ONLY public.posts (id, parent) WHERE ((((body)::text = 'x'::text) AND (id = ANY (ARRAY[1, 2]))));
CREATE DOMAIN public.mail AS text
	CONSTRAINT mail_check CHECK ((VALUE <> ''::text));
CREATE FUNCTION public.mailed(public.mail) RETURNS integer
    LANGUAGE sql
    AS $$SELECT 1$$;
CREATE VIEW public.mails AS
 SELECT public.mailed((noted.note)::public.mail) AS a,
    public.mailed(('x'::text)::public.mail) AS b,
    public.mailed(('y'::text)::public.mail) AS c
   FROM public.noted;
