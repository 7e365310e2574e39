//! What the bytes of a 64-byte block are, a bit per byte.

use wide::u8x16;

/// One bit per byte of a block; bit 0 is the first byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Masks {
    pub quote: u64,
    pub backslash: u64,
    /// `[` and `{`.
    pub open: u64,
    /// `]` and `}`.
    pub close: u64,
    /// Bytes with the bit that curly brackets have and square ones have not.
    pub curly: u64,
    pub colon: u64,
    pub comma: u64,
    /// Below U+0020.
    pub control: u64,
}

/// `[` and `{`, and `]` and `}`, differ in this bit alone.
const BRACKET_BIT: u8 = 0x20;
/// How far that bit is from a byte's highest.
const BRACKET_SHIFT: i32 = 2;
const LAST_CONTROL: u8 = 0x1f;

impl Masks {
    /// On any machine, with the vectors every one of its kind has.
    #[inline(always)]
    fn portable(block: &[u8; 64]) -> Self {
        let mut masks = Self::default();
        for (lane, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let bit = u8x16::splat(BRACKET_BIT);
            let folded = bytes | bit;
            let bits = |found: u8x16| u64::from(found.to_bitmask()) << (16 * lane);
            masks.quote |= bits(bytes.simd_eq(u8x16::splat(b'"')));
            masks.backslash |= bits(bytes.simd_eq(u8x16::splat(b'\\')));
            masks.open |= bits(folded.simd_eq(u8x16::splat(b'{')));
            masks.close |= bits(folded.simd_eq(u8x16::splat(b'}')));
            masks.curly |= bits(folded.simd_eq(bytes));
            masks.colon |= bits(bytes.simd_eq(u8x16::splat(b':')));
            masks.comma |= bits(bytes.simd_eq(u8x16::splat(b',')));
            let last_control = u8x16::splat(LAST_CONTROL);
            masks.control |= bits(bytes.max(last_control).simd_eq(last_control));
        }
        masks
    }

    /// The same with vectors twice as long.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    fn avx2(block: &[u8; 64]) -> Self {
        use std::arch::x86_64::{
            __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
            _mm256_or_si256, _mm256_set1_epi8, _mm256_slli_epi16,
        };
        let (low, high) = block.split_at(32);
        // SAFETY: each half is 32 bytes long, and the load needs no alignment.
        let halves = [low, high].map(|half| unsafe { _mm256_loadu_si256(half.as_ptr().cast::<__m256i>()) });
        let highest_bits = |halves: [__m256i; 2]| {
            let [low, high] = halves.map(|half| u64::from(_mm256_movemask_epi8(half) as u32));
            low | high << 32
        };
        let find = |halves: [__m256i; 2], byte: u8| {
            highest_bits(halves.map(|half| _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte as i8))))
        };
        let folded = halves.map(|half| _mm256_or_si256(half, _mm256_set1_epi8(BRACKET_BIT as i8)));
        let controls = halves.map(|half| {
            let least = _mm256_min_epu8(half, _mm256_set1_epi8(LAST_CONTROL as i8));
            _mm256_cmpeq_epi8(least, half)
        });
        Self {
            quote: find(halves, b'"'),
            backslash: find(halves, b'\\'),
            open: find(folded, b'{'),
            close: find(folded, b'}'),
            curly: highest_bits(halves.map(|half| _mm256_slli_epi16::<BRACKET_SHIFT>(half))),
            colon: find(halves, b':'),
            comma: find(halves, b','),
            control: highest_bits(controls),
        }
    }
}

/// Work on blocks, compiled for each kind of vectors.
pub trait BlockWork {
    /// What the work gives.
    type Output;
    /// Does the work; `masks` says what the bytes of a block are. To be inlined, so that all of it
    /// is compiled for the vectors of `masks`.
    fn run(self, masks: impl Fn(&[u8; 64]) -> Masks) -> Self::Output;
}

/// Does `work` with the longest vectors that this machine has.
#[inline]
pub fn on_blocks<W: BlockWork>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the machine has what the function asks for.
        return unsafe { on_blocks_avx2(work) };
    }
    work.run(Masks::portable)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn on_blocks_avx2<W: BlockWork>(work: W) -> W::Output {
    work.run(|block| Masks::avx2(block))
}

/// What is known of strings at the end of a block.
#[derive(Debug, Default, Clone, Copy)]
pub struct Strings {
    /// All ones while inside a string.
    in_string: u64,
    /// 1 if the next byte is escaped.
    escaped: u64,
}

/// The strings of a block.
#[derive(Debug, Clone, Copy)]
pub struct StringMasks {
    /// From opening quotes up to, and without, closing ones.
    pub inside: u64,
    /// Quotes that begin or end a string.
    pub quotes: u64,
    /// Bytes after a backslash that escapes them.
    pub escaped: u64,
}

impl Strings {
    /// The strings of the next block.
    #[inline(always)]
    pub fn next(&mut self, masks: &Masks) -> StringMasks {
        let escaped = find_escaped(masks.backslash, &mut self.escaped);
        let quotes = masks.quote & !escaped;
        let inside = prefix_xor(quotes) ^ self.in_string;
        self.in_string = ((inside as i64) >> 63) as u64;
        StringMasks { inside, quotes, escaped }
    }
}

/// Bit i of the result is the exclusive or of bits 0..=i: ones from each opening quote up to its
/// closing one.
#[inline]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// Which bytes are escaped by an odd run of backslashes before them. After Langdale and Lemire,
/// "Parsing gigabytes of JSON per second", section 3.1.1.
#[inline]
fn find_escaped(backslash: u64, carry: &mut u64) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    if backslash == 0 {
        return std::mem::take(carry);
    }
    let backslash = backslash & !*carry;
    let follows = backslash << 1 | *carry;
    let odd_starts = backslash & !EVEN & !follows;
    let (sequences, overflow) = odd_starts.overflowing_add(backslash);
    *carry = u64::from(overflow);
    (EVEN ^ (sequences << 1)) & follows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
