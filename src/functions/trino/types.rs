//! Trino's types, and the Arrow types that stand for them.
//!
//! | Trino | Arrow |
//! | --- | --- |
//! | `varchar` | `Utf8` |
//! | `json` | `LargeUtf8`: its text, and a type of its own, so that it is never taken for a `varchar` |
//! | `varbinary` | `Binary` |
//! | `ipaddress` | `FixedSizeBinary(16)`: an IPv6 address, or a mapped IPv4 address |
//! | `timestamp(p)` | `Timestamp(unit, None)` |
//! | `timestamp(p) with time zone` | `Timestamp(unit, Some(zone))`: one zone for a whole column |
//! | `time(p)` | `Time32` or `Time64` of a unit |
//! | `interval year to month` | `Interval(YearMonth)` |
//! | `interval day to second` | `Interval(MonthDayNano)`, and `Duration` for a difference |
//! | `unknown` | `Null`: the type of `NULL` |

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit};

/// `varchar`
pub const VARCHAR: DataType = DataType::Utf8;
/// `json`
pub const JSON: DataType = DataType::LargeUtf8;
/// `ipaddress`
pub const IPADDRESS: DataType = DataType::FixedSizeBinary(16);
/// `timestamp(3)`
pub const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Millisecond, None);
/// `interval day to second`
pub const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

/// `timestamp(3) with time zone`, in UTC.
pub fn timestamp_utc() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

/// The unit of so many digits of a second's fraction, or of the next more; `None` beyond all types.
pub fn unit_of(digits: u32) -> Option<TimeUnit> {
    Some(match digits {
        0 => TimeUnit::Second,
        1..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        7..=12 => TimeUnit::Nanosecond,
        _ => return None,
    })
}

/// `time(p)`
pub fn time(unit: TimeUnit) -> DataType {
    match unit {
        TimeUnit::Second | TimeUnit::Millisecond => DataType::Time32(unit),
        TimeUnit::Microsecond | TimeUnit::Nanosecond => DataType::Time64(unit),
    }
}

/// The unit of a `time(p)`; `None` of other types.
pub fn time_unit(data_type: &DataType) -> Option<TimeUnit> {
    match data_type {
        DataType::Time32(unit) | DataType::Time64(unit) => Some(*unit),
        _ => None,
    }
}

/// `array(item)`
pub fn array(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

/// `map(key, value)`
pub fn map(key: DataType, value: DataType) -> DataType {
    let entry = Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entry), false)), false)
}

/// `row(…)` of members without names, which Athena then calls `field0`, `field1`, ….
pub fn row(members: impl IntoIterator<Item = DataType>) -> DataType {
    let named = members.into_iter().enumerate();
    DataType::Struct(named.map(|(i, member)| Field::new(anonymous_field(i), member, true)).collect())
}

/// What a row's field without a name is called.
pub fn anonymous_field(position: usize) -> String {
    format!("field{position}")
}

/// What Trino calls a type.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "unknown".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 => "smallint".into(),
        DataType::Int32 => "integer".into(),
        DataType::Int64 => "bigint".into(),
        DataType::Float32 => "real".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Utf8 => "varchar".into(),
        DataType::LargeUtf8 => "json".into(),
        DataType::Binary => "varbinary".into(),
        DataType::FixedSizeBinary(16) => "ipaddress".into(),
        DataType::Date32 => "date".into(),
        DataType::Time32(unit) | DataType::Time64(unit) => format!("time({})", digits(*unit)),
        DataType::Timestamp(unit, None) => format!("timestamp({})", digits(*unit)),
        DataType::Timestamp(unit, Some(_)) => format!("timestamp({}) with time zone", digits(*unit)),
        DataType::Interval(IntervalUnit::YearMonth) => "interval year to month".into(),
        DataType::Interval(_) | DataType::Duration(_) => "interval day to second".into(),
        DataType::List(item) => format!("array({})", type_name(item.data_type())),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                format!("map({}, {})", type_name(fields[0].data_type()), type_name(fields[1].data_type()))
            }
            other => type_name(other),
        },
        DataType::Struct(fields) => {
            let members =
                fields.iter().map(|field| format!("{} {}", field.name(), type_name(field.data_type())));
            format!("row({})", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string().to_lowercase(),
    }
}

/// Digits of a second's fraction.
fn digits(unit: TimeUnit) -> u8 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}
