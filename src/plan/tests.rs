//! Plans as text, for models built by hand.

use super::{Style, plan};
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey};
use crate::model::datatype::DataType;
use crate::model::index::Index;
use crate::model::name::{Ident, Name, default_name};
use crate::model::relation::View;
use crate::model::table::{Column, Table};
use crate::model::types::{EnumValue, TypeKind, UserType};
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
    for at in 0..3_000 {
        let name = format!("t{:05}", 3_000 - at);
        let mut made = table(&name, &[("id", builtin("uuid")), ("next", builtin("uuid"))]);
        if at > 0 {
            references(&mut made, &name, "next", &format!("t{:05}", 3_001 - at));
        }
        model.tables.insert(Name::local(&name), made);
    }
    let plan = plan(&Model::default(), &model, Style::Plain);
    assert_eq!(plan.statements.len(), 3_000);
    assert!(plan.statements[0].sql.starts_with("CREATE TABLE t03000 "));
}

/// `locations` with a `phone` column of the type, and a view over it.
fn with_view(ty: DataType, query: &str) -> Model {
    let mut model = Model::default();
    model.tables.insert(Name::local("t"), table("t", &[("id", builtin("uuid")), ("phone", ty)]));
    let view = |query: &str| View { comment: Some("who to call".to_owned()), ..View::new(Sql::new(query)) };
    model.views.insert(Name::local("v"), view(query));
    model.views.insert(Name::local("w"), view("SELECT * FROM v"));
    model
}

#[test]
fn columns_come_in_the_order_in_which_the_schema_lists_them() {
    let with = |columns: &[&str]| {
        let columns: Vec<(&str, DataType)> = columns.iter().map(|name| (*name, builtin("uuid"))).collect();
        Model { tables: [(Name::local("t"), table("t", &columns))].into(), ..Model::default() }
    };
    let expected =
        "ALTER TABLE t ADD COLUMN z UUID;\nALTER TABLE t ADD COLUMN c UUID;\nALTER TABLE t ADD COLUMN a UUID;\n";
    assert_eq!(script(&with(&["id", "m"]), &with(&["id", "z", "m", "c", "a"])), expected);
}

#[test]
fn an_alias_names_the_columns_by_the_places_that_they_have_in_the_end() {
    let with = |columns: &[&str], query: &str| {
        let columns: Vec<(&str, DataType)> = columns.iter().map(|name| (*name, builtin("uuid"))).collect();
        let mut model = Model::default();
        model.tables.insert(Name::local("t"), table("t", &columns));
        model.views.insert(Name::local("v"), View::new(Sql::new(query)));
        model
    };
    let old = with(&["id", "note"], "SELECT a FROM t x (a)");
    let new = with(&["id", "more", "note"], "SELECT c FROM public.t AS x (a, b, c)");
    let expected = "DROP VIEW v;\nALTER TABLE t ADD COLUMN more UUID;\n\
                    CREATE VIEW v AS\nSELECT c FROM public.t AS x (a, c, b);\n";
    assert_eq!(script(&old, &new), expected);
}

#[test]
fn a_statement_says_that_it_converts_values_and_none_does_for_a_word_in_it() {
    let with = |ty: &str, comment: &str| {
        let mut model = Model::default();
        let mut of = table("t", &[("id", builtin("uuid")), ("n", builtin(ty))]);
        of.columns[1].comment = Some(comment.to_owned());
        model.tables.insert(Name::local("t"), of);
        model
    };
    let plan = plan(&with("integer", "a"), &with("bigint", "of no TYPE at all"), Style::Plain);
    let converting: Vec<bool> = plan.statements.iter().map(|statement| statement.converts).collect();
    assert_eq!(converting, [true, false]);
}

#[test]
fn views_step_aside_for_a_changing_column_and_come_back_with_their_comments() {
    let query = "SELECT phone FROM t";
    let (old, new) = (with_view(builtin("varchar"), query), with_view(builtin("bigint"), query));
    let expected = "DROP VIEW w;\nDROP VIEW v;\nALTER TABLE t ALTER COLUMN phone TYPE BIGINT USING phone::BIGINT;\n\
                    CREATE VIEW v AS\nSELECT phone FROM t;\nCREATE VIEW w AS\nSELECT * FROM v;\n\
                    COMMENT ON VIEW v IS 'who to call';\nCOMMENT ON VIEW w IS 'who to call';\n";
    assert_eq!(script(&old, &new), expected);
}

#[test]
fn a_rename_needs_its_hint_and_takes_default_names_along() {
    let mut old = Model::default();
    let mut made = table("a", &[("id", builtin("uuid")), ("x", builtin("uuid"))]);
    references(&mut made, "a", "x", "a");
    old.tables.insert(Name::local("a"), made);
    let mut new = Model::default();
    let mut made = table("b", &[("id", builtin("uuid")), ("y", builtin("uuid"))]);
    references(&mut made, "b", "y", "b");
    made.hints.renamed_from = Some(Ident::new("a"));
    made.columns[1].hints.renamed_from = Some(Ident::new("x"));
    new.tables.insert(Name::local("b"), made);
    let expected = "ALTER TABLE a RENAME TO b;\nALTER TABLE b RENAME COLUMN x TO y;\n\
                    ALTER TABLE b RENAME CONSTRAINT a_pkey TO b_pkey;\n\
                    ALTER TABLE b RENAME CONSTRAINT a_x_fkey TO b_y_fkey;\n";
    assert_eq!(script(&old, &new), expected);
    assert_eq!(script(&new, &new), "", "a hint that was followed is silent");
    new.tables.get_mut(&Name::local("b")).unwrap().hints.renamed_from = Some(Ident::new("z"));
    let codes: Vec<_> = plan(&old, &new, Style::Plain).diagnostics.into_iter().map(|found| found.code).collect();
    assert_eq!(codes, ["unused-hint"]);
}

#[test]
fn an_enum_that_loses_a_value_is_made_again_and_its_columns_move_over() {
    let model = |labels: &[&str]| {
        let mut model = Model::default();
        let values = labels.iter().map(|label| EnumValue { label: (*label).to_owned(), renamed_from: None }).collect();
        let ty = UserType { kind: TypeKind::Enum(values), comment: None, hints: Default::default() };
        model.types.insert(Name::local("mood"), ty);
        let mut made = table("t", &[("id", builtin("uuid")), ("m", DataType::named(Name::local("mood")))]);
        made.columns[1].default = Some(Sql::new("'ok'::mood"));
        model.tables.insert(Name::local("t"), made);
        model
    };
    let expected = "ALTER TABLE t ALTER COLUMN m DROP DEFAULT;\nALTER TYPE mood RENAME TO mood__old;\n\
                    CREATE TYPE mood AS ENUM ('ok');\nALTER TABLE t ALTER COLUMN m TYPE mood USING m::text::mood;\n\
                    DROP TYPE mood__old;\nALTER TABLE t ALTER COLUMN m SET DEFAULT 'ok'::mood;\n";
    assert_eq!(script(&model(&["sad", "ok"]), &model(&["ok"])), expected);
    let added = plan(&model(&["sad"]), &model(&["sad", "ok"]), Style::Plain);
    assert_eq!(added.statements.len(), 1);
    assert_eq!(added.statements[0].sql, "ALTER TYPE mood ADD VALUE 'ok'");
}

#[test]
fn online_rows_are_filled_while_others_work() {
    let old = seed(1);
    let mut new = seed(1);
    let mut column = Column::new("filled", DataType::builtin("integer").unwrap());
    column.not_null = true;
    column.hints.backfill = Some(Sql::new("1"));
    let mut beside = Column::new("beside", DataType::builtin("integer").unwrap());
    beside.hints.backfill = Some(Sql::new("2"));
    new.tables.get_mut(&Name::local("accounts")).unwrap().columns.extend([column, beside]);
    let groups = |style| {
        let plan = plan(&old, &new, style);
        let statement = |found: &super::Statement| {
            let words: Vec<&str> = found.sql.split(' ').collect();
            (found.group, if words[0] == "ALTER" { words[3].to_owned() } else { words[0].to_owned() })
        };
        plan.statements.iter().map(statement).collect::<Vec<_>>()
    };
    let online = groups(Style::Online);
    let fills: Vec<u32> = online.iter().filter(|(_, word)| word == "UPDATE").map(|(group, _)| *group).collect();
    let alone = |fill: &u32| online.iter().filter(|(group, _)| group == fill).count() == 1;
    assert!(fills.len() == 2 && fills.iter().all(alone), "no lock of another statement lasts meanwhile: {online:?}");
    assert!(groups(Style::Plain).iter().all(|(group, _)| *group == 0));
}

#[test]
fn online_a_column_becomes_not_null_through_a_check_and_an_index_is_built_concurrently() {
    let mut old = seed(1);
    let mut new = seed(1);
    let made = new.tables.get_mut(&Name::local("accounts")).unwrap();
    made.column_mut("name").unwrap().not_null = true;
    made.indexes.insert(Ident::new("idx"), Index::on(vec![Ident::new("name")]));
    let online = plan(&old, &new, Style::Online);
    let text: Vec<(u32, bool, &str)> =
        online.statements.iter().map(|found| (found.group, found.transactional, found.sql.as_str())).collect();
    let expected = [
        (0, false, "SET lock_timeout = '5s'"),
        (1, true, "ALTER TABLE accounts ADD CONSTRAINT accounts_name_not_null CHECK (name IS NOT NULL) NOT VALID"),
        (2, true, "ALTER TABLE accounts VALIDATE CONSTRAINT accounts_name_not_null"),
        (3, true, "ALTER TABLE accounts ALTER COLUMN name SET NOT NULL"),
        (3, true, "ALTER TABLE accounts DROP CONSTRAINT accounts_name_not_null"),
        (4, false, "CREATE INDEX CONCURRENTLY idx ON accounts (name)"),
    ];
    assert_eq!(text, expected);
    old.tables.clear();
    let fresh = plan(&old, &new, Style::Online);
    assert_eq!(
        fresh.statements.last().unwrap().sql,
        "CREATE INDEX idx ON accounts (name)",
        "a new table needs no care"
    );
}
