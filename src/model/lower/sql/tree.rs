//! Small questions to a syntax tree: names, tokens, literals.
//!
//! They are asked for every name of a schema, so they go down the trees as these are stored: a walk over the parser's
//! own nodes allocates each of them.

use std::borrow::Cow;

use rowan::{GreenNodeData, NodeOrToken};
use squawk_syntax::ast::{self, AstNode, normalize_name_node};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, clip};
use crate::syntax::sql::green;

/// A name as it is written: perhaps with a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The schema, when one is written.
    pub schema: Option<Ident>,
    /// The name within it.
    pub name: Ident,
}

/// The identifier that `node` consists of: folded or unquoted, and cut as PostgreSQL cuts it.
pub fn ident(node: &SyntaxNode) -> Ident {
    plain(&node.green()).unwrap_or_else(|| Ident::new(clip(&normalize_name_node(node), MAX_IDENTIFIER_BYTES)))
}

/// The identifier that `node` consists of, unless its spelling or its place is special.
fn plain(node: &GreenNodeData) -> Option<Ident> {
    if green::kind(node) == SyntaxKind::ROLE_REF {
        return None;
    }
    let mut tokens = node.children().filter_map(NodeOrToken::into_token);
    let text = tokens.find(|it| !green::token_kind(it).is_trivia())?.text();
    let name = match text.strip_prefix('"') {
        Some(quoted) => Cow::Borrowed(quoted.strip_suffix('"').filter(|inner| !inner.contains('"'))?),
        None if text.contains('"') => return None,
        None if text.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Owned(text.to_ascii_lowercase()),
        None => Cow::Borrowed(text),
    };
    Some(Ident::new(clip(&name, MAX_IDENTIFIER_BYTES)))
}

/// The identifiers of the dotted path below `node`, in order; of `node` itself when it holds no path.
pub fn parts(node: &SyntaxNode) -> Vec<Ident> {
    let mut segments = Vec::new();
    if plain_segments(&node.green(), &mut segments).is_none() {
        segments = node.descendants().filter(|it| is_segment(it.kind())).map(|it| ident(&it)).collect();
    }
    if segments.is_empty() { vec![ident(node)] } else { segments }
}

/// Collects the identifiers of the path below `node`; `None` when one of them is spelled in a special way.
fn plain_segments(node: &GreenNodeData, segments: &mut Vec<Ident>) -> Option<()> {
    if is_segment(green::kind(node)) {
        segments.push(plain(node)?);
    }
    green::nodes(node).try_for_each(|child| plain_segments(child, segments))
}

fn is_segment(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF)
}

/// The name below `node`, which names an object: its last part, and the one before as the schema.
pub fn written(node: &SyntaxNode) -> Written {
    let mut parts = parts(node);
    let name = parts.pop().unwrap_or_else(|| Ident::new(""));
    Written { schema: parts.pop(), name }
}

/// The identifier of `node`, if the statement has one there.
pub fn ident_of<N: AstNode>(node: Option<N>) -> Option<Ident> {
    node.map(|node| ident(node.syntax()))
}

/// The identifiers of `nodes`, in order.
pub fn idents<N: AstNode>(nodes: impl Iterator<Item = N>) -> Vec<Ident> {
    nodes.map(|node| ident(node.syntax())).collect()
}

/// The columns that a list names.
pub fn columns(list: Option<ast::ColumnRefList>) -> Vec<Ident> {
    list.map(|list| idents(list.column_name_refs())).unwrap_or_default()
}

/// Whether a token of `kind` stands directly in `node`.
pub fn has(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    green::has(&node.green(), kind)
}

/// Whether a node or a token of `kind` stands anywhere below `node`.
pub fn contains(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    green::contains(&node.green(), kind)
}

/// The first child of `node` that is an `N`.
pub fn child<N: AstNode>(node: &SyntaxNode) -> Option<N> {
    let there = green::nodes(&node.green()).any(|it| N::can_cast(green::kind(it)));
    if there { node.children().find_map(N::cast) } else { None }
}

/// All children of `node` that are an `N`.
pub fn children<N: AstNode>(node: &SyntaxNode) -> impl Iterator<Item = N> {
    let there = green::nodes(&node.green()).any(|it| N::can_cast(green::kind(it)));
    there.then(|| node.children().filter_map(N::cast)).into_iter().flatten()
}

/// The roles that a list names; `public` is a name like others here.
pub fn roles(list: Option<ast::RoleRefList>) -> Vec<Ident> {
    let Some(list) = list else { return Vec::new() };
    children::<ast::RoleRef>(list.syntax()).map(|role| role_name(&role)).collect()
}

/// The role that is referred to: a name, or a key word such as `current_user`.
pub fn role_name(role: &ast::RoleRef) -> Ident {
    let value = role.syntax().children().last();
    ident(value.as_ref().unwrap_or_else(|| role.syntax()))
}

/// The value of a string literal; of anything else its text.
pub fn string(literal: &ast::Literal) -> String {
    let quoted = literal.syntax().text().to_string();
    match quoted.contains(['\'', '$']) {
        true => literal.string_value().unwrap_or(quoted),
        false => quoted,
    }
}

/// The whole number that `node` spells, sign included.
pub fn integer(node: &SyntaxNode) -> Option<i64> {
    let digits: String = node.text().to_string().chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    digits.strip_prefix('+').unwrap_or(&digits).parse().ok()
}
