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

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::Lowered;
use crate::diagnostic::Diagnostic;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::model::{Model, Origins};
use crate::path::RepoPath;
use crate::syntax::toml::{EntityFile, EntityNode};

/// Lowers `files` on top of `base`, what the same module's SQL files describe. `busm` is what fields are picked
/// from; `None` for the BUSM itself.
pub fn lower(files: &[&EntityFile], base: Lowered, busm: Option<&Model>) -> Lowered {
    lower_over(files, base, busm.map(|busm| busm as &dyn Common)).0
}

/// Entities at which it is worth while to lower them on several threads.
const MANY: usize = 64;

/// As [`lower`], over a business-wide model in any form; and what each entity asked for.
pub fn lower_over(files: &[&EntityFile], base: Lowered, busm: Option<&dyn Common>) -> (Lowered, BTreeMap<Name, Asked>) {
    let mut lowered = base;
    for file in files {
        lowered.diagnostics.extend(file.diagnostics.iter().cloned());
    }
    let mut found = Vec::new();
    let entities = declared(files, &lowered.model, &mut found);
    let base = lowered.model.clone();
    let whole = files.iter().all(|file| file.whole);
    let piece = |(name, node): (&Name, &&EntityNode)| Scope::new(&entities, &base, busm, whole).piece(name, node);
    let pieces: Vec<Piece> = match entities.len() < MANY {
        true => entities.iter().map(piece).collect(),
        false => entities.par_iter().map(piece).collect(),
    };
    let mut asked_by = BTreeMap::new();
    for (name, Piece { table, origins, diagnostics, asked }) in entities.keys().zip(pieces) {
        if let Some(schema) = &name.schema {
            lowered.model.schemas.entry(schema.clone()).or_default();
        }
        lowered.model.tables.insert(name.clone(), table);
        lowered.origins.extend(origins);
        found.extend(diagnostics);
        asked_by.insert(name.clone(), asked);
    }
    lowered.diagnostics.extend(meant(files, found));
    (lowered, asked_by)
}

/// What was found and was meant: in a file that was not read whole, it may only follow from what is wrong with it as TOML.
pub fn meant(files: &[&EntityFile], found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_whole = |path: &RepoPath| files.iter().all(|file| file.whole || file.path != *path);
    found.into_iter().filter(|found| found.path().is_none_or(is_whole)).collect()
}

/// A business-wide model, as far as modules look at it.
pub trait Common: Sync {
    /// A table of it.
    fn table(&self, name: &Name) -> Option<&Table>;

    /// The names of its tables.
    fn names(&self) -> Vec<&Name>;

    /// What it holds beside tables.
    fn rest(&self) -> &Model;
}

impl Common for Model {
    fn table(&self, name: &Name) -> Option<&Table> {
        self.tables.get(name)
    }

    fn names(&self) -> Vec<&Name> {
        self.tables.keys().collect()
    }

    fn rest(&self) -> &Model {
        self
    }
}

/// What names may refer to.
pub struct Scope<'a> {
    /// The module's entities in TOML.
    entities: &'a BTreeMap<Name, &'a EntityNode>,
    /// The module's SQL files.
    base: &'a Model,
    /// The business-wide model.
    busm: Option<&'a dyn Common>,
    /// Whether every file was read whole; else a name that is missing may stand in the part that was not.
    whole: bool,
    asked: RefCell<Asked>,
}

/// An entity, lowered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The table.
    pub table: Table,
    /// Where it was written.
    pub origins: Origins,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// What else it depends on.
    pub asked: Asked,
}

/// What was asked of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The names of entities, whatever they turned out to be.
    pub names: BTreeSet<Name>,
    /// Whether it was something that all of the scope decides.
    pub everything: bool,
}

impl<'a> Scope<'a> {
    /// The scope of a module's `entities` beside `base`, its SQL files; `busm` is what fields are picked from, and `whole`
    /// says whether every file was read whole.
    pub fn new(
        entities: &'a BTreeMap<Name, &'a EntityNode>,
        base: &'a Model,
        busm: Option<&'a dyn Common>,
        whole: bool,
    ) -> Scope<'a> {
        Scope { entities, base, busm, whole, asked: RefCell::default() }
    }

    /// Lowers one of the scope's entities.
    pub fn piece(&self, name: &Name, node: &EntityNode) -> Piece {
        let mut piece = Piece::default();
        entity::lower(name, node, self, &mut piece);
        piece.asked = self.asked.take();
        piece
    }

    /// The entity in TOML that a name means.
    fn entity(&self, name: &Name) -> Option<&'a EntityNode> {
        self.ask(name);
        self.entities.get(name).copied()
    }

    /// The tables of other models that a name may mean, nearest first.
    fn tables(&self, name: &Name) -> impl Iterator<Item = &'a Table> + use<'a> {
        self.ask(name);
        [self.base.tables.get(name), self.busm.and_then(|busm| busm.table(name))].into_iter().flatten()
    }

    /// The business-wide model's table of a name.
    fn common(&self, name: &Name) -> Option<&'a Table> {
        self.ask(name);
        self.busm?.table(name)
    }

    /// What the module's SQL files and the business-wide model hold beside tables.
    fn models(&self) -> impl Iterator<Item = &'a Model> + use<'a> {
        let busm = self.whole_busm().map(Common::rest);
        std::iter::once(self.base).chain(busm)
    }

    /// The business-wide model, for a look that no name bounds.
    fn whole_busm(&self) -> Option<&'a dyn Common> {
        self.asked.borrow_mut().everything = true;
        self.busm
    }

    /// All entities that a reference could mean, for "did you mean".
    fn names(&self) -> impl Iterator<Item = &'a Name> + use<'a> {
        let common = self.whole_busm().map(Common::names).unwrap_or_default();
        self.entities.keys().chain(self.base.tables.keys()).chain(common)
    }

    fn ask(&self, name: &Name) {
        let mut asked = self.asked.borrow_mut();
        if !asked.names.contains(name) {
            asked.names.insert(name.clone());
        }
    }
}

/// The entities by name; a second one of the same name is reported and left out, and so is one that `base` has.
pub fn declared<'a>(
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
