//! Canonical forms: what was written and what the server made of it are one; what means something else is not.
//!
//! `stored.txt` holds a line a case: a kind, what was written, and what PostgreSQL 15 shows of it
//! (`pg_get_expr`, `pg_get_constraintdef`, `pg_get_viewdef`), over the schema that its first lines describe. A kind
//! with `!` is a case that is known to stay two.

use super::{Scope, assigned, canonical, expression, query, state};
use crate::model::datatype::DataType;
use crate::model::lower::sql::lower;
use crate::model::name::{Ident, Name, Signature};
use crate::model::routine::{Argument, Attributes, Body, Mode, Returns, Routine, RoutineKind};
use crate::model::table::{Column, Table};
use crate::model::types::{Attribute, Domain, EnumValue, TypeKind, UserType};
use crate::model::{Hints, Model, Sql};
use crate::path::RepoPath;
use crate::syntax::expr::{Expr, parse};

const STORED: &str = include_str!("stored.txt");
const WRITTEN: &str = include_str!("written.sql");
const DUMPED: &str = include_str!("dumped.sql");
const DIFFERENT: &str = include_str!("different.txt");

/// The schema of the cases.
fn schema() -> Model {
    let mut model = Model::default();
    for line in STORED.lines() {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        match words.as_slice() {
            ["@table", name, columns] => {
                let column = |it: &str| it.split_once(' ').map(|(name, ty)| Column::new(name, data_type(ty)));
                let columns = columns.split("; ").filter_map(column).collect();
                model.tables.insert(Name::local(name), Table { columns, ..Table::default() });
            }
            ["@enum", name, labels] => {
                let value = |label: &str| EnumValue { label: label.to_owned(), renamed_from: None };
                let kind = TypeKind::Enum(labels.split(' ').map(value).collect());
                model.types.insert(Name::local(name), UserType { kind, comment: None, hints: Hints::default() });
            }
            ["@composite", name, attributes] => {
                let attribute = |it: &str| {
                    let (name, ty) = it.split_once(' ')?;
                    Some(Attribute {
                        name: Ident::new(name),
                        ty: data_type(ty),
                        collation: None,
                        comment: None,
                        hints: Hints::default(),
                    })
                };
                let kind = TypeKind::Composite(attributes.split("; ").filter_map(attribute).collect());
                model.types.insert(Name::local(name), UserType { kind, comment: None, hints: Hints::default() });
            }
            ["@domain", name, base] => {
                let base = data_type(base);
                let kind = TypeKind::Domain(Domain {
                    base,
                    collation: None,
                    default: None,
                    not_null: false,
                    checks: Default::default(),
                });
                model.types.insert(Name::local(name), UserType { kind, comment: None, hints: Hints::default() });
            }
            ["@function", name, types] => function(&mut model, name, types),
            _ => {}
        }
    }
    model
}

fn function(model: &mut Model, name: &str, types: &str) {
    let (args, returns) = types.split_once("-> ").expect("a result");
    let arg = |ty: &str| Argument { name: None, mode: Mode::In, ty: data_type(ty), default: None };
    let routine = Routine {
        kind: RoutineKind::Function,
        args: args.split_whitespace().map(arg).collect(),
        returns: Returns::Type(data_type(returns)),
        language: Ident::new("sql"),
        body: Body::Text(String::new()),
        attributes: Attributes::default(),
        comment: None,
        hints: Hints::default(),
    };
    let name = match name.split_once('.') {
        Some((schema, name)) => Name::qualified(schema, name),
        None => Name::local(name),
    };
    let signature: Signature = routine.signature(name);
    model.routines.insert(signature, routine);
}

fn data_type(text: &str) -> DataType {
    let Some(Expr::Cast(_, ty)) = parse(&format!("x::{text}")) else { panic!("{text} is no type") };
    let mut found = DataType::builtin(&ty.name).unwrap_or_else(|| DataType::named(Name::local(&ty.name)));
    found.modifiers = ty.modifiers.map(Into::into);
    found.array = ty.array;
    found
}

/// The canonical form of a case's text.
fn form(model: &Model, kind: &str, text: &str) -> String {
    let accounts = Name::local("accounts");
    let (kind, target) = kind.split_once(':').unwrap_or((kind, ""));
    let sql = Sql::new(text);
    match kind {
        "view" => query(&sql, model),
        "domain" => expression(&sql, &Scope::of_domain(model, &data_type(target))),
        "default" => {
            let ty = &model.tables[&accounts].column(target).expect(target).ty;
            assigned(&sql, ty, &Scope::of_model(model)).unwrap_or_default()
        }
        "generated" => assigned(&sql, &data_type(target), &Scope::of_table(model, &accounts)).unwrap_or_default(),
        _ => expression(&sql, &Scope::of_table(model, &accounts)),
    }
}

fn cases(text: &str) -> impl Iterator<Item = [&str; 3]> {
    text.lines()
        .filter(|line| !line.starts_with(['#', '@']) && !line.is_empty())
        .map(|line| line.splitn(3, '\t').collect::<Vec<_>>().try_into().expect("three fields"))
}

#[test]
fn written_and_stored_are_one() {
    let model = schema();
    let mut failures = Vec::new();
    for [kind, written, stored] in cases(STORED) {
        let (two, kind) = kind.strip_prefix('!').map_or((false, kind), |kind| (true, kind));
        let (a, b) = (form(&model, kind, written), form(&model, kind, stored));
        if (a != b) != two {
            failures.push(format!("{kind}\t{written}\n  written: {a}\n  stored:  {b}"));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_canonical_form_is_its_own() {
    let model = schema();
    for [kind, written, _] in cases(STORED) {
        let kind = kind.trim_start_matches('!');
        let once = form(&model, kind, written);
        assert_eq!(form(&model, kind, &once), once, "{kind} {written}");
    }
}

#[test]
fn another_meaning_is_another_form() {
    let model = schema();
    for [kind, one, other] in cases(DIFFERENT) {
        assert_ne!(form(&model, kind, one), form(&model, kind, other), "{kind}: {one} and {other}");
    }
}

/// The model that a file of SQL describes.
fn read(sql: &str) -> Model {
    let path = RepoPath::new("schema.sql").expect("a path");
    let lowered = lower(&[crate::syntax::sql::parse(&path, sql)]);
    assert!(lowered.diagnostics.is_empty(), "{:?}", lowered.diagnostics);
    lowered.model
}

#[test]
fn a_schema_and_its_dump_are_one() {
    let (written, dumped) = (canonical(&read(WRITTEN)), canonical(&read(DUMPED)));
    let (written, dumped) = (format!("{written:#?}"), format!("{dumped:#?}"));
    let diff = similar::TextDiff::from_lines(&written, &dumped);
    assert!(written == dumped, "{}", diff.unified_diff().context_radius(12));
}

#[test]
fn what_is_not_stored_is_no_part_of_the_state() {
    let plain = read("CREATE TABLE a (x int, y varchar(5) DEFAULT 'q');");
    let mut other = read("CREATE TABLE public.a (y character varying(5) DEFAULT 'q'::character varying, \"x\" int4);");
    let table = other.tables.get_mut(&Name::local("a")).expect("the table");
    table.doc = Some("what it is for".to_owned());
    table.hints.renamed_from = Some(Ident::new("b"));
    table.columns[0].hints.backfill = Some(Sql::new("1"));
    assert_eq!(state(&plain), state(&other));
    for sql in
        ["CREATE TABLE a (x bigint, y varchar(5) DEFAULT 'q');", "CREATE TABLE a (x int, y varchar(6) DEFAULT 'q');"]
    {
        assert_ne!(state(&plain), state(&read(sql)), "{sql}");
    }
}
