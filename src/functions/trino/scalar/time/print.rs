//! Writes dates and times in a format.

use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};

use super::format::{Field, Format, Item};
use crate::functions::trino::zone::Zone;

/// Names of the months.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Names of the days of the week, from Monday on.
pub const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The text of an instant, in microseconds since 1970, in a zone; `None` beyond all calendars.
pub fn print(format: &Format, instant: i64, zone: Zone) -> Option<String> {
    let clock = DateTime::from_timestamp_micros(zone.clock(instant))?.naive_utc();
    let mut out = String::new();
    for item in &format.0 {
        match item {
            Item::Literal(text) => out.push_str(text),
            Item::Number { field, least, .. } => push_number(&mut out, value(*field, clock), *least),
            Item::TwoDigitYear { field, .. } => {
                push_number(&mut out, value(*field, clock).rem_euclid(100), 2);
            }
            Item::Name { field, short } => out.push_str(name(*field, *short, clock)),
            Item::HalfDay => out.push_str(if clock.hour() < 12 { "AM" } else { "PM" }),
            Item::Era => out.push_str(if clock.year() > 0 { "AD" } else { "BC" }),
            Item::Fraction(least, _) => push_fraction(&mut out, clock, *least),
            Item::Offset { colon } => push_offset(&mut out, zone.offset(instant), *colon),
            Item::ZoneId => push(&mut out, zone),
            Item::ZoneName => out.push_str(&zone.abbreviation(instant)),
        }
    }
    Some(out)
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

fn push_number(out: &mut String, number: i64, least: usize) {
    let sign = if number < 0 { "-" } else { "" };
    push(out, format_args!("{sign}{:0least$}", number.unsigned_abs()));
}

/// Milliseconds, filled up with zeros.
fn push_fraction(out: &mut String, clock: NaiveDateTime, least: usize) {
    let millis = format!("{:03}", clock.nanosecond() / 1_000_000);
    push(out, millis.chars().chain(std::iter::repeat('0')).take(least).collect::<String>());
}

fn push_offset(out: &mut String, seconds: i32, colon: bool) {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    let colon = if colon { ":" } else { "" };
    push(out, format_args!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60));
}

fn value(field: Field, clock: NaiveDateTime) -> i64 {
    let hour = i64::from(clock.hour());
    match field {
        Field::Year => clock.year().into(),
        Field::YearOfEra => if clock.year() > 0 { clock.year() } else { 1 - clock.year() }.into(),
        Field::Century => i64::from(clock.year().abs()) / 100,
        Field::WeekYear => clock.iso_week().year().into(),
        Field::Week => clock.iso_week().week().into(),
        Field::Month => clock.month().into(),
        Field::Day => clock.day().into(),
        Field::DayOfYear => clock.ordinal().into(),
        Field::DayOfWeek => clock.weekday().number_from_monday().into(),
        Field::Hour => hour,
        Field::ClockHour => {
            if hour == 0 {
                24
            } else {
                hour
            }
        }
        Field::HourOfHalfDay => hour % 12,
        Field::ClockHourOfHalfDay => {
            if hour % 12 == 0 {
                12
            } else {
                hour % 12
            }
        }
        Field::Minute => clock.minute().into(),
        Field::Second => clock.second().into(),
    }
}

fn name(field: Field, short: bool, clock: NaiveDateTime) -> &'static str {
    let name = match field {
        Field::Month => MONTHS.get(usize::try_from(clock.month0()).unwrap_or_default()),
        _ => DAYS.get(usize::try_from(clock.weekday().num_days_from_monday()).unwrap_or_default()),
    };
    let name = name.copied().unwrap_or_default();
    if short { name.get(..3).unwrap_or(name) } else { name }
}
