//! Aggregates that pick rows: `arbitrary`, `min_by`, `max(x, n)` and the like.
//!
//! Source: Trino documentation, "Aggregate functions", "General aggregate functions".

use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;

use super::aggregate;
use super::rows::{column, first_by, without_nulls};
use super::table::{Columns, Steps, Types, table_aggregate};
use crate::functions::trino::call::invalid;
use crate::functions::trino::function::{Body, Function};
use crate::functions::trino::lists::list_of;
use datafusion::functions_aggregate::min_max;

/// Values that are picked, at most, as in Trino.
const MOST_VALUES: i64 = 10_000;

/// Aggregates that pick.
pub fn functions() -> Vec<Function> {
    vec![
        any("arbitrary", |arguments, returns| table_aggregate("arbitrary", arguments, returns, ANY)),
        any("any_value", |arguments, returns| table_aggregate("any_value", arguments, returns, ANY)),
        aggregate("min", "The least value, or so many of them.")
            .with("(T) -> T", Body::Aggregate(|_, _| min_max::min_udaf()))
            .with("(T, bigint) -> array(T)", Body::Aggregate(|a, r| table_aggregate("min", a, r, LEAST))),
        aggregate("max", "The greatest value, or so many of them.")
            .with("(T) -> T", Body::Aggregate(|_, _| min_max::max_udaf()))
            .with("(T, bigint) -> array(T)", Body::Aggregate(|a, r| table_aggregate("max", a, r, GREATEST))),
        aggregate("min_by", "The value where another one is the least, or so many of them.")
            .with("(T, U) -> T", Body::Aggregate(|a, r| table_aggregate("min_by", a, r, AT_LEAST)))
            .with(
                "(T, U, bigint) -> array(T)",
                Body::Aggregate(|a, r| table_aggregate("min_by", a, r, LEAST_BY)),
            ),
        aggregate("max_by", "The value where another one is the greatest, or so many of them.")
            .with("(T, U) -> T", Body::Aggregate(|a, r| table_aggregate("max_by", a, r, AT_GREATEST)))
            .with(
                "(T, U, bigint) -> array(T)",
                Body::Aggregate(|a, r| table_aggregate("max_by", a, r, GREATEST_BY)),
            ),
    ]
}

fn any(
    name: &'static str,
    make: fn(&[DataType], &DataType) -> std::sync::Arc<datafusion::logical_expr::AggregateUDF>,
) -> Function {
    aggregate(name, "Some value that is not NULL, if there is one.").with("(T) -> T", Body::Aggregate(make))
}

const ANY: Steps = Steps {
    prepare: |arguments| first_rows(without_nulls(arguments, 0)?),
    compact: first_rows,
    finish: first_value,
};

const AT_LEAST: Steps = Steps {
    prepare: |arguments| first_by(without_nulls(arguments, 1)?, 1, 1, false),
    compact: |table| first_by(table, 1, 1, false),
    finish: first_value,
};

const AT_GREATEST: Steps = Steps {
    prepare: |arguments| first_by(without_nulls(arguments, 1)?, 1, 1, true),
    compact: |table| first_by(table, 1, 1, true),
    finish: first_value,
};

const LEAST: Steps = Steps {
    prepare: |arguments| first_n(without_nulls(arguments, 0)?, 0, 1, false),
    compact: |table| first_n(table, 0, 1, false),
    finish: values,
};

const GREATEST: Steps = Steps {
    prepare: |arguments| first_n(without_nulls(arguments, 0)?, 0, 1, true),
    compact: |table| first_n(table, 0, 1, true),
    finish: values,
};

const LEAST_BY: Steps = Steps {
    prepare: |arguments| first_n(without_nulls(arguments, 1)?, 1, 2, false),
    compact: |table| first_n(table, 1, 2, false),
    finish: values,
};

const GREATEST_BY: Steps = Steps {
    prepare: |arguments| first_n(without_nulls(arguments, 1)?, 1, 2, true),
    compact: |table| first_n(table, 1, 2, true),
    finish: values,
};

fn first_rows(table: Columns) -> Result<Columns> {
    Ok(table.iter().map(|column| column.slice(0, column.len().min(1))).collect())
}

fn first_value(table: &[ArrayRef], types: &Types) -> Result<ArrayRef> {
    let values = column(table, 0)?;
    Ok(if values.is_empty() { new_null_array(&types.returns, 1) } else { values.slice(0, 1) })
}

/// The first rows when ordered by a column; how many, another column says.
fn first_n(table: Columns, by: usize, count: usize, descending: bool) -> Result<Columns> {
    let counts = column(&table, count)?.as_primitive::<Int64Type>();
    let Some(most) = counts.iter().flatten().next() else { return Ok(table) };
    if !(1..=MOST_VALUES).contains(&most) {
        return Err(invalid(format!(
            "third argument of max_by/min_by must be a positive integer of at most {MOST_VALUES}: {most}"
        ))
        .into());
    }
    first_by(table, by, usize::try_from(most).unwrap_or_default(), descending)
}

/// All values, in an array; `NULL` if there are none.
fn values(table: &[ArrayRef], types: &Types) -> Result<ArrayRef> {
    let values = column(table, 0)?;
    if values.is_empty() {
        return Ok(new_null_array(&types.returns, 1));
    }
    list_of(&types.returns, OffsetBuffer::from_lengths([values.len()]), values.clone(), None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int32Array;

    use super::*;
    use crate::functions::trino::testing::{aggregate, texts};

    #[test]
    fn rows_are_picked() {
        let names = texts(&[Some("a"), None, Some("c"), Some("d")]);
        let ages: ArrayRef = Arc::new(Int32Array::from(vec![Some(30), Some(10), Some(20), None]));
        let two: ArrayRef = Arc::new(Int32Array::from(vec![2; 4]));
        let of = |name, arguments: &[&ArrayRef]| {
            aggregate(name, &arguments.iter().map(|a| (*a).clone()).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(of("arbitrary", &[&names]).as_deref(), Some("a"));
        assert_eq!(of("min", &[&ages]).as_deref(), Some("10"));
        assert_eq!(of("max", &[&ages, &two]).as_deref(), Some("[30, 20]"));
        assert_eq!(of("min", &[&ages, &two]).as_deref(), Some("[10, 20]"));
        assert_eq!(of("max_by", &[&names, &ages]).as_deref(), Some("a"));
        assert_eq!(of("min_by", &[&names, &ages]), None);
        assert_eq!(of("min_by", &[&names, &ages, &two]).as_deref(), Some("[null, c]"));
        let none = texts(&[None, None]);
        assert_eq!(of("arbitrary", &[&none]), None);
    }
}
