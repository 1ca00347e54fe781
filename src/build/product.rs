//! Production, as far as somebody has asked for it.
//!
//! What it is made from is known by digests, and what an earlier build left follows from there to what is claimed now. What
//! that did not touch is read where it is shown; and where something of it is lost, all of production is made.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::creation::{Creation, Run};
use super::hardened::{Detail, Hard, Hardened, Whole, Yield};
use super::merged::Claims;
use super::reported::{self, Reported};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::memo::Memo;
use crate::model::Model;
use crate::model::name::Name;
use crate::model::table::Table;
use crate::plan::creation::Making;
use crate::render::view::TableReport;

/// What a build leaves for the next one: production, and the statements that make it.
pub const LEFT: [&str; 2] = ["production", "creation"];

/// Production.
pub struct Product {
    claims: Claims,
    /// What is remembered.
    pub memo: Arc<Memo>,
    made: OnceLock<Arc<Hardened>>,
    whole: OnceLock<Whole>,
    creation: OnceLock<Arc<Creation>>,
    digest: OnceLock<Digest>,
    reported: OnceLock<Reported>,
}

impl Product {
    /// What is claimed, when its schema may be written.
    pub fn new(claims: Claims, memo: &Arc<Memo>, diagnostics: &mut Vec<Diagnostic>) -> Option<Product> {
        let (made, whole, creation, digest, reported) = Default::default();
        let product = Product { claims, memo: Arc::clone(memo), made, whole, creation, digest, reported };
        let (found, made) = product.claims.verdict(memo, || product.make());
        let ready = !found.iter().any(Diagnostic::is_error);
        diagnostics.extend(found);
        if let Some(made) = made.filter(|_| ready) {
            let _ = product.made.set(made);
        }
        ready.then_some(product)
    }

    /// Production, and what is wrong with it: by what the last build left, where it follows from that.
    fn make(&self) -> (Vec<Diagnostic>, Arc<Hardened>) {
        // It stays where it is: another thread may ask for the same meanwhile.
        let left = self.memo.left::<Hardened>(LEFT[0]);
        let followed = left.as_deref().and_then(|left| left.clone().follow(&self.claims, &self.memo));
        let over = left.filter(|_| followed.is_some());
        let (found, made) = match followed {
            Some(made) => (made.made.findings(), made),
            None => {
                self.memo.begin_anew();
                let (found, made, whole) = Hardened::whole(&self.claims, &self.memo);
                let _ = self.whole.set(whole);
                (found, made)
            }
        };
        let made = Arc::new(made);
        reported::remember(&made, over.as_deref(), &self.memo);
        if made.made.tells_all(&found) {
            self.memo.leave(LEFT[0], Arc::clone(&made));
        }
        (found, made)
    }

    /// What reports tell of each table, as a digest.
    pub fn reported(&self) -> &Reported {
        once(&self.reported, || {
            let known = if self.made.get().is_none() { reported::known(self.claims.basis, &self.memo) } else { None };
            known.unwrap_or_else(|| reported::of(self.made()))
        })
    }

    /// Whether somebody has asked for it.
    #[cfg(test)]
    pub fn is_made(&self) -> bool {
        self.made.get().is_some()
    }

    /// Whether somebody has asked for the statements.
    #[cfg(test)]
    pub fn is_planned(&self) -> bool {
        self.creation.get().is_some()
    }

    /// What is claimed, which was made so.
    #[cfg(test)]
    pub fn made_of(claims: Claims, made: Hardened, memo: &Arc<Memo>) -> Product {
        let (made, memo) = (OnceLock::from(Arc::new(made)), Arc::clone(memo));
        let (whole, creation, digest, reported) = Default::default();
        Product { claims, memo, made, whole, creation, digest, reported }
    }

    /// Whether all of it had to be made.
    #[cfg(test)]
    pub fn is_whole(&self) -> bool {
        self.whole.get().is_some()
    }

    /// Production, by its digests.
    pub fn made(&self) -> &Yield {
        &once(&self.made, || self.make().1).made
    }

    /// All of it.
    fn whole(&self) -> &Whole {
        self.made();
        once(&self.whole, || {
            self.memo.begin_anew();
            Hardened::whole(&self.claims, &self.memo).2
        })
    }

    /// The schema.
    pub fn schema(&self) -> &Model {
        &self.whole().schema
    }

    /// Its tables, by their digests.
    pub fn tables(&self) -> &BTreeMap<Name, Hard> {
        &self.made().tables
    }

    /// A table.
    pub fn table(&self, name: &Name) -> Option<&Table> {
        if let Some(whole) = self.whole.get() {
            return whole.schema.tables.get(name);
        }
        let stored = self.tables().get(name)?.table.as_ref();
        stored.and_then(|table| table.get(&self.memo)).map(Arc::as_ref).or_else(|| self.schema().tables.get(name))
    }

    /// What is shown of a table.
    pub fn detail(&self, name: &Name) -> Option<Arc<Detail>> {
        if let Some(whole) = self.whole.get() {
            return whole.details.get(name).cloned();
        }
        let stored = self.tables().get(name)?.detail.get(&self.memo);
        stored.or_else(|| self.whole().details.get(name)).cloned()
    }

    /// What the hardening report says about a table.
    pub fn report(&self, name: &Name) -> Option<TableReport> {
        Some(self.detail(name)?.report.clone())
    }

    /// The statements that make it.
    pub fn creation(&self) -> &Creation {
        once::<Arc<Creation>>(&self.creation, || {
            let left = self.memo.left::<Creation>(LEFT[1]);
            let followed = left.and_then(|left| Creation::clone(&left).follow(self));
            let creation = Arc::new(followed.unwrap_or_else(|| {
                self.memo.begin_anew();
                Creation::of(self)
            }));
            self.memo.leave(LEFT[1], Arc::clone(&creation));
            creation
        })
    }

    /// The statements of a run of [`Product::creation`].
    pub fn statements<'r>(&self, run: &'r Run) -> &'r [Arc<Making>] {
        run.statements(|| {
            let again = || {
                Creation::of(self); // what was lost is there again
                self.creation().find(run, &self.memo)
            };
            let found = self.creation().find(run, &self.memo).or_else(again);
            found.expect("what was made just now is held by this process")
        })
    }

    /// The digest of all that it is made from.
    pub fn basis(&self) -> Digest {
        self.claims.basis
    }

    /// The digest of all that it shows, and of some that it does not.
    pub fn digest(&self) -> Digest {
        *once(&self.digest, || {
            let Yield { rest, rules, tables, .. } = self.made();
            let tables: Vec<_> = tables
                .iter()
                .map(|(name, hard)| (name, hard.digest, hard.layout, hard.reported, hard.is_declared))
                .collect();
            digest::of("production", &(rest, rules, tables))
        })
    }

    /// The digest of what its statements say, and of how they are laid out.
    pub fn said(&self) -> Digest {
        digest::of("statements", &self.creation().runs.iter().map(|run| run.digest).collect::<Vec<_>>())
    }
}

/// What `cell` holds, made outside of it: what runs on several threads must not wait inside.
fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if let Some(made) = cell.get() {
        return made;
    }
    let made = make();
    cell.get_or_init(|| made)
}
