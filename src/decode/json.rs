//! Walks raw JSON without building values.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{self, Visitor};

use super::members::MemberIndex;

/// Calls `each` with every key and raw value of the object `raw`, in order.
///
/// # Errors
/// If `raw` is not a valid JSON object; what was walked until then has been handed out.
pub fn for_each_member<'a>(raw: &'a str, mut each: impl FnMut(&str, &'a str)) -> Result<(), sonic_rs::Error> {
    if let Some(members) = MemberIndex::default().members_of(raw) {
        members.for_each(|(key, value)| each(key, value));
        return Ok(());
    }
    walk_members(raw, each)
}

/// The same, whichever way the object is written: what the index of members is held against.
pub(super) fn walk_members<'a>(
    raw: &'a str,
    mut each: impl FnMut(&str, &'a str),
) -> Result<(), sonic_rs::Error> {
    for member in sonic_rs::to_object_iter(raw) {
        let (key, value) = member?;
        each(&key, raw_text(&value));
    }
    Ok(())
}

/// Calls `each` with every raw element of the array `raw`, which is known to be valid.
pub fn for_each_element<'a>(raw: &'a str, mut each: impl FnMut(&'a str)) {
    for element in sonic_rs::to_array_iter(raw).map_while(Result::ok) {
        each(raw_text(&element));
    }
}

/// The raw text of a value of borrowed JSON, which borrows from it too.
pub fn raw_text<'a>(value: &sonic_rs::LazyValue<'a>) -> &'a str {
    match value.as_raw_cow() {
        Cow::Borrowed(text) => text,
        Cow::Owned(_) => unreachable!("values of borrowed JSON are borrowed"),
    }
}

/// A string without its quotes and escapes; any other value as its JSON text.
///
/// Lone surrogates (CloudTrail cuts long texts at a byte count) become U+FFFD.
pub fn text_of(raw: &str) -> Cow<'_, str> {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(raw);
    };
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    match sonic_rs::from_str::<String>(raw) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Owned(lossy_text(raw).unwrap_or_else(|| inner.to_owned())),
    }
}

/// Decodes a JSON string that has lone surrogates.
fn lossy_text(raw: &str) -> Option<String> {
    struct Lossy(String);
    struct BytesVisitor;
    impl Visitor<'_> for BytesVisitor {
        type Value = Lossy;
        fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            f.write_str("a string")
        }
        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Lossy, E> {
            Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
        }
    }
    impl<'de> Deserialize<'de> for Lossy {
        fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_bytes(BytesVisitor)
        }
    }
    serde_json::from_str::<Lossy>(raw).ok().map(|Lossy(text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_lose_their_quotes_and_escapes() {
        for (raw, text) in [
            (r#""plain""#, "plain"),
            (r#""a\/b\"c\u00e9""#, "a/b\"cé"),
            (r#""\ud83d\ude00""#, "😀"),
            ("true", "true"),
            ("1.0E400", "1.0E400"),
            (r#"{"a":1}"#, r#"{"a":1}"#),
        ] {
            assert_eq!(text_of(raw), text);
        }
        assert!(text_of(r#""cut \ud83d""#).starts_with("cut \u{fffd}"));
    }

    #[test]
    fn members_keep_their_exact_text() {
        let mut seen = vec![];
        for_each_member(r#"{"a" : [1, 2 ] , "b\u0063":"x", "a":{}}"#, |key, raw| {
            seen.push(format!("{key}={raw}"));
        })
        .unwrap();
        assert_eq!(seen, ["a=[1, 2 ]", "bc=\"x\"", "a={}"]);
        for broken in ["{", r#"{"a":tru}"#, r#"{"a" 1}"#, "[]", r#"{"a":1,}"#] {
            assert!(for_each_member(broken, |_, _| ()).is_err(), "{broken}");
        }
    }
}
