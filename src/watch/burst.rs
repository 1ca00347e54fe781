//! When to look: events that belong together are gathered, and the moment they are over is guessed as early as can be.
//!
//! Other tools wait for a fixed time after each event. Here a file that was closed, or moved into its place, is taken as
//! finished after [`QUIET`], which only lets the rest of the same save arrive; one that is still open for writing gets
//! [`OPEN`]; and while git is at work nothing is looked at, so that a checkout of a thousand files is one build.
//! A lock that stands while nothing else happens ([`PATIENCE`]: a killed git left it) holds up nobody for good.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Event;
use crate::source::rest::Rest;

/// How long nothing may happen after files were closed.
const QUIET: Duration = Duration::from_millis(2);
/// How long nothing may happen to a file that is open for writing.
const OPEN: Duration = Duration::from_millis(100);
/// How long nothing may happen after git was at work: its commands come in steps.
const GIT: Duration = Duration::from_millis(30);
/// How long nothing may happen after more than a few files of the project went: whoever removes a folder must not find new
/// files in it meanwhile.
const GONE: Duration = Duration::from_millis(150);
/// Files that are let go at once.
const FEW: usize = 3;
/// How long nothing may happen between two commits of a rebase.
const REBASE: Duration = Duration::from_millis(400);
/// How long a lock is waited for while nothing else happens.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a stream of events that does not end is waited for.
const LONGEST: Duration = Duration::from_secs(1);
/// How soon to ask again while a rebase runs a command.
const STEP: Duration = Duration::from_millis(100);
/// How soon to ask again while git is at work.
const AGAIN: Duration = Duration::from_millis(5);

/// Events since the last look.
#[derive(Debug)]
pub struct Burst {
    first: Instant,
    last: Instant,
    writing: BTreeSet<PathBuf>,
    git: bool,
    gone: BTreeSet<PathBuf>,
    changed: BTreeSet<PathBuf>,
    lost: bool,
}

impl Burst {
    /// A burst that begins now, with nothing in it.
    pub fn begin(now: Instant) -> Burst {
        let none = BTreeSet::new;
        Burst { first: now, last: now, writing: none(), git: false, gone: none(), changed: none(), lost: false }
    }

    /// Adds an event.
    pub fn note(&mut self, event: &Event, now: Instant) {
        self.last = now;
        match event {
            Event::Writing(path) => {
                self.writing.insert(path.clone());
                self.changed.insert(path.clone());
            }
            Event::Changed(path) | Event::Replaced(path) => {
                self.writing.remove(path);
                self.changed.insert(path.clone());
            }
            Event::Lost => self.lost = true,
        }
    }

    /// Adds that git was at work.
    pub fn note_git(&mut self, now: Instant) {
        self.last = now;
        self.git = true;
    }

    /// Adds whether a file of the project's is not there any more: one that is saved by renaming may be back.
    pub fn note_gone(&mut self, path: &Path, is_gone: bool) {
        if is_gone {
            self.gone.insert(path.to_owned());
        } else {
            self.gone.remove(path);
        }
    }

    /// When it is time to look, given what git does at `now`; in the past once it is. While git runs a command of its user's
    /// the burst begins anew.
    pub fn due(&mut self, now: Instant, rest: impl FnOnce() -> Rest) -> Instant {
        let (quiet, longest) = match () {
            () if self.gone.len() > FEW => (GONE, PATIENCE),
            () if !self.writing.is_empty() => (OPEN, LONGEST),
            () if self.git => (GIT, LONGEST),
            () => (QUIET, LONGEST),
        };
        let due = (self.last + quiet).min(self.first + longest);
        if due > now {
            return due;
        }
        match rest() {
            Rest::Still => due,
            Rest::Locked(_) if now < self.last + PATIENCE => now + AGAIN,
            Rest::Locked(_) => due,
            Rest::Rebasing => (self.last + REBASE).max(due),
            Rest::Executing => {
                // What comes after the command is a step of its own.
                (self.first, self.last) = (now, now);
                now + STEP
            }
        }
    }

    /// Whether anything has to be looked at; a burst of git's locks alone is none.
    pub fn is_empty(&self) -> bool {
        !self.lost && self.changed.is_empty()
    }

    /// What to look at again; `None` for everything.
    pub fn changed(self) -> Option<BTreeSet<PathBuf>> {
        (!self.lost).then_some(self.changed)
    }

    /// Whether `path` is still open for writing.
    pub fn is_writing(&self, path: &Path) -> bool {
        self.writing.contains(path)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use super::{Burst, FEW, GIT, GONE, OPEN, PATIENCE, QUIET, REBASE};
    use crate::source::rest::Rest;
    use crate::watch::Event;

    fn path() -> PathBuf {
        PathBuf::from("a.toml")
    }

    fn locked() -> Rest {
        Rest::Locked(PathBuf::from("index.lock"))
    }

    #[test]
    fn a_closed_file_is_looked_at_soon_and_an_open_one_later() {
        let start = Instant::now();
        let mut burst = Burst::begin(start);
        burst.note(&Event::Writing(path()), start);
        assert_eq!(burst.due(start, || Rest::Still), start + OPEN);
        assert!(burst.is_writing(&path()));
        burst.note(&Event::Changed(path()), start);
        assert_eq!(burst.due(start, || Rest::Still), start + QUIET);
    }

    #[test]
    fn what_removes_many_files_is_let_come_to_its_end() {
        let start = Instant::now();
        let mut burst = Burst::begin(start);
        burst.note(&Event::Replaced(path()), start);
        let mut note = |at: usize, is_gone| {
            burst.note_gone(&PathBuf::from(format!("{at}.toml")), is_gone);
            burst.due(start, || Rest::Still)
        };
        assert!((0..=FEW).all(|at| note(at % FEW, true) == start + QUIET), "a few, one of them twice");
        assert_eq!(note(FEW, true), start + GONE);
        assert_eq!(note(0, false), start + QUIET, "it is back");
    }

    #[test]
    fn a_stream_that_does_not_end_is_looked_at_all_the_same() {
        let start = Instant::now();
        let mut burst = Burst::begin(start);
        let late = start + Duration::from_secs(5);
        burst.note(&Event::Changed(path()), late);
        assert!(burst.due(late, || Rest::Still) <= late);
    }

    #[test]
    fn git_is_waited_for_and_a_lock_that_stands_still_is_not() {
        let start = Instant::now();
        let mut burst = Burst::begin(start);
        burst.note_git(start);
        assert!(burst.is_empty());
        burst.note(&Event::Changed(path()), start);
        assert_eq!(burst.due(start, || Rest::Still), start + GIT);
        let now = start + GIT;
        assert!(burst.due(now, locked) > now);
        assert!(burst.due(now, || Rest::Rebasing) == start + REBASE);
        assert!(burst.due(start + REBASE, || Rest::Rebasing) <= start + REBASE);
        assert!(burst.due(start + PATIENCE, locked) <= start + PATIENCE, "nothing happens and the lock stands");
        let now = start + PATIENCE;
        assert!(burst.due(now, || Rest::Executing) > now);
        assert_eq!(burst.due(now + GIT, || Rest::Rebasing), now + REBASE, "a command has just come to its end");
    }

    #[test]
    fn a_lost_event_is_a_look_at_everything() {
        let mut burst = Burst::begin(Instant::now());
        burst.note(&Event::Replaced(path()), Instant::now());
        burst.note(&Event::Lost, Instant::now());
        assert_eq!(burst.changed(), None);
    }
}
