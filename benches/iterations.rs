//! What a long history costs: `cargo bench --bench iterations [-- COMMITS ROUNDS]`.
//!
//! One module whose every commit (1,000 unless said otherwise) is an iteration. Measured are the build that writes all
//! of its migrations, a build after one more commit, one with nothing to do, and `forge log` of the module, beside
//! `git rev-parse HEAD` in the same repository. Prints least, median and most of each; asserts nothing but that the
//! programs succeed.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it runs the machine's git and time")]

#[path = "support/mod.rs"]
#[allow(dead_code, reason = "each bench uses a part")]
mod support;

use std::fmt::Write;
use std::fs;

use support::{cost, forge, git, import, put_away, say, timed};

/// How many columns a table has before the next one begins.
const COLUMNS: usize = 20;

fn main() {
    let words: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let (commits, rounds) = (words.first().copied().unwrap_or(1_000), words.get(1).copied().unwrap_or(5));
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let root = folder.path().join("work");
    fs::create_dir(&root).expect("it can be made");
    git(&root, &["init", "--quiet", "--initial-branch=main"]);
    import(&root, &stream(0, commits));
    println!("{commits} iterations of one module");
    let [mut built, mut cpu, mut log, mut again, mut idle, mut more, mut peer] = [const { Vec::new() }; 7];
    for round in 0..rounds {
        put_away(&root, folder.path());
        log.push(timed(|| forge(&root, &["log", "shop"])));
        again.push(timed(|| forge(&root, &["log", "shop"])));
        put_away(&root, folder.path());
        let first = cost(&root, folder.path(), &["build", "--quiet"]);
        built.push(first.wall);
        cpu.push(first.cpu);
        idle.push(timed(|| forge(&root, &["build", "--quiet"])));
        import(&root, &stream(commits + round, commits + round + 1));
        more.push(timed(|| forge(&root, &["build", "--quiet"])));
        peer.push(timed(|| git(&root, &["rev-parse", "HEAD"])));
    }
    say("git rev-parse HEAD", peer);
    say("forge log, the first", log);
    say("forge log again", again);
    say("forge build, the first", built);
    say("  its CPU time", cpu);
    say("forge build, nothing to do", idle);
    say("forge build, one more commit", more);
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
