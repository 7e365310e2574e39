//! `sequence`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use chrono::NaiveDate;
use datafusion::common::internal_err;
use datafusion::error::Result;

use crate::functions::trino::arithmetic::shifted;
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::list_of;
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::value::{Date, Get, Interval, Months, Put, Stamp};

/// Elements of an array that a function makes, at most, as in Trino.
pub const MOST_ELEMENTS: i64 = 10_000;

/// `sequence`.
pub fn functions() -> Vec<Function> {
    vec![sequence()]
}

fn sequence() -> Function {
    scalar("sequence", "Numbers, dates or times from one to another, by a step.")
        .on("(bigint, bigint) -> array(bigint)", |call| {
            steps(call, |start: i64, stop: i64| numbers(start, stop, if start <= stop { 1 } else { -1 }))
        })
        .on("(bigint, bigint, bigint) -> array(bigint)", |call| by_step(call, numbers))
        .on("(date, date) -> array(date)", |call| {
            steps(call, |Date(start), Date(stop)| {
                numbers(start.into(), stop.into(), if start <= stop { 1 } else { -1 })
            })
        })
        .on("(date, date, interval day to second) -> array(date)", |call| {
            by_step(call, |Date(start), Date(stop), Interval(step)| {
                if step % 86_400_000 != 0 {
                    return Err(invalid(
                        "sequence step must be a day interval if start and end values are dates",
                    ));
                }
                numbers(start.into(), stop.into(), step / 86_400_000)
            })
        })
        .on("(date, date, interval year to month) -> array(date)", |call| by_step(call, months))
        .on("(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))", |call| {
            by_step(call, |Stamp(start), Stamp(stop), Interval(step)| {
                numbers(start, stop, step.saturating_mul(1000))
            })
        })
}

fn numbers(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, SqlError> {
    if step == 0 {
        return Err(invalid("sequence step must not be zero"));
    }
    if (stop > start && step < 0) || (stop < start && step > 0) {
        return Err(invalid(
            "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start",
        ));
    }
    let last = (i128::from(stop) - i128::from(start)) / i128::from(step);
    if last >= MOST_ELEMENTS.into() {
        return Err(too_long("result of sequence function"));
    }
    let last = i64::try_from(last).unwrap_or_default();
    Ok((0..=last).map(|i| start + i * step).collect())
}

fn months(Date(start): Date, Date(stop): Date, Months(step): Months) -> Result<Vec<i64>, SqlError> {
    let (Some(first), true) = (NaiveDate::from_epoch_days(start), step != 0) else {
        return Err(invalid("sequence step must not be zero"));
    };
    let mut dates = vec![];
    for i in 0.. {
        let next = step.checked_mul(i).and_then(|by| shifted(first, by)).map(|date| date.to_epoch_days());
        let Some(next) = next.filter(|next| if step > 0 { *next <= stop } else { *next >= stop }) else {
            break;
        };
        if dates.len() >= usize::try_from(MOST_ELEMENTS).unwrap_or_default() {
            return Err(too_long("result of sequence function"));
        }
        dates.push(next.into());
    }
    Ok(dates)
}

/// Sequences of a start and a stop.
fn steps<'a, A: Get<'a>>(
    call: &'a Call,
    sequence: impl Fn(A, A) -> Result<Vec<i64>, SqlError>,
) -> Result<ArrayRef> {
    let (starts, stops) = (call.read::<A>(0)?, call.read::<A>(1)?);
    sequences(call, |row| Some(sequence(starts.get(row)?, stops.get(row)?)))
}

/// Sequences of a start, a stop and a step.
fn by_step<'a, A: Get<'a>, S: Get<'a>>(
    call: &'a Call,
    sequence: impl Fn(A, A, S) -> Result<Vec<i64>, SqlError>,
) -> Result<ArrayRef> {
    let (starts, stops, steps) = (call.read::<A>(0)?, call.read::<A>(1)?, call.read::<S>(2)?);
    sequences(call, |row| Some(sequence(starts.get(row)?, stops.get(row)?, steps.get(row)?)))
}

/// Lists of numbers, of days or of microseconds, in their type.
fn sequences(call: &Call, of_row: impl Fn(usize) -> Option<Result<Vec<i64>, SqlError>>) -> Result<ArrayRef> {
    let DataType::List(item) = call.returns else { return internal_err!("a sequence is an array") };
    let (mut values, mut lengths, mut valid) = (vec![], vec![], vec![]);
    for row in 0..call.rows {
        let numbers = call.settle(of_row(row).transpose())?;
        lengths.push(numbers.as_ref().map_or(0, Vec::len));
        valid.push(numbers.is_some());
        values.extend(numbers.unwrap_or_default());
    }
    let numbers = Int64Array::from(values);
    let values: ArrayRef = match item.data_type() {
        DataType::Int64 => Arc::new(numbers),
        DataType::Date32 => cast(&cast(&numbers, &DataType::Int32)?, &DataType::Date32)?,
        // In Trino these keep the step's milliseconds, and show as many digits as their type has.
        timestamps => {
            let mut stamps = Stamp::builder(timestamps, numbers.len())?;
            stamps.append_array(&numbers);
            Stamp::finish(stamps, timestamps)?
        }
    };
    list_of(call.returns, OffsetBuffer::from_lengths(lengths), values, Some(NullBuffer::from(valid)))
}

/// An array that would have too many elements.
pub fn too_long(what: &str) -> SqlError {
    invalid(format!("{what} must not have more than {MOST_ELEMENTS} entries"))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn sequences() {
        check(&[
            ("sequence(1, 4)", "[1, 2, 3, 4]"),
            ("sequence(4, 0, -2)", "[4, 2, 0]"),
            ("sequence(date '2020-01-30', date '2020-02-01')", "[2020-01-30, 2020-01-31, 2020-02-01]"),
            (
                "sequence(timestamp '2020-01-01 00:00', timestamp '2020-01-01 02:30', interval '1' hour)",
                "[2020-01-01 00:00:00.000, 2020-01-01 01:00:00.000, 2020-01-01 02:00:00.000]",
            ),
            (
                "sequence(date '2020-01-31', date '2020-03-31', interval '1' month)",
                "[2020-01-31, 2020-02-29, 2020-03-31]",
            ),
        ]);
        check_errors(&[
            ("sequence(1, 100000)", "result of sequence function must not have more than 10000 entries"),
            ("sequence(1, 5, 0)", "sequence step must not be zero"),
            ("sequence(1, 5, -1)", "sequence stop value should be greater"),
        ]);
    }
}
