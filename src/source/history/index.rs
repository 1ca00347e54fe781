//! What was walked, kept between runs in the shared cache: the mainline's commits, and the steps among them.
//!
//! A file for each project of a repository, and for what is replaced in it. A commit's id stands for everything before it,
//! so the file cannot be out of date, only too short, or of a line that was left; what is damaged, foreign or of another
//! version is empty. What follows is appended as a frame of its own, so that a new commit costs no more than itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Ask, Step};
use crate::digest;
use crate::disk::ledger::{Before, Ledger, gather};
use crate::source::git::Id;

const MAGIC: &str = "forge history 1\n";

/// What is known.
pub struct Index {
    /// The mainline's commits, oldest first.
    pub commits: Vec<Id>,
    /// The steps among them.
    pub steps: Vec<Step>,
    ledger: Ledger,
    /// How many commits and how many steps the file holds.
    filed: (usize, usize),
}

/// A part of an index, as it is written: commits that follow those before, and the steps among them.
#[derive(Serialize, Deserialize)]
struct Run<C, S> {
    after: Option<Id>,
    commits: C,
    steps: S,
}

impl Index {
    /// Reads what earlier runs left.
    pub fn load(ask: &Ask<'_>, replaced: &[String]) -> Index {
        let (mut commits, mut steps): (Vec<Id>, Vec<Step>) = Default::default();
        let ledger = Ledger::read(file(ask, replaced), MAGIC, |part: Run<Vec<Id>, Vec<Step>>| {
            let follows = part.after == commits.last().copied();
            if follows {
                gather(&mut commits, part.commits);
                gather(&mut steps, part.steps);
            }
            follows
        });
        let filed = (commits.len(), steps.len());
        Index { commits, steps, ledger, filed }
    }

    /// Forgets all but the first commits.
    pub fn cut(&mut self, commits: usize) {
        self.commits.truncate(commits);
        self.steps.retain(|step| (step.at as usize) < commits);
        if self.filed.0 > commits {
            self.ledger.forget();
        }
    }

    /// Keeps what is known, as far as that is possible, with these `steps`; if it is not, the next run walks again.
    pub fn save(&self, all: &[Step]) {
        let part = |before| {
            let (commits, steps) = if before == Before::Nothing { (0, 0) } else { self.filed };
            let after = commits.checked_sub(1).map(|last| self.commits[last]);
            Run { after, commits: &self.commits[commits..], steps: &all[steps..] }
        };
        // A cache that cannot be written is no cache, and nothing else.
        let _ = self.ledger.add(part);
    }
}

/// The file of the project's index, where these objects are replaced.
fn file(ask: &Ask<'_>, replaced: &[String]) -> PathBuf {
    let project = digest::of("history", &(ask.engine, ask.place.inside.as_os_str().as_encoded_bytes(), replaced));
    ask.cache.join("history").join(project.short())
}
