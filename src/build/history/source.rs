//! A module as a commit has it: read from git's objects, lowered, reduced to its prototype.
//!
//! The same rules as for the working tree ([`load`]): the settings say where the folders are, and a pick
//! follows the business-wide model of that commit. What a reader has parsed it keeps for a while, since
//! neighbouring commits have most files in common.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::build::load;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::grammar::text_of;
use crate::model::canonical;
use crate::model::lower::{self, Lowered};
use crate::path::RepoPath;
use crate::prototype::{Prototype, minimal};
use crate::source::git::{GitError, Id, Repository};
use crate::source::listing;
use crate::syntax::sql;
use crate::syntax::toml::{self as schema, EntityFile, ModuleFile, Stage};

/// Where a module's files are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The tree of the project's folder.
    pub project: Id,
    /// The folder of the business-wide model.
    pub busm: RepoPath,
    /// The module's folder.
    pub folder: RepoPath,
}

/// What a module's files say.
#[derive(Debug, Default)]
pub struct Version {
    /// Whether there is anything to make a prototype of: schema files, in a module that has come that far.
    pub there: bool,
    /// What is wrong with it; with an error among it the rest is not whole.
    pub diagnostics: Vec<Diagnostic>,
    /// Its schema.
    pub prototype: Prototype,
    /// The schema's state.
    pub state: Option<Digest>,
    /// The name that its folder had before.
    pub renamed_from: Option<String>,
    /// Whether a link leads out of the folder, so that another commit may show other files without touching it.
    pub leads_out: bool,
}

/// The business-wide model of a commit.
pub struct Busm {
    /// What it declares.
    lowered: Lowered,
    /// The digest of the model: what modules that pick from it depend on.
    pub digest: Digest,
}

/// How many parsed files and models a reader keeps before it begins anew.
const KEPT: usize = 4096;

/// Reads modules from a repository.
pub struct Reader<'a> {
    repository: &'a dyn Repository,
    files: Mutex<BTreeMap<(RepoPath, Id), Arc<EntityFile>>>,
    models: Mutex<BTreeMap<Digest, Arc<Busm>>>,
    versions: Mutex<BTreeMap<Source, Arc<Version>>>,
}

impl<'a> Reader<'a> {
    /// A reader of `repository` that has read nothing yet.
    pub fn new(repository: &'a dyn Repository) -> Reader<'a> {
        Reader { repository, files: Mutex::default(), models: Mutex::default(), versions: Mutex::default() }
    }

    /// The business-wide model in `folder` of the project whose tree is `project`.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn busm(&self, project: Id, folder: &RepoPath) -> Result<Arc<Busm>, GitError> {
        let listing = listing::folder(self.repository, project, folder)?;
        let key = digest::of("busm", &listing.files);
        if let Some(known) = locked(&self.models).get(&key) {
            return Ok(Arc::clone(known));
        }
        let mut lowered = self.lower(&listing.files, None)?;
        lowered.diagnostics.extend(listing.findings);
        let digest = digest::of("busm model", &(&lowered.model, load::poisoned(&lowered)));
        let busm = Arc::new(Busm { lowered, digest });
        let mut models = locked(&self.models);
        if models.len() >= KEPT / 64 {
            models.clear();
        }
        models.insert(key, Arc::clone(&busm));
        Ok(busm)
    }

    /// A module's version; one that was asked for shortly before is the same.
    ///
    /// # Errors
    /// When git cannot read an object.
    pub fn version(&self, source: &Source) -> Result<Arc<Version>, GitError> {
        if let Some(known) = locked(&self.versions).get(source) {
            return Ok(Arc::clone(known));
        }
        let version = Arc::new(self.read(source)?);
        let mut versions = locked(&self.versions);
        if versions.len() >= KEPT / 64 {
            versions.clear();
        }
        versions.insert(source.clone(), Arc::clone(&version));
        Ok(version)
    }

    fn read(&self, source: &Source) -> Result<Version, GitError> {
        let listing = listing::folder(self.repository, source.project, &source.folder)?;
        let (about, files): (Vec<_>, Vec<_>) =
            listing.files.into_iter().partition(|(path, _)| path.file_name() == load::MODULE_FILE);
        if !about.iter().chain(&files).any(|(path, _)| load::is_schema(path)) {
            return Ok(Version { leads_out: listing.leads_out, ..Version::default() });
        }
        let info = match about.first() {
            Some((path, id)) => schema::module_file(path, &self.repository.blob(*id)?),
            None => ModuleFile::default(),
        };
        let busm = self.busm(source.project, &source.busm)?;
        let mut lowered = self.lower(&files, Some(&busm.lowered))?;
        lowered.diagnostics.extend(listing.findings);
        lowered.diagnostics.extend(info.diagnostics);
        if load::rests_on(&lowered.model, &load::poisoned(&busm.lowered)) {
            lowered.diagnostics.extend(busm.lowered.diagnostics.iter().filter(|found| found.is_error()).cloned());
        }
        let prototype = minimal(&lowered.model);
        Ok(Version {
            there: info.stage >= Stage::Prototype,
            state: Some(canonical::state(&prototype.model)),
            diagnostics: lowered.diagnostics,
            prototype,
            renamed_from: info.renamed_from,
            leads_out: listing.leads_out,
        })
    }

    /// Lowers the schema files among `files`, together one view of the data model.
    fn lower(&self, files: &[(RepoPath, Id)], busm: Option<&Lowered>) -> Result<Lowered, GitError> {
        let (mut statements, mut entities, mut unread) = (Vec::new(), Vec::new(), Vec::new());
        for (path, id) in files {
            match path.extension() {
                Some("sql") => {
                    let content = self.repository.blob(*id)?;
                    match text_of(path, &content) {
                        Ok(text) => statements.push(sql::parse(path, text)),
                        Err(found) => unread.push(found),
                    }
                }
                Some("toml") => entities.push(self.entities(path, *id)?),
                _ => {}
            }
        }
        let base = lower::sql::lower(&statements);
        let entities: Vec<&EntityFile> = entities.iter().map(Arc::as_ref).collect();
        let mut lowered = lower::toml::lower(&entities, base, busm.map(|busm| &busm.model));
        lowered.diagnostics.extend(unread);
        Ok(lowered)
    }

    fn entities(&self, path: &RepoPath, id: Id) -> Result<Arc<EntityFile>, GitError> {
        let key = (path.clone(), id);
        if let Some(known) = locked(&self.files).get(&key) {
            return Ok(Arc::clone(known));
        }
        let file = Arc::new(schema::schema_file(path, &self.repository.blob(id)?));
        let mut files = locked(&self.files);
        if files.len() >= KEPT {
            files.clear();
        }
        files.insert(key, Arc::clone(&file));
        Ok(file)
    }
}

/// The value behind `mutex`; a thread that panicked elsewhere leaves these maps whole.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
