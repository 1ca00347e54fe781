//! COMMENT ON everything.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::session::{PUBLIC, Session};
use super::tree::{Written, ident, parts, string, written};
use super::{grants, indexes, others, routines, triggers, types};
use crate::model::name::{Ident, Name};
use crate::model::other::OtherId;
use crate::model::types::TypeKind;

/// Runs COMMENT ON.
pub fn run(session: &mut Session, statement: &ast::CommentOn) {
    let Some(object) = statement.comment_object() else { return };
    let text = statement.literal().map(|it| string(&it)).filter(|it| !it.is_empty());
    use ast::CommentObject as On;
    let node = object.syntax().clone();
    let reference = node.children().last().unwrap_or_else(|| node.clone());
    match &object {
        On::ObjectTable(_) | On::ObjectView(_) | On::ObjectMaterializedView(_) | On::ObjectSequence(_) => {
            relation(session, &reference, text);
        }
        On::ObjectForeignTable(_) => carried_whole(session, &node, text),
        On::ObjectIndex(_) => index(session, &reference, text),
        On::ObjectColumn(_) => column(session, &reference, text),
        On::ObjectConstraint(it) => constraint(session, it, text),
        On::ObjectTrigger(it) => {
            let (Some(name), Some(table)) = (it.trigger_ref(), it.relation_name_ref()) else { return };
            let (name, table) = (ident(name.syntax()), session.relation_name(table.syntax()));
            let found = triggers::of(session, &table).and_then(|triggers| triggers.get_mut(&name));
            let found = found.map(|trigger| &mut trigger.comment);
            if put(found, text).is_none() {
                let is_clone = triggers::clones(session, &table).any(|(clone, _)| *clone == name);
                match is_clone {
                    true => session.unmodelled("a comment on a partition's part of a trigger", &node),
                    false => session.missing("trigger", &name, &node),
                }
            }
        }
        On::ObjectPolicy(it) => {
            let (Some(name), Some(table)) = (it.policy_ref(), it.table_name_ref()) else { return };
            let (name, table) = (ident(name.syntax()), session.relation_name(table.syntax()));
            let found = session.model.tables.get_mut(&table).and_then(|table| table.policies.get_mut(&name));
            let found = found.map(|policy| &mut policy.comment);
            put(found, text).unwrap_or_else(|| session.missing("policy", &name, &node));
        }
        On::ObjectType(_) | On::ObjectDomain(_) => {
            let name = session.type_name(&reference);
            let found = session.model.types.get_mut(&name).map(|ty| &mut ty.comment);
            let base = OtherId { kind: "TYPE".to_owned(), name: name.to_string() };
            let found = found.or_else(|| session.model.others.get_mut(&base).map(|other| &mut other.comment));
            put(found, text).unwrap_or_else(|| session.missing("type", &name, &node));
        }
        On::ObjectFunction(_) | On::ObjectProcedure(_) | On::ObjectRoutine(_) => routine(session, &reference, text),
        On::ObjectSchema(_) => schema(session, &reference, text),
        On::ObjectExtension(_) => extension(session, &reference, text),
        On::ObjectDatabase(_) | On::ObjectRole(_) | On::ObjectTablespace(_) | On::ObjectLargeObject(_) => {
            session.skip("comment on what is outside of a schema");
        }
        _ => carried_whole(session, &node, text),
    }
}

/// Puts `text` in its place, if there is one.
fn put(place: Option<&mut Option<String>>, text: Option<String>) -> Option<()> {
    *place? = text;
    Some(())
}

fn relation(session: &mut Session, node: &SyntaxNode, text: Option<String>) {
    let name = session.relation_name(node);
    let place = match session.catalog.relation(&name) {
        Some(Relation::Table) => session.model.tables.get_mut(&name).map(|it| &mut it.comment),
        Some(Relation::View) => session.model.views.get_mut(&name).map(|it| &mut it.comment),
        Some(Relation::Sequence) => session.model.sequences.get_mut(&name).map(|it| &mut it.comment),
        Some(Relation::Identity(..)) => {
            return session.unmodelled("a comment on the sequence behind an identity column", node);
        }
        Some(relation @ Relation::Foreign) => {
            let id = grants::id(relation, &name);
            return comment_on_id(session, id, text);
        }
        _ => None,
    };
    put(place, text).unwrap_or_else(|| session.missing("table", &name, node));
}

fn comment_on_id(session: &mut Session, id: Option<crate::model::id::ObjectId>, text: Option<String>) {
    if let Some(crate::model::id::ObjectId::Other(id)) = id
        && let Some(other) = session.model.others.get_mut(&id)
    {
        other.comment = text;
    }
}

fn index(session: &mut Session, node: &SyntaxNode, text: Option<String>) {
    let name = session.relation_name(node);
    let Some(table) = indexes::owner(session, &name) else {
        return session.missing("index", &name, node);
    };
    match indexes::get_mut(session, &table, &name.name) {
        Some(index) => index.comment = text,
        None => session.unmodelled("a comment on the index behind a constraint", node),
    }
}

fn column(session: &mut Session, node: &SyntaxNode, text: Option<String>) {
    let mut path = parts(node);
    let (Some(column), Some(table)) = (path.pop(), path.pop()) else { return };
    let wanted = Written { schema: path.pop(), name: table };
    let name = session.find(&wanted, |name| session.catalog.relation(name).is_some());
    match session.catalog.relation(&name) {
        Some(Relation::View) => {
            let Some(view) = session.model.views.get_mut(&name) else { return };
            match text {
                Some(text) => drop(view.column_comments.insert(column, text)),
                None => drop(view.column_comments.remove(&column)),
            }
        }
        Some(Relation::Foreign) => session.unmodelled("a comment on a column of a foreign table", node),
        Some(Relation::Composite) => {
            let place = types::attribute_comment(session, &name, &column);
            put(place, text).unwrap_or_else(|| missing_column(session, &name, &column, node));
        }
        _ => {
            let found = session.model.tables.get_mut(&name).and_then(|table| table.column_mut(column.as_str()));
            put(found.map(|it| &mut it.comment), text).unwrap_or_else(|| missing_column(session, &name, &column, node));
        }
    }
}

fn missing_column(session: &mut Session, table: &Name, column: &Ident, node: &SyntaxNode) {
    session.missing("column", format!("{table}.{column}"), node);
}

fn constraint(session: &mut Session, node: &ast::ObjectConstraint, text: Option<String>) {
    let Some(reference) = node.constraint_name_ref() else { return };
    let name = written(reference.syntax()).name;
    if let Some(domain) = node.domain_ref() {
        let domain = session.type_name(domain.syntax());
        let check = session.model.types.get_mut(&domain).and_then(|ty| match &mut ty.kind {
            TypeKind::Domain(domain) => domain.checks.get_mut(&name),
            _ => None,
        });
        return put(check.map(|check| &mut check.comment), text)
            .unwrap_or_else(|| session.missing("constraint", &name, node.syntax()));
    }
    let Some(table) = node.table_name_ref().map(|it| session.relation_name(it.syntax())) else { return };
    let found = session.model.tables.get_mut(&table).and_then(|table| table.constraints.get_mut(&name));
    put(found.map(|it| &mut it.comment), text).unwrap_or_else(|| session.missing("constraint", &name, node.syntax()));
}

fn routine(session: &mut Session, node: &SyntaxNode, text: Option<String>) {
    let found = routines::find(session, node);
    let place = found.and_then(|signature| session.model.routines.get_mut(&signature));
    let place = place.map(|routine| &mut routine.comment);
    put(place, text).unwrap_or_else(|| {
        let name = session.text(node);
        session.missing("routine", name, node);
    });
}

fn schema(session: &mut Session, node: &SyntaxNode, text: Option<String>) {
    let name = ident(node);
    if name.as_str() == PUBLIC {
        return comment_on_public(session, text);
    }
    let place = session.model.schemas.get_mut(&name).map(|schema| &mut schema.comment);
    put(place, text).unwrap_or_else(|| session.missing("schema", &name, node));
}

/// A new database has a comment on `public` already, which dumps repeat; any other is a reason to list the schema.
fn comment_on_public(session: &mut Session, text: Option<String>) {
    match text.filter(|text| text != "standard public schema") {
        Some(text) => session.model.schemas.entry(Ident::new(PUBLIC)).or_default().comment = Some(text),
        None => {
            session.model.schemas.remove(PUBLIC);
            session.skip("schema public");
        }
    }
}

fn extension(session: &mut Session, node: &SyntaxNode, text: Option<String>) {
    let name = ident(node);
    if name.as_str() == "plpgsql" {
        return session.skip("extension plpgsql");
    }
    let place = session.model.extensions.get_mut(&name).map(|extension| &mut extension.comment);
    put(place, text).unwrap_or_else(|| session.missing("extension", &name, node));
}

fn carried_whole(session: &mut Session, node: &SyntaxNode, text: Option<String>) {
    let id = others::referred(session, node);
    if id.as_ref().is_some_and(OtherId::is_built_in) {
        return session.skip("comment on what every database has");
    }
    let place = id.as_ref().and_then(|id| session.model.others.get_mut(id)).map(|other| &mut other.comment);
    if put(place, text).is_none() {
        match id {
            Some(id) => session.missing(&id.kind.to_lowercase(), &id.name, node),
            None => {
                let what = format!("a comment on `{}`", session.text(node));
                session.unmodelled(what, node);
            }
        }
    }
}
