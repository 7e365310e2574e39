//! Aggregates over windows that move on: the rows themselves are kept.

use arrow::array::{Array, ArrayRef, new_empty_array};
use arrow::compute::concat;
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::Accumulator;
use datafusion::scalar::ScalarValue;

use super::table::{Columns, Steps, Types};

/// The rows of a window, in order.
#[derive(Debug)]
pub struct SlidingAccumulator {
    types: Types,
    steps: Steps,
    rows: Columns,
}

impl SlidingAccumulator {
    /// An aggregate over no rows yet.
    pub fn new(types: Types, steps: Steps) -> Self {
        let rows = types.arguments.iter().map(new_empty_array).collect();
        Self { types, steps, rows }
    }
}

impl Accumulator for SlidingAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for (rows, added) in self.rows.iter_mut().zip(values) {
            *rows = concat(&[rows.as_ref(), added.as_ref()])?;
        }
        Ok(())
    }

    /// Rows leave a window in the order in which they came.
    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for (rows, gone) in self.rows.iter_mut().zip(values) {
            let gone = gone.len().min(rows.len());
            *rows = rows.slice(gone, rows.len() - gone);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let table = (self.steps.compact)((self.steps.prepare)(&self.rows)?)?;
        ScalarValue::try_from_array(&(self.steps.finish)(&table, &self.types)?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.rows.iter().map(|column| column.get_array_memory_size()).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        internal_err!("a window is not computed in parts")
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        internal_err!("a window is not computed in parts")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringArray;
    use arrow::datatypes::DataType;

    use crate::functions::trino::registry::lookup;
    use crate::functions::trino::types::VARCHAR;

    #[test]
    fn rows_come_and_go() {
        let (aggregate, _, _) = lookup("approx_distinct").unwrap().aggregate(&[VARCHAR]).unwrap();
        let schema = arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new("x", VARCHAR, true)]);
        let column: Arc<dyn datafusion::physical_plan::PhysicalExpr> =
            Arc::new(datafusion::physical_plan::expressions::Column::new("x", 0));
        let args = datafusion::logical_expr::function::AccumulatorArgs {
            return_field: Arc::new(arrow::datatypes::Field::new("r", DataType::Int64, true)),
            schema: &schema,
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: "approx_distinct",
            is_distinct: false,
            exprs: &[column],
            expr_fields: &[Arc::new(arrow::datatypes::Field::new("x", VARCHAR, true))],
        };
        let mut window = aggregate.create_sliding_accumulator(args).unwrap();
        let rows =
            |texts: &[&str]| vec![Arc::new(StringArray::from(texts.to_vec())) as arrow::array::ArrayRef];
        window.update_batch(&rows(&["a", "b", "a"])).unwrap();
        assert_eq!(window.evaluate().unwrap().to_string(), "2");
        window.retract_batch(&rows(&["a", "b"])).unwrap();
        assert_eq!(window.evaluate().unwrap().to_string(), "1");
        window.update_batch(&rows(&["c"])).unwrap();
        assert_eq!(window.evaluate().unwrap().to_string(), "2");
    }
}
