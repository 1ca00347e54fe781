//! A project that is built more than once: what stays in memory between two builds.
//!
//! A session saves work and decides nothing. What it keeps (the stat table, the memo's index, the record of the last
//! build) is what a new process would read from the cache, and [`Look::All`] believes none of it without a look at
//! each folder and file. [`Look::At`] is for a caller who hears of every change, as `forge watch` does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ahead::{Ahead, Sight};
use super::history::views::Iterations;
use super::load::Loaded;
use super::project::Project;
use super::record::Record;
use super::render::Settled;
use super::saved::Saved;
use super::standing::{Setup, Standing};
use super::{ENGINE, Material, Mode, Progress, Report, handed, scope};
use crate::config::Config;
use crate::digest::{self, Digest};
use crate::disk::stamp::{self, Stamp};
use crate::memo::Memo;
use crate::memo::trace::Traces;
use crate::output::Outputs;
use crate::path::RepoPath;
use crate::source::Snapshot;
use crate::source::git::Place;
use crate::source::project::{Cache, cache};
use crate::source::rest::{Rest, Sign};
use crate::source::worktree::{Table, Worktree};

/// Beyond so many changes a look at everything costs less.
const MANY: usize = 64;

/// What git calls its folder.
const GIT: &str = ".git";

/// How much to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Every folder and file.
    All,
    /// These paths and what lies below them: nothing else was written to since the last build.
    At(BTreeSet<RepoPath>),
}

/// What a path on this machine is to the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    /// A file or folder that is read or written, or that holds one.
    Project(RepoPath),
    /// Something of git's.
    Git(Sign),
    /// None.
    Nothing,
}

/// A project between two builds.
pub struct Session {
    pub(super) project: Project,
    git: Option<Place>,
    config: Config,
    table: Option<Table>,
    /// Whether the last build looked at all that it was told of.
    looked: bool,
    /// Whether the table is worth saving.
    unsaved: bool,
    memo: Option<Arc<Memo>>,
    traces: Option<Traces>,
    pub(super) last: Option<Record>,
    /// The state in which the last build left the outputs, if it could do all of it.
    complete: Option<Digest>,
    /// The outputs as the last build left them, once somebody asked.
    left: Option<BTreeMap<RepoPath, Digest>>,
    /// What the last build was made of and came to, as long as that is not freed.
    spent: Option<(Material, Vec<Option<Settled>>)>,
    /// What that leaves for the next.
    pub(super) standing: Option<Standing>,
    /// Whether this build has taken up what an earlier process handed on; and whether it came to little more than that, so
    /// that the next process can take up the same.
    has_taken_up: bool,
    is_near: bool,
    /// Whether what the last build made could be kept: what is handed on stands for it.
    pub(super) is_kept: bool,
    /// Whether this build has the memo already.
    begun: bool,
    /// The locks of git's that were waited for in vain.
    stale: BTreeMap<PathBuf, Stamp>,
    /// Whether this build ends where git begins to work, and whether that happened.
    heeds_git: bool,
    is_disturbed: bool,
}

impl Session {
    /// A session that knows nothing yet but what the cache holds.
    pub fn new(project: Project) -> Session {
        Session {
            git: Place::find(&project.root),
            project,
            config: Config::default(),
            table: None,
            looked: false,
            unsaved: false,
            memo: None,
            traces: None,
            last: None,
            complete: None,
            left: None,
            spent: None,
            standing: None,
            has_taken_up: false,
            is_near: false,
            is_kept: false,
            begun: false,
            stale: BTreeMap::new(),
            heeds_git: false,
            is_disturbed: false,
        }
    }

    /// A session on the same project that knows nothing, and keeps what it learns in `folder`.
    pub fn from_scratch(project: &Project, folder: &Path) -> Session {
        let cache = Cache { shared: folder.to_owned(), local: folder.join("tree") };
        Session::new(Project { cache, ..project.clone() })
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Builds what changed.
    pub fn build(&mut self, look: &Look, mode: Mode, progress: &Progress<'_>) -> Report {
        self.find_git();
        let narrow = match look {
            Look::At(paths) if paths.len() <= MANY && self.looked => Some(paths),
            _ => None,
        };
        (self.looked, self.begun, self.has_taken_up, self.is_near) = (false, false, false, false);
        self.tidy();
        let report = super::run(self, narrow, mode, progress);
        // Only now: whoever watches waits for the outputs.
        self.keep();
        if !report.outcome.is_current() {
            self.left = None;
        }
        let is_complete = mode == Mode::Write && self.looked && report.outcome.findings.is_empty();
        self.complete = self.last.as_ref().filter(|_| is_complete).map(|record| record.state);
        report
    }

    /// As [`Session::build`], unless git is found at work before anything is written: then nothing is, and the next build
    /// looks at everything.
    pub fn build_at_rest(&mut self, look: &Look, mode: Mode, progress: &Progress<'_>) -> Option<Report> {
        self.heeds_git = true;
        let report = self.build(look, mode, progress);
        self.heeds_git = false;
        (!std::mem::take(&mut self.is_disturbed)).then_some(report)
    }

    /// What a build would do about the outputs that are staged for git's next commit, from the files that are; writes nothing.
    pub fn check_staged(&mut self, progress: &Progress<'_>) -> Report {
        self.begun = false;
        super::staged::check(self, progress)
    }

    /// Ends [`Session::build_at_rest`] where git is at work, and says whether it does: what was looked at may be half of a
    /// checkout.
    pub(super) fn gives_way(&mut self) -> bool {
        self.is_disturbed = self.heeds_git && self.rest() != Rest::Still;
        self.looked &= !self.is_disturbed;
        self.is_disturbed
    }

    /// Frees what the last build was made of. That takes a while for a large project, so it is done when nobody waits.
    pub fn tidy(&mut self) {
        drop(self.settle());
    }

    /// As [`Session::hand_on`], in a process that ends: memory is not freed, since the system takes it back all at once, and
    /// faster.
    pub fn end(mut self) {
        std::mem::forget(self.settle());
        self.hand_on();
        std::mem::forget(self);
    }

    /// Hands on what the last build leaves to other processes, unless what they have is near enough: then each of them has
    /// no more to do than this one had.
    pub fn hand_on(&mut self) {
        self.tidy();
        let Some(memo) = self.memo.as_ref().filter(|_| self.is_kept) else { return };
        if let Some(standing) = self.standing.as_ref().filter(|_| !self.is_near || memo.has_begun_anew()) {
            handed::hand_on(&self.project.cache.local, standing, memo);
        }
    }

    /// Turns what the last build was made of into what it leaves; gives the rest.
    fn settle(&mut self) -> Option<(Loaded, Iterations)> {
        let (Material { setup, loaded, iterations, pieces, .. }, known) = self.spent.take()?;
        self.standing = Standing::of(setup, &loaded, &iterations, pieces, known);
        Some((loaded, iterations))
    }

    /// Notes that this build followed from what was left before, and by how much.
    pub(super) fn followed(&mut self, saved: Option<&Saved>) {
        self.is_near = self.has_taken_up && saved.is_some_and(Saved::is_little);
    }

    /// Puts aside what a build was made of and came to.
    pub(super) fn put_aside(&mut self, made: Material, known: Vec<Option<Settled>>) {
        self.spent = Some((made, known));
    }

    /// Takes up what an earlier process handed on, unless this one has more than that; gives what was saved since.
    pub(super) fn take_up(&mut self, setup: Setup, config: &Config, snapshot: &Arc<dyn Snapshot>) -> Option<Saved> {
        let (memo, traces) = self.memories();
        if self.standing.is_none() {
            self.standing = handed::take(&self.project.cache.local, setup, config, snapshot.as_ref(), &memo);
            self.has_taken_up = self.standing.is_some();
        }
        self.remember(memo, traces);
        Saved::since(self.standing.as_ref()?, setup, config, snapshot.as_ref())
    }

    /// Writes what the changed files are about, ahead of the build.
    pub(super) fn ahead(
        &mut self,
        version: Option<Digest>,
        config: &Config,
        snapshot: &Arc<dyn Snapshot>,
        saved: &Saved,
        outputs: &mut Outputs,
    ) -> Ahead {
        let Some(standing) = self.standing.take().filter(|standing| standing.setup.0 == version) else {
            return Ahead::default();
        };
        let (memo, traces) = self.memories();
        let sight = Sight { config, snapshot, memo: &memo, traces: &traces };
        let ahead = standing.write(saved, &sight, outputs);
        self.remember(memo, traces);
        self.standing = Some(standing);
        ahead.unwrap_or_default()
    }

    /// Looks at the working tree; [`Session::keep`] keeps what the look learnt. Of a look at what is `changed` also gives all
    /// that is not what it was, which may be more: of what was written since then nobody has told yet, and of what a
    /// link leads to nobody tells under the link's name.
    pub(super) fn look(
        &mut self,
        config: &Config,
        changed: Option<&BTreeSet<RepoPath>>,
    ) -> (Worktree, Option<BTreeSet<RepoPath>>) {
        let (root, cache) = (&self.project.root, &self.project.cache.local);
        let known = self.table.take().unwrap_or_else(|| Table::load(cache));
        let changed = changed.filter(|_| scope(config) == scope(&self.config));
        let snapshot = match changed {
            Some(changed) => Worktree::look_at(root, &scope(config), &known, Some(cache), changed),
            None => Worktree::look(root, &scope(config), &known, Some(cache)),
        };
        let changed = changed.map(|changed| changed | &snapshot.table().differing(&known));
        self.unsaved |= snapshot.looked_closer();
        self.looked = true;
        self.config = config.clone();
        self.table = Some(snapshot.table().clone());
        (snapshot, changed)
    }

    /// Keeps what the looks learnt. Without that the next process reads more, and sees the same.
    pub(super) fn keep(&mut self) {
        if let Some(table) = self.table.as_ref().filter(|_| std::mem::take(&mut self.unsaved)) {
            let _ = table.save(&self.project.cache.local);
        }
    }

    /// The outputs of the project as it is set up, of which only those at `changed` may be other than they were left.
    pub(super) fn outputs(&self, changed: Option<&BTreeSet<RepoPath>>) -> Outputs {
        let outputs = Outputs::open(&self.project.root, &self.config.output, &self.project.cache.local);
        match changed.zip(self.complete) {
            Some((changed, state)) => outputs.touched(state, changed.clone()),
            None => outputs,
        }
    }

    /// The memo and the traces, opened once.
    pub(super) fn memories(&mut self) -> (Arc<Memo>, Traces) {
        let cache = &self.project.cache;
        let memo = self.memo.take().unwrap_or_else(|| Arc::new(Memo::open(&cache.shared, ENGINE)));
        if !std::mem::replace(&mut self.begun, true) {
            memo.begin();
        }
        (memo, self.traces.take().unwrap_or_else(|| Traces::open(cache.local.join("traces"))))
    }

    /// Takes back what [`Session::memories`] gave.
    pub(super) fn remember(&mut self, memo: Arc<Memo>, traces: Traces) {
        (self.memo, self.traces) = (Some(memo), Some(traces));
    }

    /// The folders in which a change would matter to the next build: those that were read, the way to them, and those of
    /// the outputs and of git.
    pub fn folders(&self, report: &Report) -> BTreeSet<PathBuf> {
        let scope = scope(&self.config);
        let outputs = report.targets.iter().flat_map(|(_, paths)| paths).filter_map(RepoPath::parent);
        let targets = self.table.iter().flat_map(Table::targets).filter_map(RepoPath::parent);
        let ways = scope.folders.iter().chain(&scope.files).cloned().chain(outputs).chain([self.config.output.clone()]);
        let ways = ways.chain(targets);
        let mut folders: BTreeSet<RepoPath> = self.table.iter().flat_map(Table::folders).cloned().collect();
        for way in ways {
            let above = std::iter::successors(Some(way), RepoPath::parent);
            folders.extend(above.filter(|folder| !scope.files.contains(folder)));
        }
        let inside = folders.into_iter().map(|folder| self.project.root.join(folder.as_str()));
        let git = self.git.as_ref().map_or_else(|| vec![self.project.root.join(GIT)], Place::folders);
        inside.chain(git).collect()
    }

    /// What a path on this machine is to the project.
    pub fn concern(&self, place: &Path) -> Concern {
        if let Some(sign) = self.git.as_ref().and_then(|git| git.sign(place)) {
            return Concern::Git(sign);
        }
        let inside = place.strip_prefix(&self.project.root).ok().and_then(Path::to_str);
        let Some(path) = inside.and_then(|text| RepoPath::new(text).ok()) else { return Concern::Nothing };
        if self.git.is_none() && path.components().next() == Some(GIT) {
            return Concern::Git(Sign::Refs); // a repository is about to be
        }
        let scope = scope(&self.config);
        let near = |folder: &RepoPath| path.is_below(folder) || folder.is_below(&path);
        let is_read = scope.files.contains(&path) || self.table.as_ref().is_some_and(|it| it.targets().contains(&path));
        let is_ours = scope.folders.iter().any(near) || near(&self.config.output) || is_read;
        if is_ours || path.is_root() { Concern::Project(path) } else { Concern::Nothing }
    }

    /// Whether what stands at `path` is an output just as the last build left it: told by its content, so that a build
    /// is never the cause of the next one.
    pub fn is_as_left(&mut self, path: &RepoPath) -> bool {
        if !path.is_below(&self.config.output) {
            return false;
        }
        let outputs = self.outputs(None);
        let left = self.left.get_or_insert_with(|| outputs.left());
        let place = self.project.root.join(path.as_str());
        if place.is_dir() || !place.exists() {
            let mut below = left.iter().filter(|(other, _)| other.is_below(path));
            return below.all(|(other, digest)| holds(&self.project.root.join(other.as_str()), digest));
        }
        left.get(path).is_some_and(|digest| holds(&place, digest))
    }

    /// Whether a file of the project's, an input or an output, was at `path` when it was last looked at.
    pub fn knows(&self, path: &RepoPath) -> bool {
        let is_input = self.table.as_ref().is_some_and(|table| table.has(path));
        is_input
            || path.is_below(&self.config.output) && path.extension().is_some() && !path.file_name().starts_with('.')
    }

    /// What git does just now, beside locks that are not waited for any more.
    pub fn rest(&self) -> Rest {
        let is_same = |lock: &Path, known: &Stamp| stamp::look(lock).is_ok_and(|(found, _)| found == *known);
        let is_left = |lock: &Path| self.stale.get(lock).is_some_and(|known| is_same(lock, known));
        self.git.as_ref().map_or(Rest::Still, |git| git.rest(is_left))
    }

    /// Waits for a lock of git's no more, as long as it stays what it is; says whether it is still there.
    pub fn note_stale(&mut self, lock: &Path) -> bool {
        let Ok((stamp, _)) = stamp::look(lock) else { return false };
        self.stale.insert(lock.to_owned(), stamp);
        true
    }

    /// The repository may have been made, or be gone, since.
    fn find_git(&mut self) {
        let git = Place::find(&self.project.root);
        if git != self.git {
            self.project.cache = cache(&self.project.root);
            *self = Session::new(self.project.clone());
        }
    }
}

fn holds(place: &Path, digest: &Digest) -> bool {
    std::fs::read(place).is_ok_and(|bytes| digest::bytes(&bytes) == *digest)
}
