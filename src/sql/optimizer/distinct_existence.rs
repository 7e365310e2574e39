//! `IN` and `EXISTS` ask for each value once.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, JoinType};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ExprSchemable, Join, LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Has a subquery that is only asked for existence give each row once.
///
/// DataFusion's hash join goes through all equal rows of one side for every row of the other, which
/// is quadratic for the values that logs are full of.
#[derive(Debug)]
pub struct DistinctExistence;

impl OptimizerRule for DistinctExistence {
    fn name(&self) -> &str {
        "distinct_existence"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Join(join) = plan else { return Ok(Transformed::no(plan)) };
        let asks_for_existence =
            matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark);
        let columns = compared_columns(&join);
        // Not every nested value can be grouped by.
        let groups = columns
            .iter()
            .all(|column| column.get_type(join.right.schema()).is_ok_and(|data_type| !data_type.is_nested()));
        if !asks_for_existence || columns.is_empty() || !groups || is_distinct(&join.right) {
            return Ok(Transformed::no(LogicalPlan::Join(join)));
        }
        let right = LogicalPlanBuilder::from(Arc::clone(&join.right));
        let right = right.aggregate(columns, Vec::<Expr>::new())?.build()?;
        Ok(Transformed::yes(LogicalPlan::Join(Join { right: Arc::new(right), ..join })))
    }
}

/// The columns of a join's right side that it looks at, in the order of that side.
fn compared_columns(join: &Join) -> Vec<Expr> {
    let compared = join.on.iter().map(|(_, right)| right).chain(&join.filter);
    let compared: HashSet<&Column> = compared.flat_map(Expr::column_refs).collect();
    let columns = join.right.schema().columns().into_iter();
    columns.filter(|column| compared.contains(column)).map(Expr::Column).collect()
}

/// Whether each row is there once already.
fn is_distinct(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(aggregate) => aggregate.aggr_expr.is_empty(),
        LogicalPlan::Distinct(_) | LogicalPlan::EmptyRelation(_) => true,
        LogicalPlan::SubqueryAlias(alias) => is_distinct(&alias.input),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::logical_expr::{col, table_scan};
    use datafusion::optimizer::OptimizerContext;

    use super::*;

    #[test]
    fn a_query_asked_for_existence_gives_each_row_once() {
        let schema =
            Schema::new(vec![Field::new("a", DataType::Utf8, true), Field::new("b", DataType::Utf8, true)]);
        let scan = |name: &str| table_scan(Some(name), &schema, None).unwrap();
        let rewritten = |kind| {
            let right = scan("r").build().unwrap();
            let joined = scan("l").join_on(right, kind, [col("l.a").eq(col("r.b"))]).unwrap();
            DistinctExistence.rewrite(joined.build().unwrap(), &OptimizerContext::new()).unwrap()
        };
        for kind in [JoinType::LeftSemi, JoinType::LeftAnti, JoinType::LeftMark] {
            let plan = rewritten(kind);
            assert!(plan.transformed);
            let shown = plan.data.display_indent().to_string();
            assert!(shown.contains("Aggregate: groupBy=[[r.b]], aggr=[[]]"), "{shown}");
            assert!(!DistinctExistence.rewrite(plan.data, &OptimizerContext::new()).unwrap().transformed);
        }
        assert!(!rewritten(JoinType::Inner).transformed);
    }
}
