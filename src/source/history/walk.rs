//! Looks at the commits of a line and finds the steps, in several threads.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::view::{Eye, View};
use super::{Ask, Step};
use crate::source::git::{GitError, Id, Meta};

/// Commits that one thread looks at in a row; what two neighbours have in common is read once.
const STRETCH: usize = 512;

/// The steps among `commits`, each the first parent of the next; `before` is the first parent of the first, and
/// `place` the first's place on the mainline.
pub fn walk(ask: &Ask<'_>, before: Option<Id>, place: usize, commits: &[Id]) -> Result<Vec<Step>, GitError> {
    let stretches = commits.chunks(STRETCH).enumerate().collect::<Vec<_>>();
    let steps = stretches.into_par_iter().with_max_len(1).map(|(number, stretch)| {
        let first = number * STRETCH;
        let before = first.checked_sub(1).map(|last| commits[last]).or(before);
        self::stretch(ask, before, place + first, stretch)
    });
    Ok(steps.collect::<Result<Vec<_>, _>>()?.concat())
}

fn stretch(ask: &Ask<'_>, before: Option<Id>, place: usize, commits: &[Id]) -> Result<Vec<Step>, GitError> {
    let mut eye = Eye::new(ask);
    let mut steps = Vec::new();
    let mut last = before.map(|id| eye.view(ask.repository.commit(id)?.tree)).transpose()?;
    for (at, commit) in (place..).zip(commits) {
        let header = ask.repository.commit(*commit)?;
        let view = eye.view(header.tree)?;
        if !eye.touched(last.as_ref(), &view)? {
            last = Some(view);
            continue;
        }
        steps.push(step(&mut eye, at, *commit, header.meta, last.as_ref(), &view)?);
        last = Some(view);
    }
    Ok(steps)
}

fn step(
    eye: &mut Eye<'_>,
    at: usize,
    commit: Id,
    meta: Meta,
    last: Option<&View>,
    view: &View,
) -> Result<Step, GitError> {
    let tree = |entry: Option<crate::source::git::Entry>| {
        entry.filter(|entry| entry.mode == crate::source::git::Mode::Folder).map(|entry| entry.id)
    };
    Ok(Step {
        at: u32::try_from(at).unwrap_or(u32::MAX),
        commit,
        meta,
        project: view.project,
        settings: eye.settings(view)?,
        folders: view.folders.clone(),
        busm: tree(view.busm),
        modules: changed(&last.map_or(Ok(BTreeMap::new()), |last| eye.modules(last))?, &eye.modules(view)?),
    })
}

/// The modules that are not as they were, by name.
fn changed(old: &BTreeMap<String, Id>, new: &BTreeMap<String, Id>) -> Vec<(String, Option<Id>)> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    changed.map(|name| (name.clone(), new.get(name).copied())).collect()
}
