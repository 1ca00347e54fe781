//! Rows for a random schema: three in each table, keys that match, nulls where both schemas of a pair allow them.

use super::schema::{ColumnKind, Schema, Table};

/// How many rows each table gets.
pub const ROWS: usize = 3;

/// Statements that fill every table of `from`, so that its rows satisfy `to` as well. Triggers do not fire.
pub fn insert(from: &Schema, to: &Schema) -> String {
    let mut out = String::from("SET session_replication_role = replica;\n");
    for table in &from.tables {
        for row in 1..=ROWS {
            out.push_str(&one(from, to, table, row));
        }
    }
    out + "SET session_replication_role = origin;\n"
}

fn one(from: &Schema, to: &Schema, table: &Table, row: usize) -> String {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for column in table.columns.iter().filter(|it| !matches!(it.kind, ColumnKind::Generated(_))) {
        let later = to.tables.iter().find_map(|it| it.column(column.at.id));
        let key =
            |schema: &Schema| schema.tables.iter().any(|it| it.key().is_some_and(|key| key.contains(&column.at.id)));
        let needed = column.not_null || later.is_some_and(|it| it.not_null) || key(from) || key(to);
        let nullable = !needed && !is_strict(from, column.ty) && !is_strict(to, column.ty);
        names.push(from.column(column.at.id));
        values.push(if row == ROWS && nullable { "NULL".to_owned() } else { column.ty.value(from, row) });
    }
    let (names, values) = (names.join(", "), values.join(", "));
    format!("INSERT INTO {} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values});\n", from.name(&table.at))
}

/// Whether the type is a domain that refuses nulls.
fn is_strict(schema: &Schema, ty: super::types::Ty) -> bool {
    matches!(ty, super::types::Ty::Domain(id) if schema.domain(id).is_some_and(|domain| domain.not_null))
}
