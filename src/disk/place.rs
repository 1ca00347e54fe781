//! Puts a new file where none is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What became of a file that was to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It was made.
    New,
    /// Something was there already, and is as it was.
    Kept,
}

/// Makes the file `path` with `content`, and the folders that it needs, unless something is there.
///
/// # Errors
/// When the file cannot be made or written.
pub fn place_new(path: &Path, content: &[u8]) -> io::Result<Placed> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(content).map(|()| Placed::New),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::Kept),
        Err(error) => Err(error),
    }
}
