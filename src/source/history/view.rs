//! What a commit holds at the places of the schema files, and whether two commits hold the same there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::{Ask, Folders};
use crate::path::RepoPath;
use crate::source::git::parse::{self, Difference};
use crate::source::git::{Entry, GitError, Header, Id, Kind, Mode};
use crate::source::{listing, project::SETTINGS};

/// What a commit holds.
#[derive(Clone, Debug)]
pub struct View {
    /// The tree of the project's folder.
    pub project: Option<Id>,
    /// `forge.toml`.
    pub settings: Option<Entry>,
    /// Where the schema files lie.
    pub folders: Rc<Folders>,
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
    trees: VecDeque<(Id, Rc<Vec<u8>>)>,
    /// The trees so far that are nothing but their files ([`parse::is_flat`]).
    flat: BTreeSet<Id>,
    folders: BTreeMap<Option<Id>, Rc<Folders>>,
}

impl<'a> Eye<'a> {
    pub fn new(ask: &'a Ask<'a>) -> Eye<'a> {
        Eye { ask, trees: VecDeque::new(), flat: BTreeSet::new(), folders: BTreeMap::new() }
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

    /// The modules whose folders are not as they were, by name, each with its tree; `None` where it is gone.
    pub fn modules(&mut self, old: Option<&View>, new: &View) -> Result<Vec<(String, Option<Id>)>, GitError> {
        let folder = |view: &View| view.modules.filter(|found| found.mode == Mode::Folder);
        let (old, new) = (old.and_then(folder), folder(new));
        let tree = |entry: Option<Entry>| entry.filter(|entry| entry.mode == Mode::Folder).map(|entry| entry.id);
        let changed = self.differences(old, new)?.into_iter().map(|(name, old, new)| (name, tree(old), tree(new)));
        let changed = changed.filter(|(_, old, new)| old != new);
        Ok(changed.filter_map(|(name, _, new)| Some((String::from_utf8(name).ok()?, new))).collect())
    }

    /// What a commit says.
    pub fn header(&self, commit: Id) -> Result<Header, GitError> {
        self.ask.repository.commit(commit)
    }

    /// The content of `forge.toml`, which may be a link to another file of the project.
    pub fn settings(&self, view: &View) -> Result<Option<Id>, GitError> {
        settings(self.ask, view.project, view.settings)
    }

    fn folders(&mut self, project: Option<Id>, found: Option<Entry>) -> Result<Rc<Folders>, GitError> {
        let id = settings(self.ask, project, found)?;
        if let Some(known) = self.folders.get(&id) {
            return Ok(Rc::clone(known));
        }
        let content = id.map(|id| self.ask.repository.blob(id)).transpose()?;
        let folders = Rc::new((self.ask.folders)(content.as_deref()));
        self.folders.insert(id, Rc::clone(&folders));
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
        Ok(parse::entry(&self.tree(tree)?, width(tree), name))
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
        if let (Some(old), Some(new)) = (old, new)
            && self.flat.contains(&old.id)
            && self.is_flat(new.id)?
        {
            return Ok(false);
        }
        for (_, old, new) in self.differences(old, new)? {
            if !self.same_files(old, new)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The names under which two folders do not hold the same, with what each holds; sorted.
    fn differences(&mut self, old: Option<Entry>, new: Option<Entry>) -> Result<Vec<Difference>, GitError> {
        let mut tree = |folder: Option<Entry>| folder.map(|folder| self.tree(folder.id)).transpose();
        let (old_tree, new_tree) = (tree(old)?, tree(new)?);
        let width = old.or(new).map_or(0, |folder| width(folder.id));
        let [old, new] = [&old_tree, &new_tree].map(|tree| tree.as_ref().map_or(&[][..], |tree| tree.as_slice()));
        Ok(parse::differences(old, new, width))
    }

    fn is_flat(&mut self, tree: Id) -> Result<bool, GitError> {
        self.tree(tree)?;
        Ok(self.flat.contains(&tree))
    }

    fn tree(&mut self, id: Id) -> Result<Rc<Vec<u8>>, GitError> {
        if let Some((_, content)) = self.trees.iter().find(|(own, _)| *own == id) {
            return Ok(Rc::clone(content));
        }
        let content = Rc::new(self.ask.repository.of_kind(id, Kind::Tree)?);
        if parse::is_flat(&content, width(id)) {
            self.flat.insert(id);
        }
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
