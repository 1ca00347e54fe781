//! The index of a log: where the value of each key lies, and which run used it last.
//!
//! Only a shortcut: it says how much of the log it covers, the rest is found by reading the log, and without an
//! index all of it is. Kept as sorted rows of fixed width, so that opening it decodes nothing and looking a key
//! up is a binary search in the file's bytes.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::disk::frame;

/// Names the format.
const MAGIC: &[u8] = b"forge index 1\n";
/// The log's number, how much of it is covered, the number of the run.
const FIXED: usize = 20;
/// Key, offset, length, run.
const WIDTH: usize = 48;

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

/// All keys of a log: where the value of each lies, and the last run that used it.
pub type Rows = BTreeMap<Digest, (Slot, u32)>;

/// An index as it stands in its file, and what was found in the log behind it.
#[derive(Default)]
pub struct Index {
    /// The run that wrote it.
    pub run: u32,
    sorted: Vec<u8>,
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
    pub fn decode(bytes: &[u8]) -> Option<(Header, Index)> {
        let payload = frame::first(bytes.strip_prefix(MAGIC)?)?;
        let (fixed, rows) = payload.split_first_chunk::<FIXED>()?;
        if rows.len() % WIDTH != 0 {
            return None;
        }
        let header = Header { log: u64_at(fixed, 0), covered: u64_at(fixed, 8) };
        Some((header, Index { run: u32_at(fixed, 16), sorted: rows.to_vec(), newer: BTreeMap::new() }))
    }

    /// The bytes of an index file with `rows` for the first `covered` bytes of the log numbered `log`.
    pub fn encode(log: u64, covered: u64, run: u32, rows: &Rows) -> Vec<u8> {
        let mut payload = Vec::with_capacity(FIXED + rows.len() * WIDTH);
        payload.extend_from_slice(&log.to_le_bytes());
        payload.extend_from_slice(&covered.to_le_bytes());
        payload.extend_from_slice(&run.to_le_bytes());
        for (key, (slot, used)) in rows {
            payload.extend_from_slice(key.as_bytes());
            payload.extend_from_slice(&slot.offset.to_le_bytes());
            payload.extend_from_slice(&slot.length.to_le_bytes());
            payload.extend_from_slice(&used.to_le_bytes());
        }
        let mut bytes = MAGIC.to_vec();
        frame::push(&mut bytes, &payload);
        bytes
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
        let (mut low, mut high) = (0, self.sorted.len() / WIDTH);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = row_at(&self.sorted, middle)?;
            match row.key.cmp(key) {
                std::cmp::Ordering::Equal => return Some(row),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// All keys with their places and last runs; what is newer than the index counts as used by its run.
    pub fn rows(&self) -> Rows {
        let sorted = (0..self.sorted.len() / WIDTH).filter_map(|at| row_at(&self.sorted, at));
        let mut rows: Rows = sorted.map(|row| (row.key, (row.slot, row.used))).collect();
        rows.extend(self.newer.iter().map(|(key, slot)| (*key, (*slot, self.run))));
        rows
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
    use std::collections::BTreeMap;

    use super::{Index, Row, Slot};
    use crate::digest;

    #[test]
    fn finds_each_key_and_no_other() {
        let slot = |number: u64| Slot { offset: number * 100, length: number as u32 };
        let key = |number: u64| digest::of("key", &number);
        let rows: BTreeMap<_, _> = (0..100).map(|number| (key(number), (slot(number), 3))).collect();
        let (header, mut index) = Index::decode(&Index::encode(7, 900, 4, &rows)).unwrap();
        assert_eq!((header.log, header.covered, index.run), (7, 900, 4));
        assert_eq!(index.rows(), rows);
        index.extend([Row { key: key(5), slot: slot(500), used: 0 }]);
        assert_eq!(index.find(&key(5)), Some(slot(500)));
        assert_eq!(index.find(&key(99)), Some(slot(99)));
        assert_eq!(index.find(&key(100)), None);
    }
}
