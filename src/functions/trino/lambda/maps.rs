//! `map_filter`, `transform_keys` and `transform_values`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::buffer::OffsetBuffer;
use datafusion::error::Result;

use super::{LambdaCall, higher_order};
use crate::functions::trino::call::invalid;
use crate::functions::trino::function::Function;
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::{Lists, entries_of, map_of};
use crate::functions::trino::text::text;

/// Functions of maps.
pub fn functions() -> Vec<Function> {
    vec![
        higher_order(
            "map_filter",
            "The entries for which the lambda gives true.",
            "(map(K,V), function(K, V, boolean)) -> map(K,V)",
            map_filter,
        ),
        higher_order(
            "transform_keys",
            "The values under the keys that the lambda gives.",
            "(map(K,V), function(K, V, R)) -> map(R,V)",
            transform_keys,
        ),
        higher_order(
            "transform_values",
            "What the lambda gives for each value, under the value's key.",
            "(map(K,V), function(K, V, R)) -> map(K,R)",
            transform_values,
        ),
    ]
}

fn map_filter(call: &LambdaCall) -> Result<ArrayRef> {
    let maps = Lists::new(&call.array(0)?)?;
    let (keys, values) = entries_of(&maps.values)?;
    let tests = call.test(1, &[keys.clone(), values.clone()], &maps.rows())?;
    let kept: Vec<bool> = tests.iter().map(|test| *test == Some(true)).collect();
    let lengths = maps.ranges().map(|range| kept[range].iter().filter(|kept| **kept).count());
    let offsets = OffsetBuffer::from_lengths(lengths);
    let kept = BooleanArray::from(kept);
    let (keys, values) = (arrow::compute::filter(&keys, &kept)?, arrow::compute::filter(&values, &kept)?);
    map_of(call.returns(), offsets, keys, values, maps.nulls)
}

fn transform_values(call: &LambdaCall) -> Result<ArrayRef> {
    let maps = Lists::new(&call.array(0)?)?;
    let (keys, values) = entries_of(&maps.values)?;
    let results = call.evaluate(1, &[Arc::clone(&keys), values], &maps.rows())?;
    map_of(call.returns(), maps.offsets, keys, results, maps.nulls)
}

fn transform_keys(call: &LambdaCall) -> Result<ArrayRef> {
    let maps = Lists::new(&call.array(0)?)?;
    let (keys, values) = entries_of(&maps.values)?;
    let results = call.evaluate(1, &[keys, Arc::clone(&values)], &maps.rows())?;
    if results.null_count() > 0 {
        return Err(invalid("map key cannot be null").into());
    }
    let distinct = Keys::new(&results)?;
    for range in maps.ranges() {
        if let Some(twice) = distinct.first_repeated(range) {
            let key = text(&results, twice).unwrap_or_default();
            return Err(invalid(format!("Duplicate map keys ({key}) are not allowed")).into());
        }
    }
    map_of(call.returns(), maps.offsets, results, values, maps.nulls)
}
