//! One look at the working tree: folders in parallel, each listed or read only if its stamp is not the known one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use smol_str::SmolStr;

use super::Seen;
use super::table::{File, Folder, Table};
use crate::diagnostic::Diagnostic;
use crate::digest;
use crate::disk::stamp::{self, Clock, Stamp};
use crate::path::RepoPath;
use crate::source::{Scope, SourceError, names};

/// Bytes of content that a look keeps for whoever reads the files next.
const ROOM: usize = 32 << 20;

/// What a look saw.
pub struct Scan {
    pub files: BTreeMap<RepoPath, Seen>,
    pub findings: Vec<Diagnostic>,
    pub table: Table,
    pub looked_closer: bool,
}

/// What a part of a look saw, unsorted, so that parts are put together in linear time.
#[derive(Default)]
struct Sight {
    files: Vec<(RepoPath, Seen)>,
    findings: Vec<Diagnostic>,
    folders: Vec<(RepoPath, Folder)>,
}

/// Looks at everything in `scope`, or only at what is `changed`.
pub fn scan(
    root: &Path,
    scope: &Scope,
    known: &Table,
    cache: Option<&Path>,
    changed: Option<&BTreeSet<RepoPath>>,
) -> Scan {
    let look = Look {
        root,
        known,
        cache,
        changed,
        clock: OnceLock::new(),
        room: AtomicUsize::new(ROOM),
        closer: AtomicBool::new(false),
    };
    let folders = scope.folders.par_iter().map(|folder| look.folder(folder, true));
    let mut sight = folders.reduce(Sight::default, Sight::and);
    let single = |path: &RepoPath| Some((path.clone(), look.single(path, &mut sight)?));
    let files = scope.files.iter().filter_map(single).collect();
    let mut findings = sight.findings;
    findings.sort();
    findings.dedup();
    let table = Table { folders: sight.folders.into_iter().collect(), files };
    let forgets = table.folders.len() != known.folders.len() || table.files.len() != known.files.len();
    let looked_closer = look.closer.into_inner() || forgets;
    Scan { files: sight.files.into_iter().collect(), findings, table, looked_closer }
}

/// What one look needs everywhere.
struct Look<'a> {
    root: &'a Path,
    known: &'a Table,
    cache: Option<&'a Path>,
    /// What may differ from what is known; `None` when that is not known.
    changed: Option<&'a BTreeSet<RepoPath>>,
    /// Asked before the first listing or reading: what is older then is settled, however long the look takes.
    clock: OnceLock<Option<Clock>>,
    room: AtomicUsize,
    closer: AtomicBool,
}

impl Sight {
    fn and(mut self, mut other: Sight) -> Sight {
        self.files.append(&mut other.files);
        self.findings.append(&mut other.findings);
        self.folders.append(&mut other.folders);
        self
    }

    fn refused(finding: Diagnostic) -> Sight {
        Sight { findings: vec![finding], ..Sight::default() }
    }
}

impl Look<'_> {
    /// A folder and everything below it; one that is not there is empty.
    fn folder(&self, path: &RepoPath, in_scope: bool) -> Sight {
        let place = self.place(path);
        let trusted = self.known.folders.get(path).filter(|known| known.stamp.is_some() && self.is_still(path));
        if let Some(known) = trusted {
            return self.entries(path, &place, known, Vec::new());
        }
        let (stamp, kind) = match stamp::look(&place) {
            Ok((stamp, meta)) => (stamp, meta.file_type()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Sight::default(),
            Err(error) => return Sight::refused(unreadable(path, &error)),
        };
        if !kind.is_dir() {
            let what = if kind.is_symlink() { "a symbolic link to somewhere else" } else { "not a folder" };
            return if in_scope { Sight::refused(names::not_a_file(path, what)) } else { Sight::default() };
        }
        match self.known.folders.get(path).filter(|known| known.stamp == Some(stamp)) {
            Some(known) => self.entries(path, &place, known, Vec::new()),
            None => match self.list(path, &place, stamp) {
                Ok((listed, findings)) => self.entries(path, &place, &listed, findings),
                Err(error) => Sight::refused(unreadable(path, &error)),
            },
        }
    }

    /// Lists a folder; what is known of its files stays known. One with findings is listed again the next time.
    fn list(&self, path: &RepoPath, place: &Path, stamp: Stamp) -> io::Result<(Folder, Vec<Diagnostic>)> {
        let settled = self.settled(&stamp);
        let known = self.known.folders.get(path);
        let mut folder = Folder::default();
        let mut findings = Vec::new();
        for entry in fs::read_dir(place)? {
            let entry = entry?;
            let below = match names::place(path, &entry.file_name()) {
                None => continue,
                Some(Err(finding)) => {
                    findings.push(finding);
                    continue;
                }
                Some(Ok(below)) => below,
            };
            let name = SmolStr::from(below.file_name());
            if entry.file_type()?.is_dir() {
                folder.folders.push(name);
            } else {
                let file = known.and_then(|known| known.files.get(&name)).cloned().unwrap_or_default();
                folder.files.insert(name, file);
            }
        }
        folder.folders.sort();
        folder.stamp = (settled && findings.is_empty()).then_some(stamp);
        Ok((folder, findings))
    }

    /// The files of a folder, and the folders below.
    fn entries(&self, path: &RepoPath, place: &Path, listed: &Folder, findings: Vec<Diagnostic>) -> Sight {
        let mut sight = Sight { findings, ..Sight::default() };
        let mut folder = Folder { stamp: listed.stamp, folders: listed.folders.clone(), files: BTreeMap::new() };
        for (name, file) in &listed.files {
            // Names were checked when they were listed, and a damaged table does not pass its checksum.
            let Ok(below) = path.join(name) else { continue };
            let file = self.file(&below, &place.join(name.as_str()), file, &mut sight);
            folder.files.extend(file.map(|file| (name.clone(), file)));
        }
        let below = listed.folders.par_iter().filter_map(|name| path.join(name).ok());
        let below = below.map(|below| self.folder(&below, false)).reduce(Sight::default, Sight::and);
        sight = sight.and(below);
        sight.folders.push((path.clone(), folder));
        sight
    }

    /// A file: adds it, or a finding, to `sight`; gives what is to be remembered of it, if it is there.
    fn file(&self, path: &RepoPath, place: &Path, known: &File, sight: &mut Sight) -> Option<File> {
        if let Some((_, digest)) = known.known.filter(|_| self.is_still(path)) {
            sight.files.push((path.clone(), Seen { digest, content: None }));
            return Some(known.clone());
        }
        let (stamp, meta) = match stamp::look(place) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                sight.findings.push(unreadable(path, &error));
                return Some(File::default());
            }
        };
        if let Some((_, digest)) = known.known.filter(|(known, _)| *known == stamp) {
            sight.files.push((path.clone(), Seen { digest, content: None }));
            return Some(known.clone());
        }
        // Before the content is read, or the clock would vouch for what it has not seen.
        let settled = self.settled(&stamp) && meta.is_file();
        match self.content(path, place, &meta) {
            Ok(None) => None,
            Ok(Some(content)) => {
                let digest = digest::bytes(&content);
                sight.files.push((path.clone(), Seen { digest, content: self.keep(content) }));
                Some(File { known: settled.then_some((stamp, digest)) })
            }
            Err(finding) => {
                sight.findings.push(*finding);
                Some(File::default())
            }
        }
    }

    /// One of the scope's single files.
    fn single(&self, path: &RepoPath, sight: &mut Sight) -> Option<File> {
        let known = self.known.files.get(path).cloned().unwrap_or_default();
        self.file(path, &self.place(path), &known, sight)
    }

    /// Whether what is known of `path`, a file or a folder's own list, holds without a look.
    fn is_still(&self, path: &RepoPath) -> bool {
        let near = |other: &RepoPath| other.is_below(path) || path.is_below(other);
        self.changed.is_some_and(|changed| !changed.iter().any(near))
    }

    /// Reads a file, or the file of the project that a symbolic link leads to; `None` when it is gone by now.
    fn content(&self, path: &RepoPath, place: &Path, meta: &Metadata) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
        if meta.is_symlink() {
            self.follow(path, place)?;
        } else if !meta.is_file() {
            return Err(Box::new(names::not_a_file(path, special(meta.file_type()))));
        }
        match fs::read(place) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Box::new(unreadable(path, &error))),
        }
    }

    /// Checks that a symbolic link leads to a file of the project.
    fn follow(&self, path: &RepoPath, place: &Path) -> Result<(), Box<Diagnostic>> {
        use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
        let resolve = |place: &Path| fs::canonicalize(place);
        let what = match resolve(self.root).and_then(|root| Ok((root, resolve(place)?))) {
            Ok((root, target)) if !target.starts_with(&root) => "a symbolic link that leaves the project",
            Ok((_, target)) if target.is_dir() => "a symbolic link to a folder",
            Ok(_) => return Ok(()),
            Err(error) => match error.kind() {
                PermissionDenied => return Err(Box::new(unreadable(path, &error))),
                NotFound | NotADirectory => "a symbolic link to nothing",
                _ => "a symbolic link in a circle",
            },
        };
        Err(Box::new(names::not_a_file(path, what)))
    }

    /// The content, while there is room for it.
    fn keep(&self, content: Vec<u8>) -> Option<Arc<[u8]>> {
        let take = |room: usize| room.checked_sub(content.len());
        self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        Some(content.into())
    }

    /// Whether a stamp may be remembered for what is read after this call.
    fn settled(&self, stamp: &Stamp) -> bool {
        self.closer.store(true, Ordering::Relaxed);
        let ask = || {
            let cache = self.cache?;
            fs::create_dir_all(cache).ok()?;
            Clock::ask(cache).ok()
        };
        self.clock.get_or_init(ask).is_some_and(|clock| clock.settles(stamp))
    }

    fn place(&self, path: &RepoPath) -> PathBuf {
        self.root.join(path.as_str())
    }
}

fn unreadable(path: &RepoPath, error: &io::Error) -> Diagnostic {
    SourceError::Unreadable(path.clone(), error.to_string()).diagnostic()
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_dir() => "a folder",
        () => "a device",
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "neither a file nor a folder"
}
