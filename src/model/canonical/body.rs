//! The bodies of SQL routines, which the server stores as analysed statements.
//!
//! Source: `print_function_sqlbody` in `src/backend/utils/adt/ruleutils.c`. Queries are elaborated as those of views
//! are; of a statement that changes rows only the expressions and queries in it are.

use super::scope::{Columns, Level, Scope, Source};
use super::{elaborate, query, write};
use crate::model::name::Name;
use crate::model::routine::Routine;
use crate::model::{Model, Sql};
use crate::syntax::expr::{Body, Changed, Expr, Piece, Query, Reach, RoutineBody, Statement, parse_body, words};

/// The canonical form of `sql`, the body of the routine `name`: `RETURN …` or `BEGIN ATOMIC … END`.
pub fn body(sql: &Sql, name: &Name, routine: &Routine, model: &Model) -> String {
    let scope = Scope::of_routine(model, name, routine);
    parse_body(sql.as_str()).map_or_else(|| words(sql.as_str()), |parsed| spelled(&parsed, &scope))
}

/// The canonical form of one statement in a scope.
pub fn command(text: &str, scope: &Scope) -> String {
    match parse_body(&format!("BEGIN ATOMIC {text}; END")) {
        Some(parsed) => spelled(&parsed, scope),
        None => words(text),
    }
}

/// Whether no statement of the body changes rows.
pub fn asks(sql: &Sql) -> bool {
    let changes = |it: &Statement| matches!(it, Statement::Change { .. });
    match parse_body(sql.as_str()) {
        Some(RoutineBody::Atomic(statements)) => !statements.iter().any(changes),
        Some(RoutineBody::Return(_)) => true,
        None => false,
    }
}

/// The canonical form of a parsed body in the scope of its routine.
pub fn spelled(body: &RoutineBody, scope: &Scope) -> String {
    match body {
        RoutineBody::Return(value) => returned(value, scope),
        RoutineBody::Atomic(statements) => {
            let statements: String = statements.iter().map(|it| statement(it, scope) + "; ").collect();
            format!("BEGIN ATOMIC {statements}END")
        }
    }
}

fn returned(value: &crate::syntax::expr::Expr, scope: &Scope) -> String {
    format!("RETURN {}", write::expression(&elaborate::elaborate(value, scope).expr))
}

fn statement(statement: &Statement, scope: &Scope) -> String {
    match statement {
        Statement::Return(value) => returned(value, scope),
        Statement::Query(inner) => write::query(&query::elaborate(inner, scope).0),
        Statement::Change { stretches, target } => {
            let rows = target.as_ref().and_then(|target| scope.source(&target.table));
            let told = |(pieces, reach): &(Vec<Piece>, Reach)| {
                stretch(pieces, rows.as_deref(), *reach, &reached(*reach, target.as_ref(), scope))
            };
            write::pieces(&local(stretches.iter().flat_map(told).collect()))
        }
    }
}

/// The scope with what a stretch of a statement that changes rows has in reach.
fn reached<'m>(reach: Reach, target: Option<&Changed>, scope: &Scope<'m>) -> Scope<'m> {
    let named = |target: &Changed, alias: &str| Source::new(alias, scope.source(&target.table));
    let sources = match (reach, target) {
        (Reach::Nothing, _) => return scope.clone(),
        (Reach::Target, Some(target)) => vec![named(target, &target.alias)],
        (Reach::Conflict, Some(target)) => vec![named(target, &target.alias), named(target, "excluded")],
        _ => vec![Source::new("", None)],
    };
    let mut level = Level::default();
    level.sources = sources;
    scope.inside(level)
}

/// What a stretch says, with the values that are assigned to columns of the target as those take them, and all columns
/// where none is named.
fn stretch(pieces: &[Piece], rows: Option<&Columns>, reach: Reach, scope: &Scope) -> Vec<Piece> {
    let word = |at: usize| match pieces.get(at) {
        Some(Piece::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let Some(rows) = rows.filter(|_| reach != Reach::Unknown) else { return elaborate::pieces(pieces, scope) };
    let ty = |column: &str| rows.list.iter().find(|(name, _)| name == column).and_then(|(_, ty)| ty.known());
    let returns = word(0) == Some("returning");
    let mut out = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let assigned = at.checked_sub(2).filter(|_| word(at - 1) == Some("=")).and_then(word).and_then(ty);
        match (piece, assigned) {
            (Piece::Expr(expr), Some(ty)) => out.push(Piece::Expr(elaborate::assigned_as(expr, ty, scope))),
            (Piece::Query(query), _) if reach == Reach::Nothing => {
                out.extend(inserted(query, &pieces[..at], rows, scope))
            }
            (Piece::Word(word), _) if returns && word == "*" => {
                let names = rows.list.iter().map(|(name, _)| Piece::Expr(Expr::Name(vec![name.clone()])));
                let listed = names.flat_map(|name| [Piece::Word(",".to_owned()), name]).skip(1).collect::<Vec<_>>();
                out.extend(elaborate::pieces(&listed, scope));
            }
            _ => out.extend(elaborate::pieces(std::slice::from_ref(piece), scope)),
        }
    }
    out
}

/// The rows that an INSERT makes, behind the columns that they are for when `before` names none.
fn inserted(source: &Query, before: &[Piece], rows: &Columns, scope: &Scope) -> Vec<Piece> {
    let word = |piece: &Piece| matches!(piece, Piece::Word(it) if it == "(");
    let named = before.iter().rposition(word).map(|open| {
        let names = before[open..].iter().filter_map(|piece| match piece {
            Piece::Word(name) if !matches!(name.as_str(), "(" | ")" | ",") => Some(name.clone()),
            _ => None,
        });
        names.collect::<Vec<String>>()
    });
    let all = || rows.list.iter().map(|(name, _)| name.clone()).collect();
    let columns: Vec<String> = named.clone().unwrap_or_else(all);
    let ty = |at: usize| {
        let name = columns.get(at)?;
        rows.list.iter().find(|(known, _)| known == name)?.1.known()
    };
    let (count, query) = match &source.body {
        Body::Values(values) => {
            let value = |(at, expr): (usize, &Expr)| match (expr, ty(at)) {
                (Expr::Raw(_) | Expr::Keyword(_), _) | (_, None) => elaborate::elaborate(expr, scope).expr,
                (_, Some(ty)) => elaborate::assigned_as(expr, ty, scope),
            };
            let made = values.iter().map(|row| row.iter().enumerate().map(value).collect()).collect();
            let count = values.first().map_or(0, Vec::len);
            (count, Query { body: Body::Values(made), ..source.clone() })
        }
        _ => {
            let (query, shown) = query::elaborate(source, scope);
            (shown.list.len(), query)
        }
    };
    let mut out = Vec::new();
    if named.is_none() && count > 0 {
        let names = columns.into_iter().take(count).flat_map(|name| [",".to_owned(), name]).skip(1);
        out.extend(["(".to_owned()].into_iter().chain(names).chain([")".to_owned()]).map(Piece::Word));
    }
    out.push(Piece::Query(query));
    out
}

/// The pieces without the schema `public`, which is where a name without one is looked up.
fn local(pieces: Vec<Piece>) -> Vec<Piece> {
    let is = |piece: Option<&Piece>, word: &str| matches!(piece, Some(Piece::Word(it)) if it == word);
    let dropped = |at: usize| is(pieces.get(at), "public") && is(pieces.get(at + 1), ".");
    let keeps = |at: usize| !(dropped(at) || (at > 0 && dropped(at - 1)));
    pieces.iter().enumerate().filter(|(at, _)| keeps(*at)).map(|(_, piece)| piece.clone()).collect()
}
