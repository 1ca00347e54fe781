//! `forge completions`: the completions of a shell, on standard output.

use clap::CommandFactory;

use crate::cli::args::{Args, Completions};
use crate::cli::exit::Exit;

/// Runs the command.
pub fn run(options: &Completions) -> Exit {
    clap_complete::generate(options.shell, &mut Args::command(), "forge", &mut std::io::stdout());
    Exit::Fine
}
