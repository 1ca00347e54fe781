//! The names that a view has: for help with one that it does not.

use std::collections::BTreeSet;

use minijinja::value::{Value, ValueKind};

/// How many values of a list are looked into: its items have the same names.
const ITEMS: usize = 3;
/// How deep names are looked for.
const DEPTH: usize = 6;

/// The names at the top of `view`.
pub fn top(view: &Value) -> BTreeSet<String> {
    keys(view)
}

/// The names anywhere in `view`.
pub fn all(view: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(view, DEPTH, &mut names);
    names
}

fn collect(value: &Value, depth: usize, names: &mut BTreeSet<String>) {
    if depth == 0 {
        return;
    }
    match value.kind() {
        ValueKind::Map => {
            for name in keys(value) {
                if let Ok(inner) = value.get_attr(&name) {
                    collect(&inner, depth - 1, names);
                }
                names.insert(name);
            }
        }
        ValueKind::Seq => {
            for item in value.try_iter().into_iter().flatten().take(ITEMS) {
                collect(&item, depth - 1, names);
            }
        }
        _ => {}
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    if value.kind() != ValueKind::Map {
        return BTreeSet::new();
    }
    value.try_iter().into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned)).collect()
}
