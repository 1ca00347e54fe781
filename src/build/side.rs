//! One side of a comparison: a schema from a file, a folder, or a revision of the project.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::history::source::{Place, Reader, Source, Version};
use super::merged::Claims;
use super::project::{Project, shown};
use super::{ENGINE, history, load, scope, settings_path};
use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, nearest};
use crate::memo::Memo;
use crate::model::Model;
use crate::path::RepoPath;
use crate::source::commit::Commit;
use crate::source::project::cache;
use crate::source::worktree::{Table, Worktree};
use crate::source::{Scope, Snapshot, SourceError};

/// Which schema of a project is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The production schema of all modules.
    Production,
    /// The prototype of this module.
    Prototype(String),
}

/// A schema to compare.
pub struct Side {
    /// The schema.
    pub model: Model,
    /// What is wrong with its files; with an error among it the schema is not whole.
    pub diagnostics: Vec<Diagnostic>,
    /// The module that was asked for, when the project does not have it here: then the schema is empty.
    pub missing: Option<NoModule>,
    snapshot: Arc<dyn Snapshot>,
}

/// A snapshot, or why it cannot be taken.
type Look = Result<Arc<dyn Snapshot>, SourceError>;

/// Why there is no such side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSide {
    /// It is no file, no folder, and there is no project in whose history it could be a revision.
    Nothing(String),
    /// The snapshot cannot be taken.
    Source(SourceError),
}

/// The project has no such module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoModule {
    name: String,
    near: Option<String>,
}

impl fmt::Display for NoModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no module `{}`", self.name)?;
        self.near.iter().try_for_each(|near| write!(f, "; did you mean `{near}`?"))
    }
}

impl fmt::Display for NoSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoSide::Nothing(text) => write!(f, "`{text}` is no file, no folder and no revision"),
            NoSide::Source(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for NoSide {}

impl Side {
    /// The schema that `text` names: a schema file, a folder (a project, or schema files), or a revision of `project`.
    ///
    /// # Errors
    /// When it names nothing.
    pub fn open(text: &str, which: &Which, project: Option<&Project>) -> Result<Side, NoSide> {
        let place = std::path::absolute(text).unwrap_or_else(|_| PathBuf::from(text));
        if place.join(config::FILE_NAME).is_file() {
            let memo = Arc::new(Memo::open(cache(&place).shared, ENGINE));
            let look = |scope: &Scope| -> Look { Ok(Arc::new(Worktree::look(&place, scope, &Table::default(), None))) };
            return project_side(look, which, &memo);
        }
        // What lies in a bare repository, such as its `HEAD`, is no schema.
        let is_git = project.is_some_and(|project| project.is_bare() && place.starts_with(&project.root));
        if place.exists() && !is_git {
            return files(&place).ok_or_else(|| NoSide::Nothing(text.to_owned()));
        }
        let project = project.ok_or_else(|| NoSide::Nothing(text.to_owned()))?;
        match which {
            Which::Production => {
                let memo = Arc::new(Memo::open(&project.cache.shared, ENGINE));
                project_side(|scope| Ok(Arc::new(Commit::open(&project.root, text, scope)?)), which, &memo)
            }
            Which::Prototype(name) => module_side(project, text, name).map_err(NoSide::Source),
        }
    }

    /// The text of one of its files, for showing a diagnostic's lines.
    pub fn text(&self, path: &RepoPath) -> Option<String> {
        shown(&self.snapshot.read(path).ok()?)
    }
}

/// A file, or all schema files in a folder, as one schema.
fn files(place: &Path) -> Option<Side> {
    let (root, scope) = if place.is_dir() {
        (place, Scope { folders: vec![RepoPath::root()], files: Vec::new() })
    } else {
        let name = RepoPath::new(place.file_name()?.to_str()?).ok()?;
        (place.parent()?, Scope { folders: Vec::new(), files: vec![name] })
    };
    let snapshot = Worktree::look(root, &scope, &Table::default(), None);
    let lowered = load::schema(&snapshot, &RepoPath::root());
    let mut diagnostics = snapshot.findings().to_vec();
    diagnostics.extend(lowered.diagnostics);
    Some(Side { model: lowered.model, diagnostics, missing: None, snapshot: Arc::new(snapshot) })
}

/// A module of a revision, as its iterations see it: by the name that it has now, or one that it had.
fn module_side(project: &Project, revision: &str, name: &str) -> Result<Side, SourceError> {
    let open = |scope: &Scope| Commit::open(&project.root, revision, scope);
    let settings = open(&Scope { folders: Vec::new(), files: vec![settings_path()] })?;
    let mut diagnostics = Vec::new();
    let config = match settings.read(&settings_path()) {
        Ok(content) => config::read(&content, &mut diagnostics),
        Err(_) => Config::default(),
    };
    let commit = open(&scope(&config))?;
    let is_there = |name: &str| {
        let folder = config.modules.join(name).ok();
        folder.filter(|folder| commit.files(folder).iter().any(load::is_schema))
    };
    let (mut side, mut missing) = (Version::default(), None);
    let former = || history::former_names(project, name).iter().find_map(|name| is_there(name));
    match (is_there(name).or_else(former), commit.project()) {
        (Some(folder), Some(tree)) => {
            let at = |folder: RepoPath| Place { folder, tree: None };
            let source = Source { project: tree, busm: at(config.busm.clone()), module: at(folder) };
            side = Reader::new(commit.repository()).read(&source)?;
        }
        _ => missing = Some(NoModule { name: name.to_owned(), near: nearest_module(&commit, &config, name) }),
    }
    diagnostics.extend(side.diagnostics);
    let model = side.schema.prototype().model;
    Ok(Side { model, diagnostics, missing, snapshot: Arc::new(commit) })
}

/// The module of a revision whose name is most like `name`.
fn nearest_module(commit: &Commit, config: &Config, name: &str) -> Option<String> {
    let files = commit.files(&config.modules);
    let names = files.iter().filter_map(|path| Some(path.strip_prefix(&config.modules)?.split_once('/')?.0));
    nearest(name, names).map(str::to_owned)
}

/// One schema of the project that `look` shows.
fn project_side(look: impl Fn(&Scope) -> Look, which: &Which, memo: &Arc<Memo>) -> Result<Side, NoSide> {
    let settings = look(&Scope { folders: Vec::new(), files: vec![settings_path()] }).map_err(NoSide::Source)?;
    let mut diagnostics = Vec::new();
    let config = match settings.read(&settings_path()) {
        Ok(content) => config::read(&content, &mut diagnostics),
        // Before the project began there was nothing.
        Err(SourceError::Missing(_)) => Config::default(),
        Err(error) => return Err(NoSide::Source(error)),
    };
    let snapshot = look(&scope(&config)).map_err(NoSide::Source)?;
    diagnostics.extend(snapshot.findings().iter().cloned());
    let loaded = load::load(&snapshot, &config, memo, &mut diagnostics);
    // What was parsed of a revision need not be parsed again.
    let _ = memo.commit();
    let mut missing = None;
    let model = match which {
        Which::Production => {
            let made = Claims::new(&config, &loaded).production();
            diagnostics.extend(made.diagnostics);
            made.schema.preview().clone()
        }
        Which::Prototype(name) => match loaded.modules.get(name) {
            Some(module) => module.view.prototype().model,
            None => {
                let near = nearest(name, loaded.modules.keys().map(String::as_str)).map(str::to_owned);
                missing = Some(NoModule { name: name.clone(), near });
                Model::default()
            }
        },
    };
    Ok(Side { model, diagnostics, missing, snapshot })
}
