//! Columns as CREATE TABLE and ALTER TABLE ADD COLUMN define them.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::constraints::{self, Pending};
use super::session::Session;
use super::tree::{child, contains, ident_of};
use super::{datatype, expr, indexes, sequences};
use crate::model::Sql;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Generated, Identity};

/// A column that is defined with all that stands in its definition, and the constraints that wait for their names.
pub struct Defined {
    /// The column.
    pub column: Column,
    /// Its constraints.
    pub constraints: Vec<Pending>,
}

/// Reads the definition `node` of the column `name` of `table`.
pub fn define(session: &mut Session, table: &Name, name: Ident, ty: Option<ast::Type>, node: &SyntaxNode) -> Defined {
    let mut column = Column::new(name.as_str(), datatype::of(session, ty.clone()));
    column.hints = session.hints(node);
    if let Some(integer) = ty.as_ref().and_then(datatype::serial) {
        column.ty = datatype::builtin(integer);
        column.not_null = true;
        column.default = Some(sequences::serial(session, table, &name, integer, node));
    }
    session.origin(ObjectId::Column(table.clone(), name), node);
    let mut defined = Defined { column, constraints: Vec::new() };
    clauses(session, table, &mut defined, node);
    defined
}

/// Applies the clauses that stand in `node` to a column: those of its definition, or of a partition's override.
pub fn clauses(session: &mut Session, table: &Name, defined: &mut Defined, node: &SyntaxNode) {
    for clause in node.children() {
        if let Some(constraint) = ast::Constraint::cast(clause.clone()) {
            apply(session, table, defined, &constraint);
        } else if let Some(collate) = ast::Collate::cast(clause.clone()) {
            defined.column.collation = indexes::collation(session, &collate);
        } else if let Some(storage) = ast::Storage::cast(clause.clone()) {
            defined.column.storage = storage_mode(storage.storage_mode());
        } else if let Some(compression) = ast::CompressionMethod::cast(clause.clone()) {
            defined.column.compression = compression_method(compression.compression_method_name());
        } else if let Some(options) = ast::AlterOptionList::cast(clause) {
            session.unmodelled("options of a column", options.syntax());
        }
    }
}

fn apply(session: &mut Session, table: &Name, defined: &mut Defined, node: &ast::Constraint) {
    let column = &mut defined.column;
    match node {
        ast::Constraint::NotNullConstraint(_) => column.not_null = true,
        ast::Constraint::NullConstraint(_) => column.not_null = false,
        ast::Constraint::DefaultConstraint(it) => {
            let Some(default) = it.expr() else { return };
            let (default, collate) = default_and_collation(session, &default);
            column.default = default;
            if let Some(collate) = collate {
                column.collation = indexes::collation(session, &collate);
            }
        }
        ast::Constraint::GeneratedConstraint(it) => match it.generated_as() {
            Some(ast::GeneratedAs::GeneratedIdentity(identity)) => {
                let always = is_always(identity.generated_when());
                let (name, ty) = (column.name.clone(), column.ty.clone());
                let options = sequences::identity(session, table, &name, &ty, identity.sequence_option_list());
                column.identity = Some(Box::new(Identity { always, options }));
                column.not_null = true;
            }
            Some(ast::GeneratedAs::GeneratedStored(stored)) => {
                column.generated = stored.expr().map(|it| Generated {
                    expression: expr::bare(session, it),
                    stored: !matches!(stored.generated_kind(), Some(ast::GeneratedKind::Virtual(_)) | None),
                });
            }
            None => {}
        },
        _ => {
            let name = column.name.clone();
            if let Some(pending) = constraints::read(session, Some(&name), node) {
                column.not_null |= pending.constraint.primary_key().is_some();
                defined.constraints.push(pending);
            }
        }
    }
}

/// What DEFAULT says, and the column's own COLLATE where that stands behind it, as `pg_dump` writes it: a default that
/// collates stands in parentheses.
fn default_and_collation(session: &Session, node: &ast::Expr) -> (Option<Sql>, Option<ast::Collate>) {
    let Some(collate) = last_collate(node.syntax()) else {
        return (Some(node).filter(|it| !is_null(it)).map(|it| session.sql(it.syntax())), None);
    };
    let (whole, part) = (session.text(node.syntax()), session.text(collate.syntax()));
    let value = collate.syntax().first_child().map(|it| session.text(&it)).unwrap_or_default();
    let default = format!("{}{value}", whole.strip_suffix(part.as_str()).unwrap_or_default());
    let said = !default.eq_ignore_ascii_case("null");
    (said.then(|| Sql::new(default)), Some(collate))
}

/// The COLLATE with which `node` ends.
fn last_collate(node: &SyntaxNode) -> Option<ast::Collate> {
    if node.kind() != SyntaxKind::COLLATE && !contains(node, SyntaxKind::COLLATE) {
        return None;
    }
    let end = node.text_range().end();
    node.descendants().filter(|it| it.text_range().end() == end).find_map(ast::Collate::cast)
}

/// Whether a default is NULL, which PostgreSQL does not store.
pub fn is_null(default: &ast::Expr) -> bool {
    let within = match default {
        ast::Expr::CastExpr(cast) => cast.expr(),
        _ => None,
    };
    let literal = within.as_ref().unwrap_or(default);
    matches!(literal, ast::Expr::Literal(it) if it.syntax().text().to_string().eq_ignore_ascii_case("null"))
}

/// Whether an identity is `GENERATED ALWAYS`.
pub fn is_always(when: Option<ast::GeneratedWhen>) -> bool {
    matches!(when, Some(ast::GeneratedWhen::GeneratedAlways(_)))
}

/// A storage mode in lower case; `None` for the type's own.
pub fn storage_mode(mode: Option<ast::StorageMode>) -> Option<String> {
    ident_of(mode).map(|mode| mode.as_str().to_owned()).filter(|mode| mode != "default")
}

/// A compression method in lower case; `None` for the default.
pub fn compression_method(method: Option<ast::CompressionMethodName>) -> Option<String> {
    ident_of(method).map(|method| method.as_str().to_owned()).filter(|method| method != "default")
}

/// Reads the column that ALTER TABLE ADD COLUMN defines.
pub fn added(session: &mut Session, table: &Name, node: &ast::AddColumn) -> Option<Defined> {
    let name = ident_of(node.column_name())?;
    Some(define(session, table, name, child(node.syntax()), node.syntax()))
}
