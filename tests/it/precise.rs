//! A render runs again when something that it read changed, and for nothing else: each promise is a list of work.

use crate::support::project::{Built, Project};

/// The outputs that a build rendered, below the output folder.
fn rendered(built: &Built) -> Vec<String> {
    built.rendered().iter().map(|path| path.trim_start_matches("generated/").to_owned()).collect()
}

/// The example, built.
fn example() -> Project {
    let project = Project::example();
    project.build();
    project
}

const SCHEDULE: &str = "modules/service-scheduler/schedule.toml";
const ENTITIES: [&str; 7] = [
    "concept/entities/accounts.md",
    "concept/entities/contacts.md",
    "concept/entities/locations.md",
    "concept/entities/services.md",
    "concept/entities/territories.md",
    "concept/entities/users.md",
    "concept/entities/work_orders.md",
];

#[test]
fn a_fields_doc_is_that_entitys_page_and_the_modules_page_and_no_sql() {
    let project = Project::example();
    project.edit("forge.toml", "[harden]", "[harden]\nrules = { comments = false }");
    project.build();
    project.edit(SCHEDULE, "How long the technician drives there.", "Minutes on the road.");
    let pages = ["concept/entities/work_orders.md", "concept/modules/service-scheduler.md"];
    assert_eq!(rendered(&project.build()), pages);
}

#[test]
fn a_modules_doc_is_its_page_and_the_projects() {
    let project = example();
    project.edit("modules/service-scheduler/module.toml", "what, where and when", "what and when");
    assert_eq!(rendered(&project.build()), ["concept/README.md", "concept/modules/service-scheduler.md"]);
}

#[test]
fn a_field_that_no_module_picks_is_in_no_modules_outputs() {
    let project = example();
    project.edit("busm/services.toml", "description = \"text\"", "description = \"varchar(500)\"");
    let outputs = ["concept/README.md", "concept/entities/services.md", "production/schema.sql"];
    assert_eq!(rendered(&project.build()), outputs);
}

#[test]
fn an_override_is_read_by_what_asks_for_it() {
    let project = example();
    let before = project.files("generated");
    project.write("templates/concept/entity.md", "# {{ entity.name }}\n");
    assert_eq!(rendered(&project.build()), ENTITIES);
    project.write("templates/concept/entity.md", "# {{ entity.name }}!\n");
    assert_eq!(rendered(&project.build()), ENTITIES);
    project.write("templates/unrelated.md", "{{ nobody.asks }}");
    assert_eq!(rendered(&project.build()), [""; 0]);
    std::fs::remove_file(project.path("templates/concept/entity.md")).unwrap();
    let back = project.build();
    assert_eq!((rendered(&back), back.written().len()), (vec![], ENTITIES.len()));
    assert_eq!(project.files("generated"), before);
}

#[test]
fn a_template_that_others_import_is_theirs_too() {
    let project = example();
    let parts = include_str!("../../templates/concept/parts.md");
    project.write("templates/concept/parts.md", parts.replace("| Field |", "| Name |"));
    let built = rendered(&project.build());
    assert_eq!(built.len(), 1 + ENTITIES.len() + 3, "{built:?}");
    assert!(built.iter().all(|path| path.starts_with("concept/")), "{built:?}");
}

#[test]
fn a_template_that_was_looked_for_in_vain_is_read_once_it_is_there() {
    let project = Project::example();
    let page = "{{ name }}\n{% include 'footer.md' ignore missing %}\n";
    project.write("templates/concept/project.md", page);
    project.build();
    project.write("templates/footer.md", "Ask us.\n");
    assert_eq!(rendered(&project.build()), ["concept/README.md"]);
    assert!(project.read("generated/concept/README.md").contains("Ask us."));
}

#[test]
fn the_order_of_fields_is_where_they_are_listed() {
    let project = example();
    project.edit(SCHEDULE, "  \"code\",\n  \"name\",\n", "  \"name\",\n  \"code\",\n");
    let outputs = ["concept/modules/service-scheduler.md", "prototype/service-scheduler/schema.sql"];
    assert_eq!(rendered(&project.build()), outputs);
}

const NAMES: &str = r#"
[[target]]
name = "names"
for = "entity"
template = "names.txt"
path = "names/{{ entity.slug }}.txt"
"#;

#[test]
fn a_target_that_is_added_is_all_that_is_rendered() {
    let project = example();
    project.write("forge.toml", project.read("forge.toml") + NAMES);
    project.write("templates/names.txt", "{% for field in entity.fields %}{{ field.name }}\n{% endfor %}");
    let built = rendered(&project.build());
    assert_eq!(built.len(), ENTITIES.len());
    assert!(built.iter().all(|path| path.starts_with("names/")), "{built:?}");
}

#[test]
fn a_template_depends_on_what_it_looks_at() {
    let project = Project::example();
    project.write("forge.toml", project.read("forge.toml") + NAMES);
    project.write("templates/names.txt", "{% for field in entity.fields %}{{ field.name }}\n{% endfor %}");
    project.build();
    let names = || -> Vec<String> {
        rendered(&project.build()).into_iter().filter(|path| path.starts_with("names/")).collect()
    };
    project.edit(SCHEDULE, "How long the technician drives there.", "Minutes on the road.");
    assert_eq!(names(), [""; 0], "a document");
    project.edit(SCHEDULE, "smallint", "integer");
    assert_eq!(names(), [""; 0], "a type");
    project.edit("busm/services.toml", "description", "about");
    assert_eq!(names(), ["names/services.txt"], "a name");
}

#[test]
fn a_setting_is_read_by_what_shows_it() {
    let project = example();
    project.edit("forge.toml", "[harden]", "[harden]\nrules = { version = false }");
    let production: Vec<String> = project.files("generated/production").into_keys().collect();
    let production: Vec<&str> = production.iter().filter_map(|path| path.strip_prefix("generated/")).collect();
    assert_eq!(rendered(&project.build()), production);
    let all = project.files("generated").keys().filter(|path| !path.starts_with("generated/.")).count();
    project.edit("forge.toml", "Field service", "Field services");
    assert_eq!(project.build().rendered().len(), all, "each page names the project, and so does each SQL file");
}

#[test]
fn a_branch_that_was_built_before_renders_nothing() {
    let project = Project::example();
    project.write(".gitignore", "/generated/\n/.forge/\n");
    project.git(&["init", "--quiet"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "--message", "main"]);
    project.build();
    let main = project.files("generated");
    project.git(&["checkout", "--quiet", "-b", "wider"]);
    project.edit(SCHEDULE, "smallint", "integer");
    project.edit("busm/services.toml", "varchar(20)", "varchar(30)");
    project.write("templates/concept/module.md", "# {{ title }}\n");
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "--message", "wider"]);
    assert!(!project.build().rendered().is_empty());
    let wider = project.files("generated");
    for _ in 0..2 {
        for (branch, files) in [("main", &main), ("wider", &wider)] {
            project.git(&["checkout", "--quiet", branch]);
            let built = project.build();
            assert_eq!((rendered(&built), built.written().is_empty()), (vec![], false), "{branch}");
            assert_eq!(project.files("generated"), *files);
        }
    }
}

#[test]
fn an_output_that_only_moves_is_not_rendered_again() {
    let project = example();
    let target = |folder: &str| {
        format!(
            "[[target]]\nname = \"notes\"\nstage = \"concept\"\nfor = \"entity\"\ntemplate = \"notes.txt\"\n\
             path = \"{folder}/{{{{ entity.slug }}}}.txt\"\n\n[harden]"
        )
    };
    project.write("templates/notes.txt", "{{ entity.name }}: {{ entity.doc }}\n");
    project.edit("forge.toml", "[harden]", &target("notes"));
    assert_eq!(rendered(&project.build()).len(), ENTITIES.len());
    project.edit("forge.toml", "path = \"notes/", "path = \"remarks/");
    let moved = project.build();
    assert_eq!((rendered(&moved), moved.written().len()), (vec![], ENTITIES.len()));
    assert!(project.files("generated").keys().all(|path| !path.contains("notes/")));
}
