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
use crate::model::{Hints, Model, canonical};

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
    // Of the old model, whether it has the object itself, and the one that it is said to have been.
    let mut check = |hints: &Hints, id: ObjectId, own: bool, old: bool| {
        let Some(name) = &hints.renamed_from else { return };
        let unused = Some(&id).filter(|id| !followed.contains(id));
        let schema = hints.moved_from.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
        let Some(said) = unused.and_then(|id| unfollowed(id, &format!("{schema}{name}"), own, old)) else { return };
        if !own {
            losses.push(Loss { object: id, found: said.clone() });
        }
        found.push(said);
    };
    for (name, table) in &to.tables {
        let there = |name: &Name| base.tables.contains_key(name);
        let old = table.hints.former(name).is_some_and(|old| there(&old));
        check(&table.hints, ObjectId::Table(name.clone()), there(name), old);
        let Some(before) = base.tables.get(name) else { continue };
        for column in &table.columns {
            let there = |column: &Ident| before.column(column.as_str()).is_some();
            let old = column.hints.renamed_from.as_ref().is_some_and(there);
            check(&column.hints, ObjectId::Column(name.clone(), column.name.clone()), there(&column.name), old);
        }
        for (key, constraint) in &table.constraints {
            let there = |key: &Ident| before.constraints.contains_key(key);
            let old = constraint.hints.renamed_from.as_ref().is_some_and(there);
            check(&constraint.hints, ObjectId::Constraint(name.clone(), key.clone()), there(key), old);
        }
        for (key, index) in &table.indexes {
            let there = |key: &Ident| before.indexes.contains_key(key);
            let old = index.hints.renamed_from.as_ref().is_some_and(there);
            check(&index.hints, ObjectId::Index(name.clone(), key.clone()), there(key), old);
        }
    }
    for (name, ty) in &to.types {
        let there = |name: &Name| base.types.contains_key(name);
        let old = ty.hints.former(name).is_some_and(|old| there(&old));
        check(&ty.hints, ObjectId::Type(name.clone()), there(name), old);
    }
    for (name, sequence) in &to.sequences {
        let there = |name: &Name| base.sequences.contains_key(name);
        let old = sequence.hints.former(name).is_some_and(|old| there(&old));
        check(&sequence.hints, ObjectId::Sequence(name.clone()), there(name), old);
    }
    for (name, view) in &to.views {
        let there = |name: &Name| base.views.contains_key(name);
        let old = view.hints.former(name).is_some_and(|old| there(&old));
        check(&view.hints, ObjectId::View(name.clone()), there(name), old);
    }
}

/// What to say of a hint that was not followed; nothing when an earlier plan followed it.
fn unfollowed(id: &ObjectId, old: &str, new_is_there: bool, old_is_there: bool) -> Option<Diagnostic> {
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
    let (id, code) = (&rename.to, "likely-rename");
    let old = match (&rename.from, id) {
        (ObjectId::Table(old), ObjectId::Table(new)) if old.schema != new.schema => {
            let message = format!("{id} is made and `{old}` dropped with its data: was it moved?");
            let schema_name = old.schema.as_ref().map_or("public", Ident::as_str);
            let schema = old.schema.as_ref().map_or_else(|| "public".to_owned(), Ident::to_string);
            return Diagnostic::new(Severity::Warning, code, message)
                .help(format!("in a TOML file write `renamed_from = \"{}.{}\"` for it", schema_name, old.name.as_str()))
                .help(format!("in an SQL file write `-- forge:renamed_from {schema}.{}` above it", old.name));
        }
        (ObjectId::Table(Name { name: old, .. }) | ObjectId::Column(_, old), _) => old,
        _ => unreachable!("only tables and columns are compared"),
    };
    let message = format!("{id} is made and `{old}` dropped with its data: was it renamed?");
    Diagnostic::new(Severity::Warning, code, message)
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
    fn a_table_that_is_in_another_schema_now_was_probably_moved() {
        let model = |name: Name| {
            let mut model = table(&[("a", None), ("b", None), ("c", None)]);
            let found = model.tables.remove(&Name::local("t"));
            model.tables.extend(found.map(|found| (name, found)));
            model
        };
        let found = diff(&model(Name::local("t")), &model(Name::qualified("app", "t"))).diagnostics;
        assert_eq!(found[0].message, "table app.t is made and `t` dropped with its data: was it moved?");
        assert_eq!(found[0].help[1], "in an SQL file write `-- forge:renamed_from public.t` above it");
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
