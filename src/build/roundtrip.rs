//! Reads the production schema back after rendering: a template may lay it out as it likes, and may lose nothing.
//!
//! A text that is the statements, laid out, says what they say; so that is looked at first. What the statements say is
//! read back object by object, and what was once read back is known. Only a text that is something else, from a
//! template of the team's own that writes its own SQL, is read as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::creation::{Run, grants};
use super::pieces::Piece;
use super::shared::Shared;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::diff;
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::lower;
use crate::model::name::Name;
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::render::engine::Rendered;
use crate::render::facts::scalar::{Short, half};
use crate::syntax::sql::{self, tokens};

/// The built-in target whose output has to say what the model says.
pub const TARGET: &str = "production";

/// Whether statements say what they were written for.
const READ_BACK: Query = Query { name: "read back", version: 2 };

/// Whether a part of the text says the statements that it shows.
const SAID: Query = Query { name: "said", version: 1 };

/// How many differences are named one by one.
const SHOWN: usize = 10;

/// What a build leaves for the next one of the same process.
const LEFT: &str = "read back";

/// What was found to be said, where each table's statements say all of it.
struct Told {
    /// The text of each run.
    parts: BTreeMap<Digest, Arc<str>>,
    /// Each table, by its digest and that of what is said about it, with the key under which the memo knows that.
    tables: BTreeMap<Name, (Digest, Digest, Key)>,
    /// All but the tables.
    rest: Digest,
}

/// What a text does not say as the schema does; nothing when it says the same.
pub fn losses(piece: &Piece, rendered: &Rendered, production: &Shared, memo: &Memo) -> Vec<Diagnostic> {
    let creation = production.creation();
    let before = memo.take_left::<Told>(LEFT);
    let statements = creation.statements().map(|statement| statement.sql.as_str());
    let parts = in_parts(rendered, &creation.runs, before.as_deref(), memo);
    let still = before.as_deref().is_some_and(|told| told.is_told_still(production, memo));
    if (parts || tokens::says(&rendered.text, statements)) && (still || read_back(production, memo)) {
        if parts && (still || told(production, memo).len() == production.tables().len()) {
            let told = Told::of(before.as_deref(), rendered, production, memo);
            told.into_iter().for_each(|told| memo.leave(LEFT, Arc::new(told)));
        }
        return Vec::new();
    }
    whole(piece, &rendered.text, production.schema())
}

impl Told {
    /// What is told by a text that says all of `production` run by run, each table by itself; some of it as `before`.
    fn of(before: Option<&Told>, rendered: &Rendered, production: &Shared, memo: &Memo) -> Option<Told> {
        let creation = production.creation();
        let runs = creation.runs.iter().map(|run| run.digest);
        let parts = runs.zip(rendered.reads.parts.iter().map(|(_, part)| Arc::clone(part))).collect();
        let table = |(name, digest): (&Name, &Digest)| {
            let said = creation.said.get(name)?;
            let known = before.and_then(|told| told.tables.get(name)).copied();
            let known = known.filter(|(of, by, _)| (of, by) == (digest, said));
            Some((name.clone(), known.unwrap_or_else(|| (*digest, *said, table_key(digest, said, memo)))))
        };
        let tables = production.tables().iter().map(table).collect::<Option<_>>()?;
        Some(Told { parts, tables, rest: production.rest() })
    }

    /// Whether this, with what is said anew about some of the same tables, is all of `production`.
    fn is_told_still(&self, production: &Shared, memo: &Memo) -> bool {
        let (model, creation) = (production.schema(), production.creation());
        let names = self.tables.keys().eq(production.tables().keys());
        let told = |((name, before), digest): ((&Name, &(Digest, Digest, Key)), &Digest)| {
            let Some(said) = creation.said.get(name) else { return false };
            if (before.0, before.1) == (*digest, *said) {
                memo.touch(before.2);
                return true;
            }
            let read = || {
                let statements = creation.statements().filter(|it| it.object.table() == Some(name));
                says(&statements.map(|it| it.sql.as_str()).collect::<Vec<_>>(), model, name)
            };
            gets_nothing(&model.tables[name]) && *memo.share(table_key(digest, said, memo), read)
        };
        self.rest == production.rest() && names && self.tables.iter().zip(production.tables().values()).all(told)
    }
}

fn table_key(table: &Digest, said: &Digest, memo: &Memo) -> Key {
    memo.key(READ_BACK, digest::of("table", &(Some(table), said)))
}

/// Whether a text is made of parts, one for each run, that say the statements of those, and says nothing else.
fn in_parts(rendered: &Rendered, runs: &[Arc<Run>], before: Option<&Told>, memo: &Memo) -> bool {
    let parts = &rendered.reads.parts;
    let same = |(run, (shown, _)): (&Arc<Run>, &(Short, Arc<str>))| half(&run.digest) == *shown;
    if runs.len() != parts.len() || !runs.iter().zip(parts).all(same) {
        return false;
    }
    let (mut around, mut rest) = (String::new(), rendered.text.as_str());
    for (_, part) in parts {
        // As a rule one part follows the other, and a search for a long text is dear.
        let at = if rest.starts_with(&**part) { Some(0) } else { rest.find(&**part) };
        let Some(at) = at else { return false };
        around.push_str(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    around.push_str(rest);
    let said = |(run, (_, part)): (&Arc<Run>, &(Short, Arc<str>))| {
        if before.and_then(|told| told.parts.get(&run.digest)).is_some_and(|known| Arc::ptr_eq(known, part)) {
            return true;
        }
        let inputs = digest::of("said", &(run.digest, digest::bytes(part.as_bytes())));
        let say = || tokens::says(part, run.statements.iter().map(|statement| statement.sql.as_str()));
        *memo.share(memo.key(SAID, inputs), say)
    };
    tokens::says(&around, []) && runs.par_iter().zip(parts).all(said)
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
        .help(format!("let the template `{}` print every statement whole", piece.template))
}

/// Whether the statements that make the schema say just that: tables that stand by themselves are read by themselves, and
/// the others together. `false` only means that the whole has to be read.
fn read_back(production: &Shared, memo: &Memo) -> bool {
    let model = production.schema();
    if !model.default_privileges.is_empty() {
        return false;
    }
    let told = told(production, memo);
    let others = |object: &ObjectId| object.table().is_none_or(|table| !told.contains(table));
    let texts: Vec<&str> =
        production.creation().statements().filter(|it| others(&it.object)).map(|it| &*it.sql).collect();
    let grants = model.grants.iter().filter(|(key, _)| others(&key.object));
    let left = model.tables.iter().filter(|(name, _)| !told.contains(name));
    let rest = Model {
        tables: left.map(|(name, table)| (name.clone(), table.clone())).collect(),
        grants: grants.map(|(key, grant)| (key.clone(), *grant)).collect(),
        ..model.without_tables()
    };
    *memo.share(memo.key(READ_BACK, digest::of("rest", &(&texts, &rest))), || say(&texts, &rest))
}

/// The tables of which the statements about them say all.
fn told<'p>(production: &'p Shared, memo: &Memo) -> IndexSet<&'p Name> {
    let (model, creation) = (production.schema(), production.creation());
    let key = |name: &'p Name| Some((name, table_key(production.tables().get(name)?, creation.said.get(name)?, memo)));
    let alone: Vec<(&Name, Key)> = alone(model).into_iter().filter_map(key).collect();
    let known: Vec<Option<bool>> = alone.par_iter().map(|(_, key)| memo.held(*key).map(|told| *told)).collect();
    let open: IndexSet<&Name> =
        alone.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|((name, _), _)| *name).collect();
    let mut texts: IndexMap<&Name, Vec<&str>> = IndexMap::new();
    for statement in creation.statements() {
        if let Some(table) = statement.object.table().filter(|table| open.contains(table)) {
            texts.entry(table).or_default().push(&statement.sql);
        }
    }
    let tells = |((name, key), known): (&(&'p Name, Key), &Option<bool>)| {
        known.unwrap_or_else(|| *memo.share(*key, || says(&texts[name], model, name))).then_some(*name)
    };
    let told: Vec<&Name> = alone.par_iter().zip(&known).filter_map(tells).collect();
    told.into_iter().collect()
}

/// Whether `texts` say what `model` does of one table.
fn says(texts: &[&str], model: &Model, name: &Name) -> bool {
    let tables = BTreeMap::from([(name.clone(), model.tables[name].clone())]);
    say(texts, &Model { tables, grants: grants(model, name), ..Model::default() })
}

/// Whether `texts` say what `model` does.
fn say(texts: &[&str], model: &Model) -> bool {
    let read = lower::sql::lower(&[sql::parse(&RepoPath::root(), &texts.join(";\n"))]);
    !read.diagnostics.iter().any(Diagnostic::is_error) && diff(model, &read.model).changes.is_empty()
}

/// The tables that get nothing from others.
fn alone(model: &Model) -> Vec<&Name> {
    let parents: BTreeSet<&Name> = model
        .tables
        .values()
        .flat_map(|table| table.inherits.iter().chain(table.partition_of.as_ref().map(|of| &of.parent)))
        .collect();
    let own = model.tables.iter().filter(|(name, table)| gets_nothing(table) && !parents.contains(name));
    own.map(|(name, _)| name).collect()
}

fn gets_nothing(table: &Table) -> bool {
    table.partition_of.is_none() && table.inherits.is_empty()
}
