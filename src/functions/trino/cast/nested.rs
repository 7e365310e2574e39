//! Casts of arrays, maps and rows, by what is in them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::internal_err;
use datafusion::error::Result;

use super::convert::{Converted, convert};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::lists::within;

/// An array of arrays, item by item.
pub fn list(array: &ArrayRef, item: &FieldRef) -> Result<Converted> {
    let list = array.as_list::<i32>();
    let (offsets, values) = within(list.offsets(), list.values());
    let converted = convert(&values, item.data_type())?;
    let failures = of_parents(converted.failures, &offsets, list.nulls());
    let list = ListArray::try_new(item.clone(), offsets, converted.array, list.nulls().cloned())?;
    Ok(Converted { array: Arc::new(list), failures })
}

/// A map, keys and values each.
pub fn map(array: &ArrayRef, entries: &Arc<Field>) -> Result<Converted> {
    let DataType::Struct(members) = entries.data_type() else {
        return internal_err!("entries of a map are rows");
    };
    let map = array.as_map();
    let given: ArrayRef = Arc::new(map.entries().clone());
    let (offsets, given) = within(map.offsets(), &given);
    let converted = row(&given, members)?;
    let failures = of_parents(converted.failures, &offsets, map.nulls());
    let entry = converted.array.as_struct().clone();
    let map = MapArray::try_new(entries.clone(), offsets, entry, map.nulls().cloned(), false)?;
    Ok(Converted { array: Arc::new(map), failures })
}

/// A row, member by member, whatever their names.
pub fn row(array: &ArrayRef, members: &Fields) -> Result<Converted> {
    let given = array.as_struct();
    let mut columns = vec![];
    let mut failures = vec![];
    for (column, member) in given.columns().iter().zip(members) {
        let converted = convert(column, member.data_type())?;
        failures.extend(converted.failures.into_iter().filter(|(row, _)| given.is_valid(*row)));
        columns.push(converted.array);
    }
    failures.sort_by_key(|(row, _)| *row);
    let row =
        StructArray::try_new_with_length(members.clone(), columns, given.nulls().cloned(), given.len())?;
    Ok(Converted { array: Arc::new(row), failures })
}

/// Failures of items as failures of the lists that hold them.
pub fn of_parents(
    failures: Vec<(usize, SqlError)>,
    offsets: &OffsetBuffer<i32>,
    nulls: Option<&NullBuffer>,
) -> Vec<(usize, SqlError)> {
    let parents = failures.into_iter().map(|(item, error)| {
        let item = i32::try_from(item).unwrap_or(i32::MAX);
        (offsets.partition_point(|offset| *offset <= item).saturating_sub(1), error)
    });
    parents.filter(|(row, _)| nulls.is_none_or(|nulls| nulls.is_valid(*row))).collect()
}
