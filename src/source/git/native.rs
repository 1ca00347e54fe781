//! Reads a repository through libgit2.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use git2::{ErrorClass, ErrorCode, ObjectType, Odb, Oid, RepositoryOpenFlags};

use super::graph::{Graph, Line};
use super::program::Program;
use super::{GitError, Id, Kind, Object, Place, Point, Repository, parse, shallow};

/// A repository opened by libgit2.
pub struct Native {
    /// For revisions, which need refs and reflogs.
    repository: Mutex<git2::Repository>,
    /// For objects: the same folders, without going through the repository's lock.
    doors: Vec<OnceLock<Odb<'static>>>,
    /// Commits whose parents are not there.
    ends: Vec<Id>,
    graph: OnceLock<Option<Graph>>,
    place: Place,
}

/// How many threads may read objects at once, each with what libgit2 holds in memory for it.
const DOORS: usize = 8;

/// How far a walk goes before it looks for git's commit-graph, which is read whole.
const NEAR: usize = 64;

impl Native {
    /// Opens the repository.
    ///
    /// # Errors
    /// When libgit2 refuses: another owner, an extension that it does not know.
    pub fn open(place: &Place) -> Result<Native, GitError> {
        let refused = |error: git2::Error| match error.code() {
            ErrorCode::Owner => GitError::Untrusted(place.root().to_owned()),
            _ => refused(&error),
        };
        // Hashing each object again costs as much as reading it; `git` itself does not either.
        git2::opts::strict_hash_verification(false);
        // Nothing is read twice that is not kept by its reader.
        git2::opts::enable_caching(false);
        let flags = RepositoryOpenFlags::NO_SEARCH;
        let none: [&Path; 0] = [];
        let repository = git2::Repository::open_ext(place.root(), flags, none).map_err(refused)?;
        let doors = (0..rayon::current_num_threads().clamp(1, DOORS)).map(|_| OnceLock::new()).collect();
        let (repository, ends) = (Mutex::new(repository), shallow(place)?);
        let native = Native { repository, doors, ends, graph: OnceLock::new(), place: place.clone() };
        native.objects()?;
        Ok(native)
    }

    /// This thread's door to the objects: libgit2 lets one thread read at a time, and the others wait.
    fn objects(&self) -> Result<&Odb<'static>, GitError> {
        let number = rayon::current_thread_index().unwrap_or(0) % self.doors.len();
        if let Some(objects) = self.doors[number].get() {
            return Ok(objects);
        }
        // By its path libgit2 knows a pack that is open already, with its lock: each door is a path of its own.
        let folder = self.place.common.join("objects").join("./".repeat(number));
        let folder =
            folder.to_str().ok_or_else(|| GitError::Refused("the repository's path is not UTF-8".to_owned()))?;
        let objects = Odb::new().and_then(|objects| objects.add_disk_alternate(folder).map(|()| objects));
        let objects = objects.map_err(|error| refused(&error))?;
        Ok(self.doors[number].get_or_init(|| objects))
    }

    /// git's commit-graph, where it can be trusted: not in a shallow clone, nor where the settings say otherwise.
    fn graph(&self) -> Option<&Graph> {
        let read = || {
            let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
            let refused = repository.config().is_ok_and(|config| config.get_bool("core.commitGraph") == Ok(false));
            let may = self.ends.is_empty() && !refused;
            may.then(|| Graph::read(&self.place.common.join("objects"))).flatten()
        };
        self.graph.get_or_init(read).as_ref()
    }
}

impl Repository for Native {
    fn resolve(&self, revision: &str) -> Result<Option<Id>, GitError> {
        if ["@{", ":/", "^{/"].iter().any(|mark| revision.contains(mark)) {
            // Where there is no reflog, libgit2 makes one up; of commits that match a text it takes another one.
            return Program::open(&self.place)?.resolve(revision);
        }
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let found = repository.revparse_single(revision).and_then(|object| object.peel_to_commit());
        match found {
            Ok(commit) => Ok(Id::new(commit.id().as_bytes())),
            Err(error) if names_nothing(&error) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn object(&self, id: Id) -> Result<Object, GitError> {
        let oid = Oid::from_bytes(id.as_bytes()).map_err(|error| refused(&error))?;
        let object = self.objects()?.read(oid).map_err(|error| match error.code() {
            ErrorCode::NotFound => GitError::Missing(id, String::new()),
            _ => refused(&error),
        })?;
        let kind = match object.kind() {
            ObjectType::Commit => Kind::Commit,
            ObjectType::Tree => Kind::Tree,
            ObjectType::Blob => Kind::Blob,
            ObjectType::Tag => Kind::Tag,
            ObjectType::Any => return Err(GitError::Damaged(id)),
        };
        Ok(Object { kind, content: object.data().to_vec() })
    }

    fn first_parents(&self, tip: Id, visit: &mut dyn FnMut(Point) -> ControlFlow<()>) -> Result<(), GitError> {
        let (mut next, mut gone, mut line) = (Some(tip), 0, None::<Line<'_>>);
        while let Some(commit) = next {
            let known = line.as_mut().and_then(Line::next).or_else(|| {
                line = if gone < NEAR { None } else { self.graph().map(|graph| graph.line(commit)) };
                line.as_mut()?.next()
            });
            let (point, parent) = match known {
                Some(known) => known,
                None => {
                    let content = self.of_kind(commit, Kind::Commit)?;
                    let (tree, parent) = parse::place(&content).ok_or(GitError::Damaged(commit))?;
                    (Point { commit, tree }, parent)
                }
            };
            gone += 1;
            if visit(point).is_break() {
                break;
            }
            next = parent.filter(|_| !self.ends.contains(&commit));
        }
        Ok(())
    }
}

/// Whether the revision is at fault, rather than the repository.
fn names_nothing(error: &git2::Error) -> bool {
    use ErrorCode::{Ambiguous, InvalidSpec, NotFound, Peel, UnbornBranch};
    matches!(error.code(), Ambiguous | InvalidSpec | NotFound | Peel | UnbornBranch)
        || matches!(error.class(), ErrorClass::Invalid | ErrorClass::Reference)
}

fn refused(error: &git2::Error) -> GitError {
    GitError::Refused(error.message().to_owned())
}
