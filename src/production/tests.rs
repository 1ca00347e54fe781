//! Small projects in, production out. Each project is one text, with a `//- path` line above each file.

use std::collections::BTreeMap;

use super::story::{FieldSource, Group};
use super::{Claimant, Production, Settings, build};
use crate::config::harden::Harden;
use crate::config::resolve::Resolution;
use crate::diagnostic::{Span, draw};
use crate::model::Sql;
use crate::model::constraint::{Action, ConstraintKind};
use crate::model::datatype::DataType;
use crate::model::lower::{self, Lowered, toml};
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::syntax::sql;
use crate::syntax::toml::schema_file;

/// A project's files by path.
fn files(text: &str) -> BTreeMap<RepoPath, String> {
    let parts = text.split("//- ").skip(1).map(|part| part.split_once('\n').unwrap());
    parts.map(|(path, content)| (RepoPath::new(path).unwrap(), content.to_owned())).collect()
}

/// Production of the project, with all hardening off unless `settings` are given.
fn built(text: &str, settings: Option<Settings>) -> Production {
    let files = files(text);
    let mut folders: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (path, content) in &files {
        let (folder, _) = path.as_str().rsplit_once('/').unwrap();
        folders.entry(folder.to_owned()).or_default().push(schema_file(path, content.as_bytes()));
    }
    let lower = |folder: &str, busm: Option<&Lowered>| {
        let files: Vec<_> = folders.get(folder).into_iter().flatten().collect();
        let lowered = toml::lower(&files, Lowered::default(), busm.map(|busm| &busm.model));
        assert_eq!(lowered.diagnostics, [], "the files of `{folder}` are sound");
        lowered
    };
    let busm = lower("busm", None);
    let modules: Vec<(&String, Lowered)> =
        folders.keys().filter(|name| *name != "busm").map(|name| (name, lower(name, Some(&busm)))).collect();
    let mut claimants = vec![claimant("busm", &busm)];
    // The order in which claimants are named decides nothing.
    claimants.extend(modules.iter().rev().map(|(name, lowered)| claimant(name, lowered)));
    build(&claimants, &settings.unwrap_or_else(soft))
}

fn claimant<'a>(name: &str, lowered: &'a Lowered) -> Claimant<'a> {
    Claimant { name: name.to_owned(), busm: name == "busm", model: &lowered.model, origins: &lowered.origins }
}

/// Settings without any rule.
fn soft() -> Settings {
    let mut settings = Settings::default();
    settings.harden.rules = super::harden::RULES.iter().map(|rule| (rule.name.to_owned(), false)).collect();
    settings
}

fn resolved(text: &str, resolutions: Vec<Resolution>) -> Production {
    built(text, Some(Settings { resolutions, ..soft() }))
}

fn resolution(entity: &str, field: &str) -> Resolution {
    let span = Span::new(&RepoPath::new("forge.toml").unwrap(), 10..20);
    Resolution::new(Name::local(entity), Some(Ident::new(field)), "it is right", span)
}

/// A table as one line for each field and each constraint.
fn shown(table: &Table) -> Vec<String> {
    let columns = table.columns.iter().map(|column| {
        let default = column.default.as_ref().map(|sql| format!(" default {sql}")).unwrap_or_default();
        format!("{} {}{}{default}", column.name, column.ty, if column.not_null { " not null" } else { "" })
    });
    let constraints = table.constraints.iter().map(|(name, constraint)| match &constraint.kind {
        ConstraintKind::Check(check) => format!("{name}: {check}"),
        ConstraintKind::ForeignKey(key) => format!("{name}: {:?} -> {}", key.columns, key.table),
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => format!("{name}: {:?}", key.columns),
        ConstraintKind::Exclude(_) => name.to_string(),
    });
    let indexes = table.indexes.keys().map(|name| format!("index {name}"));
    columns.chain(constraints).chain(indexes).collect()
}

fn table<'p>(production: &'p Production, name: &str) -> &'p Table {
    &production.schema.preview().tables[&Name::local(name)]
}

/// The findings, drawn as a person sees them.
fn drawn(text: &str, production: &Production) -> String {
    let files = files(text);
    let source = |path: &RepoPath| files.get(path).map(String::as_str);
    production.diagnostics.iter().map(|found| draw::draw(found, false, source) + "\n").collect()
}

fn codes(production: &Production) -> Vec<&str> {
    production.diagnostics.iter().map(|found| found.code.as_ref()).collect()
}

const KEY: &str = "id = { type = \"uuid\", primary_key = true }";

#[test]
fn partial_views_unite_in_the_order_of_the_busm() {
    let project = format!(
        "//- busm/a.toml\n[accounts.fields]\n{KEY}\nname = {{ type = \"varchar(255)\", required = true }}\ncity = \"text\"\n\
         //- m2/a.toml\n[accounts.fields]\nzip = \"varchar(10)\"\nname = \"varchar(100)\"\n\
         //- m1/a.toml\n[accounts.fields]\nzip = \"varchar(20)\"\nnotes = \"text\"\n"
    );
    let production = built(&project, None);
    assert_eq!(production.diagnostics, []);
    assert_eq!(
        shown(table(&production, "accounts")),
        [
            "id uuid not null",
            "name varchar(255) not null",
            "city text",
            "zip varchar(20)",
            "notes text",
            "accounts_pkey: [id]"
        ]
    );
    let story = &production.tables[&Name::local("accounts")];
    assert_eq!(story.modules, ["m1", "m2"]);
    assert_eq!(story.fields["zip"].modules, ["m1", "m2"]);
    assert_eq!(story.fields["city"].source, FieldSource::Busm);
    assert_eq!((story.before.fields, story.after.fields), (3, 5));
}

#[test]
fn a_type_conflict_shows_all_sides_and_a_resolution_to_paste() {
    let project = format!(
        "//- m1/orders.toml\n[orders.fields]\n{KEY}\nnumber = \"integer\"\n\
         //- m2/orders.toml\n[orders.fields]\nnumber = \"varchar(20)\"\n"
    );
    let production = built(&project, None);
    assert_eq!(production.schema.ready(), None, "a conflict keeps production from being written");
    insta::assert_snapshot!(drawn(&project, &production));

    let settled = Resolution { ty: DataType::builtin("text"), ..resolution("orders", "number") };
    let production = resolved(&project, vec![settled]);
    assert_eq!(production.diagnostics, []);
    assert!(shown(table(&production, "orders")).contains(&"number text".to_owned()));
    let note = &production.tables[&Name::local("orders")].notes[0];
    assert!(note.ends_with("resolved in `forge.toml`: it is right"), "{note}");
}

#[test]
fn a_claim_beyond_the_busm_is_a_conflict() {
    let project = format!(
        "//- busm/a.toml\n[accounts.fields]\n{KEY}\nname = \"varchar(50)\"\ntype = {{ type = \"text\", values = [\"A\", \"B\"] }}\n\
         //- m1/a.toml\n[accounts.fields]\nname = \"varchar(80)\"\ntype = {{ type = \"text\", values = [\"B\", \"C\"] }}\n"
    );
    let production = built(&project, None);
    insta::assert_snapshot!(drawn(&project, &production));
    let settled = Resolution {
        ty: Some(DataType::builtin("varchar").unwrap().with_modifiers("80")),
        ..resolution("accounts", "name")
    };
    let values = Resolution { values: Some(vec!["A".to_owned(), "C".to_owned()]), ..resolution("accounts", "type") };
    let production = resolved(&project, vec![settled, values]);
    assert_eq!(production.diagnostics, []);
    assert!(shown(table(&production, "accounts")).contains(&"accounts_type_check: type IN ('A', 'C')".to_owned()));
}

#[test]
fn values_of_modules_unite_and_the_smaller_set_fits_into_the_busm() {
    let modules = "//- m1/a.toml\n[t.fields]\nk = { type = \"text\", primary_key = true }\ns = { type = \"text\", values = [\"x\", \"y\"] }\n\
                   //- m2/a.toml\n[t.fields]\ns = { type = \"text\", values = [\"z\", \"y\"] }\n//- m3/a.toml\n[t.fields]\ns = \"text\"\n";
    let check =
        |project: &str| shown(table(&built(project, None), "t")).into_iter().find(|line| line.starts_with("t_s_check"));
    assert_eq!(check(modules).unwrap(), "t_s_check: s IN ('x', 'y', 'z')");
    let busm = "//- busm/a.toml\n[t.fields]\nk = { type = \"text\", primary_key = true }\ns = { type = \"text\", values = [\"z\", \"y\", \"x\"] }\n";
    assert_eq!(check(&format!("{busm}{modules}")).unwrap(), "t_s_check: s IN ('z', 'y', 'x')");
}

#[test]
fn defaults_references_and_keys_that_differ_are_conflicts() {
    let project = "//- m1/t.toml\n[t.fields]\na = { type = \"text\", primary_key = true }\nb = { type = \"text\", default = \"x\" }\nc = { references = \"u\" }\n\
                   [u.fields]\nid = { type = \"uuid\", primary_key = true }\n[w.fields]\nid = { type = \"uuid\", primary_key = true }\n\
                   //- m2/t.toml\n[t.fields]\na = \"text\"\nb = { type = \"text\", primary_key = true, default = \"y\" }\nc = { references = \"w\" }\n\
                   [w.fields]\nid = { type = \"uuid\", primary_key = true }\n";
    let production = built(project, None);
    insta::assert_snapshot!(drawn(project, &production));

    let default = Resolution { default: Some(Sql::new("'z'")), ..resolution("t", "b") };
    let references = Resolution { references: Some(Name::local("w")), ..resolution("t", "c") };
    let key = Resolution { field: None, primary_key: Some(vec![Ident::new("a")]), ..resolution("t", "") };
    let production = resolved(project, vec![default, references, key]);
    assert_eq!(production.diagnostics, []);
    assert_eq!(
        shown(table(&production, "t")),
        ["a text not null", "b text not null default 'z'", "c uuid", "t_c_fkey: [c] -> w", "t_pkey: [a]"]
    );
}

#[test]
fn a_required_field_that_another_claim_empties_is_a_conflict() {
    let project = format!(
        "//- m1/t.toml\n[t.fields]\n{KEY}\nup = {{ references = \"t\", on_delete = \"set null\" }}\n\
         //- m2/t.toml\n[t.fields]\n{KEY}\nup = {{ references = \"t\", required = true }}\n"
    );
    let production = built(&project, None);
    assert_eq!(codes(&production), ["conflict"]);
    assert_eq!(production.diagnostics[0].labels.len(), 2);
    let action = |production: &Production| {
        let key = table(production, "t").constraints["t_up_fkey"].foreign_key().unwrap().on_delete;
        (table(production, "t").column("up").unwrap().not_null, key)
    };
    let settle = |required| resolved(&project, vec![Resolution { required: Some(required), ..resolution("t", "up") }]);
    assert_eq!(action(&settle(false)), (false, Action::SetNull));
    assert_eq!(action(&settle(true)), (true, Action::NoAction));
}

#[test]
fn resolutions_that_settle_nothing_are_reported_at_their_place() {
    let project = format!("//- m1/t.toml\n[t.fields]\n{KEY}\nname = \"text\"\n");
    let ty = DataType::builtin("text");
    let resolutions = vec![
        Resolution { ty: ty.clone(), ..resolution("t", "name") },
        Resolution { ty: ty.clone(), ..resolution("t", "nam") },
        Resolution { ty, ..resolution("nothing", "name") },
        resolution("t", "name"),
        Resolution { ty: Some(DataType::named(Name::local("texxt"))), ..resolution("t", "name") },
    ];
    let production = resolved(&project, resolutions);
    let found: Vec<String> = production
        .diagnostics
        .iter()
        .map(|found| format!("{}: {} ({})", found.code, found.message, found.help.join("; ")))
        .collect();
    assert_eq!(
        found,
        [
            "unneeded-resolve: there is no conflict about `type` of `t.name`, so this has no effect (remove it)",
            "unknown-resolve: `t` has no field `nam` (did you mean `name`?)",
            "unknown-resolve: no entity `nothing` is in use (remove this `[[resolve]]`, or correct what it names)",
            "unneeded-resolve: this resolution of `t.name` does not say what holds (add the fact to settle, such as `type`)",
            "unknown-type: unknown type `texxt` (did you mean `text`?)",
        ]
    );
    assert!(production.diagnostics.iter().all(|found| found.path().is_some()));
}

#[test]
fn entities_are_completed_through_references_and_no_further() {
    let project = format!(
        "//- busm/all.toml\n[a.fields]\n{KEY}\nb = {{ references = \"b\" }}\n[b.fields]\n{KEY}\nc = {{ references = \"c\" }}\n[c.fields]\n{KEY}\n[d.fields]\n{KEY}\n\
         //- m1/a.toml\n[a]\npick = [\"id\"]\n"
    );
    let production = built(&project, None);
    let names: Vec<String> = production.schema.ready().unwrap().tables.keys().map(Name::to_string).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(production.tables[&Name::local("c")].modules, Vec::<String>::new());
    assert_eq!(production.tables[&Name::local("a")].fields["b"].group, Group::Relationship);
}

#[test]
fn a_reference_grows_with_the_key_that_it_points_to() {
    let project = "//- m1/t.toml\n[p.fields]\nid = { type = \"integer\", primary_key = true }\n[t.fields]\nid = { references = \"p\", primary_key = true }\n[s.fields]\nid = { type = \"integer\", primary_key = true }\nt = { references = \"t\" }\n\
                   //- m2/p.toml\n[p.fields]\nid = { type = \"bigint\", primary_key = true }\n";
    let production = built(project, None);
    assert_eq!(production.diagnostics, []);
    assert_eq!(table(&production, "t").column("id").unwrap().ty.to_string(), "bigint");
    assert_eq!(table(&production, "s").column("t").unwrap().ty.to_string(), "bigint");
}

#[test]
fn claims_that_postgresql_would_store_alike_agree() {
    let project = |default: &str, check: &str, index: &str| {
        format!(
            "//- m1/t.toml\n[t.fields]\n{KEY}\na = {{ type = \"varchar(20)\", default = \"open\" }}\nn = {{ type = \"int\", check = \"n > 0\" }}\n\
             [t.indexes]\nx = [\"(lower(a))\"]\n\
             //- m2/t.toml\n[t.fields]\na = {{ type = \"varchar(50)\", default = {{ sql = \"{default}\" }} }}\nn = {{ type = \"integer\", check = \"{check}\" }}\n\
             [t.indexes]\nx = [\"({index})\"]\n"
        )
    };
    let same = built(&project("('open')::character varying", "(n) > (0)::integer", "LOWER((a)::text)"), None);
    assert_eq!(same.diagnostics, []);
    for (default, check, index) in [
        ("'Open'", "n > 0", "lower(a)"),
        ("'open'", "n > 0.0", "lower(a)"),
        ("'open'", "n > 0", "upper(a)"),
        ("'open'", "n > 0", "lower(a || '')"),
    ] {
        assert_eq!(built(&project(default, check, index), None).diagnostics.len(), 1, "{default} {check} {index}");
    }
}

#[test]
fn indexes_unite_by_meaning_and_names_by_identity() {
    let project = |second: &str| {
        format!(
            "//- m1/t.toml\n[t.fields]\n{KEY}\na = \"text\"\nb = \"text\"\n[t.indexes]\nx = [\"a\"]\n\
             //- m2/t.toml\n[t.fields]\na = \"text\"\nb = \"text\"\n[t.indexes]\n{second}\n"
        )
    };
    let same = built(&project("y = [\"a\"]\nz = [\"a\", \"b\"]"), None);
    assert_eq!(same.diagnostics, []);
    assert_eq!(table(&same, "t").indexes.keys().map(Ident::as_str).collect::<Vec<_>>(), ["idx_x", "idx_z"]);
    let clash = built(&project("x = [\"b\"]"), None);
    assert_eq!(codes(&clash), ["name-conflict"]);
    assert_eq!(clash.diagnostics[0].message, "the index `idx_x` of `t` is defined in two ways");
}

#[test]
fn foreign_keys_are_indexed_once_under_readable_names() {
    let project = format!(
        "//- m1/t.toml\n[users.fields]\n{KEY}\n[accounts]\nunique = [[\"team_id\", \"name\"]]\n[accounts.fields]\n{KEY}\nname = \"text\"\nowner_id = {{ references = \"users\" }}\nowner = {{ references = \"users\" }}\nteam_id = {{ references = \"users\" }}\nmanager_id = {{ references = \"users\", index = true }}\n"
    );
    let mut settings = soft();
    settings.harden.rules.remove("indexes");
    let production = built(&project, Some(settings));
    let indexes: Vec<&str> = table(&production, "accounts").indexes.keys().map(Ident::as_str).collect();
    assert_eq!(indexes, ["idx_account_manager", "idx_account_owner", "idx_account_owner_2"]);
}

#[test]
fn rules_are_switched_for_the_project_and_for_an_entity() {
    let project = format!(
        "//- m1/t.toml\n[users.fields]\n{KEY}\n[t.fields]\n{KEY}\n[t.harden]\naudit_columns = false\nversion = true\n"
    );
    let mut settings = Settings::default();
    settings.harden.rules.insert("version".to_owned(), false);
    let production = built(&project, Some(settings));
    let names =
        |name: &str| table(&production, name).columns.iter().map(|column| column.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names("t"), ["id", "deleted_at", "version"]);
    assert_eq!(names("users"), ["id", "created_at", "created_by", "updated_at", "updated_by", "deleted_at"]);
    assert!(production.schema.ready().is_some());
}

#[test]
fn without_users_there_is_no_reference_to_them_and_the_report_says_so() {
    let production = built(&format!("//- m1/t.toml\n[t.fields]\n{KEY}\n"), Some(Settings::default()));
    let t = table(&production, "t");
    assert!(t.column("created_by").unwrap().not_null);
    assert_eq!(t.constraints.keys().map(Ident::as_str).collect::<Vec<_>>(), ["t_pkey"]);
    let rules = &production.tables[&Name::local("t")].rules;
    let notes = &rules.iter().find(|rule| rule.rule == "audit_columns").unwrap().notes;
    assert_eq!(notes[0], "`created_by` refers to nothing, because no entity `users` with a single key field is in use");
}

#[test]
fn what_cannot_work_is_found() {
    let project = "//- m1/t.toml\n[t.fields]\nname = { type = \"text\", values = [\"a\"] }\n[t.harden]\nsoft_delet = false\n\
                   //- m2/t.toml\n[t.fields]\nname = { type = \"text\", default = \"b\" }\n";
    let production = built(project, Some(Settings::default()));
    assert_eq!(codes(&production), ["unknown-rule", "refused-default", "no-primary-key"]);
    let dangling = built("//- m1/t.toml\n[t.fields]\nid = { type = \"uuid\", primary_key = true }\n", None);
    assert_eq!(dangling.diagnostics, []);
}

#[test]
fn the_order_of_claimants_decides_nothing() {
    let project = format!(
        "//- m1/t.toml\n[t.fields]\n{KEY}\na = \"varchar(5)\"\nb = \"text\"\n//- m2/t.toml\n[t.fields]\n{KEY}\nb = \"varchar(9)\"\nc = \"text\"\n"
    );
    let lowered: Vec<(String, Lowered)> = files(&project)
        .iter()
        .map(|(path, content)| {
            let file = schema_file(path, content.as_bytes());
            (path.as_str().to_owned(), toml::lower(&[&file], Lowered::default(), None))
        })
        .collect();
    let claimants: Vec<Claimant<'_>> = lowered.iter().map(|(name, lowered)| claimant(name, lowered)).collect();
    let reversed: Vec<Claimant<'_>> = claimants.iter().rev().cloned().collect();
    assert_eq!(build(&claimants, &Settings::default()), build(&reversed, &Settings::default()));
}

#[test]
fn names_that_postgres_keeps_apart_across_tables_clash() {
    let project = format!(
        "//- m1/t.toml\n[t.fields]\n{KEY}\na = \"text\"\n[t.indexes]\nx = [\"a\"]\n\
         //- m2/u.toml\n[u.fields]\n{KEY}\na = \"text\"\n[u.indexes]\nx = [\"a\"]\n"
    );
    let production = built(&project, None);
    assert_eq!(codes(&production), ["name-clash"]);
    assert_eq!(
        production.diagnostics[0].message,
        "the name `idx_x` is given twice: index idx_x of t, index idx_x of u"
    );
    assert_eq!(production.diagnostics[0].labels.len(), 2);
}

#[test]
fn roles_are_kept_in_a_table_when_users_have_no_role() {
    let project = format!("//- m1/t.toml\n[users.fields]\n{KEY}\n");
    let production = built(&project, Some(Settings::default()));
    let roles = table(&production, "user_roles");
    assert!(roles.row_security && roles.triggers.contains_key("audit_user_roles"));
    assert_eq!(shown(roles).last().unwrap(), "user_roles_user_id_fkey: [user_id] -> users");
    let with_role = built(&format!("{project}role = \"text\"\n"), Some(Settings::default()));
    assert!(!with_role.schema.preview().tables.contains_key(&Name::local("user_roles")));
}

#[test]
fn an_expression_that_names_no_field_is_found() {
    let found = |rest: &str| {
        let text = format!("CREATE TABLE t (id uuid PRIMARY KEY, total int, label text{rest}");
        let lowered = lower::sql::lower(&[sql::parse(&RepoPath::new("m.sql").unwrap(), &text)]);
        let found = build(&[claimant("m", &lowered)], &Settings::default()).diagnostics;
        let such =
            found.into_iter().filter(|found| found.code == "unknown-field" || found.code == "default-names-field");
        such.map(|found| format!("{} ({})", found.message, found.help.join("; "))).collect::<Vec<_>>()
    };
    let near = |what: &str| {
        let message = format!("{what} of `t` names `totl`, which is no field of it: the schema does not load");
        [format!("{message} (did you mean `total`?)")]
    };
    assert_eq!(found(", CONSTRAINT c CHECK (totl > 0));"), near("the constraint `c`"));
    assert_eq!(found(", CONSTRAINT c CHECK (total > 0 AND totl IS NOT NULL));"), near("the constraint `c`"));
    assert_eq!(found("); CREATE INDEX i ON t (lower(label)) WHERE totl > 0;"), near("the index `i`"));
    assert_eq!(found("); CREATE POLICY p ON t USING (totl > 0);"), near("the policy `p`"));
    assert_eq!(found(", double int GENERATED ALWAYS AS (totl * 2) STORED);"), near("the generated field `double`"));
    assert_eq!(
        found(", state text DEFAULT draft);"),
        [
            "the default of `t.state` names `draft`, but a default can name no field (a text stands in quotes: `'draft'`; a value \
          made from other fields is a generated field)"
        ]
    );
    for fine in [
        "); CREATE INDEX i ON t (total) WHERE deleted_at IS NULL;",
        "); CREATE POLICY p ON t USING (EXISTS (SELECT FROM other WHERE other.x = t.id AND y = label));",
        ", a timestamptz DEFAULT now(), b text DEFAULT current_user, c text[] DEFAULT ARRAY['x'], d interval DEFAULT '1 day');",
        ", CHECK (label = normalize(label, NFKC)), CHECK (extract(year FROM current_date) > total), CHECK (label COLLATE \"C\" > 'a'));",
    ] {
        assert_eq!(found(fine), [""; 0], "{fine}");
    }
}

#[test]
fn a_name_that_nothing_brings_is_found() {
    let found = |rest: &str| {
        let text = format!("CREATE TABLE t (id uuid PRIMARY KEY, label text, at date);\n{rest}");
        let lowered = lower::sql::lower(&[sql::parse(&RepoPath::new("m.sql").unwrap(), &text)]);
        let found = build(&[claimant("m", &lowered)], &Settings::default()).diagnostics;
        let such = found.into_iter().filter(|found| found.code.starts_with("unknown-"));
        such.map(|found| format!("{} ({})", found.message, found.help.join("; "))).collect::<Vec<_>>()
    };
    let trigger = "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION";
    assert_eq!(
        found(&format!("CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS ''; {trigger} stmp();")),
        [
            "the trigger `x` of `t` calls `stmp`, which nothing defines: the schema does not load (did you mean `stamp`?)"
        ]
    );
    assert_eq!(
        found("CREATE INDEX i ON t USING hsh (label);"),
        [
            "the index `i` of `t` is made with `hsh`, which is no access method: the schema does not load (did you mean `hash`?)"
        ]
    );
    assert_eq!(
        found("CREATE INDEX i ON t (label text_patern_ops);"),
        [
            "the index `i` of `t` names `text_patern_ops`, which is no operator class of btree: the schema does not load (did \
          you mean `text_pattern_ops`?)"
        ]
    );
    assert_eq!(
        found("CREATE INDEX i ON t USING gin (label gin_trgm_ops);"),
        [
            "the index `i` of `t` names `gin_trgm_ops`, which is no operator class of gin: the schema does not load (if an \
          extension brings it, say so with CREATE EXTENSION)"
        ]
    );
    assert_eq!(
        found(&format!("CREATE FUNCTION stamp(x int) RETURNS trigger LANGUAGE plpgsql AS ''; {trigger} stamp();")),
        [
            "the trigger `x` of `t` calls `stamp`, which is no function without arguments that returns `trigger`: the schema does \
          not load (a function for triggers takes no arguments, and returns `trigger`)"
        ]
    );
    let lacks = |what: &str, column: &str, method: &str, ty: &str, help: &str| {
        let message = format!("{what} cannot take `{column}`: {method} has no operator class for `{ty}`");
        [format!("{message}: the schema does not load ({help})")]
    };
    assert_eq!(
        found("ALTER TABLE t ADD CONSTRAINT e EXCLUDE USING gist (label WITH =);"),
        lacks(
            "the constraint `e` of `t`",
            "label",
            "gist",
            "text",
            "`CREATE EXTENSION btree_gist;` in an SQL file brings one; for texts, pg_trgm has others to be named"
        )
    );
    let other = "take another type, such as `jsonb`, or index an expression of it";
    assert_eq!(
        found("CREATE TABLE u (id int PRIMARY KEY, j json CONSTRAINT once UNIQUE);"),
        lacks("the constraint `once` of `u`", "j", "btree", "json", other)
    );
    for fine in [
        "CREATE EXTENSION pg_trgm; CREATE INDEX i ON t USING gin (label gin_trgm_ops);",
        "CREATE EXTENSION btree_gist; ALTER TABLE t ADD EXCLUDE USING gist (label WITH =, at WITH =);",
        "CREATE EXTENSION citext; CREATE TABLE u (id int PRIMARY KEY, e citext); CREATE INDEX i ON u (e citext_pattern_ops);",
        "CREATE EXTENSION ltree; CREATE TABLE u (id int PRIMARY KEY, p ltree);
         CREATE INDEX i ON u USING gist (p gist_ltree_ops(siglen = 100));",
        "CREATE TABLE u (a int[] PRIMARY KEY, b jsonb UNIQUE, c daterange, d tsvector); CREATE INDEX i ON u USING gin (a, b, d);
         CREATE INDEX j ON u USING gist (c, d); CREATE INDEX k ON u USING spgist (c); CREATE INDEX l ON u USING hash (b);",
        "CREATE INDEX i ON t USING brin (at date_minmax_multi_ops); CREATE INDEX j ON t USING HASH (label text_ops);",
        &format!("{trigger} suppress_redundant_updates_trigger();"),
        &format!("{trigger} elsewhere.stamp();"),
        &format!("{trigger} audit_changes();"),
    ] {
        assert_eq!(found(fine), [""; 0], "{fine}");
    }
}

/// A trigger that happens to have the name of a rule's is another one: both do what they do.
#[test]
fn a_trigger_of_a_rules_name_stands_beside_it() {
    let text = "CREATE TABLE t (id uuid PRIMARY KEY);
        CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER touch_t BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION own();
        CREATE TRIGGER audit_t AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION audit_changes();";
    let lowered = lower::sql::lower(&[sql::parse(&RepoPath::new("m.sql").unwrap(), text)]);
    let production = build(&[claimant("m", &lowered)], &Settings::default());
    let triggers = table(&production, "t").triggers.iter();
    let shown: Vec<String> = triggers.map(|(name, it)| format!("{name} {}", it.function)).collect();
    assert_eq!(
        shown,
        [
            "audit_t audit_changes",
            "audit_t_truncate audit_changes",
            "soft_delete_t stamp_deletion",
            "touch_t own",
            "touch_t_2 touch_row",
            "version_t check_version"
        ]
    );
}

#[test]
fn what_has_to_be_there_before_the_first_user_needs_no_author() {
    let users = "name = \"text\"\ntenant_id = { references = \"tenants\", required = true }\n";
    let tenants = "region_id = { references = \"regions\", required = true }\nplan_id = { references = \"plans\" }\n";
    let project = format!(
        "//- m1/t.toml\n[users.fields]\n{KEY}\n{users}[tenants.fields]\n{KEY}\n{tenants}[regions.fields]\n{KEY}\n\
         [plans.fields]\n{KEY}\n"
    );
    let production = built(&project, Some(Settings::default()));
    let required = |name: &str| table(&production, name).column("created_by").unwrap().not_null;
    assert_eq!(["users", "tenants", "regions", "plans"].map(required), [true, false, false, true]);
    assert!(table(&production, "tenants").column("created_at").unwrap().not_null);
    let rules = &production.tables[&Name::local("regions")].rules;
    let notes = &rules.iter().find(|rule| rule.rule == "audit_columns").unwrap().notes;
    assert_eq!(notes[0], "`created_by` may be empty, since the first of `users` refers to a row that is there before");
    // Where a module demands it, it may not.
    let own = "created_by = { type = \"uuid\", required = true }\n";
    let production =
        built(&project.replace("[regions.fields]\n", &format!("[regions.fields]\n{own}")), Some(Settings::default()));
    assert!(table(&production, "regions").column("created_by").unwrap().not_null);
    let rules = &production.tables[&Name::local("regions")].rules;
    let notes = rules.iter().filter(|rule| rule.rule == "audit_columns").flat_map(|rule| &rule.notes);
    assert_eq!(notes.filter(|note| note.contains("may be empty")).count(), 0);
}

#[test]
fn a_conflict_points_at_who_says_something_else() {
    let claim = |ty: &str| format!("[t.fields]\nx = \"{ty}\"\n");
    let project = format!(
        "//- busm/t.toml\n{}//- m1/t.toml\n{}//- m2/t.toml\n{}",
        claim("smallint"),
        claim("smallint"),
        claim("integer")
    );
    let production = built(&project, None);
    let labels = production.diagnostics[0].labels.iter().map(|label| label.text.as_str()).collect::<Vec<_>>();
    assert_eq!(labels, ["`m2` says integer", "`m1` says smallint", "`busm` says smallint"]);
}

#[test]
fn fields_that_no_trigger_can_keep_are_told_and_demand_nothing() {
    let project =
        format!("//- m1/t.toml\n[t.fields]\n{KEY}\ncreated_at = \"date\"\nversion = \"text\"\ndeleted_at = \"date\"\n");
    let production = built(&project, Some(Settings::default()));
    assert_eq!(codes(&production), ["system-field"; 3]);
    let t = table(&production, "t");
    assert!(!t.column("created_by").unwrap().not_null, "nobody would say it");
    assert!(t.triggers.keys().all(|name| !name.as_str().starts_with("touch")));
}

#[test]
fn who_signs_in_has_to_be_somebody() {
    let settings = |users: &str| {
        let place = Span::file(&RepoPath::new("forge.toml").unwrap());
        let harden =
            Harden { users: Name::local(users), places: [("users".to_owned(), place)].into(), ..Harden::default() };
        Settings { harden, ..Settings::default() }
    };
    let project = format!(
        "//- m1/t.toml\n[persons.fields]\n{KEY}\n[pairs]\nprimary_key = [\"a\", \"b\"]\n[pairs.fields]\na = \"uuid\"\nb = \"uuid\"\n"
    );
    let found = |users: &str| {
        let found = built(&project, Some(settings(users))).diagnostics;
        found.into_iter().filter(|found| found.code == "unknown-users").map(|it| it.help.join("; ")).collect::<Vec<_>>()
    };
    assert_eq!(found("persons"), [""; 0]);
    assert_eq!(found("person"), ["did you mean `persons`?"]);
    assert_eq!(found("pairs"), ["name the entity of the people that sign in"]);
}

#[test]
fn a_table_that_hardening_makes_takes_no_name_of_an_entity() {
    let project = format!("//- m1/t.toml\n[audit_log.fields]\n{KEY}\n[t.fields]\n{KEY}\n");
    let production = built(&project, Some(Settings::default()));
    assert_eq!(codes(&production), ["name-taken"]);
    assert_eq!(production.schema.ready(), None);
}

#[test]
fn partitions_follow_the_table_that_they_are_a_part_of() {
    let mut parent = Table {
        columns: vec![crate::model::table::Column::new("id", DataType::builtin("uuid").unwrap())],
        ..Table::default()
    };
    let mut child = parent.clone();
    parent.partition_by = Some(crate::model::table::PartitionBy { strategy: "hash".to_owned(), elements: Vec::new() });
    child.partition_of =
        Some(crate::model::table::PartitionOf { parent: Name::local("t"), bound: Sql::new("DEFAULT") });
    let mut lowered = Lowered::default();
    lowered.model.tables = [(Name::local("t"), parent), (Name::local("t_rest"), child)].into();
    let production = build(&[claimant("m1", &lowered)], &Settings::default());
    let (parent, child) = (table(&production, "t"), table(&production, "t_rest"));
    assert_eq!(child.columns.len(), parent.columns.len());
    assert!(child.column("version").is_some() && child.row_security);
    assert!(child.policies.is_empty() && child.indexes.is_empty());
    // Triggers for rows are PostgreSQL's to hand down, and none for statements.
    assert_eq!(child.triggers.keys().map(Ident::as_str).collect::<Vec<_>>(), ["audit_t_rest_truncate"]);
}

/// Whatever the child's own triggers are called, the rules hold for its rows.
#[test]
fn a_table_that_inherits_has_triggers_of_its_own_beside_those_of_rules() {
    let text = "CREATE TABLE t (id uuid PRIMARY KEY);
        CREATE TABLE c () INHERITS (t);
        CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER touch_t BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION own();
        CREATE TRIGGER audit_c AFTER INSERT ON c FOR EACH ROW EXECUTE FUNCTION own();";
    let lowered = lower::sql::lower(&[sql::parse(&RepoPath::new("m.sql").unwrap(), text)]);
    let production = build(&[claimant("m", &lowered)], &Settings::default());
    let triggers = table(&production, "c").triggers.iter();
    let shown: Vec<String> = triggers.map(|(name, it)| format!("{name} {}", it.function)).collect();
    assert_eq!(
        shown,
        [
            "audit_c own",
            "audit_c_2 audit_changes",
            "audit_c_truncate audit_changes",
            "soft_delete_c stamp_deletion",
            "touch_c touch_row",
            "version_c check_version"
        ]
    );
}

#[test]
fn a_view_that_reads_past_policies_is_reported() {
    let view = |query: &str| crate::model::relation::View::new(Sql::new(query));
    let mut lowered = toml::lower(&[], Lowered::default(), None);
    let file = schema_file(&RepoPath::new("t.toml").unwrap(), format!("[t.fields]\n{KEY}\n").as_bytes());
    lowered.model.tables = toml::lower(&[&file], Lowered::default(), None).model.tables;
    let mut safe = view("SELECT id FROM t");
    safe.options.insert("security_invoker".to_owned(), "true".to_owned());
    lowered.model.views = [("v", view("SELECT id FROM t")), ("w", view("SELECT 1")), ("x", safe)]
        .map(|(name, view)| (Name::local(name), view))
        .into();
    let production = build(&[claimant("m1", &lowered)], &Settings::default());
    let found: Vec<&str> = production.diagnostics.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(found, ["the view `v` shows rows of `t` past row level security"]);
}

#[test]
fn a_view_that_reads_what_nobody_declares_is_reported() {
    let sql = |text: &str| lower::sql::lower(&[sql::parse(&RepoPath::new("m.sql").unwrap(), text)]);
    let found = |view: &str| {
        let tables = sql(
            "CREATE TABLE accounts (id uuid PRIMARY KEY); CREATE SCHEMA app; CREATE TABLE app.visits (id uuid PRIMARY KEY);",
        );
        let views = sql(view);
        let production = build(&[claimant("a", &tables), claimant("b", &views)], &Settings::default());
        let found = production.diagnostics.into_iter().filter(|found| found.code == "view-without-table");
        found.map(|found| (found.message, found.help.join("; "))).collect::<Vec<_>>()
    };
    let said = |view: &str| {
        let reads = |(message, _): &(String, String)| message.split('`').nth(3).map(str::to_owned);
        found(view).iter().filter_map(reads).collect::<Vec<_>>()
    };
    for fine in [
        "SELECT a.id FROM accounts a JOIN app.visits v USING (id)",
        "WITH RECURSIVE tree AS (SELECT id FROM accounts UNION SELECT id FROM tree) SELECT * FROM tree",
        "SELECT * FROM generate_series(1, 2), pg_class, information_schema.tables, auth.users",
        "SELECT id FROM visits",
        "SELECT * FROM current_date",
    ] {
        assert_eq!(said(&format!("CREATE VIEW v AS {fine};")), [""; 0], "{fine}");
    }
    let gone =
        "CREATE VIEW v AS SELECT * FROM account UNION SELECT * FROM (SELECT 1 FROM accounts JOIN app.visit ON true) x;";
    assert_eq!(said(gone), ["account", "app.visit"]);
    assert_eq!(found(gone)[0].1, "did you mean `accounts`?");
    let foreign =
        "CREATE FOREIGN TABLE app.\"Line Items\" (id int) SERVER s; CREATE VIEW v AS SELECT * FROM app.\"Line Items\";";
    assert_eq!(said(foreign), [""; 0]);
    assert_eq!(said(&format!("CREATE EXTENSION pgcrypto; {gone}")).len(), 2);
    assert_eq!(said(&format!("CREATE EXTENSION postgis; {gone}")), [""; 0], "it may bring relations");
}

#[test]
fn a_view_that_reads_a_field_that_is_gone_is_reported() {
    let sql = |text: &str| lower::sql::lower(&[sql::parse(&RepoPath::new("m.sql").unwrap(), text)]);
    let tables = sql(
        "CREATE TABLE accounts (id uuid PRIMARY KEY, email text, tags text[]); CREATE TABLE visits (id uuid, account_id uuid);
        CREATE FUNCTION domain(accounts) RETURNS text LANGUAGE sql RETURN ($1).email;",
    );
    let found = |view: &str| {
        let production = build(
            &[claimant("a", &tables), claimant("b", &sql(&format!("CREATE VIEW v AS {view};")))],
            &Settings::default(),
        );
        let found = production.diagnostics.into_iter().filter(|found| found.code == "view-without-column");
        found.map(|found| (found.message, found.help.join("; "))).collect::<Vec<_>>()
    };
    for fine in [
        "SELECT a.email, a.ctid, a.domain, a, a.* FROM accounts a",
        "SELECT a.e FROM accounts AS a (i, e)",
        "WITH accounts AS (SELECT 1 AS one) SELECT accounts.one FROM accounts",
        "SELECT a.mail FROM (SELECT email AS mail FROM accounts) a",
        "SELECT email AS shown, count(*) AS total FROM accounts GROUP BY shown HAVING count(*) > 1 ORDER BY total",
        "SELECT count(*) OVER w, rank() OVER (PARTITION BY email ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM accounts WINDOW w AS (ORDER BY id)",
        "SELECT tag FROM accounts a, unnest(a.tags) tag",
        "SELECT (SELECT max(a.email) FROM visits v WHERE v.account_id = a.id) FROM accounts a",
        "SELECT extract(year FROM current_date), trim(BOTH 'x' FROM email) FROM accounts",
        "SELECT x.unknown FROM others x",
        "SELECT v.year FROM visits_view v",
        "SELECT id, (SELECT a.z FROM others a TABLESAMPLE system (1) LIMIT 1) FROM accounts a",
        "SELECT a.row_to_json FROM accounts a",
        "SELECT xmlserialize(content '<a/>' AS text) FROM accounts ORDER BY xmlserialize",
    ] {
        assert_eq!(found(fine), [], "{fine}");
    }
    let production = |column: &str| {
        format!("the view `v` reads `accounts.{column}`, which is not in production: the schema does not load")
    };
    let near = "did you mean `email`?".to_owned();
    for gone in [
        "SELECT a.emial FROM accounts a",
        "SELECT emial FROM accounts",
        "SELECT 1 FROM visits v JOIN public.accounts ON accounts.emial = 'x'",
        "SELECT 1 FROM accounts WHERE lower(emial) = 'x' OR id IS NULL",
        "SELECT 1 FROM visits WHERE EXISTS (SELECT FROM accounts a WHERE a.emial IS NULL)",
        "SELECT count(*) FILTER (WHERE a.emial = 'x') FROM accounts a",
    ] {
        assert_eq!(found(gone), [(production("emial"), near.clone())], "{gone}");
    }
    let none = found("SELECT a.telephone FROM accounts a");
    assert_eq!(
        none[0].1,
        "declare `telephone` of `accounts` in a module that is in production, or take it out of the view"
    );
}
