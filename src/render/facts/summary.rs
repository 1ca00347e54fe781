//! What a render saw, told by kinds of things: the type of 25 fields is one line.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::compare::Within;
use super::trace::{Seen, Text, Trace};

/// Names that are told of one kind of thing.
const NAMED: usize = 3;

/// What was read of one kind of thing in a view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Where in the view: `entity.fields`; empty for the view itself.
    pub path: String,
    /// How many of them there are.
    pub count: usize,
    /// The names of the first few, where they have names.
    pub names: Vec<String>,
    /// The keys whose values were read.
    pub read: BTreeSet<String>,
    /// The keys that were looked for and are not there.
    pub absent: BTreeSet<String>,
    /// What was asked beyond: `order`, `number`, `whether any`, `each` of its texts, `everything`.
    pub asked: BTreeSet<String>,
}

impl Trace {
    /// What was read, by kinds of things, in the order of their paths.
    ///
    /// `within` knows what was seen within containers that counted as a whole, by their digests.
    pub fn summary(&self, within: &Within<'_>) -> Vec<Group> {
        let mut groups = BTreeMap::new();
        self.gather(&self.root, "", None, &mut groups, within);
        groups.into_values().collect()
    }

    fn gather(
        &self,
        seen: &Seen,
        path: &str,
        name: Option<Text>,
        groups: &mut BTreeMap<String, Group>,
        within: &Within<'_>,
    ) {
        if let Seen::Whole { digest, .. } = seen
            && let Some(part) = within(digest)
        {
            part.gather(&part.root, path, None, groups, within);
            return;
        }
        let group =
            groups.entry(path.to_owned()).or_insert_with(|| Group { path: path.to_owned(), ..Group::default() });
        let texts = |texts: &[Text]| texts.iter().map(|text| self.text(*text).to_owned()).collect::<Vec<_>>();
        match seen {
            Seen::Scalar(_) => group.count += 1,
            Seen::Whole { marks, .. } => {
                group.count += marks.len().max(1);
                group.asked.insert("everything".to_owned());
            }
            Seen::Map { asked, keys, fetched, absent } => {
                group.count += 1;
                group.absent.extend(texts(absent));
                group.asked.extend(words(asked.length.is_some(), asked.filled.is_some(), keys.is_some()));
                if let Some(name) = name.filter(|_| group.names.len() < NAMED) {
                    group.names.push(self.text(name).to_owned());
                }
                for (key, seen) in fetched {
                    let key = self.text(*key);
                    if matches!(seen, Seen::Scalar(_)) {
                        groups.get_mut(path).into_iter().for_each(|group| {
                            group.read.insert(key.to_owned());
                        });
                    } else {
                        let below = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                        self.gather(seen, &below, None, groups, within);
                    }
                }
            }
            Seen::List { asked, items } => {
                // Walking through a list asks for its length and its order; more is said only where that is all.
                if items.is_none() {
                    group.asked.extend(words(asked.length.is_some(), asked.filled.is_some(), false));
                }
                for item in items.iter().flatten() {
                    if let Some(seen) = &item.seen {
                        self.gather(seen, path, item.name, groups, within);
                    }
                    if let (Some(Seen::Scalar(_)), Some(group)) = (&item.seen, groups.get_mut(path)) {
                        group.asked.insert("each".to_owned());
                    }
                }
            }
        }
    }
}

fn words(length: bool, filled: bool, order: bool) -> impl Iterator<Item = String> {
    let asked = [(length, "number"), (filled, "whether any"), (order, "order")];
    asked.into_iter().filter(|(asked, _)| *asked).map(|(_, word)| word.to_owned())
}
