//! JSON, as texts or as values of type `json`.
//!
//! Source: Trino documentation, "JSON functions and operators".

use std::borrow::Cow;

use arrow::array::ArrayRef;
use datafusion::error::Result;
use serde::de::IgnoredAny;
use sonic_rs::PointerNode;

use super::scalar;
use crate::decode::json::{for_each_element, for_each_member, text_of};
use crate::functions::json_extract::{extract, extract_scalar, parse_path};
use crate::functions::trino::call::{Call, Memo, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::json_text::{canonical, compact};

/// Functions of JSON.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("json_extract", "The JSON at a path; NULL if there is none.")
            .on("(varchar, varchar) -> json", json_extract)
            .on("(json, varchar) -> json", json_extract),
        scalar("json_extract_scalar", "The text, number or boolean at a path; NULL if there is none.")
            .on("(varchar, varchar) -> varchar", json_extract_scalar)
            .on("(json, varchar) -> varchar", json_extract_scalar),
        scalar("json_parse", "The JSON of a text; an error if it is none.")
            .on("(varchar) -> json", |call| call.map1(json_parse)),
        scalar("json_format", "The text of JSON.")
            .on("(json) -> varchar", |call| call.map1(|json: &str| json.to_owned())),
        scalar("json_array_length", "How many elements an array has; NULL for anything else.")
            .on("(varchar) -> bigint", |call| call.map1(array_length))
            .on("(json) -> bigint", |call| call.map1(array_length)),
        scalar("json_array_get", "An element of an array, from 0, or from the end if it is negative.")
            .on("(varchar, bigint) -> json", |call| call.map2(array_get))
            .on("(json, bigint) -> json", |call| call.map2(array_get)),
        json_array_contains(),
        scalar("json_size", "How many members or elements there are at a path; 0 for anything else.")
            .on("(varchar, varchar) -> bigint", json_size)
            .on("(json, varchar) -> bigint", json_size),
        scalar("is_json_scalar", "Whether JSON is neither an object nor an array.")
            .on("(varchar) -> boolean", |call| call.map1(is_scalar))
            .on("(json) -> boolean", |call| call.map1(is_scalar)),
    ]
}

/// A path; one that cannot be read is an error of the statement.
fn path(path: &str) -> Result<Vec<PointerNode>, SqlError> {
    parse_path(path).map_err(|_| invalid(format!("Invalid JSON path: '{path}'")))
}

fn json_extract(call: &Call) -> Result<ArrayRef> {
    let mut paths = Memo::new(path);
    call.map2(|json: &str, path: &str| {
        let path = paths.get(path)?;
        Ok::<_, SqlError>(extract(json, path).map(compact))
    })
}

fn json_extract_scalar(call: &Call) -> Result<ArrayRef> {
    let mut paths = Memo::new(path);
    call.map2::<&str, &str, _>(|json, path| Ok::<_, SqlError>(extract_scalar(json, paths.get(path)?)))
}

fn json_parse(text: &str) -> Result<String, SqlError> {
    canonical(text).ok_or_else(|| invalid(format!("Cannot convert value to JSON: '{text}'")))
}

/// The elements of an array; `None` if the text is none.
fn elements(json: &str) -> Option<Vec<&str>> {
    let json = json.trim_matches([' ', '\t', '\r', '\n']);
    if !json.starts_with('[') {
        return None;
    }
    serde_json::from_str::<IgnoredAny>(json).ok()?;
    let mut elements = vec![];
    for_each_element(json, |element| elements.push(element));
    Some(elements)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn array_length(json: &str) -> Option<i64> {
    elements(json).map(|elements| count(elements.len()))
}

fn array_get(json: &str, place: i64) -> Option<String> {
    let elements = elements(json)?;
    let place = if place < 0 { count(elements.len()) + place } else { place };
    let element = elements.get(usize::try_from(place).ok()?)?;
    // As in Trino, strings come without their quotes.
    Some(if element.starts_with('"') { text_of(element).into_owned() } else { compact(element) })
}

fn json_array_contains() -> Function {
    let function = scalar("json_array_contains", "Whether a value is an element of an array.");
    function
        .on("(varchar, boolean) -> boolean", |call| call.map2(contains_boolean))
        .on("(json, boolean) -> boolean", |call| call.map2(contains_boolean))
        .on("(varchar, bigint) -> boolean", |call| call.map2(contains_integer))
        .on("(json, bigint) -> boolean", |call| call.map2(contains_integer))
        .on("(varchar, double) -> boolean", |call| call.map2(contains_double))
        .on("(json, double) -> boolean", |call| call.map2(contains_double))
        .on("(varchar, varchar) -> boolean", |call| call.map2(contains_text))
        .on("(json, varchar) -> boolean", |call| call.map2(contains_text))
}

fn contains_boolean(json: &str, value: bool) -> Option<bool> {
    let sought = if value { "true" } else { "false" };
    Some(elements(json)?.contains(&sought))
}

fn contains_integer(json: &str, value: i64) -> Option<bool> {
    Some(elements(json)?.iter().any(|element| element.parse() == Ok(value)))
}

/// Only numbers with a fraction or an exponent are doubles.
fn contains_double(json: &str, value: f64) -> Option<bool> {
    let doubles = elements(json)?.into_iter().filter(|element| element.contains(['.', 'e', 'E']));
    let mut doubles = doubles.filter_map(|element| element.parse::<f64>().ok());
    Some(value.is_finite() && doubles.any(|element| element.total_cmp(&value).is_eq()))
}

fn contains_text(json: &str, value: &str) -> Option<bool> {
    let texts = elements(json)?.into_iter().filter(|element| element.starts_with('"'));
    Some(texts.map(text_of).any(|element: Cow<str>| element == value))
}

fn json_size(call: &Call) -> Result<ArrayRef> {
    let mut paths = Memo::new(path);
    call.map2(|json: &str, path: &str| {
        let path = paths.get(path)?;
        Ok::<_, SqlError>(extract(json, path).map(size))
    })
}

fn size(json: &str) -> i64 {
    let mut members = 0;
    match json.as_bytes().first() {
        Some(b'[') => for_each_element(json, |_| members += 1),
        // What was walked is what there is: the value is known to be valid.
        Some(b'{') => drop(for_each_member(json, |_, _| members += 1)),
        _ => {}
    }
    members
}

fn is_scalar(json: &str) -> Result<bool, SqlError> {
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return Err(invalid(format!("Invalid JSON value: {json}")));
    }
    Ok(!json.trim_start().starts_with(['{', '[']))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn paths() {
        check(&[
            ("json_extract_scalar('[1, 2, 3]', '$[2]')", "3"),
            ("json_extract_scalar('{\"a-b\": {\"c.d\": \"x\"}}', '$.a-b[\"c.d\"]')", "x"),
            ("json_extract_scalar('{\"a\": [1]}', '$.a')", "NULL"),
            ("json_extract_scalar('no json', '$.a')", "NULL"),
            ("json_extract_scalar(json_parse('{\"a\": true}'), '$.a')", "true"),
            (
                "json_extract('{\"a\": { \"c\" : 1.50, \"b\":[1, \"x y\"]} }', '$.a')",
                r#"{"c":1.5,"b":[1,"x y"]}"#,
            ),
            ("json_extract('{\"a\": \"x\"}', '$.a')", "\"x\""),
            ("json_extract('{\"a\": null}', '$.a')", "null"),
            ("json_extract('{\"a\": 1}', '$.b')", "NULL"),
            ("json_size('{\"x\": {\"a\": 1, \"b\": 2}}', '$.x')", "2"),
            ("json_size('{\"x\": [1, 2, 3]}', '$.x')", "3"),
            ("json_size('{\"x\": {\"a\": 1, \"b\": 2}}', '$.x.a')", "0"),
        ]);
        check_errors(&[("json_extract('{}', 'a')", "Invalid JSON path: 'a'")]);
    }

    #[test]
    fn texts_and_arrays() {
        check(&[
            ("json_format(json_parse('[1, 2, 3]'))", "[1,2,3]"),
            ("json_format(json_parse('{\"b\": 1, \"a\": \"x\"}'))", r#"{"a":"x","b":1}"#),
            ("json_array_length('[1, 2, 3]')", "3"),
            ("json_array_length('{}')", "NULL"),
            ("json_array_get('[\"a\", [3, 9], \"c\"]', 0)", "a"),
            ("json_array_get('[\"a\", [3, 9], \"c\"]', 1)", "[3,9]"),
            ("json_array_get('[\"c\", [3, 9], \"a\"]', -2)", "[3,9]"),
            ("json_array_get('[]', 0)", "NULL"),
            ("json_array_contains('[1, 2, 3]', 2)", "true"),
            ("json_array_contains('[1, 2.5, 3]', 2.5e0)", "true"),
            ("json_array_contains('[\"a\", \"b\"]', 'c')", "false"),
            ("json_array_contains('[true]', false)", "false"),
            ("json_array_contains('x', 'c')", "NULL"),
            ("is_json_scalar('1')", "true"),
            ("is_json_scalar('[1, 2, 3]')", "false"),
        ]);
        check_errors(&[
            ("json_parse('{a}')", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '{a}'"),
            ("is_json_scalar('x')", "Invalid JSON value: x"),
            (
                "json_parse(1)",
                "Unexpected parameters (integer) for function json_parse. Expected: json_parse(varchar)",
            ),
        ]);
    }
}
