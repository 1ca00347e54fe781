//! The views of iterations: what the templates of migrations and timelines get.

use serde::{Deserialize, Serialize};

use super::migration::HazardView;
use crate::diff::Loss;

/// One iteration of a module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IterationView {
    /// The project's name.
    pub project: String,
    /// The module's name, as it is now.
    pub module: String,
    /// The iteration's number, from 1.
    pub number: u32,
    /// What it does.
    pub step: StepView,
}

/// What a step does: nothing of its commit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// The first digits of the edge's id.
    pub edge: String,
    /// The first digits of the state that it begins with; none for nothing.
    pub from: Option<String>,
    /// The first digits of the state that it leads to; none for nothing.
    pub to: Option<String>,
    /// A name for files: `add_accounts_phone`.
    pub name: String,
    /// What it changes, in a line.
    pub short: String,
    /// What it changes, one by one.
    pub deeds: Vec<String>,
    /// What the way there may do to live data or traffic.
    pub hazards: Vec<HazardView>,
    /// The statements of the way there.
    pub up: WayView,
    /// The statements of the way back.
    pub down: WayView,
    /// The diagram of what it touches, before; none where there is nothing to see.
    pub before: Option<String>,
    /// The diagram of what it touches, after.
    pub after: Option<String>,
    /// Where it may lose data for want of a hint in the schema files.
    pub losses: Vec<Loss>,
}

/// Statements that lead from one state to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WayView {
    /// Whether all of them may run in one transaction.
    pub together: bool,
    /// The statements, in groups that run one after the other.
    pub groups: Vec<WayGroup>,
}

/// Statements that run together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WayGroup {
    /// Whether they run in one transaction; else the one statement runs in none.
    pub transaction: bool,
    /// The statements.
    pub statements: Vec<WayStatement>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WayStatement {
    /// Its text, without a final semicolon.
    pub sql: String,
    /// What a reader should know, to stand above it.
    pub notes: Vec<String>,
    /// What it may do to live data or traffic.
    pub hazards: Vec<HazardView>,
}

/// The timeline of a module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimelineView {
    /// The project's name.
    pub project: String,
    /// The module's name.
    pub module: String,
    /// What people call it.
    pub title: String,
    /// Its iterations, the newest first.
    pub iterations: Vec<TimelineItem>,
}

/// An iteration in a timeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimelineItem {
    /// Its number.
    pub number: u32,
    /// What it does.
    pub step: StepView,
    /// Its commit; none for the last one, of which it is not known before it is made.
    pub commit: Option<CommitView>,
}

/// A commit, without what a rebase changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommitView {
    /// Its subject.
    pub subject: String,
    /// Who wrote it.
    pub author: String,
    /// The day on which it was written, where it was written.
    pub date: String,
}
