//! Dates, timestamps and intervals as Rust values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, PrimitiveArray, PrimitiveBuilder};
use arrow::datatypes::{
    DataType, Date32Type, DurationMillisecondType, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit, IntervalYearMonthType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use datafusion::error::Result;

use super::{Get, Put, mismatch, retype};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::types::type_name;

/// A date: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub i32);

impl<'a> Get<'a> for Date {
    type Source = &'a PrimitiveArray<Date32Type>;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        array.as_primitive_opt().ok_or_else(|| mismatch(array.data_type()))
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| Self(source.value(row)))
    }
}

impl Put for Date {
    type Builder = PrimitiveBuilder<Date32Type>;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(PrimitiveBuilder::with_capacity(rows))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value.map(|date| date.0));
    }
    fn finish(mut builder: Self::Builder, _: &DataType) -> Result<ArrayRef> {
        Ok(Arc::new(builder.finish()))
    }
}

/// A timestamp, with or without a time zone: microseconds since 1970-01-01 00:00, in UTC or on the
/// clock. Nanoseconds are cut where values are read, and rounded where texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(pub i64);

/// The numbers of a timestamp, and their unit.
#[derive(Debug, Clone, Copy)]
pub struct Stamps<'a> {
    values: &'a [i64],
    array: &'a dyn Array,
    unit: TimeUnit,
}

impl<'a> Get<'a> for Stamp {
    type Source = Stamps<'a>;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        let DataType::Timestamp(unit, _) = *array.data_type() else {
            return Err(mismatch(array.data_type()));
        };
        let values: &[i64] = match unit {
            TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values(),
            TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values(),
            TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values(),
            TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values(),
        };
        Ok(Stamps { values, array, unit })
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        if source.array.is_null(row) {
            return None;
        }
        let value = *source.values.get(row)?;
        Some(Self(match source.unit {
            TimeUnit::Second => value.saturating_mul(1_000_000),
            TimeUnit::Millisecond => value.saturating_mul(1_000),
            TimeUnit::Microsecond => value,
            TimeUnit::Nanosecond => value.div_euclid(1_000),
        }))
    }
}

impl Put for Stamp {
    type Builder = PrimitiveBuilder<Int64Type>;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(PrimitiveBuilder::with_capacity(rows))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value.map(|stamp| stamp.0));
    }
    fn finish(mut builder: Self::Builder, data_type: &DataType) -> Result<ArrayRef> {
        let DataType::Timestamp(unit, _) = data_type else { return Err(mismatch(data_type)) };
        let micros = builder.finish();
        let values: Int64Array = match unit {
            TimeUnit::Second => micros.unary(|micros| micros.div_euclid(1_000_000)),
            TimeUnit::Millisecond => micros.unary(|micros| micros.div_euclid(1_000)),
            TimeUnit::Microsecond => micros,
            TimeUnit::Nanosecond => {
                micros.try_unary(|micros| micros.checked_mul(1_000).ok_or_else(|| beyond(data_type)))?
            }
        };
        retype(&values, data_type)
    }
}

/// A time that is no number of nanoseconds.
fn beyond(data_type: &DataType) -> SqlError {
    let message = format!("{} is supported from 1677-09-22 to 2262-04-11", type_name(data_type));
    SqlError::new(ErrorCode::NotSupported, message)
}

/// An interval of days to seconds, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval(pub i64);

/// The two Arrow types of intervals of days to seconds.
#[derive(Debug, Clone, Copy)]
pub enum Intervals<'a> {
    /// As literals are.
    Literal(&'a PrimitiveArray<IntervalMonthDayNanoType>),
    /// As differences are, in milliseconds.
    Difference(&'a PrimitiveArray<DurationMillisecondType>),
}

impl<'a> Get<'a> for Interval {
    type Source = Intervals<'a>;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        match array.data_type() {
            DataType::Interval(IntervalUnit::MonthDayNano) => Ok(Intervals::Literal(array.as_primitive())),
            DataType::Duration(TimeUnit::Millisecond) => Ok(Intervals::Difference(array.as_primitive())),
            other => Err(mismatch(other)),
        }
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        match source {
            Intervals::Literal(values) => values.is_valid(row).then(|| {
                let value = values.value(row);
                Self(i64::from(value.days) * 86_400_000 + value.nanoseconds.div_euclid(1_000_000))
            }),
            Intervals::Difference(values) => values.is_valid(row).then(|| Self(values.value(row))),
        }
    }
}

impl Put for Interval {
    type Builder = PrimitiveBuilder<Int64Type>;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(PrimitiveBuilder::with_capacity(rows))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value.map(|interval| interval.0));
    }
    fn finish(mut builder: Self::Builder, data_type: &DataType) -> Result<ArrayRef> {
        let millis = builder.finish();
        if matches!(data_type, DataType::Duration(_)) {
            return Ok(Arc::new(millis.reinterpret_cast::<DurationMillisecondType>()));
        }
        let literal = |millis: i64| {
            let days = i32::try_from(millis / 86_400_000).unwrap_or(i32::MAX);
            let rest = millis - i64::from(days) * 86_400_000;
            IntervalMonthDayNano::new(0, days, rest.saturating_mul(1_000_000))
        };
        Ok(Arc::new(millis.unary::<_, IntervalMonthDayNanoType>(literal)))
    }
}

/// An interval of years to months, in months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(pub i32);

impl<'a> Get<'a> for Months {
    type Source = &'a PrimitiveArray<IntervalYearMonthType>;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        array.as_primitive_opt().ok_or_else(|| mismatch(array.data_type()))
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| Self(source.value(row)))
    }
}

impl Put for Months {
    type Builder = PrimitiveBuilder<IntervalYearMonthType>;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(PrimitiveBuilder::with_capacity(rows))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value.map(|interval| interval.0));
    }
    fn finish(mut builder: Self::Builder, _: &DataType) -> Result<ArrayRef> {
        Ok(Arc::new(builder.finish()))
    }
}
