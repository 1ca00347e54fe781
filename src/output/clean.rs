//! Taking everything back: forge's outputs and its cache, and nothing else.

use std::fs;
use std::io;
use std::path::Path;

use super::{Outcome, Outputs, Wanted};

/// The folder, in the cache's `outputs`, of edited outputs that were set aside: somebody's work, and no cache.
pub(super) const ASIDE: &str = "aside";

impl Outputs {
    /// Removes the outputs that are forge's; edited ones are set aside, as always.
    pub fn clean(&self) -> Outcome {
        self.apply(&Wanted::new(), &|_| None)
    }
}

/// Removes the cache's `folders`, but for edited outputs that were set aside; gives the folders that stay for those.
///
/// # Errors
/// When something cannot be removed.
pub fn clean_cache(folders: &[&Path]) -> io::Result<Vec<std::path::PathBuf>> {
    let mut kept = Vec::new();
    for folder in folders {
        empty(folder, &mut kept)?;
    }
    Ok(kept)
}

fn empty(folder: &Path, kept: &mut Vec<std::path::PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut is_empty = true;
    for entry in entries {
        let path = entry.path();
        if !entry.file_type()?.is_dir() {
            fs::remove_file(path)?;
        } else if entry.file_name() == ASIDE {
            is_empty = false;
            // The folders may lie in one another.
            if !kept.contains(&path) {
                kept.push(path);
            }
        } else {
            empty(&path, kept)?;
            is_empty &= !path.exists();
        }
    }
    if is_empty { fs::remove_dir(folder) } else { Ok(()) }
}
