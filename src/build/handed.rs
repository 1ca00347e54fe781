//! What a build hands on to the next process: what it would leave for its own next build, in a file of the cache.
//!
//! The file holds digests; what they stand for is in the memo, and read where an edit leads. It may be older than the last
//! build: it says what is known of some state of the project, and how far the project is from that is found by a look at
//! its files. Damaged, foreign or gone, it is no more than a build from the beginning.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::creation::Creation;
use super::hardened::Hardened;
use super::load::Loaded;
use super::partial::{Kept, left_as};
use super::pieces::{Piece, Pieces};
use super::product;
use super::relower::Left;
use super::render::Settled;
use super::roundtrip::{self, Told};
use super::standing::{self, Setup, Standing, Steps, Stood};
use super::{ENGINE, Material};
use crate::concept::Paths;
use crate::config::Config;
use crate::disk::{atomic, frame};
use crate::memo::Memo;
use crate::path::RepoPath;
use crate::source::Snapshot;

const FILE_NAME: &str = "standing";

/// The outputs, and what they show.
#[derive(Deserialize)]
struct Shown {
    setup: Setup,
    outputs: (Vec<Piece>, Arc<Paths>, Option<RepoPath>),
    known: Vec<Option<Settled>>,
    steps: Option<Steps>,
    busm: Kept,
    modules: BTreeMap<String, Stood>,
    is_orderly: bool,
}

/// As [`Shown`], to be written.
#[derive(Serialize)]
struct ToShow<'a> {
    setup: Setup,
    outputs: (&'a [Piece], &'a Paths, &'a Option<RepoPath>),
    known: &'a [Option<Settled>],
    steps: Option<Steps>,
    busm: Kept,
    modules: BTreeMap<String, Stood>,
    is_orderly: bool,
}

/// What large folders say, and production.
#[derive(Default, Serialize, Deserialize)]
struct Said {
    folders: Vec<(RepoPath, Arc<Left>)>,
    production: Option<Arc<Hardened>>,
    creation: Option<Arc<Creation>>,
    told: Option<Arc<Told>>,
}

/// Hands on what a build was made of, if all of it could be built. Without that the next process does more, and makes the
/// same.
pub(super) fn hand_on(cache: &Path, made: &Material, known: &[Option<Settled>], memo: &Memo) {
    let Material { setup, loaded, iterations, pieces, .. } = made;
    if !standing::is_of_all(loaded, pieces) {
        return;
    }
    let shown = ToShow {
        setup: *setup,
        outputs: (&pieces.list, &pieces.paths, &pieces.report),
        known,
        steps: standing::steps(iterations),
        busm: loaded.busm.kept(),
        modules: standing::stood(loaded),
        is_orderly: loaded.is_orderly,
    };
    let said = Said {
        folders: folders(loaded, memo),
        production: memo.left(product::LEFT[0]),
        creation: memo.left(product::LEFT[1]),
        told: memo.left(roundtrip::LEFT),
    };
    let (shown, said) = rayon::join(|| frame::encode(&magic(), &shown), || frame::encode("", &said));
    let _ = atomic::replace(&place(cache), &[shown, said].concat());
}

/// Notes that what a build leaves is relied upon, by this process or another.
pub(super) fn touch(loaded: &Loaded, memo: &Memo) {
    folders(loaded, memo).iter().for_each(|(_, left)| left.touch(memo));
    memo.left::<Hardened>(product::LEFT[0]).iter().for_each(|left| left.touch(memo));
    let creation = memo.left::<Creation>(product::LEFT[1]);
    creation.iter().filter_map(|left| left.parts.as_ref()).for_each(|parts| parts.touch(memo));
}

/// What the last build handed on, if it was made by the same settings and templates.
pub(super) fn take(
    cache: &Path,
    setup: Setup,
    config: &Config,
    snapshot: &dyn Snapshot,
    memo: &Arc<Memo>,
) -> Option<Standing> {
    let bytes = std::fs::read(place(cache)).ok()?;
    let (shown, said) = bytes.strip_prefix(magic().as_bytes()).and_then(frame::split)?;
    let (shown, said) = rayon::join(
        || frame::decode::<Shown>("", shown).filter(|shown| shown.setup == setup),
        || frame::decode::<Said>("", said),
    );
    let (Shown { outputs, known, steps, busm, modules, is_orderly, .. }, said) = (shown?, said?);
    said.folders.into_iter().for_each(|(folder, left)| memo.leave(&left_as(&folder), left));
    said.production.into_iter().for_each(|left| memo.leave(product::LEFT[0], left));
    said.creation.into_iter().for_each(|left| memo.leave(product::LEFT[1], left));
    said.told.into_iter().for_each(|left| memo.leave(roundtrip::LEFT, left));
    let pieces = Pieces::again(outputs, config, snapshot, memo);
    Some(Standing { setup, pieces, busm, modules, is_orderly, known, steps })
}

/// What is left of large folders.
fn folders(loaded: &Loaded, memo: &Memo) -> Vec<(RepoPath, Arc<Left>)> {
    let views = loaded.modules.values().map(|module| &module.view).chain([&loaded.busm]);
    let left = |folder: &RepoPath| Some((folder.clone(), memo.left::<Left>(&left_as(folder))?));
    views.filter_map(|view| left(view.folder())).collect()
}

fn place(cache: &Path) -> PathBuf {
    cache.join(FILE_NAME)
}

fn magic() -> String {
    format!("forge standing 1, {ENGINE}\n")
}
