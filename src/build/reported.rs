//! What hardening reports tell of each table of production, known by what is claimed: production need not be made to find
//! that no report is another.
//!
//! It is remembered anew with each edit of a schema, so after an edit only of the tables of which something else is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::hardened::{Hardened, Yield};
use crate::digest::Digest;
use crate::memo::{Memo, Query};
use crate::model::name::Name;

/// What is remembered under the basis of the claims.
pub(super) const REPORTED: Query = Query { name: "reported", version: 1 };

/// Edits that are remembered one over the other.
const STEPS: usize = 32;

/// What reports tell of each table, as a digest.
pub type Reported = BTreeMap<Name, Digest>;

/// What is told of these tables, and of others as there was told of what was claimed before.
#[derive(Serialize, Deserialize)]
struct Step {
    tables: Reported,
    /// The basis of that, if there are others; and in how many steps all is told.
    over: Option<Digest>,
    steps: usize,
}

/// What reports tell of what was `made`.
pub fn of(made: &Yield) -> Reported {
    made.tables.iter().map(|(name, hard)| (name.clone(), hard.reported)).collect()
}

/// Remembers what reports tell of what was `made`, which may have followed from `over`.
pub fn remember(made: &Hardened, over: Option<&Hardened>, memo: &Memo) {
    let over = over.map(|over| (over.said.basis, of(&over.made)));
    keep(made.said.basis, of(&made.made), over, memo);
}

/// What reports tell by the claims with this basis, as far as all of it is remembered.
pub fn known(basis: Digest, memo: &Memo) -> Option<Reported> {
    let (mut told, mut basis) = (Reported::new(), basis);
    for _ in 0..=STEPS {
        let step = step(basis, memo)?;
        for (name, digest) in &step.tables {
            told.entry(name.clone()).or_insert(*digest);
        }
        let Some(over) = step.over else { return Some(told) };
        basis = over;
    }
    None
}

fn keep(basis: Digest, mut tables: Reported, over: Option<(Digest, Reported)>, memo: &Memo) {
    let is_there = step(basis, memo).is_some();
    if is_there && known(basis, memo).is_some() {
        return;
    }
    // What was remembered and is not found may lead to something that is lost, or around: then all is told here.
    let over = over.filter(|_| !is_there);
    let steps = |over: &Digest| step(*over, memo).map(|step| step.steps + 1).filter(|steps| *steps <= STEPS);
    let over = over.and_then(|(over, before)| Some((steps(&over)?, over, before)));
    if let Some((.., before)) = &over {
        tables.retain(|name, told| before.get(name) != Some(told));
    }
    let (over, steps) = over.map_or((None, 0), |(steps, over, _)| (Some(over), steps));
    memo.hold(memo.key(REPORTED, basis), Arc::new(Step { tables, over, steps }));
}

fn step(basis: Digest, memo: &Memo) -> Option<Arc<Step>> {
    memo.held(memo.key(REPORTED, basis))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{REPORTED, Reported, STEPS, Step, keep, known, step};
    use crate::build::ENGINE;
    use crate::digest::{self, Digest};
    use crate::memo::Memo;
    use crate::model::name::Name;

    /// The basis after so many edits, each of which changed one of ten tables, and what is told then.
    fn after(edits: usize) -> (Digest, Reported) {
        let told = |table: usize| digest::of("told", &(table, (edits + 9 - table) / 10));
        let tables = (0..10).map(|table| (Name::local(format!("t{table}")), told(table)));
        (digest::of("basis", &edits), tables.collect())
    }

    #[test]
    fn what_is_told_is_found_through_the_edits() {
        let folder = tempfile::tempdir().unwrap();
        let memo = Memo::open(folder.path(), ENGINE);
        for edits in 0..100 {
            let ((basis, told), over) = (after(edits), edits.checked_sub(1).map(after));
            keep(basis, told, over, &memo);
        }
        assert!(memo.commit().is_none());
        let memo = Memo::open(folder.path(), ENGINE);
        for edits in 0..100 {
            let (basis, told) = after(edits);
            assert_eq!(known(basis, &memo), Some(told), "{edits}");
            let stored = step(basis, &memo).unwrap();
            assert_eq!(stored.tables.len(), if edits % (STEPS + 1) == 0 { 10 } else { 1 }, "{edits}");
        }
    }

    #[test]
    fn what_leads_nowhere_or_around_tells_nothing_and_is_told_anew() {
        let folder = tempfile::tempdir().unwrap();
        let memo = Memo::open(folder.path(), ENGINE);
        let [(one, told), (two, after_two), (three, after_three)] = [0, 1, 2].map(after);
        assert_eq!(known(one, &memo), None);
        keep(two, after_two.clone(), Some((one, told)), &memo);
        assert_eq!(known(two, &memo), Some(after_two.clone()), "of the one before nothing was known");
        let lead = |basis: Digest, over: Digest| {
            let lost = Step { tables: Reported::new(), over: Some(over), steps: 1 };
            memo.hold(memo.key(REPORTED, basis), Arc::new(lost));
        };
        for (over, why) in [(digest::bytes(b"lost"), "nowhere"), (two, "around"), (three, "around by another")] {
            lead(two, over);
            lead(three, two);
            assert_eq!((known(two, &memo), known(three, &memo)), (None, None), "{why}");
            keep(three, after_three.clone(), Some((two, after_two.clone())), &memo);
            assert_eq!(known(three, &memo), Some(after_three.clone()), "{why}");
        }
    }
}
