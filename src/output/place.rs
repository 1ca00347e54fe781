//! Which paths forge writes to at all: below the output folder, through real folders, one path a file.

use std::collections::BTreeMap;

use super::{Outputs, Wanted, manifest, report};
use crate::diagnostic::Diagnostic;
use crate::disk::stamp;
use crate::path::RepoPath;

/// The folder for unfinished files in the output folder.
pub const UNFINISHED: &str = ".forge-tmp";

/// What is wrong with the wanted paths themselves, whatever is on disk.
pub fn refusals(folder: &RepoPath, wanted: &Wanted) -> BTreeMap<RepoPath, Diagnostic> {
    let mut refused = BTreeMap::new();
    let mut folded: BTreeMap<String, &RepoPath> = BTreeMap::new();
    for path in wanted.keys() {
        if let Some(finding) = unfit(folder, path) {
            refused.insert(path.clone(), finding);
        }
        if let Some(other) = folded.insert(path.as_str().to_lowercase(), path) {
            refused.insert(other.clone(), report::collision(other, path));
            refused.insert(path.clone(), report::collision(path, other));
        }
    }
    for path in wanted.keys() {
        let above = std::iter::successors(path.parent(), RepoPath::parent);
        for parent in above.take_while(|parent| !parent.is_root()) {
            if let Some(other) = folded.get(&parent.as_str().to_lowercase()) {
                refused.insert(path.clone(), report::collision(path, other));
                refused.insert((*other).clone(), report::collision(other, path));
            }
        }
    }
    refused
}

fn unfit(folder: &RepoPath, path: &RepoPath) -> Option<Diagnostic> {
    let inside = match path.strip_prefix(folder) {
        None | Some("") => {
            return Some(report::unfit(path, &format!("it does not lie in the output folder `{folder}`")));
        }
        Some(inside) => inside.to_lowercase(),
    };
    if path.as_str().chars().any(char::is_control) {
        return Some(report::unfit(path, "its name holds a control character"));
    }
    let own = inside == manifest::FILE || inside.split('/').next() == Some(UNFINISHED);
    own.then(|| report::unfit(path, "forge keeps its own notes under that name"))
}

/// The folders on the way to outputs, each looked at once.
#[derive(Default)]
pub struct Folders(BTreeMap<RepoPath, Option<Obstacle>>);

/// What stands where a folder should be.
pub type Obstacle = (RepoPath, &'static str);

impl Folders {
    /// Looks at the folders on the way to `paths`; they may be missing.
    pub fn survey<'a>(outputs: &Outputs, paths: impl Iterator<Item = &'a RepoPath>) -> Folders {
        let mut folders = Folders::default();
        for path in paths {
            if let Some(parent) = path.parent() {
                folders.add(outputs, parent);
            }
        }
        folders
    }

    /// What is in the way to `path`, which was among the surveyed.
    pub fn obstacle(&self, path: &RepoPath) -> Option<&Obstacle> {
        self.0.get(&path.parent()?)?.as_ref()
    }

    fn add(&mut self, outputs: &Outputs, folder: RepoPath) -> Option<Obstacle> {
        if let Some(known) = self.0.get(&folder) {
            return known.clone();
        }
        let above = folder.parent().and_then(|parent| self.add(outputs, parent));
        let obstacle = above.or_else(|| no_folder(outputs, &folder).map(|what| (folder.clone(), what)));
        self.0.insert(folder, obstacle.clone());
        obstacle
    }
}

/// A finding when the output folder, or a folder on the way to it, is not a real one.
pub fn no_output_folder(outputs: &Outputs) -> Option<Diagnostic> {
    let inside = outputs.folder.join(manifest::FILE).ok()?;
    let folders = Folders::survey(outputs, std::iter::once(&inside));
    folders.obstacle(&inside).map(|(obstacle, what)| report::obstacle(obstacle, what))
}

/// What `path` is when it is there and no folder; the project's own folder may be reached in any way.
fn no_folder(outputs: &Outputs, path: &RepoPath) -> Option<&'static str> {
    let (_, meta) = stamp::look(&outputs.place(path)).ok().filter(|_| !path.is_root())?;
    match () {
        () if meta.is_dir() => None,
        () if meta.is_symlink() => Some("a symbolic link"),
        () => Some("a file"),
    }
}
