//! Partitions and inheriting tables: rules look at the parent, and the children follow.
//!
//! PostgreSQL gives a partition its parent's constraints, indexes and row triggers by itself, but not its row level
//! security: whoever may read a partition directly would see every row. So a child of a protected table is protected
//! too, without any policy: rows are reached through the parent.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::name::Name;
use crate::model::table::{Column, Table};

/// Whether the table gets its shape from another one.
pub fn is_child(table: &Table) -> bool {
    table.partition_of.is_some() || !table.inherits.is_empty()
}

/// Gives each child the columns that its parents got, what these must hold, and their protection.
pub fn follow(model: &mut Model) {
    // Grandchildren follow children, so as many rounds as there are generations.
    while follow_once(model) {}
}

fn follow_once(model: &mut Model) -> bool {
    let children: Vec<&Table> = model.tables.values().filter(|table| is_child(table)).collect();
    let shape = |name: &Name| {
        let table = model.tables.get(name)?;
        Some((name.clone(), (table.columns.clone(), table.row_security)))
    };
    let shapes: BTreeMap<Name, (Vec<Column>, bool)> =
        children.into_iter().flat_map(parents).filter_map(shape).collect();
    let mut changed = false;
    for table in model.tables.values_mut().filter(|table| is_child(table)) {
        let wanted: Vec<&(Vec<Column>, bool)> = parents(table).filter_map(|name| shapes.get(name)).collect();
        for (columns, protected) in wanted {
            // Source: CREATE TABLE, `INHERITS`: not-null constraints of the parents hold for the columns that they share.
            for column in columns.iter().filter(|column| column.not_null) {
                let own = table.column_mut(column.name.as_str()).filter(|own| !own.not_null);
                changed |= own.map(|own| own.not_null = true).is_some();
            }
            let missing: Vec<Column> =
                columns.iter().filter(|column| table.column(column.name.as_str()).is_none()).cloned().collect();
            changed |= !missing.is_empty() || (*protected && !table.row_security);
            table.columns.extend(missing);
            table.row_security |= protected;
        }
    }
    changed
}

/// The tables that give `table` its shape.
fn parents(table: &Table) -> impl Iterator<Item = &Name> {
    table.partition_of.iter().map(|partition| &partition.parent).chain(&table.inherits)
}
