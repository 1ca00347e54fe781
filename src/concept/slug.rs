//! File names for entities and modules: safe on every file system, and no two alike where case is ignored.

use std::collections::{BTreeMap, BTreeSet};

/// A file name without extension for each of `names`: letters, digits, `-`, `_` and `.` stay, the rest becomes `-`.
///
/// Names that would share a file are numbered in their order, since some file systems ignore case.
pub fn slugs<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let mut taken = BTreeSet::new();
    let mut slugs = BTreeMap::new();
    // A name that is its own slug keeps it, so that an odd neighbour never renames a plain name's file.
    let (plain, odd): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| slug(name) == **name);
    for name in plain.into_iter().chain(odd) {
        let base = slug(name);
        let free = std::iter::once(base.clone())
            .chain((2..).map(|number| format!("{base}-{number}")))
            .find(|candidate| taken.insert(candidate.to_lowercase()))
            .expect("the numbers never end");
        slugs.insert(name.to_owned(), free);
    }
    slugs
}

fn slug(name: &str) -> String {
    let safe = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let slug: String = name.chars().map(|letter| if safe(letter) { letter } else { '-' }).collect();
    let slug = slug.trim_matches('.');
    if slug.is_empty() { "-".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::slugs;

    #[test]
    fn plain_names_keep_theirs_and_odd_ones_make_way() {
        let named = slugs(["accounts", "a b", "a/b", "Order", "order", "..", "zählung"]);
        let shown: Vec<(&str, &str)> = named.iter().map(|(name, slug)| (name.as_str(), slug.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("..", "-"),
                ("Order", "Order"),
                ("a b", "a-b"),
                ("a/b", "a-b-2"),
                ("accounts", "accounts"),
                ("order", "order-2"),
                ("zählung", "zählung"),
            ]
        );
    }
}
