//! What `forge log` costs beside git: `cargo bench --bench log [-- COMMITS MODULES SCHEMA ROUNDS]`.
//!
//! A generated repository (20,000 commits, 50 modules, a third of the commits about schema files, unless said otherwise).
//! The first `forge log` of all modules stands beside `git log --first-parent --raw` of the same paths, the second one
//! and the one after a new commit beside `git rev-parse HEAD`, turn and turn about, so that all meet the same machine.
//! Prints least, median and most of each, the ratios of the least and of the medians, and the first run's peak memory;
//! asserts nothing but that the programs succeed.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it runs the machine's git and time")]

#[path = "../tests/it/support/past.rs"]
mod past;
#[path = "support/mod.rs"]
#[allow(dead_code, reason = "each bench uses a part")]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use past::Size;
use support::{cost, forge, git, import, least, median, put_away, say, timed};

fn main() {
    let words: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let number = |at: usize, usual| words.get(at).copied().unwrap_or(usual);
    let size = Size { commits: number(0, 20_000), modules: number(1, 50), schema: number(2, 33) };
    let rounds = number(3, 5);
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let root = folder.path().join("work");
    fs::create_dir(&root).expect("it can be made");
    git(&root, &["init", "--quiet", "--initial-branch=main"]);
    import(&root, &past::stream(size));
    git(&root, &["gc", "--quiet"]);
    let lines = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(&root).output().expect("git is there");
        output.stdout.iter().filter(|byte| **byte == b'\n').count()
    };
    println!(
        "{} commits, {} on the mainline, {} of them about schema files, {} modules",
        lines(&["rev-list", "main"]),
        lines(&["rev-list", "--first-parent", "main"]),
        lines(&["rev-list", "--first-parent", "main", "--", "modules", "busm"]),
        size.modules
    );
    first(&root, folder.path(), rounds);
    again(&root, size, rounds * 4);
}

/// The first run, beside git's own.
fn first(root: &Path, beside: &Path, rounds: usize) {
    let [mut own, mut cpu, mut peer] = [const { Vec::new() }; 3];
    let mut memory = 0;
    for _ in 0..rounds {
        put_away(root, beside);
        let cost = cost(root, beside, &["log"]);
        own.push(cost.wall);
        cpu.push(cost.cpu);
        memory = memory.max(cost.memory);
        peer.push(timed(|| git(root, &["log", "--first-parent", "--raw", "--", "modules", "busm"])));
    }
    let ratio = |of: fn(&[Duration]) -> Duration| of(&own).as_secs_f64() / of(&peer).as_secs_f64();
    let (usual, best) = (ratio(median), ratio(least));
    say("git log --first-parent --raw", peer);
    say("forge log, the first", own);
    say("  its CPU time", cpu);
    println!("  {:<32}{memory:>9} MiB", "  its peak memory");
    println!("  {:<32}{best:>9.2} times git's at best, {usual:.2} in the middle", "  its time");
}

/// Runs with nothing new, and with one commit more.
fn again(root: &Path, size: Size, rounds: usize) {
    let [mut own, mut after, mut peer] = [const { Vec::new() }; 3];
    for commit in past::more(size, rounds) {
        peer.push(timed(|| git(root, &["rev-parse", "HEAD"])));
        own.push(timed(|| forge(root, &["log"])));
        import(root, &commit);
        after.push(timed(|| forge(root, &["log"])));
    }
    let over = median(&own).saturating_sub(median(&peer).mul_f64(1.5));
    let more = median(&after).saturating_sub(median(&own));
    say("git rev-parse HEAD", peer);
    say("forge log again", own);
    println!("  {:<32}{over:>9.1?} over 1.5 times git's", "  its time");
    say("forge log, one commit more", after);
    println!("  {:<32}{more:>9.1?} over that with none", "  its time");
}
