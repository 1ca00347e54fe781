//! Lowers schema files in TOML: entities become tables, fields columns.
//!
//! A module's own view may be partial. A field that it picks is the BUSM's, with every constraint that the picked
//! fields carry alone; a reference may point to an entity that only the BUSM declares.

mod default;
mod entity;
mod expression;
mod field;
mod names;
mod pick;
mod reference;
#[cfg(test)]
mod tests;
mod types;

pub use default::sql_of as default_sql;
pub use reference::action;
pub use types::data_type;

use std::collections::{BTreeMap, BTreeSet};

use super::Lowered;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::name::{Ident, Name};
use crate::path::RepoPath;
use crate::syntax::toml::{EntityFile, EntityNode};

/// Lowers `files` on top of `base`, what the same module's SQL files describe. `busm` is what fields are picked
/// from; `None` for the BUSM itself.
pub fn lower(files: &[&EntityFile], base: Lowered, busm: Option<&Model>) -> Lowered {
    let mut lowered = base;
    for file in files {
        lowered.diagnostics.extend(file.diagnostics.iter().cloned());
    }
    let known = lowered.diagnostics.len();
    let entities = declared(files, &lowered.model, &mut lowered.diagnostics);
    let base = lowered.model.clone();
    let scope = Scope { entities: &entities, base: &base, busm, whole: files.iter().all(|file| file.whole) };
    for (name, node) in &entities {
        if let Some(schema) = &name.schema {
            lowered.model.schemas.entry(schema.clone()).or_default();
        }
        entity::lower(name, node, &scope, &mut lowered);
    }
    let broken: BTreeSet<&RepoPath> = files.iter().filter(|file| !file.whole).map(|file| &file.path).collect();
    let (read, found) = lowered.diagnostics.split_at(known);
    // What is found in a file that was not read whole may only follow from what is wrong with it as TOML.
    let found = found.iter().filter(|found| found.path().is_none_or(|path| !broken.contains(path)));
    lowered.diagnostics = read.iter().chain(found).cloned().collect();
    lowered
}

/// What names may refer to.
struct Scope<'a> {
    /// The module's entities in TOML.
    entities: &'a BTreeMap<Name, &'a EntityNode>,
    /// The module's SQL files.
    base: &'a Model,
    /// The business-wide model.
    busm: Option<&'a Model>,
    /// Whether every file was read whole; else a name that is missing may stand in the part that was not.
    whole: bool,
}

impl Scope<'_> {
    /// All entities that a reference could mean, for "did you mean".
    fn names(&self) -> impl Iterator<Item = &Name> {
        let elsewhere = self.base.tables.keys().chain(self.busm.into_iter().flat_map(|busm| busm.tables.keys()));
        self.entities.keys().chain(elsewhere)
    }
}

/// The entities by name; a second one of the same name is reported and left out.
fn declared<'a>(
    files: &[&'a EntityFile],
    base: &Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<Name, &'a EntityNode> {
    let mut entities: BTreeMap<Name, &EntityNode> = BTreeMap::new();
    for node in files.iter().flat_map(|file| &file.entities) {
        names::check(&node.name, "entity", diagnostics);
        let name = entity_name(&node.name.text);
        if let Some(first) = entities.get(&name) {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-entity",
                    node.name.span.clone(),
                    format!("entity `{}` is declared twice in this module", node.name.text),
                )
                .labelled("again here")
                .at(first.name.span.clone(), "first here")
                .help("join the two into one entity"),
            );
        } else if base.tables.contains_key(&name) {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-entity",
                    node.name.span.clone(),
                    format!("entity `{}` is also a table in this module's SQL", node.name.text),
                )
                .help("keep one of the two"),
            );
        } else {
            entities.insert(name, node);
        }
    }
    entities
}

/// The table that an entity's key names: `accounts`, or `billing.invoices` when quoted so.
pub fn entity_name(text: &str) -> Name {
    match text.split_once('.') {
        Some((schema, name)) => Name::qualified(schema, name),
        None => Name::local(text),
    }
}

/// The index that `[accounts.indexes]` and `index = true` make: `idx_` and a word.
fn index_name(word: &str) -> Ident {
    Ident::new(format!("idx_{word}"))
}
