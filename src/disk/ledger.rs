//! A file that grows by what is new: parts that follow one another, each a frame of its own.
//!
//! A part that is cut or damaged ends the file, and a foreign file is an empty one. Where the file does not end
//! as it was read, since it was damaged or another program wrote to it, it is written anew as one part.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::place::make_own;
use super::{atomic, frame, lock};

/// How long a run tries for the lock; another one is writing the same then.
const PATIENCE: Duration = Duration::from_millis(50);

/// What is known of such a file.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    magic: &'static str,
    /// Where the parts end that were taken; 0 when the file is to be written anew.
    end: usize,
}

impl Ledger {
    /// Reads the file at `path`, if it begins with `magic`, and hands its parts to `take` up to the first that is refused.
    pub fn read<T: DeserializeOwned>(path: PathBuf, magic: &'static str, mut take: impl FnMut(T) -> bool) -> Ledger {
        let bytes = fs::read(&path).unwrap_or_default();
        let mut rest = bytes.strip_prefix(magic.as_bytes()).unwrap_or_default();
        let mut end = 0;
        while let Some(payload) = frame::first(rest) {
            if !frame::exact(payload).is_some_and(&mut take) {
                break;
            }
            rest = &rest[frame::HEAD + payload.len()..];
            end = bytes.len() - rest.len();
        }
        Ledger { path, magic, end }
    }

    /// Has the file written anew when something is added next.
    pub fn forget(&mut self) {
        self.end = 0;
    }

    /// Writes a part: what follows those that were taken, or where `part` is told that nothing comes before it, all.
    ///
    /// Gives way to another program that writes at the same time.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add<T: Serialize>(&self, part: impl FnOnce(Before) -> T) -> io::Result<()> {
        let folder = self.path.parent().ok_or(io::ErrorKind::NotFound)?;
        make_own(folder)?;
        let Some(_lock) = lock::take(&self.path.with_extension("lock"), PATIENCE)? else { return Ok(()) };
        let length = fs::metadata(&self.path).map_or(0, |meta| meta.len());
        let before = if self.end > 0 && length == self.end as u64 { Before::AllTaken } else { Before::Nothing };
        let payload = postcard::to_stdvec(&part(before)).map_err(io::Error::other)?;
        let mut framed = match before {
            Before::AllTaken => Vec::new(),
            Before::Nothing => self.magic.as_bytes().to_vec(),
        };
        match (frame::push(&mut framed, &payload), before) {
            (false, _) => Ok(()),
            (true, Before::AllTaken) => OpenOptions::new().append(true).open(&self.path)?.write_all(&framed),
            (true, Before::Nothing) => {
                atomic::sweep(folder);
                atomic::replace(&self.path, &framed).map(drop)
            }
        }
    }
}

/// Puts what a part holds behind what the parts before it held; the first one's is taken as it is.
pub fn gather<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.append(&mut more);
    }
}

/// What stands in a file before a part that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// The parts that were taken.
    AllTaken,
    /// Nothing.
    Nothing,
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Before, Ledger};

    const MAGIC: &str = "forge test 1\n";

    /// The numbers in the file, and the file.
    fn read(path: &Path) -> (Vec<u32>, Ledger) {
        let mut all = Vec::new();
        let ledger = Ledger::read(path.to_owned(), MAGIC, |part: Vec<u32>| {
            all.extend(part);
            true
        });
        (all, ledger)
    }

    /// Adds a number behind those that were read.
    fn add(known: &(Vec<u32>, Ledger), number: u32) {
        let (all, ledger) = known;
        let part = |before| match before {
            Before::AllTaken => vec![number],
            Before::Nothing => all.iter().copied().chain([number]).collect(),
        };
        ledger.add(part).unwrap();
    }

    #[test]
    fn what_is_added_is_all_that_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file");
        let mut length = 0;
        for number in 0..3 {
            add(&read(&path), number);
            let grown = fs::metadata(&path).unwrap().len();
            assert!(number == 0 || grown - length == 14, "a head, and two bytes");
            length = grown;
        }
        assert_eq!(read(&path).0, [0, 1, 2]);
    }

    #[test]
    fn a_file_that_is_cut_or_foreign_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for number in 0..3 {
            add(&read(&path), number);
        }
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let known = read(&path);
            assert!([0, 1, 2].starts_with(&known.0), "cut at {cut}");
            add(&known, 9);
            assert_eq!(read(&path).0, [&known.0[..], &[9]].concat(), "cut at {cut}");
        }
        for foreign in ["", "forge test 2\n", "something else that is longer"] {
            fs::write(&path, foreign).unwrap();
            let known = read(&path);
            assert!(known.0.is_empty());
            add(&known, 7);
            assert_eq!(read(&path).0, [7]);
        }
    }

    #[test]
    fn two_that_add_at_once_lose_nothing_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        add(&read(&path), 0);
        let (one, other) = (read(&path), read(&path));
        add(&one, 1);
        add(&other, 2);
        assert_eq!(read(&path).0, [0, 2], "the last one wrote what it knew, as a whole");
    }
}
