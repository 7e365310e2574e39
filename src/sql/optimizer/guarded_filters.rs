//! Conditions of a query keep behind those of the queries in it.

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Filter, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use crate::sql::guard::guarded_anew;

/// Puts the terms of every filter in the order in which Athena looks at them.
///
/// DataFusion brings the conditions of a query and of a subquery together, and then looks at both for
/// whole batches, so that `SELECT … FROM (SELECT … WHERE cardinality(resources) > 0) WHERE
/// resources[1].arn = …` would ask for the first element of empty arrays.
#[derive(Debug)]
pub struct GuardedFilters;

impl OptimizerRule for GuardedFilters {
    fn name(&self) -> &str {
        "guarded_filters"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(filter) = plan else { return Ok(Transformed::no(plan)) };
        // Those of subqueries are the first.
        let terms = split_conjunction_owned(filter.predicate.clone());
        match guarded_anew(terms).and_then(conjunction) {
            Some(predicate) => {
                Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?)))
            }
            None => Ok(Transformed::no(LogicalPlan::Filter(filter))),
        }
    }
}
