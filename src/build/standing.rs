//! What a build leaves, so that the next one does what an edit asks for and no more.
//!
//! An edit as a rule says something new about an entity or two, and nothing new of which entities there are. Then the
//! outputs are the same ones, and only those are asked what they are made from that show one of these ([`Since`] follows
//! `basis` in this). Where more than that is new, everything is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::history::views::{Item, Iterations};
use super::load::{Loaded, Module};
use super::marks::Marks;
use super::partial::Kept;
use super::pieces::{Piece, Pieces, Subject};
use super::render::{Asking, Settled};
use crate::concept::diagram::draws_all;
use crate::config::Config;
use crate::config::target::Stage;
use crate::digest::{self, Digest};
use crate::model::name::Name;
use crate::path::RepoPath;
use crate::syntax::toml::ModuleFile;

/// The settings, by the version of their file, and the templates, as far as they can be read.
pub type Setup = (Option<Digest>, Option<Digest>);

/// What a build that could make everything leaves.
pub struct Standing {
    /// What it was made by.
    pub setup: Setup,
    /// The outputs; without production, which follows an edit by itself and must not be held here too.
    pub pieces: Pieces,
    /// The business-wide model.
    pub busm: Kept,
    /// The modules.
    pub modules: BTreeMap<String, Stood>,
    /// Whether nothing was found that is wrong with the folders themselves.
    pub is_orderly: bool,
    /// What is known of each piece.
    pub known: Vec<Option<Settled>>,
    /// What is known of the iterations of each module; nothing where the history cannot be read.
    pub steps: Option<Steps>,
}

/// The iterations of each module: the digest of all that outputs' paths may tell of them, and of all that is known.
pub type Steps = BTreeMap<String, (Digest, Digest)>;

static NONE: Steps = BTreeMap::new();

/// A module.
#[derive(Serialize, Deserialize)]
pub struct Stood {
    /// What `module.toml` says.
    pub info: Arc<ModuleFile>,
    /// The version of that file.
    pub about: Option<Digest>,
    /// Its view.
    pub view: Kept,
}

/// What is said anew since a build, of the same entities in the same modules.
pub struct Since {
    /// The entities whose pages may show it.
    entities: BTreeSet<Name>,
    /// The modules that say it.
    modules: BTreeSet<String>,
    /// The modules of whose iterations something else is known.
    steps: BTreeSet<String>,
    /// Those of them whose iterations have other outputs.
    listed: BTreeSet<String>,
    /// Whether the project's page may show it: that of a large project tells of entities only what they are for.
    project: bool,
}

impl Standing {
    /// What a build leaves that was made of `loaded`, if all of it could be built.
    pub fn of(
        setup: Setup,
        loaded: &Loaded,
        iterations: &Iterations,
        pieces: Pieces,
        known: Vec<Option<Settled>>,
    ) -> Option<Standing> {
        if !is_of_all(loaded, &pieces) {
            return None;
        }
        Some(Standing {
            setup,
            busm: loaded.busm.kept(),
            modules: stood(loaded),
            is_orderly: loaded.is_orderly,
            known,
            steps: steps(iterations),
            pieces: Pieces { production: None, ..pieces },
        })
    }

    /// The text that the output at `path` holds, if that is known.
    pub fn text(&self, path: &RepoPath) -> Option<Digest> {
        let place = self.pieces.list.binary_search_by(|piece| piece.path.cmp(path)).ok()?;
        self.known.get(place)?.as_ref().map(Settled::text)
    }

    /// What is said anew in `loaded`; `None` where the outputs may be others.
    pub fn since(&self, setup: Setup, loaded: &Loaded, iterations: &Iterations) -> Option<Since> {
        let is_same = self.setup == setup && setup.1.is_some() && !loaded.poison.is_any();
        let (old, new) = (&self.steps, steps(iterations));
        let is_known = old.is_some() == new.is_some();
        let (old, new) = (old.as_ref().unwrap_or(&NONE), new.unwrap_or_default());
        if !is_same || !is_known || self.modules.len() != loaded.modules.len() || !old.keys().eq(new.keys()) {
            return None;
        }
        let project = draws_all(self.pieces.paths.entities.len());
        let others = |is_other: fn(&(Digest, Digest), &(Digest, Digest)) -> bool| -> BTreeSet<String> {
            let pairs = old.iter().zip(new.values()).filter(|((_, old), new)| is_other(old, new));
            pairs.map(|((name, _), _)| name.clone()).collect()
        };
        let (listed, steps) = (others(|old, new| old.0 != new.0), others(|old, new| old.1 != new.1));
        let (entities, modules) = Default::default();
        let mut since = Since { entities, modules, steps, listed, project };
        since.add(&self.busm.marks, loaded.busm.marks())?;
        for ((old_name, Stood { info, view: Kept { marks: old, .. }, .. }), (name, module)) in
            self.modules.iter().zip(&loaded.modules)
        {
            let marks = module.view.marks();
            if old_name != name || *info != module.info {
                return None;
            }
            if old.model != marks.model {
                since.add(old, marks)?;
                since.modules.insert(name.clone());
            }
        }
        since.add_parents(loaded);
        Some(since)
    }

    /// The pieces, and what is known of each that shows nothing of what is said `since`; `None` where their paths get in each
    /// other's way.
    pub fn settled(
        self,
        since: &Since,
        config: &Config,
        loaded: &Loaded,
        iterations: &Iterations,
    ) -> Option<(Pieces, Vec<Option<Settled>>)> {
        let Standing { mut pieces, mut known, .. } = self;
        for (piece, known) in pieces.list.iter().zip(&mut known) {
            known.take_if(|_| since.reaches(piece));
        }
        if !since.listed.is_empty() {
            let anew = pieces.iterations_anew(&since.listed, config, loaded, iterations)?;
            let stays =
                |piece: &Piece| !matches!(&piece.subject, Subject::Iteration(name, _) if since.listed.contains(name));
            let old = Arc::unwrap_or_clone(pieces.list).into_iter().zip(known).filter(|(piece, _)| stays(piece));
            let mut all: Vec<_> = old.chain(anew.into_iter().map(|piece| (piece, None))).collect();
            all.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
            let (list, settled) = all.into_iter().unzip();
            (pieces.list, known) = (Arc::new(list), settled);
        }
        Some((pieces, known))
    }
}

impl Since {
    /// Adds what is said in the marks `new` and was not in `old`; `None` where it is not about the same entities.
    fn add(&mut self, old: &Marks, new: &Marks) -> Option<()> {
        for name in new.changed_since(old)? {
            self.project |= old.tables[&name].doc != new.tables[&name].doc;
            self.entities.insert(name);
        }
        Some(())
    }

    /// Adds what is referred to by these, whoever says so: its page shows what others say of them, too.
    fn add_parents(&mut self, loaded: &Loaded) {
        let views = loaded.modules.values().map(|module| module.view.marks()).chain([loaded.busm.marks()]);
        let parents = views.flat_map(|marks| {
            let said = self.entities.iter().filter_map(|name| marks.tables.get(name));
            said.flat_map(|mark| mark.refers.iter().cloned()).collect::<Vec<_>>()
        });
        self.entities.extend(parents.collect::<Vec<_>>());
    }

    /// Whether `piece` may show it.
    fn reaches(&self, piece: &Piece) -> bool {
        match (piece.target.stage, &piece.subject) {
            (Stage::Concept, Subject::Project) => self.project,
            (Stage::Concept, Subject::Entity(name)) => self.entities.contains(name),
            (Stage::Concept | Stage::Prototype, Subject::Module(name)) => self.modules.contains(name),
            (Stage::Prototype, Subject::Iteration(name, _) | Subject::Timeline(name)) => self.steps.contains(name),
            // What production says of an entity is compared once production is there.
            (Stage::Production, Subject::Entity(_)) => false,
            _ => true,
        }
    }
}

/// Whether all could be built.
fn is_of_all(loaded: &Loaded, pieces: &Pieces) -> bool {
    !loaded.poison.is_any() && pieces.is_sound
}

/// The modules, as they are left.
fn stood(loaded: &Loaded) -> BTreeMap<String, Stood> {
    let stood = |(name, Module { info, about, view }): (&String, &Module)| {
        (name.clone(), Stood { info: Arc::clone(info), about: *about, view: view.kept() })
    };
    loaded.modules.iter().map(stood).collect()
}

/// What is known of the iterations of each module; nothing where the history cannot be read.
fn steps(iterations: &Iterations) -> Option<Steps> {
    let number = |item: &Item| digest::of("number", &(item.number, &item.step.name, &item.stamp));
    let step = |(name, items): (&String, &Vec<Item>)| {
        let numbers = items.iter().map(number).collect::<Vec<_>>();
        (name.clone(), (digest::of("numbers", &numbers), digest::of("items", items)))
    };
    (!iterations.unknown).then(|| iterations.modules.iter().map(step).collect())
}

/// The pieces of `list`, each to be asked unless it is settled by what is `known`.
pub fn asking<'a>(pieces: &'a Pieces, known: &[Option<Settled>]) -> Vec<Asking<'a>> {
    let settled = known.iter().copied().chain(std::iter::repeat(None));
    pieces.list.iter().zip(settled).map(|(piece, settled)| Asking { piece, settled }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::{Arc, OnceLock};

    use super::Standing;
    use crate::build::history::views::Iterations;
    use crate::build::load::{self, Loaded};
    use crate::build::saved::Saved;
    use crate::build::stages::Stages;
    use crate::build::{ENGINE, fixture, pieces};
    use crate::config::{self, Config};
    use crate::diagnostic::Diagnostic;
    use crate::memo::Memo;
    use crate::path::RepoPath;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    fn read(text: &str) -> (Arc<dyn Snapshot>, Config) {
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(text));
        let settings = files.read(&RepoPath::new("forge.toml").unwrap()).unwrap();
        let config = config::read(&settings, &mut Vec::new());
        (files, config)
    }

    fn load(text: &str, memo: &Arc<Memo>) -> (Loaded, Vec<Diagnostic>) {
        let ((files, config), mut found) = (read(text), Vec::new());
        (load::load(&files, &config, memo, &mut found), found)
    }

    #[test]
    fn what_is_loaded_again_is_what_is_loaded_anew() {
        let cache = tempfile::tempdir().unwrap();
        let [memo, other] = ["one", "other"].map(|name| Arc::new(Memo::open(cache.path().join(name), ENGINE)));
        let files = fixture::example();
        let (base, _) = load(&fixture::project(&files), &memo);
        let ((snapshot, config), none) = (read(&fixture::project(&files)), Iterations::default());
        let pieces = pieces::pieces(&config, &base, &none, snapshot.as_ref(), &memo, &mut Vec::new());
        let standing = Standing::of((None, None), &base, &none, pieces, Vec::new()).unwrap();
        let mut count = 0;
        for (edit, text) in fixture::edits(&files) {
            let ((snapshot, config), mut found) = (read(&text), Vec::new());
            let path = RepoPath::new(edit.split(' ').next().unwrap()).unwrap();
            let saved = Saved::of(&BTreeSet::from([path.clone()]), &config, snapshot.as_ref());
            let Some(saved) = saved.filter(|_| path.as_str() != config::FILE_NAME) else { continue };
            let again = load::again(&standing, &saved, &snapshot, &config, &memo, &mut found);
            let Some(again) = again else { continue };
            let (anew, expected) = load(&text, &other);
            assert_eq!(found, expected, "{edit}");
            assert_eq!(format!("{:?}", again.poison), format!("{:?}", anew.poison), "{edit}");
            assert_eq!((again.busm.marks(), again.busm.lowered()), (anew.busm.marks(), anew.busm.lowered()), "{edit}");
            assert!(again.modules.keys().eq(anew.modules.keys()), "{edit}");
            for (name, module) in &again.modules {
                let anew = &anew.modules[name];
                assert_eq!(module.info, anew.info, "{name}, where {edit}");
                assert_eq!(module.view.marks(), anew.view.marks(), "{name}, where {edit}");
                assert_eq!(module.view.lowered(), anew.view.lowered(), "{name}, where {edit}");
                assert_eq!(module.view.inputs, anew.view.inputs, "{name}, where {edit}");
            }
            count += 1;
        }
        assert!(count > 50, "{count}");
    }

    #[test]
    fn what_an_edit_does_not_reach_is_made_from_the_same() {
        for more in ["", &fixture::many()] {
            assert_reached(more);
        }
    }

    /// Holds what is said to be reached by each edit of the example, with `more` beside it, against what outputs are made
    /// from.
    fn assert_reached(more: &str) {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let (files, none) = (fixture::example(), Iterations::default());
        let bases = |text: &str, loaded: &Loaded| {
            let (snapshot, config) = read(text);
            let pieces = pieces::pieces(&config, loaded, &none, snapshot.as_ref(), &memo, &mut Vec::new());
            let bases: Vec<_> = {
                let sources = OnceLock::new();
                let stages = Stages::new(&config.name, loaded, &none, &sources, &pieces);
                pieces.list.iter().map(|piece| stages.basis(piece)).collect()
            };
            (pieces, bases)
        };
        let text = format!("{}{more}", fixture::project(&files));
        let (base, _) = load(&text, &memo);
        let (pieces, before) = bases(&text, &base);
        let setup = (None, Some(crate::digest::bytes(b"templates")));
        let standing = Standing::of(setup, &base, &none, pieces, Vec::new()).unwrap();
        let (mut same, mut reached) = (0, 0);
        let of_schemas = |(edit, _): &(String, String)| !edit.starts_with(config::FILE_NAME);
        for (edit, text) in fixture::edits(&files).into_iter().filter(of_schemas) {
            let text = format!("{text}{more}");
            let (loaded, _) = load(&text, &memo);
            let Some(since) = standing.since(setup, &loaded, &none) else { continue };
            let (_, after) = bases(&text, &loaded);
            for (piece, (before, after)) in standing.pieces.list.iter().zip(before.iter().zip(&after)) {
                match since.reaches(piece) {
                    true => reached += 1,
                    false => {
                        assert_eq!(before, after, "{} where {edit}", piece.path);
                        same += 1;
                    }
                }
            }
        }
        assert!(reached > 100 && same > reached, "{reached} reached, {same} not");
    }

    #[test]
    fn what_comes_and_goes_is_loaded_as_a_whole() {
        let file = "[a.fields]\nid = { type = \"uuid\", primary_key = true }\n";
        let text = format!(
            "//- forge.toml\n//- busm/a.toml\n{file}//- modules/m/a.toml\n{file}//- modules/n/x/a.toml\n{file}"
        );
        let (snapshot, config) = read(&text);
        let saved = |path: &str| Saved::of(&BTreeSet::from([RepoPath::new(path).unwrap()]), &config, snapshot.as_ref());
        for path in [
            "busm",
            "modules",
            "modules/m",
            "modules/n/x",
            "modules/m/gone.toml",
            "modules/m/module.toml",
            "templates/a",
        ] {
            assert!(saved(path).is_none(), "{path}");
        }
        for (path, in_busm, modules) in [
            ("busm/a.toml", 1, 0),
            ("busm/a.toml~", 0, 0),
            ("modules/m/a.toml", 0, 1),
            ("modules/m/4913", 0, 1),
            ("generated/a.md", 0, 0),
        ] {
            let saved = saved(path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!((saved.busm.len(), saved.modules.len()), (in_busm, modules), "{path}");
            assert_eq!(saved.beside_busm, path.ends_with('~'), "{path}");
        }
    }
}
