//! Aggregates that give arrays, maps and texts.
//!
//! Source: Trino documentation, "Aggregate functions", "Map aggregate functions" and "String
//! aggregate functions".

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray, UInt32Array, new_null_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::functions_aggregate::array_agg;

use super::aggregate;
use super::rows::{column, distinct, first_by, without_nulls};
use super::table::{Columns, Steps, Types, all, table_aggregate};
use crate::functions::trino::call::invalid;
use crate::functions::trino::function::{Body, Function};
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::{Lists, entries_of, index, list_of, map_of};

/// Aggregates that collect.
pub fn functions() -> Vec<Function> {
    vec![
        aggregate("array_agg", "An array of all values, NULL too.")
            .with("(T) -> array(T)", Body::Aggregate(|_, _| array_agg::array_agg_udaf())),
        aggregate("listagg", "The texts with a separator between them.").with(
            "(varchar, varchar) -> varchar",
            Body::Aggregate(|a, r| table_aggregate("listagg", a, r, LISTAGG)),
        ),
        aggregate("map_agg", "A map of keys and values; of equal keys, one value.")
            .with("(K, V) -> map(K,V)", Body::Aggregate(|a, r| table_aggregate("map_agg", a, r, MAP_AGG))),
        aggregate("multimap_agg", "A map of keys and arrays of their values.").with(
            "(K, V) -> map(K,array(V))",
            Body::Aggregate(|a, r| table_aggregate("multimap_agg", a, r, MULTIMAP_AGG)),
        ),
        aggregate("map_union", "The entries of all maps; of equal keys, one value.").with(
            "(map(K,V)) -> map(K,V)",
            Body::Aggregate(|a, r| table_aggregate("map_union", a, r, MAP_UNION)),
        ),
        aggregate("histogram", "How many times each value is there.").with(
            "(T) -> map(T,bigint)",
            Body::Aggregate(|a, r| table_aggregate("histogram", a, r, HISTOGRAM)),
        ),
        most_frequent(),
    ]
}

const LISTAGG: Steps = Steps {
    prepare: |arguments| without_nulls(arguments, 0),
    compact: all,
    finish: |table, types| {
        let (texts, separators) =
            (column(table, 0)?.as_string::<i32>(), column(table, 1)?.as_string::<i32>());
        if texts.is_empty() {
            return Ok(new_null_array(&types.returns, 1));
        }
        let separator = separators.iter().flatten().next().unwrap_or_default();
        let joined = texts.iter().flatten().collect::<Vec<_>>().join(separator);
        Ok(Arc::new(StringArray::from(vec![joined])))
    },
};

const MAP_AGG: Steps = Steps {
    prepare: |arguments| distinct(without_nulls(arguments, 0)?, 1),
    compact: |table| distinct(table, 1),
    finish: |table, types| map(column(table, 0)?, column(table, 1)?, types),
};

const MAP_UNION: Steps = Steps {
    prepare: |arguments| {
        let (keys, values) = entries_of(&Lists::new(column(arguments, 0)?)?.values)?;
        distinct(vec![keys, values], 1)
    },
    compact: |table| distinct(table, 1),
    finish: |table, types| map(column(table, 0)?, column(table, 1)?, types),
};

const MULTIMAP_AGG: Steps =
    Steps { prepare: |arguments| without_nulls(arguments, 0), compact: all, finish: multimap };

/// Values, and how many times they were there.
const HISTOGRAM: Steps = Steps {
    prepare: |arguments| {
        let mut table = without_nulls(arguments, 0)?;
        let ones: ArrayRef = Arc::new(Int64Array::from(vec![1; column(&table, 0)?.len()]));
        table.push(ones);
        counted(table)
    },
    compact: counted,
    finish: |table, types| map(column(table, 0)?, column(table, 1)?, types),
};

fn most_frequent() -> Function {
    let body = Body::Aggregate(|a, r| table_aggregate("approx_most_frequent", a, r, MOST_FREQUENT));
    aggregate(
        "approx_most_frequent",
        "The values that are there most often, and how often. The answer is exact.",
    )
    .with("(bigint, bigint, bigint) -> map(bigint,bigint)", body.clone())
    .with("(bigint, varchar, bigint) -> map(varchar,bigint)", body)
}

/// Values, how many times they were there, and how many of them are asked for.
const MOST_FREQUENT: Steps = Steps {
    prepare: |arguments| {
        let known = without_nulls(arguments, 1)?;
        let (values, most) = (column(&known, 1)?.clone(), column(&known, 0)?.clone());
        at_least(&most, 2, "bucket count must be greater than one, input bucket count")?;
        at_least(column(&known, 2)?, 1, "capacity must be greater than zero, input capacity")?;
        let ones: ArrayRef = Arc::new(Int64Array::from(vec![1; values.len()]));
        with_most(vec![values, ones, most])
    },
    compact: with_most,
    finish: |table, types| {
        let most = column(table, 2)?.as_primitive::<Int64Type>().iter().flatten().next();
        let most = usize::try_from(most.unwrap_or_default()).unwrap_or_default();
        let first = first_by(table.to_vec(), 1, most, true)?;
        map(column(&first, 0)?, column(&first, 1)?, types)
    },
};

/// Refuses numbers of `approx_most_frequent` below the least that it takes.
fn at_least(numbers: &ArrayRef, least: i64, rule: &str) -> Result<()> {
    match numbers.as_primitive::<Int64Type>().iter().flatten().find(|number| *number < least) {
        Some(number) => Err(invalid(format!("approx_most_frequent {rule}: {number}")).into()),
        None => Ok(()),
    }
}

/// As [`counted`], with a number that is the same in all rows.
fn with_most(table: Columns) -> Result<Columns> {
    let mut counted = counted(table.clone())?;
    counted.push(column(&table, 2)?.slice(0, column(&counted, 0)?.len()));
    Ok(counted)
}

/// One map; `NULL` if it is empty.
fn map(keys: &ArrayRef, values: &ArrayRef, types: &Types) -> Result<ArrayRef> {
    if keys.is_empty() {
        return Ok(new_null_array(&types.returns, 1));
    }
    map_of(&types.returns, OffsetBuffer::from_lengths([keys.len()]), keys.clone(), values.clone(), None)
}

/// The places of equal keys together, in the order in which these come first.
fn groups(keys: &ArrayRef) -> Result<Vec<Vec<usize>>> {
    let known = Keys::new(keys)?;
    let mut groups: Vec<Vec<usize>> = vec![];
    let mut seen = HashMap::new();
    for place in 0..keys.len() {
        let group = *seen.entry(known.get(place)).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    Ok(groups)
}

/// Values once each, with the sum of their counts.
fn counted(table: Columns) -> Result<Columns> {
    let (values, counts) = (column(&table, 0)?, column(&table, 1)?.as_primitive::<Int64Type>());
    let groups = groups(values)?;
    let firsts: UInt32Array =
        groups.iter().filter_map(|group| group.first()).map(|place| index(*place)).collect();
    let sums: Int64Array =
        groups.iter().map(|group| Some(group.iter().map(|place| counts.value(*place)).sum())).collect();
    Ok(vec![take(values, &firsts, None)?, Arc::new(sums)])
}

fn multimap(table: &[ArrayRef], types: &Types) -> Result<ArrayRef> {
    let (keys, values) = (column(table, 0)?, column(table, 1)?);
    let DataType::Map(entries, _) = &types.returns else { return internal_err!("a multimap is a map") };
    let DataType::Struct(members) = entries.data_type() else { return internal_err!("entries are rows") };
    let Some(list) = members.get(1) else { return internal_err!("entries are pairs") };
    let groups = groups(keys)?;
    let firsts: UInt32Array =
        groups.iter().filter_map(|group| group.first()).map(|place| index(*place)).collect();
    let places: UInt32Array = groups.iter().flatten().map(|place| index(*place)).collect();
    let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
    let lists = list_of(list.data_type(), offsets, take(values, &places, None)?, None)?;
    map(&take(keys, &firsts, None)?, &lists, types)
}

#[cfg(test)]
mod tests {
    use arrow::array::Int32Array;

    use super::*;
    use crate::functions::trino::testing::{aggregate as value, texts};

    #[test]
    fn collections() {
        let keys = texts(&[Some("b"), Some("a"), None, Some("b")]);
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3), Some(4)]));
        let of = |name: &str, arguments: &[&ArrayRef]| {
            value(name, &arguments.iter().map(|a| (*a).clone()).collect::<Vec<_>>()).unwrap()
        };
        let comma = texts(&[Some(","); 4]);
        assert_eq!(of("array_agg", &[&numbers]).as_deref(), Some("[1, null, 3, 4]"));
        assert_eq!(of("listagg", &[&keys, &comma]).as_deref(), Some("b,a,b"));
        assert_eq!(of("map_agg", &[&keys, &numbers]).as_deref(), Some("{b=1, a=null}"));
        assert_eq!(of("multimap_agg", &[&keys, &numbers]).as_deref(), Some("{b=[1, 4], a=[null]}"));
        assert_eq!(of("histogram", &[&keys]).as_deref(), Some("{b=2, a=1}"));
        let none = texts(&[None, None]);
        assert_eq!(of("histogram", &[&none]), None);
        let [most, capacity]: [ArrayRef; 2] =
            [2, 10].map(|number| Arc::new(arrow::array::Int64Array::from(vec![number; 4])) as ArrayRef);
        assert_eq!(of("approx_most_frequent", &[&most, &keys, &capacity]).as_deref(), Some("{b=2, a=1}"));
    }
}
