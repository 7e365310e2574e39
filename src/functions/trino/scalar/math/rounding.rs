//! Rounded numbers.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;

use crate::functions::trino::call::Call;
use crate::functions::trino::cast::{divide_half_up, power_of_ten};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;

/// Functions that round.
pub fn functions() -> Vec<Function> {
    vec![
        whole(
            "ceil",
            "Rounded up.",
            |call| call.map1(f64::ceil),
            |call| decimal(call, |n, d| -(-n).div_euclid(d)),
        ),
        whole(
            "ceiling",
            "Rounded up.",
            |call| call.map1(f64::ceil),
            |call| decimal(call, |n, d| -(-n).div_euclid(d)),
        ),
        whole("floor", "Rounded down.", |call| call.map1(f64::floor), |call| decimal(call, i128::div_euclid)),
        whole(
            "round",
            "Rounded to the nearest number; a half goes away from zero.",
            |call| call.map1(f64::round),
            |call| decimal(call, |n, d| divide_half_up(n, d).unwrap_or_default()),
        )
        .on("(integer, bigint) -> integer", |call| {
            call.map2(|n: i32, digits: i64| {
                i32::try_from(round_integer(n.into(), digits)?).map_err(|_| out_of_range())
            })
        })
        .on("(bigint, bigint) -> bigint", |call| call.map2(round_integer))
        .on("(double, bigint) -> double", |call| call.map2(round_double))
        .on("(decimal(p,s), bigint) -> decimal(p+1,s)", round_decimal),
        scalar("truncate", "The number without its last digits.")
            .on("(double) -> double", |call| call.map1(f64::trunc))
            .on("(decimal(p,s)) -> decimal(p-s+1,0)", |call| decimal(call, |n, d| n / d))
            .on("(decimal(p,s), bigint) -> decimal(p,s)", truncate_decimal)
            .on("(double, bigint) -> double", |call| {
                call.map2(|n: f64, digits: i64| scaled(n, digits, f64::trunc))
            }),
    ]
}

/// A function of one number, which integers are not changed by.
fn whole(
    name: &'static str,
    doc: &'static str,
    double: fn(&Call) -> Result<ArrayRef>,
    decimal: fn(&Call) -> Result<ArrayRef>,
) -> Function {
    scalar(name, doc)
        .on("(integer) -> integer", |call| call.array(0))
        .on("(bigint) -> bigint", |call| call.array(0))
        .on("(decimal(p,s)) -> decimal(p-s+1,0)", decimal)
        .on("(double) -> double", double)
}

fn out_of_range() -> SqlError {
    SqlError::new(ErrorCode::NumericValueOutOfRange, "the rounded number is out of range")
}

/// The digits after the point of a decimal argument.
fn scale(call: &Call) -> Result<u32> {
    Ok(match call.data_type(0)? {
        DataType::Decimal128(_, scale) => scale.unsigned_abs().into(),
        _ => 0,
    })
}

/// A decimal divided by what makes it whole.
fn decimal(call: &Call, divide: fn(i128, i128) -> i128) -> Result<ArrayRef> {
    let divisor = power_of_ten(scale(call)?).unwrap_or(1);
    call.map1(|number: i128| divide(number, divisor))
}

fn round_integer(number: i64, digits: i64) -> Result<i64, SqlError> {
    if digits >= 0 {
        return Ok(number);
    }
    let factor = u32::try_from(digits.unsigned_abs()).ok().and_then(power_of_ten);
    let Some(factor) = factor else { return Ok(0) };
    let rounded = divide_half_up(number.into(), factor).and_then(|rounded| rounded.checked_mul(factor));
    rounded.and_then(|rounded| i64::try_from(rounded).ok()).ok_or_else(out_of_range)
}

fn round_double(number: f64, digits: i64) -> f64 {
    scaled(number, digits, f64::round)
}

/// A function of a number with so many digits before the point.
fn scaled(number: f64, digits: i64, function: fn(f64) -> f64) -> f64 {
    let factor = 10f64.powi(i32::try_from(digits).unwrap_or(if digits < 0 { i32::MIN } else { i32::MAX }));
    let result = function(number * factor) / factor;
    // Where the factor is too much for a double, there are no such digits.
    if result.is_finite() || !number.is_finite() {
        result
    } else if digits < 0 {
        0.0
    } else {
        number
    }
}

fn round_decimal(call: &Call) -> Result<ArrayRef> {
    of_decimal_digits(call, |n, d| divide_half_up(n, d).unwrap_or_default())
}

fn truncate_decimal(call: &Call) -> Result<ArrayRef> {
    of_decimal_digits(call, |n, d| n / d)
}

/// A decimal of which only so many digits after the point are not zero.
fn of_decimal_digits(call: &Call, divide: fn(i128, i128) -> i128) -> Result<ArrayRef> {
    let scale = i64::from(scale(call)?);
    call.map2(|number: i128, digits: i64| {
        let cut = scale.saturating_sub(digits);
        if cut <= 0 {
            return Ok(number);
        }
        let Some(factor) = u32::try_from(cut).ok().and_then(power_of_ten) else { return Ok(0) };
        divide(number, factor).checked_mul(factor).ok_or_else(out_of_range)
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::check;

    #[test]
    fn numbers_are_rounded() {
        check(&[
            ("ceil(5)", "5"),
            ("ceiling(-1.5e0)", "-1.0"),
            ("ceil(1.25)", "2"),
            ("floor(-1.25)", "-2"),
            ("floor(1.75e0)", "1.0"),
            ("round(2.5e0)", "3.0"),
            ("round(-2.5e0)", "-3.0"),
            ("round(2.5)", "3"),
            ("round(1.005e0, 1)", "1.0"),
            ("round(3.14159e0, 2)", "3.14"),
            ("round(1.2345, 2)", "1.2300"),
            ("round(9.95, 1)", "10.00"),
            ("round(1251, -2)", "1300"),
            ("round(1e300, 300)", "1.0E300"),
            ("truncate(-1.75e0)", "-1.0"),
            ("truncate(1.75)", "1"),
            ("truncate(12.333, -1)", "10.000"),
            ("truncate(12.333, 1)", "12.300"),
            ("ceil(-1.5)", "-1"),
        ]);
    }
}
