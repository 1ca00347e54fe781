//! Why a piece of work was done: the named inputs of its last run, kept and compared.
//!
//! A [`Trace`] is what a piece was made from; [`explain`] tells two traces apart in words that name the old and
//! the new value. Traces are per working tree ("the last run *here*") and only explain: no output depends on one.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::not_kept;
use super::store::Store;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::disk::frame;

/// One input of a piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The digest of its value.
    pub digest: Digest,
    /// Its value, short enough for a line; may be empty when there is nothing to show.
    pub value: String,
}

/// What a piece of work was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The version of forge that did it.
    pub engine: String,
    /// Its inputs by name, such as `accounts.phone type`.
    pub facts: BTreeMap<String, Fact>,
}

impl Trace {
    /// A trace of `(name, digest, printable value)`.
    pub fn new(engine: &str, facts: impl IntoIterator<Item = (String, Digest, String)>) -> Trace {
        let facts = facts.into_iter().map(|(name, digest, value)| (name, Fact { digest, value })).collect();
        Trace { engine: engine.to_owned(), facts }
    }
}

/// One reason for doing a piece of work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Reason {
    /// Nothing is known of an earlier run.
    FirstBuild,
    /// Another version of forge did it last.
    EngineVersion {
        /// The version that did it last.
        old: String,
        /// This version.
        new: String,
    },
    /// An input has another value.
    Changed {
        /// The input.
        name: String,
        /// Its value at the last run.
        old: String,
        /// Its value now.
        new: String,
    },
    /// An input was not there before.
    Appeared {
        /// The input.
        name: String,
        /// Its value now.
        new: String,
    },
    /// An input is gone.
    Disappeared {
        /// The input.
        name: String,
        /// Its value at the last run.
        old: String,
    },
    /// The output is not there.
    OutputMissing,
    /// The output is not what forge wrote.
    OutputEdited,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::FirstBuild => f.write_str("no earlier build is known"),
            Reason::EngineVersion { old, new } => write!(f, "forge {old} made it, this is {new}"),
            Reason::Changed { name, old, new } if old == new => write!(f, "{name} changed"),
            Reason::Changed { name, old, new } => write!(f, "{name}: `{old}` -> `{new}`"),
            Reason::Appeared { name, new } if new.is_empty() => write!(f, "{name} appeared"),
            Reason::Appeared { name, new } => write!(f, "{name} appeared: `{new}`"),
            Reason::Disappeared { name, old } if old.is_empty() => write!(f, "{name} is gone"),
            Reason::Disappeared { name, old } => write!(f, "{name} is gone: it was `{old}`"),
            Reason::OutputMissing => f.write_str("the output is missing"),
            Reason::OutputEdited => f.write_str("the output was edited"),
        }
    }
}

/// Why work that was made from `old` has to be done again from `new`; empty when nothing differs.
pub fn explain(old: Option<&Trace>, new: &Trace) -> Vec<Reason> {
    let Some(old) = old else { return vec![Reason::FirstBuild] };
    let mut reasons = Vec::new();
    if old.engine != new.engine {
        reasons.push(Reason::EngineVersion { old: old.engine.clone(), new: new.engine.clone() });
    }
    let names: std::collections::BTreeSet<&String> = old.facts.keys().chain(new.facts.keys()).collect();
    reasons.extend(names.into_iter().filter_map(|name| difference(name, old.facts.get(name), new.facts.get(name))));
    reasons
}

fn difference(name: &str, old: Option<&Fact>, new: Option<&Fact>) -> Option<Reason> {
    let name = name.to_owned();
    match (old, new) {
        (Some(old), Some(new)) if old.digest == new.digest => None,
        (Some(old), Some(new)) => Some(Reason::Changed { name, old: old.value.clone(), new: new.value.clone() }),
        (None, Some(new)) => Some(Reason::Appeared { name, new: new.value.clone() }),
        (Some(old), None) => Some(Reason::Disappeared { name, old: old.value.clone() }),
        (None, None) => None,
    }
}

/// The traces of the last runs in one working tree.
pub struct Traces(Store);

impl Traces {
    /// The traces in `folder`; reads nothing yet and never fails.
    pub fn open(folder: impl Into<PathBuf>) -> Traces {
        Traces(Store::open(folder).bounded(16 << 20))
    }

    /// What `piece` was last made from.
    pub fn last(&self, piece: &str) -> Option<Trace> {
        frame::exact(&self.0.get(&digest::of("trace", piece))?)
    }

    /// Notes what `piece` was made from, in place of what was noted before.
    ///
    /// # Panics
    /// Never: a trace's derived serialisation into memory cannot fail.
    pub fn note(&self, piece: &str, trace: &Trace) {
        let bytes = postcard::to_stdvec(trace).expect("derived serialisation into memory cannot fail");
        self.0.put(digest::of("trace", piece), bytes);
    }

    /// Keeps the notes for later runs.
    pub fn commit(&self) -> Option<Diagnostic> {
        not_kept(self.0.commit(), "what each output was made from")
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Trace, Traces, explain};
    use crate::digest;

    fn trace(engine: &str, facts: &[(&str, &str)]) -> Trace {
        Trace::new(
            engine,
            facts.iter().map(|(name, value)| ((*name).to_owned(), digest::of("fact", value), (*value).to_owned())),
        )
    }

    #[test]
    fn a_reason_names_the_old_and_the_new_value() {
        let old = trace("0.1", &[("phone type", "varchar(20)"), ("doc", "x"), ("gone", "1")]);
        let new = trace("0.1", &[("phone type", "text"), ("doc", "x"), ("more", "2")]);
        let reasons = explain(Some(&old), &new);
        let text: Vec<String> = reasons.iter().map(Reason::to_string).collect();
        assert_eq!(text, ["gone is gone: it was `1`", "more appeared: `2`", "phone type: `varchar(20)` -> `text`"]);
        assert_eq!(explain(Some(&new), &new), []);
        assert_eq!(explain(None, &new), [Reason::FirstBuild]);
        let engine = Reason::EngineVersion { old: "0.1".to_owned(), new: "0.2".to_owned() };
        assert_eq!(explain(Some(&trace("0.1", &[])), &trace("0.2", &[])), [engine]);
    }

    #[test]
    fn the_last_note_of_a_piece_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (trace("0.1", &[("a", "1")]), trace("0.1", &[("a", "2")]));
        for note in [&first, &second] {
            let traces = Traces::open(folder.path());
            traces.note("x.md", note);
            assert!(traces.commit().is_none());
        }
        let traces = Traces::open(folder.path());
        assert_eq!(traces.last("x.md"), Some(second));
        assert_eq!(traces.last("y.md"), None);
    }
}
