//! What a template is given, with its digest and its facts.

use std::sync::{Arc, OnceLock};

use serde::Serialize;

use super::views::{ProductionView, PrototypesView};
use crate::concept::page::{EntityPage, ModulePage, ProjectPage};
use crate::digest::{self, Digest};
use crate::render::facts::Facts;
use crate::render::view::SqlView;

/// What a template is given.
#[derive(Debug)]
pub enum View {
    /// The concept of the project.
    Project(Box<ProjectPage>),
    /// The concept of a module.
    Module(Box<ModulePage>),
    /// The concept of an entity.
    Entity(Box<EntityPage>),
    /// A module's prototype.
    Prototype(SqlView),
    /// All prototypes.
    Prototypes(PrototypesView),
    /// Production, the same for each of its outputs.
    Production(Arc<Shared>),
}

/// The view of production. Several outputs are made from it, so what is made of it is made once.
#[derive(Debug)]
pub struct Shared {
    view: ProductionView,
    digest: OnceLock<Digest>,
    facts: OnceLock<Facts>,
    schema: OnceLock<Digest>,
}

impl Shared {
    /// Shares `view`.
    pub fn new(view: ProductionView) -> Arc<Shared> {
        Arc::new(Shared { view, digest: OnceLock::new(), facts: OnceLock::new(), schema: OnceLock::new() })
    }
}

impl View {
    /// The digest of all that it says.
    pub fn digest(&self) -> Digest {
        match self {
            View::Project(view) => digest_of(view),
            View::Module(view) => digest_of(view),
            View::Entity(view) => digest_of(view),
            View::Prototype(view) => digest_of(view),
            View::Prototypes(view) => digest_of(view),
            View::Production(shared) => *shared.digest.get_or_init(|| digest_of(&shared.view)),
        }
    }

    /// Its facts.
    pub fn facts(&self) -> Facts {
        match self {
            View::Project(view) => Facts::of(view),
            View::Module(view) => Facts::of(view),
            View::Entity(view) => Facts::of(view),
            View::Prototype(view) => Facts::of(view),
            View::Prototypes(view) => Facts::of(view),
            View::Production(shared) => shared.facts.get_or_init(|| Facts::of(&shared.view)).clone(),
        }
    }

    /// The digest of the schema that it shows, for the view of production.
    pub fn schema(&self) -> Option<Digest> {
        let View::Production(shared) = self else { return None };
        Some(*shared.schema.get_or_init(|| digest::of("statements", &shared.view.statements)))
    }
}

fn digest_of(view: &impl Serialize) -> Digest {
    digest::of("view", view)
}
