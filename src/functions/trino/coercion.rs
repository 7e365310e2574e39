//! Which types turn into which by themselves, and what two types have in common.
//!
//! Source: Trino's `TypeCoercion`. Nothing turns into a `varchar`, nor a `varchar` into anything.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

/// The type that values of both types are compared or brought together in; `None` if there is none.
pub fn common_type(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::{Date32, Decimal128, Float32, Float64, List, Map, Null, Struct, Timestamp};
    if left == right {
        return Some(left.clone());
    }
    Some(match (left, right) {
        (Null, other) | (other, Null) => other.clone(),
        (a, b) if a.is_signed_integer() && b.is_signed_integer() => {
            if a.primitive_width() > b.primitive_width() { a.clone() } else { b.clone() }
        }
        (Float64, b) if b.is_numeric() => Float64,
        (a, Float64) if a.is_numeric() => Float64,
        (Float32, b) if b.is_numeric() => Float32,
        (a, Float32) if a.is_numeric() => Float32,
        (Decimal128(..), _) | (_, Decimal128(..)) => common_decimal(left, right)?,
        (Date32, Timestamp(..)) => right.clone(),
        (Timestamp(..), Date32) => left.clone(),
        (Timestamp(a, left_zone), Timestamp(b, right_zone)) => {
            Timestamp(*a.max_precision(b), left_zone.clone().or_else(|| right_zone.clone()))
        }
        (DataType::Interval(IntervalUnit::MonthDayNano), DataType::Duration(_)) => left.clone(),
        (DataType::Duration(_), DataType::Interval(IntervalUnit::MonthDayNano)) => right.clone(),
        (List(a), List(b)) => {
            List(Arc::new(Field::new("item", common_type(a.data_type(), b.data_type())?, true)))
        }
        (Map(a, sorted), Map(b, _)) => {
            let entries = common_type(a.data_type(), b.data_type())?;
            let DataType::Struct(fields) = &entries else { return None };
            let key = fields.first()?.as_ref().clone().with_nullable(false);
            let fields = vec![Arc::new(key), Arc::clone(fields.get(1)?)];
            Map(Arc::new(Field::new("entries", DataType::Struct(fields.into()), false)), *sorted)
        }
        (Struct(a), Struct(b)) if a.len() == b.len() => {
            let fields = a
                .iter()
                .zip(b.iter())
                .map(|(a, b)| Some(Field::new(a.name(), common_type(a.data_type(), b.data_type())?, true)));
            Struct(fields.collect::<Option<Vec<_>>>()?.into())
        }
        _ => return None,
    })
}

/// Whether a value of one type is taken where the other is wanted.
pub fn coerces(from: &DataType, to: &DataType) -> bool {
    common_type(from, to).is_some_and(|common| common == *to)
}

/// An integer as the decimal that holds each of its values.
pub fn as_decimal(data_type: &DataType) -> Option<(u8, i8)> {
    match data_type {
        DataType::Int8 => Some((3, 0)),
        DataType::Int16 => Some((5, 0)),
        DataType::Int32 => Some((10, 0)),
        DataType::Int64 => Some((19, 0)),
        DataType::Decimal128(precision, scale) => Some((*precision, *scale)),
        _ => None,
    }
}

fn common_decimal(left: &DataType, right: &DataType) -> Option<DataType> {
    let ((p1, s1), (p2, s2)) = (as_decimal(left)?, as_decimal(right)?);
    let scale = s1.max(s2);
    let whole = (i16::from(p1) - i16::from(s1)).max(i16::from(p2) - i16::from(s2));
    let precision = u8::try_from(whole + i16::from(scale)).ok()?.min(38);
    Some(DataType::Decimal128(precision, scale))
}

trait Precision {
    fn max_precision<'a>(&'a self, other: &'a Self) -> &'a Self;
}

impl Precision for TimeUnit {
    /// Units are ordered from seconds to nanoseconds.
    fn max_precision<'a>(&'a self, other: &'a Self) -> &'a Self {
        self.max(other)
    }
}
