//! Reads `eventTime` in the forms that trail files and their re-exports have.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Milliseconds since 1970 of an event time, `None` if the text is none.
///
/// Trail files write `2023-07-10T12:16:15Z`. Exports carry fractions, offsets, a space for the
/// `T`, no zone (then it is UTC), or seconds or milliseconds since 1970.
pub fn parse_event_time(text: &str) -> Option<i64> {
    trail_form(text.as_bytes()).or_else(|| parse_any_form(text))
}

/// The slow twin of [`parse_event_time`], which also reads every other form.
pub fn parse_any_form(text: &str) -> Option<i64> {
    const LOCAL: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    const ZONED: [&str; 3] =
        ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%dT%H:%M:%S%.f%#z"];
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return epoch_millis(number);
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    DateTime::parse_from_rfc3339(text)
        .ok()
        .or_else(|| ZONED.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()))
        .map(|time| time.timestamp_millis())
        .or_else(|| {
            let local = LOCAL.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
            Some(local?.and_utc().timestamp_millis())
        })
}

/// Seconds, or milliseconds where seconds would lie beyond the year 5138.
fn epoch_millis(number: f64) -> Option<i64> {
    let millis = if number.abs() < 1e11 { number * 1e3 } else { number };
    (number >= 1.0 && millis < 1e14).then_some(millis as i64)
}

/// `YYYY-MM-DDTHH:MM:SSZ` and nothing else.
fn trail_form(text: &[u8]) -> Option<i64> {
    let text: &[u8; 20] = text.try_into().ok()?;
    if [text[4], text[7], text[10], text[13], text[16], text[19]] != *b"--T::Z" {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        text[range]
            .iter()
            .try_fold(0u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if second > 59 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(number(0..4)?.try_into().ok()?, number(5..7)?, number(8..10)?)?;
    Some(date.and_hms_opt(hour, minute, second)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_seen_in_the_wild() {
        let second = 1_704_164_400_000;
        for (text, expected) in [
            ("2024-01-02T03:00:00Z", Some(second)),
            ("2024-01-02T03:00:00.123Z", Some(second + 123)),
            ("2024-01-02T05:00:00+02:00", Some(second)),
            ("2024-01-02T05:00:00+0200", Some(second)),
            ("2024-01-02 03:00:00", Some(second)),
            ("2024-01-02 03:00:00.000000000", Some(second)),
            ("2024-01-02 03:00:00.000 UTC", Some(second)),
            ("2024-01-02T03:00:00", Some(second)),
            ("1704164400", Some(second)),
            ("1704164400000", Some(second)),
            ("1704164400.5", Some(second + 500)),
            ("2024-01-02", None),
            ("N/A", None),
            ("nan", None),
            ("-5", None),
            ("0", None),
            ("", None),
            ("2024-13-02T03:00:00Z", None),
            ("2024-01-02T24:00:00Z", None),
        ] {
            assert_eq!(parse_event_time(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn fast_form_agrees_with_its_twin(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-5][0-9]Z") {
            prop_assert_eq!(parse_event_time(&text), parse_any_form(&text));
        }
    }
}
