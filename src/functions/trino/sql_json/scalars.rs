//! The values that `json_value` gives.

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::interleave;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::scalar::ScalarValue;

use super::Fallback;
use crate::functions::trino::call::Call;
use crate::functions::trino::cast::cast_array_to;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::json_path::{Item, Number};

/// Collects the rows' scalars, by their types, so that each type is cast at once.
pub struct Scalars {
    on_empty: Fallback,
    on_error: Fallback,
    groups: Vec<(DataType, Vec<ScalarValue>)>,
    rows: Vec<Row>,
}

/// Where the value of a row is.
#[derive(Clone, Copy)]
enum Row {
    Null,
    Scalar {
        group: usize,
        place: usize,
    },
    /// The value that an argument has for the row.
    Default(usize),
}

fn refused(why: &str) -> SqlError {
    let message = format!("cannot extract SQL scalar from JSON: {why}");
    SqlError::new(ErrorCode::JsonValueResultError, message)
}

impl Scalars {
    pub fn new(on_empty: Fallback, on_error: Fallback) -> Self {
        Self { on_empty, on_error, groups: vec![], rows: vec![] }
    }

    /// Adds a row: the items that the path gives, or `None` of an input that is `NULL`.
    pub fn add(&mut self, call: &Call, items: Option<Result<Vec<Item>, SqlError>>) -> Result<()> {
        let row = match items {
            None => Row::Null,
            Some(Err(error)) => self.instead(call, self.on_error, error)?,
            Some(Ok(items)) => match items.as_slice() {
                [] => self.instead(call, self.on_empty, refused("JSON path found no items"))?,
                [item] if item.written() == "null" => Row::Null,
                [item] => match scalar(item) {
                    Some(value) => self.keep(value),
                    None => {
                        let why = "JSON path found an item that cannot be converted to an SQL value";
                        self.instead(call, self.on_error, refused(why))?
                    }
                },
                _ => self.instead(call, self.on_error, refused("JSON path found multiple items"))?,
            },
        };
        self.rows.push(row);
        Ok(())
    }

    fn instead(&self, call: &Call, fallback: Fallback, error: SqlError) -> Result<Row> {
        match fallback {
            Fallback::Error => call.settle::<()>(Err(error)).map(|_| Row::Null),
            Fallback::Default(argument) => Ok(Row::Default(argument)),
            _ => Ok(Row::Null),
        }
    }

    fn keep(&mut self, value: ScalarValue) -> Row {
        let data_type = value.data_type();
        let group = self.groups.iter().position(|(known, _)| *known == data_type).unwrap_or_else(|| {
            self.groups.push((data_type, vec![]));
            self.groups.len() - 1
        });
        let mut place = 0;
        if let Some((_, values)) = self.groups.get_mut(group) {
            place = values.len();
            values.push(value);
        }
        Row::Scalar { group, place }
    }

    /// The values as those of a type.
    pub fn array(self, call: &Call, returns: &DataType, length: Option<u32>) -> Result<ArrayRef> {
        // The first stands for NULL, then come the groups, then the arguments.
        let mut arrays = vec![new_null_array(returns, 1)];
        for (_, values) in &self.groups {
            let scalars = ScalarValue::iter_to_array(values.iter().cloned())?;
            arrays.push(cast_array_to(&scalars, returns, length, true)?);
        }
        let defaults = arrays.len();
        let arguments = [self.on_empty, self.on_error].into_iter().filter_map(|fallback| match fallback {
            Fallback::Default(argument) => Some(argument),
            _ => None,
        });
        let arguments: Vec<usize> = arguments.collect();
        for argument in &arguments {
            arrays.push(call.array(*argument)?);
        }
        let mut places = Vec::with_capacity(self.rows.len());
        for (at, row) in self.rows.iter().enumerate() {
            let failed = matches!(row, Row::Scalar { group, place }
                if arrays.get(group + 1).is_none_or(|values| values.is_null(*place)));
            let row = match row {
                _ if failed => {
                    self.instead(call, self.on_error, refused("the item is no value of the type"))?
                }
                row => *row,
            };
            places.push(match row {
                Row::Null => (0, 0),
                Row::Scalar { group, place } => (group + 1, place),
                Row::Default(argument) => {
                    let known = arguments.iter().position(|known| *known == argument);
                    known.map_or((0, 0), |known| (defaults + known, at))
                }
            });
        }
        let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        Ok(interleave(&arrays, &places)?)
    }
}

/// The value that an item is in SQL; `None` of arrays, objects and numbers that are too large.
fn scalar(item: &Item) -> Option<ScalarValue> {
    if let Some(text) = item.string() {
        return Some(ScalarValue::Utf8(Some(text.into_owned())));
    }
    if let Some(truth) = item.boolean() {
        return Some(ScalarValue::Boolean(Some(truth)));
    }
    Some(match item.number()? {
        Number::Integer(value) => ScalarValue::Int64(Some(value)),
        Number::Double(value) => ScalarValue::Float64(Some(value)),
        Number::Decimal(value, scale) => ScalarValue::Decimal128(Some(value), 38, scale),
    })
}
