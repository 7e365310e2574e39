//! Implicit coercions: which types stand in for which without a cast being written.
//!
//! Source: Trino documentation, "Data types" and "Conversion functions" ("Trino will not convert
//! between character and numeric types").

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};

use super::types;

/// How far a value of `from` is from one of `to`, `0` for the same type; `None` if it is not taken
/// for one without a cast.
pub fn distance(from: &DataType, to: &DataType) -> Option<u32> {
    use DataType::{Date32, Duration, Interval, List, Map, Null, Struct, Timestamp};
    if from == to {
        return Some(0);
    }
    match (from, to) {
        (Null, _) => Some(1),
        (List(from), List(to)) => distance(from.data_type(), to.data_type()),
        (Map(from, _), Map(to, _)) => distance(from.data_type(), to.data_type()),
        (Struct(from), Struct(to)) => row_distance(from, to),
        (Date32, Timestamp(_, None)) => Some(1),
        (Date32, Timestamp(_, Some(_))) => Some(3),
        (Timestamp(from, None), Timestamp(to, None)) => (from <= to).then_some(1),
        (Timestamp(..), Timestamp(_, Some(_))) => Some(2),
        (from, to) if let (Some(from), Some(to)) = (types::time_unit(from), types::time_unit(to)) => {
            (from <= to).then_some(1)
        }
        (Duration(_), Interval(unit)) => (*unit != arrow::datatypes::IntervalUnit::YearMonth).then_some(1),
        (Interval(unit), Duration(_)) => (*unit != arrow::datatypes::IntervalUnit::YearMonth).then_some(1),
        _ => number_distance(from, to),
    }
}

/// Whether values of a type have an order. Those that have none can still be equal.
pub fn orderable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Map(..) => false,
        DataType::Struct(fields) => fields.iter().all(|field| orderable(field.data_type())),
        DataType::List(item) => orderable(item.data_type()),
        other => *other != types::JSON,
    }
}

/// Rows are coerced member by member, whatever their names.
fn row_distance(from: &Fields, to: &Fields) -> Option<u32> {
    if from.len() != to.len() {
        return None;
    }
    from.iter().zip(to).map(|(from, to)| distance(from.data_type(), to.data_type())).sum()
}

/// Numbers widen from `tinyint` by way of `decimal` to `double`.
fn number_distance(from: &DataType, to: &DataType) -> Option<u32> {
    if let (DataType::Decimal128(p, s), DataType::Decimal128(to_p, to_s)) = (from, to) {
        let fits = to_s >= s && i16::from(*to_p) - i16::from(*to_s) >= i16::from(*p) - i16::from(*s);
        return fits.then_some(1);
    }
    if let (Some(digits), DataType::Decimal128(p, s)) = (integer_digits(from), to)
        && i16::from(*p) - i16::from(*s) < i16::from(digits)
    {
        return None;
    }
    let (from, to) = (number_rank(from)?, number_rank(to)?);
    (from < to).then(|| to - from)
}

/// The place of a type among those that widen.
fn number_rank(number: &DataType) -> Option<u32> {
    Some(match number {
        DataType::Int8 => 0,
        DataType::Int16 => 1,
        DataType::Int32 => 2,
        DataType::Int64 => 3,
        DataType::Decimal128(..) => 4,
        DataType::Float32 => 6,
        DataType::Float64 => 7,
        _ => return None,
    })
}

/// Decimal digits that hold every value of an integer type; `None` for other types.
pub fn integer_digits(integer: &DataType) -> Option<u8> {
    Some(match integer {
        DataType::Int8 => 3,
        DataType::Int16 => 5,
        DataType::Int32 => 10,
        DataType::Int64 => 19,
        _ => return None,
    })
}

/// The decimal type for all values of a decimal or integer type: precision and scale.
pub fn as_decimal(number: &DataType) -> Option<(u8, i8)> {
    match number {
        DataType::Decimal128(precision, scale) => Some((*precision, *scale)),
        integer => Some((integer_digits(integer)?, 0)),
    }
}

/// The type that values of both types are taken for, as in `CASE`, `COALESCE`, `=` or `UNION`.
pub fn common_type(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::{List, Map, Struct};
    match (left, right) {
        (List(left), List(right)) => {
            return Some(types::array(common_type(left.data_type(), right.data_type())?));
        }
        (Map(left, _), Map(right, _)) => return common_map(left, right),
        (Struct(left), Struct(right)) if left.len() == right.len() => return common_row(left, right),
        (DataType::Timestamp(a, zone), DataType::Timestamp(b, other)) => {
            return Some(DataType::Timestamp(finer(*a, *b), zone.clone().or_else(|| other.clone())));
        }
        _ => {}
    }
    if distance(left, right).is_some() {
        return Some(right.clone());
    }
    if distance(right, left).is_some() {
        return Some(left.clone());
    }
    let ((p, s), (q, t)) = (as_decimal(left)?, as_decimal(right)?);
    let scale = s.max(t);
    let whole = (i16::from(p) - i16::from(s)).max(i16::from(q) - i16::from(t));
    let precision = (whole + i16::from(scale)).clamp(1, 38);
    Some(DataType::Decimal128(u8::try_from(precision).ok()?, scale))
}

fn finer(left: TimeUnit, right: TimeUnit) -> TimeUnit {
    left.max(right)
}

fn common_map(left: &Field, right: &Field) -> Option<DataType> {
    let (DataType::Struct(left), DataType::Struct(right)) = (left.data_type(), right.data_type()) else {
        return None;
    };
    let [left_key, left_value] = &left[..] else { return None };
    let [right_key, right_value] = &right[..] else { return None };
    let key = common_type(left_key.data_type(), right_key.data_type())?;
    let value = common_type(left_value.data_type(), right_value.data_type())?;
    Some(types::map(key, value))
}

/// A member's name is that of the left row.
fn common_row(left: &Fields, right: &Fields) -> Option<DataType> {
    let members = left.iter().zip(right).map(|(left, right)| {
        let common = common_type(left.data_type(), right.data_type())?;
        Some(Arc::new(Field::new(left.name(), common, true)))
    });
    Some(DataType::Struct(members.collect::<Option<Fields>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::trino::types::{JSON, TIMESTAMP, VARCHAR, timestamp_utc};

    #[test]
    fn texts_are_never_taken_for_anything_else() {
        for other in [JSON, DataType::Int32, DataType::Date32, TIMESTAMP, DataType::Boolean] {
            assert_eq!(distance(&VARCHAR, &other), None, "{other}");
            assert_eq!(distance(&other, &VARCHAR), None, "{other}");
        }
    }

    #[test]
    fn numbers_and_times_widen() {
        let decimal = DataType::Decimal128;
        for (left, right, common) in [
            (DataType::Int32, DataType::Int64, Some(DataType::Int64)),
            (DataType::Int64, decimal(3, 1), Some(decimal(20, 1))),
            (decimal(5, 2), decimal(4, 3), Some(decimal(6, 3))),
            (decimal(5, 2), DataType::Float64, Some(DataType::Float64)),
            (DataType::Date32, timestamp_utc(), Some(timestamp_utc())),
            (DataType::Null, VARCHAR, Some(VARCHAR)),
            (DataType::Int32, VARCHAR, None),
            (types::array(DataType::Null), types::array(VARCHAR), Some(types::array(VARCHAR))),
        ] {
            assert_eq!(common_type(&left, &right), common, "{left} {right}");
            assert_eq!(common_type(&right, &left), common, "{right} {left}");
        }
    }
}
