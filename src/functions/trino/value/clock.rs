//! Times of the day as Rust values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, PrimitiveBuilder};
use arrow::datatypes::{
    DataType, Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimeUnit,
};
use datafusion::error::Result;

use super::{Get, Put, mismatch};

/// A time of the day: microseconds since midnight. Nanoseconds are cut where values are read, and rounded
/// where texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(pub i64);

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

impl Clock {
    /// The time so many microseconds later, or earlier: after midnight, it begins anew.
    pub fn after(self, micros: i64) -> Self {
        Self(self.0.wrapping_add(micros.rem_euclid(DAY)).rem_euclid(DAY))
    }
}

impl<'a> Get<'a> for Clock {
    type Source = &'a dyn Array;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        match array.data_type() {
            DataType::Time32(_) | DataType::Time64(_) => Ok(array),
            other => Err(mismatch(other)),
        }
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        if source.is_null(row) {
            return None;
        }
        Some(Self(match source.data_type() {
            DataType::Time32(TimeUnit::Second) => {
                i64::from(source.as_primitive::<Time32SecondType>().value(row)) * 1_000_000
            }
            DataType::Time32(_) => {
                i64::from(source.as_primitive::<Time32MillisecondType>().value(row)) * 1_000
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                source.as_primitive::<Time64MicrosecondType>().value(row)
            }
            _ => source.as_primitive::<Time64NanosecondType>().value(row) / 1_000,
        }))
    }
}

impl Put for Clock {
    type Builder = PrimitiveBuilder<Int64Type>;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(PrimitiveBuilder::with_capacity(rows))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value.map(|clock| clock.0));
    }
    fn finish(mut builder: Self::Builder, data_type: &DataType) -> Result<ArrayRef> {
        let micros: Int64Array = builder.finish();
        // No time of a day has more seconds or milliseconds than the narrow types hold.
        let narrow = |by: i64| move |micros: i64| i32::try_from(micros.div_euclid(by)).unwrap_or_default();
        Ok(match data_type {
            DataType::Time32(TimeUnit::Second) => {
                Arc::new(micros.unary::<_, Time32SecondType>(narrow(1_000_000)))
            }
            DataType::Time32(TimeUnit::Millisecond) => {
                Arc::new(micros.unary::<_, Time32MillisecondType>(narrow(1_000)))
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                Arc::new(micros.reinterpret_cast::<Time64MicrosecondType>())
            }
            DataType::Time64(TimeUnit::Nanosecond) => {
                Arc::new(micros.unary::<_, Time64NanosecondType>(|micros| micros.saturating_mul(1_000)))
            }
            other => return Err(mismatch(other)),
        })
    }
}
