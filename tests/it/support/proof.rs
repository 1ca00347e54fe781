//! The proof that a plan is right, for one pair of schemas written as SQL.
//!
//! PostgreSQL is the judge throughout: it loads both texts itself, and what forge read, planned and wrote has to lead
//! to the same catalogs, with the rows that were there, rewriting the tables that were called rewritten and no other.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use forge::diagnostic::Severity;
use forge::model::lower::sql::lower;
use forge::model::lower::unresolved;
use forge::model::{Model, Origins};
use forge::path::RepoPath;
use forge::plan::{HazardKind, Plan, Statement, Style, plan};
use forge::production::{self, Claimant, Settings};
use forge::syntax::sql::parse;

use super::dump::Dump;
use super::postgres::Database;
use super::relations::{self, Relations};

/// A pair of schemas to be proven.
pub struct Case<'a> {
    /// Runs before either schema, and is part of both.
    pub setup: &'a str,
    /// The schema to start from.
    pub from: &'a str,
    /// The schema to reach.
    pub to: &'a str,
    /// Statements that fill the tables of `from`.
    pub rows: &'a str,
    /// Whether the rows satisfy `to`, so that no statement has the excuse that it may fail on them.
    pub rows_fit: bool,
    /// How the plan is written.
    pub style: Style,
}

/// What was wrong, by what was being proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// PostgreSQL itself refuses one of the two texts: nothing can be said about forge.
    Unloadable(String),
    /// The reader complained about a text that PostgreSQL accepts.
    Unread(String),
    /// The plan from nothing does not make the first schema.
    Make(String),
    /// A statement failed.
    Apply(String),
    /// The plan led elsewhere.
    Differs(String),
    /// The catalog, read back, still differs from the goal.
    Unsettled(String),
    /// What forge itself writes for the goal reads back as something else.
    Reread(String),
    /// Rows were lost, tables were rewritten, and the plan did not say so; or it said so and they were not.
    Hazards(String),
    /// The way back failed or led elsewhere.
    Back(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match self {
            Failure::Unloadable(text) => ("PostgreSQL does not load it", text),
            Failure::Unread(text) => ("forge does not read it", text),
            Failure::Make(text) => ("the first schema is not made as written", text),
            Failure::Apply(text) => ("the plan does not apply", text),
            Failure::Differs(text) => ("the plan leads elsewhere (- has, + should have)", text),
            Failure::Unsettled(text) => ("the second plan is not empty", text),
            Failure::Reread(text) => ("what forge writes reads back as something else", text),
            Failure::Hazards(text) => ("the hazards are not what happened", text),
            Failure::Back(text) => ("the way back", text),
        };
        write!(f, "{what}:\n{text}")
    }
}

/// Proves a pair.
///
/// # Errors
/// With the first thing that is wrong.
pub fn prove(case: &Case) -> Result<(), Failure> {
    let (old, new) = (load(case.setup, case.from)?, load(case.setup, case.to)?);
    let base = read(case.setup)?;
    let from = read(&format!("{}\n{}", case.setup, case.from))?;
    let to = read(&format!("{}\n{}", case.setup, case.to))?;
    reread(&to)?;
    [&from, &to].into_iter().try_for_each(believed)?;

    let database = prepared(case, &base, &from)?;
    same(&database, &database.pg_dump(&[]), &old).map_err(Failure::Make)?;
    let there = plan(&from, &to, case.style);
    let before = Relations::read(&database);
    let database = match apply(&database, &there) {
        Ok(()) => {
            relations::judge(&before, &Relations::read(&database), &there).map_err(Failure::Hazards)?;
            database
        }
        Err(Stop { excused: true, .. }) if !case.rows_fit => {
            let empty = prepared(&Case { rows: "", ..*case }, &base, &from)?;
            apply(&empty, &there).map_err(|stop| Failure::Apply(stop.text))?;
            empty
        }
        Err(stop) => return Err(Failure::Apply(stop.text)),
    };
    let reached = database.pg_dump(&[]);
    same(&database, &reached, &new).map_err(Failure::Differs)?;
    settled(&reached, &to)?;
    back(case, database, [&base, &from, &to], &old)
}

/// What PostgreSQL makes of a schema; asked once for each, since a history has every version twice.
///
/// # Errors
/// With what PostgreSQL says when it refuses it.
pub fn load(setup: &str, schema: &str) -> Result<Dump, Failure> {
    static KNOWN: Mutex<BTreeMap<String, Result<Dump, String>>> = Mutex::new(BTreeMap::new());
    let text = if setup.is_empty() { schema.to_owned() } else { format!("{setup}\n{schema}") };
    let known = KNOWN.lock().expect("no holder panics").get(&text).cloned();
    let fresh = || {
        let database = Database::new();
        let mut scripts = [setup, schema].into_iter().filter(|script| !script.is_empty());
        scripts.try_for_each(|script| database.psql(script))?;
        Ok(database.dump().without_column_order())
    };
    let loaded = known.unwrap_or_else(|| {
        let loaded = fresh();
        KNOWN.lock().expect("no holder panics").insert(text, loaded.clone());
        loaded
    });
    loaded.map_err(Failure::Unloadable)
}

/// The model of an SQL text, in which forge has found nothing wrong.
///
/// # Errors
/// With what the reader complained about.
pub fn read(text: &str) -> Result<Model, Failure> {
    let file = parse(&RepoPath::root(), text);
    let mut lowered = lower(&[file]);
    lowered.diagnostics.extend(unresolved(&lowered));
    lowered.diagnostics.retain(|found| found.severity != Severity::Note);
    if lowered.diagnostics.is_empty() {
        return Ok(lowered.model);
    }
    let found = lowered.diagnostics.iter().map(|it| forge::diagnostic::draw::draw(it, false, |_| Some(text)));
    Err(Failure::Unread(found.collect::<Vec<_>>().join("\n")))
}

/// The findings that say that a schema does not load.
const UNLOADABLE: [&str; 4] = ["view-without-table", "view-without-column", "unknown-field", "default-names-field"];

/// What PostgreSQL loads, production says nothing against.
fn believed(model: &Model) -> Result<(), Failure> {
    let origins = Origins::default();
    let claimant = Claimant { name: "m".to_owned(), busm: false, model, origins: &origins };
    let found = production::build(&[claimant], &Settings::default()).diagnostics;
    let said = found.iter().find(|found| UNLOADABLE.contains(&found.code.as_ref()));
    said.map_or(Ok(()), |found| Err(Failure::Unread(format!("a false alarm: {}", found.message))))
}

/// A database in which forge's own plan made the first schema, with its rows.
fn prepared(case: &Case, base: &Model, from: &Model) -> Result<Database, Failure> {
    let database = Database::new();
    if !case.setup.is_empty() {
        database.psql(case.setup).map_err(Failure::Unloadable)?;
    }
    apply(&database, &plan(base, from, Style::Plain)).map_err(|stop| Failure::Make(stop.text))?;
    database.run(case.rows).map_err(|error| Failure::Make(format!("rows: {error}")))?;
    Ok(database)
}

/// Why a plan stopped.
struct Stop {
    /// The statement and what the server said.
    text: String,
    /// Whether the plan had said that the statement may fail on the rows that are there.
    excused: bool,
}

/// Runs a plan as its groups say: one transaction each.
fn apply(database: &Database, plan: &Plan) -> Result<(), Stop> {
    let mut client = database.client();
    let stop = |statement: &Statement, error: &postgres::Error| Stop {
        text: format!(
            "{}\n{}\n\nthe plan:\n{}",
            super::postgres::explain(error, &statement.sql),
            statement.sql,
            show(plan)
        ),
        excused: statement.hazards.iter().any(|hazard| hazard.kind == HazardKind::MayFail),
    };
    for group in plan.statements.chunk_by(|a, b| a.group == b.group) {
        let together = group.iter().all(|statement| statement.transactional);
        let run = |client: &mut postgres::Client, statement: &Statement| {
            client.batch_execute(&statement.sql).map_err(|error| stop(statement, &error))
        };
        let frame = |client: &mut postgres::Client, sql: &str| {
            let last = &group[group.len() - 1];
            if together { client.batch_execute(sql).map_err(|error| stop(last, &error)) } else { Ok(()) }
        };
        frame(&mut client, "BEGIN")?;
        group.iter().try_for_each(|statement| run(&mut client, statement))?;
        frame(&mut client, "COMMIT")?;
    }
    Ok(())
}

/// A plan as text.
pub fn show(plan: &Plan) -> String {
    let one = |statement: &Statement| {
        let hazards: String = statement.hazards.iter().map(|hazard| format!("-- {hazard}\n")).collect();
        format!("{hazards}{};\n", statement.sql)
    };
    plan.statements.iter().map(one).collect()
}

/// Whether the catalog, of which `pg_dump` prints `dump`, is the one that is wanted.
fn same(database: &Database, dump: &str, wanted: &Dump) -> Result<(), String> {
    let difference = database.compared(dump).without_column_order().difference(wanted);
    if difference.is_empty() { Ok(()) } else { Err(difference) }
}

/// Whether what forge writes to make a schema from nothing reads back as that schema.
fn reread(model: &Model) -> Result<(), Failure> {
    let text = show(&plan(&Model::default(), model, Style::Plain));
    let rest = plan(&read(&text)?, model, Style::Plain);
    if rest.statements.is_empty() { Ok(()) } else { Err(Failure::Reread(show(&rest))) }
}

/// Whether nothing is left to do, as forge sees it in what `pg_dump` prints.
fn settled(dump: &str, to: &Model) -> Result<(), Failure> {
    // pg_dump names the role that ran the statement, which is what a schema file means when it names none.
    let text = dump.replace("ALTER DEFAULT PRIVILEGES FOR ROLE postgres ", "ALTER DEFAULT PRIVILEGES ");
    let rest = plan(&read(&text)?, to, Style::Plain);
    if rest.statements.is_empty() { Ok(()) } else { Err(Failure::Unsettled(show(&rest))) }
}

/// Goes back with the rows that are there or, where they do not fit and the plan said so, without rows.
fn back(case: &Case, database: Database, [base, from, to]: [&Model; 3], old: &Dump) -> Result<(), Failure> {
    let down = plan(to, from, case.style);
    let database = match apply(&database, &down) {
        Ok(()) => database,
        Err(Stop { excused: true, .. }) => {
            let empty = prepared(&Case { rows: "", ..*case }, base, to)?;
            apply(&empty, &down).map_err(|stop| Failure::Back(stop.text))?;
            empty
        }
        Err(stop) => return Err(Failure::Back(stop.text)),
    };
    same(&database, &database.pg_dump(&[]), old)
        .map_err(|difference| Failure::Back(format!("{difference}\nthe plan:\n{}", show(&down))))
}
