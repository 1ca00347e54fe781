//! `LIKE other INCLUDING …` in CREATE TABLE: a copy of another table's parts.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::{Relation, joined};
use super::constraints::Pending;
use super::session::Session;
use super::{constraints, indexes as index, sequences};
use crate::model::Hints;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Family, Index};
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Identity, Table};

/// What is copied beside names, types and NOT NULL.
#[derive(Clone, Copy, Default)]
struct Parts {
    comments: bool,
    compression: bool,
    constraints: bool,
    defaults: bool,
    generated: bool,
    identity: bool,
    indexes: bool,
    storage: bool,
}

fn parts(clause: &ast::LikeClause) -> Parts {
    let mut parts = Parts::default();
    for option in clause.like_options() {
        let (included, property) = match option {
            ast::LikeOption::IncludingProperty(it) => (true, it.table_property()),
            ast::LikeOption::ExcludingProperty(it) => (false, it.table_property()),
        };
        let Some(property) = property else { continue };
        match property {
            ast::TableProperty::PropertyAll(_) => {
                let all = included;
                parts = Parts {
                    comments: all,
                    compression: all,
                    constraints: all,
                    defaults: all,
                    generated: all,
                    identity: all,
                    indexes: all,
                    storage: all,
                };
            }
            ast::TableProperty::PropertyComments(_) => parts.comments = included,
            ast::TableProperty::PropertyCompression(_) => parts.compression = included,
            ast::TableProperty::PropertyConstraints(_) => parts.constraints = included,
            ast::TableProperty::PropertyDefaults(_) => parts.defaults = included,
            ast::TableProperty::PropertyGenerated(_) => parts.generated = included,
            ast::TableProperty::PropertyIdentity(_) => parts.identity = included,
            ast::TableProperty::PropertyIndexes(_) => parts.indexes = included,
            ast::TableProperty::PropertyStorage(_) => parts.storage = included,
            ast::TableProperty::PropertyStatistics(_) => {}
        }
    }
    parts
}

fn source(session: &mut Session, clause: &ast::LikeClause) -> Option<Table> {
    let named = clause.relation_name_ref()?;
    let name = session.relation_name(named.syntax());
    session.table(&name, named.syntax()).cloned()
}

/// Copies columns to those of the new `table`, and answers the checks that are copied with them.
pub fn columns(
    session: &mut Session,
    table: &Name,
    columns: &mut Vec<Column>,
    clause: &ast::LikeClause,
) -> Vec<Pending> {
    let Some(other) = source(session, clause) else { return Vec::new() };
    let parts = parts(clause);
    for column in &other.columns {
        let copied = copy(session, table, column, parts);
        session.origin(ObjectId::Column(table.clone(), copied.name.clone()), clause.syntax());
        columns.push(copied);
    }
    let checks = other
        .constraints
        .into_iter()
        .filter(|(_, it)| parts.constraints && matches!(it.kind, ConstraintKind::Check(_)));
    checks
        .map(|(name, check)| pending(Some(name), copied_constraint(check, parts), Vec::new(), clause.syntax()))
        .collect()
}

fn copy(session: &mut Session, table: &Name, column: &Column, parts: Parts) -> Column {
    let mut copy = Column::new(column.name.as_str(), column.ty.clone());
    copy.not_null = column.not_null;
    copy.collation = column.collation.clone();
    copy.default = column.default.clone().filter(|_| parts.defaults);
    copy.generated = column.generated.clone().filter(|_| parts.generated);
    copy.storage = column.storage.clone().filter(|_| parts.storage);
    copy.compression = column.compression.clone().filter(|_| parts.compression);
    copy.comment = column.comment.clone().filter(|_| parts.comments);
    if let Some(identity) = column.identity.as_ref().filter(|_| parts.identity) {
        let mut options = sequences::identity(session, table, &column.name, &column.ty, None);
        let name = options.name.take();
        options = crate::model::sequence::SequenceOptions { name, ..identity.options.clone() };
        copy.identity = Some(Box::new(Identity { always: identity.always, options }));
    }
    copy
}

fn copied_constraint(constraint: Constraint, parts: Parts) -> Constraint {
    let comment = constraint.comment.clone().filter(|_| parts.comments);
    let mut copied = Constraint { hints: Hints::default(), comment, ..constraint };
    copied.key_mut().into_iter().for_each(|key| key.family = Family::default());
    copied
}

fn pending(name: Option<Ident>, constraint: Constraint, named_after: Vec<String>, node: &SyntaxNode) -> Pending {
    Pending { name, constraint, named_after, node: node.clone() }
}

/// Copies keys and indexes, under new names, once the table has its own.
pub fn indexes(session: &mut Session, table: &Name, list: Option<ast::TableArgList>) {
    for argument in list.into_iter().flat_map(|list| list.args()) {
        let ast::TableArg::LikeClause(clause) = argument else { continue };
        let parts = parts(&clause);
        if !parts.indexes {
            continue;
        }
        let before = session.diagnostics.len();
        let Some(other) = source(session, &clause) else {
            session.diagnostics.truncate(before);
            continue;
        };
        let keys = other.constraints.into_values().filter(Constraint::has_index);
        let keys = keys.map(|key| {
            let named_after = named_after(&key);
            pending(None, copied_constraint(key, parts), named_after, clause.syntax())
        });
        let keys = keys.collect();
        constraints::add_all(session, table, keys);
        for copied in other.indexes.into_values() {
            copy_index(session, table, copied, parts, clause.syntax());
        }
    }
}

fn named_after(key: &Constraint) -> Vec<String> {
    let names: Vec<&Ident> = match &key.kind {
        ConstraintKind::Unique(key) => key.columns.iter().chain(&key.include).collect(),
        ConstraintKind::Exclude(exclude) => {
            let keys = exclude.elements.iter().filter_map(|(element, _)| match &element.key {
                ElementKey::Column(name) => Some(name),
                ElementKey::Expression(_) => None,
            });
            keys.chain(&exclude.include).collect()
        }
        _ => Vec::new(),
    };
    names.into_iter().map(|name| name.as_str().to_owned()).collect()
}

fn copy_index(session: &mut Session, table: &Name, copied: Index, parts: Parts, node: &SyntaxNode) {
    let names = index::names_of(&copied);
    let columns = joined(names.iter().map(String::as_str));
    let name = session.catalog.choose_relation(table, &columns, "idx", false);
    let comment = copied.comment.clone().filter(|_| parts.comments);
    let copied = Index { comment, family: Family::default(), hints: Hints::default(), ..copied };
    session.origin(ObjectId::Index(table.clone(), name.clone()), node);
    session.catalog.add(table.sibling(name.as_str()), Relation::Index(table.clone()));
    index::insert(session, table, name, copied);
}
