//! The index of a log: where the value of each key lies, and which run used it last.
//!
//! Only a shortcut: it says how much of the log it covers, the rest is found by reading the log, and without an
//! index all of it is. Kept as sorted rows of fixed width, so that opening it decodes nothing and looking a key
//! up is a binary search in the file's bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::digest::Digest;
use crate::disk::frame;

/// Names the format.
const MAGIC: &[u8] = b"forge index 1\n";
/// The log's number, how much of it is covered, the number of the run.
const FIXED: usize = 20;
/// Key, offset, length, run.
const WIDTH: usize = 48;

/// Keys that are looked up to tell how many others fare.
const SAMPLE: usize = 64;

/// Where a record lies in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// First byte of the record's frame.
    pub offset: u64,
    /// Bytes of key and value.
    pub length: u32,
}

/// A key, its place, and the last run that used it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key.
    pub key: Digest,
    /// Where its value lies.
    pub slot: Slot,
    /// The number of the last run that used it.
    pub used: u32,
}

/// All keys of a log: where the value of each lies, and the last run that used it; in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows(Vec<Row>);

impl Rows {
    /// The rows, in the order of their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.0.iter()
    }

    /// These rows and `others`, in the order of their keys, which replace those of the same key.
    #[must_use]
    pub fn with(self, others: Vec<Row>) -> Rows {
        let mut rows = Vec::with_capacity(self.0.len() + others.len());
        let mut others = others.into_iter().peekable();
        for row in self.0 {
            rows.extend(std::iter::from_fn(|| others.next_if(|other| other.key < row.key)));
            if others.peek().is_none_or(|other| other.key != row.key) {
                rows.push(row);
            }
        }
        rows.extend(others);
        Rows(rows)
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<T: IntoIterator<Item = Row>>(rows: T) -> Rows {
        let mut rows: Vec<Row> = rows.into_iter().collect();
        rows.sort_unstable_by_key(|row| row.key);
        Rows(rows)
    }
}

/// An index as it stands in its file, and what was found in the log behind it.
#[derive(Clone, Default)]
pub struct Index {
    /// The run that wrote it.
    pub run: u32,
    /// Its rows, behind so many other bytes.
    sorted: (Arc<Vec<u8>>, usize),
    newer: BTreeMap<Digest, Slot>,
}

/// What an index file says of itself.
pub struct Header {
    /// The number of the log that it belongs to.
    pub log: u64,
    /// The bytes of that log that it covers.
    pub covered: u64,
}

impl Index {
    /// Reads an index file's bytes; `None` when they are anything else.
    pub fn decode(mut bytes: Vec<u8>) -> Option<(Header, Index)> {
        let payload = frame::first(bytes.strip_prefix(MAGIC)?)?;
        let (fixed, rows) = payload.split_first_chunk::<FIXED>()?;
        if rows.len() % WIDTH != 0 {
            return None;
        }
        let header = Header { log: u64_at(fixed, 0), covered: u64_at(fixed, 8) };
        let (run, before) = (u32_at(fixed, 16), MAGIC.len() + frame::HEAD + FIXED);
        bytes.truncate(before + rows.len());
        Some((header, Index { run, sorted: (Arc::new(bytes), before), newer: BTreeMap::new() }))
    }

    /// The bytes of an index file with `rows` for the first `covered` bytes of the log numbered `log`.
    pub fn encode(log: u64, covered: u64, run: u32, rows: &Rows) -> Vec<u8> {
        let mut payload = Vec::with_capacity(FIXED + rows.iter().len() * WIDTH);
        payload.extend_from_slice(&log.to_le_bytes());
        payload.extend_from_slice(&covered.to_le_bytes());
        payload.extend_from_slice(&run.to_le_bytes());
        for Row { key, slot, used } in rows.iter() {
            payload.extend_from_slice(key.as_bytes());
            payload.extend_from_slice(&slot.offset.to_le_bytes());
            payload.extend_from_slice(&slot.length.to_le_bytes());
            payload.extend_from_slice(&used.to_le_bytes());
        }
        let mut bytes = Vec::with_capacity(MAGIC.len() + frame::HEAD + payload.len());
        bytes.extend_from_slice(MAGIC);
        frame::push(&mut bytes, &payload);
        bytes
    }

    fn sorted(&self) -> &[u8] {
        self.sorted.0.get(self.sorted.1..).unwrap_or_default()
    }

    /// Adds what the log holds behind the covered part; a later record of a key replaces an earlier one.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = Row>) {
        self.newer.extend(rows.into_iter().map(|row| (row.key, row.slot)));
    }

    /// Whether the log holds something that the file of this index does not tell.
    pub fn is_behind(&self) -> bool {
        !self.newer.is_empty()
    }

    /// Where the value of `key` lies.
    pub fn find(&self, key: &Digest) -> Option<Slot> {
        self.newer.get(key).copied().or_else(|| self.find_sorted(key).map(|row| row.slot))
    }

    fn find_sorted(&self, key: &Digest) -> Option<Row> {
        let (mut low, mut high) = (0, self.sorted().len() / WIDTH);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = row_at(self.sorted(), middle)?;
            match row.key.cmp(key) {
                std::cmp::Ordering::Equal => return Some(row),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Whether it tells that the values of these keys, which are in order, are in use: they were by one of the last two runs
    /// that wrote it. A few of many stand for all.
    pub fn knows_use(&self, used: &[Digest]) -> bool {
        let few = used.iter().step_by(used.len() / SAMPLE + 1);
        let mut rows = few.filter_map(|key| self.find_sorted(key));
        rows.all(|row| row.used.saturating_add(1) >= self.run)
    }

    /// All keys with their places and last runs, of which `run` is that of those `used`, in their order; what is newer than
    /// the index counts as used by its run.
    pub fn rows(&self, used: &[Digest], run: u32) -> Rows {
        let sorted = Rows((0..self.sorted().len() / WIDTH).filter_map(|at| row_at(self.sorted(), at)).collect());
        let newer = self.newer.iter().map(|(key, slot)| Row { key: *key, slot: *slot, used: self.run });
        let Rows(mut rows) = sorted.with(newer.collect());
        let mut used = used.iter().peekable();
        for row in &mut rows {
            while used.next_if(|key| **key < row.key).is_some() {}
            if used.peek().is_some_and(|key| **key == row.key) {
                row.used = run;
            }
        }
        Rows(rows)
    }
}

fn row_at(rows: &[u8], at: usize) -> Option<Row> {
    let row = rows.get(at * WIDTH..(at + 1) * WIDTH)?;
    let (key, rest) = row.split_first_chunk::<32>()?;
    let slot = Slot { offset: u64_at(rest, 0), length: u32_at(rest, 8) };
    Some(Row { key: Digest::from_bytes(*key), slot, used: u32_at(rest, 12) })
}

/// The number at `at`; the callers' slices are long enough, a shorter one would read as zero.
fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// As [`u64_at`].
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::{Index, Row, Rows, Slot};
    use crate::digest;

    #[test]
    fn finds_each_key_and_no_other() {
        let slot = |number: u64| Slot { offset: number * 100, length: number as u32 };
        let key = |number: u64| digest::of("key", &number);
        let row = |number| Row { key: key(number), slot: slot(number), used: 3 };
        let rows: Rows = (0..100).map(row).collect();
        let (header, mut index) = Index::decode(Index::encode(7, 900, 4, &rows)).unwrap();
        assert_eq!((header.log, header.covered, index.run), (7, 900, 4));
        assert_eq!(index.rows(&[], 4), rows);
        index.extend([Row { key: key(5), slot: slot(500), used: 0 }]);
        assert_eq!(index.find(&key(5)), Some(slot(500)));
        assert_eq!(index.find(&key(99)), Some(slot(99)));
        assert_eq!(index.find(&key(100)), None);
    }

    #[test]
    fn rows_tell_who_was_used_and_what_is_new() {
        let slot = |number: u64| Slot { offset: number * 100, length: number as u32 };
        let key = |number: u64| digest::of("key", &number);
        let row = |number, at, used| Row { key: key(number), slot: slot(at), used };
        let rows: Rows = (0..6).map(|number| row(number, number, 3)).collect();
        let (_, mut index) = Index::decode(Index::encode(7, 900, 4, &rows)).unwrap();
        index.extend([row(1, 11, 0), row(7, 7, 0)]);
        let mut used = vec![key(2), key(7), key(50)];
        used.sort();
        let added: Rows = [row(3, 33, 5), row(8, 8, 5)].into_iter().collect();
        let rows = index.rows(&used, 5).with(added.iter().copied().collect());
        let expected = [
            row(0, 0, 3),
            row(1, 11, 4),
            row(2, 2, 5),
            row(3, 33, 5),
            row(4, 4, 3),
            row(5, 5, 3),
            row(7, 7, 5),
            row(8, 8, 5),
        ];
        assert_eq!(rows, expected.into_iter().collect());
    }
}
