//! Round numbers and times for the axes of the picture.

use chrono::{DateTime, Utc};

/// Labels of the time axis at most.
const LABELS: i64 = 8;

/// The least of 1, 2, 4, 6, 8, 10, 20, 40… that is not less.
pub fn round_up(most: u64) -> u64 {
    let mut size = 1_u64;
    loop {
        for step in [1, 2, 4, 6, 8] {
            if size.saturating_mul(step) >= most {
                return size.saturating_mul(step);
            }
        }
        size = size.saturating_mul(10);
    }
}

/// Times for the labels: round ones, few enough.
pub fn ticks(start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const STEPS: [i64; 13] = [
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        4 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        7 * DAY,
    ];
    let length = (end - start).num_seconds();
    let fitting = STEPS.into_iter().find(|step| length / step < LABELS);
    let step = fitting.unwrap_or_else(|| (length / LABELS / DAY + 1) * DAY);
    let first = start.timestamp().div_euclid(step) * step;
    let times = (0..=LABELS + 1).map(|at| first + at * step);
    times.filter_map(|at| DateTime::from_timestamp(at, 0)).filter(|at| (start..=end).contains(at)).collect()
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn labels_are_few_and_round() {
        let start = at("2026-03-14T13:37:00Z");
        for (length, first) in [
            (Duration::minutes(3), "2026-03-14T13:37:00Z"),
            (Duration::minutes(60), "2026-03-14T13:40:00Z"),
            (Duration::days(2), "2026-03-15T00:00:00Z"),
            (Duration::days(400), "2026-03-15T00:00:00Z"),
        ] {
            let ticks = ticks(start, start + length);
            assert!((2..=9).contains(&ticks.len()), "{length}: {ticks:?}");
            assert!(ticks[0] >= start && ticks[0] - start < Duration::days(60), "{length}");
            if length < Duration::days(400) {
                assert_eq!(ticks[0], at(first), "{length}");
            }
        }
    }

    #[test]
    fn values_are_rounded_up() {
        assert_eq!([0, 1, 3, 5, 39, 41, 1001].map(round_up), [1, 1, 4, 6, 40, 60, 2000]);
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }
}
