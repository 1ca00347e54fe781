//! What refs point to: read from git's files, or where they lie in a reftable, listed by the git program.
//!
//! Of files, loose refs come before packed ones. Nothing is opened or listed before it is asked for.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{GitError, Id, Place, program};

/// The refs of a repository.
pub struct Refs<'a> {
    place: &'a Place,
    head: Option<Ref>,
    all: OnceCell<BTreeMap<String, Ref>>,
    kept: Kept,
}

/// Where refs are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// In a file each, and packed into one.
    Files,
    /// Where only the program finds them; all are listed already.
    Elsewhere,
}

/// What a ref holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref {
    /// An object.
    Id(Id),
    /// The name of another ref.
    Symbolic(String),
}

impl<'a> Refs<'a> {
    /// The refs of the repository in `place`.
    ///
    /// # Errors
    /// When `HEAD` cannot be looked at, or the program is needed, and fails.
    pub fn open(place: &'a Place) -> Result<Refs<'a>, GitError> {
        if place.common.join("reftable").exists() {
            let head = program::head(place)?;
            return Ok(Refs { place, head, all: OnceCell::from(program::refs(place)?), kept: Kept::Elsewhere });
        }
        let head = read(&place.own.join("HEAD"), "HEAD")?.and_then(|text| parse(&text));
        Ok(Refs { place, head, all: OnceCell::new(), kept: Kept::Files })
    }

    /// What the working tree's `HEAD` holds.
    pub fn head(&self) -> Option<&Ref> {
        self.head.as_ref()
    }

    /// What the ref of this full name holds, if there is one.
    ///
    /// # Errors
    /// When there is one that cannot be read, or holds nothing that a ref can hold, as after a power failure: that is no
    /// branch without a commit.
    pub fn get(&self, name: &str) -> Result<Option<Ref>, GitError> {
        if !is_name(name) {
            return Ok(None);
        }
        Ok(match self.loose(name)? {
            Some(loose) => Some(loose),
            None => self.packed()?.get(name).cloned(),
        })
    }

    /// Whether there is any ref whose name begins with `prefix`, which ends with a `/`.
    pub fn has_below(&self, prefix: &str) -> bool {
        let is_packed = || self.packed().is_ok_and(|refs| refs.keys().any(|name| name.starts_with(prefix)));
        has_file(&self.place.common.join(prefix)) || is_packed()
    }

    /// The refs whose names begin with `prefix`, which ends with a `/`: each with what it holds, sorted.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn below(&self, prefix: &str) -> Result<Vec<String>, GitError> {
        let loose = fs::read_dir(self.place.common.join(prefix)).into_iter().flatten().flatten();
        let loose = loose.filter_map(|entry| Some(format!("{prefix}{}", entry.file_name().to_str()?)));
        let packed = self.packed()?.keys().filter(|name| name.starts_with(prefix)).cloned();
        let names: BTreeSet<String> = loose.chain(packed).collect();
        names.into_iter().map(|name| Ok(format!("{name} {:?}", self.get(&name)?))).collect()
    }

    /// The names of the remotes of which there are branches.
    pub fn remotes(&self) -> BTreeSet<String> {
        let folders = fs::read_dir(self.place.common.join("refs/remotes")).into_iter().flatten().flatten();
        let loose = folders.filter_map(|entry| entry.file_name().into_string().ok());
        let packed = self.packed().into_iter().flat_map(BTreeMap::keys);
        let packed = packed.filter_map(|name| name.strip_prefix("refs/remotes/")?.split_once('/'));
        loose.chain(packed.map(|(remote, _)| remote.to_owned())).collect()
    }

    fn loose(&self, name: &str) -> Result<Option<Ref>, GitError> {
        if self.kept == Kept::Elsewhere {
            return Ok(None);
        }
        let broken = || GitError::BrokenRef(format!("the ref `{name}` is broken: its file names no commit"));
        let text = read(&self.place.common.join(name), name)?;
        text.map(|text| parse(&text).ok_or_else(broken)).transpose()
    }

    /// The refs that have no file of their own.
    fn packed(&self) -> Result<&BTreeMap<String, Ref>, GitError> {
        if let Some(all) = self.all.get() {
            return Ok(all);
        }
        let text = read(&self.place.common.join("packed-refs"), "packed-refs")?.unwrap_or_default();
        let broken = || GitError::BrokenRef("git's file `packed-refs` is broken".to_owned());
        let line = |line: &str| {
            let (id, name) = line.split_once(' ')?;
            Some((name.to_owned(), Ref::Id(id.parse().ok()?)))
        };
        // Beside refs: a head line, and what tags were peeled to.
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '^']));
        let all = lines.map(|text| line(text).ok_or_else(broken)).collect::<Result<_, _>>()?;
        Ok(self.all.get_or_init(|| all))
    }
}

/// Whether a ref may have this name, as far as that matters for its place.
pub fn is_name(name: &str) -> bool {
    !name.split('/').any(|part| matches!(part, "" | "." | ".."))
}

/// The text of a file of git's, if there is one.
fn read(place: &Path, name: &str) -> Result<Option<String>, GitError> {
    use ErrorKind::{IsADirectory, NotADirectory, NotFound};
    match fs::read(place) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), NotFound | IsADirectory | NotADirectory) => Ok(None),
        Err(error) => Err(GitError::Unreadable(name.to_owned(), error.to_string())),
    }
}

/// Reads the content of a ref's file.
fn parse(text: &str) -> Option<Ref> {
    let text = text.trim();
    match text.strip_prefix("ref:") {
        Some(name) => Some(Ref::Symbolic(name.trim_start().to_owned())),
        None => text.parse().ok().map(Ref::Id),
    }
}

fn has_file(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        if path.is_dir() { has_file(&path) } else { true }
    })
}
