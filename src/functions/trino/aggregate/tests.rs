//! Aggregates of groups that are computed in parts.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{Expr, ExprFunctionExt, col, lit};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::functions::trino::registry::lookup;
use crate::functions::trino::text::text;

/// Calls an aggregate of `name` and whatever else is given.
fn call(function: &str, rest: &[Expr]) -> Expr {
    let args: Vec<_> = [col("name")].into_iter().chain(rest.iter().cloned()).collect();
    let types: Vec<_> = args
        .iter()
        .map(|arg| match arg {
            Expr::Column(column) if column.name == "age" => arrow::datatypes::DataType::Int64,
            _ => crate::functions::trino::types::VARCHAR,
        })
        .collect();
    let (aggregate, _, _) = lookup(function).unwrap().aggregate(&types).unwrap();
    aggregate.call(args)
}

/// The aggregate of each of two groups, of rows in two partitions.
fn grouped(aggregate: Expr) -> Vec<Option<String>> {
    let batch = |groups: &[&str], names: &[Option<&str>], ages: &[i64]| {
        let columns: [(&str, ArrayRef); 3] = [
            ("group", Arc::new(StringArray::from(groups.to_vec()))),
            ("name", Arc::new(StringArray::from(names.to_vec()))),
            ("age", Arc::new(Int64Array::from(ages.to_vec()))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
    };
    let first = batch(&["x", "y", "x"], &[Some("c"), Some("z"), Some("a")], &[3, 9, 1]);
    let second = batch(&["x", "x", "y"], &[Some("b"), Some("a"), None], &[2, 1, 8]);
    let table = MemTable::try_new(first.schema(), vec![vec![first], vec![second]]).unwrap();
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    let frame = context.read_table(Arc::new(table)).unwrap();
    let frame = frame.aggregate(vec![col("group")], vec![aggregate.alias("a")]).unwrap();
    let frame = frame.sort(vec![col("group").sort(true, false)]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let batches = runtime.block_on(frame.collect()).unwrap();
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| text(batch.column(1), row))).collect()
}

fn some(texts: [&str; 2]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned())).collect()
}

#[test]
fn groups_in_order() {
    let by_age = vec![col("age").sort(false, true), col("name").sort(true, false)];
    let joined = call("listagg", &[lit("+")]).order_by(by_age).build().unwrap();
    assert_eq!(grouped(joined), some(["c+b+a+a", "z"]));
    let by_name = vec![col("name").sort(true, false)];
    let collected = call("array_agg", &[]).order_by(by_name).build().unwrap();
    assert_eq!(grouped(collected), some(["[a, a, b, c]", "[z, null]"]));
}

#[test]
fn each_value_once() {
    let joined = call("listagg", &[lit("+")])
        .distinct()
        .order_by(vec![col("name").sort(true, false)])
        .build()
        .unwrap();
    assert_eq!(grouped(joined), some(["a+b+c", "z"]));
    let collected =
        call("array_agg", &[]).distinct().order_by(vec![col("name").sort(false, true)]).build().unwrap();
    assert_eq!(grouped(collected), some(["[c, b, a]", "[null, z]"]));
}

#[test]
fn some_rows_only() {
    let oldest = call("max_by", &[col("age")]).filter(col("age").lt(lit(3i64))).build().unwrap();
    assert_eq!(grouped(oldest), vec![Some("b".into()), None]);
    assert_eq!(grouped(call("approx_distinct", &[])), some(["3", "1"]));
    assert_eq!(grouped(call("min_by", &[col("age")])), vec![Some("a".into()), None]);
}
