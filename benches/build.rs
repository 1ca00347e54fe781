//! What a build costs: `cargo bench --bench build [-- ENTITIES MODULES]`, or `-- growth` for the cold build of
//! growing projects.
//!
//! A generated project (1,000 entities in 100 modules unless said otherwise), committed to a git repository with its
//! outputs. The cold build is measured in CPU time and memory. The build with nothing to do stands beside `git status`
//! in the same tree and `ninja` over as many files, the builds after an edit beside it, turn and turn about, so that
//! all meet the same machine. Prints least, median and most of each; asserts nothing but that the programs succeed.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it runs the machine's git, ninja and time")]

#[path = "../tests/it/support/generate.rs"]
#[allow(unused_imports, reason = "its tests are run by the test binary")]
mod generate;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use generate::Size;

const ROUNDS: usize = 21;
const COLD_ROUNDS: usize = 3;
const GROWTH: [usize; 5] = [500, 1_000, 5_000, 20_000, 50_000];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if words.first().is_some_and(|word| word == "growth") {
        return GROWTH.into_iter().for_each(|entities| cold(&project(Size { entities, modules: entities / 10 }), 1));
    }
    let number = |at: usize| words.get(at).and_then(|word| word.parse().ok());
    let size = Size { entities: number(0).unwrap_or(1_000), modules: number(1).unwrap_or(100) };
    let project = project(size);
    cold(&project, COLD_ROUNDS);
    warm(&project);
}

/// A project in a git repository of its own, and a place beside it.
struct Project {
    size: Size,
    root: PathBuf,
    beside: PathBuf,
    _folder: tempfile::TempDir,
}

fn project(size: Size) -> Project {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let (root, beside) = (folder.path().join("project"), folder.path().join("beside"));
    fs::create_dir_all(&beside).expect("it can be made");
    generate::write(&root, size).expect("the project can be written");
    git(&root, &["init", "--quiet"]);
    Project { size, root, beside, _folder: folder }
}

/// Builds from nothing, `rounds` times.
fn cold(project: &Project, rounds: usize) {
    let (mut wall, mut cpu, mut memory) = (Vec::new(), Vec::new(), 0);
    for round in 0..rounds {
        // Put away rather than removed: ext4 takes many times longer for a new file where others were removed just now.
        for (at, made) in ["generated", ".git/forge"].into_iter().enumerate() {
            let _ = fs::rename(project.root.join(made), project.beside.join(format!("old-{round}-{at}")));
        }
        let note = project.beside.join("time");
        wall.push(timed(|| {
            let mut time = Command::new("/usr/bin/time");
            time.arg("-o").arg(&note).args(["-f", "%U %S %M", env!("CARGO_BIN_EXE_forge"), "build", "--quiet"]);
            run(time.current_dir(&project.root));
        }));
        let text = fs::read_to_string(&note).expect("`time` writes what it measured");
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        cpu.push(Duration::from_secs_f64(numbers[0] + numbers[1]));
        memory = memory.max(numbers[2] as u64 / 1024);
    }
    let Size { entities, modules } = project.size;
    println!("{entities} entities in {modules} modules");
    say("cold build", wall);
    say("  its CPU time", cpu);
    println!("{:<28}{memory:>10} MiB", "  its peak memory");
}

/// Builds with little or nothing to do, beside the peers.
fn warm(project: &Project) {
    let root = &project.root;
    git(root, &["add", "--all"]);
    git(root, &["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "--message", "x"]);
    forge(root);
    let ninja = ninja_of(project);
    let [mut idle, mut status, mut peer] = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        idle.push(timed(|| forge(root)));
        status.push(timed(|| git(root, &["status"])));
        peer.extend(ninja.as_ref().map(|folder| timed(|| run(Command::new("ninja").current_dir(folder)))));
    }
    say("nothing to do", idle);
    say("git status", status);
    say("ninja, nothing to do", peer);
    let edits = [
        ("a comment added", "busm/accounts_00000.toml", "doc = ", "# N\ndoc = "),
        ("a module's field changed", "modules/module-0000/accounts_00000.toml", "\"text\"", "\"varchar(N)\""),
        ("a BUSM's field changed", "busm/accounts_00000.toml", "varchar(255)", "varchar(N)"),
    ];
    for (what, path, old, new) in edits {
        let file = root.join(path);
        let text = fs::read_to_string(&file).expect("it was written");
        let mut edited = Vec::new();
        for round in 0..ROUNDS {
            let new = new.replace('N', &(300 + round).to_string());
            fs::write(&file, text.replacen(old, &new, 1)).expect("it can be written");
            edited.push(timed(|| forge(root)));
        }
        say(what, edited);
    }
}

/// A folder in which `ninja` has made as many outputs as forge from the same inputs; none without `ninja`.
fn ninja_of(project: &Project) -> Option<PathBuf> {
    if Command::new("ninja").arg("--version").output().is_err() {
        println!("ninja is not installed: left out");
        return None;
    }
    let inputs: Vec<String> = generate::project(project.size).into_iter().map(|(path, _)| path).collect();
    let outputs = files_below(&project.root.join("generated"));
    let mut text = "rule make\n  command = touch $out\n".to_owned();
    for output in 0..outputs {
        text.push_str(&format!("build out/{output}: make"));
        for input in inputs.iter().skip(output).step_by(outputs) {
            text.push_str(&format!(" {}", project.root.join(input).display()));
        }
        text.push('\n');
    }
    fs::write(project.beside.join("build.ninja"), text).expect("it can be written");
    run(Command::new("ninja").arg("--quiet").current_dir(&project.beside));
    Some(project.beside.clone())
}

fn files_below(folder: &Path) -> usize {
    let entries = folder.read_dir().expect("forge made it").flatten();
    entries.map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { 1 }).sum()
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

/// Prints least, median and most.
fn say(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    if let (Some(least), Some(most)) = (times.first(), times.last()) {
        println!("{what:<28}{least:>12.1?}{:>12.1?}{most:>12.1?}", times[times.len() / 2]);
    }
}
