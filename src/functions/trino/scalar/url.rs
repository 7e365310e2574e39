//! URLs.
//!
//! Source: Trino documentation, "URL functions"; RFC 3986, appendix B, for the parts.

use super::scalar;
use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;

/// Functions of URLs; the parts of what is no URL are NULL.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("url_extract_protocol", "The protocol of a URL.").on("(varchar) -> varchar", |call| {
            call.map1(|url: &str| Some(Url::parse(url)?.protocol.to_owned()))
        }),
        scalar("url_extract_host", "The host of a URL.").on("(varchar) -> varchar", |call| {
            call.map1(|url: &str| Some(Url::parse(url)?.host?.to_owned()))
        }),
        scalar("url_extract_port", "The port of a URL.")
            .on("(varchar) -> bigint", |call| call.map1(|url: &str| Url::parse(url)?.port)),
        scalar("url_extract_path", "The path of a URL.")
            .on("(varchar) -> varchar", |call| call.map1(|url: &str| decoded(Url::parse(url)?.path, false))),
        scalar("url_extract_query", "The query of a URL.").on("(varchar) -> varchar", |call| {
            call.map1(|url: &str| decoded(Url::parse(url)?.query?, false))
        }),
        scalar("url_extract_fragment", "The fragment of a URL.").on("(varchar) -> varchar", |call| {
            call.map1(|url: &str| decoded(Url::parse(url)?.fragment?, false))
        }),
        scalar("url_extract_parameter", "The first value of a parameter of a URL's query.")
            .on("(varchar, varchar) -> varchar", |call| call.map2(parameter)),
        scalar("url_encode", "The text with all but letters, digits and -_.* escaped, as forms have it.")
            .on("(varchar) -> varchar", |call| call.map1(encode)),
        scalar("url_decode", "The text without the escapes of forms.")
            .on("(varchar) -> varchar", |call| call.map1(decode)),
    ]
}

/// The parts of a URL.
struct Url<'a> {
    protocol: &'a str,
    host: Option<&'a str>,
    port: Option<i64>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Url<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let forbidden = |c: char| c.is_ascii_control() || c == ' ' || "\"<>\\^`{|}".contains(c);
        if text.contains(forbidden) || !escapes_are_whole(text) {
            return None;
        }
        let (rest, fragment) = cut(text, '#');
        let (rest, query) = cut(rest, '?');
        let (protocol, rest) = match rest.split_once(':') {
            Some((protocol, rest)) if is_protocol(protocol) => (protocol, rest),
            Some(_) => return None,
            None => ("", rest),
        };
        let Some(rest) = rest.strip_prefix("//") else {
            return Some(Self { protocol, host: None, port: None, path: rest, query, fragment });
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
            _ => (host, None),
        };
        let host = (!host.is_empty()).then_some(host);
        Some(Self { protocol, host, port, path, query, fragment })
    }
}

/// What stands before and after a separator.
fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_protocol(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn escapes_are_whole(text: &str) -> bool {
    let digits = |after: &str| after.get(..2).is_some_and(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
    text.split('%').skip(1).all(digits)
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let query = Url::parse(url)?.query?;
    let mut parameters =
        query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    parameters
        .find(|(given, _)| decoded(given, true).as_deref() == Some(name))
        .and_then(|(_, value)| decoded(value, true))
}

/// The text without escapes; `None` if one is not whole.
fn decoded(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'*' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn decode(text: &str) -> Result<String, SqlError> {
    decoded(text, true)
        .ok_or_else(|| invalid(format!("Illegal hex characters in escape (%) pattern: {text}")))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn parts_of_urls() {
        check(&[
            ("url_extract_protocol('http://user@example.com:8080/a%20b?k=v%26w&x#frag')", "http"),
            ("url_extract_host('http://user@example.com:8080/a%20b?k=v#frag')", "example.com"),
            ("url_extract_port('http://example.com:8080/')", "8080"),
            ("url_extract_port('http://example.com/')", "NULL"),
            ("url_extract_path('http://example.com/a%20b?k=v')", "/a b"),
            ("url_extract_query('http://example.com/?k=v%26w&x')", "k=v&w&x"),
            ("url_extract_fragment('http://example.com/#frag')", "frag"),
            ("url_extract_parameter('http://example.com/?k=v%26w+1&x', 'k')", "v&w 1"),
            ("url_extract_parameter('http://example.com/?k=v&x', 'x')", ""),
            ("url_extract_parameter('http://example.com/?k=v&x', 'y')", "NULL"),
            ("url_extract_host('not a url')", "NULL"),
            ("url_extract_host('arn:aws:iam::1:role/x')", "NULL"),
            ("url_encode('a b/ü*')", "a+b%2F%C3%BC*"),
            ("url_decode('a+b%2F%C3%BC*')", "a b/ü*"),
        ]);
        check_errors(&[("url_decode('%x')", "Illegal hex characters in escape")]);
    }
}
