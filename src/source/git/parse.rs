//! The content of commits and trees, as git stores them.
//!
//! Both ways to a repository hand out raw objects and everything is read here, so that they cannot disagree.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Id;

/// What a commit says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The root of its tree.
    pub tree: Id,
    /// Its parents, in their order.
    pub parents: Vec<Id>,
    /// Who made it, when, and why.
    pub meta: Meta,
}

/// Who made a commit, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Who wrote it.
    pub author: Person,
    /// When it was written.
    pub authored: Time,
    /// When it was committed: later than written after a rebase, an amendment, a cherry-pick.
    pub committed: Time,
    /// Its message's first paragraph as one line: git's `%s`.
    pub subject: String,
}

/// A name and an address, as they were written; no mailmap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address, without angle brackets.
    pub email: String,
}

/// A moment, and the clock that it was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Time {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Minutes that the clock was ahead of UTC.
    pub offset: i32,
}

/// What a tree holds under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub mode: Mode,
    /// Its object.
    pub id: Id,
}

/// What a tree's entry is; git knows no other kinds of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A file that can be run.
    Executable,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// Reads a commit; `None` when it is none.
pub fn commit(content: &[u8]) -> Option<Header> {
    let end = content.windows(2).position(|two| two == b"\n\n").unwrap_or(content.len());
    let message = content.get(end + 2..).unwrap_or_default();
    let (mut tree, mut parents, mut author, mut committer, mut encoding) = (None, Vec::new(), None, None, None);
    for line in content[..end].split(|byte| *byte == b'\n') {
        let Some(space) = line.iter().position(|byte| *byte == b' ') else { continue };
        let value = &line[space + 1..];
        match &line[..space] {
            b"tree" => tree = id(value),
            b"parent" => parents.push(id(value)?),
            b"author" => author = Some(value),
            b"committer" => committer = Some(value),
            b"encoding" => encoding = Some(value),
            _ => {}
        }
    }
    let (author, authored) = signature(author?);
    let (_, committed) = signature(committer?);
    let text = |bytes: &[u8]| decoded(bytes, encoding);
    let author = Person { name: text(author.0), email: text(author.1) };
    Some(Header { tree: tree?, parents, meta: Meta { author, authored, committed, subject: text(&subject(message)) } })
}

/// The root of a commit's tree and its first parent, without reading the rest of it; `None` when it is no commit.
pub fn place(content: &[u8]) -> Option<(Id, Option<Id>)> {
    let mut lines = content.split(|byte| *byte == b'\n');
    let tree = id(lines.next()?.strip_prefix(b"tree ")?)?;
    Some((tree, lines.next().and_then(|line| id(line.strip_prefix(b"parent ")?))))
}

/// The object that an annotated tag is about.
pub fn tagged(content: &[u8]) -> Option<Id> {
    id(content.split(|byte| *byte == b'\n').next()?.strip_prefix(b"object ")?)
}

fn id(hex: &[u8]) -> Option<Id> {
    std::str::from_utf8(hex).ok()?.parse().ok()
}

/// The name and the address of a signature, and its time; what cannot be read is empty, and 1970.
fn signature(line: &[u8]) -> ((&[u8], &[u8]), Time) {
    let open = line.iter().position(|byte| *byte == b'<').unwrap_or(line.len());
    let name = line[..open].trim_ascii();
    let rest = line.get(open + 1..).unwrap_or_default();
    let email = rest.split(|byte| *byte == b'>').next().unwrap_or_default().trim_ascii();
    let close = line.iter().rposition(|byte| *byte == b'>').map_or(line.len(), |at| at + 1);
    let stamp = std::str::from_utf8(&line[close..]).unwrap_or_default();
    let mut words = stamp.split_ascii_whitespace();
    let seconds = words.next().and_then(|word| word.parse().ok());
    let zone: i32 = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let time = seconds.map(|seconds| Time { seconds, offset: zone / 100 * 60 + zone % 100 });
    ((name, email), time.unwrap_or_default())
}

/// The first paragraph of a message as one line, as `format_subject` of git's `pretty.c` makes it.
fn subject(message: &[u8]) -> Vec<u8> {
    let lines = message.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let paragraph = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(&b' ')
}

/// Text in the encoding that the commit names; UTF-8 if it names none or one that nobody knows.
fn decoded(bytes: &[u8], encoding: Option<&[u8]>) -> String {
    let named = encoding.and_then(encoding_rs::Encoding::for_label);
    match named.filter(|named| *named != encoding_rs::UTF_8) {
        Some(named) => named.decode_without_bom_handling(bytes).0.into_owned(),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The entries of a tree, in git's order: a folder stands where its name with a `/` behind it would.
///
/// Ends at the first entry that is cut; `width` is the length of the repository's ids in bytes.
pub fn tree(content: &[u8], width: usize) -> impl Iterator<Item = (&[u8], Entry)> {
    Rows::new(content, width).map_while(|row| Some((row.name(), row.entry()?)))
}

/// The entry of `name` in a tree.
pub fn entry(content: &[u8], width: usize, name: &[u8]) -> Option<Entry> {
    Rows::new(content, width).find(|row| row.name() == name)?.entry()
}

/// Whether a tree holds files alone, each written in the one way that git writes it today: two such trees hold the same
/// files only if they are the same tree.
pub fn is_flat(content: &[u8], width: usize) -> bool {
    let mut rows = Rows::new(content, width);
    let mut last: &[u8] = &[];
    let in_order = rows.by_ref().all(|row| {
        let is_next = row.is_plain_file() && last < row.name();
        last = row.name();
        is_next
    });
    in_order && rows.rest.is_empty() && !content.is_empty()
}

/// What one tree holds under a name and another one under the same.
pub type Difference = (Vec<u8>, Option<Entry>, Option<Entry>);

/// The names under which two trees do not hold the same, with what each holds; sorted.
pub fn differences(old: &[u8], new: &[u8], width: usize) -> Vec<Difference> {
    let (mut old, mut new) = (Rows::new(old, width), Rows::new(new, width));
    let mut found: BTreeMap<&[u8], (Option<Entry>, Option<Entry>)> = BTreeMap::new();
    // Mostly one entry in the middle differs, and what follows is seen to be the same at one glance.
    while old.rest != new.rest {
        let (left, right) = (old.clone().next(), new.clone().next());
        let order = match (left, right) {
            (Some(left), Some(right)) => left.place().cmp(right.place()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let is_same = left == right;
        if let Some(row) = left.filter(|_| order.is_le()) {
            old.next();
            if !is_same {
                found.entry(row.name()).or_default().0 = row.entry();
            }
        }
        if let Some(row) = right.filter(|_| order.is_ge()) {
            new.next();
            if !is_same {
                found.entry(row.name()).or_default().1 = row.entry();
            }
        }
    }
    let different = found.into_iter().filter(|(_, (old, new))| old != new);
    different.map(|(name, (old, new))| (name.to_owned(), old, new)).collect()
}

/// An entry of a tree as it is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Row<'t> {
    bytes: &'t [u8],
    /// Where its name begins.
    name: usize,
    /// Where its name ends.
    end: usize,
}

impl<'t> Row<'t> {
    fn name(self) -> &'t [u8] {
        &self.bytes[self.name..self.end]
    }

    fn entry(self) -> Option<Entry> {
        Some(Entry { mode: mode(&self.bytes[..self.name - 1])?, id: Id::new(&self.bytes[self.end + 1..])? })
    }

    /// Whether it is a file, in today's spelling.
    fn is_plain_file(self) -> bool {
        [&b"100644 "[..], b"100755 ", b"120000 "].contains(&&self.bytes[..self.name])
    }

    /// What it is sorted by.
    fn place(self) -> impl Iterator<Item = u8> + use<'t> {
        self.name().iter().copied().chain(self.bytes.starts_with(b"4").then_some(b'/'))
    }
}

/// The entries of a tree, one after the other.
#[derive(Clone)]
struct Rows<'t> {
    rest: &'t [u8],
    width: usize,
}

impl<'t> Rows<'t> {
    fn new(content: &'t [u8], width: usize) -> Rows<'t> {
        Rows { rest: content, width }
    }
}

impl<'t> Iterator for Rows<'t> {
    type Item = Row<'t>;

    fn next(&mut self) -> Option<Row<'t>> {
        let name = 1 + self.rest.iter().position(|byte| *byte == b' ')?;
        let end = name + self.rest[name..].iter().position(|byte| *byte == 0)?;
        let (bytes, rest) = self.rest.split_at_checked(end + 1 + self.width)?;
        self.rest = rest;
        Some(Row { bytes, name, end })
    }
}

/// Reads a mode as git does: what counts is the kind, and whether the owner may run a file.
fn mode(digits: &[u8]) -> Option<Mode> {
    let digit = |mode: u32, digit: &u8| matches!(digit, b'0'..=b'7').then(|| mode << 3 | u32::from(digit - b'0'));
    let mode = digits.iter().take(10).try_fold(0, digit)?;
    Some(match mode & 0o170_000 {
        0o100_000 if mode & 0o100 == 0 => Mode::File,
        0o100_000 => Mode::Executable,
        0o120_000 => Mode::Link,
        0o040_000 => Mode::Folder,
        _ => Mode::Submodule,
    })
}

#[cfg(test)]
mod tests {
    use super::{Entry, Mode, Time, commit, differences, tree};
    use crate::source::git::Id;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    fn made(headers: &str, message: &[u8]) -> super::Header {
        let mut content = format!("tree {TREE}\n{headers}\n").into_bytes();
        content.extend_from_slice(message);
        commit(&content).unwrap()
    }

    #[test]
    fn a_commit_is_read_with_all_that_may_stand_in_it() {
        let header = made(
            &format!(
                "parent {TREE}\nparent {TREE}\nauthor A. <B> C <a@b.c> 1700000000 -0330\ncommitter  <> 5 +0000\n\
                 gpgsig -----BEGIN\n  parent of nothing\n -----END\n"
            ),
            b"\n\nadd phone  \nand fax\n \nbody\n",
        );
        assert_eq!(header.tree.to_string(), TREE);
        assert_eq!(header.parents.len(), 2);
        assert_eq!(header.meta.author.name, "A.");
        assert_eq!(header.meta.authored, Time { seconds: 1_700_000_000, offset: -210 });
        assert_eq!(header.meta.committed, Time { seconds: 5, offset: 0 });
        assert_eq!(header.meta.subject, "add phone and fax");
    }

    #[test]
    fn a_message_is_read_in_its_encoding() {
        let who = "author J\u{fffd} <j> 0 +0000\ncommitter J <j> 0 +0000\n";
        let latin = made(&format!("{who}encoding ISO-8859-1\n"), b"caf\xe9");
        assert_eq!(latin.meta.subject, "café");
        assert_eq!(made(who, "café".as_bytes()).meta.subject, "café");
        assert_eq!(made(who, b"caf\xe9").meta.subject, "caf\u{fffd}");
    }

    #[test]
    fn what_is_no_commit_is_none() {
        assert_eq!(commit(b""), None);
        assert_eq!(commit(b"tree 123\nauthor a <b> 0 +0\ncommitter a <b> 0 +0\n\n"), None);
    }

    #[test]
    fn a_tree_is_read_up_to_where_it_is_cut() {
        let mut content = Vec::new();
        for (mode, name) in
            [("100644", "a"), ("100664", "b"), ("100755", "c d"), ("120000", "e"), ("40000", "ü"), ("160000", "x")]
        {
            content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            content.extend_from_slice(&[7; 20]);
        }
        let modes = |content: &[u8]| tree(content, 20).map(|(_, entry)| entry.mode).collect::<Vec<_>>();
        let all = [Mode::File, Mode::File, Mode::Executable, Mode::Link, Mode::Folder, Mode::Submodule];
        assert_eq!(modes(&content), all);
        assert_eq!(modes(&content[..content.len() - 1]), all[..5]);
        assert!(tree(&content, 20).all(|(_, entry)| Some(entry.id) == Id::new(&[7; 20])));
    }

    /// A tree of such entries as `40000 name 1`, in this order.
    fn made_tree(entries: &[&str]) -> Vec<u8> {
        let mut content = Vec::new();
        for entry in entries {
            let (named, id) = entry.rsplit_once(' ').unwrap();
            content.extend_from_slice(format!("{named}\0").as_bytes());
            content.extend_from_slice(&[id.parse().unwrap(); 20]);
        }
        content
    }

    /// The differences, each as its name and the ids' first bytes.
    fn told(old: &[&str], new: &[&str]) -> Vec<String> {
        let id =
            |entry: Option<Entry>| entry.map_or_else(|| "-".to_owned(), |entry| entry.id.as_bytes()[0].to_string());
        let found = differences(&made_tree(old), &made_tree(new), 20).into_iter();
        found.map(|(name, old, new)| format!("{} {} {}", String::from_utf8(name).unwrap(), id(old), id(new))).collect()
    }

    #[test]
    fn two_trees_are_compared_by_names() {
        let all = ["100644 a 1", "40000 b 2", "100644 b.c 3", "40000 d 4", "100644 e 5"];
        assert_eq!(told(&all, &all), [""; 0]);
        assert_eq!(told(&[], &all[..2]), ["a - 1", "b - 2"]);
        assert_eq!(told(&all[1..], &all[..4]), ["a - 1", "e 5 -"]);
        assert_eq!(told(&all, &["100644 a 1", "100644 b.c 3", "40000 d 9", "100644 e 5"]), ["b 2 -", "d 4 9"]);
        assert_eq!(told(&all, &["100755 a 1", "40000 b 2", "100644 b.c 3", "40000 d 4", "100644 e 5"]), ["a 1 1"]);
        // A folder that becomes a file stands elsewhere: behind `b.c` it was, before it is.
        assert_eq!(told(&["100644 b.c 3", "40000 b 2"], &["100644 b 7", "100644 b.c 3"]), ["b 2 7"]);
    }

    #[test]
    fn a_flat_tree_is_files_in_order_and_nothing_else() {
        let is_flat = |entries: &[&str]| super::is_flat(&made_tree(entries), 20);
        assert!(is_flat(&["100644 a 1"]) && is_flat(&["100755 a 1", "120000 b 1", "100644 c 2"]));
        for other in ["100664 c 3", "40000 c 3", "160000 c 3", "100644 b 3", "100644 a 3"] {
            assert!(!is_flat(&["100644 b 1", other]), "{other}");
        }
        assert!(!is_flat(&[]), "an empty folder is as good as none");
        let cut = made_tree(&["100644 a 1", "100644 b 1"]);
        assert!(!super::is_flat(&cut[..cut.len() - 1], 20));
    }

    #[test]
    fn a_tree_in_no_order_is_compared_all_the_same() {
        assert_eq!(told(&["100644 c 1", "100644 a 2"], &["100644 a 2", "100644 c 1"]), [""; 0]);
        assert_eq!(told(&["100644 c 1", "100644 a 2"], &["100644 a 2", "100644 c 3"]), ["c 1 3"]);
    }
}
