//! What a save costs under `forge watch`: `cargo bench --bench watch [ENTITIES MODULES SAVES]`.
//!
//! A generated project of 5,000 entities in 500 modules. A field of one entity is edited again and again; each time the
//! clock runs from the save to the moment at which that entity's page is written, and on to the one at which forge says
//! that all outputs are. Beside it, turn and turn about on the same saves, whichever of these peers is installed:
//! `watchexec`, `entr` and `inotifywait`, running `touch`, which is as much as any of them can do for a user before the
//! user's own command begins. Prints p50, p95 and the longest; asserts nothing.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::disallowed_methods, reason = "it runs the machine's programs")]

#[path = "../tests/it/support/generate.rs"]
#[allow(unused_imports, reason = "its tests are run by the test binary")]
mod generate;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use generate::Size;

/// A watcher that is measured: its process, and the file that shows that it is done.
struct Racer {
    name: &'static str,
    child: Child,
    shows: PathBuf,
    times: Vec<Duration>,
    /// Says when all is done, where that is later; and how long it took.
    done: Option<Receiver<Instant>>,
    whole: Vec<Duration>,
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let entities = numbers.next().unwrap_or(5_000);
    let size = Size { entities, modules: numbers.next().unwrap_or(entities / 10) };
    let saves = numbers.next().unwrap_or(50);
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let root = folder.path().join("project");
    generate::write(&root, size).expect("the project can be written");
    let file = first_file(&root.join("busm"));
    let page = root.join("generated/concept/entities").join(file.file_name().expect("a file")).with_extension("md");
    println!("{} entities in {} modules, {saves} saves of {}", size.entities, size.modules, file.display());
    let mut racers = vec![forge(&root, &page)];
    racers.extend(peers(&root, folder.path(), &file));
    let text = fs::read_to_string(&file).expect("it was written");
    for round in 0..saves + 3 {
        for racer in &mut racers {
            let before = stamp(&racer.shows);
            // forge has built what the others were shown, too.
            racer.done.iter().for_each(|done| done.try_iter().for_each(drop));
            let start = Instant::now();
            let width = 300 + (round * 7 + racer.name.len()) % 200;
            fs::write(&file, text.replace("varchar(255)", &format!("varchar({width})"))).expect("it can be written");
            while stamp(&racer.shows) == before && start.elapsed() < Duration::from_secs(20) {
                std::thread::yield_now();
            }
            let took = start.elapsed();
            let done = racer.done.as_ref().and_then(|done| done.recv_timeout(Duration::from_secs(20)).ok());
            // The first rounds warm everything up.
            if round >= 3 {
                racer.times.push(took);
                racer.whole.extend(done.map(|done| done - start));
            }
            // All others have seen this save before the next one, so that each is measured at rest.
            std::thread::sleep(Duration::from_millis(400));
        }
    }
    for racer in &mut racers {
        print(racer.name, &mut racer.times);
        print("… all outputs", &mut racer.whole);
        let _ = racer.child.kill();
        let _ = racer.child.wait();
    }
}

fn print(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let Some(last) = times.len().checked_sub(1) else { return };
    let at = |share: usize| times[last * share / 100];
    println!("{name:<13} p50 {:>9.1?}   p95 {:>9.1?}   longest {:>9.1?}", at(50), at(95), at(100));
}

fn first_file(folder: &Path) -> PathBuf {
    let mut files: Vec<PathBuf> =
        folder.read_dir().expect("it was written").flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.swap_remove(0)
}

/// What changes when a file is written anew.
fn stamp(path: &Path) -> Option<(std::time::SystemTime, u64)> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.ino()))
}

/// Starts `forge watch` and waits until it watches.
fn forge(root: &Path, page: &Path) -> Racer {
    let mut forge = Command::new(env!("CARGO_BIN_EXE_forge"));
    forge.args(["watch", "--format", "json"]).current_dir(root).stdout(Stdio::piped()).stdin(Stdio::null());
    let mut child = forge.spawn().expect("forge runs");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let is_watching = |line: &String| line.contains("\"event\":\"watching\"");
    while !lines.next().and_then(Result::ok).is_some_and(|line| is_watching(&line)) {}
    let (send, done) = mpsc::channel();
    let is_built = |line: &String| line.contains("\"event\":\"built\"");
    std::thread::spawn(move || {
        let built = lines.map_while(Result::ok).filter(is_built);
        // Nobody asks any more once the benchmark is over.
        built.take_while(|_| send.send(Instant::now()).is_ok()).for_each(drop);
    });
    let (times, whole) = Default::default();
    Racer { name: "forge watch", child, shows: page.to_owned(), times, done: Some(done), whole }
}

/// The peers that are installed, each watching the folder of the file.
fn peers(root: &Path, outside: &Path, file: &Path) -> Vec<Racer> {
    let folder = file.parent().expect("a file lies in a folder").display();
    let shell = |name: &'static str, script: &dyn Fn(&str) -> String| {
        let shows = outside.join(format!("{name}.done"));
        fs::write(&shows, "").expect("it can be written");
        let found = Command::new("sh").arg("-c").arg(format!("command -v {name}")).output();
        found.ok().filter(|output| output.status.success())?;
        let script = script(&shows.display().to_string());
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(script)
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let (times, whole) = Default::default();
        Some(Racer { name, child: command.spawn().ok()?, shows, times, done: None, whole })
    };
    let racers = [
        shell("watchexec", &|done| format!("exec watchexec --quiet --watch {folder} -- touch {done}")),
        shell("entr", &|done| format!("ls {} | exec entr -n touch {done}", file.display())),
        shell("inotifywait", &|done| format!("while inotifywait -qq -e close_write {folder}; do touch {done}; done")),
    ];
    racers.into_iter().flatten().collect()
}
