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
use std::{panic, thread};

use clap::Parser;

use args::Args;
use exit::Exit;
use ui::Ui;

/// The stack of each thread. Trees of SQL are walked by functions that call themselves, for as many levels as are read; what
/// is not used of a stack costs nothing.
const STACK: usize = 64 << 20;

/// Runs the program.
pub fn main() -> ExitCode {
    // Where threads cannot be had as wanted, those that the system gives have to do.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    match thread::Builder::new().name("forge".to_owned()).stack_size(STACK).spawn(run) {
        Ok(main) => main.join().unwrap_or_else(|panic| panic::resume_unwind(panic)),
        Err(_) => run(),
    }
}

fn run() -> ExitCode {
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
