//! The README is true: its commands run, and print what it shows.

use std::fs;
use std::path::Path;

use crate::support::project::{Project, forge};

const README: &str = include_str!("../../README.md");

/// The blocks of README in `language`, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    README.split(opening.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_change_that_it_opens_with_does_what_it_shows() {
    let project = Project::example();
    project.git(&["init", "--quiet"]);
    project.build();
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "--message", "start"]);
    let change = blocks("diff")[0];
    let file = change.lines().next().unwrap().trim_start_matches(" # ");
    let line = |sign: char| change.lines().find_map(|line| line.strip_prefix(sign)).unwrap();
    // The example says more about the field than fits the README.
    let whole = line('-').trim_end_matches(", … }");
    project.edit(file, whole, line('+').trim_end_matches(", … }"));
    let explained = project.forge(&["build", "--explain"]).stderr;
    for line in blocks("text")[0].lines() {
        assert!(explained.lines().any(|found| found == line), "{line}\n{explained}");
    }
    let planned = project.forge(&["diff", "HEAD", ".", "--module", "service-scheduler"]);
    assert_eq!(planned.stdout, blocks("sql")[0]);
}

#[test]
fn the_commands_of_a_newcomer_run() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let commands: Vec<&str> = blocks("sh").iter().flat_map(|block| block.lines()).collect();
    assert_eq!(commands[0], "cargo run --release -- build");
    let clone = Project::new("");
    clone.write("forge.toml", fs::read(repository.join("forge.toml")).unwrap());
    for (path, content) in Project::example().files("busm") {
        clone.write(&format!("fixtures/field-service/{path}"), content);
    }
    for (path, content) in Project::example().files("modules") {
        clone.write(&format!("fixtures/field-service/{path}"), content);
    }
    let built = clone.forge(&["build"]);
    assert_eq!(built.status, 0, "{built:?}");
    for made in ["generated/concept/README.md", "prototype", "generated/production/schema.sql", "hardening-report.md"] {
        assert!(built.stderr.contains(made), "{made}: {}", built.stderr);
    }
    let folder = tempfile::tempdir().unwrap();
    for command in commands.iter().filter_map(|command| command.strip_prefix("forge ")) {
        let run = forge(folder.path(), &command.split(' ').collect::<Vec<_>>());
        assert_eq!(run.status, 0, "forge {command}: {run:?}");
    }
    assert!(repository.join(commands.last().unwrap()).is_file(), "the test command is there");
}

#[test]
fn the_schema_file_that_it_shows_is_one() {
    let project = Project::example();
    fs::remove_dir_all(project.path("modules")).unwrap();
    project.write("modules/shown/accounts.toml", blocks("toml")[0]);
    let run = project.forge(&["build"]);
    assert!(!run.stderr.contains("error["), "{}", run.stderr);
}
