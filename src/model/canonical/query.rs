//! Queries elaborated: names qualified, `*` expanded, outputs named, positions and aliases in ORDER BY resolved.

use std::rc::Rc;

use super::elaborate::{condition, elaborate as elaborate_expr, pieces};
use super::scope::{Columns, Level, Scope, Shown, Source as Known};
use super::types::{Type, builtin, common, normal};
use super::value::coerce;
use crate::model::name::Ident;
use crate::model::relation::View;
use crate::syntax::expr::{Body, Common, Cycle, Expr, Join, Lock, Query, Select, Source, Target, TypeName};

/// `query`, elaborated, with its columns.
pub fn elaborate(query: &Query, scope: &Scope) -> (Query, Columns) {
    let mut scope = scope.clone();
    let mut with = Vec::new();
    for common in &query.with {
        let Common { name, columns: names, query: inner, .. } = common;
        if query.recursive {
            let first = match &inner.body {
                Body::Set { left, .. } => left,
                _ => inner,
            };
            let columns = renamed(elaborate(first, &scope).1, names);
            scope.with_query(name, columns);
        }
        let (mut done, columns) = elaborate(inner, &scope);
        if !names.is_empty() {
            unname(&mut done);
        }
        scope.with_query(name, marked(renamed(columns, names), common, &scope));
        let cycle = common.cycle.clone().map(|cycle| Cycle { values: values(&cycle, &scope), ..cycle });
        with.push(Common { query: done, cycle, ..common.clone() });
    }
    let (body, columns, inside) = body(&query.body, &scope);
    let order = query
        .order
        .iter()
        .map(|(value, words)| (sorted(value, query, &body, inside.as_ref().unwrap_or(&scope)), words.clone()))
        .collect();
    let value = |it: &Option<Box<Expr>>| it.as_ref().map(|it| Box::new(elaborate_expr(it, &scope).expr));
    let locks = locks(query, &body, inside.as_ref(), &scope);
    let done = Query {
        with,
        recursive: query.recursive,
        body,
        order,
        limit: value(&query.limit),
        ties: query.ties,
        offset: value(&query.offset),
        locks,
    };
    (done, columns)
}

/// The columns of a query of a WITH, with those that SEARCH and CYCLE add.
fn marked(columns: Columns, common: &Common, scope: &Scope) -> Columns {
    let mut list = columns.list;
    list.extend(common.search.iter().map(|(_, column)| (column.clone(), Type::Open)));
    if let Some(cycle) = &common.cycle {
        let ty = match &cycle.values {
            Some((mark, _)) => match elaborate_expr(mark, scope).ty {
                Type::Literal => Type::Known(builtin("text")),
                other => other,
            },
            None => Type::Known(builtin("boolean")),
        };
        list.extend([(cycle.mark.clone(), ty), (cycle.path.clone(), Type::Open)]);
    }
    Columns::new(list)
}

/// The values of the column that marks a circle, in their common type.
fn values(cycle: &Cycle, scope: &Scope) -> Option<(Expr, Expr)> {
    let (mark, usual) = cycle.values.as_ref()?;
    let (mark, usual) = (elaborate_expr(mark, scope), elaborate_expr(usual, scope));
    Some(match common([&mark.ty, &usual.ty].into_iter()) {
        Some(ty) => (coerce(mark, &ty), coerce(usual, &ty)),
        None => (mark.expr, usual.expr),
    })
}

/// What a query locks, each source for itself: without names all tables, views and queries that it reads from.
///
/// Source: `transformLockingClause` in `src/backend/parser/analyze.c`.
fn locks(query: &Query, body: &Body, inside: Option<&Scope>, outer: &Scope) -> Vec<Lock> {
    let (Body::Select(select), Some(level)) = (body, inside.and_then(Scope::innermost)) else {
        return query.locks.clone();
    };
    let mut all = Vec::new();
    select.from.iter().for_each(|source| lockable(source, outer, &mut all));
    let spelled = |name: &String| {
        let source = level.sources.iter().find(|it| it.alias == *name);
        source.map_or_else(|| name.clone(), |source| source.spelled.clone())
    };
    let each = |lock: &Lock| {
        let of = if lock.of.is_empty() { all.clone() } else { lock.of.iter().map(spelled).collect() };
        of.into_iter().map(|name| Lock { of: vec![name], ..lock.clone() }).collect::<Vec<_>>()
    };
    query.locks.iter().flat_map(each).collect()
}

/// The names of those of a source that can be locked.
fn lockable(source: &Source, outer: &Scope, found: &mut Vec<String>) {
    match source {
        Source::Relation { name, .. } if outer.is_query(name) => {}
        Source::Relation { name, alias, .. } => found.extend(alias.as_ref().or(name.last()).cloned()),
        Source::Query { alias, .. } => found.extend(alias.clone()),
        Source::Join(join) => [&join.left, &join.right].into_iter().for_each(|side| lockable(side, outer, found)),
        Source::Call { .. } | Source::Rows { .. } => {}
    }
}

/// The columns with other names, from the first on.
fn renamed(columns: Columns, names: &[String]) -> Columns {
    let rename = |(at, (name, ty)): (usize, (String, Type))| (names.get(at).cloned().unwrap_or(name), ty);
    Columns::new(columns.list.into_iter().enumerate().map(rename).collect())
}

/// Gives the query's first outputs these names; false when it has none to name.
pub fn rename(query: &mut Query, names: &[Ident]) -> bool {
    match &mut query.body {
        Body::Select(select) if select.targets.len() >= names.len() => {
            for (target, name) in select.targets.iter_mut().zip(names) {
                target.name = Some(name.as_str().to_owned());
            }
            true
        }
        Body::Set { left, .. } => rename(left, names),
        _ => names.is_empty(),
    }
}

/// Forgets the names of outputs that nobody can speak of.
fn unname(query: &mut Query) {
    match &mut query.body {
        Body::Select(select) => select.targets.iter_mut().for_each(|it| it.name = None),
        Body::Set { left, .. } => unname(left),
        Body::Values(_) | Body::Raw(_) => {}
    }
}

/// The body, its columns, and the scope of its sources where it is one select.
fn body<'m>(body: &Body, scope: &Scope<'m>) -> (Body, Columns, Option<Scope<'m>>) {
    match body {
        Body::Select(inner) => {
            let (inner, columns, scope) = select(inner, scope);
            (Body::Select(Box::new(inner)), columns, Some(scope))
        }
        Body::Set { op, all, left, right } => {
            let (left, columns) = elaborate(left, scope);
            let (mut right, _) = elaborate(right, scope);
            unname(&mut right);
            (Body::Set { op: op.clone(), all: *all, left: Box::new(left), right: Box::new(right) }, columns, None)
        }
        Body::Values(rows) => {
            let text = builtin("text");
            let value = |it: &Expr| coerce_literal(elaborate_expr(it, scope), &text);
            let rows: Vec<Vec<Expr>> = rows.iter().map(|row| row.iter().map(value).collect()).collect();
            let width = rows.first().map_or(0, Vec::len);
            let columns = (1..=width).map(|at| (format!("column{at}"), Type::Open)).collect();
            (Body::Values(rows), Columns::new(columns), None)
        }
        // Its own sources are not known.
        Body::Raw(inner) => (Body::Raw(pieces(inner, &scope.silent())), Columns::default(), None),
    }
}

/// What is selected never stays untyped. Source: `resolveTargetListUnknowns` in `src/backend/parser/parse_target.c`.
fn coerce_literal(value: super::value::Value, text: &crate::syntax::expr::TypeName) -> Expr {
    if value.ty == Type::Literal { coerce(value, text) } else { value.expr }
}

fn select<'m>(select: &Select, outer: &Scope<'m>) -> (Select, Columns, Scope<'m>) {
    let mut level = Level::default();
    let mut from = Vec::new();
    let mut shown = Some(Vec::new());
    for item in &select.from {
        let (item, columns) = source(item, &mut level, outer);
        from.push(item);
        shown = both(shown, columns);
    }
    level.shown = shown;
    let scope = outer.inside(level);
    let mut targets = Vec::new();
    let mut columns = Vec::new();
    for item in &select.targets {
        target(item, &scope, &mut targets, &mut columns);
    }
    let grouped = |it: &Expr| match position(it, &targets).or_else(|| output(it, &targets, &scope, true)) {
        Some(value) => value,
        None => elaborate_expr(it, &scope).expr,
    };
    let done = Select {
        distinct: select.distinct.as_ref().map(|on| on.iter().map(grouped).collect()),
        group: select.group.iter().map(grouped).collect(),
        filter: select.filter.as_ref().map(|it| condition(it, &scope)),
        having: select.having.as_ref().map(|it| condition(it, &scope)),
        windows: select.windows.iter().map(|(name, it)| (name.clone(), pieces(it, &scope))).collect(),
        from,
        targets,
    };
    (done, Columns::new(columns), scope)
}

fn target(item: &Target, scope: &Scope, targets: &mut Vec<Target>, columns: &mut Vec<(String, Type)>) {
    if let Expr::Name(parts) = &item.value
        && let Some(found) = star(parts, scope)
    {
        for (value, name, ty) in found {
            columns.push((name.clone(), ty));
            targets.push(Target { value, name: Some(name) });
        }
        return;
    }
    if let Expr::Field(whole, star) = &item.value
        && star == "*"
    {
        let value = elaborate_expr(whole, scope);
        let parts = value.ty.known().and_then(|ty| scope.parts(ty)).or_else(|| scope.rows(whole, view_columns));
        for (name, ty) in parts.iter().flatten() {
            let part = Expr::Field(Box::new(value.expr.clone()), name.clone());
            columns.push((name.clone(), ty.clone()));
            targets.push(Target { value: part, name: Some(name.clone()) });
        }
        if parts.is_some() {
            return;
        }
    }
    let value = elaborate_expr(&item.value, scope);
    let ty = if value.ty == Type::Literal { Type::Known(builtin("text")) } else { value.ty.clone() };
    let name = item.name.clone().or_else(|| figure(&item.value)).filter(|name| name != "?column?");
    columns.push((name.clone().unwrap_or("?column?".to_owned()), ty));
    targets.push(Target { value: coerce_literal(value, &builtin("text")), name });
}

/// The columns that `*` or `source.*` stands for; `None` when it is no star, or a source is not known.
fn star(parts: &[String], scope: &Scope) -> Option<Vec<(Expr, String, Type)>> {
    let level = scope.innermost()?;
    let shown = match parts {
        [star] if star == "*" => level.shown.clone()?,
        [source, star] if star == "*" => shown(level.sources.iter().find(|it| it.alias == *source)?)?,
        _ => return None,
    };
    let all: Vec<_> = shown.into_iter().map(|(parts, name, ty)| (Expr::Name(parts), name, ty)).collect();
    (!all.is_empty()).then_some(all)
}

/// The columns that a source gives to `*`.
fn shown(source: &Known) -> Shown {
    let columns = source.columns.as_ref()?;
    let column =
        |(name, ty): &(String, Type)| (vec![source.spelled.clone(), source.called(name)], name.clone(), ty.clone());
    Some(columns.list.iter().map(column).collect())
}

/// The columns of two sources, one after the other.
fn both(left: Shown, right: Shown) -> Shown {
    let mut all = left?;
    all.extend(right?);
    Some(all)
}

/// The name that PostgreSQL gives to an output. Source: `FigureColnameInternal` in `src/backend/parser/parse_target.c`.
fn figure(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(parts) => parts.last().filter(|it| *it != "*").cloned(),
        Expr::Field(_, field) => Some(field.clone()),
        Expr::Call(call) => call.name.last().cloned(),
        Expr::Keyword(word) => Some(word.clone()),
        Expr::Cast(inner, ty) => figure(inner).or_else(|| Some(internal_name(ty))),
        Expr::Collate(inner, _) | Expr::Index(inner, _) => figure(inner),
        Expr::Case { otherwise, .. } => otherwise.as_deref().and_then(strong).or_else(|| Some("case".to_owned())),
        Expr::Array(_) | Expr::ArrayQuery(_) => Some("array".to_owned()),
        Expr::Row(_) => Some("row".to_owned()),
        Expr::Exists(_) => Some("exists".to_owned()),
        Expr::Bool(_) => Some("bool".to_owned()),
        Expr::Binary(op, ..) if op == "at time zone" => Some("timezone".to_owned()),
        Expr::Subquery(inner) => match &inner.body {
            Body::Select(select) => {
                let first = select.targets.first()?;
                first.name.clone().or_else(|| figure(&first.value))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A name that is more than a guess by kind.
fn strong(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Cast(inner, _) => strong(inner),
        Expr::Bool(_) => None,
        other => figure(other),
    }
}

/// A type's name in the catalog, which is what a cast literal is called.
fn internal_name(ty: &crate::syntax::expr::TypeName) -> String {
    let ty = super::types::normal(ty);
    match ty.name.as_str() {
        "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "boolean" => "bool",
        "double precision" => "float8",
        "real" => "float4",
        other => other,
    }
    .trim_matches('"')
    .to_owned()
}

/// The output that a position names.
fn position(expr: &Expr, targets: &[Target]) -> Option<Expr> {
    match expr {
        Expr::Number(text) => targets.get(text.parse::<usize>().ok()?.checked_sub(1)?).map(|it| it.value.clone()),
        _ => None,
    }
}

/// The output that a bare name means; GROUP BY looks at the sources first.
fn output(expr: &Expr, targets: &[Target], scope: &Scope, sources_first: bool) -> Option<Expr> {
    let Expr::Name(parts) = expr else { return None };
    let [name] = parts.as_slice() else { return None };
    if sources_first && scope.resolve(parts).is_some() {
        return None;
    }
    targets.iter().find(|it| it.name.as_ref() == Some(name)).map(|it| it.value.clone())
}

fn sorted(value: &Expr, query: &Query, body: &Body, scope: &Scope) -> Expr {
    let found = match body {
        Body::Select(select) => {
            position(value, &select.targets).or_else(|| output(value, &select.targets, scope, false))
        }
        // Below a set operation only outputs can be named: by position, or by the left query's names.
        Body::Set { .. } => Some(match (value, leftmost(&query.body)) {
            (Expr::Number(text), Some(select)) => text
                .parse::<usize>()
                .ok()
                .and_then(|at| select.targets.get(at.checked_sub(1)?))
                .and_then(|it| it.name.clone().or_else(|| figure(&it.value)))
                .map_or(value.clone(), |name| Expr::Name(vec![name])),
            _ => value.clone(),
        }),
        Body::Values(_) | Body::Raw(_) => None,
    };
    found.unwrap_or_else(|| elaborate_expr(value, &scope.among_words()).expr)
}

fn leftmost(body: &Body) -> Option<&Select> {
    match body {
        Body::Select(select) => Some(select),
        Body::Set { left, .. } => leftmost(&left.body),
        _ => None,
    }
}

/// A source, with the columns that it gives to `*`; puts in reach of the query what it holds.
fn source(item: &Source, level: &mut Level, outer: &Scope) -> (Source, Shown) {
    if let Source::Join(inner) = item {
        let (join, shown) = join(inner, level, outer);
        return (Source::Join(Box::new(join)), shown);
    }
    let done = single(item, level, outer);
    (done, level.sources.last().and_then(shown))
}

fn single(item: &Source, level: &mut Level, outer: &Scope) -> Source {
    match item {
        Source::Relation { name, only, alias, columns, sample } => {
            let found = outer.source(name).or_else(|| outer.view(name, view_columns));
            let reach = alias.clone().or_else(|| name.last().cloned()).unwrap_or_default();
            let spelled = outer.unique(level, unnumbered(&reach, name));
            // What an alias calls by its place is known by its own name, whose place may be another elsewhere.
            let own = found.as_ref().filter(|_| outer.table(name).is_some());
            let placed = own.map_or(&[][..], |own| &own.list);
            let placed = columns.iter().zip(placed).map(|(alias, (own, _))| (alias.clone(), outer.after(name, own)));
            let placed: Vec<(String, String)> = placed.collect();
            let columns_left = if placed.is_empty() { columns.clone() } else { Vec::new() };
            level.sources.push(Known {
                alias: reach,
                spelled: spelled.clone(),
                columns: found.map(|it| aliased(&it, columns)),
                table: outer.table(name).filter(|_| columns.is_empty()),
                renamed: outer.renamed(name, columns).into_iter().chain(placed).collect(),
            });
            let name = if name.len() == 2 && name[0] == "public" { vec![name[1].clone()] } else { name.clone() };
            let alias = Some(spelled).filter(|it| Some(it) != name.last());
            let sample = pieces(sample, outer);
            Source::Relation { name, only: *only, alias, columns: columns_left, sample }
        }
        Source::Query { query, lateral, alias, columns } => {
            let scope = if *lateral { outer.inside(level.clone()) } else { outer.clone() };
            let (mut query, found) = elaborate(query, &scope);
            let known = (!found.list.is_empty()).then(|| aliased(&Rc::new(found), columns));
            if !columns.is_empty() {
                unname(&mut query);
            }
            let reach = alias.clone().unwrap_or_default();
            let spelled = outer.unique(level, &reach);
            level.sources.push(Known { columns: known, spelled: spelled.clone(), ..Known::new(&reach, None) });
            let alias = alias.is_some().then_some(spelled);
            Source::Query { query: Box::new(query), lateral: *lateral, alias, columns: columns.clone() }
        }
        Source::Call { call, ordinality, alias, columns, types, .. } => {
            let scope = outer.inside(level.clone());
            let value = elaborate_expr(call, &scope);
            let function = figure(call).unwrap_or_default();
            let alias = alias.clone().unwrap_or_else(|| function.clone());
            let own = scope.rows(call, view_columns);
            let usual = match (&own, scope.lone(call)) {
                (Some(own), _) if !*ordinality => own.iter().map(|(name, _)| name.clone()).collect(),
                (None, Some(lone)) => {
                    let end = ordinality.then(|| "ordinality".to_owned());
                    std::iter::once(lone.unwrap_or_else(|| alias.clone())).chain(end).collect()
                }
                _ => result_columns(&function, &alias, *ordinality),
            };
            // An alias may name the first ones only.
            let columns: Vec<String> = columns.iter().chain(usual.iter().skip(columns.len())).cloned().collect();
            let types: Vec<TypeName> = types.iter().map(normal).collect();
            let ty = if columns.len() == 1 { value.ty.clone() } else { Type::Open };
            let of = |at: usize| match (types.get(at), own.as_ref().and_then(|own| own.get(at))) {
                (Some(ty), _) => Type::Known(ty.clone()),
                (None, Some((_, ty))) => ty.clone(),
                _ => ty.clone(),
            };
            let known: Vec<(String, Type)> = columns.iter().enumerate().map(|(at, it)| (it.clone(), of(at))).collect();
            let known = (!known.is_empty()).then(|| Rc::new(Columns::new(known)));
            let spelled = outer.unique(level, &alias);
            level.sources.push(Known { columns: known, spelled: spelled.clone(), ..Known::new(&alias, None) });
            Source::Call {
                call: Box::new(value.expr),
                lateral: false,
                ordinality: *ordinality,
                alias: Some(spelled),
                columns,
                types,
            }
        }
        Source::Rows { calls, ordinality, alias, columns } => {
            let scope = outer.inside(level.clone());
            let elaborated = calls.iter().map(|(call, defined)| {
                let defined = defined.iter().map(|(name, ty)| (name.clone(), normal(ty))).collect();
                (elaborate_expr(call, &scope).expr, defined)
            });
            let elaborated = elaborated.collect();
            let known = side_by_side(calls, *ordinality, columns, &scope);
            let function = calls.first().and_then(|(call, _)| figure(call)).unwrap_or_default();
            let alias = alias.clone().unwrap_or(function);
            let spelled = outer.unique(level, &alias);
            let columns = known.iter().map(|(name, _)| name.clone()).collect();
            let shown = (!known.is_empty()).then(|| Rc::new(Columns::new(known)));
            level.sources.push(Known { columns: shown, spelled: spelled.clone(), ..Known::new(&alias, None) });
            Source::Rows { calls: elaborated, ordinality: *ordinality, alias: Some(spelled), columns }
        }
        Source::Join(_) => item.clone(),
    }
}

/// What a relation is called but for the number by which the server tells equal names apart: `orders` for `orders_1`.
fn unnumbered<'a>(alias: &'a str, relation: &'a [String]) -> &'a str {
    let Some(name) = relation.last() else { return alias };
    let number = alias.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('_'));
    if number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit())) { name } else { alias }
}

/// The columns with the names that an alias gives them.
fn aliased(columns: &Rc<Columns>, names: &[String]) -> Rc<Columns> {
    if names.is_empty() { columns.clone() } else { Rc::new(renamed((**columns).clone(), names)) }
}

/// The columns of a view, from its query.
fn view_columns(view: &View, scope: &Scope) -> Option<Columns> {
    let query = crate::syntax::expr::parse_query(view.query.as_str())?;
    let (_, columns) = elaborate(&query, scope);
    let names: Vec<String> = view.columns.iter().map(|it| it.as_str().to_owned()).collect();
    (!columns.list.is_empty() && columns.list.iter().all(|(name, _)| name != "*")).then(|| renamed(columns, &names))
}

/// How the columns of a function's rows are called, where that is certain.
fn result_columns(function: &str, alias: &str, ordinality: bool) -> Vec<String> {
    let names: &[&str] = match function {
        "jsonb_each" | "json_each" | "jsonb_each_text" | "json_each_text" => &["key", "value"],
        "jsonb_array_elements" | "json_array_elements" | "jsonb_array_elements_text" | "json_array_elements_text" => {
            &["value"]
        }
        "generate_series"
        | "unnest"
        | "jsonb_object_keys"
        | "json_object_keys"
        | "regexp_split_to_table"
        | "string_to_table"
        | "generate_subscripts" => &[alias],
        _ => &[],
    };
    let end = (ordinality && !names.is_empty()).then_some("ordinality");
    names.iter().copied().chain(end).map(str::to_owned).collect()
}

/// The columns of several calls, as far as the names that an alias gives reach, or as the calls are known; none when one is not.
fn side_by_side(
    calls: &[(Expr, Vec<(String, TypeName)>)],
    ordinality: bool,
    named: &[String],
    scope: &Scope,
) -> Vec<(String, Type)> {
    let mut found: Vec<(String, Type)> = Vec::new();
    let mut complete = true;
    for (call, defined) in calls {
        let function = figure(call).unwrap_or_default();
        let own = match (defined.is_empty(), scope.rows(call, view_columns)) {
            (false, _) => defined.iter().map(|(name, ty)| (name.clone(), Type::Known(normal(ty)))).collect(),
            (true, Some(own)) => own,
            _ => {
                let names = result_columns(&function, &function, false);
                let ty = if names.len() == 1 { elaborate_expr(call, scope).ty } else { Type::Open };
                names.into_iter().map(|name| (name, ty.clone())).collect()
            }
        };
        complete &= !own.is_empty();
        found.extend(own);
    }
    found.extend(ordinality.then(|| ("ordinality".to_owned(), Type::Known(builtin("bigint")))));
    if !complete {
        return named.iter().map(|name| (name.clone(), Type::Open)).collect();
    }
    found.iter_mut().zip(named).for_each(|((name, _), given)| name.clone_from(given));
    found
}

/// What two sides call the column by which USING joins them; by no text when each calls it otherwise.
fn joined(name: &str, sides: [&[Known]; 2]) -> String {
    let has = |source: &&Known| source.columns.as_ref().is_some_and(|columns| columns.get(name).is_some());
    let [left, right] = sides.map(|side| side.iter().find(has).map_or(name.to_owned(), |source| source.called(name)));
    if left == right { left } else { format!("{left} = {right}") }
}

fn join(join: &Join, level: &mut Level, outer: &Scope) -> (Join, Shown) {
    let start = level.sources.len();
    let (left, left_shown) = source(&join.left, level, outer);
    let middle = level.sources.len();
    let (right, right_shown) = source(&join.right, level, outer);
    let mut done = Join { left, right, on: None, ..join.clone() };
    if let (true, Some(left), Some(right)) = (join.natural, &left_shown, &right_shown) {
        // Source: `transformFromClauseItem` in `src/backend/parser/parse_clause.c`.
        done.natural = false;
        let common = left.iter().map(|(_, name, _)| name).filter(|name| right.iter().any(|(_, it, _)| it == *name));
        done.using = common.cloned().collect();
        if done.using.is_empty() && join.kind == "inner" {
            done.kind = "cross".to_owned();
        }
    }
    for name in &done.using {
        let side = if join.kind == "right" { &level.sources[middle..] } else { &level.sources[start..middle] };
        let found = side.iter().find_map(|it| Some((it, it.columns.as_ref()?.get(name)?.clone())));
        let merged = match found {
            Some((source, ty)) if join.kind != "full" => (vec![source.spelled.clone(), source.called(name)], ty),
            Some((_, ty)) => (vec![name.clone()], ty),
            None => (vec![name.clone()], Type::Open),
        };
        level.merged.entry(name.clone()).or_insert(merged);
    }
    let merged = done.using.iter().filter_map(|name| {
        let (parts, ty) = level.merged.get(name)?;
        Some((parts.clone(), name.clone(), ty.clone()))
    });
    let rest = |shown: Shown| -> Shown {
        Some(shown?.into_iter().filter(|(_, name, _)| !done.using.contains(name)).collect())
    };
    let shown = both(both(Some(merged.collect()), rest(left_shown)), rest(right_shown));
    let sides = [&level.sources[start..middle], &level.sources[middle..]];
    done.using.iter_mut().for_each(|name| *name = joined(name, sides));
    done.on = join.on.as_ref().map(|on| condition(on, &outer.inside(level.clone())));
    (done, shown)
}
