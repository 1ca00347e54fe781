//! Records that say whether they are whole: length, checksum, payload.
//!
//! A file of frames begins with a magic line that names what it is and its version. Reading never fails: what is
//! foreign reads as empty, and the first record that is cut or damaged ends the file.

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes in front of each payload: its length (4, little-endian) and its checksum (8).
pub const HEAD: usize = 12;

/// The first eight bytes of the payload's BLAKE3 digest: against accidents, not against attackers.
fn checksum(payload: &[u8]) -> [u8; 8] {
    let mut short = [0; 8];
    short.copy_from_slice(&blake3::hash(payload).as_bytes()[..8]);
    short
}

/// Appends `payload` as one frame; `false`, and nothing appended, when it is longer than a frame can say (4 GiB).
pub fn push(out: &mut Vec<u8>, payload: &[u8]) -> bool {
    let Ok(length) = u32::try_from(payload.len()) else { return false };
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(payload));
    out.extend_from_slice(payload);
    true
}

/// The payload of the frame that `bytes` begins with, if it is whole.
pub fn first(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<8>()?;
    let payload = rest.get(..u32::from_le_bytes(*length) as usize)?;
    (checksum(payload) == *sum).then_some(payload)
}

/// Divides what begins with a frame behind that, whatever it holds.
pub fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_le_bytes(*bytes.first_chunk::<4>()?) as usize;
    bytes.split_at_checked(HEAD.checked_add(length)?)
}

/// Where the payloads of the whole frames lie, up to the first that is cut or damaged.
///
/// The end of the last range is where a next frame belongs (`0` when there is none).
pub fn scan(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(payload) = first(&bytes[at..]) {
        let start = at + HEAD;
        at = start + payload.len();
        found.push(start..at);
    }
    found
}

/// A whole file of one value: the magic line and one frame.
///
/// # Panics
/// When the value's `Serialize` fails, which the derived implementations of this crate never do.
pub fn encode<T: Serialize>(magic: &str, value: &T) -> Vec<u8> {
    let payload = postcard::to_stdvec(value).expect("derived serialisation into memory cannot fail");
    let mut out = magic.as_bytes().to_vec();
    push(&mut out, &payload);
    out
}

/// Reads back what [`encode`] made; `None` for anything else, another magic and trailing bytes included.
pub fn decode<T: DeserializeOwned>(magic: &str, bytes: &[u8]) -> Option<T> {
    let framed = bytes.strip_prefix(magic.as_bytes())?;
    let payload = first(framed)?;
    (framed.len() == HEAD + payload.len()).then(|| exact(payload))?
}

/// Decodes a value that fills `payload` exactly.
pub fn exact<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(payload).ok()?;
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{HEAD, decode, encode, push, scan};

    #[test]
    fn a_file_cut_anywhere_keeps_its_whole_frames() {
        let payloads: [&[u8]; 4] = [b"one", b"", b"three", b"four and more"];
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for payload in payloads {
            push(&mut bytes, payload);
            ends.push(bytes.len());
        }
        for cut in 0..=bytes.len() {
            let found = scan(&bytes[..cut]);
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            assert_eq!(found.len(), whole, "cut at {cut}");
            assert!(found.iter().zip(payloads).all(|(range, payload)| &bytes[range.clone()] == payload));
        }
    }

    #[test]
    fn a_value_reads_back_only_from_its_own_bytes() {
        let bytes = encode("forge test 1\n", &(7_u32, "x"));
        assert_eq!(decode::<(u32, String)>("forge test 1\n", &bytes), Some((7, "x".to_owned())));
        assert_eq!(decode::<(u32, String)>("forge test 2\n", &bytes), None);
        assert_eq!(decode::<u32>("forge test 1\n", &bytes), None, "a value that does not fill the frame");
        let longer = [&bytes[..], b"!"].concat();
        assert_eq!(decode::<(u32, String)>("forge test 1\n", &longer), None);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = scan(&bytes);
            prop_assert_eq!(decode::<Vec<String>>("forge test 1\n", &bytes), None);
        }

        #[test]
        fn one_flipped_bit_never_yields_another_payload(at in 0_usize..(HEAD + 9), bit in 0_u8..8) {
            let mut bytes = Vec::new();
            push(&mut bytes, b"a payload");
            bytes[at] ^= 1 << bit;
            prop_assert!(scan(&bytes).is_empty());
        }
    }
}
