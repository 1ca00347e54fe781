//! What PostgreSQL's grammar takes, the reader reads or refuses out loud: each key word in each place where a name
//! stands, and each clause of the statements that describe a schema.
//!
//! The server is only asked for its grammar: a statement stands behind one that fails, so a syntax error is told first
//! and nothing is done. A name means the same with and without quotes, and so it must to forge.

use std::collections::BTreeSet;

use forge::diff::diff;
use forge::model::lower::Lowered;
use forge::model::lower::sql::lower;
use forge::path::RepoPath;
use forge::syntax::sql::parse;
use postgres::Client;

use crate::support::postgres::Database;

/// Statements that PostgreSQL takes, a line each.
const STATEMENTS: &str = include_str!("grammar.sql");

/// Those of them that the parser does not know: they are told as errors.
const UNKNOWN_STATEMENTS: &[&str] = &[
    "ALTER TABLE t ALTER 1 SET STATISTICS 5",
    "CREATE EXTENSION x VERSION v SCHEMA s",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET TIME ZONE 'UTC' AS ''",
    "SET NAMES 'UTF8'",
];

/// Where names stand: `@` is the name, `"@"` the same one in what has to be there before.
const PLACES: &[&str] = &[
    r#"CREATE TABLE t (@ int, b text);"#,
    r#"CREATE TABLE t (b text, @ numeric(3,1) NOT NULL DEFAULT 1);"#,
    r#"CREATE TABLE @ (a int);"#,
    r#"CREATE TABLE s.@ (a int);"#,
    r#"CREATE TABLE @.t (a int);"#,
    r#"CREATE TABLE t (a s.@);"#,
    r#"CREATE TYPE t AS (@ int);"#,
    r#"CREATE FUNCTION f(a int, @ text DEFAULT 'x') RETURNS int LANGUAGE plpgsql AS '';"#,
    r#"CREATE FUNCTION f(OUT @ int) LANGUAGE plpgsql AS '';"#,
    r#"CREATE FUNCTION f() RETURNS TABLE (@ int) LANGUAGE plpgsql AS '';"#,
    r#"CREATE FUNCTION @() RETURNS int LANGUAGE plpgsql AS '';"#,
    r#"CREATE TABLE t ("@" int); CREATE INDEX i ON t (@);"#,
    r#"CREATE TABLE t (a int, "@" int); CREATE INDEX i ON t (a, @ DESC) INCLUDE (@);"#,
    r#"CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT @ CHECK (true);"#,
    r#"CREATE TABLE t (a int, "@" int); ALTER TABLE t ADD CHECK ((t.@) > 0);"#,
    r#"CREATE TABLE t ("@" int); ALTER TABLE t ADD PRIMARY KEY (@);"#,
    r#"CREATE TABLE "@" (b int UNIQUE); CREATE TABLE t (a int REFERENCES @ (b));"#,
    r#"CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN @ int;"#,
    r#"CREATE TABLE t (a int); ALTER TABLE t ADD @ int;"#,
    r#"CREATE TABLE t ("@" int); ALTER TABLE t ALTER COLUMN @ SET NOT NULL;"#,
    r#"CREATE TABLE t ("@" int); ALTER TABLE t ALTER @ SET NOT NULL;"#,
    r#"CREATE TABLE t (a int, "@" int); ALTER TABLE t DROP @;"#,
    r#"CREATE TABLE t (a int); ALTER TABLE t RENAME a TO @;"#,
    r#"CREATE TABLE t (a int); ALTER TABLE t RENAME TO @;"#,
    r#"CREATE VIEW v (@) AS SELECT 1;"#,
    r#"CREATE TABLE t (a int, "@" int); CREATE VIEW v AS SELECT t.@ FROM t;"#,
    r#"CREATE TABLE t (a int); CREATE VIEW v AS SELECT a AS @ FROM t;"#,
    r#"CREATE TABLE t (a int); CREATE VIEW v AS SELECT 1 AS b FROM t AS @;"#,
    r#"CREATE TABLE t (a int); CREATE VIEW v AS WITH @ AS (SELECT 1) SELECT 1 AS b;"#,
    r#"CREATE TABLE t ("@" int); CREATE VIEW v AS SELECT 1 AS b FROM t GROUP BY @;"#,
    r#"CREATE TABLE t (a int); CREATE TRIGGER @ BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"#,
    r#"CREATE TABLE t ("@" int); CREATE TRIGGER r BEFORE UPDATE OF @ ON t FOR EACH ROW EXECUTE FUNCTION f();"#,
    r#"CREATE TABLE t (a int); CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(@);"#,
    r#"CREATE TABLE t (a int); CREATE POLICY @ ON t USING (true);"#,
    r#"CREATE SEQUENCE @;"#,
    r#"CREATE TABLE t (a int); GRANT SELECT (a) ON t TO @;"#,
    r#"CREATE TABLE t ("@" int); COMMENT ON COLUMN t.@ IS 'x';"#,
    r#"CREATE TABLE t ("@" int) PARTITION BY RANGE (@);"#,
    r#"CREATE TABLE t ("@" int, EXCLUDE USING gist (@ WITH =));"#,
    r#"CREATE TABLE t (a text); CREATE INDEX i ON t USING gist (a @);"#,
    r#"CREATE FUNCTION f(a s.@) RETURNS int LANGUAGE plpgsql AS '';"#,
    r#"CREATE TABLE t (a int CONSTRAINT @ UNIQUE);"#,
];

/// Words that are key words in a later version than the server may have.
const LATER: &[&str] = &[
    "absent",
    "conditional",
    "empty",
    "enforced",
    "error",
    "format",
    "indent",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "keep",
    "keys",
    "merge_action",
    "nested",
    "objects",
    "omit",
    "path",
    "period",
    "periods",
    "plan",
    "quotes",
    "scalar",
    "source",
    "string",
    "system_user",
    "target",
    "unconditional",
    "virtual",
    "within",
];

/// What a key word says where a name could stand: the two spellings differ. Names that the parser of single queries takes
/// for key words are among them where the text of a view is compared.
fn says_something(place: &str, word: &str) -> bool {
    match word {
        "current_role" | "current_user" | "session_user" | "public" | "none" => {
            place.contains(" TO @") || place.contains("GROUP BY @")
        }
        "system_user" | "cube" | "rollup" | "delete" | "insert" | "merge" | "recursive" | "update" | "values" => {
            place.contains("VIEW v AS")
        }
        "current_catalog" | "current_date" | "current_schema" | "current_time" | "current_timestamp" | "localtime"
        | "localtimestamp" | "user" | "default" => place.contains("GROUP BY @"),
        "in" | "inout" | "out" | "variadic" | "setof" => place.contains("FUNCTION f("),
        "like" => place.contains("TABLE t (@"),
        "constraint" | "check" | "column" | "primary" | "unique" | "foreign" => place.contains("ADD @"),
        "asc" | "desc" | "nulls" | "collate" => place.contains("(a @)"),
        "true" | "false" | "null" => place.contains("f(@)") || place.contains("GROUP BY @"),
        _ => false,
    }
}

#[test]
fn a_key_word_that_is_a_name_is_read_as_one_or_refused() {
    let database = Database::new();
    let mut client = database.client();
    let mut words: BTreeSet<String> = LATER.iter().map(|&word| word.to_owned()).collect();
    words.extend(database.texts("SELECT word FROM pg_get_keywords()"));
    let all = std::env::var_os("FORGE_LONG").is_some();
    let (mut tried, mut refused, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for place in PLACES {
        // In an ordinary run some words at each place, but all of them somewhere.
        let chosen = words.iter().enumerate().filter(|(at, _)| all || (at + place.len()) % 7 == 0);
        for (_, word) in chosen {
            let bare = place.replace('@', word);
            if !is_grammatical(&mut client, &bare) || says_something(place, word) {
                continue;
            }
            tried += 1;
            let quoted = place.replace("\"@\"", "@").replace('@', &format!("\"{word}\""));
            match (read(&bare), read(&quoted)) {
                (Err(_), _) => drop(refused.insert(format!("{word}: {place}"))),
                (Ok(bare), Ok(quoted)) if diff(&bare.model, &quoted.model).changes.is_empty() => {}
                _ => wrong.push(bare),
            }
        }
    }
    assert_eq!(wrong, [""; 0], "read as something else");
    println!("{tried} names, refused: {refused:#?}");
    assert!(refused.len() * 20 < tried, "more is refused than was: {refused:#?}");
}

#[test]
fn every_clause_of_the_grammar_is_read_or_refused() {
    let database = Database::new();
    let mut client = database.client();
    let refused = STATEMENTS.lines().filter(|statement| {
        assert!(is_grammatical(&mut client, statement), "no statement for PostgreSQL: {statement}");
        read(statement).is_err()
    });
    assert_eq!(refused.collect::<Vec<_>>(), UNKNOWN_STATEMENTS);
}

/// What forge reads, unless it finds a syntax error.
fn read(text: &str) -> Result<Lowered, ()> {
    let file = parse(&RepoPath::root(), text);
    let broken = file.diagnostics.iter().any(|found| found.code == "sql-syntax");
    if broken { Err(()) } else { Ok(lower(&[file])) }
}

/// Whether the server's grammar takes a statement; it is not run.
fn is_grammatical(client: &mut Client, statement: &str) -> bool {
    let error = client.batch_execute(&format!("SELECT 1 / 0; {statement}")).expect_err("nothing divides by zero");
    error.code() != Some(&postgres::error::SqlState::SYNTAX_ERROR)
}
