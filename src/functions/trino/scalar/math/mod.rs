//! Numbers.
//!
//! Source: Trino documentation, "Mathematical functions and operators", "Bitwise functions" and
//! "Decimal functions and operators".

mod bits;
mod random;
mod rounding;
mod wilson;

use arrow::array::ArrayRef;
use datafusion::error::Result;

use super::scalar;
use crate::functions::trino::arithmetic::modulus;
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::function::Function;

/// Functions of numbers.
pub fn functions() -> Vec<Function> {
    let families = [
        bits::functions(),
        random::functions(),
        rounding::functions(),
        wilson::functions(),
        signs(),
        doubles(),
        tests(),
        bases(),
    ];
    families.into_iter().flatten().collect()
}

fn overflow(what: &str) -> SqlError {
    SqlError::new(ErrorCode::NumericValueOutOfRange, format!("Value out of range: {what}"))
}

fn signs() -> Vec<Function> {
    vec![
        scalar("abs", "The number without its sign.")
            .on("(tinyint) -> tinyint", |c| c.map1(|n: i8| n.checked_abs().ok_or_else(|| overflow("abs"))))
            .on("(smallint) -> smallint", |c| c.map1(|n: i16| n.checked_abs().ok_or_else(|| overflow("abs"))))
            .on("(integer) -> integer", |c| c.map1(|n: i32| n.checked_abs().ok_or_else(|| overflow("abs"))))
            .on("(bigint) -> bigint", |c| c.map1(|n: i64| n.checked_abs().ok_or_else(|| overflow("abs"))))
            .on("(decimal(p,s)) -> decimal(p,s)", |c| c.map1(|n: i128| n.abs()))
            .on("(real) -> real", |c| c.map1(|n: f32| n.abs()))
            .on("(double) -> double", |c| c.map1(|n: f64| n.abs())),
        scalar("sign", "-1, 0 or 1.")
            .on("(integer) -> integer", |c| c.map1(|n: i32| n.signum()))
            .on("(bigint) -> bigint", |c| c.map1(|n: i64| n.signum()))
            .on("(decimal(p,s)) -> decimal(1,0)", |c| c.map1(|n: i128| n.signum()))
            .on("(double) -> double", |c| {
                c.map1(|n: f64| if n == 0.0 || n.is_nan() { n } else { n.signum() })
            }),
        scalar("mod", "The rest of a division.")
            .on("(integer, integer) -> integer", modulus::<i32>)
            .on("(bigint, bigint) -> bigint", modulus::<i64>)
            .on("(double, double) -> double", |c| c.map2(|n: f64, m: f64| n % m)),
        scalar("width_bucket", "The number of the bucket that a number falls in.")
            .on("(double, double, double, bigint) -> bigint", |c| c.map4(width_bucket))
            .on("(double, array(double)) -> bigint", width_bucket_of_bins),
    ]
}

/// Functions of doubles that are functions of Rust.
fn doubles() -> Vec<Function> {
    macro_rules! doubles {
        ($($name:literal, $doc:literal, $function:expr;)*) => {
            vec![$(scalar($name, $doc).on("(double) -> double", |call| call.map1($function))),*]
        };
    }
    let of_one = doubles! {
        "sqrt", "The square root.", f64::sqrt;
        "cbrt", "The cube root.", f64::cbrt;
        "exp", "Euler's number to the power of the number.", f64::exp;
        "ln", "The natural logarithm.", f64::ln;
        "log2", "The logarithm to base 2.", f64::log2;
        "log10", "The logarithm to base 10.", f64::log10;
        "sin", "The sine.", f64::sin;
        "cos", "The cosine.", f64::cos;
        "tan", "The tangent.", f64::tan;
        "asin", "The arc sine.", f64::asin;
        "acos", "The arc cosine.", f64::acos;
        "atan", "The arc tangent.", f64::atan;
        "sinh", "The hyperbolic sine.", f64::sinh;
        "cosh", "The hyperbolic cosine.", f64::cosh;
        "tanh", "The hyperbolic tangent.", f64::tanh;
        "degrees", "Radians in degrees.", f64::to_degrees;
        "radians", "Degrees in radians.", f64::to_radians;
    };
    let of_more = vec![
        scalar("pow", "A number to the power of another.")
            .on("(double, double) -> double", |call| call.map2(f64::powf)),
        scalar("power", "A number to the power of another.")
            .on("(double, double) -> double", |call| call.map2(f64::powf)),
        scalar("log", "The logarithm to a base.")
            .on("(double, double) -> double", |call| call.map2(|base: f64, n: f64| n.ln() / base.ln())),
        scalar("atan2", "The arc tangent of a quotient.")
            .on("(double, double) -> double", |call| call.map2(f64::atan2)),
        scalar("pi", "The ratio of a circle to its diameter.")
            .on("() -> double", |call| call.map0(|| std::f64::consts::PI)),
        scalar("e", "Euler's number.").on("() -> double", |call| call.map0(|| std::f64::consts::E)),
        scalar("infinity", "Infinity.").on("() -> double", |call| call.map0(|| f64::INFINITY)),
        scalar("nan", "Not a number.").on("() -> double", |call| call.map0(|| f64::NAN)),
    ];
    of_one.into_iter().chain(of_more).collect()
}

fn tests() -> Vec<Function> {
    vec![
        scalar("is_nan", "Whether it is not a number.")
            .on("(double) -> boolean", |call| call.map1(f64::is_nan)),
        scalar("is_finite", "Whether it is finite.")
            .on("(double) -> boolean", |call| call.map1(f64::is_finite)),
        scalar("is_infinite", "Whether it is infinite.")
            .on("(double) -> boolean", |call| call.map1(f64::is_infinite)),
    ]
}

fn bases() -> Vec<Function> {
    vec![
        scalar("to_base", "The text of a number in a base.")
            .on("(bigint, bigint) -> varchar", |call| call.map2(to_base)),
        scalar("from_base", "The number that a text in a base names.")
            .on("(varchar, bigint) -> bigint", |call| call.map2(from_base)),
    ]
}

fn base(base: i64) -> Result<u32, SqlError> {
    let valid = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
    valid.ok_or_else(|| invalid("Radix must be between 2 and 36"))
}

fn to_base(number: i64, to: i64) -> Result<String, SqlError> {
    let to = base(to)?;
    let mut rest = number.unsigned_abs();
    let mut digits = vec![];
    loop {
        let digit = u32::try_from(rest % u64::from(to)).unwrap_or_default();
        digits.extend(char::from_digit(digit, to));
        rest /= u64::from(to);
        if rest == 0 {
            break;
        }
    }
    let sign = (number < 0).then_some('-');
    Ok(sign.into_iter().chain(digits.into_iter().rev()).collect())
}

fn from_base(text: &str, from: i64) -> Result<i64, SqlError> {
    i64::from_str_radix(text, base(from)?)
        .map_err(|_| invalid(format!("Not a valid base-{from} number: {text}")))
}

/// 0 below the first bound, one more than there are buckets above the second one.
fn width_bucket(number: f64, low: f64, high: f64, buckets: i64) -> Result<i64, SqlError> {
    if buckets <= 0 {
        return Err(invalid("bucketCount must be greater than 0"));
    }
    if number.is_nan() || !low.is_finite() || !high.is_finite() {
        return Err(invalid("operand must not be NaN, and bounds must be finite"));
    }
    let (lower, upper) = (low.min(high), low.max(high));
    if lower >= upper {
        return Err(invalid("bounds cannot equal each other"));
    }
    let bucket = if number < lower {
        0
    } else if number >= upper {
        buckets.checked_add(1).ok_or_else(|| overflow("bucket"))?
    } else {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "as Trino computes it"
        )]
        let bucket = (buckets as f64 * (number - lower) / (upper - lower)) as i64 + 1;
        bucket
    };
    Ok(if low > high { buckets - bucket + 1 } else { bucket })
}

/// How many of the bins, which are in order, are not above the number.
fn width_bucket_of_bins(call: &Call) -> Result<ArrayRef> {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Float64Type;
    call.map2(|number: f64, bins: ArrayRef| {
        let bins = bins.as_primitive::<Float64Type>();
        if bins.is_empty() {
            return Err(invalid("Bins cannot be an empty array"));
        }
        if number.is_nan() {
            return Err(invalid("Operand cannot be NaN"));
        }
        if bins.null_count() > 0 || !bins.values().is_sorted() {
            return Err(invalid("Bin values are not sorted in ascending order"));
        }
        Ok(i64::try_from(bins.values().partition_point(|bin| *bin <= number)).unwrap_or(i64::MAX))
    })
}

#[cfg(test)]
mod tests_of_numbers {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn numbers() {
        check(&[
            ("abs(-5)", "5"),
            ("abs(-5.25)", "5.25"),
            ("sign(-3.5e0)", "-1.0"),
            ("sign(0)", "0"),
            ("mod(-7, 3)", "-1"),
            ("sqrt(9)", "3.0"),
            ("cbrt(27)", "3.0"),
            ("power(2, 10)", "1024.0"),
            ("log(2, 64)", "6.0"),
            ("log10(1000)", "3.0"),
            ("ln(e())", "1.0"),
            ("pi()", "3.141592653589793"),
            ("is_nan(nan())", "true"),
            ("is_infinite(infinity())", "true"),
            ("to_base(255, 16)", "ff"),
            ("to_base(-5, 2)", "-101"),
            ("from_base('ff', 16)", "255"),
            ("width_bucket(14, 10, 20, 5)", "3"),
            ("width_bucket(9, 10, 20, 5)", "0"),
            ("width_bucket(20, 10, 20, 5)", "6"),
            ("width_bucket(5e0, ARRAY[1e0, 3e0, 7e0])", "2"),
        ]);
        check_errors(&[
            ("mod(1, 0)", "DIVISION_BY_ZERO"),
            ("to_base(1, 1)", "Radix must be between 2 and 36"),
            ("from_base('z', 10)", "Not a valid base-10 number: z"),
            ("width_bucket(1, 2, 2, 5)", "bounds cannot equal each other"),
            ("abs('x')", "Unexpected parameters (varchar) for function abs"),
        ]);
    }
}
