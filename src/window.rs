//! The incident window: a span of UTC time, and the ways people write one.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Utc};

use crate::error::{Error, Result};

/// A span of UTC time.
///
/// CloudTrail records to the second, so a window is given by its first and last second, both of
/// them inside. [`end`](Self::end) is the half-open end that comparisons use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Window {
    /// The window from the second of `first` to the second of `last`, both inclusive.
    ///
    /// # Errors
    /// If `last` lies before `first`.
    pub fn inclusive(first: DateTime<Utc>, last: DateTime<Utc>) -> Result<Self> {
        let (start, last) = (first.trunc_subsecs(0), last.trunc_subsecs(0));
        if last < start {
            return Err(Error::argument(
                "window",
                format!("{} to {}", rfc3339(start), rfc3339(last)),
                "ends before it starts",
                "give the earlier time as --from and the later one as --to",
            ));
        }
        Ok(Self { start, end: last + Duration::seconds(1) })
    }

    /// The window that reaches `before` back from `at` and `after` past it.
    ///
    /// # Errors
    /// If the span leaves the range of representable times.
    pub fn around(at: DateTime<Utc>, before: Duration, after: Duration) -> Result<Self> {
        let ends = at.checked_sub_signed(before).zip(at.checked_add_signed(after));
        let (first, last) = ends.ok_or_else(|| {
            Error::argument(
                "window",
                format!("-{before} +{after}"),
                "is too long",
                "give a length such as 30m, 2h or 7d",
            )
        })?;
        Self::inclusive(first, last)
    }

    /// The window that holds every event there is or will be.
    pub fn ever() -> Self {
        let year =
            |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
        Self { start: year(1970), end: year(2200) }
    }

    /// First instant inside.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// First instant past the window (one second after its last second began).
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// The last second inside, as people quote the window.
    pub fn last(&self) -> DateTime<Utc> {
        self.end - Duration::seconds(1)
    }
}

/// `2026-03-14T14:07:00Z`: how trailq writes times, to the second, in UTC.
pub(crate) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Reads a time as people write it; without a zone it is UTC. `now` serves for `now` and for a
/// time of day alone.
///
/// # Errors
/// If `text` is no time, with the forms that are.
pub fn parse_time(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let given = text.trim();
    if given.eq_ignore_ascii_case("now") {
        return Ok(now);
    }
    parse_zoned(given)
        .or_else(|| {
            let (local, zone) = split_zone(given);
            Some((parse_local(local, now)? - zone).and_utc())
        })
        .ok_or_else(|| {
            Error::argument(
                "time",
                text,
                "cannot be read",
                "write 2026-03-14T14:07:00Z, '2026-03-14 14:07 +01:00', 2026-03-14 or now \
                 (without a zone it is UTC)",
            )
        })
}

/// Reads the last second of a window: a date alone means the whole day, up to its last second.
///
/// # Errors
/// As [`parse_time`].
pub fn parse_last_second(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let time = parse_time(text, now)?;
    let whole_day = parse_date(text.trim()).is_some();
    Ok(if whole_day { time + Duration::days(1) - Duration::seconds(1) } else { time })
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    const DATES: [&str; 3] = ["%Y-%m-%d", "%Y/%m/%d", "%d %b %Y"];
    DATES.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

fn parse_zoned(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M %#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z"))
        .ok()
        .map(|time| time.to_utc())
}

/// Splits a zone name off the end; the rest is local time, the zone its offset from UTC.
fn split_zone(text: &str) -> (&str, Duration) {
    const ZONES: [(&str, i64); 14] = [
        ("UTC", 0),
        ("GMT", 0),
        ("Z", 0),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
        ("CET", 1),
        ("CEST", 2),
        ("JST", 9),
    ];
    ZONES
        .iter()
        .filter_map(|(name, hours)| {
            let at = text.len().checked_sub(name.len())?;
            let zone = text.get(at..)?;
            let local = text[..at].trim_end();
            let ends_a_number = local.ends_with(|c: char| c.is_ascii_digit() || c == 'M' || c == 'm');
            (zone.eq_ignore_ascii_case(name) && ends_a_number).then(|| (local, Duration::hours(*hours)))
        })
        .next()
        .unwrap_or((text, Duration::zero()))
}

fn parse_local(text: &str, now: DateTime<Utc>) -> Option<NaiveDateTime> {
    const FORMS: [&str; 10] = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M:%S",
        "%Y/%m/%d %H:%M",
        "%d %b %Y %H:%M:%S",
        "%d %b %Y %H:%M",
        "%b %d, %Y, %I:%M:%S %p",
        "%b %d, %Y %H:%M:%S",
    ];
    const CLOCKS: [&str; 2] = ["%H:%M:%S", "%H:%M"];
    let stamp = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let clock = || CLOCKS.iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    stamp
        .or_else(|| parse_date(text)?.and_hms_opt(0, 0, 0))
        .or_else(|| Some(now.date_naive().and_time(clock()?)))
}

/// Reads a length of time such as `30m`, `1h30m` or `7d`.
///
/// # Errors
/// If `text` is no length of time.
pub fn parse_length(text: &str) -> Result<Duration> {
    humantime::parse_duration(text.trim()).ok().and_then(|length| Duration::from_std(length).ok()).ok_or_else(
        || Error::argument("length of time", text, "cannot be read", "write 30m, 2h, 1h30m or 7d"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        parse_time(text, "2026-03-20T00:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_usual_ways_to_write_a_time() {
        let expected = at("2026-03-14T14:07:00Z");
        for text in [
            "2026-03-14T14:07:00.000Z",
            "2026-03-14T15:07:00+01:00",
            "2026-03-14 14:07:00",
            "2026-03-14 14:07",
            "2026-03-14T14:07",
            "2026-03-14T14:07Z",
            "2026-03-14 14:07Z",
            "2026-03-14 15:07 +01:00",
            "2026-03-14 15:07:00 +0100",
            "2026-03-14 14:07 UTC",
            "2026-03-14 10:07 EDT",
            "2026-03-14 15:07 CET",
            "2026/03/14 14:07",
            "14 Mar 2026 14:07",
            "14 Mar 2026 14:07:00 GMT",
            "Sat, 14 Mar 2026 14:07:00 +0000",
            "Mar 14, 2026, 2:07:00 PM",
            "Mar 14, 2026, 2:07:00 PM UTC",
            " 2026-03-14T14:07:00Z ",
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
        assert_eq!(at("14:07"), at("2026-03-20T14:07:00Z"));
        assert_eq!(at("2026-03-14"), at("2026-03-14T00:00:00Z"));
        assert_eq!(at("now"), at("2026-03-20T00:00:00Z"));
    }

    #[test]
    fn what_is_no_time_says_how_to_write_one() {
        for text in ["", "yesterday", "2026-13-01", "14.07.2026", "2026-03-14 14:07 Mars", "Z"] {
            let error = parse_time(text, Utc::now()).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains("write 2026-"), "{error}");
        }
        assert!(parse_length("soon").unwrap_err().to_string().contains("30m"));
    }

    #[test]
    fn both_ends_are_inside_to_the_second() {
        let window = Window::inclusive(at("2026-03-14T14:00:00.7Z"), at("2026-03-14T14:30:00.2Z")).unwrap();
        assert_eq!(window.start(), at("2026-03-14T14:00:00Z"));
        assert_eq!(window.end(), at("2026-03-14T14:30:01Z"));
        assert!(Window::inclusive(window.end(), window.start()).unwrap_err().is_usage());
        assert!(Window::around(at("now"), Duration::MAX, Duration::zero()).unwrap_err().is_usage());
    }
}
