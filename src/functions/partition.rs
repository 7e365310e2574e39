//! `partition_value(source_object)`: what an object's name says of one partition column.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{AsArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::partition::PartitionValue;

/// The function for one column, `(varchar) -> varchar`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PartitionFunction {
    /// Has the column's name in it: results of two such functions are told apart by name.
    name: String,
    column: String,
    value: PartitionValue,
    signature: Signature,
}

/// The function that gives the values of the partition column `column`, from names of objects.
pub fn partition_value(column: &str, value: PartitionValue) -> ScalarUDF {
    let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
    let (name, column) = (format!("partition_value_{column}"), column.to_owned());
    ScalarUDF::from(PartitionFunction { name, column, value, signature })
}

/// Where the function's values stand, if it is one of these.
pub fn partition_value_of(function: &ScalarUDF) -> Option<&PartitionValue> {
    let function: &dyn Any = function.inner().as_ref();
    function.downcast_ref::<PartitionFunction>().map(|function| &function.value)
}

/// The column whose values the function gives, if it is one of these.
pub fn partition_column_of(function: &ScalarUDF) -> Option<&str> {
    let function: &dyn Any = function.inner().as_ref();
    function.downcast_ref::<PartitionFunction>().map(|function| function.column.as_str())
}

impl ScalarUDFImpl for PartitionFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let mut values = StringBuilder::new();
        let mut last: Option<(&str, Option<String>)> = None;
        for name in arrays.iter().flat_map(|names| names.as_string::<i32>()) {
            let Some(name) = name else {
                values.append_null();
                continue;
            };
            // The records of an object follow each other.
            let value = match last.take() {
                Some((known, value)) if known == name => value,
                _ => self.value.of(name),
            };
            values.append_option(value.as_deref());
            last = Some((name, value));
        }
        Ok(ColumnarValue::Array(Arc::new(values.finish())))
    }
}
