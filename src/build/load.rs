//! Reads the schema files and lowers them to models: the BUSM's, and each module's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::partial::{self, Files, Kept, Partial};
use super::saved::Saved;
use super::standing::{Standing, Stood};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::digest::{self, Digest};
use crate::grammar::text_of;
use crate::memo::{Memo, Query};
use crate::model::Origins;
use crate::model::id::ObjectId;
use crate::model::lower::toml::{Asked, Common};
use crate::model::lower::{self, Lowered};
use crate::model::name::Name;
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::source::Snapshot;
use crate::syntax::sql::{self, SqlFile};
use crate::syntax::toml::{self as schema, EntityFile, ModuleFile};

pub(super) const PARSE: Query = Query { name: "parse", version: 3 };
/// Files at which it is worth while to read them on several threads.
const MANY: usize = 64;
pub(super) const ABOUT: Query = Query { name: "about", version: 1 };
pub(super) const MODULE_FILE: &str = "module.toml";

/// The project's models.
pub struct Loaded {
    /// The business-wide model.
    pub busm: Arc<Partial>,
    /// Its folder's name: what claims and pages call it.
    pub busm_name: String,
    /// The modules, by name.
    pub modules: BTreeMap<String, Module>,
    /// What cannot be built because something in it is wrong.
    pub poison: Poison,
    /// Whether nothing was found that is wrong with the folders themselves.
    pub is_orderly: bool,
}

impl Loaded {
    /// Lowers, or reads from the cache, all that nobody has asked for yet: in parallel, where somebody will ask for all.
    pub fn lower_all(&self) {
        let modules = self.modules.values().map(|module| &module.view);
        let views: Vec<_> = std::iter::once(&self.busm).chain(modules).filter(|view| !view.is_lowered()).collect();
        if views.is_empty() {
            return;
        }
        views.par_iter().for_each(|view| {
            view.lowered();
        });
    }

    /// What was written to while the build read it.
    pub fn torn(&self) -> impl Iterator<Item = &Diagnostic> {
        let modules = self.modules.values().map(|module| &module.view);
        std::iter::once(&self.busm).chain(modules).flat_map(|view| view.torn())
    }
}

/// A module.
pub struct Module {
    /// What `module.toml` says about it.
    pub info: Arc<ModuleFile>,
    /// The version of that file.
    pub about: Option<Digest>,
    /// Its partial view of the data model.
    pub view: Arc<Partial>,
}

impl Module {
    /// The errors in its files.
    pub fn mistakes(&self) -> impl Iterator<Item = &Diagnostic> {
        let all = self.info.diagnostics.iter().chain(&self.view.marks().diagnostics);
        all.filter(|found| found.is_error())
    }
}

/// What is built on something that is wrong: such outputs keep their old bytes.
#[derive(Debug, Default)]
pub struct Poison {
    /// Modules that hold a mistake, or are built on a part of the BUSM that does.
    pub modules: BTreeSet<String>,
    /// Entities that a mistake may be about.
    pub entities: BTreeSet<Name>,
    /// Whether the BUSM holds a mistake.
    pub busm: bool,
    /// Whether a part of the project could not be looked at: nobody knows which modules and entities it holds.
    pub unseen: bool,
}

impl Poison {
    /// Whether anything is wrong: then what is built on everything cannot be built.
    pub fn is_any(&self) -> bool {
        self.busm || self.unseen || !self.modules.is_empty()
    }
}

/// Loads the project that `config` describes.
pub fn load(
    snapshot: &Arc<dyn Snapshot>,
    config: &Config,
    memo: &Arc<Memo>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Loaded {
    let before = diagnostics.len();
    let files = Files::new(&config.busm, &snapshot.files(&config.busm), snapshot, memo, diagnostics);
    let busm = Arc::new(Partial::new(files, None));
    let folders = module_folders(snapshot.as_ref(), config, diagnostics);
    let place = |name: &String| config.modules.join(name).unwrap_or_default();
    partial::forget_all_but(&folders.keys().map(place).chain([config.busm.clone()]).collect(), memo);
    let is_orderly = diagnostics.len() == before;
    let found = folders
        .par_iter()
        .map(|(name, files)| {
            let mut found = Vec::new();
            let module = module(&place(name), files, &busm, snapshot, memo, &mut found);
            (name.clone(), module, found)
        })
        .collect();
    Loaded { is_orderly, ..loaded(snapshot.as_ref(), config, busm, found, diagnostics) }
}

/// Loads the project in which these files were `saved` since a build; `None` where more than that is to be looked at.
pub fn again(
    standing: &Standing,
    saved: &Saved,
    snapshot: &Arc<dyn Snapshot>,
    config: &Config,
    memo: &Arc<Memo>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Loaded> {
    if !standing.is_orderly || saved.beside_busm || !snapshot.findings().is_empty() {
        return None;
    }
    let none = BTreeSet::new();
    let files = |kept: &Kept, saved: &[RepoPath]| Files::again(kept, saved, snapshot, memo);
    let busm = match files(&standing.busm, &saved.busm)? {
        files if saved.busm.is_empty() => Partial::again(&standing.busm, files, None, &none)?,
        files => Partial::new(files, None),
    };
    let busm = Arc::new(busm);
    let changed = busm.marks().changed_since(&standing.busm.marks)?;
    let module = |(name, stood): (&String, &Stood)| {
        let (info, over) = (Arc::clone(&stood.info), Some(Arc::clone(&busm)));
        let view = match saved.modules.get(name) {
            Some(saved) => {
                let folder = config.modules.join(name).ok()?;
                let files = files(&stood.view, saved)?;
                let is_same = schemas(snapshot.files(&folder)).iter().eq(files.list.iter().map(|(path, _)| path));
                is_same.then(|| Partial::new(files, over))?
            }
            None => {
                let again = Partial::again(&stood.view, files(&stood.view, &[])?, over.clone(), &changed);
                again.or_else(|| Some(Partial::new(files(&stood.view, &[])?, over)))?
            }
        };
        Some((name.clone(), Module { info, about: stood.about, view: Arc::new(view) }, Vec::new()))
    };
    if saved.modules.keys().any(|name| !standing.modules.contains_key(name)) {
        return None;
    }
    let found = standing.modules.par_iter().map(module).collect::<Option<_>>()?;
    Some(loaded(snapshot.as_ref(), config, busm, found, diagnostics))
}

/// What was loaded, with what is wrong with it.
fn loaded(
    snapshot: &dyn Snapshot,
    config: &Config,
    busm: Arc<Partial>,
    found: Vec<(String, Module, Vec<Diagnostic>)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Loaded {
    let mut modules = BTreeMap::new();
    let mut poison = Poison {
        busm: busm.marks().diagnostics.iter().any(Diagnostic::is_error),
        unseen: snapshot.findings().iter().any(Diagnostic::is_error),
        ..Poison::default()
    };
    let missing = missing(snapshot, config);
    poison.unseen |= !missing.is_empty();
    diagnostics.extend(missing);
    poison.entities.clone_from(&busm.marks().poisoned);
    diagnostics.extend(busm.marks().diagnostics.iter().cloned());
    for (name, module, found) in found {
        let marks = module.view.marks();
        let own = module.info.diagnostics.iter().chain(&marks.diagnostics);
        if found.iter().any(Diagnostic::is_error)
            || module.mistakes().next().is_some()
            || marks.rest_on(&poison.entities)
        {
            poison.modules.insert(name.clone());
        }
        diagnostics.extend(own.cloned());
        diagnostics.extend(found);
        modules.insert(name, module);
    }
    for finding in snapshot.findings().iter().filter(|found| found.is_error()) {
        match module_of(finding, config) {
            Some(name) => drop(poison.modules.insert(name)),
            None => poison.modules.extend(modules.keys().cloned()),
        }
    }
    for module in poison.modules.iter().filter_map(|name| modules.get(name)) {
        poison.entities.extend(module.view.marks().tables.keys().cloned());
    }
    let views = || modules.values().map(|module| &module.view).chain([&busm]);
    let mistakes = views().flat_map(|view| &view.marks().diagnostics).filter(|found| found.is_error());
    let files: BTreeSet<&RepoPath> = mistakes.filter_map(Diagnostic::path).collect();
    // What a broken file itself seems to declare may be half a name.
    let sure = |view: &'_ Arc<Partial>| {
        let marks = view.marks();
        marks.tables.keys().filter(|name| !marks.poisoned.contains(*name)).cloned().collect::<Vec<_>>()
    };
    let entities: BTreeSet<Name> = views().flat_map(sure).collect();
    for path in files {
        poison.entities.extend(spoken_of(path, snapshot, entities.iter()).cloned());
    }
    if modules.is_empty() && !poison.unseen {
        diagnostics.push(
            Diagnostic::new(Severity::Note, "no-modules", format!("`{}` holds no module yet", config.modules)).help(
                format!("make a folder in it with a schema file, such as `{}/first/accounts.toml`", config.modules),
            ),
        );
    }
    Loaded { busm, busm_name: config.busm.file_name().to_owned(), modules, poison, is_orderly: true }
}

/// What is said of folders that the settings name and that are not there: with a slip in such a name all would seem gone.
fn missing(snapshot: &dyn Snapshot, config: &Config) -> Vec<Diagnostic> {
    if !snapshot.findings().is_empty() {
        return Vec::new();
    }
    let missing = config.named.iter().filter(|(folder, _)| snapshot.files(folder).is_empty());
    let told = |(folder, span): &(RepoPath, Span)| {
        Diagnostic::error("missing-folder", span.clone(), format!("there is no file below `{folder}`"))
            .help("name the folder as it is called, or put the first file into it")
    };
    missing.map(told).collect()
}

/// All schema files below `folder` as one view of its own, nothing remembered.
pub fn schema(snapshot: &dyn Snapshot, folder: &RepoPath) -> Lowered {
    let files = snapshot.files(folder);
    let of = |extension: &str| -> Vec<&RepoPath> {
        files.iter().filter(|path| path.extension() == Some(extension) && path.file_name() != MODULE_FILE).collect()
    };
    let mut unread = Vec::new();
    let sql: Vec<SqlFile> = each(&of("sql"), &mut unread, |path, unread| sql_file(path, snapshot, unread));
    let toml: Vec<EntityFile> =
        each(&of("toml"), &mut unread, |path, unread| Some(schema::schema_file(path, &read(snapshot, path, unread)?)));
    let mut lowered = lower::toml::lower(&toml.iter().collect::<Vec<_>>(), lower::sql::lower(&sql), None);
    // What could not be read may have made what is spoken of.
    if unread.is_empty() && !lowered.diagnostics.iter().any(Diagnostic::is_error) {
        lowered.diagnostics.extend(lower::unresolved(&lowered));
    }
    lowered.diagnostics.extend(unread);
    lowered
}

/// What `make` makes of each of `files`, in order, and what it finds; a few are not worth a second thread.
fn each<F: Sync, T: Send>(
    files: &[&F],
    found: &mut Vec<Diagnostic>,
    make: impl Fn(&F, &mut Vec<Diagnostic>) -> Option<T> + Sync,
) -> Vec<T> {
    if files.len() < MANY {
        return files.iter().filter_map(|file| make(file, found)).collect();
    }
    let one = |file: &&F| {
        let mut found = Vec::new();
        (make(file, &mut found), found)
    };
    let (made, diagnostics): (Vec<Option<T>>, Vec<Vec<Diagnostic>>) = files.par_iter().map(one).collect();
    found.extend(diagnostics.into_iter().flatten());
    made.into_iter().flatten().collect()
}

/// The module in whose folder something could not be looked at; `None` when it is not that of a module.
fn module_of(finding: &Diagnostic, config: &Config) -> Option<String> {
    let below = finding.path()?.strip_prefix(&config.modules)?;
    below.split('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The files of each module's folder; a schema file that lies beside the folders belongs to none, and is reported.
pub(super) fn module_folders(
    snapshot: &dyn Snapshot,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Vec<RepoPath>> {
    let mut folders: BTreeMap<String, Vec<RepoPath>> = BTreeMap::new();
    for path in snapshot.files(&config.modules) {
        let below = path.strip_prefix(&config.modules).unwrap_or("").to_owned();
        match below.split_once('/') {
            Some((name, _)) => folders.entry(name.to_owned()).or_default().push(path),
            None if is_schema(&path) => diagnostics.push(
                Diagnostic::new(Severity::Warning, "no-module", format!("`{path}` belongs to no module"))
                    .help(format!("move it into a folder of `{}`: each folder there is a module", config.modules)),
            ),
            None => {}
        }
    }
    folders.retain(|_, files| files.iter().any(is_schema));
    folders
}

/// The files of a module's folder that say what it declares.
pub(super) fn schemas(files: Vec<RepoPath>) -> Vec<RepoPath> {
    files.into_iter().filter(|path| is_schema(path) && path.file_name() != MODULE_FILE).collect()
}

pub(super) fn is_schema(path: &RepoPath) -> bool {
    matches!(path.extension(), Some("toml" | "sql"))
}

fn module(
    folder: &RepoPath,
    files: &[RepoPath],
    busm: &Arc<Partial>,
    snapshot: &Arc<dyn Snapshot>,
    memo: &Arc<Memo>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Module {
    let (about, schemas): (Vec<&RepoPath>, Vec<&RepoPath>) =
        files.iter().partition(|path| path.file_name() == MODULE_FILE);
    let schemas: Vec<RepoPath> = schemas.into_iter().cloned().collect();
    let view = Partial::new(Files::new(folder, &schemas, snapshot, memo, diagnostics), Some(Arc::clone(busm)));
    let info = about.first().and_then(|path| module_file(path, snapshot.as_ref(), memo, diagnostics));
    let about = about.first().and_then(|path| snapshot.digest(path).ok());
    Module { info: info.unwrap_or_default(), about, view: Arc::new(view) }
}

fn module_file(
    path: &RepoPath,
    snapshot: &dyn Snapshot,
    memo: &Memo,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Arc<ModuleFile>> {
    let version = snapshot.digest(path).map_err(|error| diagnostics.push(error.diagnostic())).ok()?;
    let key = memo.key(ABOUT, digest::of("about", &(path, version)));
    memo.held(key).or_else(|| {
        let file = Arc::new(schema::module_file(path, &read(snapshot, path, diagnostics)?));
        memo.hold(key, Arc::clone(&file));
        Some(file)
    })
}

/// What schema files were lowered to.
pub(super) struct Lowering {
    pub lowered: Lowered,
    /// What each entity of the files in TOML asked for.
    pub asked: BTreeMap<Name, Asked>,
    /// Those files, as far as they could be read.
    pub files: Vec<Arc<EntityFile>>,
}

/// Lowers schema files, together one view of the data model; `busm` is what they pick from. What cannot be read is `unread`,
/// and the view is then no more than there was to be read at that moment.
pub(super) fn lower(files: &Files, busm: Option<&dyn Common>, unread: &mut Vec<Diagnostic>) -> Lowering {
    let (snapshot, memo) = (files.snapshot.as_ref(), &files.memo);
    let of = |extension| -> Vec<&(RepoPath, Digest)> {
        files.list.iter().filter(|(path, _)| path.extension() == Some(extension)).collect()
    };
    let sql: Vec<SqlFile> = each(&of("sql"), unread, |(path, _), unread| sql_file(path, snapshot, unread));
    let files: Vec<Arc<EntityFile>> =
        each(&of("toml"), unread, |(path, version), unread| entity_file(path, *version, snapshot, memo, unread));
    let trees: Vec<&EntityFile> = files.iter().map(Arc::as_ref).collect();
    let mut base = lower::sql::lower(&sql);
    if let Some(common) = busm.filter(|_| !sql.is_empty() && !base.diagnostics.iter().any(Diagnostic::is_error)) {
        let unknown = lower::unknown_types(&base, common.rest());
        base.diagnostics.extend(unknown);
    }
    let (lowered, asked) = lower::toml::lower_over(&trees, base, busm);
    Lowering { lowered, asked, files }
}

fn sql_file(path: &RepoPath, snapshot: &dyn Snapshot, diagnostics: &mut Vec<Diagnostic>) -> Option<SqlFile> {
    let content = read(snapshot, path, diagnostics)?;
    let text = text_of(path, &content).map_err(|found| diagnostics.push(found)).ok()?;
    Some(sql::parse(path, &text))
}

fn entity_file(
    path: &RepoPath,
    version: Digest,
    snapshot: &dyn Snapshot,
    memo: &Memo,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Arc<EntityFile>> {
    let inputs = digest::of("parse", &(path, version));
    if let Some(file) = memo.held(memo.key(PARSE, inputs)) {
        return Some(file);
    }
    let content = read(snapshot, path, diagnostics)?;
    Some(Arc::new(memo.query(PARSE, path.as_str(), inputs, || schema::schema_file(path, &content))))
}

/// What one of `files` says, where it can be read.
pub(super) fn parsed((path, version): &(RepoPath, Digest), files: &Files) -> Option<Arc<EntityFile>> {
    entity_file(path, *version, files.snapshot.as_ref(), &files.memo, &mut Vec::new())
}

fn read(snapshot: &dyn Snapshot, path: &RepoPath, diagnostics: &mut Vec<Diagnostic>) -> Option<std::sync::Arc<[u8]>> {
    snapshot.read(path).map_err(|error| diagnostics.push(error.diagnostic())).ok()
}

/// The entities that an error may be about: those declared in the file that holds it.
pub(super) fn poisoned(diagnostics: &[Diagnostic], origins: &Origins) -> BTreeSet<Name> {
    let files: BTreeSet<&RepoPath> =
        diagnostics.iter().filter(|found| found.is_error()).filter_map(Diagnostic::path).collect();
    origins
        .iter()
        .filter(|(_, span)| files.contains(&span.path))
        .filter_map(|(id, _)| match id {
            ObjectId::Table(name) => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// Those of `entities` that a file with a mistake may say something about: what it was meant to say is not known, so it is
/// those whose names stand in it, and all where nobody can tell.
fn spoken_of<'e>(
    path: &RepoPath,
    snapshot: &dyn Snapshot,
    entities: impl Iterator<Item = &'e Name>,
) -> impl Iterator<Item = &'e Name> {
    let content = snapshot.read(path).unwrap_or_default();
    // Two bytes a character, in some encodings.
    let text: String = String::from_utf8_lossy(&content).chars().filter(|c| *c != '\0').collect();
    let words: BTreeSet<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    // Where the file ends in the middle of a name.
    let last = text.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_lowercase();
    let is_said = move |name: &&Name| {
        if !last.is_empty() && name.name.as_str().to_lowercase().starts_with(&last) {
            return true;
        }
        let mut parts = name.name.as_str().split(|c: char| !c.is_alphanumeric() && c != '_');
        words.is_empty() || parts.all(|part| part.is_empty() || words.contains(&part.to_lowercase()))
    };
    entities.filter(is_said)
}

/// Whether one of `tables` is one of `entities`, or refers to one.
pub(super) fn rests_on<'t>(mut tables: impl Iterator<Item = (&'t Name, &'t Table)>, entities: &BTreeSet<Name>) -> bool {
    !entities.is_empty()
        && tables.any(|(name, table)| {
            let targets = table.constraints.values().filter_map(|constraint| constraint.foreign_key());
            entities.contains(name) || targets.into_iter().any(|key| entities.contains(&key.table))
        })
}
