//! The text of a value, as result files and the API have it.

use arrow::array::{Array, StructArray};
use arrow::error::ArrowError;
use arrow::util::display::array_value_to_string;

/// A value's text; `None` for `NULL`.
///
/// # Errors
/// If a value of this type has none.
pub fn text(array: &dyn Array, row: usize) -> Result<Option<String>, ArrowError> {
    if array.is_null(row) {
        return Ok(None);
    }
    match array.as_any().downcast_ref::<StructArray>() {
        Some(fields) => struct_text(fields, row).map(Some),
        None => array_value_to_string(array, row).map(Some),
    }
}

fn struct_text(fields: &StructArray, row: usize) -> Result<String, ArrowError> {
    let mut members = vec![];
    for (name, column) in fields.column_names().into_iter().zip(fields.columns()) {
        members.push(format!("{name}={}", text(column, row)?.as_deref().unwrap_or("null")));
    }
    Ok(format!("{{{}}}", members.join(", ")))
}
