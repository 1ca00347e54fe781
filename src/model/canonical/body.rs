//! The bodies of SQL routines, which the server stores as analysed statements.
//!
//! Source: `print_function_sqlbody` in `src/backend/utils/adt/ruleutils.c`. Queries are elaborated as those of views
//! are; of a statement that changes rows only the expressions and queries in it are.

use super::scope::{Level, Scope, Source};
use super::{elaborate, query, write};
use crate::model::name::Name;
use crate::model::routine::Routine;
use crate::model::{Model, Sql};
use crate::syntax::expr::{Piece, Reach, RoutineBody, Statement, parse_body, words};

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
        Statement::Change { pieces, reach } => {
            let pieces = elaborate::pieces(pieces, &reached(reach, scope));
            write::pieces(&local(pieces))
        }
    }
}

/// The scope with what a statement that changes rows has in reach.
fn reached<'m>(reach: &Reach, scope: &Scope<'m>) -> Scope<'m> {
    let source = match reach {
        Reach::Nothing => return scope.clone(),
        Reach::Table(name) => Source::new(name.last().map_or("", String::as_str), scope.source(name)),
        Reach::Unknown => Source::new("", None),
    };
    scope.inside(Level::of(source))
}

/// The pieces without the schema `public`, which is where a name without one is looked up.
fn local(pieces: Vec<Piece>) -> Vec<Piece> {
    let is = |piece: Option<&Piece>, word: &str| matches!(piece, Some(Piece::Word(it)) if it == word);
    let dropped = |at: usize| is(pieces.get(at), "public") && is(pieces.get(at + 1), ".");
    let keeps = |at: usize| !(dropped(at) || (at > 0 && dropped(at - 1)));
    pieces.iter().enumerate().filter(|(at, _)| keeps(*at)).map(|(_, piece)| piece.clone()).collect()
}
