//! Templates: the project's own, overridden built-in ones, and what they may not do.

use std::collections::BTreeSet;

use crate::support::project::{Built, Project};

const TYPES: &str = r#"
[[target]]
name = "typescript"
for = "entity"
template = "entity.ts"
path = "types/{{ entity.slug }}.ts"
"#;

#[test]
fn a_target_of_the_teams_own_is_rendered_for_each_entity() {
    let project = Project::example();
    project.write("forge.toml", project.read("forge.toml") + TYPES);
    project.write(
        "templates/entity.ts",
        "export interface {{ entity.name | singular | pascal }} {\n{% for field in entity.fields %}\n  {{ field.name | camel }}: string;\n{% endfor %}\n}\n",
    );
    project.build();
    let text = project.read("generated/types/work_orders.ts");
    assert!(text.starts_with("export interface WorkOrder {\n  id: string;\n"), "{text}");
}

#[test]
fn a_template_of_the_same_name_overrides_the_built_in_one() {
    let project = Project::example();
    project.build();
    project.write("templates/prototype/schema.sql", "-- {{ module }}: {{ statements | length }}\n");
    let built = project.build();
    assert_eq!(built.rendered().len(), 3, "{:?}", built.rendered());
    assert_eq!(project.read("generated/prototype/master-view/schema.sql"), "-- master-view: 2\n");
    std::fs::remove_file(project.path("templates/prototype/schema.sql")).unwrap();
    assert_eq!(project.build().written().len(), 3);
}

#[test]
fn a_template_that_loses_a_constraint_is_an_error_that_names_it() {
    let project = Project::example();
    project.build();
    let before = project.read("generated/production/schema.sql");
    project.write(
        "templates/production/schema.sql",
        "{% for statement in statements if \"accounts_search\" not in statement.sql %}\n{{ statement.sql | replace(\" UNIQUE\", \"\") }};\n{% endfor %}\n",
    );
    let run = project.forge(&["build"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("accounts_account_number_key"), "{}", run.stderr);
    assert_eq!(project.read("generated/production/schema.sql"), before);
}

#[test]
fn what_a_template_loses_is_told_once_each() {
    let project = Project::example();
    project.build();
    project.write(
        "templates/production/schema.sql",
        "{% for statement in statements if not statement.table %}\n{{ statement.sql }};\n{% endfor %}\n",
    );
    let run = project.forge(&["build"]);
    assert_eq!(run.status, 1);
    let told: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("error[schema-differs]")).collect();
    let different: BTreeSet<&str> = told.iter().copied().collect();
    assert_eq!((told.len(), different.len()), (11, 11), "ten of them, and how many more: {}", run.stderr);
}

#[test]
fn a_templates_error_names_template_line_and_output() {
    let project = Project::example();
    project.write("templates/concept/entity.md", "# {{ entity.name }}\n\n{{ entity.naem }}\n");
    let run = project.forge(&["build"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("--> templates/concept/entity.md:3:"), "{}", run.stderr);
    assert!(run.stderr.contains("generated/concept/entities/accounts.md"), "{}", run.stderr);
    assert!(project.path("generated/production/schema.sql").exists(), "the rest is done");
}

#[test]
fn paths_that_leave_the_folder_or_collide_are_refused_before_anything_is_written() {
    for path in ["../out.md", "CONCEPT/readme.md", "types.md"] {
        let project = Project::example();
        let target = TYPES.replace("types/{{ entity.slug }}.ts", path);
        project.write("forge.toml", project.read("forge.toml") + &target);
        project.write("templates/entity.ts", "x\n");
        let run = project.forge(&["build", "--format", "json"]);
        assert_eq!(run.status, 1, "{path}");
        assert!(Built::of(&run).codes().iter().all(|code| code.starts_with("output-")), "{path}: {}", run.stdout);
        assert!(!project.path("generated/concept").exists(), "{path}");
    }
}
