//! The line of a mainline's first parents, and where `HEAD` left it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::source::git::{GitError, Id, Point, Repository};

/// A line of first parents, oldest first: the first commits of a line that is known, and what follows them.
pub struct Line<'a> {
    known: &'a [Id],
    /// How many of the known commits belong to it.
    pub kept: usize,
    /// The commits that follow them.
    pub new: Vec<Point>,
    /// The place of the newest commit of the line that `HEAD` contains.
    pub base: Option<usize>,
    places: OnceCell<Vec<(Id, usize)>>,
}

/// The line of the mainline that matters to `head`.
///
/// The mainline may be there twice, as the user's own branch and as the remote's. The line is that of which `head`
/// contains more, so that neither a stale branch nor one that was not pushed yet moves the base back.
///
/// # Errors
/// When a commit cannot be read, or history is cut off (`ends`) on the way.
pub fn choose<'a>(
    repository: &dyn Repository,
    known: &'a [Id],
    tips: &[Option<Id>],
    head: Id,
    ends: &[Id],
) -> Result<Option<Line<'a>>, GitError> {
    let mut best: Option<Line<'a>> = None;
    for tip in tips.iter().flatten() {
        if best.as_ref().is_some_and(|line| line.place(*tip).is_some()) {
            continue;
        }
        let line = Line::of(repository, known, *tip, head, ends)?;
        if best.as_ref().is_none_or(|best| line.is_ahead_of(best)) {
            best = Some(line);
        }
    }
    Ok(best)
}

impl<'a> Line<'a> {
    /// Walks from `tip` back to the first known commit.
    fn of(repository: &dyn Repository, known: &'a [Id], tip: Id, head: Id, ends: &[Id]) -> Result<Line<'a>, GitError> {
        let mut line = Line { known, kept: known.len(), new: Vec::new(), base: None, places: OnceCell::new() };
        if known.last() != Some(&tip) {
            line.walk(repository, tip, ends)?;
        }
        line.base = if head == tip { Some(line.length() - 1) } else { line.newest_in(repository, head, ends)? };
        Ok(line)
    }

    fn walk(&mut self, repository: &dyn Repository, tip: Id, ends: &[Id]) -> Result<(), GitError> {
        let known = sorted(self.known.iter().copied());
        self.kept = 0;
        repository.first_parents(tip, &mut |point| {
            if let Some(place) = find(&known, point.commit) {
                self.kept = place + 1;
                return ControlFlow::Break(());
            }
            self.new.push(point);
            ControlFlow::Continue(())
        })?;
        match self.new.last() {
            Some(end) if self.kept == 0 && ends.contains(&end.commit) => return Err(GitError::Shallow(end.commit)),
            _ => self.new.reverse(),
        }
        Ok(())
    }

    /// The place of the newest commit of the line that `head` contains.
    ///
    /// A merge base would not do: it may lie beside the line, on a branch that was merged into both.
    fn newest_in(&self, repository: &dyn Repository, head: Id, ends: &[Id]) -> Result<Option<usize>, GitError> {
        let mut newest = None;
        let (mut open, mut seen) = (vec![head], BTreeSet::from([head]));
        while let Some(id) = open.pop() {
            match self.place(id) {
                Some(place) => newest = newest.max(Some(place)),
                // Behind the cut there may be a newer one.
                None if ends.contains(&id) => return Err(GitError::Shallow(id)),
                None => open.extend(repository.commit(id)?.parents.into_iter().filter(|parent| seen.insert(*parent))),
            }
        }
        Ok(newest)
    }

    /// Whether `HEAD` contains more of this line than of `other`.
    fn is_ahead_of(&self, other: &Line<'_>) -> bool {
        match (self.base, other.base.and_then(|place| other.commits().nth(place))) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(own), Some(commit)) => self.place(commit).is_some_and(|place| place < own),
        }
    }

    fn length(&self) -> usize {
        self.kept + self.new.len()
    }

    fn commits(&self) -> impl Iterator<Item = Id> {
        self.known[..self.kept].iter().copied().chain(self.new.iter().map(|point| point.commit))
    }

    fn place(&self, id: Id) -> Option<usize> {
        find(self.places.get_or_init(|| sorted(self.commits())), id)
    }
}

/// Ids with their places, to be searched.
fn sorted(ids: impl Iterator<Item = Id>) -> Vec<(Id, usize)> {
    let mut places: Vec<(Id, usize)> = ids.enumerate().map(|(place, id)| (id, place)).collect();
    places.sort_unstable();
    places
}

fn find(places: &[(Id, usize)], id: Id) -> Option<usize> {
    let found = places.binary_search_by_key(&id, |(own, _)| *own).ok()?;
    Some(places[found].1)
}
