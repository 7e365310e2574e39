//! Digests of bytes.
//!
//! Source: Trino documentation, "Binary functions and operators", "Hashing functions", "HMAC functions".

use md5_010::{Digest, Md5};
use ring::digest::{self, Algorithm};
use ring::hmac;
use twox_hash::XxHash64;

use super::murmur::murmur3;
use super::scalar;
use crate::functions::trino::function::Function;

/// Functions that digest bytes.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("md5", "The MD5 digest of bytes.")
            .on("(varbinary) -> varbinary", |call| call.map1(|bytes: &[u8]| Md5::digest(bytes).to_vec())),
        scalar("sha1", "The SHA-1 digest of bytes.").on("(varbinary) -> varbinary", |call| {
            call.map1(|bytes: &[u8]| digested(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes))
        }),
        scalar("sha256", "The SHA-256 digest of bytes.").on("(varbinary) -> varbinary", |call| {
            call.map1(|bytes: &[u8]| digested(&digest::SHA256, bytes))
        }),
        scalar("sha512", "The SHA-512 digest of bytes.").on("(varbinary) -> varbinary", |call| {
            call.map1(|bytes: &[u8]| digested(&digest::SHA512, bytes))
        }),
        scalar("xxhash64", "The xxHash64 of bytes, its highest byte first.")
            .on("(varbinary) -> varbinary", |call| {
                call.map1(|bytes: &[u8]| XxHash64::oneshot(0, bytes).to_be_bytes().to_vec())
            }),
        scalar("murmur3", "The MurmurHash3 of bytes, of 128 bits.")
            .on("(varbinary) -> varbinary", |call| call.map1(murmur3)),
        scalar("hmac_md5", "The HMAC of bytes with a key, by MD5.")
            .on("(varbinary, varbinary) -> varbinary", |call| call.map2(hmac_md5)),
        scalar("hmac_sha1", "The HMAC of bytes with a key, by SHA-1.").on(
            "(varbinary, varbinary) -> varbinary",
            |call| {
                call.map2(|bytes: &[u8], key: &[u8]| signed(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, bytes, key))
            },
        ),
        scalar("hmac_sha256", "The HMAC of bytes with a key, by SHA-256.")
            .on("(varbinary, varbinary) -> varbinary", |call| {
                call.map2(|bytes: &[u8], key: &[u8]| signed(hmac::HMAC_SHA256, bytes, key))
            }),
        scalar("hmac_sha512", "The HMAC of bytes with a key, by SHA-512.")
            .on("(varbinary, varbinary) -> varbinary", |call| {
                call.map2(|bytes: &[u8], key: &[u8]| signed(hmac::HMAC_SHA512, bytes, key))
            }),
    ]
}

fn digested(algorithm: &'static Algorithm, bytes: &[u8]) -> Vec<u8> {
    digest::digest(algorithm, bytes).as_ref().to_vec()
}

fn signed(algorithm: hmac::Algorithm, bytes: &[u8], key: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), bytes).as_ref().to_vec()
}

/// As RFC 2104 makes it of any digest; `ring` has none of MD5.
fn hmac_md5(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut padded = if key.len() > BLOCK { Md5::digest(key).to_vec() } else { key.to_vec() };
    padded.resize(BLOCK, 0);
    let keyed = |by: u8| padded.iter().map(|byte| byte ^ by).collect::<Vec<u8>>();
    let inner = Md5::new().chain_update(keyed(0x36)).chain_update(bytes).finalize();
    Md5::new().chain_update(keyed(0x5c)).chain_update(inner).finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::check;

    /// RFC 1321, RFC 2104, FIPS 180-4 and RFC 4231 have these; xxHash's own test has the digest of nothing.
    #[test]
    fn digests() {
        check(&[
            ("to_hex(md5(to_utf8('abc')))", "900150983CD24FB0D6963F7D28E17F72"),
            ("to_hex(sha1(to_utf8('abc')))", "A9993E364706816ABA3E25717850C26C9CD0D89D"),
            (
                "to_hex(sha256(to_utf8('abc')))",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
            ),
            ("length(sha512(to_utf8('abc')))", "64"),
            // Trino documentation, "Hashing functions"; the published vector of a text over a block long.
            ("murmur3(from_base64('aaaaaa'))", "ba 58 55 63 55 69 b4 2f 49 20 37 2c a0 e3 96 ef"),
            (
                "to_hex(murmur3(to_utf8('The quick brown fox jumps over the lazy dog')))",
                "6C1B07BC7BBC4BE347939AC4A93C437A",
            ),
            ("to_hex(xxhash64(to_utf8('')))", "EF46DB3751D8E999"),
            (
                "to_hex(hmac_sha256(to_utf8('what do ya want for nothing?'), to_utf8('Jefe')))",
                "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
            ),
            (
                "to_hex(hmac_md5(to_utf8('what do ya want for nothing?'), to_utf8('Jefe')))",
                "750C783E6AB0B503EAA86E310A5DB738",
            ),
            ("length(hmac_sha1(to_utf8('a'), to_utf8('')))", "20"),
            ("length(hmac_sha512(to_utf8('a'), to_utf8('')))", "64"),
            ("md5(NULL)", "NULL"),
        ]);
    }
}
