//! What a render saw of its view: the view without everything that was not read.
//!
//! Kept between runs, several for each output, so it is small: a text is kept once, a long one by its digest, and of a
//! view that is too large the deep containers are kept as one digest each, as if all in them had been read.

use serde::{Deserialize, Serialize};

use super::scalar::{Scalar, Short};

/// The part of a view that a render saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    pub(super) texts: Vec<String>,
    pub(super) root: Seen,
}

/// The number of a text in the trace's table.
pub type Text = u32;

/// What was seen of a value that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seen {
    /// A scalar: its value.
    Scalar(Scalar<Text>),
    /// A map: that it is one, and what was asked of it.
    Map {
        /// What was asked of it as a whole.
        asked: Asked,
        /// All its keys in their order, where those were read.
        keys: Option<Vec<Text>>,
        /// The values that were fetched, by key.
        fetched: Vec<(Text, Seen)>,
        /// The keys that it was asked for and does not have.
        absent: Vec<Text>,
    },
    /// A list: that it is one, and what was asked of it.
    List {
        /// What was asked of it as a whole.
        asked: Asked,
        /// All its items in their order, where any was fetched.
        items: Option<Vec<Item>>,
    },
    /// A container of which everything counts.
    Whole {
        /// The digest of all in it.
        digest: Short,
        /// A mark for each item of a list: enough to say which changed, and not relied on.
        marks: Vec<u32>,
    },
}

/// What was asked of a container as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its length.
    pub length: Option<u32>,
    /// Whether there is anything in it.
    pub filled: Option<bool>,
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What identifies it, where it has a name.
    pub name: Option<Text>,
    /// What was seen of it, where it was fetched.
    pub seen: Option<Seen>,
}

impl Trace {
    /// The text numbered `text`; a trace that was kept well has it.
    pub(super) fn text(&self, text: Text) -> &str {
        self.texts.get(text as usize).map_or("", String::as_str)
    }

    /// A scalar with its text.
    pub(super) fn scalar(&self, scalar: Scalar<Text>) -> Scalar<&str> {
        scalar.map(|text| self.text(text))
    }
}
