//! What a person should know about hints: those that matched nothing, renames that are likely but not said, and columns
//! that only stand in another order.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rename::Rename;
use super::{Change, ChangeKind};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::model::{Model, canonical};

/// The findings about `from` (and `base`, which is `from` under the new names) and `to`; only `tables` differ.
pub fn findings(
    from: &Model,
    base: &Model,
    to: &Model,
    tables: &[Name],
    renames: &[Rename],
    likely: &[Rename],
) -> (Vec<Diagnostic>, Vec<Loss>) {
    let (mut found, mut losses) = (Vec::new(), Vec::new());
    if !from.is_empty() {
        unused(base, to, renames, &mut found, &mut losses);
        losses.extend(likely.iter().map(|rename| Loss { object: rename.to.clone(), found: suggest(rename) }));
        found.extend(likely.iter().map(suggest));
    }
    found.extend(order(base, to, tables));
    (found, losses)
}

/// Data that may be lost for want of a hint, or for one that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// The object that is made instead of renamed, or that the hint is about.
    pub object: ObjectId,
    /// What is to be said.
    pub found: Diagnostic,
}

/// Expressions of hints that are followed and name what is no column: neither one that the table has (`base`, under the new
/// names), nor one that it gets.
pub fn astray(base: &Model, to: &Model, changes: &[Change], renames: &[Rename]) -> Vec<Loss> {
    let mut found = Vec::new();
    for Change { id, kind } in changes {
        let ObjectId::Column(name, column) = id else { continue };
        let (Some(before), Some(after)) = (base.tables.get(name), to.tables.get(name)) else { continue };
        let Some(hints) = after.column(column.as_str()).map(|column| &column.hints) else { continue };
        let is_retyped = matches!(kind, ChangeKind::Altered(facts) if facts.iter().any(|fact| fact.name == "type"));
        let said = [("using", hints.using.as_ref().filter(|_| is_retyped)), ("backfill", hints.backfill.as_ref())];
        for (hint, sql) in said.into_iter().filter_map(|(hint, sql)| Some((hint, sql?))) {
            let mut columns = before.columns.clone();
            columns.extend(after.columns.iter().cloned());
            let there = Table { columns, ..Table::default() };
            for unknown in canonical::unknown_columns(sql, name, &there) {
                let message =
                    format!("`{hint}` of {id} names `{unknown}`, which is no column of {name}: the statement fails");
                let diagnostic = Diagnostic::new(Severity::Warning, "unknown-field", message);
                let renamed = renames.iter().find_map(|rename| match (&rename.from, &rename.to) {
                    (ObjectId::Column(_, old), ObjectId::Column(table, new)) => {
                        (table == name && old.as_str() == unknown).then_some(new)
                    }
                    _ => None,
                });
                let near = nearest(&unknown, there.columns.iter().map(|column| column.name.as_str()));
                let found_here = match (renamed, near) {
                    (Some(new), _) => diagnostic.help(format!("it is renamed before, so say `{new}`")),
                    (None, Some(near)) => diagnostic.help(format!("did you mean `{near}`?")),
                    (None, None) => diagnostic.help("name columns that the table has before or after the step"),
                };
                found.push(Loss { object: id.clone(), found: found_here });
            }
        }
    }
    found
}

/// Hints that were not followed: the old name is nowhere, or the new one was taken already.
fn unused(base: &Model, to: &Model, renames: &[Rename], found: &mut Vec<Diagnostic>, losses: &mut Vec<Loss>) {
    let followed: BTreeSet<&ObjectId> = renames.iter().map(|rename| &rename.to).collect();
    // `there` says whether the old model has an object of that name beside this one.
    let mut check =
        |hint: &Option<Ident>, own: &Ident, id: &dyn Fn(Ident) -> ObjectId, there: &dyn Fn(&Ident) -> bool| {
            let Some(old) = hint else { return };
            let id = id(own.clone());
            let unused = Some(&id).filter(|id| !followed.contains(id));
            let Some(said) = unused.and_then(|id| unfollowed(id, old, there(own), there(old))) else { return };
            if !there(own) {
                losses.push(Loss { object: id, found: said.clone() });
            }
            found.push(said);
        };
    for (name, table) in &to.tables {
        let id = |_| ObjectId::Table(name.clone());
        check(&table.hints.renamed_from, &name.name, &id, &|old| base.tables.contains_key(&name.sibling(old.as_str())));
        let Some(before) = base.tables.get(name) else { continue };
        for column in &table.columns {
            let id = |own| ObjectId::Column(name.clone(), own);
            check(&column.hints.renamed_from, &column.name, &id, &|old| before.column(old.as_str()).is_some());
        }
        for (key, constraint) in &table.constraints {
            let id = |own| ObjectId::Constraint(name.clone(), own);
            check(&constraint.hints.renamed_from, key, &id, &|old| before.constraints.contains_key(old));
        }
        for (key, index) in &table.indexes {
            let id = |own| ObjectId::Index(name.clone(), own);
            check(&index.hints.renamed_from, key, &id, &|old| before.indexes.contains_key(old));
        }
    }
    for (name, ty) in &to.types {
        let id = |_| ObjectId::Type(name.clone());
        check(&ty.hints.renamed_from, &name.name, &id, &|old| base.types.contains_key(&name.sibling(old.as_str())));
    }
    for (name, sequence) in &to.sequences {
        let id = |_| ObjectId::Sequence(name.clone());
        let there = |old: &Ident| base.sequences.contains_key(&name.sibling(old.as_str()));
        check(&sequence.hints.renamed_from, &name.name, &id, &there);
    }
    for (name, view) in &to.views {
        let id = |_| ObjectId::View(name.clone());
        check(&view.hints.renamed_from, &name.name, &id, &|old| base.views.contains_key(&name.sibling(old.as_str())));
    }
}

/// What to say of a hint that was not followed; nothing when an earlier plan followed it.
fn unfollowed(id: &ObjectId, old: &Ident, new_is_there: bool, old_is_there: bool) -> Option<Diagnostic> {
    let (rest, help) = match (new_is_there, old_is_there) {
        (false, _) => ("does not exist", "name what it was called before, or remove the hint: it would be made anew"),
        (true, true) => {
            ("is there beside it", "remove the hint when it was followed before; else move the rows of one over")
        }
        (true, false) => return None,
    };
    let message = format!("{id} says that it was renamed from `{old}`, which {rest}");
    Some(Diagnostic::new(Severity::Warning, "unused-hint", message).help(help))
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
fn order(base: &Model, to: &Model, tables: &[Name]) -> Option<Diagnostic> {
    let differs = |name: &&Name| {
        let (Some(old), Some(new)) = (base.tables.get(*name), to.tables.get(*name)) else { return false };
        let common = |a: &Table, b: &Table| -> Vec<Ident> {
            a.columns
                .iter()
                .filter(|column| b.column(column.name.as_str()).is_some())
                .map(|column| column.name.clone())
                .collect()
        };
        old.columns != new.columns && common(old, new) != common(new, old)
    };
    let tables: Vec<String> = tables.iter().filter(differs).map(|name| format!("`{name}`")).collect();
    if tables.is_empty() {
        return None;
    }
    let message = format!("columns of {} stand in another order, which is no change", tables.join(", "));
    Some(Diagnostic::new(Severity::Note, "column-order", message))
}

#[cfg(test)]
mod tests {
    use crate::diff::diff;
    use crate::model::datatype::DataType;
    use crate::model::name::{Ident, Name};
    use crate::model::table::{Column, Table};
    use crate::model::{Model, Sql};

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

    #[test]
    fn an_expression_that_names_no_column_is_said() {
        let said = |using: &str, backfill: &str| -> Vec<String> {
            let from = table(&[("old", None), ("kept", None)]);
            let mut to = table(&[("new", Some("old")), ("kept", None), ("more", None)]);
            for table in to.tables.values_mut() {
                table.columns[0].ty = DataType::builtin("integer").expect("integer is a type");
                table.columns[0].hints.using = Some(Sql::new(using));
                table.columns[2].hints.backfill = Some(Sql::new(backfill));
            }
            let found = diff(&from, &to).diagnostics.into_iter();
            found.map(|found| format!("{} ({})", found.message, found.help.join("; "))).collect()
        };
        assert_eq!(said("new::integer", "upper(kept) || new"), [""; 0]);
        assert_eq!(
            said("old::integer", "kpt"),
            [
                "`backfill` of column t.more names `kpt`, which is no column of t: the statement fails (did you mean `kept`?)",
                "`using` of column t.new names `old`, which is no column of t: the statement fails (it is renamed before, so \
                 say `new`)"
            ]
        );
    }
}
