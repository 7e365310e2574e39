//! Makes logged text harmless where a person looks at it.

use std::borrow::Cow;
use std::fmt::Write;

/// Text for a terminal: control characters (escape sequences among them) and characters that
/// turn, hide or join others become visible escapes; nothing else changes.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if is_unsafe(c) => write!(shown, "\\u{{{:x}}}", u32::from(c)).expect("strings grow"),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// JSON in which such characters stand as `\uXXXX`, so that it may be shown on a terminal and
/// still means the same. `json` is whole JSON text.
pub fn visible_json(json: String) -> String {
    // Line ends separate rows; JSON has no other raw control characters below U+0020.
    let is_unsafe = |c: char| c != '\n' && is_unsafe(c);
    let plain = json.is_ascii() && !json.bytes().any(|byte| byte == 0x7f);
    if plain || !json.chars().any(is_unsafe) {
        return json;
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(shown, "\\u{unit:04x}").expect("strings grow");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A spreadsheet cell: what a spreadsheet would run as a formula gets an apostrophe before it.
pub fn inert_cell(text: &str) -> Cow<'_, str> {
    let first = text.trim_start().chars().next();
    if matches!(first, Some('=' | '+' | '-' | '@')) || text.starts_with(['\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_no_control() {
        assert_eq!(visible("plain – é 😀"), "plain – é 😀");
        assert_eq!(visible("a\x1b[31mb\u{9b}0m"), "a\\u{1b}[31mb\\u{9b}0m");
        assert_eq!(visible("x\u{202e}gpj.exe\n\0"), "x\\u{202e}gpj.exe\\n\\u{0}");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let json = serde_json::to_string("a\u{9b}31m\u{202e}b\u{7f}\u{e0041}").unwrap();
        let shown = visible_json(json.clone());
        assert!(!shown.chars().any(is_unsafe), "{shown}");
        assert_eq!(
            serde_json::from_str::<String>(&shown).unwrap(),
            serde_json::from_str::<String>(&json).unwrap()
        );
    }

    #[test]
    fn formulas_are_inert() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1"] {
            assert!(inert_cell(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(inert_cell("a=1"), "a=1");
        assert_eq!(inert_cell(""), "");
    }
}
