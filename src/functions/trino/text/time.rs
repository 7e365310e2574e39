//! The text of dates, timestamps and intervals.

use arrow::datatypes::TimeUnit;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};

use super::push;

/// `2020-01-31 10:20:30.456`, with as many digits of a second's fraction as the unit has.
/// `clock` is in microseconds.
pub fn timestamp(clock: i64, unit: TimeUnit) -> String {
    let Some(time) = DateTime::from_timestamp_micros(clock).map(|utc| utc.naive_utc()) else {
        return String::new();
    };
    let mut out = civil_date(time.date());
    push(&mut out, format_args!(" {:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()));
    push_fraction(&mut out, time, unit);
    out
}

/// `10:20:30.456`, of microseconds since midnight.
pub fn clock(micros: i64, unit: TimeUnit) -> String {
    let time = timestamp(micros, unit);
    time.split_once(' ').map_or_else(String::new, |(_, time)| time.to_owned())
}

fn push_fraction(out: &mut String, time: NaiveDateTime, unit: TimeUnit) {
    let nanos = time.nanosecond();
    match unit {
        TimeUnit::Second => {}
        TimeUnit::Millisecond => push(out, format_args!(".{:03}", nanos / 1_000_000)),
        TimeUnit::Microsecond => push(out, format_args!(".{:06}", nanos / 1_000)),
        TimeUnit::Nanosecond => push(out, format_args!(".{nanos:09}")),
    }
}

/// `2020-01-31`, of days since 1970.
pub fn date(days: i32) -> String {
    NaiveDate::from_epoch_days(days).map_or_else(String::new, civil_date)
}

fn civil_date(date: NaiveDate) -> String {
    let (sign, year) = (if date.year() < 0 { "-" } else { "" }, date.year().abs());
    format!("{sign}{year:04}-{:02}-{:02}", date.month(), date.day())
}

/// `3 04:05:06.789`: days, hours, minutes and seconds.
pub fn interval(millis: i64) -> String {
    let (sign, rest) = (if millis < 0 { "-" } else { "" }, millis.unsigned_abs());
    let (days, rest) = (rest / 86_400_000, rest % 86_400_000);
    let (hours, rest) = (rest / 3_600_000, rest % 3_600_000);
    let (minutes, rest) = (rest / 60_000, rest % 60_000);
    format!("{sign}{days} {hours:02}:{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
}

/// `1-2`: years and months.
pub fn months(months: i32) -> String {
    let (sign, rest) = (if months < 0 { "-" } else { "" }, months.unsigned_abs());
    format!("{sign}{}-{}", rest / 12, rest % 12)
}
