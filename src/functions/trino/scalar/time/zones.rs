//! Time zones: `at_timezone`, `with_timezone`, `from_unixtime`, and ISO 8601.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::scalar::ScalarValue;

use super::iso;
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::text::{date, timestamp};
use crate::functions::trino::value::{DAY, Date, Stamp};
use crate::functions::trino::zone::Zone;

/// Functions of zones.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("at_timezone", "The same instant in another time zone.").typed(
            "(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone",
            named_zone,
            |call| call.map2(|instant: Stamp, _: &str| instant),
        ),
        scalar("with_timezone", "The time on the clocks of a time zone.").typed(
            "(timestamp(p), varchar) -> timestamp(p) with time zone",
            named_zone,
            with_timezone,
        ),
        from_unixtime(),
        scalar("to_unixtime", "Seconds since 1970.")
            .on("(timestamp(p)) -> double", |call| call.map1(seconds))
            .on("(timestamp(p) with time zone) -> double", |call| call.map1(seconds)),
        scalar("from_iso8601_timestamp", "The time that a text of ISO 8601 names.").typed(
            "(varchar) -> timestamp(3) with time zone",
            iso_zone,
            |call| call.map1(from_iso8601),
        ),
        scalar("from_iso8601_date", "The date that a text of ISO 8601 names.")
            .on("(varchar) -> date", |call| call.map1(date_from_iso8601)),
        scalar("to_iso8601", "The text of a date or time in ISO 8601.")
            .on("(date) -> varchar", |call| call.map1(|Date(days): Date| date(days)))
            .on("(timestamp(p)) -> varchar", to_iso8601)
            .on("(timestamp(p) with time zone) -> varchar", to_iso8601),
        scalar("timezone", "The time zone of a time.").on(
            "(timestamp(p) with time zone) -> varchar",
            |call| {
                let zone = call.zone(0)?.to_string();
                call.map1(|_: Stamp| zone.clone())
            },
        ),
        scalar("current_timezone", "The time zone of the session, which is UTC.")
            .on("() -> varchar", |call| call.map0(|| "UTC")),
    ]
}

/// A constant text.
pub fn constant(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _) => Some(text),
        _ => None,
    }
}

/// A timestamp's type with another zone, if there is one.
pub fn zoned(data_type: &DataType, zone: Option<Zone>) -> DataType {
    match (data_type, zone) {
        (DataType::Timestamp(unit, _), Some(zone)) => {
            DataType::Timestamp(*unit, Some(zone.to_string().into()))
        }
        _ => data_type.clone(),
    }
}

/// The zone that the last argument names.
fn named_zone(args: &[Expr], declared: &DataType) -> Result<DataType, String> {
    let Some(name) = args.last().and_then(constant) else {
        return Err("the time zone has to be a constant".into());
    };
    let zone: Zone = name.parse().map_err(|error: SqlError| error.message)?;
    // What is declared is the argument's type, where that has no zone yet.
    Ok(zoned(declared, Some(zone)))
}

fn with_timezone(call: &Call) -> Result<ArrayRef> {
    let zone = Zone::of(call.returns).unwrap_or(Zone::UTC);
    call.map2(|Stamp(clock): Stamp, _: &str| Stamp(zone.instant(clock)))
}

fn from_unixtime() -> Function {
    scalar("from_unixtime", "The time so many seconds after 1970 began.")
        .on("(double) -> timestamp(3) with time zone", |call| call.map1(instant))
        .typed("(double, varchar) -> timestamp(3) with time zone", named_zone, |call| {
            call.map2(|seconds: f64, _: &str| instant(seconds))
        })
        .typed("(double, bigint, bigint) -> timestamp(3) with time zone", offset_zone, |call| {
            call.map3(|seconds: f64, _: i64, _: i64| instant(seconds))
        })
}

/// The zone of an offset in hours and minutes.
fn offset_zone(args: &[Expr], declared: &DataType) -> Result<DataType, String> {
    let number = |expr: &Expr| match expr {
        Expr::Literal(value, _) => match value.cast_to(&DataType::Int64) {
            Ok(ScalarValue::Int64(number)) => number,
            _ => None,
        },
        _ => None,
    };
    let [_, hours, minutes] = args else { return Ok(declared.clone()) };
    let (Some(hours), Some(minutes)) = (number(hours), number(minutes)) else {
        return Err("the offset of the time zone has to be a constant".into());
    };
    let minutes = hours.saturating_mul(60).saturating_add(minutes);
    let seconds = i32::try_from(minutes).ok().filter(|minutes| minutes.abs() <= 14 * 60);
    let seconds = seconds.ok_or_else(|| format!("Invalid offset minutes {minutes}"))? * 60;
    Ok(zoned(declared, Some(Zone::Fixed(seconds))))
}

fn instant(seconds: f64) -> Result<Stamp, SqlError> {
    let millis = (seconds * 1000.0).round();
    if !(-9.0e15..9.0e15).contains(&millis) {
        return Err(invalid("the time is out of range"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    Ok(Stamp(millis as i64 * 1000))
}

#[expect(clippy::cast_precision_loss, reason = "as Trino computes it")]
fn seconds(Stamp(instant): Stamp) -> f64 {
    instant as f64 / 1e6
}

fn from_iso8601(text: &str) -> Result<Stamp, SqlError> {
    let (clock, zone) = iso::parse_timestamp(text)?;
    Ok(Stamp(zone.unwrap_or(Zone::UTC).instant(clock)))
}

/// A constant text gives its zone; all others are shown in UTC, since a column has one zone.
fn iso_zone(args: &[Expr], declared: &DataType) -> Result<DataType, String> {
    let moment = args.first().and_then(constant).and_then(|text| iso::parse_timestamp(text).ok());
    Ok(zoned(declared, moment.and_then(|(_, zone)| zone)))
}

fn date_from_iso8601(text: &str) -> Result<Date, SqlError> {
    let clock = iso::parse_date(text)?;
    i32::try_from(clock.div_euclid(DAY)).map(Date).map_err(|_| invalid("the date is out of range"))
}

/// `2020-01-31T10:20:30.456+01:00`
fn to_iso8601(call: &Call) -> Result<ArrayRef> {
    let zone = Zone::of(call.data_type(0)?);
    let unit = match call.data_type(0)? {
        DataType::Timestamp(unit, _) => *unit,
        _ => TimeUnit::Millisecond,
    };
    call.map1(|Stamp(instant): Stamp| {
        let clock = zone.map_or(instant, |zone| zone.clock(instant));
        let mut text = timestamp(clock, unit).replacen(' ', "T", 1);
        if let Some(zone) = zone {
            match zone.offset(instant) {
                0 => text.push('Z'),
                offset => text.push_str(&Zone::Fixed(offset).to_string()),
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors, evaluate};

    /// Trino documentation, "Date and time functions" and "Time zone conversion".
    #[test]
    fn zones() {
        check(&[
            (
                "with_timezone(timestamp '2021-11-01 09:08:07.321', 'America/New_York')",
                "2021-11-01 09:08:07.321 America/New_York",
            ),
            (
                "at_timezone(with_timezone(timestamp '2012-10-31 01:00', 'UTC'), 'America/Los_Angeles')",
                "2012-10-30 18:00:00.000 America/Los_Angeles",
            ),
            ("from_unixtime(1688991375.5)", "2023-07-10 12:16:15.500 UTC"),
            ("from_unixtime(0, 'Asia/Tokyo')", "1970-01-01 09:00:00.000 Asia/Tokyo"),
            ("from_unixtime(0, -5, -30)", "1969-12-31 18:30:00.000 -05:30"),
            ("to_unixtime(timestamp '2023-07-10 12:16:15.5')", "1.6889913755E9"),
            ("to_iso8601(date '2020-01-31')", "2020-01-31"),
            ("to_iso8601(timestamp '2020-01-31 10:20:30.4')", "2020-01-31T10:20:30.400"),
            ("to_iso8601(from_unixtime(0))", "1970-01-01T00:00:00.000Z"),
            ("to_iso8601(from_unixtime(0, 2, 0))", "1970-01-01T02:00:00.000+02:00"),
        ]);
        check_errors(&[
            ("at_timezone(from_unixtime(0), 'Mars/Olympus')", "'Mars/Olympus' is not a valid time zone"),
            ("at_timezone(from_unixtime(0), lower('utc'))", "the time zone has to be a constant"),
        ]);
    }

    /// Trino documentation, "Date and time functions", `from_iso8601_timestamp`.
    #[test]
    fn iso_8601() {
        check(&[
            ("from_iso8601_timestamp('2020-05-11T11:15:05Z')", "2020-05-11 11:15:05.000 UTC"),
            ("from_iso8601_timestamp('2020-05-11')", "2020-05-11 00:00:00.000 UTC"),
            ("from_iso8601_timestamp('2020-05-11T11:15:05')", "2020-05-11 11:15:05.000 UTC"),
            ("from_iso8601_timestamp('2020-05-11T11:15')", "2020-05-11 11:15:00.000 UTC"),
            ("from_iso8601_timestamp('2020-05-11T11')", "2020-05-11 11:00:00.000 UTC"),
            ("from_iso8601_timestamp('2020-05-11T11:15:05.055Z')", "2020-05-11 11:15:05.055 UTC"),
            ("from_iso8601_timestamp('2020-W20-1')", "2020-05-11 00:00:00.000 UTC"),
            ("from_iso8601_timestamp('2020-132')", "2020-05-11 00:00:00.000 UTC"),
            ("from_iso8601_date('2020-05-11')", "2020-05-11"),
            ("from_iso8601_date('2020-W10')", "2020-03-02"),
            ("from_iso8601_date('2020-123')", "2020-05-02"),
        ]);
        check_errors(&[
            (
                "from_iso8601_timestamp('2020-05-11 11:15')",
                "Invalid format: \"2020-05-11 11:15\" is malformed at \" 11:15\"",
            ),
            ("from_iso8601_timestamp('x')", "Invalid format: \"x\""),
            ("from_iso8601_timestamp('2020-13-01')", "Value 13 for monthOfYear must be in the range [1,12]"),
            (
                "from_iso8601_timestamp('2020-05-11T25:00Z')",
                "Value 25 for hourOfDay must be in the range [0,23]",
            ),
        ]);
    }

    #[test]
    fn a_constant_text_keeps_its_zone() {
        let planned = super::iso_zone(
            &[datafusion::logical_expr::lit("2020-05-11T11:15:05.055+02:00")],
            &crate::functions::trino::types::timestamp_utc(),
        );
        assert_eq!(planned.unwrap().to_string(), "Timestamp(ms, \"+02:00\")");
        assert!(evaluate("from_iso8601_timestamp(1)").is_err());
    }
}
