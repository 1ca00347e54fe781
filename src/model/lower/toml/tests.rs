//! Whole files in, tables and diagnostics out.

use super::lower;
use crate::model::Model;
use crate::model::lower::Lowered;
use crate::model::name::Name;
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::syntax::toml::schema_file;

const BUSM: &str = r#"
[users.fields]
id = { type = "uuid", primary_key = true }
[accounts]
doc = "Customers."
[accounts.fields]
id = { type = "uuid", primary_key = true }
type = { type = "varchar(50)", required = true, values = ["A", "B"], index = true }
owner_id = { references = "users", index = true }
"#;

fn lowered(text: &str, busm: Option<&Model>) -> Lowered {
    let file = schema_file(&RepoPath::new("a.toml").unwrap(), text.as_bytes());
    lower(&[&file], Lowered::default(), busm)
}

fn busm() -> Model {
    let busm = lowered(BUSM, None);
    assert_eq!(busm.diagnostics, []);
    busm.model
}

fn findings(text: &str) -> Vec<String> {
    let found = lowered(text, Some(&busm())).diagnostics;
    found.iter().map(|found| format!("{}: {} | {}", found.code, found.message, found.help.join("; "))).collect()
}

/// A table as one line for each column, constraint and index.
fn shown(table: &Table) -> Vec<String> {
    let columns = table.columns.iter().map(|column| {
        let default = column.default.as_ref().map(|sql| format!(" default {sql}")).unwrap_or_default();
        format!("{} {}{}{default}", column.name, column.ty, if column.not_null { " not null" } else { "" })
    });
    let constraints = table.constraints.keys().map(|name| format!("constraint {name}"));
    columns.chain(constraints).chain(table.indexes.keys().map(|name| format!("index {name}"))).collect()
}

fn table(text: &str, name: &str) -> Vec<String> {
    let lowered = lowered(text, Some(&busm()));
    assert_eq!(lowered.diagnostics, []);
    shown(&lowered.model.tables[&Name::local(name)])
}

#[test]
fn a_reference_has_the_type_of_the_key_that_it_points_to() {
    assert_eq!(
        table(
            "[orders.fields]\nid = { type = \"bigint\", primary_key = true, identity = \"always\" }\nby = { references = \"users\" }\nparent = { references = \"orders\", default = 0 }\n",
            "orders"
        ),
        [
            "id bigint not null",
            "by uuid",
            "parent bigint default 0",
            "constraint orders_by_fkey",
            "constraint orders_parent_fkey",
            "constraint orders_pkey"
        ]
    );
}

#[test]
fn a_pick_brings_what_its_fields_carry_alone() {
    assert_eq!(table("[accounts]\npick = [\"id\"]\n", "accounts"), ["id uuid not null", "constraint accounts_pkey"]);
    assert_eq!(
        table("[accounts]\npick = [\"type\", \"owner_id\"]\n", "accounts"),
        [
            "type varchar(50) not null",
            "owner_id uuid",
            "constraint accounts_owner_id_fkey",
            "constraint accounts_type_check",
            "index idx_account_owner",
            "index idx_account_type"
        ]
    );
}

#[test]
fn reserved_words_are_names_like_others() {
    assert_eq!(table("[order.fields]\nuser = \"text\"\n", "order"), ["\"user\" text"]);
}

#[test]
fn every_mistake_has_a_way_out() {
    let cases = [
        (
            "[a.fields]\nx = \"citext\"",
            "unknown-type: unknown type `citext` | the extension brings it that `CREATE EXTENSION citext;` in an SQL file makes",
        ),
        ("[a.fields]\nx = \"varchr(20)\"", "unknown-type: unknown type `varchr` | did you mean `varchar`?"),
        (
            "[a.fields]\nx = \"string\"",
            "unknown-type: unknown type `string` | PostgreSQL calls it `text`, or `varchar(255)` with a limit",
        ),
        (
            "[a.fields]\nx = \"varchar(20\"",
            "invalid-type: `varchar(20` is not a type | write a PostgreSQL type, such as `uuid`, `varchar(20)` or `text[]`",
        ),
        (
            "[a.fields]\nx = { doc = \"?\" }",
            "missing-type: field `x` has no type | add `type = \"…\"`, or `references = \"…\"` to take the type of another entity's key",
        ),
        (
            "[a.fields]\nx = { references = \"acounts\" }",
            "unknown-reference: `acounts` is no entity of this module or the BUSM | did you mean `accounts`?",
        ),
        (
            "[a.fields]\nx = { references = \"users.nam\" }",
            "unknown-reference: `users` has no field `nam` | write `references = \"users\"` to point to its primary key",
        ),
        (
            "[accounts]\npick = [\"owner\"]",
            "unknown-pick: the BUSM's `accounts` has no field `owner` | add it to the BUSM's `accounts`, or declare it here below `[accounts.fields]`",
        ),
        (
            "[acounts]\npick = [\"id\"]",
            "unknown-pick: the BUSM has no entity `acounts` to pick from | did you mean `[accounts]`?",
        ),
        (
            "[a.fields]\nx = { type = \"uuid\", primary_key = true }\ny = { type = \"uuid\", primary_key = true }",
            "two-primary-keys: entity `a` has two primary keys | for one key of several fields write `primary_key = [\"x\", \"y\"]` below `[a]`",
        ),
        (
            "[a.fields]\nx = { type = \"integer\", default = \"one\" }",
            "default-type: a field of type `integer` cannot have the default `one` | write a whole number",
        ),
        (
            "[a.fields]\nx = { type = \"text\", default = \"now()\" }",
            "default-looks-like-call: the default `now()` is written as a literal: each row would hold this text | to call it, write `default = { sql = \"now()\" }`; to keep the text, write `default = { sql = \"'now()'\" }`",
        ),
        (
            "[a.fields]\nx = { type = \"text\", values = [\"u\", \"v\"], default = \"w\" }",
            "default-not-allowed: the default `w` is none of the field's values | write one of `u`, `v`, or add `w` to `values`",
        ),
        (
            "[a.fields]\nx = { type = \"uuid\", references = \"accounts\", required = true, on_delete = \"set null\" }",
            "contradiction: field `x` is required, but `on_delete = \"set null\"` would empty it | write `on_delete = \"restrict\"` or `\"cascade\"`, or let the field be optional",
        ),
        (
            "[a.fields]\nx = { type = \"integer\", references = \"accounts\" }",
            "reference-type: the key that this field points to is `uuid`, which is not comparable with `integer` | leave `type` out: the field then has the key's type",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(findings(text), [expected], "{text}");
    }
}

#[test]
fn a_field_whose_type_is_wrong_is_reported_once() {
    let busm =
        lowered("[accounts.fields]\nid = { typ = \"uuid\", primary_key = true }\nname = 3\nsize = \"intt\"\n", None);
    let codes: Vec<&str> = busm.diagnostics.iter().map(|found| &*found.code).collect();
    assert_eq!(codes, ["wrong-type", "unknown-key", "unknown-type"]);
    let module = "[accounts]\npick = [\"id\", \"name\", \"size\"]\n[notes]\nunique = [[\"about\", \"odd\"]]\n\
        [notes.fields]\nabout = { type = \"uuid\", references = \"accounts\" }\nodd = { type = \"intt\", default = 1 }\n\
        up = { references = \"notes.odd\" }\nmore = { references = \"accounts\" }\n";
    let module = lowered(module, Some(&busm.model));
    let codes: Vec<&str> = module.diagnostics.iter().map(|found| &*found.code).collect();
    assert_eq!(codes, ["unknown-type"], "{:?}", module.diagnostics);
}

#[test]
fn a_name_that_postgres_would_cut_is_refused() {
    let found = findings(&format!("[a.fields]\n{} = \"text\"", "x".repeat(64)));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("identifier-too-long: the name of this field has 64 bytes; PostgreSQL keeps 63"),
        "{found:?}"
    );
}

#[test]
fn an_expression_is_parsed_before_anything_is_built_from_it() {
    let lowered = lowered("[a.fields]\nx = { type = \"int\", check = \"x >\" }\n", None);
    assert_eq!(lowered.diagnostics.len(), 1);
    assert_eq!(lowered.diagnostics[0].code, "invalid-sql");
}

#[test]
fn what_a_broken_file_may_hold_is_not_missed() {
    let busm = busm();
    let broken = lowered("[b.fields]\nx = yes\n[a.fields]\nx = { references = \"later\" }\n[later", Some(&busm));
    assert!(broken.diagnostics.iter().all(|found| found.code == "invalid-toml"), "{:?}", broken.diagnostics);
}
