//! Production works, and does not only load: what hardening promises is tried on a real server.

use std::fs;
use std::path::Path;

use forge::config::harden::{Harden, Platform, WithoutAccess};
use forge::model::Model;
use forge::model::lower::{Lowered, toml};
use forge::model::name::Name;
use forge::path::RepoPath;
use forge::plan::{self, Style};
use forge::production::{self, Claimant, Production, Settings};
use forge::syntax::toml::schema_file;
use postgres::Client;

use crate::example::loads_as_written;
use crate::support::postgres::Database;
use crate::support::project::Project;

/// The example's folder.
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/field-service");

/// Ids that are easy to read in a failure.
const ADA: &str = "00000000-0000-0000-0000-00000000000a";
const BOB: &str = "00000000-0000-0000-0000-00000000000b";
const ROOT: &str = "00000000-0000-0000-0000-0000000000ff";

/// Lowers the schema files of one folder.
fn folder(path: &str, busm: Option<&Model>) -> Lowered {
    let mut names: Vec<_> =
        fs::read_dir(Path::new(EXAMPLE).join(path)).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let schema = names.iter().filter(|name| name.file_name().unwrap() != "module.toml");
    let files: Vec<_> = schema
        .map(|file| {
            let name = format!("{path}/{}", file.file_name().unwrap().to_str().unwrap());
            schema_file(&RepoPath::new(&name).unwrap(), &fs::read(file).unwrap())
        })
        .collect();
    let lowered = toml::lower(&files.iter().collect::<Vec<_>>(), Lowered::default(), busm);
    assert_eq!(lowered.diagnostics, []);
    lowered
}

/// The example's production.
fn field_service(harden: Harden) -> Production {
    let busm = folder("busm", None);
    let modules: Vec<(&str, Lowered)> = ["master-view", "account-management", "service-scheduler"]
        .map(|name| (name, folder(&format!("modules/{name}"), Some(&busm.model))))
        .into();
    let mut claimants =
        vec![Claimant { name: "BUSM".to_owned(), busm: true, model: &busm.model, origins: &busm.origins }];
    claimants.extend(modules.iter().map(|(name, lowered)| Claimant {
        name: (*name).to_owned(),
        busm: false,
        model: &lowered.model,
        origins: &lowered.origins,
    }));
    production::build(&claimants, &Settings { harden, ..Settings::default() })
}

/// What a Supabase project has before any schema of its own: who is signed in comes from the request's token.
/// Source: Supabase's documentation, "Row Level Security", helper functions.
const SUPABASE: &str = "CREATE SCHEMA auth; GRANT USAGE ON SCHEMA auth TO public;
    CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
      SELECT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid $$;";

/// The statements that make `model`.
fn sql(model: &Model) -> String {
    plan::plan(&Model::default(), model, Style::Plain).statements.iter().map(|one| format!("{};\n", one.sql)).collect()
}

/// A database with the example's production, a role `app` that may use everything, and three users: ROOT is an admin.
fn database(harden: Harden) -> Database {
    let platform = if harden.platform == Platform::Supabase { SUPABASE } else { "" };
    let production = field_service(harden);
    let schema = sql(production.schema.ready().expect("the example has no conflicts"));
    let database = Database::with(&format!("{platform}{schema}"));
    let users = format!(
        "INSERT INTO users (id, email, full_name, role) VALUES
           ('{ROOT}', 'root@x', 'Root', 'admin'), ('{ADA}', 'ada@x', 'Ada', 'member'), ('{BOB}', 'bob@x', 'Bob', 'member')"
    );
    prepare(&database, &users);
    database
}

/// Makes the role `app`, which may use every table, and fills in what the tests start from.
fn prepare(database: &Database, rows: &str) {
    let role = "DO $$ BEGIN CREATE ROLE app; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app";
    database.run(&format!("{role}; {rights}; {rows};")).unwrap();
}

/// A connection of the application on behalf of `user`.
fn signed_in(database: &Database, user: &str) -> Client {
    let mut client = database.client();
    client.batch_execute(&format!("SET app.user_id = '{user}'; SET ROLE app")).unwrap();
    client
}

fn texts(client: &mut Client, query: &str) -> Vec<String> {
    client.query(query, &[]).unwrap().iter().map(|row| row.get::<_, Option<String>>(0).unwrap_or_default()).collect()
}

/// The server's code and message for a statement that must fail.
fn refusal(client: &mut Client, statement: &str) -> (String, String) {
    let error = client.batch_execute(statement).expect_err(statement);
    let said = error.as_db_error().expect("the server answers");
    (said.code().code().to_owned(), said.message().to_owned())
}

fn account(client: &mut Client, number: &str, owner: &str) {
    let insert = format!(
        "INSERT INTO accounts (account_number, name, type, owner_id) VALUES ('{number}', 'Account {number}', 'Residential', '{owner}')"
    );
    client.batch_execute(&insert).unwrap();
}

#[test]
fn on_supabase_its_own_token_says_who_is_signed_in() {
    let database = database(Harden { platform: Platform::Supabase, ..Harden::default() });
    let request = |user: &str| {
        let mut client = database.client();
        let claims = format!("SET request.jwt.claims = '{{\"sub\": \"{user}\"}}'; SET ROLE app");
        client.batch_execute(&claims).unwrap();
        client
    };
    account(&mut request(ADA), "1", ADA);
    account(&mut request(BOB), "2", BOB);
    let seen = "SELECT account_number FROM accounts ORDER BY 1";
    assert_eq!(texts(&mut request(ADA), seen), ["1"]);
    assert_eq!(texts(&mut request(ROOT), seen), ["1", "2"]);
    assert_eq!(database.texts("SELECT created_by::text FROM accounts ORDER BY account_number"), [ADA, BOB]);
}

#[test]
fn an_owner_reaches_their_rows_and_an_admin_all() {
    let database = database(Harden::default());
    let (mut ada, mut bob, mut root) =
        (signed_in(&database, ADA), signed_in(&database, BOB), signed_in(&database, ROOT));
    account(&mut ada, "A1", ADA);
    account(&mut bob, "B1", BOB);
    let all = "SELECT account_number FROM accounts ORDER BY 1";
    assert_eq!(texts(&mut ada, all), ["A1"]);
    assert_eq!(texts(&mut bob, all), ["B1"]);
    assert_eq!(texts(&mut root, all), ["A1", "B1"]);
    assert_eq!(bob.execute("UPDATE accounts SET name = 'Bob was here' WHERE account_number = 'A1'", &[]).unwrap(), 0);
    let (code, message) = refusal(&mut bob, &format!("UPDATE accounts SET owner_id = '{ADA}'"));
    assert_eq!(code, "42501", "{message}");
    let nobody = &mut database.client();
    nobody.batch_execute("SET ROLE app").unwrap();
    assert!(texts(nobody, all).is_empty());
}

#[test]
fn an_entity_without_access_is_closed_to_all_but_admins() {
    let database = database(Harden::default());
    let insert = "INSERT INTO services (code, name, price) VALUES ('S', 'Service', 1)";
    let mut ada = signed_in(&database, ADA);
    assert_eq!(refusal(&mut ada, insert).0, "42501");
    signed_in(&database, ROOT).batch_execute(insert).unwrap();
    assert!(texts(&mut ada, "SELECT code FROM services").is_empty());
}

#[test]
fn a_stale_version_is_refused() {
    let database = database(Harden::default());
    let mut ada = signed_in(&database, ADA);
    account(&mut ada, "A1", ADA);
    ada.batch_execute("UPDATE accounts SET name = 'first', version = 1").unwrap();
    let (code, message) = refusal(&mut ada, "UPDATE accounts SET name = 'second', version = 1");
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("40001", "version 1 of a row of accounts is stale: it is at version 2 now")
    );
    ada.batch_execute("UPDATE accounts SET name = 'third'").unwrap();
    assert_eq!(texts(&mut ada, "SELECT name || ' ' || version FROM accounts"), ["third 3"]);
}

#[test]
fn an_update_can_be_made_to_name_the_version() {
    let database = database(Harden { demand_version: true, ..Harden::default() });
    let mut ada = signed_in(&database, ADA);
    account(&mut ada, "A1", ADA);
    let (code, message) = refusal(&mut ada, "UPDATE accounts SET name = 'second'");
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("40001", "an update of accounts does not name the version that it read")
    );
    ada.batch_execute("UPDATE accounts SET name = 'second', version = 1").unwrap();
    assert_eq!(refusal(&mut ada, "UPDATE accounts SET name = 'third', version = 1").0, "40001");
    assert_eq!(texts(&mut ada, "SELECT name || ' ' || version FROM accounts"), ["second 2"]);
}

#[test]
fn a_deleted_row_is_hidden_and_can_be_restored_by_the_owner_of_the_table() {
    let database = database(Harden::default());
    let (mut ada, mut root) = (signed_in(&database, ADA), signed_in(&database, ROOT));
    account(&mut ada, "A1", ADA);
    account(&mut ada, "A2", ADA);
    ada.batch_execute("UPDATE accounts SET deleted_at = '2001-01-01' WHERE account_number = 'A1'").unwrap();
    for client in [&mut ada, &mut root] {
        assert_eq!(texts(client, "SELECT account_number FROM accounts"), ["A2"]);
        // Without a condition an UPDATE reads nothing, and must not reach the deleted row either.
        assert_eq!(client.execute("UPDATE accounts SET city = 'Ulm'", &[]).unwrap(), 1);
    }
    let (code, _) = refusal(
        &mut ada,
        &format!(
            "INSERT INTO accounts (account_number, name, type, owner_id) VALUES ('A1', 'again', 'Residential', '{ADA}')"
        ),
    );
    assert_eq!(code, "23505", "a deleted row keeps its number");
    let when = "SELECT (deleted_at > '2020-01-01')::text FROM accounts WHERE account_number = 'A1'";
    assert_eq!(database.texts(when), ["true"], "the database says when");
    database.run("UPDATE accounts SET deleted_at = NULL WHERE account_number = 'A1'").unwrap();
    assert_eq!(texts(&mut ada, "SELECT account_number FROM accounts ORDER BY 1"), ["A1", "A2"]);
}

#[test]
fn deleted_rows_are_hidden_where_row_level_security_is_off() {
    let rules = [("row_level_security".to_owned(), false)].into();
    let database = database(Harden { rules, ..Harden::default() });
    let (mut ada, mut bob) = (signed_in(&database, ADA), signed_in(&database, BOB));
    account(&mut ada, "A1", ADA);
    assert_eq!(texts(&mut bob, "SELECT account_number FROM accounts"), ["A1"]);
    bob.batch_execute("UPDATE accounts SET deleted_at = now()").unwrap();
    assert!(texts(&mut ada, "SELECT account_number FROM accounts").is_empty());
}

#[test]
fn nobody_makes_themselves_an_administrator() {
    let database = database(Harden::default());
    let (mut ada, mut root) = (signed_in(&database, ADA), signed_in(&database, ROOT));
    let promote = format!("UPDATE users SET role = 'admin', version = 1 WHERE id = '{ADA}'");
    assert_eq!(
        refusal(&mut ada, &promote),
        ("42501".to_owned(), "only an administrator may say which role a row of users has".to_owned())
    );
    ada.batch_execute(&format!("UPDATE users SET full_name = 'Augusta', version = 1 WHERE id = '{ADA}'")).unwrap();
    assert_eq!(texts(&mut ada, "SELECT public.has_role('admin')::text"), ["false"]);
    root.batch_execute(&promote.replace("version = 1", "version = 2")).unwrap();
    assert_eq!(texts(&mut ada, "SELECT public.has_role('admin')::text"), ["true"]);
    database.run(&format!("UPDATE users SET role = 'technician' WHERE id = '{ADA}'")).unwrap();
}

/// Whatever the field is, and whoever wrote the policies, the guard loads and lets a row be made that says nothing of it.
#[test]
fn the_field_that_says_who_is_an_administrator_is_guarded_whatever_it_is() {
    for (before, role) in [
        ("", "role text"),
        ("", "role json"),
        ("", "role text GENERATED ALWAYS AS (lower(name)) STORED"),
        ("CREATE DOMAIN kind AS text DEFAULT 'member' NOT NULL;", "role kind"),
        ("CREATE TYPE kind AS ENUM ('member', 'admin');", "role kind DEFAULT 'member'"),
    ] {
        let text = format!(
            "{before} CREATE TABLE users (id uuid PRIMARY KEY, name text, {role});
             CREATE POLICY mine ON users USING (id = auth.uid());"
        );
        let file = forge::syntax::sql::parse(&RepoPath::new("m.sql").unwrap(), &text);
        let lowered = forge::model::lower::sql::lower(&[file]);
        let claimant = Claimant { name: "m".to_owned(), busm: false, model: &lowered.model, origins: &lowered.origins };
        let production = production::build(&[claimant], &Settings::default());
        let database = Database::with(&sql(production.schema.ready().unwrap()));
        prepare(&database, "SELECT 1");
        let mut ada = signed_in(&database, ADA);
        ada.batch_execute(&format!("INSERT INTO users (id, name) VALUES ('{ADA}', 'Ada')")).unwrap();
        if !role.contains("GENERATED") {
            let value = if role.contains("json") { "'\"admin\"'" } else { "'admin'" };
            assert_eq!(
                refusal(&mut ada, &format!("UPDATE users SET role = {value}, version = 1")).0,
                "42501",
                "{role}"
            );
        }
    }
}

#[test]
fn the_author_is_whoever_is_signed_in() {
    let database = database(Harden::default());
    let (mut ada, mut root) = (signed_in(&database, ADA), signed_in(&database, ROOT));
    ada.batch_execute(&format!(
        "INSERT INTO accounts (account_number, name, type, owner_id, created_by) VALUES ('A1', 'a', 'Residential', '{ADA}', '{BOB}')"
    ))
    .unwrap();
    root.batch_execute(&format!("UPDATE accounts SET city = 'Ulm', created_by = '{BOB}', created_at = '2001-01-01'"))
        .unwrap();
    let row = "SELECT concat_ws(' ', created_by, updated_by, created_at > '2020-01-01', updated_at >= created_at) FROM accounts";
    assert_eq!(texts(&mut ada, row), [format!("{ADA} {ROOT} t t")]);
    let first = database.texts(&format!("SELECT created_by::text FROM users WHERE id = '{ROOT}'"));
    assert_eq!(first, [ROOT], "a user whom nobody signed in made is their own author");
}

#[test]
fn the_audit_trail_holds_the_old_and_the_new_row() {
    let database = database(Harden::default());
    let (mut ada, mut root) = (signed_in(&database, ADA), signed_in(&database, ROOT));
    account(&mut ada, "A1", ADA);
    ada.batch_execute("UPDATE accounts SET name = 'renamed', version = 1; DELETE FROM accounts").unwrap();
    let trail = "SELECT concat_ws(' | ', action, old_row ->> 'name', new_row ->> 'name', old_row ->> 'version', new_row ->> 'version', changed_by)
                 FROM audit_log WHERE table_name = 'accounts' ORDER BY id";
    let expected = [
        format!("INSERT | Account A1 | 1 | {ADA}"),
        format!("UPDATE | Account A1 | renamed | 1 | 2 | {ADA}"),
        format!("DELETE | renamed | 2 | {ADA}"),
    ];
    assert_eq!(texts(&mut root, trail), expected);
    assert!(texts(&mut ada, trail).is_empty(), "only administrators read the trail");
    assert_eq!(
        refusal(&mut ada, "INSERT INTO audit_log (table_schema, table_name, action) VALUES ('x', 'x', 'INSERT')").0,
        "42501"
    );
    assert_eq!(root.execute("DELETE FROM audit_log", &[]).unwrap(), 0, "nobody rewrites the trail");
}

/// TRUNCATE asks no policy: whoever was granted ALL leaves a trace, and cannot remove it.
#[test]
fn a_table_that_is_emptied_leaves_a_trace_and_the_trail_is_emptied_by_its_owner_only() {
    let database = database(Harden::default());
    prepare(&database, "GRANT ALL ON ALL TABLES IN SCHEMA public TO app");
    let (mut ada, mut root) = (signed_in(&database, ADA), signed_in(&database, ROOT));
    account(&mut ada, "A1", ADA);
    ada.batch_execute("TRUNCATE accounts CASCADE").unwrap();
    let trail = "SELECT concat_ws(' | ', action, old_row, new_row, changed_by) FROM audit_log
                 WHERE table_name = 'accounts' ORDER BY id DESC LIMIT 1";
    assert_eq!(texts(&mut root, trail), [format!("TRUNCATE | {ADA}")]);
    let (code, message) = refusal(&mut ada, "TRUNCATE audit_log");
    assert_eq!((code.as_str(), message.as_str()), ("42501", "the audit trail audit_log is emptied by its owner only"));
    assert_eq!(texts(&mut root, trail).len(), 1);
    prepare(&database, "TRUNCATE audit_log");
}

#[test]
fn a_caller_cannot_slip_objects_of_their_own_under_the_functions() {
    let database = database(Harden::default());
    let mut ada = signed_in(&database, ADA);
    ada.batch_execute(&format!(
        "CREATE TEMP TABLE users (id uuid, role text, deleted_at timestamptz); INSERT INTO users VALUES ('{ADA}', 'admin');
         SET search_path = pg_temp, public"
    ))
    .unwrap();
    assert_eq!(texts(&mut ada, "SELECT public.has_role('admin')::text"), ["false"]);
}

#[test]
fn the_accounts_of_the_example_have_everything_that_the_seed_shows() {
    let production = field_service(Harden::default());
    let table = &production.schema.ready().unwrap().tables[&Name::local("accounts")];
    for index in ["idx_account_status", "idx_account_type", "idx_account_owner", "idx_account_search"] {
        assert!(table.indexes.contains_key(index), "{index}");
    }
    let policy = &table.policies["account_access"];
    assert_eq!(policy.using.as_ref().unwrap().as_str(), "owner_id = auth.uid() OR has_role('admin')");
    assert!(table.triggers.contains_key("audit_accounts"));
    let text = sql(production.schema.ready().unwrap());
    let start = text.find("CREATE TABLE accounts").expect("the table");
    insta::assert_snapshot!(&text[start..start + text[start..].find(";\n").unwrap()]);
}

#[test]
fn roles_come_from_a_table_when_users_have_no_field_for_them() {
    let file = schema_file(
        &RepoPath::new("t.toml").unwrap(),
        b"[users.fields]\nid = { type = \"bigint\", primary_key = true }\n[notes.fields]\nid = { type = \"bigint\", primary_key = true }\n\
          by = { references = \"users\", required = true }\n[notes.access]\nowner = \"by\"\nadmin = \"has_role('admin')\"\n",
    );
    let lowered = toml::lower(&[&file], Lowered::default(), None);
    let claimant = Claimant { name: "m".to_owned(), busm: false, model: &lowered.model, origins: &lowered.origins };
    let production = production::build(&[claimant], &Settings::default());
    let database = Database::with(&sql(production.schema.ready().unwrap()));
    prepare(&database, "INSERT INTO users (id) VALUES (1), (2); INSERT INTO user_roles VALUES (1, 'admin')");
    let (mut admin, mut member) = (signed_in(&database, "1"), signed_in(&database, "2"));
    member.batch_execute("INSERT INTO notes (id, by) VALUES (7, 2)").unwrap();
    assert_eq!(refusal(&mut member, "INSERT INTO user_roles VALUES (2, 'admin')").0, "42501");
    assert_eq!(refusal(&mut member, "INSERT INTO notes (id, by) VALUES (8, 1)").0, "42501");
    assert_eq!(texts(&mut admin, "SELECT id::text || ' ' || created_by FROM notes"), ["7 2"]);
    admin.batch_execute("DELETE FROM user_roles").unwrap();
    assert!(texts(&mut admin, "SELECT id::text FROM notes").is_empty(), "the role is gone at once");
    let trail = "SELECT action || ' ' || (old_row ->> 'role') FROM audit_log WHERE table_name = 'user_roles' AND action = 'DELETE'";
    assert_eq!(database.texts(trail), ["DELETE admin"]);
}

#[test]
fn entities_without_access_are_as_open_as_the_project_says() {
    for (without_access, read, written) in [(WithoutAccess::Read, 1, false), (WithoutAccess::Open, 1, true)] {
        let database = database(Harden { without_access, ..Harden::default() });
        database
            .run("INSERT INTO services (code, name, price, created_by) SELECT 'S', 'Service', 1, id FROM users LIMIT 1")
            .unwrap();
        let mut ada = signed_in(&database, ADA);
        assert_eq!(texts(&mut ada, "SELECT code FROM services").len(), read, "{without_access:?}");
        let insert = "INSERT INTO services (code, name, price) VALUES ('T', 'Service', 1)";
        assert_eq!(ada.batch_execute(insert).is_ok(), written, "{without_access:?}");
    }
}

/// What plain SQL has beside tables, and what it says of them in another statement, is in production as it was.
#[test]
fn what_sql_files_have_is_in_production_and_loads() {
    let project = Project::new(
        "//- busm/e.toml\n[e.fields]\nid = { type = \"uuid\", primary_key = true }\nx = { type = \"text\", required = true }\n\
         //- modules/s/module.toml\nstage = \"production\"\n//- modules/s/schema.sql\n\
         CREATE TABLE e (id uuid PRIMARY KEY, x text);\nCREATE TABLE kid (extra integer) INHERITS (e);\n\
         CREATE TABLE t (id serial PRIMARY KEY, e_id uuid REFERENCES e);\nALTER TABLE t ADD CONSTRAINT t_again UNIQUE (id);\n\
         CREATE VIEW v WITH (security_invoker = true) AS SELECT id, e_id FROM t;\n\
         CREATE MATERIALIZED VIEW m AS SELECT x FROM kid;\nCREATE INDEX m_x ON m (x);\n\
         GRANT SELECT ON v TO PUBLIC;\nGRANT USAGE ON SEQUENCE t_id_seq TO PUBLIC;\n",
    );
    for x in ["text", "varchar(9)"] {
        project.edit("busm/e.toml", "\"text\"", &format!("\"{x}\""));
        project.edit("modules/s/schema.sql", "x text", &format!("x {x}"));
        let run = project.forge(&["build"]);
        assert!(!run.stderr.contains("schema-differs"), "{}", run.stderr);
        loads_as_written(&project.read("generated/production/schema.sql"));
    }
}

/// Rows of partitions and of tables that inherit are rows like others, and a key may have any name.
#[test]
fn rules_hold_for_partitions_and_for_tables_that_inherit() {
    let project = Project::new(
        "//- forge.toml\n//- modules/m/schema.sql\n\
         CREATE TABLE users (id uuid PRIMARY KEY, name text);
         CREATE TABLE places (code text PRIMARY KEY, name text);
         CREATE TABLE cities (mayor text) INHERITS (places);
         CREATE TABLE seen (place text, day date, PRIMARY KEY (place, day)) PARTITION BY RANGE (day);
         CREATE TABLE seen_rest PARTITION OF seen DEFAULT;\n",
    );
    project.build();
    let database = Database::with(&project.read("generated/production/schema.sql"));
    prepare(
        &database,
        &format!(
            "INSERT INTO users (id, name) VALUES ('{ADA}', 'Ada');
             SELECT set_config('app.user_id', '{ADA}', false);
             INSERT INTO cities (code, name) VALUES ('b', 'Bern');
             UPDATE places SET name = 'Berne';
             INSERT INTO seen VALUES ('b', '2024-05-05');
             TRUNCATE seen_rest"
        ),
    );
    let mut owner = database.client();
    let trail = "SELECT concat_ws(' ', action, table_name, row_id) FROM audit_log ORDER BY id";
    assert_eq!(
        texts(&mut owner, trail),
        [
            format!("INSERT users {ADA}"),
            "INSERT cities b".to_owned(),
            "UPDATE cities b".to_owned(),
            "INSERT seen_rest b,2024-05-05".to_owned(),
            "TRUNCATE seen_rest".to_owned(),
        ]
    );
    let city = "SELECT concat_ws(' ', name, version, created_by, updated_by) FROM cities";
    assert_eq!(texts(&mut owner, city), [format!("Berne 2 {ADA} {ADA}")]);
    let refused = refusal(&mut owner, "UPDATE places SET name = 'Bern', version = 1");
    assert_eq!(refused.0, "40001");
}

/// What goes together only in one order, or only once a partition is one.
#[test]
fn parts_that_depend_on_each_other_load() {
    for schema in [
        "CREATE DOMAIN d AS text; CREATE TABLE t (a d PRIMARY KEY);
         CREATE FUNCTION has(x text) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM t WHERE a = x)';
         ALTER DOMAIN d ADD CONSTRAINT c CHECK (has(VALUE) OR VALUE <> '');",
        "CREATE TABLE t (id int PRIMARY KEY, k int) PARTITION BY RANGE (id);
         CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
         ALTER TABLE t ADD CONSTRAINT pos CHECK (k > 0) NOT VALID;
         CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
         CREATE TABLE r (id int PRIMARY KEY, t_id int REFERENCES t, t1_id int REFERENCES t1);",
    ] {
        let project = Project::new(&format!("//- forge.toml\n//- modules/m/schema.sql\n{schema}\n"));
        project.build();
        loads_as_written(&project.read("generated/production/schema.sql"));
    }
}
