//! Maps.
//!
//! Source: Trino documentation, "Map functions and operators".

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StructArray};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use arrow::row::Row;
use datafusion::common::internal_err;
use datafusion::error::Result;

use super::scalar;
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::{Lists, Picked, entries_of, is_null, list_of};
use crate::functions::trino::text::text;

/// Functions of maps.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("map", "A map of keys and values; an empty one of none.")
            .on("() -> map(unknown,unknown)", empty)
            .on("(array(K), array(V)) -> map(K,V)", of_arrays),
        scalar("map_from_entries", "A map of rows of key and value.")
            .on("(array(row(K,V))) -> map(K,V)", from_entries),
        scalar("multimap_from_entries", "The values of each key, of rows of key and value.")
            .on("(array(row(K,V))) -> map(K,array(V))", multimap_from_entries),
        scalar("map_keys", "The keys.").on("(map(K,V)) -> array(K)", |call| part(call, true)),
        scalar("map_values", "The values.").on("(map(K,V)) -> array(V)", |call| part(call, false)),
        scalar("map_entries", "Rows of key and value.").on("(map(K,V)) -> array(row(K,V))", entries),
        scalar("map_concat", "The entries of several maps; of one key, the last value counts.")
            .on("(map(K,V), map(K,V)...) -> map(K,V)", map_concat),
    ]
}

fn empty(call: &Call) -> Result<ArrayRef> {
    let none = arrow::array::new_empty_array(&DataType::Null);
    let mut picked = Picked::default();
    (0..call.rows).for_each(|_| picked.push([]));
    picked.into_maps(call.returns, &none, &none)
}

/// Fails for keys that are `NULL` or there twice.
fn check_keys(keys: &ArrayRef, known: &Keys, places: std::ops::Range<usize>) -> Result<(), SqlError> {
    if places.clone().any(|place| is_null(keys, place)) {
        return Err(invalid("map key cannot be null"));
    }
    match known.first_repeated(places) {
        Some(twice) => {
            let key = text(keys, twice).unwrap_or_default();
            Err(invalid(format!("Duplicate map keys ({key}) are not allowed")))
        }
        None => Ok(()),
    }
}

fn of_arrays(call: &Call) -> Result<ArrayRef> {
    let (keys, values) = (Lists::new(&call.array(0)?)?, Lists::new(&call.array(1)?)?);
    let known = Keys::new(&keys.values)?;
    let (mut of_keys, mut of_values) = (Picked::default(), Picked::default());
    for (row, (places, others)) in keys.ranges().zip(values.ranges()).enumerate() {
        let given = (!keys.is_null(row) && !values.is_null(row)).then_some(places);
        let checked = given.map(|places| {
            if places.len() != others.len() {
                return Err(invalid("Key and value arrays must be the same length"));
            }
            check_keys(&keys.values, &known, places.clone()).map(|()| places)
        });
        match call.settle(checked.transpose())? {
            Some(places) => {
                of_keys.push(places);
                of_values.push(others);
            }
            None => {
                of_keys.push_null();
                of_values.push_null();
            }
        }
    }
    let item = |data_type: &DataType| crate::functions::trino::types::array(data_type.clone());
    let keys = of_keys.into_lists(&item(keys.values.data_type()), &keys.values)?;
    let values = of_values.into_lists(&item(values.values.data_type()), &values.values)?;
    let (keys, values) = (keys.as_list::<i32>(), values.as_list::<i32>());
    crate::functions::trino::lists::map_of(
        call.returns,
        keys.offsets().clone(),
        keys.values().clone(),
        values.values().clone(),
        keys.nulls().cloned(),
    )
}

/// Keys and values of rows; a row that is `NULL` is an error.
fn pairs(lists: &Lists) -> Result<(ArrayRef, ArrayRef)> {
    if lists.values.null_count() > 0 {
        return Err(invalid("map entry cannot be null").into());
    }
    entries_of(&lists.values)
}

fn from_entries(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let (keys, values) = pairs(&lists)?;
    let known = Keys::new(&keys)?;
    let mut picked = Picked::default();
    for (row, places) in lists.ranges().enumerate() {
        let given = (!lists.is_null(row)).then_some(places);
        let checked = given.map(|places| check_keys(&keys, &known, places.clone()).map(|()| places));
        match call.settle(checked.transpose())? {
            Some(places) => picked.push(places),
            None => picked.push_null(),
        }
    }
    picked.into_maps(call.returns, &keys, &values)
}

fn multimap_from_entries(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let (keys, values) = pairs(&lists)?;
    if keys.null_count() > 0 {
        return Err(invalid("map key cannot be null").into());
    }
    let known = Keys::new(&keys)?;
    let (mut of_keys, mut of_values) = (Picked::default(), Picked::default());
    let mut groups = 0;
    for (row, places) in lists.ranges().enumerate() {
        if lists.is_null(row) {
            of_keys.push_null();
            continue;
        }
        let grouped = grouped(&known, places);
        of_keys.push(groups..groups + grouped.len());
        groups += grouped.len();
        grouped.into_iter().for_each(|places| of_values.push(places));
    }
    let DataType::Map(entry, _) = call.returns else { return internal_err!("a multimap is a map") };
    let DataType::Struct(members) = entry.data_type() else { return internal_err!("entries are rows") };
    let Some(list) = members.get(1) else { return internal_err!("entries are pairs") };
    // The place of a group's first value is that of its key as well.
    let keys = arrow::compute::take(&keys, &of_values.firsts(), None)?;
    let values = of_values.into_lists(list.data_type(), &values)?;
    of_keys.into_maps(call.returns, &keys, &values)
}

/// The places of equal keys together, in the order in which these come first.
fn grouped(keys: &Keys, places: std::ops::Range<usize>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = vec![];
    let mut known: HashMap<Row, usize> = HashMap::new();
    for place in places {
        let group = *known.entry(keys.get(place)).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

fn part(call: &Call, keys: bool) -> Result<ArrayRef> {
    let maps = Lists::new(&call.array(0)?)?;
    let (of_keys, of_values) = entries_of(&maps.values)?;
    list_of(call.returns, maps.offsets, if keys { of_keys } else { of_values }, maps.nulls)
}

fn entries(call: &Call) -> Result<ArrayRef> {
    let DataType::List(item) = call.returns else { return internal_err!("entries are an array") };
    let DataType::Struct(members) = item.data_type() else { return internal_err!("entries are rows") };
    let maps = Lists::new(&call.array(0)?)?;
    let (keys, values) = entries_of(&maps.values)?;
    let rows = StructArray::try_new(members.clone(), vec![keys, values], None)?;
    list_of(call.returns, maps.offsets, Arc::new(rows), maps.nulls)
}

fn map_concat(call: &Call) -> Result<ArrayRef> {
    let maps = call.arrays()?.iter().map(Lists::new).collect::<Result<Vec<_>>>()?;
    let all: Vec<&dyn Array> = maps.iter().map(|map| map.values.as_ref()).collect();
    let (keys, values) = entries_of(&concat(&all)?)?;
    let known = Keys::new(&keys)?;
    let mut ranges = vec![];
    let mut start = 0;
    for map in &maps {
        ranges.push(map.ranges().map(|range| range.start + start..range.end + start).collect::<Vec<_>>());
        start += map.values.len();
    }
    let mut picked = Picked::default();
    for row in 0..call.rows {
        if maps.iter().any(|map| map.is_null(row)) {
            picked.push_null();
            continue;
        }
        let mut places: Vec<usize> = vec![];
        let mut of_key: HashMap<Row, usize> = HashMap::new();
        for place in ranges.iter().flat_map(|ranges| ranges[row].clone()) {
            let at = *of_key.entry(known.get(place)).or_insert(places.len());
            match places.get_mut(at) {
                Some(earlier) => *earlier = place,
                None => places.push(place),
            }
        }
        picked.push(places);
    }
    picked.into_maps(call.returns, &keys, &values)
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn maps() {
        check(&[
            ("map()", "{}"),
            ("map(ARRAY[1, 3], ARRAY[2, 4])", "{1=2, 3=4}"),
            ("map_from_entries(ARRAY[ROW(1, 'x'), ROW(2, 'y')])", "{1=x, 2=y}"),
            ("multimap_from_entries(ARRAY[ROW(1, 'x'), ROW(2, 'y'), ROW(1, 'z')])", "{1=[x, z], 2=[y]}"),
            ("map_keys(map(ARRAY['a', 'b'], ARRAY[1, 2]))", "[a, b]"),
            ("map_values(map(ARRAY['a', 'b'], ARRAY[1, NULL]))", "[1, null]"),
            ("map_entries(map(ARRAY[1], ARRAY['x']))", "[{field0=1, field1=x}]"),
            (
                "map_concat(map(ARRAY['a', 'b'], ARRAY[1, 2]), map(ARRAY['b', 'c'], ARRAY[3, 4]))",
                "{a=1, b=3, c=4}",
            ),
        ]);
        check_errors(&[
            ("map(ARRAY[1, 1], ARRAY[2, 3])", "Duplicate map keys (1) are not allowed"),
            ("map(ARRAY[1], ARRAY[2, 3])", "Key and value arrays must be the same length"),
            ("map(ARRAY[NULL], ARRAY[2])", "map key cannot be null"),
        ]);
    }

    /// Trino documentation, "Lambda expressions", "Array functions" and "Map functions".
    #[test]
    fn lambdas() {
        check(&[
            ("transform(ARRAY[5, NULL, 6], x -> x + 1)", "[6, null, 7]"),
            ("transform(ARRAY[], x -> 1)", "[]"),
            ("filter(ARRAY[5, -6, NULL, 7], x -> x > 0)", "[5, 7]"),
            ("any_match(ARRAY[1, 2], x -> x = 2)", "true"),
            ("any_match(ARRAY[1, NULL], x -> x = 2)", "NULL"),
            ("all_match(ARRAY[1, 2], x -> x > 0)", "true"),
            ("all_match(ARRAY[1, NULL], x -> x > 0)", "NULL"),
            ("all_match(ARRAY[-1, NULL], x -> x > 0)", "false"),
            ("none_match(ARRAY[1, 2], x -> x = 3)", "true"),
            ("none_match(ARRAY[], x -> x = 3)", "true"),
            ("reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s)", "75"),
            ("reduce(ARRAY[], 7, (s, x) -> s + 1, s -> s * 2)", "14"),
            ("zip_with(ARRAY[1, 3, 5], ARRAY[2], (x, y) -> y)", "[2, null, null]"),
            ("zip_with(ARRAY[1, 3], ARRAY[2, 4], (x, y) -> x * y)", "[2, 12]"),
            ("map_filter(map(ARRAY[10, 20], ARRAY['a', 'b']), (k, v) -> k > 10)", "{20=b}"),
            ("transform_keys(map(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> k + 1)", "{2=a, 3=b}"),
            ("transform_values(map(ARRAY[1, 2], ARRAY[10, 20]), (k, v) -> v + k)", "{1=11, 2=22}"),
        ]);
        check_errors(&[
            (
                "transform_keys(map(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> 1)",
                "Duplicate map keys (1) are not allowed",
            ),
            (
                "filter(ARRAY[1], x -> x)",
                "Unexpected parameters (array(integer), <function>) for function filter",
            ),
        ]);
    }
}
