//! `reduce`.

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{interleave, nullif, take};
use datafusion::error::Result;

use super::{LambdaCall, higher_order};
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::{Lists, index};

/// `reduce`.
pub fn functions() -> Vec<Function> {
    vec![higher_order(
        "reduce",
        "A state that the first lambda takes from element to element; the second gives the result.",
        "(array(T), S, function(S, T, S), function(S, R)) -> R",
        reduce,
    )]
}

/// One step for the first elements of all rows, one for the second ones, and so on.
fn reduce(call: &LambdaCall) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let mut state = call.array(1)?;
    let ranges: Vec<_> = lists.ranges().collect();
    let longest = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or_default();
    for step in 0..longest {
        let active: Vec<_> = (0..ranges.len()).filter(|row| ranges[*row].len() > step).collect();
        let rows: UInt32Array = active.iter().map(|row| index(*row)).collect();
        let elements: UInt32Array = active.iter().map(|row| index(ranges[*row].start + step)).collect();
        let parameters = [take(&state, &rows, None)?, take(&lists.values, &elements, None)?];
        let next = call.evaluate(2, &parameters, &rows)?;
        state = replaced(&state, &next, &active)?;
    }
    let rows: UInt32Array = (0..lists.len()).map(index).collect();
    let results = call.evaluate(3, &[state], &rows)?;
    let missing: BooleanArray = (0..lists.len()).map(|row| Some(lists.is_null(row))).collect();
    Ok(nullif(&results, &missing)?)
}

/// `values`, with those of some rows replaced.
fn replaced(values: &ArrayRef, by: &ArrayRef, rows: &[usize]) -> Result<ArrayRef> {
    let mut places: Vec<_> = (0..values.len()).map(|row| (0, row)).collect();
    for (i, row) in rows.iter().enumerate() {
        places[*row] = (1, i);
    }
    Ok(interleave(&[values, by], &places)?)
}
