//! Values that are not containers, as they are kept and compared: short ones as they are, long ones by digest.

use minijinja::value::{Value, ValueKind};
use serde::{Deserialize, Serialize};

use crate::digest;

/// Bytes up to which a text is kept as it is.
const SHORT: usize = 64;
/// Letters of a longer text that are kept for people.
const BEGIN: usize = 60;

/// The digest of a long text, or of everything in a container.
pub type Short = [u8; 16];

/// A scalar; texts are numbers in the table of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scalar<T> {
    /// Known to be nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// Any other number, by its bits.
    Float(u64),
    /// A short text.
    Text(T),
    /// A long text, or bytes: the digest decides, the beginning is for people.
    Long(Short, T),
}

impl<T> Scalar<T> {
    /// The same with another kind of text.
    pub fn map<U>(self, text: impl FnOnce(T) -> U) -> Scalar<U> {
        match self {
            Scalar::Null => Scalar::Null,
            Scalar::Bool(value) => Scalar::Bool(value),
            Scalar::Int(value) => Scalar::Int(value),
            Scalar::Float(bits) => Scalar::Float(bits),
            Scalar::Text(value) => Scalar::Text(text(value)),
            Scalar::Long(digest, begin) => Scalar::Long(digest, text(begin)),
        }
    }
}

impl<'a> Scalar<&'a str> {
    /// The scalar that `value` is; what no view holds (a function, an undefined value) is nothing.
    pub fn of(value: &'a Value) -> Scalar<&'a str> {
        match value.kind() {
            ValueKind::Bool => Scalar::Bool(value.is_true()),
            ValueKind::Number if value.is_integer() => {
                // Beyond the range is only the last half of the largest unsigned type.
                let beyond = || Scalar::Long(short(value.to_string().as_bytes()), "");
                i128::try_from(value.clone()).map_or_else(|_| beyond(), Scalar::Int)
            }
            ValueKind::Number => Scalar::Float(f64::try_from(value.clone()).unwrap_or_default().to_bits()),
            ValueKind::String => value.as_str().map_or(Scalar::Null, Scalar::of_text),
            ValueKind::Bytes => Scalar::Long(short(value.as_bytes().unwrap_or_default()), ""),
            _ => Scalar::Null,
        }
    }

    fn of_text(text: &'a str) -> Scalar<&'a str> {
        if text.len() <= SHORT { Scalar::Text(text) } else { Scalar::Long(short(text.as_bytes()), begin(text)) }
    }

    /// As people read it, in a line.
    pub fn shown(self) -> String {
        match self {
            Scalar::Null => String::new(),
            Scalar::Bool(value) => value.to_string(),
            Scalar::Int(value) => value.to_string(),
            Scalar::Float(bits) => f64::from_bits(bits).to_string(),
            Scalar::Text(text) => match text.lines().next() {
                Some(line) if line.len() < text.trim_end().len() => format!("{line} …"),
                line => line.unwrap_or_default().to_owned(),
            },
            Scalar::Long(_, begin) => format!("{begin}…"),
        }
    }
}

/// The first half of the digest of `bytes`.
pub fn short(bytes: &[u8]) -> Short {
    half(&digest::bytes(bytes))
}

/// The first half of a digest: enough to tell any two values apart.
pub fn half(digest: &digest::Digest) -> Short {
    *digest.as_bytes().first_chunk().expect("a digest is longer than its half")
}

/// The first letters of the first line.
fn begin(text: &str) -> &str {
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.char_indices().nth(BEGIN).map_or(line, |(end, _)| &line[..end])
}
