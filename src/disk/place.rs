//! Puts a new file where none is, and makes folders where they may be.

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

/// Makes a folder of forge's own, `forge` or `.forge` or below one, and those on the way to it; but not the place that this
/// is in: who has removed a repository or a project wants it gone.
///
/// # Errors
/// When it cannot be made, or that place is not there.
pub fn make_own(folder: &Path) -> io::Result<()> {
    let is_own = |folder: &&Path| folder.file_name().is_some_and(|name| name == "forge" || name == ".forge");
    match folder.ancestors().find(is_own).and_then(Path::parent) {
        Some(place) => make_below(place, folder),
        None => fs::create_dir_all(folder),
    }
}

/// Makes `folder` and those on the way to it from `place`, which is above it and must be there: whoever removes that at the
/// same time does not find it there again.
///
/// # Errors
/// When it cannot be made, or `place` is not there.
pub fn make_below(place: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let below = folder.ancestors().take_while(|above| *above != place).collect::<Vec<_>>();
    for above in below.into_iter().rev() {
        match fs::create_dir(above) {
            Err(_) if above.is_dir() => {}
            made => made?,
        }
    }
    Ok(())
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
