//! Which commits a history is about: the working tree's `HEAD`, and the tip of the mainline.
//!
//! The mainline is the branch that `forge.toml` names; else the one that the remote's `HEAD` names; else the first of
//! the usual names that there is; else the branch that is checked out; else `HEAD` itself. A branch may be there
//! twice, as the user's own and as the remote's: both are given, and the history decides (`source::history`).
//!
//! This is all that a run has to look at when nothing happened: two or three small files.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::refs::{Ref, Refs, is_name};
use super::{GitError, Id, Place};

/// What mainlines are called where nobody says anything else.
const USUAL: [&str; 6] = ["main", "master", "trunk", "mainline", "develop", "development"];

/// The commits that a history is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tips {
    /// What is checked out.
    pub head: Head,
    /// The mainline; `None` while no branch has a commit.
    pub mainline: Option<Mainline>,
    /// Where history ends since the clone is shallow.
    pub ends: Vec<Id>,
    /// What is to be taken for another object, or to have other parents, in git's words: then a commit's id does not stand for
    /// everything before it.
    pub replaced: Vec<String>,
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Head {
    /// A branch without a commit, by its short name.
    Unborn(String),
    /// A branch.
    Branch(String, Id),
    /// A commit and no branch: also in the middle of a rebase or a bisection.
    Detached(Id),
}

/// The mainline's commit, where the user's own branch stands and where the remote's does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mainline {
    /// Its short name; `HEAD` when there is no branch at all.
    pub name: String,
    /// The user's own branch.
    pub local: Option<Id>,
    /// The remote's branch, as last fetched.
    pub remote: Option<Id>,
}

impl Head {
    /// The commit that is checked out.
    pub fn commit(&self) -> Option<Id> {
        match self {
            Head::Unborn(_) => None,
            Head::Branch(_, id) | Head::Detached(id) => Some(*id),
        }
    }
}

/// Looks at the refs; `mainline` is what `forge.toml` names.
///
/// # Errors
/// When `mainline` names no branch, or the refs cannot be read.
pub fn tips(place: &Place, mainline: Option<&str>) -> Result<Tips, GitError> {
    let refs = Refs::open(place)?;
    let head = head(&refs)?;
    let mainline = self::mainline(&refs, &head, mainline)?;
    Ok(Tips { mainline, head, ends: super::shallow(place)?, replaced: super::replaced(place, &refs)? })
}

fn head(refs: &Refs<'_>) -> Result<Head, GitError> {
    match refs.head() {
        Some(Ref::Id(id)) => Ok(Head::Detached(*id)),
        Some(Ref::Symbolic(name)) if !is_name(name) => {
            Err(GitError::BrokenRef(format!("`HEAD` is broken: it leads to `{name}`")))
        }
        Some(Ref::Symbolic(name)) => {
            let short = name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
            Ok(commit(refs, name)?.map_or(Head::Unborn(short.clone()), |id| Head::Branch(short, id)))
        }
        None => Err(GitError::BrokenRef("`HEAD` is broken: it names no branch and no commit".to_owned())),
    }
}

fn mainline(refs: &Refs<'_>, head: &Head, named: Option<&str>) -> Result<Option<Mainline>, GitError> {
    let remotes = refs.remotes();
    let remote = remotes.get("origin").or_else(|| remotes.first());
    let branch = |name: &str| -> Result<Option<Mainline>, GitError> {
        let local = commit(refs, &format!("refs/heads/{name}"))?;
        let remote = match remote.map(|remote| commit(refs, &format!("refs/remotes/{remote}/{name}"))) {
            // Where there is the user's own branch, what is wrong with the remote's is for the next fetch to mend.
            Some(Err(_)) if local.is_some() => None,
            Some(remote) => remote?,
            None => None,
        };
        let found = local.is_some() || remote.is_some();
        Ok(found.then(|| Mainline { name: name.to_owned(), local, remote }))
    };
    let own = match head {
        Head::Unborn(_) => None,
        Head::Branch(name, _) => branch(name)?,
        Head::Detached(id) => Some(Mainline { name: "HEAD".to_owned(), local: Some(*id), remote: None }),
    };
    if let Some(name) = named {
        return match (branch(name)?, head) {
            (None, Head::Unborn(unborn)) if unborn == name => Ok(None),
            (None, _) => Err(GitError::NoMainline(name.to_owned())),
            (found, _) => Ok(found),
        };
    }
    let by_remote = remote.and_then(|remote| remotes_head(refs, remote));
    for name in by_remote.iter().map(String::as_str).chain(USUAL) {
        if let Some(found) = branch(name)? {
            return Ok(Some(found));
        }
    }
    Ok(own)
}

/// The name of the branch that the remote's `HEAD` names.
fn remotes_head(refs: &Refs<'_>, remote: &str) -> Option<String> {
    let folder = format!("refs/remotes/{remote}/");
    match refs.get(&format!("{folder}HEAD")).ok()?? {
        Ref::Symbolic(name) => name.strip_prefix(&folder).map(str::to_owned),
        Ref::Id(_) => None,
    }
}

/// The commit that a ref leads to, by way of others if need be.
fn commit(refs: &Refs<'_>, name: &str) -> Result<Option<Id>, GitError> {
    let mut seen = BTreeSet::new();
    let mut name = name.to_owned();
    while seen.insert(name.clone()) {
        match refs.get(&name)? {
            Some(Ref::Id(id)) => return Ok(Some(id)),
            Some(Ref::Symbolic(next)) => name = next,
            None => return Ok(None),
        }
    }
    Err(GitError::BrokenRef(format!("the ref `{name}` leads to itself")))
}
