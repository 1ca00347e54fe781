//! Everything that is read from a git repository, in two ways behind one trait.
//!
//! [`native`] reads through libgit2. Where libgit2 refuses or would answer otherwise than git does (SHA-256, reftable,
//! replaced objects, grafts, objects that a partial clone left with its remote), [`program`] asks the git
//! program's plumbing. Both hand out raw objects, and [`parse`] reads them. What needs no object, which is
//! what the branches point to, is read from files by [`refs`] and [`tips()`].
//!
//! Nothing here writes to the repository, takes a lock, or knows what a schema is.

mod error;
pub mod graph;
mod id;
pub mod native;
pub mod parse;
mod place;
pub mod program;
mod refs;
pub mod tips;

pub use error::GitError;
pub use id::Id;
pub use parse::{Entry, Header, Meta, Mode, Person, Time};
pub use place::Place;
pub use tips::{Head, Mainline, Tips, tips};

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file.
    Blob,
    /// An annotated tag.
    Tag,
}

/// A commit, and the root of its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The commit.
    pub commit: Id,
    /// The root of its tree.
    pub tree: Id,
}

/// An object as git stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its content, without git's header.
    pub content: Vec<u8>,
}

/// A repository to read from; replaced objects, grafts and all, it answers as git does.
pub trait Repository: Send + Sync {
    /// The commit that `revision` names, in any of git's notations; `None` when it names none.
    ///
    /// # Errors
    /// When git cannot look.
    fn resolve(&self, revision: &str) -> Result<Option<Id>, GitError>;

    /// An object.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    fn object(&self, id: Id) -> Result<Object, GitError>;

    /// Visits `tip` and its first parents, newest first, up to the root, a shallow boundary, or a break.
    ///
    /// # Errors
    /// When a commit cannot be read.
    fn first_parents(&self, tip: Id, visit: &mut dyn FnMut(Point) -> ControlFlow<()>) -> Result<(), GitError>;

    /// Whether objects were left with a remote, from where each that is read comes on a way of its own.
    fn is_partial(&self) -> bool {
        false
    }

    /// Lets the objects among `ids` that were left with a remote come together, as far as that is possible; those that do not
    /// come are missed when they are read.
    fn fetch(&self, ids: &BTreeSet<Id>) {
        let _ = ids;
    }

    /// The content of a blob.
    ///
    /// # Errors
    /// As [`Repository::object`]; also when the object is something else.
    fn blob(&self, id: Id) -> Result<Vec<u8>, GitError> {
        self.of_kind(id, Kind::Blob)
    }

    /// A commit.
    ///
    /// # Errors
    /// As [`Repository::blob`].
    fn commit(&self, id: Id) -> Result<Header, GitError> {
        parse::commit(&self.of_kind(id, Kind::Commit)?).ok_or(GitError::Damaged(id))
    }

    /// The entry of `name` in a tree.
    ///
    /// # Errors
    /// As [`Repository::blob`].
    fn entry(&self, tree: Id, name: &[u8]) -> Result<Option<Entry>, GitError> {
        let content = self.of_kind(tree, Kind::Tree)?;
        Ok(parse::entry(&content, tree.as_bytes().len(), name))
    }

    /// The content of an object that has to be of this kind.
    ///
    /// # Errors
    /// As [`Repository::blob`].
    fn of_kind(&self, id: Id, kind: Kind) -> Result<Vec<u8>, GitError> {
        let object = self.object(id)?;
        if object.kind == kind { Ok(object.content) } else { Err(GitError::Damaged(id)) }
    }
}

/// Opens the repository, in the way that gives git's own answers.
///
/// # Errors
/// When the repository belongs to another user, or neither way can read it.
pub fn open(place: &Place) -> Result<Box<dyn Repository>, GitError> {
    if native_would_be_wrong(place)? {
        return Ok(Box::new(program::Program::open(place)?));
    }
    match native::Native::open(place) {
        Ok(native) => Ok(Box::new(native)),
        Err(untrusted @ GitError::Untrusted(_)) => Err(untrusted),
        // An extension that libgit2 does not know: the program, which may, has the last word.
        Err(_) => Ok(Box::new(program::Program::open(place)?)),
    }
}

/// Whether libgit2 would open the repository and then answer otherwise than git, or not at all.
fn native_would_be_wrong(place: &Place) -> Result<bool, GitError> {
    let common = &place.common;
    if common.join("reftable").exists() || common.join(GRAFTS).exists() || is_partial(place) {
        return Ok(true);
    }
    Ok(refs::Refs::open(place)?.has_below(REPLACED))
}

/// Whether objects were left with the remote, which git fetches when they are read and libgit2 does not.
fn is_partial(place: &Place) -> bool {
    let packs = fs::read_dir(place.common.join("objects/pack")).into_iter().flatten().flatten();
    packs.into_iter().any(|entry| entry.path().extension().is_some_and(|extension| extension == "promisor"))
}

/// What `git replace` and the old file of grafts say.
fn replaced(place: &Place, refs: &refs::Refs<'_>) -> Result<Vec<String>, GitError> {
    let mut found = refs.below(REPLACED)?;
    let grafts = fs::read(place.common.join(GRAFTS)).unwrap_or_default();
    found.extend(String::from_utf8_lossy(&grafts).lines().map(str::to_owned));
    Ok(found)
}

/// Where the refs are that say what is replaced.
const REPLACED: &str = "refs/replace/";
/// The file that says which commits have other parents.
const GRAFTS: &str = "info/grafts";

/// The commits that are the ends of a shallow clone's history.
///
/// # Errors
/// When git's list of them cannot be read.
pub fn shallow(place: &Place) -> Result<Vec<Id>, GitError> {
    match fs::read_to_string(place.common.join("shallow")) {
        Ok(text) => Ok(text.lines().filter_map(|line| line.trim().parse().ok()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(GitError::Refused(format!("`shallow` cannot be read: {error}"))),
    }
}
