//! What a build leaves in memory, so that the next one of the same process does what an edit asks for and no more.
//!
//! An edit as a rule says something new about an entity or two, and nothing new of which entities there are. Then the
//! outputs are the same ones, and only those are asked what they are made from that show one of these ([`Since`] follows
//! `basis` in this). Where more than that is new, everything is asked, as in a new process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::history::views::{Item, Iterations};
use super::load::Loaded;
use super::partial::Marks;
use super::pieces::{Piece, Pieces, Subject};
use super::render::{Asking, Settled};
use crate::config::target::Stage;
use crate::digest::{self, Digest};
use crate::model::name::Name;
use crate::output::Wanted;
use crate::syntax::toml::ModuleFile;

/// The settings, by the version of their file, and the templates, as far as they can be read.
pub type Setup = (Option<Digest>, Option<Digest>);

/// What a build that could make everything leaves.
pub struct Standing {
    /// What it was made by.
    pub setup: Setup,
    /// The outputs; without production, which follows an edit by itself and must not be held here too.
    pub pieces: Pieces,
    /// What it wanted of each output.
    pub wanted: Wanted,
    /// The business-wide model.
    pub busm: Arc<Marks>,
    /// The modules.
    pub modules: BTreeMap<String, (Arc<ModuleFile>, Arc<Marks>)>,
    /// What is known of each piece.
    known: Vec<Option<Settled>>,
    numbers: Digest,
}

/// What is said anew since a build, of the same entities in the same modules.
pub struct Since {
    /// The entities whose pages may show it.
    entities: BTreeSet<Name>,
    /// The modules that say it.
    modules: BTreeSet<String>,
}

impl Standing {
    /// What a build leaves that made `wanted` of `loaded`, if all of it could be built.
    pub fn of(
        setup: Setup,
        loaded: &Loaded,
        iterations: &Iterations,
        pieces: Pieces,
        known: Vec<Option<Settled>>,
        wanted: Wanted,
    ) -> Option<Standing> {
        if loaded.poison.is_any() || !pieces.is_sound {
            return None;
        }
        let modules = loaded.modules.iter();
        let about = modules.map(|(name, it)| (name.clone(), (Arc::clone(&it.info), it.view.marks_kept())));
        Some(Standing {
            setup,
            wanted,
            busm: loaded.busm.marks_kept(),
            modules: about.collect(),
            known,
            numbers: numbers(iterations),
            pieces: Pieces { production: None, ..pieces },
        })
    }

    /// What is said anew in `loaded`; `None` where the outputs may be others.
    pub fn since(&self, setup: Setup, loaded: &Loaded, iterations: &Iterations) -> Option<Since> {
        let is_same =
            self.setup == setup && setup.1.is_some() && self.numbers == numbers(iterations) && !loaded.poison.is_any();
        if !is_same || self.modules.len() != loaded.modules.len() {
            return None;
        }
        let mut since = Since { entities: BTreeSet::new(), modules: BTreeSet::new() };
        since.add(&self.busm, loaded.busm.marks())?;
        for ((old_name, (info, old)), (name, module)) in self.modules.iter().zip(&loaded.modules) {
            let marks = module.view.marks();
            if old_name != name || *info != module.info {
                return None;
            }
            if old.model != marks.model {
                since.add(old, marks)?;
                since.modules.insert(name.clone());
            }
        }
        Some(since)
    }

    /// The pieces, and what is known of each that shows nothing of what is said `since`.
    pub fn settled(self, since: &Since) -> (Pieces, Vec<Option<Settled>>) {
        let Standing { pieces, mut known, .. } = self;
        for (piece, known) in pieces.list.iter().zip(&mut known) {
            known.take_if(|_| since.reaches(piece));
        }
        (pieces, known)
    }
}

impl Since {
    /// Adds what is said in the marks `new` and was not in `old`; `None` where it is not about the same entities.
    fn add(&mut self, old: &Marks, new: &Marks) -> Option<()> {
        for name in new.changed_since(old)? {
            self.entities.extend(new.tables[&name].refers.iter().cloned());
            self.entities.insert(name);
        }
        Some(())
    }

    /// Whether `piece` may show it.
    fn reaches(&self, piece: &Piece) -> bool {
        match (piece.stage, &piece.subject) {
            (Stage::Concept, Subject::Entity(name)) => self.entities.contains(name),
            (Stage::Concept | Stage::Prototype, Subject::Module(name)) => self.modules.contains(name),
            _ => true,
        }
    }
}

/// All that the paths of outputs may tell of iterations.
fn numbers(iterations: &Iterations) -> Digest {
    let number = |item: &Item| (item.number, item.step.name.clone(), item.stamp.clone());
    let modules = iterations.modules.iter();
    let modules: Vec<_> = modules.map(|(name, items)| (name, items.iter().map(number).collect::<Vec<_>>())).collect();
    digest::of("numbers", &(modules, iterations.unknown))
}

/// The pieces of `list`, each to be asked unless it is settled by what is `known`.
pub fn asking<'a>(pieces: &'a Pieces, known: &[Option<Settled>]) -> Vec<Asking<'a>> {
    let settled = known.iter().cloned().chain(std::iter::repeat(None));
    pieces.list.iter().zip(settled).map(|(piece, settled)| Asking { piece, settled }).collect()
}
