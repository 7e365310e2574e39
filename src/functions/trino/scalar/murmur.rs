//! MurmurHash3 of 128 bits, in its form for machines of 64 bits, with the seed 0.
//!
//! Source: Austin Appleby's public domain definition, `MurmurHash3_x64_128`.

const FIRST: u64 = 0x87c3_7b91_1142_53d5;
const SECOND: u64 = 0x4cf5_ad43_2745_937f;

/// The digest, each half with its lowest byte first.
pub fn murmur3(bytes: &[u8]) -> Vec<u8> {
    let (mut left, mut right) = (0u64, 0u64);
    let blocks = bytes.chunks_exact(16);
    let tail = blocks.remainder();
    for block in blocks {
        let (first, second) = halves(block);
        left = (left ^ mixed(first, FIRST, 31, SECOND)).rotate_left(27).wrapping_add(right);
        left = left.wrapping_mul(5).wrapping_add(0x52dc_e729);
        right = (right ^ mixed(second, SECOND, 33, FIRST)).rotate_left(31).wrapping_add(left);
        right = right.wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    // What is left over is filled up with zeros, which leave the halves as they are.
    let (first, second) = halves(tail);
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    left ^= mixed(first, FIRST, 31, SECOND) ^ length;
    right ^= mixed(second, SECOND, 33, FIRST) ^ length;
    left = left.wrapping_add(right);
    right = right.wrapping_add(left);
    (left, right) = (finished(left), finished(right));
    left = left.wrapping_add(right);
    right = right.wrapping_add(left);
    [left.to_le_bytes(), right.to_le_bytes()].concat()
}

/// Up to 16 bytes as two numbers, their lowest bytes first.
fn halves(bytes: &[u8]) -> (u64, u64) {
    let number =
        |bytes: &[u8]| bytes.iter().rev().fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    let (first, second) = bytes.split_at(bytes.len().min(8));
    (number(first), number(second))
}

fn mixed(value: u64, by: u64, rotation: u32, then: u64) -> u64 {
    value.wrapping_mul(by).rotate_left(rotation).wrapping_mul(then)
}

fn finished(mut value: u64) -> u64 {
    value ^= value >> 33;
    value = value.wrapping_mul(0xff51_afd7_ed55_8ccd);
    value ^= value >> 33;
    value = value.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ (value >> 33)
}
