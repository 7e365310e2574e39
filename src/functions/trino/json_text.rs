//! JSON texts as Trino writes them: without spaces, strings escaped only where they must be,
//! fractions as Java writes a `double`.

use std::borrow::Cow;
use std::fmt::Write;

use serde::de::IgnoredAny;

use super::text::java_double;
use crate::decode::json::{for_each_element, for_each_member, text_of};

/// Objects and arrays inside each other, at most: as many as Jackson reads.
pub const MOST_NESTED: usize = 1000;

/// The text of a value of type `json`: keys in order. `None` if the text is not JSON.
pub fn canonical(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut out = String::with_capacity(text.len());
    write_sorted(&mut out, text.trim_matches([' ', '\t', '\r', '\n']), 0)?;
    Some(out)
}

fn write_sorted(out: &mut String, raw: &str, depth: usize) -> Option<()> {
    if depth > MOST_NESTED {
        return None;
    }
    match raw.as_bytes().first()? {
        b'{' => {
            let mut members = vec![];
            for_each_member(raw, |key, value| members.push((key.to_owned(), value))).ok()?;
            // Of members of one name, the last one counts.
            members.reverse();
            members.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
            members.dedup_by(|(left, _), (right, _)| left == right);
            out.push('{');
            for (i, (key, value)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, key);
                out.push(':');
                write_sorted(out, value, depth + 1)?;
            }
            out.push('}');
        }
        b'[' => {
            let mut elements = vec![];
            for_each_element(raw, |element| elements.push(element));
            out.push('[');
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_sorted(out, element, depth + 1)?;
            }
            out.push(']');
        }
        _ => write_scalar(out, raw),
    }
    Some(())
}

fn write_scalar(out: &mut String, raw: &str) {
    match raw.as_bytes().first() {
        Some(b'"') => write_string(out, &text_of(raw)),
        Some(b'-' | b'0'..=b'9') => out.push_str(&number(raw)),
        _ => out.push_str(raw),
    }
}

/// An integer as it is, a fraction as Java writes a `double`.
fn number(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['.', 'e', 'E']) {
        return Cow::Borrowed(raw);
    }
    match raw.parse::<f64>() {
        Ok(value) if value.is_finite() => Cow::Owned(java_double(value)),
        _ => Cow::Borrowed(raw),
    }
}

/// A valid text without its spaces; keys stay in their order.
pub fn compact(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(first) = rest.as_bytes().first() {
        let length = match first {
            b'"' => string_length(rest),
            b'-' | b'0'..=b'9' => rest
                .find(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '.' | 'e' | 'E'))
                .unwrap_or(rest.len()),
            _ => {
                rest.find(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']).unwrap_or(rest.len())
            }
        };
        let (token, after) = rest.split_at(length);
        if matches!(first, b'"' | b'-' | b'0'..=b'9') {
            write_scalar(&mut out, token);
        } else {
            out.extend(token.chars().filter(|c| !c.is_ascii_whitespace()));
        }
        rest = after;
    }
    out
}

/// The length of the string, quotes included, that a text begins with.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Writes a JSON string.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mut after = after.chars();
        if let Some(special) = after.next() {
            write_escape(out, special);
        }
        rest = after.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn write_escape(out: &mut String, special: char) {
    match special {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        // Writing to a string does not fail.
        other => drop(write!(out, "\\u{:04X}", u32::from(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_canonical() {
        for (given, expected) in [
            (r#" { "b" : 1.50 , "a" : [ 1, true , null ] } "#, r#"{"a":[1,true,null],"b":1.5}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#""a\/b\u0041\u000b""#, "\"a/bA\\u000B\""),
            ("1e7", "1.0E7"),
            ("12345678901234567890123", "12345678901234567890123"),
            (r#"{"é":" "}"#, r#"{"é":" "}"#),
        ] {
            assert_eq!(canonical(given).unwrap(), expected);
        }
        for wrong in ["", "{", "nul", "{\"a\":1,}", "1 2", "'a'"] {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(canonical(&deep), None, "no stack is deep enough for everything");
    }

    #[test]
    fn compact_texts_keep_their_order() {
        assert_eq!(
            compact(r#"{ "b": [1, 2.50, -3e2], "a" : "x \" y" , "t": true }"#),
            r#"{"b":[1,2.5,-300.0],"a":"x \" y","t":true}"#
        );
    }
}
