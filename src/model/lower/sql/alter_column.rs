//! ALTER TABLE … ALTER COLUMN.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::alter_table::Target;
use super::columns::{compression_method, is_always, is_null, storage_mode};
use super::session::Session;
use super::tree::{ident_of, integer};
use super::{datatype, drops, expr, indexes, options, sequences};
use crate::model::name::Ident;
use crate::model::table::{Column, Generated, Identity};

/// Runs one ALTER COLUMN action.
pub fn run(session: &mut Session, target: &Target, node: &ast::AlterColumn) {
    let (Some(name), Some(option)) = (ident_of(node.column_name_ref()), node.option()) else { return };
    let at = node.syntax();
    use ast::AlterColumnOption as Option_;
    match option {
        Option_::SetNotNull(_) => change(session, target, &name, at, |column| column.not_null = true),
        Option_::DropNotNull(_) => change(session, target, &name, at, |column| column.not_null = false),
        Option_::SetDefault(it) => {
            let default = it.expr().filter(|it| !is_null(it)).map(|it| session.sql(it.syntax()));
            change(session, target, &name, at, |column| column.default = default.clone());
        }
        Option_::DropDefault(_) => change(session, target, &name, at, |column| column.default = None),
        Option_::SetType(it) => set_type(session, target, &name, &it),
        Option_::AddGenerated(it) => {
            let Some(ty) = of_column(session, target, &name, |column| column.ty.clone()) else {
                return missing(session, target, &name, at);
            };
            let options = sequences::identity(session, &target.name, &name, &ty, it.sequence_option_list());
            let always = is_always(it.generated_when());
            change_one(session, target, &name, at, |column| {
                column.identity = Some(Box::new(Identity { always, options }));
                column.not_null = true;
            });
        }
        Option_::DropIdentity(_) => drop_identity(session, target, &name, at),
        Option_::SetGenerated(it) => {
            let always = is_always(it.generated_when());
            change_identity(session, target, &name, at, |_, identity| identity.always = always);
        }
        Option_::SetSequenceOption(it) => sequence_option(session, target, &name, &it),
        Option_::SetGeneratedOptions(it) => it.set_generated_options().for_each(|option| match option {
            ast::SetGeneratedOption::SetGenerated(it) => {
                let always = is_always(it.generated_when());
                change_identity(session, target, &name, at, |_, identity| identity.always = always);
            }
            ast::SetGeneratedOption::SetSequenceOption(it) => sequence_option(session, target, &name, &it),
            ast::SetGeneratedOption::Restart(_) => session.skip("RESTART of a sequence"),
        }),
        Option_::Restart(_) => session.skip("RESTART of a sequence"),
        Option_::DropExpression(_) => change(session, target, &name, at, |column| column.generated = None),
        Option_::SetExpression(it) => {
            let Some(expression) = it.expr().map(|it| expr::bare(session, it)) else { return };
            change(session, target, &name, at, |column| {
                let stored = column.generated.as_ref().is_none_or(|it| it.stored);
                column.generated = Some(Generated { expression: expression.clone(), stored });
            });
        }
        Option_::SetStatistics(it) => {
            let chosen = it.expr().and_then(|it| integer(it.syntax())).and_then(|it| i32::try_from(it).ok());
            change(session, target, &name, at, |column| column.statistics = chosen.filter(|target| *target >= 0));
        }
        Option_::SetStorage(it) => {
            let mode = storage_mode(it.storage_mode());
            change(session, target, &name, at, |column| column.storage = mode.clone());
        }
        Option_::SetCompression(it) => {
            let method = compression_method(it.compression_method_name());
            change(session, target, &name, at, |column| column.compression = method.clone());
        }
        Option_::SetOptions(it) => set_options(session, target, &name, at, it.attribute_list()),
        Option_::ResetOptions(it) => {
            let reset = options::names(it.attribute_list());
            change(session, target, &name, at, |column| column.options.retain(|option, _| !reset.contains(option)));
        }
        other => {
            let what = format!("`{}` of a column", session.text(other.syntax()));
            session.unmodelled(what, other.syntax());
        }
    }
}

fn set_options(
    session: &mut Session,
    target: &Target,
    name: &Ident,
    node: &SyntaxNode,
    list: Option<ast::AttributeList>,
) {
    let set = list.map(|list| options::attributes(&list)).unwrap_or_default();
    change_one(session, target, name, node, |column| column.options.extend(set));
}

/// Changes the column `name` of the target, and of all that inherits it unless `ONLY` says otherwise.
pub fn change(session: &mut Session, target: &Target, name: &Ident, node: &SyntaxNode, change: impl Fn(&mut Column)) {
    change_one(session, target, name, node, &change);
    if target.only {
        return;
    }
    for child in session.catalog.family(&target.name).into_iter().skip(1) {
        if let Some(column) = session.model.tables.get_mut(&child).and_then(|table| table.column_mut(name.as_str())) {
            change(column);
        }
    }
}

fn change_one(
    session: &mut Session,
    target: &Target,
    name: &Ident,
    node: &SyntaxNode,
    change: impl FnOnce(&mut Column),
) {
    match session.model.tables.get_mut(&target.name).and_then(|table| table.column_mut(name.as_str())) {
        Some(column) => change(column),
        None => missing(session, target, name, node),
    }
}

fn missing(session: &mut Session, target: &Target, name: &Ident, node: &SyntaxNode) {
    session.missing("column", format!("{}.{name}", target.name), node);
}

fn of_column<T>(session: &Session, target: &Target, name: &Ident, of: impl Fn(&Column) -> T) -> Option<T> {
    session.model.tables.get(&target.name)?.column(name.as_str()).map(of)
}

/// A new type takes the sequence of an identity along. Source: `transformAlterTableStmt`, `AT_AlterColumnType`.
fn set_type(session: &mut Session, target: &Target, name: &Ident, node: &ast::SetType) {
    let ty = datatype::of(session, node.ty());
    let collation = node.collate().and_then(|collate| indexes::collation(session, &collate));
    change(session, target, name, node.syntax(), |column| {
        column.ty = ty.clone();
        column.collation = collation.clone();
        if let Some(identity) = &mut column.identity {
            sequences::normalise(&mut identity.options, sequences::base(&ty));
        }
    });
}

fn drop_identity(session: &mut Session, target: &Target, name: &Ident, node: &SyntaxNode) {
    let Some(identity) = of_column(session, target, name, |column| column.identity.clone()) else {
        return missing(session, target, name, node);
    };
    if let Some(identity) = identity {
        drops::identity(session, &target.name, name, &identity);
    }
    change_one(session, target, name, node, |column| column.identity = None);
}

fn change_identity(
    session: &mut Session,
    target: &Target,
    name: &Ident,
    node: &SyntaxNode,
    change: impl FnOnce(&mut Session, &mut Identity),
) {
    let Some(Some(mut identity)) = of_column(session, target, name, |column| column.identity.clone()) else {
        return session.missing("identity of the column", format!("{}.{name}", target.name), node);
    };
    change(session, &mut identity);
    change_one(session, target, name, node, |column| column.identity = Some(identity));
}

fn sequence_option(session: &mut Session, target: &Target, name: &Ident, node: &ast::SetSequenceOption) {
    let Some(option) = node.sequence_option() else { return };
    let ty = of_column(session, target, name, |column| sequences::base(&column.ty)).unwrap_or("bigint");
    change_identity(session, target, name, node.syntax(), |session, identity| {
        sequences::option_of_identity(session, &mut identity.options, &option);
        sequences::normalise(&mut identity.options, ty);
    });
}
