//! The promises of the memo, on real folders.

use std::fs;
use std::path::Path;

use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

use super::store::{Kept, Store};
use super::{Memo, Query};
use crate::digest::{self, Digest};
use crate::disk::{lock, testing};

const SQUARE: Query = Query { name: "square", version: 1 };

fn square(memo: &Memo, number: u64) -> u64 {
    memo.query(SQUARE, &number.to_string(), digest::of("number", &number), || number * number)
}

/// The squares that a new memo in `folder` has to compute when asked for the first `count`.
fn computed(folder: &Path, count: u64) -> Vec<String> {
    let memo = Memo::open(folder, "test");
    for number in 0..count {
        assert_eq!(square(&memo, number), number * number);
    }
    let ran = memo.work().remove("square").map(|work| work.ran).unwrap_or_default();
    assert!(memo.commit().is_none());
    ran
}

fn key(number: u64) -> Digest {
    digest::of("key", &number)
}

#[test]
fn a_run_that_adds_little_leaves_the_index_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let index = || fs::read(folder.path().join("index")).unwrap();
    let put = |store: &Store, number: u64, bytes: usize| {
        store.put(key(number), vec![number as u8; bytes]);
        assert!(matches!(store.commit(), Kept::Written));
    };
    put(&Store::open(folder.path()), 0, 10);
    let first = index();
    let store = Store::open(folder.path());
    (1..4).for_each(|number| put(&store, number, 1_000));
    assert!(index() == first, "one process adds three times");
    (0..4).for_each(|number| assert!(value(&store, number).is_some(), "{number}"));
    (4..7).for_each(|number| put(&Store::open(folder.path()), number, 1_000));
    assert!(index() == first, "and others do");
    let store = Store::open(folder.path());
    (0..7).for_each(|number| assert!(value(&store, number).is_some(), "{number}"));
    put(&store, 7, 3_000_000);
    assert!(index() != first, "more than that is worth it");
    let store = Store::open(folder.path());
    (0..8).for_each(|number| assert!(value(&store, number).is_some(), "{number}"));
}

fn value(store: &Store, number: u64) -> Option<Vec<u8>> {
    store.read(&key(number), <[u8]>::to_vec)
}

#[test]
fn a_second_run_computes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(computed(folder.path(), 3), ["0", "1", "2"]);
    assert_eq!(computed(folder.path(), 3), [""; 0]);
    assert_eq!(computed(folder.path(), 4), ["3"]);
}

#[test]
fn another_version_engine_or_type_is_another_value() {
    let folder = tempfile::tempdir().unwrap();
    let memo = Memo::open(folder.path(), "test");
    let input = digest::of("number", &2);
    let key = memo.key(SQUARE, input);
    memo.put(key, &4_u64);
    assert_ne!(memo.key(Query { version: 2, ..SQUARE }, input), key);
    assert_ne!(memo.key(Query { name: "cube", ..SQUARE }, input), key);
    assert_ne!(Memo::open(folder.path(), "other").key(SQUARE, input), key);
    assert_eq!(memo.get::<u64>(key), Some(4));
    assert_eq!(memo.get::<(u64, u64)>(key), None);
}

#[test]
fn a_log_cut_at_any_byte_serves_its_whole_records_and_heals() {
    let folder = tempfile::tempdir().unwrap();
    computed(folder.path(), 4);
    let (log, index) = (folder.path().join("log"), folder.path().join("index"));
    let (whole, whole_index) = (fs::read(&log).unwrap(), fs::read(&index).unwrap());
    for with_index in [true, false] {
        for cut in 0..whole.len() {
            fs::write(&log, &whole[..cut]).unwrap();
            if with_index {
                fs::write(&index, &whole_index).unwrap()
            } else {
                fs::remove_file(&index).unwrap()
            }
            assert!(!computed(folder.path(), 4).is_empty(), "cut at {cut}");
            assert_eq!(computed(folder.path(), 4), [""; 0], "healed after a cut at {cut}");
        }
    }
}

#[test]
fn a_torn_tail_is_cut_and_appended_over() {
    let folder = tempfile::tempdir().unwrap();
    computed(folder.path(), 4);
    let log = folder.path().join("log");
    let mut bytes = fs::read(&log).unwrap();
    let whole = bytes.len();
    bytes.extend_from_slice(&[9, 0, 0, 0, 1, 2]);
    fs::write(&log, &bytes).unwrap();
    assert_eq!(computed(folder.path(), 5), ["4"]);
    fs::remove_file(folder.path().join("index")).unwrap();
    assert_eq!(computed(folder.path(), 5), [""; 0], "nothing stands between the old records and the new one");
    assert!(fs::metadata(&log).unwrap().len() > whole as u64);
}

#[test]
fn garbage_for_a_cache_is_an_empty_cache() {
    for name in ["log", "index"] {
        let folder = tempfile::tempdir().unwrap();
        computed(folder.path(), 2);
        fs::write(folder.path().join(name), "not ours\n").unwrap();
        computed(folder.path(), 2);
        assert_eq!(computed(folder.path(), 2), [""; 0], "garbage in {name}");
    }
}

#[test]
fn a_killed_run_loses_only_its_own_additions() {
    let folder = tempfile::tempdir().unwrap();
    computed(folder.path(), 2);
    let index = fs::read(folder.path().join("index")).unwrap();
    computed(folder.path(), 3);
    fs::write(folder.path().join("index"), index).unwrap(); // killed between the log and the index
    fs::write(folder.path().join(".forge-tmp-x"), "half").unwrap();
    assert_eq!(computed(folder.path(), 4), ["3"]);
    assert!(!folder.path().join(".forge-tmp-x").exists());
}

#[test]
fn what_a_run_left_that_was_killed_before_its_index_is_cleared_away_by_one_that_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    computed(folder.path(), 1);
    let (index, unfinished) = (folder.path().join("index"), folder.path().join(".forge-tmp-x"));
    let old = fs::read(&index).unwrap();
    computed(folder.path(), 2);
    fs::write(&index, old).unwrap();
    fs::write(&unfinished, "half").unwrap();
    assert_eq!(computed(folder.path(), 2), [""; 0], "the log has all of it");
    assert!(!unfinished.exists());
    let whole = fs::metadata(&index).unwrap().modified().unwrap();
    assert_eq!(computed(folder.path(), 2), [""; 0]);
    assert_eq!(fs::metadata(&index).unwrap().modified().unwrap(), whole, "nothing is left to do");
}

#[test]
fn an_index_of_another_log_is_not_believed() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    computed(one.path(), 5);
    computed(other.path(), 3);
    fs::copy(one.path().join("index"), other.path().join("index")).unwrap();
    assert_eq!(computed(other.path(), 3), [""; 0]);
}

#[test]
fn two_writers_in_turn_keep_both_additions() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Memo::open(folder.path(), "test"), Memo::open(folder.path(), "test"));
    square(&first, 1);
    square(&second, 2);
    assert!(first.commit().is_none() && second.commit().is_none());
    assert_eq!(computed(folder.path(), 3), ["0"]);
    square(&first, 2);
    assert_eq!(first.work()["square"].ran, ["1", "2"], "an open memo does not look again until it writes");
}

#[test]
fn many_writers_at_once_corrupt_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4_u64 {
            let folder = folder.path();
            scope.spawn(move || {
                for round in 0..10 {
                    let store = Store::open(folder);
                    let number = writer * 100 + round;
                    store.put(key(number), number.to_string().into_bytes());
                    while matches!(store.commit(), Kept::Busy) {}
                }
            });
        }
    });
    let store = Store::open(folder.path());
    for number in (0..4).flat_map(|writer| (0..10).map(move |round| writer * 100 + round)) {
        assert_eq!(value(&store, number), Some(number.to_string().into_bytes()));
    }
}

#[test]
fn a_lock_that_is_held_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let _held = lock::take(&folder.path().join("lock"), std::time::Duration::ZERO).unwrap().unwrap();
    let memo = Memo::open(folder.path(), "test");
    square(&memo, 3);
    assert_eq!(memo.commit().unwrap().code, "cache-busy");
    assert_eq!(square(&memo, 3), 9);
}

#[test]
fn a_folder_that_cannot_be_made_is_said_and_survived() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let memo = Memo::open(file.join("cache"), "test");
    assert_eq!(square(&memo, 3), 9);
    assert_eq!(square(&memo, 3), 9);
    assert_eq!(memo.work()["square"].ran, ["3"]);
    assert_eq!(memo.commit().unwrap().code, "cache-not-written");
}

#[test]
fn the_log_is_bounded_and_keeps_what_was_used_last() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..50 {
        let store = Store::open(folder.path()).bounded(20_000);
        assert_eq!(value(&store, 0).is_some(), number > 0, "used in every run, so kept");
        store.put(key(number), vec![7; 1_000]);
        assert!(matches!(store.commit(), Kept::Written));
        // Beyond the limit there is what was added since the index was written.
        assert!(fs::metadata(folder.path().join("log")).unwrap().len() <= 20_000 + 20_000 / 8);
    }
    let store = Store::open(folder.path());
    assert!(value(&store, 49).is_some());
    assert!(value(&store, 1).is_none());
}

#[test]
fn what_a_run_uses_is_kept_whatever_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    for run in 0..20 {
        let store = Store::open(folder.path()).bounded(5_000);
        (0..50).for_each(|number| assert_eq!(value(&store, number).is_some(), run > 0, "{number} in run {run}"));
        let new = 50 + 50 * run..100 + 50 * run;
        (0..50).chain(new).filter(|number| run == 0 || *number >= 50).for_each(|number| {
            store.put(key(number), vec![1; 1_000]);
        });
        assert!(matches!(store.commit(), Kept::Written));
    }
    // The last two runs used a hundred and fifty records.
    assert!(fs::metadata(folder.path().join("log")).unwrap().len() <= 4 * 150 * 1_100);
}

#[test]
fn a_compaction_does_not_disturb_an_open_reader() {
    let folder = tempfile::tempdir().unwrap();
    let put = |number: u64| {
        let store = Store::open(folder.path()).bounded(5_000);
        store.put(key(number), vec![number as u8; 1_000]);
        assert!(matches!(store.commit(), Kept::Written));
    };
    put(0);
    let reader = Store::open(folder.path());
    assert_eq!(value(&reader, 0), Some(vec![0; 1_000]));
    (1..20).for_each(put);
    assert!(value(&Store::open(folder.path()), 0).is_none(), "compacted away");
    assert_eq!(value(&reader, 0), Some(vec![0; 1_000]), "and still there for whoever had it open");
}

#[test]
fn threads_share_a_memo() {
    use rayon::prelude::{IntoParallelIterator, ParallelIterator};
    let folder = tempfile::tempdir().unwrap();
    let memo = Memo::open(folder.path(), "test");
    let sum: u64 = (0..200_u64).into_par_iter().map(|number| square(&memo, number)).sum();
    assert_eq!(sum, (0..200).map(|number: u64| number * number).sum::<u64>());
    assert_eq!(memo.work()["square"].ran.len(), 200);
    assert!(memo.commit().is_none());
    assert_eq!(computed(folder.path(), 200), [""; 0]);
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_a_cache_that_works() {
    if let Some(folder) = testing::folder() {
        for round in 0.. {
            let memo = Memo::open(&folder, "test");
            for number in 0..20 {
                square(&memo, round * 20 + number);
            }
            memo.commit();
        }
    }
    for round in 1..12 {
        let folder = tempfile::tempdir().unwrap();
        let test = "memo::tests::a_run_that_is_killed_at_any_moment_leaves_a_cache_that_works";
        let mut child = testing::again(test, folder.path()).spawn().unwrap();
        while fs::metadata(folder.path().join("log")).map_or(0, |meta| meta.len()) < round * 1_000 {
            assert!(child.try_wait().unwrap().is_none(), "the other process ended by itself");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let ran = computed(folder.path(), 400);
        assert!(ran.len() < 400, "what was committed before the kill is there");
        assert_eq!(computed(folder.path(), 400), [""; 0], "round {round}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is flipped, cut or zeroed in whichever file: answers stay right, and the run after next is a no-op.
    #[test]
    fn damage_never_changes_an_answer(
        file in prop::sample::select(vec!["log", "index"]),
        at in 0.0..1.0_f64,
        damage in 0_u8..3,
        length in 1_usize..40,
    ) {
        let folder = tempfile::tempdir().unwrap();
        computed(folder.path(), 6);
        let path = folder.path().join(file);
        let mut bytes = fs::read(&path).unwrap();
        let start = (bytes.len() as f64 * at) as usize;
        let end = (start + length).min(bytes.len());
        match damage {
            0 => bytes[start..end].iter_mut().for_each(|byte| *byte ^= 0x41),
            1 => bytes[start..end].fill(0),
            _ => bytes.truncate(start),
        }
        fs::write(&path, bytes).unwrap();
        computed(folder.path(), 6);
        prop_assert_eq!(computed(folder.path(), 6), [""; 0]);
    }
}
