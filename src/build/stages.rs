//! What templates are given: the view of each output, made when it is asked for.
//!
//! A view is a copy of what it shows. Made one at a time and dropped after its render, all of them together never
//! take more memory than the few that are rendered at once.

use std::sync::Arc;

use super::history::views::Iterations;
use super::load::Loaded;
use super::pieces::{Piece, Pieces, Subject};
use super::shared::Shared;
use super::view::View;
use super::views::{self, PrototypesView};
use crate::concept::{Concept, Source};
use crate::config::target::Stage;
use crate::prototype;
use crate::render::view::SqlView;
use crate::syntax::toml::Stage as Reach;

/// What the views of each stage are made of.
pub struct Stages<'a> {
    project: &'a str,
    loaded: &'a Loaded,
    iterations: &'a Iterations,
    concept: Concept<'a>,
    production: Option<&'a Arc<Shared>>,
}

impl<'a> Stages<'a> {
    /// What the views of `pieces` are made of; `sources` are those of `loaded`.
    pub fn new(
        project: &'a str,
        loaded: &'a Loaded,
        iterations: &'a Iterations,
        sources: &'a [Source<'a>],
        pieces: &'a Pieces,
    ) -> Stages<'a> {
        let concept = Concept::new(project, None, sources, &pieces.paths);
        Stages { project, loaded, iterations, concept, production: pieces.production.as_ref() }
    }

    /// The view of `piece`; `None` when a mistake stands in its way.
    pub fn view(&self, piece: &Piece) -> Option<View> {
        let poison = &self.loaded.poison;
        match (piece.stage, &piece.subject) {
            (Stage::Concept, Subject::Project) => {
                (!poison.is_any()).then(|| View::Project(Box::new(self.concept.project_page())))
            }
            (Stage::Concept, Subject::Module(name)) => {
                let page = (!poison.modules.contains(name)).then(|| self.concept.module_page(name))?;
                page.map(|page| View::Module(Box::new(page)))
            }
            (Stage::Concept, Subject::Entity(name)) => {
                let page =
                    (!poison.unseen && !poison.entities.contains(name)).then(|| self.concept.entity_page(name))?;
                page.map(|page| View::Entity(Box::new(page)))
            }
            (Stage::Prototype, Subject::Module(name)) => {
                (!poison.modules.contains(name)).then(|| View::Prototype(self.prototype(name)))
            }
            (Stage::Prototype, Subject::Project) => (!poison.is_any()).then(|| {
                let reached = self.loaded.modules.iter().filter(|(_, module)| module.info.stage >= Reach::Prototype);
                let modules = reached.map(|(name, _)| self.prototype(name)).collect();
                View::Prototypes(PrototypesView { project: self.project.to_owned(), modules })
            }),
            (Stage::Production, Subject::Project) => self.production.map(|shared| View::Production(Arc::clone(shared))),
            (Stage::Prototype, Subject::Iteration(name, place)) => {
                let view = self.iterations.iteration(self.project, name, *place)?;
                Some(View::Iteration(Box::new(view)))
            }
            (Stage::Prototype, Subject::Timeline(name)) => {
                let title = self.loaded.modules.get(name).and_then(|module| module.info.title.as_deref());
                let view =
                    (!poison.modules.contains(name)).then(|| self.iterations.timeline(self.project, name, title))?;
                view.map(|view| View::Timeline(Box::new(view)))
            }
            (Stage::Prototype, Subject::Entity(_))
            | (Stage::Concept, Subject::Iteration(..) | Subject::Timeline(_))
            | (Stage::Production, _) => None,
        }
    }

    fn prototype(&self, name: &str) -> SqlView {
        views::prototype(self.project, name, &prototype::minimal(&self.loaded.modules[name].lowered.model))
    }
}
