//! Random pairs of schemas: every plan between two of them is right (DESIGN §10.3).
//!
//! Each seed is a pair. `FORGE_SEED=17` proves that one alone, prints everything about it and shrinks it;
//! `./test --long` (`FORGE_LONG=1`) proves two thousand.

use std::mem::discriminant;

use forge::plan::Style;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::parallel;
use crate::support::postgres::Database;
use crate::support::proof::{Case, Failure, prove};
use crate::support::random::sql::ROLES;
use crate::support::random::{self, rows};

/// How many tries finding a smaller counterexample may take.
const SHRINKING: usize = 150;

#[test]
fn every_plan_between_random_schemas_is_right() {
    drop(Database::with(ROLES));
    if let Some(seed) = setting("FORGE_SEED") {
        return explain(seed);
    }
    let count = setting("FORGE_PAIRS").unwrap_or(if setting("FORGE_LONG").is_some() { 2000 } else { 40 });
    println!("seeds 0 to {}", count - 1);
    let seeds: Vec<u64> = (0..count).collect();
    let results = parallel::map(&seeds, |seed| judge(tape(*seed).current(), style(*seed)));
    let failed: Vec<(u64, Failure)> =
        seeds.into_iter().zip(results).filter_map(|(seed, it)| Some((seed, it.err()?))).collect();
    for (seed, failure) in &failed {
        println!("\nseed {seed}: {failure}");
    }
    let seeds: Vec<u64> = failed.iter().map(|(seed, _)| *seed).collect();
    assert!(failed.is_empty(), "{} of {count} pairs fail; look at one with FORGE_SEED=n: {seeds:?}", failed.len());
}

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Every other pair is planned as for a database in use.
fn style(seed: u64) -> Style {
    if seed.is_multiple_of(2) { Style::Plain } else { Style::Online }
}

/// The numbers that the pair of this seed is made of, as proptest can shrink them.
fn tape(seed: u64) -> impl ValueTree<Value = Vec<u32>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let numbers = proptest::collection::vec(proptest::num::u32::ANY, 50..500);
    numbers.new_tree(&mut runner).expect("no value is ever rejected")
}

fn judge(tape: Vec<u32>, style: Style) -> Result<(), Failure> {
    let pair = random::pair(tape);
    let rows = rows::insert(&pair.from, &pair.to);
    let (from, to) = (pair.from.sql(), pair.to.sql());
    prove(&Case { setup: "", from: &from, to: &to, rows: &rows, rows_fit: true, style })
}

/// Proves one pair, and shows the smallest one like it that still fails in the same way.
fn explain(seed: u64) {
    let mut tree = tape(seed);
    let style = style(seed);
    let Err(mut failure) = judge(tree.current(), style) else { return println!("seed {seed} is right") };
    let mut smallest = tree.current();
    let mut fails = true;
    for _ in 0..SHRINKING {
        let moved = if fails { tree.simplify() } else { tree.complicate() };
        if !moved {
            break;
        }
        let found = judge(tree.current(), style).err().filter(|it| discriminant(it) == discriminant(&failure));
        fails = found.is_some();
        if let Some(found) = found {
            (failure, smallest) = (found, tree.current());
        }
    }
    let pair = random::pair(smallest);
    panic!(
        "seed {seed}, {style:?}\n\n{}\n---- to ({})\n\n{}\n----\n{failure}",
        pair.from.sql(),
        pair.edits.join("; "),
        pair.to.sql()
    );
}
