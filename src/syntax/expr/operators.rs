//! Operators and their operands: chains are taken apart, and nested anew by precedence.

use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

use super::chain::{BOUNDS, nest};
use super::read::{expression, expressions};
use super::token::{parts, tokens};
use super::tree::Expr;

/// Words in lower case with single spaces; an operator's signs stand together.
pub fn operator(element: &SyntaxElement) -> String {
    let words: Vec<String> = match (element.as_token(), element.as_node()) {
        (Some(token), _) => vec![token.text().to_ascii_lowercase()],
        (_, Some(node)) => tokens(node).map(|token| token.text().to_ascii_lowercase()).collect(),
        _ => Vec::new(),
    };
    let signs = words.iter().all(|word| !word.starts_with(|c: char| c.is_alphanumeric()));
    match words.join(if signs { "" } else { " " }).as_str() {
        "!=" => "<>".to_owned(),
        text => match text.strip_prefix("operator ( ").and_then(|text| text.strip_suffix(" )")) {
            Some(inner) => {
                let inner = inner.replace(' ', "");
                inner.strip_prefix("pg_catalog.").map_or(format!("operator({inner})"), str::to_owned)
            }
            None => text.to_owned(),
        },
    }
}

/// A chain of operators, its nesting settled anew.
pub fn binary(node: &SyntaxNode) -> Option<Expr> {
    let mut first = None;
    let mut rest = Vec::new();
    let mut operator_before: Option<String> = None;
    let mut stack: Vec<(Option<String>, SyntaxNode)> = vec![(None, node.clone())];
    while let Some((before, node)) = stack.pop() {
        operator_before = before.or(operator_before);
        if node.kind() == SyntaxKind::BIN_EXPR {
            let (left, op, right) = split(&node)?;
            stack.push((Some(op), right));
            stack.push((None, left));
            continue;
        }
        if node.kind() == SyntaxKind::BETWEEN_EXPR {
            // The parser takes what follows the upper bound into it: `a BETWEEN 1 AND 2 OR b`.
            let (op, [value, low, high]) = between(&node)?;
            stack.extend([(Some(BOUNDS.to_owned()), high), (Some(op), low), (None, value)]);
            continue;
        }
        let op = operator_before.take();
        let operand = match op.as_deref() {
            Some("in" | "not in") => membership(&node),
            _ => expression(&node),
        };
        match op {
            Some(op) => rest.push((op, operand)),
            None => first = Some(operand),
        }
    }
    Some(nest(first?, rest))
}

/// Left, operator, right.
fn split(node: &SyntaxNode) -> Option<(SyntaxNode, String, SyntaxNode)> {
    let parts: Vec<SyntaxElement> = parts(node).collect();
    let (left, right) = (parts.first()?.as_node()?.clone(), parts.last()?.as_node()?.clone());
    let op: Vec<String> = parts.get(1..parts.len() - 1)?.iter().map(operator).collect();
    let signs = op.iter().all(|word| !word.starts_with(|c: char| c.is_alphanumeric()));
    let op = op.join(if signs { "" } else { " " });
    (!op.is_empty()).then_some((left, op, right))
}

/// What stands behind IN: a list (marked by a membership without a value), or a subquery.
fn membership(node: &SyntaxNode) -> Expr {
    let list = expressions(node);
    match (node.kind(), list.as_slice()) {
        (SyntaxKind::PAREN_EXPR, [Expr::Subquery(_)]) => expression(node),
        _ => Expr::In { value: Box::new(Expr::Null), list, negated: false },
    }
}

/// A sign or another operator before its operand.
pub fn prefix(node: &SyntaxNode) -> Option<Expr> {
    let parts: Vec<SyntaxElement> = parts(node).collect();
    let operand = Box::new(expression(parts.last()?.as_node()?));
    let op: String = parts[..parts.len() - 1].iter().map(operator).collect();
    Some(if op == "not" { Expr::Not(operand) } else { Expr::Prefix(op, operand) })
}

/// What follows its operand: `IS NULL` and its kin.
pub fn postfix(node: &SyntaxNode) -> Option<Expr> {
    let parts: Vec<SyntaxElement> = parts(node).collect();
    let operand = Box::new(expression(parts.first()?.as_node()?));
    let test: Vec<String> = parts[1..].iter().map(operator).collect();
    let test = match test.join(" ").as_str() {
        "isnull" => "is null".to_owned(),
        "notnull" => "is not null".to_owned(),
        other => other.to_owned(),
    };
    Some(Expr::Test(operand, test))
}

/// `value BETWEEN low AND high`: the words of the operator, and its operands.
fn between(node: &SyntaxNode) -> Option<(String, [SyntaxNode; 3])> {
    let has = |kind| node.children_with_tokens().any(|it| it.kind() == kind);
    let word = |kind, word: &'static str| if has(kind) { word } else { "" };
    let op = format!("{}between{}", word(SyntaxKind::NOT_KW, "not "), word(SyntaxKind::SYMMETRIC, " symmetric"));
    let mut operands =
        node.children().filter(|it| !matches!(it.kind(), SyntaxKind::SYMMETRIC | SyntaxKind::ASYMMETRIC));
    Some((op, [operands.next()?, operands.next()?, operands.next()?]))
}
