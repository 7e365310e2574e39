//! Which values a projected partition column has.
//!
//! Source: Athena user guide, "Supported types for partition projection".

use chrono::{DateTime, Days, Months, NaiveDateTime, TimeDelta, Utc};

use super::pattern::DatePattern;

/// The values of one projected column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Projection {
    /// `type = enum`: one of these.
    Enum(Vec<String>),
    /// `type = integer`: the first and the last, how far apart, and how many digits are written.
    Integer {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
        /// From one to the next.
        interval: i64,
        /// Zeros are put before shorter ones; none are if `None`.
        digits: Option<usize>,
    },
    /// `type = date`: days, hours and the like.
    Date {
        /// How they are written.
        pattern: DatePattern,
        /// The first.
        first: NaiveDateTime,
        /// The last.
        last: NaiveDateTime,
    },
    /// `type = injected`: whatever a query names.
    Injected,
}

impl Projection {
    /// Reads the properties of one column; `get` gives the value of `projection.<column>.<name>`.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>, now: DateTime<Utc>) -> Result<Self, String> {
        let need = |name: &str| get(name).ok_or_else(|| format!("has no {name}"));
        match need("type")?.to_ascii_lowercase().as_str() {
            "enum" => {
                let values = need("values")?.split(',').map(|value| value.trim().to_owned());
                Ok(Self::Enum(values.collect()))
            }
            "integer" => {
                let (first, last) = pair(need("range")?)?;
                let number = |text: &str| text.parse().map_err(|_| format!("has the range end {text}"));
                let interval = get("interval").map_or(Ok(1), |text| number(text.trim()))?;
                let digits = get("digits").and_then(|digits| digits.trim().parse().ok());
                Ok(Self::Integer { first: number(first)?, last: number(last)?, interval, digits })
            }
            "date" => {
                let format = need("format")?;
                let pattern = DatePattern::parse(format).ok_or_else(|| format!("has the format {format}"))?;
                let (first, last) = pair(need("range")?)?;
                let time = |text: &str| {
                    let found = relative(text, now.naive_utc()).or_else(|| pattern.read(text));
                    found.ok_or_else(|| format!("has the range end {text}"))
                };
                Ok(Self::Date { first: time(first)?, last: time(last)?, pattern })
            }
            "injected" => Ok(Self::Injected),
            other => Err(format!("has the type {other}")),
        }
    }

    /// Whether `text` is one of its values.
    pub fn has(&self, text: &str) -> bool {
        match self {
            Self::Enum(values) => values.iter().any(|value| value == text),
            Self::Integer { first, last, interval, digits } => {
                let width = digits.is_none_or(|digits| text.len() >= digits);
                let padded = text.len() > 1 && text.starts_with('0');
                let exact = digits.map_or(!padded, |digits| !padded || text.len() == digits);
                text.parse().is_ok_and(|number: i64| {
                    let on_step = number.checked_sub(*first).and_then(|from| from.checked_rem(*interval));
                    (*first..=*last).contains(&number) && on_step == Some(0) && width && exact
                })
            }
            Self::Date { pattern, first, last } => {
                pattern.read(text).is_some_and(|time| (*first..=*last).contains(&time))
            }
            Self::Injected => !text.is_empty(),
        }
    }

    /// How many folders a value can span, at most.
    pub fn folders(&self) -> usize {
        match self {
            Self::Enum(values) => {
                1 + values.iter().map(|value| value.matches('/').count()).max().unwrap_or_default()
            }
            Self::Date { pattern, .. } => pattern.folders(),
            Self::Integer { .. } | Self::Injected => 1,
        }
    }
}

fn pair(range: &str) -> Result<(&str, &str), String> {
    let ends = range.split_once(',').ok_or_else(|| format!("has the range {range}"))?;
    Ok((ends.0.trim(), ends.1.trim()))
}

/// `NOW`, or so much before or after it: `NOW-3YEARS`, `NOW+9HOURS`.
fn relative(text: &str, now: NaiveDateTime) -> Option<NaiveDateTime> {
    let text = text.to_ascii_uppercase();
    let rest: String = text.strip_prefix("NOW")?.chars().filter(|c| !c.is_whitespace()).collect();
    if rest.is_empty() {
        return Some(now);
    }
    let (before, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('+')?),
    };
    let unit = rest.find(|c: char| !c.is_ascii_digit())?;
    let (amount, unit) = rest.split_at(unit);
    let amount: u32 = amount.parse().ok()?;
    let moved = |delta: Option<TimeDelta>| {
        if before { now.checked_sub_signed(delta?) } else { now.checked_add_signed(delta?) }
    };
    let months = |months: Option<u32>| {
        let months = Months::new(months?);
        if before { now.checked_sub_months(months) } else { now.checked_add_months(months) }
    };
    match unit.trim_end_matches('S') {
        "YEAR" => months(amount.checked_mul(12)),
        "MONTH" => months(Some(amount)),
        "WEEK" => moved(TimeDelta::try_weeks(amount.into())),
        "DAY" if before => now.checked_sub_days(Days::new(amount.into())),
        "DAY" => now.checked_add_days(Days::new(amount.into())),
        "HOUR" => moved(TimeDelta::try_hours(amount.into())),
        "MINUTE" => moved(TimeDelta::try_minutes(amount.into())),
        "SECOND" => moved(TimeDelta::try_seconds(amount.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: &[(&str, &str)]) -> Result<Projection, String> {
        let get = |name: &str| properties.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        Projection::read(get, "2024-03-10T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn values_of_each_type() {
        let days = read(&[("type", "date"), ("format", "yyyy/MM/dd"), ("range", "2023/07/10,NOW")]).unwrap();
        let last_year =
            read(&[("type", "DATE"), ("format", "yyyy/MM/dd"), ("range", "NOW-1YEARS, NOW+2DAYS")]).unwrap();
        let regions = read(&[("type", "enum"), ("values", "us-east-1, eu-west-1")]).unwrap();
        let months = read(&[("type", "integer"), ("range", "1,12"), ("digits", "2")]).unwrap();
        let years = read(&[("type", "integer"), ("range", "2020,2030"), ("interval", "5")]).unwrap();
        let any = read(&[("type", "injected")]).unwrap();
        for (projection, has, has_not) in [
            (&days, &["2023/07/10", "2024/03/10"][..], &["2023/07/09", "2024/03/11", "2023-07-10", ""][..]),
            (&last_year, &["2023/03/11", "2024/03/12"], &["2023/03/10", "2024/03/13"]),
            (&regions, &["us-east-1", "eu-west-1"], &["us-east-2", ""]),
            (&months, &["01", "12"], &["1", "001", "13", "00"]),
            (&years, &["2020", "2025"], &["2021", "2031", "02025"]),
            (&any, &["x"], &[""]),
        ] {
            assert!(has.iter().all(|text| projection.has(text)), "{projection:?}");
            assert!(!has_not.iter().any(|text| projection.has(text)), "{projection:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (properties, says) in [
            (&[][..], "has no type"),
            (&[("type", "text")], "has the type text"),
            (&[("type", "enum")], "has no values"),
            (&[("type", "date"), ("format", "EEE"), ("range", "a,b")], "has the format EEE"),
            (&[("type", "date"), ("format", "yyyy"), ("range", "2020,LATER")], "has the range end LATER"),
            (&[("type", "integer"), ("range", "1")], "has the range 1"),
        ] {
            assert_eq!(read(properties).unwrap_err(), says);
        }
    }
}
