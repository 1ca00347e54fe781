//! The view of production, which several outputs share.
//!
//! It is the largest view, and making it takes a merge and a plan of the whole schema. So it is known by the digest of
//! what it is made from, and made at most once, when an output needs it that no earlier build made from the same. What
//! each report tells is known without it, too ([`Product::reported`]).

use std::sync::{Arc, OnceLock};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::creation::Run;
use super::links::Links;
use super::merged::Claims;
use super::parts;
use super::product::Product;
use super::views::{self, ReportedView, RunView};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::memo::Memo;
use crate::render::facts::Facts;
use crate::render::facts::fields::Fields;
use crate::render::facts::tree::Whole;
use crate::render::view::StatementView;

/// The view of production.
pub struct Shared {
    project: String,
    /// Production.
    pub product: Arc<Product>,
    links: Links,
    facts: OnceLock<Facts>,
}

impl Shared {
    /// The view of production, when its schema may be written; `links` are those to the reports.
    pub fn new(
        project: &str,
        claims: Claims,
        links: Links,
        memo: &Arc<Memo>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Arc<Shared>> {
        let product = Arc::new(Product::new(claims, memo, diagnostics)?);
        Some(Arc::new(Shared { project: project.to_owned(), product, links, facts: OnceLock::new() }))
    }

    /// The digest of all that it is made from.
    pub fn basis(&self) -> Digest {
        digest::of("production", &(&self.project, &self.links.reports.digest, self.product.basis()))
    }

    /// The digest of all that it shows, and of some that it does not.
    pub fn digest(&self) -> Digest {
        digest::of("production", &(&self.project, &self.links.reports.digest, self.product.digest()))
    }

    /// The digest of what its statements say, and of how they are laid out.
    pub fn said(&self) -> Digest {
        self.product.said()
    }

    /// Its facts: the schema as `statements` and, the same, as `runs` of them; `report`, which leads to
    /// those of the `entities`, and tells of `others`, which nobody declares, and of all `tables`.
    pub fn facts(&self) -> Facts {
        let make = || {
            Facts::of_fields(|view| {
                view.value("project", &self.project);
                self.statements(view);
                view.map("report", |report| self.report(report));
            })
        };
        match self.facts.get() {
            Some(facts) => facts.clone(),
            None => {
                let made = make();
                self.facts.get_or_init(|| made).clone()
            }
        }
    }

    /// Reads the parts that are remembered of its text, on as many threads as there are.
    pub fn read(&self) {
        self.product.creation().runs.par_iter().for_each(|run| parts::read(&run.digest, &self.product.memo));
    }

    fn statements(&self, view: &mut Fields<'_>) {
        let all = Arc::clone(&self.product);
        view.list("statements", move || all.creation().runs.iter().flat_map(|run| statements(&all, run)).collect());
        let whole = |run: &Arc<Run>| {
            let (run, product) = (Arc::clone(run), Arc::clone(&self.product));
            let (name, digest) = (run.name.clone(), run.digest);
            Whole::new(name, digest, move || RunView { statements: statements(&product, &run) })
        };
        view.wholes("runs", self.product.creation().runs.iter().map(whole).collect());
    }

    fn report(&self, view: &mut Fields<'_>) {
        view.value("project", &self.project);
        view.value("rules", &self.product.made().rules);
        let links = self.links.clone();
        let entities = move || ReportedView { entities: links.entities() };
        view.whole(
            "entities",
            Whole::new("entities".to_owned(), digest::of("reports", &self.links.reports.digest), entities),
        );
        let all = Arc::clone(&self.product);
        view.list("others", move || {
            let others = all.tables().iter().filter(|(_, hard)| !hard.is_declared);
            others.filter_map(|(name, _)| all.report(name)).collect()
        });
        let all = Arc::clone(&self.product);
        view.list("tables", move || all.tables().keys().filter_map(|name| all.report(name)).collect());
    }
}

fn statements(product: &Product, run: &Run) -> Vec<StatementView> {
    views::statements(product.statements(run), |name| product.detail(name))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Shared;
    use crate::build::links::{Links, Reports};
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
        let links = Links { list: Arc::default(), reports: Reports::of(&[]) };
        let shared = Shared::new(&config.name, claims, links, memo, &mut diagnostics).unwrap();
        assert_eq!(diagnostics, []);
        shared
    }

    #[test]
    fn what_is_claimed_again_is_known_without_a_merge() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let (one, other) = (production("text", "\"id\"", &memo), production("text", "\"id\"", &memo));
        assert_eq!(one.basis(), other.basis());
        assert!(one.product.is_made() && !other.product.is_made(), "it was made once");
        assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn what_leaves_production_alone_is_known_without_a_plan() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let (one, other) = (production("text", "\"id\"", &memo), production("text", "\"id\", \"name\"", &memo));
        assert_eq!(one.digest(), other.digest());
        assert!(!one.product.is_planned() && !other.product.is_planned(), "nobody asked for a view");
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
