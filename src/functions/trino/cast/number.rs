//! Casts between numbers and booleans.

use arrow::array::{Array, ArrayRef};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::DataType;
use datafusion::error::Result;

use super::convert::{Converted, each, uncastable};
use super::decimal::{self, rescale};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::text::{decimal as decimal_text, java_double};
use crate::functions::trino::types::type_name;

/// Whether a type is one of numbers or booleans.
pub fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric() || *data_type == DataType::Boolean
}

/// Between numbers and booleans.
pub fn convert(array: &ArrayRef, to: &DataType) -> Result<Converted> {
    match array.data_type() {
        DataType::Boolean => Ok(of_booleans(array, to)?.into()),
        DataType::Float32 | DataType::Float64 => of_doubles(&arrow_cast(array, &DataType::Float64)?, to),
        DataType::Decimal128(_, scale) => of_decimals(array, *scale, to),
        from => {
            let name = type_name(from).to_uppercase();
            of_integers(&arrow_cast(array, &DataType::Int64)?, to, &name)
        }
    }
}

fn of_booleans(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    Ok(match to {
        DataType::Decimal128(..) => arrow_cast(&arrow_cast(array, &DataType::Int64)?, to)?,
        to => arrow_cast(array, to)?,
    })
}

fn of_integers(array: &ArrayRef, to: &DataType, from: &str) -> Result<Converted> {
    match to {
        DataType::Boolean => each(array, to, |value: i64| value != 0),
        DataType::Float32 | DataType::Float64 => Ok(arrow_cast(array, to)?.into()),
        DataType::Decimal128(precision, scale) => each(array, to, |value: i64| {
            decimal::fit(i128::from(value), 0, *precision, *scale).ok_or_else(|| {
                uncastable(format!("Cannot cast {from} '{value}' to {}", declared(*precision, *scale)))
            })
        }),
        to => {
            narrow(each(array, &DataType::Int64, |value: i64| in_range(value, to, || value.to_string()))?, to)
        }
    }
}

fn of_doubles(array: &ArrayRef, to: &DataType) -> Result<Converted> {
    match to {
        DataType::Boolean => each(array, to, |value: f64| value != 0.0),
        DataType::Float32 | DataType::Float64 => Ok(arrow_cast(array, to)?.into()),
        DataType::Decimal128(precision, scale) => each(array, to, |value: f64| {
            decimal::parse(&format!("{value:e}"))
                .and_then(|(digits, digits_scale)| {
                    decimal::fit_parsed(digits, digits_scale, *precision, *scale)
                })
                .ok_or_else(|| {
                    let (value, to) = (java_double(value), declared(*precision, *scale));
                    uncastable(format!("Cannot cast DOUBLE '{value}' to {to}"))
                })
        }),
        to => narrow(each(array, &DataType::Int64, |value: f64| rounded(value, to))?, to),
    }
}

/// Rounded half up, away from zero.
pub fn rounded(value: f64, to: &DataType) -> Result<i64, SqlError> {
    let (text, name) = (|| java_double(value), type_name(to));
    let rounded = value.round();
    if *to == DataType::Int64 {
        // 2^63 is the first double that a bigint cannot hold.
        let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded);
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        return fits
            .then_some(rounded as i64)
            .ok_or_else(|| uncastable(format!("Unable to cast {} to bigint", text())));
    }
    if value.is_nan() {
        return Err(uncastable(format!("Cannot cast double NaN to {name}")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the range is checked")]
    in_range(rounded as i64, to, text)
}

fn of_decimals(array: &ArrayRef, from_scale: i8, to: &DataType) -> Result<Converted> {
    let text = |value: i128| decimal_text(value, from_scale);
    match to {
        DataType::Boolean => each(array, to, |value: i128| value != 0),
        DataType::Float64 => each(array, to, |value: i128| text(value).parse::<f64>().ok()),
        DataType::Float32 => each(array, to, |value: i128| text(value).parse::<f32>().ok()),
        DataType::Decimal128(precision, scale) => each(array, to, |value: i128| {
            decimal::fit(value, from_scale, *precision, *scale).ok_or_else(|| {
                uncastable(format!(
                    "Cannot cast DECIMAL '{}' to {}",
                    text(value),
                    declared(*precision, *scale)
                ))
            })
        }),
        to => {
            let whole = each(array, &DataType::Int64, |value: i128| {
                let whole = rescale(value, from_scale, 0).and_then(|whole| i64::try_from(whole).ok());
                let failure = || {
                    let name = type_name(to).to_uppercase();
                    uncastable(format!("Cannot cast '{}' to {name}", text(value)))
                };
                let whole = whole.ok_or_else(failure)?;
                in_range(whole, to, || text(value)).map_err(|_| failure())
            })?;
            narrow(whole, to)
        }
    }
}

/// `DECIMAL(10, 2)`
pub fn declared(precision: u8, scale: i8) -> String {
    format!("DECIMAL({precision}, {scale})")
}

/// The number, if an integer type can hold it.
pub fn in_range(value: i64, to: &DataType, shown: impl Fn() -> String) -> Result<i64, SqlError> {
    let fits = match to {
        DataType::Int8 => i8::try_from(value).is_ok(),
        DataType::Int16 => i16::try_from(value).is_ok(),
        DataType::Int32 => i32::try_from(value).is_ok(),
        _ => true,
    };
    fits.then_some(value).ok_or_else(|| {
        let message = format!("Out of range for {}: {}", type_name(to), shown());
        SqlError::new(ErrorCode::NumericValueOutOfRange, message)
    })
}

/// Numbers known to fit, in their type.
pub fn narrow(converted: Converted, to: &DataType) -> Result<Converted> {
    let array = if *to == DataType::Int64 { converted.array } else { arrow_cast(&converted.array, to)? };
    Ok(Converted { array, ..converted })
}
