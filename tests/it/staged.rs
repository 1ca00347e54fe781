//! `forge check --staged`: what git is about to commit is checked, whatever lies in the working tree.

use std::fs;
use std::process::Output;

use crate::support::git::Repo;
use crate::support::project::{Run, forge};

const ENTITY: &str = "modules/m/a.toml";
const GOOD: &str = "[accounts.fields]\nid = { type = \"uuid\", primary_key = true }\n";
const BAD: &str = "[accounts.fields]\nid = { type = \"uuid\", primary_kee = true }\n";
const MORE: &str = "[accounts.fields]\nid = { type = \"uuid\", primary_key = true }\nphone = \"text\"\n";

/// A project whose outputs are committed.
fn project(init: &[&str]) -> Repo {
    let repo = Repo::init(init);
    repo.write("forge.toml", "");
    repo.write(ENTITY, GOOD);
    build(&repo);
    repo.commit("begin");
    repo
}

fn build(repo: &Repo) {
    let run = repo.forge(&["build"]);
    assert_eq!(run.status, 0, "{run:?}");
}

fn check(repo: &Repo) -> Run {
    repo.forge(&["check", "--staged"])
}

/// Each staged path that is said not to be what it should be.
fn stale(run: &Run) -> Vec<&str> {
    let words = [": missing", ": out of date", ": edited by hand", ": in conflict", ": no longer made by anything"];
    run.stderr.lines().filter(|line| words.iter().any(|word| line.ends_with(word))).collect()
}

#[test]
fn the_index_counts_and_the_working_tree_does_not() {
    let repo = project(&["--initial-branch=main"]);
    assert_eq!(check(&repo).status, 0);
    // Broken and not staged.
    repo.write(ENTITY, BAD);
    fs::remove_file(repo.root().join("generated/concept/README.md")).unwrap();
    assert_eq!(repo.forge(&["check"]).status, 1);
    let run = check(&repo);
    assert_eq!((run.status, stale(&run)), (0, vec![]), "{run:?}");
    // Staged, and mended since.
    repo.git(&["add", ENTITY]);
    repo.write(ENTITY, GOOD);
    build(&repo);
    let run = check(&repo);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("primary_kee = true"), "the lines are the index's: {run:?}");
    assert_eq!(repo.forge(&["check"]).status, 0);
}

#[test]
fn outputs_are_those_that_are_staged() {
    let repo = project(&["--initial-branch=main"]);
    repo.write(ENTITY, MORE);
    build(&repo);
    repo.git(&["add", ENTITY]);
    let run = check(&repo);
    assert_eq!(run.status, 1);
    assert!(stale(&run).contains(&"generated/concept/modules/m.md: out of date"), "{run:?}");
    assert!(run.stderr.contains("`forge build` and `git add` make"), "{run:?}");
    repo.git(&["add", "--all"]);
    assert_eq!(check(&repo).status, 0);
    // Without the manifest the next build would not know them for its own.
    repo.git(&["reset", "--quiet", "HEAD", "generated/.forge-manifest"]);
    assert_eq!(stale(&check(&repo)), ["generated/.forge-manifest: out of date"]);
    repo.git(&["rm", "--quiet", "--cached", "generated/.forge-manifest"]);
    assert_eq!(stale(&check(&repo)), ["generated/.forge-manifest: missing"]);
    repo.git(&["add", "--all"]);
    // By hand, in the index alone.
    let page = repo.root().join("generated/concept/entities/accounts.md");
    let right = fs::read(&page).unwrap();
    fs::write(&page, "by hand\n").unwrap();
    repo.git(&["add", "--all"]);
    fs::write(&page, right).unwrap();
    let run = check(&repo);
    assert_eq!(stale(&run), ["generated/concept/entities/accounts.md: edited by hand"]);
    assert!(run.stderr.contains("1 | by hand"), "the line is the index's: {run:?}");
    repo.git(&["add", "--all"]);
    // As a merge left it.
    let right = fs::read(&page).unwrap();
    fs::write(&page, "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n").unwrap();
    repo.git(&["add", "--all"]);
    fs::write(&page, right).unwrap();
    let run = check(&repo);
    assert_eq!(stale(&run), ["generated/concept/entities/accounts.md: in conflict"]);
    assert!(!run.stderr.contains("output-edited"), "{run:?}");
    repo.git(&["add", "--all"]);
    // What nothing makes any longer.
    fs::remove_file(repo.root().join(ENTITY)).unwrap();
    repo.write("modules/m/b.toml", GOOD.replace("accounts", "bills"));
    repo.git(&["add", "modules"]);
    let run = check(&repo);
    assert!(stale(&run).contains(&"generated/concept/entities/accounts.md: no longer made by anything"), "{run:?}");
    build(&repo);
    repo.git(&["add", "--all"]);
    assert_eq!(check(&repo).status, 0);
}

#[test]
fn of_outputs_that_git_ignores_nothing_is_said() {
    let repo = Repo::new();
    repo.write("forge.toml", "");
    repo.write(".gitignore", "/generated/\n");
    repo.write(ENTITY, GOOD);
    repo.commit("begin");
    let run = check(&repo);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("no output is committed"), "{run:?}");
    // Production alone is committed, and without the manifest a clone would not know it for forge's.
    repo.write(".gitignore", "/generated/*\n!/generated/production/\n");
    build(&repo);
    repo.git(&["add", ".gitignore", "generated/production"]);
    assert_eq!(stale(&check(&repo)), ["generated/.forge-manifest: missing"]);
    repo.git(&["add", "--force", "generated/.forge-manifest"]);
    let run = check(&repo);
    assert_eq!((run.status, stale(&run)), (0, vec![]), "{run:?}");
    repo.write(ENTITY, MORE);
    repo.git(&["add", ENTITY]);
    let run = check(&repo);
    let said = stale(&run);
    assert!(said.iter().all(|line| line.starts_with("generated/production/")) && !said.is_empty(), "{run:?}");
    // What is neither ignored nor added was forgotten.
    let repo = project(&["--initial-branch=main"]);
    repo.git(&["rm", "--quiet", "-r", "--cached", "generated"]);
    assert!(stale(&check(&repo)).contains(&"generated/concept/README.md: missing"));
}

/// A hook that runs `forge check --staged`, whatever the directory and the variables that git gives it.
fn hook(repo: &Repo) {
    let hook = repo.root().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nexec '{}' check --staged\n", env!("CARGO_BIN_EXE_forge"))).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

fn commits(repo: &Repo, args: &[&str]) -> Result<(), Output> {
    let output = repo.try_git_in(repo.root(), &[&["commit", "--quiet", "--message", "step"], args].concat());
    if output.status.success() { Ok(()) } else { Err(output) }
}

#[test]
fn as_a_hook_it_sees_what_is_committed_in_each_way() {
    let repo = project(&["--initial-branch=main"]);
    hook(&repo);
    repo.write(ENTITY, MORE);
    let refused = commits(&repo, &["--all"]).unwrap_err();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("out of date"), "{refused:?}");
    build(&repo);
    // Only a part: git makes an index of its own for that.
    repo.git(&["add", "generated"]);
    commits(&repo, &[ENTITY]).unwrap_err();
    commits(&repo, &[ENTITY, "generated"]).unwrap();
    // What is staged beside it stays beside it.
    repo.write("modules/m/b.toml", BAD);
    repo.git(&["add", "--all"]);
    repo.write("notes.txt", "x");
    repo.git(&["add", "notes.txt"]);
    commits(&repo, &["notes.txt"]).unwrap();
    commits(&repo, &[]).unwrap_err();
    repo.git(&["rm", "--quiet", "--force", "modules/m/b.toml"]);
    // In a linked worktree, git turns the hook to that one's index.
    repo.git(&["commit", "--quiet", "--allow-empty", "--message", "empty"]);
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "--quiet", "-b", "side", linked.to_str().unwrap()]);
    fs::write(linked.join(ENTITY), GOOD).unwrap();
    let refused = repo.try_git_in(&linked, &["commit", "--quiet", "--all", "--message", "step"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("out of date"));
    assert_eq!(forge(&linked, &["build"]).status, 0);
    repo.git_in(&linked, &["add", "--all"]);
    repo.git_in(&linked, &["commit", "--quiet", "--message", "step"]);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn an_index_of_any_form_is_read_and_left_as_it_is() {
    for init in [&["--initial-branch=main"][..], &["--initial-branch=main", "--object-format=sha256"]] {
        let repo = Repo::init(init);
        repo.write("db/forge.toml", "");
        repo.write("db/modules/m/a.toml", GOOD);
        repo.write("db/modules/m/ü b.toml", GOOD.replace("accounts", "bills"));
        repo.write("db.toml", BAD);
        let db = repo.root().join("db");
        assert_eq!(forge(&db, &["build"]).status, 0);
        repo.commit("begin");
        for form in [&["update-index", "--index-version=4"][..], &["update-index", "--split-index"]] {
            repo.git(form);
            fs::write(repo.root().join(".git/index.lock"), "").unwrap();
            let before = fs::read(repo.root().join(".git/index")).unwrap();
            let run = forge(&db, &["check", "--staged"]);
            assert_eq!((run.status, stale(&run)), (0, vec![]), "{run:?}");
            assert_eq!(fs::read(repo.root().join(".git/index")).unwrap(), before);
            fs::remove_file(repo.root().join(".git/index.lock")).unwrap();
            repo.write("db/modules/m/a.toml", BAD);
            repo.git(&["add", "--all"]);
            assert!(forge(&db, &["check", "--staged"]).stderr.contains("primary_kee"));
            repo.git(&["reset", "--quiet", "--hard"]);
        }
    }
}

#[test]
fn what_is_no_part_of_the_commit_is_none_of_it() {
    let repo = project(&["--initial-branch=main"]);
    // Only intended to be added.
    repo.write("modules/m/b.toml", BAD);
    repo.git(&["add", "--intent-to-add", "modules/m/b.toml"]);
    assert_eq!(check(&repo).status, 0);
    repo.git(&["rm", "--quiet", "--cached", "--force", "modules/m/b.toml"]);
    fs::remove_file(repo.root().join("modules/m/b.toml")).unwrap();
    // A conflict that is not resolved.
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    repo.write(ENTITY, MORE);
    repo.commit("side");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write(ENTITY, MORE.replace("phone", "fax"));
    repo.commit("main");
    assert!(!repo.try_git_in(repo.root(), &["merge", "--quiet", "side"]).status.success());
    let run = check(&repo);
    assert!(run.status == 1 && run.stderr.contains("`modules/m/a.toml` is left unmerged"), "{run:?}");
    assert_eq!(stale(&run), Vec::<&str>::new(), "{run:?}");
}

#[test]
fn a_project_that_is_not_staged_is_asked_for() {
    let repo = Repo::new();
    repo.write("forge.toml", "");
    repo.write(ENTITY, BAD);
    let run = check(&repo);
    assert!(run.status == 1 && run.stderr.contains("help: `git add forge.toml`"), "{run:?}");
    assert!(!run.stderr.contains("primary_kee") && !run.stderr.contains("up to date"), "{run:?}");
}

#[test]
fn without_a_repository_it_says_so() {
    let repo = Repo::nothing();
    repo.write("forge.toml", "");
    let run = check(&repo);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("repository"), "{run:?}");
    assert!(!run.stderr.contains("up to date"), "{run:?}");
}
