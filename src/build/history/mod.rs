//! The iterations of a project: from its git history to migrations.
//!
//! [`Past`] is what the mainline holds, as far as `HEAD` has it: a [`log`] of iterations, continued from what an earlier
//! run left. The working tree is one more step behind it, the *draft*: on the mainline what is not committed yet, on
//! a branch all of the branch.
//!
//! What outputs may say about commits
//! ==================================
//! Outputs are committed together with what they are made from, and then they have to be what a build of that
//! commit makes. But a commit's id, date and subject are not known before it is made. So:
//!
//! - A migration says nothing about its commit. Its number, its name (of what it changes), its states and its statements
//!   are the same before and after the commit, and after a rebase, an amendment, a squash or a cherry-pick; and the draft
//!   is the next number, so that a review reads the very file that the merge brings. `forge log MODULE N` prints a
//!   migration with its commit.
//! - The timeline (`iterations.md`) tells author, date and subject of every iteration but the last: they come with
//!   the next step. Ids, which a rebase changes, are told by `forge log` alone.
//! - The layouts of other tools name files by the commit's time. There a migration appears once its commit is on the
//!   mainline, and a draft has no file.

pub mod draft;
mod folder;
mod kept;
pub mod log;
mod look;
pub mod source;
pub mod step;
mod tell;
pub mod time;
pub mod views;
pub mod walk;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::build::ENGINE;
use crate::build::project::Project;
use crate::config::{self, Config};
use crate::diagnostic::Diagnostic;
use crate::digest;
use crate::source::git::{self, GitError, Head, Place, Repository, Tips};
use crate::source::history::{self, Ask, Folders, History, New};
use log::{Log, Note, Shelf};
use source::{Models, Reader};

/// What the mainline holds.
pub struct Past {
    /// Its iterations.
    pub log: Log,
    place: Place,
    repository: OnceLock<Result<Box<dyn Repository>, GitError>>,
    models: Arc<Models>,
}

/// Where the repository is, and what its branches point to; `None` where there is no repository.
pub type Found = Result<Option<(Place, Tips)>, GitError>;

/// What branches point to, for the project in `place`; cheap enough to be asked in every run.
///
/// # Errors
/// When git's files cannot be read, or the settings name a mainline that is not there.
pub fn tips(project: &Project, config: &Config) -> Found {
    let Some(place) = Place::find(&project.root) else { return Ok(None) };
    let tips = git::tips(&place, config.mainline.as_deref())?;
    Ok(Some((place, tips)))
}

/// The past of a project whose tips are known; `None` without a repository.
///
/// # Errors
/// As [`tips`] and [`Past::read`].
pub fn read(project: &Project, config: &Config, tips: &Found) -> Result<Option<Past>, GitError> {
    match tips {
        Ok(Some((place, tips))) => Past::read(project, config, place.clone(), tips).map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error.clone()),
    }
}

/// The names that a module had before, the latest first, as far as the mainline can be read.
pub fn former_names(project: &Project, module: &str) -> Vec<String> {
    let (config, _) = super::past_settings(project);
    let Ok(Some(past)) = read(project, &config, &tips(project, &config)) else { return Vec::new() };
    let chain = past.log.chains.by_name.get(module);
    chain.map(|chain| chain.former.iter().rev().cloned().collect()).unwrap_or_default()
}

impl Past {
    /// Reads the history that `tips` are about, doing only what no earlier run has done.
    ///
    /// # Errors
    /// When git cannot read it, or a shallow clone hides a part of it.
    pub fn read(project: &Project, config: &Config, place: Place, tips: &Tips) -> Result<Past, GitError> {
        let mut past = Past { log: Log::default(), place, repository: OnceLock::new(), models: Arc::default() };
        if matches!(tips.head, Head::Unborn(_)) {
            return Ok(past);
        }
        let shelf = Shelf::new(logs(project, &past.place), digest::of("log", &(ENGINE, hints(config), &tips.replaced)));
        let note = shelf.note();
        if let Some(log) =
            note.as_ref().filter(|note| note.tips == *tips).and_then(|note| shelf.noted(note, shelf.book()))
        {
            past.log = log;
            return Ok(past);
        }
        let folders = |content: Option<&[u8]>| folders(content);
        let repository = past.repository()?;
        let ask =
            Ask { repository, place: &past.place, cache: &project.cache.shared, engine: ENGINE, folders: &folders };
        let known = note.map(|note| since(&ask, tips, &shelf, &note)).transpose()?.flatten();
        let Known { mut log, history, done, new } = known.map_or_else(|| whole(&ask, tips, &shelf), Ok)?;
        let History { base, steps, .. } = history;
        if done < steps.len() {
            let reader = past.reader(repository);
            reader.fetch(&steps[done..])?;
            let go_on = || walk::walk(&mut log, &steps[done..], &reader, &config.hints);
            rayon::join(go_on, || new.keep(&steps)).0?;
            reader.tidy();
            shelf.save(&mut log);
        } else {
            new.keep(&steps);
        }
        if let Some(base) = base {
            shelf.note_down(&log, tips, base);
        }
        past.log = log;
        Ok(past)
    }

    /// A reader of `repository`, which is that of this past.
    fn reader<'a>(&self, repository: &'a dyn Repository) -> Reader<'a> {
        Reader::sharing(repository, Arc::clone(&self.models))
    }

    /// The repository, opened when it is first asked for.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn repository(&self) -> Result<&dyn Repository, GitError> {
        match self.repository.get_or_init(|| git::open(&self.place)) {
            Ok(repository) => Ok(repository.as_ref()),
            Err(error) => Err(error.clone()),
        }
    }

    /// What should be known about iterations, and about hints that no edge took.
    pub fn findings(&self, config: &Config) -> Vec<Diagnostic> {
        let unknown = config.hints.iter().enumerate().filter(|(place, _)| !self.log.taken.contains(place));
        let unknown = unknown.map(|(_, hint)| {
            Diagnostic::warning("unknown-edge", hint.span.clone(), format!("no iteration has the edge `{}`", hint.edge))
                .help("`forge log` shows the edges; one that took a hint is named here as it was without")
        });
        self.log.entries.iter().flat_map(|entry| entry.diagnostics.iter().cloned()).chain(unknown).collect()
    }
}

/// What is known of the mainline.
struct Known {
    log: Log,
    history: History,
    /// How many steps of the history the log has seen.
    done: usize,
    /// What is not kept yet of the history.
    new: New,
}

/// What is known with a note, when the mainline has just gone on from there.
fn since(ask: &Ask<'_>, tips: &Tips, shelf: &Shelf, note: &Note) -> Result<Option<Known>, GitError> {
    let (history, book) = rayon::join(|| history::since(ask, tips, note.base), || shelf.book());
    let Some(history) = history? else { return Ok(None) };
    Ok(shelf.noted(note, book).map(|log| Known { log, history, done: 0, new: New::default() }))
}

/// What is known of the whole of it.
fn whole(ask: &Ask<'_>, tips: &Tips, shelf: &Shelf) -> Result<Known, GitError> {
    let (walked, book) = rayon::join(|| history::walked(ask, tips), || shelf.book());
    let (history, new) = walked?;
    let commits = history.steps.iter().enumerate().map(|(place, step)| (place + 1, step.commit));
    let (done, log) = shelf.latest(book, commits);
    Ok(Known { log, history, done, new })
}

/// The folder of logs of a project.
fn logs(project: &Project, place: &Place) -> PathBuf {
    let inside = digest::bytes(place.inside.as_os_str().as_encoded_bytes()).short();
    project.cache.shared.join("iterations").join(inside)
}

/// The hints as far as an edge may depend on them.
fn hints(config: &Config) -> Vec<String> {
    config.hints.iter().map(|hint| format!("{hint:?}")).collect()
}

/// Where the folders lie, as a `forge.toml` says, as far as it can be read.
fn folders(content: Option<&[u8]>) -> Folders {
    let mut found = Vec::new();
    let config = content.map_or_else(Config::default, |content| config::read(content, &mut found));
    let mistake = found.into_iter().find(Diagnostic::is_error).map(|found| found.message);
    Folders { busm: config.busm, modules: config.modules, mistake }
}
