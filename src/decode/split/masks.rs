//! What the bytes of a 64-byte block are, a bit per byte.

use wide::u8x16;

/// One bit per byte of a block; bit 0 is the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Masks {
    pub quote: u64,
    pub backslash: u64,
    /// `[` and `{`.
    pub open: u64,
    /// `]` and `}`.
    pub close: u64,
}

/// `[` and `{`, and `]` and `}`, differ in this bit alone.
const BRACKET_BIT: u8 = 0x20;

impl Masks {
    /// On any machine, with the vectors every one of its kind has.
    #[inline(always)]
    pub fn portable(block: &[u8; 64]) -> Self {
        let mut masks = Self { quote: 0, backslash: 0, open: 0, close: 0 };
        for (lane, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let folded = bytes | u8x16::splat(BRACKET_BIT);
            let bits = |found: u8x16| u64::from(found.to_bitmask()) << (16 * lane);
            masks.quote |= bits(bytes.simd_eq(u8x16::splat(b'"')));
            masks.backslash |= bits(bytes.simd_eq(u8x16::splat(b'\\')));
            masks.open |= bits(folded.simd_eq(u8x16::splat(b'{')));
            masks.close |= bits(folded.simd_eq(u8x16::splat(b'}')));
        }
        masks
    }

    /// The same with vectors twice as long.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    pub fn avx2(block: &[u8; 64]) -> Self {
        use std::arch::x86_64::{
            __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
            _mm256_set1_epi8,
        };
        let (low, high) = block.split_at(32);
        // SAFETY: each half is 32 bytes long, and the load needs no alignment.
        let halves = [low, high].map(|half| unsafe { _mm256_loadu_si256(half.as_ptr().cast::<__m256i>()) });
        let find = |halves: [__m256i; 2], byte: u8| {
            let [low, high] = halves.map(|half| {
                let equal = _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte as i8));
                u64::from(_mm256_movemask_epi8(equal) as u32)
            });
            low | high << 32
        };
        let folded = halves.map(|half| _mm256_or_si256(half, _mm256_set1_epi8(BRACKET_BIT as i8)));
        Self {
            quote: find(halves, b'"'),
            backslash: find(halves, b'\\'),
            open: find(folded, b'{'),
            close: find(folded, b'}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        #[cfg(target_arch = "x86_64")]
        fn longer_vectors_find_the_same(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'{'), Just(b']'), Just(b'\\')], 64)) {
            let block: [u8; 64] = bytes.try_into().unwrap();
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: just detected.
                prop_assert_eq!(unsafe { Masks::avx2(&block) }, Masks::portable(&block));
            }
        }
    }
}
