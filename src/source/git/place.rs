//! Where a repository lies: found by reading `.git`, since opening a repository costs as much as everything else
//! that an unchanged build does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// git's folders for a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The root of the working tree; `None` in a bare repository.
    pub tree: Option<PathBuf>,
    /// The folder of this working tree in the repository: its `HEAD`, its index.
    pub own: PathBuf,
    /// The repository's folder, which its working trees share: refs, objects.
    pub common: PathBuf,
    /// The project's folder, below the root of the working tree.
    pub inside: PathBuf,
}

impl Place {
    /// The repository that the project in `root`, an absolute path, belongs to.
    ///
    /// Links on the way to `root` are resolved first, as git does. A bare repository holds the project at its root.
    pub fn find(root: &Path) -> Option<Place> {
        let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        real.ancestors().find_map(|folder| {
            if let Some(own) = folder_of(folder) {
                let inside = real.strip_prefix(folder).unwrap_or(Path::new("")).to_owned();
                return Some(Place { tree: Some(folder.to_owned()), common: common(&own), own, inside });
            }
            is_repository(folder).then(|| {
                let own = folder.to_owned();
                Place { tree: None, common: common(&own), own, inside: PathBuf::new() }
            })
        })
    }

    /// The folder in which git finds this repository: the working tree's root, or the bare repository.
    pub fn root(&self) -> &Path {
        self.tree.as_deref().unwrap_or(&self.own)
    }
}

/// git's folder for the working tree whose root is `tree`: `.git` is a folder, or a file that names one. One that nobody
/// may look into is there, too: what is asked of it then says why there is no answer.
fn folder_of(tree: &Path) -> Option<PathBuf> {
    let dot = tree.join(".git");
    let own = match fs::read_to_string(&dot) {
        Ok(text) => straight(tree.join(text.strip_prefix("gitdir:")?.trim())),
        Err(_) => dot,
    };
    match fs::metadata(own.join("HEAD")) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => None,
        _ => Some(own),
    }
}

/// The folder that the working trees of a repository share.
fn common(own: &Path) -> PathBuf {
    match fs::read_to_string(own.join("commondir")) {
        Ok(text) => straight(own.join(text.trim())),
        Err(_) => own.to_owned(),
    }
}

/// The same place without a way back: of two names of a folder, one must not begin with the other.
fn straight(place: PathBuf) -> PathBuf {
    fs::canonicalize(&place).unwrap_or(place)
}

fn is_repository(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").exists()
}
