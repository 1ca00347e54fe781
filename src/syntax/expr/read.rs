//! From the parser's tree to [`Expr`]: one function for each shape, and [`raw`] for all that has none.

use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

use super::chain::{BOUNDS, nest};
use super::query::{is_query, read as read_query};
use super::token::{ident, parts, string, tokens, word};
use super::tree::{Arg, Call, Expr, Piece, Subscript, TypeName};

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
    let mut pieces = Vec::new();
    for part in parts(node) {
        match (part.as_token(), part.as_node()) {
            (Some(token), _) => pieces.push(Piece::Word(word(token))),
            (_, Some(child)) if is_query(child.kind()) => pieces.push(Piece::Query(read_query(child))),
            (_, Some(child)) => match shaped(child) {
                Some(expression) => pieces.push(Piece::Expr(expression)),
                None => pieces.extend(raw(child)),
            },
            _ => {}
        }
    }
    pieces
}

/// The expressions directly below `node`.
fn expressions(node: &SyntaxNode) -> Vec<Expr> {
    node.children().map(|child| expression(&child)).collect()
}

/// The node below `node` of the kind `kind`.
fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// Words in lower case with single spaces; an operator's signs stand together.
fn operator(element: &SyntaxElement) -> String {
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

fn literal(node: &SyntaxNode) -> Option<Expr> {
    let mut text: Option<String> = None;
    for token in tokens(node) {
        match token.kind() {
            SyntaxKind::NULL_KW => return Some(Expr::Null),
            SyntaxKind::TRUE_KW => return Some(Expr::Bool(true)),
            SyntaxKind::FALSE_KW => return Some(Expr::Bool(false)),
            SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => return Some(Expr::Number(number(token.text()))),
            SyntaxKind::BIT_STRING | SyntaxKind::BYTE_STRING => return bits(token.text()),
            _ => text.get_or_insert_default().push_str(&string(&token)?),
        }
    }
    text.map(Expr::String)
}

/// `B'101'` and `X'1F'`: bits of any length, which is what the quoted type name means.
fn bits(text: &str) -> Option<Expr> {
    let hex = text.starts_with(['x', 'X']);
    let digits = text.get(1..)?.strip_prefix('\'')?.strip_suffix('\'')?;
    let bits = match hex {
        true => {
            digits.chars().map(|c| c.to_digit(16).map(|digit| format!("{digit:04b}"))).collect::<Option<String>>()?
        }
        false => digits.to_owned(),
    };
    let ty = TypeName { schema: None, name: "\"bit\"".to_owned(), modifiers: None, array: false };
    Some(Expr::Cast(Box::new(Expr::String(bits)), ty))
}

/// A number as the server prints it, where that is a matter of spelling: `.5` is `0.5`, `1_000` is `1000`.
fn number(text: &str) -> String {
    let text = text.replace('_', "").to_ascii_lowercase();
    let text = if text.starts_with('.') { format!("0{text}") } else { text };
    text.strip_suffix('.').map_or(text.clone(), str::to_owned)
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

/// A chain of operators, its nesting settled anew.
fn binary(node: &SyntaxNode) -> Option<Expr> {
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

fn prefix(node: &SyntaxNode) -> Option<Expr> {
    let parts: Vec<SyntaxElement> = parts(node).collect();
    let operand = Box::new(expression(parts.last()?.as_node()?));
    let op: String = parts[..parts.len() - 1].iter().map(operator).collect();
    Some(if op == "not" { Expr::Not(operand) } else { Expr::Prefix(op, operand) })
}

fn postfix(node: &SyntaxNode) -> Option<Expr> {
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

/// `CAST(x AS t)`, `x::t`, `t 'x'`.
fn cast(node: &SyntaxNode) -> Option<Expr> {
    if node.first_token().is_some_and(|token| token.text().eq_ignore_ascii_case("treat")) {
        return None;
    }
    let mut types = node.children().filter(|it| is_type(it.kind()));
    let mut ty = type_name(&types.next()?);
    let value = node.children().find(|it| !is_type(it.kind()) && it.kind() != SyntaxKind::COLON_COLON)?;
    if let Some(qualifier) = node.children().find(|it| is_interval_fields(it.kind())) {
        let fields: Vec<String> = tokens(&qualifier).map(|token| token.text().to_ascii_lowercase()).collect();
        ty.modifiers = Some(fields.join(" "));
    }
    Some(Expr::Cast(Box::new(expression(&value)), ty))
}

/// Whether a node of this kind names a type.
pub fn is_type(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::ARRAY_TYPE
            | K::PATH_TYPE
            | K::VARCHAR_TYPE
            | K::CHARACTER_TYPE
            | K::BIT_TYPE
            | K::BIT_VARYING_TYPE
            | K::DOUBLE_TYPE
            | K::TIME_TYPE
            | K::TIMESTAMP_TYPE
            | K::INTERVAL_TYPE
    )
}

fn is_interval_fields(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::INTERVAL_YEAR
            | K::INTERVAL_MONTH
            | K::INTERVAL_DAY
            | K::INTERVAL_HOUR
            | K::INTERVAL_MINUTE
            | K::INTERVAL_SECOND
    )
}

/// The type that `node` names.
pub fn type_name(node: &SyntaxNode) -> TypeName {
    let mut ty = TypeName { schema: None, name: String::new(), modifiers: None, array: false };
    let (mut depth, mut modifiers) = (0, String::new());
    for token in tokens(node) {
        match token.kind() {
            SyntaxKind::L_BRACK | SyntaxKind::ARRAY_KW => ty.array = true,
            SyntaxKind::R_BRACK => {}
            SyntaxKind::L_PAREN => depth += 1,
            SyntaxKind::R_PAREN => depth -= 1,
            _ if depth > 0 => modifiers.push_str(token.text()),
            SyntaxKind::DOT => ty.schema = Some(std::mem::take(&mut ty.name)),
            SyntaxKind::INT_NUMBER if ty.array => {}
            _ => {
                let word = if matches!(token.text(), "\"char\"" | "\"bit\"") {
                    token.text().to_owned()
                } else {
                    ident(token.text())
                };
                ty.name.push_str(if ty.name.is_empty() { "" } else { " " });
                ty.name.push_str(&word);
            }
        }
    }
    ty.modifiers = (!modifiers.is_empty()).then_some(modifiers);
    if let Some(fields) = ty.name.strip_prefix("interval ") {
        ty.modifiers = Some(match &ty.modifiers {
            Some(precision) => format!("{fields}({precision})"),
            None => fields.to_owned(),
        });
        ty.name = "interval".to_owned();
    }
    ty
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

fn call(node: &SyntaxNode) -> Option<Expr> {
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
