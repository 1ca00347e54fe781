//! Construct by construct: what a template reads is noted. And the promise that stands on it: what was not noted can
//! change, and the text stays.

use std::cell::Cell;
use std::fmt::Write;

use proptest::prelude::{Strategy, any, prop_assert_eq};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde_json::{Value, json};

use super::Facts;
use super::trace::{Seen, Trace};
use crate::concept::Concept;
use crate::concept::fixture::{field_service, large, paths, source};
use crate::concept::page::Reference;
use crate::render::engine::Engine;
use crate::render::view::{AddedView, CountView, Group, ItemView, RuleView, SqlView, StatementView};
use crate::render::view::{TableReport, TableView};

/// Every way that a template has to learn something of its view.
const CONSTRUCTS: &[&str] = &[
    "nothing at all",
    "{{ title }}",
    "{{ map.key }}",
    "{{ map['key'] }}",
    "{{ map.inner.deep }}",
    "{{ map|attr('key') }}",
    "{% set it = map %}{{ it.key }}",
    "{% with it = map %}{{ it.key }}{% endwith %}",
    "{{ 'yes' if flag }}",
    "{{ 'yes' if list }}",
    "{{ 'yes' if map }}",
    "{{ 'yes' if not empty }}",
    "{{ list or 'none' }}",
    "{{ list|length }}",
    "{{ map|length }}",
    "{{ texts|count }}",
    "{{ list[0].name }}",
    "{{ list[-1].name }}",
    "{{ 'there' if list[7] is defined }}",
    "{{ (list|first).name }}",
    "{{ (list|last).name }}",
    "{% for it in list %}{{ it.name }} {% endfor %}",
    "{% for it in list %}{{ loop.index }}/{{ loop.length }} {% endfor %}",
    "{% for it in list %}{{ it.name }}{{ ', ' if not loop.last }}{% endfor %}",
    "{% for it in list if it.flag %}{{ it.name }}{% else %}none{% endfor %}",
    "{% for it in empty %}x{% else %}none{% endfor %}",
    "{% for it in list %}{{ loop.previtem.name if loop.previtem is defined }}{% endfor %}",
    "{% for it in list recursive %}{{ it.name }}{{ loop(it.none) if it.none }}{% endfor %}",
    "{% for key in map %}{{ key }} {% endfor %}",
    "{% for key, value in map|items %}{{ key }}={{ value }} {% endfor %}",
    "{{ map|dictsort }}",
    "{{ map }}",
    "{{ list }}",
    "{{ texts }}",
    "{{ texts|join(',') }}",
    "{{ list|map(attribute='name')|join(',') }}",
    "{{ list|selectattr('flag')|map(attribute='name')|list }}",
    "{{ list|rejectattr('flag')|list|length }}",
    "{{ list|sort(attribute='name')|map(attribute='type')|join }}",
    "{{ texts|sort }}",
    "{{ texts|unique|list }}",
    "{{ texts|reverse|list }}",
    "{{ texts|min }}{{ texts|max }}",
    "{% for group in list|groupby('type') %}{{ group.grouper }} {% endfor %}",
    "{{ texts|batch(2)|list }}",
    "{{ texts|slice(2)|list }}",
    "{{ texts[1:] }}",
    "{{ texts[::-1] }}",
    "{{ (texts + texts)|length }}",
    "{{ (texts * 2)|list }}",
    "{{ list|tojson }}",
    "{{ map.inner|tojson }}",
    "{{ texts|string }}",
    "{{ 'x' in texts }}",
    "{{ 'key' in map }}",
    "{{ 'gone' in map }}",
    "{{ map.gone is defined }}",
    "{{ map.key is defined }}",
    "{{ gone is defined }}",
    "{{ gone|default('else') }}",
    "{{ none is none }}",
    "{{ map is mapping }}",
    "{{ list is sequence }}",
    "{{ title is string }}",
    "{{ map.inner is iterable }}",
    "{{ map == other }}",
    "{{ list == list }}",
    "{{ list < texts }}",
    "{{ list[0] is sameas list[0] }}",
    "{{ title ~ map.key }}",
    "{% macro show(it) %}{{ it.name }}{% endmacro %}{{ show(list[0]) }}",
    "{% macro show() %}{{ title }}{% endmacro %}{{ show() }}",
    "{% macro around() %}{{ caller() }}{% endmacro %}{% call around() %}{{ map.key }}{% endcall %}",
    "{% include 'included' %}",
    "{% include 'nowhere' ignore missing %}",
    "{% include ['nowhere', 'included'] %}",
    "{% import 'library' as library %}{{ library.show(map) }}",
    "{% from 'library' import show %}{{ show(map) }}",
    "{% extends 'base' %}{% block body %}{{ super() }}{{ map.key }}{% endblock %}",
    "{% set ns = namespace(n=0) %}{% for it in list %}{% set ns.n = ns.n + it.size %}{% endfor %}{{ ns.n }}",
    "{% filter upper %}{{ map.key }}{% endfilter %}",
    "{% set a, b = texts[:2] %}{{ a }}",
    "{{ dict(map, extra=1)|length }}",
    "{{ range(size)|join(',') }}",
    "{{ list[0]|link }}",
    "{{ debug()|length > 0 }}",
    "{{ list|chain(texts)|list|length }}",
    "{{ texts|zip(texts)|list|length }}",
    "{{ list|sum(attribute='size') if false else size }}",
    "{{ list|map('length')|list }}",
    "{% if map.key == 'value' %}{{ title }}{% else %}{{ doc }}{% endif %}",
];

fn engine(text: &str) -> Engine {
    let templates = [
        ("t", text),
        ("included", "{{ map.key }}"),
        ("library", "{% macro show(it) %}{{ it.inner.deep }}{% endmacro %}"),
        ("base", "{{ title }}{% block body %}{{ size }}{% endblock %}"),
    ];
    Engine::new(templates.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
}

fn view() -> Value {
    json!({
        "title": "Shop",
        "doc": "All that is sold.",
        "flag": true,
        "size": 3,
        "none": null,
        "list": [
            { "name": "a", "type": "int", "size": 1, "flag": true, "none": null },
            { "name": "b", "type": "text", "size": 2, "flag": false, "none": null },
            { "name": "c", "type": "int", "size": 3, "flag": true, "none": null },
        ],
        "texts": ["x", "z", "y", "x"],
        "map": { "key": "value", "inner": { "deep": 1 } },
        "other": { "key": "value", "inner": { "deep": 1 } },
        "empty": [],
    })
}

/// What a trace holds, in a line: `list(order).a.name`.
fn told(trace: &Trace) -> String {
    let mut told = Vec::new();
    tell(trace, &trace.root, String::new(), &mut told);
    told.join(" ")
}

fn tell(trace: &Trace, seen: &Seen, path: String, told: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let asked = |length: bool, filled: bool, order: bool| {
        let words = [(length, "length"), (filled, "filled"), (order, "order")];
        words.into_iter().filter(|(asked, _)| *asked).map(|(_, word)| format!("{path}({word})")).collect::<Vec<_>>()
    };
    match seen {
        Seen::Scalar(_) => told.push(path),
        Seen::Whole { .. } => told.push(format!("{path}(whole)")),
        Seen::Map { asked: whole, keys, fetched, absent } => {
            let asked = asked(whole.length.is_some(), whole.filled.is_some(), keys.is_some());
            if asked.is_empty() && fetched.is_empty() && absent.is_empty() {
                told.push(format!("{path}(kind)"));
            }
            told.extend(asked);
            told.extend(absent.iter().map(|key| format!("!{}", below(trace.text(*key)))));
            fetched.iter().for_each(|(key, seen)| tell(trace, seen, below(trace.text(*key)), told));
        }
        Seen::List { asked: whole, items } => {
            let asked = asked(whole.length.is_some(), whole.filled.is_some(), items.is_some());
            if asked.is_empty() {
                told.push(format!("{path}(kind)"));
            }
            told.extend(asked);
            for (place, item) in items.iter().flatten().enumerate() {
                let name = item.name.map_or_else(|| place.to_string(), |name| trace.text(name).to_owned());
                item.seen.iter().for_each(|seen| tell(trace, seen, below(&name), told));
            }
        }
    }
}

/// The text and the trace of a template over a view.
fn rendered(engine: &Engine, template: &str, view: &impl Serialize) -> Option<(String, Trace)> {
    let facts = Facts::of(view);
    let rendered = engine.render_facts(template, &facts).ok()?;
    Some((rendered.text.to_string(), facts.trace(&rendered.reads)))
}

#[test]
fn each_construct_notes_what_it_reads() {
    let mut table = String::new();
    for construct in CONSTRUCTS {
        let engine = engine(construct);
        let facts = Facts::of(&view());
        let (text, saw) = match engine.render_facts("t", &facts) {
            Ok(rendered) => {
                let text = rendered.text.to_string();
                (text, told(&facts.trace(&rendered.reads)))
            }
            Err(error) => (format!("error: {error}"), String::new()),
        };
        writeln!(table, "{construct}\n    text {}\n    saw  {saw}", text.trim()).unwrap();
    }
    insta::assert_snapshot!(table);
}

/// A change of a view: which value, and how.
#[derive(Clone, Debug)]
struct Change {
    place: Index,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Edit,
    Null,
    Remove,
    Repeat,
    Turn,
    Empty,
    Wrap,
}

fn change() -> impl Strategy<Value = Change> {
    let how = proptest::sample::select(vec![
        How::Edit,
        How::Edit,
        How::Edit,
        How::Null,
        How::Remove,
        How::Repeat,
        How::Turn,
        How::Empty,
        How::Wrap,
    ]);
    (any::<Index>(), how).prop_map(|(place, how)| Change { place, how })
}

/// The number of values in `value`, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the value that is number `at` below `value`, in the order in which they are written.
fn apply(value: &mut Value, at: &mut usize, how: How) -> bool {
    if *at == 0 {
        alter(value, how);
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| apply(item, at, how)),
        Value::Object(entries) => entries.values_mut().any(|value| apply(value, at, how)),
        _ => false,
    }
}

fn alter(value: &mut Value, how: How) {
    match (how, &mut *value) {
        (How::Edit, Value::String(text)) => text.push('x'),
        (How::Edit, Value::Bool(flag)) => *flag = !*flag,
        (How::Edit, Value::Null) => *value = json!("now"),
        (How::Edit, Value::Number(_)) => *value = json!(7),
        (How::Remove, Value::Array(items)) => drop(items.pop()),
        (How::Repeat, Value::Array(items)) => items.extend(items.first().cloned()),
        (How::Turn | How::Edit, Value::Array(items)) => items.reverse(),
        (How::Empty, Value::Array(items)) => items.clear(),
        (How::Empty, Value::Object(entries)) => entries.clear(),
        (How::Remove, Value::Object(entries)) => {
            let last = entries.keys().next_back().cloned();
            last.and_then(|last| entries.remove(&last));
        }
        (How::Repeat | How::Edit, Value::Object(entries)) => drop(entries.insert("gone".to_owned(), json!("here"))),
        (How::Null, value) => *value = Value::Null,
        (How::Wrap, value) => *value = json!([value.take()]),
        _ => {}
    }
}

fn changed(view: &Value, changes: &[Change]) -> Value {
    let mut view = view.clone();
    for change in changes {
        // The view itself is always a map: it is what the engine makes.
        let mut at = change.place.index(count(&view).max(2) - 1) + 1;
        apply(&mut view, &mut at, change.how);
    }
    view
}

/// A template over a view, rendered once.
struct Rendering {
    engine: Engine,
    template: String,
    view: Value,
    text: String,
    trace: Trace,
}

impl Rendering {
    /// None where the template does not fit the view.
    fn new(engine: Engine, template: &str, view: Value) -> Option<Rendering> {
        let (text, trace) = rendered(&engine, template, &view)?;
        Some(Rendering { engine, template: template.to_owned(), view, text, trace })
    }
}

/// Changes views at random: where a trace still matches, the text is the same. Both kinds of changes must come up.
fn holds(renderings: &[Rendering]) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(1000) });
    let (kept, lost) = (Cell::new(0), Cell::new(0));
    let input = (any::<Index>(), proptest::collection::vec(change(), 1..3));
    let result = runner.run(&input, |(at, changes)| {
        let Rendering { engine, template, view, text, trace } = at.get(renderings);
        let present = changed(view, &changes);
        let facts = Facts::of(&present);
        let matches = trace.matches(&facts);
        prop_assert_eq!(matches, trace.differences(&facts, &|_| None).is_empty());
        if matches {
            let again = rendered(engine, template, &present);
            prop_assert_eq!(again, Some((text.clone(), trace.clone())), "{} over {}", template, present);
        }
        let seen = if matches { &kept } else { &lost };
        seen.set(seen.get() + 1);
        Ok(())
    });
    result.unwrap();
    assert!(kept.get() > 50 && lost.get() > 50, "{} changes were not read, {} were", kept.get(), lost.get());
}

#[test]
fn what_a_construct_did_not_read_can_change() {
    let renderings: Vec<_> = CONSTRUCTS.iter().filter_map(|text| Rendering::new(engine(text), "t", view())).collect();
    assert!(renderings.len() > 80, "{} constructs render", renderings.len());
    holds(&renderings);
}

#[test]
fn what_a_builtin_template_did_not_read_can_change() {
    let mut renderings = Vec::new();
    let mut add = |template: &str, view: Value| {
        renderings.push(Rendering::new(Engine::new([].into()), template, view).expect("the templates fit their views"));
    };
    for models in [field_service(), large(25).into_iter().map(|(name, model)| (leaked(&name), model)).collect()] {
        let sources: Vec<_> = models.iter().map(|(name, model)| source(name, model)).collect();
        let paths = paths(&sources);
        let concept = Concept::new("Field service", Some("Who does what, where."), &sources, &paths);
        add("concept/project.md", json!(concept.project_page()));
        for name in paths.modules.keys().take(3) {
            add("concept/module.md", json!(concept.module_page(name)));
        }
        for name in paths.entities.keys().take(4) {
            add("concept/entity.md", json!(concept.entity_page(name)));
        }
    }
    add("production/schema.sql", production());
    add("production/hardening-report.md", production());
    add("production/hardening.md", production());
    add("prototype/schema.sql", production());
    holds(&renderings);
}

fn leaked(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}

/// A view that holds what each of production's outputs shows.
fn production() -> Value {
    let item = |name: &str, group| (group, ItemView::new(name, format!("{name} UUID"), Some(format!("a {name}"))));
    let items = vec![item("id", Group::Core), item("owner_id", Group::Relationship), item("version", Group::System)];
    let table = TableView::new("CREATE TABLE accounts (".to_owned(), items, ")".to_owned());
    let statement = |name: &str, table| StatementView {
        name: name.to_owned(),
        sql: format!("CREATE {name}"),
        comment: Some("why".to_owned()),
        table,
    };
    let sql = SqlView {
        project: "Field service".to_owned(),
        module: Some("m".to_owned()),
        statements: vec![statement("accounts", Some(table)), statement("index i", None), statement("trigger t", None)],
    };
    let count = |what: &str| CountView { what: what.to_owned(), before: 1, after: 9 };
    let added =
        |why: &str| AddedView { rule: "audit".to_owned(), why: why.to_owned(), what: vec!["field x".to_owned()] };
    let rules = [RuleView { name: "audit".to_owned(), doc: "who did what".to_owned() }];
    let table = TableReport {
        name: "accounts".to_owned(),
        counts: vec![count("fields"), count("indexes")],
        added: vec![added("one"), added("two")],
        skipped: vec!["version".to_owned()],
    };
    let mut view = json!(sql);
    view["runs"] = json!([{ "statements": sql.statements }]);
    let entity = Reference { name: "accounts".to_owned(), href: Some("hardening/accounts.md".to_owned()) };
    let entities = json!({ "entities": [entity] });
    view["report"] = json!({ "project": "Field service", "rules": rules, "entities": entities, "others": [table] });
    view["entity"] = json!(entity);
    view["table"] = json!(table);
    view
}

#[test]
fn a_large_view_makes_a_small_trace_that_holds_as_well() {
    let fields: Vec<Value> =
        (0..2000).map(|n| json!({ "name": format!("f{n}"), "type": format!("{n:040}"), "doc": "not read" })).collect();
    let view = json!({ "fields": fields });
    let engine = engine("{% for field in fields %}{{ field.name }} {{ field.type }}\n{% endfor %}");
    let facts = Facts::of(&view);
    let reads = engine.render_facts("t", &facts).unwrap().reads;
    let size = |trace: &Trace| postcard::to_stdvec(trace).unwrap().len();
    let mut sizes = Vec::new();
    for limit in [1 << 20, 60_000, 1000] {
        let trace = facts.trace_within(&reads, limit);
        assert!(trace.matches(&facts) && size(&trace) <= limit.max(10_000), "{limit}: {}", size(&trace));
        let mut other = view.clone();
        other["fields"][1234]["type"] = json!("int");
        let differences = trace.differences(&Facts::of(&other), &|_| None);
        let names: Vec<&str> = differences.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names.len(), 1, "{names:?}");
        assert!(names[0].starts_with("`f1234`"), "{names:?}");
        sizes.push(size(&trace));
    }
    assert!(sizes[0] > sizes[1] && sizes[1] > sizes[2], "{sizes:?}");
}
