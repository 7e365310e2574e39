//! `transform`, `filter` and the like.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use datafusion::error::Result;

use super::{LambdaCall, higher_order};
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::{Lists, list_of};

/// Functions of arrays.
pub fn functions() -> Vec<Function> {
    vec![
        higher_order(
            "transform",
            "What the lambda gives for each element.",
            "(array(T), function(T, U)) -> array(U)",
            transform,
        ),
        higher_order(
            "filter",
            "The elements for which the lambda gives true.",
            "(array(T), function(T, boolean)) -> array(T)",
            filter,
        ),
        higher_order(
            "any_match",
            "Whether the lambda gives true for an element.",
            "(array(T), function(T, boolean)) -> boolean",
            |call| matching(call, |tests| decide(tests, true)),
        ),
        higher_order(
            "all_match",
            "Whether the lambda gives true for every element.",
            "(array(T), function(T, boolean)) -> boolean",
            |call| matching(call, |tests| decide(tests, false).map(|any| !any)),
        ),
        higher_order(
            "none_match",
            "Whether the lambda gives true for no element.",
            "(array(T), function(T, boolean)) -> boolean",
            |call| matching(call, |tests| decide(tests, true).map(|any| !any)),
        ),
        higher_order(
            "zip_with",
            "What the lambda gives for the elements of two arrays; the shorter one is filled up with NULL.",
            "(array(T), array(U), function(T, U, R)) -> array(R)",
            zip_with,
        ),
    ]
}

fn transform(call: &LambdaCall) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let results = call.evaluate(1, std::slice::from_ref(&lists.values), &lists.rows())?;
    list_of(call.returns(), lists.offsets, results, lists.nulls)
}

fn filter(call: &LambdaCall) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let tests = call.test(1, std::slice::from_ref(&lists.values), &lists.rows())?;
    let kept: Vec<bool> = tests.iter().map(|test| *test == Some(true)).collect();
    let lengths = lists.ranges().map(|range| kept[range].iter().filter(|kept| **kept).count());
    let offsets = OffsetBuffer::from_lengths(lengths);
    let values = arrow::compute::filter(&lists.values, &BooleanArray::from(kept))?;
    list_of(call.returns(), offsets, values, lists.nulls)
}

/// `decide` gets what the lambda gave for the elements of a row.
fn matching(call: &LambdaCall, decide: fn(&[Option<bool>]) -> Option<bool>) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let tests = call.test(1, std::slice::from_ref(&lists.values), &lists.rows())?;
    let decided = lists
        .ranges()
        .enumerate()
        .map(|(row, range)| if lists.is_null(row) { None } else { decide(&tests[range]) });
    Ok(Arc::new(decided.collect::<BooleanArray>()))
}

/// Whether one of the tests gave `sought`; unknown if none did, but some gave `NULL`.
fn decide(tests: &[Option<bool>], sought: bool) -> Option<bool> {
    if tests.contains(&Some(sought)) {
        return Some(true);
    }
    if tests.contains(&None) { None } else { Some(false) }
}

fn zip_with(call: &LambdaCall) -> Result<ArrayRef> {
    let (left, right) = (call.array(0)?, call.array(1)?);
    let (left, right) = (left.as_list::<i32>(), right.as_list::<i32>());
    let mut lengths = Vec::with_capacity(left.len());
    let (mut rows, mut from_left, mut from_right) = (vec![], vec![], vec![]);
    for row in 0..left.len() {
        let longest = if left.is_null(row) || right.is_null(row) {
            0
        } else {
            left.value_length(row).max(right.value_length(row))
        };
        for i in 0..longest {
            rows.push(u32::try_from(row).unwrap_or(u32::MAX));
            from_left.push(element(left, row, i));
            from_right.push(element(right, row, i));
        }
        lengths.push(usize::try_from(longest).unwrap_or_default());
    }
    let taken = |values: &ArrayRef, indices| arrow::compute::take(values, &UInt32Array::from(indices), None);
    let parameters = [taken(left.values(), from_left)?, taken(right.values(), from_right)?];
    let results = call.evaluate(2, &parameters, &rows.into())?;
    let nulls = arrow::buffer::NullBuffer::union(left.nulls(), right.nulls());
    list_of(call.returns(), OffsetBuffer::from_lengths(lengths), results, nulls)
}

/// The place of a row's element among all, if there is one.
fn element(list: &ListArray, row: usize, i: i32) -> Option<u32> {
    (i < list.value_length(row)).then(|| u32::try_from(list.value_offsets()[row] + i).ok()).flatten()
}
