//! States of a repository: forge works in each, or says exactly what to do.

use crate::support::git::Repo;
use crate::support::project::{Run, forge};

/// A project with two versions of one module; the difference is a column.
fn project(repo: &Repo) {
    repo.story(
        "//= accounts\n//- forge.toml\n//- modules/m/a.toml\n[accounts.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         //= phone\n//- modules/m/a.toml\n[accounts.fields]\nid = { type = \"uuid\", primary_key = true }\nphone = \"varchar(20)\"\n",
    );
}

fn is_the_difference(run: &Run) {
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("ADD COLUMN phone"), "{run:?}");
}

const DIFF: [&str; 5] = ["diff", "HEAD~1", "HEAD", "--module", "m"];

#[test]
fn a_linked_worktree_compares_revisions() {
    let repo = Repo::new();
    project(&repo);
    is_the_difference(&repo.forge(&DIFF));
    let side = repo.beside("side");
    repo.git(&["worktree", "add", "--quiet", "--detach", side.to_str().unwrap()]);
    is_the_difference(&forge(&side, &DIFF));
    is_the_difference(&forge(&side.join("modules/m"), &DIFF));
}
