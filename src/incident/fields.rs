//! Reads members of an alert's JSON, in whatever way AWS spells their names.
//!
//! One thing is `principalId` in an event, `PrincipalId` in the answer of an API and
//! `principal_id` in OCSF. A member of the wrong type is read as absent.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// The value at a path of member names such as `service.action.api`; `None` if absent or null.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path.split('.').try_fold(value, |value, name| {
        let members = value.as_object()?;
        let spelled_otherwise =
            || members.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value);
        members.get(name).or_else(spelled_otherwise)
    });
    found.filter(|value| !value.is_null())
}

/// The text at a path; `None` if there is none or it is empty.
pub fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// The first text that stands at one of these paths.
pub fn first_text<'a>(value: &'a Value, paths: &[&str]) -> Option<&'a str> {
    paths.iter().find_map(|path| text(value, path))
}

/// The items of the array at a path; none if there is no array.
pub fn items<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// True if an object stands at the path.
pub fn has_object(value: &Value, path: &str) -> bool {
    at(value, path).is_some_and(Value::is_object)
}

/// A time: RFC 3339 with or without a colon in the offset, or seconds or milliseconds since 1970.
pub fn time(value: &Value) -> Option<DateTime<Utc>> {
    /// As milliseconds, numbers below this would lie before 1973: they are seconds.
    const SMALLEST_MILLIS: f64 = 1e11;
    match value {
        Value::String(text) => DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .ok()
            .map(|time| time.to_utc()),
        Value::Number(number) => {
            let number = number.as_f64().filter(|number| *number > 0.0)?;
            let millis = if number < SMALLEST_MILLIS { number * 1e3 } else { number };
            DateTime::from_timestamp_millis(millis.round() as i64)
        }
        _ => None,
    }
}

/// True if two names differ in case, `_` and `-` alone.
fn same_name(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|b| !matches!(b, b'_' | b'-')).map(|b| b.to_ascii_lowercase())
    }
    letters(one).eq(letters(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_found_in_every_spelling() {
        for spelling in ["principalId", "PrincipalId", "principal_id", "principal-id", "PRINCIPALID"] {
            let json = json!({"Resource": {spelling: "x", "other": 1, "empty": "", "nothing": null}});
            assert_eq!(text(&json, "resource.principalId"), Some("x"), "{spelling}");
            for path in ["resource.principal", "resource.other", "resource.empty", "resource.principalId.x"] {
                assert_eq!(text(&json, path), None, "{path}");
            }
            assert_eq!(at(&json, "resource.nothing"), None);
        }
    }

    #[test]
    fn times_in_every_form() {
        let expected = "2026-03-14T14:07:00Z".parse::<DateTime<Utc>>().unwrap();
        for form in [
            json!("2026-03-14T14:07:00Z"),
            json!("2026-03-14T14:07:00.000000000Z"),
            json!("2026-03-14T15:07:00+01:00"),
            json!("2026-03-14T15:07:00.000+0100"),
            json!(1_773_497_220),
            json!(1_773_497_220_000_i64),
            json!(1_773_497_220.0),
        ] {
            assert_eq!(time(&form), Some(expected), "{form}");
        }
        for none in [json!("14 March"), json!("2026-03-14"), json!(0), json!(-1), json!(1e300), json!([])] {
            assert_eq!(time(&none), None, "{none}");
        }
    }
}
