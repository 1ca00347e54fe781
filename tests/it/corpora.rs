//! Pairs of schemas from peers' own test suites, where they lie beside the repository: `../shared/corpora`.
//!
//! What PostgreSQL itself refuses is not counted. Every other case is proven as a random pair is, or is listed with the
//! reason in `corpora.txt`. All of them take minutes, so an ordinary run takes every tenth, `./test --long` all, and
//! `FORGE_CASE=name` those whose names contain that. `FORGE_CORPORA=/folder` takes all pairs of another folder of the
//! same layout instead (`tool/case/from.sql`, `to.sql`, `setup.sql` where both need it), plain and online, and nothing
//! is known to fail there.

use std::fs;
use std::path::{Path, PathBuf};

use forge::plan::Style;

use crate::support::postgres::Database;
use crate::support::proof::{Case, Failure, prove};
use crate::support::{expected, parallel, roles};

/// Fills tables of any schema, as far as that goes.
pub const FILL: &str = include_str!("support/fill.sql");

const EXPECTED: &str = include_str!("corpora.txt");

#[test]
fn every_pair_of_the_corpora_reaches_its_target() {
    let another = std::env::var_os("FORGE_CORPORA").map(PathBuf::from);
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let Some(cases) = cases(another.as_ref().unwrap_or(&usual)) else {
        assert!(another.is_none(), "FORGE_CORPORA names no folder of pairs");
        return println!("skipped: there is no ../shared/corpora beside this repository");
    };
    roles::create(&Database::new(), cases.iter().flat_map(|case| [&case.setup, &case.from, &case.to]));
    let (styles, known): (&[Style], &str) = match &another {
        None => (&[Style::Plain], EXPECTED),
        Some(_) => (&[Style::Plain, Style::Online], ""),
    };
    let judge = |case: &Pair| styles.iter().try_for_each(|style| judge(case, *style));
    let results = parallel::map(&cases, |case| {
        let result = judge(case);
        expected::tell(&case.name, &result);
        (case.name.clone(), result)
    });
    let (refused, results): (Vec<_>, Vec<_>) =
        results.into_iter().partition(|(_, result)| matches!(result, Err(Failure::Unloadable(_))));
    println!("{} cases; PostgreSQL itself refuses {} of them", cases.len(), refused.len());
    for (case, failure) in refused.iter().filter_map(|(case, result)| Some((case, result.as_ref().err()?))) {
        if another.is_some() {
            println!("refused: {case}: {failure}");
        }
    }
    expected::check("tests/it/corpora.txt", known, &results);
}

/// A pair of schemas in a folder of its own.
struct Pair {
    name: String,
    setup: String,
    from: String,
    to: String,
}

fn judge(pair: &Pair, style: Style) -> Result<(), Failure> {
    let (setup, from, to) = (&*pair.setup, &*pair.from, &*pair.to);
    prove(&Case { setup, from, to, rows: FILL, rows_fit: false, style })
}

/// All cases, sorted by name; `None` without the folder.
fn cases(folder: &Path) -> Option<Vec<Pair>> {
    let wanted = std::env::var("FORGE_CASE").unwrap_or_default();
    let below = |folder: &Path| -> Option<Vec<PathBuf>> {
        Some(fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
    };
    let mut found = Vec::new();
    for case in below(folder)?.iter().filter_map(|tool| below(tool)).flatten() {
        let name = case.strip_prefix(folder).ok()?.to_string_lossy().replace('\\', "/");
        let read = |file: &str| fs::read_to_string(case.join(file)).unwrap_or_default();
        if name.contains(&wanted) {
            found.push(Pair { name, setup: read("setup.sql"), from: read("from.sql"), to: read("to.sql") });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let all = !wanted.is_empty() || ["FORGE_LONG", "FORGE_CORPORA"].iter().any(|it| std::env::var_os(it).is_some());
    Some(found.into_iter().step_by(if all { 1 } else { 10 }).collect())
}
