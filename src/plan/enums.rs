//! How the values of an enum come from one list to another, where ALTER TYPE can do that.

use std::collections::BTreeSet;

use super::text::literal;
use crate::model::types::EnumValue;

/// One `ADD VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The value, unquoted.
    pub label: String,
    /// Where it goes: ` AFTER 'x'`; empty for the end.
    pub place: String,
}

/// The steps that ALTER TYPE takes from `old` to `new`: values renamed and added. `None` when a value goes, or two change
/// places: PostgreSQL has no statement for that. Renames that are done already in `old` are no steps.
pub(super) fn steps(old: &[EnumValue], new: &[EnumValue]) -> Option<Vec<Step>> {
    let known: BTreeSet<&str> = old.iter().map(|value| value.label.as_str()).collect();
    let kept: Vec<&str> = new.iter().map(|value| value.label.as_str()).filter(|label| known.contains(label)).collect();
    if !kept.iter().copied().eq(old.iter().map(|value| value.label.as_str())) {
        return None;
    }
    let mut steps = Vec::new();
    for (at, value) in new.iter().enumerate() {
        if known.contains(value.label.as_str()) {
            continue;
        }
        let place = match at.checked_sub(1) {
            // Values are added in order, so the one before is there by now; at the end nothing need be said.
            Some(_) if new[at..].iter().all(|later| !known.contains(later.label.as_str())) => String::new(),
            Some(before) => format!(" AFTER {}", literal(&new[before].label)),
            None => kept.first().map(|first| format!(" BEFORE {}", literal(first))).unwrap_or_default(),
        };
        steps.push(Step { label: value.label.clone(), place });
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::steps;
    use crate::model::types::EnumValue;

    fn values(labels: &[&str]) -> Vec<EnumValue> {
        labels.iter().map(|label| EnumValue { label: (*label).to_owned(), renamed_from: None }).collect()
    }

    #[test]
    fn values_are_added_at_their_place() {
        let added = steps(&values(&["b", "d"]), &values(&["a", "b", "c", "d", "e", "f"])).unwrap();
        let added: Vec<String> = added.iter().map(|step| format!("{}{}", step.label, step.place)).collect();
        assert_eq!(added, ["a BEFORE 'b'", "c AFTER 'b'", "e", "f"]);
    }

    #[test]
    fn a_value_that_goes_or_moves_has_no_statement() {
        assert_eq!(steps(&values(&["a", "b"]), &values(&["a"])), None);
        assert_eq!(steps(&values(&["a", "b"]), &values(&["b", "a"])), None);
    }
}
