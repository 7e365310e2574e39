//! Arrays of arrays, of other values, and texts of them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use datafusion::common::internal_err;
use datafusion::error::Result;

use super::sequence::{MOST_ELEMENTS, too_long};
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::cast::cast_array;
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::{Lists, Picked, index, list_of};
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::text::text;
use crate::functions::trino::types::VARCHAR;

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
            (
                "zip(ARRAY[1, 2], ARRAY['1b', NULL, '3b'])",
                "[{field0=1, field1=1b}, {field0=2, field1=null}, {field0=null, field1=3b}]",
            ),
        ]);
        check_errors(&[
            ("repeat('a', -1)", "count argument of repeat function"),
            ("concat('a', 1)", "Unexpected parameters (varchar, integer) for function concat"),
        ]);
    }
}
