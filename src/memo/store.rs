//! Bytes by key, kept between runs: an index in front of an append-only log, in a folder of its own.
//!
//! - Opening and reading never fail: what is missing, cut, damaged, foreign or of another version is not there.
//! - Nothing is decoded or even read before it is asked for, but the index and the little that the log holds behind it.
//! - What a run adds is held in memory and written by one [`Store::commit`]: under a lock that is given up after
//!   a moment, first the log, then, once enough has come together, the index. A kill in between costs at most what this run had added.
//! - Two processes only ever append in turn, each after looking at what the other one left.
//! - The log is bounded by what recent runs use of it: beyond a few times that, what they did not use goes (see
//!   [`Store::commit`]).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::index::{Index, Row, Rows, Slot};
use super::log::{HEADER, Log, Record};
use crate::digest::Digest;
use crate::disk::place::make_own;
use crate::disk::{atomic, lock};

/// Bytes at which a log is compacted, where recent runs use little of it.
const LIMIT: u64 = 64 << 20;
/// A log is left alone up to so many times what recent runs use of it: a large project needs more.
const ROOM: u64 = 4;
/// Bytes of records that nothing refers to any more, at which a log is compacted when they are most of it.
const DEAD: u64 = 4 << 20;
/// Bytes behind the index up to which a run leaves it as it is: what is there is found by reading it.
const TAIL: u64 = 2 << 20;
/// How long a commit tries for the lock.
const PATIENCE: Duration = Duration::from_millis(250);

/// What became of a run's additions.
#[derive(Debug)]
pub enum Kept {
    /// There was nothing to write.
    Nothing,
    /// They are in the log.
    Written,
    /// Another process held the lock; they are still in memory.
    Busy,
    /// They could not be written (a read-only folder, a full disk); they are still in memory.
    Failed(io::Error),
}

/// A store in a folder of its own.
pub struct Store {
    folder: PathBuf,
    limit: u64,
    opened: RwLock<Option<Arc<Opened>>>,
    added: Mutex<BTreeMap<Digest, Arc<[u8]>>>,
    /// The keys that were used, some more than once.
    used: Mutex<Vec<Digest>>,
}

/// The files as they were found.
#[derive(Clone, Default)]
struct Opened {
    log: Option<Arc<Log>>,
    index: Index,
    /// The bytes of the log that the index file covers; none when there is no such file.
    covered: Option<u64>,
    /// Where the last whole record ends.
    end: u64,
}

impl Store {
    /// The store in `folder`, which need not exist; reads nothing yet.
    pub fn open(folder: impl Into<PathBuf>) -> Store {
        Store {
            folder: folder.into(),
            limit: LIMIT,
            opened: RwLock::default(),
            added: Mutex::default(),
            used: Mutex::default(),
        }
    }

    /// The same store with another bound for its log, in bytes; it may be a few times what recent runs use all the same.
    #[must_use]
    pub fn bounded(mut self, limit: u64) -> Store {
        self.limit = limit;
        self
    }

    /// What `take` makes of the value of `key`, if an earlier run or this one has put it.
    pub fn read<T>(&self, key: &Digest, take: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let added = locked(&self.added).get(key).cloned();
        if let Some(value) = added {
            return Some(take(&value));
        }
        let opened = self.opened();
        let value = opened.log.as_ref()?.value(key, opened.index.find(key)?, take)?;
        self.touch(key);
        Some(value)
    }

    /// Notes that this run uses the value of `key`, which it has from elsewhere.
    pub fn touch(&self, key: &Digest) {
        locked(&self.used).push(*key);
    }

    /// Sets the value of `key`, for this run at once and for others after the next commit; what no log of this
    /// limit could hold is not kept. Says whether it is.
    pub fn put(&self, key: Digest, value: Vec<u8>) -> bool {
        let fits = (value.len() as u64) < self.limit / 2;
        if fits {
            locked(&self.added).insert(key, value.into());
        }
        fits
    }

    /// As [`Store::put`], of a value that follows from its key: one that is there is not written again.
    pub fn put_new(&self, key: Digest, value: Vec<u8>) -> bool {
        if self.opened().index.find(&key).is_some() {
            self.touch(&key);
            return true;
        }
        self.put(key, value)
    }

    /// Writes what was put since the last commit, or says why not.
    ///
    /// A log beyond its limit and beyond four times what the last two runs used that wrote the index, or one that is mostly dead records, is
    /// written anew: values by their last use, newest run first, until half of that is full.
    pub fn commit(&self) -> Kept {
        let records: Vec<Record> = locked(&self.added).iter().map(|(key, value)| (*key, Arc::clone(value))).collect();
        let used = {
            let mut used = locked(&self.used);
            used.sort_unstable();
            used.dedup();
            used.clone()
        };
        if records.is_empty() && !self.is_behind() {
            return Kept::Nothing;
        }
        match self.write(&records, &used) {
            Ok(None) | Err(_) if records.is_empty() => Kept::Nothing,
            Ok(None) => Kept::Busy,
            Ok(Some((opened, is_indexed))) => {
                locked(&self.added).clear();
                if is_indexed {
                    locked(&self.used).clear();
                }
                *self.opened.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(opened));
                Kept::Written
            }
            Err(error) => Kept::Failed(error),
        }
    }

    /// Whether the log holds what the index does not tell: where that is so since a run was killed, there may be an
    /// unfinished file of it, too.
    fn is_behind(&self) -> bool {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        opened.as_ref().is_some_and(|opened| opened.index.is_behind())
    }

    /// Adds `records`, and says what there is then and whether the index tells of it.
    fn write(&self, records: &[Record], used: &[Digest]) -> io::Result<Option<(Opened, bool)>> {
        make_own(&self.folder)?;
        let Some(_lock) = lock::take(&self.folder.join("lock"), PATIENCE)? else { return Ok(None) };
        atomic::sweep(&self.folder);
        let mut now = Opened::again(&self.opened(), &self.folder);
        let path = self.folder.join("log");
        if now.log.is_none() {
            now.end = Log::create(&path, &[])?.0.length;
        }
        let slots = Log::append(&path, now.end, records)?;
        let run = now.index.run.saturating_add(1);
        let added = records.iter().zip(slots).map(|((key, _), slot)| Row { key: *key, slot, used: run });
        let mut log = Log::open(&path).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        let tail = now.covered.map(|covered| log.length.saturating_sub(covered));
        if tail.is_some_and(|tail| tail <= TAIL.min(self.limit / 8)) && now.index.knows_use(used) {
            now.index.extend(added);
            (now.end, now.log) = (log.length, Some(Arc::new(log)));
            return Ok(Some((now, false)));
        }
        let mut rows = now.index.rows(used, run).with(added.collect());
        let recent = rows.iter().filter(|row| row.used.saturating_add(1) >= run);
        let limit = self.limit.max(ROOM * recent.map(|row| u64::from(row.slot.length)).sum::<u64>());
        if is_overgrown(&log, &rows, limit) {
            (log, rows) = compact(&path, &log, &rows, limit / 2)?;
        }
        let index = Index::encode(log.id, log.length, run, &rows);
        atomic::replace(&self.folder.join("index"), &index)?;
        let (end, covered) = (log.length, Some(log.length));
        let index = Index::decode(index).map(|(_, index)| index).unwrap_or_default();
        Ok(Some((Opened { log: Some(Arc::new(log)), index, covered, end }, true)))
    }

    fn opened(&self) -> Arc<Opened> {
        if let Some(opened) = &*self.opened.read().unwrap_or_else(PoisonError::into_inner) {
            return Arc::clone(opened);
        }
        let mut slot = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slot.get_or_insert_with(|| Arc::new(Opened::read(&self.folder))))
    }
}

impl Opened {
    /// Reads the index, and the part of the log that it does not cover: all of it when the two do not belong together.
    fn read(folder: &Path) -> Opened {
        let index = fs::read(folder.join("index")).ok().and_then(Index::decode);
        let Some(log) = Log::open(&folder.join("log")) else { return Opened::default() };
        let (covered, mut index) = match index {
            Some((header, index)) if header.log == log.id && header.covered <= log.length => {
                (Some(header.covered), index)
            }
            _ => (None, Index::default()),
        };
        let (rows, end) = log.tail(covered.unwrap_or(HEADER));
        index.extend(rows);
        Opened { log: Some(Arc::new(log)), index, covered, end }
    }

    /// What is there now, where this was before: nothing is read when nobody has written since.
    fn again(before: &Opened, folder: &Path) -> Opened {
        let same = |before: &Arc<Log>| {
            let now = Log::open(&folder.join("log"));
            now.is_some_and(|now| (now.id, now.length) == (before.id, before.length))
        };
        if before.log.as_ref().is_some_and(same) { before.clone() } else { Opened::read(folder) }
    }
}

fn is_overgrown(log: &Log, rows: &Rows, limit: u64) -> bool {
    let live: u64 = rows.iter().map(|row| u64::from(row.slot.length)).sum();
    let dead = log.length.saturating_sub(live);
    log.length > limit || (dead > DEAD && dead > live)
}

/// Writes a new log of the most recently used values that fit `budget`; damaged ones are left out.
fn compact(path: &Path, log: &Log, rows: &Rows, budget: u64) -> io::Result<(Log, Rows)> {
    let mut by_use: Vec<&Row> = rows.iter().collect();
    by_use.sort_by_key(|row| (std::cmp::Reverse(row.used), row.key));
    let mut left = budget;
    let mut records = Vec::new();
    let mut runs = Vec::new();
    for Row { key, slot, used } in by_use {
        let Some(rest) = left.checked_sub(u64::from(slot.length)) else { continue };
        let Some(value) = log.value(key, *slot, |value| Arc::from(value)) else { continue };
        left = rest;
        records.push((*key, value));
        runs.push(*used);
    }
    let (log, slots) = Log::create(path, &records)?;
    let row = |((key, _), (slot, used)): (&Record, (Slot, u32))| Row { key: *key, slot, used };
    Ok((log, records.iter().zip(slots.into_iter().zip(runs)).map(row).collect()))
}

/// The value behind `mutex`; a thread that panicked elsewhere leaves these maps whole.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
