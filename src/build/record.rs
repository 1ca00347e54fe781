//! What the last complete look found: enough to say it again when nothing changed since.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Report;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::disk::{atomic, frame};
use crate::output::Outcome;
use crate::path::RepoPath;

const MAGIC: &str = "forge record 2";
const FILE_NAME: &str = "last-build";

/// What the last build saw, found and left behind.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    inputs: Option<Digest>,
    /// The state in which it left the outputs.
    pub state: Digest,
    diagnostics: Vec<Diagnostic>,
    targets: Vec<(String, Vec<RepoPath>)>,
    unchanged: usize,
    kept: usize,
}

impl Record {
    /// The record of a build from `inputs` that left the outputs in `state`.
    pub fn of(inputs: Option<Digest>, state: Digest, report: &Report) -> Record {
        Record {
            // What writing found may be gone the next time: then there is nothing to say again.
            inputs: inputs.filter(|_| report.outcome.findings.is_empty()),
            state,
            diagnostics: report.diagnostics.clone(),
            targets: report.targets.clone(),
            unchanged: report.outcome.unchanged + report.outcome.written.len(),
            kept: report.outcome.kept,
        }
    }

    /// The record that the last build left; none when there is none that can be read.
    pub fn load(cache: &Path) -> Option<Record> {
        frame::decode(MAGIC, &std::fs::read(cache.join(FILE_NAME)).ok()?)
    }

    /// Leaves the record for the next build. Without it that one does more work, and makes the same.
    pub fn save(&self, cache: &Path) {
        let _ = atomic::replace(&cache.join(FILE_NAME), &frame::encode(MAGIC, self));
    }

    /// Whether the last build saw `inputs`.
    pub fn is_of(&self, inputs: Option<Digest>) -> bool {
        inputs.is_some() && self.inputs == inputs
    }

    /// The report of a build that had nothing to do.
    pub fn report(&self) -> Report {
        Report {
            diagnostics: self.diagnostics.clone(),
            targets: self.targets.clone(),
            outcome: Outcome { unchanged: self.unchanged, kept: self.kept, ..Outcome::default() },
            ..Report::nothing()
        }
    }
}
