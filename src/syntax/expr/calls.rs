//! Calls of functions; those with a syntax of their own are calls of what they stand for.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::read::{child, expression, expressions, raw};
use super::token::{ident, parts, string, tokens};
use super::tree::{Arg, Call, Expr, Piece};

/// A call, of a function with or without a syntax of its own.
pub fn call(node: &SyntaxNode) -> Option<Expr> {
    let head = node.first_child()?;
    let Some(list) = child(node, SyntaxKind::ARG_LIST) else { return special(&head) };
    let mut call = Call { name: call_name(&head)?, ..Call::default() };
    for part in parts(&list) {
        match part.kind() {
            SyntaxKind::STAR => call.star = true,
            SyntaxKind::DISTINCT => call.distinct = true,
            SyntaxKind::ARG => argument(part.as_node()?, &mut call)?,
            SyntaxKind::L_PAREN | SyntaxKind::R_PAREN | SyntaxKind::COMMA | SyntaxKind::ALL => {}
            _ => return None,
        }
    }
    for clause in node.children().filter(|it| *it != head && *it != list) {
        call.tail.extend(raw(&clause));
    }
    tidy(&mut call.tail);
    Some(Expr::Call(call))
}

/// Takes the words off an ORDER BY that say what holds anyway.
pub fn tidy(pieces: &mut Vec<Piece>) {
    let is = |piece: Option<&Piece>, text: &str| matches!(piece, Some(Piece::Word(word)) if word == text);
    let mut at = 0;
    while at < pieces.len() {
        let descending = at > 0 && is(pieces.get(at - 1), "desc");
        let usual = if descending { "first" } else { "last" };
        if is(pieces.get(at), "asc") {
            pieces.remove(at);
        } else if is(pieces.get(at), "nulls") && is(pieces.get(at + 1), usual) {
            pieces.drain(at..at + 2);
        } else {
            at += 1;
        }
    }
}

fn call_name(head: &SyntaxNode) -> Option<Vec<String>> {
    match expression(head) {
        Expr::Name(parts) => Some(parts),
        Expr::Keyword(word) => Some(vec![word]),
        _ => None,
    }
}

fn argument(node: &SyntaxNode, call: &mut Call) -> Option<()> {
    let variadic = node.children_with_tokens().any(|it| it.kind() == SyntaxKind::VARIADIC_KW);
    let mut children = node.children();
    let value = children.next()?;
    let (name, value) = match value.kind() {
        SyntaxKind::NAMED_ARG => {
            let name = child(&value, SyntaxKind::PARAM_NAME_REF)?;
            (Some(ident(&name.text().to_string())), value.children().last()?)
        }
        _ => (None, value),
    };
    call.args.push(Arg { name, variadic, value: expression(&value) });
    for order in children {
        call.tail.extend(raw(&order));
    }
    Some(())
}

/// Functions with a syntax of their own, as calls of what they stand for.
fn special(node: &SyntaxNode) -> Option<Expr> {
    let quantified = |all| {
        let set = Box::new(expression(&node.first_child()?));
        Some(Expr::Any { value: Box::new(Expr::Null), op: String::new(), all, set })
    };
    match node.kind() {
        SyntaxKind::ANY_FN | SyntaxKind::SOME_FN => quantified(false),
        SyntaxKind::ALL_FN => quantified(true),
        SyntaxKind::EXISTS_FN => match expression(&node.first_child()?) {
            Expr::Subquery(query) => Some(Expr::Exists(query)),
            _ => None,
        },
        SyntaxKind::EXTRACT_FN => {
            let field = child(node, SyntaxKind::EXTRACT_FIELD_NAME)?;
            let token = tokens(&field).next()?;
            let field = string(&token).unwrap_or_else(|| ident(token.text())).to_ascii_lowercase();
            Some(of("extract", vec![Expr::String(field), expression(&node.last_child()?)]))
        }
        SyntaxKind::POSITION_FN => match expressions(node).as_slice() {
            [part, whole] => Some(of("position", vec![whole.clone(), part.clone()])),
            _ => None,
        },
        SyntaxKind::SUBSTRING_FN => substring(&node.first_child()?),
        SyntaxKind::OVERLAY_FN => {
            let body = child(node, SyntaxKind::OVERLAY_PLACING)?;
            Some(of("overlay", expressions(&body)))
        }
        SyntaxKind::TRIM_FN => trim(node),
        _ => None,
    }
}

fn of(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|value| Arg { name: None, variadic: false, value }).collect();
    Expr::Call(Call { name: vec![name.to_owned()], args, ..Call::default() })
}

fn substring(body: &SyntaxNode) -> Option<Expr> {
    let words: Vec<String> =
        body.children_with_tokens().filter_map(|it| it.into_token()).map(|it| it.text().to_ascii_lowercase()).collect();
    let has = |word: &str| words.iter().any(|it| it == word);
    let mut args = expressions(body);
    if has("similar") || has("escape") {
        return None;
    }
    if has("for") && !has("from") {
        args.insert(1, Expr::Number("1".to_owned()));
    }
    Some(of("substring", args))
}

fn trim(node: &SyntaxNode) -> Option<Expr> {
    let side = node.children().find_map(|it| match it.kind() {
        SyntaxKind::TRIM_LEADING => Some("ltrim"),
        SyntaxKind::TRIM_TRAILING => Some("rtrim"),
        _ => None,
    });
    let body = node.last_child()?;
    let mut args = expressions(&body);
    if body.kind() == SyntaxKind::TRIM_EXPR_FROM && args.len() == 2 {
        args.swap(0, 1);
    }
    Some(of(side.unwrap_or("btrim"), args))
}
