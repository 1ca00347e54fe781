//! The list of outputs: every target for everything that it is rendered for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ground::Grounds;
use super::history::views::Iterations;
use super::links::{Links, Reports};
use super::load::Loaded;
use super::merged::{self, Claims};
use super::parts::Remembered;
use super::roundtrip;
use super::shared::Shared;
use crate::concept::slug::slugs;
use crate::concept::{Paths, Source};
use crate::config::Config;
use crate::config::target::{Each, Stage, Target};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::memo::Memo;
use crate::model::name::Name;
use crate::path::RepoPath;
use crate::render::engine::Engine;
use crate::render::outputs::{self, Output};
use crate::render::target::{Named, Numbered, PathView, builtin};
use crate::source::Snapshot;
use crate::syntax::toml::Stage as Reach;

/// One output.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its path, from the project's root.
    pub path: RepoPath,
    /// The target that makes it.
    pub target: Arc<Target>,
    /// What that is rendered for.
    pub subject: Subject,
}

impl Piece {
    /// Whether its text has to say all that the production schema says.
    pub fn is_read_back(&self) -> bool {
        self.is_built_in(roundtrip::TARGET, Stage::Production) && matches!(self.subject, Subject::Project)
    }

    /// Whether its target has the name and the stage of a built-in one, which the project may have replaced.
    pub fn is_built_in(&self, name: &str, stage: Stage) -> bool {
        self.target.name == name && self.target.stage == stage
    }
}

/// An output as it is handed on: its target is told by its place among those that the settings ask for.
pub type Listed<P, S> = (P, usize, S);

/// The outputs, and where pages and reports are.
pub type Handed = (Vec<Listed<RepoPath, Subject>>, Arc<Paths>, Reports);

/// A target, what it is rendered for, and the path.
type Planned<'t, P> = (&'t Arc<Target>, Subject, P);

/// All outputs, and what they are rendered with.
pub struct Pieces {
    /// The outputs, in the order of their paths.
    pub list: Arc<Vec<Piece>>,
    /// The targets that the settings ask for.
    pub asked: Vec<Arc<Target>>,
    /// The templates.
    pub engine: Engine,
    /// The folder of the project's own templates.
    pub templates: RepoPath,
    /// Where the pages are that links lead to.
    pub paths: Arc<Paths>,
    /// Production; `None` when it is not wanted or a mistake stands in its way.
    pub production: Option<Arc<Shared>>,
    /// Whether it is wanted and what is claimed cannot be settled.
    pub lack_production: bool,
    /// Where the hardening reports are.
    pub reports: Reports,
    /// Whether outputs would get into each other's way: then nothing is written at all.
    pub refused: bool,
    /// Whether nothing was found that is wrong with them.
    pub is_sound: bool,
    /// Where the outputs of the history lie, and those of production.
    pub grounds: Grounds,
}

impl Pieces {
    /// The same outputs, with production for those that show it. Where a mistake stands in its way, conflicts between others
    /// are said all the same.
    pub fn with_production(
        self,
        config: &Config,
        loaded: &Loaded,
        memo: &Arc<Memo>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Pieces {
        let is_shown = self.list.iter().any(|piece| piece.target.stage == Stage::Production);
        let is_wanted = is_shown && !loaded.poison.is_any();
        if is_shown && loaded.poison.is_any() && !loaded.poison.unseen {
            diagnostics.extend(Claims::conflicts(config, loaded, memo));
        }
        let claims = is_wanted.then(|| Claims::new(config, loaded));
        let begin = |claims| Shared::new(&config.name, claims, self.links(), memo, diagnostics);
        let production = claims.and_then(begin);
        Pieces { lack_production: is_wanted && production.is_none(), production, ..self }
    }

    /// These outputs, as an earlier process listed them for the same settings and templates; `None` where something is wrong
    /// with these now.
    pub fn again(
        (list, paths, reports): Handed,
        config: &Config,
        snapshot: &dyn Snapshot,
        memo: &Arc<Memo>,
    ) -> Option<Pieces> {
        let mut found = Vec::new();
        let engine = engine(config, snapshot, memo, &mut found);
        let (targets, templates) = (targets(config), config.templates.clone());
        let (production, lack_production, refused, is_sound) = (None, false, false, true);
        let piece = |(path, target, subject): Listed<_, _>| {
            Some(Piece { path, target: Arc::clone(targets.get(target)?), subject })
        };
        let list = Arc::new(list.into_iter().map(piece).collect::<Option<_>>()?);
        let pieces = Pieces {
            grounds: Grounds::of(&targets),
            list,
            asked: targets,
            engine,
            templates,
            paths,
            production,
            lack_production,
            reports,
            refused,
            is_sound,
        };
        found.is_empty().then_some(pieces)
    }

    /// The outputs, to be handed on.
    pub fn listed(&self) -> Vec<Listed<&RepoPath, &Subject>> {
        let place = |piece: &Piece| self.asked.iter().position(|target| Arc::ptr_eq(target, &piece.target));
        self.list.iter().map(|piece| (&piece.path, place(piece).unwrap_or(usize::MAX), &piece.subject)).collect()
    }

    /// The outputs of the iterations of `modules`; `None` where something is wrong with them, or one gets in the way of another
    /// output.
    pub fn iterations_anew(
        &self,
        modules: &BTreeSet<String>,
        config: &Config,
        loaded: &Loaded,
        iterations: &Iterations,
    ) -> Option<Vec<Piece>> {
        let is_one = |subject: &Subject| matches!(subject, Subject::Iteration(name, _) if modules.contains(name));
        let others = self.list.iter().filter(|piece| !is_one(&piece.subject));
        let others: BTreeSet<String> = others.map(|piece| piece.path.as_str().to_lowercase()).collect();
        let (slugs, mut found, mut planned) = (Slugs::of_modules(loaded, iterations), Vec::new(), Vec::new());
        let targets: Vec<_> = self.asked.iter().filter(|it| it.each == Each::Iteration).collect();
        for target in targets {
            for subject in subjects(target, loaded, iterations, &mut found).into_iter().filter(is_one) {
                let path = path(target, &subject, config, iterations, &slugs, &self.engine, &mut found)?;
                planned.push((target, subject, path));
            }
        }
        let (planned, refused) = placed(planned, config, &mut found);
        let is_free = |path: &RepoPath| {
            let folded = path.as_str().to_lowercase();
            let mut above = folded.match_indices('/').map(|(end, _)| &folded[..end]);
            let below = format!("{folded}/");
            let is_folder = others.range(below.clone()..).next().is_some_and(|other| other.starts_with(&below));
            !others.contains(&folded) && !above.any(|folder| others.contains(folder)) && !is_folder
        };
        let is_sound = found.is_empty() && !refused && planned.iter().all(|(.., path)| is_free(path));
        is_sound.then(|| {
            planned
                .into_iter()
                .map(|(target, subject, path)| Piece { path, target: Arc::clone(target), subject })
                .collect()
        })
    }

    /// The links between the hardening reports.
    fn links(&self) -> Links {
        Links { list: Arc::clone(&self.list), reports: self.reports.clone() }
    }

    /// The outputs of each target, in the order of their paths.
    pub fn targets(&self) -> Vec<(String, Vec<RepoPath>)> {
        let mut targets: Vec<(String, Vec<RepoPath>)> = Vec::new();
        for piece in &*self.list {
            match targets.iter_mut().find(|(name, _)| *name == piece.target.name) {
                Some((_, paths)) => paths.push(piece.path.clone()),
                None => targets.push((piece.target.name.clone(), vec![piece.path.clone()])),
            }
        }
        targets
    }
}

/// Something that a target is rendered for. It is shown as `the project`, ``module `billing` ``.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// The project.
    Project,
    /// A module.
    Module(String),
    /// An entity.
    Entity(Name),
    /// The iteration of a module, by its place.
    Iteration(String, usize),
    /// All iterations of a module.
    Timeline(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Project => f.write_str("the project"),
            Subject::Module(name) => write!(f, "module `{name}`"),
            Subject::Entity(name) => write!(f, "entity `{name}`"),
            Subject::Iteration(name, place) => write!(f, "iteration {} of module `{name}`", place + 1),
            Subject::Timeline(name) => write!(f, "the iterations of module `{name}`"),
        }
    }
}

/// Lists the outputs of the project; production is not begun yet.
pub fn pieces(
    config: &Config,
    loaded: &Loaded,
    iterations: &Iterations,
    snapshot: &dyn Snapshot,
    memo: &Arc<Memo>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Pieces {
    let before = diagnostics.len();
    let engine = engine(config, snapshot, memo, diagnostics);
    let targets = targets(config);
    let slugs = Slugs::of(loaded, iterations);
    let mut planned = Vec::new();
    for target in &targets {
        for subject in subjects(target, loaded, iterations, diagnostics) {
            if let Some(path) = path(target, &subject, config, iterations, &slugs, &engine, diagnostics) {
                planned.push((target, subject, path));
            }
        }
    }
    let (planned, refused) = placed(planned, config, diagnostics);
    let paths = Arc::new(paths(&planned));
    let planned = planned.into_iter();
    let mut list: Vec<Piece> =
        planned.map(|(target, subject, path)| Piece { path, target: Arc::clone(target), subject }).collect();
    list.sort_by(|a, b| a.path.cmp(&b.path));
    Pieces {
        grounds: Grounds::of(&targets),
        reports: Reports::of(&list),
        list: Arc::new(list),
        asked: targets,
        engine,
        templates: config.templates.clone(),
        paths,
        production: None,
        lack_production: false,
        refused,
        is_sound: diagnostics.len() == before,
    }
}

/// The templates, and what remembers the parts that are made of them.
fn engine(config: &Config, snapshot: &dyn Snapshot, memo: &Arc<Memo>, diagnostics: &mut Vec<Diagnostic>) -> Engine {
    Engine::remembering(templates(config, snapshot, diagnostics), Arc::new(Remembered(Arc::clone(memo))))
}

/// The project's own templates by name, their paths below the folder of templates.
fn templates(config: &Config, snapshot: &dyn Snapshot, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let mut templates = BTreeMap::new();
    for path in snapshot.files(&config.templates) {
        let text = snapshot.read(&path).map_err(|error| error.diagnostic()).and_then(|content| {
            String::from_utf8(content.to_vec()).map_err(|_| {
                Diagnostic::error(
                    "invalid-utf8",
                    Span::file(&path),
                    format!("the template `{path}` is not valid UTF-8"),
                )
            })
        });
        match text {
            Ok(text) => {
                templates.insert(path.strip_prefix(&config.templates).unwrap_or("").to_owned(), text);
            }
            Err(found) => diagnostics.push(found),
        }
    }
    templates
}

/// The built-in targets and the team's own; one of the team's with a built-in one's name takes its place.
fn targets(config: &Config) -> Vec<Arc<Target>> {
    let mut targets = builtin();
    for own in &config.targets {
        match targets.iter_mut().find(|target| target.name == own.name) {
            Some(target) => *target = own.clone(),
            None => targets.push(own.clone()),
        }
    }
    targets.retain(|target| target.layout.is_none_or(|layout| layout == config.layout));
    targets.into_iter().map(Arc::new).collect()
}

/// The modules and the BUSM as the docs need them.
pub fn sources(loaded: &Loaded) -> Vec<Source<'_>> {
    let busm =
        Source { name: loaded.busm_name.clone(), title: None, owner: None, doc: None, busm: true, told: &*loaded.busm };
    let modules = loaded.modules.iter().map(|(name, module)| Source {
        name: name.clone(),
        title: module.info.title.clone(),
        owner: module.info.owner.clone(),
        doc: module.info.doc.clone(),
        busm: false,
        told: &*module.view,
    });
    std::iter::once(busm).chain(modules).collect()
}

/// All entities that anybody declares.
fn entities(loaded: &Loaded) -> BTreeSet<&Name> {
    let modules = loaded.modules.values().flat_map(|module| module.view.marks().tables.keys());
    loaded.busm.marks().tables.keys().chain(modules).collect()
}

fn subjects(
    target: &Target,
    loaded: &Loaded,
    iterations: &Iterations,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Subject> {
    match (target.stage, target.each) {
        (_, Each::Project) => vec![Subject::Project],
        (Stage::Concept, Each::Module) => loaded.modules.keys().cloned().map(Subject::Module).collect(),
        (Stage::Prototype, Each::Module) => {
            let reached = loaded.modules.iter().filter(|(_, module)| module.info.stage >= Reach::Prototype);
            reached.map(|(name, _)| Subject::Module(name.clone())).collect()
        }
        (Stage::Production, Each::Entity) => merged::in_use(loaded).into_iter().cloned().map(Subject::Entity).collect(),
        (Stage::Concept, Each::Entity) => entities(loaded).into_iter().cloned().map(Subject::Entity).collect(),
        (Stage::Prototype, Each::Iteration) => {
            let places = iterations.modules.iter().flat_map(|(name, items)| {
                let wanted = items.iter().enumerate().filter(|(_, item)| target.drafts || item.stamp.is_some());
                wanted.map(|(place, _)| Subject::Iteration(name.clone(), place))
            });
            places.collect()
        }
        (Stage::Prototype, Each::Timeline) => iterations.modules.keys().cloned().map(Subject::Timeline).collect(),
        (Stage::Prototype, Each::Entity)
        | (Stage::Production, Each::Module)
        | (Stage::Concept | Stage::Production, Each::Iteration | Each::Timeline) => {
            diagnostics.push(
                Diagnostic::new(Severity::Error, "target-subject", format!("target `{}` asks for a view that its stage does not have", target.name))
                    .help("`concept` has views for project, module and entity; `prototype` for project, module, iteration and timeline; `production` for the project and each entity"),
            );
            Vec::new()
        }
    }
}

/// File names of modules and entities.
struct Slugs {
    modules: BTreeMap<String, String>,
    entities: BTreeMap<String, String>,
}

impl Slugs {
    fn of(loaded: &Loaded, iterations: &Iterations) -> Slugs {
        let entities: Vec<String> = entities(loaded).into_iter().map(entity_title).collect();
        Slugs { entities: slugs(entities.iter().map(String::as_str)), ..Slugs::of_modules(loaded, iterations) }
    }

    fn of_modules(loaded: &Loaded, iterations: &Iterations) -> Slugs {
        let modules = slugs(loaded.modules.keys().chain(iterations.modules.keys()).map(String::as_str));
        Slugs { modules, entities: BTreeMap::new() }
    }
}

/// An entity's name as paths are made of it: unquoted, with its schema where it has one.
fn entity_title(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), name.name.as_str()),
        None => name.name.as_str().to_owned(),
    }
}

fn path(
    target: &Target,
    subject: &Subject,
    config: &Config,
    iterations: &Iterations,
    slugs: &Slugs,
    engine: &Engine,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<String> {
    let named = |name: String, slugs: &BTreeMap<String, String>| {
        let slug = slugs.get(&name).cloned().unwrap_or_default();
        Some(Named { name, slug })
    };
    let mut view = PathView { project: config.name.clone(), module: None, entity: None, iteration: None };
    match subject {
        Subject::Project => {}
        Subject::Module(name) => view.module = named(name.clone(), &slugs.modules),
        Subject::Entity(name) => view.entity = named(entity_title(name), &slugs.entities),
        Subject::Timeline(name) => view.module = named(name.clone(), &slugs.modules),
        Subject::Iteration(name, place) => {
            let item = &iterations.modules[name][*place];
            view.module = named(name.clone(), &slugs.modules);
            view.iteration = Some(Numbered {
                number: format!("{:04}", item.number),
                name: item.step.name.clone(),
                stamp: item.stamp.clone(),
            });
        }
    }
    let line = engine.render_line(&format!("the path of target `{}`", target.name), &target.path, &view);
    line.map_err(|error| diagnostics.push(error.diagnostic(|_| None))).ok()
}

/// The outputs whose paths are allowed, below the output folder; whether any was refused.
fn placed<'t>(
    planned: Vec<Planned<'t, String>>,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Planned<'t, RepoPath>>, bool) {
    let asked: Vec<Output> = planned
        .iter()
        .map(|(target, subject, path)| Output {
            target: target.name.clone(),
            subject: subject.to_string(),
            path: path.clone(),
            declared: None,
        })
        .collect();
    let findings = outputs::check(&asked);
    let refused = !findings.is_empty();
    diagnostics.extend(findings);
    let allowed = planned.into_iter().zip(&asked).filter_map(|((target, subject, _), output)| {
        let below = outputs::path(output).ok()?;
        Some((target, subject, config.output.join(below.as_str()).ok()?))
    });
    (allowed.collect(), refused)
}

/// Where the pages are that links lead to: those of the first concept target for each kind of subject.
fn paths(planned: &[Planned<'_, RepoPath>]) -> Paths {
    let mut paths = Paths::default();
    for (_, subject, path) in planned.iter().filter(|(target, ..)| target.stage == Stage::Concept) {
        match subject {
            Subject::Project if paths.project.is_root() => paths.project = path.clone(),
            Subject::Project | Subject::Iteration(..) | Subject::Timeline(_) => {}
            Subject::Module(name) => {
                paths.modules.entry(name.clone()).or_insert_with(|| path.clone());
            }
            Subject::Entity(name) => {
                paths.entities.entry(name.clone()).or_insert_with(|| path.clone());
            }
        }
    }
    paths
}
