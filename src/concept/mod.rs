//! The first stage: what the docs say about a project, as plain values. No SQL, no files, no templates.
//!
//! [`Concept`] takes every module's model and the BUSM's and answers with page views ([`page`]), which templates
//! turn into Markdown, and with text for the terminal ([`show`]). It shows what is claimed, also where claims
//! conflict; it knows nothing of how conflicts are resolved or what production adds.

pub mod diagram;
pub mod field;
pub mod mermaid;
pub mod page;
pub mod relation;
pub mod show;
pub mod slug;
pub mod wireframe;
pub mod words;

mod build;
mod rules;
mod union;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::model::name::Name;
use crate::path::RepoPath;
pub use page::Reference;
use relation::Relation;
use union::{Entities, parents, union};

/// Where a model is to be had, perhaps only when somebody asks for it.
pub trait Told: Sync {
    /// The model.
    fn model(&self) -> &Model;

    /// Its tables, and what each refers to: to be had for less than all of the model, perhaps.
    fn outline(&self) -> Vec<(&Name, Vec<&Name>)> {
        self.model().tables.iter().map(|(name, table)| (name, parents(table).collect())).collect()
    }
}

impl Told for Model {
    fn model(&self) -> &Model {
        self
    }
}

/// A module, or the BUSM, as the docs need it.
#[derive(Clone)]
pub struct Source<'a> {
    /// The module's name: its folder's.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub doc: Option<String>,
    /// Whether it is the BUSM.
    pub busm: bool,
    /// What it declares, picks resolved.
    pub told: &'a dyn Told,
}

impl<'a> Source<'a> {
    /// What it declares.
    fn model(&self) -> &'a Model {
        self.told.model()
    }
}

/// Where each page will be, so that links can lead there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paths {
    /// The project's page.
    pub project: RepoPath,
    /// The modules' pages, by name.
    pub modules: BTreeMap<String, RepoPath>,
    /// The entities' pages.
    pub entities: BTreeMap<Name, RepoPath>,
}

/// All that is said about a project; a module's page takes little of it.
pub struct Concept<'a> {
    project: String,
    doc: Option<String>,
    sources: &'a [Source<'a>],
    paths: &'a Paths,
    all: OnceLock<All<'a>>,
}

/// What all sources say together.
struct All<'a> {
    entities: Entities<'a>,
    /// The entities that refer to each, and itself.
    around: BTreeMap<&'a Name, BTreeSet<&'a Name>>,
}

impl<'a> Concept<'a> {
    /// Brings together what `sources` say. The BUSM, where there is one, counts as the first of them.
    pub fn new(project: &str, doc: Option<&str>, sources: &'a [Source<'a>], paths: &'a Paths) -> Concept<'a> {
        Concept { project: project.to_owned(), doc: doc.map(str::to_owned), sources, paths, all: OnceLock::new() }
    }

    /// All entities, by name.
    pub fn entities(&self) -> impl Iterator<Item = &'a Name> {
        self.all().entities.keys().copied()
    }

    /// Whether what the sources say has been brought together, which the pages of entities and of the project show: that is
    /// done once, when one of them is asked for. All models should be at hand by then.
    pub fn is_prepared(&self) -> bool {
        self.all.get().is_some()
    }

    /// Brings together what the sources say.
    pub fn prepare(&self) {
        self.all();
    }

    fn all(&self) -> &All<'a> {
        // Outside of the cell: to have a model may be work for several threads, and one that waits would not help.
        if !self.is_prepared() {
            for source in self.sources {
                source.model();
            }
        }
        self.all.get_or_init(|| {
            let (busm, modules): (Vec<_>, Vec<_>) =
                self.sources.iter().enumerate().partition(|(_, source)| source.busm);
            All::of(union(busm.into_iter().chain(modules)))
        })
    }
}

impl<'a> All<'a> {
    fn of(entities: Entities<'a>) -> All<'a> {
        let mut around: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
        for entity in entities.values() {
            for end in entity.parents().chain([entity.name]) {
                around.entry(end).or_default().insert(entity.name);
            }
        }
        All { entities, around }
    }

    /// The relations that the entity `name` takes part in: by the name of the child, then in the order of its fields.
    fn about(&self, name: &Name) -> Vec<&Relation> {
        let around = self.around.get(name).into_iter().flatten();
        let relations = around.filter_map(|child| self.entities.get(child)).flat_map(|child| child.relations());
        relations.filter(|relation| relation.child == *name || relation.parent == *name).collect()
    }
}
