//! The body of an SQL routine, `RETURN …` or `BEGIN ATOMIC … END`: its statements, as far as they have trees.

use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode, SyntaxToken};

use super::query::{is_query, read as read_query};
use super::read::{expression, pieces};
use super::token::{ident, parts, tokens};
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
        /// What it says, in stretches, each with what its names can mean.
        stretches: Vec<(Vec<Piece>, Reach)>,
        /// The table whose rows it changes.
        target: Option<Changed>,
    },
}

/// The table whose rows a statement changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its name, with its schema where that is said.
    pub table: Vec<String>,
    /// What qualifies its columns.
    pub alias: String,
}

/// What the names in a stretch of a statement can mean, the routine's arguments aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing more.
    Nothing,
    /// The columns of the target.
    Target,
    /// The columns of the target, and of the row that could not be inserted.
    Conflict,
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
        _ => change(node),
    })
}

fn change(node: &SyntaxNode) -> Statement {
    let mut stretches = Vec::new();
    collect(node, reach(node), &mut stretches);
    if let Some((last, _)) = stretches.last_mut().filter(|(last, _)| last.last() == Some(&Piece::Word(";".to_owned())))
    {
        last.pop();
    }
    Statement::Change { stretches, target: target(node) }
}

/// The parts of the statement in order; those with a reach of their own begin a stretch.
fn collect(node: &SyntaxNode, reach: Reach, stretches: &mut Vec<(Vec<Piece>, Reach)>) {
    for part in parts(node) {
        let own = match part.kind() {
            _ if reach == Reach::Unknown => reach,
            SyntaxKind::CONFLICT_ON_INDEX | SyntaxKind::RETURNING_CLAUSE => Reach::Target,
            SyntaxKind::CONFLICT_DO_UPDATE_SET => Reach::Conflict,
            _ => reach,
        };
        match (part.as_node(), stretches.last_mut()) {
            (Some(child), _) if child.kind() == SyntaxKind::ON_CONFLICT_CLAUSE => collect(child, reach, stretches),
            // An alias may come with AS or without.
            (Some(child), Some((last, _))) if is_alias(child) => last.extend(pieces(&part).pop()),
            (_, Some((last, known))) if *known == own && own != Reach::Target => last.extend(pieces(&part)),
            _ => stretches.push((pieces(&part), own)),
        }
    }
}

fn is_alias(node: &SyntaxNode) -> bool {
    matches!(node.kind(), SyntaxKind::OPTIONAL_AS_ALIAS | SyntaxKind::REQUIRED_AS_ALIAS)
}

fn reach(node: &SyntaxNode) -> Reach {
    let has = |kind: SyntaxKind| node.children().any(|it| it.kind() == kind);
    let more = [SyntaxKind::WITH_CLAUSE, SyntaxKind::FROM_CLAUSE, SyntaxKind::USING_CLAUSE, SyntaxKind::FOR_PORTION_OF];
    match node.kind() {
        _ if more.into_iter().any(has) => Reach::Unknown,
        SyntaxKind::INSERT => Reach::Nothing,
        SyntaxKind::UPDATE | SyntaxKind::DELETE => Reach::Target,
        _ => Reach::Unknown,
    }
}

fn target(node: &SyntaxNode) -> Option<Changed> {
    let is = |kinds: [SyntaxKind; 2]| node.children().find(|it| kinds.contains(&it.kind()));
    let named = is([SyntaxKind::RELATION_NAME, SyntaxKind::RELATION_NAME_REF])?;
    let name = |it: SyntaxToken| ident(it.text());
    let said = |it: &SyntaxToken| !matches!(it.kind(), SyntaxKind::DOT | SyntaxKind::ONLY_KW | SyntaxKind::STAR);
    let table: Vec<String> = tokens(&named).filter(said).map(name).collect();
    let alias =
        node.children().find(is_alias).and_then(|it| tokens(&it).last()).map(name).or_else(|| table.last().cloned())?;
    Some(Changed { table, alias })
}
