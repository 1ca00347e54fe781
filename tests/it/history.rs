//! The walk of the mainline: it says which commits touched the schema files exactly as `git log --first-parent` does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use forge::build::history::source::{self, Reader, Source};
use forge::build::load;
use forge::config::Config;
use forge::diagnostic::Diagnostic;
use forge::memo::Memo;
use forge::model::canonical;
use forge::path::RepoPath;
use forge::source::commit;
use forge::source::git::{self, GitError, Place};
use forge::source::history::{self, Ask, Folders, History, Mark};
use forge::source::{Scope, Snapshot};
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{self, TestRunner};

use crate::support::git::Repo;
use crate::support::past::{self, Size};

/// The project's history as forge reads it, with a cache in `cache`.
fn read(root: &Path, cache: &Path, mainline: Option<&str>) -> Result<History, GitError> {
    let place = Place::find(root).unwrap();
    let tips = git::tips(&place, mainline)?;
    let repository = git::open(&place)?;
    let ask = Ask { repository: repository.as_ref(), place: &place, cache, engine: "test", folders: &folders };
    history::read(&ask, &tips)
}

/// A `forge.toml` of these tests is one line: the folders of the business-wide model and of the modules.
fn folders(settings: Option<&[u8]>) -> Folders {
    let text = settings.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let mut words =
        text.split_whitespace().chain(["busm", "modules"].into_iter().skip(text.split_whitespace().count().min(2)));
    let mut folder = || RepoPath::new(words.next().unwrap()).unwrap();
    Folders::new(folder(), folder())
}

fn commits(history: &History) -> Vec<String> {
    history.steps.iter().map(|step| step.commit.to_string()).collect()
}

/// What `git log` says about the same, oldest first.
fn log(repo: &Repo, revision: &str) -> Vec<String> {
    let args = ["log", "--first-parent", "--reverse", "--format=%H", revision, "--", "forge.toml", "busm", "modules"];
    repo.git(&args).lines().map(str::to_owned).collect()
}

#[test]
fn a_step_says_what_changed() {
    let repo = Repo::new();
    let made = repo.story(
        "//= first\n//- README.md\nhello\n\
         //= account\n//- modules/a/account.toml\none\n//- busm/account.toml\nall\n\
         //= other work\n//- src/main.c\nint main;\n\
         //= location\n//- modules/b/location.toml\ntwo\n\
         //= settings\n//- forge.toml\nbusm models\n//- models/c/x.toml\nthree\n\
         //= gone\n//x models/c/x.toml\n",
    );
    let history = read(repo.root(), &repo.beside("cache"), None).unwrap();
    assert_eq!(commits(&history), [&made[1..2], &made[3..]].concat());
    let changed = |step: usize| {
        let modules = &history.steps[step].modules;
        modules.iter().map(|(name, tree)| format!("{name} {}", tree.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(changed(0), ["a true"]);
    assert_eq!(changed(1), ["b true"]);
    assert_eq!(changed(2), ["a false", "b false", "c true"]);
    assert_eq!(changed(3), ["c false"]);
    let step = &history.steps[2];
    assert_eq!((step.at, step.meta.subject.as_str(), step.folders.modules.as_str()), (4, "settings", "models"));
    assert_eq!(step.busm.unwrap().to_string(), repo.git(&["rev-parse", "HEAD:busm"]));
    assert_eq!(step.settings.unwrap().to_string(), repo.git(&["rev-parse", "HEAD:forge.toml"]));
    assert_eq!(step.project.unwrap().to_string(), repo.git(&["rev-parse", "HEAD~1^{tree}"]));
    assert_eq!(history.base.unwrap().commit.to_string(), made[5]);
}

#[test]
fn a_second_run_looks_at_new_commits_only() {
    let repo = Repo::new();
    let cache = repo.beside("cache");
    for number in 0..5 {
        repo.write("modules/a/x.toml", number.to_string());
        repo.commit("step");
    }
    let looked_at = || read(repo.root(), &cache, None).unwrap().looked_at;
    assert_eq!(looked_at(), 5);
    assert_eq!(looked_at(), 0);
    repo.commit("nothing");
    assert_eq!(looked_at(), 1);
    repo.git(&["reset", "--quiet", "--hard", "HEAD~3"]);
    assert_eq!(looked_at(), 0);
    repo.write("modules/a/x.toml", "other");
    repo.commit("other");
    assert_eq!(looked_at(), 1);
    let history = read(repo.root(), &cache, None).unwrap();
    assert_eq!(commits(&history), log(&repo, "HEAD"));
    assert_eq!(history, History { looked_at: 0, ..read(repo.root(), &repo.beside("none"), None).unwrap() });
}

#[test]
fn a_damaged_index_is_an_empty_one() {
    let repo = Repo::new();
    let cache = repo.beside("cache");
    repo.story("//= one\n//- modules/a/x.toml\n1\n//= two\n//- modules/a/x.toml\n2\n");
    let whole = read(repo.root(), &cache, None).unwrap();
    let file = std::fs::read_dir(cache.join("history")).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_none()).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 0x40;
        std::fs::write(&file, other).unwrap();
        assert_eq!(read(repo.root(), &cache, None).unwrap(), whole, "with a flipped bit at {at}");
        std::fs::write(&file, &bytes[..at]).unwrap();
        assert_eq!(read(repo.root(), &cache, None).unwrap(), whole, "cut at {at}");
    }
    assert_eq!(read(repo.root(), &cache, None).unwrap().looked_at, 0, "what was damaged is mended");
}

#[test]
fn the_work_of_a_branch_is_beyond_the_base() {
    let repo = Repo::new();
    let main = repo.story("//= one\n//- modules/a/x.toml\n1\n//= two\n//- modules/a/x.toml\n2\n");
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    repo.story("//= mine\n//- modules/b/x.toml\n1\n");
    let history = read(repo.root(), &repo.beside("cache"), None).unwrap();
    assert_eq!((commits(&history), history.base.unwrap().commit.to_string()), (main.clone(), main[1].clone()));
    repo.git(&["checkout", "--quiet", "main"]);
    repo.story("//= three\n//- modules/a/x.toml\n3\n");
    let merged = repo.merge("feature", &[]);
    let later = repo.story("//= four\n//- modules/a/x.toml\n4\n");
    let history = read(repo.root(), &repo.beside("cache"), None).unwrap();
    assert_eq!(commits(&history), log(&repo, "main"));
    assert_eq!(history.steps[3].commit.to_string(), merged);
    // A branch that took the mainline in has that much of it.
    repo.git(&["checkout", "--quiet", "feature"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--message", "catch up", &merged]);
    let history = read(repo.root(), &repo.beside("cache"), None).unwrap();
    assert_eq!(history.base.unwrap().commit.to_string(), merged);
    // An older commit of the mainline has the steps up to there.
    repo.git(&["checkout", "--quiet", &main[0]]);
    assert_eq!(commits(&read(repo.root(), &repo.beside("cache"), None).unwrap()), main[..1]);
    // The first parent of the merge is on the mainline; the branch's tip is not, though the mainline contains it.
    repo.git(&["checkout", "--quiet", &format!("{merged}^2")]);
    assert_eq!(commits(&read(repo.root(), &repo.beside("cache"), None).unwrap()), main);
    assert!(!later.is_empty());
}

#[test]
fn neither_a_stale_branch_nor_one_that_was_not_pushed_moves_the_base() {
    let repo = Repo::new();
    let made = repo.story(
        "//= one\n//- modules/a/x.toml\n1\n//= two\n//- modules/a/x.toml\n2\n//= three\n//- modules/a/x.toml\n3\n",
    );
    let base = || read(repo.root(), &repo.beside("cache"), None).unwrap().base.map(|base| base.commit.to_string());
    repo.git(&["update-ref", "refs/remotes/origin/main", &made[1]]);
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    assert_eq!(base().as_ref(), Some(&made[2]), "not pushed");
    repo.git(&["update-ref", "refs/heads/main", &made[0]]);
    repo.git(&["update-ref", "refs/remotes/origin/main", &made[2]]);
    assert_eq!(base().as_ref(), Some(&made[2]), "stale");
    repo.git(&["branch", "--quiet", "-D", "main"]);
    assert_eq!(base().as_ref(), Some(&made[2]), "the remote's only");
}

/// One commit of a random history.
#[derive(Clone, Debug)]
struct Commit {
    /// Which earlier commits are its parents, counted back; none means the one before.
    parents: Vec<usize>,
    /// What is done to the tree of one of the parents.
    tree: Tree,
    edits: Vec<(usize, Edit)>,
}

/// Where a random commit's tree begins.
#[derive(Clone, Debug)]
enum Tree {
    /// At its first parent's: also what a merge with `-s ours` does.
    First,
    /// At its last parent's.
    Last,
    /// At that of an earlier commit: a revert.
    Earlier(usize),
}

#[derive(Clone, Debug)]
enum Edit {
    Write(u8),
    Executable,
    Link,
    Remove,
}

const PATHS: [&str; 9] = [
    "forge.toml",
    "busm/x.toml",
    "busm/deep/y.toml",
    "modules/a/x.toml",
    "modules/ü b/\"q\".toml",
    "modules",
    "modules.txt",
    "src/x",
    "busm",
];

fn commit() -> impl Strategy<Value = Commit> {
    let parents = prop_oneof![
        6 => Just(vec![1]),
        2 => proptest::collection::vec(1_usize..6, 1..=1),
        3 => proptest::collection::vec(1_usize..6, 2..=2),
        1 => proptest::collection::vec(1_usize..8, 3..=4),
        1 => Just(Vec::new()),
    ];
    let tree = prop_oneof![4 => Just(Tree::First), 2 => Just(Tree::Last), 2 => (0_usize..8).prop_map(Tree::Earlier)];
    let edit = prop_oneof![6 => (0_u8..3).prop_map(Edit::Write), 1 => Just(Edit::Executable), 1 => Just(Edit::Link), 2 => Just(Edit::Remove)];
    let edits = proptest::collection::vec((0..PATHS.len(), edit), 0..3);
    (parents, tree, edits).prop_map(|(parents, tree, edits)| Commit { parents, tree, edits })
}

/// The history as a stream for `git fast-import`; the last commit is the branch's.
fn stream(commits: &[Commit]) -> Vec<u8> {
    use std::collections::BTreeMap;
    use std::fmt::Write;
    let mut out = String::new();
    let mut trees: Vec<BTreeMap<&str, (&str, String)>> = Vec::new();
    for (at, commit) in commits.iter().enumerate() {
        let mut parents: Vec<usize> = commit.parents.iter().filter_map(|back| at.checked_sub(*back)).collect();
        let mut seen = std::collections::BTreeSet::new();
        parents.retain(|parent| seen.insert(*parent));
        let from = match commit.tree {
            Tree::First => parents.first().copied(),
            Tree::Last => parents.last().copied(),
            Tree::Earlier(back) => at.checked_sub(back + 1),
        };
        let mut tree = from.map(|from| trees[from].clone()).unwrap_or_default();
        for (path, edit) in &commit.edits {
            let path = PATHS[*path];
            // A file and a folder of one name exclude one another.
            tree.retain(|other, _| !path.starts_with(&format!("{other}/")) && !other.starts_with(&format!("{path}/")));
            let text = tree.get(path).map_or_else(|| "0".to_owned(), |(_, text)| text.clone());
            match edit {
                Edit::Write(version) => drop(tree.insert(path, ("100644", version.to_string()))),
                Edit::Executable => drop(tree.insert(path, ("100755", text))),
                Edit::Link => drop(tree.insert(path, ("120000", text))),
                Edit::Remove => drop(tree.remove(path)),
            }
        }
        writeln!(out, "commit refs/heads/b{at}\nmark :{}\ncommitter A <a> {} +0000\ndata 1\nx", at + 1, 1000 + at)
            .unwrap();
        for (number, parent) in parents.iter().enumerate() {
            writeln!(out, "{} :{}", if number == 0 { "from" } else { "merge" }, parent + 1).unwrap();
        }
        out.push_str("deleteall\n");
        for (path, (mode, text)) in &tree {
            let quoted = path.replace('"', "\\\"");
            writeln!(out, "M {mode} inline \"{quoted}\"\ndata {}\n{text}", text.len()).unwrap();
        }
        out.push('\n');
        trees.push(tree);
    }
    writeln!(out, "reset refs/heads/main\nfrom :{}\n", commits.len()).unwrap();
    out.into_bytes()
}

#[test]
fn the_walk_says_what_git_log_says_on_random_histories() {
    let cases = if std::env::var_os("FORGE_LONG").is_some() { 500 } else { 40 };
    let mut runner =
        TestRunner::new(test_runner::Config { cases, failure_persistence: None, ..test_runner::Config::default() });
    let histories = proptest::collection::vec(commit(), 1..25);
    runner
        .run(&histories, |commits_made| {
            let repo = Repo::new();
            repo.import(&stream(&commits_made));
            let place = Place::find(repo.root()).unwrap();
            let tips = git::tips(&place, Some("main")).unwrap();
            let fixed = |_: Option<&[u8]>| folders(None);
            let native = git::native::Native::open(&place).unwrap();
            let program = git::program::Program::open(&place).unwrap();
            let both: [&dyn git::Repository; 2] = [&native, &program];
            let wanted = log(&repo, "main");
            for (number, repository) in both.into_iter().enumerate() {
                let cache = repo.beside(&number.to_string());
                let ask = Ask { repository, place: &place, cache: &cache, engine: "test", folders: &fixed };
                assert_eq!(commits(&history::read(&ask, &tips).unwrap()), wanted);
            }
            Ok(())
        })
        .unwrap();
}

/// Where the mainline has just gone on, what follows is what the walk of all says, without its index.
#[test]
fn what_follows_a_commit_is_what_the_whole_walk_says() {
    let repo = Repo::new();
    repo.import(&past::stream(Size { commits: 150, modules: 4, schema: 60 }));
    let (place, cache) = (Place::find(repo.root()).unwrap(), repo.beside("cache"));
    let repository = git::open(&place).unwrap();
    let usual = |_: Option<&[u8]>| folders(None);
    let ask = Ask { repository: repository.as_ref(), place: &place, cache: &cache, engine: "test", folders: &usual };
    let lines = repo.git(&["rev-list", "--first-parent", "--reverse", "main"]);
    let line: Vec<Mark> =
        lines.lines().enumerate().map(|(place, id)| Mark { commit: id.parse().unwrap(), place }).collect();
    let since = |mark| history::since(&ask, &git::tips(&place, None).unwrap(), mark).unwrap();
    let mut near = 0;
    for mark in &line {
        if let Some(found) = since(*mark) {
            let whole = history::read(&ask, &git::tips(&place, None).unwrap()).unwrap();
            let steps: Vec<_> = whole.steps.into_iter().filter(|step| step.at as usize > mark.place).collect();
            assert_eq!((found.base, found.steps), (line.last().copied(), steps), "{mark:?}");
            near += 1;
        }
    }
    assert_eq!(near, 65, "no more commits than these are looked at");
    let left = *line.last().unwrap();
    repo.git(&["checkout", "--quiet", "-b", "work"]);
    repo.git(&["commit", "--quiet", "--allow-empty", "--message=beside the mainline"]);
    assert_eq!(since(left), None);
    repo.git(&["checkout", "--quiet", "main"]);
    repo.git(&["commit", "--quiet", "--allow-empty", "--amend", "--message=instead"]);
    assert_eq!(since(left), None);
}

/// A generated past of many commits: the walk says what git says, and a module that is read after all the commits before it
/// is what it is when its commit alone is read, file by file and as a whole.
#[test]
fn a_long_past_is_read_step_by_step_as_each_commit_is_read_alone() {
    let size = Size { commits: 300, modules: 5, schema: 70 };
    let repo = Repo::new();
    repo.import(&past::stream(size));
    let place = Place::find(repo.root()).unwrap();
    let repository: Arc<dyn git::Repository> = git::open(&place).unwrap().into();
    let folders = |_: Option<&[u8]>| Folders::new(RepoPath::new("busm").unwrap(), RepoPath::new("modules").unwrap());
    let ask = Ask {
        repository: repository.as_ref(),
        place: &place,
        cache: &repo.beside("cache"),
        engine: "test",
        folders: &folders,
    };
    let steps = history::read(&ask, &git::tips(&place, None).unwrap()).unwrap().steps;
    assert_eq!(steps.iter().map(|step| step.commit.to_string()).collect::<Vec<_>>(), log(&repo, "main"));
    let reader = Reader::new(repository.as_ref());
    let memo = Arc::new(Memo::open(repo.beside("memo"), "test"));
    let config = Config::default();
    let scope = Scope { folders: vec![config.busm.clone(), config.modules.clone()], files: Vec::new() };
    let (mut there, mut read, mut broken) = (BTreeMap::new(), 0, 0);
    for step in &steps {
        there.extend(step.modules.iter().map(|(name, tree)| (name.clone(), *tree)));
        let whole: Arc<dyn Snapshot> =
            Arc::new(commit::Commit::at(&place, Arc::clone(&repository), step.commit, &scope).unwrap());
        let loaded = load::load(&whole, &config, &memo, &mut Vec::new());
        for (name, tree) in &there {
            let source = Source {
                project: step.project.unwrap(),
                busm: source::Place { folder: config.busm.clone(), tree: step.busm },
                module: source::Place { folder: config.modules.join(name).unwrap(), tree: *tree },
            };
            let version = reader.version(&source).unwrap();
            let is_broken = version.diagnostics.iter().any(Diagnostic::is_error);
            assert_eq!(is_broken, loaded.poison.modules.contains(name), "{name} of {}", step.commit);
            if !is_broken {
                let prototype = loaded.modules[name].view.prototype();
                assert_eq!(version.schema.prototype(), prototype, "{name} of {}", step.commit);
                assert_eq!(version.state, Some(canonical::state(&prototype.model)), "{name} of {}", step.commit);
            }
            (read, broken) = (read + 1, broken + usize::from(is_broken));
        }
    }
    assert!(read > 500 && broken > 20, "{read} versions, {broken} of them broken");
}
