//! One look at the working tree: each folder listed and each file read only if its stamp is not the known one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use smol_str::SmolStr;

use super::fresh::Fresh;
use super::table::{Folder, Table};
use crate::diagnostic::Diagnostic;
use crate::digest;
use crate::disk::place::make_own;
use crate::disk::rows::{Row, Rows};
use crate::disk::stamp::{self, Clock, Stamp};
use crate::path::{RepoPath, below};
use crate::source::{Scope, SourceError, names};

/// Bytes of content that a look keeps for whoever reads the files next.
const ROOM: usize = 32 << 20;

/// How many links may lead to one another before they count as a circle.
const LINKS: usize = 40;

/// Files of a folder that one thread reads before another has begun.
const FEW: usize = 16;

/// What a look saw.
pub struct Scan {
    pub table: Table,
    pub contents: BTreeMap<RepoPath, Arc<[u8]>>,
    pub findings: Vec<Diagnostic>,
    pub looked_closer: bool,
}

/// What a part of a look saw, unsorted, so that parts are put together in linear time.
#[derive(Default)]
struct Sight {
    folders: Vec<(RepoPath, Arc<Folder>)>,
    contents: Vec<(RepoPath, Arc<[u8]>)>,
    targets: Vec<RepoPath>,
    findings: Vec<Diagnostic>,
}

/// Looks at everything in `scope`, or only at what is `changed`.
pub fn scan(
    root: &Path,
    scope: &Scope,
    known: &Table,
    cache: Option<&Path>,
    changed: Option<&BTreeSet<RepoPath>>,
) -> Scan {
    let fresh = match changed {
        Some(changed) => Fresh::told(changed, known),
        None => Fresh::found(root, known),
    };
    let look = Look {
        root,
        known,
        cache,
        fresh,
        clock: OnceLock::new(),
        room: AtomicUsize::new(ROOM),
        closer: AtomicBool::new(false),
    };
    let folders = scope.folders.iter().map(|folder| look.folder(folder, true, look.fresh.covers(folder)));
    let mut sight = folders.fold(Sight::default(), Sight::and);
    let single = |path: &RepoPath| Some((path.clone(), look.single(path, &mut sight)?));
    let files = scope.files.iter().filter_map(single).collect();
    let mut findings = sight.findings;
    findings.sort();
    findings.dedup();
    let targets = sight.targets.into_iter().collect();
    let table = Table { folders: sight.folders.into_iter().collect(), files, targets };
    let forgets = table.folders.len() != known.folders.len() || table.files.len() != known.files.len();
    let looked_closer = look.closer.into_inner() || forgets;
    Scan { table, contents: sight.contents.into_iter().collect(), findings, looked_closer }
}

/// What one look needs everywhere.
struct Look<'a> {
    root: &'a Path,
    known: &'a Table,
    cache: Option<&'a Path>,
    fresh: Fresh,
    /// Asked before the first listing or reading: what is older then is settled, however long the look takes.
    clock: OnceLock<Option<Clock>>,
    room: AtomicUsize,
    closer: AtomicBool,
}

impl Sight {
    fn and(mut self, mut other: Sight) -> Sight {
        self.folders.append(&mut other.folders);
        self.contents.append(&mut other.contents);
        self.targets.append(&mut other.targets);
        self.findings.append(&mut other.findings);
        self
    }

    fn refused(finding: Diagnostic) -> Sight {
        Sight { findings: vec![finding], ..Sight::default() }
    }
}

impl Look<'_> {
    /// A folder and everything below it; one that is not there is empty. When it is `whole`, nothing in it holds
    /// without a look.
    fn folder(&self, path: &RepoPath, in_scope: bool, whole: bool) -> Sight {
        let known = self.known.folders.get(path);
        if known.is_some() && !whole && !self.fresh.leads_to(path.as_str()) {
            let folders = below(&self.known.folders, path).map(|(path, folder)| (path.clone(), Arc::clone(folder)));
            return Sight { folders: folders.collect(), ..Sight::default() };
        }
        let place = self.place(path);
        let (stamp, kind) = match stamp::look(&place) {
            Ok((stamp, meta)) => (stamp, meta.file_type()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Sight::default(),
            Err(error) => return Sight::refused(unreadable(path, &error)),
        };
        if !kind.is_dir() {
            let what = if kind.is_symlink() { "a symbolic link to somewhere else" } else { "not a folder" };
            return if in_scope { Sight::refused(names::not_a_file(path, what)) } else { Sight::default() };
        }
        let whole = whole || self.fresh.covers(path);
        match known.filter(|known| known.stamp == Some(stamp)) {
            Some(known) => self.entries(path, &place, known, whole),
            None => match self.list(path, &place, stamp) {
                Ok((listed, findings)) => {
                    self.entries(path, &place, &listed, whole).and(Sight { findings, ..Sight::default() })
                }
                Err(error) => Sight::refused(unreadable(path, &error)),
            },
        }
    }

    /// Lists a folder; what is known of its files stays known. One with findings is listed again the next time.
    fn list(&self, path: &RepoPath, place: &Path, stamp: Stamp) -> io::Result<(Folder, Vec<Diagnostic>)> {
        let settled = self.settled(&stamp);
        let known = self.known.folders.get(path);
        let (mut files, mut folders, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        for entry in fs::read_dir(place)? {
            let entry = entry?;
            match names::place(path, &entry.file_name()) {
                None => {}
                Some(Err(finding)) => findings.push(finding),
                Some(Ok(below)) => {
                    let names = if entry.file_type()?.is_dir() { &mut folders } else { &mut files };
                    names.push(SmolStr::from(below.file_name()));
                }
            }
        }
        files.sort_unstable();
        folders.sort_unstable();
        let row = |name: &str| known.and_then(|known| known.files.get(name)).unwrap_or_default();
        let files = files.iter().map(|name| (name.as_str(), row(name))).collect();
        Ok((Folder { stamp: (settled && findings.is_empty()).then_some(stamp), files, folders }, findings))
    }

    /// The files of a folder, and the folders below.
    fn entries(&self, path: &RepoPath, place: &Path, listed: &Folder, whole: bool) -> Sight {
        let mut way = String::new();
        let mut is_still = |name: &str, row: &Row| {
            way.clear();
            way.extend([path.as_str(), if path.is_root() { "" } else { "/" }, name]);
            !whole && row.stamp.is_some() && !self.fresh.leads_to(&way)
        };
        let files: Vec<(&str, Row, bool)> =
            listed.files.iter().map(|(name, row)| (name, row, is_still(name, &row))).collect();
        let look = |(name, row, is_still): &(&str, Row, bool)| {
            let mut sight = Sight::default();
            // Names were checked when they were listed, and a damaged table does not pass its checksum.
            let row = match path.join(name) {
                Ok(path) if !is_still => self.file(&path, &place.join(name), row, &mut sight),
                _ => Some(*row),
            };
            (row, sight)
        };
        let few = files.iter().filter(|(.., is_still)| !is_still).count() <= FEW;
        let looked: Vec<(Option<Row>, Sight)> =
            if few { files.iter().map(look).collect() } else { files.par_iter().map(look).collect() };
        let mut sight = Sight::default();
        let mut rows = Rows::default();
        for ((name, ..), (row, seen)) in files.iter().zip(looked) {
            row.iter().for_each(|row| rows.push(name, row));
            sight = sight.and(seen);
        }
        let below = listed.folders.par_iter().filter_map(|name| path.join(name).ok());
        let below = below.map(|below| self.folder(&below, false, whole)).reduce(Sight::default, Sight::and);
        sight = sight.and(below);
        let folder = Folder { stamp: listed.stamp, files: rows, folders: listed.folders.clone() };
        sight.folders.push((path.clone(), Arc::new(folder)));
        sight
    }

    /// A file: adds its content, or a finding, to `sight`; gives what is to be remembered of it, if it is there.
    fn file(&self, path: &RepoPath, place: &Path, known: &Row, sight: &mut Sight) -> Option<Row> {
        let (stamp, meta) = match stamp::look(place) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                sight.findings.push(unreadable(path, &error));
                return Some(Row::default());
            }
        };
        if known.stamp == Some(stamp) {
            return Some(*known);
        }
        // Before the content is read, or the clock would vouch for what it has not seen.
        let settled = self.settled(&stamp) && meta.is_file();
        match self.content(path, place, &meta, sight) {
            Ok(None) => None,
            Ok(Some(content)) => {
                let digest = digest::bytes(&content);
                sight.contents.extend(self.keep(content).map(|content| (path.clone(), content)));
                Some(Row { digest: Some(digest), stamp: settled.then_some(stamp) })
            }
            Err(finding) => {
                sight.findings.push(*finding);
                Some(Row::default())
            }
        }
    }

    /// One of the scope's single files.
    fn single(&self, path: &RepoPath, sight: &mut Sight) -> Option<Row> {
        let known = self.known.files.get(path).copied().unwrap_or_default();
        if known.stamp.is_some() && !self.fresh.leads_to(path.as_str()) && !self.fresh.covers(path) {
            return Some(known);
        }
        self.file(path, &self.place(path), &known, sight)
    }

    /// Reads a file, or the file of the project that a symbolic link leads to; `None` when it is gone by now.
    fn content(
        &self,
        path: &RepoPath,
        place: &Path,
        meta: &Metadata,
        sight: &mut Sight,
    ) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
        if meta.is_symlink() {
            sight.targets.extend(self.steps(place));
            sight.targets.extend(self.follow(path, place)?);
        } else if !meta.is_file() {
            return Err(Box::new(names::not_a_file(path, special(meta.file_type()))));
        }
        match fs::read(place) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Box::new(unreadable(path, &error))),
        }
    }

    /// Where in the project a symbolic link leads to, link by link, whether something is there or not.
    fn steps(&self, link: &Path) -> Vec<RepoPath> {
        let mut place = link.to_owned();
        let mut steps = Vec::new();
        while let Ok(target) = fs::read_link(&place)
            && steps.len() < LINKS
        {
            let mut next = place.parent().unwrap_or(self.root).to_owned();
            for part in target.components() {
                match part {
                    Component::ParentDir => drop(next.pop()),
                    Component::CurDir => {}
                    part => next.push(part),
                }
            }
            let inside = next.strip_prefix(self.root).ok().and_then(Path::to_str);
            steps.extend(inside.and_then(|text| RepoPath::new(text).ok()));
            if inside.is_none() {
                break;
            }
            place = next;
        }
        steps
    }

    /// The file of the project that a symbolic link leads to.
    fn follow(&self, path: &RepoPath, place: &Path) -> Result<Option<RepoPath>, Box<Diagnostic>> {
        use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
        let resolve = |place: &Path| fs::canonicalize(place);
        let what = match resolve(self.root).and_then(|root| Ok((root, resolve(place)?))) {
            Ok((root, target)) if !target.starts_with(&root) => "a symbolic link that leaves the project",
            Ok((_, target)) if target.is_dir() => "a symbolic link to a folder",
            Ok((root, target)) => {
                let inside = target.strip_prefix(&root).ok().and_then(Path::to_str);
                return Ok(inside.and_then(|text| RepoPath::new(text).ok()));
            }
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
            make_own(cache).ok()?;
            Clock::ask(cache).ok()
        };
        self.clock.get_or_init(ask).is_some_and(|clock| clock.settles(stamp))
    }

    fn place(&self, path: &RepoPath) -> PathBuf {
        self.root.join(path.as_str())
    }
}

fn unreadable(path: &RepoPath, error: &io::Error) -> Diagnostic {
    SourceError::refused(path, error).diagnostic()
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
