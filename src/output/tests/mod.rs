//! The promises of the output layer, on real folders.

mod failures;
mod ownership;
mod runs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Bytes, Change, Content, Outcome, Outputs, Wanted, state};
use crate::digest;
use crate::disk::stamp::{self, Clock};
use crate::path::RepoPath;

/// A project with an output folder `out`.
struct Project {
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Wanted outputs of these texts; a text of `KEEP` keeps.
fn wanted(files: &[(&str, &str)]) -> Wanted {
    let content = |text: &str| match text {
        KEEP => Content::Keep,
        text => Content::Bytes(digest::bytes(text.as_bytes())),
    };
    files.iter().map(|(name, text)| (path(name), content(text))).collect()
}

const KEEP: &str = "\0keep";

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        Project { folder: folder.path().to_owned(), _temporary: Some(folder) }
    }

    fn in_folder(folder: &Path) -> Project {
        Project { folder: folder.to_owned(), _temporary: None }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn outputs(&self) -> Outputs {
        Outputs::open(&self.folder, &path("out"), &self.at("cache"))
    }

    fn apply(&self, files: &[(&str, &str)]) -> Outcome {
        let texts: BTreeMap<RepoPath, String> =
            files.iter().map(|(name, text)| (path(name), (*text).to_owned())).collect();
        self.outputs().apply(&wanted(files), &|path| texts.get(path).map(|text| Bytes::from(text.as_bytes().to_vec())))
    }

    fn check(&self, files: &[(&str, &str)]) -> Outcome {
        self.outputs().check(&wanted(files))
    }

    fn are_at(&self, files: &[(&str, &str)]) -> bool {
        self.outputs().are_at(state(&wanted(files)))
    }

    /// Waits until the file system's clock has moved on, so that what was written so far is settled.
    fn settle(&self) {
        self.write("probe", "");
        let stamp = stamp::look(&self.at("probe")).unwrap().0;
        while !Clock::ask(&self.folder).unwrap().settles(&stamp) {}
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.at(name)).ok()
    }

    fn lose_cache(&self) {
        fs::remove_dir_all(self.at("cache")).unwrap();
    }

    /// All files of the output folder but the manifest.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        list(&self.at("out"), "", &mut files);
        files.retain(|name| name != ".forge-manifest");
        files.sort();
        files
    }

    /// What was set aside.
    fn aside(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.at("cache/outputs/aside")) else { return Vec::new() };
        entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
    }
}

fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files.push(format!("{name}/"));
            list(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push(name);
        }
    }
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| &*finding.code).collect()
}

fn changes(changes: &BTreeMap<RepoPath, Change>) -> Vec<(String, Change)> {
    changes.iter().map(|(path, change)| (path.to_string(), *change)).collect()
}
