//! `date`, `last_day_of_month`, and lengths of time.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use chrono::{Datelike, NaiveDate};
use datafusion::error::Result;

use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::cast::cast_array;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::value::{DAY, Date, Interval, Stamp};

/// Functions of days and of lengths of time.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("date", "The date of a text or a timestamp; as a cast.")
            .on("(date) -> date", to_date)
            .on("(varchar) -> date", to_date)
            .on("(timestamp(p)) -> date", to_date)
            .on("(timestamp(p) with time zone) -> date", to_date),
        scalar("last_day_of_month", "The last day of the month.")
            .on("(date) -> date", last_day_of_month)
            .on("(timestamp(p)) -> date", last_day_of_month)
            .on("(timestamp(p) with time zone) -> date", last_day_of_month),
        scalar("to_milliseconds", "Milliseconds of an interval.")
            .on("(interval day to second) -> bigint", |call| call.map1(|Interval(millis): Interval| millis)),
        scalar("parse_duration", "The interval that a text such as 3.81d names.")
            .on("(varchar) -> interval day to second", |call| call.map1(parse_duration)),
        scalar("human_readable_seconds", "Weeks, days, hours, minutes and seconds, in words.")
            .on("(double) -> varchar", |call| call.map1(human_readable)),
    ]
}

fn to_date(call: &Call) -> Result<ArrayRef> {
    cast_array(&call.array(0)?, call.returns, call.safe)
}

fn last_day_of_month(call: &Call) -> Result<ArrayRef> {
    let of_clock = |clock: i64| {
        let days = i32::try_from(clock.div_euclid(DAY)).ok();
        let date = days.and_then(NaiveDate::from_epoch_days);
        let last = date.and_then(|date| date.with_day(u32::from(date.num_days_in_month())));
        last.map(|last| Date(last.to_epoch_days())).ok_or_else(|| invalid("the date is out of range"))
    };
    if *call.data_type(0)? == DataType::Date32 {
        return call.map1(|Date(days): Date| of_clock(i64::from(days) * DAY));
    }
    let zone = call.zone(0)?;
    call.map1(|Stamp(instant): Stamp| of_clock(zone.clock(instant)))
}

/// `3.81d`, `42.8 ms`
fn parse_duration(text: &str) -> Result<Interval, SqlError> {
    let failure = || invalid(format!("duration is not a valid data duration string: {text}"));
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(failure)?;
    let (number, unit) = trimmed.split_at(end);
    let number: f64 = number.parse().map_err(|_| failure())?;
    let millis = number
        * match unit.trim_start() {
            "ns" => 1e-6,
            "us" => 1e-3,
            "ms" => 1.0,
            "s" => 1e3,
            "m" => 6e4,
            "h" => 3.6e6,
            "d" => 8.64e7,
            unit => return Err(invalid(format!("Unknown time unit: {unit}"))),
        };
    if millis >= 9.0e18 {
        return Err(failure());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    Ok(Interval(millis.round() as i64))
}

fn human_readable(seconds: f64) -> Result<String, SqlError> {
    if !seconds.is_finite() || seconds.abs() >= 9.0e18 {
        return Err(invalid(format!("Invalid argument found: {seconds}")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    let mut rest = seconds.abs().round() as i64;
    let mut parts = vec![];
    for (unit, length) in [("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)]
    {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    Ok(if parts.is_empty() { "0 seconds".into() } else { parts.join(", ") })
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "Date and time functions" and "Duration function".
    #[test]
    fn days_and_lengths() {
        check(&[
            ("date('2022-10-20')", "2022-10-20"),
            ("date(timestamp '2022-10-20 05:10')", "2022-10-20"),
            ("date(with_timezone(timestamp '2022-10-20 05:10', 'Asia/Tokyo'))", "2022-10-20"),
            ("last_day_of_month(date '2020-02-10')", "2020-02-29"),
            ("to_milliseconds(interval '3' minute)", "180000"),
            ("to_milliseconds(timestamp '2020-01-01 00:00:01' - timestamp '2020-01-01 00:00:00')", "1000"),
            ("parse_duration('42.8ms')", "0 00:00:00.043"),
            ("parse_duration('3.81 d')", "3 19:26:24.000"),
            ("parse_duration('5m')", "0 00:05:00.000"),
            ("human_readable_seconds(96)", "1 minute, 36 seconds"),
            ("human_readable_seconds(3762)", "1 hour, 2 minutes, 42 seconds"),
            ("human_readable_seconds(56363463)", "93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds"),
        ]);
        check_errors(&[
            ("date('2022-10-20T00:00')", "Value cannot be cast to date: 2022-10-20T00:00"),
            ("parse_duration('5')", "not a valid data duration string"),
        ]);
    }
}
