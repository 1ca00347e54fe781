//! The `forge` program: hands the command line to the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Schemas are many small values: with the C library's allocator a fifth of a run is spent on making and freeing them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    forge::cli::main()
}
