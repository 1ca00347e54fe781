//! Locks between processes that are given up after a moment instead of waited for.
//!
//! The lock is the operating system's (`flock` and its like), so that it ends with the process that held it,
//! however that ended; the file itself means nothing and stays.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use fs4::{FileExt, TryLockError};

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    /// Gives the lock up in so many words: a child between `fork` and `exec` has the open file too, and would keep it.
    fn drop(&mut self) {
        let _ = FileExt::unlock(&self.0);
    }
}

/// How long to sleep between two tries.
const STEP: Duration = Duration::from_millis(5);

/// Takes the lock on `path`, trying for about `patience`; `None` when another holds it for longer.
///
/// # Errors
/// When the file cannot be made or opened, or the file system knows no locks.
pub fn take(path: &Path, patience: Duration) -> io::Result<Option<Lock>> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    let tries = patience.as_millis() / STEP.as_millis();
    for left in (0..=tries).rev() {
        match FileExt::try_lock(&file) {
            Ok(()) => return Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) if left > 0 => std::thread::sleep(STEP),
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::take;

    #[test]
    fn a_held_lock_is_given_up_and_a_dropped_one_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = take(&path, Duration::ZERO).unwrap();
        assert!(held.is_some());
        assert!(take(&path, Duration::from_millis(10)).unwrap().is_none());
        drop(held);
        assert!(take(&path, Duration::ZERO).unwrap().is_some());
    }

    #[test]
    fn a_child_that_was_just_made_keeps_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = take(&path, Duration::ZERO).unwrap().unwrap();
        let inherited = held.0.try_clone().unwrap();
        drop(held);
        assert!(take(&path, Duration::ZERO).unwrap().is_some());
        drop(inherited);
    }
}
