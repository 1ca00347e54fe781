//! How long reading SQL into the model takes beside what `squawk-syntax` alone takes to parse the same text:
//! `cargo bench --bench read`, and `cargo bench --bench read -- PATH…` for files of one's own, or all of a folder. Whole
//! dumps and files of one table both count: what a file costs whatever is in it shows in the second.
//!
//! Both run in turns, so that what else the machine does hits both; the best of many turns counts. Wall time and the
//! time of all processors are told apart, since large files are read by several threads. Asserts nothing.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it reads the files that it is given")]

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use forge::model::lower::sql::lower;
use forge::path::RepoPath;
use forge::syntax::sql::parse;
use rustix::time::{ClockId, clock_gettime};
use squawk_syntax::SourceFile;

fn main() {
    println!(
        "{:<34}{:>8}  {:>22}  {:>22}  {:>6} {:>6}",
        "", "KB", "parse: wall, CPU", "read: wall, CPU", "wall", "CPU"
    );
    let paths: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    for path in &paths {
        compare(path, &files(Path::new(path)));
    }
    if paths.is_empty() {
        for tables in [20, 200, 2_000] {
            compare(&format!("{tables} tables, plain"), &[plain(tables)]);
            compare(&format!("{tables} tables, as dumped"), &[dumped(tables)]);
        }
        compare("200 files of a table, plain", &vec![plain(1); 200]);
        compare("200 files of a table, as dumped", &vec![dumped(1); 200]);
        let corpora = Path::new("../shared/corpora");
        if corpora.is_dir() {
            compare("the files of the corpora", &files(corpora));
        }
    }
}

/// The texts of all SQL files at `path`.
fn files(path: &Path) -> Vec<String> {
    if !path.is_dir() {
        return vec![std::fs::read_to_string(path).expect("a file of UTF-8 text")];
    }
    let entries = std::fs::read_dir(path).expect("a folder that can be read").flatten().map(|entry| entry.path());
    let mut within: Vec<_> = entries.filter(|it| it.is_dir() || it.extension().is_some_and(|it| it == "sql")).collect();
    within.sort();
    within.iter().flat_map(|it| files(it)).collect()
}

/// Wall time, and the time of all processors.
type Times = [Duration; 2];

fn compare(what: &str, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let rounds = (40_000_000 / bytes.max(1)).clamp(5, 2_000);
    let mut best = [[Duration::MAX; 2]; 2];
    for _ in 0..rounds {
        let parsed = time(|| texts.iter().for_each(|text| drop(SourceFile::parse(text))));
        let read = time(|| texts.iter().for_each(|text| drop(lower(&[parse(&RepoPath::root(), text)]))));
        best = [shorter(best[0], parsed), shorter(best[1], read)];
    }
    let [parsed, read] = best;
    let shown = |times: Times| format!("{:.2?}, {:.2?}", times[0], times[1]);
    let ratio = |at: usize| read[at].as_secs_f64() / parsed[at].as_secs_f64();
    let (what, kilobytes) = (what.chars().rev().take(32).collect::<Vec<_>>(), bytes / 1024);
    let what: String = what.into_iter().rev().collect();
    let (wall, cpu) = (ratio(0), ratio(1));
    println!("{what:<34}{kilobytes:>8}  {:>22}  {:>22}  {wall:>6.2} {cpu:>6.2}", shown(parsed), shown(read));
}

fn time(work: impl FnOnce()) -> Times {
    let (wall, cpu) = (Instant::now(), cpu());
    work();
    [wall.elapsed(), self::cpu() - cpu]
}

fn cpu() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

fn shorter(a: Times, b: Times) -> Times {
    [a[0].min(b[0]), a[1].min(b[1])]
}

/// Tables as a person writes them: ten columns, a key, an index, a foreign key to the one before.
fn plain(tables: usize) -> String {
    let mut out = String::new();
    for table in 0..tables {
        let _ = write!(out, "CREATE TABLE t_{table} (\n    id bigint PRIMARY KEY,\n    parent_id bigint");
        for column in 0..8 {
            let _ = write!(out, ",\n    c_{column} varchar({})", 20 + column);
        }
        let _ = writeln!(out, "\n);\nCREATE INDEX i_{table} ON t_{table} (c_1, c_2);");
        if table > 0 {
            let _ = writeln!(out, "ALTER TABLE t_{table} ADD FOREIGN KEY (parent_id) REFERENCES t_{} (id);", table - 1);
        }
    }
    out
}

/// Tables, sequences, views, functions and triggers as `pg_dump --schema-only` spells them.
fn dumped(tables: usize) -> String {
    let mut out = "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n\n".to_owned();
    for table in 0..tables {
        out.push_str(&DUMPED.replace("{t}", &format!("orders_{table}")));
    }
    out
}

const DUMPED: &str = "--
-- Name: {t}; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.{t} (
    id bigint NOT NULL,
    customer_id bigint NOT NULL,
    state character varying(20) DEFAULT 'open'::character varying NOT NULL,
    total numeric(12,2) DEFAULT 0.00 NOT NULL,
    note text,
    tags text[] DEFAULT '{}'::text[],
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp(6) without time zone,
    CONSTRAINT {t}_state_check CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'paid'::character varying])::text[]))),
    CONSTRAINT {t}_total_check CHECK ((total >= (0)::numeric))
);


ALTER TABLE public.{t} OWNER TO app;

--
-- Name: TABLE {t}; Type: COMMENT; Schema: public; Owner: app
--

COMMENT ON TABLE public.{t} IS 'What customers asked for; one row each.';


CREATE SEQUENCE public.{t}_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.{t}_id_seq OWNER TO app;

ALTER SEQUENCE public.{t}_id_seq OWNED BY public.{t}.id;

CREATE FUNCTION public.touch_{t}() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;


CREATE VIEW public.open_{t} AS
 SELECT o.id,
    o.customer_id,
    (o.total * (2)::numeric) AS twice,
    count(*) OVER (PARTITION BY o.customer_id) AS others
   FROM public.{t} o
  WHERE (((o.state)::text = 'open'::text) AND (o.created_at > (now() - '1 mon'::interval)));


ALTER TABLE ONLY public.{t} ALTER COLUMN id SET DEFAULT nextval('public.{t}_id_seq'::regclass);

ALTER TABLE ONLY public.{t}
    ADD CONSTRAINT {t}_pkey PRIMARY KEY (id);

CREATE INDEX index_{t}_on_customer_id ON public.{t} USING btree (customer_id);

CREATE UNIQUE INDEX index_{t}_on_note ON public.{t} USING btree (lower(note)) WHERE (updated_at IS NOT NULL);

CREATE TRIGGER touch BEFORE UPDATE ON public.{t} FOR EACH ROW EXECUTE FUNCTION public.touch_{t}();

ALTER TABLE ONLY public.{t}
    ADD CONSTRAINT {t}_parent_fkey FOREIGN KEY (customer_id) REFERENCES public.{t}(id) ON DELETE CASCADE;

GRANT SELECT ON TABLE public.{t} TO reporting;


";
