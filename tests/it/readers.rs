//! The readers take any bytes: no panic, no hang, and diagnostics that can be drawn.
//!
//! Inputs are schema files that are right, mutilated: what a person leaves behind in the middle of an edit, and worse.
//! `fuzz/` holds the same two readers for `cargo fuzz`.

use std::time::{Duration, Instant};

use forge::diagnostic::Diagnostic;
use forge::diagnostic::draw::draw;
use forge::diff::diff;
use forge::model::Model;
use forge::model::lower::sql::lower as lower_sql;
use forge::model::lower::{Lowered, toml::lower as lower_toml};
use forge::path::RepoPath;
use forge::plan::{Style, plan};
use forge::syntax::sql::parse;
use forge::syntax::toml::{module_file, schema_file};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::test_runner::{Config, RngSeed};

use crate::support::generate::{self, Size};
use crate::support::random;

/// Far more than reading any of these inputs takes, and far less than a hang.
const LIMIT: Duration = Duration::from_secs(5);

/// The same for texts of a megabyte, in a debug build.
const LARGE_LIMIT: Duration = Duration::from_secs(60);

/// What is pasted into the middle of things.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "$$",
    "$a$",
    "(",
    ")",
    ";",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    "--",
    "/*",
    "*/",
    "\\",
    "\0",
    "\u{feff}",
    "é",
    "NULL",
    "CREATE TABLE",
    "ALTER TABLE t ADD",
    "::",
    "AS",
    "-- forge:renamed_from ",
    "<<<<<<< HEAD\n",
    "\r\n",
    "1e999999999",
    "COPY t FROM stdin;\n",
    "\\connect x\n",
    "[accounts]",
    "pick = [",
    "\"\"\"",
    "9999-99-99",
    "BEGIN ATOMIC",
    "((((((((",
];

/// One cut or paste; places are fractions of the text, so that they mean something after it has shrunk.
#[derive(Clone, Debug)]
pub enum Edit {
    Cut { from: u16, length: u8 },
    Paste { at: u16, piece: usize },
    Repeat { from: u16, length: u8, to: u16 },
    Byte { at: u16, byte: u8 },
}

/// A few edits.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(from, length)| Edit::Cut { from, length }),
        (any::<u16>(), 0..PIECES.len()).prop_map(|(at, piece)| Edit::Paste { at, piece }),
        (any::<u16>(), any::<u8>(), any::<u16>()).prop_map(|(from, length, to)| Edit::Repeat { from, length, to }),
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte { at, byte }),
    ];
    proptest::collection::vec(edit, 1..6)
}

/// `text` after `edits`.
pub fn mutilate(text: &str, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for edit in edits {
        let place = |at: u16| usize::from(at) * bytes.len() / 65536;
        let range = |from: u16, length: u8| place(from)..(place(from) + usize::from(length)).min(bytes.len());
        match edit {
            Edit::Cut { from, length } => drop(bytes.drain(range(*from, *length))),
            Edit::Paste { at, piece } => {
                let at = place(*at);
                bytes.splice(at..at, PIECES[*piece].bytes());
            }
            Edit::Repeat { from, length, to } => {
                let (copy, to) = (bytes[range(*from, *length)].to_vec(), place(*to));
                bytes.splice(to..to, copy);
            }
            Edit::Byte { at, byte } => {
                let at = place(*at);
                bytes.splice(at..(at + 1).min(bytes.len()), [*byte]);
            }
        }
    }
    bytes
}

/// How many cases a run tries, and which.
pub fn config() -> Config {
    let cases = if std::env::var_os("FORGE_LONG").is_some() { 20_000 } else { 300 };
    // An ordinary run reads the same inputs each time; a long one looks for new ones.
    let rng_seed = if cases > 300 { RngSeed::Random } else { RngSeed::Fixed(1) };
    Config { cases, failure_persistence: None, rng_seed, ..Config::default() }
}

/// Whether every diagnostic can be drawn, and the reading ended in time.
fn sound(started: Instant, diagnostics: &[Diagnostic], text: &str) {
    drawn(diagnostics, text);
    assert!(started.elapsed() < LIMIT, "reading took {:?}", started.elapsed());
}

fn drawn(diagnostics: &[Diagnostic], text: &str) {
    for diagnostic in diagnostics {
        assert!(!draw(diagnostic, false, |_| Some(text)).is_empty());
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sql_of_any_kind_is_read(tape in proptest::collection::vec(any::<u32>(), 0..120), edits in edits()) {
        let bytes = mutilate(&random::pair(tape).from.sql(), &edits);
        let text = String::from_utf8_lossy(&bytes);
        let started = Instant::now();
        let lowered = lower_sql(&[parse(&RepoPath::root(), &text)]);
        let nothing = Model::default();
        let difference = diff(&nothing, &lowered.model);
        sound(started, &lowered.diagnostics, &text);
        sound(started, &difference.diagnostics, &text);
    }

    #[test]
    fn toml_of_any_kind_is_read(file in any::<u16>(), edits in edits()) {
        let files = generate::project(Size { entities: 20, modules: 3 });
        let (_, text) = &files[usize::from(file) % files.len()];
        let bytes = mutilate(text, &edits);
        let text = String::from_utf8_lossy(&bytes);
        let started = Instant::now();
        let path = RepoPath::root();
        let entities = schema_file(&path, &bytes);
        sound(started, &entities.diagnostics, &text);
        sound(started, &lower_toml(&[&entities], Lowered::default(), None).diagnostics, &text);
        sound(started, &module_file(&path, &bytes).diagnostics, &text);
        let mut found = Vec::new();
        forge::config::read(&bytes, &mut found);
        sound(started, &found, &text);
    }
}

/// Texts that are large or deep: each is read to its end, planned and read again, or told in a diagnostic.
#[test]
fn what_is_huge_or_deep_is_read_or_told() {
    let nested = |open: &str, close: &str, times: usize| {
        format!("CREATE TABLE t (a int CHECK ({}a{}));", open.repeat(times), close.repeat(times))
    };
    let listed = |times: usize| format!("CREATE TABLE t (a int CHECK (a IN (1{})));", ", 2".repeat(times));
    let body = |text: &str| format!("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT {text} $$;");
    let told = [
        nested("(", ")", 100_000),
        nested("[", "]", 100_000),
        nested("abs(", ")", 20_000),
        nested("NOT ", "", 20_000),
        nested("- ", "", 20_000),
        nested("CASE WHEN true THEN ", " END", 20_000),
        nested("", "::int", 20_000),
        nested("", ".b", 20_000),
        nested("", " + a", 100_000),
        format!("CREATE TABLE t (a numeric({}1{}));", "(".repeat(50_000), ")".repeat(50_000)),
        format!("CREATE TABLE {}t (a int);", "a.".repeat(20_000)),
        body(&format!("{}1{}", "(".repeat(50_000), ")".repeat(50_000))),
        "CREATE TABLE t (a int); CREATE TABLE u (a int DEFAULT $a$ open".to_owned(),
        format!("CREATE TABLE t (a int DEFAULT '{}", "x".repeat(1_000_000)),
        "/*".repeat(100_000),
    ];
    let read = [
        nested("(", ")", 400),
        nested("abs(", ")", 400),
        nested("NOT ", "", 400),
        nested("", "::int", 400),
        nested("", " + a", 2_000),
        listed(20_000),
        format!("CREATE TABLE {} (a int);", "a".repeat(1_000_000)),
        format!("CREATE TABLE \"{}\" (\"{}\" int UNIQUE);", "é".repeat(500_000), "b".repeat(1_000_000)),
        format!("CREATE TABLE t (a text DEFAULT '{}');", "x".repeat(1_000_000)),
        format!("CREATE TABLE t (a int);{}", ";".repeat(20_000)),
        (0..1_000).map(|at| format!("CREATE TABLE t_{at} (a int);")).collect(),
        format!(
            "CREATE TABLE t (a int{});",
            (0..500).map(|at| format!(", c{at} int CHECK (c{at} > 0)")).collect::<String>()
        ),
        format!("CREATE TABLE t (a int); {}", "ALTER TABLE t ADD CHECK (a > 0);".repeat(500)),
    ];
    // As the program does: a debug build's frames are many times those of a release.
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(move || {
        let errors = |text: &str| {
            let started = Instant::now();
            let lowered = lower_sql(&[parse(&RepoPath::root(), text)]);
            let sql: String = plan(&Model::default(), &lowered.model, Style::Plain)
                .statements
                .iter()
                .map(|statement| format!("{};\n", statement.sql))
                .collect();
            let again = lower_sql(&[parse(&RepoPath::root(), &sql)]);
            let start: String = text.chars().take(60).collect();
            let errors = lowered.diagnostics.iter().filter(|found| found.is_error()).count();
            if errors == 0 {
                assert_eq!(diff(&lowered.model, &again.model).changes, [], "{start}");
            }
            drawn(&lowered.diagnostics, text);
            assert!(started.elapsed() < LARGE_LIMIT, "reading took {:?}: {start}", started.elapsed());
            (errors, start)
        };
        for text in told {
            let (errors, start) = errors(&text);
            assert!(errors > 0, "nothing is said of {start}");
        }
        for text in read {
            let (errors, start) = errors(&text);
            assert_eq!(errors, 0, "{start}");
        }
    });
    thread.expect("a thread can be had").join().expect("nothing panics");
}

/// The thousandth mistake of a file in one line is drawn as cheaply as the first.
#[test]
fn many_mistakes_in_one_long_line_are_drawn() {
    let text: String = (0..2_000).map(|at| format!("CREATE TABLE t_{at} (a int,,); ")).collect();
    let started = Instant::now();
    let file = parse(&RepoPath::root(), &text);
    assert_eq!(file.diagnostics.len(), 2_000);
    drawn(&file.diagnostics, &text);
    assert!(started.elapsed() < LARGE_LIMIT, "it took {:?}", started.elapsed());
}
