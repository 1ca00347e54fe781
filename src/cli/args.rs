//! The arguments.

use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};

use crate::diagnostic::nearest;
use crate::plan::HazardKind;

const EXAMPLES: &str = "\
Examples:
  forge init --example field-service    write a whole example project here
  forge build                           build what changed
  forge build --explain                 … and say why each piece was built
  forge watch                           build, then build again on each save
  forge check                           look, write nothing: for CI
  forge check --staged                  look at what is about to be committed: for a pre-commit hook
  forge show accounts                   an entity in the terminal
  forge log master-view                 the iterations of a module, from git's history
  forge why concept/README.md           what an output was made from, and what changed it
  forge diff old.sql new.sql            the statements from one schema to another";

const STATUS: &str = "\
Exit status: 0 when all is fine; 1 when something is to be mended (findings other than notes);
2 when forge could not do its work.";

const HOOK: &str = "\
As git's pre-commit hook, an executable file `.git/hooks/pre-commit`:
  #!/bin/sh
  exec forge check --staged

Exit status: 0 when all is fine; 1 when something is to be mended (findings other than notes,
outputs that are out of date); 2 when forge could not do its work.";

const KEYS: &str = "\
Keys, on a terminal:
  r    build again
  f    build from scratch beside it, and compare
  w    say why the last build changed what it did
  q    end, as Ctrl-C does

Lines go to standard error, the events of `--format json` to standard output. While git works,
forge waits; while a merge conflict stands in a schema file, it writes nothing.";

/// A build system for PostgreSQL schemas: schema files in, docs, prototypes and one hardened schema out.
#[derive(Parser)]
#[command(name = "forge", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Arguments)]
pub struct Global {
    /// The project's folder, or one inside of it
    #[arg(short = 'C', long, global = true, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    pub project: PathBuf,
    /// Print findings only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to colour what is printed (NO_COLOR is obeyed)
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: When,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal that wants it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a command prints on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Human,
    /// One JSON document.
    Json,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Build what changed: docs, prototypes, the production schema
    #[command(after_help = STATUS)]
    Build(Build),
    /// Build, and build again whenever a file changes
    #[command(after_help = KEYS)]
    Watch(Watch),
    /// Report every finding, and whether outputs are up to date; write nothing
    #[command(after_help = HOOK)]
    Check(Check),
    /// Remove forge's outputs and its cache, and nothing else
    Clean,
    /// Start a project in this folder
    Init(Init),
    /// Plan the statements that take one schema to another
    Diff(Diff),
    /// List the iterations of modules, or show one's migration
    Log(Log),
    /// Show an entity: its wireframe, fields and relationships
    Show(Show),
    /// Say what an output was made from, and what changed it last
    Why(Why),
    /// Print the completions of a shell
    Completions(Completions),
}

/// In what form a command prints what it found.
#[derive(Arguments)]
pub struct Printed {
    /// What to print: human or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub format: Format,
}

/// `forge why`.
#[derive(Arguments)]
pub struct Why {
    /// The output: its path
    pub output: String,
    /// Print what its template is given, as JSON: for who writes one
    #[arg(long)]
    pub data: bool,
    #[command(flatten)]
    pub printed: Printed,
}

/// `forge build`.
#[derive(Arguments)]
pub struct Build {
    /// Give the reason for each piece of work
    #[arg(long)]
    pub explain: bool,
    #[command(flatten)]
    pub printed: Printed,
}

/// `forge watch`.
#[derive(Arguments)]
pub struct Watch {
    /// Clear the screen before each build
    #[arg(long)]
    pub clear: bool,
    /// What to print: human, or json for one event a line
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub format: Format,
}

/// `forge check`.
#[derive(Arguments)]
pub struct Check {
    /// Check what is staged for the next commit, files and outputs, as a pre-commit hook should
    #[arg(long)]
    pub staged: bool,
    #[command(flatten)]
    pub printed: Printed,
}

/// `forge diff`.
#[derive(Arguments)]
pub struct Diff {
    /// What to start from: an SQL or TOML file, a folder, or a git revision
    pub from: String,
    /// What to arrive at
    pub to: String,
    /// Compare the prototypes of this module
    #[arg(short, long, value_name = "NAME")]
    pub module: Option<String>,
    /// Compare this stage: production (the default), or prototype with --module
    #[arg(long, value_name = "STAGE", hide_possible_values = true)]
    pub stage: Option<StageArg>,
    /// What to print: sql, json, markdown or summary
    #[arg(long, value_name = "FORMAT", default_value = "sql", hide_default_value = true, hide_possible_values = true)]
    pub format: PlanFormat,
    /// Plan for a database in use: hold locks for the shortest time
    #[arg(long)]
    pub online: bool,
    /// Plan the way back
    #[arg(long)]
    pub down: bool,
    /// Exit with 1 when the plan holds one of these hazards: delete-data, rewrite, block-reads, block-writes, may-fail, break-code
    #[arg(long, value_name = "HAZARD,…", value_delimiter = ',', value_parser = hazard)]
    pub deny: Vec<HazardKind>,
}

/// What `forge diff` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// Statements, with their hazards as comments.
    Sql,
    /// The plan as data.
    Json,
    /// A report for a pull request.
    Markdown,
    /// A line for each statement.
    Summary,
}

/// A stage that has SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StageArg {
    /// A module's prototype.
    Prototype,
    /// The production schema.
    Production,
}

fn hazard(name: &str) -> Result<HazardKind, String> {
    let known = HazardKind::ALL.iter().find(|kind| kind.name() == name);
    known.copied().ok_or_else(|| match nearest(name, HazardKind::ALL.iter().map(|kind| kind.name())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the hazards are {}", HazardKind::ALL.map(HazardKind::name).join(", ")),
    })
}

/// `forge log`.
#[derive(Arguments)]
pub struct Log {
    /// The module; without it, all modules
    pub module: Option<String>,
    /// Show the migration of this iteration: its number, or `draft` for what is not on the mainline yet
    #[arg(requires = "module")]
    pub number: Option<String>,
    #[command(flatten)]
    pub printed: Printed,
}

/// `forge init`.
#[derive(Arguments)]
pub struct Init {
    /// Write an example project instead of a small one: field-service
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,
}

/// `forge show`.
#[derive(Arguments)]
pub struct Show {
    /// The entity
    pub entity: String,
    /// One module's view of it, instead of the merged one
    #[arg(short, long, value_name = "NAME")]
    pub module: Option<String>,
}

/// `forge completions`.
#[derive(Arguments)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}
