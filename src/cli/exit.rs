//! Exit statuses.

use std::process::ExitCode;

/// How a run ended, as other programs see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// There are findings: diagnostics, outputs that are out of date, hazards beyond the policy.
    Findings = 1,
    /// forge could not do its work: bad arguments, no project, a disk that is full.
    Failed = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
