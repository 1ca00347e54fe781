//! The command line as its users meet it.

use crate::support::project::{Project, forge};

#[test]
fn help_opens_with_what_forge_does_and_ends_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    let run = forge(folder.path(), &["--help"]);
    assert_eq!(run.status, 0);
    assert!(run.stdout.starts_with("A build system for PostgreSQL schemas"), "{}", run.stdout);
    assert!(run.stdout.contains("forge init --example field-service"));
    for command in ["build", "check", "clean", "completions", "diff", "init", "show", "watch"] {
        assert!(run.stdout.contains(&format!("\n  {command} ")), "{command}");
        assert_eq!(forge(folder.path(), &[command, "--help"]).status, 0, "{command}");
    }
}

#[test]
fn without_a_project_it_says_how_to_start_one() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["build", "check", "clean", "watch"] {
        let run = forge(folder.path(), &[command]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("`forge init` starts a project"), "{}", run.stderr);
    }
    assert_eq!(forge(folder.path(), &["biuld"]).status, 2);
}

#[test]
fn init_writes_a_project_that_builds_and_changes_nothing_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("forge.toml"), "[project]\nname = \"Mine\"\n").unwrap();
    let run = forge(folder.path(), &["init"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stderr.contains("kept   forge.toml"), "{}", run.stderr);
    let run = forge(folder.path(), &["build"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(std::fs::read_to_string(folder.path().join("generated/concept/README.md")).unwrap().starts_with("# Mine"));
    let unknown = forge(folder.path(), &["init", "--example", "field-servce"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("did you mean `field-service`?"));
}

#[test]
fn show_draws_an_entity_merged_or_as_one_module_sees_it() {
    let project = Project::example();
    let merged = project.forge(&["show", "accounts"]);
    assert_eq!(merged.status, 0, "{}", merged.stderr);
    assert!(merged.stdout.contains("┌") && merged.stdout.contains("parent_account_id"), "{}", merged.stdout);
    assert!(merged.stdout.contains("an account has many locations"), "{}", merged.stdout);
    let own = project.forge(&["show", "accounts", "--module", "master-view"]);
    assert!(own.stdout.contains("phone") && !own.stdout.contains("parent_account_id"), "{}", own.stdout);
    let unknown = project.forge(&["show", "acounts"]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.stderr.contains("did you mean `accounts`?"), "{}", unknown.stderr);
    assert!(!project.path("generated/concept").exists(), "showing builds nothing");
}

#[test]
fn a_mistake_is_drawn_with_its_line_and_a_way_out() {
    let project = Project::new(
        "//- modules/a/a.toml\n[accounts.fields]\nname = { type = \"text\", requird = true }\n\
         //- modules/b/b.toml\n<<<<<<< HEAD\n[b]\n=======\n[c]\n>>>>>>> other\n//- modules/c/c.sql\nCREATE TABEL x (id int);\n",
    );
    project.write("modules/d/d.toml", b"\xff\xfe");
    project.write("modules/e/e.toml", "");
    let run = project.forge(&["build"]);
    assert_eq!(run.status, 1);
    for part in [
        "unknown key `requird` in a field",
        "--> modules/a/a.toml:2:25",
        "did you mean `required`?",
        "unresolved merge conflict",
        "modules/c/c.sql",
        "not valid UTF-8",
        "`modules/e/e.toml` is empty",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let project = Project::example();
    assert!(!project.forge(&["build"]).stderr.contains('\u{1b}'));
    assert!(project.forge(&["build", "--color", "always"]).stderr.contains('\u{1b}'));
    assert_eq!(project.forge(&["build", "--quiet"]).stderr, "");
}

#[test]
fn completions_know_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = forge(folder.path(), &["completions", shell]);
        assert_eq!(run.status, 0);
        assert!(run.stdout.contains("check"), "{shell}");
    }
}

#[test]
fn the_json_schemas_are_what_the_parser_accepts() {
    let project = Project::example();
    let schema: serde_json::Value = serde_json::from_str(&project.read(".forge/entity.schema.json")).unwrap();
    let fields = &schema["additionalProperties"]["properties"]["fields"]["additionalProperties"]["anyOf"][1];
    let known: Vec<&String> = fields["properties"].as_object().unwrap().keys().collect();
    assert!(known.len() > 12);
    // Each key that the schema offers is known to the parser, and one that it does not offer is not.
    for key in known.iter().map(|key| key.as_str()).chain(["colour"]) {
        let project = Project::new(&format!("//- modules/a/a.toml\n[a.fields]\nx = {{ {key} = [[0]] }}\n"));
        let run = project.forge(&["check"]);
        assert_eq!(run.stderr.contains("unknown key"), key == "colour", "{key}: {}", run.stderr);
    }
}
