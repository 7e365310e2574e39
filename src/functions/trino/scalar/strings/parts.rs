//! Parts of texts.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListBuilder, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::error::Result;

use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::map_of;
use crate::functions::trino::scalar::scalar;

/// Functions of parts of texts.
pub fn functions() -> Vec<Function> {
    vec![
        substr("substr"),
        substr("substring"),
        scalar("split", "The parts of a text between a separator.")
            .on("(varchar, varchar) -> array(varchar)", |call| {
                call.map2(|text: &str, at: &str| split(text, at, None))
            })
            .on("(varchar, varchar, bigint) -> array(varchar)", |call| {
                call.map3(|text: &str, at: &str, limit: i64| split(text, at, Some(limit)))
            }),
        scalar("split_part", "A part of a text between a separator, from 1; NULL past the last one.")
            .on("(varchar, varchar, bigint) -> varchar", |call| call.map3(split_part)),
        scalar(
            "split_to_map",
            "The keys and values of a text with one separator between entries, another in them.",
        )
        .on("(varchar, varchar, varchar) -> map(varchar,varchar)", split_to_map),
        scalar("split_to_multimap", "As split_to_map, with all values of a key.")
            .on("(varchar, varchar, varchar) -> map(varchar,array(varchar))", split_to_multimap),
    ]
}

fn substr(name: &'static str) -> Function {
    scalar(name, "The text from a character on, from 1, or from the end; of a length, if that is given.")
        .on("(varchar, bigint) -> varchar", |call| call.map2(|text, start| part(text, start, i64::MAX)))
        .on("(varchar, bigint, bigint) -> varchar", |call| call.map3(part))
        .on("(varbinary, bigint) -> varbinary", |call| {
            call.map2(|bytes: &[u8], start| bytes_of(bytes, start, i64::MAX))
        })
        .on("(varbinary, bigint, bigint) -> varbinary", |call| call.map3(bytes_of))
}

/// As [`part`], of bytes.
fn bytes_of(bytes: &[u8], start: i64, length: i64) -> Vec<u8> {
    let skipped = match start {
        0 => None,
        1.. => usize::try_from(start - 1).ok(),
        _ => usize::try_from(start.unsigned_abs()).ok().and_then(|back| bytes.len().checked_sub(back)),
    };
    let rest = skipped.and_then(|skipped| bytes.get(skipped..)).unwrap_or_default();
    rest.iter().take(usize::try_from(length).unwrap_or_default()).copied().collect()
}

/// The characters from `start`, 1 being the first and -1 the last one.
fn part(text: &str, start: i64, length: i64) -> &str {
    let skipped = match start {
        0 => return "",
        1.. => usize::try_from(start - 1).ok(),
        _ => {
            usize::try_from(start.unsigned_abs()).ok().and_then(|back| text.chars().count().checked_sub(back))
        }
    };
    let Some(skipped) = skipped else { return "" };
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let Some(from) = places.nth(skipped) else { return "" };
    let rest = text.get(from..).unwrap_or_default();
    let Ok(length) = usize::try_from(length) else { return "" };
    rest.char_indices().nth(length).map_or(rest, |(end, _)| rest.get(..end).unwrap_or_default())
}

fn split(text: &str, separator: &str, limit: Option<i64>) -> Result<Vec<Option<String>>, SqlError> {
    if separator.is_empty() {
        return Err(invalid("The delimiter may not be the empty string"));
    }
    let limit = match limit.map(usize::try_from) {
        None => usize::MAX,
        Some(Ok(limit)) if limit > 0 => limit,
        Some(_) => return Err(invalid("Limit must be positive")),
    };
    Ok(text.splitn(limit, separator).map(|part| Some(part.to_owned())).collect())
}

/// An empty separator stands between any two characters.
fn split_part<'a>(text: &'a str, separator: &str, place: i64) -> Result<Option<&'a str>, SqlError> {
    let Some(skipped) = usize::try_from(place).ok().and_then(|place| place.checked_sub(1)) else {
        return Err(invalid("Index must be greater than zero"));
    };
    if separator.is_empty() {
        return Ok(text.char_indices().nth(skipped).and_then(|(at, c)| text.get(at..at + c.len_utf8())));
    }
    Ok(text.split(separator).nth(skipped))
}

fn split_to_map(call: &Call) -> Result<ArrayRef> {
    let (texts, entries, pairs) = (call.read::<&str>(0)?, call.read::<&str>(1)?, call.read::<&str>(2)?);
    let (mut keys, mut values) = (StringBuilder::new(), StringBuilder::new());
    let (mut lengths, mut valid) = (vec![], vec![]);
    for row in 0..call.rows {
        let given = texts.get(row).zip(entries.get(row)).zip(pairs.get(row));
        let read = given.map(|((text, entry), pair)| unique(read_entries(text, entry, pair)?));
        let read = call.settle(read.transpose())?;
        lengths.push(read.as_ref().map_or(0, Vec::len));
        valid.push(read.is_some());
        for (key, value) in read.unwrap_or_default() {
            keys.append_value(key);
            values.append_value(value);
        }
    }
    let (keys, values): (ArrayRef, ArrayRef) = (Arc::new(keys.finish()), Arc::new(values.finish()));
    debug_assert_eq!(keys.len(), values.len());
    map_of(call.returns, OffsetBuffer::from_lengths(lengths), keys, values, Some(NullBuffer::from(valid)))
}

fn read_entries<'a>(text: &'a str, entry: &str, pair: &str) -> Result<Vec<(&'a str, &'a str)>, SqlError> {
    if entry.is_empty() || pair.is_empty() {
        let which = if entry.is_empty() { "entryDelimiter" } else { "keyValueDelimiter" };
        return Err(invalid(format!("{which} is empty")));
    }
    if entry == pair {
        return Err(invalid("entryDelimiter and keyValueDelimiter must not be the same"));
    }
    let entries = text.split(entry).filter(|entry| !entry.is_empty()).map(|entry| {
        let once = entry.split_once(pair).filter(|(_, value)| !value.contains(pair));
        once.ok_or_else(|| {
            invalid(format!(
                "Key-value delimiter must appear exactly once in each entry. Bad input: '{entry}'"
            ))
        })
    });
    entries.collect()
}

fn unique<'a>(entries: Vec<(&'a str, &'a str)>) -> Result<Vec<(&'a str, &'a str)>, SqlError> {
    let mut seen = HashSet::new();
    match entries.iter().find(|(key, _)| !seen.insert(*key)) {
        Some((key, _)) => Err(invalid(format!("Duplicate keys ({key}) are not allowed"))),
        None => Ok(entries),
    }
}

fn split_to_multimap(call: &Call) -> Result<ArrayRef> {
    let (texts, entries, pairs) = (call.read::<&str>(0)?, call.read::<&str>(1)?, call.read::<&str>(2)?);
    let (mut keys, mut values) = (StringBuilder::new(), ListBuilder::new(StringBuilder::new()));
    let (mut lengths, mut valid) = (vec![], vec![]);
    for row in 0..call.rows {
        let given = texts.get(row).zip(entries.get(row)).zip(pairs.get(row));
        let read = given.map(|((text, entry), pair)| read_entries(text, entry, pair)).transpose();
        let read = call.settle(read)?;
        valid.push(read.is_some());
        let read = read.unwrap_or_default();
        let mut seen = HashSet::new();
        for (key, _) in read.iter().filter(|(key, _)| seen.insert(*key)) {
            keys.append_value(key);
            let of_key = read.iter().filter(|(other, _)| other == key);
            values.append_value(of_key.map(|(_, value)| Some(*value)));
        }
        lengths.push(seen.len());
    }
    let (keys, values): (ArrayRef, ArrayRef) = (Arc::new(keys.finish()), Arc::new(values.finish()));
    map_of(call.returns, OffsetBuffer::from_lengths(lengths), keys, values, Some(NullBuffer::from(valid)))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn parts_of_texts() {
        check(&[
            ("substr('quadratically', 5)", "ratically"),
            ("substr('quadratically', 5, 6)", "ratica"),
            ("substr('quadratically', -3)", "lly"),
            ("substr('quadratically', -30)", ""),
            ("substr('äöü', 2, 1)", "ö"),
            ("substr('abc', 0)", ""),
            ("substr('abc', 4)", ""),
            ("substr('abc', 2, -1)", ""),
            ("substring('abc', 2)", "bc"),
            ("split('a,b,,c', ',')", "[a, b, , c]"),
            ("split('a,b,c', ',', 2)", "[a, b,c]"),
            ("split_part('arn:aws:iam', ':', 2)", "aws"),
            ("split_part('arn:aws:iam', ':', 4)", "NULL"),
            ("split_part('abc', '', 2)", "b"),
            ("split_to_map('a=1,b=2', ',', '=')", "{a=1, b=2}"),
            ("split_to_map('', ',', '=')", "{}"),
            ("split_to_multimap('a=1,b=2,a=3', ',', '=')", "{a=[1, 3], b=[2]}"),
            ("split_to_multimap('', ',', '=')", "{}"),
        ]);
        check_errors(&[
            ("split_part('a', ':', 0)", "Index must be greater than zero"),
            ("split('a', '')", "The delimiter may not be the empty string"),
            ("split('a', ',', 0)", "Limit must be positive"),
            ("split_to_map('a=1,a=2', ',', '=')", "Duplicate keys (a) are not allowed"),
            (
                "split_to_map('a', ',', '=')",
                "Key-value delimiter must appear exactly once in each entry. Bad input: 'a'",
            ),
        ]);
    }
}
