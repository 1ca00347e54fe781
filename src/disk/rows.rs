//! What each file of a folder held when it had the stamp that it is remembered with.
//!
//! Kept as sorted rows of fixed width with the names behind them, so that reading thousands of them back decodes
//! nothing, finding one is a binary search, and a look at all of them ([`differences`]) allocates nothing.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use super::dir::Dir;
use super::stamp::Stamp;
use crate::digest::Digest;

/// A file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// What it held; none when that is not known.
    pub digest: Option<Digest>,
    /// The stamp with which it held that; none when it has to be read again.
    pub stamp: Option<Stamp>,
}

/// The files of a folder, by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows, each of [`WIDTH`] bytes: where its name ends, whether it has a digest and a stamp, these two.
    fixed: Vec<u8>,
    names: Vec<u8>,
}

/// Bytes of where the name ends.
const NAME: usize = 4;
const DIGEST: Range<usize> = 5..37;
const STAMP: Range<usize> = 37..81;
const WIDTH: usize = 81;
/// The bits of the byte behind that.
const HAS_DIGEST: u8 = 1;
const HAS_STAMP: u8 = 2;

impl Rows {
    /// The number of files.
    pub fn len(&self) -> usize {
        self.fixed.len() / WIDTH
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty()
    }

    /// The files in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Row)> {
        (0..self.len()).map(|at| (self.name(at), self.row(at)))
    }

    /// The file called `name`.
    pub fn get(&self, name: &str) -> Option<Row> {
        self.find(name).map(|at| self.row(at))
    }

    /// Replaces what is known of the file called `name`, which is among them.
    pub fn set(&mut self, name: &str, row: &Row) {
        if let Some(at) = self.find(name) {
            self.fixed[at * WIDTH + NAME..][..WIDTH - NAME].copy_from_slice(&packed(row));
        }
    }

    /// The files that hold something else than in `other`, or are in one of both only.
    pub fn differing<'r>(&'r self, other: &'r Rows) -> Vec<&'r str> {
        let ends = |rows: &'r Rows| rows.fixed.chunks_exact(WIDTH).map(|row| &row[..NAME]);
        if self.names == other.names && ends(self).eq(ends(other)) {
            let held = |row: &'r [u8]| (row[NAME] & HAS_DIGEST, &row[DIGEST]);
            let pairs = self.fixed.chunks_exact(WIDTH).zip(other.fixed.chunks_exact(WIDTH));
            let differing = pairs.enumerate().filter(|(_, (one, other))| held(one) != held(other));
            return differing.map(|(at, _)| self.name(at)).collect();
        }
        let held = |rows: &Rows, name: &str| rows.get(name).map(|row| row.digest);
        let names = self.iter().chain(other.iter()).map(|(name, _)| name);
        names.filter(|name| held(self, name) != held(other, name)).collect()
    }

    fn find(&self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.name(middle).cmp(name) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Adds a file behind all others; its name is greater than theirs.
    pub fn push(&mut self, name: &str, row: &Row) {
        debug_assert!(self.is_empty() || self.name(self.len() - 1) < name, "`{name}` is out of order");
        self.names.extend_from_slice(name.as_bytes());
        let end = u32::try_from(self.names.len()).expect("the names of a folder's files are far below 4 GiB");
        self.fixed.extend_from_slice(&end.to_le_bytes());
        self.fixed.extend_from_slice(&packed(row));
    }

    /// The file at place `at` among all.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn row(&self, at: usize) -> Row {
        let bytes = &self.fixed[at * WIDTH..][..WIDTH];
        let digest = bytes[DIGEST].first_chunk().filter(|_| bytes[NAME] & HAS_DIGEST != 0);
        let stamp = bytes[STAMP].first_chunk().filter(|_| bytes[NAME] & HAS_STAMP != 0);
        Row { digest: digest.map(|bytes| Digest::from_bytes(*bytes)), stamp: stamp.map(Stamp::from_bytes) }
    }

    /// The name of the file at place `at`.
    ///
    /// # Panics
    /// As [`Rows::row`].
    pub fn name(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.end(before));
        let name = self.names.get(start..self.end(at)).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    fn end(&self, at: usize) -> usize {
        self.fixed[at * WIDTH..].first_chunk().map_or(0, |end| u32::from_le_bytes(*end) as usize)
    }
}

/// A row without its name.
fn packed(row: &Row) -> [u8; WIDTH - NAME] {
    let has = |is: bool, bit: u8| if is { bit } else { 0 };
    let mut bytes = [0; WIDTH];
    bytes[NAME] = has(row.digest.is_some(), HAS_DIGEST) | has(row.stamp.is_some(), HAS_STAMP);
    row.digest.iter().for_each(|digest| bytes[DIGEST].copy_from_slice(digest.as_bytes()));
    row.stamp.iter().for_each(|stamp| bytes[STAMP].copy_from_slice(&stamp.to_bytes()));
    let mut packed = [0; WIDTH - NAME];
    packed.copy_from_slice(&bytes[NAME..]);
    packed
}

impl<'a> FromIterator<(&'a str, Row)> for Rows {
    /// Takes files in the order of their names.
    fn from_iter<T: IntoIterator<Item = (&'a str, Row)>>(files: T) -> Rows {
        let mut rows = Rows::default();
        files.into_iter().for_each(|(name, row)| rows.push(name, &row));
        rows
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// As one piece of bytes, whatever the format: the rows, then the names.
impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = u32::try_from(self.len()).map_err(serde::ser::Error::custom)?;
        serializer.serialize_bytes(&[&count.to_le_bytes(), &self.fixed[..], &self.names].concat())
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rows, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("rows and names")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Rows, E> {
                let cut = || E::custom("cut");
                let (count, rest) = bytes.split_first_chunk().ok_or_else(cut)?;
                let width = (u32::from_le_bytes(*count) as usize).checked_mul(WIDTH).ok_or_else(cut)?;
                let (fixed, names) = rest.split_at_checked(width).ok_or_else(cut)?;
                Ok(Rows { fixed: fixed.to_vec(), names: names.to_vec() })
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// A folder to look at.
pub struct Known<'a> {
    /// Where it lies.
    pub place: PathBuf,
    /// The stamp that it had; none when it is certain to count as different, or when nobody asks.
    pub stamp: Option<Stamp>,
    /// Its files.
    pub files: &'a Rows,
}

/// What of a folder does not look as it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Whether it is so for the folder itself: one without a stamp always is.
    pub folder: bool,
    /// The files, by their place among the folder's: those without a stamp always are.
    pub files: Vec<usize>,
}

/// Files that one thread looks at in one go.
const STRETCH: usize = 256;
/// Files from which on more than one thread pays: to start others and to wait for them costs as much as a thousand looks.
const MANY: usize = 4_000;

/// Looks at each of the folders, and at each of their files.
pub fn differences(folders: &[Known<'_>]) -> Vec<Difference> {
    let stretches: Vec<(usize, Range<usize>)> = folders
        .iter()
        .enumerate()
        .flat_map(|(folder, known)| {
            let starts = (0..known.files.len().max(1)).step_by(STRETCH);
            starts.map(move |start| (folder, start..(start + STRETCH).min(known.files.len())))
        })
        .collect();
    let look = |(folder, files): &(usize, Range<usize>)| (*folder, difference(&folders[*folder], files.clone()));
    let all: usize = folders.iter().map(|known| known.files.len()).sum();
    let looks: Vec<_> =
        if all < MANY { stretches.iter().map(look).collect() } else { stretches.par_iter().map(look).collect() };
    let mut found = vec![Difference::default(); folders.len()];
    for (folder, difference) in looks {
        found[folder].folder |= difference.folder;
        found[folder].files.extend(difference.files);
    }
    found
}

fn difference(known: &Known<'_>, files: Range<usize>) -> Difference {
    let Ok(dir) = Dir::open(&known.place) else { return Difference { folder: true, files: files.collect() } };
    let is_as_it_was = |stamp: Stamp| dir.stamp().is_ok_and(|found| found == stamp);
    let folder = files.start == 0 && !known.stamp.is_some_and(is_as_it_was);
    let differs = |at: &usize| {
        let is_as_it_was = |stamp: Stamp| dir.look(known.files.name(*at)).is_ok_and(|found| found == stamp);
        !known.files.row(*at).stamp.is_some_and(is_as_it_was)
    };
    Difference { folder, files: files.filter(differs).collect() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Difference, Known, Row, Rows, differences};
    use crate::digest;
    use crate::disk::{frame, stamp};

    #[test]
    fn what_differs_is_told_by_what_files_hold() {
        let stamp = stamp::look(std::path::Path::new(".")).unwrap().0;
        let rows = |files: &[(&str, &str)]| -> Rows {
            let row =
                |text: &str| Row { digest: (!text.is_empty()).then(|| digest::bytes(text.as_bytes())), stamp: None };
            files.iter().map(|(name, text)| (*name, row(text))).collect()
        };
        let before = rows(&[("a", "1"), ("b", "2"), ("c", "")]);
        let mut stamped = before.clone();
        stamped.set("a", &Row { stamp: Some(stamp), ..before.row(0) });
        assert_eq!(stamped.differing(&before), [""; 0], "looked at again");
        assert_eq!(rows(&[("a", "1"), ("b", "3"), ("c", "4")]).differing(&before), ["b", "c"]);
        assert_eq!(rows(&[("a", "1"), ("c", ""), ("d", "5")]).differing(&before), ["d", "b"]);
        assert_eq!(
            rows(&[("ab", "1"), ("c", "2")]).differing(&rows(&[("a", "1"), ("bc", "2")])),
            ["ab", "c", "a", "bc"]
        );
    }

    proptest! {
        #[test]
        fn rows_are_what_they_are_made_of(files in proptest::collection::btree_map(".{0,9}", any::<(bool, bool)>(), 0..40)) {
            let stamp = stamp::look(std::path::Path::new(".")).unwrap().0;
            let row = |name: &str, (digest, stamped): (bool, bool)| Row {
                digest: digest.then(|| digest::bytes(name.as_bytes())),
                stamp: stamped.then_some(stamp),
            };
            let files: BTreeMap<String, Row> =
                files.into_iter().map(|(name, has)| (name.clone(), row(&name, has))).collect();
            let rows: Rows = files.iter().map(|(name, row)| (name.as_str(), *row)).collect();
            let rows = frame::decode::<Rows>("m", &frame::encode("m", &rows)).unwrap();
            prop_assert_eq!(rows.len(), files.len());
            for (name, row) in &files {
                prop_assert_eq!(rows.get(name), Some(*row));
            }
            prop_assert_eq!(rows.get("not there, too long"), None);
            let all = |rows: &Rows| rows.iter().map(|(name, row)| (name.to_owned(), row)).collect::<BTreeMap<_, _>>();
            prop_assert_eq!(all(&rows), files.clone());
            if let Some(name) = files.keys().next() {
                let mut other = rows.clone();
                other.set(name, &row("other", (true, false)));
                prop_assert_eq!(other.get(name), Some(row("other", (true, false))));
                other.set(name, &files[name]);
                prop_assert_eq!(other, rows);
            }
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(rows) = postcard::from_bytes::<Rows>(&bytes) {
                let _ = (rows.iter().count(), rows.get("x"));
            }
        }
    }

    #[test]
    fn what_was_touched_differs() {
        let folder = tempfile::tempdir().unwrap();
        // Enough for several threads.
        let names: Vec<String> = (0..super::MANY + 300).map(|number| format!("{number:04}")).collect();
        names.iter().for_each(|name| fs::write(folder.path().join(name), "").unwrap());
        let row = |name: &str| Row { digest: None, stamp: Some(stamp::look(&folder.path().join(name)).unwrap().0) };
        let rows: Rows = names.iter().map(|name| (name.as_str(), row(name))).collect();
        let look = || {
            let stamp = stamp::look(folder.path()).unwrap().0;
            differences(&[Known { place: folder.path().to_owned(), stamp: Some(stamp), files: &rows }])
        };
        assert_eq!(look(), [Difference::default()]);
        fs::write(folder.path().join("0007"), "other").unwrap();
        fs::remove_file(folder.path().join("4155")).unwrap();
        assert_eq!(look(), [Difference { folder: false, files: vec![7, 4155] }]);
        let gone = Known { place: folder.path().join("gone"), stamp: None, files: &rows };
        assert_eq!(differences(&[gone]), [Difference { folder: true, files: (0..names.len()).collect() }]);
    }
}
