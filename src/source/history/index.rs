//! What was walked, kept between runs in the shared cache: the mainline's commits, and the steps among them.
//!
//! A file for each project of a repository. A commit's id stands for everything before it, so the file cannot be out
//! of date, only too short, or of a line that was left; what is damaged, foreign or of another version is empty.
//! What follows is appended as a frame of its own, so that a new commit costs no more than itself.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Ask, Step};
use crate::digest;
use crate::disk::{atomic, frame, lock};
use crate::source::git::Id;

const MAGIC: &str = "forge history 1\n";
/// How long a run tries for the lock; another one is writing the same then.
const PATIENCE: Duration = Duration::from_millis(50);

/// What is known.
#[derive(Default)]
pub struct Index {
    /// The mainline's commits, oldest first.
    pub commits: Vec<Id>,
    /// The steps among them.
    pub steps: Vec<Step>,
    /// What the file holds of it.
    filed: Filed,
}

/// What a file is known to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Filed {
    bytes: usize,
    commits: usize,
    steps: usize,
}

/// A part of an index, as it is written: commits that follow those before, and the steps among them.
#[derive(Serialize, Deserialize)]
struct Part<C, S> {
    after: Option<Id>,
    commits: C,
    steps: S,
}

impl Index {
    /// Reads what earlier runs left.
    pub fn load(ask: &Ask<'_>) -> Index {
        fs::read(file(ask)).map_or_else(|_| Index::default(), |bytes| Index::decode(&bytes))
    }

    fn decode(bytes: &[u8]) -> Index {
        let mut index = Index::default();
        let Some(framed) = bytes.strip_prefix(MAGIC.as_bytes()) else { return index };
        for range in frame::scan(framed) {
            let end = MAGIC.len() + range.end;
            let part = frame::exact::<Part<Vec<Id>, Vec<Step>>>(&framed[range]);
            let Some(part) = part.filter(|part| part.after == index.commits.last().copied()) else { break };
            index.commits.extend(part.commits);
            index.steps.extend(part.steps);
            index.filed = Filed { bytes: end, commits: index.commits.len(), steps: index.steps.len() };
        }
        index
    }

    /// Forgets all but the first commits.
    pub fn cut(&mut self, commits: usize) {
        self.commits.truncate(commits);
        self.steps.retain(|step| (step.at as usize) < commits);
        if self.filed.commits > commits {
            self.filed = Filed::default();
        }
    }

    /// Keeps what is known, as far as that is possible.
    pub fn save(&self, ask: &Ask<'_>) {
        let path = file(ask);
        // A cache that cannot be written is no cache, and nothing else.
        let _ = self.write(&path);
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
        fs::create_dir_all(folder)?;
        let Some(_lock) = lock::take(&path.with_extension("lock"), PATIENCE)? else { return Ok(()) };
        let length = fs::metadata(path).map_or(0, |meta| meta.len());
        let fits = self.filed.commits > 0 && length == self.filed.bytes as u64;
        let filed = if fits { self.filed } else { Filed::default() };
        let after = filed.commits.checked_sub(1).map(|last| self.commits[last]);
        let part = Part { after, commits: &self.commits[filed.commits..], steps: &self.steps[filed.steps..] };
        let payload = postcard::to_stdvec(&part).map_err(io::Error::other)?;
        let mut framed = if fits { Vec::new() } else { MAGIC.as_bytes().to_vec() };
        match (frame::push(&mut framed, &payload), fits) {
            (false, _) => Ok(()),
            (true, true) => OpenOptions::new().append(true).open(path)?.write_all(&framed),
            (true, false) => {
                atomic::sweep(folder);
                atomic::replace(path, &framed).map(drop)
            }
        }
    }
}

/// The file of the project's index.
fn file(ask: &Ask<'_>) -> PathBuf {
    let project = digest::of("history", &(ask.engine, ask.place.inside.as_os_str().as_encoded_bytes()));
    ask.cache.join("history").join(project.short())
}
