//! Edits a schema as people do: adds, drops, renames with a hint, alters, of every kind of object.
//!
//! Whatever is there in tables of the first schema satisfies the edited one: new constraints hold for the rows that
//! [`rows`](super::rows) makes, new columns may be null or have a default.

use super::make;
use super::schema::{At, ColumnKind, ConstraintKind, Expr, Id, Query, RoutineKind, Schema, Table};
use super::types::Ty;
use super::{Choices, schema::Argument};

/// A few edits in a row; what they were, in words.
pub fn some(schema: &mut Schema, choices: &mut Choices) -> Vec<String> {
    let base = schema.next + 1;
    let mut done = Vec::new();
    for _ in 0..1 + choices.below(6) {
        done.extend(one(schema, choices, base));
        schema.prune();
    }
    done
}

/// One edit; `None` when what was chosen has nothing to work on. Numbers below `base` are of the first schema.
fn one(schema: &mut Schema, choices: &mut Choices, base: Id) -> Option<String> {
    match choices.below(40) {
        0 => Some(make::table(schema, choices)),
        1 => drop_table(schema, choices),
        2 => rename(schema, choices, base),
        3..=5 => add_column(schema, choices),
        6 | 7 => drop_column(schema, choices),
        8 | 9 => rename_column(schema, choices, base),
        10..=12 => change_type(schema, choices),
        13 => change_default(schema, choices),
        14 => toggle_not_null(schema, choices),
        15 | 16 => add_constraint(schema, choices, base),
        17 => drop_constraint(schema, choices),
        18 => rename_part(schema, choices, base),
        19 => change_constraint(schema, choices, base),
        20 => make::foreign_key(schema, choices, base),
        21..=23 => make::around_tables(schema, choices),
        24 | 25 => drop_around(schema, choices),
        26 => change_index(schema, choices),
        27 => change_view(schema, choices),
        28 => change_routine(schema, choices),
        29 => change_enum(schema, choices),
        30 => change_domain(schema, choices),
        31 => change_composite(schema, choices),
        32 => change_sequence(schema, choices),
        33 => change_comment(schema, choices),
        34 => change_table(schema, choices),
        35 => change_partitions(schema, choices),
        36 => change_column(schema, choices),
        37 => change_trigger_or_policy(schema, choices),
        38 => Some(match choices.below(3) {
            0 => make::user_type(schema, choices),
            1 => make::sequence(schema, choices),
            _ => make::early_routine(schema, choices),
        }),
        _ => drop_other(schema, choices),
    }
}

fn some_table<'a>(schema: &'a mut Schema, choices: &mut Choices) -> Option<&'a mut Table> {
    let at = choices.below(schema.tables.len());
    schema.tables.get_mut(at)
}

fn drop_table(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let at = choices.below(schema.tables.len());
    if schema.tables.len() < 2 {
        return None;
    }
    Some(format!("drop table {}", schema.tables.remove(at).at.name))
}

/// Renames a table, a view, a type, a sequence, a routine or a namespace.
fn rename(schema: &mut Schema, choices: &mut Choices, base: Id) -> Option<String> {
    let id = schema.id();
    let new = make::name(schema, choices, "renamed", id);
    let kind = choices.below(7);
    let mut all: Vec<&mut At> = match kind {
        0 | 1 => schema.tables.iter_mut().map(|it| &mut it.at).collect(),
        2 => schema.views.iter_mut().map(|it| &mut it.at).collect(),
        3 => schema.enums.iter_mut().map(|it| &mut it.at).collect(),
        4 => schema.sequences.iter_mut().map(|it| &mut it.at).collect(),
        5 => schema
            .domains
            .iter_mut()
            .map(|it| &mut it.at)
            .chain(schema.composites.iter_mut().map(|it| &mut it.at))
            .collect(),
        _ => schema.namespaces.iter_mut().collect(),
    };
    let at = choices.below(all.len());
    renamed(all.get_mut(at)?, new, base)
}

/// Gives `at` a new name, and a hint where the first schema had it.
fn renamed(at: &mut At, new: String, base: Id) -> Option<String> {
    let old = std::mem::replace(&mut at.name, new);
    if at.id < base && at.was.is_none() {
        at.was = Some(old.clone());
    }
    Some(format!("rename {old} to {}", at.name))
}

fn add_column(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let at = choices.below(schema.tables.len());
    let table = schema.tables.get(at)?.clone();
    let column = make::column(schema, choices, &table);
    let demands = |id| schema.domain(id).is_some_and(|domain| domain.not_null && domain.default.is_none());
    if column.default.is_none() && matches!(column.ty, Ty::Domain(id) if demands(id)) {
        return None; // no row that is there could get a value
    }
    let text = format!("add column {} to {}", column.at.name, table.at.name);
    schema.tables[at].columns.push(column);
    Some(text)
}

fn drop_column(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = some_table(schema, choices)?;
    let at = choices.below(table.columns.len());
    let id = table.columns.get(at)?.at.id;
    if table.columns.len() < 2 || table.partitions.as_ref().is_some_and(|it| it.column == id) {
        return None;
    }
    Some(format!("drop column {} of {}", table.columns.remove(at).at.name, table.at.name))
}

fn rename_column(schema: &mut Schema, choices: &mut Choices, base: Id) -> Option<String> {
    let id = schema.id();
    let new = make::name(schema, choices, "renamed", id);
    let table = some_table(schema, choices)?;
    let at = choices.below(table.columns.len());
    let column = table.columns.get_mut(at)?;
    let text = renamed(&mut column.at, new, base)?;
    Some(format!("{text} (a column)"))
}

fn change_type(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let tables = schema.tables.clone();
    let table = choices.pick(&tables)?;
    let column = choices.pick(&table.columns)?;
    let id = column.at.id;
    let is_key = |it: &ConstraintKind| match it {
        ConstraintKind::Primary(columns) | ConstraintKind::Unique { columns, .. } => columns.contains(&id),
        ConstraintKind::Foreign { columns, .. } => columns.contains(&id),
        _ => false,
    };
    let is_source = |table: &Table| {
        table.columns.iter().any(|it| matches!(&it.kind, ColumnKind::Generated(source) if source.columns.contains(&id)))
    };
    let calls = |table: &Table| {
        let checks = table.constraints.iter().any(|it| matches!(&it.kind, ConstraintKind::Check(check) if check.object.is_some() && check.columns.contains(&id)));
        checks && column.ty != Ty::Text
    };
    let careful = is_source(table)
        || !matches!(column.kind, ColumnKind::Plain)
        || table.constraints.iter().any(|it| is_key(&it.kind));
    let fixed = table.partitions.as_ref().is_some_and(|it| it.column == id)
        || matches!(column.kind, ColumnKind::Generated(_))
        || calls(table);
    let plain = |ty: &Ty| matches!(ty, Ty::Integer | Ty::Bigint | Ty::Text | Ty::Varchar(40 | 80));
    let targets: Vec<Ty> =
        column.ty.neighbours().iter().copied().filter(|ty| !fixed && (!careful || plain(ty))).collect();
    let ty = *choices.pick(&targets)?;
    let column = schema.tables.iter_mut().flat_map(|it| &mut it.columns).find(|it| it.at.id == id)?;
    if !matches!(ty, Ty::Text) {
        column.storage = None;
    }
    let text = format!("change {} from {:?} to {ty:?}", column.at.name, column.ty);
    column.ty = ty;
    if column.default.as_ref().is_some_and(|it| it.object.is_none()) {
        column.default = Some(Expr::over(ty.value(&Schema::default(), 2), &[]));
    }
    Some(text)
}

fn change_default(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let known = schema.clone();
    let table = some_table(schema, choices)?;
    let at = choices.below(table.columns.len());
    let column = table.columns.get_mut(at).filter(|it| matches!(it.kind, ColumnKind::Plain))?;
    column.default = match choices.chance(30) {
        true => None,
        false => make::default(&known, choices, column.ty),
    };
    Some(format!("change the default of {}", column.at.name))
}

fn toggle_not_null(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = some_table(schema, choices)?;
    let key = table.key().unwrap_or(&[]).to_vec();
    let at = choices.below(table.columns.len());
    let column = table.columns.get_mut(at)?;
    if key.contains(&column.at.id) || !matches!(column.kind, ColumnKind::Plain) {
        return None;
    }
    column.not_null = !column.not_null;
    Some(format!("change whether {} may be null", column.at.name))
}

fn add_constraint(schema: &mut Schema, choices: &mut Choices, base: Id) -> Option<String> {
    let at = choices.below(schema.tables.len());
    let mut table = schema.tables.get(at)?.clone();
    let text = make::constraint(schema, choices, &mut table, base)?;
    schema.tables[at] = table;
    Some(text)
}

fn drop_constraint(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = some_table(schema, choices)?;
    let at = choices.below(table.constraints.len());
    table.constraints.get(at)?;
    let constraint = table.constraints.remove(at);
    Some(format!("drop constraint {:?} of {}", constraint.at.name, table.at.name))
}

/// Renames a constraint, an index, a trigger, a policy or a partition.
fn rename_part(schema: &mut Schema, choices: &mut Choices, base: Id) -> Option<String> {
    let id = schema.id();
    let new = make::name(schema, choices, "renamed", id);
    let kind = choices.below(5);
    let table = some_table(schema, choices)?;
    let mut all: Vec<&mut At> = match kind {
        0 => table.constraints.iter_mut().map(|it| &mut it.at).filter(|at| !at.name.is_empty()).collect(),
        1 => table.indexes.iter_mut().map(|it| &mut it.at).collect(),
        2 => table.triggers.iter_mut().map(|it| &mut it.at).collect(),
        3 => table.policies.iter_mut().map(|it| &mut it.at).collect(),
        _ => table.partitions.iter_mut().flat_map(|it| it.parts.iter_mut().map(|(at, _)| at)).collect(),
    };
    let at = choices.below(all.len());
    renamed(all.get_mut(at)?, new, base)
}

fn change_constraint(schema: &mut Schema, choices: &mut Choices, base: Id) -> Option<String> {
    let table = some_table(schema, choices)?;
    let partitioned = table.partitions.is_some();
    let types: Vec<(Id, Ty)> = table.columns.iter().map(|it| (it.at.id, it.ty)).collect();
    let at = choices.below(table.constraints.len());
    let constraint = table.constraints.get_mut(at)?;
    match &mut constraint.kind {
        ConstraintKind::Check(check) if check.columns[0] < base => {
            let ty = types.iter().find(|(id, _)| *id == check.columns[0])?.1;
            *check = Expr::over(choices.of(ty.conditions()), &check.columns);
            constraint.suffix = choices.of(&["", "", " NOT VALID"]);
        }
        ConstraintKind::Foreign { actions, .. } => {
            *actions = choices.of(&["", " ON DELETE CASCADE", " ON DELETE SET NULL", " MATCH FULL"]);
            constraint.suffix = if partitioned { "" } else { choices.of(&["", " DEFERRABLE", " NOT VALID"]) };
        }
        ConstraintKind::Unique { columns, .. } if columns.iter().all(|id| *id < base) => {
            constraint.suffix = choices.of(&["", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"]);
        }
        _ => return None,
    }
    Some(format!("change constraint {:?} of {}", constraint.at.name, table.at.name))
}

fn drop_around(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    fn take<T>(all: &mut Vec<T>, choices: &mut Choices, name: impl Fn(&T) -> &str) -> Option<String> {
        let at = choices.below(all.len());
        (at < all.len()).then(|| format!("drop {}", name(&all.remove(at))))
    }
    match choices.below(6) {
        0 => take(&mut schema.views, choices, |it| &it.at.name),
        1 => take(&mut schema.grants, choices, |it| it.privileges),
        2 => take(&mut some_table(schema, choices)?.triggers, choices, |it| &it.at.name),
        3 => take(&mut some_table(schema, choices)?.policies, choices, |it| &it.at.name),
        _ => take(&mut some_table(schema, choices)?.indexes, choices, |it| &it.at.name),
    }
}

fn change_index(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = some_table(schema, choices)?;
    let types: Vec<(Id, Ty)> = table.columns.iter().map(|it| (it.at.id, it.ty)).collect();
    let at = choices.below(table.indexes.len());
    let index = table.indexes.get_mut(at)?;
    let column = index.elements[0].0.columns[0];
    let ty = types.iter().find(|(id, _)| *id == column)?.1;
    match choices.below(3) {
        0 if index.method == "btree" && !ty.expressions().is_empty() => {
            index.elements[0] = (Expr::over(choices.of(ty.expressions()), &[column]), "");
        }
        1 if index.method == "btree" => {
            index.options = if index.options.is_some() { None } else { Some("fillfactor=60") }
        }
        _ if index.predicate.is_some() => index.predicate = None,
        _ => index.predicate = Some(Expr::over("{0} IS NOT NULL", &[column])),
    }
    Some(format!("change index {}", index.at.name))
}

fn change_view(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let tables = schema.tables.clone();
    let at = choices.below(schema.views.len());
    let view = schema.views.get_mut(at)?;
    match (&mut view.query, choices.below(4)) {
        (Query::Columns { table, columns, .. }, 0) => {
            let table = tables.iter().find(|it| it.at.id == *table)?;
            let new = choices.pick(&table.columns)?.at.id;
            let alias = format!("extra_{new}");
            if columns.iter().any(|(id, name)| *id == new && (name.is_none() || name.as_ref() == Some(&alias))) {
                return None;
            }
            columns.push((new, Some(alias)));
        }
        (Query::Columns { columns, .. }, 1) if columns.len() > 1 => drop(columns.pop()),
        (Query::Columns { table, filter, .. }, 2) => {
            let table = tables.iter().find(|it| it.at.id == *table)?;
            let column = choices.pick(&table.columns)?;
            *filter = Some(Expr::over(choices.of(column.ty.conditions()), &[column.at.id]));
        }
        _ if view.materialized => view.index = view.index.take().filter(|_| false),
        _ => view.options = if view.options.is_some() { None } else { Some("security_barrier=true") },
    }
    Some(format!("change view {}", view.at.name))
}

fn change_routine(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let known = schema.clone();
    let at = choices.below(schema.routines.len());
    let routine = schema.routines.get_mut(at)?;
    match (&mut routine.kind, choices.below(4)) {
        (RoutineKind::Procedure { .. }, 0) => return None,
        (_, 0) => routine.attributes = make::attributes(choices),
        (RoutineKind::Trigger { body } | RoutineKind::Plain { body, .. } | RoutineKind::Procedure { body, .. }, 1) => {
            *body += 1
        }
        (RoutineKind::Plain { args, .. } | RoutineKind::Procedure { args, .. }, 2) => {
            let ty = make::any_type(&known, choices);
            args.push(Argument { name: format!("more_{}", args.len()), ty, default: Some("NULL".into()) });
        }
        (RoutineKind::Plain { returns, .. }, 3) => *returns = make::any_type(&known, choices),
        (RoutineKind::Plain { args, .. } | RoutineKind::Procedure { args, .. }, _) => drop(args.pop()?),
        (RoutineKind::Test { body, ty }, _) => {
            *body = if *ty == Ty::Text { "value <> '' OR value IS NULL" } else { "value >= 0" };
        }
        (RoutineKind::Reads { standard, .. }, _) => *standard = !*standard,
        (RoutineKind::Rows { columns }, _) => columns[0].ty = make::any_type(&known, choices),
        _ => return None,
    }
    Some(format!("change routine {}", routine.at.name))
}

fn change_enum(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let id = schema.id();
    let at = choices.below(schema.enums.len());
    let it = schema.enums.get_mut(at)?;
    let last = it.labels.len() - 1;
    match choices.below(5) {
        0 => it.labels.push((format!("added {id}"), None)),
        1 => it.labels.insert(1 + choices.below(last), (format!("added {id}"), None)),
        2 => {
            let (label, was) = &mut it.labels[last];
            let old = std::mem::replace(label, format!("renamed {id}"));
            if was.is_none() && !old.starts_with("added") {
                *was = Some(old);
            }
        }
        3 if last > 1 => drop(it.labels.pop()),
        _ => it.labels.swap(last, last - 1),
    }
    Some(format!("change enum {}", it.at.name))
}

fn change_domain(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let id = schema.id();
    let known = schema.clone();
    let at = choices.below(schema.domains.len());
    let it = schema.domains.get_mut(at)?;
    match choices.below(4) {
        0 => it.default = it.default.take().xor(Some(it.base.value(&known, 1))),
        1 if !it.checks.is_empty() => drop(it.checks.pop()),
        2 if !it.checks.is_empty() => it.checks[0].1 = choices.of(it.base.conditions()).replace("{0}", "VALUE"),
        _ => it.checks.push((format!("check_{id}"), choices.of(it.base.conditions()).replace("{0}", "VALUE"))),
    }
    Some(format!("change domain {}", it.at.name))
}

fn change_composite(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let id = schema.id();
    let used: Vec<Ty> = schema.tables.iter().flat_map(|it| it.columns.iter().map(|column| column.ty)).collect();
    let at = choices.below(schema.composites.len());
    let it = schema.composites.get_mut(at)?;
    if used.contains(&Ty::Composite(it.at.id)) {
        return None;
    }
    match choices.below(3) {
        1 if it.attributes.len() > 1 => drop(it.attributes.pop()),
        2 => it.attributes[0].ty = Ty::Text,
        _ => it.attributes.push(super::schema::Attribute { name: format!("part_{id}"), ty: Ty::Text }),
    }
    Some(format!("change composite type {}", it.at.name))
}

fn change_sequence(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let owners: Vec<Id> = schema
        .tables
        .iter()
        .filter(|it| it.at.namespace.is_none())
        .flat_map(|it| &it.columns)
        .filter(|it| matches!(it.kind, ColumnKind::Plain))
        .map(|it| it.at.id)
        .collect();
    let at = choices.below(schema.sequences.len());
    let it = schema.sequences.get_mut(at)?;
    match choices.below(2) {
        1 if it.at.namespace.is_none() => {
            it.owner = match it.owner {
                None => choices.pick(&owners).copied(),
                Some(_) => None,
            }
        }
        _ => it.options = make::sequence_options(choices).to_owned(),
    }
    Some(format!("change sequence {}", it.at.name))
}

fn change_comment(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let comment = if choices.chance(30) { None } else { Some("Another comment.".to_owned()) };
    let kind = choices.below(8);
    let mut all: Vec<&mut At> = match kind {
        0 | 1 => schema.tables.iter_mut().flat_map(|it| &mut it.columns).map(|it| &mut it.at).collect(),
        2 => schema.tables.iter_mut().flat_map(|it| &mut it.indexes).map(|it| &mut it.at).collect(),
        3 => schema.tables.iter_mut().flat_map(|it| &mut it.triggers).map(|it| &mut it.at).collect(),
        4 => schema.tables.iter_mut().flat_map(|it| &mut it.policies).map(|it| &mut it.at).collect(),
        5 => schema.routines.iter_mut().map(|it| &mut it.at).collect(),
        6 => schema.views.iter_mut().map(|it| &mut it.at).collect(),
        _ => schema.tables.iter_mut().map(|it| &mut it.at).collect(),
    };
    let at = choices.below(all.len());
    let at = all.get_mut(at)?;
    at.comment = comment;
    Some(format!("change the comment of {}", at.name))
}

fn change_table(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let foreign = schema
        .tables
        .iter()
        .any(|it| it.constraints.iter().any(|constraint| matches!(constraint.kind, ConstraintKind::Foreign { .. })));
    let table = some_table(schema, choices)?;
    match choices.below(5) {
        0 => table.row_security = !table.row_security,
        1 => table.force_row_security = !table.force_row_security,
        2 if table.partitions.is_none() => {
            table.options = if table.options.is_some() { None } else { Some("fillfactor=50") };
        }
        3 if table.partitions.is_none() => {
            table.replica_identity = if table.replica_identity.is_some() { None } else { Some("FULL") };
        }
        4 if !foreign
            && table.partitions.is_none()
            && table.columns.iter().all(|it| matches!(it.kind, ColumnKind::Plain | ColumnKind::Generated(_))) =>
        {
            table.unlogged = !table.unlogged;
        }
        _ => return None,
    }
    Some(format!("change settings of {}", table.at.name))
}

fn change_partitions(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let id = schema.id();
    let partitioned: Vec<&mut Table> = schema.tables.iter_mut().filter(|it| it.partitions.is_some()).collect();
    let at = choices.below(partitioned.len());
    let table = partitioned.into_iter().nth(at)?;
    let whole = table.columns.first()?.ty == Ty::Integer;
    let namespace = table.at.namespace;
    let partitions = table.partitions.as_mut()?;
    let bound = match (partitions.strategy, whole) {
        ("RANGE", true) => format!("FOR VALUES FROM ({}) TO ({})", id * 1000, id * 1000 + 1000),
        ("RANGE", false) => format!("FOR VALUES FROM ('x{id}') TO ('x{id}z')"),
        ("LIST", true) => format!("FOR VALUES IN ({}, NULL)", id * 1000),
        ("LIST", false) => format!("FOR VALUES IN ('x{id}')"),
        _ => return None,
    };
    if bound.contains("NULL") && partitions.parts.iter().any(|(_, bound)| bound.contains("NULL")) {
        return None;
    }
    if choices.chance(40) && partitions.parts.len() > 1 {
        let (part, _) = partitions.parts.pop()?;
        return Some(format!("drop partition {}", part.name));
    }
    let at = At { id, namespace, name: format!("part_{id}"), was: None, comment: None };
    partitions.parts.push((at, bound));
    Some(format!("add partition part_{id}"))
}

/// What a column has beside its type: identity, generated, collation, storage, statistics.
fn change_column(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = some_table(schema, choices)?;
    let partitioned = table.partitions.is_some();
    let at = choices.below(table.columns.len());
    let column = table.columns.get_mut(at)?;
    let whole = matches!(column.ty, Ty::Integer | Ty::Bigint);
    match (&mut column.kind, choices.below(4)) {
        (ColumnKind::Identity { always, .. }, 0) => *always = !*always,
        (ColumnKind::Identity { options, .. }, 1) => *options = choices.of(&["", " (CACHE 5)", " (INCREMENT BY 3)"]),
        (ColumnKind::Identity { .. } | ColumnKind::Serial, 2) => column.kind = ColumnKind::Plain,
        (ColumnKind::Plain, 2) if whole && column.not_null && !partitioned => {
            column.default = None;
            column.kind = ColumnKind::Identity { always: true, options: "" };
        }
        (ColumnKind::Plain, 3) if column.ty == Ty::Text && column.collation.is_none() => column.collation = Some("C"),
        (ColumnKind::Generated(source), _) if column.ty == Ty::Bigint => source.text = "{0} + 2".into(),
        (ColumnKind::Generated(_), 0) => column.kind = ColumnKind::Plain,
        (_, 0) => column.statistics = if column.statistics.is_some() { None } else { Some(200) },
        (_, 1) if matches!(column.ty, Ty::Text | Ty::Jsonb) => {
            column.storage = if column.storage.is_some() { None } else { Some("EXTERNAL") };
        }
        _ => return None,
    }
    Some(format!("change column {}", column.at.name))
}

fn change_trigger_or_policy(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = some_table(schema, choices)?;
    if choices.chance(50) {
        let at = choices.below(table.triggers.len());
        let trigger = table.triggers.get_mut(at)?;
        match choices.below(3) {
            0 => trigger.enabled = choices.of(&["", "DISABLE", "ENABLE REPLICA"]),
            1 => trigger.args = choices.of(&["", "'other'"]),
            _ if trigger.when.is_none() => trigger.each_row = !trigger.each_row,
            _ => trigger.when = None,
        }
        return Some(format!("change trigger {}", trigger.at.name));
    }
    let at = choices.below(table.policies.len());
    let policy = table.policies.get_mut(at)?;
    match choices.below(3) {
        0 => policy.roles = choices.of(&["PUBLIC", "writer"]),
        1 => policy.restrictive = !policy.restrictive,
        _ if policy.using.is_some() => policy.using = Some(Expr::over("true", &[])),
        _ => policy.check = Some(Expr::over("true", &[])),
    }
    Some(format!("change policy {}", policy.at.name))
}

/// Drops a type, a sequence or a routine, and what needs it.
fn drop_other(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let (kind, at) = (choices.below(5), choices.below(3));
    let dropped = match kind {
        0 => (at < schema.enums.len()).then(|| schema.enums.remove(at).at),
        1 => (at < schema.domains.len()).then(|| schema.domains.remove(at).at),
        2 => (at < schema.composites.len()).then(|| schema.composites.remove(at).at),
        3 => (at < schema.sequences.len()).then(|| schema.sequences.remove(at).at),
        _ => (at < schema.routines.len()).then(|| schema.routines.remove(at).at),
    }?;
    Some(format!("drop {}", dropped.name))
}
