//! States of a repository, each made by the real git program: forge works in each, or says exactly what to do.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use forge::path::RepoPath;
use forge::source::git::graph::Graph;
use forge::source::git::{self, GitError, Head, Id, Place, Point, Repository, Tips};
use forge::source::history::{self, Ask, Folders, History};
use forge::source::listing;

use crate::support::git::Repo;
use crate::support::project::{Run, command, forge};

/// A state to try.
struct State {
    name: &'static str,
    /// How the repository is made that the story of [`project`] is told in.
    init: &'static [&'static str],
    /// Brings the repository into the state; gives the project's folder.
    make: fn(&Repo) -> PathBuf,
    native: Native,
}

/// What libgit2 makes of a repository.
#[derive(Clone, Copy, PartialEq)]
enum Native {
    /// It says what git says.
    Right,
    /// It refuses.
    Refuses,
    /// It would say something else, or lack something.
    Wrong,
}

const MAIN: &[&str] = &["--initial-branch=main"];

const STATES: &[State] = &[
    State { name: "plain", init: MAIN, make: |repo| repo.root().to_owned(), native: Native::Right },
    State { name: "packed", init: MAIN, make: packed, native: Native::Right },
    State {
        name: "a mainline of another name",
        init: &["--initial-branch=trunk"],
        make: |repo| repo.root().to_owned(),
        native: Native::Right,
    },
    State {
        name: "a branch with a slash and letters",
        init: &["--initial-branch=team/größe"],
        make: |repo| repo.root().to_owned(),
        native: Native::Right,
    },
    State {
        name: "detached",
        init: MAIN,
        make: |repo| run(repo, &["checkout", "--quiet", "HEAD~1"]),
        native: Native::Right,
    },
    State { name: "on a branch", init: MAIN, make: branch, native: Native::Right },
    State {
        name: "unborn",
        init: MAIN,
        make: |repo| run(repo, &["checkout", "--quiet", "--orphan", "new"]),
        native: Native::Right,
    },
    State { name: "an octopus", init: MAIN, make: octopus, native: Native::Right },
    State { name: "a criss-cross", init: MAIN, make: criss_cross, native: Native::Right },
    State { name: "a merge that does more than merge", init: MAIN, make: evil, native: Native::Right },
    State { name: "two roots", init: MAIN, make: two_roots, native: Native::Right },
    State { name: "a worktree of a bare repository", init: MAIN, make: worktree_of_bare, native: Native::Right },
    State { name: "ten thousand refs", init: MAIN, make: many_refs, native: Native::Right },
    State { name: "a repository in the modules", init: MAIN, make: inner_repository, native: Native::Right },
    State {
        name: "an index that is locked",
        init: MAIN,
        make: |repo| {
            std::fs::write(repo.root().join(".git/index.lock"), "").unwrap();
            repo.root().to_owned()
        },
        native: Native::Right,
    },
    State { name: "a commit-graph", init: MAIN, make: |repo| graph(repo, &[]), native: Native::Right },
    State {
        name: "a commit-graph in layers",
        init: MAIN,
        make: |repo| graph(repo, &["--split=no-merge"]),
        native: Native::Right,
    },
    State { name: "a damaged commit-graph", init: MAIN, make: damaged_graph, native: Native::Right },
    State { name: "in a merge", init: MAIN, make: |repo| stopped(repo, "merge"), native: Native::Right },
    State { name: "in a rebase", init: MAIN, make: |repo| stopped(repo, "rebase"), native: Native::Right },
    State { name: "in a bisection", init: MAIN, make: bisecting, native: Native::Right },
    State { name: "bare", init: MAIN, make: |repo| clone(repo, &["--bare"]), native: Native::Right },
    State {
        name: "a clone that borrows objects",
        init: MAIN,
        make: |repo| clone(repo, &["--shared"]),
        native: Native::Right,
    },
    State { name: "a linked worktree", init: MAIN, make: worktree, native: Native::Right },
    State { name: "a submodule", init: MAIN, make: submodule, native: Native::Right },
    State {
        name: "a split index",
        init: MAIN,
        make: |repo| run(repo, &["update-index", "--split-index"]),
        native: Native::Right,
    },
    State {
        name: "a sparse checkout",
        init: MAIN,
        make: |repo| run(repo, &["sparse-checkout", "set", "--no-sparse-index", "busm", "modules"]),
        native: Native::Right,
    },
    State {
        name: "a sparse index",
        init: MAIN,
        make: |repo| run(repo, &["sparse-checkout", "set", "--cone", "--sparse-index", "busm", "modules"]),
        native: Native::Right,
    },
    State { name: "line ends converted", init: MAIN, make: crlf, native: Native::Right },
    State {
        name: "SHA-256",
        init: &["--initial-branch=main", "--object-format=sha256"],
        make: |repo| repo.root().to_owned(),
        native: Native::Refuses,
    },
    State {
        name: "a reftable",
        init: &["--initial-branch=main", "--ref-format=reftable"],
        make: |repo| repo.root().to_owned(),
        native: Native::Refuses,
    },
    State {
        name: "a reftable, detached",
        init: &["--initial-branch=main", "--ref-format=reftable"],
        make: |repo| run(repo, &["checkout", "--quiet", "HEAD~1"]),
        native: Native::Refuses,
    },
    State { name: "a replaced commit", init: MAIN, make: replaced, native: Native::Wrong },
    State {
        name: "a replaced commit, packed",
        init: MAIN,
        make: |repo| {
            replaced(repo);
            packed(repo)
        },
        native: Native::Wrong,
    },
    State { name: "a graft", init: MAIN, make: graft, native: Native::Wrong },
    State {
        name: "a partial clone",
        init: MAIN,
        make: |repo| clone(repo, &["--filter=blob:none", "--no-checkout"]),
        native: Native::Wrong,
    },
    State {
        name: "a treeless clone",
        init: MAIN,
        make: |repo| clone(repo, &["--filter=tree:0", "--no-checkout"]),
        native: Native::Wrong,
    },
];

/// A project with two versions of one module, whose difference is a column, among other work and names that need care.
fn project(repo: &Repo) {
    repo.story(
        "//= before\n//- README.md\nhello\n\
         //= accounts\n//- forge.toml\n//- busm/b.toml\n[b.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         //- modules/m/a.toml\n[accounts.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         //= other work\n//- src/main.c\nint main;\n\
         //= phone\n//- modules/it's ü \"b\"/x.toml\n[xs.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         //- modules/m/a.toml\n[accounts.fields]\nid = { type = \"uuid\", primary_key = true }\nphone = \"varchar(20)\"\n",
    );
    repo.git(&["tag", "--annotate", "--message", "a release", "v1", "HEAD~1"]);
}

fn run(repo: &Repo, args: &[&str]) -> PathBuf {
    repo.git(args);
    repo.root().to_owned()
}

fn packed(repo: &Repo) -> PathBuf {
    repo.git(&["gc", "--quiet"]);
    run(repo, &["pack-refs", "--all"])
}

fn branch(repo: &Repo) -> PathBuf {
    repo.git(&["checkout", "--quiet", "-b", "feature", "HEAD~1"]);
    repo.story("//= mine\n//- modules/mine/x.toml\n[mine.fields]\nid = \"int\"\n");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.story("//= theirs\n//- modules/m/c.toml\n[c.fields]\nid = \"int\"\n");
    repo.merge("feature", &[]);
    repo.git(&["checkout", "--quiet", "feature"]);
    repo.story("//= more\n//- modules/mine/y.toml\n[yours.fields]\nid = \"int\"\n");
    repo.root().to_owned()
}

fn stopped(repo: &Repo, command: &str) -> PathBuf {
    repo.git(&["checkout", "--quiet", "-b", "feature", "HEAD~1"]);
    repo.story("//= mine\n//- modules/m/a.toml\n[accounts.fields]\nid = \"int\"\n");
    let output = repo.try_git_in(repo.root(), &[command, "main"]);
    assert!(!output.status.success(), "the two do not conflict");
    repo.root().to_owned()
}

fn bisecting(repo: &Repo) -> PathBuf {
    repo.git(&["bisect", "start"]);
    repo.git(&["bisect", "bad", "HEAD"]);
    run(repo, &["bisect", "good", "HEAD~3"])
}

fn clone(repo: &Repo, args: &[&str]) -> PathBuf {
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", repo.root().display());
    let place = repo.beside("clone");
    let from = if args.contains(&"--shared") { repo.root().to_str().unwrap() } else { &url };
    repo.git(&[&["clone", "--quiet"], args, &[from, place.to_str().unwrap()]].concat());
    place
}

fn worktree(repo: &Repo) -> PathBuf {
    let side = repo.beside("side");
    repo.git(&["worktree", "add", "--quiet", "-b", "side", side.to_str().unwrap(), "HEAD~1"]);
    side
}

fn submodule(repo: &Repo) -> PathBuf {
    let outer = repo.beside("outer");
    repo.git(&["init", "--quiet", outer.to_str().unwrap()]);
    let url = format!("file://{}", repo.root().display());
    repo.git_in(&outer, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "sub"]);
    outer.join("sub")
}

fn crlf(repo: &Repo) -> PathBuf {
    repo.git(&["config", "core.autocrlf", "true"]);
    repo.git(&["rm", "--quiet", "-r", "--cached", "."]);
    run(repo, &["reset", "--quiet", "--hard"])
}

fn replaced(repo: &Repo) -> PathBuf {
    // The commit of the accounts now says that it also made another module.
    let old = repo.git(&["rev-parse", "HEAD~2"]);
    repo.git(&["checkout", "--quiet", "HEAD~2"]);
    repo.write("modules/more/x.toml", "[more.fields]\nid = \"int\"\n");
    repo.git(&["add", "--all"]);
    repo.git(&["commit", "--quiet", "--amend", "--message", "accounts, as they should have been"]);
    let new = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["checkout", "--quiet", "main"]);
    run(repo, &["replace", &old, &new])
}

fn octopus(repo: &Repo) -> PathBuf {
    for name in ["one", "two", "three"] {
        repo.git(&["checkout", "--quiet", "-b", name, "main"]);
        repo.story(&format!("//= {name}\n//- modules/{name}/a.toml\n[{name}.fields]\nid = \"int\"\n"));
    }
    repo.git(&["checkout", "--quiet", "main"]);
    run(repo, &["merge", "--quiet", "--no-ff", "--message", "all", "one", "two", "three"])
}

fn criss_cross(repo: &Repo) -> PathBuf {
    repo.git(&["checkout", "--quiet", "-b", "other"]);
    repo.story("//= theirs\n//- modules/theirs/a.toml\n[t.fields]\nid = \"int\"\n");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.story("//= ours\n//- modules/ours/a.toml\n[o.fields]\nid = \"int\"\n");
    repo.git(&["branch", "before"]);
    repo.merge("other", &[]);
    repo.git(&["checkout", "--quiet", "other"]);
    repo.merge("before", &[]);
    repo.story("//= more of theirs\n//- modules/theirs/b.toml\n[tt.fields]\nid = \"int\"\n");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.story("//= more of ours\n//- modules/ours/b.toml\n[oo.fields]\nid = \"int\"\n");
    repo.merge("other", &[]);
    run(repo, &["checkout", "--quiet", "other"])
}

fn evil(repo: &Repo) -> PathBuf {
    repo.git(&["checkout", "--quiet", "-b", "other", "HEAD~1"]);
    repo.story("//= other\n//- README.md\nother\n");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.merge("other", &[]);
    repo.write("modules/m/a.toml", "[accounts.fields]\nid = \"bigint\"\n");
    repo.git(&["add", "--all"]);
    run(repo, &["commit", "--quiet", "--amend", "--no-edit"])
}

fn two_roots(repo: &Repo) -> PathBuf {
    repo.git(&["checkout", "--quiet", "--orphan", "other"]);
    repo.git(&["rm", "--quiet", "-r", "-f", "."]);
    repo.story("//= another beginning\n//- modules/far/a.toml\n[far.fields]\nid = \"int\"\n");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.merge("other", &["--allow-unrelated-histories"]);
    repo.root().to_owned()
}

fn worktree_of_bare(repo: &Repo) -> PathBuf {
    let bare = clone(repo, &["--bare"]);
    let side = repo.beside("side");
    repo.git_in(&bare, &["worktree", "add", "--quiet", "-b", "side", side.to_str().unwrap(), "main~1"]);
    side
}

fn many_refs(repo: &Repo) -> PathBuf {
    let tip = repo.git(&["rev-parse", "HEAD~1"]);
    let names = (0..5_000).flat_map(|number| [format!("refs/heads/team/{number}"), format!("refs/tags/v{number}")]);
    let text: String = names.map(|name| format!("reset {name}\nfrom {tip}\n\n")).collect();
    repo.import(text.as_bytes());
    run(repo, &["pack-refs", "--all"])
}

fn inner_repository(repo: &Repo) -> PathBuf {
    let tip = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{tip},modules/inner")]);
    run(repo, &["commit", "--quiet", "--message", "a submodule among the modules"])
}

/// A hundred commits more, half of them about a module.
fn long_work(repo: &Repo) {
    let begun = repo.git(&["rev-list", "--count", "main"]).parse::<usize>().unwrap();
    let commit = |number: usize| {
        let (text, time) = (format!("[t{number}.fields]\nid = \"int\"\n"), 1_704_200_000 + number * 60);
        let path = if number.is_multiple_of(2) { "modules/m/long.toml" } else { "src/long.rs" };
        format!(
            "commit refs/heads/main\ncommitter Ada <a@example.org> {time} +0000\ndata 4\nwork\n{}\
             M 100644 inline {path}\ndata {}\n{text}\n",
            if number == begun { "from refs/heads/main^0\n" } else { "" },
            text.len()
        )
    };
    repo.import((begun..begun + 100).map(commit).collect::<String>().as_bytes());
}

/// A history that is long enough for its commit-graph to be looked at, which knows all but the last commits.
fn graph(repo: &Repo, args: &[&str]) -> PathBuf {
    for _ in 0..2 {
        long_work(repo);
        repo.git(&[&["commit-graph", "write", "--reachable"], args].concat());
    }
    long_work(repo);
    run(repo, &["reset", "--quiet", "--hard"])
}

fn damaged_graph(repo: &Repo) -> PathBuf {
    let root = graph(repo, &[]);
    let file = newest_graph(&root.join(".git/objects/info"));
    let bytes = std::fs::read(&file).unwrap();
    replace(&file, &bytes[..bytes.len() / 2]);
    root
}

/// The commit-graph's file, of layers the uppermost.
fn newest_graph(info: &Path) -> PathBuf {
    let chain = std::fs::read_to_string(info.join("commit-graphs/commit-graph-chain")).unwrap_or_default();
    let name = chain.lines().last().map(|hash| format!("commit-graphs/graph-{hash}.graph"));
    info.join(name.unwrap_or_else(|| "commit-graph".to_owned()))
}

/// Gives a file other content; git's are read-only.
fn replace(file: &Path, content: &[u8]) {
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, content).unwrap();
}

fn graft(repo: &Repo) -> PathBuf {
    // The commit of the phone follows that of the accounts, without the work between them.
    let (child, parent) = (repo.git(&["rev-parse", "HEAD"]), repo.git(&["rev-parse", "HEAD~2"]));
    std::fs::write(repo.root().join(".git/info/grafts"), format!("{child} {parent}\n")).unwrap();
    repo.git(&["branch", "old", "HEAD"]);
    repo.root().to_owned()
}

/// All that the layers above ask of a repository.
#[derive(Debug, PartialEq)]
struct Answers {
    revisions: Vec<Option<Id>>,
    first_parents: Vec<Id>,
    history: History,
    files: Vec<(RepoPath, Vec<u8>)>,
}

const REVISIONS: [&str; 12] = [
    "HEAD",
    "HEAD~1",
    "HEAD^{tree}",
    "main",
    "main~2",
    "main@{0}",
    ":/other",
    "nowhere",
    "-x",
    "HEAD:README.md",
    "v1",
    "v1~1",
];

fn answers(repository: &dyn Repository, place: &Place, tips: &Tips, cache: &Path) -> Result<Answers, GitError> {
    let revisions = REVISIONS.iter().map(|name| repository.resolve(name)).collect::<Result<_, _>>()?;
    let folders = |_: Option<&[u8]>| Folders::new(path("busm"), path("modules"));
    let ask = Ask { repository, place, cache, engine: "test", folders: &folders };
    let history = history::read(&ask, tips)?;
    let mut answers = Answers { revisions, first_parents: Vec::new(), history, files: Vec::new() };
    let Some(tip) = tips.mainline.as_ref().and_then(|mainline| mainline.local.or(mainline.remote)) else {
        return Ok(answers);
    };
    repository.first_parents(tip, &mut |point| {
        answers.first_parents.push(point.commit);
        ControlFlow::Continue(())
    })?;
    for (path, id) in listing::folder(repository, repository.commit(tip)?.tree, &RepoPath::root())?.files {
        answers.files.push((path, repository.blob(id)?));
    }
    Ok(answers)
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

#[test]
fn both_ways_to_git_say_what_git_says_in_every_state() {
    for state in STATES {
        let name = state.name;
        println!("{name}");
        let repo = Repo::init(state.init);
        project(&repo);
        let root = (state.make)(&repo);
        let place = Place::find(&root).unwrap();
        let tips = git::tips(&place, None).unwrap();
        let program = git::program::Program::open(&place).unwrap();
        let native = git::native::Native::open(&place);
        assert_eq!(native.is_err(), state.native == Native::Refuses, "{name}");
        if let Ok(native) = &native {
            // Before the program fetches what a partial clone lacks.
            let native = answers(native, &place, &tips, &repo.beside("native"));
            let by_program = answers(&program, &place, &tips, &repo.beside("program")).unwrap();
            match state.native {
                Native::Right => assert_eq!(native.as_ref(), Ok(&by_program), "{name}"),
                _ => assert_ne!(native.as_ref(), Ok(&by_program), "{name}"),
            }
        }
        let opened = git::open(&place).unwrap();
        let found = answers(opened.as_ref(), &place, &tips, &repo.beside("opened")).unwrap();
        assert_eq!(found, answers(&program, &place, &tips, &repo.beside("again")).unwrap(), "{name}");
        is_what_git_says(&repo, &root, &tips, &found, name);
    }
}

#[test]
fn a_commit_graph_says_what_the_commits_say_or_nothing() {
    for args in [&[][..], &["--split=no-merge"]] {
        let repo = Repo::new();
        project(&repo);
        let root = graph(&repo, args);
        let program = git::program::Program::open(&Place::find(&root).unwrap()).unwrap();
        let objects = root.join(".git/objects");
        let whole = Graph::read(&objects).unwrap();
        let ids: Vec<Id> = repo.git(&["rev-list", "main"]).lines().map(|line| line.parse().unwrap()).collect();
        let places = ids.iter().map(|id| {
            let header = program.commit(*id).unwrap();
            (Point { commit: *id, tree: header.tree }, header.parents.first().copied())
        });
        let places: Vec<_> = places.collect();
        let (new, known) = places.split_at(100);
        assert!(new.iter().all(|(point, _)| whole.line(point.commit).next().is_none()), "{args:?}");
        assert!(known.iter().all(|place| whole.line(place.0.commit).next() == Some(*place)), "{args:?}");
        assert_eq!(known.len(), 204);
        let first_parents = repo.git(&["rev-list", "--first-parent", &known[0].0.commit.to_string()]);
        let line: Vec<String> = whole.line(known[0].0.commit).map(|(point, _)| point.commit.to_string()).collect();
        assert_eq!(line, first_parents.lines().collect::<Vec<_>>(), "{args:?}");
        let file = newest_graph(&objects.join("info"));
        let bytes = std::fs::read(&file).unwrap();
        for cut in [0, 1, 9, 40, 200, bytes.len() / 3, bytes.len() / 2, bytes.len() - 30] {
            replace(&file, &bytes[..cut]);
            let cut_off = Graph::read(&objects);
            let right = |place: &(Point, _)| {
                cut_off.as_ref().and_then(|graph| graph.line(place.0.commit).next()).is_none_or(|found| found == *place)
            };
            assert!(places.iter().all(right), "{args:?}, cut at {cut}");
        }
    }
}

fn is_what_git_says(repo: &Repo, root: &Path, tips: &Tips, found: &Answers, name: &str) {
    let try_git = |args: &[&str]| {
        let output = repo.try_git_in(root, args);
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let id = |id: Option<Id>| id.map(|id| id.to_string());
    assert_eq!(id(tips.head.commit()), try_git(&["rev-parse", "--verify", "HEAD"]), "{name}");
    let branch = try_git(&["symbolic-ref", "--quiet", "--short", "HEAD"]);
    let own = match &tips.head {
        Head::Unborn(name) | Head::Branch(name, _) => Some(name.clone()),
        Head::Detached(_) => None,
    };
    assert_eq!(own, branch, "{name}");
    for (revision, found) in REVISIONS.iter().zip(&found.revisions) {
        let named = try_git(&["rev-parse", "--verify", "--quiet", "--end-of-options", revision]);
        let wanted = named.and_then(|id| try_git(&["rev-parse", "--verify", "--quiet", &format!("{id}^{{commit}}")]));
        assert_eq!(id(*found), wanted, "{name}: {revision}");
    }
    let Some(base) = found.history.base else {
        assert_eq!(tips.head.commit(), None, "{name}: nothing in common");
        return;
    };
    let mainline = tips.mainline.as_ref().unwrap();
    let mainline = id(mainline.local.or(mainline.remote)).unwrap();
    let lines = |args: &[&str]| repo.git_in(root, args).lines().map(str::to_owned).collect::<Vec<_>>();
    let ids = |found: &[Id]| found.iter().map(Id::to_string).collect::<Vec<_>>();
    assert_eq!(ids(&found.first_parents), lines(&["rev-list", "--first-parent", &mainline]), "{name}");
    let format = "--format=%H|%an|%ae|%at|%ct|%s";
    let base = base.commit.to_string();
    let wanted = lines(&["log", "--first-parent", "--reverse", format, &base, "--", "forge.toml", "busm", "modules"]);
    let steps = found.history.steps.iter().map(|step| {
        let meta = &step.meta;
        let (author, times) = (&meta.author, (meta.authored.seconds, meta.committed.seconds));
        format!("{}|{}|{}|{}|{}|{}", step.commit, author.name, author.email, times.0, times.1, meta.subject)
    });
    assert_eq!(steps.collect::<Vec<_>>(), wanted, "{name}");
    assert!(!found.files.is_empty(), "{name}");
}

fn is_the_difference(run: &Run) {
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("ADD COLUMN phone"), "{run:?}");
}

const DIFF: [&str; 5] = ["diff", "main~1", "main", "--module", "m"];

#[test]
fn revisions_are_compared_wherever_the_project_is() {
    let names = ["a linked worktree", "a submodule", "SHA-256", "a reftable", "a replaced commit", "a partial clone"];
    for state in STATES.iter().filter(|state| names.contains(&state.name)) {
        println!("{}", state.name);
        let repo = Repo::init(state.init);
        project(&repo);
        let root = (state.make)(&repo);
        let tips = git::tips(&Place::find(&root).unwrap(), None).unwrap().mainline.unwrap();
        let tip = tips.local.or(tips.remote).unwrap().to_string();
        if !root.join("forge.toml").exists() {
            std::fs::write(root.join("forge.toml"), "").unwrap();
        }
        is_the_difference(&forge(&root, &["diff", &format!("{tip}~1"), &tip, "--module", "m"]));
    }
}

#[test]
fn without_a_repository_that_is_what_is_said() {
    let repo = Repo::nothing();
    repo.write("forge.toml", "");
    let run = repo.forge(&DIFF);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("the project is in no git repository"), "{run:?}");
    assert_eq!(Place::find(repo.root()), None);
}

#[test]
fn before_the_first_commit_there_is_nothing() {
    for init in [
        MAIN,
        &["--initial-branch=main", "--object-format=sha256"],
        &["--initial-branch=main", "--ref-format=reftable"],
    ] {
        let repo = Repo::init(init);
        let place = Place::find(repo.root()).unwrap();
        for named in [None, Some("main")] {
            let tips = git::tips(&place, named).unwrap();
            assert_eq!(
                tips,
                Tips { head: Head::Unborn("main".to_owned()), mainline: None, ends: Vec::new(), replaced: Vec::new() }
            );
            let opened = git::open(&place).unwrap();
            let found = answers(opened.as_ref(), &place, &tips, &repo.beside("cache")).unwrap();
            assert_eq!(found.history, History::default());
            assert_eq!(found.revisions, [None; REVISIONS.len()]);
        }
        assert_eq!(git::tips(&place, Some("trunk")).err(), Some(GitError::NoMainline("trunk".to_owned())));
    }
}

#[test]
fn the_mainline_is_what_the_settings_say_or_the_remote_or_the_usual() {
    let repo = Repo::init(&["--initial-branch=work"]);
    repo.story("//= one\n//- a\n1\n");
    let place = Place::find(repo.root()).unwrap();
    let name = |named: Option<&str>| git::tips(&place, named).unwrap().mainline.unwrap().name;
    assert_eq!(name(None), "work", "there is nothing else");
    repo.git(&["branch", "trunk"]);
    repo.git(&["branch", "release/1"]);
    assert_eq!(name(None), "trunk");
    repo.git(&["branch", "main"]);
    assert_eq!(name(None), "main");
    repo.git(&["update-ref", "refs/remotes/origin/live", "HEAD"]);
    assert_eq!(name(None), "main");
    repo.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/live"]);
    assert_eq!(name(None), "live");
    repo.git(&["pack-refs", "--all"]);
    assert_eq!(name(None), "live");
    assert_eq!(name(Some("release/1")), "release/1");
    for wrong in ["nowhere", "../main", "/main", ""] {
        assert_eq!(git::tips(&place, Some(wrong)).err(), Some(GitError::NoMainline(wrong.to_owned())), "{wrong}");
    }
}

#[test]
fn a_shallow_clone_names_the_command_that_repairs_it() {
    let repo = Repo::new();
    project(&repo);
    let root = clone(&repo, &["--depth=2"]);
    let place = Place::find(&root).unwrap();
    let tips = git::tips(&place, None).unwrap();
    let both: [Box<dyn Repository>; 2] =
        [Box::new(git::native::Native::open(&place).unwrap()), Box::new(git::program::Program::open(&place).unwrap())];
    let cut = repo.git(&["rev-parse", "HEAD~1"]).parse().unwrap();
    for repository in &both {
        let error = answers(repository.as_ref(), &place, &tips, &repo.beside("cache")).err().unwrap();
        assert_eq!(error, GitError::Shallow(cut));
        assert_eq!(error.help().as_deref(), Some("run `git fetch --unshallow`"));
    }
    let run = forge(&root, &["build"]);
    assert!(run.status < 2, "the other stages are built: {run:?}");
    assert!(root.join("generated/production/schema.sql").is_file());
    repo.git_in(&root, &["fetch", "--quiet", "--unshallow"]);
    let tips = git::tips(&place, None).unwrap();
    for repository in &both[1..] {
        assert_eq!(answers(repository.as_ref(), &place, &tips, &repo.beside("cache")).unwrap().history.steps.len(), 2);
    }
}

#[test]
fn a_bare_repository_has_a_log_and_compares_revisions() {
    let repo = Repo::new();
    project(&repo);
    let bare = clone(&repo, &["--bare"]);
    let log = forge(&bare, &["log", "m"]);
    assert_eq!(log.status, 0, "{log:?}");
    assert!(log.stdout.contains("add accounts.phone"), "{log:?}");
    assert!(forge(&bare, &["log", "m", "2"]).stdout.contains("ADD COLUMN phone"));
    is_the_difference(&forge(&bare, &DIFF));
    is_the_difference(&forge(&bare, &["diff", "HEAD~1", "HEAD", "--module", "m"]));
    assert_eq!(forge(&bare, &["build"]).status, 2);
    assert!(!bare.join("generated").exists());
}

/// A project of two modules, `m` and `n`, that is built.
fn two_modules() -> Repo {
    let repo = Repo::new();
    project(&repo);
    repo.write("modules/n/b.toml", "[b.fields]\nid = { type = \"uuid\", primary_key = true }\n");
    repo.commit("another module");
    assert_eq!(repo.forge(&["build"]).status, 0);
    repo
}

#[cfg(unix)]
#[test]
fn a_module_that_is_a_link_out_of_the_repository_is_refused_and_keeps_its_outputs() {
    let repo = two_modules();
    let kept = std::fs::read(repo.root().join("generated/prototype/n/schema.sql")).unwrap();
    let module = repo.root().join("modules/n");
    std::fs::rename(&module, repo.beside("elsewhere")).unwrap();
    std::os::unix::fs::symlink(repo.beside("elsewhere"), &module).unwrap();
    let run = repo.forge(&["build"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.contains("modules/n"), "{run:?}");
    assert_eq!(std::fs::read(repo.root().join("generated/prototype/n/schema.sql")).unwrap(), kept);
    assert!(repo.root().join("generated/concept/modules/n.md").is_file());
    assert!(
        !repo
            .root()
            .join("generated/prototype/n")
            .read_dir()
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_string_lossy().contains("drop") })
    );
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_not_gone() {
    let repo = two_modules();
    let page = repo.root().join("generated/concept/modules/n.md");
    assert!(page.is_file());
    repo.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/modules/n/"]);
    assert!(!repo.root().join("modules/n").exists());
    let run = repo.forge(&["build"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.contains("leaves out `modules/n/b.toml`"), "{run:?}");
    assert!(run.stderr.contains("git sparse-checkout add modules"), "{run:?}");
    assert!(page.is_file() && repo.root().join("generated/prototype/n/schema.sql").is_file());
    assert_eq!(repo.forge(&["diff", "HEAD", ".", "--module", "n"]).status, 2);
    repo.git(&["sparse-checkout", "disable"]);
    assert_eq!(repo.forge(&["build"]).status, 0);
}

#[test]
fn a_partial_clone_whose_remote_is_gone_says_what_to_run() {
    let repo = Repo::new();
    project(&repo);
    let root = clone(&repo, &["--filter=blob:none", "--no-checkout"]);
    std::fs::rename(repo.root().join(".git"), repo.beside("away")).unwrap();
    std::fs::write(root.join("forge.toml"), "").unwrap();
    let run = forge(&root, &["diff", "origin/main~1", "origin/main", "--module", "m"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("is not in this repository"), "{run:?}");
    assert!(run.stderr.contains("git fetch --refetch --no-filter"), "{run:?}");
    // What it names repairs it.
    std::fs::rename(repo.beside("away"), repo.root().join(".git")).unwrap();
    repo.git_in(&root, &["fetch", "--quiet", "--refetch", "--no-filter"]);
    std::fs::rename(repo.root().join(".git"), repo.beside("away")).unwrap();
    is_the_difference(&forge(&root, &["diff", "origin/main~1", "origin/main", "--module", "m"]));
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_names_the_command_that_trusts_it() {
    let repo = Repo::new();
    project(&repo);
    // Only an administrator can give a folder away.
    let given = |place: &Path| std::os::unix::fs::chown(place, Some(65534), None);
    if given(&repo.root().join(".git")).and_then(|()| given(repo.root())).is_err() {
        println!("skipped: this user cannot give a folder to another");
        return;
    }
    let place = Place::find(repo.root()).unwrap();
    for error in
        [git::open(&place).err(), git::native::Native::open(&place).err(), git::program::Program::open(&place).err()]
    {
        assert_eq!(error, Some(GitError::Untrusted(place.root().to_owned())));
    }
    let run = repo.forge(&DIFF);
    let command = format!("git config --global --add safe.directory {}", place.root().display());
    assert!(run.status == 2 && run.stderr.contains(&command), "{run:?}");
}

#[cfg(unix)]
#[test]
fn a_partial_clone_fetches_what_it_lacks_at_once() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::new();
    project(&repo);
    for number in 0..10 {
        repo.write("modules/m/a.toml", format!("[accounts.fields]\nid = \"uuid\"\nx = \"varchar({})\"\n", 10 + number));
        repo.commit("wider");
    }
    for filter in ["blob:none", "tree:0"] {
        let place = repo.beside(&format!("partial {filter}"));
        repo.git(&["config", "uploadpack.allowFilter", "true"]);
        repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let (url, filter) = (format!("file://{}", repo.root().display()), format!("--filter={filter}"));
        repo.git(&["clone", "--quiet", "--no-checkout", &filter, &url, place.to_str().unwrap()]);
        let (script, count) = (repo.beside("upload-pack"), repo.beside("count"));
        let text = format!("#!/bin/sh\necho fetch >> '{}'\nexec git upload-pack \"$@\"\n", count.display());
        std::fs::write(&script, text).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        repo.git_in(&place, &["config", "remote.origin.uploadpack", script.to_str().unwrap()]);
        let fetches = || {
            let text = std::fs::read_to_string(&count).unwrap_or_default();
            let _ = std::fs::remove_file(&count);
            text.lines().count()
        };
        std::fs::write(place.join("forge.toml"), "").unwrap();
        let log = forge(&place, &["log", "m"]);
        assert_eq!(log.status, 0, "{log:?}");
        assert_eq!(log.stdout.lines().count(), 1 + 2 * 12, "{log:?}");
        // The settings decide which files are read, so they come first; with `tree:0`, the trees before them.
        assert!((1..=3).contains(&fetches()), "{filter}");
        assert!(forge(&place, &["log", "m", "5"]).stdout.contains("TYPE VARCHAR"));
        is_the_difference(&forge(&place, &["diff", "main~11", "main~10", "--module", "m"]));
        assert_eq!(fetches(), 0, "{filter}: all is here");
    }
}

/// A project whose texts have many lines, as `core.autocrlf` or an attribute brings it into a working tree.
#[test]
fn line_ends_that_git_converts_are_no_draft() {
    let repo = Repo::new();
    repo.story(
        "//= one\n//- forge.toml\n//- generated/.gitattributes\n* -text\n//- busm/b.toml\n[b]\ndoc = '''\nTwo\nlines.\n'''\n[b.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         //- modules/m/a.toml\n# A comment.\n[a]\npick = []\n[a.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         //- modules/s/schema.sql\n-- A comment.\nCREATE TYPE mood AS ENUM (\n  'a\nb'\n);\nCREATE TABLE t (\n  id int PRIMARY KEY, -- key\n  m mood\n);\n\
         COMMENT ON TABLE t IS 'Two\nlines.';\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND\n$$;\n\
         //= two\n//- modules/m/a.toml\n[a.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         n = { type = \"int\", backfill = '''\n1 +\n  1\n''' }\n",
    );
    assert_eq!(repo.forge(&["build"]).status, 0);
    repo.commit("outputs");
    let url = repo.root().to_str().unwrap().to_owned();
    let clone = |name: &str, how: &[&str]| {
        let place = repo.beside(name);
        repo.git(&[how, &["clone", "--quiet", &url, place.to_str().unwrap()]].concat());
        place
    };
    let (plain, windows) = (clone("plain", &[]), clone("windows", &["-c", "core.autocrlf=true"]));
    repo.git_in(&windows, &["config", "core.autocrlf", "true"]);
    let read = |root: &Path, path: &str| std::fs::read(root.join(path)).unwrap();
    assert!(read(&windows, "modules/s/schema.sql").windows(2).any(|two| two == b"\r\n"));
    for root in [&plain, &windows] {
        for module in ["m", "s"] {
            assert!(forge(root, &["log", module, "draft"]).stderr.contains("has no draft"));
        }
        let run = forge(root, &["build"]);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(repo.git_in(root, &["status", "--porcelain"]), "");
    }
    let edges = |root: &Path| forge(root, &["log", "--format", "json"]).stdout;
    assert_eq!(edges(&plain), edges(&windows));
    // A change that is not committed yet comes to the same edge, too.
    for root in [&plain, &windows] {
        let text = String::from_utf8(read(root, "modules/m/a.toml")).unwrap();
        let end = if text.contains('\r') { "\r\n" } else { "\n" };
        let more = format!("{text}o = {{ type = \"int\", backfill = '''{end}2 +{end}  2{end}''' }}{end}");
        std::fs::write(root.join("modules/m/a.toml"), more).unwrap();
    }
    let draft = |root: &Path| forge(root, &["log", "m", "draft"]).stdout;
    assert!(draft(&plain).contains("ADD COLUMN o"), "{}", draft(&plain));
    assert_eq!(draft(&plain), draft(&windows));
}

#[test]
fn what_git_keeps_elsewhere_or_in_another_encoding_is_said() {
    let repo = Repo::new();
    project(&repo);
    repo.write("modules/m/lfs.sql", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    repo.write("modules/m/wide.toml", b"\xff\xfe[\0a\0]\0");
    let run = repo.forge(&["build"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.contains("git lfs migrate export --include=modules/m/lfs.sql"), "{run:?}");
    assert!(run.stderr.contains("`modules/m/wide.toml` is not valid UTF-8 but UTF-16"), "{run:?}");
}

#[test]
fn a_hook_that_calls_forge_may_have_turned_git_elsewhere() {
    let (repo, other) = (Repo::new(), Repo::new());
    project(&repo);
    other.story("//= other\n//- forge.toml\n//- modules/m/a.toml\n[x.fields]\nid = \"int\"\n");
    let elsewhere = other.root().join(".git");
    let wanted = repo.forge(&["log", "m"]);
    assert_eq!(wanted.status, 0, "{wanted:?}");
    for root in [repo.root().to_owned(), worktree(&repo)] {
        let run = command(&root, &["log", "m"])
            .env("GIT_DIR", &elsewhere)
            .env("GIT_WORK_TREE", other.root())
            .env("GIT_INDEX_FILE", elsewhere.join("index"))
            .env("GIT_OBJECT_DIRECTORY", elsewhere.join("objects"))
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
        let told = String::from_utf8(run.stdout).unwrap();
        assert!(wanted.stdout.starts_with(&told) && told.contains("create accounts"), "{told}");
    }
}

#[test]
fn a_mainline_that_was_rewritten_is_read_anew() {
    let repo = Repo::new();
    project(&repo);
    assert!(repo.forge(&["log", "m"]).stdout.contains("add accounts.phone"));
    repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    repo.story("//= fax\n//- modules/m/a.toml\n[accounts.fields]\nid = { type = \"uuid\", primary_key = true }\nfax = \"text\"\n");
    let run = repo.forge(&["log", "m"]);
    assert!(run.stdout.contains("add accounts.fax") && !run.stdout.contains("phone"), "{run:?}");
    repo.git(&["reset", "--quiet", "--hard", "HEAD@{2}"]);
    assert!(repo.forge(&["log", "m"]).stdout.contains("add accounts.phone"));
}

/// With the same ids, history is another one: nothing of what was known of it holds.
#[test]
fn a_commit_that_gets_another_parent_is_noticed() {
    let repo = Repo::new();
    for (at, fields) in ["a = \"text\"\nb = \"text\"\n", "a = \"text\"\n", ""].iter().enumerate() {
        repo.write("forge.toml", "");
        repo.write("modules/m/t.toml", format!("[t.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n{fields}"));
        repo.commit(&format!("step {at}"));
    }
    let steps = || repo.forge(&["log", "m"]).stdout.matches("step").count();
    assert_eq!((steps(), repo.forge(&["build"]).status), (3, 0));
    repo.git(&["replace", "--graft", "HEAD", "HEAD~2"]);
    assert_eq!(steps(), 2);
    assert_eq!(repo.forge(&["check"]).status, 1);
    repo.git(&["replace", "--delete", "HEAD"]);
    assert_eq!((steps(), repo.forge(&["check"]).status), (3, 0));
    let (head, first) = (repo.git(&["rev-parse", "HEAD"]), repo.git(&["rev-parse", "HEAD~2"]));
    std::fs::write(repo.root().join(".git/info/grafts"), format!("{head} {first}\n")).unwrap();
    assert_eq!(steps(), 2);
}

#[test]
fn a_module_that_goes_makes_room_for_another_of_its_name() {
    let repo = Repo::new();
    let key = "id = { type = \"uuid\", primary_key = true }\n";
    repo.story(&format!(
        "//= one\n//- forge.toml\n//- modules/shop/a.toml\n[a.fields]\n{key}\
         //= moved\n//x modules/shop/a.toml\n//- modules/store/a.toml\n[a.fields]\n{key}\
         //- modules/store/module.toml\nrenamed_from = \"shop\"\n\
         //= another\n//- modules/shop/b.toml\n[b.fields]\n{key}"
    ));
    let log = |module: &str| repo.forge(&["log", module]).stdout;
    assert!(log("store").contains("create a") && !log("store").contains("drop"), "{}", log("store"));
    assert!(log("shop").contains("create b") && !log("shop").contains("create a"), "{}", log("shop"));
    // Only the case of the name changes.
    repo.git(&["mv", "modules/store", "modules/Store"]);
    repo.write("modules/Store/module.toml", "renamed_from = \"store\"\n");
    repo.commit("louder");
    let run = repo.forge(&["log", "Store"]);
    assert!(run.stdout.contains("create a") && !run.stdout.contains("drop"), "{run:?}");
    // The name cannot be read in the commit that moves the folder.
    repo.git(&["mv", "modules/Store", "modules/market"]);
    repo.write("modules/market/module.toml", "renamed_from = \"Store\n");
    repo.commit("a slip");
    repo.write("modules/market/module.toml", "renamed_from = \"Store\"\n");
    repo.write("modules/market/a.toml", format!("[a.fields]\n{key}b = \"int\"\n"));
    repo.commit("mended");
    let run = repo.forge(&["log", "market"]);
    let told: Vec<&str> = run.stdout.lines().map(str::trim).collect();
    assert_eq!((told.len(), told[2], told[4]), (5, "create a", "add a.b"), "{run:?}");
    let run = repo.forge(&["diff", "HEAD~2", "HEAD", "--module", "market"]);
    assert!(run.stdout.contains("ADD COLUMN b") && !run.stdout.contains("CREATE TABLE"), "{run:?}");
    assert_eq!(repo.forge(&["build"]).status, 0);
}
