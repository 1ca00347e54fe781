//! The manifest's text: which files of the output folder forge wrote, by path and content.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::path::RepoPath;

/// The manifest's name in the output folder.
pub const FILE: &str = ".forge-manifest";

const HEAD: &str = "\
# The files of this folder that forge wrote, by content and path: it replaces and removes these and no others.
# Lines may stand in any order and more than once; a merge keeps the lines of both sides.
";

/// Bytes of a digest that a line tells, in two hexadecimal digits each.
const LENGTH: usize = 16;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A digest as short as the manifest has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark([u8; LENGTH]);

impl From<&Digest> for Mark {
    fn from(digest: &Digest) -> Mark {
        let mut short = [0; LENGTH];
        short.copy_from_slice(&digest.as_bytes()[..LENGTH]);
        Mark(short)
    }
}

impl Mark {
    fn read(text: &str) -> Option<Mark> {
        let digit = |digit: u8| DIGITS.iter().position(|known| *known == digit).map(|value| value as u8);
        let mut mark = [0; LENGTH];
        for (byte, digits) in mark.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(digits[0])? << 4 | digit(digits[1])?;
        }
        (text.len() == 2 * LENGTH).then_some(Mark(mark))
    }

    fn write(&self, text: &mut String) {
        let halves = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        text.extend(halves.map(|half| char::from(DIGITS[usize::from(half)])));
    }
}

/// The contents that forge wrote, by path from the project's root; usually one a path, after merges several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(BTreeSet<(RepoPath, Mark)>);

impl Manifest {
    /// Reads the manifest of `folder`. What is no line of a manifest says nothing, whatever it is.
    pub fn parse(folder: &RepoPath, text: &str) -> Manifest {
        let lines = text.lines().filter_map(line);
        lines.filter_map(|(mark, path)| Some((folder.join(path).ok()?, mark))).collect()
    }

    /// The manifest of `folder` as text, sorted by path.
    pub fn print(&self, folder: &RepoPath) -> String {
        print(folder, self.0.iter().map(|(path, mark)| (path, *mark)))
    }

    /// Whether the text of a manifest of `folder` that somebody else left, as a merge does, tells all that this one does, of
    /// the same paths, and nothing that is no line of one.
    pub fn is_told_by(&self, folder: &RepoPath, text: &str) -> bool {
        let is_line = |text: &str| text.trim().is_empty() || text.starts_with('#') || line(text).is_some();
        let other = Manifest::parse(folder, text);
        text.lines().all(is_line) && self.0.is_subset(&other.0) && other.0.iter().all(|(path, _)| self.lists(path))
    }

    /// Each path with each of its contents, sorted.
    pub fn lines(&self) -> impl Iterator<Item = &(RepoPath, Mark)> {
        self.0.iter()
    }

    /// The number of lines.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether forge wrote a file there.
    pub fn lists(&self, path: &RepoPath) -> bool {
        let lines = self.0.range((path.clone(), Mark([0; LENGTH]))..);
        lines.take(1).any(|(listed, _)| listed == path)
    }

    /// Whether forge wrote this content there.
    pub fn made(&self, path: &RepoPath, content: &Digest) -> bool {
        self.0.contains(&(path.clone(), Mark::from(content)))
    }
}

/// The manifest of `folder` that has these lines, as text.
pub fn print<'p>(folder: &RepoPath, lines: impl Iterator<Item = (&'p RepoPath, Mark)>) -> String {
    let mut text = HEAD.to_owned();
    for (path, mark) in lines {
        if let Some(path) = path.strip_prefix(folder) {
            mark.write(&mut text);
            text.extend([" ", path, "\n"]);
        }
    }
    text
}

impl FromIterator<(RepoPath, Mark)> for Manifest {
    fn from_iter<T: IntoIterator<Item = (RepoPath, Mark)>>(lines: T) -> Manifest {
        Manifest(lines.into_iter().collect())
    }
}

/// Digest and path of a line; none of a comment, a conflict marker or anything else.
fn line(line: &str) -> Option<(Mark, &str)> {
    let (mark, path) = line.trim_end_matches('\r').split_once(' ')?;
    let mark = Mark::read(mark)?;
    (!path.is_empty()).then_some((mark, path))
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

    fn mark(content: &str) -> Mark {
        Mark::from(&digest::bytes(content.as_bytes()))
    }

    #[test]
    fn reads_what_it_prints() {
        let lines = [("out/a b/ü.md", "1"), ("out/c.md", "2"), ("out/c.md", "3")];
        let manifest: Manifest = lines.into_iter().map(|(at, held)| (path(at), mark(held))).collect();
        let text = manifest.print(&path("out"));
        assert_eq!(Manifest::parse(&path("out"), &text), manifest);
        assert_eq!(Manifest::parse(&path("out"), &text.replace('\n', "\r\n")), manifest);
    }

    #[test]
    fn a_conflict_keeps_both_sides() {
        let (ours, theirs) = (digest::bytes(b"ours"), digest::bytes(b"theirs"));
        let line = |digest: crate::digest::Digest| format!("{} a.md\n", &digest.to_string()[..32]);
        let text = format!("<<<<<<< HEAD\n{}=======\n{}>>>>>>> side\n", line(ours), line(theirs));
        let manifest = Manifest::parse(&path("out"), &text);
        assert!(manifest.made(&path("out/a.md"), &ours) && manifest.made(&path("out/a.md"), &theirs));
        assert_eq!(manifest.len(), 2);
        assert!(manifest.lists(&path("out/a.md")) && !manifest.lists(&path("out/a")));
    }

    #[test]
    fn what_a_merge_leaves_is_enough_where_it_tells_all() {
        let manifest =
            |lines: &[(&str, &str)]| -> Manifest { lines.iter().map(|(at, held)| (path(at), mark(held))).collect() };
        let (out, wanted) = (path("out"), manifest(&[("out/a.md", "1"), ("out/b.md", "2")]));
        let told = |lines: &[(&str, &str)], more: &str| wanted.is_told_by(&out, &(manifest(lines).print(&out) + more));
        assert!(told(&[("out/b.md", "2"), ("out/a.md", "0"), ("out/a.md", "1")], ""), "an older content, too");
        assert!(!told(&[("out/a.md", "0"), ("out/b.md", "2")], ""), "a content is missing");
        assert!(!told(&[("out/a.md", "1"), ("out/b.md", "2"), ("out/c.md", "3")], ""), "a file that is not wanted");
        assert!(!told(&[("out/a.md", "1"), ("out/b.md", "2")], "=======\n"), "what a conflict leaves");
    }

    #[test]
    fn claims_nothing_outside_its_folder() {
        let mark = &digest::bytes(b"x").to_string()[..32];
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
