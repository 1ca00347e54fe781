//! The manifest's text: which files of the output folder forge wrote, by path and content.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::digest::Digest;
use crate::path::RepoPath;

/// The manifest's name in the output folder.
pub const FILE: &str = ".forge-manifest";

const HEAD: &str = "\
# The files of this folder that forge wrote, by content and path: it replaces and removes these and no others.
# Lines may stand in any order and more than once; a merge keeps the lines of both sides.
";

/// Hexadecimal digits of a digest in a line.
const DIGITS: usize = 32;

/// A digest as short as the manifest has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(String);

impl From<&Digest> for Mark {
    fn from(digest: &Digest) -> Mark {
        let mut text = digest.to_string();
        text.truncate(DIGITS);
        Mark(text)
    }
}

/// The contents that forge wrote, by path from the project's root; usually one a path, after merges several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(pub BTreeMap<RepoPath, BTreeSet<Mark>>);

impl Manifest {
    /// Reads the manifest of `folder`. What is no line of a manifest says nothing, whatever it is.
    pub fn parse(folder: &RepoPath, text: &str) -> Manifest {
        let mut manifest = Manifest::default();
        for (mark, path) in text.lines().filter_map(line) {
            if let Ok(path) = folder.join(path) {
                manifest.add(path, mark);
            }
        }
        manifest
    }

    /// The manifest of `folder` as text, sorted by path.
    pub fn print(&self, folder: &RepoPath) -> String {
        let mut text = HEAD.to_owned();
        for (path, marks) in &self.0 {
            for mark in marks {
                let Some(path) = path.strip_prefix(folder) else { continue };
                let _ = writeln!(text, "{} {path}", mark.0); // writing to a `String` cannot fail
            }
        }
        text
    }

    /// Whether forge wrote a file there.
    pub fn lists(&self, path: &RepoPath) -> bool {
        self.0.contains_key(path)
    }

    /// Whether forge wrote this content there.
    pub fn made(&self, path: &RepoPath, content: &Digest) -> bool {
        self.0.get(path).is_some_and(|marks| marks.contains(&Mark::from(content)))
    }

    /// Adds one content of one path.
    pub fn add(&mut self, path: RepoPath, mark: Mark) {
        self.0.entry(path).or_default().insert(mark);
    }
}

/// Digest and path of a line; none of a comment, a conflict marker or anything else.
fn line(line: &str) -> Option<(Mark, &str)> {
    let (mark, path) = line.trim_end_matches('\r').split_once(' ')?;
    let is_digest = mark.len() == DIGITS && mark.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    (is_digest && !path.is_empty()).then(|| (Mark(mark.to_owned()), path))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{Manifest, Mark};
    use crate::digest;
    use crate::path::RepoPath;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn reads_what_it_prints() {
        let mut manifest = Manifest::default();
        manifest.add(path("out/a b/ü.md"), Mark::from(&digest::bytes(b"1")));
        manifest.add(path("out/c.md"), Mark::from(&digest::bytes(b"2")));
        manifest.add(path("out/c.md"), Mark::from(&digest::bytes(b"3")));
        let text = manifest.print(&path("out"));
        assert_eq!(Manifest::parse(&path("out"), &text), manifest);
        assert_eq!(Manifest::parse(&path("out"), &text.replace('\n', "\r\n")), manifest);
    }

    #[test]
    fn a_conflict_keeps_both_sides() {
        let (ours, theirs) = (digest::bytes(b"ours"), digest::bytes(b"theirs"));
        let line = |digest| format!("{} a.md\n", Mark::from(&digest).0);
        let text = format!("<<<<<<< HEAD\n{}=======\n{}>>>>>>> side\n", line(ours), line(theirs));
        let manifest = Manifest::parse(&path("out"), &text);
        assert!(manifest.made(&path("out/a.md"), &ours) && manifest.made(&path("out/a.md"), &theirs));
        assert_eq!(manifest.0.len(), 1);
    }

    #[test]
    fn claims_nothing_outside_its_folder() {
        let mark = Mark::from(&digest::bytes(b"x")).0;
        for text in ["../src/main.rs", "/etc/passwd", "a/../../b", "..\\x"] {
            assert_eq!(Manifest::parse(&path("out"), &format!("{mark} {text}\n")), Manifest::default(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,200}") {
            let _ = Manifest::parse(&path("out"), &text);
        }
    }
}
