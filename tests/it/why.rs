//! `forge why`: what an output was made from, and what changed it last.

use serde_json::Value;

use crate::support::project::Project;

const SCHEDULE: &str = "modules/service-scheduler/schedule.toml";

#[test]
fn an_answer_names_target_templates_facts_and_the_last_change() {
    let project = Project::example();
    project.build();
    project.edit(SCHEDULE, "smallint", "integer");
    project.build();
    let run = project.forge(&["why", "generated/concept/modules/service-scheduler.md"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout);
    project.edit("busm/services.toml", "description = \"text\"", "description = \"varchar(500)\"");
    project.build();
    // A path may be taken from the output folder, too.
    let later = project.forge(&["why", "concept/modules/service-scheduler.md"]).stdout;
    assert_eq!(later, run.stdout.replace("in the last build", "in the build before the last"));
}

#[test]
fn going_back_is_a_change_with_a_reason_although_nothing_is_rendered() {
    let project = Project::example();
    project.build();
    project.edit(SCHEDULE, "smallint", "integer");
    project.build();
    project.edit(SCHEDULE, "integer", "smallint");
    assert_eq!(project.build().rendered(), [""; 0]);
    let why = || project.forge(&["why", "prototype/service-scheduler/schema.sql"]).stdout;
    let told = why();
    assert!(told.contains("`work_orders.travel_minutes`: `INTEGER` -> `SMALLINT`"), "{told}");
    // That it was removed, and is what it was, is no change of it.
    std::fs::remove_file(project.path("generated/prototype/service-scheduler/schema.sql")).unwrap();
    let explained = project.forge(&["build", "--explain"]).stderr;
    assert!(explained.contains("service-scheduler/schema.sql\n  the file was missing"), "{explained}");
    assert_eq!(why(), told);
}

/// Outputs that are committed come and go with a checkout, and forge writes nothing.
#[test]
fn what_a_checkout_brings_back_is_the_last_change() {
    let project = Project::example();
    let explain = |old: &str, new: &str| {
        project.edit(SCHEDULE, old, new);
        project.forge(&["build", "--explain"]).stderr
    };
    project.build();
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "outputs"]);
    explain("smallint", "integer");
    project.git(&["checkout", "-q", "."]);
    assert_eq!(project.build().written(), [""; 0]);
    let told = project.forge(&["why", "prototype/service-scheduler/schema.sql"]).stdout;
    assert!(told.contains("`work_orders.travel_minutes`: `INTEGER` -> `SMALLINT`"), "{told}");
    let told = explain("smallint", "bigint");
    assert!(told.contains("`work_orders.travel_minutes`: `SMALLINT` -> `BIGINT`"), "{told}");
    assert!(!told.contains("`INTEGER` ->"), "{told}");
}

/// A long output is put together run by run, and one table more may begin another run.
#[test]
fn what_only_moves_within_an_output_neither_comes_nor_goes() {
    for name in ["z1", "n2", "gadgets", "a0", "users_of"] {
        let project = Project::example();
        project.build();
        project
            .write("modules/more/m.toml", format!("[{name}.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n"));
        project.edit("busm/accounts.toml", "A customer: a person", "Whoever we bill: a person");
        let told = project.forge(&["build", "--explain"]).stderr;
        let of_schema: Vec<&str> = told
            .lines()
            .skip_while(|line| !line.ends_with("production/schema.sql"))
            .skip(1)
            .take_while(|line| line.starts_with("  "))
            .collect();
        assert!(of_schema.iter().any(|line| *line == format!("  `{name}` appeared")), "{of_schema:?}");
        let (others, own): (Vec<&str>, Vec<&str>) = of_schema.iter().partition(|line| !line.contains(name));
        assert!(own.iter().all(|line| line.ends_with(" appeared") && !line.contains("runs")), "{own:?}");
        assert!(matches!(others[..], [comment] if comment.contains("COMMENT ON TABLE accounts")), "{others:?}");
    }
}

/// What is printed is all that a template sees, at each stage.
#[test]
fn a_templates_data_is_printed() {
    let project = Project::example();
    project.build();
    let data = |output: &str| -> Value {
        let run = project.forge(&["why", output, "--data"]);
        assert_eq!(run.status, 0, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    };
    let entity = data("concept/entities/accounts.md");
    assert_eq!(entity["entity"]["fields"][0]["name"], "id", "{entity:#}");
    assert_eq!(data("concept/modules/service-scheduler.md")["name"], "service-scheduler");
    assert_eq!(data("concept/README.md")["modules"].as_array().unwrap().len(), 3);
    let prototype = data("prototype/master-view/schema.sql");
    assert!(prototype["statements"].as_array().unwrap().iter().any(|one| one["name"] == "accounts"));
    let production = data("production/schema.sql");
    assert!(production["statements"].as_array().unwrap().len() > prototype["statements"].as_array().unwrap().len());
    assert_eq!(data("production/hardening/accounts.md")["entity"]["name"], "accounts");
    project.edit("busm/accounts.toml", "\"uuid\"", "uuid");
    let run = project.forge(&["why", "concept/entities/accounts.md", "--data"]);
    assert!(run.status == 1 && run.stderr.contains("a mistake stands in the way"), "{run:?}");
}

#[test]
fn the_answer_as_data() {
    let project = Project::example();
    project.write(
        "templates/prototype/schema.sql",
        "-- {{ module }}: {{ statements | length }}\n{% include 'x' ignore missing %}",
    );
    project.build();
    let run = project.forge(&["why", "prototype/master-view/schema.sql", "--format", "json"]);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(answer["target"], "prototype");
    assert_eq!(answer["for"], "module `master-view`");
    assert_eq!(answer["changed"]["reasons"][0]["reason"], "first-build");
    let templates: Vec<(&str, bool, bool)> = answer["templates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|used| (used["name"].as_str().unwrap(), used["own"] == true, used["missing"] == true))
        .collect();
    assert_eq!(templates, [("prototype/schema.sql", true, false), ("x", false, true)]);
    let read: Vec<String> = answer["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| format!("{} {} {}", group["path"], group["read"], group["asked"]))
        .collect();
    assert_eq!(read, ["\"\" [\"module\"] []", "\"statements\" [] [\"number\"]"]);
}

#[test]
fn an_unknown_output_is_answered_with_the_one_that_was_meant() {
    let project = Project::example();
    project.build();
    for meant in ["acounts.md", "accounts.md", "generated/concept/entity/accounts.md"] {
        let run = project.forge(&["why", meant]);
        assert_eq!(run.status, 1, "{}", run.stdout);
        assert!(run.stderr.contains(&format!("`{meant}` is no output of this project")), "{}", run.stderr);
        assert!(run.stderr.contains("did you mean `generated/concept/entities/accounts.md`?"), "{}", run.stderr);
    }
    let empty = Project::new("");
    let run = empty.forge(&["why", "x"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("nothing was built yet"), "{}", run.stderr);
}
