//! CREATE TABLE.

use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::columns::{self, Defined};
use super::constraints::{self, Pending};
use super::session::Session;
use super::tree::{has, ident_of};
use super::{indexes, inheritance, like, options, partitions};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{PartitionBy, Table};

/// Runs CREATE TABLE.
pub fn create(session: &mut Session, statement: &ast::CreateTable) {
    let node = statement.syntax();
    let Some(named) = statement.table_name() else { return };
    if matches!(statement.persistence(), Some(ast::Persistence::Temp(_))) {
        return session.skip("temporary object");
    }
    let name = session.new_name(named.syntax());
    let id = ObjectId::Table(name.clone());
    if !session.is_free(&name, &id, statement.if_not_exists().is_some(), node) {
        return;
    }
    session.created(id, node);
    let table = Table {
        hints: session.hints(node),
        unlogged: matches!(statement.persistence(), Some(ast::Persistence::Unlogged(_))),
        ..Table::default()
    };
    session.model.tables.insert(name.clone(), table);
    session.catalog.add(name.clone(), Relation::Table);
    inherit(session, &name, statement);
    let pending = elements(session, &name, statement.table_arg_list());
    let partition_by = statement.partition_by().map(|it| partition_by(session, &it));
    if let Some(table) = session.model.tables.get_mut(&name) {
        table.partition_by = partition_by;
    }
    constraints::add_all(session, &name, pending);
    like::indexes(session, &name, statement.table_arg_list());
    parameters(session, &name, statement);
}

/// Takes over the columns of the tables that a new one inherits from, or is a partition of.
fn inherit(session: &mut Session, name: &Name, statement: &ast::CreateTable) {
    if let Some(parents) = statement.inherits() {
        for parent in parents.table_name_refs() {
            inheritance::inherit(session, name, &parent);
        }
    }
    if let Some(parent) = statement.partition_of().and_then(|it| it.table_name_ref()) {
        partitions::create(session, name, &parent, statement.partition_type());
    }
    if let Some(of_type) = statement.of_type() {
        session.unmodelled("`OF` a composite type", of_type.syntax());
    }
}

/// Reads what stands in the parentheses; constraints wait until all columns are known.
fn elements(session: &mut Session, name: &Name, list: Option<ast::TableArgList>) -> Vec<Pending> {
    let mut pending = Vec::new();
    for element in list.into_iter().flat_map(|list| list.args()) {
        match element {
            ast::TableArg::Column(column) => pending.extend(column_of(session, name, &column)),
            ast::TableArg::LikeClause(clause) => pending.extend(like::columns(session, name, &clause)),
            ast::TableArg::TableConstraint(constraint) => {
                let Some(constraint) = ast::Constraint::cast(constraint.syntax().clone()) else { continue };
                match &constraint {
                    ast::Constraint::NotNullConstraint(it) => not_null(session, name, it),
                    other => pending.extend(constraints::read(session, None, other)),
                }
            }
        }
    }
    pending
}

/// Defines a column, or overrides one that the table inherits. Answers its constraints.
fn column_of(session: &mut Session, table: &Name, node: &ast::Column) -> Vec<Pending> {
    let Some(name) = ident_of(node.name()) else { return Vec::new() };
    let known = session.model.tables.get(table).and_then(|table| table.column(name.as_str())).cloned();
    let is_partition = session.model.tables.get(table).is_some_and(|table| table.partition_of.is_some());
    let defined = match known {
        Some(column) if column.inherited || is_partition => {
            let mut defined = Defined { column, constraints: Vec::new() };
            defined.column.hints = session.hints(node.syntax());
            defined.column.inherited = false;
            columns::clauses(session, table, &mut defined, node.syntax());
            defined
        }
        Some(_) => {
            session.duplicate(&ObjectId::Column(table.clone(), name), node.syntax());
            return Vec::new();
        }
        None => columns::define(session, table, name, node.ty(), node.syntax()),
    };
    put(session, table, defined)
}

/// Puts a column into its table, in place of one of its name. Answers its constraints.
pub fn put(session: &mut Session, table: &Name, defined: Defined) -> Vec<Pending> {
    if let Some(table) = session.model.tables.get_mut(table) {
        match table.column_mut(defined.column.name.as_str()) {
            Some(known) => *known = defined.column,
            None => table.columns.push(defined.column),
        }
    }
    defined.constraints
}

/// `NOT NULL column` as a table constraint (PostgreSQL 18).
fn not_null(session: &mut Session, table: &Name, node: &ast::NotNullConstraint) {
    let Some(name) = ident_of(node.column_name_ref()) else { return };
    match session.model.tables.get_mut(table).and_then(|table| table.column_mut(name.as_str())) {
        Some(column) => column.not_null = true,
        None => session.missing("column", format!("{table}.{name}"), node.syntax()),
    }
}

/// Reads `PARTITION BY`.
fn partition_by(session: &Session, node: &ast::PartitionBy) -> PartitionBy {
    let strategy = ident_of(node.partition_strategy()).unwrap_or_else(|| Ident::new("range"));
    let elements = indexes::elements(session, node.partition_item_list());
    PartitionBy {
        strategy: strategy.as_str().to_owned(),
        elements: elements.into_iter().map(|element| element.element).collect(),
    }
}

/// Reads what follows the parentheses: storage parameters, access method, tablespace.
fn parameters(session: &mut Session, name: &Name, statement: &ast::CreateTable) {
    if let Some(ast::TableParams::WithParams(parameters)) = statement.table_params() {
        let mut options = options::map(session, Some(parameters));
        if options.remove("oids").is_some_and(|value| value == "true") {
            session.unmodelled("`WITH OIDS`", statement.syntax());
        }
        if let Some(table) = session.model.tables.get_mut(name) {
            table.options = options;
        }
    }
    if statement.tablespace_clause().is_some() {
        session.skip("TABLESPACE");
    }
    if let Some(method) = statement.using_method().filter(|it| !has_method(it, "heap")) {
        session.unmodelled("an access method of a table", method.syntax());
    }
}

fn has_method(using: &ast::UsingMethod, name: &str) -> bool {
    ident_of(using.access_method_ref()).is_some_and(|method| method.as_str() == name)
}

/// Runs CREATE TABLE AS, whose columns only a server knows.
pub fn create_as(session: &mut Session, statement: &ast::CreateTableAs) {
    match statement.persistence() {
        Some(ast::Persistence::Temp(_)) => session.skip("temporary object"),
        _ => session.unmodelled("`CREATE TABLE … AS`, whose columns only the server knows,", statement.syntax()),
    }
}

/// Whether `ONLY` stands before a table's name.
pub fn is_only(target: &ast::TableRelationName) -> bool {
    has(target.syntax(), SyntaxKind::ONLY_KW)
}
