//! SQL functions of texts, each a plain Rust function.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// What a text becomes; `NULL` stays `NULL`.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// `(varchar) -> varchar`
    Text(fn(&str) -> Option<Cow<'_, str>>),
    /// `(varchar) -> boolean`
    Test(fn(&str) -> bool),
    /// `(varchar, varchar) -> boolean`
    TestWith(fn(&str, &str) -> bool),
}

/// A function of texts.
#[derive(Debug)]
pub struct TextFunction {
    name: &'static str,
    signature: Signature,
    body: Body,
}

impl TextFunction {
    /// `body` under a name.
    pub fn new(name: &'static str, body: Body) -> Self {
        let arguments = if matches!(body, Body::TestWith(_)) { 2 } else { 1 };
        Self {
            name,
            signature: Signature::exact(vec![DataType::Utf8; arguments], Volatility::Immutable),
            body,
        }
    }
}

/// Names are unique among functions.
impl PartialEq for TextFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TextFunction {}

impl Hash for TextFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if matches!(self.body, Body::Text(_)) { DataType::Utf8 } else { DataType::Boolean })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let texts = arrays[0].as_string::<i32>().iter();
        let result: ArrayRef = match self.body {
            Body::Text(text) => Arc::new(texts.map(|given| text(given?)).collect::<StringArray>()),
            Body::Test(test) => Arc::new(texts.map(|given| Some(test(given?))).collect::<BooleanArray>()),
            Body::TestWith(test) => {
                let others = arrays[1].as_string::<i32>().iter();
                let tested = texts.zip(others).map(|(given, other)| Some(test(given?, other?)));
                Arc::new(tested.collect::<BooleanArray>())
            }
        };
        Ok(ColumnarValue::Array(result))
    }
}
