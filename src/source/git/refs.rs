//! What refs point to: read from git's files, or where they lie in a reftable, listed by the git program.
//!
//! Of files, loose refs come before packed ones. Nothing is opened or listed before it is asked for.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
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
    /// When the program is needed, and fails.
    pub fn open(place: &'a Place) -> Result<Refs<'a>, GitError> {
        if place.common.join("reftable").exists() {
            let head = program::head(place)?;
            return Ok(Refs { place, head, all: OnceCell::from(program::refs(place)?), kept: Kept::Elsewhere });
        }
        let head = fs::read_to_string(place.own.join("HEAD")).ok().and_then(|text| parse(&text));
        Ok(Refs { place, head, all: OnceCell::new(), kept: Kept::Files })
    }

    /// What the working tree's `HEAD` holds.
    pub fn head(&self) -> Option<&Ref> {
        self.head.as_ref()
    }

    /// What the ref of this full name holds, if there is one.
    pub fn get(&self, name: &str) -> Option<Ref> {
        if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return None;
        }
        self.loose(name).or_else(|| self.packed().get(name).cloned())
    }

    /// Whether there is any ref whose name begins with `prefix`, which ends with a `/`.
    pub fn has_below(&self, prefix: &str) -> bool {
        has_file(&self.place.common.join(prefix)) || self.packed().keys().any(|name| name.starts_with(prefix))
    }

    /// The names of the remotes of which there are branches.
    pub fn remotes(&self) -> BTreeSet<String> {
        let folders = fs::read_dir(self.place.common.join("refs/remotes")).into_iter().flatten().flatten();
        let loose = folders.filter_map(|entry| entry.file_name().into_string().ok());
        let packed = self.packed().keys().filter_map(|name| name.strip_prefix("refs/remotes/")?.split_once('/'));
        loose.chain(packed.map(|(remote, _)| remote.to_owned())).collect()
    }

    fn loose(&self, name: &str) -> Option<Ref> {
        if self.kept == Kept::Elsewhere {
            return None;
        }
        parse(&fs::read_to_string(self.place.common.join(name)).ok()?)
    }

    /// The refs that have no file of their own.
    fn packed(&self) -> &BTreeMap<String, Ref> {
        self.all.get_or_init(|| {
            let text = fs::read_to_string(self.place.common.join("packed-refs")).unwrap_or_default();
            let line = |line: &str| {
                let (id, name) = line.split_once(' ')?;
                Some((name.to_owned(), Ref::Id(id.parse().ok()?)))
            };
            text.lines().filter_map(line).collect()
        })
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
