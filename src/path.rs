//! Repository-relative paths: UTF-8, separated by `/`, never leaving the project.
//!
//! The only path type above `source`. Holds no reference to any machine: no drive, no root, no `..`,
//! so that a path can enter a digest, a diagnostic or an output without naming where the project lies.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A path below the project's root, such as `modules/master-view/accounts.toml`; empty for the root itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepoPath(SmolStr);

/// Why a text is not a [`RepoPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// It starts at a file system's root (`/etc`, `C:\`).
    Absolute,
    /// It climbs above the project with `..`.
    Escapes,
    /// It holds a backslash or a NUL, which other systems read as something else.
    Character,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathError::Absolute => "the path is absolute; write it relative to the project's folder",
            PathError::Escapes => "the path leaves the project's folder",
            PathError::Character => "the path holds a backslash or a NUL; separate folders with `/`",
        })
    }
}

impl std::error::Error for PathError {}

impl RepoPath {
    /// Normalises `text`: drops `.` and doubled or trailing slashes, resolves `a/..`.
    ///
    /// # Errors
    /// When the path is absolute, leaves the project, or holds a character that is no part of a portable name.
    pub fn new(text: &str) -> Result<RepoPath, PathError> {
        if text.contains(['\\', '\0']) {
            return Err(PathError::Character);
        }
        let drive = text.as_bytes();
        if text.starts_with('/') || (drive.len() > 1 && drive[1] == b':' && drive[0].is_ascii_alphabetic()) {
            return Err(PathError::Absolute);
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(PathError::Escapes)?;
                }
                name => parts.push(name),
            }
        }
        Ok(RepoPath(SmolStr::from(parts.join("/"))))
    }

    /// The project's root.
    pub fn root() -> RepoPath {
        RepoPath::default()
    }

    /// The path as text, without a leading or trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the project's root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// This path with `name`, one or more components, below it.
    ///
    /// # Errors
    /// As [`RepoPath::new`]; `name` may not climb above this path's root.
    pub fn join(&self, name: &str) -> Result<RepoPath, PathError> {
        if is_plain(name) && !self.is_root() {
            return Ok(RepoPath(SmolStr::from_iter([self.as_str(), "/", name])));
        }
        let below = RepoPath::new(name)?;
        Ok(match (self.is_root(), below.is_root()) {
            (true, _) => below,
            (_, true) => self.clone(),
            _ => RepoPath(smol_str::format_smolstr!("{}/{}", self.0, below.0)),
        })
    }

    /// The folder that holds this path; `None` for the root.
    pub fn parent(&self) -> Option<RepoPath> {
        if self.is_root() {
            return None;
        }
        let end = self.0.rfind('/').unwrap_or(0);
        Some(RepoPath(SmolStr::from(&self.0[..end])))
    }

    /// The last component; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// What follows the last dot of the file's name, if anything stands before that dot.
    pub fn extension(&self) -> Option<&str> {
        let (stem, extension) = self.file_name().rsplit_once('.')?;
        (!stem.is_empty()).then_some(extension)
    }

    /// The components, first to last.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// What remains of this path below `folder`; `None` when it does not lie there.
    pub fn strip_prefix(&self, folder: &RepoPath) -> Option<&str> {
        if folder.is_root() {
            return Some(&self.0);
        }
        let rest = self.0.strip_prefix(folder.as_str())?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }

    /// Whether this path is `folder` or lies below it.
    pub fn is_below(&self, folder: &RepoPath) -> bool {
        self.strip_prefix(folder).is_some()
    }

    /// The relative link that leads from the file `self` to the file `to`, as Markdown and HTML write it.
    pub fn link_to(&self, to: &RepoPath) -> String {
        let here: Vec<&str> = self.components().collect();
        let there: Vec<&str> = to.components().collect();
        let folders = here.len().saturating_sub(1);
        let shared = here[..folders].iter().zip(&there).take_while(|(a, b)| a == b).count();
        let mut parts = vec![".."; folders - shared];
        parts.extend(&there[shared..]);
        parts.join("/")
    }
}

/// A path is ordered and compared as its text is.
impl Borrow<str> for RepoPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Whether `name` is one component, and one that nothing has to be looked up about.
fn is_plain(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.bytes().any(|byte| matches!(byte, b'/' | b'\\' | b':' | b'\0'))
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// The entries of a sorted map whose paths lie at or below `folder`.
pub fn below<'a, V>(
    map: &'a BTreeMap<RepoPath, V>,
    folder: &'a RepoPath,
) -> impl Iterator<Item = (&'a RepoPath, &'a V)> {
    // Everything below `a` begins with "a/", and stands together; `a` itself may stand further up ("a-b" < "a/").
    let own = map.get_key_value(folder).filter(|_| !folder.is_root());
    let start = if folder.is_root() { String::new() } else { format!("{folder}/") };
    let inside = map.range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded));
    own.into_iter().chain(inside.take_while(move |(path, _)| path.is_below(folder)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{PathError, RepoPath, below};

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn is_normal_and_stays_inside() {
        assert_eq!(path("./a//b/../c/").as_str(), "a/c");
        assert_eq!(RepoPath::new("a/../../b"), Err(PathError::Escapes));
        assert_eq!(RepoPath::new("/etc"), Err(PathError::Absolute));
        assert_eq!(RepoPath::new("C:/x"), Err(PathError::Absolute));
        assert_eq!(RepoPath::new("a\\b"), Err(PathError::Character));
    }

    #[test]
    fn a_prefix_is_whole_components() {
        assert!(path("a/b").is_below(&path("a")));
        assert!(!path("ab").is_below(&path("a")));
        assert!(path("a").is_below(&RepoPath::root()));
    }

    #[test]
    fn links_are_relative_to_the_file() {
        assert_eq!(path("concept/index.md").link_to(&path("concept/a/b.md")), "a/b.md");
        assert_eq!(path("concept/a/b.md").link_to(&path("concept/c/d.md")), "../c/d.md");
    }

    #[test]
    fn what_lies_below_a_folder_is_found_among_its_neighbours() {
        let map: BTreeMap<_, _> =
            ["a", "a-b/x", "a/x", "a/y/z", "a0", "b"].into_iter().map(|text| (path(text), ())).collect();
        let found = |folder| below(&map, &path(folder)).map(|(path, ())| path.to_string()).collect::<Vec<_>>();
        assert_eq!(found("a"), ["a", "a/x", "a/y/z"]);
        assert_eq!(found("a/y"), ["a/y/z"]);
        assert_eq!(found("").len(), 6);
        assert!(found("c").is_empty());
    }
}
