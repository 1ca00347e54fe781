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

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::name::Name;
use crate::path::RepoPath;
pub use page::Reference;
use relation::{Relation, relations};
use union::{Entities, union};

/// A module, or the BUSM, as the docs need it.
#[derive(Clone, Debug)]
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
    pub model: &'a Model,
}

/// Where each page will be, so that links can lead there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// The project's page.
    pub project: RepoPath,
    /// The modules' pages, by name.
    pub modules: BTreeMap<String, RepoPath>,
    /// The entities' pages.
    pub entities: BTreeMap<Name, RepoPath>,
}

/// All that is said about a project.
pub struct Concept<'a> {
    project: String,
    doc: Option<String>,
    sources: &'a [Source<'a>],
    paths: &'a Paths,
    entities: Entities<'a>,
    relations: Vec<Relation>,
    by_entity: BTreeMap<Name, Vec<usize>>,
}

impl<'a> Concept<'a> {
    /// Brings together what `sources` say. The BUSM, where there is one, counts as the first of them.
    pub fn new(project: &str, doc: Option<&str>, sources: &'a [Source<'a>], paths: &'a Paths) -> Concept<'a> {
        let (busm, modules): (Vec<_>, Vec<_>) = sources.iter().enumerate().partition(|(_, source)| source.busm);
        let entities = union(busm.into_iter().chain(modules));
        let relations = relations(&entities);
        let by_entity = index(&relations);
        Concept {
            project: project.to_owned(),
            doc: doc.map(str::to_owned),
            sources,
            paths,
            entities,
            relations,
            by_entity,
        }
    }

    /// All entities, by name.
    pub fn entities(&self) -> impl Iterator<Item = &'a Name> {
        self.entities.keys().copied()
    }
}

/// The relations that each entity takes part in, by their places.
fn index(relations: &[Relation]) -> BTreeMap<Name, Vec<usize>> {
    let mut by_entity: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
    for (place, relation) in relations.iter().enumerate() {
        by_entity.entry(relation.child.clone()).or_default().push(place);
        if !relation.is_own() {
            by_entity.entry(relation.parent.clone()).or_default().push(place);
        }
    }
    by_entity
}
