//! Looks at the commits of a line and finds the steps, in several threads.

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::view::{Eye, View};
use super::{Ask, Folders, Step};
use crate::source::git::{Entry, GitError, Id, Mode, Point};

/// The fewest commits that one thread looks at in a row; what they have in common is read once.
const STRETCH: usize = 512;
/// So many stretches for each thread, that none waits long for the last.
const STRETCHES: usize = 16;

/// The steps among `commits`, each the first parent of the next; `before` is the root of the tree of the first one's
/// first parent, and `place` the first's place on the mainline.
pub fn walk(ask: &Ask<'_>, before: Option<Id>, place: usize, commits: &[Point]) -> Result<Vec<Step>, GitError> {
    let length = (commits.len() / (STRETCHES * rayon::current_num_threads())).max(STRETCH);
    let stretches = commits.chunks(length).enumerate().collect::<Vec<_>>();
    let steps = stretches.into_par_iter().with_max_len(1).map(|(number, stretch)| {
        let first = number * length;
        let before = first.checked_sub(1).map(|last| commits[last].tree).or(before);
        self::stretch(ask, before, place + first, stretch)
    });
    Ok(steps.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn stretch(ask: &Ask<'_>, before: Option<Id>, place: usize, commits: &[Point]) -> Result<Vec<Step>, GitError> {
    let mut eye = Eye::new(ask);
    let mut steps = Vec::new();
    let mut last = before.map(|tree| eye.view(tree)).transpose()?;
    for (at, point) in (place..).zip(commits) {
        let view = eye.view(point.tree)?;
        if eye.touched(last.as_ref(), &view)? {
            steps.push(step(&mut eye, at, point.commit, last.as_ref(), &view)?);
        }
        last = Some(view);
    }
    Ok(steps)
}

fn step(eye: &mut Eye<'_>, at: usize, commit: Id, last: Option<&View>, view: &View) -> Result<Step, GitError> {
    let tree = |entry: Option<Entry>| entry.filter(|entry| entry.mode == Mode::Folder).map(|entry| entry.id);
    Ok(Step {
        at: u32::try_from(at).unwrap_or(u32::MAX),
        commit,
        meta: eye.header(commit)?.meta,
        project: view.project,
        settings: eye.settings(view)?,
        folders: Folders::clone(&view.folders),
        busm: tree(view.busm),
        has_modules: tree(view.modules).is_some(),
        modules: eye.modules(last, view)?,
    })
}
