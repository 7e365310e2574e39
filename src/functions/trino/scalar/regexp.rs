//! Regular expressions.
//!
//! Source: Trino documentation, "Regular expression functions", which uses Java's patterns.

use arrow::array::ArrayRef;
use datafusion::error::Result;
use fancy_regex::{Captures, Regex};

use super::scalar;
use crate::functions::trino::call::{Call, Memo, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::{Body, Function};
use crate::functions::trino::lambda::regexp_replace;

/// Functions of regular expressions.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("regexp_like", "Whether a pattern is found in a text.")
            .on("(varchar, varchar) -> boolean", like),
        scalar("regexp_extract", "What a pattern finds first, or a group of it; NULL if nothing.")
            .on("(varchar, varchar) -> varchar", |call| extract(call, false))
            .on("(varchar, varchar, bigint) -> varchar", |call| extract(call, true)),
        scalar("regexp_extract_all", "What a pattern finds, or a group of it, each time.")
            .on("(varchar, varchar) -> array(varchar)", |call| extract_all(call, false))
            .on("(varchar, varchar, bigint) -> array(varchar)", |call| extract_all(call, true)),
        scalar("regexp_replace", "The text with what a pattern finds removed, or replaced.")
            .on("(varchar, varchar) -> varchar", |call| replace(call, false))
            .on("(varchar, varchar, varchar) -> varchar", |call| replace(call, true))
            .with(
                "(varchar, varchar, function(array(varchar), varchar)) -> varchar",
                Body::Lambda(regexp_replace),
            ),
        scalar("regexp_split", "The parts of a text between what a pattern finds.")
            .on("(varchar, varchar) -> array(varchar)", split),
        scalar("regexp_count", "How many times a pattern is found.")
            .on("(varchar, varchar) -> bigint", count),
        scalar("regexp_position", "Where a pattern is found, from 1; -1 if it is not.")
            .on("(varchar, varchar) -> integer", |call| position(call, 2))
            .on("(varchar, varchar, bigint) -> integer", |call| position(call, 3))
            .on("(varchar, varchar, bigint, bigint) -> integer", |call| position(call, 4)),
    ]
}

/// A pattern that can be asked.
///
/// # Errors
/// If it is none.
pub fn compile(pattern: &str) -> Result<Regex, SqlError> {
    Regex::new(pattern).map_err(|error| invalid(format!("Invalid regular expression '{pattern}': {error}")))
}

/// A pattern that goes back too often.
pub fn failed(error: fancy_regex::Error) -> SqlError {
    invalid(format!("Regular expression matching failed: {error}"))
}

fn like(call: &Call) -> Result<ArrayRef> {
    let mut patterns = Memo::new(compile);
    call.map2(|text: &str, pattern: &str| patterns.get(pattern)?.is_match(text).map_err(failed))
}

/// A group's number, if the pattern has it.
fn group(pattern: &Regex, group: i64) -> Result<usize, SqlError> {
    let groups = pattern.captures_len().saturating_sub(1);
    if group < 0 {
        return Err(invalid("Group cannot be negative"));
    }
    let number = usize::try_from(group).ok().filter(|group| *group <= groups);
    number.ok_or_else(|| invalid(format!("Pattern has {groups} groups. Cannot access group {group}")))
}

fn extract(call: &Call, with_group: bool) -> Result<ArrayRef> {
    let mut patterns = Memo::new(compile);
    let mut first = |text: &str, pattern: &str, number: i64| -> Result<Option<String>, SqlError> {
        let pattern = patterns.get(pattern)?;
        let number = group(pattern, number)?;
        if number == 0 {
            return Ok(pattern.find(text).map_err(failed)?.map(|found| found.as_str().to_owned()));
        }
        let found = pattern.captures(text).map_err(failed)?;
        Ok(found.and_then(|found| found.get(number).map(|group| group.as_str().to_owned())))
    };
    if with_group { call.map3(first) } else { call.map2(|text: &str, pattern: &str| first(text, pattern, 0)) }
}

fn extract_all(call: &Call, with_group: bool) -> Result<ArrayRef> {
    let mut patterns = Memo::new(compile);
    let mut all = |text: &str, pattern: &str, number: i64| -> Result<Vec<Option<String>>, SqlError> {
        let pattern = patterns.get(pattern)?;
        let number = group(pattern, number)?;
        let found = pattern.captures_iter(text).map(|found| {
            let found = found.map_err(failed)?;
            Ok(found.get(number).map(|group| group.as_str().to_owned()))
        });
        found.collect()
    };
    if with_group { call.map3(all) } else { call.map2(|text: &str, pattern: &str| all(text, pattern, 0)) }
}

fn replace(call: &Call, with_replacement: bool) -> Result<ArrayRef> {
    let mut patterns = Memo::new(compile);
    let mut replaced = |text: &str, pattern: &str, replacement: &str| -> Result<String, SqlError> {
        let pattern = patterns.get(pattern)?;
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for found in pattern.captures_iter(text) {
            let found = found.map_err(failed)?;
            let Some(whole) = found.get(0) else { continue };
            out.push_str(text.get(end..whole.start()).unwrap_or_default());
            expand(&mut out, &found, pattern, replacement)?;
            end = whole.end();
        }
        out.push_str(text.get(end..).unwrap_or_default());
        Ok(out)
    };
    if with_replacement {
        call.map3(replaced)
    } else {
        call.map2(|text: &str, pattern: &str| replaced(text, pattern, ""))
    }
}

/// Writes a replacement: `$1` and `${name}` stand for groups, a backslash takes any meaning away.
fn expand(
    out: &mut String,
    found: &Captures<str>,
    pattern: &Regex,
    replacement: &str,
) -> Result<(), SqlError> {
    let mut rest = replacement.chars();
    while let Some(char) = rest.next() {
        match char {
            '\\' => out.push(rest.next().ok_or_else(|| invalid("Illegal replacement sequence: \\"))?),
            '$' => {
                let (name, after) = reference(rest.as_str(), pattern)
                    .ok_or_else(|| invalid(format!("Illegal replacement sequence: {replacement}")))?;
                let group = match name {
                    Reference::Number(number) => found.get(number),
                    Reference::Name(name) => found.name(name),
                };
                out.push_str(group.map_or("", |group| group.as_str()));
                rest = after.chars();
            }
            other => out.push(other),
        }
    }
    Ok(())
}

enum Reference<'a> {
    Number(usize),
    Name(&'a str),
}

/// The group after a `$`, and what follows it: as many digits as the pattern has groups for.
fn reference<'a>(text: &'a str, pattern: &Regex) -> Option<(Reference<'a>, &'a str)> {
    if let Some(named) = text.strip_prefix('{') {
        let (name, after) = named.split_once('}')?;
        let known = pattern.capture_names().flatten().any(|known| known == name);
        return known.then_some((Reference::Name(name), after));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let known = (1..=digits).rev().filter_map(|length| {
        let (number, after) = text.split_at(length);
        let number: usize = number.parse().ok()?;
        (number < pattern.captures_len()).then_some((Reference::Number(number), after))
    });
    known.take(1).next()
}

fn split(call: &Call) -> Result<ArrayRef> {
    let mut patterns = Memo::new(compile);
    call.map2(|text: &str, pattern: &str| -> Result<Vec<Option<String>>, SqlError> {
        let pattern = patterns.get(pattern)?;
        let mut parts = vec![];
        let mut end = 0;
        for found in pattern.find_iter(text) {
            let found = found.map_err(failed)?;
            parts.push(text.get(end..found.start()).map(ToOwned::to_owned));
            end = found.end();
        }
        parts.push(text.get(end..).map(ToOwned::to_owned));
        Ok(parts)
    })
}

fn count(call: &Call) -> Result<ArrayRef> {
    let mut patterns = Memo::new(compile);
    call.map2(|text: &str, pattern: &str| -> Result<i64, SqlError> {
        let mut found = patterns.get(pattern)?.find_iter(text);
        found.try_fold(0, |count, found| found.map(|_| count + 1)).map_err(failed)
    })
}

fn position(call: &Call, arguments: usize) -> Result<ArrayRef> {
    let mut patterns = Memo::new(compile);
    let mut place = |text: &str, pattern: &str, start: i64, occurrence: i64| -> Result<i32, SqlError> {
        let (Some(skipped), Some(before)) = (number_from_1(start), number_from_1(occurrence)) else {
            return Err(invalid("start position and occurrence cannot be smaller than 1"));
        };
        let pattern = patterns.get(pattern)?;
        let Some((from, _)) = text.char_indices().nth(skipped) else { return Ok(-1) };
        let mut seen = 0;
        for found in pattern.find_iter(text) {
            let found = found.map_err(failed)?;
            if found.start() >= from {
                if seen == before {
                    let chars = text.get(..found.start()).map_or(0, |text| text.chars().count());
                    return Ok(i32::try_from(chars + 1).unwrap_or(i32::MAX));
                }
                seen += 1;
            }
        }
        Ok(-1)
    };
    match arguments {
        2 => call.map2(|text: &str, pattern: &str| place(text, pattern, 1, 1)),
        3 => call.map3(|text: &str, pattern: &str, start: i64| place(text, pattern, start, 1)),
        _ => call.map4(place),
    }
}

fn number_from_1(number: i64) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "Regular expression functions".
    #[test]
    fn patterns() {
        check(&[
            (r"regexp_like('1a 2b 14m', '\d+b')", "true"),
            (r"regexp_like('abc', '(?i)B')", "true"),
            (r"regexp_like('abc', 'a(?!c)')", "true"),
            (r"regexp_extract('1a 2b 14m', '\d+')", "1"),
            (r"regexp_extract('1a 2b 14m', '(\d+)([a-z]+)', 2)", "a"),
            (r"regexp_extract('abc', '\d')", "NULL"),
            (r"regexp_extract('abc', 'a(x)?', 1)", "NULL"),
            (r"regexp_extract_all('1a 2b 14m', '\d+')", "[1, 2, 14]"),
            (r"regexp_extract_all('1a 2b 14m', '(\d+)([a-z]+)', 2)", "[a, b, m]"),
            (r"regexp_replace('1a 2b 14m', '\d+[ab] ')", "14m"),
            (r"regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 ')", "3ca 3cb 14m"),
            (r"regexp_replace('ab', '(?<first>.)(.)', '${first}$2\$1')", "ab$1"),
            (r"regexp_split('1a 2b 14m', '\s*[a-z]+\s*')", "[1, 2, 14, ]"),
            (r"regexp_count('1a 2b 14m', '\s*[a-z]+\s*')", "3"),
            (r"regexp_position('I have 23 apples, 5 pears and 13 oranges', '\b\d+\b')", "8"),
            (r"regexp_position('I have 23 apples, 5 pears and 13 oranges', '\b\d+\b', 12)", "19"),
            (r"regexp_position('I have 23 apples, 5 pears and 13 oranges', '\b\d+\b', 12, 2)", "31"),
            (r"regexp_position('abc', 'x')", "-1"),
        ]);
        check_errors(&[
            ("regexp_like('a', '(')", "Invalid regular expression '('"),
            ("regexp_extract('a', 'a', 1)", "Pattern has 0 groups. Cannot access group 1"),
            ("regexp_replace('a', 'a', '$1')", "Illegal replacement sequence: $1"),
        ]);
    }
}
