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
    let unfit = wanted.keys().filter_map(|path| Some((path.clone(), unfit(folder, path)?)));
    let mut refused: BTreeMap<RepoPath, Diagnostic> = unfit.collect();
    let mut refuse = |path: &RepoPath, other: &RepoPath| {
        refused.insert(other.clone(), report::collision(other, path));
        refused.insert(path.clone(), report::collision(path, other));
    };
    let mut folded: Vec<(String, &RepoPath)> = wanted.keys().map(|path| (path.as_str().to_lowercase(), path)).collect();
    folded.sort();
    for pair in folded.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        refuse(pair[1].1, pair[0].1);
    }
    let mut folders: BTreeMap<RepoPath, Vec<&RepoPath>> = BTreeMap::new();
    for path in wanted.keys() {
        let Some(parent) = path.parent() else { continue };
        let files = folders.entry(parent).or_insert_with_key(|parent| {
            let above = std::iter::successors(Some(parent.clone()), RepoPath::parent);
            let file = |folder: RepoPath| {
                let at =
                    folded.binary_search_by(|(text, _)| text.as_str().cmp(&folder.as_str().to_lowercase())).ok()?;
                Some(folded[at].1)
            };
            above.take_while(|folder| !folder.is_root()).filter_map(file).collect()
        });
        files.iter().for_each(|file| refuse(path, file));
    }
    refused
}

fn unfit(folder: &RepoPath, path: &RepoPath) -> Option<Diagnostic> {
    let inside = match path.strip_prefix(folder) {
        None | Some("") => {
            return Some(report::unfit(path, &format!("it does not lie in the output folder `{folder}`")));
        }
        Some(inside) => inside,
    };
    if path.as_str().chars().any(char::is_control) {
        return Some(report::unfit(path, "its name holds a control character"));
    }
    let top = inside.split('/').next().unwrap_or_default();
    let own = inside.eq_ignore_ascii_case(manifest::FILE) || top.eq_ignore_ascii_case(UNFINISHED);
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
        let mut last = None;
        for path in paths {
            // Those of one folder stand together.
            if last.replace(folder(path)) != Some(folder(path)) {
                path.parent().into_iter().for_each(|parent| drop(folders.add(outputs, parent)));
            }
        }
        folders
    }

    /// What is in the way to `path`, which was among the surveyed.
    pub fn obstacle(&self, path: &RepoPath) -> Option<&Obstacle> {
        self.0.get(folder(path)?)?.as_ref()
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

/// The folder that `path` lies in; none of the root.
fn folder(path: &RepoPath) -> Option<&str> {
    let text = path.as_str();
    (!path.is_root()).then(|| text.rsplit_once('/').map_or("", |(folder, _)| folder))
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
