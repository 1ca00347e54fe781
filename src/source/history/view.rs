//! What a commit holds at the places of the schema files, and whether two commits hold the same there.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::{Ask, Folders};
use crate::path::RepoPath;
use crate::source::git::{Entry, GitError, Id, Kind, Mode, parse};
use crate::source::{listing, project::SETTINGS};

/// What a commit holds.
#[derive(Clone, Debug)]
pub struct View {
    /// The tree of the project's folder.
    pub project: Option<Id>,
    /// `forge.toml`.
    pub settings: Option<Entry>,
    /// Where the schema files lie.
    pub folders: Folders,
    /// The folder of the business-wide model.
    pub busm: Option<Entry>,
    /// The folder of the modules.
    pub modules: Option<Entry>,
}

/// How many trees an eye keeps: those of two commits, and of a folder or two on the way.
const RECENT: usize = 12;

/// Looks at one commit after another; what the last few had in common is not read again.
pub struct Eye<'a> {
    ask: &'a Ask<'a>,
    /// Newest first.
    trees: VecDeque<(Id, Rc<[u8]>)>,
    folders: BTreeMap<Option<Id>, Folders>,
}

impl<'a> Eye<'a> {
    pub fn new(ask: &'a Ask<'a>) -> Eye<'a> {
        Eye { ask, trees: VecDeque::new(), folders: BTreeMap::new() }
    }

    /// What the commit whose tree is `root` holds.
    pub fn view(&mut self, root: Id) -> Result<View, GitError> {
        let names = self.ask.place.inside.iter().map(std::ffi::OsStr::as_encoded_bytes);
        let project = self.descend(folder(root), names)?.filter(|found| found.mode == Mode::Folder);
        let project = project.map(|found| found.id);
        let settings = match project {
            Some(project) => self.entry(project, SETTINGS.as_bytes())?,
            None => None,
        };
        let folders = self.folders(project, settings)?;
        let (busm, modules) = (self.at(project, &folders.busm)?, self.at(project, &folders.modules)?);
        Ok(View { project, settings, folders, busm, modules })
    }

    /// Whether the two hold other files at the places of the schema files; nothing is before the root commit.
    pub fn touched(&mut self, old: Option<&View>, new: &View) -> Result<bool, GitError> {
        let places: [fn(&View) -> Option<Entry>; 3] = [|view| view.settings, |view| view.busm, |view| view.modules];
        for place in places {
            if !self.same_files(old.and_then(place), place(new))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The folders of the modules, by name.
    pub fn modules(&mut self, view: &View) -> Result<BTreeMap<String, Id>, GitError> {
        let Some(Entry { mode: Mode::Folder, id }) = view.modules else { return Ok(BTreeMap::new()) };
        let tree = self.tree(id)?;
        let entries = parse::tree(&tree, width(id)).filter(|(_, entry)| entry.mode == Mode::Folder);
        Ok(entries.filter_map(|(name, entry)| Some((std::str::from_utf8(name).ok()?.to_owned(), entry.id))).collect())
    }

    /// The content of `forge.toml`, which may be a link to another file of the project.
    pub fn settings(&self, view: &View) -> Result<Option<Id>, GitError> {
        settings(self.ask, view.project, view.settings)
    }

    fn folders(&mut self, project: Option<Id>, found: Option<Entry>) -> Result<Folders, GitError> {
        let id = settings(self.ask, project, found)?;
        if let Some(known) = self.folders.get(&id) {
            return Ok(known.clone());
        }
        let content = id.map(|id| self.ask.repository.blob(id)).transpose()?;
        let folders = (self.ask.folders)(content.as_deref());
        self.folders.insert(id, folders.clone());
        Ok(folders)
    }

    fn at(&mut self, project: Option<Id>, path: &RepoPath) -> Result<Option<Entry>, GitError> {
        let Some(project) = project else { return Ok(None) };
        self.descend(folder(project), path.components().map(str::as_bytes))
    }

    fn descend<'n>(&mut self, from: Entry, names: impl Iterator<Item = &'n [u8]>) -> Result<Option<Entry>, GitError> {
        let mut found = from;
        for name in names {
            if found.mode != Mode::Folder {
                return Ok(None);
            }
            match self.entry(found.id, name)? {
                Some(entry) => found = entry,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    fn entry(&mut self, tree: Id, name: &[u8]) -> Result<Option<Entry>, GitError> {
        let content = self.tree(tree)?;
        let found = parse::tree(&content, width(tree)).find(|(own, _)| *own == name);
        Ok(found.map(|(_, entry)| entry))
    }

    /// Whether two entries hold the same files. Trees of other ids mostly do not, and one path down the trees says so.
    fn same_files(&mut self, old: Option<Entry>, new: Option<Entry>) -> Result<bool, GitError> {
        if old == new {
            return Ok(true);
        }
        let is_file = |entry: &Option<Entry>| entry.is_some_and(|entry| entry.mode != Mode::Folder);
        if is_file(&old) || is_file(&new) {
            // A file beside a folder differs even if the folder holds nothing.
            return Ok(false);
        }
        let (old, new) = (self.entries(old)?, self.entries(new)?);
        let names: std::collections::BTreeSet<&[u8]> = old.keys().chain(new.keys()).map(Vec::as_slice).collect();
        for name in names {
            if !self.same_files(old.get(name).copied(), new.get(name).copied())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn entries(&mut self, folder: Option<Entry>) -> Result<BTreeMap<Vec<u8>, Entry>, GitError> {
        let Some(folder) = folder else { return Ok(BTreeMap::new()) };
        let content = self.tree(folder.id)?;
        Ok(parse::tree(&content, width(folder.id)).map(|(name, entry)| (name.to_owned(), entry)).collect())
    }

    fn tree(&mut self, id: Id) -> Result<Rc<[u8]>, GitError> {
        if let Some((_, content)) = self.trees.iter().find(|(own, _)| *own == id) {
            return Ok(Rc::clone(content));
        }
        let content: Rc<[u8]> = self.ask.repository.of_kind(id, Kind::Tree)?.into();
        self.trees.truncate(RECENT - 1);
        self.trees.push_front((id, Rc::clone(&content)));
        Ok(content)
    }
}

fn settings(ask: &Ask<'_>, project: Option<Id>, found: Option<Entry>) -> Result<Option<Id>, GitError> {
    match (project, found) {
        (_, Some(Entry { mode: Mode::File | Mode::Executable, id })) => Ok(Some(id)),
        (Some(project), Some(Entry { mode: Mode::Link, .. })) => {
            let path = RepoPath::new(SETTINGS).unwrap_or_default();
            let listing = listing::file(ask.repository, project, &path)?;
            Ok(listing.files.first().map(|(_, id)| *id))
        }
        _ => Ok(None),
    }
}

fn folder(id: Id) -> Entry {
    Entry { mode: Mode::Folder, id }
}

fn width(tree: Id) -> usize {
    tree.as_bytes().len()
}
