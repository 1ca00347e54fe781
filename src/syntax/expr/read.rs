//! From the parser's tree to [`Expr`]: one function for each shape, and [`raw`] for all that has none.

use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

use super::calls::call;
use super::literal::literal;
use super::operators::{binary, postfix, prefix};
use super::query::{is_query, read as read_query};
use super::token::{ident, parts, tokens, word};
use super::tree::{Expr, Piece, Subscript};
use super::types::cast;

/// The expression that `node` is.
pub fn expression(node: &SyntaxNode) -> Expr {
    shaped(node).unwrap_or_else(|| Expr::Raw(raw(node)))
}

/// The expression, when it has a shape that is known.
fn shaped(node: &SyntaxNode) -> Option<Expr> {
    match node.kind() {
        SyntaxKind::LITERAL => literal(node),
        SyntaxKind::NAME_REF => Some(name(node)),
        SyntaxKind::FIELD_EXPR => field(node),
        SyntaxKind::PAREN_EXPR => parenthesised(node),
        SyntaxKind::TUPLE_EXPR => Some(Expr::Row(expressions(node))),
        SyntaxKind::BIN_EXPR | SyntaxKind::BETWEEN_EXPR => binary(node),
        SyntaxKind::PREFIX_EXPR => prefix(node),
        SyntaxKind::POSTFIX_EXPR => postfix(node),
        SyntaxKind::CAST_EXPR => cast(node),
        SyntaxKind::CALL_EXPR => call(node),
        SyntaxKind::ARRAY_EXPR => array(node),
        SyntaxKind::CASE_EXPR => case(node),
        SyntaxKind::INDEX_EXPR | SyntaxKind::SLICE_EXPR => subscript(node),
        SyntaxKind::COLLATE => collate(node),
        kind if is_query(kind) => Some(Expr::Subquery(Box::new(read_query(node)))),
        _ => None,
    }
}

/// The words, expressions and queries of a node, in order.
pub fn raw(node: &SyntaxNode) -> Vec<Piece> {
    parts(node).flat_map(|part| pieces(&part)).collect()
}

/// The same of one node or token.
pub fn pieces(part: &SyntaxElement) -> Vec<Piece> {
    match (part.as_token(), part.as_node()) {
        (Some(token), _) => vec![Piece::Word(word(token))],
        (_, Some(child)) if is_query(child.kind()) => vec![Piece::Query(read_query(child))],
        (_, Some(child)) => shaped(child).map_or_else(|| raw(child), |expression| vec![Piece::Expr(expression)]),
        _ => Vec::new(),
    }
}

/// The expressions directly below `node`.
pub fn expressions(node: &SyntaxNode) -> Vec<Expr> {
    node.children().map(|child| expression(&child)).collect()
}

/// The node below `node` of the kind `kind`.
pub fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

fn name(node: &SyntaxNode) -> Expr {
    let text = node.text().to_string();
    let folded = text.to_ascii_lowercase();
    match folded.as_str() {
        "current_catalog" | "current_date" | "current_role" | "current_schema" | "current_time"
        | "current_timestamp" | "current_user" | "localtime" | "localtimestamp" | "session_user" | "system_user"
        | "user" => Expr::Keyword(folded),
        _ => Expr::Name(vec![ident(&text)]),
    }
}

/// `a.b.c`, or a field of a composite value.
fn field(node: &SyntaxNode) -> Option<Expr> {
    let base = node.first_child()?;
    let last = parts(node).last()?;
    let field = ident(&last.to_string());
    let qualifies = matches!(base.kind(), SyntaxKind::NAME_REF | SyntaxKind::FIELD_EXPR);
    match expression(&base) {
        Expr::Name(mut parts) if qualifies => {
            parts.push(field);
            Some(Expr::Name(parts))
        }
        value => Some(Expr::Field(Box::new(value), field)),
    }
}

fn parenthesised(node: &SyntaxNode) -> Option<Expr> {
    let mut children = node.children();
    let inner = children.next()?;
    children.next().is_none().then(|| expression(&inner))
}

fn array(node: &SyntaxNode) -> Option<Expr> {
    match expressions(node).as_slice() {
        [Expr::Subquery(query)] if tokens(node).nth(1)?.kind() == SyntaxKind::L_PAREN => {
            Some(Expr::ArrayQuery(query.clone()))
        }
        _ => Some(Expr::Array(expressions(node))),
    }
}

fn case(node: &SyntaxNode) -> Option<Expr> {
    let (mut operand, mut branches, mut otherwise) = (None, Vec::new(), None);
    for part in node.children() {
        match part.kind() {
            SyntaxKind::WHEN_CLAUSE_LIST => {
                for branch in part.children() {
                    let mut pair = branch.children().map(|it| expression(&it));
                    branches.push((pair.next()?, pair.next()?));
                }
            }
            SyntaxKind::ELSE_CLAUSE => otherwise = Some(Box::new(expression(&part.first_child()?))),
            _ => operand = Some(Box::new(expression(&part))),
        }
    }
    Some(Expr::Case { operand, branches, otherwise })
}

fn subscript(node: &SyntaxNode) -> Option<Expr> {
    let mut base = None;
    let (mut low, mut high, mut slice) = (None, None, false);
    for part in parts(node) {
        match (part.kind(), part.as_node()) {
            (SyntaxKind::COLON, _) => slice = true,
            (_, Some(value)) => {
                let slot = if base.is_none() {
                    &mut base
                } else if slice {
                    &mut high
                } else {
                    &mut low
                };
                *slot = Some(Box::new(expression(value)));
            }
            _ => {}
        }
    }
    let subscript = if slice { Subscript::Slice(low, high) } else { Subscript::At(low?) };
    Some(Expr::Index(base?, subscript))
}

fn collate(node: &SyntaxNode) -> Option<Expr> {
    let value = node.first_child()?;
    let collation = child(node, SyntaxKind::COLLATION_REF)?;
    let parts = tokens(&collation).filter(|it| it.kind() != SyntaxKind::DOT).map(|it| ident(it.text())).collect();
    Some(Expr::Collate(Box::new(expression(&value)), parts))
}
