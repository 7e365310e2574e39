//! Casts to JSON.
//!
//! Source: Trino documentation, "JSON functions and operators", "Cast to JSON".

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, StructArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::error::Result;

use super::convert::Converted;
use crate::functions::trino::json_text::write_string;
use crate::functions::trino::text::{text, write_text};
use crate::functions::trino::types::anonymous_field;

/// To JSON; `NULL` stays `NULL`, and becomes `null` only inside other values.
pub fn convert(array: &ArrayRef) -> Result<Converted> {
    let of_row = |row| {
        let mut json = String::new();
        (array.is_valid(row)).then(|| write_json(&mut json, array, row))?;
        Some(json)
    };
    let json: ArrayRef = Arc::new((0..array.len()).map(of_row).collect::<LargeStringArray>());
    Ok(json.into())
}

/// Writes a value as JSON.
pub fn write_json(out: &mut String, array: &dyn Array, row: usize) {
    if array.is_null(row) {
        return out.push_str("null");
    }
    match array.data_type() {
        DataType::List(_) => write_list(out, array.as_list::<i32>().value(row).as_ref()),
        DataType::Map(..) => write_map(out, &array.as_map().value(row)),
        DataType::Struct(_) => write_row(out, array.as_struct(), row),
        DataType::Utf8 => write_string(out, array.as_string::<i32>().value(row)),
        DataType::Float64 if !array.as_primitive::<Float64Type>().value(row).is_finite() => {
            write_string(out, &text(array, row).unwrap_or_default());
        }
        DataType::Float32 if !array.as_primitive::<Float32Type>().value(row).is_finite() => {
            write_string(out, &text(array, row).unwrap_or_default());
        }
        DataType::Date32 | DataType::Timestamp(..) => {
            write_string(out, &text(array, row).unwrap_or_default())
        }
        _ => {
            if !write_text(out, array, row) {
                out.push_str("null");
            }
        }
    }
}

fn write_list(out: &mut String, items: &dyn Array) {
    out.push('[');
    for row in 0..items.len() {
        if row > 0 {
            out.push(',');
        }
        write_json(out, items, row);
    }
    out.push(']');
}

/// Keys are in order.
fn write_map(out: &mut String, entries: &StructArray) {
    let [keys, values] = entries.columns() else { return };
    let sorted: BTreeMap<_, _> = (0..entries.len()).map(|row| (text(keys, row), row)).collect();
    out.push('{');
    for (i, (key, row)) in sorted.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_string(out, key.as_deref().unwrap_or_default());
        out.push(':');
        write_json(out, values, *row);
    }
    out.push('}');
}

/// Members without names have empty ones.
fn write_row(out: &mut String, members: &StructArray, row: usize) {
    out.push('{');
    for (i, (field, member)) in members.fields().iter().zip(members.columns()).enumerate() {
        if i > 0 {
            out.push(',');
        }
        let anonymous = *field.name() == anonymous_field(i);
        write_string(out, if anonymous { "" } else { field.name() });
        out.push(':');
        write_json(out, member, row);
    }
    out.push('}');
}
