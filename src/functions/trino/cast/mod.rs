//! Casts with Trino's meaning.
//!
//! Source: Trino documentation, "Conversion functions", "JSON functions and operators" ("Cast from
//! JSON", "Cast to JSON") and "IP address functions".

mod allowed;
mod convert;
mod decimal;
mod from_json;
mod nested;
mod number;
mod text;
mod time;
mod to_json;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::nullif;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::coercion::distance;
use super::types::{VARCHAR, type_name};
use super::zone::Zone;
use convert::Converted;

pub use decimal::{divide_half_up, fit_parsed, parse as parse_decimal, power_of_ten};
pub use time::{literal_unit, parse_timestamp, rounded};

/// `CAST(expr AS to)`, or `TRY_CAST` if `safe`: a value that cannot be cast gives `NULL`.
///
/// A timestamp keeps its time zone whatever the zone of `to`; a constant text gives its own.
///
/// # Errors
/// `Cannot cast boolean to date`, if Trino has no such cast.
pub fn cast(expr: Expr, from: &DataType, to: &DataType, safe: bool) -> Result<Expr, String> {
    if from == to {
        return Ok(expr);
    }
    let to = &kept_zone(&expr, from, to);
    if !allowed::castable(from, to) {
        return Err(format!("Cannot cast {} to {}", type_name(from), type_name(to)));
    }
    Ok(call(expr, to, None, safe))
}

/// `CAST(expr AS varchar(length))`: longer texts are cut, anything else that is longer is an error.
///
/// # Errors
/// `Cannot cast … to varchar`, if Trino has no such cast.
pub fn cast_to_varchar(expr: Expr, from: &DataType, length: u32, safe: bool) -> Result<Expr, String> {
    if !allowed::castable(from, &VARCHAR) {
        return Err(format!("Cannot cast {} to varchar({length})", type_name(from)));
    }
    Ok(call(expr, &VARCHAR, Some(length), safe))
}

/// An implicit cast, where one type is taken for another.
///
/// # Errors
/// If it is not.
pub fn coerce(expr: Expr, from: &DataType, to: &DataType, safe: bool) -> Result<Expr, String> {
    if from == to {
        return Ok(expr);
    }
    if distance(from, to).is_none() {
        return Err(format!("Cannot cast {} to {}", type_name(from), type_name(to)));
    }
    Ok(call(expr, to, None, safe))
}

fn call(expr: Expr, to: &DataType, length: Option<u32>, safe: bool) -> Expr {
    let cast = Cast::new(to.clone(), length, safe);
    // A constant is cast at once: some functions ask for constants. One that cannot be cast is an
    // error only if a row needs it.
    if let Expr::Literal(value, _) = &expr
        && let Ok(value) = cast.convert_value(value)
    {
        return Expr::Literal(value, None);
    }
    let function = ScalarUDF::from(cast);
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![expr]))
}

/// The type that a cast to `to` gives: for a cast to `timestamp with time zone`: a column has one zone, that of what is cast.
pub fn kept_zone(expr: &Expr, from: &DataType, to: &DataType) -> DataType {
    let DataType::Timestamp(unit, Some(_)) = to else { return to.clone() };
    let zone = match (from, expr) {
        (DataType::Timestamp(_, Some(zone)), _) => Some(Arc::clone(zone)),
        (DataType::Utf8, Expr::Literal(ScalarValue::Utf8(Some(text)), _)) => {
            let zone = parse_timestamp(text).and_then(|(_, zone)| zone);
            zone.map(|zone: Zone| zone.to_string().into())
        }
        _ => None,
    };
    zone.map_or_else(|| to.clone(), |zone| DataType::Timestamp(*unit, Some(zone)))
}

/// A cast to one type.
#[derive(Debug)]
struct Cast {
    to: DataType,
    /// Of `varchar(n)`.
    length: Option<u32>,
    safe: bool,
    signature: Signature,
}

impl Cast {
    fn new(to: DataType, length: Option<u32>, safe: bool) -> Self {
        Self { to, length, safe, signature: Signature::any(1, Volatility::Immutable) }
    }

    fn convert(&self, array: &ArrayRef) -> Result<ArrayRef> {
        cast_array_to(array, &self.to, self.length, self.safe)
    }

    fn convert_value(&self, value: &ScalarValue) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.convert(&value.to_array()?)?, 0)
    }
}

/// Casts an array to a type that there is a cast to; if `safe`, what cannot be cast is `NULL`.
///
/// # Errors
/// The first value's that cannot be cast, if not `safe`.
pub fn cast_array(array: &ArrayRef, to: &DataType, safe: bool) -> Result<ArrayRef> {
    settle(convert::convert(array, to)?, safe)
}

/// As [`cast_array`], to a `varchar` of at most `length` characters, if that is given.
///
/// # Errors
/// The first value's that cannot be cast, if not `safe`.
pub fn cast_array_to(array: &ArrayRef, to: &DataType, length: Option<u32>, safe: bool) -> Result<ArrayRef> {
    let mut converted = convert::convert(array, to)?;
    if let Some(length) = length {
        let cut = *array.data_type() == VARCHAR;
        converted = text::limit(converted, usize::try_from(length).unwrap_or(usize::MAX), cut)?;
    }
    settle(converted, safe)
}

fn settle(converted: Converted, safe: bool) -> Result<ArrayRef> {
    let Converted { array: result, failures } = converted;
    let mut failures = failures.into_iter();
    let Some((row, error)) = failures.next() else { return Ok(result) };
    if !safe {
        return Err(error.into());
    }
    let mut failed = vec![false; result.len()];
    for row in std::iter::once(row).chain(failures.map(|(row, _)| row)) {
        if let Some(failed) = failed.get_mut(row) {
            *failed = true;
        }
    }
    Ok(nullif(&result, &BooleanArray::from(failed))?)
}

impl PartialEq for Cast {
    fn eq(&self, other: &Self) -> bool {
        (&self.to, self.length, self.safe) == (&other.to, other.length, other.safe)
    }
}

impl Eq for Cast {}

impl Hash for Cast {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.to, self.length, self.safe).hash(state);
    }
}

impl ScalarUDFImpl for Cast {
    fn name(&self) -> &str {
        if self.safe { "try_cast" } else { "cast" }
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let args: Vec<_> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(format!("{}({} AS {})", self.name(), args.join(", "), type_name(&self.to)))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.to.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value] = &args.args[..] else {
            return datafusion::common::exec_err!("a cast takes one value");
        };
        match value {
            ColumnarValue::Array(array) => Ok(ColumnarValue::Array(self.convert(array)?)),
            ColumnarValue::Scalar(value) => Ok(ColumnarValue::Scalar(self.convert_value(value)?)),
        }
    }
}

#[cfg(test)]
mod tests;
