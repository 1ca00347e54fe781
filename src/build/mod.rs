//! The build: from a snapshot of the project to its outputs, doing only what has to be done.
//!
//! This is the only module that knows both the incremental engine and the domain. The stages are plain functions of
//! values; here they become pieces of work with keys. [`load`] reads and lowers the schema files, [`pieces`] lists
//! every output with the view that it is made from, [`render`] renders those that read something new, and
//! `output` writes what differs. When not one input changed since the last run, none of that happens: the
//! inputs and the outputs are looked at, and that is all.

mod ahead;
mod basis;
mod creation;
#[cfg(test)]
mod fixture;
mod ground;
mod handed;
mod hardened;
pub mod history;
mod known;
mod links;
pub mod load;
mod made;
mod marks;
mod merged;
mod partial;
mod parts;
pub mod pieces;
mod product;
pub mod project;
mod record;
mod relower;
mod render;
mod reported;
mod roundtrip;
mod saved;
pub mod session;
mod shared;
pub mod side;
mod staged;
mod stages;
mod standing;
mod view;
pub mod views;
pub mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, Severity};
use crate::digest::{self, Digest};
use crate::memo::Memo;
use crate::memo::trace::{Reason, Traces};
use crate::memo::work::Work;
use crate::output::{self, Bytes, Content, Outcome, Outputs, Wanted};
use crate::path::RepoPath;
use crate::render::builtin;
use crate::source::index::Index;
use crate::source::worktree::{Table, Worktree};
use crate::source::{self, Scope, Snapshot, SourceError};
use ahead::Ahead;
use history::views::Iterations;
use load::Loaded;
use pieces::Pieces;
use project::Project;
use record::Record;
use render::{Settled, Task};
use saved::Saved;
use session::{Look, Session};
use stages::Stages;
use standing::Setup;

/// The version of forge, with a number that is raised where the same inputs come to something else: values of another one are
/// never taken from the cache.
pub const ENGINE: &str = concat!(env!("CARGO_PKG_VERSION"), "-6");

/// The code of a conflict of git's that stands in a file.
const UNMERGED: &str = "conflict-marker";

/// Whether a build writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Make the outputs what they should be.
    Write,
    /// Say what would be done.
    Check,
}

/// Hears how many pieces are done, of how many; called from several threads.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// What a build found and did.
pub struct Report {
    /// The digest of all that it was made from, if all of that could be read.
    pub inputs: Option<Digest>,
    /// What is wrong, what is worth knowing.
    pub diagnostics: Vec<Diagnostic>,
    /// What was written and removed; in check mode, what would be.
    pub outcome: Outcome,
    /// Every output by the target that makes it.
    pub targets: Vec<(String, Vec<RepoPath>)>,
    /// Why each piece was rendered, by output.
    pub reasons: BTreeMap<RepoPath, Vec<Reason>>,
    /// Why others hold something else now, though nothing was rendered: what they hold was known.
    pub returned: BTreeMap<RepoPath, Vec<Reason>>,
    /// The work that was done, by query.
    pub work: BTreeMap<&'static str, Work>,
    /// The files as the build saw them; they may be others by the time somebody looks at what is said of them.
    pub seen: Option<Arc<dyn Snapshot>>,
}

impl Report {
    /// Whether there is anything that somebody should mend.
    pub fn has_findings(&self) -> bool {
        self.all_diagnostics().any(|found| found.severity != Severity::Note)
    }

    /// Why outputs hold something else now, rendered or not.
    pub fn causes(&self) -> impl Iterator<Item = (&RepoPath, &Vec<Reason>)> {
        self.reasons.iter().chain(&self.returned)
    }

    /// The findings of the build and of writing its outputs.
    pub fn all_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().chain(&self.outcome.findings)
    }

    /// The text of a file of `project` that is spoken of, for showing its lines: as the build saw it, or not at all.
    pub fn text(&self, path: &RepoPath, project: &Project) -> Option<String> {
        match self.seen.as_ref().map(|seen| seen.read(path)) {
            None | Some(Err(SourceError::Missing(_))) => project.text(path),
            Some(content) => project::shown(&content.ok()?),
        }
    }
}

/// Builds the project.
pub fn build(project: &Project, mode: Mode, progress: &Progress<'_>) -> Report {
    let mut session = Session::new(project.clone());
    let report = session.build(&Look::All, mode, progress);
    session.hand_on();
    report
}

/// One build of a session, which looks at `changed`, or at everything.
fn run(session: &mut Session, changed: Option<&BTreeSet<RepoPath>>, mode: Mode, progress: &Progress<'_>) -> Report {
    let (config, settings, diagnostics) = seen_settings(session.project());
    if diagnostics.iter().any(Diagnostic::is_error) {
        // Nothing is certain without the settings: which folders to read, where to write.
        return Report { diagnostics, seen: Some(Arc::new(settings)), ..Report::nothing() };
    }
    let version = settings.digest(&settings_path()).ok();
    let (snapshot, differing) = session.look(&config, changed);
    let snapshot: Arc<dyn Snapshot> = Arc::new(snapshot);
    if session.gives_way() {
        return Report::nothing();
    }
    let mut outputs = session.outputs(changed);
    let mut saved = differing.and_then(|differing| Saved::of(&differing, &config, snapshot.as_ref()));
    let go_ahead = |session: &mut Session, saved: Option<&Saved>, outputs: &mut Outputs| {
        let to_write = saved.filter(|_| mode == Mode::Write);
        to_write.map(|saved| session.ahead(version, &config, &snapshot, saved, outputs)).unwrap_or_default()
    };
    let mut ahead = go_ahead(session, saved.as_ref(), &mut outputs);
    let tips = history::tips(session.project(), &config);
    // Settings that were saved since they were read are not what this build is made from: it is no record of them.
    let inputs = inputs(&*snapshot, &tips).filter(|_| snapshot.digest(&settings_path()).ok() == version);
    let last = session.last.take().or_else(|| Record::load(&session.project.cache.local));
    let is_done = |record: &Record| record.is_of(inputs) && ahead.written.is_empty() && outputs.are_at(record.state);
    if let Some(record) = last.filter(is_done) {
        let report = Report { inputs, seen: Some(snapshot), ..record.report() };
        session.last = Some(record);
        return report;
    }
    if changed.is_none() {
        let setup = (version, snapshot.tree(&config.templates).ok());
        (saved, outputs) = rayon::join(|| session.take_up(setup, &config, &snapshot), || outputs.looked_at());
        ahead = go_ahead(session, saved.as_ref(), &mut outputs);
    }
    // As a whole among the threads that do the parts: an allocator has a heap for each thread, and what one stage
    // frees is then there for the next.
    let seen = Seen { mode, config, version, snapshot, saved, outputs, staged: None, ahead, tips, inputs };
    rayon::scope(|_| anew(session, &seen, diagnostics, progress))
}

/// What a build begins from.
struct Seen {
    mode: Mode,
    config: Config,
    version: Option<Digest>,
    snapshot: Arc<dyn Snapshot>,
    /// What was saved since the last build, if that is known.
    saved: Option<Saved>,
    outputs: Outputs,
    /// Where both files and outputs are those of the next commit: that.
    staged: Option<Arc<Index>>,
    ahead: Ahead,
    tips: history::Found,
    inputs: Option<Digest>,
}

impl Seen {
    /// The paths at which forge may have written.
    fn listed(&self) -> BTreeSet<RepoPath> {
        match &self.staged {
            Some(index) => staged::listed(index, &self.config),
            None => self.outputs.listed(),
        }
    }
}

/// Makes the outputs from what was seen.
fn anew(session: &mut Session, seen: &Seen, diagnostics: Vec<Diagnostic>, progress: &Progress<'_>) -> Report {
    let Seen { config, snapshot, tips, .. } = seen;
    let (memo, traces) = session.memories();
    let mut found = diagnostics;
    found.extend(snapshot.findings().iter().cloned());
    let loaded = session
        .standing
        .as_ref()
        .filter(|standing| standing.setup.0 == seen.version)
        .and_then(|standing| load::again(standing, seen.saved.as_ref()?, snapshot, config, &memo, &mut found));
    let loaded = loaded.unwrap_or_else(|| load::load(snapshot, config, &memo, &mut found));
    let past = history::read(session.project(), config, tips);
    let iterations = history::views::iterations(config, past, &loaded, &memo, &mut found);
    let setup = (seen.version, snapshot.tree(&config.templates).ok());
    let standing = session.standing.take().and_then(|standing| {
        let since = standing.since(setup, &loaded, &iterations)?;
        standing.settled(&since, config, &loaded, &iterations)
    });
    session.followed(seen.saved.as_ref().filter(|_| standing.is_some()));
    let (pieces, known) = standing.unwrap_or_else(|| {
        let pieces = pieces::pieces(config, &loaded, &iterations, snapshot.as_ref(), &memo, &mut found);
        (pieces, Vec::new())
    });
    let pieces = pieces.with_production(config, &loaded, &memo, &mut found);
    let made = Material { setup, loaded, iterations, pieces, known };
    let looked = Some(Arc::clone(snapshot));
    let mut report = Report { inputs: seen.inputs, diagnostics: found, seen: looked, ..Report::nothing() };
    let gives_way = &mut || session.gives_way();
    let written = made.write(seen, &memo, &traces, progress, gives_way, &mut report);
    let Some((known, record)) = written else { return report };
    handed::touch(&made.loaded, &memo);
    let (unkept, untold) = rayon::join(|| memo.commit(), || record.as_ref().and_then(|_| traces.commit()));
    if let Some(record) = record {
        // Last of all: a run that finds the record has nothing to do, so nothing may be left half-done behind it.
        record.save(&session.project.cache.local);
        session.last = Some(record);
    }
    session.is_kept = unkept.is_none();
    // One word about the cache is enough, and the next build need not repeat it.
    report.diagnostics.extend(unkept.or(untold));
    session.put_aside(made, known);
    session.remember(memo, traces);
    report
}

/// What a build is made of.
struct Material {
    setup: Setup,
    loaded: Loaded,
    iterations: Iterations,
    pieces: Pieces,
    /// What is known of the pieces by what the last build left.
    known: Vec<Option<Settled>>,
}

impl Material {
    /// Renders the outputs and writes them, or says in `report` what that would do; a build that wrote leaves a record.
    ///
    /// `None` when something was written to while it was read, all of it was removed, or somebody else is at work now: of
    /// what came of that nothing is written, and nothing may be remembered.
    fn write(
        &self,
        seen: &Seen,
        memo: &Memo,
        traces: &Traces,
        progress: &Progress<'_>,
        gives_way: &mut dyn FnMut() -> bool,
        report: &mut Report,
    ) -> Option<(Vec<Option<Settled>>, Option<Record>)> {
        let Material { loaded, iterations, pieces, known, .. } = self;
        let Seen { mode, config, outputs, ahead, inputs, .. } = seen;
        let sources = OnceLock::new();
        let stages = Stages::new(&config.name, loaded, iterations, &sources, pieces);
        // A merge in which a conflict stands may still be given up: git does that only with outputs as it left them.
        let is_unmerged = report.diagnostics.iter().any(|found| found.code == UNMERGED);
        let list = if is_unmerged { Vec::new() } else { standing::asking(pieces, known) };
        let task = Task { list, pieces, stages: &stages, memo, traces, alone: false };
        let mut rendered = render::render(&task, &ahead.asked, progress, &mut report.diagnostics);
        report.diagnostics.extend(loaded.torn().cloned());
        let is_begun = !ahead.written.is_empty();
        if loaded.torn().next().is_some() || !outputs.has_a_place() || !is_begun && gives_way() {
            return None;
        }
        for (path, reasons) in ahead.reasons(&rendered.contents) {
            rendered.reasons.entry(path).or_insert(reasons);
        }
        let mut wanted = rendered.contents.clone();
        let is_all_kept = loaded.poison.is_any() || pieces.refused || is_unmerged;
        let stays = |path: &RepoPath, folder: &RepoPath| {
            is_all_kept
                || iterations.unknown && pieces.grounds.history.holds(path, folder)
                || pieces.lack_production && pieces.grounds.production.holds(path, folder)
        };
        let may_keep = is_all_kept || iterations.unknown || pieces.lack_production;
        if may_keep {
            keep(seen.listed(), &mut wanted, |path| stays(path, &config.output));
        }
        // What git's index holds goes nowhere.
        let may_move = seen.staged.is_none() && (may_keep || wanted.values().any(|content| *content == Content::Keep));
        let moved = if may_move { moved(outputs, &mut wanted, stays) } else { BTreeMap::new() };
        let bytes = |path: &RepoPath| moved.get(path).cloned().or_else(|| rendered.bytes(path, memo));
        report.outcome = match (mode, &seen.staged) {
            (_, Some(index)) => staged::compare(index, config, &wanted),
            (Mode::Write, None) => outputs.apply(&wanted, &bytes),
            (Mode::Check, None) => outputs.check(&wanted),
        };
        ahead.join(&wanted, &mut report.outcome);
        report.targets = pieces.targets();
        report.reasons.clone_from(&rendered.reasons);
        report.work = memo.work();
        let record = (*mode == Mode::Write).then(|| {
            report.returned = rendered.note(&report.outcome, traces, memo);
            Record::of(*inputs, output::state(&wanted), report)
        });
        Some((rendered.into_known(), record))
    }
}

/// What the schema files say, without building anything from it.
pub struct Read {
    /// The settings.
    pub config: Config,
    /// The models.
    pub loaded: Loaded,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the project.
pub fn read(project: &Project) -> Read {
    let (config, mut diagnostics) = settings(project);
    let mut session = Session::new(project.clone());
    let snapshot: Arc<dyn Snapshot> = Arc::new(session.look(&config, None).0);
    session.keep();
    let memo = Arc::new(Memo::open(&project.cache.shared, ENGINE));
    let loaded = load::load(&snapshot, &config, &memo, &mut diagnostics);
    Read { config, loaded, diagnostics }
}

/// The settings, as `forge.toml` says.
pub fn settings(project: &Project) -> (Config, Vec<Diagnostic>) {
    let (config, _, diagnostics) = seen_settings(project);
    (config, diagnostics)
}

/// The settings that hold for what is asked of the past: those of the working tree, in a bare repository those of `HEAD`.
pub fn past_settings(project: &Project) -> (Config, Vec<Diagnostic>) {
    if !project.is_bare() {
        return settings(project);
    }
    let path = settings_path();
    let only = Scope { folders: Vec::new(), files: vec![path.clone()] };
    let mut diagnostics = Vec::new();
    let content = source::commit::Commit::open(&project.root, "HEAD", &only).and_then(|head| head.read(&path));
    let config = match content {
        Ok(content) => config::read(&content, &mut diagnostics),
        Err(error) => {
            diagnostics.push(error.diagnostic());
            Config::default()
        }
    };
    (config, diagnostics)
}

/// The settings, and the file that they were read from.
fn seen_settings(project: &Project) -> (Config, Worktree, Vec<Diagnostic>) {
    let only = Scope { folders: Vec::new(), files: vec![settings_path()] };
    let snapshot = Worktree::look(&project.root, &only, &Table::default(), None);
    let (config, diagnostics) = read_settings(&snapshot);
    (config, snapshot, diagnostics)
}

/// The settings that a snapshot shows.
fn read_settings(snapshot: &dyn Snapshot) -> (Config, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let config = match snapshot.read(&settings_path()) {
        Ok(content) => config::read(&content, &mut diagnostics),
        Err(error) => {
            // What cannot be looked at is said by the look, and is not missing.
            match snapshot.findings() {
                [] => diagnostics.push(error.diagnostic()),
                findings => diagnostics.extend(findings.iter().cloned()),
            }
            Config::default()
        }
    };
    (config, diagnostics)
}

fn settings_path() -> RepoPath {
    RepoPath::new(config::FILE_NAME).unwrap_or_default()
}

/// All that decides outputs: the settings, the schema files, the templates.
fn scope(config: &Config) -> Scope {
    let folders = vec![config.busm.clone(), config.modules.clone(), config.templates.clone()];
    Scope { folders, files: vec![settings_path()] }
}

/// The digest of everything in the snapshot, of what branches point to, and of what is built in; `None` when a part of it
/// cannot be read.
fn inputs(snapshot: &dyn Snapshot, tips: &history::Found) -> Option<Digest> {
    let tree = snapshot.tree(&RepoPath::root()).ok()?;
    let tips = tips.as_ref().ok()?.as_ref().map(|(_, tips)| tips);
    snapshot.findings().is_empty().then(|| digest::of("inputs", &(ENGINE, builtin::digest(), tree, tips)))
}

/// Keeps the outputs that nobody asked for and that `stays` says so of: they may belong to what is not known now. One that
/// cannot be beside what is wanted is what that was called before.
fn keep(listed: BTreeSet<RepoPath>, wanted: &mut Wanted, stays: impl Fn(&RepoPath) -> bool) {
    let folded = |path: &RepoPath| RepoPath::new(&path.as_str().to_lowercase()).unwrap_or_default();
    let ways = |path: &RepoPath| std::iter::successors(path.parent(), RepoPath::parent).collect::<Vec<_>>();
    let files: BTreeSet<RepoPath> = wanted.keys().map(folded).collect();
    let folders: BTreeSet<RepoPath> = files.iter().flat_map(ways).collect();
    for path in listed.into_iter().filter(stays).filter(|path| !wanted.contains_key(path)).collect::<Vec<_>>() {
        let name = folded(&path);
        let is_beside =
            !files.contains(&name) && !folders.contains(&name) && !ways(&name).iter().any(|way| files.contains(way));
        if is_beside {
            wanted.insert(path, Content::Keep);
        }
    }
}

/// What cannot be made now, and lies in the folder that was the output folder until now: it goes along into the new one.
fn moved(
    outputs: &Outputs,
    wanted: &mut Wanted,
    stays: impl Fn(&RepoPath, &RepoPath) -> bool,
) -> BTreeMap<RepoPath, Bytes<'static>> {
    let mut moved = BTreeMap::new();
    let Some(former) = outputs.former() else { return moved };
    let left = former.left();
    for old in former.listed() {
        let below = old.strip_prefix(former.folder()).unwrap_or_default();
        let Ok(new) = outputs.folder().join(below) else { continue };
        let is_kept = match wanted.get(&new) {
            Some(content) => *content == Content::Keep,
            None => stays(&old, former.folder()),
        };
        // What somebody else has written there is set aside with the folder.
        let is_own = |bytes: &Bytes<'_>| left.get(&old) == Some(&bytes.digest());
        if let Some(bytes) = Some(&old).filter(|_| is_kept).and_then(|old| former.held(old)).filter(is_own) {
            wanted.insert(new.clone(), Content::Bytes(bytes.digest()));
            moved.insert(new, bytes);
        }
    }
    moved
}

impl Report {
    /// The report of a build that did nothing.
    pub fn nothing() -> Report {
        Report {
            inputs: None,
            diagnostics: Vec::new(),
            outcome: Outcome::default(),
            targets: Vec::new(),
            reasons: BTreeMap::new(),
            returned: BTreeMap::new(),
            work: BTreeMap::new(),
            seen: None,
        }
    }
}
