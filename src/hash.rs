//! SHA-256, as evidence is named by it.

use std::fmt;
use std::io::{self, Read};

use ring::digest::{Context, SHA256, digest};
use serde::{Serialize, Serializer};

/// A SHA-256; shown and serialized as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

/// Computes one of bytes that come in pieces.
#[derive(Clone)]
pub struct Hasher(Context);

impl Sha256 {
    /// That of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_digest(digest(&SHA256, bytes).as_ref())
    }

    /// That of everything that `reader` has, and how many bytes that was.
    ///
    /// # Errors
    /// If it cannot be read to its end.
    pub fn of_reader(mut reader: impl Read) -> io::Result<(Self, u64)> {
        let (mut hasher, mut length) = (Hasher::default(), 0);
        let mut piece = vec![0; 64 << 10];
        loop {
            match reader.read(&mut piece)? {
                0 => return Ok((hasher.finish(), length)),
                read => {
                    hasher.update(&piece[..read]);
                    length += read as u64;
                }
            }
        }
    }

    /// Reads hexadecimal digits; `None` if they are no SHA-256.
    pub fn parse(hex: &str) -> Option<Self> {
        Some(Self(from_hex(hex)?.try_into().ok()?))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn from_digest(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self(hash)
    }
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some((digit(*high)? << 4) | digit(*low)?)).collect()
}

impl Default for Hasher {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Hasher {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash of all pieces.
    pub fn finish(self) -> Sha256 {
        Sha256::from_digest(self.0.finish().as_ref())
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
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

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn known_hashes() {
        let abc = Sha256::of(b"abc");
        assert_eq!(abc.to_string(), ABC);
        assert_eq!(Sha256::parse(&ABC.to_uppercase()), Some(abc));
        assert_eq!(Sha256::of_reader(&b"abc"[..]).unwrap(), (abc, 3));
        let mut pieces = Hasher::default();
        [b"a".as_slice(), b"", b"bc"].iter().for_each(|piece| pieces.update(piece));
        assert_eq!(pieces.finish(), abc);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Hasher::default().finish().to_string(), empty);
    }

    #[test]
    fn what_is_no_hash() {
        for text in ["", "ba", &ABC[1..], &format!("{ABC}00"), &ABC.replace('b', "g"), &"é".repeat(32)] {
            assert_eq!(Sha256::parse(text), None, "{text}");
        }
    }
}
