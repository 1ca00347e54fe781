//! The files of an edit: what was saved in folders that were there before.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::load::{self, MODULE_FILE, is_schema};
use super::standing::{Setup, Standing, Stood};
use crate::config::Config;
use crate::digest::Digest;
use crate::path::RepoPath;
use crate::source::Snapshot;

/// Files up to which what a build handed on is near enough for the next.
const LITTLE: usize = 6;
/// Files beyond which all is looked at.
const FEW: usize = 32;

/// The schema files that were saved.
#[derive(Default)]
pub struct Saved {
    /// Those of the business-wide model.
    pub busm: Vec<RepoPath>,
    /// Whether something else happened in its folder, which may be that a folder went.
    pub beside_busm: bool,
    /// Those of each module in whose folder something happened.
    pub modules: BTreeMap<String, Vec<RepoPath>>,
}

impl Saved {
    /// Whether it is so little that it may well be said again.
    pub fn is_little(&self) -> bool {
        self.len() <= LITTLE
    }

    fn len(&self) -> usize {
        self.busm.len() + self.modules.values().map(Vec::len).sum::<usize>()
    }

    /// The schema files that are not what they were when a build left `standing`; none where something else differs that
    /// matters, or so many do that all is better looked at.
    pub fn since(standing: &Standing, setup: Setup, config: &Config, snapshot: &dyn Snapshot) -> Option<Saved> {
        let mut found = Vec::new();
        let folders = load::module_folders(snapshot, config, &mut found);
        if standing.setup != setup || !found.is_empty() || !folders.keys().eq(standing.modules.keys()) {
            return None;
        }
        let busm = || {
            let schemas = snapshot.files(&config.busm).into_iter().filter(is_schema).collect();
            differing(standing.busm.list(), schemas, snapshot)
        };
        let module = |((name, files), stood): ((String, Vec<RepoPath>), &Stood)| {
            let about = files.iter().find(|path| path.file_name() == MODULE_FILE);
            let is_same = about.map(|path| snapshot.digest(path).ok()) == stood.about.map(Some);
            let differing = is_same.then(|| differing(stood.view.list(), load::schemas(files), snapshot))??;
            Some((name, differing))
        };
        let modules: Vec<_> = folders.into_iter().zip(standing.modules.values()).collect();
        let (busm, modules) = rayon::join(busm, || modules.into_par_iter().map(module).collect::<Option<Vec<_>>>());
        let modules = modules?.into_iter().filter(|(_, differing)| !differing.is_empty()).collect();
        let saved = Saved { busm: busm?, beside_busm: false, modules };
        (saved.len() <= FEW).then_some(saved)
    }

    /// The schema files among `changed`; none where something else is among them that matters.
    pub fn of(changed: &BTreeSet<RepoPath>, config: &Config, snapshot: &dyn Snapshot) -> Option<Saved> {
        let Config { busm, modules, templates, .. } = config;
        let mut saved = Saved::default();
        for path in changed {
            let is_module = path.is_below(modules);
            let module = path.strip_prefix(modules).and_then(|below| below.split_once('/')).map(|(module, _)| module);
            if path.is_below(templates)
                || busm.is_below(path)
                || modules.is_below(path)
                || is_module && module.is_none()
            {
                return None;
            }
            let (files, beside) = match module {
                Some(module) => (saved.modules.entry(module.to_owned()).or_default(), &mut false),
                None if path.is_below(busm) => (&mut saved.busm, &mut saved.beside_busm),
                None => continue,
            };
            if is_schema(path) && snapshot.digest(path).is_ok() && path.file_name() != MODULE_FILE {
                files.push(path.clone());
            } else if !is_schema(path) && snapshot.files(path).is_empty() {
                *beside = true; // an editor's own files come and go
            } else {
                return None;
            }
        }
        Some(saved)
    }
}

/// Those of `files` that are not what was `known`; none where they are not the same files.
fn differing(known: &[(RepoPath, Digest)], files: Vec<RepoPath>, snapshot: &dyn Snapshot) -> Option<Vec<RepoPath>> {
    if !files.iter().eq(known.iter().map(|(path, _)| path)) {
        return None;
    }
    let mut differing = Vec::new();
    for (path, (_, version)) in files.into_iter().zip(known) {
        if snapshot.digest(&path).ok()? != *version {
            differing.push(path);
        }
    }
    Some(differing)
}
