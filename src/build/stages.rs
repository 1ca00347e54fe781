//! What templates are given: the view of each output, made when it is asked for.
//!
//! A view is a copy of what it shows. Made one at a time and dropped after its render, all of them together never
//! take more memory than the few that are rendered at once.

use std::sync::{Arc, OnceLock};

use super::basis::Bases;
use super::history::views::Iterations;
use super::load::Loaded;
use super::pieces::{self, Piece, Pieces, Subject};
use super::shared::Shared;
use super::view::View;
use super::views::{self, PrototypesView};
use crate::concept::page::Reference;
use crate::concept::{Concept, Source};
use crate::config::target::Stage;
use crate::digest::Digest;
use crate::path::RepoPath;
use crate::render::view::{HardeningPage, SqlView};
use crate::syntax::toml::Stage as Reach;

/// What the views of each stage are made of.
pub struct Stages<'a> {
    project: &'a str,
    loaded: &'a Loaded,
    iterations: &'a Iterations,
    pieces: &'a Pieces,
    bases: Bases<'a>,
    sources: &'a OnceLock<Vec<Source<'a>>>,
    concept: OnceLock<Concept<'a>>,
}

impl<'a> Stages<'a> {
    /// What the views of `pieces` are made of; `sources` are those of `loaded`, once somebody asks.
    pub fn new(
        project: &'a str,
        loaded: &'a Loaded,
        iterations: &'a Iterations,
        sources: &'a OnceLock<Vec<Source<'a>>>,
        pieces: &'a Pieces,
    ) -> Stages<'a> {
        let bases = Bases::new(project, loaded, iterations, pieces);
        Stages { project, loaded, iterations, pieces, bases, sources, concept: OnceLock::new() }
    }

    /// What the pages show.
    fn concept(&self) -> &Concept<'a> {
        let sources = self.sources.get_or_init(|| pieces::sources(self.loaded));
        self.concept.get_or_init(|| Concept::new(self.project, None, sources, &self.pieces.paths))
    }

    /// As [`Stages::concept`], where all that is said is shown.
    fn whole_concept(&self) -> &Concept<'a> {
        let concept = self.concept();
        if !concept.is_prepared() {
            self.loaded.lower_all();
            concept.prepare();
        }
        concept
    }

    /// Makes what many bases have in common; to be done before several threads ask for bases.
    pub fn begin<'p>(&self, mut pieces: impl Iterator<Item = &'p Piece>) {
        let asks =
            |piece: &Piece| piece.target.stage == Stage::Production && matches!(piece.subject, Subject::Entity(_));
        if let Some(shared) = self.pieces.production.as_ref().filter(|_| pieces.any(asks)) {
            shared.product.reported();
        }
    }

    /// Makes what many views have in common, on as many threads as there are; to be done before these ask for views.
    pub fn prepare<'p>(&self, pieces: impl Iterator<Item = &'p Piece>) {
        let (mut concept, mut production) = (false, None);
        for piece in pieces {
            concept |= piece.target.stage == Stage::Concept && !matches!(piece.subject, Subject::Module(_));
            let is_whole = piece.target.stage == Stage::Production && matches!(piece.subject, Subject::Project);
            production = production.or(self.pieces.production.as_ref().filter(|_| is_whole));
        }
        let read = |shared: &Arc<Shared>| {
            shared.facts();
            shared.read();
        };
        rayon::join(|| concept.then(|| self.whole_concept()), || production.map(read));
    }

    /// The digest of what the view of `piece` is made from; `None` when a mistake stands in its way.
    pub fn basis(&self, piece: &Piece) -> Option<Digest> {
        self.is_sound(piece).then(|| self.bases.of(piece)).flatten()
    }

    /// Whether no mistake stands in the way of `piece`.
    fn is_sound(&self, piece: &Piece) -> bool {
        let poison = &self.loaded.poison;
        !poison.unseen
            && match &piece.subject {
                Subject::Project => !poison.is_any(),
                Subject::Module(name) | Subject::Timeline(name) => !poison.modules.contains(name),
                Subject::Entity(name) => !poison.entities.contains(name),
                Subject::Iteration(..) => true,
            }
    }

    /// The view of `piece`; `None` when a mistake stands in its way.
    pub fn view(&self, piece: &Piece) -> Option<View> {
        if !self.is_sound(piece) {
            return None;
        }
        match (piece.target.stage, &piece.subject) {
            (Stage::Concept, Subject::Project) => Some(View::Project(Box::new(self.whole_concept().project_page()))),
            (Stage::Concept, Subject::Module(name)) => Some(View::Module(Box::new(self.concept().module_page(name)?))),
            (Stage::Concept, Subject::Entity(name)) => {
                Some(View::Entity(Box::new(self.whole_concept().entity_page(name)?)))
            }
            (Stage::Prototype, Subject::Module(name)) => Some(View::Prototype(self.prototype(name))),
            (Stage::Prototype, Subject::Project) => {
                let reached = self.loaded.modules.iter().filter(|(_, module)| module.info.stage >= Reach::Prototype);
                let modules = reached.map(|(name, _)| self.prototype(name)).collect();
                Some(View::Prototypes(PrototypesView { project: self.project.to_owned(), modules }))
            }
            (Stage::Production, Subject::Project) => {
                self.pieces.production.as_ref().map(|shared| View::Production(Arc::clone(shared)))
            }
            (Stage::Prototype, Subject::Iteration(name, place)) => {
                Some(View::Iteration(Box::new(self.iterations.iteration(self.project, name, *place)?)))
            }
            (Stage::Prototype, Subject::Timeline(name)) => {
                let title = self.loaded.modules.get(name).and_then(|module| module.info.title.as_deref());
                Some(View::Timeline(Box::new(self.iterations.timeline(self.project, name, title)?)))
            }
            (Stage::Production, Subject::Entity(name)) => {
                let table = self.pieces.production.as_ref()?.product.report(name)?;
                let to = |path: Option<&RepoPath>| path.map(|path| piece.path.link_to(path));
                let (entity, report) =
                    (to(self.pieces.paths.entities.get(name)), to(self.pieces.reports.of_all.as_ref()));
                let entity = Reference { name: table.name.clone(), href: entity };
                let project = Reference { name: self.project.to_owned(), href: report };
                Some(View::Hardening(Box::new(HardeningPage { project, entity, table })))
            }
            (Stage::Prototype, Subject::Entity(_))
            | (Stage::Concept, Subject::Iteration(..) | Subject::Timeline(_))
            | (Stage::Production, _) => None,
        }
    }

    fn prototype(&self, name: &str) -> SqlView {
        views::prototype(self.project, name, &self.loaded.modules[name].view.prototype())
    }
}
