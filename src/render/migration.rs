//! The view of a plan: what the templates of a migration get.

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, Statement};

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanView {
    /// Its statements, in groups that run one after the other.
    pub groups: Vec<GroupView>,
}

/// Statements that run together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupView {
    /// Whether they run in one transaction; else the one statement runs in none.
    pub transaction: bool,
    /// The statements.
    pub statements: Vec<StatementView>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatementView {
    /// Its text, without a final semicolon.
    pub sql: String,
    /// The change that it is for.
    pub reason: String,
    /// What it may do to live data or traffic.
    pub hazards: Vec<HazardView>,
    /// The lock that it takes: `ACCESS EXCLUSIVE on accounts`.
    pub lock: Option<String>,
}

/// A hazard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HazardView {
    /// Its kind: `delete-data`.
    pub kind: String,
    /// What happens to which table.
    pub message: String,
}

impl PlanView {
    /// The view of `plan`.
    pub fn new(plan: &Plan) -> PlanView {
        PlanView { groups: plan.statements.chunk_by(|a, b| a.group == b.group).map(group).collect() }
    }
}

fn group(statements: &[Statement]) -> GroupView {
    let transaction = statements.iter().all(|statement| statement.transactional);
    GroupView { transaction, statements: statements.iter().map(statement).collect() }
}

fn statement(statement: &Statement) -> StatementView {
    let hazard =
        |hazard: &crate::plan::Hazard| HazardView { kind: hazard.kind.to_string(), message: hazard.message.clone() };
    StatementView {
        sql: statement.sql.clone(),
        reason: statement.reason.clone(),
        hazards: statement.hazards.iter().map(hazard).collect(),
        lock: statement.lock.as_ref().map(|lock| format!("{} on {}", lock.mode.name(), lock.table)),
    }
}
