//! `array_sort` with a lambda that compares.

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::Int32Type;
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::LambdaCall;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::lists::{Lists, index, list_of};

/// Elements of an array that are sorted by a lambda: every pair of them is compared at once.
const MOST_ELEMENTS: usize = 1_000;

/// The elements in the order that the lambda gives: -1, 0 or 1 for two of them.
pub fn array_sort(call: &LambdaCall) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let mut order = Vec::with_capacity(lists.values.len());
    for (row, range) in lists.ranges().enumerate() {
        if range.len() > MOST_ELEMENTS {
            let message = format!("array_sort with a comparator takes at most {MOST_ELEMENTS} elements");
            return Err(SqlError::new(ErrorCode::NotSupported, message).into());
        }
        let (start, count) = (range.start, range.len());
        let signs = compare_all(call, &lists.values, row, range)?;
        let sorted = merge_sort((0..count).collect(), &|left, right| signs[left * count + right] <= 0);
        order.extend(sorted.into_iter().map(|place| index(start + place)));
    }
    let values = take(&lists.values, &UInt32Array::from(order), None)?;
    list_of(call.returns(), lists.offsets, values, lists.nulls)
}

/// What the lambda gives for each pair of a row's elements.
fn compare_all(
    call: &LambdaCall,
    values: &ArrayRef,
    row: usize,
    places: std::ops::Range<usize>,
) -> Result<Vec<i32>> {
    let pairs = places.clone().flat_map(|left| places.clone().map(move |right| (index(left), index(right))));
    let (left, right): (Vec<_>, Vec<_>) = pairs.unzip();
    let rows = UInt32Array::from_value(index(row), left.len());
    let parameters =
        [take(values, &UInt32Array::from(left), None)?, take(values, &UInt32Array::from(right), None)?];
    let signs = call.evaluate(1, &parameters, &rows)?;
    match signs.as_primitive_opt::<Int32Type>() {
        Some(signs) if signs.null_count() == 0 => Ok(signs.values().to_vec()),
        _ => exec_err!("Lambda comparator must return either -1, 0, or 1"),
    }
}

/// A stable sort that bears a lambda which contradicts itself.
fn merge_sort(mut places: Vec<usize>, in_order: &impl Fn(usize, usize) -> bool) -> Vec<usize> {
    if places.len() < 2 {
        return places;
    }
    let right = merge_sort(places.split_off(places.len() / 2), in_order);
    let left = merge_sort(places, in_order);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        merged.extend(if in_order(*l, *r) { left.next() } else { right.next() });
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_is_stable_and_bears_nonsense() {
        let keys = [3, 1, 2, 1];
        assert_eq!(merge_sort(vec![0, 1, 2, 3], &|l, r| keys[l] <= keys[r]), [1, 3, 2, 0]);
        let nonsense = merge_sort((0..100).collect(), &|l, r| (l * 7 + r) % 3 == 0);
        assert_eq!(nonsense.len(), 100);
    }
}
