//! `approx_percentile` and `numeric_histogram`.
//!
//! Source: Trino documentation, "Aggregate functions", "Approximate aggregate functions".

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, UInt32Array, new_null_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{Float64Type, Int64Type};
use datafusion::error::Result;

use super::aggregate;
use super::rows::{column, first_by, without_nulls};
use super::table::{Steps, Types, all, table_aggregate};
use crate::functions::trino::call::invalid;
use crate::functions::trino::function::{Body, Function};
use crate::functions::trino::lists::{index, list_of, map_of};

/// Aggregates of distributions.
pub fn functions() -> Vec<Function> {
    let unweighted = Body::Aggregate(|a, r| table_aggregate("approx_percentile", a, r, UNWEIGHTED));
    let weighted = Body::Aggregate(|a, r| table_aggregate("approx_percentile", a, r, WEIGHTED));
    let histogram = Body::Aggregate(|a, r| table_aggregate("numeric_histogram", a, r, HISTOGRAM));
    vec![
        aggregate("approx_percentile", "The value below which a share of the values lies; one of them.")
            .with("(bigint, double) -> bigint", unweighted.clone())
            .with("(double, double) -> double", unweighted.clone())
            .with("(bigint, array(double)) -> array(bigint)", unweighted.clone())
            .with("(double, array(double)) -> array(double)", unweighted)
            .with("(bigint, double, double) -> bigint", weighted.clone())
            .with("(double, double, double) -> double", weighted.clone())
            .with("(bigint, double, array(double)) -> array(bigint)", weighted.clone())
            .with("(double, double, array(double)) -> array(double)", weighted),
        aggregate("numeric_histogram", "The middles and weights of so many buckets.")
            .with("(bigint, double) -> map(double,double)", histogram.clone())
            .with("(bigint, double, double) -> map(double,double)", histogram),
    ]
}

const UNWEIGHTED: Steps = Steps {
    prepare: |arguments| without_nulls(arguments, 0),
    compact: all,
    finish: |table, types| {
        let sorted = first_by(table.to_vec(), 0, usize::MAX, false)?;
        let values = column(&sorted, 0)?;
        let ones = vec![1.0; values.len()];
        percentiles(values, &ones, column(&sorted, 1)?, types)
    },
};

const WEIGHTED: Steps = Steps {
    prepare: |arguments| without_nulls(&without_nulls(arguments, 0)?, 1),
    compact: all,
    finish: |table, types| {
        let sorted = first_by(table.to_vec(), 0, usize::MAX, false)?;
        let weights = column(&sorted, 1)?.as_primitive::<Float64Type>().values().to_vec();
        if weights.iter().any(|weight| !weight.is_finite() || *weight <= 0.0) {
            return Err(invalid("percentile weight must be > 0").into());
        }
        percentiles(column(&sorted, 0)?, &weights, column(&sorted, 2)?, types)
    },
};

/// The values, which are in order, at one share of their weight or at several.
fn percentiles(values: &ArrayRef, weights: &[f64], shares: &ArrayRef, types: &Types) -> Result<ArrayRef> {
    if values.is_empty() || shares.is_null(0) {
        return Ok(new_null_array(&types.returns, 1));
    }
    let several = shares.as_list_opt::<i32>().map(|lists| lists.value(0));
    let shares = several.as_ref().unwrap_or(shares).as_primitive::<Float64Type>();
    let count = if several.is_some() { shares.len() } else { 1 };
    let ends: Vec<f64> = weights
        .iter()
        .scan(0.0, |end, weight| {
            *end += weight;
            Some(*end)
        })
        .collect();
    let total = ends.last().copied().unwrap_or_default();
    let mut places = vec![];
    for i in 0..count {
        let share = shares.value(i);
        if shares.is_null(i) || !(0.0..=1.0).contains(&share) {
            return Err(invalid("Percentile must be between 0 and 1").into());
        }
        // The first value whose weight ends after the share.
        let place = ends.partition_point(|end| *end <= share * total).min(values.len() - 1);
        places.push(index(place));
    }
    let found = take(values, &UInt32Array::from(places), None)?;
    if several.is_none() {
        return Ok(found);
    }
    list_of(&types.returns, OffsetBuffer::from_lengths([found.len()]), found, None)
}

const HISTOGRAM: Steps =
    Steps { prepare: |arguments| without_nulls(arguments, 1), compact: all, finish: numeric_histogram };

/// A bucket: its middle and its weight.
type Bucket = (f64, f64);

/// Neighbours are merged, those first whose merging loses least, until there are few enough.
fn numeric_histogram(table: &[ArrayRef], types: &Types) -> Result<ArrayRef> {
    let values = column(table, 1)?.as_primitive::<Float64Type>();
    if values.is_empty() {
        return Ok(new_null_array(&types.returns, 1));
    }
    let most = column(table, 0)?.as_primitive::<Int64Type>().value(0);
    let most = usize::try_from(most).ok().filter(|most| *most >= 2);
    let most = most.ok_or_else(|| invalid("numeric_histogram bucket count must be greater than one"))?;
    let weights = table.get(2).map(|weights| weights.as_primitive::<Float64Type>().values().to_vec());
    let weights = weights.unwrap_or_else(|| vec![1.0; values.len()]);
    let mut buckets: Vec<Bucket> = values.values().iter().copied().zip(weights).collect();
    buckets.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    buckets.dedup_by(|next, kept| {
        let same = next.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += next.1;
        }
        same
    });
    merge(&mut buckets, most);
    let (middles, weights): (Vec<_>, Vec<_>) = buckets.into_iter().unzip();
    let offsets = OffsetBuffer::from_lengths([middles.len()]);
    let (middles, weights) = (Float64Array::from(middles), Float64Array::from(weights));
    map_of(&types.returns, offsets, Arc::new(middles), Arc::new(weights), None)
}

fn merge(buckets: &mut Vec<Bucket>, most: usize) {
    while buckets.len() > most {
        let penalties = buckets.windows(2).map(|pair| match pair {
            [(left, w), (right, v)] => (right - left).powi(2) * (w * v) / (w + v),
            _ => f64::INFINITY,
        });
        let best = penalties.enumerate().min_by(|(_, left), (_, right)| left.total_cmp(right));
        let Some((at, _)) = best else { return };
        let (next, next_weight) = buckets.remove(at + 1);
        if let Some((middle, weight)) = buckets.get_mut(at) {
            *middle = (*middle * *weight + next * next_weight) / (*weight + next_weight);
            *weight += next_weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, ListArray};

    use super::*;
    use crate::functions::trino::testing::aggregate as value;

    fn share(of: f64, rows: usize) -> ArrayRef {
        Arc::new(Float64Array::from(vec![of; rows]))
    }

    #[test]
    fn percentiles_are_values() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(4), Some(1), None, Some(3), Some(2)]));
        for (of, expected) in [(0.0, "1"), (0.25, "2"), (0.5, "3"), (0.99, "4"), (1.0, "4")] {
            let found = value("approx_percentile", &[numbers.clone(), share(of, 5)]).unwrap();
            assert_eq!(found.as_deref(), Some(expected), "{of}");
        }
        let several =
            ListArray::from_iter_primitive::<Float64Type, _, _>(vec![Some(vec![Some(0.1), Some(0.9)]); 5]);
        let found = value("approx_percentile", &[numbers.clone(), Arc::new(several)]).unwrap();
        assert_eq!(found.as_deref(), Some("[1, 4]"));
        let weights: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 97.0, 1.0, 1.0, 1.0]));
        let found = value("approx_percentile", &[numbers.clone(), weights, share(0.9, 5)]).unwrap();
        assert_eq!(found.as_deref(), Some("1"));
        let error = value("approx_percentile", &[numbers, share(1.5, 5)]).unwrap_err();
        assert!(error.contains("Percentile must be between 0 and 1"), "{error}");
    }

    #[test]
    fn histograms_have_few_buckets() {
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0, 10.0, 11.0, 1.0]));
        let buckets: ArrayRef = Arc::new(Int64Array::from(vec![2; 5]));
        let found = value("numeric_histogram", &[buckets, numbers.clone()]).unwrap().unwrap();
        assert_eq!(found, "{1.3333333333333333=3.0, 10.5=2.0}");
        let buckets: ArrayRef = Arc::new(Int64Array::from(vec![9; 5]));
        let found = value("numeric_histogram", &[buckets, numbers]).unwrap().unwrap();
        assert_eq!(found, "{1.0=2.0, 2.0=1.0, 10.0=1.0, 11.0=1.0}");
    }
}
