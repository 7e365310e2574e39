//! `format_number` and `parse_data_size`.
//!
//! Source: Trino documentation, "Conversion functions", "Formatting" and "Data size".

use super::scalar;
use crate::functions::trino::call::invalid;
use crate::functions::trino::cast::{fit_parsed, parse_decimal};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;

/// Units of a thousand each.
const UNITS: [&str; 6] = ["", "K", "M", "B", "T", "Q"];

/// Units of 1,024 each.
const SIZES: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

/// Functions of quantities.
pub fn functions() -> Vec<Function> {
    let parse = |name| {
        scalar(name, "The bytes of a size such as 2.3MB.")
            .on("(varchar) -> decimal(38,0)", |call| call.map1(parse_data_size))
    };
    vec![
        scalar("format_number", "The number in thousands, millions or billions, with three digits.")
            .on("(bigint) -> varchar", |call| call.map1(|number: i64| format_number(number as f64)))
            .on("(double) -> varchar", |call| call.map1(format_number)),
        parse("parse_data_size"),
        parse("parse_presto_data_size"),
    ]
}

fn format_number(number: f64) -> String {
    if !number.is_finite() {
        return if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    let (mut scaled, mut unit) = (number.abs(), 0);
    while scaled >= 1000.0 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    let digits = match scaled {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    let written = format!("{scaled:.digits$}");
    let written = match written.contains('.') {
        true => written.trim_end_matches('0').trim_end_matches('.'),
        false => written.as_str(),
    };
    format!("{}{written}{}", if number < 0.0 { "-" } else { "" }, UNITS.get(unit).unwrap_or(&""))
}

/// A fraction of a byte is cut.
fn parse_data_size(text: &str) -> Result<i128, SqlError> {
    let failure = || invalid(format!("Invalid data size: '{text}'"));
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(failure)?;
    let (number, unit) = text.split_at(end);
    let exponent = SIZES.iter().position(|size| *size == unit).ok_or_else(failure)?;
    let (digits, scale) = parse_decimal(number).ok_or_else(failure)?;
    let too_large = || invalid(format!("Value out of range: '{text}' ('{number}')"));
    let factor = 1i128.checked_shl(u32::try_from(exponent * 10).unwrap_or(u32::MAX)).ok_or_else(too_large)?;
    let bytes = digits.checked_mul(factor).ok_or_else(too_large)?;
    // Rounding would be up.
    let cut = 10i128.checked_pow(u32::try_from(scale).unwrap_or_default()).ok_or_else(failure)?;
    fit_parsed(bytes - bytes % cut, scale, 38, 0).ok_or_else(too_large)
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn the_documentations_examples() {
        check(&[
            ("format_number(123456)", "123K"),
            ("format_number(1000000)", "1M"),
            ("format_number(-1234)", "-1.23K"),
            ("format_number(999)", "999"),
            ("format_number(12.5e9)", "12.5B"),
            ("format_number(nan())", "NaN"),
            ("parse_data_size('1B')", "1"),
            ("parse_data_size('1kB')", "1024"),
            ("parse_data_size('1MB')", "1048576"),
            ("parse_data_size('2.3MB')", "2411724"),
            ("parse_presto_data_size('1YB')", "1208925819614629174706176"),
        ]);
        check_errors(&[
            ("parse_data_size('')", "Invalid data size: ''"),
            ("parse_data_size('1')", "Invalid data size: '1'"),
            ("parse_data_size('1KB')", "Invalid data size: '1KB'"),
            ("parse_data_size('.B')", "Invalid data size: '.B'"),
            ("parse_data_size('99999999999999999999999999999999999999YB')", "Value out of range"),
        ]);
    }
}
