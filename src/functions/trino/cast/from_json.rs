//! Casts from JSON.
//!
//! Source: Trino documentation, "JSON functions and operators", "Cast from JSON".

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, LargeStringArray, LargeStringBuilder, ListArray, MapArray, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::internal_err;
use datafusion::error::Result;

use super::convert::{self, Converted, each, uncastable};
use super::nested::of_parents;
use super::number::{in_range, narrow, rounded};
use super::text;
use crate::decode::json::{for_each_element, for_each_member, text_of};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::text::scientific;
use crate::functions::trino::types::type_name;

/// From JSON, which is valid and without spaces.
pub fn convert(array: &ArrayRef, to: &DataType) -> Result<Converted> {
    match to {
        DataType::List(item) => to_list(array.as_string::<i64>(), item),
        DataType::Map(entries, _) => to_map(array.as_string::<i64>(), entries),
        DataType::Struct(members) => to_row(array.as_string::<i64>(), members),
        DataType::Boolean => each(array, to, |json: &str| scalar(json, to, boolean)),
        DataType::Float64 => each(array, to, |json: &str| scalar(json, to, double)),
        DataType::Float32 => each(array, to, |json: &str| scalar(json, to, real)),
        DataType::Decimal128(precision, scale) => {
            each(array, to, |json: &str| scalar(json, to, |token| decimal(&token, *precision, *scale)))
        }
        DataType::Utf8 => each(array, to, |json: &str| scalar(json, to, varchar)),
        to => {
            let wide =
                each(array, &DataType::Int64, |json: &str| scalar(json, to, |token| integer(&token, to)))?;
            narrow(wide, to)
        }
    }
}

/// A value that is neither an object nor an array.
enum Token<'a> {
    Text(std::borrow::Cow<'a, str>),
    Integer(&'a str),
    Fraction(&'a str),
    Boolean(bool),
}

/// What `read` makes of a value; `null` is `NULL`.
fn scalar<T>(
    json: &str,
    to: &DataType,
    read: impl FnOnce(Token) -> Result<T, SqlError>,
) -> Result<Option<T>, SqlError> {
    let token = match json.as_bytes().first() {
        Some(b'n') => return Ok(None),
        Some(b't') => Token::Boolean(true),
        Some(b'f') => Token::Boolean(false),
        Some(b'"') => Token::Text(text_of(json)),
        Some(b'{' | b'[') | None => return Err(unexpected(json, to)),
        Some(_) if json.contains(['.', 'e', 'E']) => Token::Fraction(json),
        Some(_) => Token::Integer(json),
    };
    read(token).map(Some).map_err(|_| unexpected(json, to))
}

fn unexpected(json: &str, to: &DataType) -> SqlError {
    let shown: String = json.chars().take(10_000).collect();
    uncastable(format!("Cannot cast '{shown}' to {}", type_name(to)))
}

fn boolean(token: Token) -> Result<bool, SqlError> {
    match token {
        Token::Text(text) => text::boolean(&text),
        Token::Integer(number) | Token::Fraction(number) => Ok(text::double(number)? != 0.0),
        Token::Boolean(value) => Ok(value),
    }
}

fn double(token: Token) -> Result<f64, SqlError> {
    match token {
        Token::Text(text) => text::double(&text),
        Token::Integer(number) | Token::Fraction(number) => text::double(number),
        Token::Boolean(value) => Ok(if value { 1.0 } else { 0.0 }),
    }
}

fn real(token: Token) -> Result<f32, SqlError> {
    match token {
        Token::Text(text) => text::real(&text),
        Token::Integer(number) | Token::Fraction(number) => text::real(number),
        Token::Boolean(value) => Ok(if value { 1.0 } else { 0.0 }),
    }
}

fn decimal(token: &Token, precision: u8, scale: i8) -> Result<i128, SqlError> {
    match token {
        Token::Text(text) => text::decimal_of(text, precision, scale),
        Token::Integer(number) | Token::Fraction(number) => text::decimal_of(number, precision, scale),
        Token::Boolean(value) => text::decimal_of(if *value { "1" } else { "0" }, precision, scale),
    }
}

fn integer(token: &Token, to: &DataType) -> Result<i64, SqlError> {
    match token {
        Token::Text(text) => text::integer(text, to),
        Token::Integer(number) => text::integer(number, to),
        Token::Fraction(number) => rounded(text::double(number)?, to),
        Token::Boolean(value) => in_range(i64::from(*value), to, || value.to_string()),
    }
}

fn varchar(token: Token) -> Result<String, SqlError> {
    Ok(match token {
        Token::Text(text) => text.into_owned(),
        Token::Integer(number) => number.to_owned(),
        Token::Fraction(number) => {
            let value = text::double(number)?;
            scientific(value, &format!("{value:e}"))
        }
        Token::Boolean(value) => value.to_string(),
    })
}

/// Lists of what the rows hold, as JSON, on the way to their type.
#[derive(Default)]
struct Lists {
    lengths: Vec<usize>,
    valid: Vec<bool>,
    failures: Vec<(usize, SqlError)>,
}

impl Lists {
    /// Ends a row of `length` items; `None` if it is `NULL` or failed.
    fn end(&mut self, length: Option<usize>) {
        self.lengths.push(length.unwrap_or_default());
        self.valid.push(length.is_some());
    }

    fn fail(&mut self, json: &str, to: &DataType) {
        self.failures.push((self.lengths.len(), unexpected(json, to)));
    }

    fn nulls(&self) -> Option<NullBuffer> {
        Some(NullBuffer::from(self.valid.clone()))
    }

    fn offsets(&self) -> OffsetBuffer<i32> {
        OffsetBuffer::from_lengths(self.lengths.iter().copied())
    }

    /// All failures, those of the rows and those of their items.
    fn failures(
        mut self,
        items: Vec<(usize, SqlError)>,
        offsets: &OffsetBuffer<i32>,
    ) -> Vec<(usize, SqlError)> {
        self.failures.extend(of_parents(items, offsets, None));
        self.failures.sort_by_key(|(row, _)| *row);
        self.failures
    }
}

fn to_list(json: &LargeStringArray, item: &FieldRef) -> Result<Converted> {
    let to = DataType::List(item.clone());
    let mut lists = Lists::default();
    let mut items = LargeStringBuilder::new();
    for json in json {
        let length = match json {
            Some(json) if json.starts_with('[') => {
                let mut length = 0;
                for_each_element(json, |element| {
                    items.append_value(element);
                    length += 1;
                });
                Some(length)
            }
            Some(json) => {
                if json != "null" {
                    lists.fail(json, &to);
                }
                None
            }
            None => None,
        };
        lists.end(length);
    }
    let items: ArrayRef = Arc::new(items.finish());
    let converted = convert::convert(&items, item.data_type())?;
    let offsets = lists.offsets();
    let list = ListArray::try_new(item.clone(), offsets.clone(), converted.array, lists.nulls())?;
    Ok(Converted { array: Arc::new(list), failures: lists.failures(converted.failures, &offsets) })
}

fn to_map(json: &LargeStringArray, entries: &Arc<Field>) -> Result<Converted> {
    let DataType::Struct(members) = entries.data_type() else {
        return internal_err!("entries of a map are rows");
    };
    let [key, value] = &members[..] else { return internal_err!("entries of a map are pairs") };
    let to = DataType::Map(entries.clone(), false);
    let mut lists = Lists::default();
    let (mut keys, mut values) = (LargeStringBuilder::new(), LargeStringBuilder::new());
    for json in json {
        let members = match json {
            Some("null") | None => None,
            Some(json) => {
                let members = distinct_members(json);
                if members.is_none() {
                    lists.fail(json, &to);
                }
                members
            }
        };
        lists.end(members.as_ref().map(Vec::len));
        for (key, value) in members.into_iter().flatten() {
            keys.append_value(key);
            values.append_value(value);
        }
    }
    let (keys, values): (ArrayRef, ArrayRef) = (Arc::new(keys.finish()), Arc::new(values.finish()));
    // A key's text is no JSON, but a plain text.
    let keys = arrow::compute::cast(&keys, &DataType::Utf8)?;
    let (keys, values) =
        (convert::convert(&keys, key.data_type())?, convert::convert(&values, value.data_type())?);
    let offsets = lists.offsets();
    let nulls = lists.nulls();
    let mut failures = keys.failures;
    failures.extend(values.failures);
    let failures = lists.failures(failures, &offsets);
    if let Some((_, error)) = failures.first().filter(|_| keys.array.null_count() > 0) {
        // A key that failed is NULL, which a map cannot hold.
        return Err(error.clone().into());
    }
    let entry = StructArray::try_new(members.clone(), vec![keys.array, values.array], None)?;
    let map = MapArray::try_new(entries.clone(), offsets, entry, nulls, false)?;
    Ok(Converted { array: Arc::new(map), failures })
}

/// The members of an object; `None` if it is none, or one of its keys is there twice.
fn distinct_members(json: &str) -> Option<Vec<(String, &str)>> {
    let mut members: Vec<(String, &str)> = vec![];
    for_each_member(json, |key, value| members.push((key.to_owned(), value))).ok()?;
    let mut seen = std::collections::HashSet::new();
    members.iter().all(|(key, _)| seen.insert(key.as_str())).then_some(())?;
    Some(members)
}

fn to_row(json: &LargeStringArray, members: &Fields) -> Result<Converted> {
    let to = DataType::Struct(members.clone());
    let mut rows = Lists::default();
    let mut columns: Vec<_> = members.iter().map(|_| LargeStringBuilder::new()).collect();
    for json in json {
        let values = match json {
            Some("null") | None => None,
            Some(json) => {
                let values = member_values(json, members);
                if values.is_none() {
                    rows.fail(json, &to);
                }
                values
            }
        };
        rows.end(values.as_ref().map(Vec::len));
        let values = values.unwrap_or_else(|| vec![None; members.len()]);
        columns.iter_mut().zip(values).for_each(|(column, value)| column.append_option(value));
    }
    let mut arrays = vec![];
    let mut failures = rows.failures.clone();
    for (mut column, member) in columns.into_iter().zip(members) {
        let column: ArrayRef = Arc::new(column.finish());
        let converted = convert::convert(&column, member.data_type())?;
        failures.extend(converted.failures);
        arrays.push(converted.array);
    }
    failures.sort_by_key(|(row, _)| *row);
    let row = StructArray::try_new_with_length(members.clone(), arrays, rows.nulls(), json.len())?;
    Ok(Converted { array: Arc::new(row), failures })
}

/// What an object has for each member of a row, by name in any case, or an array has, by place;
/// `None` if it does not fit.
fn member_values<'a>(json: &'a str, members: &Fields) -> Option<Vec<Option<&'a str>>> {
    if json.starts_with('[') {
        let mut values = vec![];
        for_each_element(json, |value| values.push(Some(value)));
        return (values.len() == members.len()).then_some(values);
    }
    let mut values = vec![None; members.len()];
    for (name, value) in distinct_members(json)? {
        if let Some(i) = members.iter().position(|member| member.name().eq_ignore_ascii_case(&name)) {
            values[i] = Some(value);
        }
    }
    Some(values)
}
