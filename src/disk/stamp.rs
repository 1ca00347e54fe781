//! What one look at a file tells, and when two equal looks mean equal content.
//!
//! A [`Stamp`] is size, times, inode and mode. Equal stamps are not enough: a file that is written twice within
//! one tick of the file system's clock (4 ms on many kernels, 2 s on FAT) can keep its stamp while its content
//! changes. git's answer ("racy git", Documentation/technical/racy-git.txt) is to distrust what is not older than
//! the index. [`Clock`] is ours: it asks the file system itself for the time *before* the content is read, and a
//! stamp that is not older than that is never kept. Whatever is written later gets a later time, so it shows.

use std::fs::Metadata;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What `lstat` says of a file or a folder, without the access time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Time of the last change of the content, in nanoseconds since 1970.
    pub modified: i64,
    /// Time of the last change of the inode, which no program can set back; `modified` where there is none.
    pub changed: i64,
    /// The file's number on its device; 0 where there is none.
    pub inode: u64,
    /// The device; it tells whether a [`Clock`] speaks for this file.
    pub device: u64,
    /// Kind and permissions.
    pub mode: u32,
}

/// A time in nanoseconds since 1970.
#[cfg(unix)]
pub(super) fn nanoseconds(seconds: i64, rest: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

impl Stamp {
    /// The stamp in bytes that do not depend on the machine.
    pub fn to_bytes(self) -> [u8; 44] {
        let mut bytes = [0; 44];
        let words = [self.size, self.modified as u64, self.changed as u64, self.inode, self.device];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes[40..].copy_from_slice(&self.mode.to_le_bytes());
        bytes
    }

    /// The stamp that [`Stamp::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8; 44]) -> Stamp {
        let word = |at: usize| bytes[at * 8..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        Stamp {
            size: word(0),
            modified: word(1) as i64,
            changed: word(2) as i64,
            inode: word(3),
            device: word(4),
            mode: bytes[40..].first_chunk().map_or(0, |mode| u32::from_le_bytes(*mode)),
        }
    }
}

#[cfg(unix)]
impl From<&Metadata> for Stamp {
    fn from(meta: &Metadata) -> Stamp {
        use std::os::unix::fs::MetadataExt;
        Stamp {
            size: meta.size(),
            modified: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            changed: nanoseconds(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            device: meta.dev(),
            mode: meta.mode(),
        }
    }
}

#[cfg(not(unix))]
impl From<&Metadata> for Stamp {
    fn from(meta: &Metadata) -> Stamp {
        let since_1970 = meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let modified = since_1970.map_or(i64::MAX, |time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX));
        let mode = u32::from(meta.is_dir()) << 1 | u32::from(meta.permissions().readonly());
        Stamp { size: meta.len(), modified, changed: modified, inode: 0, device: 0, mode }
    }
}

/// Looks at `path` without following a symbolic link.
///
/// # Errors
/// As `lstat`: most often that there is nothing.
pub fn look(path: &Path) -> io::Result<(Stamp, Metadata)> {
    let meta = std::fs::symlink_metadata(path)?;
    Ok((Stamp::from(&meta), meta))
}

/// The time of a file system's own clock, in its own granularity.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: i64,
    device: u64,
}

/// How far the clocks of two file systems may be apart, and the coarsest granularity known (FAT's).
const SLACK: i64 = 2_000_000_000;

impl Clock {
    /// Asks the file system that holds `folder`, by making a file there that has no name for long.
    ///
    /// # Errors
    /// When nothing can be written there; then no stamp can be trusted later, and content has to be read.
    pub fn ask(folder: &Path) -> io::Result<Clock> {
        let file = tempfile::Builder::new().prefix(super::atomic::PREFIX).tempfile_in(folder)?;
        let stamp = Stamp::from(&file.as_file().metadata()?);
        Ok(Clock { now: stamp.modified.min(stamp.changed), device: stamp.device })
    }

    /// Whether any change after this clock was asked must show in `stamp`.
    pub fn settles(&self, stamp: &Stamp) -> bool {
        let slack = if stamp.device == self.device { 0 } else { SLACK };
        stamp.modified.max(stamp.changed).saturating_add(slack) < self.now
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, SLACK, Stamp};

    fn stamp(modified: i64, changed: i64, device: u64) -> Stamp {
        Stamp { size: 1, modified, changed, inode: 1, device, mode: 0 }
    }

    #[test]
    fn bytes_are_the_whole_stamp() {
        let stamp = Stamp { size: 1, modified: -2, changed: i64::MAX, inode: u64::MAX, device: 5, mode: 6 };
        assert_eq!(Stamp::from_bytes(&stamp.to_bytes()), stamp);
    }

    #[test]
    fn only_what_is_older_than_the_clock_is_settled() {
        let clock = Clock { now: 1_000, device: 7 };
        assert!(clock.settles(&stamp(999, 999, 7)));
        assert!(!clock.settles(&stamp(1_000, 999, 7)), "written in the clock's own tick");
        assert!(!clock.settles(&stamp(5, 1_000, 7)), "the modification time was set back");
        assert!(!clock.settles(&stamp(5_000, 5, 7)), "a time in the future");
    }

    #[test]
    fn another_file_systems_clock_gets_slack() {
        let clock = Clock { now: SLACK + 10, device: 7 };
        assert!(clock.settles(&stamp(9, 9, 8)));
        assert!(!clock.settles(&stamp(11, 11, 8)));
    }

    #[test]
    fn a_file_written_after_the_clock_was_asked_is_never_settled() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..50 {
            let clock = Clock::ask(folder.path()).unwrap();
            let path = folder.path().join("file");
            std::fs::write(&path, round.to_string()).unwrap();
            assert!(!clock.settles(&super::look(&path).unwrap().0));
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the clock leaves nothing behind");
    }
}
