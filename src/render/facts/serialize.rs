//! Makes the tree of facts of anything that serialises.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use minijinja::value::Value;
use serde::ser::{self, Serialize, Serializer};

use super::tree::{CHILD, Keys, List, Map};

/// The tree of `view`, numbered from `first` on.
pub fn tree(view: &impl Serialize, first: u32) -> Result<Value, NoTree> {
    view.serialize(&mut Builder::new(first))
}

/// Why there is no tree: the view's own `Serialize` failed, or a key is no name.
#[derive(Debug)]
pub struct NoTree(String);

impl fmt::Display for NoTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoTree {}

impl ser::Error for NoTree {
    fn custom<T: fmt::Display>(message: T) -> NoTree {
        NoTree(message.to_string())
    }
}

/// Numbers facts, and keeps the keys of structs, which are the same again and again.
pub struct Builder {
    next: u32,
    shapes: Vec<Keys>,
}

impl Builder {
    /// Numbers facts from `first` on.
    pub fn new(first: u32) -> Builder {
        Builder { next: first, shapes: Vec::new() }
    }

    fn number(&mut self, children: usize) -> u32 {
        let first = self.next;
        self.next += CHILD + u32::try_from(children).expect("a view in memory has fewer values than that");
        first
    }

    /// A list of values that are made.
    pub fn list(&mut self, items: Vec<Value>) -> Value {
        Value::from_object(List::new(self.number(items.len()), items))
    }

    /// A map of values that are made.
    pub fn map(&mut self, keys: Keys, values: Vec<Value>) -> Value {
        Value::from_object(Map { first: self.number(values.len()), keys, values })
    }

    /// The shared keys of the structs whose fields are `fields`.
    fn shape(&mut self, fields: &[&'static str]) -> Keys {
        let same = |keys: &&Keys| keys.len() == fields.len() && keys.iter().zip(fields).all(|(a, b)| a == b);
        if let Some(keys) = self.shapes.iter().find(same) {
            return Arc::clone(keys);
        }
        let keys: Keys = fields.iter().map(|field| Cow::Borrowed(*field)).collect();
        self.shapes.push(Arc::clone(&keys));
        keys
    }

    fn variant(&mut self, name: &'static str, value: Value) -> Value {
        let keys = self.shape(&[name]);
        self.map(keys, vec![value])
    }
}

/// The values of a container as they come.
pub struct Values<'b, K> {
    builder: &'b mut Builder,
    keys: Vec<K>,
    values: Vec<Value>,
    variant: Option<&'static str>,
}

impl<'b, K> Values<'b, K> {
    fn new(builder: &'b mut Builder, length: Option<usize>, variant: Option<&'static str>) -> Values<'b, K> {
        Values { builder, keys: Vec::new(), values: Vec::with_capacity(length.unwrap_or(0)), variant }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        let value = value.serialize(&mut *self.builder)?;
        self.values.push(value);
        Ok(())
    }

    fn into_list(self) -> Value {
        let list = self.builder.list(self.values);
        match self.variant {
            Some(name) => self.builder.variant(name, list),
            None => list,
        }
    }
}

impl Values<'_, &'static str> {
    fn into_struct(self) -> Value {
        let keys = self.builder.shape(&self.keys);
        let map = self.builder.map(keys, self.values);
        match self.variant {
            Some(name) => self.builder.variant(name, map),
            None => map,
        }
    }
}

/// Scalars that are their own value.
macro_rules! scalars {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Value, NoTree> {
            Ok(Value::from(value))
        })*
    };
}

impl<'b> Serializer for &'b mut Builder {
    type Ok = Value;
    type Error = NoTree;
    type SerializeSeq = Values<'b, ()>;
    type SerializeTuple = Values<'b, ()>;
    type SerializeTupleStruct = Values<'b, ()>;
    type SerializeTupleVariant = Values<'b, ()>;
    type SerializeMap = Values<'b, Cow<'static, str>>;
    type SerializeStruct = Values<'b, &'static str>;
    type SerializeStructVariant = Values<'b, &'static str>;

    scalars!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128, serialize_f32: f32, serialize_f64: f64, serialize_char: char, serialize_str: &str
    );

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, NoTree> {
        Ok(Value::from_bytes(value.to_vec()))
    }

    fn serialize_none(self) -> Result<Value, NoTree> {
        Ok(Value::from(()))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, NoTree> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, NoTree> {
        Ok(Value::from(()))
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, NoTree> {
        Ok(Value::from(()))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, NoTree> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, NoTree> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, NoTree> {
        let value = value.serialize(&mut *self)?;
        Ok(self.variant(variant, value))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Values<'b, ()>, NoTree> {
        Ok(Values::new(self, length, None))
    }

    fn serialize_tuple(self, length: usize) -> Result<Values<'b, ()>, NoTree> {
        Ok(Values::new(self, Some(length), None))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Values<'b, ()>, NoTree> {
        Ok(Values::new(self, Some(length), None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Values<'b, ()>, NoTree> {
        Ok(Values::new(self, Some(length), Some(variant)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Values<'b, Cow<'static, str>>, NoTree> {
        Ok(Values::new(self, length, None))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Values<'b, &'static str>, NoTree> {
        Ok(Values::new(self, Some(length), None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Values<'b, &'static str>, NoTree> {
        Ok(Values::new(self, Some(length), Some(variant)))
    }
}

impl ser::SerializeSeq for Values<'_, ()> {
    type Ok = Value;
    type Error = NoTree;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        self.push(value)
    }

    fn end(self) -> Result<Value, NoTree> {
        Ok(self.into_list())
    }
}

impl ser::SerializeTuple for Values<'_, ()> {
    type Ok = Value;
    type Error = NoTree;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        self.push(value)
    }

    fn end(self) -> Result<Value, NoTree> {
        Ok(self.into_list())
    }
}

impl ser::SerializeTupleStruct for Values<'_, ()> {
    type Ok = Value;
    type Error = NoTree;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        self.push(value)
    }

    fn end(self) -> Result<Value, NoTree> {
        Ok(self.into_list())
    }
}

impl ser::SerializeTupleVariant for Values<'_, ()> {
    type Ok = Value;
    type Error = NoTree;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        self.push(value)
    }

    fn end(self) -> Result<Value, NoTree> {
        Ok(self.into_list())
    }
}

impl ser::SerializeMap for Values<'_, Cow<'static, str>> {
    type Ok = Value;
    type Error = NoTree;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoTree> {
        let key = key.serialize(&mut *self.builder)?;
        if key.as_object().is_some() {
            return Err(NoTree("a key is a container".to_owned()));
        }
        self.keys.push(Cow::Owned(key.as_str().map_or_else(|| key.to_string(), str::to_owned)));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        self.push(value)
    }

    fn end(self) -> Result<Value, NoTree> {
        Ok(self.builder.map(self.keys.into(), self.values))
    }
}

impl ser::SerializeStruct for Values<'_, &'static str> {
    type Ok = Value;
    type Error = NoTree;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), NoTree> {
        self.keys.push(key);
        self.push(value)
    }

    fn end(self) -> Result<Value, NoTree> {
        Ok(self.into_struct())
    }
}

impl ser::SerializeStructVariant for Values<'_, &'static str> {
    type Ok = Value;
    type Error = NoTree;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), NoTree> {
        self.keys.push(key);
        self.push(value)
    }

    fn end(self) -> Result<Value, NoTree> {
        Ok(self.into_struct())
    }
}
