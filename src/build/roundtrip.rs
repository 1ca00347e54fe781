//! Reads the production schema back after rendering: a template may lay it out as it likes, and may lose nothing.
//!
//! A text that is the statements, laid out, says what they say; so that is looked at first. What the statements say is
//! read back object by object, and what was once read back is known. Only a text that is something else, from a
//! template of the team's own that writes its own SQL, is read as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexSet;
use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::creation::Run;
use super::hardened::Hard;
use super::pieces::Piece;
use super::product::Product;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::diff;
use crate::diff::privileges::{grants_of, grants_of_table};
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::lower;
use crate::model::name::Name;
use crate::model::security::{Grant, GrantKey};
use crate::model::sequence::Sequence;
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::plan::creation::Making;
use crate::render::engine::Rendered;
use crate::render::facts::recorder::Shown;
use crate::render::facts::scalar::half;
use crate::render::text::Chunk;
use crate::syntax::sql::{self, tokens};

/// The built-in target whose output has to say what the model says.
pub const TARGET: &str = "production";

/// Whether statements say what they were written for.
pub(super) const READ_BACK: Query = Query { name: "read back", version: 3 };

/// Whether a part of the text says the statements that it shows.
pub(super) const SAID: Query = Query { name: "said", version: 1 };

/// How many differences are named one by one.
const SHOWN: usize = 10;

/// What a build leaves for the next one.
pub const LEFT: &str = "read back";

/// What was found to be said, where each table's statements say all of it.
#[derive(Serialize, Deserialize)]
pub struct Told {
    /// Each table, by its digest and that of what is said about it.
    tables: BTreeMap<Name, (Digest, Digest)>,
    /// The digest of all but the tables.
    rest: Digest,
}

/// What a text does not say as the schema does; nothing when it says the same.
pub fn losses(piece: &Piece, rendered: &Rendered, product: &Product) -> Vec<Diagnostic> {
    let memo = &product.memo;
    let before = memo.take_left::<Told>(LEFT);
    let parts = in_parts(rendered, product);
    let still = before.as_ref().is_some_and(|told| told.is_told_still(product));
    if !still {
        memo.begin_anew();
    }
    if (parts || tokens::says(&rendered.text.to_string(), texts(&statements(product)))) && (still || read_back(product))
    {
        if parts && (still || told(product).len() == product.tables().len()) {
            memo.leave(LEFT, Arc::new(Told::of(product)));
        }
        return Vec::new();
    }
    whole(piece, &rendered.text.to_string(), product.schema())
}

/// All statements that make it.
fn statements(product: &Product) -> Vec<&Arc<Making>> {
    product.creation().runs.iter().flat_map(|run| product.statements(run)).collect()
}

fn texts<'s>(statements: &'s [&Arc<Making>]) -> impl Iterator<Item = &'s str> {
    statements.iter().map(|statement| statement.sql.as_str())
}

impl Told {
    /// What is told by a text that says all of production run by run, each table by itself.
    fn of(product: &Product) -> Told {
        let said = product.creation().said().map(|(_, said)| said);
        let tables = product.tables().iter().zip(said).map(|((name, hard), said)| (name.clone(), (hard.digest, said)));
        Told { tables: tables.collect(), rest: product.made().rest }
    }

    /// Whether this, with what is said anew about some of the same tables, is all of production.
    fn is_told_still(&self, product: &Product) -> bool {
        let same = self.rest == product.made().rest && self.tables.keys().eq(product.tables().keys());
        let belongings = Belongings::of(product);
        let mut open: BTreeMap<&Name, Key> = BTreeMap::new();
        for ((name, hard), before) in product.tables().iter().zip(self.tables.values()) {
            match product.creation().said_of(name) {
                Some(said) if (hard.digest, said) == *before => {}
                Some(said) => drop(open.insert(name, belongings.key(name, &hard.digest, &said, &product.memo))),
                None => return false,
            }
        }
        same && tell(&open, &belongings, product).values().all(|told| *told)
    }
}

/// The sequences that belong to tables: what is said of them is said of their table.
struct Belongings<'p> {
    model: &'p Model,
    sequences: BTreeMap<&'p Name, BTreeSet<&'p Name>>,
}

impl<'p> Belongings<'p> {
    fn of(product: &'p Product) -> Belongings<'p> {
        let model = &product.made().model;
        let mut sequences: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
        for (name, sequence) in &model.sequences {
            if let Some((table, _)) = &sequence.owned_by {
                sequences.entry(table).or_default().insert(name);
            }
        }
        Belongings { model, sequences }
    }

    /// The table that `object` is, or belongs to.
    fn table<'o>(&'o self, object: &'o ObjectId) -> Option<&'o Name> {
        match object {
            ObjectId::Sequence(name) => Some(&self.model.sequences.get(name)?.owned_by.as_ref()?.0),
            _ => object.table(),
        }
    }

    /// What belongs to the table `name`, and the privileges on that.
    fn below(&self, name: &Name) -> (BTreeMap<Name, Sequence>, BTreeMap<GrantKey, Grant>) {
        let own = self.sequences.get(name).into_iter().flatten();
        let own = own.filter_map(|name| Some(((*name).clone(), self.model.sequences.get(*name)?.clone())));
        let own: BTreeMap<Name, Sequence> = own.collect();
        let objects = own.keys().cloned().map(ObjectId::Sequence);
        let grants = objects.flat_map(|object| grants(self.model, &object)).collect();
        (own, grants)
    }

    /// Under which the memo knows whether what is said about a table with this digest says all of it.
    fn key(&self, name: &Name, table: &Digest, said: &Digest, memo: &Memo) -> Key {
        let (sequences, grants) = self.below(name);
        memo.key(READ_BACK, digest::of("table", &(table, said, sequences, grants)))
    }

    /// The table `name` with what belongs to it, and the privileges on these.
    fn alone(&self, name: &Name, table: &Table) -> Model {
        let (sequences, mut all) = self.below(name);
        all.extend(grants_of_table(self.model, name));
        let tables = BTreeMap::from([(name.clone(), table.clone())]);
        Model { tables, sequences, grants: all, ..Model::default() }
    }
}

/// The privileges on an object.
fn grants(model: &Model, object: &ObjectId) -> BTreeMap<GrantKey, Grant> {
    grants_of(model, object).map(|(key, grant)| (key.clone(), *grant)).collect()
}

/// Whether the statements about each of these tables, which get nothing from others, say all of it.
fn tell<'p>(
    open: &BTreeMap<&'p Name, Key>,
    belongings: &Belongings<'p>,
    product: &'p Product,
) -> BTreeMap<&'p Name, bool> {
    let mut texts: BTreeMap<&Name, Vec<&str>> = BTreeMap::new();
    let is_about = |run: &&Arc<Run>| {
        run.tables().any(|name| open.contains_key(name))
            || run.says_of_no_table() && open.keys().any(|name| belongings.sequences.contains_key(name))
    };
    for statement in product.creation().runs.iter().filter(is_about).flat_map(|run| product.statements(run)) {
        if let Some(table) = belongings.table(&statement.object).filter(|table| open.contains_key(table)) {
            texts.entry(table).or_default().push(&statement.sql);
        }
    }
    let tells = |(name, key): (&&'p Name, &Key)| {
        let (table, none) = (product.table(name), Vec::new());
        let says = |table: &Table| {
            let texts = texts.get(*name).unwrap_or(&none);
            product.tables()[*name].gets_from.is_empty()
                && *product.memo.share(*key, || say(texts, &belongings.alone(name, table)))
        };
        (*name, table.is_some_and(says))
    };
    open.par_iter().map(tells).collect()
}

/// Whether a text is made of parts, one for each run, that say the statements of those, and says nothing else.
fn in_parts(rendered: &Rendered, product: &Product) -> bool {
    let (parts, runs) = (&rendered.reads.parts, &product.creation().runs);
    let of_run = |(run, part): (&Arc<Run>, &Shown)| half(&run.digest) == part.shown;
    let printed = rendered.text.chunks().iter().filter_map(|chunk| match chunk {
        Chunk::Part(text) => Some(Arc::as_ptr(text)),
        Chunk::Own(_) => None,
    });
    let as_they_are = printed.eq(parts.iter().map(|part| Arc::as_ptr(&part.text)));
    if runs.len() != parts.len() || !runs.iter().zip(parts).all(of_run) || !as_they_are {
        return false;
    }
    let said = |(run, part): (&Arc<Run>, &Shown)| {
        let inputs = digest::of("said", &(run.digest, part.digest));
        let say = || tokens::says(&part.text, product.statements(run).iter().map(|statement| statement.sql.as_str()));
        *product.memo.share(product.memo.key(SAID, inputs), say)
    };
    tokens::says(&rendered.text.own(), []) && runs.par_iter().zip(parts).all(said)
}

/// What `text`, read as a whole, does not say as `model` does.
fn whole(piece: &Piece, text: &str, model: &Model) -> Vec<Diagnostic> {
    let read = lower::sql::lower(&[sql::parse(&piece.path, text)]);
    let errors = read.diagnostics.into_iter().filter(Diagnostic::is_error).map(|found| found.message);
    let changes = diff(model, &read.model).changes;
    // What is missing is missed wherever it is spoken of: once is enough.
    let lost: IndexSet<String> = errors.chain(changes.iter().map(ToString::to_string)).collect();
    let would = |lost| about(piece, format!("`{}` would not be the production schema: {lost}", piece.path));
    let more = lost.len().checked_sub(SHOWN).filter(|more| *more > 0);
    let more = more.map(|more| about(piece, format!("… and {more} more differences")));
    lost.into_iter().take(SHOWN).map(would).chain(more).collect()
}

fn about(piece: &Piece, message: String) -> Diagnostic {
    Diagnostic::new(Severity::Error, "schema-differs", message)
        .help(format!("let the template `{}` print every statement whole", piece.target.template))
}

/// Whether the statements that make the schema say just that: tables that stand by themselves are read by themselves, and
/// the others together. `false` only means that the whole has to be read.
fn read_back(product: &Product) -> bool {
    let (model, memo) = (&product.made().model, &product.memo);
    if !model.default_privileges.is_empty() {
        return false;
    }
    let (told, belongings) = (told(product), Belongings::of(product));
    let is_other = |object: &ObjectId| belongings.table(object).is_none_or(|table| !told.contains(table));
    let runs = product.creation().runs.iter().filter(|run| run.says_more_than_of(&told));
    let others = runs.flat_map(|run| product.statements(run)).filter(|statement| is_other(&statement.object));
    let texts: Vec<&str> = others.map(|statement| &*statement.sql).collect();
    let left = product.tables().keys().filter(|name| !told.contains(name));
    let left = left.filter_map(|name| Some((name.clone(), product.table(name)?.clone())));
    let mut rest = Model { tables: left.collect(), ..model.clone() };
    rest.grants.retain(|key, _| is_other(&key.object));
    rest.sequences.retain(|name, _| is_other(&ObjectId::Sequence(name.clone())));
    *memo.share(memo.key(READ_BACK, digest::of("rest", &(&texts, &rest))), || say(&texts, &rest))
}

/// The tables of which the statements about them say all.
fn told(product: &Product) -> BTreeSet<&Name> {
    let (memo, creation, belongings) = (&product.memo, product.creation(), Belongings::of(product));
    let key =
        |(name, hard): (_, &Hard)| Some((name, belongings.key(name, &hard.digest, &creation.said_of(name)?, memo)));
    let alone: Vec<(&Name, Key)> = alone(product).filter_map(key).collect();
    let known: Vec<Option<bool>> = alone.par_iter().map(|(_, key)| memo.held(*key).map(|told| *told)).collect();
    let (mut told, mut open) = (BTreeMap::new(), BTreeMap::new());
    for ((name, key), known) in alone.into_iter().zip(known) {
        match known {
            Some(known) => drop(told.insert(name, known)),
            None => drop(open.insert(name, key)),
        }
    }
    told.extend(tell(&open, &belongings, product));
    told.into_iter().filter(|(_, told)| *told).map(|(name, _)| name).collect()
}

/// Whether `texts` say what `model` does.
fn say(texts: &[&str], model: &Model) -> bool {
    let read = lower::sql::lower(&[sql::parse(&RepoPath::root(), &texts.join(";\n"))]);
    !read.diagnostics.iter().any(Diagnostic::is_error) && diff(model, &read.model).changes.is_empty()
}

/// The tables that get nothing from others, and give them nothing.
fn alone(product: &Product) -> impl Iterator<Item = (&Name, &Hard)> {
    let parents: BTreeSet<&Name> = product.tables().values().flat_map(|hard| &hard.gets_from).collect();
    product.tables().iter().filter(move |(name, hard)| hard.gets_from.is_empty() && !parents.contains(name))
}
