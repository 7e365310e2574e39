//! Aggregates that count and add up.
//!
//! Source: Trino documentation, "Aggregate functions".

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array, new_null_array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::error::Result;
use datafusion::functions_aggregate::{
    average, bit_and_or_xor, bool_and_or, correlation, count, covariance, regr, stddev, sum, variance,
};

use super::aggregate;
use super::rows::{column, distinct, without_nulls};
use super::table::{Columns, Steps, table_aggregate};
use crate::functions::trino::cast::divide_half_up;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::function::{Body, Function};

/// Aggregates that count and add up.
pub fn functions() -> Vec<Function> {
    [counts(), sums(), statistics()].into_iter().flatten().collect()
}

fn counts() -> Vec<Function> {
    vec![
        aggregate("count", "How many values are not NULL.")
            .with("(any) -> bigint", Body::Aggregate(|_, _| count::count_udaf())),
        aggregate("count_if", "How many values are true.")
            .with("(boolean) -> bigint", Body::Aggregate(|a, r| table_aggregate("count_if", a, r, COUNT_IF))),
        aggregate("approx_distinct", "How many different values there are. The answer is exact.")
            .with(
                "(any) -> bigint",
                Body::Aggregate(|a, r| table_aggregate("approx_distinct", a, r, DISTINCT)),
            )
            .with(
                "(any, double) -> bigint",
                Body::Aggregate(|a, r| table_aggregate("approx_distinct", a, r, DISTINCT)),
            ),
        aggregate("bool_and", "Whether every value is true.")
            .with("(boolean) -> boolean", Body::Aggregate(|_, _| bool_and_or::bool_and_udaf())),
        aggregate("every", "Whether every value is true.")
            .with("(boolean) -> boolean", Body::Aggregate(|_, _| bool_and_or::bool_and_udaf())),
        aggregate("bool_or", "Whether a value is true.")
            .with("(boolean) -> boolean", Body::Aggregate(|_, _| bool_and_or::bool_or_udaf())),
        aggregate("bitwise_and_agg", "Bits that all values have.")
            .with("(bigint) -> bigint", Body::Aggregate(|_, _| bit_and_or_xor::bit_and_udaf())),
        aggregate("bitwise_or_agg", "Bits that a value has.")
            .with("(bigint) -> bigint", Body::Aggregate(|_, _| bit_and_or_xor::bit_or_udaf())),
        aggregate("bitwise_xor_agg", "Bits that an odd number of values has.")
            .with("(bigint) -> bigint", Body::Aggregate(|_, _| bit_and_or_xor::bit_xor_udaf())),
    ]
}

fn sums() -> Vec<Function> {
    vec![
        aggregate("sum", "The sum.")
            .with("(bigint) -> bigint", Body::Aggregate(|_, _| sum::sum_udaf()))
            .with("(decimal(38,s)) -> decimal(38,s)", Body::Aggregate(|_, _| sum::sum_udaf()))
            .with("(double) -> double", Body::Aggregate(|_, _| sum::sum_udaf())),
        aggregate("avg", "The mean.")
            .with(
                "(decimal(p,s)) -> decimal(p,s)",
                Body::Aggregate(|a, r| table_aggregate("avg", a, r, AVERAGE)),
            )
            .with("(bigint) -> double", Body::OfDoubles(average::avg_udaf))
            .with("(double) -> double", Body::OfDoubles(average::avg_udaf)),
        aggregate("geometric_mean", "The geometric mean.").with(
            "(double) -> double",
            Body::Aggregate(|a, r| table_aggregate("geometric_mean", a, r, GEOMETRIC_MEAN)),
        ),
    ]
}

fn statistics() -> Vec<Function> {
    let of_one = |name, doc, body| aggregate(name, doc).with("(double) -> double", Body::Aggregate(body));
    let of_two =
        |name, doc, body| aggregate(name, doc).with("(double, double) -> double", Body::Aggregate(body));
    vec![
        of_one("stddev", "The standard deviation of a sample.", |_, _| stddev::stddev_udaf()),
        of_one("stddev_samp", "The standard deviation of a sample.", |_, _| stddev::stddev_udaf()),
        of_one("stddev_pop", "The standard deviation of all.", |_, _| stddev::stddev_pop_udaf()),
        of_one("variance", "The variance of a sample.", |_, _| variance::var_samp_udaf()),
        of_one("var_samp", "The variance of a sample.", |_, _| variance::var_samp_udaf()),
        of_one("var_pop", "The variance of all.", |_, _| variance::var_pop_udaf()),
        of_two("corr", "The correlation.", |_, _| correlation::corr_udaf()),
        of_two("covar_pop", "The covariance of all.", |_, _| covariance::covar_pop_udaf()),
        of_two("covar_samp", "The covariance of a sample.", |_, _| covariance::covar_samp_udaf()),
        of_two("regr_slope", "The slope of the line nearest to the points.", |_, _| regr::regr_slope_udaf()),
        of_two("regr_intercept", "Where the line nearest to the points begins.", |_, _| {
            regr::regr_intercept_udaf()
        }),
    ]
}

const COUNT_IF: Steps = Steps {
    prepare: |arguments| {
        let counted = column(arguments, 0)?.as_boolean().iter().filter(|value| *value == Some(true)).count();
        Ok(vec![integers([i64::try_from(counted).unwrap_or(i64::MAX)])])
    },
    compact: |table| Ok(vec![integers([total(&table, 0)?])]),
    finish: |table, _| Ok(integers([total(table, 0)?])),
};

const DISTINCT: Steps = Steps {
    prepare: |arguments| distinct(without_nulls(arguments.get(..1).unwrap_or(arguments), 0)?, 1),
    compact: |table| distinct(table, 1),
    finish: |table, _| Ok(integers([i64::try_from(column(table, 0)?.len()).unwrap_or(i64::MAX)])),
};

/// The sum and the count of decimals.
const AVERAGE: Steps = Steps {
    prepare: |arguments| {
        let table = without_nulls(arguments, 0)?;
        let values = column(&table, 0)?;
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        Ok(vec![decimal_sum(values)?, integers([count])])
    },
    compact: |table| Ok(vec![decimal_sum(column(&table, 0)?)?, integers([total(&table, 1)?])]),
    finish: |table, types| {
        let (sum, count) = (decimal_sum(column(table, 0)?)?, total(table, 1)?);
        let mean = divide_half_up(sum.as_primitive::<Decimal128Type>().value(0), count.into());
        let mean = Decimal128Array::from(vec![mean]).with_data_type(types.returns.clone());
        Ok(Arc::new(mean))
    },
};

/// The sum of logarithms, and the count.
const GEOMETRIC_MEAN: Steps = Steps {
    prepare: |arguments| {
        let doubles = column(arguments, 0)?.as_primitive::<Float64Type>();
        let sum = doubles.iter().flatten().map(f64::ln).sum();
        Ok(sum_and_count(sum, doubles.len() - doubles.null_count()))
    },
    compact: added,
    finish: |table, types| {
        let Some(mean) = mean(table)? else { return Ok(new_null_array(&types.returns, 1)) };
        Ok(Arc::new(Float64Array::from(vec![mean.exp()])))
    },
};

fn integers<const N: usize>(values: [i64; N]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn total(table: &[ArrayRef], i: usize) -> Result<i64> {
    Ok(column(table, i)?.as_primitive::<Int64Type>().iter().flatten().sum())
}

fn sum_and_count(sum: f64, count: usize) -> Columns {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    vec![Arc::new(Float64Array::from(vec![sum])), integers([count])]
}

fn added(table: Columns) -> Result<Columns> {
    let sum = column(&table, 0)?.as_primitive::<Float64Type>().iter().flatten().sum::<f64>();
    Ok(vec![Arc::new(Float64Array::from(vec![sum])), integers([total(&table, 1)?])])
}

fn mean(table: &[ArrayRef]) -> Result<Option<f64>> {
    let sum = column(table, 0)?.as_primitive::<Float64Type>().iter().flatten().sum::<f64>();
    #[expect(clippy::cast_precision_loss, reason = "as Trino computes it")]
    let count = total(table, 1)? as f64;
    Ok((count > 0.0).then(|| sum / count))
}

/// The sum of decimals, as a decimal of all digits.
fn decimal_sum(values: &ArrayRef) -> Result<ArrayRef> {
    let scale = match values.data_type() {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    };
    let mut values = values.as_primitive::<Decimal128Type>().iter().flatten();
    let sum = values.try_fold(0i128, i128::checked_add);
    let sum = sum.ok_or_else(|| SqlError::new(ErrorCode::NumericValueOutOfRange, "Decimal overflow"))?;
    Ok(Arc::new(Decimal128Array::from(vec![sum]).with_data_type(DataType::Decimal128(38, scale))))
}

#[cfg(test)]
mod tests {
    use arrow::array::BooleanArray;

    use super::*;
    use crate::functions::trino::testing::{aggregate as value, texts};

    fn of(name: &str, array: impl Array + 'static) -> Option<String> {
        value(name, &[Arc::new(array) as ArrayRef]).unwrap()
    }

    #[test]
    fn counts() {
        assert_eq!(
            of("count_if", BooleanArray::from(vec![Some(true), None, Some(false), Some(true)])).as_deref(),
            Some("2")
        );
        let names = texts(&[Some("a"), None, Some("a"), Some("b")]);
        assert_eq!(value("approx_distinct", std::slice::from_ref(&names)).unwrap().as_deref(), Some("2"));
        assert_eq!(value("count", &[names]).unwrap().as_deref(), Some("3"));
    }

    #[test]
    fn sums_and_means() {
        let decimals = || {
            Decimal128Array::from(vec![Some(100), None, Some(101), Some(101)])
                .with_precision_and_scale(5, 2)
                .unwrap()
        };
        assert_eq!(of("sum", decimals()).as_deref(), Some("3.02"));
        assert_eq!(of("avg", decimals()).as_deref(), Some("1.01"));
        assert_eq!(of("sum", Int64Array::from(vec![1, 2, 3])).as_deref(), Some("6"));
        assert_eq!(of("avg", Int64Array::from(vec![Some(1), Some(2), None])).as_deref(), Some("1.5"));
        assert_eq!(of("avg", Int64Array::from(vec![None::<i64>, None])), None);
        assert_eq!(of("geometric_mean", Float64Array::from(vec![4.0, 9.0])).as_deref(), Some("6.0"));
        assert_eq!(of("stddev_pop", Float64Array::from(vec![1.0, 3.0])).as_deref(), Some("1.0"));
    }
}
