//! Schemas and extensions.

use squawk_syntax::ast::{self, AstNode};

use super::session::{PUBLIC, Session};
use super::tree::{has, ident, ident_of, string};
use crate::model::id::ObjectId;
use crate::model::name::Ident;
use crate::model::{Extension, Namespace};
use squawk_syntax::SyntaxKind;

/// Runs CREATE SCHEMA, and the statements inside it.
pub fn create(session: &mut Session, statement: &ast::CreateSchema) {
    let node = statement.syntax();
    let Some(name) = statement.schema_name().map(|it| ident(&it)) else { return };
    if name.as_str() == PUBLIC {
        session.skip("schema public");
    } else {
        let id = ObjectId::Schema(name.clone());
        if session.model.schemas.contains_key(&name) {
            if statement.if_not_exists().is_none() {
                session.duplicate(&id, node);
            }
        } else {
            let hints = session.hints(node);
            session.created(id, node);
            session.model.schemas.insert(name.clone(), Namespace { comment: None, hints });
        }
    }
    let before = std::mem::replace(&mut session.search_path, vec![name]);
    for element in statement.schema_elements() {
        if let Some(statement) = ast::Stmt::cast(element.syntax().clone()) {
            super::execute(session, &statement);
        }
    }
    session.search_path = before;
}

/// Runs ALTER SCHEMA.
pub fn alter(session: &mut Session, statement: &ast::AlterSchema) {
    match statement.action() {
        Some(ast::AlterSchemaAction::OwnerTo(owner)) => session.owned(owner.syntax()),
        Some(other) => session.unmodelled("a new name for a schema", other.syntax()),
        None => {}
    }
}

/// Runs CREATE EXTENSION. The language plpgsql is in every database, whatever a dump says.
pub fn create_extension(session: &mut Session, statement: &ast::CreateExtension) {
    let Some(name) = ident_of(statement.extension()) else { return };
    if name.as_str() == "plpgsql" {
        return session.skip("extension plpgsql");
    }
    let id = ObjectId::Extension(name.clone());
    if session.model.extensions.contains_key(&name) {
        if statement.if_not_exists().is_none() {
            session.duplicate(&id, statement.syntax());
        }
        return;
    }
    let version = statement.extension_version_clause().and_then(|it| {
        let literal = it.literal().map(|it| string(&it));
        literal.or_else(|| ident_of(it.extension_version()).map(|it| it.as_str().to_owned()))
    });
    let schema = ident_of(statement.extension_schema().and_then(|it| it.schema_ref()));
    session.origin(id, statement.syntax());
    let extension = Extension { schema: schema.filter(|it| it.as_str() != PUBLIC), version, comment: None };
    session.model.extensions.insert(name, extension);
}

/// Runs ALTER EXTENSION.
pub fn alter_extension(session: &mut Session, statement: &ast::AlterExtension) {
    let Some(name) = ident_of(statement.extension_ref()) else { return };
    let action = statement.action();
    if action.is_none() && has(statement.syntax(), SyntaxKind::OWNER_KW) {
        return session.skip("OWNER TO");
    }
    let Some(extension) = session.model.extensions.get_mut(&name) else {
        return session.missing("extension", &name, statement.syntax());
    };
    match action {
        Some(ast::AlterExtensionAction::SetSchema(it)) => {
            let schema: Option<Ident> = ident_of(it.schema_ref());
            extension.schema = schema.filter(|it| it.as_str() != PUBLIC);
        }
        Some(ast::AlterExtensionAction::AlterExtensionUpdate(it)) => {
            let literal = it.update_to().and_then(|it| it.literal()).map(|it| string(&it));
            extension.version = literal.or(extension.version.take());
        }
        Some(other) => session.unmodelled("the membership of an object in an extension", other.syntax()),
        None => {}
    }
}
