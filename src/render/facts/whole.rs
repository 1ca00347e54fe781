//! Containers of which everything counts: one digest of all in them.

use minijinja::value::Value;
use serde::{Serialize, Serializer};

use super::scalar::{Scalar, Short, half};
use super::tree::{List, Map, Node};
use crate::digest;

/// The digest of all in `value`.
pub fn digest_of(value: &Value) -> Short {
    if let Node::Whole(whole) = Node::of(value) {
        return whole.digest;
    }
    half(&digest::of("facts", &All(value)))
}

/// The mark of each item of a list: a part of the digest of all in it.
pub fn marks(value: &Value) -> Vec<u32> {
    let Node::List(list) = Node::of(value) else { return Vec::new() };
    list.items().iter().map(mark).collect()
}

/// The mark of one item.
pub fn mark(item: &Value) -> u32 {
    digest_of(item).first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// A value, all of it, without noting that it was read.
struct All<'a>(&'a Value);

impl Serialize for All<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Node::of(self.0) {
            Node::Map(map) => serializer.serialize_newtype_variant("All", 0, "map", &Entries(map)),
            Node::List(list) => serializer.serialize_newtype_variant("All", 1, "list", &Items(list)),
            Node::Whole(whole) => serializer.serialize_newtype_variant("All", 4, "whole", &whole.digest),
            Node::Scalar(value) => match value.as_str() {
                Some(text) => serializer.serialize_newtype_variant("All", 2, "text", text),
                None => serializer.serialize_newtype_variant("All", 3, "scalar", &Scalar::of(value)),
            },
        }
    }
}

struct Entries<'a>(&'a Map);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.keys.iter().zip(self.0.values.iter().map(All)))
    }
}

struct Items<'a>(&'a List);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.items().iter().map(All))
    }
}
