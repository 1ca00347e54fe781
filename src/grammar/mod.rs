//! Tables of TOML held against a declared grammar.
//!
//! `forge.toml` and the schema files name their keys once, in a [`Grammar`]: from it come the reading, every "unknown
//! key" with its nearest name, and the JSON Schema that editors complete from. Nothing here knows what a key means.

mod check;
mod document;
mod schema;

pub use check::{Checked, check};
pub use document::{Document, Node, Text, Value, read, text_of, with_plain_lines};
pub use schema::json_schema;

/// The keys of one kind of table.
#[derive(Debug)]
pub struct Grammar {
    /// What such a table describes, with its article: `a field`.
    pub what: &'static str,
    /// Its keys, in the order in which documentation lists them.
    pub keys: &'static [Key],
}

/// A key that a table may have.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// What it means, in one sentence, for the editor's completion.
    pub doc: &'static str,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A string, a number, `true` or `false`.
    Literal,
    /// An array of such values.
    List(&'static Shape),
    /// A table with these keys.
    Table(&'static Grammar),
    /// A table with any keys, each with such a value.
    Map(&'static Shape),
    /// Either of two shapes: a short form and a long one.
    Either(&'static Shape, &'static Shape),
}

impl Grammar {
    /// The key `name`, if the grammar has it.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Shape {
    /// The shape in words, for "expected …".
    pub fn in_words(&self) -> String {
        match self {
            Shape::Text => "a string".to_owned(),
            Shape::Flag => "`true` or `false`".to_owned(),
            Shape::OneOf(words) => format!("one of {}", quoted(words)),
            Shape::Literal => "a string, a number, `true` or `false`".to_owned(),
            Shape::List(item) => format!("an array, each item {}", item.in_words()),
            Shape::Table(grammar) => format!("a table ({})", grammar.what),
            Shape::Map(_) => "a table".to_owned(),
            Shape::Either(short, long) => format!("{}, or {}", short.in_words(), long.in_words()),
        }
    }
}

/// `` `a`, `b` ``, for messages.
pub fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
