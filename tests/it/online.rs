//! The online style on PostgreSQL: what locks for long is split, and still leads to the schema that is wanted.
//!
//! Each case starts from the same two tables with rows and changes a few of their lines.

use forge::plan::{Plan, Statement, Style, plan};

use crate::support::parallel;
use crate::support::proof::{Case, prove, read, show};

/// The tables that every case starts from; `rows` fit all that the cases ask of them.
const FROM: &str = "CREATE TABLE owners (id integer PRIMARY KEY, code text);
CREATE TABLE things (id integer PRIMARY KEY, owner_id integer, name text, size integer);
CREATE INDEX things_size ON things (size);
";

const ROWS: &str = "INSERT INTO owners SELECT n, 'code ' || n FROM generate_series(1, 20) n;
INSERT INTO things SELECT n, n % 20 + 1, 'thing ' || n, n FROM generate_series(1, 200) n;";

/// What is added to the tables, and the words with which the plan does it, in their order.
const ADDED: &[(&str, &[&str])] = &[
    ("CREATE INDEX things_name ON things (name);", &["CREATE INDEX CONCURRENTLY things_name"]),
    ("CREATE UNIQUE INDEX things_name ON things (lower(name));", &["CREATE UNIQUE INDEX CONCURRENTLY"]),
    ("CREATE INDEX big ON things (size DESC) WHERE size > 10;", &["CREATE INDEX CONCURRENTLY big"]),
    ("ALTER TABLE owners ADD UNIQUE (code);", &["CREATE UNIQUE INDEX CONCURRENTLY", "UNIQUE USING INDEX"]),
    (
        "ALTER TABLE owners ADD CONSTRAINT one_code UNIQUE (code) INCLUDE (id) DEFERRABLE;",
        &["CREATE UNIQUE INDEX CONCURRENTLY one_code", "UNIQUE USING INDEX one_code DEFERRABLE"],
    ),
    (
        "ALTER TABLE things ADD FOREIGN KEY (owner_id) REFERENCES owners ON DELETE CASCADE;",
        &["REFERENCES owners(id) ON DELETE CASCADE NOT VALID", "VALIDATE CONSTRAINT"],
    ),
    ("ALTER TABLE things ADD CHECK (size > 0);", &["CHECK (size > 0) NOT VALID", "VALIDATE CONSTRAINT"]),
    (
        "ALTER TABLE things ALTER name SET NOT NULL;",
        &["IS NOT NULL) NOT VALID", "VALIDATE CONSTRAINT", "SET NOT NULL", "DROP CONSTRAINT"],
    ),
    (
        "ALTER TABLE owners ADD UNIQUE (code); ALTER TABLE things ADD owner_code text REFERENCES owners (code);",
        &["CREATE UNIQUE INDEX CONCURRENTLY", "USING INDEX", "ADD COLUMN owner_code"],
    ),
    ("CREATE TABLE more (id integer PRIMARY KEY, size integer CHECK (size > 0));", &["CREATE TABLE more"]),
    ("CREATE MATERIALIZED VIEW sizes AS SELECT size FROM things;", &["CREATE MATERIALIZED VIEW sizes"]),
];

/// Lines that take the place of the last one, the index.
const REPLACED: &[(&str, &[&str])] = &[
    (
        "CREATE INDEX things_size ON things (size, name);",
        &["CREATE INDEX CONCURRENTLY things_size__new", "DROP INDEX CONCURRENTLY things_size", "RENAME TO things_size"],
    ),
    ("CREATE INDEX things_size ON things (size) WITH (fillfactor = 50);", &["ALTER INDEX things_size SET"]),
    ("", &["DROP INDEX CONCURRENTLY things_size"]),
];

#[test]
fn online_plans_lead_where_plain_ones_do() {
    let added = ADDED.iter().map(|(line, words)| (format!("{FROM}{line}"), *words));
    let kept = FROM.split_inclusive('\n').take(2).collect::<String>();
    let replaced = REPLACED.iter().map(|(line, words)| (format!("{kept}{line}"), *words));
    let cases: Vec<(String, &[&str])> = added.chain(replaced).collect();
    let failed: Vec<String> = parallel::map(&cases, |(to, words)| {
        let case = Case { setup: "", from: FROM, to, rows: ROWS, rows_fit: true, style: Style::Online };
        prove(&case).map_err(|failure| failure.to_string())?;
        let [from, to] = [FROM, to].map(|text| read(text).map_err(|failure| failure.to_string()));
        says(&plan(&from?, &to?, Style::Online), words)
    })
    .into_iter()
    .zip(&cases)
    .filter_map(|(result, (to, _))| Some(format!("{to}\n{}", result.err()?)))
    .collect();
    assert!(failed.is_empty(), "{} of {} cases fail\n\n{}", failed.len(), cases.len(), failed.join("\n\n"));
}

/// Whether the plan's statements hold the words in this order, each of what no transaction may hold by itself.
fn says(plan: &Plan, words: &[&str]) -> Result<(), String> {
    let mut rest = plan.statements.iter();
    if let Some(missing) = words.iter().find(|words| !rest.any(|statement| statement.sql.contains(**words))) {
        return Err(format!("no statement says `{missing}` in its place:\n{}", show(plan)));
    }
    let alone = |statement: &Statement| {
        !statement.transactional && plan.statements.iter().filter(|other| other.group == statement.group).count() == 1
    };
    let mut concurrent = plan.statements.iter().filter(|statement| statement.sql.contains(" CONCURRENTLY "));
    match concurrent.find(|statement| !alone(statement)) {
        Some(statement) => Err(format!("not on its own: {}", statement.sql)),
        None => Ok(()),
    }
}
