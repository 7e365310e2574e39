//! Arrays of arrays, of other values, and texts of them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use chrono::NaiveDate;
use datafusion::common::internal_err;
use datafusion::error::Result;

use crate::functions::trino::arithmetic::shifted;
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::cast::cast_array;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::{Lists, Picked, index, list_of};
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::text::text;
use crate::functions::trino::types::VARCHAR;
use crate::functions::trino::value::{Date, Get, Interval, Months, Stamp};

/// Elements of an array that a function makes, at most, as in Trino.
const MOST_ELEMENTS: i64 = 10_000;

/// Functions that make arrays, or texts of them.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("concat", "Texts, bytes or arrays one after another; NULL if one is.")
            .on("(varchar, varchar...) -> varchar", concat_texts)
            .on("(varbinary, varbinary...) -> varbinary", concat_bytes)
            .on("(array(E), array(E)...) -> array(E)", concat_arrays)
            .on("(array(E), E) -> array(E)", append)
            .on("(E, array(E)) -> array(E)", prepend),
        scalar("array_join", "The texts of the elements with a separator between them.")
            .on("(array(T), varchar) -> varchar", |call| join(call, false))
            .on("(array(T), varchar, varchar) -> varchar", |call| join(call, true)),
        scalar("flatten", "The elements of the elements.").on("(array(array(E))) -> array(E)", flatten),
        scalar("repeat", "An element so many times.").on("(T, bigint) -> array(T)", repeat),
        sequence(),
        scalar("zip", "Rows of the elements at the same place; shorter arrays are filled up with NULL.")
            .on("(array(T), array(U)) -> array(row(T,U))", zip)
            .on("(array(T), array(U), array(V)) -> array(row(T,U,V))", zip)
            .on("(array(T), array(U), array(V), array(W)) -> array(row(T,U,V,W))", zip)
            .on("(array(T), array(U), array(V), array(W), array(X)) -> array(row(T,U,V,W,X))", zip),
    ]
}

fn concat_texts(call: &Call) -> Result<ArrayRef> {
    let texts = (0..call.len()).map(|i| call.read::<&str>(i)).collect::<Result<Vec<_>>>()?;
    call.collect(|row| texts.iter().map(|text| text.get(row)).collect::<Option<String>>())
}

fn concat_bytes(call: &Call) -> Result<ArrayRef> {
    let bytes = (0..call.len()).map(|i| call.read::<&[u8]>(i)).collect::<Result<Vec<_>>>()?;
    call.collect(|row| {
        let parts = bytes.iter().map(|bytes| bytes.get(row)).collect::<Option<Vec<_>>>()?;
        Some(parts.concat())
    })
}

fn concat_arrays(call: &Call) -> Result<ArrayRef> {
    let lists = call.arrays()?.iter().map(Lists::new).collect::<Result<Vec<_>>>()?;
    concat_lists(call, &lists)
}

fn concat_lists(call: &Call, lists: &[Lists]) -> Result<ArrayRef> {
    let values: Vec<&dyn Array> = lists.iter().map(|list| list.values.as_ref()).collect();
    let values = concat(&values)?;
    let mut starts = vec![0];
    for list in lists {
        starts.push(starts.last().copied().unwrap_or_default() + list.values.len());
    }
    let ranges: Vec<Vec<_>> = lists.iter().map(|list| list.ranges().collect()).collect();
    let mut picked = Picked::default();
    for row in 0..call.rows {
        if lists.iter().any(|list| list.is_null(row)) {
            picked.push_null();
            continue;
        }
        let of_row = ranges.iter().zip(&starts);
        picked.push(of_row.flat_map(|(ranges, start)| ranges[row].clone().map(move |place| place + start)));
    }
    picked.into_lists(call.returns, &values)
}

/// An element as an array of one.
fn single(values: ArrayRef) -> Lists {
    Lists { offsets: OffsetBuffer::from_repeated_length(1, values.len()), values, nulls: None }
}

fn append(call: &Call) -> Result<ArrayRef> {
    concat_lists(call, &[Lists::new(&call.array(0)?)?, single(call.array(1)?)])
}

fn prepend(call: &Call) -> Result<ArrayRef> {
    concat_lists(call, &[single(call.array(0)?), Lists::new(&call.array(1)?)?])
}

/// Elements are cast to `varchar`; those that are `NULL` are left out, or replaced.
fn join(call: &Call, with_replacement: bool) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let texts = cast_array(&lists.values, &VARCHAR, call.safe)?;
    let separators = call.read::<&str>(1)?;
    let replacements = with_replacement.then(|| call.read::<&str>(2)).transpose()?;
    let ranges: Vec<_> = lists.ranges().collect();
    call.collect(|row| {
        if lists.is_null(row) {
            return None;
        }
        let replacement = match &replacements {
            Some(replacements) => Some(replacements.get(row)?),
            None => None,
        };
        let parts =
            ranges[row].clone().filter_map(|at| text(&texts, at).or(replacement.map(ToOwned::to_owned)));
        Some(parts.collect::<Vec<_>>().join(separators.get(row)?))
    })
}

fn flatten(call: &Call) -> Result<ArrayRef> {
    let outer = Lists::new(&call.array(0)?)?;
    let inner = Lists::new(&outer.values)?;
    let places: Vec<_> = inner.ranges().collect();
    let mut picked = Picked::default();
    for (row, range) in outer.ranges().enumerate() {
        if outer.is_null(row) {
            picked.push_null();
        } else {
            picked.push(places[range].iter().cloned().flatten());
        }
    }
    picked.into_lists(call.returns, &inner.values)
}

fn too_long(what: &str) -> SqlError {
    invalid(format!("{what} must not have more than {MOST_ELEMENTS} entries"))
}

fn repeat(call: &Call) -> Result<ArrayRef> {
    let elements = call.array(0)?;
    let counts = call.read::<i64>(1)?;
    let mut picked = Picked::default();
    for row in 0..call.rows {
        let count = counts.get(row).map(|count| match usize::try_from(count) {
            Ok(size) if count <= MOST_ELEMENTS => Ok(size),
            Ok(_) => Err(too_long("count argument of repeat function")),
            Err(_) => Err(invalid("count argument of repeat function must be greater than or equal to 0")),
        });
        match call.settle(count.transpose())? {
            Some(count) => picked.push(std::iter::repeat_n(row, count)),
            None => picked.push_null(),
        }
    }
    picked.into_lists(call.returns, &elements)
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
    let values: ArrayRef = Arc::new(Int64Array::from(values));
    let values = match item.data_type() {
        DataType::Int64 => values,
        DataType::Date32 => {
            arrow::compute::cast(&arrow::compute::cast(&values, &DataType::Int32)?, &DataType::Date32)?
        }
        other => {
            let micros = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None);
            arrow::compute::cast(&arrow::compute::cast(&values, &micros)?, other)?
        }
    };
    list_of(call.returns, OffsetBuffer::from_lengths(lengths), values, Some(NullBuffer::from(valid)))
}

fn zip(call: &Call) -> Result<ArrayRef> {
    let DataType::List(item) = call.returns else { return internal_err!("zip gives an array") };
    let DataType::Struct(members) = item.data_type() else { return internal_err!("zip gives rows") };
    let lists = call.arrays()?.iter().map(Lists::new).collect::<Result<Vec<_>>>()?;
    let ranges: Vec<Vec<_>> = lists.iter().map(|list| list.ranges().collect()).collect();
    let mut places: Vec<Vec<Option<u32>>> = vec![vec![]; lists.len()];
    let (mut lengths, mut valid) = (vec![], vec![]);
    for row in 0..call.rows {
        let null = lists.iter().any(|list| list.is_null(row));
        let longest =
            ranges.iter().map(|ranges| ranges[row].len()).max().filter(|_| !null).unwrap_or_default();
        for (places, ranges) in places.iter_mut().zip(&ranges) {
            let range = &ranges[row];
            places.extend((0..longest).map(|i| (i < range.len()).then(|| index(range.start + i))));
        }
        lengths.push(longest);
        valid.push(!null);
    }
    let columns =
        lists.iter().zip(places).map(|(list, places)| take(&list.values, &UInt32Array::from(places), None));
    let rows = StructArray::try_new(members.clone(), columns.collect::<Result<_, _>>()?, None)?;
    list_of(call.returns, OffsetBuffer::from_lengths(lengths), Arc::new(rows), Some(NullBuffer::from(valid)))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn arrays_are_made() {
        check(&[
            ("concat('a', 'b', 'c')", "abc"),
            ("concat('a', NULL)", "NULL"),
            ("concat(ARRAY[1, 2], ARRAY[3])", "[1, 2, 3]"),
            ("concat(ARRAY[1, 2], 3)", "[1, 2, 3]"),
            ("concat(1, ARRAY[2])", "[1, 2]"),
            ("concat(to_utf8('a'), to_utf8('b'))", "61 62"),
            ("array_join(ARRAY[1, NULL, 3], ', ')", "1, 3"),
            ("array_join(ARRAY[1, NULL, 3], ', ', 'x')", "1, x, 3"),
            ("flatten(ARRAY[ARRAY[1, 2], NULL, ARRAY[3]])", "[1, 2, 3]"),
            ("repeat('a', 3)", "[a, a, a]"),
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
            (
                "zip(ARRAY[1, 2], ARRAY['1b', NULL, '3b'])",
                "[{field0=1, field1=1b}, {field0=2, field1=null}, {field0=null, field1=3b}]",
            ),
        ]);
        check_errors(&[
            ("sequence(1, 100000)", "result of sequence function must not have more than 10000 entries"),
            ("sequence(1, 5, 0)", "sequence step must not be zero"),
            ("sequence(1, 5, -1)", "sequence stop value should be greater"),
            ("repeat('a', -1)", "count argument of repeat function"),
            ("concat('a', 1)", "Unexpected parameters (varchar, integer) for function concat"),
        ]);
    }
}
