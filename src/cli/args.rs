//! The arguments.

use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  forge init --example field-service    write a whole example project here
  forge build                           build what changed
  forge build --explain                 … and say why each piece was built
  forge check                           look, write nothing: for hooks and CI
  forge show accounts                   an entity in the terminal";

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
    Build(Build),
    /// Report every finding, and whether outputs are up to date; write nothing
    Check(Check),
    /// Remove forge's outputs and its cache, and nothing else
    Clean,
    /// Start a project in this folder
    Init(Init),
    /// Show an entity: its wireframe, fields and relationships
    Show(Show),
    /// Print the completions of a shell
    Completions(Completions),
}

/// `forge build`.
#[derive(Arguments)]
pub struct Build {
    /// Give the reason for each piece of work
    #[arg(long)]
    pub explain: bool,
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

/// `forge check`.
#[derive(Arguments)]
pub struct Check {
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
