//! What the benches of histories share: running the real programs, and telling what they took.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Feeds `git fast-import`, which makes any history at once, and brings the working tree along.
pub fn import(root: &Path, stream: &[u8]) {
    let mut command = Command::new("git");
    command.args(["fast-import", "--quiet", "--force"]).current_dir(root).stdin(Stdio::piped());
    let mut child = command.spawn().expect("git is there");
    child.stdin.take().expect("it is piped").write_all(stream).expect("git reads");
    assert!(child.wait().expect("it ends").success());
    git(root, &["reset", "--quiet", "--hard"]);
}

/// Runs git in a folder.
pub fn git(root: &Path, args: &[&str]) {
    run(Command::new("git").args(args).current_dir(root));
}

/// Runs forge in a folder.
pub fn forge(root: &Path, args: &[&str]) {
    run(Command::new(env!("CARGO_BIN_EXE_forge")).args(args).current_dir(root));
}

/// Runs a program, which has to succeed; what it prints goes nowhere.
pub fn run(command: &mut Command) {
    let output = command.stdout(Stdio::null()).output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What a run of forge takes.
pub struct Cost {
    /// On the clock.
    pub wall: Duration,
    /// On all cores.
    pub cpu: Duration,
    /// At its peak, in MiB.
    pub memory: u64,
}

/// Runs forge in a folder, and measures it; `beside` is a folder for notes.
pub fn cost(root: &Path, beside: &Path, args: &[&str]) -> Cost {
    let note = beside.join("time");
    let mut time = Command::new("/usr/bin/time");
    time.arg("-o").arg(&note).args(["-f", "%U %S %M", env!("CARGO_BIN_EXE_forge")]).args(args);
    let wall = timed(|| run(time.current_dir(root)));
    let text = fs::read_to_string(&note).expect("`time` writes what it measured");
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    Cost { wall, cpu: Duration::from_secs_f64(numbers[0] + numbers[1]), memory: numbers[2] as u64 / 1024 }
}

/// Puts away what forge has made in a folder. It is not removed, which would leave work for the runs that follow.
pub fn put_away(root: &Path, beside: &Path) {
    let old = (0..).map(|number| beside.join(format!("old-{number}"))).find(|old| !old.exists());
    let old = old.expect("there is always another number");
    fs::create_dir(&old).expect("it can be made");
    let _ = fs::rename(root.join(".git/forge"), old.join("cache"));
    let _ = fs::rename(root.join("generated"), old.join("generated"));
}

/// How long something takes.
pub fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The least.
pub fn least(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

/// The median.
pub fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Prints least, median and most.
pub fn say(what: &str, times: Vec<Duration>) {
    if let (Some(least), Some(most)) = (times.iter().min(), times.iter().max()) {
        println!("  {what:<32}{least:>12.1?}{:>12.1?}{most:>12.1?}", median(&times));
    }
}
