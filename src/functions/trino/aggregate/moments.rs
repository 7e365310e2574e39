//! `skewness` and `kurtosis`.
//!
//! Source: Trino documentation, "Statistical aggregate functions". Parts are added up by the formulas
//! of Pébay for central moments, which do not lose digits as sums of powers do.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, new_null_array};
use arrow::datatypes::Float64Type;
use datafusion::error::Result;

use super::aggregate;
use super::rows::column;
use super::table::{Columns, Steps, Types, table_aggregate};
use crate::functions::trino::function::{Body, Function};

/// Aggregates of moments.
pub fn functions() -> Vec<Function> {
    vec![
        aggregate("skewness", "How much the values lean to one side of the mean.").with(
            "(double) -> double",
            Body::Aggregate(|a, r| table_aggregate("skewness", a, r, Steps { finish: skewness, ..MOMENTS })),
        ),
        aggregate(
            "kurtosis",
            "How much of the values lies far from the mean, more than in a normal distribution.",
        )
        .with(
            "(double) -> double",
            Body::Aggregate(|a, r| table_aggregate("kurtosis", a, r, Steps { finish: kurtosis, ..MOMENTS })),
        ),
    ]
}

const MOMENTS: Steps = Steps {
    prepare: |arguments| {
        let values = column(arguments, 0)?.as_primitive::<Float64Type>().iter().flatten();
        let each = values.map(|value| Moments { count: 1.0, mean: value, ..Moments::default() });
        Ok(each.fold(Moments::default(), Moments::with).columns())
    },
    compact: |table| Ok(of_table(&table)?.columns()),
    finish: skewness,
};

/// Count, mean, and sums of the second, third and fourth powers of distances from the mean.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl Moments {
    /// Those of both parts.
    fn with(self, other: Self) -> Self {
        if self.count == 0.0 || other.count == 0.0 {
            return if self.count == 0.0 { other } else { self };
        }
        let (n, m) = (self.count, other.count);
        let count = n + m;
        let delta = other.mean - self.mean;
        let by = delta / count;
        Self {
            count,
            mean: self.mean + by * m,
            second: self.second + other.second + delta * by * n * m,
            third: self.third
                + other.third
                + delta * by * by * n * m * (n - m)
                + 3.0 * by * (n * other.second - m * self.second),
            fourth: self.fourth
                + other.fourth
                + delta * by.powi(3) * n * m * (n * n - n * m + m * m)
                + 6.0 * by * by * (n * n * other.second + m * m * self.second)
                + 4.0 * by * (n * other.third - m * self.third),
        }
    }

    fn columns(self) -> Columns {
        let all = [self.count, self.mean, self.second, self.third, self.fourth];
        all.into_iter().map(|value| Arc::new(Float64Array::from(vec![value])) as ArrayRef).collect()
    }
}

fn of_table(table: &[ArrayRef]) -> Result<Moments> {
    let columns = (0..5).map(|i| Ok(column(table, i)?.as_primitive::<Float64Type>()));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let [count, mean, second, third, fourth] = columns[..] else { return Ok(Moments::default()) };
    let rows = (0..count.len()).map(|row| Moments {
        count: count.value(row),
        mean: mean.value(row),
        second: second.value(row),
        third: third.value(row),
        fourth: fourth.value(row),
    });
    Ok(rows.fold(Moments::default(), Moments::with))
}

/// `NULL` of fewer than three values.
fn skewness(table: &[ArrayRef], types: &Types) -> Result<ArrayRef> {
    let moments = of_table(table)?;
    let value = moments.count.sqrt() * moments.third / moments.second.powf(1.5);
    Ok(result(value, moments.count >= 3.0, types))
}

/// `NULL` of fewer than four values.
fn kurtosis(table: &[ArrayRef], types: &Types) -> Result<ArrayRef> {
    let moments = of_table(table)?;
    let n = moments.count;
    let variance = moments.second / (n - 1.0);
    let value = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0)) * moments.fourth / (variance * variance)
        - 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0));
    Ok(result(value, n >= 4.0, types))
}

fn result(value: f64, enough: bool, types: &Types) -> ArrayRef {
    if enough { Arc::new(Float64Array::from(vec![value])) } else { new_null_array(&types.returns, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::trino::testing::aggregate as value;

    /// A value of which only the last digits can differ.
    fn of(name: &str, values: &[f64]) -> Option<f64> {
        let values: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
        value(name, &[values]).unwrap().map(|text| text.parse().unwrap())
    }

    /// By the documentation's formulas.
    #[test]
    fn moments() {
        let skewness = of("skewness", &[1.0, 2.0, 3.0, 10.0]).unwrap();
        assert!((skewness - 1.018_233_764_908_628).abs() < 1e-9, "{skewness}");
        let kurtosis = of("kurtosis", &[1.0, 2.0, 3.0, 4.0, 50.0]).unwrap();
        assert!((kurtosis - 4.944_867_372_790_819).abs() < 1e-6, "{kurtosis}");
        assert_eq!(of("skewness", &[1.0, 2.0]), None);
        assert_eq!(of("kurtosis", &[1.0, 2.0, 3.0]), None);
        assert_eq!(of("skewness", &[-1.0, 0.0, 1.0]), Some(0.0));
    }

    #[test]
    fn parts_are_added_up() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let one = |value: &f64| Moments { count: 1.0, mean: *value, ..Moments::default() };
        let whole = values.iter().map(one).fold(Moments::default(), Moments::with);
        let (left, right) = values.split_at(3);
        let [left, right] =
            [left, right].map(|part| part.iter().map(one).fold(Moments::default(), Moments::with));
        let merged = left.with(right);
        for (a, b) in
            [(whole.second, merged.second), (whole.third, merged.third), (whole.fourth, merged.fourth)]
        {
            assert!((a - b).abs() < 1e-9, "{whole:?} {merged:?}");
        }
    }
}
