//! Views and materialized views.

use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::session::Session;
use super::tree::{has, ident_of, idents, written};
use super::{columns, indexes, options, renames};
use crate::model::Sql;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::relation::View;

/// Runs CREATE VIEW.
pub fn create(session: &mut Session, statement: &ast::CreateView) {
    let node = statement.syntax();
    let (Some(named), Some(query)) = (statement.view(), statement.query()) else { return };
    if matches!(statement.persistence(), Some(ast::Persistence::Temp(_))) {
        session.leave_out("temporary object".to_owned(), node);
        return session.skip("temporary object");
    }
    let name = session.new_name(named.syntax());
    let id = ObjectId::View(name.clone());
    let replaced = session.model.views.get(&name).filter(|view| !view.materialized && statement.or_replace().is_some());
    let replaced = replaced.cloned();
    if replaced.is_none() && !session.is_free(&name, &id, false, node) {
        return;
    }
    let mut view = View::new(query_text(session, query.syntax()));
    view.columns = statement.column_list().map(|list| idents(list.column_names())).unwrap_or_default();
    view.options = options::map(statement.with_params());
    if let Some(check) = statement.with_check_option() {
        let local = matches!(check.check_option_level(), Some(ast::CheckOptionLevel::LocalCheckOption(_)));
        view.options.insert("check_option".to_owned(), if local { "local" } else { "cascaded" }.to_owned());
    }
    if has(node, SyntaxKind::RECURSIVE_KW) {
        view.query = recursive(&name, &view);
        view.columns = Vec::new();
    }
    view.hints = session.hints(node);
    if let Some(old) = replaced {
        view.triggers = old.triggers;
        view.comment = old.comment;
        view.column_comments = old.column_comments;
        view.column_defaults = old.column_defaults;
    }
    session.created(id, node);
    session.catalog.add(name.clone(), Relation::View);
    session.model.views.insert(name, view);
}

/// Runs CREATE MATERIALIZED VIEW.
pub fn create_materialized(session: &mut Session, statement: &ast::CreateMaterializedView) {
    let node = statement.syntax();
    let (Some(named), Some(query)) = (statement.view(), statement.query()) else { return };
    let name = session.new_name(named.syntax());
    let id = ObjectId::View(name.clone());
    if !session.is_free(&name, &id, statement.if_not_exists().is_some(), node) {
        return;
    }
    let mut view = View::new(query_text(session, query.syntax()));
    view.materialized = true;
    view.columns = statement.column_list().map(|list| idents(list.column_names())).unwrap_or_default();
    view.options = options::map(statement.with_params());
    view.no_data = matches!(statement.data_option(), Some(ast::DataOption::WithNoData(_)));
    view.hints = session.hints(node);
    if statement.tablespace_clause().is_some() {
        session.skip("TABLESPACE");
    }
    let method = ident_of(statement.using_method().and_then(|it| it.access_method_ref()));
    if method.is_some_and(|method| method.as_str() != "heap") {
        session.unmodelled("an access method of a materialized view", node);
    }
    session.created(id, node);
    session.catalog.add(name.clone(), Relation::View);
    session.model.views.insert(name, view);
}

fn query_text(session: &Session, query: &squawk_syntax::SyntaxNode) -> Sql {
    let Sql(text) = session.sql(query);
    Sql::new(text.trim_end_matches(';').trim_end())
}

/// What CREATE RECURSIVE VIEW stands for. Source: CREATE VIEW, "RECURSIVE".
fn recursive(name: &Name, view: &View) -> Sql {
    let columns: Vec<String> = view.columns.iter().map(Ident::to_string).collect();
    let columns = columns.join(", ");
    let (name, query) = (&name.name, &view.query);
    Sql::new(format!("WITH RECURSIVE {name}({columns}) AS ({query}) SELECT {columns} FROM {name}"))
}

/// Runs ALTER VIEW.
pub fn alter(session: &mut Session, statement: &ast::AlterView) {
    let (Some(named), Some(action)) = (statement.view_ref(), statement.action()) else { return };
    let name = session.relation_name(named.syntax());
    let Some(view) = session.model.views.get_mut(&name) else {
        if statement.if_exists().is_none() {
            session.missing("view", &name, named.syntax());
        }
        return;
    };
    match action {
        ast::AlterViewAction::OwnerTo(owner) => session.owned(owner.syntax()),
        ast::AlterViewAction::SetOptions(it) => {
            if let Some(list) = it.attribute_list() {
                let set = options::attributes(&list);
                session.model.views.entry(name).and_modify(|view| view.options.extend(set));
            }
        }
        ast::AlterViewAction::ResetOptions(it) => {
            let reset = options::names(it.attribute_list());
            view.options.retain(|option, _| !reset.contains(option));
        }
        ast::AlterViewAction::RenameColumn(it) => renames::view_column(session, &name, &it),
        ast::AlterViewAction::ViewRenameTo(it) => {
            let Some(new) = it.view() else { return };
            renames::view(session, &name, &name.sibling(written(new.syntax()).name.as_str()));
        }
        ast::AlterViewAction::SetSchema(it) => {
            let Some(schema) = ident_of(it.schema_ref()) else { return };
            renames::view(session, &name, &Name::qualified(schema.as_str(), name.name.as_str()));
        }
        ast::AlterViewAction::AlterViewColumn(it) => {
            let Some(column) = ident_of(it.name()) else { return };
            let default = match it.alter_view_column_action() {
                Some(ast::AlterViewColumnAction::SetDefault(it)) => it.expr(),
                _ => None,
            };
            set_default(session, &name, column, default);
        }
    }
}

/// Sets the default of a view's column, or drops it.
pub fn set_default(session: &mut Session, name: &Name, column: Ident, default: Option<ast::Expr>) {
    let default = default.filter(|it| !columns::is_null(it)).map(|it| session.sql(it.syntax()));
    let Some(view) = session.model.views.get_mut(name) else { return };
    match default {
        Some(default) => drop(view.column_defaults.insert(column, default)),
        None => drop(view.column_defaults.remove(&column)),
    }
}

/// Runs ALTER MATERIALIZED VIEW.
pub fn alter_materialized(session: &mut Session, statement: &ast::AlterMaterializedView) {
    let Some(named) = statement.view_ref() else { return session.skip("TABLESPACE") };
    let name = session.relation_name(named.syntax());
    if !session.model.views.contains_key(&name) {
        if statement.if_exists().is_none() {
            session.missing("materialized view", &name, named.syntax());
        }
        return;
    }
    for action in statement.action() {
        use ast::AlterMaterializedViewAction as Action;
        use ast::AlterTableAction as TableAction;
        match action {
            Action::ViewRenameTo(it) => {
                let Some(new) = it.view() else { return };
                return renames::view(session, &name, &name.sibling(written(new.syntax()).name.as_str()));
            }
            Action::SetSchema(it) => {
                let Some(schema) = ident_of(it.schema_ref()) else { return };
                return renames::view(session, &name, &Name::qualified(schema.as_str(), name.name.as_str()));
            }
            Action::RenameColumn(it) => renames::view_column(session, &name, &it),
            Action::AlterTableAction(TableAction::OwnerTo(owner)) => session.owned(owner.syntax()),
            Action::AlterTableAction(TableAction::ClusterOn(it)) => indexes::cluster_on(session, &name, it.index_ref()),
            Action::AlterTableAction(TableAction::SetWithoutCluster(_)) => indexes::cluster_on(session, &name, None),
            Action::AlterTableAction(TableAction::SetOptions(it)) => {
                if let Some(list) = it.attribute_list() {
                    let set = options::attributes(&list);
                    session.model.views.entry(name.clone()).and_modify(|view| view.options.extend(set));
                }
            }
            Action::AlterTableAction(TableAction::ResetOptions(it)) => {
                let reset = options::names(it.attribute_list());
                let kept = |view: &mut View| view.options.retain(|option, _| !reset.contains(option));
                session.model.views.entry(name.clone()).and_modify(kept);
            }
            Action::AlterTableAction(TableAction::SetTablespace(_)) => session.skip("TABLESPACE"),
            other => session.unmodelled("this change of a materialized view", other.syntax()),
        }
    }
}
