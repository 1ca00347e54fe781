//! What the view of each output is made from, as a digest: while that is the same, the view need not be made.
//!
//! A basis is found from marks, and that of a report from what production tells of its entity. It may cover more than
//! the view shows, never less: what a page says about an entity comes from the claims about it and about those that
//! refer to it, and from nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::history::views::Iterations;
use super::load::Loaded;
use super::marks::{Marks, TableMark};
use super::partial::Partial;
use super::pieces::{Piece, Pieces, Subject};
use crate::concept::Paths;
use crate::concept::diagram::draws_all;
use crate::config::target::Stage;
use crate::digest::{self, Digest};
use crate::model::name::Name;
use crate::syntax::toml::Stage as Reach;

/// The bases of all outputs.
pub struct Bases<'a> {
    project: &'a str,
    loaded: &'a Loaded,
    iterations: &'a Iterations,
    pieces: &'a Pieces,
    said: OnceLock<Said<'a>>,
}

/// What is said about entities, by whom.
#[derive(Default)]
struct Said<'a> {
    /// Who declares an entity, in the order in which they are heard.
    claims: BTreeMap<&'a Name, Vec<(Claimant<'a>, &'a TableMark)>>,
    /// The entities that refer to an entity.
    children: BTreeMap<&'a Name, BTreeSet<&'a Name>>,
    /// The modules that refer to an entity.
    referring: BTreeMap<&'a Name, BTreeSet<&'a str>>,
}

impl<'a> Said<'a> {
    fn of(loaded: &'a Loaded) -> Said<'a> {
        let mut said = Said::default();
        let modules = loaded.modules.iter().map(|(name, module)| (Some(name.as_str()), &module.view));
        for (claimant, view) in std::iter::once((None, &loaded.busm)).chain(modules) {
            for (name, mark) in &view.marks().tables {
                said.claims.entry(name).or_default().push((claimant, mark));
                for parent in &mark.refers {
                    said.children.entry(parent).or_default().insert(name);
                    said.referring.entry(parent).or_default().extend(claimant);
                }
            }
        }
        said
    }
}

/// A module; the business-wide model is none.
type Claimant<'a> = Option<&'a str>;

impl<'a> Bases<'a> {
    /// The bases of `pieces`.
    pub fn new(project: &'a str, loaded: &'a Loaded, iterations: &'a Iterations, pieces: &'a Pieces) -> Bases<'a> {
        Bases { project, loaded, iterations, pieces, said: OnceLock::new() }
    }

    /// What is said about entities: of what is asked most often, nothing shows that.
    fn said(&self) -> &Said<'a> {
        self.said.get_or_init(|| Said::of(self.loaded))
    }

    /// The basis of the view of `piece`; `None` where there is no such view.
    pub fn of(&self, piece: &Piece) -> Option<Digest> {
        match (piece.target.stage, &piece.subject) {
            (Stage::Concept, Subject::Project) => Some(self.concept()),
            (Stage::Concept, Subject::Module(name)) => self.module(name),
            (Stage::Concept, Subject::Entity(name)) => Some(self.entity(name)),
            (Stage::Prototype, Subject::Module(name)) => {
                Some(digest::of("prototype", &(self.project, name, self.prototype(name)?)))
            }
            (Stage::Prototype, Subject::Project) => {
                let reached = self.loaded.modules.iter().filter(|(_, module)| module.info.stage >= Reach::Prototype);
                let models: Vec<_> = reached.map(|(name, module)| (name, module.view.prototype_basis())).collect();
                Some(digest::of("prototypes", &(self.project, models)))
            }
            (Stage::Prototype, Subject::Iteration(name, place)) => {
                let item = self.iterations.modules.get(name)?.get(*place)?;
                Some(digest::of("iteration", &(self.project, name, item)))
            }
            (Stage::Prototype, Subject::Timeline(name)) => {
                let title = self.loaded.modules.get(name).map(|module| &module.info.title);
                Some(digest::of("timeline", &(self.project, name, title, self.iterations.modules.get(name)?)))
            }
            (Stage::Production, Subject::Project) => Some(self.pieces.production.as_ref()?.basis()),
            (Stage::Production, Subject::Entity(name)) => {
                let reported = self.pieces.production.as_ref()?.product.reported().get(name)?;
                let links = (&piece.path, self.paths().entities.get(name), &self.pieces.reports.of_all);
                Some(digest::of("hardening", &(self.project, name, links, reported)))
            }
            (Stage::Prototype, Subject::Entity(_))
            | (Stage::Concept, Subject::Iteration(..) | Subject::Timeline(_))
            | (Stage::Production, _) => None,
        }
    }

    fn prototype(&self, module: &str) -> Option<Digest> {
        Some(self.loaded.modules.get(module)?.view.prototype_basis())
    }

    fn paths(&self) -> &Paths {
        &self.pieces.paths
    }

    /// Where each page is, and all that is said, or where there is too much of it to be drawn, what each entity is for and
    /// what it refers to.
    fn concept(&self) -> Digest {
        let is_drawn = draws_all(self.said().claims.len());
        let said = |view: &'a Partial| {
            let Marks { model, tables, .. } = view.marks();
            let listed = tables.iter().map(|(name, mark)| (name, &mark.refers, mark.doc));
            if is_drawn { (Some(model), Vec::new()) } else { (None, listed.collect()) }
        };
        let modules = self.loaded.modules.iter();
        let modules: Vec<_> = modules.map(|(name, module)| (name, &*module.info, said(&module.view))).collect();
        let Paths { project, modules: pages, entities } = self.paths();
        let busm = (&self.loaded.busm_name, said(&self.loaded.busm));
        digest::of("concept", &(self.project, busm, modules, project, pages, entities))
    }

    /// What the module declares, where what it names is, and who else names that.
    fn module(&self, name: &str) -> Option<Digest> {
        let module = self.loaded.modules.get(name)?;
        let tables = &module.view.marks().tables;
        let near: BTreeSet<&Name> =
            tables.iter().flat_map(|(name, mark)| std::iter::once(name).chain(&mark.refers)).collect();
        let around = |name: &&'a Name| {
            let claimed = self.said().claims.get(name).into_iter().flatten().filter_map(|(claimant, _)| *claimant);
            let referring = self.said().referring.get(name).into_iter().flatten().copied();
            let (claimed, referring): (Vec<_>, Vec<_>) =
                (claimed.map(|name| self.title(name)).collect(), referring.map(|name| self.title(name)).collect());
            (*name, self.paths().entities.get(name), claimed, referring)
        };
        let around: Vec<_> = near.iter().map(around).collect();
        let pages = (&self.paths().project, self.paths().modules.get(name));
        let own = (name, &*module.info, module.view.marks().model);
        Some(digest::of("module page", &(self.project, own, pages, around)))
    }

    /// What is claimed about the entity, and about those that refer to it.
    fn entity(&self, name: &Name) -> Digest {
        let claims = |name: &Name| -> Vec<_> {
            let claims = self.said().claims.get(name).into_iter().flatten();
            claims.map(|(claimant, mark)| (*claimant, mark.digest)).collect()
        };
        let page = |name: &Name| self.paths().entities.get(name);
        let children = self.said().children.get(name).into_iter().flatten();
        let children: Vec<_> = children.map(|name| (*name, page(name), claims(name))).collect();
        let own = self.said().claims.get(name).map_or(&[][..], Vec::as_slice);
        let parents: BTreeSet<&Name> = own.iter().flat_map(|(_, mark)| &mark.refers).collect();
        let parents: Vec<_> = parents.into_iter().map(|name| (name, page(name))).collect();
        let who = |claimant: Claimant<'a>| match claimant {
            Some(module) => {
                let view = &self.loaded.modules[module].view;
                (self.title(module), self.paths().modules.get(module), view.marks().rest)
            }
            None => ((self.loaded.busm_name.as_str(), None), None, self.loaded.busm.marks().rest),
        };
        let who: Vec<_> = own.iter().map(|(claimant, _)| who(*claimant)).collect();
        let here = (self.project, &self.paths().project, page(name));
        digest::of("entity page", &(here, name, claims(name), who, children, parents))
    }

    fn title<'s>(&'s self, module: &'s str) -> (&'s str, Option<&'s str>) {
        (module, self.loaded.modules.get(module).and_then(|module| module.info.title.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, OnceLock};

    use crate::build::history::views::Iterations;
    use crate::build::stages::Stages;
    use crate::build::{ENGINE, fixture, load, pieces};
    use crate::config;
    use crate::digest::Digest;
    use crate::memo::Memo;
    use crate::path::RepoPath;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    /// The basis of each output of the project `text`, and what its view says.
    fn views(text: &str, memo: &Arc<Memo>) -> BTreeMap<RepoPath, (Digest, Digest)> {
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(text));
        let mut found = Vec::new();
        let settings = files.read(&RepoPath::new("forge.toml").unwrap());
        let config = config::read(&settings.unwrap(), &mut found);
        let loaded = load::load(&files, &config, memo, &mut found);
        let iterations = Iterations::default();
        let pieces = pieces::pieces(&config, &loaded, &iterations, files.as_ref(), memo, &mut found);
        let pieces = pieces.with_production(&config, &loaded, memo, &mut found);
        let sources = OnceLock::new();
        let stages = Stages::new(&config.name, &loaded, &iterations, &sources, &pieces);
        let view = |piece| Some((stages.basis(piece)?, stages.view(piece)?.digest()));
        pieces.list.iter().filter_map(|piece| Some((piece.path.clone(), view(piece)?))).collect()
    }

    #[test]
    fn a_view_whose_basis_is_the_same_says_the_same() {
        assert_told_by_their_bases("");
    }

    #[test]
    fn and_so_it_is_where_there_is_too_much_to_be_drawn() {
        assert_told_by_their_bases(&fixture::many());
    }

    /// Holds the bases of the example's views, with `more` in each of its states, against what the views say.
    fn assert_told_by_their_bases(more: &str) {
        let files = fixture::example();
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let base = views(&format!("{}{more}", fixture::project(&files)), &memo);
        assert!(base.len() > 10, "{base:?}");
        let (mut same, mut other) = (0, 0);
        for (edit, text) in fixture::edits(&files) {
            for (output, (basis, view)) in views(&format!("{text}{more}"), &memo) {
                match base.get(&output).filter(|(known, _)| *known == basis) {
                    Some((_, known)) => {
                        assert_eq!(view, *known, "{output}, where {edit}");
                        same += 1;
                    }
                    None => other += 1,
                }
            }
        }
        assert!(same > other && other > 100, "{same} with the same basis, {other} with another");
    }
}
