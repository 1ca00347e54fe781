//! Sequences, those of their own and those behind serial and identity columns.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::session::Session;
use super::tree::{ident, integer, parts, written};
use super::{datatype, default_privileges, renames};
use crate::model::Sql;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name, default_name};
use crate::model::sequence::{Sequence, SequenceOptions};
use crate::model::table::Identity;

/// Runs CREATE SEQUENCE.
pub fn create(session: &mut Session, statement: &ast::CreateSequence) {
    let node = statement.syntax();
    let Some(named) = statement.sequence() else { return };
    if matches!(statement.persistence(), Some(ast::Persistence::Temp(_))) {
        session.leave_out("temporary object".to_owned(), node);
        return session.skip("temporary object");
    }
    let name = session.new_name(named.syntax());
    let id = ObjectId::Sequence(name.clone());
    if !session.is_free(&name, &id, statement.if_not_exists().is_some(), node) {
        return;
    }
    let mut sequence = Sequence::new();
    sequence.unlogged = matches!(statement.persistence(), Some(ast::Persistence::Unlogged(_)));
    sequence.hints = session.hints(node);
    for option in statement.sequence_options() {
        apply(session, &mut sequence, &option);
    }
    normalise(&mut sequence.options, "bigint");
    session.created(id, node);
    session.catalog.add(name.clone(), Relation::Sequence);
    session.model.sequences.insert(name, sequence);
}

/// Runs ALTER SEQUENCE.
pub fn alter(session: &mut Session, statement: &ast::AlterSequence) {
    let Some(named) = statement.sequence_ref() else { return };
    let mut name = session.relation_name(named.syntax());
    for action in statement.actions() {
        if let Some(Relation::Identity(table, column)) = session.catalog.relation(&name).cloned() {
            alter_identity(session, &table, &column, &action);
            continue;
        }
        let Some(mut sequence) = session.model.sequences.get(&name).cloned() else {
            if statement.if_exists().is_none() {
                session.missing("sequence", &name, named.syntax());
            }
            return;
        };
        match &action {
            ast::AlterSequenceAction::SequenceOption(option) => apply(session, &mut sequence, option),
            ast::AlterSequenceAction::SetLogged(_) => sequence.unlogged = false,
            ast::AlterSequenceAction::SetUnlogged(_) => sequence.unlogged = true,
            ast::AlterSequenceAction::OwnerTo(owner) => session.owned(owner.syntax()),
            ast::AlterSequenceAction::SequenceRenameTo(it) => {
                let Some(new) = it.sequence() else { continue };
                let new = name.sibling(written(new.syntax()).name.as_str());
                renames::sequence(session, &name, &new);
                name = new;
                continue;
            }
            ast::AlterSequenceAction::SetSchema(it) => {
                let Some(schema) = it.schema_ref() else { continue };
                let new = Name::qualified(ident(schema.syntax()).as_str(), name.name.as_str());
                renames::sequence(session, &name, &new);
                name = new;
                continue;
            }
        }
        normalise(&mut sequence.options, "bigint");
        session.model.sequences.insert(name.clone(), sequence);
    }
}

/// An identity's sequence is altered like any other; its name and owner are the column's.
fn alter_identity(session: &mut Session, table: &Name, column: &Ident, action: &ast::AlterSequenceAction) {
    match action {
        ast::AlterSequenceAction::OwnerTo(owner) => session.owned(owner.syntax()),
        ast::AlterSequenceAction::SequenceOption(option) => {
            let found = session.model.tables.get(table).and_then(|table| table.column(column.as_str()));
            let Some((ty, Some(mut identity))) = found.map(|column| (column.ty.clone(), column.identity.clone()))
            else {
                return;
            };
            option_of_identity(session, &mut identity.options, option);
            normalise(&mut identity.options, base(&ty));
            if let Some(column) =
                session.model.tables.get_mut(table).and_then(|table| table.column_mut(column.as_str()))
            {
                column.identity = Some(identity);
            }
        }
        other => session.unmodelled("this change of the sequence behind an identity column", other.syntax()),
    }
}

/// Makes the sequence behind a serial column; the expression is the column's default.
/// Source: `generateSerialExtraStmts` in `src/backend/parser/parse_utilcmd.c`.
pub fn serial(session: &mut Session, table: &Name, column: &Ident, ty: &str, node: &SyntaxNode) -> Sql {
    let name = session.catalog.choose_relation(table, column.as_str(), "seq", false);
    let name = table.sibling(name.as_str());
    let mut sequence = Sequence::new();
    sequence.options.ty = (ty != "bigint").then(|| datatype::builtin(ty));
    sequence.owned_by = Some((table.clone(), column.clone()));
    sequence.unlogged = session.model.tables.get(table).is_some_and(|table| table.unlogged);
    session.created(ObjectId::Sequence(name.clone()), node);
    session.catalog.add(name.clone(), Relation::Sequence);
    let default = format!("nextval('{}'::regclass)", name.to_string().replace('\'', "''"));
    session.model.sequences.insert(name, sequence);
    Sql::new(default)
}

/// The options of an identity column of type `ty`, whose sequence takes its name.
pub fn identity(
    session: &mut Session,
    table: &Name,
    column: &Ident,
    ty: &DataType,
    list: Option<ast::SequenceOptionList>,
) -> SequenceOptions {
    let mut options = SequenceOptions::default();
    for option in list.into_iter().flat_map(|list| list.sequence_options()) {
        option_of_identity(session, &mut options, &option);
    }
    normalise(&mut options, base(ty));
    let chosen = table.sibling(session.catalog.choose_relation(table, column.as_str(), "seq", false).as_str());
    options.name = options.name.filter(|name| *name != chosen);
    let name = options.name.clone().unwrap_or(chosen);
    session.catalog.add(name.clone(), Relation::Identity(table.clone(), column.clone()));
    default_privileges::give_to(session, &ObjectId::Sequence(name));
    options
}

/// Applies one option to the sequence of an identity column.
pub fn option_of_identity(session: &mut Session, options: &mut SequenceOptions, option: &ast::SequenceOption) {
    let mut sequence = Sequence { options: std::mem::take(options), ..Sequence::new() };
    apply(session, &mut sequence, option);
    *options = sequence.options;
}

/// Applies one option to a sequence, whose options have to be normalised afterwards.
fn apply(session: &mut Session, sequence: &mut Sequence, option: &ast::SequenceOption) {
    let number = |expr: Option<ast::Expr>| expr.and_then(|expr| integer(expr.syntax()));
    let options = &mut sequence.options;
    match option {
        ast::SequenceOption::OptionAsType(it) => options.ty = Some(datatype::of(session, it.ty())),
        ast::SequenceOption::OptionCache(it) => options.cache = number(it.expr()),
        ast::SequenceOption::OptionIncrement(it) => options.increment = number(it.expr()),
        ast::SequenceOption::OptionStart(it) => options.start = number(it.expr()),
        ast::SequenceOption::OptionMinValue(it) => options.min = number(it.expr()),
        ast::SequenceOption::OptionMaxValue(it) => options.max = number(it.expr()),
        ast::SequenceOption::OptionNoMinValue(_) => options.min = None,
        ast::SequenceOption::OptionNoMaxValue(_) => options.max = None,
        ast::SequenceOption::OptionCycle(_) => options.cycle = true,
        ast::SequenceOption::OptionNoCycle(_) => options.cycle = false,
        ast::SequenceOption::OptionSequenceName(it) => {
            options.name = it.sequence().map(|name| session.new_name(name.syntax()));
        }
        ast::SequenceOption::OptionOwnedBy(it) => sequence.owned_by = owner(session, it),
        ast::SequenceOption::OptionLogged(_) => sequence.unlogged = false,
        ast::SequenceOption::OptionUnlogged(_) => sequence.unlogged = true,
        ast::SequenceOption::OptionRestart(_) => session.skip("RESTART of a sequence"),
    }
}

fn owner(session: &mut Session, option: &ast::OptionOwnedBy) -> Option<(Name, Ident)> {
    let ast::OwnedByTarget::QualifiedColumnNameRef(target) = option.owned_by_target()? else { return None };
    let mut path = parts(target.syntax());
    let column = path.pop()?;
    let name = path.pop()?;
    let table = session
        .find(&super::tree::Written { schema: path.pop(), name }, |name| session.model.tables.contains_key(name));
    let known = session.model.tables.get(&table).is_some_and(|table| table.column(column.as_str()).is_some());
    if !known {
        session.missing("column", format!("{table}.{column}"), target.syntax());
        return None;
    }
    Some((table, column))
}

/// The name of an integer type, as the defaults of a sequence depend on it.
pub fn base(ty: &DataType) -> &'static str {
    match ty.scalar_builtin() {
        Some("smallint") => "smallint",
        Some("integer") => "integer",
        _ => "bigint",
    }
}

/// Leaves out what are PostgreSQL's defaults; `own` is the type that needs not be said.
/// Source: `init_params` in `src/backend/commands/sequence.c`.
pub fn normalise(options: &mut SequenceOptions, own: &'static str) {
    let ty = options.ty.as_ref().map_or(own, base);
    let (least, greatest) = match ty {
        "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
        "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    options.ty = options.ty.take().filter(|_| ty != own);
    options.increment = options.increment.filter(|increment| *increment != 1);
    let ascending = options.increment.unwrap_or(1) > 0;
    let (min, max) = if ascending { (1, greatest) } else { (least, -1) };
    options.min = options.min.filter(|value| *value != min);
    options.max = options.max.filter(|value| *value != max);
    let first = if ascending { options.min.unwrap_or(min) } else { options.max.unwrap_or(max) };
    options.start = options.start.filter(|start| *start != first);
    options.cache = options.cache.filter(|cache| *cache != 1);
}

/// The name of the sequence behind an identity column.
pub fn identity_name(session: &Session, table: &Name, column: &Ident, identity: &Identity) -> Name {
    let is_its =
        |relation: &Relation| matches!(relation, Relation::Identity(of, name) if of == table && name == column);
    let in_schema =
        || session.catalog.in_schema(&table.schema).find(|(_, it)| is_its(it)).map(|(name, _)| name.clone());
    let default = || table.sibling(default_name(table.name.as_str(), column.as_str(), "seq").as_str());
    identity.options.name.clone().or_else(in_schema).unwrap_or_else(default)
}
