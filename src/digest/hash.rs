//! SHA-256, as digest files write it.

use std::fmt;

use ring::digest;
use serde::{Serialize, Serializer};

/// A SHA-256 hash; shown as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Reads hexadecimal digits; `None` if they are no SHA-256 hash.
    pub fn parse(hex: &str) -> Option<Self> {
        Some(Self(from_hex(hex)?.try_into().ok()?))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Hashes what comes in pieces.
pub struct Hasher(digest::Context);

impl Hasher {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds a piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash of all pieces.
    pub fn finish(self) -> Sha256 {
        let mut hash = [0; 32];
        // SHA-256 has 32 bytes.
        hash.iter_mut().zip(self.0.finish().as_ref()).for_each(|(to, from)| *to = *from);
        Sha256(hash)
    }
}

/// The bytes that hexadecimal digits stand for.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some((digit(*high)? << 4) | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn pieces_have_one_hash() {
        let mut hasher = Hasher::new();
        [b"a".as_slice(), b"", b"bc"].iter().for_each(|piece| hasher.update(piece));
        let hash = hasher.finish();
        assert_eq!(hash.to_string(), ABC);
        assert_eq!(Sha256::parse(&ABC.to_uppercase()), Some(hash));
    }

    #[test]
    fn what_is_no_hash() {
        for text in ["", "ba", &ABC[1..], &format!("{ABC}00"), &ABC.replace('b', "g"), &"é".repeat(32)] {
            assert_eq!(Sha256::parse(text), None, "{text}");
        }
    }
}
