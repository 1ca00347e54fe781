//! A snapshot that is a value: projects as text, for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Snapshot, SourceError, names};
use crate::diagnostic::Diagnostic;
use crate::path::{RepoPath, below};

/// Files by path.
#[derive(Clone, Debug, Default)]
pub struct Memory(BTreeMap<RepoPath, Arc<[u8]>>);

impl Memory {
    /// Reads a project from one text: each file begins with a line `//- path`, and ends where the next begins.
    ///
    /// # Panics
    /// When there is text before the first such line, or a path is not one of a project.
    pub fn parse(text: &str) -> Memory {
        let mut files: Vec<(RepoPath, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            match (line.strip_prefix("//- "), files.last_mut()) {
                (Some(path), _) => {
                    let path = RepoPath::new(path.trim()).expect("a path of the project after `//- `");
                    files.push((path, String::new()));
                }
                (None, Some((_, content))) => content.push_str(line),
                (None, None) => assert!(line.trim().is_empty(), "a project's text begins with `//- path`"),
            }
        }
        files.into_iter().map(|(path, content)| (path, content.into_bytes())).collect()
    }

    /// Sets the content of a file.
    pub fn insert(&mut self, path: RepoPath, content: impl Into<Vec<u8>>) {
        self.0.insert(path, content.into().into());
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &RepoPath) {
        self.0.remove(path);
    }
}

impl FromIterator<(RepoPath, Vec<u8>)> for Memory {
    fn from_iter<I: IntoIterator<Item = (RepoPath, Vec<u8>)>>(files: I) -> Memory {
        Memory(files.into_iter().map(|(path, content)| (path, content.into())).collect())
    }
}

impl Snapshot for Memory {
    fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
        let shown = |path: &&RepoPath| !path.components().any(names::is_hidden);
        below(&self.0, folder).map(|(path, _)| path).filter(shown).cloned().collect()
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
        self.0.get(path).cloned().ok_or_else(|| SourceError::Missing(path.clone()))
    }

    fn findings(&self) -> &[Diagnostic] {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::path::RepoPath;
    use crate::source::Snapshot;

    #[test]
    fn a_text_is_a_project() {
        let project = Memory::parse("\n//- forge.toml\n//- busm/a.toml\n[a]\nx = 1\n//- busm/.a.toml.swp\nno\n");
        let path = |text| RepoPath::new(text).unwrap();
        assert_eq!(project.files(&path("busm")), [path("busm/a.toml")]);
        assert_eq!(&*project.read(&path("busm/a.toml")).unwrap(), b"[a]\nx = 1\n");
        assert_eq!(&*project.read(&path("forge.toml")).unwrap(), b"");
        assert!(project.read(&path("busm")).is_err());
    }

    #[test]
    fn a_trees_digest_is_of_names_and_contents() {
        let tree = |text| Memory::parse(text).tree(&RepoPath::root()).unwrap();
        let base = tree("//- a\nx\n//- b\ny\n");
        assert_eq!(base, tree("//- b\ny\n//- a\nx\n"));
        assert_ne!(base, tree("//- a\nx\n//- c\ny\n"));
        assert_ne!(base, tree("//- a\nx\n//- b\nz\n"));
        assert_ne!(base, tree("//- a\nx\n"));
    }
}
