//! Random pairs of schemas: every plan between two of them is right.
//!
//! Each seed is a pair; those that are known to fail are listed with the reason in `pairs.txt`. `FORGE_SEED=17` proves
//! that one alone, prints everything about it and shrinks it; `FORGE_SEEDS=200..300` proves those; `./test --long`
//! (`FORGE_LONG=1`) proves two thousand.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::ops::Range;

use forge::plan::Style;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::postgres::Database;
use crate::support::proof::{Case, Failure, prove};
use crate::support::random::sql::ROLES;
use crate::support::random::{self, rows};
use crate::support::{expected, parallel};

const EXPECTED: &str = include_str!("pairs.txt");

/// How many tries finding a smaller counterexample may take.
const SHRINKING: usize = 60;

#[test]
fn every_plan_between_random_schemas_is_right() {
    drop(Database::with(ROLES));
    if let Some(seed) = setting("FORGE_SEED") {
        return explain(seed);
    }
    let seeds: Vec<u64> = seeds().collect();
    println!("seeds {} to {}", seeds[0], seeds[seeds.len() - 1]);
    let results = parallel::map(&seeds, |seed| {
        let result = judge(&tape(*seed), style(*seed));
        expected::tell(&format!("seed {seed}"), &result);
        result
    });
    let results: Vec<_> = seeds.into_iter().map(|seed| format!("seed {seed}")).zip(results).collect();
    expected::check("tests/it/pairs.txt", EXPECTED, &results);
}

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The seeds that are asked for.
fn seeds() -> Range<u64> {
    let asked = std::env::var("FORGE_SEEDS").ok();
    let Some(asked) = asked else { return 0..if setting("FORGE_LONG").is_some() { 2000 } else { 40 } };
    let bounds = asked.split_once("..").map(|(from, to)| (from.parse(), to.parse()));
    let Some((Ok(from), Ok(to))) = bounds else { panic!("FORGE_SEEDS is `{asked}`, and not like `200..300`") };
    from..to
}

/// Every other pair is planned as for a database in use.
fn style(seed: u64) -> Style {
    if seed.is_multiple_of(2) { Style::Plain } else { Style::Online }
}

/// The numbers that the pair of this seed is made of.
fn tape(seed: u64) -> Vec<u32> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let numbers = proptest::collection::vec(proptest::num::u32::ANY, 20..300);
    numbers.new_tree(&mut runner).expect("no value is ever rejected").current()
}

fn judge(tape: &[u32], style: Style) -> Result<(), Failure> {
    let pair = random::pair(tape.to_vec());
    let rows = rows::insert(&pair.from, &pair.to);
    let (from, to) = (pair.from.sql(), pair.to.sql());
    prove(&Case { setup: "", from: &from, to: &to, rows: &rows, rows_fit: true, style })
}

/// Proves one pair, and shows the smallest one like it that still fails in the same way.
fn explain(seed: u64) {
    let (mut tape, style) = (tape(seed), style(seed));
    let Err(mut failure) = judge(&tape, style) else { return println!("seed {seed} is right") };
    let mut tried = BTreeSet::new();
    shrink(&mut tape, &mut |tape| {
        let pair = random::pair(tape.to_vec());
        if tried.len() >= SHRINKING || !tried.insert((pair.from.sql(), pair.to.sql())) {
            return false;
        }
        let found = judge(tape, style).err().filter(|it| discriminant(it) == discriminant(&failure));
        found.map(|found| failure = found).is_some()
    });
    let pair = random::pair(tape);
    let (from, to, edits) = (pair.from.sql(), pair.to.sql(), pair.edits.join("; "));
    panic!("seed {seed}, {style:?}\n\n{from}\n---- to ({edits})\n\n{to}\n----\n{failure}");
}

/// Makes the tape shorter and smaller, in ever finer pieces, for as long as it still fails: proptest's own way of
/// shrinking a vector goes number by number, which takes too long where each try asks a server.
fn shrink(tape: &mut Vec<u32>, fails: &mut dyn FnMut(&[u32]) -> bool) {
    let mut size = tape.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < tape.len() {
            let end = (at + size).min(tape.len());
            let shorter = [&tape[..at], &tape[end..]].concat();
            let mut flatter = tape.clone();
            flatter[at..end].fill(0);
            if fails(&shorter) {
                *tape = shorter;
                continue;
            }
            if flatter != *tape && fails(&flatter) {
                *tape = flatter;
            }
            at = end;
        }
        size /= 2;
    }
}
