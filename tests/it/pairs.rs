//! Random pairs of schemas (DESIGN §10.3).

use crate::support::postgres::Database;
use crate::support::random::{self, rows, sql::ROLES};

fn tape(seed: u64) -> Vec<u32> {
    // splitmix64
    let mut state = seed;
    (0..400)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z >> 32) as u32
        })
        .collect()
}

#[test]
fn the_generator_makes_schemas_that_load() {
    let mut bad = 0;
    Database::with(ROLES);
    for seed in 0..200 {
        let pair = random::pair(tape(seed * 7919));
        let a = Database::new();
        let script = pair.from.sql() + &rows::insert(&pair.from, &pair.to);
        if let Err(error) = a.run(&script) {
            bad += 1;
            println!("seed {seed} FROM: {error}\n{}", if bad < 5 { pair.from.sql() } else { String::new() });
        }
        let b = Database::new();
        if let Err(error) = b.run(&pair.to.sql()) {
            bad += 1;
            println!("seed {seed} TO {:?}: {error}", pair.edits);
        }
    }
    assert_eq!(bad, 0);
}
