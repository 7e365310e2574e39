//! Similarity of vectors: of arrays, or of maps whose keys are dimensions.
//!
//! Source: Trino documentation, "Mathematical functions and operators", "Geometric functions".

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Float64Type;
use datafusion::error::Result;

use super::scalar;
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::{Lists, entries_of};

/// Functions of vectors.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("cosine_similarity", "The cosine of the angle between two vectors.")
            .on("(array(double), array(double)) -> double", |call| dense(call, |cosine| cosine))
            .on("(map(varchar,double), map(varchar,double)) -> double", |call| sparse(call, |cosine| cosine)),
        scalar("cosine_distance", "One less the cosine of the angle between two vectors.")
            .on("(array(double), array(double)) -> double", |call| dense(call, |cosine| 1.0 - cosine))
            .on("(map(varchar,double), map(varchar,double)) -> double", |call| {
                sparse(call, |cosine| 1.0 - cosine)
            }),
    ]
}

/// `NULL` if a dimension is.
fn dense(call: &Call, of: fn(f64) -> f64) -> Result<ArrayRef> {
    call.map2(|left: ArrayRef, right: ArrayRef| {
        if left.len() != right.len() {
            return Err(invalid("The arguments must have the same length"));
        }
        if left.null_count() + right.null_count() > 0 {
            return Ok(None);
        }
        let (left, right) =
            (left.as_primitive::<Float64Type>().values(), right.as_primitive::<Float64Type>().values());
        let product: f64 = left.iter().zip(right).map(|(left, right)| left * right).sum();
        cosine(product, left.iter().copied(), right.iter().copied()).map(|cosine| Some(of(cosine)))
    })
}

fn sparse(call: &Call, of: fn(f64) -> f64) -> Result<ArrayRef> {
    let (left, right) = (Lists::new(&call.array(0)?)?, Lists::new(&call.array(1)?)?);
    let ((left_keys, left_values), (right_keys, right_values)) =
        (entries_of(&left.values)?, entries_of(&right.values)?);
    let ranges: Vec<_> = left.ranges().zip(right.ranges()).collect();
    call.collect(|row| {
        let (l, r) = ranges.get(row)?.clone();
        if left.is_null(row) || right.is_null(row) {
            return None;
        }
        let left = vector(&left_keys, &left_values, l)?;
        let right = vector(&right_keys, &right_values, r)?;
        let product = left.iter().filter_map(|(key, value)| Some(value * right.get(key)?)).sum();
        Some(cosine(product, left.values().copied(), right.values().copied()).map(of))
    })
}

/// The values of a map by their keys; `None` if a value is `NULL`.
fn vector<'a>(
    keys: &'a ArrayRef,
    values: &ArrayRef,
    mut places: std::ops::Range<usize>,
) -> Option<HashMap<&'a str, f64>> {
    let (keys, values) = (keys.as_string_opt::<i32>()?, values.as_primitive_opt::<Float64Type>()?);
    places.try_fold(HashMap::new(), |mut found, place| {
        found.insert(keys.value(place), values.is_valid(place).then(|| values.value(place))?);
        Some(found)
    })
}

fn cosine(
    product: f64,
    left: impl Iterator<Item = f64>,
    right: impl Iterator<Item = f64>,
) -> Result<f64, SqlError> {
    let norm = left.map(|value| value * value).sum::<f64>().sqrt()
        * right.map(|value| value * value).sum::<f64>().sqrt();
    if norm == 0.0 {
        return Err(invalid("Vector magnitude cannot be zero"));
    }
    Ok(product / norm)
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn the_documentations_examples() {
        check(&[
            ("cosine_similarity(ARRAY[1.0, 2.0], ARRAY[3.0, 4.0])", "0.9838699100999074"),
            ("cosine_distance(ARRAY[1.0, 2.0], ARRAY[3.0, 4.0])", "0.01613008990009257"),
            ("cosine_similarity(map(ARRAY['a'], ARRAY[1.0]), map(ARRAY['a'], ARRAY[2.0]))", "1.0"),
            ("cosine_distance(map(ARRAY['a'], ARRAY[1.0]), map(ARRAY['b'], ARRAY[2.0]))", "1.0"),
            ("cosine_similarity(ARRAY[1.0, NULL], ARRAY[3.0, 4.0])", "NULL"),
            ("cosine_similarity(NULL, ARRAY[3.0])", "NULL"),
        ]);
        check_errors(&[
            ("cosine_similarity(ARRAY[1.0], ARRAY[3.0, 4.0])", "The arguments must have the same length"),
            ("cosine_similarity(ARRAY[0.0], ARRAY[3.0])", "Vector magnitude cannot be zero"),
        ]);
    }
}
