//! What a person should know about hints: those that matched nothing, renames that are likely but not said, and columns
//! that only stand in another order.

use super::rename::Rename;
use super::{Change, ChangeKind};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;

/// The findings about `from` (and `base`, which is `from` under the new names) and `to`.
pub fn findings(from: &Model, base: &Model, to: &Model, renames: &[Rename], likely: &[Rename]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !from.is_empty() {
        unused(base, to, renames, &mut found);
        found.extend(likely.iter().map(suggest));
    }
    found.extend(order(base, to));
    found
}

/// Hints that were not followed: the old name is nowhere, or the new one was taken already.
fn unused(base: &Model, to: &Model, renames: &[Rename], found: &mut Vec<Diagnostic>) {
    let followed = |id: &ObjectId| renames.iter().any(|rename| rename.to == *id);
    let mut check = |id: ObjectId, hint: &Option<Ident>, has: &dyn Fn(&Ident) -> bool, exists: bool| {
        let Some(old) = hint.as_ref().filter(|_| !followed(&id)) else { return };
        let (rest, help) = match (exists, has(old)) {
            (false, _) => {
                ("does not exist", "name what it was called before, or remove the hint: it would be made anew")
            }
            (true, true) => {
                ("is there beside it", "remove the hint when it was followed before; else move the rows of one over")
            }
            // It was followed by an earlier plan.
            (true, false) => return,
        };
        let message = format!("{id} says that it was renamed from `{old}`, which {rest}");
        found.push(Diagnostic::new(Severity::Warning, "unused-hint", message).help(help));
    };
    for (name, table) in &to.tables {
        let beside = |old: &Ident| base.tables.contains_key(&name.sibling(old.as_str()));
        let before = base.tables.get(name);
        check(ObjectId::Table(name.clone()), &table.hints.renamed_from, &beside, before.is_some());
        let Some(before) = before else { continue };
        let beside = |old: &Ident| before.column(old.as_str()).is_some();
        for column in &table.columns {
            let id = ObjectId::Column(name.clone(), column.name.clone());
            check(id, &column.hints.renamed_from, &beside, beside(&column.name));
        }
        let beside = |old: &Ident| before.constraints.contains_key(old);
        for (key, constraint) in &table.constraints {
            let id = ObjectId::Constraint(name.clone(), key.clone());
            check(id, &constraint.hints.renamed_from, &beside, beside(key));
        }
        let beside = |old: &Ident| before.indexes.contains_key(old);
        for (key, index) in &table.indexes {
            check(ObjectId::Index(name.clone(), key.clone()), &index.hints.renamed_from, &beside, beside(key));
        }
    }
    for (name, ty) in &to.types {
        let beside = |old: &Ident| base.types.contains_key(&name.sibling(old.as_str()));
        check(ObjectId::Type(name.clone()), &ty.hints.renamed_from, &beside, beside(&name.name));
    }
    for (name, sequence) in &to.sequences {
        let beside = |old: &Ident| base.sequences.contains_key(&name.sibling(old.as_str()));
        check(ObjectId::Sequence(name.clone()), &sequence.hints.renamed_from, &beside, beside(&name.name));
    }
    for (name, view) in &to.views {
        let beside = |old: &Ident| base.views.contains_key(&name.sibling(old.as_str()));
        check(ObjectId::View(name.clone()), &view.hints.renamed_from, &beside, beside(&name.name));
    }
}

/// Objects that go and others that come, so alike that a rename was probably meant.
pub fn likely(base: &Model, to: &Model, changes: &[Change]) -> Vec<Rename> {
    let mut found = Vec::new();
    let of = |kind: &ChangeKind| -> Vec<&ObjectId> {
        changes.iter().filter(|change| change.kind == *kind).map(|change| &change.id).collect()
    };
    let (removed, added) = (of(&ChangeKind::Removed), of(&ChangeKind::Added));
    for id in &added {
        match id {
            ObjectId::Table(name) => {
                let gone = removed.iter().filter_map(|id| match id {
                    ObjectId::Table(old) if old.schema == name.schema => Some(old),
                    _ => None,
                });
                let mut twins = gone.filter(|old| alike(&base.tables[*old], &to.tables[name]));
                if let (Some(twin), None) = (twins.next(), twins.next()) {
                    found.push(Rename { from: ObjectId::Table(twin.clone()), to: (*id).clone() });
                }
            }
            ObjectId::Column(table, name) => {
                let (Some(before), Some(after)) = (base.tables.get(table), to.tables.get(table)) else { continue };
                if let Some(twin) = column_twin(table, before, after, name, &removed) {
                    found.push(Rename { from: ObjectId::Column(table.clone(), twin), to: (*id).clone() });
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether two tables have at least three columns in common and no more than a fifth that are not.
fn alike(old: &Table, new: &Table) -> bool {
    let same =
        new.columns.iter().filter(|column| old.column(column.name.as_str()).is_some_and(|o| o.ty == column.ty)).count();
    let most = old.columns.len().max(new.columns.len());
    same >= 3 && same * 5 >= most * 4
}

/// The only column that goes and has the type of the only column that comes with that type.
fn column_twin(table: &Name, old: &Table, new: &Table, name: &Ident, removed: &[&ObjectId]) -> Option<Ident> {
    let ty = &new.column(name.as_str())?.ty;
    let comes =
        new.columns.iter().filter(|column| column.ty == *ty && old.column(column.name.as_str()).is_none()).count();
    let gone = |column: &&Ident| removed.contains(&&ObjectId::Column(table.clone(), (*column).clone()));
    let mut twins = old.columns.iter().filter(|column| column.ty == *ty).map(|column| &column.name).filter(gone);
    match (comes, twins.next(), twins.next()) {
        (1, Some(twin), None) => Some(twin.clone()),
        _ => None,
    }
}

fn suggest(rename: &Rename) -> Diagnostic {
    let id = &rename.to;
    let (ObjectId::Table(Name { name: old, .. }) | ObjectId::Column(_, old)) = &rename.from else {
        unreachable!("only tables and columns are compared")
    };
    let message = format!("{id} is made and `{old}` dropped with its data: was it renamed?");
    Diagnostic::new(Severity::Warning, "likely-rename", message)
        .help(format!("in a TOML file write `renamed_from = \"{}\"` for it", old.as_str()))
        .help(format!("in an SQL file write `-- forge:renamed_from {old}` above it"))
}

/// Says once that columns stand in another order, which is no change.
fn order(base: &Model, to: &Model) -> Option<Diagnostic> {
    let differs = |(name, new): &(&Name, &Table)| {
        let Some(old) = base.tables.get(*name).filter(|old| old.columns != new.columns) else { return false };
        let common = |a: &Table, b: &Table| -> Vec<Ident> {
            a.columns
                .iter()
                .filter(|column| b.column(column.name.as_str()).is_some())
                .map(|column| column.name.clone())
                .collect()
        };
        common(old, new) != common(new, old)
    };
    let tables: Vec<String> = to.tables.iter().filter(differs).map(|(name, _)| format!("`{name}`")).collect();
    if tables.is_empty() {
        return None;
    }
    let message = format!("columns of {} stand in another order, which is no change", tables.join(", "));
    Some(Diagnostic::new(Severity::Note, "column-order", message))
}

#[cfg(test)]
mod tests {
    use crate::diff::diff;
    use crate::model::Model;
    use crate::model::datatype::DataType;
    use crate::model::name::{Ident, Name};
    use crate::model::table::{Column, Table};

    fn table(columns: &[(&str, Option<&str>)]) -> Model {
        let mut table = Table::default();
        for (name, old) in columns {
            let mut column = Column::new(name, DataType::builtin("text").expect("text is a type"));
            column.hints.renamed_from = old.map(Ident::new);
            table.columns.push(column);
        }
        Model { tables: [(Name::local("t"), table)].into(), ..Model::default() }
    }

    #[test]
    fn hints_that_are_not_followed_are_said() {
        let codes = |from: &[(&str, Option<&str>)]| -> Vec<String> {
            let found = diff(&table(from), &table(&[("new", Some("old"))])).diagnostics;
            found.into_iter().map(|diagnostic| format!("{}: {}", diagnostic.code, diagnostic.message)).collect()
        };
        assert_eq!(codes(&[("old", None)]), [""; 0], "followed");
        assert_eq!(codes(&[("new", None)]), [""; 0], "followed before");
        let said =
            |rest: &str| [format!("unused-hint: column t.new says that it was renamed from `old`, which {rest}")];
        assert_eq!(codes(&[("new", None), ("old", None)]), said("is there beside it"));
        assert_eq!(codes(&[("other", None), ("another", None)]), said("does not exist"));
    }
}
