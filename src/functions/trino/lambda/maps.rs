//! `map_filter`, `transform_keys`, `transform_values` and `map_zip_with`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use datafusion::error::Result;

use super::{LambdaCall, higher_order};
use crate::functions::trino::call::invalid;
use crate::functions::trino::function::Function;
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::{Lists, entries_of, index, map_of};
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
        higher_order(
            "map_zip_with",
            "What the lambda gives for each key of two maps and its values there, NULL where it is missing.",
            "(map(K,A), map(K,B), function(K, A, B, R)) -> map(K,R)",
            map_zip_with,
        ),
    ]
}

/// Where a key stands in one map, and in another.
type Places = (Option<usize>, Option<usize>);

/// The first map's keys come first.
fn map_zip_with(call: &LambdaCall) -> Result<ArrayRef> {
    let (left, right) = (Lists::new(&call.array(0)?)?, Lists::new(&call.array(1)?)?);
    let ((left_keys, left_values), (right_keys, right_values)) =
        (entries_of(&left.values)?, entries_of(&right.values)?);
    let (known, others) = Keys::pair(&left_keys, &right_keys)?;
    let mut places: Vec<Places> = vec![];
    let (mut lengths, mut rows, mut valid) = (vec![], vec![], vec![]);
    for (row, (ours, theirs)) in left.ranges().zip(right.ranges()).enumerate() {
        let before = places.len();
        valid.push(!left.is_null(row) && !right.is_null(row));
        if !left.is_null(row) && !right.is_null(row) {
            let at: HashMap<_, _> = theirs.clone().map(|place| (others.get(place), place)).collect();
            let seen: HashSet<_> = ours.clone().map(|place| known.get(place)).collect();
            places.extend(ours.map(|place| (Some(place), at.get(&known.get(place)).copied())));
            let only = theirs.filter(|place| !seen.contains(&others.get(*place)));
            places.extend(only.map(|place| (None, Some(place))));
        }
        lengths.push(places.len() - before);
        rows.extend(std::iter::repeat_n(index(row), places.len() - before));
    }
    let of = |values: &ArrayRef, side: fn(&Places) -> Option<usize>| {
        take(values, &places.iter().map(|pair| side(pair).map(index)).collect::<UInt32Array>(), None)
    };
    let all_keys = concat(&[left_keys.as_ref(), right_keys.as_ref()])?;
    let own = places.iter().map(|(ours, theirs)| ours.or(theirs.map(|place| left_keys.len() + place)));
    let keys = take(&all_keys, &own.map(|place| place.map(index)).collect::<UInt32Array>(), None)?;
    let parameters = [Arc::clone(&keys), of(&left_values, |pair| pair.0)?, of(&right_values, |pair| pair.1)?];
    let results = call.evaluate(2, &parameters, &UInt32Array::from(rows))?;
    map_of(call.returns(), OffsetBuffer::from_lengths(lengths), keys, results, Some(NullBuffer::from(valid)))
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
