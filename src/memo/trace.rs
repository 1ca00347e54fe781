//! Why a piece of work was done, and what was noted of the last time.
//!
//! Notes are per working tree ("the last run *here*") and only explain: no output depends on one. What is in a note is
//! its writer's affair.

use std::fmt;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::not_kept;
use super::store::Store;
use crate::diagnostic::Diagnostic;
use crate::digest;
use crate::disk::frame;

/// One reason for doing a piece of work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        }
    }
}

/// The notes of the last runs in one working tree.
pub struct Traces(Store);

impl Traces {
    /// The notes in `folder`; reads nothing yet and never fails.
    pub fn open(folder: impl Into<PathBuf>) -> Traces {
        Traces(Store::open(folder).bounded(16 << 20))
    }

    /// What was last noted of `piece`.
    pub fn last<T: DeserializeOwned>(&self, piece: &str) -> Option<T> {
        self.0.read(&digest::of("trace", piece), frame::exact)?
    }

    /// Notes something of `piece`, in place of what was noted before.
    ///
    /// # Panics
    /// When the value's `Serialize` fails, which the derived implementations of this crate never do.
    pub fn note<T: Serialize + ?Sized>(&self, piece: &str, note: &T) {
        let bytes = postcard::to_stdvec(note).expect("derived serialisation into memory cannot fail");
        self.0.put(digest::of("trace", piece), bytes);
    }

    /// The number of builds here that did something.
    pub fn builds(&self) -> u64 {
        let number = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        self.0.read(&digest::of("builds", ""), number).unwrap_or_default()
    }

    /// Counts one more build.
    pub fn count_build(&self, number: u64) {
        self.0.put(digest::of("builds", ""), number.to_le_bytes().to_vec());
    }

    /// Keeps the notes for later runs.
    pub fn commit(&self) -> Option<Diagnostic> {
        not_kept(self.0.commit(), "what each output was made from")
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Traces};

    #[test]
    fn a_reason_names_the_old_and_the_new_value() {
        let changed = |old: &str, new: &str| {
            let [old, new] = [old, new].map(str::to_owned);
            Reason::Changed { name: "`accounts.phone` type".to_owned(), old, new }.to_string()
        };
        assert_eq!(changed("varchar(20)", "text"), "`accounts.phone` type: `varchar(20)` -> `text`");
        assert_eq!(changed("", ""), "`accounts.phone` type changed");
        let gone = Reason::Disappeared { name: "`phone`".to_owned(), old: "text".to_owned() };
        assert_eq!(gone.to_string(), "`phone` is gone: it was `text`");
    }

    #[test]
    fn the_last_note_of_a_piece_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        for (number, note) in [(1, "first"), (2, "second")] {
            let traces = Traces::open(folder.path());
            assert_eq!(traces.builds(), number - 1);
            traces.note("x.md", note);
            traces.count_build(number);
            assert!(traces.commit().is_none());
        }
        let traces = Traces::open(folder.path());
        assert_eq!(traces.last::<String>("x.md").as_deref(), Some("second"));
        assert_eq!(traces.last::<String>("y.md"), None);
        assert_eq!(traces.builds(), 2);
    }
}
