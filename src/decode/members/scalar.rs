//! What is looked at byte by byte: numbers, literals and escapes.

/// Whether `text` begins with a number, `true`, `false` or `null`, and a delimiter after it.
pub fn is_literal_or_number(text: &[u8]) -> bool {
    let rest = match text {
        [b't', b'r', b'u', b'e', rest @ ..]
        | [b'f', b'a', b'l', b's', b'e', rest @ ..]
        | [b'n', b'u', b'l', b'l', rest @ ..] => Some(rest),
        _ => after_number(text),
    };
    matches!(rest, Some([b',' | b']' | b'}', ..]))
}

/// What follows the number that `text` begins with.
fn after_number(text: &[u8]) -> Option<&[u8]> {
    let rest = match text.strip_prefix(b"-").unwrap_or(text) {
        [b'0', rest @ ..] => rest,
        rest => after_digits(rest)?,
    };
    let rest = match rest {
        [b'.', rest @ ..] => after_digits(rest)?,
        rest => rest,
    };
    match rest {
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => after_digits(rest),
        rest => Some(rest),
    }
}

/// What follows the digits, at least one, that `text` begins with.
fn after_digits(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { None } else { text.get(digits..) }
}

/// Whether `text` is what may stand after a backslash in a string.
pub fn is_escape(text: &[u8]) -> bool {
    match text {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => true,
        [b'u', digits @ ..] => digits.get(..4).is_some_and(|four| four.iter().all(u8::is_ascii_hexdigit)),
        _ => false,
    }
}
