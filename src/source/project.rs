//! Where a project lies, and where its cache does.
//!
//! The cache belongs to git's own folder, so that it is never committed and goes with the clone. What is computed
//! is shared by all worktrees (`<common dir>/forge`); what was seen on disk is each worktree's own
//! (`<git dir>/forge/<project>`). git's folders are found by reading `.git`, since opening a repository costs as
//! much as everything else that an unchanged build does.

use std::path::{Path, PathBuf};

use super::git::Place;
use crate::digest;

/// The file that makes a folder a project.
pub const SETTINGS: &str = "forge.toml";

/// The nearest folder at or above `start` that holds a `forge.toml`.
pub fn find(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(SETTINGS).is_file()).map(Path::to_owned)
}

/// The folders of a project's cache; they need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// What holds anywhere: values by the digests of what they were made from.
    pub shared: PathBuf,
    /// What holds in this working tree: stamps of files, what each output was made from.
    pub local: PathBuf,
}

/// Where the cache of the project in `root`, an absolute path, lies: in git's folder, or without git in `.forge/cache`.
pub fn cache(root: &Path) -> Cache {
    match Place::find(root) {
        Some(place) => {
            let project = digest::bytes(place.inside.as_os_str().as_encoded_bytes()).short();
            Cache { shared: place.common.join("forge"), local: place.own.join("forge").join(project) }
        }
        None => {
            let folder = root.join(".forge").join("cache");
            Cache { local: folder.join("tree"), shared: folder }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{cache, find};

    fn repository(root: &Path) {
        git2::Repository::init(root).unwrap();
    }

    #[test]
    fn a_project_is_found_from_below() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("modules/a");
        fs::create_dir_all(&deep).unwrap();
        assert_eq!(find(&deep), None);
        fs::write(folder.path().join("forge.toml"), "").unwrap();
        assert_eq!(find(&deep), Some(folder.path().to_owned()));
    }

    #[test]
    fn without_git_the_cache_is_the_projects_own() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(cache(folder.path()).shared, folder.path().join(".forge/cache"));
    }

    #[test]
    fn two_projects_of_a_repository_share_what_is_computed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        repository(folder.path());
        let (one, two) = (cache(&folder.path().join("one")), cache(&folder.path().join("two")));
        assert_eq!(one.shared, folder.path().join(".git/forge"));
        assert_eq!(one.shared, two.shared);
        assert_ne!(one.local, two.local);
    }

    #[test]
    fn a_linked_worktree_shares_what_is_computed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("main");
        repository(&main);
        let own = main.join(".git/worktrees/side");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("HEAD"), "ref: refs/heads/side\n").unwrap();
        fs::write(own.join("commondir"), "../..\n").unwrap();
        let side = folder.path().join("side");
        fs::create_dir(&side).unwrap();
        fs::write(side.join(".git"), format!("gitdir: {}\n", own.display())).unwrap();
        let cache = cache(&side);
        assert_eq!(cache.shared, fs::canonicalize(main.join(".git")).unwrap().join("forge"));
        assert!(cache.local.starts_with(fs::canonicalize(own).unwrap()));
    }

    #[test]
    fn a_submodule_is_a_repository_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        repository(folder.path());
        let own = folder.path().join(".git/modules/sub");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        let sub = folder.path().join("sub");
        fs::create_dir(&sub).unwrap();
        fs::write(sub.join(".git"), "gitdir: ../.git/modules/sub\n").unwrap();
        assert_eq!(cache(&sub).shared, fs::canonicalize(own).unwrap().join("forge"));
    }

    #[test]
    fn a_folder_that_only_looks_like_git_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(cache(folder.path()).shared, folder.path().join(".forge/cache"));
    }
}
