//! What is asked of paths.

use std::hash::Hash;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::{is_json, no_json, scalars};
use crate::functions::trino::call::{Call, Reader};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::json_path::{Item, JsonPath, Variable};
use crate::functions::trino::types::VARCHAR;

/// What is asked of the items that a path gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Asked {
    /// `json_exists`: whether there are any.
    Exists,
    /// `json_query`: their JSON.
    Query {
        /// Whether they are put into an array.
        wrapper: Wrapper,
        /// Whether a string comes without its quotes.
        omit_quotes: bool,
    },
    /// `json_value`: the scalar that the only one is, as a value of a type.
    Value {
        /// The type.
        returns: DataType,
        /// Most characters of a `varchar(n)`.
        length: Option<u32>,
    },
}

/// When items are put into an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrapper {
    /// Never.
    Without,
    /// Unless there is one, an array or an object.
    Conditional,
    /// Always.
    Unconditional,
}

/// What there is instead, `ON EMPTY` or `ON ERROR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fallback {
    /// The statement fails.
    Error,
    /// `NULL`, or `UNKNOWN`.
    Null,
    /// A boolean.
    Truth(bool),
    /// `[]`
    EmptyArray,
    /// `{}`
    EmptyObject,
    /// The value of an argument.
    Default(usize),
}

/// A call of a function that asks a path. Its arguments are the input, the values of the variables, in
/// their order, and the default values that fallbacks name, which are of the result's type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathFunction {
    /// The path.
    pub path: JsonPath,
    /// The variables' names, and whether their values are texts to be read as JSON. The others' are of
    /// type `json`.
    pub variables: Vec<(String, bool)>,
    /// What is asked.
    pub asked: Asked,
    /// Where there is no item.
    pub on_empty: Fallback,
    /// Where the input is no JSON, the path cannot be followed, or what it gives does not do.
    pub on_error: Fallback,
    /// A row that fails gives `NULL`, as inside `TRY`.
    pub safe: bool,
    signature: Signature,
}

impl PathFunction {
    /// A function of `arguments` arguments, with the fallbacks that it has without a clause.
    pub fn new(path: JsonPath, asked: Asked, arguments: usize) -> Self {
        let on_error = if asked == Asked::Exists { Fallback::Truth(false) } else { Fallback::Null };
        let signature = Signature::any(arguments, Volatility::Immutable);
        Self { path, variables: vec![], asked, on_empty: Fallback::Null, on_error, safe: false, signature }
    }

    /// The type of the result.
    pub fn returns(&self) -> DataType {
        match &self.asked {
            Asked::Exists => DataType::Boolean,
            Asked::Query { .. } => VARCHAR,
            Asked::Value { returns, .. } => returns.clone(),
        }
    }

    fn exists(&self, items: Result<Vec<Item>, SqlError>) -> Result<Option<bool>, SqlError> {
        match (items, self.on_error) {
            (Ok(items), _) => Ok(Some(!items.is_empty())),
            (Err(error), Fallback::Error) => Err(error),
            (Err(_), Fallback::Truth(truth)) => Ok(Some(truth)),
            (Err(_), _) => Ok(None),
        }
    }

    fn query(&self, wrapper: Wrapper, omit_quotes: bool, items: &[Item]) -> Result<Option<String>, SqlError> {
        let single = match items {
            [] => return self.json_instead(self.on_empty, "JSON path found no items"),
            [item] if wrapper == Wrapper::Without => Some(item),
            [item] if wrapper == Wrapper::Conditional && item.written().starts_with(['{', '[']) => Some(item),
            _ if wrapper == Wrapper::Without => {
                return self.json_instead(self.on_error, "JSON path found multiple items");
            }
            _ => None,
        };
        let Some(item) = single else {
            let items: Vec<String> = items.iter().map(Item::written).collect();
            return Ok(Some(format!("[{}]", items.join(","))));
        };
        Ok(Some(match item.string() {
            Some(text) if omit_quotes => text.into_owned(),
            _ => item.written(),
        }))
    }

    fn json_instead(&self, fallback: Fallback, why: &str) -> Result<Option<String>, SqlError> {
        match fallback {
            Fallback::Error => {
                let message = format!("conversion from JSON failed: {why}");
                Err(SqlError::new(ErrorCode::JsonOutputConversionError, message))
            }
            Fallback::EmptyArray => Ok(Some("[]".to_owned())),
            Fallback::EmptyObject => Ok(Some("{}".to_owned())),
            _ => Ok(None),
        }
    }

    fn call(&self, call: &Call) -> Result<ArrayRef> {
        let inputs = call.read::<&str>(0)?;
        let passed = (1..=self.variables.len()).map(|argument| call.read::<&str>(argument));
        let passed = passed.collect::<Result<Vec<_>>>()?;
        let items = |row| Some(self.items(inputs.get(row)?, &passed, row));
        match &self.asked {
            Asked::Exists => call.collect(|row| Some(self.exists(items(row)?))),
            Asked::Query { wrapper, omit_quotes } => call.collect(|row| {
                Some(match (items(row)?, self.on_error) {
                    (Ok(items), _) => self.query(*wrapper, *omit_quotes, &items),
                    (Err(error), Fallback::Error) => Err(error),
                    (Err(_), fallback) => self.json_instead(fallback, ""),
                })
            }),
            Asked::Value { returns, length } => {
                let mut found = scalars::Scalars::new(self.on_empty, self.on_error);
                for row in 0..call.rows {
                    found.add(call, items(row))?;
                }
                found.array(call, returns, *length)
            }
        }
    }

    /// The items that the path gives of a row's input.
    fn items<'a>(
        &'a self,
        input: &'a str,
        passed: &[Reader<'a, &'a str>],
        row: usize,
    ) -> Result<Vec<Item<'a>>, SqlError> {
        if !is_json(input) {
            return Err(no_json());
        }
        let mut variables = Vec::with_capacity(passed.len());
        for ((name, is_text), values) in self.variables.iter().zip(passed) {
            let item = match values.get(row) {
                Some(json) if *is_text && !is_json(json) => return Err(no_json()),
                Some(json) => Some(Item::json(json)),
                // A value that is NULL is JSON's null, JSON that is NULL is nothing.
                None => (!is_text).then(|| Item::json("null")),
            };
            variables.push(Variable { name, item });
        }
        self.path.items(Item::json(input), &variables)
    }
}

impl ScalarUDFImpl for PathFunction {
    fn name(&self) -> &str {
        match self.asked {
            Asked::Exists => "json_exists",
            Asked::Query { .. } => "json_query",
            Asked::Value { .. } => "json_value",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let returns = self.returns();
        let call = Call::new(&args.args, args.number_rows, &returns, self.safe)?;
        Ok(ColumnarValue::Array(self.call(&call)?))
    }
}
