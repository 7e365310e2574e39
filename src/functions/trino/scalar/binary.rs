//! Bytes.
//!
//! Source: Trino documentation, "Binary functions and operators".

use super::scalar;
use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::hash;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Functions of bytes.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("to_utf8", "The bytes of a text in UTF-8.")
            .on("(varchar) -> varbinary", |call| call.map1(|text: &str| text.as_bytes().to_vec())),
        scalar("from_utf8", "The text of bytes in UTF-8; what is none becomes U+FFFD.")
            .on("(varbinary) -> varchar", |call| {
                call.map1(|bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned())
            })
            .on("(varbinary, varchar) -> varchar", |call| call.map2(from_utf8)),
        scalar("to_hex", "Bytes as hexadecimal digits.")
            .on("(varbinary) -> varchar", |call| call.map1(to_hex)),
        scalar("from_hex", "The bytes of hexadecimal digits.")
            .on("(varchar) -> varbinary", |call| call.map1(from_hex)),
        scalar("to_base64", "Bytes in Base64.")
            .on("(varbinary) -> varchar", |call| call.map1(|bytes: &[u8]| to_base64(bytes, ALPHABET))),
        scalar("to_base64url", "Bytes in Base64 for URLs.")
            .on("(varbinary) -> varchar", |call| call.map1(|bytes: &[u8]| to_base64(bytes, URL_ALPHABET))),
        scalar("from_base64", "The bytes of Base64.")
            .on("(varchar) -> varbinary", |call| call.map1(|text: &str| from_base64(text, ALPHABET))),
        scalar("from_base64url", "The bytes of Base64 for URLs.")
            .on("(varchar) -> varbinary", |call| call.map1(|text: &str| from_base64(text, URL_ALPHABET))),
        scalar("crc32", "The CRC-32 of bytes.").on("(varbinary) -> bigint", |call| {
            call.map1(|bytes: &[u8]| {
                let mut sum = flate2::Crc::new();
                sum.update(bytes);
                i64::from(sum.sum())
            })
        }),
    ]
}

/// What is no UTF-8 is replaced by a character, or left out.
fn from_utf8(bytes: &[u8], replacement: &str) -> Result<String, SqlError> {
    if replacement.chars().nth(1).is_some() {
        return Err(invalid("Replacement character string must empty or a single character"));
    }
    let chunks = bytes
        .utf8_chunks()
        .flat_map(|chunk| [chunk.valid(), if chunk.invalid().is_empty() { "" } else { replacement }]);
    Ok(chunks.collect())
}

fn to_hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).map(|digit| digit.to_ascii_uppercase());
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}

fn from_hex(text: &str) -> Result<Vec<u8>, SqlError> {
    hash::from_hex(text).ok_or_else(|| invalid(format!("Invalid hex string: {text}")))
}

fn to_base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = usize::try_from((bits >> (18 - 6 * place)) & 63).unwrap_or_default();
            out.push(if place <= chunk.len() { char::from(alphabet[sextet]) } else { '=' });
        }
    }
    out
}

/// Padding can be missing.
fn from_base64(text: &str, alphabet: &[u8; 64]) -> Result<Vec<u8>, SqlError> {
    let failure = || invalid(format!("Invalid base64 string: {text}"));
    let letters = text.trim_end_matches('=');
    if letters.len() % 4 == 1 || text.len() - letters.len() > 2 {
        return Err(failure());
    }
    let mut bytes = Vec::with_capacity(letters.len() / 4 * 3 + 2);
    for chunk in letters.as_bytes().chunks(4) {
        let mut bits = 0;
        for letter in chunk {
            let sextet = alphabet.iter().position(|known| known == letter).ok_or_else(failure)?;
            bits = (bits << 6) | u32::try_from(sextet).unwrap_or_default();
        }
        bits <<= 6 * (4 - chunk.len());
        bytes.extend(bits.to_be_bytes().into_iter().skip(1).take(chunk.len() - 1));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn bytes() {
        check(&[
            ("from_utf8(to_utf8('ä'))", "ä"),
            ("from_utf8(from_hex('41ff'))", "A\u{fffd}"),
            ("from_utf8(from_hex('41ff42'), '?')", "A?B"),
            ("from_utf8(from_hex('41ff42'), '')", "AB"),
            ("to_hex(to_utf8('Kö'))", "4BC3B6"),
            ("from_hex('4bC3')", "4b c3"),
            ("to_base64(to_utf8('a'))", "YQ=="),
            ("to_base64(to_utf8('light work'))", "bGlnaHQgd29yaw=="),
            ("from_utf8(from_base64('bGlnaHQgd29yaw'))", "light work"),
            ("crc32(to_utf8('123456789'))", "3421780262"),
            ("to_base64url(from_hex('fbff'))", "-_8="),
        ]);
        check_errors(&[
            ("from_hex('abc')", "Invalid hex string: abc"),
            ("from_hex('zz')", "Invalid hex string: zz"),
            ("from_base64('a')", "Invalid base64 string: a"),
            ("from_base64('a*b=')", "Invalid base64 string"),
        ]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_can_be_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(from_hex(&to_hex(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(from_base64(&to_base64(&bytes, ALPHABET), ALPHABET).unwrap(), bytes);
        }

        #[test]
        fn no_text_is_too_much(text in ".{0,20}") {
            let _ = from_hex(&text);
            let _ = from_base64(&text, URL_ALPHABET);
        }
    }
}
