//! File events to "something changed": which folders to hear of, and when what was heard is worth a look.
//!
//! An event only says *look again*; what is true is what the look finds. So nothing here decides anything: events
//! become [`Event`]s ([`event`]), gathered into one [`Burst`](burst::Burst) that says when the time has come, and a
//! lost event means a look at everything. Folders are watched one by one, and a folder that is new to the watch is
//! given back by [`Watch::aim`], to be looked at once more: what was written into it before it was watched raised no
//! event (nor does the watcher's own recursive mode see it).
//!
//! Where the kernel's watches run out, or a file system is known to keep silent, [`Watch::poll`] says how often to look
//! instead, and [`Watch::why_polling`] why.
//!
//! Knows nothing of what is in the files, nor what a build does.

pub mod burst;
pub mod event;
mod poll;
mod silent;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Config, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use crate::diagnostic::Diagnostic;
use crate::disk::stamp;
pub use event::Event;
use poll::Why;

/// How often to look where there are no events.
const POLL: Duration = Duration::from_millis(300);

/// Linux watches a folder for its entries only; elsewhere one watch holds for all that lies below.
const MODE: RecursiveMode = if cfg!(any(target_os = "linux", target_os = "android")) {
    RecursiveMode::NonRecursive
} else {
    RecursiveMode::Recursive
};

/// Hears what the file system says; called on the watcher's own thread.
pub type Hear = dyn Fn(Event) + Send + Sync;

/// A watch on a set of folders.
pub struct Watch {
    root: PathBuf,
    /// Which folder the root was when it was aimed at.
    stood: Option<(u64, u64)>,
    aimed: BTreeSet<PathBuf>,
    source: Source,
}

enum Source {
    Kernel(RecommendedWatcher),
    Poll(Why),
}

impl Watch {
    /// A watch that is aimed at nothing yet. `root` is the folder whose loss blinds it, `scratch` one in which a file may
    /// be made to learn whether events come at all.
    pub fn start(root: &Path, scratch: &Path, hear: Arc<Hear>) -> Watch {
        let source = match silent::reason(root, scratch).map_or_else(|| kernel(hear), Err) {
            Ok(watcher) => Source::Kernel(watcher),
            Err(why) => Source::Poll(why),
        };
        Watch { root: root.to_owned(), stood: None, aimed: BTreeSet::new(), source }
    }

    /// Watches exactly `folders`, as far as they are there; gives those that are new to the watch, which have to be looked
    /// at again.
    pub fn aim(&mut self, folders: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let Source::Kernel(watcher) = &mut self.source else { return Vec::new() };
        let wanted = tops(folders);
        for gone in self.aimed.difference(&wanted) {
            let _ = watcher.unwatch(gone); // a folder that is gone took its watch with it
        }
        if !self.aimed.contains(&self.root) {
            self.stood = identity(&self.root);
        }
        let mut added = Vec::new();
        for folder in wanted.difference(&self.aimed) {
            match watcher.watch(folder, MODE) {
                Ok(()) => added.push(folder.clone()),
                Err(error) if Why::is_gone(&error) => {}
                Err(error) => {
                    self.source = Source::Poll(Why::of(&error));
                    self.aimed.clear();
                    return Vec::new();
                }
            }
        }
        self.aimed.retain(|folder| wanted.contains(folder));
        self.aimed.extend(added.iter().cloned());
        added
    }

    /// Takes back the watches at and below `path`, which is not what it was: they may stand on what was moved away.
    pub fn forget(&mut self, path: &Path) {
        let Source::Kernel(watcher) = &mut self.source else { return };
        let below = self.aimed.range(path.to_owned()..).take_while(|folder| folder.starts_with(path));
        let below: Vec<PathBuf> = below.cloned().collect();
        for folder in below {
            let _ = watcher.unwatch(&folder);
            self.aimed.remove(&folder);
        }
    }

    /// Whether the root is the folder that is watched. No event tells of its removal while some process, a shell or forge
    /// itself, works in it; then this has to be asked from time to time.
    pub fn stands(&self) -> bool {
        !self.aimed.contains(&self.root) || identity(&self.root) == self.stood
    }

    /// How often to look, when what happens cannot be heard.
    pub fn poll(&self) -> Option<Duration> {
        let is_blind =
            matches!(self.source, Source::Poll(_)) || !self.aimed.iter().any(|folder| self.root.starts_with(folder));
        is_blind.then_some(POLL)
    }

    /// Why there are no events; none while there are.
    pub fn why_polling(&self) -> Option<Diagnostic> {
        match &self.source {
            Source::Kernel(_) => None,
            Source::Poll(why) => Some(why.diagnostic(POLL)),
        }
    }

    /// How many folders are watched.
    pub fn folders(&self) -> usize {
        self.aimed.len()
    }
}

/// The kernel's watcher. What only reads files is not heard of: forge's own reading would be most of it.
fn kernel(hear: Arc<Hear>) -> Result<RecommendedWatcher, Why> {
    let kinds = EventKindMask::CORE | EventKindMask::ACCESS_CLOSE;
    let config = Config::default().with_event_kinds(kinds).with_follow_symlinks(false);
    let handler = move |heard| event::read(heard, &*hear);
    RecommendedWatcher::new(handler, config).map_err(|error| Why::of(&error))
}

/// What tells a folder from another one of the same name.
fn identity(folder: &Path) -> Option<(u64, u64)> {
    stamp::look(folder).ok().map(|(stamp, _)| (stamp.device, stamp.inode))
}

/// The folders that need a watch of their own.
fn tops(folders: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let covered = |folder: &&PathBuf| folder.ancestors().skip(1).any(|above| folders.contains(above));
    match MODE {
        RecursiveMode::NonRecursive => folders.clone(),
        RecursiveMode::Recursive => folders.iter().filter(|folder| !covered(folder)).cloned().collect(),
    }
}

#[cfg(test)]
mod tests;
