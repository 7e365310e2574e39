//! Casts from and to `varchar`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type};
use datafusion::error::Result;

use super::convert::{Converted, each, uncastable};
use super::decimal;
use super::number::{declared, in_range, narrow};
use super::time;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::text::{scientific, text};
use crate::functions::trino::types::{VARCHAR, type_name};

/// From `varchar`.
pub fn from_varchar(array: &ArrayRef, to: &DataType) -> Result<Converted> {
    match to {
        DataType::Boolean => each(array, to, boolean),
        DataType::Float64 => each(array, to, double),
        DataType::Float32 => each(array, to, |text: &str| real(text)),
        DataType::Decimal128(precision, scale) => {
            each(array, to, |text: &str| decimal_of(text, *precision, *scale))
        }
        DataType::Date32 => each(array, to, time::date_of),
        DataType::Timestamp(unit, zone) => {
            let zoned = zone.is_some();
            each(array, to, |text: &str| time::timestamp_of(text, *unit, zoned))
        }
        DataType::Time32(unit) | DataType::Time64(unit) => {
            each(array, to, |text: &str| time::time_of(text, *unit))
        }
        DataType::Binary => each(array, to, |text: &str| text.as_bytes().to_vec()),
        DataType::FixedSizeBinary(_) => each(array, to, address),
        to => narrow(each(array, &DataType::Int64, |text: &str| integer(text, to))?, to),
    }
}

/// To `varchar`.
pub fn to_varchar(array: &ArrayRef) -> Result<Converted> {
    match array.data_type() {
        DataType::Float64 => each(array, &VARCHAR, |value: f64| scientific(value, &format!("{value:e}"))),
        DataType::Float32 => {
            let floats = array.as_primitive::<Float32Type>();
            let texts =
                floats.iter().map(|value| value.map(|value| scientific(value.into(), &format!("{value:e}"))));
            let texts: ArrayRef = std::sync::Arc::new(texts.collect::<arrow::array::StringArray>());
            Ok(texts.into())
        }
        _ => {
            let texts: arrow::array::StringArray = (0..array.len()).map(|row| text(array, row)).collect();
            let texts: ArrayRef = std::sync::Arc::new(texts);
            Ok(texts.into())
        }
    }
}

/// Texts of at most so many characters: longer ones are cut, or fail.
pub fn limit(converted: Converted, length: usize, cut: bool) -> Result<Converted> {
    let Converted { array, failures } = converted;
    let mut limited = each(&array, &VARCHAR, |text: &str| match text.char_indices().nth(length) {
        None => Ok(text.to_owned()),
        Some((end, _)) if cut => {
            Ok(text.chars().take(length).collect::<String>()).inspect(|_| debug_assert!(end < text.len()))
        }
        Some(_) => Err(uncastable(format!("Value {text} cannot be represented as varchar({length})"))),
    })?;
    limited.failures.extend(failures);
    limited.failures.sort_by_key(|(row, _)| *row);
    Ok(limited)
}

/// `true`, `t`, `1`, and what is false, in any case.
pub fn boolean(text: &str) -> Result<bool, SqlError> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => Ok(true),
        "false" | "f" | "0" => Ok(false),
        _ => Err(uncastable(format!("Cannot cast '{text}' to BOOLEAN"))),
    }
}

/// An integer without spaces around it.
pub fn integer(text: &str, to: &DataType) -> Result<i64, SqlError> {
    let name = match to {
        DataType::Int32 => "INT".into(),
        to => type_name(to).to_uppercase(),
    };
    let failure = || uncastable(format!("Cannot cast '{text}' to {name}"));
    let value = text.parse().map_err(|_| failure())?;
    in_range(value, to, || text.to_owned()).map_err(|_| failure())
}

/// A `double`, as Java reads it.
pub fn double(text: &str) -> Result<f64, SqlError> {
    java_number(text)
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| uncastable(format!("Cannot cast '{text}' to DOUBLE")))
}

/// A `real`, as Java reads it.
pub fn real(text: &str) -> Result<f32, SqlError> {
    java_number(text)
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| uncastable(format!("Cannot cast '{text}' to REAL")))
}

/// What Java takes for a number, without the spaces around it and without a suffix.
fn java_number(text: &str) -> Option<&str> {
    let text = text.trim_matches(|c: char| c <= ' ');
    if matches!(text.trim_start_matches(['+', '-']), "NaN" | "Infinity") {
        return Some(text);
    }
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let plain = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    plain.then_some(number)
}

/// A decimal number, rounded half up.
pub fn decimal_of(text: &str, precision: u8, scale: i8) -> Result<i128, SqlError> {
    let failure = |why: &str| {
        uncastable(format!("Cannot cast VARCHAR '{text}' to {}. {why}", declared(precision, scale)))
    };
    let (digits, digits_scale) =
        decimal::parse(text.trim()).ok_or_else(|| failure("Value is not a number."))?;
    decimal::fit_parsed(digits, digits_scale, precision, scale).ok_or_else(|| failure("Value too large."))
}

fn address(text: &str) -> Result<Ipv6Addr, SqlError> {
    match text.parse() {
        Ok(IpAddr::V4(address)) => Ok(address.to_ipv6_mapped()),
        Ok(IpAddr::V6(address)) => Ok(address),
        Err(_) => Err(uncastable(format!("Cannot cast value to IPADDRESS: {text}"))),
    }
}

/// An address of 4 or 16 bytes.
pub fn address_of_bytes(bytes: &[u8]) -> Result<Ipv6Addr, SqlError> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|octets| Ipv4Addr::from(octets).to_ipv6_mapped());
    let address = v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(Ipv6Addr::from));
    address.map_err(|_| uncastable(format!("Invalid InetAddress binary length: {}", bytes.len())))
}

/// The 16 bytes of an address, or the 4 of a mapped IPv4 address.
pub fn bytes_of_address(address: Ipv6Addr) -> Vec<u8> {
    address.to_ipv4_mapped().map_or_else(|| address.octets().to_vec(), |address| address.octets().to_vec())
}
