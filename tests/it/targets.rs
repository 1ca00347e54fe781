//! Templates: the project's own, overridden built-in ones, and what they may not do.

use std::collections::BTreeSet;

use forge::path::RepoPath;

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
    assert!(run.stderr.contains("`generated/concept/entities/accounts.md` and 6 more outputs keep"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
    assert!(project.path("generated/production/schema.sql").exists(), "the rest is done");
}

#[test]
fn gits_own_folder_is_no_place_for_outputs() {
    let project = Project::example();
    for place in [".git/out", "docs/.GIT"] {
        project.write("forge.toml", format!("[project]\nname = \"p\"\noutput = \"{place}\"\n"));
        let run = project.forge(&["build", "--format", "json"]);
        assert_eq!((run.status, Built::of(&run).codes()), (1, vec!["invalid-path".to_owned()]), "{place}");
        assert!(project.files(place).is_empty());
    }
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

/// The links of the Markdown file at `path`, resolved.
fn links(project: &Project, path: &str) -> Vec<String> {
    let (folder, text) = (path.rsplit_once('/').unwrap().0, project.read(path));
    let ends = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    ends.map(|link| RepoPath::new(&format!("{folder}/{link}")).unwrap().to_string()).collect()
}

#[test]
fn each_entity_of_production_has_a_report_and_the_report_of_all_leads_there() {
    let project = Project::example();
    let target = "\n[[target]]\nname = \"counts\"\nstage = \"production\"\nfor = \"entity\"\n\
                  template = \"counts.txt\"\npath = \"counts/{{ entity.slug }}.txt\"\n";
    project.write("forge.toml", project.read("forge.toml") + target);
    project.write("templates/counts.txt", "{{ table.name }}: {{ table.counts[0].after }}\n");
    project.build();
    let all = links(&project, "generated/production/hardening-report.md");
    let reports: Vec<String> = project.files("generated/production/hardening").into_keys().collect();
    assert_eq!(all, reports);
    for report in &reports {
        let links = links(&project, report);
        assert_eq!(links.len(), 2, "{report}");
        assert!(links.iter().all(|link| project.path(link).is_file()), "{links:?}");
    }
    assert_eq!(project.files("generated/counts").len(), reports.len());
    assert!(project.read("generated/counts/accounts.txt").starts_with("accounts: "));
    assert!(project.read("generated/production/hardening/accounts.md").contains("| fields | "));
}

#[test]
fn the_reports_go_with_what_leaves_production_and_stay_where_it_cannot_be_made() {
    let project = Project::new(
        "//- busm/a.toml\n[a.fields]\nid = { type = \"uuid\", primary_key = true }\nx = \"text\"\n\
         [b.fields]\nid = { type = \"uuid\", primary_key = true }\n[idle.fields]\nid = { type = \"uuid\", primary_key = true }\n\
         //- modules/m/module.toml\nstage = \"production\"\n//- modules/m/m.toml\n[a]\npick = [\"id\", \"x\"]\n\
         //- modules/n/module.toml\nstage = \"production\"\n//- modules/n/n.toml\n[b]\npick = [\"id\"]\n",
    );
    project.build();
    let reports = || -> Vec<String> { project.files("generated/production/hardening").into_keys().collect() };
    let [a, b] = ["a", "b"].map(|name| format!("generated/production/hardening/{name}.md"));
    assert_eq!(reports(), [a.clone(), b.clone()], "nobody uses `idle`");
    project.write("modules/n/module.toml", "stage = \"prototype\"\n");
    assert_eq!(project.build().removed(), std::slice::from_ref(&b));
    project.write("modules/n/module.toml", "stage = \"production\"\n");
    assert!(project.build().written().contains(&b));
    let before = project.files("generated/production");
    project.write("modules/n/a.toml", "[a.fields]\nid = \"uuid\"\nx = \"integer\"\n");
    assert_eq!(project.forge(&["build"]).status, 1, "a conflict");
    assert_eq!(project.files("generated/production"), before);
    project.write("modules/n/a.toml", "[a.fields]\nid = \"uuid\"\nx = \"text\"\n");
    assert_eq!(project.build().written().iter().filter(|path| path.contains("/production/")).count(), 0);
    // In one build an entity leaves production, and a conflict arises.
    project.write("modules/m/m.toml", "[a.fields]\nid = \"uuid\"\nx = \"integer\"\n");
    project.write("modules/l/module.toml", "stage = \"production\"\n");
    project.write("modules/l/a.toml", "[a.fields]\nid = \"uuid\"\nx = \"text\"\n");
    project.write("modules/n/module.toml", "stage = \"prototype\"\n");
    assert_eq!(project.forge(&["build"]).status, 1, "a conflict");
    assert_eq!(project.files("generated/production"), before, "`b` has left it, but it still says that of `b`");
    project.write("modules/n/more.toml", "[more.fields]\nid = \"uuid\"\n");
    assert_eq!(project.forge(&["build"]).status, 1, "again");
    assert_eq!(project.files("generated/production"), before);
    project.write("modules/m/m.toml", "[a]\npick = [\"id\", \"x\"]\n");
    assert_eq!(project.build().removed(), [b]);
}

#[test]
fn built_in_targets_of_production_may_be_replaced_by_other_ones() {
    let project = Project::example();
    let settings = project.read("forge.toml");
    let target = |name: &str, stage: &str, each: &str| {
        format!(
            "\n[[target]]\nname = \"{name}\"\nstage = \"{stage}\"\nfor = \"{each}\"\n\
             template = \"own.txt\"\npath = \"own/{name}/{{{{ {each}.slug }}}}.txt\"\n"
        )
    };
    project.write("templates/own.txt", "{{ entity.name }}\n");
    // Pages of the concept are no reports, whatever their target is called.
    project.write("forge.toml", format!("{settings}{}", target("hardening", "concept", "entity")));
    project.build();
    let report = project.read("generated/production/hardening-report.md");
    assert!(!report.contains("## Entities") && !report.contains("](") && !report.contains("accounts"), "{report}");
    assert!(report.contains("## Tables that rules need\n\n### audit"), "{report}");
    assert!(project.path("generated/own/hardening/accounts.txt").is_file());
    // What is made for each entity cannot say all that the schema says, and nobody asks that of it.
    project.write("forge.toml", format!("{settings}{}", target("production", "production", "entity")));
    let built = project.build();
    assert!(built.removed().contains(&"generated/production/schema.sql".to_owned()));
    assert_eq!(project.read("generated/own/production/accounts.txt"), "accounts\n");
}
