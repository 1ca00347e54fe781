//! Names inside expressions and queries that only a `SET search_path` explains: the model holds them with their schema.
//!
//! A dump qualifies its names itself, and most people write for `public`; neither text is looked into.

use std::collections::BTreeSet;

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::routines;
use super::session::{PUBLIC, Session};
use super::tree::{Written, ident, parts};
use crate::model::name::{Ident, Name};
use crate::syntax::sql::range_of;
use crate::syntax::sql::scan::fold;

/// The text of `node` in one line, without comments, in which names that the search path resolves have their schema.
pub fn text(session: &Session, node: &SyntaxNode) -> String {
    let source = session.file.source(node);
    if session.search_path.iter().all(|schema| schema.as_str() == PUBLIC) {
        return fold(source);
    }
    let within = node.descendants();
    let local: BTreeSet<Ident> = within.filter(|it| it.kind() == SyntaxKind::CTE_NAME).map(|it| ident(&it)).collect();
    let start = range_of(node).start;
    let mut text = String::with_capacity(source.len());
    let mut end = 0;
    for (at, schema) in node.descendants().filter_map(|it| place(session, &it, &local)) {
        text.push_str(&source[end..at - start]);
        text.push_str(&format!("{schema}."));
        end = at - start;
    }
    text.push_str(&source[end..]);
    fold(&text)
}

/// Where a schema has to be put, and which, when `node` is a name that lacks it. Those in `local` are the query's own.
fn place(session: &Session, node: &SyntaxNode, local: &BTreeSet<Ident>) -> Option<(usize, Ident)> {
    let at = range_of(node).start;
    let relation = |wanted: &Written| known(session, wanted, |name| session.catalog.relation(name).is_some());
    match node.kind() {
        SyntaxKind::RELATION_NAME_REF => {
            let wanted = alone(node).filter(|it| !local.contains(&it.name))?;
            Some((at, relation(&wanted)?.schema?))
        }
        SyntaxKind::NAME_REF if node.parent()?.kind() == SyntaxKind::CALL_EXPR => {
            let wanted = alone(node)?;
            Some((at, known(session, &wanted, |name| routines::exists(session, name))?.schema?))
        }
        SyntaxKind::PATH_TYPE => {
            let wanted = alone(node)?;
            let is_type =
                |name: &Name| session.model.types.contains_key(name) || session.catalog.relation(name).is_some();
            Some((at, known(session, &wanted, is_type)?.schema?))
        }
        SyntaxKind::LITERAL if names_relation(node) => {
            let quoted = node.text().to_string();
            let name = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
            let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            let wanted = Written { schema: None, name: Ident::new(name) };
            Some((at + 1, relation(&wanted).filter(|_| plain)?.schema?))
        }
        _ => None,
    }
}

/// The name that `node` consists of, when it says no schema.
fn alone(node: &SyntaxNode) -> Option<Written> {
    match parts(node).as_slice() {
        [name] => Some(Written { schema: None, name: name.clone() }),
        _ => None,
    }
}

/// What the search path makes of `wanted`, when it exists.
fn known(session: &Session, wanted: &Written, exists: impl Fn(&Name) -> bool) -> Option<Name> {
    Some(session.find(wanted, &exists)).filter(|name| exists(name))
}

/// Whether a literal is a relation's name: `nextval('s')`, `'s'::regclass`.
fn names_relation(literal: &SyntaxNode) -> bool {
    let Some(parent) = literal.parent() else { return false };
    if parent.kind() == SyntaxKind::CAST_EXPR {
        let ty = parent.children().find(|it| it.kind() == SyntaxKind::PATH_TYPE);
        return ty.is_some_and(|ty| ident(&ty).as_str() == "regclass");
    }
    let call = parent.ancestors().take(3).find(|it| it.kind() == SyntaxKind::CALL_EXPR);
    let called = call.and_then(|call| call.children().find(|it| it.kind() == SyntaxKind::NAME_REF));
    called.is_some_and(|name| matches!(ident(&name).as_str(), "nextval" | "currval" | "setval"))
}
