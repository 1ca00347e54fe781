//! The log of a store: a header, then one frame a record, appended and never changed in place.
//!
//! Bytes after the last whole record are what a killed run left; whoever holds the store's lock cuts them off.
//! An open log stays readable while another process compacts, since that makes a new file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::index::{Row, Slot};
use crate::digest::Digest;
use crate::disk::{atomic, frame};

/// Names the format; another version is another file, which reads as empty.
const MAGIC: &[u8; 12] = b"forge log 1\n";
/// The magic and the log's own number.
pub const HEADER: u64 = 20;
/// Bytes of the key, in front of each record's value.
const KEY: usize = 32;

/// A key and its value.
pub type Record = (Digest, Arc<[u8]>);

/// Bytes to gather before they are written.
const BUFFER: usize = 1 << 20;

/// An open log.
pub struct Log {
    file: File,
    /// A number that no other log of this store has, so that an index knows its log.
    pub id: u64,
    /// Bytes in the file, the torn tail included.
    pub length: u64,
}

impl Log {
    /// Opens the log at `path`; `None` when there is none or it is something else.
    pub fn open(path: &Path) -> Option<Log> {
        let file = OpenOptions::new().read(true).open(path).ok()?;
        let length = file.metadata().ok()?.len();
        let header = read_at(&file, 0, HEADER.min(length))?;
        let id = header.strip_prefix(MAGIC)?.first_chunk::<8>().map(|id| u64::from_le_bytes(*id))?;
        Some(Log { file, id, length })
    }

    /// Makes a new log at `path` of `records`, whole or not at all, and says where each lies.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path, records: &[Record]) -> io::Result<(Log, Vec<Slot>)> {
        let id = fresh_number();
        let mut bytes = [MAGIC.as_slice(), &id.to_le_bytes()].concat();
        let slots = encode(&mut bytes, 0, records);
        atomic::replace(path, &bytes)?;
        let log = Log::open(path).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok((log, slots))
    }

    /// Appends `records` at `end`, cutting off what stands there; the caller holds the store's lock.
    ///
    /// # Errors
    /// When they cannot be written; the log then ends at `end` again, if that much is possible.
    pub fn append(path: &Path, end: u64, records: &[Record]) -> io::Result<Vec<Slot>> {
        OpenOptions::new().write(true).open(path)?.set_len(end)?;
        let mut file = OpenOptions::new().append(true).open(path)?;
        write_records(&mut file, end, records).inspect_err(|_| {
            let _ = file.set_len(end);
        })
    }

    /// The records from `start` on, and where the last whole one ends.
    pub fn tail(&self, start: u64) -> (Vec<Row>, u64) {
        let bytes = read_at(&self.file, start, self.length.saturating_sub(start)).unwrap_or_default();
        let mut end = start;
        let mut rows = Vec::new();
        for payload in frame::scan(&bytes) {
            let Some((key, _)) = bytes[payload.clone()].split_first_chunk::<KEY>() else { break };
            let slot = Slot { offset: end, length: payload.len() as u32 };
            rows.push(Row { key: Digest::from_bytes(*key), slot, used: 0 });
            end = start + payload.end as u64;
        }
        (rows, end)
    }

    /// What `take` makes of the value at `slot`; `None` when that is damaged or another key's.
    pub fn value<T>(&self, key: &Digest, slot: Slot, take: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let bytes = read_at(&self.file, slot.offset, frame::HEAD as u64 + u64::from(slot.length))?;
        let (found, value) = frame::first(&bytes)?.split_first_chunk::<KEY>()?;
        (found == key.as_bytes()).then(|| take(value))
    }
}

/// Frames `records` behind what `bytes` holds already and lies at `base` in the file. A store keeps records far
/// below the length that a frame can say.
fn encode(bytes: &mut Vec<u8>, base: u64, records: &[Record]) -> Vec<Slot> {
    let frame_record = |(key, value): &Record| {
        let offset = base + bytes.len() as u64;
        let payload = [key.as_bytes().as_slice(), value].concat();
        frame::push(bytes, &payload);
        Slot { offset, length: payload.len() as u32 }
    };
    records.iter().map(frame_record).collect()
}

/// Writes `records` to the end of `file`, which is at `end`, without holding all of them in memory twice.
fn write_records(file: &mut File, end: u64, records: &[Record]) -> io::Result<Vec<Slot>> {
    let mut slots = Vec::with_capacity(records.len());
    let (mut bytes, mut at) = (Vec::new(), end);
    for record in records {
        slots.extend(encode(&mut bytes, at, std::slice::from_ref(record)));
        if bytes.len() >= BUFFER {
            file.write_all(&bytes)?;
            at += bytes.len() as u64;
            bytes.clear();
        }
    }
    file.write_all(&bytes)?;
    Ok(slots)
}

/// A number that differs from log to log. It only ties an index to its log and enters nothing else.
fn fresh_number() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, length: u64) -> Option<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    file.read_exact_at(&mut bytes, offset).ok()?;
    Some(bytes)
}

#[cfg(not(unix))]
fn read_at(file: &File, offset: u64, length: u64) -> Option<Vec<u8>> {
    use std::os::windows::fs::FileExt;
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    let mut done = 0;
    while done < bytes.len() {
        match file.seek_read(&mut bytes[done..], offset + done as u64).ok()? {
            0 => return None,
            read => done += read,
        }
    }
    Some(bytes)
}
