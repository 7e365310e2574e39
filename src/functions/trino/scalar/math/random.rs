//! Random numbers.

use std::hash::{BuildHasher, RandomState};

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;

/// Functions of chance.
pub fn functions() -> Vec<Function> {
    vec![random("random"), random("rand")]
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
