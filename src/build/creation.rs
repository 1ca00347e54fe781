//! The statements that make the production schema, planned table by table: what a table says is worked out once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::views;
use crate::diff::privileges::grants_of;
use crate::digest::{self, Digest};
use crate::memo::{Memo, Query};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::security::{Grant, GrantKey};
use crate::model::table::Table;
use crate::plan::creation::{self, Making, Outline, Part, Stretch};

const PART: Query = Query { name: "create", version: 3 };

/// The privileges on a table.
pub fn grants(schema: &Model, table: &Name) -> BTreeMap<GrantKey, Grant> {
    let object = ObjectId::Table(table.clone());
    grants_of(schema, &object).map(|(key, grant)| (key.clone(), *grant)).collect()
}

/// The digest of each table of `schema`, with the privileges on it.
pub fn digests(schema: &Model) -> BTreeMap<Name, Digest> {
    schema.tables.par_iter().map(|(name, table)| (name.clone(), digest(schema, name, table))).collect()
}

/// The digest of `table` as that of this name in `schema`.
pub fn digest(schema: &Model, name: &Name, table: &Table) -> Digest {
    digest::of("table", &(name, table, grants(schema, name)))
}

/// The digest of all of `schema` but its tables.
pub fn rest(schema: &Model) -> Digest {
    let mut rest = schema.without_tables();
    rest.grants.retain(|key, _| !matches!(key.object, ObjectId::Table(_)));
    digest::of("all but tables", &(rest, schema.tables.keys().collect::<Vec<_>>()))
}

/// Some dozen statements that stand together: an output of thousands of tables is laid out run by run. A table that
/// changes changes the runs that it is in.
#[derive(Debug)]
pub struct Run {
    /// What the first of them is about.
    pub name: String,
    /// The digest of what they say, and of how tables are laid out in them.
    pub digest: Digest,
    /// The statements.
    pub statements: Vec<Arc<Making>>,
}

/// The statements that make a schema.
#[derive(Debug)]
pub struct Creation {
    /// The statements, in their order.
    pub runs: Vec<Arc<Run>>,
    /// The digests of what is said about each table, where the tables were planned one by one.
    pub said: BTreeMap<Name, Digest>,
}

impl Creation {
    /// All statements.
    pub fn statements(&self) -> impl Iterator<Item = &Arc<Making>> {
        self.runs.iter().flat_map(|run| &run.statements)
    }
}

/// Whether a run begins at what is named `name` and stands at `place`, as one of sixteen does. It follows from the name
/// alone, so that what comes or goes moves no other run.
pub fn begins_run(name: &impl Serialize, place: u8) -> bool {
    digest::of("begins", name).as_bytes()[usize::from(place) % 32].is_multiple_of(16)
}

/// The statements that make `schema` from nothing; `digests` are those of its tables, `layouts` those of how each is laid
/// out.
pub fn creation(
    schema: &Model,
    digests: &BTreeMap<Name, Digest>,
    layouts: &BTreeMap<Name, Digest>,
    memo: &Memo,
) -> Creation {
    parts(schema, digests, layouts, memo).unwrap_or_else(|| {
        let whole = creation::whole(schema);
        let layouts = digest::of("layouts", layouts);
        let run = |run: &[Arc<Making>]| Arc::new(Run::of(digest::of("run", &(run, layouts)), run.to_vec()));
        Creation { runs: whole.chunks(64).map(run).collect(), said: BTreeMap::new() }
    })
}

fn parts(
    schema: &Model,
    digests: &BTreeMap<Name, Digest>,
    layouts: &BTreeMap<Name, Digest>,
    memo: &Memo,
) -> Option<Creation> {
    let outline = Outline::of(schema)?;
    let none = BTreeSet::new();
    let tables: BTreeMap<&Name, Arc<Part>> = digests
        .par_iter()
        .map(|(name, digest)| {
            let late = outline.late.get(name).unwrap_or(&none);
            let make = || creation::table(name, &schema.tables[name], grants(schema, name), late);
            (name, memo.share(memo.key(PART, digest::of("part", &(digest, late))), make))
        })
        .collect();
    let rest = memo.share(memo.key(PART, digest::of("rest", &rest(schema))), || creation::rest(schema));
    let parts = tables.iter().map(|(name, part)| (*name, part.as_ref())).collect();
    let stretches = creation::assemble(&outline, &parts, &rest)?;
    let begins = |stretch: &Stretch<'_>| stretch.table.is_none_or(|name| begins_run(name, stretch.place));
    let said = |stretch: &Stretch<'_>| {
        let laid_out = stretch.table.filter(|_| stretch.place == 0).and_then(|name| layouts.get(name));
        (stretch.said, stretch.place, laid_out)
    };
    let runs = stretches.chunk_by(|_, next| !begins(next));
    let run = |run: &[Stretch<'_>]| {
        let statements: Vec<Arc<Making>> = run.iter().copied().flat_map(Stretch::statements).cloned().collect();
        let digest = digest::of("run", &run.iter().map(said).collect::<Vec<_>>());
        (!statements.is_empty()).then(|| Arc::new(Run::of(digest, statements)))
    };
    let said = tables.iter().map(|(name, part)| ((*name).clone(), digest::of("said", &part.said))).collect();
    Some(Creation { runs: runs.filter_map(run).collect(), said })
}

impl Run {
    fn of(digest: Digest, statements: Vec<Arc<Making>>) -> Run {
        let name = statements.first().map(|first| views::about(&first.object)).unwrap_or_default();
        Run { name, digest, statements }
    }
}
