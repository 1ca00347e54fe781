//! SQL files to a model: the statements are run, in order, against a database that exists only as a model.
//!
//! A [`Session`](session) holds what is known so far. One flat dispatcher, [`execute`], hands each statement to the
//! file of its family. What has no meaning for a schema is counted; what has one and does not fit is reported.

mod alter_column;
mod alter_table;
mod catalog;
mod columns;
mod comments;
mod constraints;
mod datatype;
mod default_privileges;
mod domains;
mod drops;
mod expr;
mod finish;
mod grants;
pub mod implied;
mod indexes;
mod inheritance;
mod like;
mod options;
mod others;
mod partition_indexes;
mod partitions;
mod policies;
mod qualify;
mod renames;
mod routines;
mod schemas;
mod sequences;
mod session;
mod settings;
mod tables;
mod tree;
mod triggers;
mod types;
mod views;

#[cfg(test)]
mod tests;

use squawk_syntax::ast::{self, AstNode};

use super::Lowered;
use crate::diagnostic::Diagnostic;
use crate::syntax::sql::SqlFile;
use session::Session;

/// Runs the statements of `files`, in order, and answers what they describe.
///
/// The diagnostics are those of the files' syntax, then those of lowering.
pub fn lower(files: &[SqlFile]) -> Lowered {
    let Some(first) = files.first() else { return Lowered::default() };
    let mut session = Session::new(first);
    for file in files {
        session.open(file);
        for (kind, count) in &file.skipped {
            *session.skipped.entry(kind.clone()).or_default() += count;
        }
        for statement in file.statements() {
            let before = session.diagnostics.len();
            execute(&mut session, &statement.tree);
            if statement.broken {
                session.diagnostics.truncate(before);
            }
        }
        session.report_unused_hints();
        session.report_left_out();
    }
    finish::run(&mut session);
    let Session { model, origins, diagnostics: found, skipped, .. } = session;
    let mut diagnostics: Vec<Diagnostic> = files.iter().flat_map(|file| &file.diagnostics).cloned().collect();
    diagnostics.extend(found);
    Lowered { model, origins, diagnostics, skipped }
}

/// Runs one statement.
fn execute(session: &mut Session, statement: &ast::Stmt) {
    use ast::Stmt as S;
    match statement {
        S::CreateTable(it) => tables::create(session, it),
        S::CreateTableAs(it) => tables::create_as(session, it),
        S::AlterTable(it) => alter_table::run(session, it),
        S::CreateIndex(it) => indexes::create(session, it),
        S::AlterIndex(it) => indexes::alter(session, it),
        S::Cluster(it) => indexes::cluster(session, it),
        S::CreateSequence(it) => sequences::create(session, it),
        S::AlterSequence(it) => sequences::alter(session, it),
        S::CreateType(it) => types::create(session, it),
        S::AlterType(it) => types::alter(session, it),
        S::CreateDomain(it) => domains::create(session, it),
        S::AlterDomain(it) => domains::alter(session, it),
        S::CreateView(it) => views::create(session, it),
        S::AlterView(it) => views::alter(session, it),
        S::CreateMaterializedView(it) => views::create_materialized(session, it),
        S::AlterMaterializedView(it) => views::alter_materialized(session, it),
        S::CreateFunction(it) => routines::create_function(session, it),
        S::CreateProcedure(it) => routines::create_procedure(session, it),
        S::AlterFunction(it) => {
            let (named, action) = (it.function_sig(), it.action());
            routines::alter(session, named.as_ref().map(AstNode::syntax), action.as_ref().map(AstNode::syntax));
        }
        S::AlterProcedure(it) => {
            let (named, action) = (it.procedure_sig(), it.action());
            routines::alter(session, named.as_ref().map(AstNode::syntax), action.as_ref().map(AstNode::syntax));
        }
        S::AlterRoutine(it) => {
            let (named, action) = (it.routine_sig(), it.action());
            routines::alter(session, named.as_ref().map(AstNode::syntax), action.as_ref().map(AstNode::syntax));
        }
        S::CreateTrigger(it) => triggers::create(session, it),
        S::AlterTrigger(it) => triggers::alter(session, it),
        S::CreatePolicy(it) => policies::create(session, it),
        S::AlterPolicy(it) => policies::alter(session, it),
        S::Grant(it) => grants::grant(session, it),
        S::Revoke(it) => grants::revoke(session, it),
        S::AlterDefaultPrivileges(it) => default_privileges::alter(session, it),
        S::CommentOn(it) => comments::run(session, it),
        S::CreateSchema(it) => schemas::create(session, it),
        S::AlterSchema(it) => schemas::alter(session, it),
        S::CreateExtension(it) => schemas::create_extension(session, it),
        S::AlterExtension(it) => schemas::alter_extension(session, it),
        S::Set(it) => settings::set(session, it),
        S::Reset(it) => settings::reset(session, it),
        S::Select(it) => settings::select(session, it),
        S::Do(it) => settings::run_block(session, it),
        S::EmptyStmt(_) => {}
        other if is_noise(other) => {
            session.skip(&kind(other));
            if is_content(other) {
                session.leave_out(kind(other), other.syntax());
            }
        }
        other => {
            let known = drops::run(session, other)
                || others::create(session, other)
                || others::alter(session, other)
                || others::drop_statement(session, other);
            if !known {
                let what = format!("`{}`", kind(other));
                session.unmodelled(what, other.syntax());
            }
        }
    }
}

/// The statement's kind as SQL spells it: `ALTER ROLE`.
fn kind(statement: &ast::Stmt) -> String {
    format!("{:?}", statement.syntax().kind()).replace('_', " ")
}

/// Whether a statement has no meaning for a schema: it is about data, the session, roles, or the whole server.
fn is_noise(statement: &ast::Stmt) -> bool {
    use ast::Stmt as S;
    let asks = matches!(
        statement,
        S::Values(_) | S::Table(_) | S::CompoundSelect(_) | S::ParenSelect(_) | S::Explain(_) | S::Refresh(_)
    );
    let of_session = matches!(
        statement,
        S::Begin(_)
            | S::Commit(_)
            | S::Rollback(_)
            | S::SavepointCreate(_)
            | S::ReleaseSavepoint(_)
            | S::PrepareTransaction(_)
            | S::SetConstraints(_)
            | S::SetTransaction(_)
            | S::SetRole(_)
            | S::ResetRole(_)
            | S::SetSessionAuth(_)
            | S::ResetSessionAuth(_)
            | S::Show(_)
            | S::Discard(_)
            | S::Lock(_)
            | S::Listen(_)
            | S::Unlisten(_)
            | S::Notify(_)
            | S::Declare(_)
            | S::Close(_)
            | S::Fetch(_)
            | S::Move(_)
            | S::Deallocate(_)
            | S::Load(_)
    );
    let upkeep = matches!(statement, S::Analyze(_) | S::Vacuum(_) | S::Reindex(_) | S::Checkpoint(_) | S::Repack(_));
    let labels = matches!(statement, S::Reassign(_) | S::AlterLargeObject(_) | S::SecurityLabel(_));
    asks || of_session || upkeep || labels || is_content(statement)
}

/// Whether a statement leaves something in the database or on the server that is no part of a schema: rows, roles.
fn is_content(statement: &ast::Stmt) -> bool {
    use ast::Stmt as S;
    let data =
        matches!(statement, S::Insert(_) | S::Update(_) | S::Delete(_) | S::Merge(_) | S::Copy(_) | S::Truncate(_));
    let of_server = matches!(
        statement,
        S::CreateRole(_)
            | S::AlterRole(_)
            | S::DropRole(_)
            | S::CreateUser(_)
            | S::AlterUser(_)
            | S::DropUser(_)
            | S::CreateGroup(_)
            | S::AlterGroup(_)
            | S::DropGroup(_)
            | S::CreateDatabase(_)
            | S::AlterDatabase(_)
            | S::DropDatabase(_)
            | S::CreateTablespace(_)
            | S::AlterTablespace(_)
            | S::DropTablespace(_)
            | S::AlterSystem(_)
    );
    data || of_server
}
