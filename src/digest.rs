//! Digests of values, by BLAKE3, and the one way in which values are fed into them.
//!
//! A value is serialised by `postcard`, whose encoding is a pure function of the value: every field in its
//! declared order, every sequence with its length, no names, no padding. Values that enter a digest therefore
//! hold ordered maps only, and a change of a type's shape changes the digests of its values, which is why keys
//! that outlive a process also carry a version.

use std::fmt;

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

/// A 256-bit BLAKE3 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest as bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest made of these bytes, read back from where an earlier run left it.
    pub fn from_bytes(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }

    /// The first twelve hexadecimal digits: enough for people to tell states apart.
    pub fn short(&self) -> String {
        hex(&self.0[..6])
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for digit in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        text.push(char::from(DIGITS[usize::from(digit)]));
    }
    text
}

/// Digests bytes as they are: a file's content.
pub fn bytes(content: &[u8]) -> Digest {
    Digest(*blake3::hash(content).as_bytes())
}

/// Digests the bytes that these chunks are together, as [`bytes`] does.
pub fn chunks<'c>(chunks: impl Iterator<Item = &'c [u8]>) -> Digest {
    let (mut hasher, mut held) = (blake3::Hasher::new(), Vec::with_capacity(BLOCK));
    for mut chunk in chunks {
        while held.len() + chunk.len() >= BLOCK {
            let (now, later) = chunk.split_at(BLOCK - held.len());
            held.extend_from_slice(now);
            hasher.update(&held);
            held.clear();
            chunk = later;
        }
        held.extend_from_slice(chunk);
    }
    Digest(*hasher.update(&held).finalize().as_bytes())
}

/// Bytes of chunks that are taken at once: BLAKE3 takes whole blocks many at a time, and what is left of one by itself.
const BLOCK: usize = 1 << 16;

/// Digests a value. `domain` separates kinds of values, so that two that serialise alike never share a digest.
///
/// # Panics
/// When the value's `Serialize` fails, which the derived implementations of this crate never do.
pub fn of<T: Serialize + ?Sized>(domain: &str, value: &T) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(domain.len() as u64).to_le_bytes());
    hasher.update(domain.as_bytes());
    let feed = Feed { hasher, held: 0, buffer: [0; BUFFER] };
    let hasher = postcard::serialize_with_flavor(value, feed).expect("derived serialisation into a hasher cannot fail");
    Digest(*hasher.finalize().as_bytes())
}

/// Bytes that go into the hasher at once. BLAKE3 takes them many times faster in blocks than one by one.
const BUFFER: usize = 4096;

/// Streams a serialisation into the hasher, so that it is never held as a whole.
struct Feed {
    hasher: blake3::Hasher,
    held: usize,
    buffer: [u8; BUFFER],
}

impl Feed {
    fn flush(&mut self) {
        self.hasher.update(&self.buffer[..self.held]);
        self.held = 0;
    }
}

impl Flavor for Feed {
    type Output = blake3::Hasher;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.held == BUFFER {
            self.flush();
        }
        self.buffer[self.held] = byte;
        self.held += 1;
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > BUFFER - self.held {
            self.flush();
        }
        if bytes.len() > BUFFER {
            self.hasher.update(bytes);
        } else {
            self.buffer[self.held..self.held + bytes.len()].copy_from_slice(bytes);
            self.held += bytes.len();
        }
        Ok(())
    }

    fn finalize(mut self) -> postcard::Result<blake3::Hasher> {
        self.flush();
        Ok(self.hasher)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::{BUFFER, of};

    #[test]
    fn neighbours_never_run_together() {
        assert_ne!(of("t", &("ab", "c")), of("t", &("a", "bc")));
        assert_ne!(of("t", "a"), of("u", "a"));
    }

    #[test]
    fn what_is_fed_does_not_depend_on_how_it_is_cut() {
        for length in [0, 1, BUFFER - 9, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER + 7] {
            let (front, back) = ("x".repeat(length), "y".repeat(BUFFER - 2));
            let value = (1_u8, &front, 2_u8, &back, length as u64);
            let mut fed = 1_u64.to_le_bytes().to_vec();
            fed.push(b't');
            fed.extend(postcard::to_stdvec(&value).unwrap());
            assert_eq!(of("t", &value), super::bytes(&fed), "{length}");
        }
    }
}
