//! Functions that change texts.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray};
use datafusion::error::Result;

use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;

/// Characters of a padded text, at most: what a query makes has to fit into memory.
const MOST_PADDED: usize = 1 << 24;

/// Functions that change texts.
pub fn functions() -> Vec<Function> {
    [cases(), trims(), pads(), joins(), others()].into_iter().flatten().collect()
}

fn cases() -> Vec<Function> {
    vec![
        scalar("lower", "The text in lower case.").on("(varchar) -> varchar", |call| {
            call.map1(|text: &str| match text.is_ascii() {
                true => text.to_ascii_lowercase(),
                false => each_char(text, |c| single(c.to_lowercase(), c)),
            })
        }),
        scalar("upper", "The text in upper case.").on("(varchar) -> varchar", |call| {
            call.map1(|text: &str| match text.is_ascii() {
                true => text.to_ascii_uppercase(),
                false => each_char(text, |c| single(c.to_uppercase(), c)),
            })
        }),
    ]
}

fn each_char(text: &str, change: impl Fn(char) -> char) -> String {
    text.chars().map(change).collect()
}

/// As in Java, a character becomes one character, or stays.
fn single(mut changed: impl Iterator<Item = char>, otherwise: char) -> char {
    match (changed.next(), changed.next()) {
        (Some(changed), None) => changed,
        _ => otherwise,
    }
}

fn trims() -> Vec<Function> {
    vec![
        scalar("trim", "The text without spaces, or the characters given, at its ends.")
            .on("(varchar) -> varchar", |call| call.map1(str::trim))
            .on("(varchar, varchar) -> varchar", |call| {
                call.map2(|text: &str, chars: &str| text.trim_matches(|c| chars.contains(c)).to_owned())
            }),
        scalar("ltrim", "The text without spaces, or the characters given, at its beginning.")
            .on("(varchar) -> varchar", |call| call.map1(str::trim_start))
            .on("(varchar, varchar) -> varchar", |call| {
                call.map2(|text: &str, chars: &str| text.trim_start_matches(|c| chars.contains(c)).to_owned())
            }),
        scalar("rtrim", "The text without spaces, or the characters given, at its end.")
            .on("(varchar) -> varchar", |call| call.map1(str::trim_end))
            .on("(varchar, varchar) -> varchar", |call| {
                call.map2(|text: &str, chars: &str| text.trim_end_matches(|c| chars.contains(c)).to_owned())
            }),
    ]
}

fn pads() -> Vec<Function> {
    vec![
        scalar("lpad", "The text at a length, filled up or cut, from the left.")
            .on("(varchar, bigint, varchar) -> varchar", |call| {
                call.map3(|text: &str, length: i64, with: &str| pad(text, length, with, true))
            })
            .on("(varbinary, bigint, varbinary) -> varbinary", |call| {
                call.map3(|bytes: &[u8], length: i64, with: &[u8]| pad_bytes(bytes, length, with, true))
            }),
        scalar("rpad", "The text at a length, filled up or cut, from the right.")
            .on("(varchar, bigint, varchar) -> varchar", |call| {
                call.map3(|text: &str, length: i64, with: &str| pad(text, length, with, false))
            })
            .on("(varbinary, bigint, varbinary) -> varbinary", |call| {
                call.map3(|bytes: &[u8], length: i64, with: &[u8]| pad_bytes(bytes, length, with, false))
            }),
    ]
}

fn pad(text: &str, length: i64, with: &str, left: bool) -> Result<String, SqlError> {
    let length = padded_length(length)?;
    if with.is_empty() {
        return Err(invalid("Padding string must not be empty"));
    }
    let missing = length.saturating_sub(text.chars().count());
    if missing == 0 {
        return Ok(text.chars().take(length).collect());
    }
    let filling: String = with.chars().cycle().take(missing).collect();
    Ok(if left { filling + text } else { text.to_owned() + &filling })
}

fn padded_length(length: i64) -> Result<usize, SqlError> {
    let length = usize::try_from(length).ok().filter(|length| *length <= MOST_PADDED);
    length.ok_or_else(|| invalid(format!("Target length must be in the range [0..{MOST_PADDED}]")))
}

fn pad_bytes(bytes: &[u8], length: i64, with: &[u8], left: bool) -> Result<Vec<u8>, SqlError> {
    let length = padded_length(length)?;
    if with.is_empty() {
        return Err(invalid("Padding bytes must not be empty"));
    }
    let filling = with.iter().cycle().take(length.saturating_sub(bytes.len())).copied();
    let kept = bytes.iter().take(length).copied();
    Ok(if left { filling.chain(kept).collect() } else { kept.chain(filling).collect() })
}

fn joins() -> Vec<Function> {
    vec![
        scalar("concat_ws", "The texts with a separator between them, without those that are NULL.")
            .on("(varchar, array(varchar)) -> varchar", concat_ws_array)
            .on("(varchar, varchar...) -> varchar", concat_ws),
        scalar("chr", "The character of a Unicode number.").on("(bigint) -> varchar", |call| call.map1(chr)),
        scalar("codepoint", "The Unicode number of a character.")
            .on("(varchar) -> integer", |call| call.map1(codepoint)),
    ]
}

fn concat_ws(call: &Call) -> Result<ArrayRef> {
    let separators = call.read::<&str>(0)?;
    let texts = (1..call.len()).map(|i| call.read::<&str>(i)).collect::<Result<Vec<_>>>()?;
    call.collect(|row| {
        let given: Vec<_> = texts.iter().filter_map(|text| text.get(row)).collect();
        Some(given.join(separators.get(row)?))
    })
}

fn concat_ws_array(call: &Call) -> Result<ArrayRef> {
    call.map2(|separator: &str, texts: ArrayRef| {
        let given: Vec<_> = texts.as_string::<i32>().iter().flatten().collect();
        debug_assert!(given.len() <= texts.len());
        given.join(separator)
    })
}

fn chr(number: i64) -> Result<String, SqlError> {
    let char = u32::try_from(number).ok().and_then(char::from_u32);
    char.map(String::from).ok_or_else(|| invalid(format!("Not a valid Unicode code point: {number}")))
}

fn codepoint(text: &str) -> Result<i32, SqlError> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(char), None) => Ok(u32::from(char).cast_signed()),
        _ => Err(invalid("Input string must be a single character string")),
    }
}

fn others() -> Vec<Function> {
    vec![
        scalar("replace", "The text with each occurrence of a text replaced, or removed.")
            .on("(varchar, varchar) -> varchar", |call| {
                call.map2(|text: &str, search: &str| text.replace(search, ""))
            })
            .on("(varchar, varchar, varchar) -> varchar", |call| {
                call.map3(|text: &str, search: &str, by: &str| text.replace(search, by))
            }),
        scalar("translate", "The text with characters replaced by those at the same place of another text.")
            .on("(varchar, varchar, varchar) -> varchar", |call| call.map3(translate)),
        scalar("reverse", "The text, or the array, from its end.")
            .on("(varchar) -> varchar", |call| call.map1(|text: &str| text.chars().rev().collect::<String>()))
            .on("(varbinary) -> varbinary", |call| {
                call.map1(|bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<u8>>())
            })
            .on("(array(T)) -> array(T)", crate::functions::trino::scalar::arrays::reverse),
    ]
}

/// Characters without a counterpart are removed; of several counterparts the first one counts.
fn translate<'a>(text: &'a str, from: &str, to: &str) -> Cow<'a, str> {
    if !text.contains(|c| from.contains(c)) {
        return Cow::Borrowed(text);
    }
    let translated = text.chars().filter_map(|c| match from.chars().position(|f| f == c) {
        Some(place) => to.chars().nth(place),
        None => Some(c),
    });
    Cow::Owned(translated.collect())
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn texts_are_changed() {
        check(&[
            ("lower('ÄBc')", "äbc"),
            ("upper('straße')", "STRAßE"),
            ("trim('  a b ')", "a b"),
            ("ltrim('xxa', 'x')", "a"),
            ("rtrim('ayx', 'xy')", "a"),
            ("lpad('text', 10, 'xy')", "xyxyxytext"),
            ("lpad('text', 3, 'x')", "tex"),
            ("rpad('text', 6, 'xyz')", "textxy"),
            ("lpad(to_utf8('ab'), 4, to_utf8('xy'))", "78 79 61 62"),
            ("rpad(to_utf8('abc'), 2, to_utf8('x'))", "61 62"),
            ("reverse(to_utf8('ab'))", "62 61"),
            ("concat_ws('-', 'a', NULL, 'c')", "a-c"),
            ("concat_ws(',', ARRAY['a', NULL, 'b'])", "a,b"),
            ("concat_ws(NULL, 'a', 'b')", "NULL"),
            ("chr(228)", "ä"),
            ("codepoint('ä')", "228"),
            ("replace('banana', 'an')", "ba"),
            ("replace('banana', 'a', 'o')", "bonono"),
            ("translate('abcd', 'a', 'z')", "zbcd"),
            ("translate('abcda', 'a', '')", "bcd"),
            ("translate('Palhoça', 'ç', 'c')", "Palhoca"),
            ("reverse('äbc')", "cbä"),
            ("upper(NULL)", "NULL"),
        ]);
        check_errors(&[
            ("lpad('text', -1, 'x')", "Target length must be in the range"),
            ("rpad('text', 9, '')", "Padding string must not be empty"),
            ("chr(-1)", "Not a valid Unicode code point: -1"),
            ("codepoint('ab')", "single character"),
            ("upper(1)", "Unexpected parameters (integer) for function upper. Expected: upper(varchar)"),
        ]);
    }
}
