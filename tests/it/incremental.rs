//! A build does what has to be done and no more: each promise is a list of work.

use std::collections::BTreeSet;
use std::fs;

use forge::build::session::{Look, Session};
use forge::build::{self, Mode};
use forge::path::RepoPath;

use crate::support::project::{Built, Project};

/// The concept pages of all the example's entities but `services`, which nothing refers to that this test changes.
fn rendered_after(project: &Project) -> Vec<String> {
    project.build().rendered().iter().map(|path| path.trim_start_matches("generated/").to_owned()).collect()
}

#[test]
fn a_second_build_renders_and_writes_nothing() {
    let project = Project::example();
    let first = project.build();
    assert_eq!(first.written().len(), first.rendered().len());
    assert!(first.written().len() > 10);
    let second = project.build();
    assert_eq!((second.rendered(), second.written(), second.removed()), (vec![], vec![], vec![]));
    assert_eq!(second.ran("parse"), [""; 0]);
}

#[test]
fn a_comment_is_read_and_renders_nothing() {
    let project = Project::example();
    project.build();
    project.edit("busm/services.toml", "[services]", "# A comment.\n[services]");
    let built = project.build();
    assert_eq!(built.ran("parse"), ["busm/services.toml"]);
    assert_eq!((built.rendered(), built.written()), (vec![], vec![]));
}

#[test]
fn a_fields_meaning_is_documentation_and_no_migration() {
    let project = Project::example();
    project.build();
    project.edit(
        "busm/work_orders.toml",
        "notes = \"text\"",
        "notes = { type = \"text\", doc = \"What the customer said.\" }",
    );
    // Production says it too, as a comment in the database.
    assert_eq!(
        rendered_after(&project),
        ["concept/entities/work_orders.md", "production/hardening/work_orders.md", "production/schema.sql"]
    );
    let schema = project.read("generated/production/schema.sql");
    assert!(schema.contains("COMMENT ON COLUMN work_orders.notes IS 'What the customer said.'"), "{schema}");
}

#[test]
fn a_field_of_one_module_changes_what_is_built_on_it() {
    let project = Project::example();
    project.build();
    project.edit("modules/service-scheduler/schedule.toml", "smallint", "integer");
    assert_eq!(
        rendered_after(&project),
        [
            "concept/README.md",
            "concept/entities/work_orders.md",
            "concept/modules/service-scheduler.md",
            "production/schema.sql",
            "prototype/service-scheduler/0002_change_work_orders_travel_minutes.sql",
            "prototype/service-scheduler/iterations.md",
            "prototype/service-scheduler/schema.sql",
        ]
    );
}

#[test]
fn going_back_renders_nothing() {
    let project = Project::example();
    project.build();
    let before = project.files("generated");
    project.edit("busm/services.toml", "varchar(20)", "varchar(30)");
    assert!(!project.build().rendered().is_empty());
    project.edit("busm/services.toml", "varchar(30)", "varchar(20)");
    let back = project.build();
    assert_eq!(back.rendered(), [""; 0]);
    assert!(!back.written().is_empty());
    assert_eq!(project.files("generated"), before);
}

#[test]
fn the_outputs_of_an_entity_go_with_it() {
    let project = Project::example();
    project.build();
    project.edit("modules/account-management/contacts.toml", "[contacts]", "[people]");
    project.edit("busm/contacts.toml", "[contacts", "[people");
    let built = project.build();
    assert_eq!(
        built.removed(),
        ["generated/concept/entities/contacts.md", "generated/production/hardening/contacts.md"]
    );
    assert!(built.written().contains(&"generated/concept/entities/people.md".to_owned()));
}

#[test]
fn a_file_that_forge_did_not_write_is_never_touched() {
    let project = Project::example();
    project.write("generated/concept/entities/accounts.md", "mine\n");
    project.write("generated/notes.txt", "mine too\n");
    let run = project.forge(&["build", "--format", "json"]);
    assert_eq!(run.status, 1);
    assert_eq!(project.read("generated/concept/entities/accounts.md"), "mine\n");
    assert!(project.path("generated/concept/README.md").exists(), "the rest is done");
    project.forge(&["clean"]);
    assert_eq!(project.read("generated/notes.txt"), "mine too\n");
    assert_eq!(project.read("generated/concept/entities/accounts.md"), "mine\n");
    assert!(!project.path("generated/concept/README.md").exists());
}

#[test]
fn a_lost_or_broken_cache_changes_no_output() {
    let project = Project::example();
    project.build();
    let before = project.files("generated");
    fs::remove_dir_all(project.path(".git/forge")).unwrap();
    let built = project.build();
    assert_eq!((built.written(), built.removed()), (vec![], vec![]));
    assert_eq!(project.files("generated"), before);
    for file in project.files(".git/forge").keys() {
        project.write(file, b"\xff\x00garbage".repeat(100));
    }
    project.edit("busm/services.toml", "[services]", "# A comment.\n[services]");
    let built = project.build();
    assert_eq!((built.written(), built.removed()), (vec![], vec![]));
    assert_eq!(project.files("generated"), before);
    let again = project.build();
    assert_eq!(again.rendered(), [""; 0]);
}

/// What a file was meant to say is not known where it cannot be read: the pages of what it names stay, others are made.
#[test]
fn what_a_broken_file_may_speak_of_stays() {
    let id = "id = { type = \"uuid\", primary_key = true }";
    let broken = [
        (&b"[able.fields]\nx = \"caf\xe9\"\n"[..], false),
        (b"[able.fields]\nx = \"unclosed\n", false),
        (b"[\0a\0b\0l\0e\0.\0", false),
        (b"", true),
        (b"[ab", false),
    ];
    for (broken, is_all) in broken {
        let project = Project::new(&format!(
            "//- modules/m/a.toml\n[able.fields]\n{id}\nx = \"text\"\n//- modules/n/n.toml\n[able.fields]\n{id}\n[b.fields]\n{id}\n"
        ));
        project.build();
        let page = |name: &str| project.read(&format!("generated/concept/entities/{name}.md"));
        let before = (page("able"), page("b"));
        fs::write(project.path("modules/m/a.toml"), broken).unwrap();
        project.edit("modules/n/n.toml", "[b.fields]", "[b.fields]\ny = \"text\"");
        assert_eq!(project.forge(&["build"]).status, 1);
        assert_eq!(page("able"), before.0, "{broken:?}");
        assert_eq!(page("b") == before.1, is_all, "of a file without a name nobody can tell: {broken:?}");
        assert!(project.read("generated/prototype/n/schema.sql").contains("y TEXT"));
    }
}

/// What cannot be made now goes along when the outputs get another folder.
#[test]
fn old_outputs_move_with_the_output_folder() {
    let id = "id = { type = \"uuid\", primary_key = true }";
    let claim = |ty: &str| format!("[a.fields]\n{id}\nx = \"{ty}\"\n");
    let project = Project::new(&format!(
        "//- forge.toml\n//- modules/m/a.toml\n{}//- modules/n/a.toml\n{}",
        claim("text"),
        claim("text")
    ));
    project.build();
    let schema = project.read("generated/production/schema.sql");
    project.write("modules/n/a.toml", claim("uuid"));
    for output in ["out", "generated"] {
        project.write("forge.toml", format!("[project]\noutput = \"{output}\"\n"));
        let run = project.forge(&["build", "--format", "json"]);
        assert_eq!(Built::of(&run).codes(), ["conflict"]);
        assert_eq!(project.read(&format!("{output}/production/schema.sql")), schema);
        assert!(project.read(&format!("{output}/prototype/n/schema.sql")).contains("x UUID"));
    }
    assert!(!project.path("out/production").exists());
    project.write("modules/n/a.toml", claim("varchar(9)"));
    project.build();
    fs::remove_dir_all(project.path(".forge/cache")).unwrap();
    assert_eq!(project.build().written(), [""; 0]);
}

/// Beside an error old outputs stay, but not one that is called another name now: some file systems keep both in one file.
#[test]
fn an_output_that_is_called_another_name_is_not_kept_beside_it() {
    let id = "id = { type = \"uuid\", primary_key = true }";
    let project =
        Project::new(&format!("//- modules/m/m.toml\n[a.fields]\n{id}\n//- modules/orders/o.toml\n[o.fields]\n{id}\n"));
    project.build();
    fs::rename(project.path("modules/orders"), project.path("modules/Orders")).unwrap();
    project.write("modules/m/m.toml", "[x");
    let built = project.forge(&["build"]);
    assert!(!built.stderr.contains("output-collision"), "{}", built.stderr);
    assert!(project.path("generated/concept/modules/Orders.md").exists());
    assert!(!project.path("generated/concept/modules/orders.md").exists());
    assert!(project.path("generated/concept/modules/m.md").exists());
}

#[test]
fn an_error_in_one_piece_spares_the_rest() {
    let project = Project::example();
    project.build();
    let master = project.read("generated/prototype/master-view/schema.sql");
    project.edit("modules/master-view/accounts.toml", "\"phone\"", "\"fone\"");
    project.edit("modules/service-scheduler/schedule.toml", "smallint", "integer");
    let run = project.forge(&["build", "--format", "json"]);
    assert_eq!(run.status, 1);
    let built = Built::of(&run);
    assert_eq!(built.codes(), ["unknown-pick"]);
    assert_eq!(project.read("generated/prototype/master-view/schema.sql"), master);
    assert!(project.read("generated/prototype/service-scheduler/schema.sql").contains("travel_minutes INTEGER"));
    assert_eq!(built.removed(), [""; 0]);
}

#[test]
fn an_explanation_names_the_fact_with_its_old_and_new_value() {
    let project = Project::example();
    project.build();
    project.edit("modules/service-scheduler/schedule.toml", "smallint", "integer");
    let run = project.forge(&["build", "--explain"]);
    assert_eq!(run.status, 0);
    assert!(run.stderr.contains("`work_orders.travel_minutes` type: `smallint` -> `integer`"), "{}", run.stderr);
}

#[test]
fn check_writes_nothing_and_says_what_is_out_of_date() {
    let project = Project::example();
    let fresh = project.forge(&["check"]);
    assert_eq!(fresh.status, 1);
    assert!(!project.path("generated/concept").exists());
    project.build();
    assert_eq!(project.forge(&["check"]).status, 0);
    project.edit("modules/service-scheduler/schedule.toml", "smallint", "integer");
    let before = project.files("generated");
    let stale = project.forge(&["check"]);
    assert_eq!(stale.status, 1);
    assert!(stale.stderr.contains("generated/prototype/service-scheduler/schema.sql: out of date"), "{}", stale.stderr);
    assert_eq!(project.files("generated"), before);
}

#[test]
fn another_folder_locale_and_time_zone_give_the_same_bytes() {
    let (one, two) = (Project::example(), Project::example());
    one.build();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_forge"))
        .args(["build", "-q"])
        .current_dir(two.root())
        .envs([("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Pacific/Auckland"), ("RAYON_NUM_THREADS", "1")])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(one.files("generated"), two.files("generated"));
}

#[test]
fn a_conflict_is_drawn_with_both_sides_and_a_way_to_settle_it() {
    let project = Project::new(
        "//- modules/a/a.toml\n[things.fields]\nid = { type = \"uuid\", primary_key = true }\nsize = \"integer\"\n",
    );
    project.build();
    let before = project.read("generated/production/schema.sql");
    project.write("modules/b/b.toml", "[things.fields]\nsize = \"uuid\"\n");
    let run = project.forge(&["build"]);
    assert_eq!(run.status, 1);
    for part in ["modules/a/a.toml:3:1", "modules/b/b.toml:2:1", "[[resolve]]", "because = "] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(project.read("generated/production/schema.sql"), before, "production keeps what it held");
    assert!(project.path("generated/prototype/b/schema.sql").exists(), "the rest is done");
    let settled =
        "[[resolve]]\nentity = \"things\"\nfield = \"size\"\ntype = \"text\"\nbecause = \"Both are read as text.\"\n";
    project.write("forge.toml", settled);
    let built = project.build();
    assert!(built.written().contains(&"generated/production/schema.sql".to_owned()));
    assert!(project.read("generated/production/schema.sql").contains("size TEXT"));
}

#[test]
fn a_finding_is_shown_in_the_lines_that_the_build_saw() {
    let (path, file) = ("modules/a/things.toml", |kind: &str| format!("[things.fields]\nid = \"{kind}\"\n"));
    let project = Project::new(&format!("//- {path}\n{}", file("uuuid")));
    let place = build::project::Project::find(project.root()).unwrap();
    let text = |report: &build::Report| report.text(&RepoPath::new(path).unwrap(), &place);
    let report = build::build(&place, Mode::Write, &|_, _| {});
    assert!(report.has_findings());
    project.write(path, file("uuid")); // before anybody has looked at what was wrong
    assert_eq!(text(&report), Some(file("uuuid")));
    // What the build did not have to read may be other bytes by now, which are not those that it speaks of.
    let report = build::build(&place, Mode::Write, &|_, _| {});
    let again = build::build(&place, Mode::Write, &|_, _| {});
    project.write(path, file("uuuid"));
    assert_eq!(text(&report), Some(file("uuid")));
    assert!(text(&again).is_none_or(|text| text == file("uuid")));
    assert_eq!(text(&build::Report::nothing()), Some(file("uuuid")), "where no build saw anything, as it is");
}

/// The relations that a page shows stand in the order of the other entity's fields, which anybody who declares that one
/// may change.
#[test]
fn a_page_follows_who_refers_to_it_whoever_says_more_of_that_one() {
    let id = "id = { type = \"uuid\", primary_key = true }";
    let project = Project::new(&format!(
        "//- modules/a/accounts.toml\n[accounts.fields]\n{id}\nname = \"text\"\n\
         //- modules/b/accounts.toml\n[accounts.fields]\n{id}\nowner_id = {{ references = \"users.id\" }}\n\
         creator_id = {{ references = \"users.id\" }}\n//- busm/users.toml\n[users.fields]\n{id}\n"
    ));
    let place = build::project::Project::find(project.root()).unwrap();
    let mut session = Session::new(place);
    session.build(&Look::All, Mode::Write, &|_, _| {});
    let before = project.read("generated/concept/entities/users.md");
    project.edit("modules/a/accounts.toml", "name = \"text\"", "creator_id = \"uuid\"");
    let changed = BTreeSet::from([RepoPath::new("modules/a/accounts.toml").unwrap()]);
    session.build(&Look::At(changed), Mode::Write, &|_, _| {});
    let page = project.read("generated/concept/entities/users.md");
    assert_ne!(page, before);
    fs::remove_dir_all(project.path(".forge/cache")).unwrap();
    assert_eq!(project.build().written(), [""; 0], "a build from nothing finds it right");
}

/// A look at what was saved may find more than that, of which somebody tells only later: nothing of it is lost.
#[test]
fn what_a_look_finds_beside_what_it_was_told_is_built_from() {
    let id = "id = { type = \"uuid\", primary_key = true }";
    type Edit = fn(&Project);
    let edits: [(&str, Edit); 5] = [
        ("modules/m/module.toml", |project| {
            project.write("modules/m/module.toml", "title = \"New\"\nstage = \"prototype\"\n")
        }),
        ("modules/n/module.toml", |project| fs::remove_file(project.path("modules/n/module.toml")).unwrap()),
        ("busm/z.toml", |project| {
            project.write("busm/z.toml", "[z.fields]\nid = { type = \"uuid\", primary_key = true }\n")
        }),
        ("modules/o", |project| project.write("modules/o/o.sql", "CREATE TABLE o (id uuid PRIMARY KEY);\n")),
        ("modules/n", |project| fs::remove_dir_all(project.path("modules/n")).unwrap()),
    ];
    for (place, edit) in edits {
        for saved in ["busm/e.toml", "modules/m/e.toml"] {
            let project = Project::new(&format!(
                "//- busm/e.toml\n[e.fields]\n{id}\nx = \"text\"\n//- modules/m/e.toml\n[e]\npick = [\"id\", \"x\"]\n\
                 //- modules/n/module.toml\ntitle = \"Old\"\n//- modules/n/n.toml\n[n.fields]\n{id}\n"
            ));
            let mut session = Session::new(build::project::Project::find(project.root()).unwrap());
            let mut build = |look: &Look| drop(session.build(look, Mode::Write, &|_, _| {}));
            let at = |path: &str| Look::At(BTreeSet::from([RepoPath::new(path).unwrap()]));
            build(&Look::All);
            project.write(saved, format!("{}# Saved.\n", project.read(saved)));
            edit(&project);
            build(&at(saved));
            build(&at(place));
            drop(fs::remove_dir_all(project.path(".forge/cache")));
            let built = project.build();
            let outputs = (built.written(), built.removed());
            assert_eq!(outputs, (Vec::new(), Vec::new()), "{saved}, then {place}");
        }
    }
}

/// A process that comes after another takes up what that one handed on: of a large model it lowers, merges and plans what an
/// edit reaches, and reads no more than that.
#[test]
fn another_process_makes_what_an_edit_reaches() {
    let project = Project::large("\"text\"");
    let whole = project.build();
    assert_eq!(whole.ran("harden"), ["everything"]);
    assert!(whole.ran("lower").contains(&"busm".to_owned()));
    for (old, new) in [("\"text\"", "\"varchar(20)\""), ("(20)", "(30)"), ("(30)", "(40)")] {
        project.edit("busm/more_33.toml", old, new);
        let built = project.build();
        // The module's one file is lowered for its page, and for production.
        assert_eq!(built.ran("lower"), ["modules/more"], "{new}");
        assert_eq!(built.ran("harden"), ["more_33"], "{new}");
        let rendered: Vec<String> = built.rendered().into_iter().filter(|path| !path.contains("/prototype/")).collect();
        let expected = ["concept/entities/more_33.md", "concept/modules/more.md", "production/schema.sql"]
            .map(|path| format!("generated/{path}"));
        assert_eq!(rendered, expected, "{new}");
        assert!(
            project.read("generated/production/schema.sql").contains(new.trim_matches('"').to_uppercase().as_str())
        );
    }
    project.edit("busm/more_33.toml", "[more_33", "# A comment.\n[more_33");
    let built = project.build();
    assert_eq!((built.ran("lower"), built.ran("harden"), built.rendered()), (vec![], vec![], vec![]));
}

/// Where a process had to make all, what it hands on is what it made: only once does that cost anything.
#[test]
fn what_was_made_as_a_whole_is_handed_on() {
    let project = Project::large("{ type = \"text\", index = true }");
    let edit = |old: &str, new: &str| {
        project.edit("busm/more_33.toml", old, new);
        let built = project.build();
        (built.ran("lower").contains(&"busm".to_owned()), built.ran("harden"))
    };
    project.build();
    let alone = (false, vec!["more_33".to_owned()]);
    let whole = (false, vec!["everything".to_owned()]);
    assert_eq!(edit(", index = true", ""), whole, "another may take the name");
    assert_eq!(edit("text", "varchar(20)"), alone);
    // Nobody asks for production or for the model where all outputs are known: what is handed on then lacks them.
    for name in ["standing", "last-build"] {
        let path = project.files(".git/forge").into_keys().find(|path| path.ends_with(name)).unwrap();
        fs::remove_file(project.path(&path)).unwrap();
    }
    assert_eq!(project.build().rendered(), [""; 0]);
    assert_eq!(edit("(20)", "(30)").1, ["everything"]);
    assert_eq!(edit("(30)", "(40)"), alone);
}

/// A conflict stands until it is settled, whatever else goes wrong; and where the word that settles it cannot be read, there
/// is none.
#[test]
fn a_mistake_elsewhere_hides_no_conflict() {
    let project = Project::example();
    project.build();
    let codes = || Built::of(&project.forge(&["build", "--format", "json"])).codes();
    project.edit(
        "modules/master-view/accounts.toml",
        "[accounts]",
        "[accounts.fields]\nemail = \"integer\"\n[accounts]",
    );
    assert_eq!(codes(), ["conflict"]);
    let before = project.files("generated");
    for (path, old, new, mistake) in [
        ("modules/service-scheduler/module.toml", "title = ", "titel = ", "unknown-key"),
        ("modules/service-scheduler/schedule.toml", "smallint", "smalint", "unknown-type"),
        ("busm/services.toml", "[services]", "[services]\nfoo = 1", "unknown-key"),
    ] {
        let text = project.read(path);
        project.edit(path, old, new);
        for cache in [true, false] {
            if !cache {
                fs::remove_dir_all(project.path(".git/forge")).unwrap();
            }
            assert_eq!(
                BTreeSet::from_iter(codes()),
                BTreeSet::from(["conflict".to_owned(), mistake.to_owned()]),
                "{path}"
            );
        }
        assert_eq!(project.files("generated"), before, "{path}");
        project.write(path, text);
    }
    project.edit("busm/accounts.toml", "[accounts]", "[accounts]\nfoo = 1");
    assert_eq!(codes(), ["unknown-key"], "nobody knows what it says of the field");
}

/// What cannot be known for a mistake is in conflict with nothing, however far it is from there.
#[test]
fn a_type_that_a_mistake_hides_is_in_no_conflict() {
    let key =
        |file: &str, ty: &str| format!("//- busm/{file}.toml\n[{file}.fields]\nid = {{ {ty}, primary_key = true }}\n");
    let module = |name: &str, x: &str| {
        format!(
            "//- modules/{name}/module.toml\nstage = \"production\"\n//- modules/{name}/m.toml\n[a.fields]\n\
             id = {{ type = \"uuid\", primary_key = true }}\nx = {x}\ny = {}\n",
            if name == "m" { "\"integer\"" } else { "\"text\"" }
        )
    };
    let chain = [("acc", "type = \"uuid\""), ("acc2", "references = \"acc.id\""), ("acc3", "references = \"acc2.id\"")];
    let chain: String = chain.iter().map(|(file, ty)| key(file, ty)).collect();
    let modules = module("m", "{ references = \"acc3.id\" }") + &module("n", "\"uuid\"");
    let other = "//- busm/idle.toml\n[idle.fields]\nid = \"uuid\"\n";
    let project = Project::new(&format!("{chain}{modules}{other}"));
    let codes = || Built::of(&project.forge(&["build", "--format", "json"])).codes();
    assert_eq!(codes(), ["conflict"], "`y`, and not `x`");
    project.edit("busm/acc.toml", "uuid", "uuidd");
    assert_eq!(codes(), ["unknown-type"], "nor `y`, since all of `a` leans on it");
    project.edit("busm/acc.toml", "uuidd", "uuid");
    project.edit("busm/idle.toml", "uuid", "uuidd");
    assert_eq!(BTreeSet::from_iter(codes()), BTreeSet::from(["conflict".to_owned(), "unknown-type".to_owned()]));
}

/// What does not reach production does not make it, though nothing of it can follow an edit: two say one view in two ways,
/// which its tables show to be the same, and what was handed on may be gone.
#[test]
fn what_does_not_touch_production_does_not_make_it() {
    let id = "id = { type = \"uuid\", primary_key = true }";
    let plain = format!(
        "//- busm/a.toml\n[a.fields]\n{id}\nx = \"text\"\n[b.fields]\n{id}\n\
         //- modules/m/module.toml\nstage = \"production\"\n//- modules/m/m.toml\n[a]\npick = [\"id\", \"x\"]\n\
         //- modules/o/module.toml\nstage = \"prototype\"\n//- modules/o/o.toml\n[b]\npick = [\"id\"]\n"
    );
    let view = |folder: &str, x: &str| {
        format!("//- {folder}/v.sql\nCREATE VIEW v WITH (security_invoker = true) AS SELECT {x} FROM a;\n")
    };
    let views = &(view("busm", "a.x") + &view("modules/m", "x"));
    let note = "//- modules/m/n.sql\nCREATE TABLE n (x integer);\n";
    for more in ["", views, note] {
        let project = Project::new(&format!("{plain}{more}"));
        let build = || Built::of(&project.forge(&["build", "--format", "json"]));
        let first = build();
        assert_eq!(first.ran("harden"), ["everything"], "{more}");
        assert_eq!(first.codes().is_empty(), more != note, "{:?} where {more}", first.codes());
        let edit = |path: &str, old: &str, new: &str| {
            project.edit(path, old, new);
            let built = build();
            assert_eq!((built.ran("harden"), built.codes()), (vec![], first.codes()), "{new} where {more}");
            built.rendered()
        };
        assert_eq!(edit("busm/a.toml", "[a", "# A comment.\n[a"), [""; 0]);
        assert_eq!(
            edit("modules/o/o.toml", "[b]", "[b]\ndoc = \"A thing.\""),
            ["generated/concept/README.md", "generated/concept/entities/b.md", "generated/concept/modules/o.md"]
        );
        if more.is_empty() {
            // Nobody who is in production uses `b`.
            assert_eq!(
                edit("busm/a.toml", "[b.fields]", "[b.fields]\ny = \"text\""),
                ["generated/concept/README.md", "generated/concept/entities/b.md"]
            );
        }
        for path in project.files(".forge/cache").into_keys().filter(|path| path.ends_with("standing")) {
            fs::remove_file(project.path(&path)).unwrap();
        }
        assert_eq!(edit("busm/a.toml", "comment", "remark"), [""; 0]);
        assert_eq!(edit("forge.toml", "", "# Settings.\n"), [""; 0]);
        if more == note {
            project.edit("busm/a.toml", "\"text\"\n[b", "\"varchar(9)\"\n[b");
            assert_eq!(build().ran("harden"), ["everything"], "nothing was handed on");
            project.edit("busm/a.toml", "(9)", "(99)");
            assert_eq!(build().ran("harden"), ["a"]);
            let place = |built: &Built| {
                let label = &built.0["diagnostics"][1]["labels"][0];
                ["line", "column", "end_line", "end_column"].map(|key| label[key].as_u64().unwrap())
            };
            assert_eq!(place(&build()), [1, 1, 1, 28]);
            project.edit("modules/m/n.sql", "CREATE", "-- A comment.\n\n CREATE");
            let built = build();
            // What was handed on is from before the edit of `a`.
            assert_eq!((place(&built), built.ran("harden")), ([3, 2, 3, 29], ["a", "n"].map(str::to_owned).to_vec()));
        }
    }
}

/// Beside views, and what else SQL has, an edit reaches what it says and no more.
#[test]
fn an_edit_of_a_table_leaves_views_alone() {
    let project = Project::new(
        "//- modules/m/module.toml\nstage = \"production\"\n//- modules/m/schema.sql\n\
         CREATE TABLE a (id serial PRIMARY KEY, x text);\nCREATE TABLE b (id serial PRIMARY KEY, x text);\n\
         CREATE VIEW v AS SELECT x FROM a;\nGRANT SELECT ON v TO PUBLIC;\n",
    );
    let build = || Built::of(&project.forge(&["build", "--format", "json"]));
    let line = |built: &Built| built.0["diagnostics"][1]["labels"][0]["line"].as_u64();
    let built = build();
    assert_eq!((built.codes(), line(&built)), (vec!["view-past-policies".to_owned()], Some(3)));
    project.edit("modules/m/schema.sql", "CREATE TABLE a", "-- Two tables.\nCREATE TABLE a");
    let built = build();
    assert_eq!((built.ran("harden"), built.rendered(), line(&built)), (vec![], vec![], Some(4)));
    project.edit("modules/m/schema.sql", "x text);\nCREATE TABLE b", "x varchar(9));\n\nCREATE TABLE b");
    let built = build();
    assert_eq!((built.ran("harden"), line(&built)), (vec!["a".to_owned()], Some(5)));
}

/// What production follows from is no matter of templates: where one was changed, an edit reaches no more of it.
#[test]
fn what_follows_an_edit_does_so_beside_another_template() {
    let project = Project::large("\"text\"");
    project.build();
    project.write("templates/prototype/schema.sql", "-- {{ module }}: {{ statements | length }}\n");
    project.edit("busm/more_33.toml", "text", "varchar(20)");
    let built = project.build();
    assert_eq!(built.ran("lower"), ["modules/more"]);
    assert_eq!(built.ran("harden"), ["more_33"]);
    assert!(built.rendered().contains(&"generated/production/schema.sql".to_owned()));
}

/// What nobody in production uses is not there for what an edit reaches: neither those who would sign in, nor what has the
/// name of a table that rules need.
#[test]
fn what_is_not_in_use_reaches_nothing_of_production() {
    let id = "id = { type = \"uuid\", primary_key = true }";
    let text = format!(
        "//- busm/a.toml\n[a.fields]\n{id}\nb_id = {{ references = \"b.id\" }}\nx = \"text\"\n\
         //- busm/b.toml\n[b.fields]\n{id}\n//- busm/users.toml\n[users.fields]\n{id}\n\
         //- busm/idle.toml\n[idle.fields]\n{id}\nb_id = {{ references = \"b.id\" }}\n\
         //- busm/user_roles.toml\n[user_roles]\nprimary_key = [\"user_id\", \"role\"]\n\
         [user_roles.harden]\naudit_columns = false\nsoft_delete = false\nversion = false\nindexes = false\n\
         row_level_security = false\naudit_trail = false\ncomments = false\n\
         [user_roles.fields]\nuser_id = \"uuid\"\nrole = \"varchar(50)\"\n\
         //- modules/m/module.toml\nstage = \"production\"\n//- modules/m/m.toml\n[a]\npick = [\"id\", \"b_id\", \"x\"]\n"
    );
    let none: &[&str] = &[];
    for (path, old, new, reached) in [
        ("busm/a.toml", "\"text\"", "\"varchar(9)\"", &["a"][..]),
        ("busm/b.toml", "uuid", "bigint", &["a", "b"]),
        ("busm/users.toml", "uuid", "bigint", none),
        ("busm/user_roles.toml", "[user_roles.fields]", "[user_roles.fields]\nnote = \"text\"", none),
        ("busm/user_roles.toml", "[user_roles]", "[user_roles]\ndoc = \"Roles.\"", none),
        ("busm/user_roles.toml", "user_roles", "roles", &["everything"]),
    ] {
        let project = Project::new(&text);
        let built = project.build();
        assert_eq!(built.ran("harden"), ["everything"]);
        let report = project.read("generated/production/hardening-report.md");
        assert!(report.contains("### user_roles\n") && !report.contains("](hardening/user_roles.md)"), "{report}");
        project.edit(path, old, new);
        let built = project.build();
        assert_eq!(built.ran("harden"), reached, "{new} in {path}");
        let outputs = project.files("generated");
        for folder in ["generated", ".forge/cache"] {
            fs::remove_dir_all(project.path(folder)).unwrap();
        }
        project.build();
        assert_eq!(project.files("generated"), outputs, "{new} in {path}");
    }
}

/// Where a resolution stands in the settings is nothing that it says.
#[test]
fn a_comment_above_a_resolution_makes_nothing() {
    let file = |ty: &str| format!("[a.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nx = \"{ty}\"\n");
    let project = Project::new(&format!(
        "//- forge.toml\n[[resolve]]\nentity = \"a\"\nfield = \"x\"\ntype = \"text\"\nbecause = \"It is.\"\n\
         //- modules/m/module.toml\nstage = \"production\"\n//- modules/m/a.toml\n{}\
         //- modules/n/module.toml\nstage = \"production\"\n//- modules/n/a.toml\n{}",
        file("integer"),
        file("text")
    ));
    project.build();
    project.edit("forge.toml", "[[resolve]]", "# A comment.\n[[resolve]]");
    let built = project.build();
    assert_eq!((built.ran("harden"), built.rendered()), (vec![], vec![]));
    // What is to be said about it stands where it is now.
    project.edit("modules/m/a.toml", "integer", "text");
    let place = || {
        let built = Built::of(&project.forge(&["build", "--format", "json"]));
        assert_eq!(built.codes(), ["unneeded-resolve"]);
        built.0["diagnostics"].as_array().unwrap().iter().find_map(|it| it["labels"][0]["line"].as_u64()).unwrap()
    };
    let before = place();
    project.edit("forge.toml", "# A comment.\n", "");
    assert_eq!(place(), before - 1);
}
