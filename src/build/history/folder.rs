//! The schema files of one folder as a commit has them, lowered entity by entity.
//!
//! From one commit to the next most entities stay as they were. A [`Variant`] is an entity with all that its lowering
//! asked for; where the next version of the folder would be answered the same, the variant is the same. So a version costs
//! what is new in it, as long as the versions of a folder are made in their order; in any other, they are the same.
//! Folders with SQL files, where one statement may change what another one made, are lowered whole.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

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
use crate::prototype::{Prototype, ground, minimal, outside, reduce, spaces as spaces_of};
use crate::source::git::{GitError, Id, Repository};
use crate::syntax::sql;
use crate::syntax::toml::{self as schema, EntityFile, EntityNode};

/// Files, or entities, at which it is worth while to have several threads.
const MANY: usize = 64;

/// Makes versions of folders, each from what the version before has in common with it.
pub struct Workshop<'a> {
    repository: &'a dyn Repository,
    latest: Mutex<BTreeMap<Which, Arc<Made>>>,
    born: AtomicU64,
}

/// A folder, and whether it is one that picks.
type Which = (RepoPath, bool);

/// A file: where it lies, and what it holds.
pub type File = (RepoPath, Id);

/// Entities by their names.
pub type Variants = BTreeMap<Name, Arc<Variant>>;

/// A version that was read whole and lowered entity by entity.
struct Made {
    /// Sorted.
    files: Vec<(File, Arc<Parsed>)>,
    variants: Arc<Variants>,
}

/// A file, parsed.
struct Parsed {
    /// Tells it from all others.
    number: u64,
    file: EntityFile,
}

/// An entity by its file's number and its place there.
type Place = (u64, usize);

/// What a name means in a folder: an entity of its own, and the business-wide model's table.
type Meaning = (Option<Place>, Option<Digest>);

/// An entity as some versions of the folder have it.
#[derive(Debug)]
pub struct Variant {
    /// The table.
    pub piece: Piece,
    /// Where it is written; none of a table that was not lowered alone.
    place: Option<Place>,
    /// What the names meant that were asked for.
    meanings: Vec<(Name, Meaning)>,
    digest: OnceLock<Digest>,
    reduced: OnceLock<Arc<Reduced>>,
}

/// An entity's prototype.
#[derive(Debug)]
struct Reduced {
    /// For each key why it does not hold in the module.
    outside: Vec<Option<String>>,
    /// The table, alone.
    model: Model,
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
    pub variants: Arc<Variants>,
    /// What was lowered whole.
    pub whole: Lowered,
    /// What is wrong with its files.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Workshop<'a> {
    /// A workshop that has made nothing yet.
    pub fn new(repository: &'a dyn Repository) -> Workshop<'a> {
        Workshop { repository, latest: Mutex::default(), born: AtomicU64::new(0) }
    }

    /// What was made last of each folder, to be freed.
    pub fn close(self) -> impl Send + use<> {
        self.latest
    }

    /// The folder `path` that holds `files`, sorted; `busm` is what its fields are picked from.
    ///
    /// # Errors
    /// When git cannot read a file.
    pub fn folder(&self, path: &RepoPath, files: &[File], busm: Option<&Busm>) -> Result<Folder, GitError> {
        let which = (path.clone(), busm.is_some());
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner).get(&which).cloned();
        let toml: Vec<&File> = files.iter().filter(|(path, _)| path.extension() == Some("toml")).collect();
        let first = self.born.fetch_add(toml.len() as u64, Ordering::Relaxed);
        let parse =
            |(at, file): (usize, &&File)| Ok(((*file).clone(), self.file(file, first + at as u64, latest.as_deref())?));
        let parsed: Vec<(File, Arc<Parsed>)> = match toml.len() < MANY {
            true => toml.iter().enumerate().map(parse).collect::<Result<_, GitError>>()?,
            false => toml.par_iter().enumerate().map(parse).collect::<Result<_, GitError>>()?,
        };
        let trees: Vec<&EntityFile> = parsed.iter().map(|(_, parsed)| &parsed.file).collect();
        if files.iter().any(|(path, _)| path.extension() == Some("sql")) {
            return self.whole(files, &trees, busm);
        }
        let (variants, found) = variants(&parsed, &trees, busm, latest.as_deref());
        let variants = Arc::new(variants);
        let mut diagnostics: Vec<Diagnostic> = trees.iter().flat_map(|file| file.diagnostics.iter().cloned()).collect();
        diagnostics.extend(lower::meant(&trees, found));
        if is_whole(&trees) {
            let made = Arc::new(Made { files: parsed, variants: Arc::clone(&variants) });
            self.latest.lock().unwrap_or_else(PoisonError::into_inner).insert(which, made);
        }
        Ok(Folder { variants, whole: Lowered::default(), diagnostics })
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
        let (mut whole, _) = lower::lower_over(entities, base, busm.map(|busm| busm as &dyn Common));
        let mut diagnostics = std::mem::take(&mut whole.diagnostics);
        diagnostics.extend(unread);
        Ok(Folder { variants: Arc::default(), whole, diagnostics })
    }

    /// The file, parsed as the one with this number unless the latest version has it.
    fn file(&self, file: &File, number: u64, latest: Option<&Made>) -> Result<Arc<Parsed>, GitError> {
        if let Some(known) = latest.and_then(|latest| latest.file(file)) {
            return Ok(known);
        }
        let (path, id) = file;
        let content = self.repository.blob(*id)?;
        Ok(Arc::new(Parsed { number, file: schema::schema_file(path, &content) }))
    }
}

/// Whether every file was read whole.
fn is_whole(trees: &[&EntityFile]) -> bool {
    trees.iter().all(|file| file.whole)
}

/// The entities of files, those of the `latest` version among them where they are still the same, and what is wrong.
fn variants(
    parsed: &[(File, Arc<Parsed>)],
    trees: &[&EntityFile],
    busm: Option<&Busm>,
    latest: Option<&Made>,
) -> (Variants, Vec<Diagnostic>) {
    let (whole, nothing, mut found) = (is_whole(trees), Model::default(), Vec::new());
    let nodes = lower::declared(trees, &nothing, &mut found);
    let piece = |name: &Name| {
        let busm = busm.map(|busm| busm as &dyn Common);
        Scope::new(&nodes, &nothing, busm, whole).piece(name, nodes[name])
    };
    let places = places(parsed, &nodes);
    let meaning = |name: &Name| -> Meaning {
        (places.get(name).copied(), busm.and_then(|busm| busm.tables.get(name)).map(|variant| variant.digest()))
    };
    let variant = |(name, place): (&&Name, &Place)| {
        let before = latest.and_then(|latest| latest.variants.get(*name));
        // Where not all was read, less is found to be missing; what nothing was found about is the same.
        let known = before.filter(|variant| whole || variant.piece.diagnostics.is_empty());
        let variant = known.filter(|variant| variant.is_still(*place, meaning)).cloned();
        let made = || Variant::new(piece(name), *place, meaning).after(before);
        ((*name).clone(), variant.unwrap_or_else(|| Arc::new(made())))
    };
    let variants: Variants = match places.len() < MANY {
        true => places.iter().map(variant).collect(),
        false => places.par_iter().map(variant).collect(),
    };
    found.extend(variants.values().flat_map(|variant| variant.piece.diagnostics.iter().cloned()));
    (variants, found)
}

/// Where the entities stand, by their names.
fn places<'n>(parsed: &[(File, Arc<Parsed>)], nodes: &'n BTreeMap<Name, &EntityNode>) -> BTreeMap<&'n Name, Place> {
    let mut places = BTreeMap::new();
    for (_, parsed) in parsed {
        for (at, node) in parsed.file.entities.iter().enumerate() {
            let name = lower::entity_name(&node.name.text);
            if let Some((name, _)) = nodes.get_key_value(&name).filter(|(_, it)| std::ptr::eq(**it, node)) {
                places.insert(name, (parsed.number, at));
            }
        }
    }
    places
}

impl Made {
    fn file(&self, file: &File) -> Option<Arc<Parsed>> {
        let found = self.files.binary_search_by(|(own, _)| own.cmp(file)).ok()?;
        Some(Arc::clone(&self.files[found].1))
    }
}

impl Variant {
    fn new(piece: Piece, place: Place, meaning: impl Fn(&Name) -> Meaning) -> Variant {
        let meanings = piece.asked.names.iter().map(|name| (name.clone(), meaning(name))).collect();
        Variant { place: Some(place), meanings, ..Variant::of(piece) }
    }

    /// The variant, with what was worked out about the same table in the version before.
    fn after(self, before: Option<&Arc<Variant>>) -> Variant {
        match before.filter(|before| before.piece.table == self.piece.table) {
            Some(before) => Variant { digest: before.digest.clone(), reduced: before.reduced.clone(), ..self },
            None => self,
        }
    }

    /// A table that was not lowered alone.
    pub fn whole(table: Table) -> Variant {
        Variant::of(Piece { table, ..Piece::default() })
    }

    fn of(piece: Piece) -> Variant {
        Variant { piece, place: None, meanings: Vec::new(), digest: OnceLock::new(), reduced: OnceLock::new() }
    }

    /// Whether the entity at `place` would be the same, where names have these meanings.
    fn is_still(&self, place: Place, meaning: impl Fn(&Name) -> Meaning) -> bool {
        let same = |(name, was): &(Name, Meaning)| meaning(name) == *was;
        self.place == Some(place) && !self.piece.asked.everything && self.meanings.iter().all(same)
    }

    /// The table's digest.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| digest::of("table", &self.piece.table))
    }

    /// The prototype of the table, which is called `name`, among `variants`.
    fn reduced(&self, name: &Name, variants: &Variants) -> Arc<Reduced> {
        let table = &self.piece.table;
        let find = |name: &Name| variants.get(name).map(|variant| &variant.piece.table);
        let keys = table.constraints.values().filter_map(Constraint::foreign_key);
        let outside: Vec<Option<String>> = keys.map(|key| outside(key, find(&key.table))).collect();
        if let Some(known) = self.reduced.get().filter(|known| known.outside == outside) {
            return Arc::clone(known);
        }
        let (table, notes) = reduce(table, find);
        let notes = notes.into_iter().map(|(column, note)| ((name.clone(), column), note)).collect();
        let model = Model { tables: BTreeMap::from([(name.clone(), table)]), ..Model::default() };
        let state = canonical::table_state(&model, name).unwrap_or_else(|| digest::of("table", &()));
        let reduced = Arc::new(Reduced { outside, model, notes, state });
        let _ = self.reduced.set(Arc::clone(&reduced));
        reduced
    }
}

/// Two are equal when their tables are.
impl PartialEq for Variant {
    fn eq(&self, other: &Variant) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for Variant {}

impl Schema {
    /// The prototype of a folder's schema, and its state; `common` is what the business-wide model declares beside tables.
    pub fn of(folder: &Folder, common: &Model) -> (Schema, Digest) {
        if folder.variants.is_empty() {
            let rest = minimal(&folder.whole.model, common);
            let state = canonical::state(&rest.model);
            return (Schema { tables: BTreeMap::new(), rest }, state);
        }
        let reduced = |(name, variant): (&Name, &Arc<Variant>)| (name.clone(), variant.reduced(name, &folder.variants));
        let tables: BTreeMap<Name, Arc<Reduced>> = folder.variants.iter().map(reduced).collect();
        let declared = folder.variants.values().map(|variant| &variant.piece.table);
        let own = ground(declared, &Model::default(), common);
        let spaces = folder.variants.keys().filter_map(|name| name.schema.clone());
        let schemas: BTreeMap<Ident, Namespace> = spaces.map(|schema| (schema, Namespace::default())).collect();
        let shared =
            spaces_of(&own).into_iter().map(|name| (common.schemas.get(&name).cloned().unwrap_or_default(), name));
        let schemas = shared.map(|(schema, name)| (name, schema)).chain(schemas).collect();
        let rest = Prototype { model: Model { schemas, ..own }, ..Prototype::default() };
        let states = tables.iter().map(|(name, reduced)| (name, reduced.state));
        let state = canonical::joined(states, &canonical::canonical(&rest.model));
        (Schema { tables, rest }, state)
    }

    /// All of it.
    pub fn prototype(&self) -> Prototype {
        let mut prototype = self.rest.clone();
        for reduced in self.tables.values() {
            prototype.model.tables.extend(reduced.model.tables.clone());
            prototype.notes.extend(reduced.notes.clone());
        }
        prototype
    }

    /// What has to be known of this schema to know how `other` differs: all but the tables that both share.
    pub fn beside(&self, other: &Schema) -> Cow<'_, Model> {
        let is_shared = |name: &Name, own| other.tables.get(name).is_some_and(|theirs| Arc::ptr_eq(own, theirs));
        let own = self.tables.iter().filter(|(name, own)| !is_shared(name, own)).map(|(_, own)| &own.model);
        let own: Vec<&Model> = own.collect();
        match own[..] {
            [] => Cow::Borrowed(&self.rest.model),
            [one] if self.rest.model == Model::default() => Cow::Borrowed(one),
            _ => {
                let mut model = self.rest.model.clone();
                model.tables.extend(own.into_iter().flat_map(|one| one.tables.clone()));
                Cow::Owned(model)
            }
        }
    }
}

impl Folder {
    /// Whether a mistake stands in it.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = (&Name, &Table)> {
        let variants = self.variants.iter().map(|(name, variant)| (name, &variant.piece.table));
        self.whole.model.tables.iter().chain(variants)
    }

    /// The entities that a mistake may be about.
    pub fn poisoned(&self) -> BTreeSet<Name> {
        if !self.is_broken() {
            return BTreeSet::new();
        }
        let mut origins = self.whole.origins.clone();
        self.variants.values().for_each(|variant| origins.extend(variant.piece.origins.clone()));
        load::poisoned(&self.diagnostics, &origins)
    }
}
