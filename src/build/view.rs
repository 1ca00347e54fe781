//! What a template is given, with its digest and its facts.

use std::sync::Arc;

use serde::Serialize;

use super::shared::Shared;
use super::views::PrototypesView;
use crate::concept::page::{EntityPage, ModulePage, ProjectPage};
use crate::digest::{self, Digest};
use crate::render::facts::Facts;
use crate::render::iteration::{IterationView, TimelineView};
use crate::render::view::{HardeningPage, SqlView};

/// What a template is given.
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
    /// An iteration of a module.
    Iteration(Box<IterationView>),
    /// All iterations of a module.
    Timeline(Box<TimelineView>),
    /// What hardening did to an entity.
    Hardening(Box<HardeningPage>),
    /// Production, the same for each of its outputs.
    Production(Arc<Shared>),
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
            View::Iteration(view) => digest_of(view),
            View::Timeline(view) => digest_of(view),
            View::Hardening(view) => digest_of(view),
            View::Production(shared) => shared.digest(),
        }
    }

    /// The digest of what its statements say, where it shows production.
    pub fn said(&self) -> Option<Digest> {
        match self {
            View::Production(shared) => Some(shared.said()),
            _ => None,
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
            View::Iteration(view) => Facts::of(view),
            View::Timeline(view) => Facts::of(view),
            View::Hardening(view) => Facts::of(view),
            View::Production(shared) => shared.facts(),
        }
    }
}

fn digest_of(view: &impl Serialize) -> Digest {
    digest::of("view", view)
}
