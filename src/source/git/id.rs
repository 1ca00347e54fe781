//! The name of an object: SHA-1 or SHA-256, as a plain value.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::hex;

/// The id of a commit, a tree or a blob, of either hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    length: u8,
    bytes: [u8; 32],
}

/// A text that is not the full hexadecimal form of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl Id {
    /// The id of these bytes; `None` unless there are 20 (SHA-1) or 32 (SHA-256) of them.
    pub fn new(bytes: &[u8]) -> Option<Id> {
        if !matches!(bytes.len(), 20 | 32) {
            return None;
        }
        let mut own = [0; 32];
        own[..bytes.len()].copy_from_slice(bytes);
        Some(Id { length: u8::try_from(bytes.len()).ok()?, bytes: own })
    }

    /// The id as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The first twelve hexadecimal digits: enough for people.
    pub fn short(&self) -> String {
        hex(&self.bytes[..6])
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.as_bytes()))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the 40 or 64 hexadecimal digits of a git object")
    }
}

impl std::error::Error for NotAnId {}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Id, NotAnId> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() > 64 {
            return Err(NotAnId);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let &[high, low] = pair else { return Err(NotAnId) };
            *byte = (digit(high)? << 4) | digit(low)?;
        }
        Id::new(&bytes[..digits.len() / 2]).ok_or(NotAnId)
    }
}

fn digit(digit: u8) -> Result<u8, NotAnId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(NotAnId),
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(self.as_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(IdVisitor)
        } else {
            deserializer.deserialize_bytes(IdVisitor)
        }
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a git object")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Id, E> {
        Id::new(bytes).ok_or_else(|| E::invalid_length(bytes.len(), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn both_hashes_read_back_from_text_and_bytes() {
        for length in [40, 64] {
            let text = "0123456789abcdef".repeat(4)[..length].to_owned();
            let id: Id = text.parse().unwrap();
            assert_eq!(id.to_string(), text);
            assert_eq!(Id::new(id.as_bytes()), Some(id));
            let bytes = postcard::to_stdvec(&id).unwrap();
            assert_eq!(bytes.len(), 1 + length / 2);
            assert_eq!(postcard::from_bytes::<Id>(&bytes).unwrap(), id);
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Id>(&json).unwrap(), id);
        }
    }

    #[test]
    fn nothing_else_is_an_id() {
        for text in ["", "abc", "g123456789012345678901234567890123456789", &"0".repeat(39), &"0".repeat(66)] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }
}
