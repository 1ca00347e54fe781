//! The statements that make the production schema, planned table by table: what a table says is worked out once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use crate::diff::facts::grants_of;
use crate::digest::{self, Digest};
use crate::memo::{Memo, Query};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::security::{Grant, GrantKey};
use crate::model::table::Table;
use crate::plan::creation::{self, Making, Outline, Part};

const PART: Query = Query { name: "create", version: 1 };

/// The privileges on a table.
pub fn grants(schema: &Model, table: &Name) -> BTreeMap<GrantKey, Grant> {
    let object = ObjectId::Table(table.clone());
    grants_of(schema, &object).map(|(key, grant)| (key.clone(), *grant)).collect()
}

/// The digest of each table of `schema`, with the privileges on it.
pub fn digests(schema: &Model) -> BTreeMap<Name, Digest> {
    let digest =
        |(name, table): (&Name, &Table)| (name.clone(), digest::of("table", &(name, table, grants(schema, name))));
    schema.tables.par_iter().map(digest).collect()
}

/// The digest of all of `schema` but its tables.
pub fn rest(schema: &Model) -> Digest {
    let mut rest = schema.without_tables();
    rest.grants.retain(|key, _| !matches!(key.object, ObjectId::Table(_)));
    digest::of("all but tables", &(rest, schema.tables.keys().collect::<Vec<_>>()))
}

/// The statements that make `schema` from nothing; `digests` are those of its tables.
pub fn statements(schema: &Model, digests: &BTreeMap<Name, Digest>, memo: &Memo) -> Vec<Arc<Making>> {
    parts(schema, digests, memo).unwrap_or_else(|| creation::whole(schema))
}

fn parts(schema: &Model, digests: &BTreeMap<Name, Digest>, memo: &Memo) -> Option<Vec<Arc<Making>>> {
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
    let tables = tables.iter().map(|(name, part)| (*name, part.as_ref())).collect();
    creation::assemble(&outline, &tables, &rest)
}
