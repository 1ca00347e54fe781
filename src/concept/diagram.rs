//! Which diagram is drawn: in full, keys only, or a map of modules, so that it stays readable and below GitHub's limits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use super::mermaid::{Attribute, Edge, Node, entity as quoted, er, quotable};
use super::relation::Relation;
use super::union::{Claim, Entities, Entity, is_unique};
use crate::model::constraint::Constraint;
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Table};

/// Above this number of tables a diagram shows keys only.
pub const FULL: usize = 20;
/// Above this number of tables a diagram is a map of modules.
pub const TABLES: usize = 60;
/// Above this number of characters a diagram is a map of modules. GitHub refuses more than 50,000.
pub const CHARACTERS: usize = 40_000;
/// Above this number of lines a map is not drawn. Mermaid refuses a flowchart of more than 500.
pub const LINES: usize = 400;

/// Whether the entities of a project of so many can be drawn together: if not, only how they refer to each other is.
pub fn draws_all(entities: usize) -> bool {
    entities <= TABLES
}

/// A diagram in Mermaid's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagram {
    /// How much it shows.
    pub detail: Detail,
    /// The text to put into a `mermaid` block.
    pub text: String,
}

/// How much a diagram shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// Every field.
    Full,
    /// Keys only.
    Keys,
    /// Every field of one entity, and only what that entity refers to.
    Outgoing,
    /// Modules, and the entities that connect them.
    Map,
}

/// The diagram of `entities` and what they refer to; `None` where it would be too large to read.
pub fn entities(entities: &Entities<'_>, relations: &[&Relation], comments: bool) -> Option<Diagram> {
    let boxes = boxes(entities.keys().copied(), relations);
    if boxes > TABLES {
        return None;
    }
    let detail = if boxes <= FULL { Detail::Full } else { Detail::Keys };
    let nodes: Vec<Node> = entities.values().map(|entity| node(entity, detail, comments)).collect();
    drawn(detail, er(&nodes, &edges(relations)))
}

/// The diagram of one entity in full, and of its neighbours by name: where they are too many, of those that it refers
/// to; `None` where even that is too large to read.
pub fn neighbourhood(entity: &Entity<'_>, relations: &[&Relation]) -> Option<Diagram> {
    let node = node(entity, Detail::Full, false);
    let draw = |detail, relations: &[&Relation]| {
        let small = boxes([entity.name], relations) <= TABLES;
        small.then(|| drawn(detail, er(std::slice::from_ref(&node), &edges(relations)))).flatten()
    };
    draw(Detail::Full, relations).or_else(|| {
        let holds: Vec<&Relation> =
            relations.iter().copied().filter(|relation| relation.child == *entity.name).collect();
        draw(Detail::Outgoing, &holds)
    })
}

/// How many boxes a diagram of `names` and `relations` has.
fn boxes<'a>(names: impl IntoIterator<Item = &'a Name>, relations: &[&'a Relation]) -> usize {
    let ends = relations.iter().flat_map(|relation| [&relation.parent, &relation.child]);
    names.into_iter().chain(ends).collect::<BTreeSet<&Name>>().len()
}

fn drawn(detail: Detail, text: String) -> Option<Diagram> {
    (text.chars().count() <= CHARACTERS).then_some(Diagram { detail, text })
}

fn edges(relations: &[&Relation]) -> Vec<Edge> {
    relations.iter().copied().map(edge).collect()
}

fn edge(relation: &Relation) -> Edge {
    let columns: Vec<&str> = relation.columns.iter().map(Ident::as_str).collect();
    Edge {
        parent: shown(&relation.parent),
        child: shown(&relation.child),
        optional: relation.optional,
        unique: relation.unique,
        label: columns.join(", "),
    }
}

/// The name as people read it: unquoted, with its schema unless that is the default.
pub fn shown(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), name.name.as_str()),
        None => name.name.as_str().to_owned(),
    }
}

fn node(entity: &Entity<'_>, detail: Detail, comments: bool) -> Node {
    let lines = entity.field_names().into_iter().filter_map(|name| attribute(entity, name, detail, comments));
    Node { name: shown(entity.name), attributes: lines.collect() }
}

fn attribute(entity: &Entity<'_>, name: &Ident, detail: Detail, comments: bool) -> Option<Attribute> {
    let claims = entity.field_claims(name);
    let keys = keys(&claims, name);
    if detail == Detail::Keys && keys.is_empty() {
        return None;
    }
    let doc = claims.iter().find_map(|(_, column)| column.doc.clone().or_else(|| column.comment.clone()));
    let comment = doc.filter(|_| comments && detail == Detail::Full);
    Some(Attribute { r#type: bare_type(entity.field_type(name)?), name: name.as_str().to_owned(), keys, comment })
}

/// The keys that any claim makes the field a part of.
fn keys(claims: &[(Claim<'_>, &Column)], name: &Ident) -> Vec<&'static str> {
    let any = |test: &dyn Fn(&Table) -> bool| claims.iter().any(|(claim, _)| test(claim.table));
    let primary = any(&|table| table.primary_key().contains(name));
    let foreign = any(&|table| {
        table.constraints.values().filter_map(Constraint::foreign_key).any(|key| key.columns.contains(name))
    });
    let unique = !primary && any(&|table| is_unique(table, std::slice::from_ref(name)));
    [(primary, "PK"), (foreign, "FK"), (unique, "UK")].iter().filter(|(is, _)| *is).map(|(_, key)| *key).collect()
}

/// The type without modifiers: the field list has those, and a diagram is calmer without.
pub fn bare_type(mut bare: DataType) -> String {
    bare.modifiers = None;
    match bare.user_type() {
        Some(name) => format!("{}{}", name.name.as_str(), if bare.array { "[]" } else { "" }),
        None => bare.to_string(),
    }
}

/// One module on a map: its name, what it declares, and what it refers to without declaring it.
pub struct Place<'a> {
    /// The module's name.
    pub name: &'a str,
    /// Its title, or its name.
    pub title: &'a str,
    /// The entities that it declares.
    pub declares: BTreeSet<&'a Name>,
    /// The entities that it refers to without declaring them.
    pub refers: BTreeSet<&'a Name>,
}

/// A box's id on the map: made of its name, so that one more module renames no other's.
fn node_id(kind: &str, name: &str) -> String {
    let mut id = format!("{kind}_");
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            id.push(letter);
        } else {
            write!(id, "_x{:x}_", u32::from(letter)).expect("a String takes all text");
        }
    }
    id
}

/// The map of modules, and of the entities that connect them; `None` where it would be too large to read.
///
/// An entity that several modules declare, or that a module refers to and another declares, is a point between them.
pub fn map(places: &[Place<'_>]) -> Option<Diagram> {
    if places.len() < 2 {
        return None;
    }
    let mut touched: BTreeMap<&Name, usize> = BTreeMap::new();
    for name in places.iter().flat_map(|place| place.declares.iter().chain(&place.refers)) {
        *touched.entry(name).or_default() += 1;
    }
    let shared: BTreeSet<&Name> =
        touched.into_iter().filter(|(_, modules)| *modules > 1).map(|(name, _)| name).collect();
    let mut text = String::from("flowchart LR\n");
    let mut lines = 0;
    for place in places {
        writeln!(text, "    {}[\"{}\"]", node_id("m", place.name), quotable(place.title))
            .expect("a String takes all text");
    }
    for name in &shared {
        let name = shown(name);
        writeln!(text, "    {}([\"{}\"])", node_id("e", &name), quotable(&name)).expect("a String takes all text");
    }
    for place in places {
        for (names, arrow) in [(&place.declares, "---"), (&place.refers, "-.->")] {
            for name in names.iter().filter(|name| shared.contains(*name)) {
                let (from, to) = (node_id("m", place.name), node_id("e", &shown(name)));
                writeln!(text, "    {from} {arrow} {to}").expect("a String takes all text");
                lines += 1;
            }
        }
    }
    if lines <= LINES { drawn(Detail::Map, text) } else { None }
}

/// The name of an entity as a diagram writes it: for templates that draw their own.
pub fn mermaid_name(name: &str) -> String {
    quoted(name)
}
