//! `greatest` and `least`.
//!
//! Source: Trino documentation, "Comparison functions and operators".

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef};
use arrow::compute::interleave;
use datafusion::error::Result;

use super::scalar;
use crate::functions::trino::call::Call;
use crate::functions::trino::function::Function;
use crate::functions::trino::keys::converter;

/// Functions that compare.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("greatest", "The greatest of the values; NULL if one is.")
            .on("(T...) -> T", |call| best(call, Ordering::Greater)),
        scalar("least", "The least of the values; NULL if one is.")
            .on("(T...) -> T", |call| best(call, Ordering::Less)),
    ]
}

fn best(call: &Call, sought: Ordering) -> Result<ArrayRef> {
    let arrays = call.arrays()?;
    let converter = converter(call.returns)?;
    let keys = arrays.iter().map(|array| converter.convert_columns(std::slice::from_ref(array)));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let places = (0..call.rows).map(|row| {
        if let Some(null) = arrays.iter().position(|array| array.is_null(row)) {
            return (null, row);
        }
        let better = |best: usize, next: usize| {
            if keys[next].row(row).cmp(&keys[best].row(row)) == sought { next } else { best }
        };
        ((0..arrays.len()).reduce(better).unwrap_or_default(), row)
    });
    let places: Vec<_> = places.collect();
    let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    Ok(interleave(&arrays, &places)?)
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn best_values() {
        check(&[
            ("greatest(1, 3, 2)", "3"),
            ("least(1.5, 2)", "1.5"),
            ("greatest('a', 'B')", "a"),
            ("greatest(1, NULL)", "NULL"),
            ("least(date '2020-01-02', timestamp '2020-01-01 10:00')", "2020-01-01 10:00:00.000"),
        ]);
        check_errors(&[(
            "greatest(1, 'a')",
            "Unexpected parameters (integer, varchar) for function greatest. Expected: greatest(T...)",
        )]);
    }
}
