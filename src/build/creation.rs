//! The statements that make the production schema, planned table by table: what a table says is worked out once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::hardened::Hard;
use super::product::Product;
use super::views;
use crate::diff::privileges::grants_of_table;
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::security::{Grant, GrantKey};
use crate::model::table::Table;
use crate::plan::creation::{self, Making, Outline, Part, Stretch};

pub(super) const PART: Query = Query { name: "create", version: 4 };

/// The privileges on a table, and on the sequences behind its identities.
pub fn grants(schema: &Model, table: &Name) -> BTreeMap<GrantKey, Grant> {
    grants_of_table(schema, table)
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
#[derive(Debug, Serialize, Deserialize)]
pub struct Run {
    /// What the first of them is about.
    pub name: String,
    /// The digest of what they say, and of how tables are laid out in them.
    pub digest: Digest,
    /// The stretches that they are put together from: what each is about, and its place.
    stretches: Vec<(Option<Name>, u8)>,
    #[serde(skip)]
    statements: OnceLock<Vec<Arc<Making>>>,
}

/// The statements that make a schema.
#[derive(Clone, Serialize, Deserialize)]
pub struct Creation {
    /// The statements, in their order.
    pub runs: Vec<Arc<Run>>,
    /// What they are put together from, where the tables were planned one by one.
    pub parts: Option<Parts>,
}

/// What the statements are put together from.
#[derive(Clone, Serialize, Deserialize)]
pub struct Parts {
    tables: BTreeMap<Name, Planned>,
    /// Under which the memo knows the part of all but the tables, and the digest of that.
    rest: (Key, Digest),
}

/// A table that was planned.
#[derive(Clone, Serialize, Deserialize)]
struct Planned {
    digest: Digest,
    layout: Digest,
    ties: Digest,
    late: BTreeSet<Ident>,
    said: Digest,
    /// Under which the memo knows its part.
    key: Key,
}

impl Creation {
    /// The statements that make production from nothing.
    pub fn of(product: &Product) -> Creation {
        Creation::by_parts(product).unwrap_or_else(|| {
            let schema = product.schema();
            let layouts: Vec<&Digest> = product.tables().values().map(|hard| &hard.layout).collect();
            let run = |run: &[Arc<Making>]| {
                let (digest, statements) = (digest::of("run", &(run, &layouts)), OnceLock::from(run.to_vec()));
                Arc::new(Run { name: first(run), digest, stretches: Vec::new(), statements })
            };
            Creation { runs: creation::whole(schema).chunks(64).map(run).collect(), parts: None }
        })
    }

    fn by_parts(product: &Product) -> Option<Creation> {
        let (schema, memo) = (product.schema(), &product.memo);
        let outline = Outline::of(schema)?;
        let none = BTreeSet::new();
        let planned = |(name, hard): (&Name, &Hard)| {
            let (table, late) = (&schema.tables[name], outline.late.get(name).unwrap_or(&none));
            let (key, part) = plan(schema, name, table, hard.digest, late, memo);
            let late = late.iter().map(|name| (*name).clone()).collect();
            let ties = creation::ties(table);
            let planned = Planned { digest: hard.digest, layout: hard.layout, ties, late, said: said(&part), key };
            (name.clone(), (planned, part))
        };
        let tables: Vec<(Name, (Planned, Arc<Part>))> = product.tables().par_iter().map(planned).collect();
        let of = product.made().rest;
        let key = memo.key(PART, digest::of("rest", &of));
        let rest = memo.share(key, || creation::rest(schema));
        let parts = tables.iter().map(|(name, (_, part))| (name, part.as_ref())).collect();
        let stretches = creation::assemble(&outline, &parts, &rest)?;
        let begins = |stretch: &Stretch<'_>| stretch.table.is_none_or(|name| begins_run(name, stretch.place));
        let runs = stretches.chunk_by(|_, next| !begins(next));
        let layout = |name: &Name| product.tables().get(name).map(|hard| hard.layout);
        let runs = runs.filter_map(|run| Run::of(run, layout)).map(Arc::new).collect();
        let tables = tables.into_iter().map(|(name, (planned, _))| (name, planned)).collect();
        Some(Creation { runs, parts: Some(Parts { tables, rest: (key, of) }) })
    }

    /// The digests of what is said about each table, where the tables were planned one by one.
    pub fn said(&self) -> impl Iterator<Item = (&Name, Digest)> {
        self.parts.iter().flat_map(|parts| &parts.tables).map(|(name, planned)| (name, planned.said))
    }

    /// The digest of what is said about a table.
    pub fn said_of(&self, name: &Name) -> Option<Digest> {
        Some(self.parts.as_ref()?.tables.get(name)?.said)
    }

    /// The statements of `run`, one of these, put together from what the memo knows.
    pub fn find(&self, run: &Run, memo: &Memo) -> Option<Vec<Arc<Making>>> {
        let parts = self.parts.as_ref()?;
        let found = parts.gather(&run.stretches, memo)?;
        let stretches = parts.stretches(&run.stretches, &found)?;
        Some(stretches.into_iter().flat_map(Stretch::statements).cloned().collect())
    }

    /// What becomes of these statements so that they make `product`; `None` where their order may be another.
    pub fn follow(mut self, product: &Product) -> Option<Creation> {
        let memo = &product.memo;
        let parts = self.parts.as_mut().filter(|parts| parts.rest.1 == product.made().rest)?;
        let changed = parts.follow(product)?;
        let is_other = |(name, _): &(Option<Name>, u8)| name.as_ref().is_some_and(|name| changed.contains(name));
        for run in self.runs.iter_mut().filter(|run| run.stretches.iter().any(is_other)) {
            let found = parts.gather(&run.stretches, memo)?;
            let stretches = parts.stretches(&run.stretches, &found)?;
            *run = Arc::new(Run::of(&stretches, |name| Some(parts.tables.get(name)?.layout))?);
        }
        Some(self)
    }
}

impl Parts {
    /// Notes that the parts are relied upon.
    pub fn touch(&self, memo: &Memo) {
        let keys = self.tables.values().map(|planned| planned.key).chain([self.rest.0]);
        keys.for_each(|key| memo.touch(key));
    }

    /// Plans the tables that are others in `product`, and says which.
    fn follow(&mut self, product: &Product) -> Option<BTreeSet<Name>> {
        let (memo, mut changed) = (&product.memo, BTreeSet::new());
        for ((name, planned), hard) in self.tables.iter_mut().zip(product.tables().values()) {
            if (planned.digest, planned.layout) == (hard.digest, hard.layout) {
                continue;
            }
            let (table, before) = (product.table(name)?, memo.held::<Part>(planned.key)?);
            let late = planned.late.iter().collect();
            let (key, part) = plan(&product.made().model, name, table, hard.digest, &late, memo);
            let places = |part: &Part| part.stretches(None).map(|stretch| stretch.place).collect::<Vec<_>>();
            let stays = planned.ties == creation::ties(table) && places(&part) == places(&before);
            if !stays || !part.fits(&*memo.held::<Part>(self.rest.0)?) {
                return None;
            }
            (planned.digest, planned.layout, planned.said, planned.key) = (hard.digest, hard.layout, said(&part), key);
            changed.insert(name.clone());
        }
        Some(changed)
    }

    /// The parts that these stretches are of.
    fn gather(&self, stretches: &[(Option<Name>, u8)], memo: &Memo) -> Option<BTreeMap<Option<Name>, Arc<Part>>> {
        let of: BTreeSet<&Option<Name>> = stretches.iter().map(|(name, _)| name).collect();
        let part = |name: &Option<Name>| {
            let key = name.as_ref().map_or(Some(self.rest.0), |name| Some(self.tables.get(name)?.key))?;
            Some((name.clone(), memo.held::<Part>(key)?))
        };
        of.into_iter().map(part).collect()
    }

    /// The stretches themselves.
    fn stretches<'p>(
        &'p self,
        places: &[(Option<Name>, u8)],
        parts: &'p BTreeMap<Option<Name>, Arc<Part>>,
    ) -> Option<Vec<Stretch<'p>>> {
        let find = |(table, place): &(Option<Name>, u8)| {
            let (name, part) = parts.get_key_value(table)?;
            part.stretches(name.as_ref()).find(|stretch| stretch.place == *place)
        };
        places.iter().map(find).collect()
    }
}

/// Whether a run begins at what is named `name` and stands at `place`, as one of sixteen does. It follows from the name
/// alone, so that what comes or goes moves no other run.
fn begins_run(name: &impl Serialize, place: u8) -> bool {
    digest::of("begins", name).as_bytes()[usize::from(place) % 32].is_multiple_of(16)
}

/// The part of the table `name`, and the key under which it is remembered; the privileges on it are those of `schema`.
fn plan(
    schema: &Model,
    name: &Name,
    table: &Table,
    digest: Digest,
    late: &BTreeSet<&Ident>,
    memo: &Memo,
) -> (Key, Arc<Part>) {
    let key = memo.key(PART, digest::of("part", &(digest, late)));
    (key, memo.share(key, || creation::table(name, table, grants(schema, name), late)))
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
    /// The statements, which `find` finds where that was not done yet.
    pub fn statements(&self, find: impl FnOnce() -> Vec<Arc<Making>>) -> &[Arc<Making>] {
        if let Some(statements) = self.statements.get() {
            return statements;
        }
        // Outside of the cell: what is made there must not wait for other work.
        let found = find();
        self.statements.get_or_init(|| found)
    }

    /// Whether it says something about others than these tables.
    pub fn says_more_than_of(&self, tables: &BTreeSet<&Name>) -> bool {
        let is_one = |name: &Option<Name>| name.as_ref().is_some_and(|name| tables.contains(name));
        self.stretches.is_empty() || !self.stretches.iter().all(|(name, _)| is_one(name))
    }

    /// Whether some of it is about no table.
    pub fn says_of_no_table(&self) -> bool {
        self.stretches.iter().any(|(name, _)| name.is_none())
    }

    /// The tables that they are about.
    pub fn tables(&self) -> impl Iterator<Item = &Name> {
        self.stretches.iter().filter_map(|(name, _)| name.as_ref())
    }

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
        let name = first(&statements);
        (!statements.is_empty()).then(|| Run { name, digest, stretches, statements: OnceLock::from(statements) })
    }
}
