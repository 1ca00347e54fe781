//! Picked fields: the BUSM's columns, with the constraints and indexes that the picked ones carry alone.

use std::collections::BTreeSet;

use super::Scope;
use crate::diagnostic::{Diagnostic, nearest};
use crate::grammar::Text;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::index::Index;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::model::{Origins, values};
use crate::syntax::toml::EntityNode;

/// Puts the fields that `node` picks into `table`.
pub fn lower(
    name: &Name,
    node: &EntityNode,
    scope: &Scope<'_>,
    table: &mut Table,
    origins: &mut Origins,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(first) = node.pick.first() else { return };
    let Some(whole) = scope.common(name) else {
        if scope.whole {
            diagnostics.push(no_entity(name, first, scope));
        }
        return;
    };
    for pick in &node.pick {
        let Some(column) = whole.column(&pick.text) else {
            diagnostics.push(no_field(name, pick, whole));
            continue;
        };
        if let Some(own) = node.fields.iter().find(|field| field.name.text == pick.text) {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-field",
                    own.name.span.clone(),
                    format!("field `{}` is both picked and declared", pick.text),
                )
                .at(pick.span.clone(), "picked here")
                .help("remove it from `pick`, or remove the declaration"),
            );
        } else if table.column(&pick.text).is_some() {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-field",
                    pick.span.clone(),
                    format!("field `{}` is picked twice", pick.text),
                )
                .help("remove one"),
            );
        } else {
            origins.insert(ObjectId::Column(name.clone(), column.name.clone()), pick.span.clone());
            table.columns.push(column.clone());
        }
    }
    carry(whole, table);
    if table.doc.is_none() {
        table.doc.clone_from(&whole.doc);
    }
    table.intent = whole.intent.clone();
}

/// Copies the constraints and indexes whose columns were all picked.
fn carry(whole: &Table, table: &mut Table) {
    let picked: BTreeSet<Ident> = table.columns.iter().map(|column| column.name.clone()).collect();
    let has = |columns: &[Ident]| columns.iter().all(|column| picked.contains(column));
    for (name, constraint) in &whole.constraints {
        if columns_of(constraint).is_some_and(|columns| has(&columns)) {
            table.constraints.insert(name.clone(), constraint.clone());
        }
    }
    let carried = |index: &Index| {
        index.predicate.is_none()
            && index.columns().is_some_and(|columns| columns.into_iter().all(|column| picked.contains(column)))
    };
    for (name, index) in whole.indexes.iter().filter(|(_, index)| carried(index)) {
        table.indexes.insert(name.clone(), index.clone());
    }
}

/// The columns that a constraint is about, where that is plain to see.
fn columns_of(constraint: &Constraint) -> Option<Vec<Ident>> {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            Some(key.columns.iter().chain(&key.include).cloned().collect())
        }
        ConstraintKind::ForeignKey(key) => Some(key.columns.clone()),
        ConstraintKind::Check(check) => values::allowed_values(check).map(|allowed| vec![allowed.column]),
        ConstraintKind::Exclude(_) => None,
    }
}

fn no_entity(name: &Name, pick: &Text, scope: &Scope<'_>) -> Diagnostic {
    let Some(busm) = scope.whole_busm() else {
        return Diagnostic::error("unknown-pick", pick.span.clone(), "the BUSM itself picks nothing")
            .help("declare the field below `fields`");
    };
    let found =
        Diagnostic::error("unknown-pick", pick.span.clone(), format!("the BUSM has no entity `{name}` to pick from"));
    let names: Vec<String> = busm.names().into_iter().map(Name::to_string).collect();
    match nearest(&name.to_string(), names.iter().map(String::as_str)) {
        Some(near) => found.help(format!("did you mean `[{near}]`?")),
        None => found.help(format!("declare `[{name}]` in the BUSM, or declare these fields here")),
    }
}

fn no_field(name: &Name, pick: &Text, whole: &Table) -> Diagnostic {
    let found = Diagnostic::error(
        "unknown-pick",
        pick.span.clone(),
        format!("the BUSM's `{name}` has no field `{}`", pick.text),
    );
    match nearest(&pick.text, whole.columns.iter().map(|column| column.name.as_str())) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("add it to the BUSM's `{name}`, or declare it here below `[{name}.fields]`")),
    }
}
