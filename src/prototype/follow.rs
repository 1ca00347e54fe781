//! Follows modules through commits: which commit is an iteration, and of which module.
//!
//! A commit shows, for each module that it may have changed, a [`Sight`]: that the module is not there, that its files
//! hold a mistake, or which state they describe. [`Chains::see`] takes the commits one after the other, oldest
//! first, and says which iterations each one is. The rules:
//!
//! - A commit is an iteration where the state differs from the last one that could be read. So a comment or another
//!   order of fields is none, a broken commit is none, and what it changed belongs to the next one that can be read.
//! - A module that is not there has the state of nothing: it goes with an iteration that drops its tables, and comes
//!   back with one that makes them. The numbers go on.
//! - `renamed_from` in a `module.toml` moves a chain to another name in the one commit where the old folder goes and the
//!   new one comes. Left standing afterwards it says nothing any more; beside an old folder that stays it is a copy.
//! - Where the new folder comes broken, so that nobody knows what it was called, the old one's end waits until it can be
//!   read: then it is the rename, or the old module goes.
//! - A merge is one step, since only the first parents are looked at. That is the caller's doing.
//!
//! Nothing here knows a commit, a file or a schema: `S` is whatever the caller needs to find the schema again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::Model;
use crate::model::canonical;

/// What a commit shows of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight<S> {
    /// There is no such module, or none that has come to a prototype.
    Absent,
    /// Its files hold a mistake.
    Broken {
        /// The name that its folder had before, as it says.
        renamed_from: Option<String>,
    },
    /// Its files describe a schema.
    Whole {
        /// The schema's state.
        state: Digest,
        /// Where to find the schema again.
        source: S,
        /// The name that its folder had before, as it says.
        renamed_from: Option<String>,
    },
}

/// One step of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iteration<S> {
    /// The chain that it belongs to, whatever the module is called.
    pub chain: u32,
    /// What the module was called then.
    pub module: String,
    /// Its number in the chain, from 1.
    pub number: u32,
    /// The state before.
    pub from_state: Digest,
    /// The state after.
    pub to_state: Digest,
    /// The schema before; `None` for nothing.
    pub from: Option<S>,
    /// The schema after; `None` for nothing.
    pub to: Option<S>,
}

/// How far the chain of one module has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain<S> {
    /// What tells it from the others.
    pub id: u32,
    /// The number of its last iteration.
    pub number: u32,
    /// The state that it has reached.
    pub state: Digest,
    /// The schema there; `None` for nothing.
    pub at: Option<S>,
    /// What the module was called before, the first name first.
    pub former: Vec<String>,
}

/// The chains of all modules, by the names that they have now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chains<S> {
    /// The chains.
    pub by_name: BTreeMap<String, Chain<S>>,
    born: u32,
    /// Modules that came broken and have no chain yet.
    strangers: BTreeSet<String>,
    /// Modules whose folders went when strangers came, each with those that it may have become.
    waiting: BTreeMap<String, BTreeSet<String>>,
}

impl<S> Default for Chains<S> {
    fn default() -> Chains<S> {
        Chains { by_name: BTreeMap::new(), born: 0, strangers: BTreeSet::new(), waiting: BTreeMap::new() }
    }
}

/// The state of nothing.
pub fn nothing() -> Digest {
    static NOTHING: LazyLock<Digest> = LazyLock::new(|| canonical::state(&Model::default()));
    *NOTHING
}

impl<S: Clone> Chains<S> {
    /// The same chains, over another kind of source.
    pub fn map<T>(&self, change: impl Fn(&S) -> T) -> Chains<T> {
        let chain = |chain: &Chain<S>| Chain {
            id: chain.id,
            number: chain.number,
            state: chain.state,
            at: chain.at.as_ref().map(&change),
            former: chain.former.clone(),
        };
        let by_name = self.by_name.iter().map(|(name, found)| (name.clone(), chain(found))).collect();
        Chains { by_name, born: self.born, strangers: self.strangers.clone(), waiting: self.waiting.clone() }
    }

    /// Takes the next commit: what it shows of the modules that it may have changed. Returns the iterations that it is,
    /// by the modules' names.
    pub fn see(&mut self, seen: &BTreeMap<String, Sight<S>>) -> Vec<Iteration<S>> {
        self.rename(seen);
        let mut seen: BTreeMap<&String, &Sight<S>> = seen.iter().collect();
        let gone = self.wait(&seen);
        for name in &gone {
            seen.entry(name).or_insert(&Sight::Absent);
        }
        seen.retain(|name, sight| !matches!(sight, Sight::Absent) || !self.waiting.contains_key(*name));
        let nothing = nothing();
        let mut iterations = Vec::new();
        for (name, sight) in seen {
            let (state, source) = match sight {
                Sight::Broken { .. } => continue,
                Sight::Absent => (nothing, None),
                Sight::Whole { state, source, .. } => (*state, (*state != nothing).then(|| source.clone())),
            };
            if !self.by_name.contains_key(name) && state == nothing {
                continue;
            }
            let born = &mut self.born;
            let chain = self.by_name.entry(name.clone()).or_insert_with(|| {
                *born += 1;
                Chain { id: *born, number: 0, state: nothing, at: None, former: Vec::new() }
            });
            let from = std::mem::replace(&mut chain.at, source.clone());
            if chain.state != state {
                chain.number += 1;
                iterations.push(Iteration {
                    chain: chain.id,
                    module: name.clone(),
                    number: chain.number,
                    from_state: std::mem::replace(&mut chain.state, state),
                    to_state: state,
                    from,
                    to: source,
                });
            }
        }
        iterations
    }

    /// Moves the chains of modules whose folders were renamed in this commit.
    fn rename(&mut self, seen: &BTreeMap<String, Sight<S>>) {
        for (name, sight) in seen {
            let (Sight::Broken { renamed_from: Some(old) } | Sight::Whole { renamed_from: Some(old), .. }) = sight
            else {
                continue;
            };
            let goes = matches!(seen.get(old), Some(Sight::Absent));
            let awaited = self.waiting.get(old).is_some_and(|strangers| strangers.contains(name));
            if (goes || awaited)
                && !self.by_name.contains_key(name)
                && let Some(mut chain) = self.by_name.remove(old)
            {
                chain.former.push(old.clone());
                self.by_name.insert(name.clone(), chain);
                self.waiting.remove(old);
            }
        }
    }

    /// Lets the modules that go wait for the strangers that come, and gives those that have waited for nothing.
    fn wait(&mut self, seen: &BTreeMap<&String, &Sight<S>>) -> Vec<String> {
        let nameless = |sight: &Sight<S>| matches!(sight, Sight::Broken { renamed_from: None });
        let known: Vec<&String> = seen.iter().filter(|(_, sight)| !nameless(sight)).map(|(name, _)| *name).collect();
        for name in known {
            self.strangers.remove(name);
            for strangers in self.waiting.values_mut() {
                strangers.remove(name);
            }
        }
        let is_here = |name: &String| seen.get(name).is_some_and(|sight| !matches!(sight, Sight::Absent));
        self.waiting.retain(|old, _| !is_here(old));
        let gone = self.waiting.extract_if(.., |_, strangers| strangers.is_empty()).map(|(old, _)| old).collect();
        let comes = |name: &String, sight: &Sight<S>| {
            nameless(sight) && !self.by_name.contains_key(name) && !self.strangers.contains(name)
        };
        let new = seen.iter().filter(|(name, sight)| comes(name, sight)).map(|(name, _)| (*name).clone());
        let new: BTreeSet<String> = new.collect();
        if !new.is_empty() {
            let goes = seen.iter().filter(|(_, sight)| matches!(sight, Sight::Absent)).map(|(name, _)| *name);
            for name in goes.filter(|name| self.by_name.get(*name).is_some_and(|chain| chain.state != nothing())) {
                self.waiting.entry(name.clone()).or_insert_with(|| new.clone());
            }
            self.strangers.extend(new);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Chains, Sight, nothing};
    use crate::digest;

    /// A module's sight in a few letters: `-` is absent, `!` broken, `0` empty, else a state; `<a` says `renamed_from`.
    fn sight(text: &str) -> Sight<String> {
        let (state, old) = text.split_once('<').map_or((text, None), |(state, old)| (state, Some(old.to_owned())));
        match state {
            "-" => Sight::Absent,
            "!" => Sight::Broken { renamed_from: old },
            "0" => Sight::Whole { state: nothing(), source: String::new(), renamed_from: old },
            _ => Sight::Whole {
                // A mark behind the state is text without meaning.
                state: digest::bytes(state.trim_end_matches('\'').as_bytes()),
                source: state.to_owned(),
                renamed_from: old,
            },
        }
    }

    /// The iterations of commits, each a list such as `a=x b=-`.
    fn iterations(commits: &[&str]) -> Vec<String> {
        let mut chains = Chains::default();
        let mut found = Vec::new();
        for (at, commit) in (1..).zip(commits) {
            let seen: BTreeMap<String, Sight<String>> = commit
                .split_whitespace()
                .map(|module| module.split_once('=').expect("a module and its sight"))
                .map(|(name, text)| (name.to_owned(), sight(text)))
                .collect();
            for step in chains.see(&seen) {
                let side = |side: Option<String>| side.unwrap_or_else(|| "nothing".to_owned());
                let (from, to) = (side(step.from), side(step.to));
                found.push(format!("{at}: {} {} ({}) {from} to {to}", step.module, step.number, step.chain));
            }
        }
        found
    }

    #[test]
    fn only_another_state_is_an_iteration() {
        let found = iterations(&["a=x", "a=x'", "b=y", "a=z", "a=x"]);
        assert_eq!(
            found,
            ["1: a 1 (1) nothing to x", "3: b 1 (2) nothing to y", "4: a 2 (1) x' to z", "5: a 3 (1) z to x"]
        );
    }

    #[test]
    fn a_broken_commit_folds_into_the_next_good_one() {
        assert_eq!(iterations(&["a=x", "a=!", "a=!", "a=y"]), ["1: a 1 (1) nothing to x", "4: a 2 (1) x to y"]);
        assert_eq!(iterations(&["a=x", "a=!", "a=x"]), ["1: a 1 (1) nothing to x"]);
        assert_eq!(iterations(&["a=!", "a=x"]), ["2: a 1 (1) nothing to x"]);
    }

    #[test]
    fn a_module_goes_and_comes_back() {
        let found = iterations(&["a=x", "a=-", "a=y", "a=0"]);
        assert_eq!(
            found,
            [
                "1: a 1 (1) nothing to x",
                "2: a 2 (1) x to nothing",
                "3: a 3 (1) nothing to y",
                "4: a 4 (1) y to nothing"
            ]
        );
        assert_eq!(iterations(&["a=-", "a=0", "a=x"]), ["3: a 1 (1) nothing to x"]);
    }

    #[test]
    fn a_renamed_module_keeps_its_chain() {
        assert_eq!(iterations(&["a=x", "a=- b=x<a", "b=y<a"]), ["1: a 1 (1) nothing to x", "3: b 2 (1) x to y"]);
        // There and back again, and with a change in the same commit.
        assert_eq!(iterations(&["a=x", "a=- b=y<a", "b=- a=y<b"]), ["1: a 1 (1) nothing to x", "2: b 2 (1) x to y"]);
        // Broken in the commit that renames it.
        assert_eq!(iterations(&["a=x", "a=- b=!<a", "b=y<a"]), ["1: a 1 (1) nothing to x", "3: b 2 (1) x to y"]);
    }

    #[test]
    fn a_rename_that_cannot_be_read_yet_is_waited_for() {
        let found = iterations(&["a=x", "a=- b=!", "b=!", "b=y<a", "b=z<a"]);
        assert_eq!(found, ["1: a 1 (1) nothing to x", "4: b 2 (1) x to y", "5: b 3 (1) y to z"]);
        // It was none: the old module goes where that is seen.
        let found = iterations(&["a=x", "a=- b=!", "b=y"]);
        assert_eq!(found, ["1: a 1 (1) nothing to x", "3: a 2 (1) x to nothing", "3: b 1 (2) nothing to y"]);
        let found = iterations(&["a=x", "a=- b=!", "b=-"]);
        assert_eq!(found, ["1: a 1 (1) nothing to x", "3: a 2 (1) x to nothing"]);
        // The old one comes back.
        let found = iterations(&["a=x", "a=- b=!", "a=y", "b=z"]);
        assert_eq!(found, ["1: a 1 (1) nothing to x", "3: a 2 (1) x to y", "4: b 1 (2) nothing to z"]);
        // One that was broken before the other went is no rename.
        let found = iterations(&["a=x b=!", "a=- b=!", "b=y"]);
        assert_eq!(found, ["1: a 1 (1) nothing to x", "2: a 2 (1) x to nothing", "3: b 1 (2) nothing to y"]);
        // The first of two that may be it decides.
        let found = iterations(&["a=x", "a=- b=! c=!", "c=y<a", "b=z"]);
        assert_eq!(found, ["1: a 1 (1) nothing to x", "3: c 2 (1) x to y", "4: b 1 (2) nothing to z"]);
    }

    #[test]
    fn a_hint_that_was_left_standing_renames_nothing_more() {
        // The old name comes again, as a module of its own, and goes.
        let found = iterations(&["a=x", "a=- b=x<a", "a=y", "a=-", "b=z<a"]);
        assert_eq!(
            found,
            ["1: a 1 (1) nothing to x", "3: a 1 (2) nothing to y", "4: a 2 (2) y to nothing", "5: b 2 (1) x to z"]
        );
        // A copy beside the old folder is a module of its own.
        assert_eq!(iterations(&["a=x", "b=x<a"]), ["1: a 1 (1) nothing to x", "2: b 1 (2) nothing to x"]);
    }
}
