//! Rows for a random schema: three in each table, keys that match, nulls where both schemas of a pair allow them.

use std::collections::BTreeSet;

use super::schema::{ColumnKind, ConstraintKind, Id, Schema, Table};

/// How many rows each table gets.
pub const ROWS: usize = 3;

/// Statements that fill every table of `from`, so that its rows satisfy `to` as well. Triggers do not fire.
pub fn insert(from: &Schema, to: &Schema) -> String {
    let mut out = String::from("SET session_replication_role = replica;\n");
    let orphans = orphans(from, to);
    for table in from.tables.iter().filter(|it| !orphans.contains(&it.at.id)) {
        for row in 1..=ROWS {
            out.push_str(&one(from, to, table, row));
        }
    }
    out + "SET session_replication_role = origin;\n"
}

/// The tables that stay empty: their rows would refer to rows of a partition that goes, or to rows that do.
fn orphans(from: &Schema, to: &Schema) -> BTreeSet<Id> {
    let parts = |schema: &Schema, id: Id| -> BTreeSet<Id> {
        let partitions = schema.tables.iter().filter(|it| it.at.id == id).filter_map(|it| it.partitions.as_ref());
        partitions.flat_map(|it| &it.parts).map(|(part, _)| part.id).collect()
    };
    let shrinks = |id: &Id| !parts(from, *id).is_subset(&parts(to, *id));
    let stays = |id: &Id| to.tables.iter().any(|it| it.at.id == *id);
    let refers: Vec<(Id, Id)> = [from, to].into_iter().flat_map(references).collect();
    let mut found: BTreeSet<Id> = BTreeSet::new();
    loop {
        let lost = |id: &Id| stays(id) && shrinks(id) || found.contains(id);
        let news: BTreeSet<Id> = refers.iter().filter(|(_, to)| lost(to)).map(|(from, _)| *from).collect();
        if news.is_subset(&found) {
            return found;
        }
        found.extend(news);
    }
}

/// Which table refers to which.
fn references(schema: &Schema) -> Vec<(Id, Id)> {
    let of = |table: &Table| -> Vec<(Id, Id)> {
        let keys = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::Foreign { table, .. } => Some(*table),
            _ => None,
        });
        keys.map(|referred| (table.at.id, referred)).collect()
    };
    schema.tables.iter().flat_map(of).collect()
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
