//! The views of the documentation pages: what templates get. Plain values, names as people read them.
//!
//! A [`Reference`] carries the link that leads there from the page that it stands on.

use serde::Serialize;

use super::diagram::Diagram;
use super::field::FieldView;

/// The name of a module or an entity, and where its page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Its name; a module's is its title, where it has one.
    pub name: String,
    /// The relative link to its page; none where it has no page (an entity that nobody declares).
    pub href: Option<String>,
}

/// The page of the whole project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectPage {
    /// The project's name.
    pub name: String,
    /// What the project is.
    pub doc: Option<String>,
    /// Its modules, in their order.
    pub modules: Vec<ModuleEntry>,
    /// All entities by name.
    pub entities: Vec<EntityEntry>,
    /// All entities and their relationships, as far as a diagram stays readable.
    pub diagram: Option<Diagram>,
}

/// A module in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModuleEntry {
    /// Its title or name.
    pub name: String,
    /// The link to its page.
    pub href: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub doc: Option<String>,
    /// The entities that it declares.
    pub entities: Vec<Reference>,
}

/// An entity in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityEntry {
    /// Its name.
    pub name: String,
    /// The link to its page.
    pub href: Option<String>,
    /// What it is.
    pub doc: Option<String>,
    /// Whether the BUSM has it.
    pub busm: bool,
    /// The modules that claim it.
    pub claimed_by: Vec<Reference>,
}

/// The page of one module: its own partial view, as if there were no other module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModulePage {
    /// The module's name: its folder's.
    pub name: String,
    /// Its title; its name where it has none.
    pub title: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub doc: Option<String>,
    /// The project's page.
    pub project: Reference,
    /// The entities that it declares, by name.
    pub entities: Vec<EntityView>,
    /// The entities that it refers to without declaring them.
    pub refers_to: Vec<Reference>,
    /// The views that it declares, by name.
    pub views: Vec<ViewEntry>,
    /// Its own diagram, as far as that stays readable.
    pub diagram: Option<Diagram>,
}

/// A view (a stored query) in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ViewEntry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub doc: Option<String>,
}

/// The page of one entity, as the BUSM and all modules together see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityPage {
    /// The project's page.
    pub project: Reference,
    /// Whether the BUSM has it.
    pub busm: bool,
    /// The modules that claim it.
    pub claimed_by: Vec<Reference>,
    /// The entity and its neighbours, as far as that stays readable.
    pub diagram: Option<Diagram>,
    /// What is known about it.
    pub entity: EntityView,
}

/// An entity: one module's view of it, or everybody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityView {
    /// Its name.
    pub name: String,
    /// One row of it, as a noun: `work order`.
    pub one: String,
    /// The link to its page; on that page itself too.
    pub href: Option<String>,
    /// What it is.
    pub doc: Option<String>,
    /// Its fields, in the order in which they are written.
    pub fields: Vec<FieldView>,
    /// Rules about several fields, in sentences.
    pub rules: Vec<String>,
    /// Its relationships: those that it holds first, then those that others hold to it.
    pub relationships: Vec<RelationshipView>,
    /// The box that shows it as text.
    pub wireframe: String,
}

/// A relationship, from one of its two sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelationshipView {
    /// The sentence: `an account has many locations`; `head`, `noun` and `tail` put together.
    pub sentence: String,
    /// What stands before the other entity's noun.
    pub head: String,
    /// The other entity's noun.
    pub noun: String,
    /// What stands after it.
    pub tail: String,
    /// The other entity.
    pub entity: Reference,
    /// Whether this side holds the reference.
    pub outgoing: bool,
    /// The fields that hold it, on whichever side: `locations.account_id`.
    pub fields: Vec<String>,
}
