//! The body of an SQL routine, `RETURN …` or `BEGIN ATOMIC … END`: its statements, as far as they have trees.

use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::query::{is_query, read as read_query};
use super::read::{expression, raw};
use super::token::{ident, tokens};
use super::tree::{Expr, Piece, Query};
use super::{broken, too_deep};
use crate::syntax::sql::green;

/// What stands before a body, so that a statement can be parsed.
const PREFIX: &str = "CREATE FUNCTION f() RETURNS void ";

/// A routine's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoutineBody {
    /// `RETURN` and nothing else.
    Return(Expr),
    /// `BEGIN ATOMIC … END`.
    Atomic(Vec<Statement>),
}

/// A statement of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `RETURN`.
    Return(Expr),
    /// A query.
    Query(Query),
    /// A statement that changes rows.
    Change {
        /// What it says.
        pieces: Vec<Piece>,
        /// What its names can mean.
        reach: Reach,
    },
}

/// What the names in a statement can mean, the routine's arguments aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing more.
    Nothing,
    /// The columns of this table.
    Table(Vec<String>),
    /// More than is followed here.
    Unknown,
}

/// The tree of the body that `text` is; `None` when it is not one.
pub fn parse_body(text: &str) -> Option<RoutineBody> {
    if too_deep(text) {
        return None;
    }
    let source = format!("{PREFIX}{text}");
    let file = green::tree(&source);
    if !SourceFile::parse(&source).errors().is_empty() || file.children().count() != 1 || broken(&file) {
        return None;
    }
    let is_body = |node: &SyntaxNode| matches!(node.kind(), SyntaxKind::RETURN_STMT | SyntaxKind::ATOMIC_BODY);
    let body = file.first_child()?.children().find(is_body)?;
    match body.kind() {
        SyntaxKind::RETURN_STMT => Some(RoutineBody::Return(expression(&body.first_child()?))),
        _ => body.children().map(|it| statement(&it)).collect::<Option<_>>().map(RoutineBody::Atomic),
    }
}

fn statement(node: &SyntaxNode) -> Option<Statement> {
    Some(match node.kind() {
        SyntaxKind::RETURN_STMT => Statement::Return(expression(&node.first_child()?)),
        kind if is_query(kind) => Statement::Query(read_query(node)),
        _ => {
            let mut pieces = raw(node);
            if pieces.last() == Some(&Piece::Word(";".to_owned())) {
                pieces.pop();
            }
            Statement::Change { pieces, reach: reach(node) }
        }
    })
}

fn reach(node: &SyntaxNode) -> Reach {
    let has = |kind: SyntaxKind| node.children().any(|it| it.kind() == kind);
    let inserts = node.kind() == SyntaxKind::INSERT;
    let changes = matches!(node.kind(), SyntaxKind::UPDATE | SyntaxKind::DELETE);
    let table = node.children().find(|it| it.kind() == SyntaxKind::RELATION_NAME);
    let more = [
        SyntaxKind::WITH_CLAUSE,
        SyntaxKind::FROM_CLAUSE,
        SyntaxKind::USING_CLAUSE,
        SyntaxKind::RETURNING_CLAUSE,
        SyntaxKind::ON_CONFLICT_CLAUSE,
        SyntaxKind::OPTIONAL_AS_ALIAS,
        SyntaxKind::FOR_PORTION_OF,
    ];
    match table {
        _ if more.into_iter().any(has) => Reach::Unknown,
        _ if inserts => Reach::Nothing,
        Some(table) if changes => {
            Reach::Table(tokens(&table).filter(|it| it.kind() != SyntaxKind::DOT).map(|it| ident(it.text())).collect())
        }
        _ => Reach::Unknown,
    }
}
