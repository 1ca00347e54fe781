//! The command line: arguments in, exit status out.
//!
//! One file a command in [`command`]; all printing goes through [`ui`]. Data goes to standard output, everything
//! else to standard error.

mod args;
mod bar;
mod clock;
mod command;
mod exit;
mod json;
mod live;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use exit::Exit;
use ui::Ui;

/// Runs the program.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // A closed pipe is the reader's wish; there is nobody left to tell.
            let _ = error.print();
            return if error.use_stderr() { Exit::Failed.into() } else { Exit::Fine.into() };
        }
    };
    let ui = Ui::new(&args.global);
    command::run(args, &ui).into()
}
