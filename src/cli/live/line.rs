//! The line of a build: when, what of how much, how long, and which fact caused it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Built;
use crate::cli::clock;
use crate::cli::ui::{BAD, DIM, GOOD, count, paint, tally};
use crate::memo::trace::Reason;

/// The line of `built`.
pub fn of(built: &Built) -> String {
    let mut text = timed(&what(built), built.took);
    let causes = causes(built);
    if let Some((first, more)) = causes.split_first() {
        text.push_str(": ");
        text.push_str(first);
        if !more.is_empty() {
            text.push_str(&paint(DIM, format!(" and {} more", more.len())));
        }
    }
    text
}

/// `what` with the time of day in front and the time that it took behind.
pub fn timed(what: &str, took: Duration) -> String {
    let took = match took.as_millis() {
        0 => format!("{} µs", took.as_micros()),
        1..10_000 => format!("{} ms", took.as_millis()),
        _ => format!("{} s", took.as_secs()),
    };
    format!("{} {what} {}", paint(DIM, clock::time_of_day()), paint(DIM, format!("in {took}")))
}

fn what(built: &Built) -> String {
    let outcome = &built.report.outcome;
    let errors = built.report.all_diagnostics().filter(|found| found.is_error()).count();
    let did = if outcome.has_done() { paint(GOOD, tally(outcome)) } else { tally(outcome) };
    match paint(BAD, count(errors, "error")) {
        _ if errors == 0 => did,
        errors if outcome.has_done() || outcome.kept > 0 => format!("{errors}, {did}"),
        errors => errors,
    }
}

/// What caused a build: the facts that renders read, first those with something to show, then those about something that has
/// a name, and the widest; without any, the files that changed.
pub fn causes(built: &Built) -> Vec<String> {
    let mut facts: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for reason in built.report.causes().flat_map(|(_, reasons)| reasons) {
        let shows = match reason {
            Reason::Changed { old, new, .. } => old != new,
            Reason::Appeared { .. } | Reason::Disappeared { .. } => true,
            _ => continue,
        };
        *facts.entry((!shows, reason.to_string())).or_default() += 1;
    }
    if facts.is_empty() {
        return built.files.clone();
    }
    let mut facts: Vec<((bool, String), usize)> = facts.into_iter().collect();
    let rank = |((is_dull, text), pieces): &((bool, String), usize)| {
        (*is_dull, !text.starts_with('`'), std::cmp::Reverse(*pieces), text.len())
    };
    facts.sort_by_key(rank);
    facts.into_iter().map(|((_, text), _)| text).collect()
}
