//! `json_object` and `json_array`.

use std::collections::HashSet;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use super::{is_json, no_json};
use crate::functions::trino::call::{Call, Reader, invalid};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::json_text::{compact, write_string};
use crate::functions::trino::types::VARCHAR;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Of keys and values, one after the other.
    Object,
    /// Of values.
    Array,
}

/// A call of a function that makes JSON. Keys are of type `varchar`, values of type `json`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Constructor {
    shape: Shape,
    /// Whether what is `NULL` is left out, rather than a `null`.
    pub absent_on_null: bool,
    /// Whether a key that is there twice is the caller's fault, rather than not supported.
    pub unique_keys: bool,
    /// Which values are texts that have yet to be read as JSON.
    pub unread: Vec<bool>,
    /// A row that fails gives `NULL`, as inside `TRY`.
    pub safe: bool,
    signature: Signature,
}

impl Constructor {
    /// A function of `arguments` arguments; arrays leave out what is `NULL`, objects do not.
    pub fn new(shape: Shape, arguments: usize) -> Self {
        let taken = if arguments == 0 { TypeSignature::Nullary } else { TypeSignature::Any(arguments) };
        let signature = Signature::new(taken, Volatility::Immutable);
        let absent_on_null = shape == Shape::Array;
        Self { shape, absent_on_null, unique_keys: false, unread: vec![], safe: false, signature }
    }

    fn value(&self, place: usize, json: &str) -> Result<String, SqlError> {
        match self.unread.get(place) {
            Some(true) if !is_json(json) => Err(no_json()),
            _ => Ok(compact(json)),
        }
    }

    fn array<'a>(&self, values: &[Reader<'a, &'a str>], row: usize) -> Result<String, SqlError> {
        let mut elements = vec![];
        for (place, values) in values.iter().enumerate() {
            match values.get(row) {
                Some(json) => elements.push(self.value(place, json)?),
                None if self.absent_on_null => {}
                None => elements.push("null".to_owned()),
            }
        }
        Ok(format!("[{}]", elements.join(",")))
    }

    fn object<'a>(&self, arguments: &[Reader<'a, &'a str>], row: usize) -> Result<String, SqlError> {
        let mut out = "{".to_owned();
        let mut keys = HashSet::new();
        for (place, member) in arguments.chunks_exact(2).enumerate() {
            let [key, value] = member else { continue };
            let key = key.get(row);
            let key =
                key.ok_or_else(|| invalid("null value passed for JSON object key to JSON_OBJECT function"))?;
            let value = match value.get(row) {
                Some(json) => self.value(place, json)?,
                None if self.absent_on_null => continue,
                None => "null".to_owned(),
            };
            if !keys.insert(key) {
                return Err(self.duplicate_key());
            }
            if out.len() > 1 {
                out.push(',');
            }
            write_string(&mut out, key);
            out.push(':');
            out.push_str(&value);
        }
        out.push('}');
        Ok(out)
    }

    fn duplicate_key(&self) -> SqlError {
        if self.unique_keys {
            return invalid("duplicate key passed to JSON_OBJECT function");
        }
        let message = "cannot construct a JSON object with duplicate key";
        SqlError::new(ErrorCode::NotSupported, message)
    }

    fn call(&self, call: &Call) -> Result<ArrayRef> {
        let arguments = (0..call.len()).map(|argument| call.read::<&str>(argument));
        let arguments = arguments.collect::<Result<Vec<_>>>()?;
        call.collect(|row| {
            Some(match self.shape {
                Shape::Object => self.object(&arguments, row),
                Shape::Array => self.array(&arguments, row),
            })
        })
    }
}

impl ScalarUDFImpl for Constructor {
    fn name(&self) -> &str {
        match self.shape {
            Shape::Object => "json_object",
            Shape::Array => "json_array",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(VARCHAR)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let call = Call::new(&args.args, args.number_rows, &VARCHAR, self.safe)?;
        Ok(ColumnarValue::Array(self.call(&call)?))
    }
}
