//! Time zones: offsets and names, as Trino writes them.

use std::fmt;
use std::str::FromStr;

use arrow::datatypes::DataType;
use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{OffsetName, Tz};

use super::call::invalid;
use super::error::SqlError;

const MICROS: i64 = 1_000_000;

/// A time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Seconds east of UTC.
    Fixed(i32),
    /// A zone of the time zone database.
    Named(Tz),
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Fixed(0);

    /// The zone of a timestamp's type; `None` if it has none.
    pub fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Timestamp(_, Some(name)) => Some(name.parse().unwrap_or(Self::UTC)),
            _ => None,
        }
    }

    /// Seconds east of UTC at an instant, in microseconds since 1970.
    pub fn offset(self, instant: i64) -> i32 {
        match self {
            Self::Fixed(offset) => offset,
            Self::Named(zone) => DateTime::from_timestamp_micros(instant)
                .map_or(0, |utc| zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()),
        }
    }

    /// What the clock shows at an instant; both in microseconds since 1970-01-01 00:00.
    pub fn clock(self, instant: i64) -> i64 {
        instant.saturating_add(i64::from(self.offset(instant)) * MICROS)
    }

    /// The instant at which the clock shows a time: the earlier of two, and where the clock was put
    /// forward over that time, as if it had not been.
    pub fn instant(self, clock: i64) -> i64 {
        let offset = match self {
            Self::Fixed(offset) => offset,
            Self::Named(zone) => {
                let local = DateTime::from_timestamp_micros(clock).map(|utc| utc.naive_utc());
                local.map_or(0, |local| offset_on_clock(zone, local, clock))
            }
        };
        clock.saturating_sub(i64::from(offset) * MICROS)
    }

    /// What the zone is called at an instant: `UTC`, `CEST`.
    pub fn abbreviation(self, instant: i64) -> String {
        match self {
            Self::Fixed(_) => self.to_string(),
            Self::Named(zone) => DateTime::from_timestamp_micros(instant).map_or_else(String::new, |utc| {
                zone.offset_from_utc_datetime(&utc.naive_utc())
                    .abbreviation()
                    .unwrap_or(zone.name())
                    .to_owned()
            }),
        }
    }
}

fn offset_on_clock(zone: Tz, local: NaiveDateTime, clock: i64) -> i32 {
    match zone.offset_from_local_datetime(&local).earliest() {
        Some(offset) => offset.fix().local_minus_utc(),
        // A day earlier the clock had not been put forward yet.
        None => Zone::Named(zone).offset(clock.saturating_sub(86_400 * MICROS)),
    }
}

impl FromStr for Zone {
    type Err = SqlError;

    /// Reads `UTC`, `+05:30`, `UTC+05:30` or `Europe/Berlin`.
    fn from_str(text: &str) -> Result<Self, SqlError> {
        if ["UTC", "Z", "GMT", "UT"].iter().any(|utc| text.eq_ignore_ascii_case(utc)) {
            return Ok(Self::UTC);
        }
        let unknown = || invalid(format!("'{text}' is not a valid time zone"));
        if text.starts_with(['+', '-']) {
            return offset(text).map(Self::Fixed).ok_or_else(unknown);
        }
        if let Ok(named) = text.parse() {
            return Ok(Self::Named(named));
        }
        // `GMT-08:30` is an offset too.
        let from_utc = ["UTC", "GMT", "UT"].iter().find_map(|utc| text.strip_prefix(utc));
        from_utc.and_then(offset).map(Self::Fixed).ok_or_else(unknown)
    }
}

/// Reads `+05:30`, `+0530` or `+05` as seconds.
pub fn offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let plausible = digits.bytes().all(|b| b.is_ascii_digit()) && matches!(digits.len(), 2 | 4);
    let colon = !rest.contains(':') || (rest.len() == 5 && rest.find(':') == Some(2));
    if !plausible || !colon {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// `UTC`, `+05:30` or `Europe/Berlin`.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(0) => f.write_str("UTC"),
            Self::Fixed(offset) => {
                let (sign, minutes) = (if *offset < 0 { '-' } else { '+' }, offset.abs() / 60);
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            Self::Named(zone) => f.write_str(zone.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_put_forward_and_back() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros();
        for (clock, instant) in [
            ("2024-01-15T12:00:00", "2024-01-15T11:00:00"),
            ("2024-07-15T12:00:00", "2024-07-15T10:00:00"),
            ("2024-10-27T02:30:00", "2024-10-27T00:30:00"),
            ("2024-03-31T02:30:00", "2024-03-31T01:30:00"),
        ] {
            assert_eq!(berlin.instant(at(clock)), at(instant), "{clock}");
        }
        assert_eq!(berlin.clock(at("2024-07-15T10:00:00")), at("2024-07-15T12:00:00"));
    }

    #[test]
    fn offsets_and_names() {
        for (text, shown) in [
            ("UTC", "UTC"),
            ("z", "UTC"),
            ("+00:00", "UTC"),
            ("+05:30", "+05:30"),
            ("-0800", "-08:00"),
            ("America/New_York", "America/New_York"),
        ] {
            assert_eq!(text.parse::<Zone>().unwrap().to_string(), shown);
        }
        for wrong in ["", "+5", "+05:3", "+99:00", "Mars/Olympus", "+0a:00"] {
            assert!(wrong.parse::<Zone>().is_err(), "{wrong}");
        }
    }
}
