//! The statements that make the production schema, planned table by table: what a table says is worked out once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::views;
use crate::diff::privileges::grants_of;
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
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
#[derive(Debug, PartialEq)]
pub struct Run {
    /// What the first of them is about.
    pub name: String,
    /// The digest of what they say, and of how tables are laid out in them.
    pub digest: Digest,
    /// The statements.
    pub statements: Vec<Arc<Making>>,
    /// The stretches that they are put together from: what each is about, and its place.
    stretches: Vec<(Option<Name>, u8)>,
}

/// A schema, and what is known of it.
pub struct Schema<'a> {
    /// The schema.
    pub model: &'a Model,
    /// The digests of its tables.
    pub tables: &'a BTreeMap<Name, Digest>,
    /// The digests of how each is laid out.
    pub layouts: &'a BTreeMap<Name, Digest>,
    /// The digest of all but its tables.
    pub rest: Digest,
}

/// The statements that make a schema.
pub struct Creation {
    /// The statements, in their order.
    pub runs: Vec<Arc<Run>>,
    /// The digests of what is said about each table, where the tables were planned one by one.
    pub said: BTreeMap<Name, Digest>,
    parts: Option<Parts>,
}

/// What the statements are put together from, where the tables were planned one by one.
struct Parts {
    tables: BTreeMap<Name, Planned>,
    rest: Arc<Part>,
    /// The digest of all but the tables.
    of: Digest,
}

/// A table that was planned.
struct Planned {
    digest: Digest,
    layout: Option<Digest>,
    ties: Digest,
    late: BTreeSet<Ident>,
    key: Key,
    part: Arc<Part>,
}

impl Creation {
    /// All statements.
    pub fn statements(&self) -> impl Iterator<Item = &Arc<Making>> {
        self.runs.iter().flat_map(|run| &run.statements)
    }

    /// What becomes of these statements so that they make `schema`; `None` where their order may be another.
    pub fn follow(mut self, schema: &Schema<'_>, memo: &Memo) -> Option<Creation> {
        let parts = self.parts.as_mut().filter(|parts| parts.of == schema.rest)?;
        let mut changed: BTreeSet<Name> = BTreeSet::new();
        for ((name, planned), (digest, table)) in
            parts.tables.iter_mut().zip(schema.tables.values().zip(schema.model.tables.values()))
        {
            let layout = schema.layouts.get(name).copied();
            if planned.digest == *digest && planned.layout == layout {
                memo.touch(planned.key);
                continue;
            }
            let late = planned.late.iter().collect();
            let (key, part) = plan(schema.model, name, *digest, &late, memo);
            let places = |part: &Part| part.stretches(None).map(|stretch| stretch.place).collect::<Vec<_>>();
            let stays = planned.ties == creation::ties(table) && places(&part) == places(&planned.part);
            if !stays || !part.fits(&parts.rest) {
                return None;
            }
            self.said.insert(name.clone(), said(&part));
            *planned =
                Planned { digest: *digest, layout, key, part, late: std::mem::take(&mut planned.late), ..*planned };
            changed.insert(name.clone());
        }
        let is_other = |(name, _): &(Option<Name>, u8)| name.as_ref().is_some_and(|name| changed.contains(name));
        for run in self.runs.iter_mut().filter(|run| run.stretches.iter().any(is_other)) {
            *run = Arc::new(parts.run(&run.stretches)?);
        }
        Some(self)
    }
}

impl Parts {
    /// The statements of these stretches.
    fn run(&self, stretches: &[(Option<Name>, u8)]) -> Option<Run> {
        let find = |(table, place): &(Option<Name>, u8)| {
            let (name, part) = match table {
                Some(name) => self.tables.get_key_value(name).map(|(name, planned)| (Some(name), &planned.part))?,
                None => (None, &self.rest),
            };
            part.stretches(name).find(|stretch| stretch.place == *place)
        };
        let stretches: Vec<Stretch<'_>> = stretches.iter().map(find).collect::<Option<_>>()?;
        Run::of(&stretches, |name| self.tables.get(name)?.layout)
    }
}

/// Whether a run begins at what is named `name` and stands at `place`, as one of sixteen does. It follows from the name
/// alone, so that what comes or goes moves no other run.
pub fn begins_run(name: &impl Serialize, place: u8) -> bool {
    digest::of("begins", name).as_bytes()[usize::from(place) % 32].is_multiple_of(16)
}

/// The statements that make `schema` from nothing.
pub fn creation(schema: &Schema<'_>, memo: &Memo) -> Creation {
    parts(schema, memo).unwrap_or_else(|| {
        let layouts = digest::of("layouts", schema.layouts);
        let run = |run: &[Arc<Making>]| {
            let digest = digest::of("run", &(run, layouts));
            Arc::new(Run { name: first(run), digest, statements: run.to_vec(), stretches: Vec::new() })
        };
        let whole = creation::whole(schema.model);
        Creation { runs: whole.chunks(64).map(run).collect(), said: BTreeMap::new(), parts: None }
    })
}

fn parts(schema: &Schema<'_>, memo: &Memo) -> Option<Creation> {
    let outline = Outline::of(schema.model)?;
    let none = BTreeSet::new();
    let planned = |(name, digest): (&Name, &Digest)| {
        let late = outline.late.get(name).unwrap_or(&none);
        let (key, part) = plan(schema.model, name, *digest, late, memo);
        let (ties, layout) = (creation::ties(&schema.model.tables[name]), schema.layouts.get(name).copied());
        let late = late.iter().map(|name| (*name).clone()).collect();
        (name.clone(), Planned { digest: *digest, layout, ties, late, key, part })
    };
    let tables: BTreeMap<Name, Planned> = schema.tables.par_iter().map(planned).collect();
    let rest = memo.share(memo.key(PART, digest::of("rest", &schema.rest)), || creation::rest(schema.model));
    let parts = tables.iter().map(|(name, planned)| (name, planned.part.as_ref())).collect();
    let stretches = creation::assemble(&outline, &parts, &rest)?;
    let begins = |stretch: &Stretch<'_>| stretch.table.is_none_or(|name| begins_run(name, stretch.place));
    let runs = stretches.chunk_by(|_, next| !begins(next));
    let runs = runs.filter_map(|run| Run::of(run, |name| schema.layouts.get(name).copied())).map(Arc::new).collect();
    let said = tables.iter().map(|(name, planned)| (name.clone(), said(&planned.part))).collect();
    Some(Creation { runs, said, parts: Some(Parts { tables, rest, of: schema.rest }) })
}

/// The part of the table `name`, and the key under which it is remembered.
fn plan(schema: &Model, name: &Name, digest: Digest, late: &BTreeSet<&Ident>, memo: &Memo) -> (Key, Arc<Part>) {
    let key = memo.key(PART, digest::of("part", &(digest, late)));
    (key, memo.share(key, || creation::table(name, &schema.tables[name], grants(schema, name), late)))
}

/// The digest of what is said about a table.
fn said(part: &Part) -> Digest {
    digest::of("said", &part.said)
}

/// What the first of the statements is about.
fn first(statements: &[Arc<Making>]) -> String {
    statements.first().map(|first| views::about(&first.object)).unwrap_or_default()
}

impl Run {
    /// The run of these stretches, in which tables are laid out so; none where they say nothing.
    fn of(stretches: &[Stretch<'_>], layout: impl Fn(&Name) -> Option<Digest>) -> Option<Run> {
        let statements: Vec<Arc<Making>> =
            stretches.iter().copied().flat_map(Stretch::statements).map(Arc::clone).collect();
        let said = |stretch: &Stretch<'_>| {
            let laid_out = stretch.table.filter(|_| stretch.place == 0).and_then(&layout);
            (stretch.said, stretch.place, laid_out)
        };
        let digest = digest::of("run", &stretches.iter().map(said).collect::<Vec<_>>());
        let stretches = stretches.iter().map(|stretch| (stretch.table.cloned(), stretch.place)).collect();
        (!statements.is_empty()).then(|| Run { name: first(&statements), digest, statements, stretches })
    }
}
