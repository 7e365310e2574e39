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

/// Text for HTML and SVG, between tags or in a quoted attribute: [`visible`], and no markup.
pub fn html(text: &str) -> String {
    let text = visible(text);
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Text for a Markdown document (CommonMark with GitHub's extensions), wherever in a line or a
/// table's cell it stands: [`visible`], and nothing in it is markup, HTML, a link or a mention.
/// What could be is written as a character reference, which "cannot be used in place of symbols
/// indicating structure" (CommonMark, section 2.5).
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    let is_numbered = begins_numbered(text.trim_start());
    let mut safe = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // Inside a word an underscore is no emphasis; at a line's start, signs and numbers begin lists.
        let within =
            before.is_some_and(char::is_alphanumeric) && rest.peek().is_some_and(|c| c.is_alphanumeric());
        let starts_block = before.is_none() && (matches!(c, '-' | '+' | '=') || is_numbered);
        let follows_www = || safe.get(safe.len().saturating_sub(3)..).is_some_and(is_www);
        let starts_link = (c == ':' && rest.peek() == Some(&'/')) || (c == '.' && follows_www());
        let is_markup =
            matches!(c, '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '#' | '@' | '!')
                || (c == '_' && !within);
        if is_markup || starts_block || starts_link {
            let _ = write!(safe, "&#{};", u32::from(c));
        } else {
            safe.push(c);
        }
        before = Some(c).filter(|c| !c.is_whitespace() || before.is_some());
    }
    safe
}

/// Whether a text begins as an item of a numbered list does: `1. `, `2) `; not `12.6 kB`.
fn begins_numbered(text: &str) -> bool {
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let item = after.strip_prefix(['.', ')']).filter(|_| after.len() < text.len());
    item.is_some_and(|item| item.chars().next().is_none_or(char::is_whitespace))
}

/// What begins a link even without a scheme.
fn is_www(text: &str) -> bool {
    text.eq_ignore_ascii_case("www")
}

/// A name as a Markdown code span in a table, which would be cut at a bar whatever surrounds it:
/// a bar becomes a visible escape. Elsewhere, [`markdown_code`] leaves bars as they are.
pub fn markdown_cell(text: &str) -> String {
    markdown_code(&text.replace('|', "\\u{7c}"))
}

/// A name as a Markdown code span, in which nothing is markup.
pub fn markdown_code(text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let pad =
        if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines as a Markdown code block. They are taken as they are: make them [`visible`] before.
pub fn markdown_block(lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines, '`').max(2) + 1);
    format!("{fence}text\n{}\n{fence}", lines.trim_end())
}

/// At most `longest` characters of a text, with an ellipsis if there were more.
pub fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
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
    fn html_has_no_markup() {
        assert_eq!(
            html("<b title='x' id=\"y\">&\0"),
            "&lt;b title=&#39;x&#39; id=&quot;y&quot;&gt;&amp;\\u{0}"
        );
    }

    #[test]
    fn markdown_has_no_markup() {
        assert_eq!(markdown("by_role of _x_"), "by_role of &#95;x&#95;");
        assert_eq!(markdown("1. -"), "&#49;. -");
        assert_eq!(markdown("2)"), "&#50;)");
        assert_eq!(markdown("12.6 kB now."), "12.6 kB now.");
        assert_eq!(markdown("See below. WWW.e.example"), "See below. WWW&#46;e.example");
        assert_eq!(markdown(" 14:03 - "), " 14:03 - ");
        assert_eq!(markdown("  - x"), "  &#45; x");
        let hostile = "![x](https://e.example/) <img src=x> | `a` **b** @all #1 www.e.example ~~c~~ $d$ \\";
        let safe = markdown(hostile);
        assert!(!safe.contains(['[', ']', '<', '>', '|', '`', '*', '@', '~', '$', '\\']), "{safe}");
        assert!(!safe.contains("://") && !safe.contains("www."), "{safe}");
    }

    #[test]
    fn code_spans_end_where_they_should() {
        assert_eq!(markdown_code("a|b"), "`a|b`");
        assert_eq!(markdown_cell("a|b"), "`a\\u{7c}b`");
        assert_eq!(markdown_code("`` x"), "``` `` x ```");
        assert_eq!(markdown_code(""), "`  `");
        assert_eq!(markdown_block("```\n<x>\n"), "````text\n```\n<x>\n````");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("äöü", 2), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
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
