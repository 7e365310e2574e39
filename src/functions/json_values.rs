//! `json_values(json, path)`: every value at a path, through arrays.

use std::sync::{Arc, LazyLock};

use arrow::array::{AsArray, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::scalar::ScalarValue;

use crate::decode::json::{for_each_element, for_each_member, text_of};

/// `json_values(json varchar, path varchar) -> varchar[]`: the values at a path of keys joined by
/// dots. Arrays on the way and at its end stand for their elements; a number picks one of them.
/// Keys match as they are written, or else in any ASCII case. Strings come unescaped, `null` as
/// `NULL`, all else as its JSON text. `NULL` if there is nothing there, or the text is not JSON.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct JsonValues {
    signature: Signature,
}

impl Default for JsonValues {
    fn default() -> Self {
        let signature = Signature::exact(vec![DataType::Utf8, DataType::Utf8], Volatility::Immutable);
        Self { signature }
    }
}

/// A call of the function.
pub fn json_values(json: Expr, path: &str) -> Expr {
    static FUNCTION: LazyLock<ScalarUDF> = LazyLock::new(|| JsonValues::default().into());
    FUNCTION.call(vec![json, lit(path)])
}

impl ScalarUDFImpl for JsonValues {
    fn name(&self) -> &str {
        "json_values"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let json = args.args[0].to_array(args.number_rows)?;
        let ColumnarValue::Scalar(ScalarValue::Utf8(path)) = &args.args[1] else {
            return exec_err!("json_values needs a constant path");
        };
        let path: Option<Vec<_>> = path.as_ref().map(|path| path.split('.').collect());
        let mut lists = ListBuilder::new(StringBuilder::new());
        for json in json.as_string::<i32>() {
            let found = json.zip(path.as_deref()).is_some_and(|(json, path)| {
                walk(json, path, &mut |value| lists.values().append_option(value.map(text_of)))
            });
            lists.append(found);
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish())))
    }
}

/// Hands out the raw values at `path`, `None` for `null`; says whether anything is there, be it
/// an empty array.
fn walk(raw: &str, path: &[&str], each: &mut impl FnMut(Option<&str>)) -> bool {
    match (raw.trim_start().as_bytes().first(), path) {
        (Some(b'['), [key, rest @ ..]) if key.parse::<usize>().is_ok() => {
            element(raw, key).is_some_and(|raw| walk(raw, rest, each))
        }
        (Some(b'['), _) => {
            let mut found = path.is_empty();
            for_each_element(raw, |raw| found |= walk(raw, path, each));
            found
        }
        (Some(b'{'), [key, rest @ ..]) => member(raw, key).is_some_and(|raw| walk(raw, rest, each)),
        (Some(_), []) => {
            each((raw != "null").then_some(raw));
            true
        }
        _ => false,
    }
}

fn element<'a>(raw: &'a str, index: &str) -> Option<&'a str> {
    let mut left: usize = index.parse().ok()?;
    let mut found = None;
    for_each_element(raw, |raw| {
        if left == 0 {
            found.get_or_insert(raw);
        }
        left = left.saturating_sub(1);
    });
    found
}

/// Of equal keys the last counts, as everywhere.
fn member<'a>(raw: &'a str, key: &str) -> Option<&'a str> {
    let (mut exact, mut similar) = (None, None);
    for_each_member(raw, |name, value| {
        if name == key {
            exact = Some(value);
        } else if name.eq_ignore_ascii_case(key) {
            similar = Some(value);
        }
    })
    .ok()?;
    exact.or(similar)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(json: &str, path: &str) -> Option<Vec<Option<String>>> {
        let mut found = vec![];
        let path: Vec<_> = path.split('.').collect();
        walk(json, &path, &mut |value| found.push(value.map(|raw| text_of(raw).into_owned())))
            .then_some(found)
    }

    #[test]
    fn values_at_paths_through_arrays() {
        let json = r#"{"a":{"items":[{"b":[{"c":"x\u0041"},{"c":1}]},{"b":{"c":null}},{"d":0}]},
            "E":true,"e":[],"o":{"k": [1]},"nested":[["p"],["q",[]]]}"#;
        for (path, expected) in [
            ("a.items.b.c", Some(vec![Some("xA"), Some("1"), None])),
            ("A.Items.B.C", Some(vec![Some("xA"), Some("1"), None])),
            ("a.items.0.b.1.c", Some(vec![Some("1")])),
            ("a.items.9.b", None),
            ("a.items.b.zz", None),
            ("E", Some(vec![Some("true")])),
            ("e", Some(vec![])),
            ("o", Some(vec![Some(r#"{"k": [1]}"#)])),
            ("nested", Some(vec![Some("p"), Some("q")])),
            ("E.x", None),
            ("zz", None),
        ] {
            let expected =
                expected.map(|texts| texts.into_iter().map(|text| text.map(str::to_owned)).collect());
            assert_eq!(values(json, path), expected, "{path}");
        }
        for broken in ["", "not json", "{", "{\"a\"", "[", "\"text\""] {
            assert_eq!(values(broken, "a"), None, "{broken}");
        }
    }

    #[test]
    fn of_equal_keys_the_last_counts() {
        assert_eq!(values(r#"{"a":1,"a":2}"#, "a"), Some(vec![Some("2".into())]));
    }
}
