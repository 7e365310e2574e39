//! Random numbers, and what is made by chance.

use std::hash::{BuildHasher, RandomState};

use arrow::array::ArrayRef;
use datafusion::error::Result;

use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::{Lists, Picked};
use crate::functions::trino::scalar::scalar;

/// Functions of chance.
pub fn functions() -> Vec<Function> {
    vec![
        random("random"),
        random("rand"),
        scalar("shuffle", "The elements in an order of chance.")
            .on("(array(E)) -> array(E)", shuffle)
            .volatile(),
        scalar("uuid", "A random UUID, as its text.")
            .on("() -> varchar", |call| {
                let mut numbers = SplitMix::new();
                call.map0(|| uuid(numbers.next(), numbers.next()))
            })
            .volatile(),
    ]
}

fn random(name: &'static str) -> Function {
    scalar(name, "A random number from 0 to 1, or below a bound, or between two.")
        .on("() -> double", |call| {
            let mut numbers = SplitMix::new();
            call.map0(|| numbers.fraction())
        })
        .on("(bigint) -> bigint", |call| {
            let mut numbers = SplitMix::new();
            call.map1(|bound: i64| numbers.between(0, bound))
        })
        .on("(bigint, bigint) -> bigint", |call| {
            let mut numbers = SplitMix::new();
            call.map2(|low: i64, high: i64| numbers.between(low, high))
        })
        .volatile()
}

fn shuffle(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let mut numbers = SplitMix::new();
    let mut picked = Picked::default();
    for (row, places) in lists.ranges().enumerate() {
        if lists.is_null(row) {
            picked.push_null();
            continue;
        }
        let mut drawn: Vec<(u64, usize)> = places.map(|place| (numbers.next(), place)).collect();
        drawn.sort_unstable();
        picked.push(drawn.into_iter().map(|(_, place)| place));
    }
    picked.into_lists(call.returns, &lists.values)
}

/// A UUID of version 4 (RFC 9562): 122 bits of chance.
fn uuid(high: u64, low: u64) -> String {
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    let hex = format!("{high:016x}{low:016x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}

/// Numbers that pass for random, as Vigna's `SplitMix64` makes them.
struct SplitMix(u64);

impl SplitMix {
    fn new() -> Self {
        Self(RandomState::new().hash_one(0))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1, with all 53 bits of a double.
    fn fraction(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a double holds")]
        let bits = (self.next() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }

    fn between(&mut self, low: i64, high: i64) -> Result<i64, SqlError> {
        if low >= high {
            return Err(invalid("bound must be positive"));
        }
        let width = u128::from(high.abs_diff(low));
        let offset = (u128::from(self.next()) * width) >> 64;
        Ok(low.wrapping_add_unsigned(u64::try_from(offset).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::trino::testing::check;

    #[test]
    fn what_is_shuffled_stays_what_it_is() {
        check(&[
            ("array_sort(shuffle(ARRAY[3, 1, 2]))", "[1, 2, 3]"),
            ("shuffle(CAST(NULL AS array<bigint>))", "NULL"),
            (
                "regexp_like(uuid(), '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')",
                "true",
            ),
        ]);
    }

    #[test]
    fn numbers_keep_their_bounds() {
        let mut numbers = SplitMix::new();
        let drawn: Vec<_> = (0..1000).map(|_| numbers.between(-3, 3).unwrap()).collect();
        assert!(drawn.iter().all(|n| (-3..3).contains(n)));
        assert!((-3..3).all(|n| drawn.contains(&n)), "a thousand draws show every number");
        assert!((0..1000).all(|_| (0.0..1.0).contains(&numbers.fraction())));
        assert!(numbers.between(i64::MIN, i64::MAX).is_ok());
        assert!(numbers.between(0, 0).is_err());
    }
}
