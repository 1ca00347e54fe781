//! What a view of the data model is known by, without what it says: digests, and what refers to what.
//!
//! Most of a build asks for no more: which tables there are, and whether anything is what it was.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::load;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::model::lower::Lowered;
use crate::model::name::{Name, Names};
use crate::model::table::Table;

/// What a view is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Its model.
    pub model: Digest,
    /// All of the model but its tables.
    pub rest: Digest,
    /// Its tables.
    pub tables: BTreeMap<Name, TableMark>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The tables that an error among that may be about.
    pub poisoned: BTreeSet<Name>,
}

/// What a table is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableMark {
    /// All that is said about it.
    pub digest: Digest,
    /// The tables that it refers to.
    pub refers: Names,
    /// The tables that it gets fields from.
    pub gets_from: Names,
    /// What it is for.
    pub doc: Digest,
}

impl Marks {
    /// What `lowered` is known by.
    pub fn of(lowered: &Lowered) -> Marks {
        let tables = lowered.model.tables.iter().map(|(name, table)| (name.clone(), TableMark::of(table))).collect();
        let rest = digest::of("rest", &lowered.model.without_tables());
        let poisoned = load::poisoned(&lowered.diagnostics, &lowered.origins);
        let mut marks = Marks { model: rest, rest, tables, diagnostics: lowered.diagnostics.clone(), poisoned };
        marks.seal();
        marks
    }

    /// Sets the digest of the whole by those of its parts.
    pub fn seal(&mut self) {
        self.model = digest::of("model", &(&self.rest, &self.tables));
    }

    /// The tables of which something else is said than in `before`; `None` where more than that differs: which tables there
    /// are, what they refer to and get fields from, what is no table.
    pub fn changed_since(&self, before: &Marks) -> Option<BTreeSet<Name>> {
        if self.model == before.model {
            return Some(BTreeSet::new());
        }
        if self.rest != before.rest || self.tables.len() != before.tables.len() {
            return None;
        }
        let mut changed = BTreeSet::new();
        for ((name, mark), (old_name, old)) in self.tables.iter().zip(&before.tables) {
            if name != old_name || (&mark.refers, &mark.gets_from) != (&old.refers, &old.gets_from) {
                return None;
            }
            if mark.digest != old.digest {
                changed.insert(name.clone());
            }
        }
        Some(changed)
    }

    /// Whether a table is one of `entities`, or refers to one.
    pub fn rest_on(&self, entities: &BTreeSet<Name>) -> bool {
        let on = |(name, mark): (&Name, &TableMark)| entities.contains(name) || !mark.refers.is_disjoint(entities);
        !entities.is_empty() && self.tables.iter().any(on)
    }
}

impl TableMark {
    /// What `table` is known by.
    pub fn of(table: &Table) -> TableMark {
        let keys = table.constraints.values().filter_map(|it| Some(it.foreign_key()?.table.clone()));
        let doc = digest::of("doc", &(&table.doc, &table.comment));
        let gets_from = table.gets_from().cloned().collect();
        TableMark { digest: digest::of("table", table), refers: keys.collect(), gets_from, doc }
    }
}
