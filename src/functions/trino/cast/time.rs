//! Casts between dates and timestamps, and their texts.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, TimeUnit};
use chrono::NaiveDate;
use datafusion::error::Result;

use super::convert::{Converted, each, uncastable};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::types::{time_unit, unit_of};
use crate::functions::trino::value::{Clock, DAY, Date, Stamp};
use crate::functions::trino::zone::Zone;

/// Between dates and timestamps. Without a zone, a time is taken for one in UTC.
pub fn convert(array: &ArrayRef, to: &DataType) -> Result<Converted> {
    let zone = |data_type| Zone::of(data_type).unwrap_or(Zone::UTC);
    let (from_zone, to_zone) = (zone(array.data_type()), zone(to));
    let zoned = matches!(to, DataType::Timestamp(_, Some(_)));
    match (array.data_type(), to) {
        (DataType::Date32, _) => each(array, to, |Date(days)| Stamp(to_zone.instant(i64::from(days) * DAY))),
        (_, DataType::Date32) => each(array, to, |Stamp(instant)| {
            i32::try_from(from_zone.clock(instant).div_euclid(DAY)).ok().map(Date)
        }),
        (DataType::Timestamp(_, None), _) => {
            each(array, to, |Stamp(clock)| Stamp(rounded(to_zone.instant(clock), to)))
        }
        _ if zoned => each(array, to, |Stamp(instant)| Stamp(rounded(instant, to))),
        _ => each(array, to, |Stamp(instant)| Stamp(rounded(from_zone.clock(instant), to))),
    }
}

/// From a timestamp what its clock shows, or a time of another precision.
pub fn to_time(array: &ArrayRef, to: &DataType) -> Result<Converted> {
    let unit = time_unit(to).unwrap_or(TimeUnit::Millisecond);
    if time_unit(array.data_type()).is_some() {
        return each(array, to, |Clock(micros)| Clock(rounded_to(micros, unit)).after(0));
    }
    let zone = Zone::of(array.data_type()).unwrap_or(Zone::UTC);
    each(array, to, |Stamp(instant)| Clock(rounded_to(zone.clock(instant), unit).rem_euclid(DAY)))
}

/// `10:20`, `10:20:30.456`
pub fn time_of(text: &str, unit: TimeUnit) -> Result<Clock, SqlError> {
    let time = read_time(text.trim()).filter(|(_, rest)| rest.is_empty() && !text.trim().is_empty());
    let (micros, _) = time.ok_or_else(|| uncastable(format!("Value cannot be cast to time: {text}")))?;
    // What is rounded up to the next day is midnight.
    Ok(Clock(rounded_to(micros, unit)).after(0))
}

/// The unit for as many digits as the fraction of a second in a literal has; `None` beyond all types.
pub fn literal_unit(text: &str) -> Option<TimeUnit> {
    let (_, fraction) = text.split_once('.').unwrap_or((text, ""));
    unit_of(u32::try_from(fraction.bytes().take_while(u8::is_ascii_digit).count()).ok()?)
}

/// Microseconds rounded half up to what a timestamp or a time can hold.
pub fn rounded(micros: i64, to: &DataType) -> i64 {
    match to {
        DataType::Timestamp(unit, _) | DataType::Time32(unit) | DataType::Time64(unit) => {
            rounded_to(micros, *unit)
        }
        _ => micros,
    }
}

fn rounded_to(micros: i64, unit: TimeUnit) -> i64 {
    let step = match unit {
        TimeUnit::Second => 1_000_000,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond | TimeUnit::Nanosecond => return micros,
    };
    micros.saturating_add(step / 2).div_euclid(step) * step
}

/// `2020-01-31`
pub fn date_of(text: &str) -> Result<Date, SqlError> {
    parse_date(text).ok_or_else(|| uncastable(format!("Value cannot be cast to date: {text}")))
}

/// `2020-01-31`, `2020-01-31 10:20`, `2020-01-31 10:20:30.456`; with a zone after that, if it is asked for.
pub fn timestamp_of(text: &str, unit: TimeUnit, zoned: bool) -> Result<Stamp, SqlError> {
    let name = if zoned { "timestamp with time zone" } else { "timestamp" };
    let failure = || uncastable(format!("Value cannot be cast to {name}: {text}"));
    let (clock, zone) = parse_timestamp(text).ok_or_else(failure)?;
    if zone.is_some() && !zoned {
        return Err(failure());
    }
    let instant = zone.unwrap_or(Zone::UTC).instant(clock);
    Ok(Stamp(rounded(instant, &DataType::Timestamp(unit, None))))
}

/// Reads `2020-01-31`, without regard to spaces around it.
pub fn parse_date(text: &str) -> Option<Date> {
    let (date, rest) = read_date(text.trim())?;
    rest.is_empty().then_some(date)
}

/// Reads `2020-01-31 10:20:30.456789 Europe/Berlin`, of which all but the date can be missing:
/// microseconds on the clock, and the zone.
pub fn parse_timestamp(text: &str) -> Option<(i64, Option<Zone>)> {
    let (Date(days), rest) = read_date(text.trim())?;
    let midnight = i64::from(days) * DAY;
    if rest.is_empty() {
        return Some((midnight, None));
    }
    let rest = rest.strip_prefix(' ')?;
    let (time, zone) = read_time(rest)?;
    let zone = zone.trim();
    let zone = if zone.is_empty() { None } else { Some(zone.parse().ok()?) };
    Some((midnight + time, zone))
}

/// A date, and what follows it.
fn read_date(text: &str) -> Option<(Date, &str)> {
    let (sign, unsigned) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (year, rest) = number(unsigned, 4, 6)?;
    let (month, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
    let date = NaiveDate::from_ymd_opt(sign * i32::try_from(year).ok()?, month, day)?;
    Some((Date(date.to_epoch_days()), rest))
}

/// Microseconds since midnight, and what follows the time.
fn read_time(text: &str) -> Option<(i64, &str)> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Some((0, text));
    }
    let (hour, rest) = number(text, 1, 2)?;
    let (minute, mut rest) = number(rest.strip_prefix(':')?, 1, 2)?;
    let (mut second, mut micros) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = number(after, 1, 2)?;
        if let Some(after) = rest.strip_prefix('.') {
            (micros, rest) = fraction(after)?;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some((seconds * 1_000_000 + micros, rest))
}

/// A number of some digits, and what follows it.
fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(least..=most).contains(&digits) {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    Some((number.parse().ok()?, rest))
}

/// The fraction of a second in microseconds, rounded half up, and what follows it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=12).contains(&digits) {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    let picos: i64 = format!("{number:0<12}").parse().ok()?;
    Some(((picos + 500_000) / 1_000_000, rest))
}
