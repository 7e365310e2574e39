//! The text of values: in Athena's results, and of casts to `varchar`.

mod number;
mod time;

use std::fmt::Write;
use std::net::Ipv6Addr;

use arrow::array::{Array, AsArray, StructArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType, TimeUnit,
};

use super::value::{Clock, Get, Interval, Stamp};
use super::zone::Zone;

pub use number::{decimal, java_double, java_float, scientific};
pub use time::{clock, date, interval, months, timestamp};

/// Athena's text of a value, as in a CSV result or in `GetQueryResults`; `None` for `NULL`.
pub fn text(array: &dyn Array, row: usize) -> Option<String> {
    let mut out = String::new();
    write_text(&mut out, array, row).then_some(out)
}

/// Writes Athena's text of a value; of `NULL` nothing, and says so.
pub fn write_text(out: &mut String, array: &dyn Array, row: usize) -> bool {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return false;
    }
    match array.data_type() {
        DataType::Boolean => push(out, array.as_boolean().value(row)),
        DataType::Int8 => push(out, array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => push(out, array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => push(out, array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => push(out, array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt64 => push(out, array.as_primitive::<arrow::datatypes::UInt64Type>().value(row)),
        DataType::Float32 => out.push_str(&java_float(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => out.push_str(&java_double(array.as_primitive::<Float64Type>().value(row))),
        DataType::Decimal128(_, scale) => {
            out.push_str(&decimal(array.as_primitive::<Decimal128Type>().value(row), *scale));
        }
        DataType::Utf8 => out.push_str(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => out.push_str(array.as_string::<i64>().value(row)),
        DataType::Utf8View => out.push_str(array.as_string_view().value(row)),
        DataType::Binary => write_bytes(out, array.as_binary::<i32>().value(row)),
        DataType::FixedSizeBinary(16) => write_address(out, array, row),
        DataType::Date32 => out.push_str(&date(array.as_primitive::<Date32Type>().value(row))),
        DataType::Timestamp(unit, zone) => write_timestamp(out, array, row, *unit, zone.as_deref()),
        DataType::Time32(unit) | DataType::Time64(unit) => {
            if let Some(Clock(micros)) = Clock::get(array, row) {
                out.push_str(&clock(micros, *unit));
            }
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            out.push_str(&months(array.as_primitive::<IntervalYearMonthType>().value(row)));
        }
        DataType::Interval(_) | DataType::Duration(_) => write_interval(out, array, row),
        DataType::List(_) => write_list(out, array.as_list::<i32>().value(row).as_ref()),
        DataType::Map(..) => write_map(out, &array.as_map().value(row)),
        DataType::Struct(_) => write_row(out, array.as_struct(), row),
        _ => return false,
    }
    true
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

/// A value inside another one, where `NULL` is written `null`.
fn write_inner(out: &mut String, array: &dyn Array, row: usize) {
    if !write_text(out, array, row) {
        out.push_str("null");
    }
}

/// `[a, b]`
fn write_list(out: &mut String, items: &dyn Array) {
    out.push('[');
    for row in 0..items.len() {
        if row > 0 {
            out.push_str(", ");
        }
        write_inner(out, items, row);
    }
    out.push(']');
}

/// `{key=value, key=value}`
fn write_map(out: &mut String, entries: &StructArray) {
    let [keys, values] = entries.columns() else { return };
    out.push('{');
    for row in 0..entries.len() {
        if row > 0 {
            out.push_str(", ");
        }
        write_inner(out, keys, row);
        out.push('=');
        write_inner(out, values, row);
    }
    out.push('}');
}

/// `{name=value, name=value}`
fn write_row(out: &mut String, members: &StructArray, row: usize) {
    out.push('{');
    for (i, (field, member)) in members.fields().iter().zip(members.columns()).enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(field.name());
        out.push('=');
        write_inner(out, member, row);
    }
    out.push('}');
}

/// Bytes as two hexadecimal digits each, with spaces between.
fn write_bytes(out: &mut String, bytes: &[u8]) {
    for (i, byte) in bytes.iter().enumerate() {
        let _ = if i == 0 { write!(out, "{byte:02x}") } else { write!(out, " {byte:02x}") };
    }
}

fn write_address(out: &mut String, array: &dyn Array, row: usize) {
    if let Some(address) = <Ipv6Addr as Get>::open(array).ok().and_then(|source| Ipv6Addr::get(source, row)) {
        out.push_str(&ip_address(address));
    }
}

/// An address; a mapped IPv4 address as that.
pub fn ip_address(address: Ipv6Addr) -> String {
    address.to_ipv4_mapped().map_or_else(|| address.to_string(), |address| address.to_string())
}

fn write_timestamp(out: &mut String, array: &dyn Array, row: usize, unit: TimeUnit, zone: Option<&str>) {
    let Some(Stamp(instant)) = <Stamp as Get>::open(array).ok().and_then(|source| Stamp::get(source, row))
    else {
        return;
    };
    let zone = zone.map(|name| name.parse::<Zone>().unwrap_or(Zone::UTC));
    let clock = zone.map_or(instant, |zone| zone.clock(instant));
    out.push_str(&timestamp(clock, unit));
    if let Some(zone) = zone {
        push(out, ' ');
        push(out, zone);
    }
}

fn write_interval(out: &mut String, array: &dyn Array, row: usize) {
    let millis = match array.data_type() {
        DataType::Duration(TimeUnit::Millisecond) => {
            Some(Interval(array.as_primitive::<DurationMillisecondType>().value(row)))
        }
        _ => <Interval as Get>::open(array).ok().and_then(|source| Interval::get(source, row)),
    };
    if let Some(Interval(millis)) = millis {
        out.push_str(&interval(millis));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, BooleanArray, Decimal128Array, Int32Array, ListArray, MapBuilder, NullArray,
        StringArray, StringBuilder, TimestampMillisecondArray,
    };

    use super::*;

    #[test]
    fn doubles_as_java_writes_them() {
        for (value, java, cast) in [
            (0.0, "0.0", "0E0"),
            (-0.0, "-0.0", "-0E0"),
            (1.0, "1.0", "1.0E0"),
            (37.7, "37.7", "3.77E1"),
            (0.001, "0.001", "1.0E-3"),
            (0.00099, "9.9E-4", "9.9E-4"),
            (9_999_999.0, "9999999.0", "9.999999E6"),
            (1e7, "1.0E7", "1.0E7"),
            (-12_345_678.9, "-1.23456789E7", "-1.23456789E7"),
            (123.456, "123.456", "1.23456E2"),
            (f64::NAN, "NaN", "NaN"),
            (f64::NEG_INFINITY, "-Infinity", "-Infinity"),
        ] {
            assert_eq!(java_double(value), java);
            assert_eq!(scientific(value, &format!("{value:e}")), cast);
        }
        assert_eq!(java_float(0.1), "0.1");
    }

    #[test]
    fn values_inside_values() {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("GetObject"), None]));
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
        let fields = [("eventname", names), ("ok", flags)];
        let rows = StructArray::try_from(fields.to_vec()).unwrap();
        assert_eq!(text(&rows, 0).unwrap(), "{eventname=GetObject, ok=true}");
        assert_eq!(text(&rows, 1).unwrap(), "{eventname=null, ok=false}");
        let lists = ListArray::from_iter_primitive::<arrow::datatypes::Int32Type, _, _>([
            Some(vec![Some(1), None, Some(3)]),
            None,
        ]);
        assert_eq!(text(&lists, 0).unwrap(), "[1, null, 3]");
        assert_eq!(text(&lists, 1), None);
        let mut maps = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        maps.keys().append_value("k");
        maps.values().append_value("v");
        maps.append(true).unwrap();
        assert_eq!(text(&maps.finish(), 0).unwrap(), "{k=v}");
        assert_eq!(text(&NullArray::new(1), 0), None);
    }

    #[test]
    fn times_and_numbers() {
        let time = TimestampMillisecondArray::from(vec![1_688_991_375_000]);
        assert_eq!(text(&time, 0).unwrap(), "2023-07-10 12:16:15.000");
        let zoned = |zone: &str| text(&time.clone().with_timezone(zone), 0).unwrap();
        assert_eq!(zoned("UTC"), "2023-07-10 12:16:15.000 UTC");
        assert_eq!(zoned("Europe/Berlin"), "2023-07-10 14:16:15.000 Europe/Berlin");
        let decimals = Decimal128Array::from(vec![-5, 12_345]).with_precision_and_scale(7, 2).unwrap();
        assert_eq!(text(&decimals, 0).unwrap(), "-0.05");
        assert_eq!(text(&decimals, 1).unwrap(), "123.45");
        assert_eq!(text(&Int32Array::from(vec![-7]), 0).unwrap(), "-7");
        assert_eq!(text(&BinaryArray::from(vec![&b"\x01\xab"[..]]), 0).unwrap(), "01 ab");
        assert_eq!(interval(5_000), "0 00:00:05.000");
        assert_eq!(interval(-90_061_001), "-1 01:01:01.001");
    }
}
