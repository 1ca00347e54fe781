//! What a build costs: `cargo bench --bench build`.
//!
//! A generated project of 1,000 entities in 100 modules, committed to a git repository with its outputs: the cold
//! build, the build with nothing to do beside `git status` in the same tree (turn and turn about, so that both meet
//! the same machine), and the build after one field was edited. Prints the median of each; asserts nothing.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it runs the machine's git")]

#[path = "../tests/it/support/generate.rs"]
#[allow(unused_imports, reason = "its tests are run by the test binary")]
mod generate;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use generate::Size;

const ROUNDS: usize = 21;

fn main() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let root = folder.path();
    generate::write(root, Size { entities: 1000, modules: 100 }).expect("the project can be written");
    git(root, &["init", "--quiet"]);
    println!("cold build      {:>9.1?}", timed(|| forge(root)));
    git(root, &["add", "--all"]);
    git(root, &["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "--message", "x"]);
    forge(root);
    let (mut idle, mut status) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        idle.push(timed(|| forge(root)));
        status.push(timed(|| git(root, &["status"])));
    }
    println!("nothing to do   {:>9.1?}", median(idle));
    println!("git status      {:>9.1?}", median(status));
    let file = root.join("busm").read_dir().expect("it was written").flatten().next().expect("it holds files").path();
    let text = fs::read_to_string(&file).expect("it was written");
    let mut edited = Vec::new();
    for round in 0..ROUNDS {
        fs::write(&file, text.replace("varchar(255)", &format!("varchar({})", 300 + round)))
            .expect("it can be written");
        edited.push(timed(|| forge(root)));
    }
    println!("one file edited {:>9.1?}", median(edited));
}

fn forge(root: &Path) {
    run(Command::new(env!("CARGO_BIN_EXE_forge")).args(["build", "--quiet"]).current_dir(root));
}

fn git(root: &Path, args: &[&str]) {
    run(Command::new("git").args(args).current_dir(root));
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
