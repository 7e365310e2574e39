//! What a finding was compared with, in numbers.

use chrono::Duration;
use indicatif::HumanCount;
use serde::Serialize;

/// Numbers from before, and from now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Whose past: `own`, `peers` (the account's other roles) or `none`.
    pub with: &'static str,
    /// Calls like these in it.
    pub calls_before: u64,
    /// Of how many.
    pub of: u64,
    /// Over how many seconds.
    pub seconds_before: i64,
    /// Calls like these now.
    pub calls_now: u64,
    /// Over how many seconds.
    pub seconds_now: i64,
    /// The same in words.
    pub text: String,
}

impl Compared {
    /// Compares with a past; its `text` follows from the numbers.
    pub fn new(
        with: &'static str,
        (calls_before, of, before): (u64, u64, Duration),
        (calls_now, now): (u64, Duration),
    ) -> Self {
        let past = match with {
            "none" => "no past to compare with".to_owned(),
            "peers" => format!(
                "{} of {} calls of the role and others of its account in {}",
                number(calls_before),
                number(of),
                length(before)
            ),
            _ => format!("{} of {} calls in {}", number(calls_before), number(of), length(before)),
        };
        let present = if now < Duration::seconds(1) {
            format!("{} now", number(calls_now))
        } else {
            format!("{} in {}", number(calls_now), length(now))
        };
        Self {
            with,
            calls_before,
            of,
            seconds_before: before.num_seconds(),
            calls_now,
            seconds_now: now.num_seconds(),
            text: format!("{past}; {present}"),
        }
    }
}

/// `4,312`.
pub fn number(count: u64) -> String {
    HumanCount(count).to_string()
}

/// `6 minutes`: the largest unit of which there are at least two, or of the smallest any.
pub fn length(length: Duration) -> String {
    let seconds = length.num_seconds();
    let units = [("days", 86_400), ("hours", 3_600), ("minutes", 60)];
    let unit = units.iter().find(|(_, unit)| seconds >= 2 * unit);
    match unit {
        Some((name, unit)) => format!("{} {name}", (seconds + unit / 2) / unit),
        None if seconds == 1 => "1 second".to_owned(),
        None => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        let compared = Compared::new("own", (0, 4312, Duration::days(7)), (14, Duration::minutes(6)));
        assert_eq!(compared.text, "0 of 4,312 calls in 7 days; 14 in 6 minutes");
        assert_eq!([0, 999, 1000, 1234567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [1, 119, 120, 5400, 200_000].map(|s| length(Duration::seconds(s))),
            ["1 second", "119 seconds", "2 minutes", "90 minutes", "2 days"]
        );
    }
}
