//! The Wilson score interval.
//!
//! Source: Trino documentation, "Mathematical functions and operators", "Statistical functions".

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;

/// Functions of the interval.
pub fn functions() -> Vec<Function> {
    vec![
        scalar(
            "wilson_interval_lower",
            "The least share that so many successes of so many trials speak for.",
        )
        .on("(bigint, bigint, double) -> double", |call| {
            call.map3(|successes, trials, z| bound(successes, trials, z, -1.0))
        }),
        scalar(
            "wilson_interval_upper",
            "The largest share that so many successes of so many trials speak for.",
        )
        .on("(bigint, bigint, double) -> double", |call| {
            call.map3(|successes, trials, z| bound(successes, trials, z, 1.0))
        }),
    ]
}

fn bound(successes: i64, trials: i64, z: f64, side: f64) -> Result<f64, SqlError> {
    if successes < 0 {
        return Err(invalid("number of successes must not be negative"));
    }
    if trials <= 0 {
        return Err(invalid("number of trials must be positive"));
    }
    if successes > trials {
        return Err(invalid("number of successes must not be larger than number of trials"));
    }
    if z.is_nan() || z < 0.0 {
        return Err(invalid("z-score must not be negative"));
    }
    #[expect(clippy::cast_precision_loss, reason = "as Trino computes it")]
    let (n, share) = (trials as f64, successes as f64 / trials as f64);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Ok((share + z * z / (2.0 * n) + side * spread) / (1.0 + z * z / n))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn intervals() {
        check(&[
            ("round(wilson_interval_lower(1250, 1310, 1.96e0), 6)", "0.941488"),
            ("round(wilson_interval_upper(1250, 1310, 1.96e0), 6)", "0.964252"),
            ("wilson_interval_lower(1, 2, 0e0)", "0.5"),
        ]);
        check_errors(&[
            ("wilson_interval_lower(-1, 1, 1)", "successes must not be negative"),
            ("wilson_interval_lower(0, 0, 1)", "trials must be positive"),
            ("wilson_interval_upper(2, 1, 1)", "larger than number of trials"),
            ("wilson_interval_upper(1, 1, -1)", "z-score must not be negative"),
        ]);
    }
}
