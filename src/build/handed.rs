//! What a build hands on to the next process: what it would leave for its own next build, in a file of the cache.
//!
//! The file holds digests; what they stand for is in the memo, and read where an edit leads. It may be older than the last
//! build: it says what is known of some state of the project, and how far the project is from that is found by a look at
//! its files. Damaged, foreign or gone, it is no more than a build from the beginning.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::creation::{self, Creation};
use super::hardened::{self, Hardened, Yield};
use super::history::step::STEP;
use super::links::Reports;
use super::load::{self, Loaded};
use super::marks::Marks;
use super::merged::{self, Outline};
use super::partial::{self, Kept, left_as};
use super::pieces::{Handed, Listed, Pieces, Subject};
use super::relower::{self, Body, Left};
use super::render::{self, Settled};
use super::roundtrip::{self, Told};
use super::standing::{Setup, Standing, Steps, Stood};
use super::{ENGINE, known, parts, product, reported};
use crate::concept::Paths;
use crate::config::Config;
use crate::digest::{self, Digest};
use crate::disk::{atomic, frame};
use crate::memo::Memo;
use crate::path::RepoPath;
use crate::render::builtin;
use crate::source::Snapshot;

const FILE_NAME: &str = "standing";

/// The outputs, and what they show.
#[derive(Deserialize)]
struct Shown {
    setup: Setup,
    outputs: Handed,
    known: Vec<Option<Settled>>,
    steps: Option<Steps>,
    busm: Kept,
    modules: BTreeMap<String, Stood>,
    is_orderly: bool,
}

/// As [`Shown`], to be written.
#[derive(Serialize)]
struct ToShow<'a> {
    setup: &'a Setup,
    outputs: (Vec<Listed<&'a RepoPath, &'a Subject>>, &'a Paths, &'a Reports),
    known: &'a [Option<Settled>],
    steps: &'a Option<Steps>,
    busm: &'a Kept,
    modules: &'a BTreeMap<String, Stood>,
    is_orderly: &'a bool,
}

/// What large folders say, and production; what stands in [`Shown`] already is left out.
#[derive(Serialize, Deserialize)]
struct Said<F, P, C, T> {
    folders: Vec<(RepoPath, Option<Source>, F)>,
    production: Option<(Outline, P)>,
    creation: Option<C>,
    told: Option<T>,
}

/// The files of a folder, and what it is known by.
type Source = (Arc<Vec<(RepoPath, Digest)>>, Arc<Marks>);

/// Hands on what a build left. Without that the next process does more, and makes the same.
pub fn hand_on(cache: &Path, standing: &Standing, memo: &Memo) {
    let Standing { setup, pieces, busm, modules, known, steps, is_orderly } = standing;
    let outputs = (pieces.listed(), &*pieces.paths, &pieces.reports);
    let shown = ToShow { setup, outputs, known, steps, busm, modules, is_orderly };
    let marks = |name: &str| Some(&modules.get(name)?.view.marks);
    let lefts = folders(shown.views().map(Kept::folder), memo);
    let production = memo.left::<Hardened>(product::LEFT[0]);
    let outline = |made: &Hardened| made.said.outline(&busm.marks, marks);
    let said = Said {
        folders: lefts.iter().map(|(folder, left)| (folder.clone(), shown.lacks(folder, left), &left.body)).collect(),
        production: production.as_ref().map(|left| (outline(left), &left.made)),
        creation: memo.left::<Creation>(product::LEFT[1]),
        told: memo.left::<Told>(roundtrip::LEFT),
    };
    let (shown, said) = rayon::join(|| frame::encode(&magic(), &shown), || frame::encode("", &said));
    let _ = atomic::replace(&place(cache), &[shown, said].concat());
}

/// Notes that what a build leaves is relied upon, by this process or another.
pub fn touch(loaded: &Loaded, memo: &Memo) {
    let views = loaded.modules.values().map(|module| &module.view).chain([&loaded.busm]);
    folders(views.map(|view| view.folder()), memo).iter().for_each(|(_, left)| left.touch(memo));
    memo.left::<Hardened>(product::LEFT[0]).iter().for_each(|left| left.made.touch(memo));
    let creation = memo.left::<Creation>(product::LEFT[1]);
    creation.iter().filter_map(|left| left.parts.as_ref()).for_each(|parts| parts.touch(memo));
}

/// What an earlier build handed on: what production and large folders follow from, and what the outputs do, if it was made
/// by the same settings and templates.
pub fn take(
    cache: &Path,
    setup: Setup,
    config: &Config,
    snapshot: &dyn Snapshot,
    memo: &Arc<Memo>,
) -> Option<Standing> {
    let bytes = std::fs::read(place(cache)).ok()?;
    let (shown, said) = bytes.strip_prefix(magic().as_bytes()).and_then(frame::split)?;
    let (shown, said) = rayon::join(
        || frame::decode::<Shown>("", shown),
        || frame::decode::<Said<Body, Yield, Arc<Creation>, Arc<Told>>>("", said),
    );
    let (Shown { setup: before, outputs, known, steps, busm, modules, is_orderly }, said) = (shown?, said?);
    let views = || modules.values().map(|stood| &stood.view).chain([&busm]);
    for (folder, source, body) in said.folders {
        let known = || views().find(|view| *view.folder() == folder);
        let source = source.or_else(|| known().map(|view| (Arc::clone(view.list()), Arc::clone(&view.marks))));
        let left = source.map(|(list, marks)| Left { list, marks, body });
        left.into_iter().for_each(|left| memo.leave(&left_as(&folder), Arc::new(left)));
    }
    if let Some((outline, made)) = said.production {
        let said = outline.filled(&busm.marks, |name| Some(&modules.get(name)?.view.marks));
        let left = said.map(|said| Hardened { said, made });
        left.into_iter().for_each(|left| memo.leave(product::LEFT[0], Arc::new(left)));
    }
    said.creation.into_iter().for_each(|left| memo.leave(product::LEFT[1], left));
    said.told.into_iter().for_each(|left| memo.leave(roundtrip::LEFT, left));
    if before != setup {
        return None;
    }
    let pieces = Pieces::again(outputs, config, snapshot, memo)?;
    Some(Standing { setup, pieces, busm, modules, is_orderly, known, steps })
}

impl ToShow<'_> {
    /// The views of all folders.
    fn views(&self) -> impl Iterator<Item = &Kept> {
        self.modules.values().map(|stood| &stood.view).chain([self.busm])
    }

    /// What of a folder does not stand here.
    fn lacks(&self, folder: &RepoPath, left: &Left) -> Option<Source> {
        let is_here = |view: &Kept| view.folder() == folder && *view.list() == left.list && view.marks == left.marks;
        let is_here = self.views().any(is_here);
        (!is_here).then(|| (Arc::clone(&left.list), Arc::clone(&left.marks)))
    }
}

/// What is left of the large ones among these folders.
fn folders<'f>(all: impl Iterator<Item = &'f RepoPath>, memo: &Memo) -> Vec<(RepoPath, Arc<Left>)> {
    all.filter_map(|folder| Some((folder.clone(), memo.left::<Left>(&left_as(folder))?))).collect()
}

fn place(cache: &Path) -> PathBuf {
    cache.join(FILE_NAME)
}

/// What the file begins with: it is of no use to a forge that asks, lowers or lays out otherwise.
fn magic() -> String {
    let queries = [
        load::PARSE,
        load::ABOUT,
        partial::LOWER,
        partial::FOLDER,
        partial::MARKS,
        partial::TAKES,
        relower::ENTITY,
        merged::VERDICT,
        reported::REPORTED,
        hardened::DETAIL,
        hardened::TABLE,
        creation::PART,
        roundtrip::READ_BACK,
        roundtrip::SAID,
        known::KNOWN,
        known::TRACE,
        parts::PARTS,
        render::TEXT,
        STEP,
    ];
    let queries = queries.map(|query| (query.name, query.version));
    let made_by = digest::of("made by", &(queries, builtin::digest()));
    format!("forge standing 7, {ENGINE}, {}\n", made_by.short())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::{Creation, Hardened, Left, hand_on, left_as, place, take};
    use crate::build::history::views::Iterations;
    use crate::build::standing::Standing;
    use crate::build::{ENGINE, fixture, load, pieces, product};
    use crate::config;
    use crate::digest;
    use crate::memo::Memo;
    use crate::path::RepoPath;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    #[test]
    fn what_is_taken_up_is_what_was_handed_on() {
        let folder = tempfile::tempdir().unwrap();
        let [memo, one, other] = ["memo", "one", "other"].map(|name| folder.path().join(name));
        [&one, &other].iter().for_each(|cache| fs::create_dir(cache).unwrap());
        let many = (0..70).map(|at| format!("//- busm/more/e{at}.toml\n[e{at}.fields]\nid = \"uuid\"\n"));
        let text = format!("{}{}", fixture::project(&fixture::example()), many.collect::<String>());
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(&text));
        let config = config::read(&files.read(&RepoPath::new("forge.toml").unwrap()).unwrap(), &mut Vec::new());
        let setup = (Some(digest::bytes(b"settings")), None);
        {
            let (memo, mut found) = (Arc::new(Memo::open(&memo, ENGINE)), Vec::new());
            let (loaded, none) = (load::load(&files, &config, &memo, &mut found), Iterations::default());
            let pieces = pieces::pieces(&config, &loaded, &none, files.as_ref(), &memo, &mut found);
            let pieces = pieces.with_production(&config, &loaded, &memo, &mut found);
            pieces.production.as_ref().unwrap().said();
            let standing = Standing::of(setup, &loaded, &none, pieces, Vec::new()).unwrap();
            hand_on(&one, &standing, &memo);
            assert!(memo.commit().is_none());
        }
        let memo = Arc::new(Memo::open(&memo, ENGINE));
        assert!(take(&one, (None, None), &config, files.as_ref(), &memo).is_none(), "other settings");
        assert!(memo.left::<Hardened>(product::LEFT[0]).is_some() && memo.left::<Creation>(product::LEFT[1]).is_some());
        let standing = take(&one, setup, &config, files.as_ref(), &memo).unwrap();
        assert!(memo.left::<Left>(&left_as(&config.busm)).is_some());
        hand_on(&other, &standing, &memo);
        assert!(fs::read(place(&one)).unwrap() == fs::read(place(&other)).unwrap());
    }
}
