//! `| count() by f > n`: what conditions had before there were correlations.

use chrono::Duration;

use super::super::rule::{Bound, Correlation, CorrelationKind};
use super::search::Notes;

/// A count of the events that a condition finds.
#[derive(Debug, PartialEq)]
pub struct Aggregation {
    /// What the values of are counted; else it is events.
    field: Option<String>,
    group_by: Vec<String>,
    bound: Bound,
}

impl Aggregation {
    /// Reads what stands behind a condition's `|`.
    ///
    /// # Errors
    /// If it is more than a count.
    pub fn parse(text: &str) -> Result<Self, String> {
        read(text).ok_or_else(|| {
            format!(
                "has an aggregation that correlations replace: '{}'; only count is translated",
                text.trim()
            )
        })
    }

    /// The same as a correlation of the events that the rule `id` finds.
    pub fn correlation(self, id: String, timespan: Duration, notes: &mut Notes) -> Correlation {
        let group_by = self.group_by.iter().map(|field| notes.field(field).text()).collect();
        let bounds = vec![self.bound];
        let kind = match self.field {
            Some(field) => CorrelationKind::ValueCount(vec![notes.field(&field).text()], bounds),
            None => CorrelationKind::EventCount(bounds),
        };
        Correlation { kind, rules: vec![id], group_by: vec![group_by], timespan }
    }
}

fn read(text: &str) -> Option<Aggregation> {
    let (function, rest) = text.trim().split_once('(')?;
    let (field, rest) = rest.split_once(')')?;
    let at = rest.find(['<', '>', '=', '!'])?;
    let (by, comparison) = rest.split_at(at);
    let group_by: Vec<String> = match by.trim() {
        "" => vec![],
        by => {
            let fields = by.strip_prefix("by ").or_else(|| by.strip_prefix("BY "))?;
            fields.split(',').map(|field| field.trim().to_owned()).collect()
        }
    };
    let single = |name: &String| !name.is_empty() && !name.contains(char::is_whitespace);
    let field = Some(field.trim().to_owned()).filter(|field| !field.is_empty());
    let simple = function.trim().eq_ignore_ascii_case("count")
        && group_by.iter().all(single)
        && field.as_ref().is_none_or(single);
    let digits = comparison.find(|c: char| c.is_ascii_digit() || c.is_whitespace())?;
    let (operator, number) = comparison.split_at(digits);
    let bound = bound(operator, number.trim().parse().ok()?)?;
    simple.then_some(Aggregation { field, group_by, bound })
}

/// A comparison in signs, or in the words of correlations.
pub fn bound(operator: &str, number: u64) -> Option<Bound> {
    Some(match operator {
        ">" | "gt" => Bound::Above(number),
        ">=" | "gte" => Bound::AtLeast(number),
        "<" | "lt" => Bound::Below(number),
        "<=" | "lte" => Bound::AtMost(number),
        "=" | "==" | "eq" => Bound::Exactly(number),
        "!=" | "neq" => Bound::Other(number),
        _ => return None,
    })
}

/// A length of time such as `90m`; a month is thirty days, a year 365.
pub fn timespan(text: &str) -> Result<Duration, String> {
    let read = || {
        let unit = text.chars().last()?;
        let number: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            'M' => 30 * 86_400,
            'y' => 365 * 86_400,
            _ => return None,
        };
        Duration::try_seconds(number.checked_mul(seconds)?).filter(|span| *span > Duration::zero())
    };
    read().ok_or_else(|| format!("has a time span that cannot be read: '{text}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let simple = Aggregation::parse(" count() by userIdentity.arn > 20").unwrap();
        assert_eq!(simple.group_by, ["userIdentity.arn"]);
        assert_eq!((simple.field, simple.bound), (None, Bound::Above(20)));
        let values = Aggregation::parse("count(eventName) by sourceIPAddress, awsRegion>=3").unwrap();
        assert_eq!(values.field.as_deref(), Some("eventName"));
        assert_eq!(values.group_by, ["sourceIPAddress", "awsRegion"]);
        assert_eq!(values.bound, Bound::AtLeast(3));
        assert_eq!(Aggregation::parse("count() == 1").unwrap().bound, Bound::Exactly(1));
        for text in [
            "",
            "near a",
            "min(x) > 1",
            "count() by a",
            "count() by a b > 1",
            "count(a b) > 1",
            "count() > x",
        ] {
            assert!(Aggregation::parse(text).unwrap_err().contains(text), "{text}");
        }
    }

    #[test]
    fn time_spans() {
        for (text, seconds) in [("10s", 10), ("90m", 5_400), ("1h", 3_600), ("2d", 172_800), ("1w", 604_800)]
        {
            assert_eq!(timespan(text), Ok(Duration::seconds(seconds)));
        }
        for text in ["", "m", "5", "-5m", "0s", "5x", "9223372036854775807y", "5é"] {
            assert!(timespan(text).is_err(), "{text}");
        }
    }
}
