//! A module as a commit has it: read from git's objects, lowered, reduced to its prototype.
//!
//! The same rules as for the working tree ([`load`]): the settings say where the folders are, and a pick
//! follows the business-wide model of that commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::folder::{Folder, Schema, Variant, Variants, Workshop};
use super::kept::Kept;
use crate::build::load;
use crate::diagnostic::Diagnostic;
use crate::diff::object::unequal;
use crate::digest::{self, Digest};
use crate::model::Model;
use crate::model::lower::toml::Common;
use crate::model::name::Name;
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::source::git::{GitError, Id, Kind, Mode, Repository, parse};
use crate::source::history::Step;
use crate::source::listing;
use crate::syntax::toml::{self as schema, ModuleFile, Stage};

/// Where a module's files are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// The tree of the project's folder.
    pub project: Id,
    /// The folder of the business-wide model.
    pub busm: Place,
    /// The module's folder.
    pub module: Place,
}

/// A folder, and its tree where it is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The folder.
    pub folder: RepoPath,
    /// Its tree.
    pub tree: Option<Id>,
}

impl Place {
    /// Where the business-wide model lies in a step.
    pub fn of_busm(step: &Step) -> Place {
        Place { folder: step.folders.busm.clone(), tree: step.busm }
    }
}

/// What a module's files say.
#[derive(Debug, Default)]
pub struct Version {
    /// Whether there is anything to make a prototype of: schema files, in a module that has come that far.
    pub there: bool,
    /// What is wrong with it; with an error among it the rest is not whole.
    pub diagnostics: Vec<Diagnostic>,
    /// Its schema; nothing where there is a mistake.
    pub schema: Schema,
    /// The schema's state.
    pub state: Option<Digest>,
    /// The name that its folder had before.
    pub renamed_from: Option<String>,
    /// Whether a link leads out of the folder, so that another commit may show other files without touching it.
    pub leads_out: bool,
    /// Its entities; none where anything in the business-wide model may matter to it.
    pub variants: Arc<Variants>,
}

impl Version {
    /// Whether it asked for one of these names of the business-wide model.
    pub fn asks_for(&self, names: &BTreeSet<Name>) -> bool {
        let asks =
            |variant: &Arc<Variant>| variant.piece.asked.everything || !variant.piece.asked.names.is_disjoint(names);
        self.variants.is_empty() || self.variants.values().any(asks)
    }
}

/// The business-wide model of a commit.
#[derive(Debug)]
pub struct Busm {
    /// Its tables.
    pub tables: Variants,
    /// What it declares beside them.
    beside: Model,
    /// The digest of all that it says beside tables, and of what in it is broken.
    rest: Digest,
    /// What is wrong with it.
    errors: Vec<Diagnostic>,
    /// The entities that a mistake may be about.
    poisoned: BTreeSet<Name>,
}

/// How many business-wide models, and how many versions of modules, are kept.
const KEPT: usize = 64;

/// Reads modules from a repository.
pub struct Reader<'a> {
    repository: &'a dyn Repository,
    workshop: Workshop<'a>,
    models: Arc<Models>,
    versions: Kept<Source, Arc<Version>>,
}

/// The business-wide models that were read, for whoever reads on.
pub struct Models(Kept<Place, Arc<Busm>>);

impl Default for Models {
    fn default() -> Models {
        Models(Kept::new(KEPT))
    }
}

impl<'a> Reader<'a> {
    /// A reader of `repository` that has read nothing yet.
    pub fn new(repository: &'a dyn Repository) -> Reader<'a> {
        Reader::sharing(repository, Arc::default())
    }

    /// A reader that knows the models that others of the same repository have read.
    pub fn sharing(repository: &'a dyn Repository, models: Arc<Models>) -> Reader<'a> {
        Reader { repository, workshop: Workshop::new(repository), models, versions: Kept::new(KEPT) }
    }

    /// Frees what it has read, while nobody waits.
    pub fn tidy(self) {
        let read = (self.workshop.close(), self.versions);
        rayon::spawn(move || drop(read));
    }

    /// Lets the files of `steps` that were left with a remote come together.
    ///
    /// # Errors
    /// When git cannot read a tree.
    pub fn fetch(&self, steps: &[Step]) -> Result<(), GitError> {
        if !self.repository.is_partial() {
            return Ok(());
        }
        let trees = steps.iter().flat_map(|step| step.modules.iter().filter_map(|(_, tree)| *tree).chain(step.busm));
        let (mut open, mut seen, mut files): (Vec<Id>, _, _) = (trees.collect(), BTreeSet::new(), BTreeSet::new());
        while let Some(tree) = open.pop() {
            if !seen.insert(tree) {
                continue;
            }
            let content = self.repository.of_kind(tree, Kind::Tree)?;
            for (_, entry) in parse::tree(&content, tree.as_bytes().len()) {
                match entry.mode {
                    Mode::Folder => open.push(entry.id),
                    Mode::File | Mode::Executable | Mode::Link => drop(files.insert(entry.id)),
                    Mode::Submodule => {}
                }
            }
        }
        self.repository.fetch(&files);
        Ok(())
    }

    /// The business-wide model in a folder of the project whose tree is `project`.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn busm(&self, project: Id, place: &Place) -> Result<Arc<Busm>, GitError> {
        if let Some(known) = self.models.0.get(place) {
            return Ok(known);
        }
        let listing = listing::at(self.repository, project, &place.folder, place.tree)?;
        let mut folder = self.workshop.folder(&place.folder, &listing.files, None)?;
        folder.diagnostics.extend(listing.findings);
        let busm = Arc::new(Busm::of(folder));
        if place.tree.is_some() && !listing.leads_out {
            self.models.0.insert(place.clone(), Arc::clone(&busm), 1);
        }
        Ok(busm)
    }

    /// A module's version; one that was asked for shortly before is the same.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn version(&self, source: &Source) -> Result<Arc<Version>, GitError> {
        if let Some(known) = self.versions.get(source) {
            return Ok(known);
        }
        let busm = self.busm(source.project, &source.busm)?;
        let version = Arc::new(self.read_over(source, &busm)?);
        self.versions.insert(source.clone(), Arc::clone(&version), 1);
        Ok(version)
    }

    /// A module's version, read anew.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn read(&self, source: &Source) -> Result<Version, GitError> {
        self.read_over(source, self.busm(source.project, &source.busm)?.as_ref())
    }

    /// A module's version, read anew, where the business-wide model is known.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn read_over(&self, source: &Source, busm: &Busm) -> Result<Version, GitError> {
        let Place { folder, tree } = &source.module;
        let listing = listing::at(self.repository, source.project, folder, *tree)?;
        let (about, files): (Vec<_>, Vec<_>) =
            listing.files.into_iter().partition(|(path, _)| path.file_name() == load::MODULE_FILE);
        if !about.iter().chain(&files).any(|(path, _)| load::is_schema(path)) {
            return Ok(Version { leads_out: listing.leads_out, ..Version::default() });
        }
        let info = match about.first() {
            Some((path, id)) => schema::module_file(path, &self.repository.blob(*id)?),
            None => ModuleFile::default(),
        };
        let mut folder = self.workshop.folder(folder, &files, Some(busm))?;
        folder.diagnostics.extend(listing.findings);
        folder.diagnostics.extend(info.diagnostics);
        if load::rests_on(folder.tables(), &busm.poisoned) {
            folder.diagnostics.extend(busm.errors.iter().cloned());
        }
        let there = info.stage >= Stage::Prototype;
        let version = Version {
            there,
            variants: Arc::clone(&folder.variants),
            renamed_from: info.renamed_from,
            leads_out: listing.leads_out,
            ..Version::default()
        };
        if folder.is_broken() {
            return Ok(Version { diagnostics: folder.diagnostics, ..version });
        }
        let (schema, state) = Schema::of(&folder, &busm.beside);
        Ok(Version { diagnostics: folder.diagnostics, schema, state: Some(state), ..version })
    }
}

impl Common for Busm {
    fn table(&self, name: &Name) -> Option<&Table> {
        self.tables.get(name).map(|part| &part.piece.table)
    }

    fn names(&self) -> Vec<&Name> {
        self.tables.keys().collect()
    }

    fn rest(&self) -> &Model {
        &self.beside
    }
}

impl Busm {
    fn of(folder: Folder) -> Busm {
        let poisoned = folder.poisoned();
        let mut beside = folder.whole.model;
        let whole = std::mem::take(&mut beside.tables);
        let mut tables = Variants::clone(&folder.variants);
        tables.extend(whole.into_iter().map(|(name, table)| (name, Arc::new(Variant::whole(table)))));
        let rest = digest::of("busm", &(&beside, &poisoned));
        let errors = folder.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        Busm { tables, beside, rest, errors, poisoned }
    }

    /// The tables in which it differs from another; `None` when more than tables differs.
    pub fn changed(&self, other: &Busm) -> Option<BTreeSet<Name>> {
        (self.rest == other.rest).then(|| unequal(&self.tables, &other.tables).cloned().collect())
    }
}
