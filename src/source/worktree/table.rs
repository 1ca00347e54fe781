//! The stat table: what each folder listed and each file held when it had the stamp that it is remembered with.
//!
//! Only what is *settled* ([`Clock`](crate::disk::stamp::Clock)) has a stamp; the rest is looked at again. The
//! table belongs to one working tree, and a lost or damaged one costs reading the files once.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::digest::Digest;
use crate::disk::stamp::Stamp;
use crate::disk::{atomic, frame};
use crate::path::RepoPath;

/// Names the format.
const MAGIC: &str = "forge stat table 1\n";
/// The table's name in its folder.
const FILE: &str = "table";

/// What earlier looks learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The folders of the scope and below, by path.
    pub(super) folders: BTreeMap<RepoPath, Folder>,
    /// The scope's single files.
    pub(super) files: BTreeMap<RepoPath, File>,
}

/// A folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Folder {
    /// The stamp with which the names below were listed; none when they have to be listed again.
    pub stamp: Option<Stamp>,
    /// The files in it by name.
    pub files: BTreeMap<SmolStr, File>,
    /// The folders in it by name.
    pub folders: Vec<SmolStr>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    /// The stamp with which it held the content; none when it has to be read again.
    pub known: Option<(Stamp, Digest)>,
}

impl Table {
    /// The folders that were listed: the scope's and those below.
    pub fn folders(&self) -> impl Iterator<Item = &RepoPath> {
        self.folders.keys()
    }

    /// The table in `folder`; an empty one when there is none that can be read.
    pub fn load(folder: &Path) -> Table {
        fs::read(folder.join(FILE)).ok().and_then(|bytes| frame::decode(MAGIC, &bytes)).unwrap_or_default()
    }

    /// Writes the table into `folder`, making it if needed.
    ///
    /// # Errors
    /// When it cannot be written; the next look then reads what this one read.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        atomic::sweep(folder);
        atomic::replace(&folder.join(FILE), &frame::encode(MAGIC, self)).map(drop)
    }
}
