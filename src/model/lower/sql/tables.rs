//! CREATE TABLE.

use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::columns::{self, Defined};
use super::constraints::{self, Pending};
use super::session::Session;
use super::tree::{child, has, ident_of};
use super::{datatype, indexes, inheritance, like, options, partitions};
use crate::diagnostic::Diagnostic;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, PartitionBy, Table};
use crate::model::types::{Attribute, TypeKind};

/// Runs CREATE TABLE.
pub fn create(session: &mut Session, statement: &ast::CreateTable) {
    let node = statement.syntax();
    let Some(named) = statement.table_name() else { return };
    let persistence = child::<ast::Persistence>(node);
    if matches!(persistence, Some(ast::Persistence::Temp(_))) {
        session.leave_out("temporary object".to_owned(), node);
        return session.skip("temporary object");
    }
    let name = session.new_name(named.syntax());
    let id = ObjectId::Table(name.clone());
    if !session.is_free(&name, &id, has(node, SyntaxKind::IF_NOT_EXISTS), node) {
        return;
    }
    session.created(id, node);
    let table = Table {
        hints: session.hints(node),
        unlogged: matches!(persistence, Some(ast::Persistence::Unlogged(_))),
        ..Table::default()
    };
    session.model.tables.insert(name.clone(), table);
    session.catalog.add(name.clone(), Relation::Table);
    inherit(session, &name, statement);
    let list = statement.table_arg_list();
    let is_shaped = child::<ast::OfType>(node).is_some();
    let mut pending = elements(session, &name, list.as_ref(), is_shaped);
    // A new table has no rows that NOT VALID could leave out. Source: `transformCheckConstraints` in `parse_utilcmd.c`.
    pending.iter_mut().for_each(|it| it.constraint.not_valid = false);
    if let Some(by) = child(node) {
        let by = partition_by(session, &by);
        if let Some(table) = session.model.tables.get_mut(&name) {
            table.partition_by = Some(by);
        }
    }
    constraints::add_all(session, &name, pending);
    partitions::validate(session, &name);
    if list.as_ref().is_some_and(|list| has(list.syntax(), SyntaxKind::LIKE_CLAUSE)) {
        like::indexes(session, &name, list);
    }
    parameters(session, &name, statement);
}

/// Takes over the columns of the tables that a new one inherits from, or is a partition of.
fn inherit(session: &mut Session, name: &Name, statement: &ast::CreateTable) {
    let node = statement.syntax();
    if let Some(parents) = child::<ast::Inherits>(node) {
        for parent in parents.table_name_refs() {
            inheritance::inherit(session, name, &parent);
        }
    }
    if let Some(parent) = child::<ast::PartitionOf>(node).and_then(|it| it.table_name_ref()) {
        partitions::create(session, name, &parent, statement.partition_type());
    }
    if let Some(of_type) = child::<ast::OfType>(node) {
        shape(session, name, &of_type);
    }
}

/// Takes over the fields of a composite type as columns. That the table stays one of that type is not modelled.
fn shape(session: &mut Session, name: &Name, node: &ast::OfType) {
    let ty = datatype::of(session, node.ty());
    let known = ty.user_type().and_then(|name| session.model.types.get(name)).map(|found| &found.kind);
    let Some(TypeKind::Composite(fields)) = known else {
        return session.missing("composite type", &ty, node.syntax());
    };
    let column = |field: &Attribute| Column {
        collation: field.collation.clone(),
        ..Column::new(field.name.as_str(), field.ty.clone())
    };
    let columns: Vec<Column> = fields.iter().map(column).collect();
    for column in &columns {
        session.origin(ObjectId::Column(name.clone(), column.name.clone()), node.syntax());
    }
    if let Some(table) = session.model.tables.get_mut(name) {
        table.columns = columns;
    }
    let message =
        format!("`OF` is not modelled: `{name}` gets the columns of `{ty}`, and does not follow it any further");
    session.diagnostics.push(Diagnostic::warning("not-modelled", session.span(node.syntax()), message));
}

/// A table whose columns are being defined: they are not in the model yet.
struct New<'n> {
    name: &'n Name,
    /// Whether it is a partition or has the fields of a type, and says more about columns that it has.
    is_shaped: bool,
    columns: Vec<Column>,
}

/// Reads what stands in the parentheses; constraints wait until all columns are known.
fn elements(session: &mut Session, name: &Name, list: Option<&ast::TableArgList>, is_shaped: bool) -> Vec<Pending> {
    let (Some(list), Some(table)) = (list, session.model.tables.get_mut(name)) else { return Vec::new() };
    let is_shaped = is_shaped || table.partition_of.is_some();
    let mut new = New { name, is_shaped, columns: std::mem::take(&mut table.columns) };
    // Between two of them stands a comma.
    new.columns.reserve(list.syntax().green().children().len().div_ceil(2));
    let pending = list.args().flat_map(|element| new.element(session, element)).collect();
    if let Some(table) = session.model.tables.get_mut(name) {
        table.columns = new.columns;
    }
    pending
}

impl New<'_> {
    fn element(&mut self, session: &mut Session, element: ast::TableArg) -> Vec<Pending> {
        match element {
            ast::TableArg::Column(column) => self.column(session, &column),
            ast::TableArg::LikeClause(clause) => like::columns(session, self.name, &mut self.columns, &clause),
            ast::TableArg::TableConstraint(constraint) => {
                match ast::Constraint::cast(constraint.syntax().clone()) {
                    Some(ast::Constraint::NotNullConstraint(it)) => self.not_null(session, &it),
                    Some(other) => return constraints::read(session, None, &other).into_iter().collect(),
                    None => {}
                }
                Vec::new()
            }
        }
    }

    /// Defines a column, or overrides one that the table inherits. Answers its constraints.
    fn column(&mut self, session: &mut Session, node: &ast::Column) -> Vec<Pending> {
        let Some(name) = ident_of(node.name()) else { return Vec::new() };
        let Some(at) = self.columns.iter().position(|column| column.name == name) else {
            let Defined { column, constraints } = columns::define(session, self.name, name, node.ty(), node.syntax());
            self.columns.push(column);
            return constraints;
        };
        if !self.columns[at].inherited && !self.is_shaped {
            session.duplicate(&ObjectId::Column(self.name.clone(), name), node.syntax());
            return Vec::new();
        }
        let mut defined = Defined { column: self.columns[at].clone(), constraints: Vec::new() };
        defined.column.hints = session.hints(node.syntax());
        defined.column.inherited = false;
        columns::clauses(session, self.name, &mut defined, node.syntax());
        self.columns[at] = defined.column;
        defined.constraints
    }

    /// `NOT NULL column` as a table constraint (PostgreSQL 18).
    fn not_null(&mut self, session: &mut Session, node: &ast::NotNullConstraint) {
        let Some(name) = ident_of(node.column_name_ref()) else { return };
        match self.columns.iter_mut().find(|column| column.name == name) {
            Some(column) => column.not_null = true,
            None => session.missing("column", format!("{}.{name}", self.name), node.syntax()),
        }
    }
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
    let node = statement.syntax();
    if let Some(ast::TableParams::WithParams(parameters)) = child(node) {
        let mut options = options::map(Some(parameters));
        if options.remove("oids").is_some_and(|value| value == "true") {
            session.unmodelled("`WITH OIDS`", statement.syntax());
        }
        if let Some(table) = session.model.tables.get_mut(name) {
            table.options = options;
        }
    }
    if has(node, SyntaxKind::TABLESPACE_CLAUSE) {
        session.skip("TABLESPACE");
    }
    if let Some(method) = child(node).filter(|it| !has_method(it, "heap")) {
        session.unmodelled("an access method of a table", method.syntax());
    }
}

fn has_method(using: &ast::UsingMethod, name: &str) -> bool {
    ident_of(using.access_method_ref()).is_some_and(|method| method.as_str() == name)
}

/// Runs CREATE TABLE AS, whose columns only a server knows.
pub fn create_as(session: &mut Session, statement: &ast::CreateTableAs) {
    match statement.persistence() {
        Some(ast::Persistence::Temp(_)) => {
            session.leave_out("temporary object".to_owned(), statement.syntax());
            session.skip("temporary object");
        }
        _ => session.unmodelled("`CREATE TABLE … AS`, whose columns only the server knows,", statement.syntax()),
    }
}

/// Whether `ONLY` stands before a table's name.
pub fn is_only(target: &ast::TableRelationName) -> bool {
    has(target.syntax(), SyntaxKind::ONLY_KW)
}
