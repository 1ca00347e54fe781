//! *The property* of the incremental build: after each step of a random sequence of edits, commits, switched branches and
//! kills, the outputs are those of a clean build in another folder, byte for byte, and one more build renders and writes
//! nothing.
//!
//! A sequence is a function of its seed. `FORGE_SEED=17` runs that one alone and prints each step; `./test --long` runs
//! thousands of steps.

mod steps;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use forge::build::project::Project as Opened;
use forge::build::session::{Look, Session};
use forge::build::{Mode, Report};
use forge::output::Change;
use forge::path::RepoPath;

use crate::support::parallel;
use crate::support::project::Project;
use crate::support::random::{Choices, tape};
use crate::support::watching::{Watching, until};
use steps::{Step, World};

/// Steps of one sequence.
const STEPS: usize = 25;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The seeds to run, and whether to tell about each step.
fn seeds(few: u64, many: u64) -> (Vec<u64>, bool) {
    match setting("FORGE_SEED") {
        Some(seed) => (vec![seed], true),
        None => ((0..if setting("FORGE_LONG").is_some() { many } else { few }).collect(), false),
    }
}

/// Runs sequences, those numbered from `first` on: in the world of each something is begun, and every step is taken by
/// `take`, which is told its place for what it finds wrong.
fn sequences<T>(
    (first, few, many): (u64, u64, u64),
    begin: impl Fn(&World) -> T + Sync,
    take: impl Fn(&World, &mut T, &Step, &mut Choices, &str) + Sync,
) {
    let (seeds, loud) = seeds(few, many);
    parallel::map(&seeds, |seed| {
        let mut choices = Choices::new(tape(first + *seed, 32 * STEPS));
        let world = World::new(&mut choices);
        let mut begun = begin(&world);
        for number in 0..STEPS {
            let step = Step::draw(&world, &mut choices);
            let place = format!("seed {seed}, step {number}: {step:?}");
            if loud {
                println!("{place}");
            }
            take(&world, &mut begun, &step, &mut choices, &place);
        }
    });
}

#[test]
fn outputs_are_a_clean_builds_after_every_step() {
    sequences(
        (0, 4, 120),
        |_| (),
        |world, (), step, _, place| {
            let before = world.inputs();
            world.take(step);
            if !errors(&build(world.project.root(), Mode::Write)).is_empty() {
                world.go_back(&before);
                assert_eq!(errors(&build(world.project.root(), Mode::Write)), [""; 0], "{place}");
            }
            world.assert_clean(place);
            assert_idle(&build(world.project.root(), Mode::Write), place);
        },
    );
}

#[test]
fn a_session_that_looks_where_something_changed_finds_all_of_it() {
    let begin = |world: &World| {
        let mut session = Session::new(Opened::find(world.project.root()).unwrap());
        session.build(&Look::All, Mode::Write, &|_, _| {});
        session
    };
    sequences((1_000_000, 3, 60), begin, |world, session, step, _, place| {
        let before = world.everything();
        world.take(step);
        let look = Look::At(differences(&before, &world.everything()));
        let report = session.build(&look, Mode::Write, &|_, _| {});
        if !errors(&report).is_empty() {
            let wrong = world.everything();
            world.go_back(&before);
            let look = Look::At(differences(&wrong, &world.everything()));
            assert_eq!(errors(&session.build(&look, Mode::Write, &|_, _| {})), [""; 0], "{place}");
        }
        world.assert_clean(place);
        assert_idle(&session.build(&Look::All, Mode::Write, &|_, _| {}), place);
    });
}

/// What is about to be committed is checked as it would be where it is all that there is.
#[test]
fn what_is_staged_is_checked_as_where_it_is_checked_out() {
    sequences(
        (3_000_000, 3, 60),
        |_| (),
        |world, (), step, choices, place| {
            world.take(step);
            if choices.chance(50) {
                build(world.project.root(), Mode::Write);
            }
            match choices.below(5) {
                0 => world.project.git(&["add", "--all"]),
                1 => world.project.git(&["add", "--all", "--force"]),
                2 => {
                    let files: Vec<String> = world.everything().into_keys().collect();
                    world.project.git(&["add", "--force", choices.pick(&files).unwrap()]);
                }
                3 => world.project.git(&["reset", "--quiet"]),
                _ => {}
            }
            let staged = Session::new(Opened::find(world.project.root()).unwrap()).check_staged(&|_, _| {});
            let copy = world.copy(|path| path.starts_with(".git/"));
            copy.git(&["checkout-index", "--all", "--force"]);
            let checked = build(copy.root(), Mode::Check);
            assert_eq!(world.verdict(staged), world.verdict(checked), "{place}");
        },
    );
}

#[test]
fn a_change_beside_broken_settings_is_not_forgotten() {
    let project = Project::example();
    let mut session = Session::new(Opened::find(project.root()).unwrap());
    let mut build = |paths: &[&str]| {
        let paths = paths.iter().map(|path| forge::path::RepoPath::new(path).unwrap()).collect();
        session.build(&Look::At(paths), Mode::Write, &|_, _| {})
    };
    build(&[]);
    let settings = project.read("forge.toml");
    project.write("forge.toml", "[project\n");
    project.edit("modules/service-scheduler/schedule.toml", "smallint", "integer");
    assert!(!errors(&build(&["forge.toml", "modules/service-scheduler/schedule.toml"])).is_empty());
    project.write("forge.toml", settings);
    build(&["forge.toml"]);
    assert!(project.read("generated/prototype/service-scheduler/schema.sql").contains("travel_minutes INTEGER"));
}

/// The watch is killed now and then, at any moment of what it does, and another one started: before a step, which then
/// nobody sees, or after it.
#[test]
fn a_running_watch_makes_the_outputs_a_clean_builds_after_every_step() {
    let begin = |world: &World| Some(Watching::start(&world.project));
    sequences((2_000_000, 2, 20), begin, |world, watching, step, choices, place| {
        let (unseen, killed) = (choices.chance(10), choices.chance(20));
        if unseen {
            drop(watching.take());
        }
        let before = world.inputs();
        world.take(step);
        if killed {
            let moment = Duration::from_micros(choices.below(60_000) as u64);
            let start = Instant::now();
            while start.elapsed() < moment {
                std::thread::yield_now();
            }
            drop(watching.take());
        }
        watching.get_or_insert_with(|| Watching::start(&world.project));
        if !errors(&build(world.project.root(), Mode::Check)).is_empty() {
            world.go_back(&before);
        }
        let clean = world.clean();
        until(place, || world.outputs() == clean);
    });
}

fn build(root: &Path, mode: Mode) -> Report {
    forge::build::build(&Opened::find(root).unwrap(), mode, &|_, _| {})
}

fn errors(report: &Report) -> Vec<String> {
    let found = report.all_diagnostics().filter(|found| found.is_error());
    found.map(|found| format!("{}: {}", found.code, found.message)).collect()
}

fn assert_idle(report: &Report, place: &str) {
    assert!(report.outcome.is_current(), "{place}: one more build did {:?}", report.outcome);
    assert!(report.reasons.is_empty(), "{place}: one more build rendered {:?}", report.reasons.keys());
}

/// The paths whose files differ.
fn differences(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> std::collections::BTreeSet<forge::path::RepoPath> {
    let paths = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path));
    paths.map(|path| forge::path::RepoPath::new(path).unwrap()).collect()
}

impl World {
    /// The outputs, and what else lies in their folder.
    fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        self.project.files(&self.output)
    }

    /// All files but the outputs.
    fn inputs(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.everything();
        files.retain(|path, _| !path.starts_with(&format!("{}/", self.output)));
        files
    }

    /// Takes back a step that led to something that is wrong (two files that declare one entity): then outputs keep what
    /// they held, and there is nothing to compare.
    fn go_back(&self, before: &BTreeMap<String, Vec<u8>>) {
        for path in self.inputs().keys().filter(|path| !before.contains_key(*path)) {
            fs::remove_file(self.project.path(path)).unwrap();
        }
        before.iter().for_each(|(path, bytes)| self.project.write(path, bytes));
    }

    /// All files of the project, without git's and forge's own.
    fn everything(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.project.files("");
        files.retain(|path, _| !path.starts_with(".git/") && !path.starts_with(".forge/"));
        files
    }

    /// What a check comes to, without what it is asked about the index alone or about the folder alone: whether the manifest is
    /// right, and outputs that are not there and that git ignores.
    fn verdict(&self, report: Report) -> (Vec<String>, Vec<(String, Change)>, usize) {
        let is_ignored = self.project.read(".gitignore").contains("generated");
        let is_untold = |(path, change): &(RepoPath, Change)| {
            path.as_str().ends_with("/.forge-manifest") || is_ignored && *change == Change::Missing
        };
        let found = report.all_diagnostics().map(|found| format!("{found:?}")).collect();
        let wrong = report.outcome.written.into_iter().chain(report.outcome.removed).filter(|it| !is_untold(it));
        (found, wrong.map(|(path, change)| (path.to_string(), change)).collect(), report.outcome.unchanged)
    }

    /// What a clean build makes of a copy in another folder.
    fn clean(&self) -> BTreeMap<String, Vec<u8>> {
        let copy = self.copy(|path| !path.starts_with(&format!("{}/", self.output)));
        build(copy.root(), Mode::Write);
        copy.files(&self.output)
    }

    /// Another folder with the files that are `such`, and without the cache.
    fn copy(&self, such: impl Fn(&str) -> bool) -> Project {
        let copy = Project::new("");
        for (path, bytes) in self.project.files("") {
            if such(&path) && !path.starts_with(".git/forge/") {
                copy.write(&path, bytes);
            }
        }
        // git needs its folders even when they are empty.
        fs::create_dir_all(copy.path(".git/refs/tags")).unwrap();
        fs::create_dir_all(copy.path(".git/refs/heads")).unwrap();
        fs::create_dir_all(copy.path(".git/objects")).unwrap();
        copy
    }

    fn assert_clean(&self, place: &str) {
        let (here, clean) = (self.outputs(), self.clean());
        let wrong: Vec<&String> =
            here.keys().chain(clean.keys()).filter(|path| here.get(*path) != clean.get(*path)).collect();
        if let Some(path) = wrong.first() {
            let text = |files: &BTreeMap<String, Vec<u8>>| {
                files.get(*path).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or("(none)".to_owned())
            };
            panic!("{place}: {wrong:?} differ from a clean build's\n{}\nclean:\n{}", text(&here), text(&clean));
        }
        let left = self.project.files("").into_keys().filter(|path| path.contains(".forge-tmp"));
        assert_eq!(left.collect::<Vec<_>>(), [""; 0], "{place}: unfinished files");
    }
}
