//! Lambdas over the rows of a table, with columns inside them.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::logical_expr::expr::{Lambda, LambdaVariable};
use datafusion::logical_expr::{Expr, col};
use datafusion::prelude::SessionContext;

use crate::functions::trino::arithmetic::{Op, arithmetic};
use crate::functions::trino::registry::lookup;
use crate::functions::trino::text::text;
use crate::functions::trino::types::array;

fn variable(name: &str) -> Expr {
    let field = Arc::new(Field::new(name, DataType::Int64, true));
    Expr::LambdaVariable(LambdaVariable::new(name.into(), Some(field)))
}

fn sum(left: Expr, right: Expr) -> Expr {
    arithmetic(Op::Add, left, &DataType::Int64, right, &DataType::Int64, false).unwrap()
}

fn rows(expr: Expr) -> Vec<Option<String>> {
    let lists = [Some(vec![Some(1), Some(2)]), Some(vec![]), None, Some(vec![Some(3), None])];
    let columns: [(&str, ArrayRef); 2] = [
        ("l", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists))),
        ("a", Arc::new(Int64Array::from(vec![10, 20, 30, 40]))),
    ];
    let columns = columns.map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let frame = SessionContext::new().read_batch(batch).unwrap().select(vec![expr.alias("x")]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let batches = runtime.block_on(frame.collect()).unwrap();
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| text(batch.column(0), row))).collect()
}

#[test]
fn columns_are_seen_inside() {
    let lambda = Expr::Lambda(Lambda::new(vec!["x".into()], sum(variable("x"), col("a"))));
    let types = [array(DataType::Int64), DataType::Int64];
    let (expr, returns) =
        lookup("transform").unwrap().higher_order(vec![col("l"), lambda], &types, false).unwrap();
    assert_eq!(returns, array(DataType::Int64));
    let expected = [Some("[11, 12]"), Some("[]"), None, Some("[43, null]")];
    assert_eq!(rows(expr), expected.map(|text| text.map(ToOwned::to_owned)));
}

#[test]
fn a_state_goes_from_element_to_element() {
    let step = sum(sum(variable("s"), variable("x")), col("a"));
    let step = Expr::Lambda(Lambda::new(vec!["s".into(), "x".into()], step));
    let last = Expr::Lambda(Lambda::new(vec!["s".into()], variable("s")));
    let types = [array(DataType::Int64), DataType::Int64, DataType::Int64, DataType::Int64];
    let args = vec![col("l"), col("a"), step, last];
    let (expr, _) = lookup("reduce").unwrap().higher_order(args, &types, false).unwrap();
    let expected = [Some("33"), Some("20"), None, None];
    assert_eq!(rows(expr), expected.map(|text| text.map(ToOwned::to_owned)));
}
