//! What a save is about, written ahead of the rest of a build.
//!
//! Whoever saves a file looks at its entities' pages first. Such a page shows what is claimed about one entity and about
//! those that refer to it (`basis` holds that to be all), so a few tables suffice to make it: the project is cut down to
//! them. The build that follows knows such a render by its basis, like any other, and puts right what it wants otherwise.
//!
//! As a rule, all of it is done on the thread that hears of the save. Another one would have to be woken, and would begin
//! by giving back to the system what the last build had freed on it: with a large project that takes longer than the work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::history::views::Iterations;
use super::load::{self, Loaded, Lowering, Module, Poison, schemas};
use super::marks::TableMark;
use super::partial::{self, Files, Partial};
use super::pieces::{Piece, Subject};
use super::relower::{Amended, LARGE, Left};
use super::render::{self, Asking, Task};
use super::saved::Saved;
use super::stages::Stages;
use super::standing::{Standing, Stood};
use crate::config::Config;
use crate::config::target::Stage;
use crate::diagnostic::Diagnostic;
use crate::memo::Memo;
use crate::memo::trace::{Reason, Traces};
use crate::model::id::ObjectId;
use crate::model::lower::Lowered;
use crate::model::lower::toml::Common;
use crate::model::name::Name;
use crate::output::{Change, Content, Outcome, Outputs, Wanted};
use crate::path::RepoPath;
use crate::source::Snapshot;

/// Entities that one save may be about.
const FEW: usize = 8;
/// Modules that may have to be lowered for it.
const AROUND: usize = 48;

/// What was written ahead.
#[derive(Default)]
pub struct Ahead {
    /// The outputs that were asked for.
    pub asked: BTreeSet<RepoPath>,
    /// Those that were written.
    pub written: BTreeSet<RepoPath>,
    /// Why those were rendered that were, and the texts that came of it.
    reasons: BTreeMap<RepoPath, (Content, Vec<Reason>)>,
}

/// Where a save is seen.
pub struct Sight<'a> {
    /// The settings.
    pub config: &'a Config,
    /// The working tree.
    pub snapshot: &'a Arc<dyn Snapshot>,
    /// What is remembered.
    pub memo: &'a Arc<Memo>,
    /// What each output was made from.
    pub traces: &'a Traces,
}

impl Standing {
    /// Writes what the files `saved` are about, if that can be told from little.
    pub fn write(&self, saved: &Saved, sight: &Sight<'_>, outputs: &mut Outputs) -> Option<Ahead> {
        let (loaded, entities) = self.cut(saved, sight)?;
        let is_about = |piece: &&Piece| match (piece.target.stage, &piece.subject) {
            (Stage::Concept, Subject::Entity(name)) => entities.contains(name),
            (Stage::Prototype, Subject::Module(name)) => saved.modules.get(name).is_some_and(|files| !files.is_empty()),
            _ => false,
        };
        let (none, sources) = (Iterations::default(), OnceLock::new());
        let stages = Stages::new(&sight.config.name, &loaded, &none, &sources, &self.pieces);
        let list = self.pieces.list.iter().filter(is_about).map(Asking::anew).collect();
        let (pieces, stages) = (&self.pieces, &stages);
        let task = Task { list, pieces, stages, memo: sight.memo, traces: sight.traces, alone: true };
        // What is wrong is found again by the build, which says so.
        let rendered = render::render(&task, &BTreeSet::new(), &|_, _| {}, &mut Vec::new());
        let differs = |(path, new): (&RepoPath, &Content)| match (self.text(path)?, new) {
            (old, Content::Bytes(new)) if old != *new => Some((path.clone(), (old, *new))),
            _ => None,
        };
        let written = outputs
            .replace(&rendered.contents.iter().filter_map(differs).collect(), &|path| rendered.bytes(path, sight.memo));
        let reasons = rendered
            .reasons
            .iter()
            .filter_map(|(path, reasons)| Some((path.clone(), (*rendered.contents.get(path)?, reasons.clone()))));
        let reasons = reasons.collect();
        Some(Ahead { asked: rendered.contents.into_keys().collect(), written, reasons })
    }

    /// The project as `saved`, cut down to the entities that this is about and those that refer to one of them.
    fn cut(&self, saved: &Saved, sight: &Sight<'_>) -> Option<(Loaded, BTreeSet<Name>)> {
        let Sight { config, snapshot, memo, .. } = sight;
        // Where something may be wrong with the folders themselves, the build has a page keep what it holds.
        if !self.is_orderly || saved.beside_busm || !snapshot.findings().is_empty() {
            return None;
        }
        let busm = self.busm(&saved.busm, sight)?;
        let mut entities = busm.touched.clone();
        let files = |module: &str| {
            let folder = config.modules.join(module).ok()?;
            let (paths, mut found) = (schemas(snapshot.files(&folder)), Vec::new());
            let files = Files::new(&folder, &paths, snapshot, memo, &mut found);
            found.is_empty().then_some(files)
        };
        let lower = |module: &str| {
            let files = files(module)?;
            let mut unread = Vec::new();
            let Lowering { lowered, .. } = load::lower(&files, Some(&busm), &mut unread);
            let is_same = lowered.model.tables.keys().eq(self.modules.get(module)?.view.marks.tables.keys());
            let is_sound = unread.is_empty() && !lowered.diagnostics.iter().any(Diagnostic::is_error);
            (is_same && is_sound).then_some((lowered, files))
        };
        let mut lowered = BTreeMap::new();
        for (module, paths) in saved.modules.iter().filter(|(_, paths)| !paths.is_empty()) {
            let (all, files) = lower(module)?;
            entities.extend(declared(&all, paths));
            lowered.insert(module.clone(), (all, files));
        }
        if entities.len() > FEW {
            return None;
        }
        let near = self.near(&entities);
        let speaks = |(name, stood): &(&String, &Stood)| {
            let tables = &stood.view.marks.tables;
            !lowered.contains_key(*name) && near.iter().any(|entity| tables.contains_key(entity))
        };
        let others: Vec<&String> = self.modules.iter().filter(speaks).map(|(name, _)| name).collect();
        if others.len() > AROUND {
            return None;
        }
        for name in others {
            let (mut all, files) = lower(name)?;
            all.model.tables.retain(|name, _| near.contains(name));
            lowered.insert(name.clone(), (all, files));
        }
        let mut model = busm.rest().without_tables();
        model.tables.extend(near.iter().filter_map(|name| Some((name.clone(), busm.table(name)?.clone()))));
        let whole = Lowered { model, ..Lowered::default() };
        let busm = Arc::new(Partial::saying(whole, Files::none(snapshot, memo), None));
        let modules = lowered.into_iter().map(|(name, (lowered, files))| {
            let Stood { info, about, .. } = &self.modules[&name];
            let (info, about) = (Arc::clone(info), *about);
            (name, Module { info, about, view: Arc::new(Partial::saying(lowered, files, Some(Arc::clone(&busm)))) })
        });
        let modules = modules.collect();
        let loaded = Loaded {
            busm,
            busm_name: config.busm.file_name().to_owned(),
            modules,
            poison: Poison::default(),
            is_orderly: true,
        };
        (!memo.has_lost()).then_some((loaded, entities))
    }

    /// The business-wide model, of which these files are `saved`.
    fn busm(&self, saved: &[RepoPath], sight: &Sight<'_>) -> Option<Amended> {
        let Sight { config, snapshot, memo, .. } = sight;
        if let Some(left) = memo.left::<Left>(&partial::left_as(&config.busm)) {
            let is_same = left.is_known_by(&self.busm.marks) && left.list == *self.busm.list();
            return is_same.then(|| left.amended(saved, &Files::none(snapshot, memo))).flatten();
        }
        let mut found = Vec::new();
        let files = Files::new(&config.busm, &snapshot.files(&config.busm), snapshot, memo, &mut found);
        if files.list.len() >= LARGE || !found.is_empty() {
            return None;
        }
        let Lowering { lowered, .. } = load::lower(&files, None, &mut found);
        let is_same = lowered.model.tables.keys().eq(self.busm.marks.tables.keys());
        let is_sound = found.is_empty() && !lowered.diagnostics.iter().any(Diagnostic::is_error);
        let touched = declared(&lowered, saved);
        (is_same && is_sound).then(|| Amended { under: Arc::new(lowered.model), tables: BTreeMap::new(), touched })
    }

    /// The entities, and those that refer to one of them.
    fn near(&self, entities: &BTreeSet<Name>) -> BTreeSet<Name> {
        let all =
            self.modules.values().map(|stood| &stood.view).chain([&self.busm]).flat_map(|view| &view.marks.tables);
        let refers = |mark: &TableMark| entities.iter().any(|name| mark.refers.contains(name));
        let refer = all.filter(|(_, mark)| refers(mark)).map(|(name, _)| name);
        refer.chain(entities).cloned().collect()
    }
}

impl Ahead {
    /// Adds to `outcome`, that of the build which wanted `wanted`, the outputs that were written ahead of it.
    pub fn join(&self, wanted: &Wanted, outcome: &mut Outcome) {
        for path in &self.written {
            if !outcome.written.contains_key(path) && !outcome.removed.contains_key(path) {
                outcome.written.insert(path.clone(), Change::Outdated);
                // The build found it there, and had nothing to do.
                let is_counted = matches!(wanted.get(path), Some(Content::Bytes(_)));
                let before = if is_counted { &mut outcome.unchanged } else { &mut outcome.kept };
                *before = before.saturating_sub(1);
            }
        }
    }

    /// Why the outputs that are to hold `wanted` were rendered, as far as that was done ahead.
    pub fn reasons(&self, wanted: &Wanted) -> impl Iterator<Item = (RepoPath, Vec<Reason>)> {
        let holds = |(path, (content, _)): &(&RepoPath, &(Content, Vec<Reason>))| wanted.get(*path) == Some(content);
        self.reasons.iter().filter(holds).map(|(path, (_, reasons))| (path.clone(), reasons.clone()))
    }
}

/// The entities that `lowered` has from the files at `paths`.
fn declared(lowered: &Lowered, paths: &[RepoPath]) -> BTreeSet<Name> {
    let from = lowered.origins.iter().filter(|(_, span)| paths.contains(&span.path));
    let table = |(id, _): (&ObjectId, _)| match id {
        ObjectId::Table(name) => Some(name.clone()),
        _ => None,
    };
    from.filter_map(table).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::{Arc, OnceLock};

    use super::{Ahead, Sight};
    use crate::build::history::views::Iterations;
    use crate::build::render::{self, Asking, Task};
    use crate::build::saved::Saved;
    use crate::build::stages::Stages;
    use crate::build::standing::Standing;
    use crate::build::{ENGINE, fixture, load, pieces};
    use crate::config;
    use crate::memo::Memo;
    use crate::memo::trace::Traces;
    use crate::output::{Outputs, Wanted};
    use crate::path::RepoPath;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    /// A place for the builds of a project.
    struct Place {
        folder: tempfile::TempDir,
        memo: Arc<Memo>,
        traces: Traces,
    }

    impl Place {
        fn new() -> Place {
            let folder = tempfile::tempdir().unwrap();
            let memo = Arc::new(Memo::open(folder.path().join("memo"), ENGINE));
            Place { memo, traces: Traces::open(folder.path().join("traces")), folder }
        }

        fn outputs(&self) -> Outputs {
            Outputs::open(self.folder.path(), &RepoPath::new("generated").unwrap(), &self.folder.path().join("cache"))
        }

        /// Builds the project `text` with what is remembered; with `write`, its outputs are there afterwards.
        fn build(&self, text: &str, write: bool) -> (Wanted, Option<Standing>) {
            let (files, config) = read(text);
            let mut found = Vec::new();
            let loaded = load::load(&files, &config, &self.memo, &mut found);
            let iterations = Iterations::default();
            let pieces = pieces::pieces(&config, &loaded, &iterations, files.as_ref(), &self.memo, &mut found);
            let (wanted, known) = {
                let sources = OnceLock::new();
                let stages = Stages::new(&config.name, &loaded, &iterations, &sources, &pieces);
                let list = pieces.list.iter().map(Asking::anew).collect();
                let (pieces, stages) = (&pieces, &stages);
                let task = Task { list, pieces, stages, memo: &self.memo, traces: &self.traces, alone: false };
                let rendered = render::render(&task, &BTreeSet::new(), &|_, _| {}, &mut found);
                if write {
                    self.outputs().apply(&rendered.contents, &|path| rendered.bytes(path, &self.memo));
                }
                (rendered.contents.clone(), rendered.into_known())
            };
            let setup = (None, files.tree(&config.templates).ok());
            let standing = Standing::of(setup, &loaded, &iterations, pieces, known);
            (wanted, standing)
        }

        /// What is written ahead when the project becomes `text` by changes at `paths`.
        fn ahead(&self, standing: &Standing, paths: &[&str], text: &str) -> Option<Ahead> {
            let (snapshot, config) = read(text);
            let sight = Sight { config: &config, snapshot: &snapshot, memo: &self.memo, traces: &self.traces };
            let changed = paths.iter().map(|path| RepoPath::new(path).unwrap()).collect();
            let saved = Saved::of(&changed, &config, snapshot.as_ref())?;
            standing.write(&saved, &sight, &mut self.outputs())
        }
    }

    fn read(text: &str) -> (Arc<dyn Snapshot>, config::Config) {
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(text));
        let settings = files.read(&RepoPath::new("forge.toml").unwrap()).unwrap();
        let config = config::read(&settings, &mut Vec::new());
        (files, config)
    }

    /// Holds what is written ahead for each of `edits` of `files` against what the whole build makes; returns the outputs
    /// that were written.
    fn follow(files: &BTreeMap<String, String>, edits: &[(String, String)]) -> Vec<RepoPath> {
        let base = fixture::project(files);
        let (place, other) = (Place::new(), Place::new());
        let mut all = Vec::new();
        for (edit, text) in edits {
            let (_, standing) = place.build(&base, true);
            let path = edit.split(' ').next().unwrap();
            let Some(ahead) = place.ahead(&standing.unwrap(), &[path], text) else { continue };
            let (wanted, _) = other.build(text, false);
            for (path, (content, _)) in &ahead.reasons {
                assert_eq!(wanted.get(path), Some(content), "{path}, where {edit}");
            }
            all.extend(ahead.written);
        }
        all
    }

    #[test]
    fn what_is_written_ahead_is_what_the_build_makes() {
        let files = fixture::example();
        let written = follow(&files, &fixture::edits(&files));
        assert!(written.len() > 20, "{written:?}");
        for part in ["concept/entities/", "prototype/"] {
            assert!(written.iter().any(|path| path.as_str().contains(part)), "{part} {written:?}");
        }
    }

    #[test]
    fn of_a_large_model_only_what_is_near_is_looked_at() {
        let mut files: BTreeMap<String, String> = (0..70)
            .map(|at| {
                let key = match at {
                    0 => "id = { type = \"integer\", primary_key = true }".to_owned(),
                    _ => format!("id = {{ references = \"e{:02}.id\", primary_key = true }}", at - 1),
                };
                let text =
                    format!("[e{at:02}.fields]\n{key}\nname = {{ type = \"text\", doc = \"What {at} is called.\" }}\n");
                let folder = if at == 0 { "busm/a" } else { "busm" };
                (format!("{folder}/e{at:02}.toml"), text)
            })
            .collect();
        files.insert("forge.toml".to_owned(), "[project]\nname = \"p\"\n".to_owned());
        files.insert("modules/m/e.toml".to_owned(), "[e07]\npick = [\"id\", \"name\"]\n".to_owned());
        let (place, other) = (Place::new(), Place::new());
        let mut save = |path: &str, old: &str, new: &str| {
            files.entry(path.to_owned()).and_modify(|text| *text = text.replace(old, new));
            fixture::project(&files)
        };
        // The first edit of a process opens the files.
        place.build(&save("busm/e03.toml", "", ""), true);
        place.build(&save("busm/e03.toml", "text", "varchar(3)"), true);
        for (path, old, new, page) in [
            ("busm/e03.toml", "(3)", "(4)", "e03.md"),
            ("busm/e03.toml", "called", "named", "e03.md"),
            ("modules/m/e.toml", "\"id\", ", "", "e07.md"),
        ] {
            let (_, standing) = place.build(&save(path, "", ""), true);
            let text = save(path, old, new);
            let ahead = place.ahead(&standing.unwrap(), &[path], &text).unwrap_or_else(|| panic!("{new}"));
            let pages = ahead.written.iter().filter(|path| path.as_str().contains("/entities/"));
            assert_eq!(pages.map(RepoPath::file_name).collect::<Vec<_>>(), [page], "{new}");
            let (wanted, _) = other.build(&text, false);
            for (path, (content, _)) in &ahead.reasons {
                assert_eq!(wanted.get(path), Some(content), "{path} {new}");
            }
        }
        let (_, standing) = place.build(&save("busm/e03.toml", "", ""), true);
        let standing = standing.unwrap();
        let said = save("busm/e03.toml", "named", "called");
        assert!(place.ahead(&standing, &["busm/e03.toml", "busm/gone"], &said).is_none(), "a folder may have gone");
        assert!(place.ahead(&standing, &["busm/e03.toml"], &said).is_some());
        let renamed = save("busm/e03.toml", "e03", "f03");
        assert!(place.ahead(&standing, &["busm/e03.toml"], &renamed).is_none(), "another entity");
    }
}
