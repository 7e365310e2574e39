//! Base32, and numbers as bytes.
//!
//! Source: Trino documentation, "Binary functions and operators".

use super::scalar;
use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;

/// Of RFC 4648.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Functions of encodings.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("to_base32", "Bytes in Base32.").on("(varbinary) -> varchar", |call| call.map1(to_base32)),
        scalar("from_base32", "The bytes of Base32.")
            .on("(varchar) -> varbinary", |call| call.map1(from_base32)),
        scalar("to_big_endian_32", "The four bytes of a number, the highest first.")
            .on("(integer) -> varbinary", |call| call.map1(|n: i32| n.to_be_bytes().to_vec())),
        scalar("from_big_endian_32", "The number of four bytes, the highest first.")
            .on("(varbinary) -> integer", |call| call.map1(|bytes| sized(bytes).map(i32::from_be_bytes))),
        scalar("to_big_endian_64", "The eight bytes of a number, the highest first.")
            .on("(bigint) -> varbinary", |call| call.map1(|n: i64| n.to_be_bytes().to_vec())),
        scalar("from_big_endian_64", "The number of eight bytes, the highest first.")
            .on("(varbinary) -> bigint", |call| call.map1(|bytes| sized(bytes).map(i64::from_be_bytes))),
        scalar("to_ieee754_32", "The four bytes of a number, as IEEE 754 has them.")
            .on("(real) -> varbinary", |call| call.map1(|n: f32| n.to_be_bytes().to_vec())),
        scalar("from_ieee754_32", "The number of four bytes, as IEEE 754 has them.")
            .on("(varbinary) -> real", |call| call.map1(|bytes| sized(bytes).map(f32::from_be_bytes))),
        scalar("to_ieee754_64", "The eight bytes of a number, as IEEE 754 has them.")
            .on("(double) -> varbinary", |call| call.map1(|n: f64| n.to_be_bytes().to_vec())),
        scalar("from_ieee754_64", "The number of eight bytes, as IEEE 754 has them.")
            .on("(varbinary) -> double", |call| call.map1(|bytes| sized(bytes).map(f64::from_be_bytes))),
    ]
}

/// So many bytes, and no others.
fn sized<const N: usize>(bytes: &[u8]) -> Result<[u8; N], SqlError> {
    bytes
        .try_into()
        .map_err(|_| invalid(format!("expected {N}-byte input, but got instead: {}", bytes.len())))
}

fn to_base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let bits = bits << (8 * (5 - chunk.len()));
        let letters = (chunk.len() * 8).div_ceil(5);
        for place in 0..8 {
            let quintet = usize::try_from((bits >> (35 - 5 * place)) & 31).unwrap_or_default();
            let letter = ALPHABET.get(quintet).copied().map_or('=', char::from);
            out.push(if place < letters { letter } else { '=' });
        }
    }
    out
}

/// Padding can be missing.
fn from_base32(text: &str) -> Result<Vec<u8>, SqlError> {
    let failure = || invalid(format!("Invalid base32 string: {text}"));
    let letters = text.trim_end_matches('=');
    // No number of bytes ends so.
    if matches!(letters.len() % 8, 1 | 3 | 6) || text.len() - letters.len() > 6 {
        return Err(failure());
    }
    let (mut bytes, mut bits, mut held) = (vec![], 0u32, 0);
    for letter in letters.bytes() {
        let quintet = ALPHABET.iter().position(|known| *known == letter).ok_or_else(failure)?;
        bits = (bits << 5) | u32::try_from(quintet).unwrap_or_default();
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap_or_default());
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::trino::testing::{check, check_errors};

    /// RFC 4648, section 10, has those of Base32.
    #[test]
    fn encodings() {
        check(&[
            ("to_base32(to_utf8(''))", ""),
            ("to_base32(to_utf8('f'))", "MY======"),
            ("to_base32(to_utf8('foob'))", "MZXW6YQ="),
            ("to_base32(to_utf8('foobar'))", "MZXW6YTBOI======"),
            ("from_utf8(from_base32('MZXW6YTBOI======'))", "foobar"),
            ("from_utf8(from_base32('MZXW6YQ'))", "foob"),
            ("to_hex(to_big_endian_32(12345678))", "00BC614E"),
            ("from_big_endian_32(from_hex('FFFFFFFE'))", "-2"),
            ("to_hex(to_big_endian_64(1234567890123456789))", "112210F47DE98115"),
            ("from_big_endian_64(from_hex('0000000000000001'))", "1"),
            ("to_hex(to_ieee754_32(CAST(3.1415926e0 AS real)))", "40490FDA"),
            ("to_hex(to_ieee754_64(3.1415926535897931e0))", "400921FB54442D18"),
            ("from_ieee754_64(from_hex('400921FB54442D18'))", "3.141592653589793"),
            ("from_ieee754_32(from_hex('3F800000'))", "1.0"),
        ]);
        check_errors(&[
            ("from_base32('M')", "Invalid base32 string: M"),
            ("from_base32('M1======')", "Invalid base32 string"),
            ("from_big_endian_32(to_utf8('a'))", "expected 4-byte input, but got instead: 1"),
        ]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_can_be_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(from_base32(&to_base32(&bytes)).unwrap(), bytes);
        }
    }
}
