//! Changes as teams make them, by hand: every plan between the two schemas is right, plain and online.
//!
//! `changes.sql` holds them, each with what it is about; `FORGE_CASE=word` takes those whose names contain that.

use forge::plan::Style;

use crate::corpora::FILL;
use crate::support::postgres::Database;
use crate::support::proof::{Case, Failure, prove};
use crate::support::{expected, parallel, roles};

const CHANGES: &str = include_str!("changes.sql");

#[test]
fn every_change_by_hand_is_planned_right() {
    let wanted = std::env::var("FORGE_CASE").unwrap_or_default();
    let changes: Vec<Change> = changes().filter(|change| change.name.contains(&wanted)).collect();
    let texts: Vec<String> = changes.iter().flat_map(|it| [it.from.to_owned(), it.to.to_owned()]).collect();
    roles::create(&Database::new(), texts.iter());
    let results = parallel::map(&changes, |change| {
        let result = [Style::Plain, Style::Online].into_iter().try_for_each(|style| judge(change, style));
        expected::tell(change.name, &result);
        (change.name.to_owned(), result)
    });
    expected::check("tests/it/changes.sql", "", &results);
}

/// A change: what it is about, and the schema before and after.
struct Change {
    name: &'static str,
    from: &'static str,
    to: &'static str,
}

fn changes() -> impl Iterator<Item = Change> {
    CHANGES.split("\n## ").skip(1).map(|text| {
        let (name, schemas) = text.split_once('\n').expect("a change has a name");
        let (from, to) = schemas.split_once("=>\n").expect("a change has two schemas");
        Change { name, from, to }
    })
}

fn judge(change: &Change, style: Style) -> Result<(), Failure> {
    prove(&Case { setup: "", from: change.from, to: change.to, rows: FILL, rows_fit: false, style })
}
