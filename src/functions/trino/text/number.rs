//! The text of numbers.

/// A decimal with all digits of its scale.
pub fn decimal(unscaled: i128, scale: i8) -> String {
    let scale = usize::try_from(scale).unwrap_or_default();
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A `double` as Java writes it: `0.001`, `1.0E7`, `NaN`.
pub fn java_double(value: f64) -> String {
    match special(value) {
        Some(name) => name.into(),
        None => java(&format!("{value:e}"), value.abs()),
    }
}

/// A `real` as Java writes it.
pub fn java_float(value: f32) -> String {
    match special(value.into()) {
        Some(name) => name.into(),
        None => java(&format!("{value:e}"), f64::from(value.abs())),
    }
}

/// A `double` or `real` as a cast to `varchar` writes it: `3.77E1`, `0E0`.
///
/// Source: Trino's tests of casts from `double` to `varchar`.
pub fn scientific(value: f64, shortest: &str) -> String {
    match special(value) {
        Some(name) => name.into(),
        None if value == 0.0 => if value.is_sign_negative() { "-0E0" } else { "0E0" }.into(),
        None => with_exponent(shortest),
    }
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        return Some("NaN");
    }
    value.is_infinite().then_some(if value > 0.0 { "Infinity" } else { "-Infinity" })
}

/// Java's form of a number written as `-1.25e-7`, whose magnitude decides the notation.
fn java(shortest: &str, magnitude: f64) -> String {
    if magnitude != 0.0 && !(1e-3..1e7).contains(&magnitude) {
        return with_exponent(shortest);
    }
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits = mantissa.replace('.', "");
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or_default());
        return format!("{sign}0.{zeros}{digits}");
    }
    let whole = usize::try_from(exponent + 1).unwrap_or_default();
    let padded = format!("{digits:0<width$}", width = whole + 1);
    let (before, after) = padded.split_at(whole);
    format!("{sign}{before}.{after}")
}

/// `1.25E-7` of `1.25e-7`, with at least one digit after the point.
fn with_exponent(shortest: &str) -> String {
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E{exponent}")
}
