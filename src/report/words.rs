//! Numbers, times and lists as people write them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::compared::number;

/// `1 call`, `2,345 calls`.
pub fn count(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `14 March 2026, 14:07 UTC`.
pub fn moment(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// `between 14:00 and 14:37 UTC on 14 March 2026`, or `at 14:07 UTC on 14 March 2026`; without the
/// day where it is `known`.
pub fn span(from: DateTime<Utc>, to: DateTime<Utc>, known: Option<NaiveDate>) -> String {
    let (start, end) = (from.format("%H:%M").to_string(), to.format("%H:%M").to_string());
    let day = from.date_naive();
    if day != to.date_naive() {
        return format!("between {} and {}", moment(from), moment(to));
    }
    let on = if known == Some(day) { String::new() } else { day.format(" on %-d %B %Y").to_string() };
    if start == end { format!("at {start} UTC{on}") } else { format!("between {start} and {end} UTC{on}") }
}

/// `2026-03-14 14:07:00`, for tables whose header says that times are in UTC.
pub fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `3.4 MB`, in powers of ten.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// With its first letter as a sentence has it.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// With a full stop at its end.
pub fn ended(text: &str) -> String {
    if text.ends_with(['.', '!', '?', ':']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!([0, 1, 2000].map(|n| count(n, "call", "calls")), ["0 calls", "1 call", "2,000 calls"]);
        assert_eq!([999, 1000, 3_400_000, 999_960_000].map(bytes), ["999 B", "1.0 kB", "3.4 MB", "1.0 GB"]);
    }

    #[test]
    fn lists_end_in_and() {
        let texts = |texts: &[&str]| list(&texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!([texts(&[]), texts(&["a"]), texts(&["a", "b"])], ["", "a", "a and b"]);
        assert_eq!(texts(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn spans_say_what_differs() {
        let (from, to) = (at("2026-03-14T14:00:20Z"), at("2026-03-14T14:37:00Z"));
        let day = Some(from.date_naive());
        assert_eq!(span(from, to, None), "between 14:00 and 14:37 UTC on 14 March 2026");
        assert_eq!(span(from, to, day), "between 14:00 and 14:37 UTC");
        assert_eq!(span(from, from, None), "at 14:00 UTC on 14 March 2026");
        assert_eq!(
            span(from, at("2026-03-15T01:00:00Z"), day),
            "between 14 March 2026, 14:00 UTC and 15 March 2026, 01:00 UTC"
        );
    }
}
