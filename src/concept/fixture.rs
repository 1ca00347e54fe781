//! Small models for tests: the seed's example by hand, and large ones by number.

use super::slug::slugs;
use super::{Paths, Source};
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name, default_name};
use crate::model::table::{Column, Table};
use crate::model::{Model, Sql};
use crate::path::RepoPath;

/// The tables that `text` lists: `accounts: id uuid pk, name varchar(255) !, owner_id uuid -> users`, one a line.
///
/// `!` requires a value, `u` makes it unique, `-> table` refers to its `id`, `= sql` is the default, `"…"` the doc.
pub fn model(text: &str) -> Model {
    let mut model = Model::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, fields) = line.split_once(": ").unwrap();
        let (name, doc) = name.split_once(' ').map_or((name, None), |(name, doc)| (name, Some(doc.to_owned())));
        let mut table = Table { doc, ..Table::default() };
        for field in fields.split(", ") {
            add_field(name, &mut table, field);
        }
        let name =
            name.split_once('.').map_or_else(|| Name::local(name), |(schema, name)| Name::qualified(schema, name));
        model.tables.insert(name, table);
    }
    model
}

fn add_field(entity: &str, table: &mut Table, text: &str) {
    let (text, doc) =
        text.split_once(" \"").map_or((text, None), |(text, doc)| (text, Some(doc.trim_end_matches('"'))));
    let (text, default) = text.split_once(" = ").map_or((text, None), |(text, sql)| (text, Some(sql)));
    let mut words = text.split(' ');
    let (name, ty) = (words.next().unwrap(), words.next().unwrap());
    let mut column = Column::new(name.replace('%', " "), data_type(ty));
    column.default = default.map(Sql::new);
    column.doc = doc.map(str::to_owned);
    let own = vec![column.name.clone()];
    let mut add = |constraint: Constraint| {
        table.constraints.insert(default_name(entity, name, constraint.suffix()), constraint);
    };
    while let Some(word) = words.next() {
        match word {
            "pk" => add(Constraint::primary(own.clone())),
            "!" => column.not_null = true,
            "u" => add(Constraint::unique(own.clone())),
            "->" => add(foreign_key(own.clone(), words.next().unwrap())),
            "in" => add(Constraint::new(ConstraintKind::Check(allowed(name, words.next().unwrap())))),
            other => panic!("{other}"),
        }
    }
    column.not_null |= table.primary_key().contains(&column.name);
    table.columns.push(column);
}

fn data_type(text: &str) -> DataType {
    let (base, modifiers) = text.trim_end_matches(')').split_once('(').map_or((text, None), |(a, b)| (a, Some(b)));
    let known = DataType::builtin(base).unwrap_or_else(|| DataType::named(Name::local(base)));
    match modifiers {
        Some(modifiers) => known.with_modifiers(modifiers.replace('/', ",")),
        None => known,
    }
}

fn foreign_key(columns: Vec<Ident>, table: &str) -> Constraint {
    Constraint::new(ConstraintKind::ForeignKey(ForeignKey {
        columns,
        table: Name::local(table),
        referenced: vec![Ident::new("id")],
        on_delete: Default::default(),
        on_update: Default::default(),
        set_columns: Vec::new(),
        match_full: false,
    }))
}

fn allowed(column: &str, values: &str) -> Sql {
    let values: Vec<String> = values.split('/').map(|value| format!("'{value}'")).collect();
    Sql::new(format!("{column} IN ({})", values.join(", ")))
}

/// A source of the seed's example or another: a module unless it is called `busm`.
pub fn source<'a>(name: &str, model: &'a Model) -> Source<'a> {
    Source { name: name.to_owned(), title: None, owner: None, doc: None, busm: name == "busm", told: model }
}

/// Where the built-in targets put the pages of `sources`.
pub fn paths(sources: &[Source<'_>]) -> Paths {
    let path = |text: String| RepoPath::new(&text).unwrap();
    let modules = slugs(sources.iter().filter(|source| !source.busm).map(|source| source.name.as_str()));
    let mut paths = Paths { project: path("concept/README.md".to_owned()), ..Paths::default() };
    for (name, slug) in modules {
        paths.modules.insert(name, path(format!("concept/modules/{slug}.md")));
    }
    for name in sources.iter().flat_map(|source| source.model().tables.keys()) {
        let slug = super::diagram::shown(name).replace(' ', "-");
        paths.entities.insert(name.clone(), path(format!("concept/entities/{slug}.md")));
    }
    paths
}

/// The seed's business-wide model and its three modules.
pub fn field_service() -> Vec<(&'static str, Model)> {
    vec![
        ("busm", model(BUSM)),
        ("account-management", model(ACCOUNT_MANAGEMENT)),
        ("master-view", model(MASTER_VIEW)),
        ("service-scheduler", model(SERVICE_SCHEDULER)),
    ]
}

const BUSM: &str = r#"
    accounts A customer that we bill.: id uuid pk = gen_random_uuid(), account_number varchar(20) ! u, name varchar(255) ! "What we call them", type varchar(50) ! in Residential/Commercial/Industrial, status varchar(50) ! = 'Active', territory_id uuid -> territories, owner_id uuid ! -> users, parent_account_id uuid -> accounts
    locations: id uuid pk, account_id uuid ! -> accounts, address text
    contacts: id uuid pk, account_id uuid ! -> accounts, name varchar(255) !
    services: id uuid pk, name varchar(255) !
    work_orders: id uuid pk, service_id uuid ! -> services, location_id uuid -> locations, assigned_to uuid -> users, created_by uuid -> users
    users: id uuid pk, email varchar(255) ! u
    user_profiles: id uuid pk, user_id uuid ! u -> users
    territories: id uuid pk, name varchar(100) !
"#;

const ACCOUNT_MANAGEMENT: &str = "
    accounts: id uuid pk, name text !, email varchar(255)
    contacts: id uuid pk, account_id uuid ! -> accounts, name varchar(255) !
";

const MASTER_VIEW: &str = "
    accounts: id uuid pk, name varchar(255), type varchar(50), status varchar(50)
    locations: id uuid pk, account_id uuid -> accounts, address text
";

const SERVICE_SCHEDULER: &str = "
    services: id uuid pk, name varchar(255) !
    work_orders: id uuid pk, service_id uuid ! -> services, location_id uuid -> locations
";

/// `tables` tables in modules of ten, each referring to its neighbour and to a common one.
pub fn large(tables: usize) -> Vec<(String, Model)> {
    let modules = tables.div_ceil(10);
    (0..modules)
        .map(|module| {
            let lines: Vec<String> = (module * 10..tables.min(module * 10 + 10))
                .map(|table| {
                    let other = (table + 1) % tables;
                    let columns: Vec<String> = (0..12).map(|column| format!("field_{column} varchar(40)")).collect();
                    format!(
                        "entity_{table}: id uuid pk, entity_{other}_id uuid ! -> entity_{other}, hub_id uuid -> entity_0, {}",
                        columns.join(", ")
                    )
                })
                .collect();
            (format!("module-{module:03}"), model(&lines.join("\n")))
        })
        .collect()
}
