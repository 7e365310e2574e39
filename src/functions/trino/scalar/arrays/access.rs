//! Elements and parts of arrays, and values of maps.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;

use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::function::Function;
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::{Lists, Picked, entries_of, index};
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::text::text;
use crate::functions::trino::types::array;

/// Functions of elements and parts.
pub fn functions() -> Vec<Function> {
    vec![
        scalar(
            "element_at",
            "An element of an array, from 1, or from the end; the value of a key. NULL if there is none.",
        )
        .on("(array(E), bigint) -> E", |call| element(call, false))
        .on("(map(K,V), K) -> V", |call| value_of_key(call, false)),
        scalar("cardinality", "How many elements or entries there are.")
            .on("(array(E)) -> bigint", cardinality)
            .on("(map(K,V)) -> bigint", cardinality),
        scalar("slice", "So many elements from a place on, from 1, or from the end.")
            .on("(array(E), bigint, bigint) -> array(E)", slice),
        scalar("trim_array", "The array without its last elements.")
            .on("(array(E), bigint) -> array(E)", trim_array),
    ]
}

/// `base[index]`, of an array or a map. `safe`: a row that fails gives `NULL`.
///
/// # Errors
/// Trino's message if the types do not go together.
pub fn subscript(
    base: Expr,
    base_type: &DataType,
    at: Expr,
    at_type: &DataType,
    safe: bool,
) -> Result<Expr, String> {
    let function =
        scalar("subscript", "An element of an array or the value of a key; an error if there is none.")
            .on("(array(E), bigint) -> E", |call| element(call, true))
            .on("(map(K,V), K) -> V", |call| value_of_key(call, true));
    let types = [base_type.clone(), at_type.clone()];
    function.scalar(vec![base, at], &types, safe).map_err(|_| {
        let name = crate::functions::trino::types::type_name;
        format!("Cannot apply operator: {}[{}]", name(base_type), name(at_type))
    })
}

/// The element of an array of one, and `NULL` for one of none: what a scalar subquery gives.
///
/// # Errors
/// Trino's message if it is no array. Computed, an array of several is an error.
pub fn single_element(list: Expr, element_type: &DataType) -> Result<Expr, String> {
    let function =
        scalar("single_element", "The element of an array of at most one.").on("(array(E)) -> E", single);
    function.scalar(vec![list], &[array(element_type.clone())], false)
}

fn single(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let places = lists.ranges().map(|range| match range.len() {
        0 => Ok(None),
        1 => Ok(Some(index(range.start))),
        _ => {
            let message = "Scalar sub-query has returned multiple rows";
            Err(SqlError::new(ErrorCode::SubqueryMultipleRows, message))
        }
    });
    gathered(&lists, places.collect::<Result<_, _>>()?, &lists.values)
}

/// The elements of all rows at places that may be missing.
fn gathered(lists: &Lists, places: Vec<Option<u32>>, values: &ArrayRef) -> Result<ArrayRef> {
    debug_assert_eq!(places.len(), lists.len());
    Ok(take(values, &UInt32Array::from(places), None)?)
}

fn element(call: &Call, strict: bool) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let numbers = call.read::<i64>(1)?;
    let mut places = Vec::with_capacity(call.rows);
    for (row, range) in lists.ranges().enumerate() {
        let found = match numbers.get(row) {
            Some(number) if !lists.is_null(row) => {
                place(number, range.len(), strict).map(|found| found.map(|at| range.start + at))
            }
            _ => Ok(None),
        };
        places.push(call.settle(found)?.map(index));
    }
    gathered(&lists, places, &lists.values)
}

/// The place, from 0, of an element of so many.
fn place(number: i64, length: usize, strict: bool) -> Result<Option<usize>, SqlError> {
    if number == 0 {
        return Err(invalid("SQL array indices start at 1"));
    }
    if strict && number < 0 {
        return Err(invalid(format!("Array subscript is negative: {number}")));
    }
    let from_end = usize::try_from(number.unsigned_abs()).ok();
    let place = if number > 0 {
        from_end.and_then(|number| number.checked_sub(1)).filter(|place| *place < length)
    } else {
        from_end.and_then(|back| length.checked_sub(back))
    };
    if strict && place.is_none() {
        return Err(invalid(format!(
            "Array subscript must be less than or equal to array length: {number} > {length}"
        )));
    }
    Ok(place)
}

fn value_of_key(call: &Call, strict: bool) -> Result<ArrayRef> {
    let maps = Lists::new(&call.array(0)?)?;
    let (keys, values) = entries_of(&maps.values)?;
    let sought = call.array(1)?;
    let (known, wanted) = Keys::pair(&keys, &sought)?;
    let mut places = Vec::with_capacity(call.rows);
    for (row, mut range) in maps.ranges().enumerate() {
        let found = if maps.is_null(row) || sought.is_null(row) {
            Ok(None)
        } else {
            match range.find(|place| known.get(*place) == wanted.get(row)) {
                None if strict => {
                    let key = text(&sought, row).unwrap_or_default();
                    Err(invalid(format!("Key not present in map: {key}")))
                }
                found => Ok(found),
            }
        };
        places.push(call.settle(found)?.map(index));
    }
    gathered(&maps, places, &values)
}

fn cardinality(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let lengths = lists
        .ranges()
        .enumerate()
        .map(|(row, range)| (!lists.is_null(row)).then(|| i64::try_from(range.len()).unwrap_or(i64::MAX)));
    Ok(Arc::new(lengths.collect::<arrow::array::Int64Array>()))
}

fn slice(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let (starts, lengths) = (call.read::<i64>(1)?, call.read::<i64>(2)?);
    let mut picked = Picked::default();
    for (row, range) in lists.ranges().enumerate() {
        let part = starts.get(row).zip(lengths.get(row)).filter(|_| !lists.is_null(row));
        let part = part.map(|(start, length)| part_of(start, length, range.len())).transpose();
        match call.settle(part)? {
            Some(part) => picked.push(range.skip(part.start).take(part.len())),
            None => picked.push_null(),
        }
    }
    picked.into_lists(call.returns, &lists.values)
}

fn part_of(start: i64, length: i64, count: usize) -> Result<std::ops::Range<usize>, SqlError> {
    let Ok(length) = usize::try_from(length) else {
        return Err(invalid("length must be greater than or equal to 0"));
    };
    if start == 0 {
        return Err(invalid("SQL array indices start at 1"));
    }
    let from = place(start, count, false)?.unwrap_or(count);
    Ok(from..from.saturating_add(length).min(count))
}

fn trim_array(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let counts = call.read::<i64>(1)?;
    let mut picked = Picked::default();
    for (row, range) in lists.ranges().enumerate() {
        let kept = counts.get(row).filter(|_| !lists.is_null(row)).map(|cut| {
            let kept = usize::try_from(cut).ok().and_then(|cut| range.len().checked_sub(cut));
            kept.ok_or_else(|| {
                let problem = if cut < 0 {
                    "size must not be negative".into()
                } else {
                    format!("size must not exceed array cardinality {}: {cut}", range.len())
                };
                invalid(problem)
            })
        });
        match call.settle(kept.transpose())? {
            Some(kept) => picked.push(range.take(kept)),
            None => picked.push_null(),
        }
    }
    picked.into_lists(call.returns, &lists.values)
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::lit;
    use datafusion::scalar::ScalarValue;

    use super::*;
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn elements() {
        check(&[
            ("element_at(ARRAY['a', 'b'], 2)", "b"),
            ("element_at(ARRAY['a', 'b'], -1)", "b"),
            ("element_at(ARRAY['a', 'b'], 3)", "NULL"),
            ("element_at(map(ARRAY['k', 'l'], ARRAY[1, 2]), 'l')", "2"),
            ("element_at(map(ARRAY['k', 'l'], ARRAY[1, 2]), 'x')", "NULL"),
            ("cardinality(ARRAY[1, NULL])", "2"),
            ("cardinality(map(ARRAY['k'], ARRAY[1]))", "1"),
            ("cardinality(NULL)", "NULL"),
            ("slice(ARRAY[1, 2, 3, 4], 2, 2)", "[2, 3]"),
            ("slice(ARRAY[1, 2, 3, 4], -2, 9)", "[3, 4]"),
            ("slice(ARRAY[1, 2], 5, 1)", "[]"),
            ("trim_array(ARRAY[1, 2, 3, 4], 1)", "[1, 2, 3]"),
        ]);
        check_errors(&[
            ("element_at(ARRAY[1], 0)", "SQL array indices start at 1"),
            ("slice(ARRAY[1], 1, -1)", "length must be greater than or equal to 0"),
            ("trim_array(ARRAY[1], 2)", "size must not exceed array cardinality 1: 2"),
        ]);
    }

    #[test]
    fn subscripts_are_strict() {
        let list =
            ScalarValue::List(ScalarValue::new_list_nullable(&[ScalarValue::from(7)], &DataType::Int32));
        let given = |at: i32, safe| {
            let expr =
                subscript(lit(list.clone()), &list.data_type(), lit(at), &DataType::Int32, safe).unwrap();
            let schema = datafusion::common::DFSchema::empty();
            let context = datafusion::prelude::SessionContext::new();
            let batch = arrow::array::RecordBatch::new_empty(Arc::new(arrow::datatypes::Schema::empty()));
            let value = context.create_physical_expr(expr, &schema)?.evaluate(&batch)?;
            value.to_array(1)
        };
        assert_eq!(text(&given(1, false).unwrap(), 0).unwrap(), "7");
        let error = given(2, false).unwrap_err().to_string();
        assert!(
            error.contains("Array subscript must be less than or equal to array length: 2 > 1"),
            "{error}"
        );
        assert!(given(-1, false).unwrap_err().to_string().contains("Array subscript is negative: -1"));
        assert_eq!(text(&given(2, true).unwrap(), 0), None);
    }
}
