//! The containers of a view as templates meet them: each answer is noted before it is given.
//!
//! A container's facts are numbered one after another: three of its own, then one for each child. A child's fact is
//! its value, or, where it is a container, its kind.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use serde::Serialize;

use super::scalar::{Short, half};
use super::{Facts, recorder};
use crate::digest::Digest;

/// The keys of a map.
pub type Keys = Arc<[Cow<'static, str>]>;

/// The keys of a map in their order; which item stands where in a list.
pub const ORDER: u32 = 0;
/// How many there are.
pub const LENGTH: u32 = 1;
/// Whether there is any.
pub const FILLED: u32 = 2;
/// The first child.
pub const CHILD: u32 = 3;

/// A map.
#[derive(Default)]
pub struct Map {
    /// The number of its first fact.
    pub first: u32,
    /// Its keys.
    pub keys: Keys,
    /// Its values, in the order of the keys.
    pub values: Vec<Value>,
}

/// A list.
pub struct List {
    /// The number of its first fact.
    pub first: u32,
    items: OnceLock<Vec<Value>>,
    make: Option<Box<dyn Fn() -> Vec<Value> + Send + Sync>>,
}

/// A map of which everything counts once anything of it is looked at, and which is made when that happens.
pub struct Whole {
    /// The digest of all in it.
    pub digest: Short,
    /// What identifies it among the others of its list.
    pub name: String,
    content: OnceLock<Facts>,
    make: Box<dyn Fn() -> Facts + Send + Sync>,
}

impl List {
    /// The list of `items`, whose facts are numbered from `first` on.
    pub fn new(first: u32, items: Vec<Value>) -> List {
        List { first, items: OnceLock::from(items), make: None }
    }

    /// The list of what `make` makes once somebody asks.
    pub fn lazy(first: u32, make: impl Fn() -> Vec<Value> + Send + Sync + 'static) -> List {
        List { first, items: OnceLock::new(), make: Some(Box::new(make)) }
    }

    /// Its items.
    pub fn items(&self) -> &[Value] {
        // Outside of the cell: what is made there may be work for several threads, and must not wait for other work.
        let make = || self.make.as_ref().map(|make| make()).unwrap_or_default();
        let made = self.items.get().is_none().then(make);
        self.items.get_or_init(|| made.unwrap_or_default())
    }
}

impl Whole {
    /// What is named `name` and holds what has the digest `digest`; `make` makes it.
    pub fn new<T: Serialize>(name: String, digest: Digest, make: impl Fn() -> T + Send + Sync + 'static) -> Whole {
        let make = Box::new(move || Facts::within(&make()));
        Whole { digest: half(&digest), name, content: OnceLock::new(), make }
    }

    /// What is in it.
    pub fn content(&self) -> &Facts {
        // As in a list, outside of the cell.
        let made = self.content.get().is_none().then(|| (self.make)());
        self.content.get_or_init(|| made.unwrap_or_else(|| (self.make)()))
    }

    fn map(&self) -> Arc<Map> {
        self.content().root().downcast_object().unwrap_or_default()
    }
}

impl Map {
    /// The value of `key` and its fact; notes nothing.
    pub fn find(&self, key: &str) -> Option<(u32, &Value)> {
        let at = self.keys.iter().position(|own| own == key)?;
        Some((self.first + CHILD + at as u32, &self.values[at]))
    }
}

impl Object for Map {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let Some((fact, value)) = self.find(key) else {
            recorder::absent(self.first, key);
            return None;
        };
        recorder::fact(fact);
        Some(value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        recorder::fact(self.first + ORDER);
        Enumerator::Values(self.keys.iter().map(|key| Value::from(key.as_ref())).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        recorder::fact(self.first + LENGTH);
        Some(self.values.len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        recorder::fact(self.first + FILLED);
        !self.values.is_empty()
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = key.as_usize()?;
        let Some(item) = self.items().get(at) else {
            recorder::fact(self.first + LENGTH);
            return None;
        };
        recorder::fact(self.first + ORDER);
        recorder::fact(self.first + CHILD + at as u32);
        Some(item.clone())
    }

    fn get_value_by_str(self: &Arc<Self>, _key: &str) -> Option<Value> {
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        recorder::fact(self.first + LENGTH);
        Enumerator::Seq(self.items().len())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        recorder::fact(self.first + LENGTH);
        Some(self.items().len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        recorder::fact(self.first + FILLED);
        !self.items().is_empty()
    }
}

impl Object for Whole {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.map().get_value(key)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.map().get_value_by_str(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.map().enumerate()
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        self.map().enumerator_len()
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.map().is_true()
    }
}

/// Templates print containers by way of the methods above; this says only what it is, since it notes nothing.
impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{…}")
    }
}

/// As for [`Map`].
impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[…]")
    }
}

/// As for [`Map`].
impl fmt::Debug for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{…}")
    }
}

/// A value, seen without noting it.
pub enum Node<'a> {
    /// A map.
    Map(&'a Map),
    /// A list.
    List(&'a List),
    /// A map that counts as a whole.
    Whole(&'a Whole),
    /// Anything else.
    Scalar(&'a Value),
}

impl Node<'_> {
    /// What `value` is.
    pub fn of(value: &Value) -> Node<'_> {
        if let Some(map) = value.downcast_object_ref() {
            return Node::Map(map);
        }
        if let Some(list) = value.downcast_object_ref() {
            return Node::List(list);
        }
        value.downcast_object_ref().map_or(Node::Scalar(value), Node::Whole)
    }
}

/// The keys whose text is a thing's name, the first that it has.
const NAMES: [&str; 4] = ["name", "sentence", "fact", "what"];

/// What identifies `item` among the others of its list: its name, so that one more moves no other.
pub fn name(item: &Value) -> Option<&str> {
    let map: &Map = match Node::of(item) {
        Node::Map(map) => map,
        Node::Whole(whole) => return Some(&whole.name),
        Node::List(_) | Node::Scalar(_) => return None,
    };
    NAMES.iter().find_map(|key| map.find(key)).and_then(|(_, value)| value.as_str())
}
