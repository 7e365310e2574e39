//! Converts arrays from one type to another, and remembers which rows could not be.

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::datatypes::DataType;
use datafusion::common::internal_err;
use datafusion::error::Result;

use super::{from_json, nested, number, text, time, to_json};
use crate::functions::trino::call::Outcome;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::types::{JSON, VARCHAR};
use crate::functions::trino::value::{Get, Put};

/// An array, and the rows that could not be converted, in order: they are `NULL` in it.
pub struct Converted {
    pub array: ArrayRef,
    pub failures: Vec<(usize, SqlError)>,
}

impl From<ArrayRef> for Converted {
    fn from(array: ArrayRef) -> Self {
        Self { array, failures: vec![] }
    }
}

/// A value that cannot be cast.
pub fn uncastable(message: impl Into<String>) -> SqlError {
    SqlError::new(ErrorCode::InvalidCastArgument, message)
}

/// Converts an array to a type that it can be cast to.
pub fn convert(array: &ArrayRef, to: &DataType) -> Result<Converted> {
    use DataType::{Date32, Duration, Interval, List, Map, Null, Struct, Time32, Time64, Timestamp};
    match (array.data_type(), to) {
        (from, to) if from == to => Ok(array.clone().into()),
        (Null, to) => Ok(new_null_array(to, array.len()).into()),
        (_, to) if *to == JSON => to_json::convert(array),
        (from, to) if *from == JSON => from_json::convert(array, to),
        (List(_), List(item)) => nested::list(array, item),
        (Map(..), Map(entries, _)) => nested::map(array, entries),
        (Struct(_), Struct(members)) => nested::row(array, members),
        (from, to) if *from == VARCHAR => text::from_varchar(array, to),
        (_, to) if *to == VARCHAR => text::to_varchar(array),
        (Date32 | Timestamp(..), Date32 | Timestamp(..)) => time::convert(array, to),
        (_, Time32(_) | Time64(_)) => time::to_time(array, to),
        (Duration(_) | Interval(_), Duration(_) | Interval(_)) => each(array, to, interval),
        (DataType::Binary, DataType::FixedSizeBinary(_)) => each(array, to, text::address_of_bytes),
        (DataType::FixedSizeBinary(_), DataType::Binary) => each(array, to, text::bytes_of_address),
        (from, to) if number::is_number(from) && number::is_number(to) => number::convert(array, to),
        (from, to) => internal_err!("no conversion from {from} to {to}"),
    }
}

fn interval(value: crate::functions::trino::value::Interval) -> crate::functions::trino::value::Interval {
    value
}

/// Applies a function to each value.
pub fn each<'a, A: Get<'a>, O: Outcome>(
    array: &'a ArrayRef,
    to: &DataType,
    mut function: impl FnMut(A) -> O,
) -> Result<Converted> {
    let source = A::open(array.as_ref())?;
    let mut builder = <O::Value as Put>::builder(to, array.len())?;
    let mut failures = vec![];
    for row in 0..array.len() {
        let value = match A::get(source, row).map(|value| function(value).into_result()) {
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                failures.push((row, error));
                None
            }
            None => None,
        };
        <O::Value as Put>::put(value, &mut builder);
    }
    Ok(Converted { array: <O::Value as Put>::finish(builder, to)?, failures })
}
