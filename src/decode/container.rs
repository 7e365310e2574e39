//! What an object outside a `Records` list is: a record, a wrapper of one, or neither.

use std::borrow::Cow;

use super::json::{for_each_member, text_of};
use super::tally::Malformed;

/// Keys of a record, any of which makes an object one unless it wraps another.
const RECORD_KEYS: [&str; 5] = ["eventName", "eventSource", "eventTime", "eventVersion", "userIdentity"];

/// A top-level object, seen for what it is.
#[derive(Debug, PartialEq, Eq)]
pub enum Document<'a> {
    /// A record, as it is or unwrapped.
    Record(Cow<'a, str>),
    /// A digest file: hashes of delivered objects.
    Digest,
}

/// Says what the top-level object `raw` is.
///
/// # Errors
/// [`Malformed`] if it is not valid JSON, or nothing that trailq knows.
pub fn classify(raw: &str) -> Result<Document<'_>, Malformed> {
    let (mut detail, mut event_text, mut digest, mut record) = (None, None, false, false);
    let mut has_identity = false;
    for_each_member(raw, |key, value| match key {
        "userIdentity" | "eventVersion" => has_identity = true,
        "detail" if value.starts_with('{') => detail = Some(value),
        "CloudTrailEvent" => event_text = Some(value),
        "digestStartTime" => digest = true,
        _ if RECORD_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) => record = true,
        _ => {}
    })
    .map_err(|_| Malformed::InvalidJson)?;
    if has_identity {
        return Ok(Document::Record(Cow::Borrowed(raw)));
    }
    match (detail, event_text) {
        (None, None) if record => Ok(Document::Record(Cow::Borrowed(raw))),
        (Some(detail), _) => Ok(Document::Record(Cow::Borrowed(detail))),
        (None, Some(text)) => Ok(Document::Record(text_of(text))),
        (None, None) if digest => Ok(Document::Digest),
        (None, None) => Err(Malformed::NotARecord),
    }
}

/// The record that an element of LookupEvents' output carries as text.
///
/// # Errors
/// [`Malformed`] if it carries none.
pub fn unwrap_lookup_event(raw: &str) -> Result<Cow<'_, str>, Malformed> {
    match classify(raw)? {
        Document::Record(record) => Ok(record),
        Document::Digest => Err(Malformed::NotARecord),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_taken_off() {
        let record = |raw| match classify(raw) {
            Ok(Document::Record(record)) => record.into_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            record(r#"{"eventVersion":"1.08","detail":{}}"#),
            r#"{"eventVersion":"1.08","detail":{}}"#
        );
        assert_eq!(record(r#"{"detail-type":"x","detail":{"eventName":"A"}}"#), r#"{"eventName":"A"}"#);
        assert_eq!(record(r#"{"EventId":"x","CloudTrailEvent":"{\"a\":\"\\u0041\"}"}"#), r#"{"a":"\u0041"}"#);
        assert_eq!(classify(r#"{"awsAccountId":"1","digestStartTime":"x"}"#), Ok(Document::Digest));
        assert_eq!(classify(r#"{"hello":"world"}"#), Err(Malformed::NotARecord));
        assert_eq!(classify(r#"{"hello":}"#), Err(Malformed::InvalidJson));
        assert_eq!(unwrap_lookup_event(r#"{"EventId":"x"}"#), Err(Malformed::NotARecord));
    }
}
