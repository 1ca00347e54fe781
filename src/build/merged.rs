//! Production of the modules that have come so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::load::Loaded;
use super::marks::Marks;
use super::partial::Partial;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::{self, Digest};
use crate::memo::{Memo, Query};
use crate::model::id::ObjectId;
use crate::model::lower::Lowered;
use crate::model::lower::toml::Common;
use crate::model::name::Name;
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::production::part::{self, Part};
use crate::production::{self, Claimant, Production, Settings, complete};
use crate::syntax::toml::Stage;

/// The entities that production consists of, as [`complete::in_use`] finds them.
pub fn in_use(loaded: &Loaded) -> BTreeSet<&Name> {
    let modules = loaded.modules.values().filter(|module| module.info.stage == Stage::Production);
    let said = modules.map(|module| &module.view.marks().tables).collect::<Vec<_>>();
    let mut leans: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
    for (name, mark) in said.iter().copied().chain([&loaded.busm.marks().tables]).flatten() {
        leans.entry(name).or_default().extend(mark.refers.iter().chain(&mark.gets_from));
    }
    complete::reached(said.into_iter().flat_map(BTreeMap::keys), |name| Some(leans.get(name)?.iter().copied()))
}

/// What is wrong with production.
pub(super) const VERDICT: Query = Query { name: "verdict", version: 3 };

/// Files, each with the digest of what decides that something is first said there, and where.
pub type Places = Vec<(RepoPath, Digest)>;

/// What is wrong with production, which speaks of these files.
#[derive(Clone, Serialize, Deserialize)]
struct Verdict {
    found: Vec<Diagnostic>,
    places: Places,
}

/// How many are remembered of the same claims, which may be written in more than one way.
const KEPT: usize = 4;

/// Those who say what production consists of, and the settings.
pub struct Claims {
    busm_name: String,
    busm: Arc<Partial>,
    modules: Vec<(String, Arc<Partial>)>,
    settings: Settings,
    /// The digest of all that decides the schema.
    pub basis: Digest,
}

impl Claims {
    /// What `loaded` claims.
    pub fn new(config: &Config, loaded: &Loaded) -> Claims {
        let modules = loaded.modules.iter().filter(|(_, module)| module.info.stage == Stage::Production);
        let modules: Vec<_> = modules.map(|(name, module)| (name.clone(), Arc::clone(&module.view))).collect();
        let settings = Settings { harden: config.harden.clone(), resolutions: config.resolutions.clone() };
        let models: Vec<_> = modules.iter().map(|(name, view)| (name, view.marks().model)).collect();
        let busm = (&loaded.busm_name, loaded.busm.marks().model);
        let basis = digest::of("claims", &(busm, models, &settings));
        Claims { busm_name: loaded.busm_name.clone(), busm: Arc::clone(&loaded.busm), modules, settings, basis }
    }

    /// The conflicts in what those of `loaded` claim in whose files there is no mistake, about entities of which all that they
    /// say is known.
    pub fn conflicts(config: &Config, loaded: &Loaded, memo: &Memo) -> Vec<Diagnostic> {
        let mut claims = Claims::new(config, loaded);
        claims.modules.retain(|(name, _)| loaded.modules[name].mistakes().next().is_none());
        let unsure = claims.leaning_on(&loaded.busm.marks().poisoned);
        let modules: Vec<&String> = claims.modules.iter().map(|(name, _)| name).collect();
        claims.basis = digest::of("conflicts", &(claims.basis, modules, &unsure));
        let find = || (production::conflicts(&claims.claimants(), &claims.settings, &unsure), ());
        claims.verdict(memo, find).0
    }

    /// These entities, and those that refer to one of them, directly or by way of others: they may get a type from it.
    fn leaning_on(&self, entities: &BTreeSet<Name>) -> BTreeSet<Name> {
        let mut leaning: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
        for (name, mark) in self.views().flat_map(|view| &view.marks().tables) {
            mark.refers.iter().chain(&mark.gets_from).for_each(|on| leaning.entry(on).or_default().push(name));
        }
        let all = complete::reached(entities.iter(), |on| Some(leaning.get(on).into_iter().flatten().copied()));
        all.into_iter().cloned().collect()
    }

    /// Merges, completes and hardens what is claimed.
    pub fn production(&self) -> Production {
        production::build(&self.claimants(), &self.settings)
    }

    fn claimants(&self) -> Vec<Claimant<'_>> {
        // In the cache, or in files: either way there is something to do for each.
        let all: Vec<&Lowered> = self.views().collect::<Vec<_>>().into_par_iter().map(Partial::lowered).collect();
        all.into_iter().enumerate().map(|(at, all)| self.claimant(at, all)).collect()
    }

    /// Who stands at this place, and says this.
    fn claimant<'l>(&self, place: usize, Lowered { model, origins, .. }: &'l Lowered) -> Claimant<'l> {
        let name = place.checked_sub(1).map_or(&self.busm_name, |place| &self.modules[place].0);
        Claimant { name: name.clone(), busm: place == 0, model, origins }
    }

    /// The entities `wanted` alone, where these are in use as `is_used` says; `None` where that cannot be.
    pub fn part(&self, wanted: &BTreeSet<Name>, is_used: impl Fn(&Name) -> bool) -> Option<Part> {
        let mut around: BTreeSet<Name> = BTreeSet::new();
        let users = Some(&self.settings.harden.users).filter(|users| is_used(users));
        let mut open: Vec<Name> = wanted.iter().chain(users).cloned().collect();
        while let Some(name) = open.pop() {
            let is_wanted = wanted.contains(&name);
            let claimants = self.views().filter(|view| view.marks().tables.contains_key(&name));
            let claims: Vec<&Table> = claimants.filter_map(|view| view.table(&name)).collect();
            if !claims.is_empty() && (is_wanted || around.insert(name)) {
                let leant = part::leans_on(&claims, is_wanted).into_iter();
                open.extend(leant.filter(|it| !wanted.contains(*it)).cloned());
            }
        }
        let of_interest: BTreeSet<Name> = wanted.union(&around).cloned().collect();
        let speaks =
            |(_, view): &(usize, &Partial)| of_interest.iter().any(|name| view.marks().tables.contains_key(name));
        let said: Vec<(usize, Arc<Lowered>)> =
            self.views().enumerate().filter(speaks).map(|(at, view)| (at, view.part(&of_interest))).collect();
        let claimants: Vec<Claimant<'_>> = said.iter().map(|(at, said)| self.claimant(*at, said)).collect();
        part::part(&claimants, &self.settings, wanted, &around)
    }

    /// What they say, to be compared with what they will say.
    pub fn said(&self) -> Said {
        let names = std::iter::once(&self.busm_name).chain(self.modules.iter().map(|(name, _)| name)).cloned();
        let marks = self.views().map(Partial::marks_kept);
        let settings = digest::of("settings", &self.settings);
        Said { basis: self.basis, settings, by: names.zip(marks).collect() }
    }

    /// The entity of those who sign in.
    pub fn users(&self) -> &Name {
        &self.settings.harden.users
    }

    /// What is wrong with it; with what `make` made, where that had to be made to find out.
    pub fn verdict<T>(&self, memo: &Memo, make: impl FnOnce() -> (Vec<Diagnostic>, T)) -> (Vec<Diagnostic>, Option<T>) {
        // Where something was written matters to what is said about it, if anything is.
        let key = memo.key(VERDICT, self.basis);
        let known = memo.held::<Vec<Verdict>>(key).unwrap_or_default();
        let is_there = |(path, place): &(RepoPath, Digest)| self.place(path) == *place;
        if let Some(known) = known.iter().find(|known| known.places.iter().all(is_there)) {
            return (known.found.clone(), None);
        }
        let (found, made) = make();
        let verdict = Verdict { found: found.clone(), places: self.places(&found) };
        let verdicts = std::iter::once(&verdict).chain(&*known).take(KEPT).cloned().collect::<Vec<_>>();
        memo.hold(key, Arc::new(verdicts));
        (found, Some(made))
    }

    /// Where `id` is declared by who has the file at `path`; `None` where nobody has it, or does not declare that any more.
    pub fn declared(&self, id: &ObjectId, path: &RepoPath) -> Option<Span> {
        let view = self.views().find(|view| view.place(path).is_some())?;
        view.lowered().origins.get(id).cloned()
    }

    /// The files that what was `found` speaks of.
    pub fn places<'d>(&self, found: impl IntoIterator<Item = &'d Diagnostic>) -> Places {
        let labels = found.into_iter().flat_map(|found| &found.labels);
        let paths: BTreeSet<&RepoPath> = labels.map(|label| &label.span.path).collect();
        paths.into_iter().map(|path| (path.clone(), self.place(path))).collect()
    }

    /// The digest of what decides that something is first said in the file at `path`, and where.
    pub fn place(&self, path: &RepoPath) -> Digest {
        let resolved = || self.settings.resolutions.iter().map(|it| &it.span).collect::<Vec<_>>();
        let settled = || (resolved(), &self.settings.harden.places);
        self.views().find_map(|view| view.place(path)).unwrap_or_else(|| digest::of("settled", &settled()))
    }

    fn views(&self) -> impl Iterator<Item = &Partial> {
        std::iter::once(&self.busm).chain(self.modules.iter().map(|(_, view)| view)).map(Arc::as_ref)
    }
}

/// What is claimed, by whom, where some of that is known from elsewhere.
#[derive(Serialize, Deserialize)]
pub struct Outline {
    basis: Digest,
    settings: Digest,
    by: Vec<(String, Option<Arc<Marks>>)>,
}

/// What is claimed, by whom.
#[derive(Clone)]
pub struct Said {
    /// The digest of all that decides the schema.
    pub basis: Digest,
    settings: Digest,
    by: Vec<(String, Arc<Marks>)>,
}

impl Outline {
    /// All of it; `known` are the marks of the business-wide model, and those of the modules. `None` where some are missing.
    pub fn filled<'m>(self, busm: &Arc<Marks>, known: impl Fn(&str) -> Option<&'m Arc<Marks>>) -> Option<Said> {
        let fill = |(place, (name, marks)): (usize, (String, Option<Arc<Marks>>))| {
            let marks = match (marks, place) {
                (Some(marks), _) => marks,
                (None, 0) => Arc::clone(busm),
                (None, _) => Arc::clone(known(&name)?),
            };
            Some((name, marks))
        };
        let by = self.by.into_iter().enumerate().map(fill).collect::<Option<_>>()?;
        Some(Said { basis: self.basis, settings: self.settings, by })
    }
}

impl Said {
    /// What has to be known of it beside these marks: of the business-wide model, and of the modules.
    pub fn outline<'m>(&self, busm: &Arc<Marks>, known: impl Fn(&str) -> Option<&'m Arc<Marks>>) -> Outline {
        let lack = |(place, (name, marks)): (usize, &(String, Arc<Marks>))| {
            let known = if place == 0 { Some(busm) } else { known(name) };
            let is_known = known.is_some_and(|known| Arc::ptr_eq(known, marks));
            (name.clone(), (!is_known).then(|| Arc::clone(marks)))
        };
        let by = self.by.iter().enumerate().map(lack).collect();
        Outline { basis: self.basis, settings: self.settings, by }
    }

    /// The entities about which something else is said than there was in `before`; `None` where more than that differs.
    pub fn changed(&self, before: &Said) -> Option<BTreeSet<Name>> {
        if self.settings != before.settings || self.by.len() != before.by.len() {
            return None;
        }
        let mut changed = BTreeSet::new();
        for ((name, marks), (old_name, old)) in self.by.iter().zip(&before.by) {
            if name != old_name {
                return None;
            }
            changed.extend(marks.changed_since(old)?);
        }
        Some(changed)
    }

    /// The entities that refer to one of these.
    pub fn children(&self, of: &BTreeSet<Name>) -> BTreeSet<Name> {
        let tables = self.by.iter().flat_map(|(_, marks)| &marks.tables);
        tables.filter(|(_, mark)| !mark.refers.is_disjoint(of)).map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Claims, in_use};
    use crate::build::{ENGINE, fixture, load};
    use crate::config;
    use crate::memo::Memo;
    use crate::model::name::Name;
    use crate::path::RepoPath;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    /// The tables of production of the project `text`, by whether somebody declares them, are those that are said to be
    /// in use; returns how many are not.
    fn assert_in_use(text: &str, memo: &Arc<Memo>) -> usize {
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(text));
        let mut found = Vec::new();
        let config = config::read(&files.read(&RepoPath::new("forge.toml").unwrap()).unwrap(), &mut found);
        let loaded = load::load(&files, &config, memo, &mut found);
        let views = loaded.modules.values().map(|module| &module.view).chain([&loaded.busm]);
        let declared: Vec<&Name> = views.flat_map(|view| view.marks().tables.keys()).collect();
        let production = Claims::new(&config, &loaded).production();
        let made = production.tables.keys().filter(|name| declared.contains(name));
        let used = in_use(&loaded);
        assert!(made.eq(used.iter().copied()), "{used:?} where {text}");
        declared.iter().filter(|name| !used.contains(*name)).count()
    }

    #[test]
    fn what_is_said_to_be_in_use_is_what_production_consists_of() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let files = fixture::example();
        let example = (fixture::edits(&files).into_iter()).map(|(_, text)| text).chain([fixture::project(&files)]);
        assert!(example.map(|text| assert_in_use(&text, &memo)).sum::<usize>() > 0);
        let parts = "//- forge.toml\n[project]\nname = \"p\"\n//- busm/all.sql\n\
             CREATE TABLE whole (id int, at date) PARTITION BY RANGE (at);\n\
             CREATE TABLE part PARTITION OF whole FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');\n\
             CREATE TABLE parent (id int PRIMARY KEY);\nCREATE TABLE child (x int REFERENCES referred) INHERITS (parent);\n\
             CREATE TABLE referred (id int PRIMARY KEY);\nCREATE TABLE idle (id int PRIMARY KEY);\n\
             //- modules/m/module.toml\nstage = \"production\"\n//- modules/m/m.sql\n\
             CREATE TABLE own (id int PRIMARY KEY REFERENCES child);\n";
        let of_part = parts.replace("REFERENCES child", "REFERENCES part");
        assert_eq!([parts, &of_part].map(|text| assert_in_use(text, &memo)), [3, 4]);
    }
}
