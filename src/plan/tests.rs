//! Plans as text, for models built by hand.

use super::{Style, plan};
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name, default_name};
use crate::model::table::{Column, Table};
use crate::model::{Model, Sql};

pub(super) fn builtin(name: &str) -> DataType {
    DataType::builtin(name).unwrap()
}

/// A table with the columns; `id` is its primary key.
pub(super) fn table(name: &str, columns: &[(&str, DataType)]) -> Table {
    let mut table = Table::default();
    for (column, ty) in columns {
        let mut column = Column::new(column, ty.clone());
        column.not_null = column.name.as_str() == "id";
        table.columns.push(column);
    }
    let key = Constraint::primary(vec![Ident::new("id")]);
    table.constraints.insert(default_name(name, "", "pkey"), key);
    table
}

pub(super) fn references(table: &mut Table, name: &str, column: &str, other: &str) {
    let key = ForeignKey {
        columns: vec![Ident::new(column)],
        table: Name::local(other),
        referenced: vec![Ident::new("id")],
        on_delete: Default::default(),
        on_update: Default::default(),
        set_columns: Vec::new(),
        match_full: false,
    };
    table.constraints.insert(default_name(name, column, "fkey"), Constraint::new(ConstraintKind::ForeignKey(key)));
}

pub(super) fn script(from: &Model, to: &Model) -> String {
    let plan = plan(from, to, Style::Plain);
    assert_eq!(plan.diagnostics, []);
    plan.statements.iter().map(|statement| format!("{};\n", statement.sql)).collect()
}

fn seed(step: usize) -> Model {
    let mut model = Model::default();
    let varchar = |length: &str| builtin("varchar").with_modifiers(length);
    let mut columns =
        vec![("id", builtin("uuid")), ("name", varchar("255")), ("type", varchar("50")), ("status", varchar("50"))];
    if step > 2 {
        columns.push(("phone", varchar("20")));
    }
    model.tables.insert(Name::local("accounts"), table("accounts", &columns));
    if step > 1 {
        let mut locations = table(
            "a_locations",
            &[("id", builtin("uuid")), ("account_id", builtin("uuid")), ("address", builtin("text"))],
        );
        references(&mut locations, "a_locations", "account_id", "accounts");
        model.tables.insert(Name::local("a_locations"), locations);
    }
    model
}

#[test]
fn the_seeds_iterations_come_out_as_it_writes_them() {
    let empty = Model::default();
    let first = "CREATE TABLE accounts (\n  id UUID PRIMARY KEY,\n  name VARCHAR(255),\n  type VARCHAR(50),\n  \
                 status VARCHAR(50)\n);\n";
    let second = "CREATE TABLE a_locations (\n  id UUID PRIMARY KEY,\n  account_id UUID REFERENCES accounts(id),\n  \
                  address TEXT\n);\n";
    assert_eq!(script(&empty, &seed(1)), first);
    assert_eq!(script(&seed(1), &seed(2)), second);
    assert_eq!(script(&empty, &seed(2)), format!("{first}{second}"));
    assert_eq!(script(&seed(2), &seed(3)), "ALTER TABLE accounts ADD COLUMN phone VARCHAR(20);\n");
    assert_eq!(script(&seed(3), &empty), "DROP TABLE a_locations;\nDROP TABLE accounts;\n");
    assert_eq!(script(&seed(3), &seed(3)), "");
}

#[test]
fn tables_that_refer_to_each_other() {
    let mut model = Model::default();
    for (name, other) in [("a", "b"), ("b", "a"), ("aa", "b")] {
        let mut made = table(name, &[("id", builtin("uuid")), ("other", builtin("uuid"))]);
        references(&mut made, name, "other", other);
        model.tables.insert(Name::local(name), made);
    }
    let table =
        |name: &str, rest: &str| format!("CREATE TABLE {name} (\n  id UUID PRIMARY KEY,\n  other UUID{rest}\n);\n");
    let expected = [
        table("a", ""),
        table("b", " REFERENCES a(id)"),
        table("aa", " REFERENCES b(id)"),
        "ALTER TABLE a ADD CONSTRAINT a_other_fkey FOREIGN KEY (other) REFERENCES b(id);\n".to_owned(),
    ];
    assert_eq!(script(&Model::default(), &model), expected.concat());
    let down = "ALTER TABLE a DROP CONSTRAINT a_other_fkey;\nDROP TABLE aa;\nDROP TABLE b;\nDROP TABLE a;\n";
    assert_eq!(script(&model, &Model::default()), down);
}

#[test]
fn a_default_that_calls_a_function_that_reads_the_table() {
    let mut model = Model::default();
    let mut made = table("t", &[("id", builtin("integer"))]);
    made.columns[0].default = Some(Sql::new("next_id()"));
    model.tables.insert(Name::local("t"), made);
    let routine = crate::model::routine::Routine {
        kind: crate::model::routine::RoutineKind::Function,
        args: Vec::new(),
        returns: crate::model::routine::Returns::Type(builtin("integer")),
        language: Ident::new("sql"),
        body: crate::model::routine::Body::Text("SELECT max(id) FROM t".to_owned()),
        attributes: Default::default(),
        comment: None,
        hints: Default::default(),
    };
    model.routines.insert(routine.signature(Name::local("next_id")), routine);
    let expected = "CREATE TABLE t (\n  id INTEGER PRIMARY KEY\n);\nCREATE FUNCTION next_id()\nRETURNS INTEGER\n\
                    LANGUAGE sql\nAS $$SELECT max(id) FROM t$$;\nALTER TABLE t ALTER COLUMN id SET DEFAULT next_id();\n";
    assert_eq!(script(&Model::default(), &model), expected);
}

#[test]
fn a_long_chain_of_foreign_keys_is_planned_without_recursion() {
    let mut model = Model::default();
    for at in 0..10_000 {
        let name = format!("t{:05}", 10_000 - at);
        let mut made = table(&name, &[("id", builtin("uuid")), ("next", builtin("uuid"))]);
        if at > 0 {
            references(&mut made, &name, "next", &format!("t{:05}", 10_001 - at));
        }
        model.tables.insert(Name::local(&name), made);
    }
    let plan = plan(&Model::default(), &model, Style::Plain);
    assert_eq!(plan.statements.len(), 10_000);
    assert!(plan.statements[0].sql.starts_with("CREATE TABLE t10000 "));
}
