//! SQL expressions: whether a text is one, and its tree.
//!
//! `squawk-syntax` parses; this module asks it about one expression at a time and turns what it finds into a small
//! tree of its own ([`Expr`]), with names folded, literals decoded and precedence settled. It knows PostgreSQL's
//! grammar and nothing of types, tables or models.

mod calls;
mod chain;
mod literal;
mod operators;
mod query;
mod read;
mod statement;
mod token;
mod tree;
mod types;

use std::fmt;

use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use crate::syntax::sql::green;

pub use statement::{Changed, Reach, RoutineBody, Statement, parse_body};
pub use tree::{
    Arg, Body, Call, Common, Cycle, Expr, Join, Lock, Piece, Query, Select, Source, Subscript, Target, TypeName,
};

/// What stands before an expression, so that a statement can be parsed.
const PREFIX: &str = "SELECT ";

/// Why a text is no SQL expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// Where it stops being one: a byte offset into the text.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Whether `text` is exactly one SQL expression.
///
/// # Errors
/// Where and why it is not one: it does not parse, it is empty, or more follows.
pub fn check(text: &str) -> Result<(), ExprError> {
    if too_deep(text) {
        return Err(ExprError { offset: 0, message: "the expression nests too deeply".to_owned() });
    }
    let statement = format!("{PREFIX}{text}");
    let parse = SourceFile::parse(&statement);
    let relative = |offset: usize| offset.saturating_sub(PREFIX.len()).min(text.len());
    if let Some(error) = parse.errors().first() {
        return Err(ExprError { offset: relative(error.range().start().into()), message: error.message().to_owned() });
    }
    single(&green::tree(&statement)).map(|_| ()).map_err(|stray| match stray {
        Some(offset) => {
            ExprError { offset: relative(offset), message: "expected the end of the expression".to_owned() }
        }
        None => ExprError { offset: 0, message: "expected an expression".to_owned() },
    })
}

/// The deepest nesting of brackets that is followed; the parser, and all that walks its trees, call themselves.
const DEEPEST: usize = 100;

/// The most operators, each of which may be a level too.
const LONGEST: usize = 400;

/// Whether `text` may nest so deeply that reading it could exhaust the stack.
fn too_deep(text: &str) -> bool {
    let (mut depth, mut deepest, mut signs) = (0_usize, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'|' | b'-' | b'+' | b'~' | b'!' | b'@' | b'#' | b'&' | b'*' | b'/' | b'%' | b'^' => signs += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let nests = |word: &&str| ["not", "case", "and", "or"].iter().any(|it| word.eq_ignore_ascii_case(it));
    let words = || text.split_whitespace().filter(nests).count();
    deepest > DEEPEST || signs > LONGEST || (text.len() > 4 * LONGEST && words() > LONGEST)
}

/// The tree of the one expression that `text` is; `None` when it is not one.
pub fn parse(text: &str) -> Option<Expr> {
    if too_deep(text) {
        return None;
    }
    let node = single(&green::tree(&format!("{PREFIX}{text}"))).ok()?;
    (!broken(&node)).then(|| read::expression(&node))
}

/// The tree of the one query that `text` is, a final semicolon aside; `None` when it is not one.
pub fn parse_query(text: &str) -> Option<Query> {
    if too_deep(text) {
        return None;
    }
    let mut nodes = green::tree(text).children();
    let (node, more) = (nodes.next()?, nodes.next());
    (more.is_none() && query::is_query(node.kind()) && !broken(&node)).then(|| query::read(&node))
}

/// The words of any SQL text in one spelling, with single spaces; comments are left out. It need not parse.
pub fn words(text: &str) -> String {
    if too_deep(text) {
        return text.to_owned();
    }
    let words: Vec<String> = token::tokens(&green::tree(text)).map(|it| token::word(&it)).collect();
    words.join(" ")
}

/// Whether a literal text looks as if an expression was meant: `now()`, `CURRENT_TIMESTAMP`, `'quoted'::text`.
///
/// Calls of a plain name, key words that are values, and casts of a quoted text do; prose does not.
pub fn looks_like_call(text: &str) -> bool {
    let text = text.trim();
    if !text.contains(['(', '\'', '_']) || check(text).is_err() {
        return false;
    }
    match parse(text) {
        Some(Expr::Call(call)) => !text.contains(" (") && call.name.len() <= 2,
        Some(Expr::Cast(inner, _)) => matches!(*inner, Expr::String(_)),
        Some(Expr::Keyword(_)) => true,
        _ => false,
    }
}

/// The expression of `SELECT <expression>` when it is all there is, else where more begins (`None` when nothing is there).
fn single(file: &SyntaxNode) -> Result<SyntaxNode, Option<usize>> {
    let start = |node: &SyntaxNode| Some(node.text_range().start().into());
    let only = |node: &SyntaxNode, kind: SyntaxKind| -> Result<SyntaxNode, Option<usize>> {
        let child = node.children().find(|child| child.kind() == kind).ok_or(None)?;
        match node.children().find(|other| *other != child) {
            Some(stray) => Err(start(&stray)),
            None => Ok(child),
        }
    };
    let select = only(file, SyntaxKind::SELECT)?;
    if let Some(semicolon) = select.children_with_tokens().find(|it| it.kind() == SyntaxKind::SEMICOLON) {
        return Err(Some(semicolon.text_range().start().into()));
    }
    let list = only(&only(&select, SyntaxKind::SELECT_CLAUSE)?, SyntaxKind::TARGET_LIST)?;
    let target = only(&list, SyntaxKind::TARGET)?;
    let mut parts = target.children();
    let expression = parts.next().ok_or(None)?;
    match parts.next() {
        Some(stray) => Err(start(&stray)),
        None => Ok(expression),
    }
}

/// Whether the parser gave up somewhere below `node`.
fn broken(node: &SyntaxNode) -> bool {
    node.descendants().any(|it| it.kind() == SyntaxKind::ERROR)
}

#[cfg(test)]
mod tests;
