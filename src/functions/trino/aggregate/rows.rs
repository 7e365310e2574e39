//! Rows of tables: which are kept, in what order.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{filter, is_not_null, take_arrays};
use arrow::row::{RowConverter, SortField};
use datafusion::common::internal_err;
use datafusion::error::Result;

use super::table::Columns;
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::index;

/// A column of a table.
pub fn column(columns: &[ArrayRef], i: usize) -> Result<&ArrayRef> {
    match columns.get(i) {
        Some(column) => Ok(column),
        None => internal_err!("an aggregate's table has no column {i}"),
    }
}

/// Rows that are equal in the first `of` columns once, in the order in which they come first.
pub fn distinct(columns: Columns, of: usize) -> Result<Columns> {
    let compared = columns.get(..of).unwrap_or(&columns);
    let fields = compared.iter().map(|column| SortField::new(column.data_type().clone()));
    let rows = RowConverter::new(fields.collect())?.convert_columns(compared)?;
    let mut seen = HashSet::with_capacity(rows.num_rows());
    let kept: UInt32Array =
        rows.iter().enumerate().filter(|(_, row)| seen.insert(*row)).map(|(place, _)| index(place)).collect();
    Ok(take_arrays(&columns, &kept, None)?)
}

/// Rows that are not `NULL` in a column.
pub fn without_nulls(columns: &[ArrayRef], i: usize) -> Result<Columns> {
    let known = is_not_null(column(columns, i)?)?;
    kept(columns, &known)
}

/// Rows that a test let pass.
pub fn kept(columns: &[ArrayRef], test: &BooleanArray) -> Result<Columns> {
    Ok(columns.iter().map(|column| filter(column, test)).collect::<Result<_, _>>()?)
}

/// The first `most` rows when ordered by a column.
pub fn first_by(columns: Columns, by: usize, most: usize, descending: bool) -> Result<Columns> {
    let keys = Keys::new(column(&columns, by)?)?;
    let mut places: Vec<_> = (0..columns.first().map_or(0, |column| column.len())).collect();
    places.sort_by(|left, right| {
        let order = keys.order(*left, *right);
        if descending { order.reverse() } else { order }
    });
    let places: UInt32Array = places.into_iter().take(most).map(index).collect();
    Ok(take_arrays(&columns, &places, None)?)
}
