//! Aggregates of columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::col;

use crate::functions::trino::cast::coerce;
use crate::functions::trino::registry::lookup;
use crate::functions::trino::text::text;

/// What an aggregate gives for rows of arguments, in one go and in two parts.
pub fn aggregate(name: &str, arguments: &[ArrayRef]) -> Result<Option<String>, String> {
    let function = lookup(name).ok_or_else(|| format!("no function {name}"))?;
    let types: Vec<_> = arguments.iter().map(|argument| argument.data_type().clone()).collect();
    let (aggregate, targets, _) = function.aggregate(&types)?;
    let names: Vec<_> = (0..arguments.len()).map(|i| format!("a{i}")).collect();
    let columns = names.iter().map(String::as_str).zip(arguments.iter().cloned()).map(|(n, a)| (n, a, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let args = names.iter().zip(&types).zip(&targets);
    let args =
        args.map(|((name, from), to)| coerce(col(name), from, to, false)).collect::<Result<Vec<_>, _>>()?;
    let run = async |parts: usize| {
        let half = batch.num_rows() / parts;
        let pieces = (0..parts).map(|i| {
            let start = i * half;
            vec![batch.slice(start, if i + 1 == parts { batch.num_rows() - start } else { half })]
        });
        let table = datafusion::datasource::MemTable::try_new(batch.schema(), pieces.collect()).unwrap();
        let config = datafusion::prelude::SessionConfig::new().with_target_partitions(parts);
        let context = SessionContext::new_with_config(config);
        let frame = context.read_table(Arc::new(table)).unwrap();
        let frame = frame.aggregate(vec![], vec![aggregate.call(args.clone()).alias("x")])?;
        let batches = frame.collect().await?;
        Ok::<_, datafusion::error::DataFusionError>(text(batches[0].column(0), 0))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let whole = runtime.block_on(run(1)).map_err(|e| e.to_string())?;
    let parts = runtime.block_on(run(2)).map_err(|e| e.to_string())?;
    assert_eq!(whole, parts, "{name} in two parts");
    Ok(whole)
}

/// A column of texts.
pub fn texts(values: &[Option<&str>]) -> ArrayRef {
    let array: ArrayRef = Arc::new(arrow::array::StringArray::from(values.to_vec()));
    debug_assert!(array.as_string_opt::<i32>().is_some());
    array
}
