//! A rendered text: what was written, and between it, untouched and where they lie, the parts that were there before.
//!
//! A long output is a thousand parts, of which an edit makes a few anew. So what a render puts together is not copied on its
//! way to the file.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::facts::recorder;
use crate::digest::{self, Digest};

/// A rendered text.
#[derive(Clone, Default)]
pub struct Text {
    chunks: Vec<Chunk>,
}

/// A chunk of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// What was written.
    Own(String),
    /// A part that was rendered by itself, as it is.
    Part(Arc<str>),
}

impl Text {
    /// Its chunks, in their order.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Its bytes, chunk by chunk.
    pub fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks.iter().map(|chunk| chunk.as_str().as_bytes())
    }

    /// The digest of its bytes.
    pub fn digest(&self) -> Digest {
        digest::chunks(self.bytes())
    }

    /// What was written of it, without the parts.
    pub fn own(&self) -> String {
        let own = self.chunks.iter().filter(|chunk| matches!(chunk, Chunk::Own(_)));
        own.map(Chunk::as_str).collect()
    }
}

impl Chunk {
    /// The text of the chunk.
    pub fn as_str(&self) -> &str {
        match self {
            Chunk::Own(text) => text,
            Chunk::Part(text) => text,
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chunks.iter().try_for_each(|chunk| f.write_str(chunk.as_str()))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        *self == *other.to_string()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        let mut rest = Some(other);
        for chunk in &self.chunks {
            rest = rest.and_then(|rest| rest.strip_prefix(chunk.as_str()));
        }
        rest == Some("")
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

/// A render writes its text here, with the parts as they come: one is told by where it lies.
impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(part) = recorder::last_part().filter(|part| std::ptr::eq(part.as_bytes(), bytes)) {
            self.chunks.push(Chunk::Part(part));
            return Ok(bytes.len());
        }
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        match self.chunks.last_mut() {
            Some(Chunk::Own(own)) => own.push_str(text),
            _ => self.chunks.push(Chunk::Own(text.to_owned())),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
