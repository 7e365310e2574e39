//! Groups of a query that depends on the row beside it: each row has its own.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result as DfResult;
use datafusion::functions_aggregate::expr_fn::first_value;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, LogicalPlanBuilder, when};

use super::super::{Planner, column};
use super::beside::{Beside, Unmatched};
use super::{columns_of, own_name, seen_directly};
use crate::sql::guard::can_fail;

impl Planner<'_> {
    /// An aggregate of what a query has for each row. One without keys has one group a row, whatever
    /// there is; of one with keys, what is none of the query's is a group of its own.
    pub(super) fn aggregated_over(
        &self,
        left: &LogicalPlan,
        aggregate: &Aggregate,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let by = &aggregate.group_expr;
        if by.iter().any(|key| matches!(key, Expr::GroupingSet(_))) {
            return Ok(None);
        }
        let inside = if by.is_empty() { Unmatched::Marked } else { unmatched };
        let (numbered, number) = self.numbered(left)?;
        let Some(beside) = self.over(&numbered, &aggregate.input, inside)? else { return Ok(None) };

        let mut groups = vec![column(&number)];
        let mut results = vec![];
        let real = beside.is_real().filter(|_| !by.is_empty()).map(|real| (real, self.fresh("real")));
        groups.extend(real.iter().map(|(real, name)| real.clone().alias(name)));
        for key in by {
            let name = self.fresh("key");
            let value = seen_directly(key.clone().unalias(), &beside.plan)?;
            groups.push(beside.only_real(value)?.alias(&name));
            results.push(column(name).alias(own_name(key)));
        }
        let mut aggregates = vec![];
        let mut kept = vec![];
        for own in columns_of(left) {
            let name = self.fresh("kept");
            kept.push(column(&name).alias(own_name(&own)));
            aggregates.push(first_value(own, vec![]).alias(name));
        }
        for own in &aggregate.aggr_expr {
            aggregates.push(real_only(own.clone(), &beside)?);
            results.push(column(own_name(own)));
        }
        let real = real.map(|(_, name)| name);
        let columns = kept.into_iter().chain(results).chain(real.iter().map(column));
        let columns: Vec<Expr> = columns.collect();
        let plan = LogicalPlanBuilder::from(beside.plan).aggregate(groups, aggregates)?.project(columns)?;
        Ok(Some(Beside { plan: plan.build()?, real, once: false }))
    }

    /// What is different of a query's rows: groups by all their columns.
    pub(super) fn distinct_over(
        &self,
        left: &LogicalPlan,
        rows: &LogicalPlan,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let groups = LogicalPlanBuilder::from(rows.clone());
        let columns: Vec<Expr> = columns_of(rows).collect();
        match groups.aggregate(columns, Vec::<Expr>::new())?.build()? {
            LogicalPlan::Aggregate(groups) => self.aggregated_over(left, &groups, unmatched),
            _ => Ok(None),
        }
    }
}

/// An aggregate that passes over what is none of the query's rows.
fn real_only(aggregate: Expr, beside: &Beside) -> DfResult<Expr> {
    let seen = seen_directly(aggregate, &beside.plan)?;
    let Some(real) = beside.is_real() else { return Ok(seen) };
    let restricted = seen.transform_down(|expr| {
        let Expr::AggregateFunction(mut call) = expr else { return Ok(Transformed::no(expr)) };
        // What is aggregated is computed before it is known to be passed over.
        for argument in call.params.args.iter_mut().filter(|argument| can_fail(argument)) {
            *argument = when(real.clone(), std::mem::take(argument)).end()?;
        }
        let filter = call.params.filter.take().map(|filter| real.clone().and(*filter));
        call.params.filter = Some(Box::new(filter.unwrap_or_else(|| real.clone())));
        let AggregateFunction { func, params } = call;
        let call = Expr::AggregateFunction(AggregateFunction { func, params });
        Ok(Transformed::new(call, true, TreeNodeRecursion::Jump))
    });
    Ok(restricted?.data)
}
