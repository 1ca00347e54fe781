//! Views that are made only as far as a render asks.

use std::borrow::Cow;

use minijinja::value::Value;
use serde::Serialize;

use super::Facts;
use super::recorder::REGION;
use super::serialize::Builder;
use super::tree::{CHILD, List, Whole};

/// The fields of a view, or of a map in it.
pub struct Fields<'b> {
    builder: &'b mut Builder,
    /// The last region that was given to a lazy list.
    region: &'b mut u32,
    keys: Vec<Cow<'static, str>>,
    values: Vec<Value>,
}

impl Facts {
    /// The facts of the view whose fields `fill` gives.
    pub fn of_fields(fill: impl FnOnce(&mut Fields<'_>)) -> Facts {
        let (mut builder, mut region) = (Builder::new(0), 0);
        Facts { root: Fields::filled(&mut builder, &mut region, fill) }
    }
}

impl Fields<'_> {
    fn filled(builder: &mut Builder, region: &mut u32, fill: impl FnOnce(&mut Fields<'_>)) -> Value {
        let mut fields = Fields { builder, region, keys: Vec::new(), values: Vec::new() };
        fill(&mut fields);
        let Fields { builder, keys, values, .. } = fields;
        builder.map(keys.into(), values)
    }

    fn put(&mut self, key: &'static str, value: Value) {
        self.keys.push(Cow::Borrowed(key));
        self.values.push(value);
    }

    /// A field that is made.
    ///
    /// # Panics
    /// As [`Facts::of`].
    pub fn value(&mut self, key: &'static str, value: &impl Serialize) {
        let value = value.serialize(&mut *self.builder).expect("a view is made of plain values under names");
        self.put(key, value);
    }

    /// A map with fields of its own.
    pub fn map(&mut self, key: &'static str, fill: impl FnOnce(&mut Fields<'_>)) {
        let map = Fields::filled(self.builder, self.region, fill);
        self.put(key, map);
    }

    /// A list that `make` makes once somebody asks; a view has a handful of them at most.
    pub fn list<T: Serialize>(&mut self, key: &'static str, make: impl Fn() -> Vec<T> + Send + Sync + 'static) {
        *self.region += 1;
        let first = *self.region * REGION;
        let items = move || {
            let made = make();
            let mut builder = Builder::new(first + CHILD + made.len() as u32);
            let item = |item: &T| item.serialize(&mut builder).expect("a view is made of plain values under names");
            made.iter().map(item).collect()
        };
        self.put(key, Value::from_object(List::lazy(first, items)));
    }

    /// What counts as a whole.
    pub fn whole(&mut self, key: &'static str, whole: Whole) {
        self.put(key, Value::from_object(whole));
    }

    /// A list of what counts as a whole, one by one.
    pub fn wholes(&mut self, key: &'static str, wholes: Vec<Whole>) {
        let list = self.builder.list(wholes.into_iter().map(Value::from_object).collect());
        self.put(key, list);
    }
}
