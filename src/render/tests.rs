//! The built-in templates over the seed's example, and what the engine says about templates that are wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::engine::Engine;
use super::error::Mistake;
use super::view::{AddedView, CountView, Group, HardeningPage, ItemView, RuleView};
use super::view::{SqlView, StatementView, TableReport, TableView};
use crate::concept::fixture::{field_service, large, model, paths, source};
use crate::concept::page::Reference;
use crate::concept::{Concept, Source};
use crate::diagnostic::draw::draw;
use crate::model::Model;
use crate::model::name::Name;
use crate::path::RepoPath;

fn engine(overrides: &[(&str, &str)]) -> Engine {
    Engine::new(overrides.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

/// Every page of the documentation of `models`, by path.
fn pages(models: &[(impl AsRef<str>, Model)]) -> BTreeMap<RepoPath, String> {
    let sources: Vec<Source<'_>> = models.iter().map(|(name, model)| source(name.as_ref(), model)).collect();
    let paths = paths(&sources);
    let concept = Concept::new("Field service", Some("Who does what, where."), &sources, &paths);
    let engine = engine(&[]);
    let text = |result: Result<super::engine::Rendered, super::error::RenderError>| result.unwrap().text.to_string();
    let mut pages = BTreeMap::new();
    pages.insert(paths.project.clone(), text(engine.render("concept/project.md", &concept.project_page())));
    for (name, path) in &paths.modules {
        let page = concept.module_page(name).unwrap();
        pages.insert(path.clone(), text(engine.render("concept/module.md", &page)));
    }
    for (name, path) in &paths.entities {
        let page = concept.entity_page(name).unwrap();
        pages.insert(path.clone(), text(engine.render("concept/entity.md", &page)));
    }
    pages
}

/// The targets of the Markdown links of `text`.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

/// The link with its `%` escapes resolved, as a browser would.
fn decoded(link: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = link.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape =
            (*first == b'%').then(|| u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
        bytes.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_link_leads_to_a_page() {
    let odd = model("a)b%: id uuid pk, größe_id uuid -> größe\ngröße: id uuid pk\nsales.orders: id uuid pk");
    for models in [field_service(), vec![("a b", odd)]] {
        let pages = pages(&models);
        let mut followed = 0;
        for (path, text) in &pages {
            for link in links(text) {
                let folder = path.parent().unwrap();
                let target = RepoPath::new(&format!("{folder}/{}", decoded(link))).unwrap();
                assert!(pages.contains_key(&target), "{path}: {link}");
                followed += 1;
            }
        }
        assert!(followed > pages.len());
    }
}

#[test]
fn pages_are_well_formed() {
    for (path, text) in pages(&field_service()).into_iter().chain(pages(&large(25))) {
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path} ends oddly:\n{text}");
        assert!(!text.contains("\n\n\n"), "{path} has two blank lines:\n{text}");
        assert!(!text.contains(" \n"), "{path} has trailing space:\n{text}");
        for heading in text.match_indices("\n#").map(|(at, _)| at) {
            assert!(text[..heading].ends_with('\n'), "{path} has a heading without a blank line before it:\n{text}");
        }
        assert!(!text.contains("CREATE TABLE"), "{path} has SQL");
    }
}

#[test]
fn an_entity_page_reads_like_a_document() {
    let pages = pages(&field_service());
    insta::assert_snapshot!(pages[&RepoPath::new("concept/entities/contacts.md").unwrap()]);
}

#[test]
fn a_missing_name_is_drawn_with_the_one_that_was_meant() {
    let engine = engine(&[("team/types.ts", "// types\nexport type {{ entity.nmae }} = {};\n")]);
    let error = engine.render("team/types.ts", &json!({ "entity": { "name": "accounts" } })).unwrap_err();
    assert_eq!((error.kind, error.template.as_str(), error.line), (Mistake::Undefined, "team/types.ts", Some(2)));
    let finding = error.diagnostic(|name| RepoPath::new(&format!("templates/{name}")).ok());
    let drawn = draw(&finding, false, |path| engine.text(path.as_str().strip_prefix("templates/")?));
    insta::assert_snapshot!(drawn);
}

#[test]
fn mistakes_in_templates_name_template_and_line() {
    let mistake = |text: &str| {
        let engine = engine(&[("t", text), ("bad", "a\n{% if %}")]);
        let view = json!({ "entity": { "fields": [{ "name": "id" }] }, "title": "x" });
        let error = engine.render("t", &view).unwrap_err();
        (error.kind, format!("{error}; {}", error.help.join("; ")))
    };
    assert_eq!(
        mistake("\n{{ titel }}"),
        (Mistake::Undefined, "t:2: the view has no `titel`; did you mean `title`?".to_owned())
    );
    assert_eq!(
        mistake("{{ foo }}"),
        (Mistake::Undefined, "t:1: the view has no `foo`; it has `entity`, `title`".to_owned())
    );
    assert_eq!(
        mistake("{% for field in entity.fields %}{{ field.nam }}{% endfor %}"),
        (Mistake::Undefined, "t:1: `field` has no `nam`; did you mean `name`?".to_owned())
    );
    let (kind, text) = mistake("{% include 'bad' %}");
    assert_eq!(kind, Mistake::Syntax);
    assert!(text.starts_with("bad:2: "), "{text}");
    let (kind, text) = mistake("{% include 'concept/partz.md' %}");
    assert_eq!(
        (kind, text.as_str()),
        (Mistake::Missing, "t:1: there is no template `concept/partz.md`; did you mean `concept/parts.md`?")
    );
    assert_eq!(mistake("{{ title | shout }}").0, Mistake::Unknown);
}

#[test]
fn a_mistake_in_a_shared_piece_is_found_there() {
    let engine = engine(&[
        ("t", "{% import 'lib' as lib %}\n{{ lib.show({'name': 1}) }}"),
        ("lib", "{% macro show(it) %}\n\n{{ it.title }}{% endmacro %}"),
        ("endless", "{% include 'endless' %}"),
    ]);
    let error = engine.render("t", &json!({ "title": "x" })).unwrap_err();
    assert_eq!(error.to_string(), "lib:3: `it` has no `title`");
    let error = engine.render("gone.md", &json!({})).unwrap_err();
    assert_eq!((error.kind, error.to_string().as_str()), (Mistake::Missing, "gone.md: there is no template `gone.md`"));
    assert_eq!(error.diagnostic(|_| None).message, "there is no template `gone.md`");
    assert!(engine.render("endless", &json!({})).is_err());
    let error = engine.render_line("the path of target `x`", "{{ modul.slug }}", &json!({ "module": {} })).unwrap_err();
    let message = error.diagnostic(|_| None).message;
    assert_eq!(message, "the view has no `modul`, in the path of target `x`");
    assert_eq!(error.help, ["did you mean `module`?"]);
}

#[test]
fn nothing_ambient_reaches_a_template() {
    for name in ["now", "env", "random", "today", "config", "uuid"] {
        let error = engine(&[("t", &format!("{{{{ {name}() }}}}"))]).render("t", &json!({})).unwrap_err();
        assert!(matches!(error.kind, Mistake::Unknown | Mistake::Undefined), "{name}: {error}");
    }
}

#[test]
fn the_templates_that_a_render_asked_for_are_known() {
    let engine = engine(&[
        (
            "t",
            "{% extends 'base' %}{% from 'm' import x %}{% block b %}{% include ['no', 'i'] %}{% include 'gone' ignore missing %}{% endblock %}",
        ),
        ("base", "{% block b %}{% endblock %}"),
        ("m", "{% macro x() %}{% endmacro %}"),
        ("i", "i"),
        ("unrelated", ""),
    ]);
    let names = |rendered: &BTreeSet<String>| rendered.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    for _ in 0..2 {
        let rendered = engine.render("t", &json!({})).unwrap();
        assert_eq!(rendered.text, "i");
        assert_eq!(names(&rendered.reads.templates), "base gone i m no t");
    }
}

#[test]
fn a_use_of_templates_holds_as_long_as_their_texts() {
    let read: BTreeSet<String> = ["concept/entity.md", "gone"].map(str::to_owned).into();
    let plain = engine(&[]);
    let uses = plain.uses(&read);
    assert!(plain.has_still(&uses) && engine(&[("other", "x")]).has_still(&uses));
    assert!(engine(&[("concept/entity.md", plain.text("concept/entity.md").unwrap())]).has_still(&uses));
    assert!(!engine(&[("concept/entity.md", "x")]).has_still(&uses), "an override appeared");
    assert!(!engine(&[("gone", "")]).has_still(&uses), "what was missing is there");
}

#[test]
fn line_ends_are_the_same_everywhere() {
    let text = engine(&[("t", "a\r\n{% if true %}\r\nb\r\n{% endif %}\r\n")]).render("t", &json!({})).unwrap().text;
    assert_eq!(text, "a\nb\n");
}

#[test]
fn the_report_tells_before_and_after_and_why() {
    let count = |what: &str, before, after| CountView { what: what.to_owned(), before, after };
    let rules = [RuleView { name: "soft-delete".to_owned(), doc: "rows are marked, not removed".to_owned() }];
    let table = TableReport {
        name: "accounts".to_owned(),
        counts: vec![count("fields", 4, 25), count("constraints", 0, 9)],
        added: vec![AddedView {
            rule: "soft-delete".to_owned(),
            why: "a deleted row can be brought back".to_owned(),
            what: vec!["field deleted_at".to_owned()],
        }],
        skipped: vec!["audit-trail".to_owned()],
    };
    let to = |name: &str, href: &str| Reference { name: name.to_owned(), href: Some(href.to_owned()) };
    let entities = json!({ "entities": [to("accounts", "hardening/accounts.md")] });
    let other =
        TableReport { name: "audit_log".to_owned(), counts: vec![count("fields", 0, 6)], ..TableReport::default() };
    let report = json!({ "project": "Field service", "rules": rules, "entities": entities, "others": [other] });
    let view = json!({ "project": "Field service", "report": report });
    insta::assert_snapshot!(engine(&[]).render("production/hardening-report.md", &view).unwrap().text);
    let [project, entity] =
        [to("Field service", "../hardening-report.md"), to("accounts", "../../concept/entities/accounts.md")];
    let page = HardeningPage { project, entity, table };
    insta::assert_snapshot!(engine(&[]).render("production/hardening.md", &page).unwrap().text);
}

#[test]
fn a_teams_own_template_makes_a_type_for_each_entity() {
    let template = r#"// {{ entity.doc or entity.name }}
export interface {{ entity.one | pascal }} {
{% for field in entity.fields %}
  {{ field.name | camel }}{{ "" if field.required else "?" }}: {{ "number" if field.type is startingwith "int" else "string" }};
{% endfor %}
}
"#;
    let model = model("work_orders: id uuid pk, total integer !, note text");
    let text = page("work_orders", &model, &engine(&[("types.ts", template)]), "types.ts");
    let expected = "\
// work_orders
export interface WorkOrder {
  id: string;
  total: number;
  note?: string;
}
";
    assert_eq!(text, expected);
}

/// One template over the page of the entity `name`.
fn page(name: &str, model: &Model, engine: &Engine, template: &str) -> String {
    let sources = [source("m", model)];
    let paths = paths(&sources);
    let concept = Concept::new("p", None, &sources, &paths);
    engine.render(template, &concept.entity_page(&Name::local(name)).unwrap()).unwrap().text.to_string()
}

#[test]
fn production_lays_tables_out_in_groups_within_a_transaction() {
    let item = |group, sql: &str, comment: Option<&str>| {
        (group, ItemView::new(sql.split(' ').next().unwrap(), sql, comment.map(str::to_owned)))
    };
    let table = TableView::new(
        "CREATE TABLE accounts (".to_owned(),
        vec![
            item(Group::Core, "id UUID PRIMARY KEY", None),
            item(Group::Relationship, "owner_id UUID REFERENCES users(id)", None),
            item(Group::System, "deleted_at TIMESTAMPTZ", Some("Soft delete")),
            item(Group::System, "version INTEGER DEFAULT 1", Some("Optimistic locking")),
        ],
        ")".to_owned(),
    );
    let statement = |sql: &str, comment: Option<&str>, table: Option<TableView>| StatementView {
        name: "accounts".to_owned(),
        sql: sql.to_owned(),
        comment: comment.map(str::to_owned),
        table,
    };
    let view = SqlView {
        project: "Field service".to_owned(),
        module: None,
        statements: vec![
            statement("CREATE TABLE users (id UUID)", None, None),
            statement("CREATE TABLE accounts (…)", Some("Customers\nand sites"), Some(table)),
        ],
    };
    let production = json!({ "project": view.project, "runs": [{ "statements": view.statements }] });
    insta::assert_snapshot!(engine(&[]).render("production/schema.sql", &production).unwrap().text);
    let prototype = SqlView { module: Some("master-view".to_owned()), ..view };
    insta::assert_snapshot!(engine(&[]).render("prototype/schema.sql", &prototype).unwrap().text);
}
