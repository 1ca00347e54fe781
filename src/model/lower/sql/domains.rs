//! Domains.

use std::collections::BTreeMap;

use squawk_syntax::ast::{self, AstNode};

use super::session::Session;
use super::tree::{child, ident, ident_of, written};
use super::{columns, datatype, expr, indexes, types};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::types::{Domain, DomainCheck, TypeKind, UserType};

/// Runs CREATE DOMAIN.
pub fn create(session: &mut Session, statement: &ast::CreateDomain) {
    let node = statement.syntax();
    let Some(named) = statement.domain() else { return };
    let name = session.new_name(named.syntax());
    let id = ObjectId::Type(name.clone());
    if session.model.types.contains_key(&name) {
        return session.duplicate(&id, node);
    }
    let mut domain = Domain {
        base: datatype::of(session, statement.ty()),
        collation: None,
        default: None,
        not_null: false,
        checks: BTreeMap::new(),
    };
    // Source: `DefineDomain` in `src/backend/commands/typecmds.c`, which copies the default.
    if let Some(UserType { kind: TypeKind::Domain(below), .. }) = over(session, &domain) {
        domain.default = below.default.clone();
    }
    for qualifier in statement.domain_qualifiers() {
        match qualifier {
            ast::DomainQualifier::Collate(it) => domain.collation = indexes::collation(session, &it),
            ast::DomainQualifier::Constraint(it) => constraint(session, &name, &mut domain, &it),
        }
    }
    session.created(id, node);
    let hints = session.hints(node);
    session.model.types.insert(name, UserType { kind: TypeKind::Domain(domain), comment: None, hints });
}

/// The type that the domain is over, if the schema defines that.
fn over<'s>(session: &'s Session, domain: &Domain) -> Option<&'s UserType> {
    session.model.types.get(domain.base.user_type().filter(|_| !domain.base.array)?)
}

fn constraint(session: &mut Session, name: &Name, domain: &mut Domain, node: &ast::Constraint) {
    match node {
        ast::Constraint::NotNullConstraint(_) => domain.not_null = true,
        ast::Constraint::NullConstraint(_) => domain.not_null = false,
        ast::Constraint::DefaultConstraint(it) => {
            domain.default = it.expr().filter(|it| !columns::is_null(it)).map(|it| session.sql(it.syntax()));
        }
        ast::Constraint::CheckConstraint(it) => {
            let Some(condition) = it.expr() else { return };
            let check = DomainCheck {
                expression: expr::bare(session, condition),
                not_valid: node.is_not_valid(),
                comment: None,
            };
            let chosen = node.constraint_name().map(|name| ident(name.syntax()));
            let chosen = chosen.unwrap_or_else(|| session.catalog.choose_constraint(name, "", "check"));
            session.catalog.add_constraint(name, &chosen);
            domain.checks.insert(chosen, check);
        }
        other => session.unmodelled("this constraint of a domain", other.syntax()),
    }
}

/// Runs ALTER DOMAIN.
pub fn alter(session: &mut Session, statement: &ast::AlterDomain) {
    let (Some(named), Some(action)) = (statement.domain_ref(), statement.action()) else { return };
    let name = session.type_name(named.syntax());
    let Some(UserType { kind: TypeKind::Domain(domain), .. }) = session.model.types.get(&name) else {
        return session.missing("domain", &name, named.syntax());
    };
    let mut domain = domain.clone();
    match action {
        ast::AlterDomainAction::SetNotNull(_) => domain.not_null = true,
        ast::AlterDomainAction::DropNotNull(_) => domain.not_null = false,
        ast::AlterDomainAction::DropDefault(_) => domain.default = None,
        ast::AlterDomainAction::SetDefault(it) => {
            domain.default = it.expr().filter(|it| !columns::is_null(it)).map(|it| session.sql(it.syntax()));
        }
        ast::AlterDomainAction::AddConstraint(it) => {
            if let Some(node) = it.constraint() {
                constraint(session, &name, &mut domain, &node);
            }
        }
        ast::AlterDomainAction::DropConstraint(it) => {
            let Some(check) = it.constraint_name_ref().map(|it| written(it.syntax()).name) else { return };
            match domain.checks.remove(&check) {
                Some(_) => session.catalog.remove_constraint(&name, &check),
                None if it.if_exists().is_none() => session.missing("constraint", &check, it.syntax()),
                None => {}
            }
        }
        ast::AlterDomainAction::RenameConstraint(it) => rename_check(session, &name, &mut domain, &it),
        ast::AlterDomainAction::ValidateConstraint(it) => {
            let Some(check) = it.constraint_name_ref().map(|it| written(it.syntax()).name) else { return };
            match domain.checks.get_mut(&check) {
                Some(check) => check.not_valid = false,
                None => session.missing("constraint", &check, it.syntax()),
            }
        }
        ast::AlterDomainAction::OwnerTo(owner) => return session.owned(owner.syntax()),
        ast::AlterDomainAction::DomainRenameTo(it) => {
            let Some(new) = child::<ast::Domain>(it.syntax()) else { return };
            return types::rename(session, &name, &name.sibling(written(new.syntax()).name.as_str()));
        }
        ast::AlterDomainAction::SetSchema(it) => {
            let Some(schema) = ident_of(it.schema_ref()) else { return };
            return types::rename(session, &name, &Name::qualified(schema.as_str(), name.name.as_str()));
        }
    }
    if let Some(ty) = session.model.types.get_mut(&name) {
        ty.kind = TypeKind::Domain(domain);
    }
}

fn rename_check(session: &mut Session, name: &Name, domain: &mut Domain, node: &ast::RenameConstraint) {
    let old: Option<Ident> = node.constraint_name_ref().map(|it| written(it.syntax()).name);
    let (Some(old), Some(new)) = (old, ident_of(node.constraint_name())) else { return };
    match domain.checks.remove(&old) {
        Some(check) => {
            session.catalog.remove_constraint(name, &old);
            session.catalog.add_constraint(name, &new);
            domain.checks.insert(new, check);
        }
        None => session.missing("constraint", &old, node.syntax()),
    }
}
