//! The schema files of one folder as a commit has them, lowered entity by entity.
//!
//! From one commit to the next most entities stay as they were. A [`Part`] is an entity with all that its lowering
//! asked for; where another version of the folder would be answered the same, the part is the same. So a version costs what
//! is new in it. Folders with SQL files, where one statement may change what another one made, are lowered whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::kept::Kept;
use super::source::Busm;
use crate::build::load;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::grammar::text_of;
use crate::model::constraint::Constraint;
use crate::model::lower::toml::{self as lower, Common, Piece, Scope};
use crate::model::lower::{self as lowering, Lowered};
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::model::{Model, Namespace, canonical};
use crate::path::RepoPath;
use crate::prototype::{Prototype, minimal, outside, reduce};
use crate::source::git::{GitError, Id, Repository};
use crate::syntax::sql;
use crate::syntax::toml::{self as schema, EntityFile, EntityNode};

/// How much text of parsed files a generation holds, in bytes.
const TEXT: usize = 1 << 19;
/// How many columns of entities a generation holds.
const COLUMNS: usize = 1 << 15;

/// What was made of the files of folders.
pub struct Workshop<'a> {
    repository: &'a dyn Repository,
    files: Kept<File, Arc<Parsed>>,
    parts: Kept<(u64, usize), Arc<Part>>,
    reduced: Kept<Reducing, Arc<Reduced>>,
    born: AtomicU64,
}

type File = (RepoPath, Id);

/// A file, parsed.
struct Parsed {
    /// Tells it from all others.
    number: u64,
    file: EntityFile,
}

/// What an entity's prototype is made from: the entity, and for each key why it does not hold in the module.
type Reducing = (u64, Vec<Option<String>>);

/// What a name means in a folder: an entity by its file and its place there, and the business-wide model's table.
type Meaning = (Option<(u64, usize)>, Option<Digest>);

/// An entity as some versions of the folder have it.
#[derive(Debug)]
pub struct Part {
    /// Tells it from all others.
    number: u64,
    /// The table.
    pub piece: Piece,
    /// What the names meant that were asked for.
    meanings: Vec<(Name, Meaning)>,
    digest: OnceLock<Digest>,
}

/// An entity's prototype.
#[derive(Debug)]
struct Reduced {
    table: Table,
    notes: BTreeMap<(Name, Ident), String>,
    state: Digest,
}

/// A module's minimal schema, which shares what it has in common with other versions of it.
#[derive(Debug, Default)]
pub struct Schema {
    /// The tables, where they are known one by one.
    tables: BTreeMap<Name, Arc<Reduced>>,
    /// All else; of a folder that was lowered whole, everything.
    rest: Prototype,
}

/// A version of a folder.
pub struct Folder {
    /// Its entities; none of a folder that was lowered whole.
    pub parts: BTreeMap<Name, Arc<Part>>,
    /// What was lowered whole.
    pub whole: Lowered,
    /// What is wrong with its files.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Workshop<'a> {
    /// A workshop that has made nothing yet.
    pub fn new(repository: &'a dyn Repository) -> Workshop<'a> {
        Workshop {
            repository,
            files: Kept::new(TEXT),
            parts: Kept::new(COLUMNS),
            reduced: Kept::new(COLUMNS),
            born: AtomicU64::new(0),
        }
    }

    /// The folder that holds `files`; `busm` is what its fields are picked from.
    ///
    /// # Errors
    /// When git cannot read a file.
    pub fn folder(&self, files: &[File], busm: Option<&Busm>) -> Result<Folder, GitError> {
        let toml = files.iter().filter(|(path, _)| path.extension() == Some("toml"));
        let parsed = toml.map(|file| self.file(file)).collect::<Result<Vec<_>, GitError>>()?;
        let trees: Vec<&EntityFile> = parsed.iter().map(|parsed| &parsed.file).collect();
        let has_sql = files.iter().any(|(path, _)| path.extension() == Some("sql"));
        if has_sql || !trees.iter().all(|file| file.whole) {
            return self.whole(files, &trees, busm);
        }
        let mut diagnostics: Vec<Diagnostic> = trees.iter().flat_map(|file| file.diagnostics.iter().cloned()).collect();
        let nothing = Model::default();
        let nodes = lower::declared(&trees, &nothing, &mut diagnostics);
        let scope = Scope::new(&nodes, &nothing, busm.map(|busm| busm as &dyn Common), true);
        let mut places = BTreeMap::new();
        for Parsed { number, file } in parsed.iter().map(Arc::as_ref) {
            for (at, node) in file.entities.iter().enumerate() {
                let name = lower::entity_name(&node.name.text);
                if nodes.get(&name).is_some_and(|it| std::ptr::eq(*it, node)) {
                    places.insert(name, (*number, at));
                }
            }
        }
        let meaning = |name: &Name| -> Meaning {
            (places.get(name).copied(), busm.and_then(|busm| busm.tables.get(name)).map(|part| part.digest()))
        };
        let mut parts = BTreeMap::new();
        for (name, place) in &places {
            let part = self.part(*place, name, nodes[name], &scope, &meaning);
            diagnostics.extend(part.piece.diagnostics.iter().cloned());
            parts.insert(name.clone(), part);
        }
        Ok(Folder { parts, whole: Lowered::default(), diagnostics })
    }

    /// The entity at one place of a file: as it is known, when all that it asked for is as it was.
    fn part(
        &self,
        key: (u64, usize),
        name: &Name,
        node: &EntityNode,
        scope: &Scope<'_>,
        meaning: &dyn Fn(&Name) -> Meaning,
    ) -> Arc<Part> {
        let same = |part: &Arc<Part>| part.meanings.iter().all(|(name, was)| meaning(name) == *was);
        if let Some(part) = self.parts.get(&key).filter(same) {
            return part;
        }
        let piece = scope.piece(name, node);
        let meanings = piece.asked.names.iter().map(|name| (name.clone(), meaning(name))).collect();
        let part = Arc::new(Part { number: self.number(), piece, meanings, digest: OnceLock::new() });
        if !part.piece.asked.everything {
            self.parts.insert(key, Arc::clone(&part), 1 + part.piece.table.columns.len());
        }
        part
    }

    fn number(&self) -> u64 {
        self.born.fetch_add(1, Ordering::Relaxed)
    }

    fn whole(&self, files: &[File], entities: &[&EntityFile], busm: Option<&Busm>) -> Result<Folder, GitError> {
        let (mut statements, mut unread) = (Vec::new(), Vec::new());
        for (path, id) in files.iter().filter(|(path, _)| path.extension() == Some("sql")) {
            let content = self.repository.blob(*id)?;
            match text_of(path, &content) {
                Ok(text) => statements.push(sql::parse(path, &text)),
                Err(found) => unread.push(found),
            }
        }
        let base = lowering::sql::lower(&statements);
        let mut whole = lower::lower_over(entities, base, busm.map(|busm| busm as &dyn Common));
        let mut diagnostics = std::mem::take(&mut whole.diagnostics);
        diagnostics.extend(unread);
        Ok(Folder { parts: BTreeMap::new(), whole, diagnostics })
    }

    fn file(&self, key: &File) -> Result<Arc<Parsed>, GitError> {
        if let Some(known) = self.files.get(key) {
            return Ok(known);
        }
        let (path, id) = key;
        let content = self.repository.blob(*id)?;
        let file = Arc::new(Parsed { number: self.number(), file: schema::schema_file(path, &content) });
        self.files.insert(key.clone(), Arc::clone(&file), content.len());
        Ok(file)
    }

    /// The prototype of a folder's schema, and its state.
    pub fn prototype(&self, folder: &Folder) -> (Schema, Digest) {
        if folder.parts.is_empty() {
            let rest = minimal(&folder.whole.model);
            let state = canonical::state(&rest.model);
            return (Schema { tables: BTreeMap::new(), rest }, state);
        }
        let reduced = |(name, part): (&Name, &Arc<Part>)| (name.clone(), self.reduced(name, part, &folder.parts));
        let tables: BTreeMap<Name, Arc<Reduced>> = folder.parts.iter().map(reduced).collect();
        let spaces = folder.parts.keys().filter_map(|name| name.schema.clone());
        let schemas = spaces.map(|schema| (schema, Namespace::default())).collect();
        let rest = Prototype { model: Model { schemas, ..Model::default() }, ..Prototype::default() };
        let states = tables.iter().map(|(name, reduced)| (name, reduced.state));
        let state = canonical::joined(states, &canonical::canonical(&rest.model));
        (Schema { tables, rest }, state)
    }

    fn reduced(&self, name: &Name, part: &Part, parts: &BTreeMap<Name, Arc<Part>>) -> Arc<Reduced> {
        let find = |name: &Name| parts.get(name).map(|part| &part.piece.table);
        let table = &part.piece.table;
        let keys = table.constraints.values().filter_map(Constraint::foreign_key);
        let key = (part.number, keys.map(|key| outside(key, find(&key.table))).collect());
        if let Some(known) = self.reduced.get(&key) {
            return known;
        }
        let (table, notes) = reduce(table, find);
        let notes = notes.into_iter().map(|(column, note)| ((name.clone(), column), note)).collect();
        let mut alone = Model { tables: BTreeMap::from([(name.clone(), table)]), ..Model::default() };
        let state = canonical::table_state(&alone, name).unwrap_or_else(|| digest::of("table", &()));
        let table = alone.tables.remove(name).unwrap_or_default();
        let reduced = Arc::new(Reduced { table, notes, state });
        self.reduced.insert(key, Arc::clone(&reduced), 1 + reduced.table.columns.len());
        reduced
    }
}

impl Part {
    /// A table that was not lowered alone, and that is not looked for among those that were.
    pub fn of(table: Table) -> Part {
        let piece = Piece { table, ..Piece::default() };
        Part { number: u64::MAX, piece, meanings: Vec::new(), digest: OnceLock::new() }
    }

    /// The table's digest.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| digest::of("table", &self.piece.table))
    }
}

impl Schema {
    /// All of it.
    pub fn prototype(&self) -> Prototype {
        let mut prototype = self.rest.clone();
        for (name, reduced) in &self.tables {
            prototype.model.tables.insert(name.clone(), reduced.table.clone());
            prototype.notes.extend(reduced.notes.iter().map(|(place, note)| (place.clone(), note.clone())));
        }
        prototype
    }

    /// What has to be known of two schemas to know how they differ: all but the tables that are the same in both.
    pub fn apart(from: &Schema, to: &Schema) -> [Model; 2] {
        let names: BTreeSet<&Name> = from.tables.keys().chain(to.tables.keys()).collect();
        let is_same = |name: &Name| match (from.tables.get(name), to.tables.get(name)) {
            (Some(from), Some(to)) => Arc::ptr_eq(from, to),
            _ => false,
        };
        let apart: Vec<&Name> = names.into_iter().filter(|name| !is_same(name)).collect();
        [from, to].map(|schema| {
            let mut model = schema.rest.model.clone();
            let tables =
                apart.iter().filter_map(|name| Some(((*name).clone(), schema.tables.get(*name)?.table.clone())));
            model.tables.extend(tables);
            model
        })
    }
}

impl Folder {
    /// Whether a mistake stands in it.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = (&Name, &Table)> {
        let parts = self.parts.iter().map(|(name, part)| (name, &part.piece.table));
        self.whole.model.tables.iter().chain(parts)
    }

    /// The names that it asked for; `None` when anything may matter to it.
    pub fn asked(&self) -> Option<BTreeSet<Name>> {
        let mut names = BTreeSet::new();
        for part in self.parts.values() {
            if part.piece.asked.everything {
                return None;
            }
            names.extend(part.piece.asked.names.iter().cloned());
        }
        (!self.parts.is_empty()).then_some(names)
    }

    /// The entities that a mistake may be about.
    pub fn poisoned(&self) -> BTreeSet<Name> {
        if !self.is_broken() {
            return BTreeSet::new();
        }
        let mut origins = self.whole.origins.clone();
        self.parts.values().for_each(|part| origins.extend(part.piece.origins.clone()));
        load::poisoned(&self.diagnostics, &origins)
    }
}
