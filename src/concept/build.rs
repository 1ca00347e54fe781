//! Makes the page views: puts fields, relations, diagrams and links together.

use std::collections::{BTreeMap, BTreeSet};

use super::diagram::{self, Diagram, Place, draws_all, shown};
use super::field::{FieldView, fields};
use super::page::{
    EntityEntry, EntityPage, EntityView, ModuleEntry, ModulePage, ProjectPage, Reference, RelationshipView, ViewEntry,
};
use super::relation::{Relation, relations};
use super::rules::rules;
use super::union::{Entities, Entity, union};
use super::wireframe::wireframe;
use super::words::one;
use super::{Concept, Source};
use crate::model::name::Name;
use crate::path::RepoPath;

impl<'a> Concept<'a> {
    /// The project's page.
    pub fn project_page(&self) -> ProjectPage {
        let here = &self.paths.project;
        ProjectPage {
            name: self.project.clone(),
            doc: self.doc.clone(),
            modules: self.modules().map(|(index, source)| self.module_entry(index, source, here)).collect(),
            entities: self.all().entities.values().map(|entity| self.entity_entry(entity, here)).collect(),
            diagram: self.project_diagram(),
        }
    }

    /// The page of the module `name`, if there is one.
    pub fn module_page(&self, name: &str) -> Option<ModulePage> {
        let (place, source) = self.modules().find(|(_, source)| source.name == name)?;
        let here = self.paths.modules.get(name)?;
        let own = union([(place, source)]);
        let told = relations(&own);
        let by_entity = by_entity(&told);
        let view =
            |entity: &Entity<'a>| self.entity_view(entity, by_entity.get(entity.name).map_or(&[], Vec::as_slice), here);
        let strangers: BTreeSet<&Name> =
            told.iter().map(|relation| &relation.parent).filter(|parent| !own.contains_key(parent)).collect();
        Some(ModulePage {
            name: source.name.clone(),
            title: title(source),
            owner: source.owner.clone(),
            doc: source.doc.clone(),
            project: self.home(here),
            entities: own.values().map(view).collect(),
            refers_to: strangers.into_iter().map(|name| self.entity_link(name, here)).collect(),
            views: source
                .model()
                .views
                .iter()
                .map(|(name, view)| ViewEntry { name: shown(name), doc: view.comment.clone() })
                .collect(),
            diagram: self.module_diagram(place, &own, &told),
        })
    }

    /// The page of the entity `name`, if anybody declares it.
    pub fn entity_page(&self, name: &Name) -> Option<EntityPage> {
        let entity = self.all().entities.get(name)?;
        let here = self.paths.entities.get(name)?;
        let about = self.all().about(name);
        Some(EntityPage {
            project: self.home(here),
            busm: entity.claims.iter().any(|claim| claim.busm),
            claimed_by: entity.modules().into_iter().map(|source| self.module_link(source, here)).collect(),
            diagram: diagram::neighbourhood(entity, &about),
            entity: self.entity_view(entity, &about, here),
        })
    }

    /// The merged view of the entity `name` without links, or one module's: for the terminal.
    pub(super) fn unlinked(&self, name: &Name, module: Option<&str>) -> Option<EntityView> {
        let nowhere = RepoPath::root();
        let Some(module) = module else {
            let all = self.all();
            return Some(self.entity_view(all.entities.get(name)?, &all.about(name), &nowhere));
        };
        let own = union(self.modules().filter(|(_, source)| source.name == module));
        let told = relations(&own);
        let by_entity = by_entity(&told);
        Some(self.entity_view(own.get(name)?, by_entity.get(name).map_or(&[], Vec::as_slice), &nowhere))
    }

    fn modules(&self) -> impl Iterator<Item = (usize, &'a Source<'a>)> {
        self.sources.iter().enumerate().filter(|(_, source)| !source.busm)
    }

    fn module_entry(&self, place: usize, source: &Source<'_>, here: &RepoPath) -> ModuleEntry {
        let link = self.module_link(place, here);
        ModuleEntry {
            name: link.name,
            href: link.href,
            owner: source.owner.clone(),
            doc: source.doc.clone(),
            entities: source.model().tables.keys().map(|name| self.entity_link(name, here)).collect(),
        }
    }

    fn entity_entry(&self, entity: &Entity<'_>, here: &RepoPath) -> EntityEntry {
        let link = self.entity_link(entity.name, here);
        EntityEntry {
            name: link.name,
            href: link.href,
            doc: entity.doc().map(str::to_owned),
            busm: entity.claims.iter().any(|claim| claim.busm),
            claimed_by: entity.modules().into_iter().map(|source| self.module_link(source, here)).collect(),
        }
    }

    fn entity_view(&self, entity: &Entity<'_>, about: &[&Relation], here: &RepoPath) -> EntityView {
        let module = |source: usize| self.module_link(source, here);
        let link = |name: &Name| self.entity_link(name, here);
        let fields = fields(entity, &module, &link);
        let lines = fields.iter().map(|field: &FieldView| (field.name.as_str(), field.r#type.as_str()));
        EntityView {
            name: shown(entity.name),
            one: one(entity.name.name.as_str()),
            href: link(entity.name).href,
            doc: entity.doc().map(str::to_owned),
            rules: rules(entity),
            relationships: self.relationships(entity.name, about, here),
            wireframe: wireframe(&shown(entity.name), lines),
            fields,
        }
    }

    /// Both sides of the relations `about` the entity: those that it holds, then those that others hold to it.
    fn relationships(&self, name: &Name, about: &[&Relation], here: &RepoPath) -> Vec<RelationshipView> {
        let holds = about.iter().filter(|relation| relation.child == *name).map(|relation| (relation, true));
        let held = about.iter().filter(|relation| relation.parent == *name).map(|relation| (relation, false));
        holds.chain(held).map(|(relation, outgoing)| self.relationship(relation, outgoing, here)).collect()
    }

    fn relationship(&self, relation: &Relation, outgoing: bool, here: &RepoPath) -> RelationshipView {
        let (sentence, other) = if outgoing {
            (relation.from_child(), &relation.parent)
        } else {
            (relation.from_parent(), &relation.child)
        };
        let child = shown(&relation.child);
        RelationshipView {
            sentence: sentence.text(),
            head: sentence.head,
            noun: sentence.noun,
            tail: sentence.tail,
            entity: self.entity_link(other, here),
            outgoing,
            fields: relation.columns.iter().map(|column| format!("{child}.{}", column.as_str())).collect(),
        }
    }

    /// The diagram of all entities, or where that is too large the map of all modules.
    fn project_diagram(&self) -> Option<Diagram> {
        let entities = &self.all().entities;
        if entities.is_empty() {
            return None;
        }
        let whole =
            draws_all(entities.len()).then(|| diagram::entities(entities, &relations(entities), false)).flatten();
        whole.or_else(|| diagram::map(&self.modules().map(|(_, source)| map_place(source)).collect::<Vec<_>>()))
    }

    /// A module's own diagram, or where that is too large the map of the modules around it.
    fn module_diagram(&self, place: usize, own: &Entities<'_>, told: &[&Relation]) -> Option<Diagram> {
        if own.is_empty() {
            return None;
        }
        diagram::entities(own, told, true).or_else(|| diagram::map(&self.around(place)))
    }

    /// The module and those that touch what it touches, each limited to that.
    fn around(&self, place: usize) -> Vec<Place<'a>> {
        let center = map_place(&self.sources[place]);
        let near = |name: &Name| center.declares.contains(name) || center.refers.contains(name);
        self.modules()
            .map(|(_, source)| map_place(source))
            .map(|mut other| {
                other.declares.retain(|name| near(name));
                other.refers.retain(|name| near(name));
                other
            })
            .filter(|other| !other.declares.is_empty() || !other.refers.is_empty())
            .collect()
    }

    fn home(&self, here: &RepoPath) -> Reference {
        Reference { name: self.project.clone(), href: Some(href(here, &self.paths.project)) }
    }

    fn module_link(&self, source: usize, here: &RepoPath) -> Reference {
        let source = &self.sources[source];
        Reference { name: title(source), href: self.paths.modules.get(&source.name).map(|path| href(here, path)) }
    }

    fn entity_link(&self, name: &Name, here: &RepoPath) -> Reference {
        Reference { name: shown(name), href: self.paths.entities.get(name).map(|path| href(here, path)) }
    }
}

fn title(source: &Source<'_>) -> String {
    source.title.clone().unwrap_or_else(|| source.name.clone())
}

/// The relations that each entity takes part in.
fn by_entity<'r>(relations: &[&'r Relation]) -> BTreeMap<&'r Name, Vec<&'r Relation>> {
    let mut by_entity: BTreeMap<&Name, Vec<&Relation>> = BTreeMap::new();
    for relation in relations {
        by_entity.entry(&relation.child).or_default().push(relation);
        if !relation.is_own() {
            by_entity.entry(&relation.parent).or_default().push(relation);
        }
    }
    by_entity
}

/// A module's place on the map.
fn map_place<'a>(source: &'a Source<'a>) -> Place<'a> {
    let outline = source.told.outline();
    let declares: BTreeSet<&Name> = outline.iter().map(|(name, _)| *name).collect();
    let refers =
        outline.iter().flat_map(|(_, refers)| refers).copied().filter(|name| !declares.contains(name)).collect();
    Place { name: &source.name, title: source.title.as_deref().unwrap_or(&source.name), declares, refers }
}

/// The link from the page `here` to the page `there`, escaped for Markdown and HTML.
fn href(here: &RepoPath, there: &RepoPath) -> String {
    let mut escaped = String::new();
    for byte in here.link_to(there).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => escaped.push(byte.into()),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
