//! The view of production, which several outputs share.
//!
//! It is the largest view, and making it takes a merge and a plan of the whole schema. So it is known by the digest of
//! what it is made from, and made at most once, when an output needs it that no earlier build made from the same.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::creation::{self, Creation, Run};
use super::hardened::{Hardened, Pages};
use super::merged::Claims;
use super::views::{self, ReportRunView, RunView};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::memo::Memo;
use crate::model::Model;
use crate::model::name::Name;
use crate::render::facts::Facts;
use crate::render::facts::fields::Fields;
use crate::render::facts::tree::Whole;
use crate::render::view::TableReport;

/// The view of production, as far as somebody has asked for it.
pub struct Shared {
    project: String,
    claims: Claims,
    memo: Arc<Memo>,
    /// The links from the report to the entities' pages.
    pages: Pages,
    made: OnceLock<Arc<Hardened>>,
    creation: OnceLock<Arc<Creation>>,
    facts: OnceLock<Facts>,
}

/// What a build leaves for the next one of the same process: production, and the statements that make it.
const LEFT: [&str; 2] = ["production", "creation"];

impl Shared {
    /// The view of production, when its schema may be written; `pages` are the links from the report to the entities'
    /// pages.
    pub fn new(
        project: &str,
        claims: Claims,
        pages: Pages,
        memo: &Arc<Memo>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Arc<Shared>> {
        let (made, creation, facts) = Default::default();
        let shared =
            Shared { project: project.to_owned(), claims, memo: Arc::clone(memo), pages, made, creation, facts };
        let (found, made) = shared.claims.verdict(memo, || shared.make());
        let ready = !found.iter().any(Diagnostic::is_error);
        diagnostics.extend(found);
        if let Some(made) = made.filter(|_| ready) {
            let _ = shared.made.set(made);
        }
        ready.then(|| Arc::new(shared))
    }

    /// Production, and what is wrong with it: by what the last build left, where it follows from that.
    fn make(&self) -> (Vec<Diagnostic>, Arc<Hardened>) {
        let left = self.memo.take_left::<Hardened>(LEFT[0]).and_then(Arc::into_inner);
        let (found, made) = match left.and_then(|left| left.follow(&self.claims, &self.pages)) {
            Some(made) => (Vec::new(), made),
            None => Hardened::whole(&self.claims, &self.pages),
        };
        let made = Arc::new(made);
        if found.is_empty() {
            self.memo.leave(LEFT[0], Arc::clone(&made));
        }
        (found, made)
    }

    fn made(&self) -> &Arc<Hardened> {
        once(&self.made, || self.make().1)
    }

    /// The schema that it shows.
    pub fn schema(&self) -> &Model {
        &self.made().schema
    }

    /// The digest of all of it but its tables.
    pub fn rest(&self) -> Digest {
        self.made().rest
    }

    /// The digests of its tables.
    pub fn tables(&self) -> &BTreeMap<Name, Digest> {
        &self.made().tables
    }

    /// The statements that make it.
    pub fn creation(&self) -> &Creation {
        once::<Arc<Creation>>(&self.creation, || {
            let Hardened { schema: model, tables, layouts, rest, .. } = &**self.made();
            let schema = creation::Schema { model, tables, layouts, rest: *rest };
            let left = self.memo.take_left::<Creation>(LEFT[1]).and_then(Arc::into_inner);
            let followed = left.and_then(|left| left.follow(&schema, &self.memo));
            let creation = Arc::new(followed.unwrap_or_else(|| creation::creation(&schema, &self.memo)));
            self.memo.leave(LEFT[1], Arc::clone(&creation));
            creation
        })
    }

    /// The digest of all that it is made from.
    pub fn basis(&self) -> Digest {
        digest::of("production", &(&self.project, self.claims.basis, &self.pages.digest))
    }

    /// The digest of all that it shows, and of some that it does not.
    pub fn digest(&self) -> Digest {
        let Hardened { rest, tables, layouts, rules, reported, .. } = &**self.made();
        let schema = (rest, tables, layouts);
        digest::of("production", &(&self.project, schema, rules, reported))
    }

    /// The digest of what its statements say, and of how they are laid out.
    pub fn said(&self) -> Digest {
        digest::of("statements", &self.creation().runs.iter().map(|run| run.digest).collect::<Vec<_>>())
    }

    /// Its facts: the schema as `statements` and, the same, as `runs` of them; `report` in full and in `runs`.
    pub fn facts(&self) -> Facts {
        let make = || {
            Facts::of_fields(|view| {
                view.value("project", &self.project);
                self.statements(view);
                view.map("report", |report| self.report(report));
            })
        };
        once(&self.facts, make).clone()
    }

    fn statements(&self, view: &mut Fields<'_>) {
        let runs = &self.creation().runs;
        let (all, made) = (runs.clone(), Arc::clone(self.made()));
        view.list("statements", move || {
            all.iter().flat_map(|run| views::statements(&run.statements, &made.groups)).collect()
        });
        let whole = |run: &Arc<Run>| {
            let (shown, made) = (Arc::clone(run), Arc::clone(self.made()));
            let make = move || RunView { statements: views::statements(&shown.statements, &made.groups) };
            Whole::new(run.name.clone(), run.digest, make)
        };
        view.wholes("runs", runs.iter().map(whole).collect());
    }

    fn report(&self, view: &mut Fields<'_>) {
        let made = self.made();
        view.value("project", &self.project);
        view.value("rules", &made.rules);
        let all = Arc::clone(made);
        view.list("tables", move || all.report.clone());
        let tables: Vec<(&TableReport, &Digest)> = made.report.iter().zip(&made.reported).collect();
        let begins = |(table, _): &(&TableReport, &Digest)| creation::begins_run(&table.name, 0);
        let mut at = 0;
        let whole = |run: &[(&TableReport, &Digest)]| {
            let place = at..at + run.len();
            at = place.end;
            let digests: Vec<&Digest> = run.iter().map(|(_, digest)| *digest).collect();
            let all = Arc::clone(made);
            let make = move || ReportRunView { tables: all.report[place.clone()].to_vec() };
            Whole::new(run[0].0.name.clone(), digest::of("report", &digests), make)
        };
        view.wholes("runs", tables.chunk_by(|_, next| !begins(next)).map(whole).collect());
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Shared;
    use crate::build::hardened::Pages;
    use crate::build::merged::Claims;
    use crate::build::{ENGINE, load};
    use crate::config::Config;
    use crate::memo::Memo;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    /// Production of a BUSM whose `accounts.name` is of `ty` and of two modules, the second of which picks `picks`.
    fn production(ty: &str, picks: &str, memo: &Arc<Memo>) -> Arc<Shared> {
        let text = format!(
            "//- busm/accounts.toml\n[accounts.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nname = \"{ty}\"\n\
             //- modules/a/accounts.toml\n[accounts]\npick = [\"id\", \"name\"]\n\
             //- modules/b/accounts.toml\n[accounts]\npick = [{picks}]\n\
             //- modules/a/module.toml\nstage = \"production\"\n//- modules/b/module.toml\nstage = \"production\"\n"
        );
        let config = Config::default();
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(&text));
        let mut diagnostics = Vec::new();
        let loaded = load::load(&files, &config, memo, &mut diagnostics);
        let claims = Claims::new(&config, &loaded);
        let shared = Shared::new(&config.name, claims, Pages::default(), memo, &mut diagnostics).unwrap();
        assert_eq!(diagnostics, []);
        shared
    }

    #[test]
    fn what_is_claimed_again_is_known_without_a_merge() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let (one, other) = (production("text", "\"id\"", &memo), production("text", "\"id\"", &memo));
        assert_eq!(one.basis(), other.basis());
        assert!(one.made.get().is_some() && other.made.get().is_none(), "it was made once");
        assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn what_leaves_production_alone_is_known_without_a_plan() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let (one, other) = (production("text", "\"id\"", &memo), production("text", "\"id\", \"name\"", &memo));
        assert_eq!(one.digest(), other.digest());
        assert!(one.creation.get().is_none() && other.creation.get().is_none(), "nobody asked for a view");
    }

    #[test]
    fn what_production_shows_is_in_its_digest() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let (text, varchar) = (production("text", "\"id\"", &memo), production("varchar(9)", "\"id\"", &memo));
        assert_ne!(text.basis(), varchar.basis());
        assert_ne!(text.digest(), varchar.digest());
    }
}
