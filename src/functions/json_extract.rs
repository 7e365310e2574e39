//! `json_extract(json, path)` and `json_extract_scalar(json, path)`, with Trino's meaning.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use sonic_rs::PointerNode;

use crate::decode::json::{raw_text, text_of};
use crate::decode::members::MemberIndex;

/// `json_extract_scalar(json varchar, path varchar) -> varchar`: the string, number or boolean at
/// a JSON path (`$.a.b`, `$['a.b']`, `$.a[0]`) as text; `NULL` if there is nothing, an object, an
/// array or a `null` there, or the text is not JSON.
///
/// `json_extract(json varchar, path varchar) -> varchar`: the JSON text of whatever is there.
///
/// Source: Trino documentation, "JSON functions and operators".
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct JsonExtract {
    scalar: bool,
    signature: Signature,
}

impl JsonExtract {
    /// `json_extract_scalar`.
    pub fn scalar() -> Self {
        Self { scalar: true, ..Self::json() }
    }

    /// `json_extract`.
    pub fn json() -> Self {
        let signature = Signature::exact(vec![DataType::Utf8, DataType::Utf8], Volatility::Immutable);
        Self { scalar: false, signature }
    }
}

impl ScalarUDFImpl for JsonExtract {
    fn name(&self) -> &str {
        if self.scalar { "json_extract_scalar" } else { "json_extract" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let json = args.args[0].to_array(args.number_rows)?;
        let json = json.as_string::<i32>();
        let ColumnarValue::Scalar(ScalarValue::Utf8(path)) = &args.args[1] else {
            return exec_err!("{} needs a constant JSON path", self.name());
        };
        let Some(path) = path else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Utf8(None)));
        };
        let path = parse_path(path)?;
        let found: StringArray = if self.scalar {
            json.iter().map(|json| extract_scalar(json?, &path)).collect()
        } else {
            json.iter().map(|json| extract(json?, &path)).collect()
        };
        debug_assert_eq!(found.len(), json.len());
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}

/// The JSON text of whatever is at a path; of equal keys the first counts, as in Trino.
pub(super) fn extract<'a>(json: &'a str, path: &[PointerNode]) -> Option<&'a str> {
    if let [PointerNode::Key(key), rest @ ..] = path
        && let Some(mut members) = MemberIndex::default().members_of(json)
    {
        let (_, value) = members.find(|(name, _)| name == key)?;
        return if rest.is_empty() { Some(value) } else { extract(value, rest) };
    }
    Some(raw_text(&sonic_rs::get(json, path).ok()?))
}

/// The string, number or boolean at a path, as text.
pub(super) fn extract_scalar<'a>(json: &'a str, path: &[PointerNode]) -> Option<Cow<'a, str>> {
    let value = extract(json, path)?;
    (!value.starts_with(['{', '[', 'n'])).then(|| text_of(value))
}

/// Reads `$`, then any number of `.name`, `[0]`, `["name"]`, `['name']` or `[name]`.
pub(super) fn parse_path(path: &str) -> Result<Vec<PointerNode>> {
    let mut nodes = vec![];
    let Some(mut rest) = path.strip_prefix('$') else {
        return plan_err!("Invalid JSON path: '{path}': it must begin with $");
    };
    while !rest.is_empty() {
        let Some((node, after)) = parse_step(rest) else {
            return plan_err!("Invalid JSON path: '{path}': cannot read '{rest}'");
        };
        nodes.push(node);
        rest = after;
    }
    Ok(nodes)
}

fn parse_step(rest: &str) -> Option<(PointerNode, &str)> {
    if let Some(name) = rest.strip_prefix('.') {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        return (!name.is_empty()).then(|| (PointerNode::Key(name.to_owned().into()), after));
    }
    let inside = rest.strip_prefix('[')?;
    for quote in ['"', '\''] {
        if let Some(name) = inside.strip_prefix(quote) {
            let (name, after) = name.split_once(quote)?;
            return Some((PointerNode::Key(name.to_owned().into()), after.strip_prefix(']')?));
        }
    }
    let (inside, after) = inside.split_once(']')?;
    match inside.parse() {
        Ok(index) => Some((PointerNode::Index(index), after)),
        Err(_) => is_name(inside).then(|| (PointerNode::Key(inside.to_owned().into()), after)),
    }
}

/// Whether a name in brackets needs no quotes.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(json: &str, path: &str) -> Option<String> {
        extract_scalar(json, &parse_path(path).unwrap()).map(Cow::into_owned)
    }

    #[test]
    fn values_at_paths() {
        let json = r#"{"a":{"b-c":"x\u0041","d":[1,{"e":true}],"n":null},"a.b":"dot","big":1.0E400}"#;
        for (path, expected) in [
            ("$.a.b-c", Some("xA")),
            ("$['a.b']", Some("dot")),
            ("$[\"a.b\"]", Some("dot")),
            ("$.a.d[0]", Some("1")),
            ("$.a[b-c]", Some("xA")),
            ("$.a.d[1].e", Some("true")),
            ("$.big", Some("1.0E400")),
            ("$.a", None),
            ("$.a.d", None),
            ("$.a.n", None),
            ("$.a.d[7]", None),
            ("$.zz", None),
        ] {
            assert_eq!(scalar(json, path).as_deref(), expected, "{path}");
        }
        assert_eq!(extract(json, &parse_path("$.a.d").unwrap()), Some(r#"[1,{"e":true}]"#));
        assert_eq!(scalar("not json", "$.a"), None);
        assert_eq!(scalar("\"text\"", "$").as_deref(), Some("text"));
    }

    /// However it is written, and whether or not what follows is JSON.
    #[test]
    fn the_first_of_equal_keys_counts() {
        for json in [
            r#"{"b":{"a":1,"a":2},"b":{}}"#,
            r#"{ "b": {"a": 1, "a": 2}, "b": {} }"#,
            r#"{"b":{"\u0061":1}}"#,
            r#"{"b":{"a":1},"c":"#,
        ] {
            assert_eq!(scalar(json, "$.b.a").as_deref(), Some("1"), "{json}");
        }
        assert_eq!(scalar(r#"{"b":x,"a":1}"#, "$.a"), None);
    }

    #[test]
    fn bad_paths_are_named() {
        for path in ["a", "$.", "$[", "$[]", "$[*]", "$['a]", "$a"] {
            assert!(parse_path(path).unwrap_err().to_string().contains(path), "{path}");
        }
    }
}
