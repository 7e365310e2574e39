//! Bits of integers.

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;

/// Functions of bits.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("bitwise_and", "Bits that both have.")
            .on("(bigint, bigint) -> bigint", |c| c.map2(|a: i64, b: i64| a & b)),
        scalar("bitwise_or", "Bits that one has.")
            .on("(bigint, bigint) -> bigint", |c| c.map2(|a: i64, b: i64| a | b)),
        scalar("bitwise_xor", "Bits that only one has.")
            .on("(bigint, bigint) -> bigint", |c| c.map2(|a: i64, b: i64| a ^ b)),
        scalar("bitwise_not", "Bits that it does not have.")
            .on("(bigint) -> bigint", |c| c.map1(|a: i64| !a)),
        scalar("bitwise_left_shift", "Bits moved to the left.")
            .on("(integer, bigint) -> integer", |c| {
                c.map2(|a: i32, by: i64| shift(by, 32).map(|by| a.checked_shl(by).unwrap_or(0)))
            })
            .on("(bigint, bigint) -> bigint", |c| {
                c.map2(|a: i64, by: i64| shift(by, 64).map(|by| a.checked_shl(by).unwrap_or(0)))
            }),
        scalar("bitwise_right_shift", "Bits moved to the right, with zeros from the left.")
            .on("(integer, bigint) -> integer", |c| {
                c.map2(|a: i32, by: i64| {
                    shift(by, 32).map(|by| a.cast_unsigned().checked_shr(by).unwrap_or(0).cast_signed())
                })
            })
            .on("(bigint, bigint) -> bigint", |c| {
                c.map2(|a: i64, by: i64| {
                    shift(by, 64).map(|by| a.cast_unsigned().checked_shr(by).unwrap_or(0).cast_signed())
                })
            }),
        scalar("bitwise_right_shift_arithmetic", "Bits moved to the right, with the sign from the left.")
            .on("(integer, bigint) -> integer", |c| {
                c.map2(|a: i32, by: i64| shift(by, 31).map(|by| a >> by.min(31)))
            })
            .on("(bigint, bigint) -> bigint", |c| {
                c.map2(|a: i64, by: i64| shift(by, 63).map(|by| a >> by.min(63)))
            }),
        scalar("bit_count", "How many bits are set, in so many bits of two's complement.")
            .on("(bigint, bigint) -> bigint", |c| c.map2(bit_count)),
    ]
}

/// How far to move; beyond `most`, nothing is left.
fn shift(by: i64, most: u32) -> Result<u32, SqlError> {
    if by < 0 {
        return Err(invalid("Shift must be positive"));
    }
    Ok(u32::try_from(by).unwrap_or(u32::MAX).min(most))
}

fn bit_count(number: i64, bits: i64) -> Result<i64, SqlError> {
    if !(2..=64).contains(&bits) {
        return Err(invalid(format!("Bits specified in bit_count must be between 2 and 64, got {bits}")));
    }
    let unused = u32::try_from(64 - bits).unwrap_or_default();
    let kept = number << unused;
    if kept >> unused != number {
        return Err(invalid(format!(
            "Number must be representable with the bits specified. {number} cannot be represented with {bits} bits"
        )));
    }
    Ok(kept.count_ones().into())
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "Bitwise functions".
    #[test]
    fn bits() {
        check(&[
            ("bit_count(9, 64)", "2"),
            ("bit_count(-7, 8)", "6"),
            ("bitwise_and(19, 25)", "17"),
            ("bitwise_or(19, 25)", "27"),
            ("bitwise_xor(19, 25)", "10"),
            ("bitwise_not(19)", "-20"),
            ("bitwise_left_shift(1, 2)", "4"),
            ("bitwise_left_shift(5, 32)", "0"),
            ("bitwise_right_shift(8, 3)", "1"),
            ("bitwise_right_shift(-1, 28)", "15"),
            ("bitwise_right_shift_arithmetic(-256, 3)", "-32"),
            ("bitwise_right_shift_arithmetic(-1, 99)", "-1"),
        ]);
        check_errors(&[("bit_count(100, 2)", "cannot be represented with 2 bits")]);
    }
}
