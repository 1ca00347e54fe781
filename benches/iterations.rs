//! What a long history costs: `cargo bench --bench iterations [-- COMMITS]`.
//!
//! One module whose every commit (1,000 unless said otherwise) is an iteration. Measured are the build that writes all
//! of its migrations, a build after one more commit, one with nothing to do, and `forge log` of the module, each beside
//! `git rev-parse HEAD` in the same repository. Prints times; asserts nothing but that the programs succeed.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it runs the machine's git")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many columns a table has before the next one begins.
const COLUMNS: usize = 20;

fn main() {
    let commits = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let root = folder.path();
    git(root, &["init", "--quiet", "--initial-branch=main"]);
    import(root, &stream(0, commits));
    println!("{commits} iterations of one module");
    say("git rev-parse HEAD", timed(|| git(root, &["rev-parse", "HEAD"])));
    say("forge log, the first", timed(|| forge(root, &["log", "shop"])));
    say("forge log again", timed(|| forge(root, &["log", "shop"])));
    say("forge build, the first", timed(|| forge(root, &["build", "--quiet"])));
    say("forge build, nothing to do", timed(|| forge(root, &["build", "--quiet"])));
    import(root, &stream(commits, commits + 1));
    git(root, &["reset", "--quiet", "--hard"]);
    say("forge build, one more commit", timed(|| forge(root, &["build", "--quiet"])));
}

/// Commits from one number to another, for `git fast-import`: each adds a column, now and then a table.
fn stream(from: usize, to: usize) -> Vec<u8> {
    let mut text = String::new();
    for number in from..to {
        let table = number / COLUMNS;
        let mut file = format!("[table_{table}.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n");
        for column in 0..number % COLUMNS {
            let _ = writeln!(file, "column_{column} = \"varchar({})\"", 10 + column);
        }
        let _ = writeln!(text, "commit refs/heads/main");
        let _ = writeln!(text, "committer Ada <ada@example.org> {} +0000", 1_700_000_000 + number * 60);
        let _ = writeln!(text, "data 5\nstep\n");
        if number == from && from > 0 {
            let _ = writeln!(text, "from refs/heads/main^0");
        }
        if number == 0 {
            let _ = writeln!(text, "M 100644 inline forge.toml\ndata 0\n");
        }
        let _ = writeln!(text, "M 100644 inline modules/shop/table_{table}.toml\ndata {}\n{file}", file.len());
    }
    text.into_bytes()
}

fn import(root: &Path, stream: &[u8]) {
    let mut command = Command::new("git");
    command.args(["fast-import", "--quiet", "--force"]).current_dir(root).stdin(Stdio::piped());
    let mut child = command.spawn().expect("git is there");
    child.stdin.take().expect("it is piped").write_all(stream).expect("git reads");
    assert!(child.wait().expect("it ends").success());
    git(root, &["reset", "--quiet", "--hard"]);
}

fn git(root: &Path, args: &[&str]) {
    run(Command::new("git").args(args).current_dir(root));
}

fn forge(root: &Path, args: &[&str]) {
    run(Command::new(env!("CARGO_BIN_EXE_forge")).args(args).current_dir(root));
}

fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn say(what: &str, time: Duration) {
    println!("  {what:<32}{time:>10.1?}");
}
