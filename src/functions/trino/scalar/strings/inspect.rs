//! Functions that say something about texts.

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;

use super::distance;

/// Functions that say something about texts.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("length", "Characters of a text, or bytes.")
            .on("(varchar) -> bigint", |call| call.map1(|text: &str| count(text.chars().count())))
            .on("(varbinary) -> bigint", |call| call.map1(|bytes: &[u8]| count(bytes.len()))),
        scalar("strpos", "Where a text is in another, from 1, or from the end; 0 if it is not.")
            .on("(varchar, varchar) -> bigint", |call| {
                call.map2(|text: &str, part: &str| position(text, part))
            })
            .on("(varchar, varchar, bigint) -> bigint", |call| call.map3(instance)),
        scalar("starts_with", "Whether a text begins with another.")
            .on("(varchar, varchar) -> boolean", |call| {
                call.map2(|text: &str, start: &str| text.starts_with(start))
            }),
        scalar("levenshtein_distance", "How many characters have to be changed to get another text.")
            .on("(varchar, varchar) -> bigint", |call| call.map2(distance::levenshtein)),
        scalar("hamming_distance", "How many characters differ from those of another text.")
            .on("(varchar, varchar) -> bigint", |call| call.map2(distance::hamming)),
    ]
}

/// A number of characters.
pub fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn position(text: &str, part: &str) -> i64 {
    text.find(part).map_or(0, |at| place(text, at))
}

/// The number, from 1, of the character at a byte.
fn place(text: &str, at: usize) -> i64 {
    text.get(..at).map_or(0, |before| count(before.chars().count()) + 1)
}

/// Where the n-th occurrence is; occurrences may overlap. A negative number counts from the end.
fn instance(text: &str, part: &str, instance: i64) -> Result<i64, SqlError> {
    let n = usize::try_from(instance.unsigned_abs()).unwrap_or(usize::MAX);
    let Some(n) = n.checked_sub(1) else {
        return Err(invalid("'instance' must be a positive or negative number."));
    };
    let starts = || text.char_indices().map(|(at, _)| at);
    let is_there = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(part));
    let at = match part.is_empty() {
        true => Some(0),
        false if instance > 0 => starts().filter(is_there).nth(n),
        false => starts().rev().filter(is_there).nth(n),
    };
    Ok(at.map_or(0, |at| place(text, at)))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn texts_are_measured() {
        check(&[
            ("length('äbc')", "3"),
            ("length(to_utf8('äbc'))", "4"),
            ("strpos('high', 'ig')", "2"),
            ("strpos('äöü', 'ü')", "3"),
            ("strpos('high', 'x')", "0"),
            ("strpos('', '')", "1"),
            ("strpos('abcabc', 'b', 2)", "5"),
            ("strpos('abcabc', 'b', -1)", "5"),
            ("strpos('aaa', 'aa', 2)", "2"),
            ("starts_with('trino', 'tri')", "true"),
            ("levenshtein_distance('apple', 'epplea')", "2"),
            ("hamming_distance('abc', 'axx')", "2"),
            ("length(NULL)", "NULL"),
        ]);
        check_errors(&[
            ("strpos('a', 'a', 0)", "'instance' must be a positive or negative number."),
            (
                "hamming_distance('a', 'ab')",
                "The input strings to hamming_distance function must have the same length",
            ),
        ]);
    }
}
