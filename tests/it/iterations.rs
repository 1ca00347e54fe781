//! Iterations: from a git history to migrations, by the real programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::dump::Dump;
use crate::support::git::Repo;
use crate::support::past::{self, Size};
use crate::support::postgres::Database;
use crate::support::project::{Built, Project, forge};

const ID: &str = "id = { type = \"uuid\", primary_key = true }";

/// A project of one module, `shop`, in three commits.
const SHOP: &str = r#"
//= Begin
//- forge.toml
//- modules/shop/items.toml
[items.fields]
id = { type = "uuid", primary_key = true }
name = "text"
//= Say more
//- modules/shop/items.toml
# What is for sale.
[items]
doc = "What is for sale."
[items.fields]
name = "text"
id = { type = "uuid", primary_key = true }
//= Prices
//- modules/shop/items.toml
[items.fields]
id = { type = "uuid", primary_key = true }
name = "text"
price = "numeric(10, 2)"
"#;

/// What `forge log` says in JSON.
fn log(root: &Path, args: &[&str]) -> Vec<Value> {
    let run = forge(root, &[&["log", "--format", "json"], args].concat());
    assert_eq!(run.status, 0, "{run:?}");
    serde_json::from_str::<Value>(&run.stdout).unwrap().as_array().unwrap().clone()
}

/// Each iteration in a few words: number, changes, subject.
fn told(root: &Path, module: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    log(root, &[module])
        .iter()
        .map(|item| format!("{} {} | {}", item["number"], text(&item["changes"]), text(&item["subject"])))
        .collect()
}

/// The edges of all modules, in their order.
pub fn edges(root: &Path) -> Vec<String> {
    log(root, &[]).iter().map(|item| item["edge"].as_str().unwrap().to_owned()).collect()
}

/// The statements of one iteration, there or back.
fn statements(root: &Path, module: &str, number: &str, way: &str) -> String {
    let run = forge(root, &["log", module, number, "--format", "json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let groups = document["step"][way]["groups"].as_array().unwrap().clone();
    let statements = groups.iter().flat_map(|group| group["statements"].as_array().unwrap());
    statements.map(|statement| format!("{};\n", statement["sql"].as_str().unwrap())).collect()
}

/// Builds; nothing may be wrong.
pub fn build(root: &Path) -> Built {
    let run = forge(root, &["build", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    Built::of(&run)
}

/// The files of migrations, by name.
pub fn migrations(root: &Path, folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(".sql") && name != "schema.sql" {
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// Applies a module's files in order, holds the result against its `schema.sql`, and goes all the way back.
pub fn applies(root: &Path, module: &str) {
    let folder = format!("generated/prototype/{module}");
    let database = Database::new();
    let files = migrations(root, &folder);
    for (name, text) in &files {
        database.psql(text).unwrap_or_else(|error| panic!("{module} {name}: {error}\n{text}"));
    }
    let schema = fs::read_to_string(root.join(folder).join("schema.sql")).unwrap();
    let wanted = Database::with(&schema).dump().without_column_order();
    let difference = database.dump().without_column_order().difference(&wanted);
    assert!(difference.is_empty(), "{module}: {difference}");
    for (name, text) in files.iter().rev() {
        let back = text.split("-- The way back, when it is needed:\n--\n").nth(1).unwrap();
        let back: String =
            back.lines().map(|line| format!("{}\n", line.strip_prefix("--").unwrap().trim_start())).collect();
        database.psql(&back).unwrap_or_else(|error| panic!("{module} {name}: {error}\n{back}"));
    }
    let rest = database.dump().difference(&Dump::parse(&Database::new().pg_dump(&[])));
    assert!(rest.is_empty(), "{module}: {rest}");
}

#[test]
fn the_example_has_the_seeds_three_iterations() {
    let project = Project::example();
    assert_eq!(
        told(project.root(), "master-view"),
        [
            "1 create accounts | Master view: just the accounts",
            "2 create locations | Master view: where we work for them",
            "3 add accounts.phone | Master view: how to reach them",
        ]
    );
    let sql = |number| statements(project.root(), "master-view", number, "up");
    assert_eq!(
        sql("1"),
        "CREATE TABLE accounts (\n  id UUID PRIMARY KEY,\n  name VARCHAR(255),\n  type VARCHAR(50),\n  status VARCHAR(50)\n);\n"
    );
    assert_eq!(
        sql("2"),
        "CREATE TABLE locations (\n  id UUID PRIMARY KEY,\n  account_id UUID REFERENCES accounts(id),\n  address TEXT\n);\n"
    );
    assert_eq!(sql("3"), "ALTER TABLE accounts ADD COLUMN phone VARCHAR(20);\n");
    assert_eq!(statements(project.root(), "master-view", "3", "down"), "ALTER TABLE accounts DROP COLUMN phone;\n");
    let table = project.forge(&["log", "master-view"]).stdout;
    assert_eq!(table.lines().count(), 7, "{table}");
    assert_eq!(log(project.root(), &[]).len(), 5, "all modules");
}

#[test]
fn every_chain_of_the_example_leads_to_the_prototype_and_back_to_nothing() {
    let project = Project::example();
    project.build();
    for module in ["account-management", "master-view", "service-scheduler"] {
        applies(project.root(), module);
    }
    let page = project.read("generated/prototype/master-view/iterations.md");
    assert!(page.contains("## 2. Master view: where we work for them\n\n2026-03-04, Ada Marsh\n"), "{page}");
    assert!(page.contains("## 3. Add accounts.phone\n\n- add accounts.phone (varchar(20))\n"), "{page}");
}

#[test]
fn a_comment_an_order_and_a_moved_file_are_no_iteration() {
    let repo = Repo::new();
    repo.story(SHOP);
    let two = ["1 create items | Begin", "2 add items.price | Prices"];
    assert_eq!(told(repo.root(), "shop"), two);
    repo.git(&["mv", "modules/shop/items.toml", "modules/shop/all.toml"]);
    repo.commit("Move");
    assert_eq!(told(repo.root(), "shop"), two);
}

#[test]
fn what_is_built_before_a_commit_is_what_its_build_makes() {
    let repo = Repo::new();
    repo.story(SHOP);
    build(repo.root());
    repo.commit("Outputs");
    repo.write(
        "modules/shop/items.toml",
        format!("[items.fields]\n{ID}\nname = \"text\"\nprice = \"numeric(10, 2)\"\nstock = \"integer\"\n"),
    );
    let built = build(repo.root());
    assert!(
        built.written().contains(&"generated/prototype/shop/0003_add_items_stock.sql".to_owned()),
        "{built:?}",
        built = built.0
    );
    repo.commit("Stock");
    let again = build(repo.root());
    assert_eq!((again.written(), again.removed()), (Vec::new(), Vec::new()));
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    // A commit about something else changes nothing either.
    repo.write("README.md", "A shop.\n");
    repo.commit("Readme");
    assert_eq!(build(repo.root()).written(), [""; 0]);
    assert_eq!(repo.forge(&["check"]).status, 0);
}

#[test]
fn a_broken_commit_is_told_and_folds_into_the_next_good_one() {
    let repo = Repo::new();
    repo.story(SHOP);
    repo.write("modules/shop/items.toml", "[items.fields]\nid = { type = \"uuid\", primry_key = true }\n");
    repo.commit("Oops");
    repo.write(
        "modules/shop/items.toml",
        format!("[items.fields]\n{ID}\nname = \"text\"\nprice = \"numeric(10, 2)\"\ncolour = \"text\"\n"),
    );
    repo.commit("Colours");
    assert_eq!(told(repo.root(), "shop").last().unwrap(), "3 add items.colour | Colours");
    let said = repo.forge(&["log", "shop"]).stderr;
    assert!(said.contains("(Oops) cannot be read: unknown key `primry_key`"), "{said}");
    build(repo.root());
    applies(repo.root(), "shop");
}

/// What a link shows changes with a commit that does not touch the module: seen in one run as in many.
#[cfg(unix)]
#[test]
fn a_module_with_a_link_out_of_its_folder_is_looked_at_in_every_commit() {
    let repo = Repo::new();
    let file = |fields: &str| format!("[items.fields]\n{ID}\n{fields}");
    repo.write("forge.toml", "");
    repo.write("modules/shop/items.toml", file(""));
    std::fs::create_dir_all(repo.root().join("modules/guest")).unwrap();
    std::os::unix::fs::symlink("../shop/items.toml", repo.root().join("modules/guest/items.toml")).unwrap();
    repo.commit("a guest");
    let first = told(repo.root(), "guest");
    assert_eq!(first, ["1 create items | a guest"]);
    repo.write("modules/shop/items.toml", file("name = \"text\"\n"));
    repo.commit("a name");
    repo.write("modules/shop/more.toml", file("").replace("items", "more"));
    repo.commit("more");
    repo.write("modules/shop/items.toml", file("name = \"text\"\nprice = \"integer\"\n"));
    repo.commit("a price");
    let step_by_step = told(repo.root(), "guest");
    assert_eq!(step_by_step[1..], ["2 add items.name | a name", "3 add items.price | a price"]);
    fs::remove_dir_all(repo.root().join(".git/forge")).unwrap();
    assert_eq!(told(repo.root(), "guest"), step_by_step, "in one run");
}

/// Each commit told when it comes, or a few together, is what all of them are told as in one run.
#[test]
fn a_past_told_piece_by_piece_is_the_past_told_at_once() {
    let repo = Repo::new();
    repo.import(&past::stream(Size { commits: 160, modules: 4, schema: 80 }));
    let line = repo.git(&["rev-list", "--first-parent", "--reverse", "main"]);
    let line: Vec<&str> = line.lines().collect();
    let mut at = line.len() / 2;
    while at < line.len() {
        repo.git(&["reset", "--quiet", "--hard", line[at]]);
        assert_ne!(repo.forge(&["log"]).status, 2);
        at += 1 + at % 4;
    }
    repo.git(&["reset", "--quiet", "--hard", line[line.len() - 1]]);
    let whole = || {
        let run = forge(repo.root(), &["log", "--format", "json"]);
        (run.status, run.stdout, run.stderr)
    };
    let piece_by_piece = whole();
    fs::remove_dir_all(repo.root().join(".git/forge")).unwrap();
    assert_eq!(piece_by_piece, whole());
    assert!(serde_json::from_str::<Value>(&piece_by_piece.1).unwrap().as_array().unwrap().len() > 60);
}

#[test]
fn a_module_goes_comes_back_and_is_renamed() {
    let repo = Repo::new();
    repo.story(SHOP);
    let text = fs::read(repo.root().join("modules/shop/items.toml")).unwrap();
    fs::remove_dir_all(repo.root().join("modules/shop")).unwrap();
    repo.commit("Close");
    build(repo.root());
    assert_eq!(migrations(repo.root(), "generated/prototype/shop").len(), 3);
    repo.write("modules/shop/items.toml", &text);
    repo.commit("Open again");
    repo.git(&["mv", "modules/shop", "modules/store"]);
    repo.write("modules/store/module.toml", "renamed_from = \"shop\"\n");
    repo.commit("A better name");
    repo.write("modules/store/more.toml", format!("[boxes.fields]\n{ID}\n"));
    repo.commit("Boxes");
    assert_eq!(
        told(repo.root(), "store"),
        [
            "1 create items | Begin",
            "2 add items.price | Prices",
            "3 drop items | Close",
            "4 create items | Open again",
            "5 create boxes | Boxes"
        ]
    );
    assert_eq!(repo.forge(&["log", "shop"]).status, 1);
    build(repo.root());
    assert!(!repo.root().join("generated/prototype/shop").exists());
    applies(repo.root(), "store");
}

#[test]
fn a_rename_that_was_not_said_is_reported_with_the_hint_that_says_it() {
    let repo = Repo::new();
    repo.story(SHOP);
    repo.write(
        "modules/shop/items.toml",
        format!("[items.fields]\n{ID}\ntitle = \"text\"\nprice = \"numeric(10, 2)\"\n"),
    );
    repo.commit("Titles");
    let said = repo.forge(&["log", "shop"]).stderr;
    let hint = said.split("[[hint]]").nth(1).unwrap();
    let lines: String = hint.lines().map(|line| format!("{}\n", line.trim_start_matches(['|', ' ']))).take(5).collect();
    repo.write("forge.toml", format!("[[hint]]{lines}"));
    assert!(statements(repo.root(), "shop", "3", "up").contains("RENAME COLUMN name TO title"));
    assert!(statements(repo.root(), "shop", "3", "down").contains("RENAME COLUMN title TO name"));
    let run = repo.forge(&["log", "shop"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    repo.write("forge.toml", "[[hint]]\nedge = \"000000000000\"\nentity = \"items\"\nrenamed_from = \"x\"\n");
    let run = repo.forge(&["log", "shop"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("unknown-edge"), "{}", run.stderr);
}

#[test]
fn branches_rebase_squash_and_clone_to_the_same_bytes() {
    let repo = Repo::new();
    repo.story(SHOP);
    repo.git(&["switch", "--quiet", "--create", "boxes"]);
    repo.write("modules/shop/boxes.toml", format!("[boxes.fields]\n{ID}\n"));
    repo.commit("Boxes");
    repo.write("modules/shop/boxes.toml", format!("[boxes.fields]\n{ID}\nsize = \"integer\"\n"));
    repo.commit("Sizes");
    // On the branch the mainline's iterations keep their numbers, and the branch's work is one draft.
    assert_eq!(told(repo.root(), "shop").len(), 2);
    build(repo.root());
    let draft = migrations(repo.root(), "generated/prototype/shop");
    assert_eq!(draft.keys().last().unwrap(), "0003_create_boxes.sql");
    fs::remove_dir_all(repo.root().join("generated")).unwrap();
    let outcome = |arrange: &dyn Fn()| {
        repo.git(&["switch", "--quiet", "--force-create", "trial", "main"]);
        repo.git(&["branch", "--quiet", "--force", "main-before", "main"]);
        arrange();
        repo.git(&["branch", "--force", "main", "HEAD"]);
        repo.git(&["switch", "--quiet", "main"]);
        build(repo.root());
        let made = (migrations(repo.root(), "generated/prototype/shop"), edges(repo.root()));
        fs::remove_dir_all(repo.root().join("generated")).unwrap();
        repo.git(&["switch", "--quiet", "trial"]);
        repo.git(&["branch", "--force", "main", "main-before"]);
        made
    };
    let merged = outcome(&|| drop(repo.merge("boxes", &[])));
    assert_eq!(merged.0, draft, "what the review saw is what the merge brings");
    let squashed = outcome(&|| {
        repo.git(&["merge", "--quiet", "--squash", "boxes"]);
        repo.commit("All about boxes");
    });
    assert_eq!(squashed, merged);
    let amended = outcome(&|| {
        repo.git(&["merge", "--quiet", "--squash", "boxes"]);
        repo.commit("All about boxes");
        repo.git(&["commit", "--quiet", "--amend", "--message", "Another word"]);
    });
    assert_eq!(amended, merged);
    let picked = outcome(&|| drop(repo.git(&["cherry-pick", "main..boxes"])));
    let rebased = outcome(&|| {
        repo.write("README.md", "A shop.\n");
        repo.commit("Readme");
        repo.git(&["cherry-pick", "main-before..boxes"]);
    });
    assert_eq!(picked, rebased);
    assert_eq!(picked.0.len(), 4, "each commit is a step where each is on the mainline");
    let elsewhere = repo.beside("elsewhere");
    repo.git(&["switch", "--quiet", "--force-create", "main", "boxes"]);
    build(repo.root());
    repo.git(&["clone", "--quiet", repo.root().to_str().unwrap(), elsewhere.to_str().unwrap()]);
    build(&elsewhere);
    assert_eq!(migrations(&elsewhere, "generated"), migrations(repo.root(), "generated"));
    assert_eq!(edges(&elsewhere), edges(repo.root()));
}

#[test]
fn two_branches_that_both_add_need_no_renumbering() {
    let repo = Repo::new();
    repo.story(SHOP);
    for (branch, column) in [("one", "weight"), ("two", "colour")] {
        repo.git(&["switch", "--quiet", "--create", branch, "main"]);
        repo.write(&format!("modules/shop/{branch}.toml"), format!("[{column}s.fields]\n{ID}\n"));
        build(repo.root());
        repo.commit(branch);
    }
    repo.git(&["switch", "--quiet", "main"]);
    repo.merge("one", &[]);
    repo.merge("two", &["--strategy-option=ours"]);
    build(repo.root());
    let names: Vec<String> = migrations(repo.root(), "generated/prototype/shop").into_keys().collect();
    let wanted = ["0001_create_items", "0002_add_items_price", "0003_create_weights", "0004_create_colours"];
    assert_eq!(names, wanted.map(|name| format!("{name}.sql")));
    applies(repo.root(), "shop");
}

/// The past of a module whose schema is one SQL file, which each of these is once.
fn past_of(schemas: &[&str]) -> Repo {
    let repo = Repo::new();
    repo.write("forge.toml", "");
    for (at, schema) in schemas.iter().enumerate() {
        repo.write("modules/m/schema.sql", schema);
        repo.commit(&format!("step {at}"));
    }
    build(repo.root());
    repo
}

#[test]
fn what_is_kept_needs_nothing_that_is_left_out() {
    let pasts: [&[&str]; 3] = [
        &[
            "CREATE EXTENSION citext; CREATE TABLE t (id int PRIMARY KEY, e citext);",
            "CREATE SCHEMA ext; CREATE EXTENSION citext; ALTER EXTENSION citext SET SCHEMA ext;
             CREATE TABLE t (id int PRIMARY KEY, e ext.citext);",
        ],
        &[
            "CREATE FUNCTION d(a int, b int) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT (a - b)::float8';
             CREATE TYPE r AS RANGE (subtype = int, subtype_diff = d);
             CREATE TABLE t (id int PRIMARY KEY, r r, m r_multirange);",
            "CREATE SCHEMA q; CREATE TYPE e AS ENUM ('a', 'b');
             CREATE TYPE s AS RANGE (subtype = e, multirange_type_name = q.sm);
             CREATE TABLE t (id int PRIMARY KEY, m q.sm);",
        ],
        &["CREATE SCHEMA s; CREATE COLLATION c (provider = icu, locale = 'de-DE');
             CREATE TYPE s.k AS (a text COLLATE c); CREATE DOMAIN d AS text COLLATE c;
             CREATE TABLE t (id int PRIMARY KEY, k s.k, d d, e text COLLATE c);"],
    ];
    for past in pasts {
        applies(past_of(past).root(), "m");
    }
}

#[test]
fn a_child_has_of_its_own_only_what_it_declares() {
    let repo = past_of(&[
        "CREATE TABLE p (id int PRIMARY KEY, n text); CREATE TABLE c (x int PRIMARY KEY) INHERITS (p);",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (x int PRIMARY KEY) INHERITS (p);",
        "CREATE TABLE p (id bigint PRIMARY KEY, n text); CREATE TABLE c (x int PRIMARY KEY, n text) INHERITS (p);
         CREATE TABLE d (y int) INHERITS (c);",
        "CREATE TABLE p (id bigint, n text PRIMARY KEY); CREATE TABLE c (x int PRIMARY KEY, n text) INHERITS (p);
         CREATE TABLE d (y int) INHERITS (c);",
    ]);
    applies(repo.root(), "m");
    let child = "CREATE TABLE c (\n  x INTEGER PRIMARY KEY\n) INHERITS (p);\n";
    assert!(statements(repo.root(), "m", "1", "up").ends_with(child));
}

#[test]
fn layouts_are_those_of_the_tools() {
    let names = |layout: &str| {
        let repo = Repo::new();
        repo.story(SHOP);
        repo.write("forge.toml", format!("[prototype]\nlayout = \"{layout}\"\n"));
        build(repo.root());
        let found = migrations(repo.root(), "generated/prototype/shop");
        (found.keys().cloned().collect::<Vec<_>>(), found.into_values().collect::<Vec<_>>())
    };
    assert_eq!(names("supabase").0, ["20240101090100_create_items.sql", "20240101090300_add_items_price.sql"]);
    let (sqlx, texts) = names("sqlx");
    assert_eq!(sqlx[2..], ["20240101090300_add_items_price.down.sql", "20240101090300_add_items_price.up.sql"]);
    assert!(texts[3].ends_with("ALTER TABLE items ADD COLUMN price NUMERIC(10,2);\n"), "{}", texts[3]);
    assert!(!texts[3].contains("BEGIN"), "sqlx begins a transaction of its own");
    let (dbmate, texts) = names("dbmate");
    assert_eq!(dbmate[1], "20240101090300_add_items_price.sql");
    let ways =
        texts[1].split_once("-- migrate:up\n\nALTER TABLE items ADD COLUMN price NUMERIC(10,2);\n\n-- migrate:down\n");
    assert!(ways.unwrap().1.ends_with("ALTER TABLE items DROP COLUMN price;\n"), "{}", texts[1]);
    assert_eq!(
        names("flyway").0,
        [
            "U20240101090100__create_items.sql",
            "U20240101090300__add_items_price.sql",
            "V20240101090100__create_items.sql",
            "V20240101090300__add_items_price.sql"
        ]
    );
}

#[test]
fn without_a_history_the_other_stages_are_built() {
    let project = Project::new(&format!("//- modules/shop/items.toml\n[items.fields]\n{ID}\n"));
    let built = project.build();
    assert_eq!(built.0["diagnostics"][0]["code"], "no-history");
    assert!(project.path("generated/prototype/shop/schema.sql").exists());
    assert_eq!(project.forge(&["log"]).status, 2);
    let repo = Repo::new();
    repo.story(SHOP);
    build(repo.root());
    repo.commit("Outputs");
    let shallow = repo.beside("shallow");
    let from = format!("file://{}", repo.root().display());
    repo.git(&["clone", "--quiet", "--depth", "1", &from, shallow.to_str().unwrap()]);
    let run = forge(&shallow, &["build"]);
    assert_eq!(run.status, 1, "whether the migrations are right cannot be told: {run:?}");
    assert!(run.stderr.contains("git fetch --unshallow"), "{}", run.stderr);
    assert_eq!(migrations(&shallow, "generated/prototype"), migrations(repo.root(), "generated/prototype"));
    let run = forge(&shallow, &["log"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("git fetch --unshallow"), "{}", run.stderr);
}

/// A hint that names nothing, or is not there, is told while it can still be mended: once it is committed, the data would be
/// gone.
#[test]
fn a_draft_that_loses_data_for_want_of_a_hint_is_told() {
    let repo = Repo::new();
    repo.write("forge.toml", "");
    repo.write("modules/shop/items.toml", format!("[items.fields]\n{ID}\ncolour = \"text\"\n"));
    repo.commit("Items");
    let hinted = |old: &str| format!("[items.fields]\n{ID}\ncolor = {{ type = \"text\", renamed_from = \"{old}\" }}\n");
    repo.write("modules/shop/items.toml", format!("[items.fields]\n{ID}\ncolor = \"text\"\n"));
    let run = forge(repo.root(), &["build"]);
    assert_eq!(run.status, 0, "a question is no mistake");
    let asked = "column items.color is made and `colour` dropped with its data: was it renamed?";
    assert!(run.stderr.contains(asked) && run.stderr.contains("renamed_from = \"colour\""), "{}", run.stderr);
    repo.write("modules/shop/items.toml", hinted("coulor"));
    let run = forge(repo.root(), &["build"]);
    assert_eq!(run.status, 1);
    let said = "warning[unused-hint]: column items.color says that it was renamed from `coulor`, which does not exist";
    assert!(run.stderr.contains(said) && run.stderr.contains("items.toml:3:1"), "{}", run.stderr);
    repo.write("modules/shop/items.toml", hinted("colour"));
    assert_eq!(forge(repo.root(), &["build"]).status, 0);
    repo.commit("Spelling");
    assert_eq!(forge(repo.root(), &["build"]).status, 0, "what was followed is no mistake");
}

#[test]
fn before_the_first_commit_everything_is_a_draft() {
    let repo = Repo::new();
    repo.write("forge.toml", "");
    repo.write("modules/shop/items.toml", format!("[items.fields]\n{ID}\n"));
    build(repo.root());
    repo.commit("Begin");
    assert_eq!(build(repo.root()).written(), [""; 0]);
    assert_eq!(told(repo.root(), "shop"), ["1 create items | Begin"]);
}

#[test]
fn only_what_is_new_is_worked_out_and_rendered() {
    let repo = Repo::new();
    repo.story(SHOP);
    assert_eq!(build(repo.root()).ran("iteration"), ["shop 1", "shop 2"]);
    repo.write("modules/shop/boxes.toml", format!("[boxes.fields]\n{ID}\n"));
    repo.commit("Boxes");
    let built = build(repo.root());
    assert_eq!(built.ran("iteration"), ["shop 3"]);
    let rendered: Vec<String> = built.rendered().into_iter().filter(|path| path.ends_with(".sql")).collect();
    assert_eq!(
        rendered,
        [
            "generated/production/schema.sql",
            "generated/prototype/shop/0003_create_boxes.sql",
            "generated/prototype/shop/schema.sql"
        ]
    );
}

/// A slip in `forge.toml` says that the folders lie where they do not: it shows nothing of the modules, and drops none.
#[test]
fn settings_that_cannot_be_right_are_no_iteration() {
    let repo = Repo::new();
    let here = "[project]\nmodules = \"parts\"\n";
    let items = |fields: &str| format!("[items.fields]\n{ID}\n{fields}");
    let commit = |settings: &str, fields: &str, subject: &str| {
        repo.write("forge.toml", settings);
        repo.write("parts/shop/items.toml", items(fields));
        repo.commit(subject);
    };
    commit(here, "", "Begin");
    build(repo.root());
    let slips =
        ["[project]\nmodules = \"prts\"\n", "[project]\nmodule = \"parts\"\n", &format!("<<<<<<< HEAD\n{here}")];
    for (at, slip) in slips.iter().enumerate() {
        commit(slip, &format!("weight_{at} = \"integer\"\n"), &format!("Slip {at}"));
        assert_ne!(repo.forge(&["build"]).status, 0, "{slip}");
        assert_eq!(repo.forge(&["check"]).status, 1);
        assert!(repo.root().join("generated/prototype/shop/schema.sql").exists(), "{slip}");
        assert_eq!(migrations(repo.root(), "generated/prototype/shop").len(), 1, "{slip}");
    }
    commit(here, "weight = \"integer\"\n", "Right again");
    let wanted = ["1 create items | Begin", "2 add items.weight | Right again"];
    assert_eq!(told(repo.root(), "shop"), wanted);
    let said = repo.forge(&["log", "shop"]).stderr;
    assert!(said.contains("(Slip 0) cannot be read: `forge.toml`: there is no folder `prts`"), "{said}");
    fs::remove_dir_all(repo.root().join(".git/forge")).unwrap();
    assert_eq!(told(repo.root(), "shop"), wanted, "in one run");
    build(repo.root());
    applies(repo.root(), "shop");
    // The folders may move, in one commit or in two.
    repo.write("forge.toml", "");
    repo.commit("Usual folders");
    repo.git(&["mv", "parts", "modules"]);
    repo.commit("And there they are");
    assert_eq!(told(repo.root(), "shop"), wanted);
}

/// `git mv` of a module's folder looks like one module that goes and another one that comes: asked while it can be said, and
/// afterwards too.
#[test]
fn a_module_that_was_probably_renamed_is_asked_about() {
    let repo = Repo::new();
    repo.story(SHOP);
    repo.git(&["mv", "modules/shop", "modules/store"]);
    let run = repo.forge(&["build"]);
    assert_eq!(run.status, 0, "a question is no mistake");
    let asked = "the module `shop` goes with its tables, and `store` makes them anew: was it renamed?";
    assert!(run.stderr.contains(asked) && run.stderr.contains("renamed_from = \"shop\""), "{}", run.stderr);
    repo.write("modules/store/module.toml", "renamed_from = \"shop\"\n");
    assert_eq!(repo.forge(&["build"]).stderr.matches("likely-rename").count(), 0);
    fs::remove_file(repo.root().join("modules/store/module.toml")).unwrap();
    repo.commit("A better name");
    assert_eq!(told(repo.root(), "store"), ["1 create items | A better name"]);
    let said = repo.forge(&["log", "store"]).stderr;
    assert!(said.contains("iteration 1 of `store` makes what `shop` dropped in the same commit"), "{said}");
    let hint = said.split("[[hint]]").nth(1).unwrap();
    let lines: String = hint.lines().map(|line| format!("{}\n", line.trim_start_matches(['|', ' ']))).take(3).collect();
    let other = lines.replace("\"shop\"", "false");
    assert_ne!(other, lines);
    repo.write("forge.toml", format!("[[hint]]{other}"));
    let run = repo.forge(&["log", "store"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(told(repo.root(), "store").len(), 1);
    // What no module was called is told, and the question stands.
    repo.write("forge.toml", format!("[[hint]]{}", lines.replace("\"shop\"", "\"shopp\"")));
    let said = repo.forge(&["log", "store"]).stderr;
    assert!(said.contains("the step does not do to the module `store` what the hint speaks of"), "{said}");
    assert!(
        said.contains("iteration 1 of `store` makes what `shop` dropped") && !said.contains("unknown-edge"),
        "{said}"
    );
    repo.write("forge.toml", format!("[[hint]]{lines}"));
    let run = repo.forge(&["log", "store"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(told(repo.root(), "store"), ["1 create items | Begin", "2 add items.price | Prices"]);
    build(repo.root());
    applies(repo.root(), "store");
    // Another module with tables of its own is none.
    fs::remove_dir_all(repo.root().join("modules/store")).unwrap();
    repo.write("modules/other/boxes.toml", format!("[boxes.fields]\n{ID}\n"));
    assert_eq!(repo.forge(&["build"]).stderr.matches("likely-rename").count(), 0);
}

#[test]
fn where_a_commit_cannot_hold_its_migration_that_is_said() {
    let repo = Repo::new();
    repo.story(SHOP);
    repo.write("forge.toml", "[prototype]\nlayout = \"dbmate\"\n");
    repo.write("modules/shop/boxes.toml", format!("[boxes.fields]\n{ID}\n"));
    let run = repo.forge(&["build"]);
    assert_eq!(run.status, 0);
    let said = "what is new in `shop` has no migration yet: `dbmate` names it by the time of its commit";
    assert!(run.stderr.contains(said) && run.stderr.contains("`forge log shop draft`"), "{}", run.stderr);
    repo.commit("Boxes");
    let run = repo.forge(&["build"]);
    assert!(!run.stderr.contains("no-migration-yet"), "{}", run.stderr);
    assert_eq!(migrations(repo.root(), "generated/prototype/shop").len(), 3);
}

/// What the columns of a module are made of may be the business-wide model's: its prototype loads by itself, in the past as
/// in the working tree.
#[test]
fn a_prototype_has_the_types_that_the_business_wide_model_declares() {
    let repo = Repo::new();
    repo.write("forge.toml", "");
    let people =
        |mood: &str| format!("[people.fields]\n{ID}\nmood = \"{mood}\"\nmail = \"citext\"\nwhole = \"pair\"\n");
    let types = |moods: &str, more: &str| {
        format!(
            "CREATE EXTENSION citext; CREATE EXTENSION pgcrypto; CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ({moods});
             CREATE DOMAIN glad AS text CHECK (VALUE <> ''); CREATE TYPE pair AS (a app.mood, b glad); {more}"
        )
    };
    repo.write("busm/types.sql", types("'a'", "CREATE TYPE unused AS ENUM ('x');"));
    repo.write("busm/people.toml", people("app.mood"));
    repo.write("modules/shop/people.toml", "[people]\npick = [\"id\", \"mood\", \"mail\", \"whole\"]\n");
    repo.write("modules/stock/schema.sql", "CREATE TABLE bins (id int PRIMARY KEY, mail citext, label glad);");
    repo.write("modules/plain/boxes.toml", format!("[boxes.fields]\n{ID}\n"));
    repo.commit("Begin");
    repo.write("busm/types.sql", types("'a', 'b'", ""));
    repo.commit("Another mood");
    build(repo.root());
    for module in ["shop", "stock", "plain"] {
        applies(repo.root(), module);
    }
    assert_eq!(told(repo.root(), "shop").len(), 2);
    assert_eq!((told(repo.root(), "stock").len(), told(repo.root(), "plain").len()), (1, 1));
    let schema = |module: &str| {
        fs::read_to_string(repo.root().join(format!("generated/prototype/{module}/schema.sql"))).unwrap()
    };
    assert!(!schema("shop").contains("pgcrypto") && !schema("shop").contains("unused"), "{}", schema("shop"));
    assert!(!schema("plain").contains("EXTENSION") && !schema("stock").contains("pair"), "{}", schema("stock"));
    assert_eq!(migrations(repo.root(), "generated/prototype/shop").len(), 2, "and no draft");
}

#[test]
fn a_type_that_a_module_cannot_find_is_told() {
    let project = Project::new(
        "//- modules/a/schema.sql\nCREATE TABLE a (id int PRIMARY KEY, n intger, m mood);\n\
         //- modules/b/schema.sql\nCREATE TYPE mood AS ENUM ('x');\nCREATE TABLE b (id int PRIMARY KEY, m mood);\n",
    );
    let run = project.forge(&["build"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("warning[unknown-type]: there is no type `intger`"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `integer`?"), "{}", run.stderr);
    assert!(run.stderr.contains("there is no type `mood`") && run.stderr.contains("schema.sql:1:"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("unknown-type").count(), 2, "{}", run.stderr);
}
